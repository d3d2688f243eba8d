//! A turn at outboxes: everything that is due of some people, judged and marked.
//!
//! Deliberately does not know: what became of what was marked.

use super::told::{self, Told};
use super::{Cleared, Compose, Composed, NotComposed, Seen, Waiting, Wanted, contract_of, converses};
use crate::agenda::What;
use crate::clearance::{self, Code, Facts, Held, Verdict, WhySuppressed};
use crate::envelope::{Content, Terms};
use crate::gate::{Gate, Shared};
use crate::hot::{self, Slot};
use crate::outbox::{self, Answered, Ended, Entry, Kind, Later, Marked, Turn};
use crate::permit::{Ask, Granted, Opened};
use crate::purposes::{
    MarketByEmail, MarketByPush, MarketBySms, Personalise, Service, Writes,
};
use crate::record::{self, Statement};
use crate::run::PAGE;
use crate::writer::{Job, Sending};
use crate::{Allowed, RecordId, Unavailable};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Leaf, RecordRow, WriteBack};
use tokio::sync::oneshot;
use vocabulary::{Channel, Contract, Moment, PersonId, PurposeName, Rhythm};

/// The trait that says where the person's clocks are: an IANA name.
const ZONE: &str = "timezone";
/// How long what is in doubt and must arrive rests before it is sent again, doubled each time.
pub(super) const AGAIN_MS: i64 = 60_000;
/// The longest such rest.
pub(super) const AGAIN_MAX_MS: i64 = 6 * 3_600_000;
/// How often something is handed over at most.
pub(super) const TRIES: u32 = 25;

/// Something a channel may carry now: its mark is on disk. Answered with [`Gate::answered`]; one that is dropped
/// without an answer is in doubt.
#[must_use = "what is not answered is in doubt"]
pub struct Handover<L> {
    pub(super) letter: L,
    pub(super) person: PersonId,
    pub(super) ids: Vec<[u8; 16]>,
    pub(super) kind: Kind,
    pub(super) purpose: PurposeName,
    pub(super) channel: Option<Channel>,
    pub(super) record: RecordId,
    pub(super) tries: u32,
    pub(super) terms_version: u64,
    pub(super) in_flight: InFlight,
}

impl<L> Handover<L> {
    /// What is carried.
    pub fn letter(&self) -> &L {
        &self.letter
    }

    /// The identity under which it leaves, the same each time: for a Message-ID, or a provider's idempotency key.
    pub fn id(&self) -> [u8; 16] {
        self.ids.first().copied().unwrap_or_default()
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// By which way; none: another system is told.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// For which purpose.
    pub fn purpose(&self) -> PurposeName {
        self.purpose
    }

    /// Of the decision.
    pub fn record(&self) -> RecordId {
        self.record
    }

    /// How often it was handed over, this time included.
    pub fn tries(&self) -> u32 {
        self.tries
    }
}

impl<L> std::fmt::Debug for Handover<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handover(..)")
    }
}

/// While this lives, what was marked is on its way and not in doubt.
pub(super) struct InFlight {
    pub(super) shared: Arc<Shared>,
    pub(super) person: PersonId,
    pub(super) ids: Vec<[u8; 16]>,
    pub(super) settled: bool,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut flying = self.shared.in_flight();
        self.ids.iter().for_each(|id| {
            flying.remove(id);
        });
        drop(flying);
        if !self.settled {
            self.shared.leaves(self.person);
        }
    }
}

/// What a turn came to.
#[derive(Debug)]
pub struct Dispatched<L> {
    /// What may be handed to channels now.
    pub letters: Vec<Handover<L>>,
    /// People whose outbox was looked at.
    pub people: u64,
    /// What ended without leaving, by code.
    pub ended: BTreeMap<Code, u64>,
    /// What was put off, by code.
    pub later: BTreeMap<Code, u64>,
    /// Nobody knows whether it left.
    pub in_doubt: u64,
    /// Tasks that lie before humans now.
    pub tasks: u64,
    /// Who changed meanwhile, and is looked at again.
    pub again: u64,
    /// By how much the latest was late, milliseconds.
    pub late_ms: i64,
}

impl<L> Default for Dispatched<L> {
    fn default() -> Dispatched<L> {
        Dispatched {
            letters: Vec::new(),
            people: 0,
            ended: BTreeMap::new(),
            later: BTreeMap::new(),
            in_doubt: 0,
            tasks: 0,
            again: 0,
            late_ms: 0,
        }
    }
}

/// What a turn changes of one person, on its way to the disk.
struct Planned<L> {
    sending: Sending,
    letters: Vec<Ready<L>>,
    ended: Vec<Code>,
    later: Vec<Code>,
    in_doubt: u64,
    tasks: u64,
}

/// What will be a handover when its mark is on disk.
struct Ready<L> {
    letter: L,
    ids: Vec<[u8; 16]>,
    kind: Kind,
    purpose: PurposeName,
    channel: Option<Channel>,
    record: RecordId,
    tries: u32,
    terms_version: u64,
}

impl Gate {
    /// Of whom something is to leave now, at most about `limit`.
    pub async fn outgoing(&self, now: Moment, limit: usize) -> Result<Vec<PersonId>, Unavailable> {
        self.called(What::Outbox, now, limit).await
    }

    /// Puts people's outboxes on the agenda again whose turn was not taken after all.
    pub fn leave_again(&self, people: impl IntoIterator<Item = PersonId>) {
        people.into_iter().for_each(|person| self.shared().leaves(person));
    }

    /// A turn at these people's outboxes: what is due is judged, and what may leave is marked, durable when it
    /// answers. At most `most` leave. Blocks.
    pub fn dispatch<C: Compose>(
        &self,
        people: Vec<PersonId>,
        ask: Ask,
        program: &C,
        most: usize,
    ) -> Result<Dispatched<C::Letter>, Unavailable> {
        let mut done = Dispatched::default();
        let mut rest = people.as_slice();
        while !rest.is_empty() {
            if done.letters.len() >= most {
                self.leave_again(rest.iter().copied());
                break;
            }
            let (page, others) = rest.split_at(rest.len().min(PAGE));
            rest = others;
            let mut planned = Vec::new();
            self.visit(page, |person, slot| {
                planned.extend(self.plan(person, slot, ask, program, &mut done)?);
                Ok(())
            })?;
            self.mark_all(planned, ask.now, &mut done)?;
        }
        Ok(done)
    }

    /// One person's turn. `None`: nothing of theirs is due, or it only waits on.
    fn plan<C: Compose>(
        &self,
        person: PersonId,
        slot: &mut Slot,
        ask: Ask,
        program: &C,
        done: &mut Dispatched<C::Letter>,
    ) -> Result<Option<Planned<C::Letter>>, Unavailable> {
        let shared = self.shared();
        let allowed = slot.allowed(&shared.charter, ask.signals, ask.now);
        let terms = Arc::clone(&slot.terms);
        let key = Arc::clone(&slot.key);
        let version = slot.version;
        let fresh = slot.dirty_since.is_none();
        let content = slot.content(person)?;
        let Some(kept) = &content.outbox else {
            return Ok(None);
        };
        let due: Vec<Entry> = {
            let flying = shared.in_flight();
            let is_due = |entry: &&Entry| match &entry.marked {
                Some(_) => !flying.contains(&entry.id),
                None => entry.not_before <= ask.now.0,
            };
            kept.waiting.iter().filter(is_due).cloned().collect()
        };
        if due.is_empty() {
            let next = outbox::due_but(content, &shared.in_flight());
            self.note_due(What::Outbox, person, next, ask.now);
            return Ok(None);
        }
        done.people += 1;
        let late = due.iter().filter(|entry| entry.marked.is_none());
        let late = late.map(|entry| ask.now.0.saturating_sub(entry.not_before)).max();
        done.late_ms = done.late_ms.max(late.unwrap_or(0));
        let contract = contract_of(&terms);
        let zone = zone_of(&terms, content, &contract, &allowed, program.zone());
        let overflowed = kept.overflowed;
        let left = outbox::left(kept).into_iter();
        let mut turn = OneTurn {
            shared,
            program,
            ask,
            person,
            key: &key,
            terms: &terms,
            content,
            allowed: &allowed,
            contract: &contract,
            zone: &zone,
            left: left.map(|(at, by)| (at, channel_of(by))).collect(),
            turn: Turn::default(),
            rows: Vec::new(),
            letters: Vec::new(),
            ended: Vec::new(),
            later: Vec::new(),
            in_doubt: 0,
            tasks: 0,
        };
        turn.take(due)?;
        if overflowed.is_some() {
            turn.tell_overflow(overflowed.unwrap_or(0))?;
        }
        let OneTurn {
            turn: change,
            rows,
            letters,
            ended,
            later,
            in_doubt,
            tasks,
            ..
        } = turn;
        let eager = shared.shelf.write_back() == WriteBack::Eager;
        let only_waits = Turn {
            later: Vec::new(),
            ..change.clone()
        } == Turn::default()
            && rows.is_empty()
            && change.later.iter().all(|later| {
                // A mark that is taken back is news.
                let entry = content_entry(content, &later.id);
                entry.is_some_and(|entry| entry.marked.is_none())
            });
        if only_waits && !eager && !fresh {
            // Memory alone: after a crash it is judged again and comes to the same.
            if let Some(kept) = &mut slot.content(person)?.outbox {
                for put_off in &change.later {
                    let entry = kept.waiting.iter_mut().find(|entry| entry.id == put_off.id);
                    if let Some(entry) = entry {
                        entry.not_before = put_off.until;
                        entry.held = Some(put_off.code.clone());
                    }
                }
            }
            let next = outbox::due_but(slot.content(person)?, &shared.in_flight());
            self.note_due(What::Outbox, person, next, ask.now);
            later.iter().for_each(|code| *done.later.entry(*code).or_default() += 1);
            return Ok(None);
        }
        Ok(Some(Planned {
            sending: Sending {
                person,
                version: Some(version),
                turn: change,
                rows,
            },
            letters,
            ended,
            later,
            in_doubt,
            tasks,
        }))
    }

    /// Makes what was planned durable; what cannot be is looked at again.
    fn mark_all<L>(
        &self,
        planned: Vec<Planned<L>>,
        now: Moment,
        done: &mut Dispatched<L>,
    ) -> Result<(), Unavailable> {
        if planned.is_empty() {
            return Ok(());
        }
        let shared = self.shared_arc();
        let mut rest = Vec::with_capacity(planned.len());
        let mut sendings = Vec::with_capacity(planned.len());
        for one in planned {
            let person = one.sending.person;
            let ids: Vec<[u8; 16]> = one.letters.iter().flat_map(|letter| letter.ids.clone()).collect();
            // Before the disk has it: from the commit on it would be in doubt otherwise.
            shared.in_flight().extend(ids.iter().copied());
            let guard = InFlight {
                shared: Arc::clone(&shared),
                person,
                ids,
                settled: false,
            };
            sendings.push(one.sending);
            rest.push((person, guard, one.letters, one.ended, one.later, one.in_doubt, one.tasks));
        }
        let durable = self.commit_turns(sendings, now)?;
        for ((person, mut guard, letters, ended, later, in_doubt, tasks), durable) in
            rest.into_iter().zip(durable)
        {
            if !durable {
                // The guard puts them on the agenda again.
                done.again += 1;
                continue;
            }
            guard.settled = true;
            guard.ids.clear();
            for ready in letters {
                let in_flight = InFlight {
                    shared: Arc::clone(&shared),
                    person,
                    ids: ready.ids.clone(),
                    settled: false,
                };
                done.letters.push(Handover {
                    letter: ready.letter,
                    person,
                    ids: ready.ids,
                    kind: ready.kind,
                    purpose: ready.purpose,
                    channel: ready.channel,
                    record: ready.record,
                    tries: ready.tries,
                    terms_version: ready.terms_version,
                    in_flight,
                });
            }
            ended.iter().for_each(|code| *done.ended.entry(*code).or_default() += 1);
            later.iter().for_each(|code| *done.later.entry(*code).or_default() += 1);
            done.in_doubt += in_doubt;
            done.tasks += tasks;
            self.note_next(person, now)?;
        }
        Ok(())
    }

    /// When the person's outbox is to be looked at next, as memory has it.
    pub(super) fn note_next(&self, person: PersonId, now: Moment) -> Result<(), Unavailable> {
        let shared = self.shared();
        let next = |slot: &mut Slot| {
            let content = slot.content(person)?;
            Ok::<_, Unavailable>(outbox::due_but(content, &shared.in_flight()))
        };
        if let Some(next) = shared.hot.peek(person, next) {
            self.note_due(What::Outbox, person, next?, now);
        }
        Ok(())
    }

    /// Hands turns to the writer; for each whether it is on disk. Blocks.
    pub(super) fn commit_turns(&self, sendings: Vec<Sending>, now: Moment) -> Result<Vec<bool>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Send {
            sendings,
            now,
            reply,
        })?;
        answer.blocking_recv().map_err(|_| Unavailable::Stopped)?
    }
}

/// One person's turn under way.
struct OneTurn<'a, C: Compose> {
    shared: &'a Shared,
    program: &'a C,
    ask: Ask,
    person: PersonId,
    key: &'a crate::keys::PersonKey,
    terms: &'a Arc<Terms>,
    content: &'a Content,
    allowed: &'a Allowed,
    contract: &'a Contract,
    zone: &'a TimeZone,
    left: Vec<(Moment, Channel)>,
    turn: Turn,
    rows: Vec<(RecordRow, Leaf)>,
    letters: Vec<Ready<C::Letter>>,
    ended: Vec<Code>,
    later: Vec<Code>,
    in_doubt: u64,
    tasks: u64,
}

/// A message that clearance let pass.
struct Passed {
    entry: Entry,
}

impl<C: Compose> OneTurn<'_, C> {
    fn take(&mut self, mut due: Vec<Entry>) -> Result<(), Unavailable> {
        due.sort_by_key(|entry| (entry.queued_at, entry.number, entry.id));
        let mut together: BTreeMap<(u8, u8), Vec<Passed>> = BTreeMap::new();
        for entry in due {
            if entry.marked.is_some() {
                self.doubt(entry)?;
                continue;
            }
            match Kind::of_number(entry.kind) {
                Kind::Task => self.task(&entry)?,
                Kind::Webhook => self.webhook(entry)?,
                Kind::Message => self.message(entry, &mut together)?,
            }
        }
        for ((purpose, channel), passed) in together {
            let purpose = PurposeName::ALL.get(usize::from(purpose)).copied();
            if let Some(purpose) = purpose {
                self.together(purpose, channel_of(channel), passed)?;
            }
        }
        Ok(())
    }

    /// What comes together is one message. What left a moment ago by another way counts: it is judged again.
    fn together(
        &mut self,
        purpose: PurposeName,
        channel: Channel,
        passed: Vec<Passed>,
    ) -> Result<(), Unavailable> {
        let Some(first) = passed.first() else {
            return Ok(());
        };
        let wanted = self.program.wanted(&Waiting::of(&first.entry), self.ask.now);
        let facts = self.facts(&first.entry, purpose, channel, &wanted);
        let pass = match clearance::judge(&facts, self.program.rules(), self.ask.now) {
            Verdict::Pass(pass) => pass,
            Verdict::Wait { until, held } => {
                passed
                    .iter()
                    .for_each(|one| self.put_off(&one.entry, until, held.code));
                return Ok(());
            }
            Verdict::End(held) => {
                let entries: Vec<Entry> = passed.into_iter().map(|one| one.entry).collect();
                return self.end(&entries, Some(channel), &held, serde_json::Value::Null);
            }
        };
        let entries = passed.into_iter().map(|one| one.entry).collect();
        self.write_for(purpose, channel, entries, pass)
    }

    /// A mark without an answer that nobody hands over any more.
    fn doubt(&mut self, entry: Entry) -> Result<(), Unavailable> {
        let again = entry.kind != Kind::Message as u8 || entry.purpose == PurposeName::Service as u8;
        if again && entry.tries < TRIES {
            let rest = AGAIN_MS.saturating_mul(1 << entry.tries.saturating_sub(1).min(10));
            let until = self.ask.now.plus(rest.min(AGAIN_MAX_MS));
            self.put_off(&entry, until, Code::InDoubt);
            return Ok(());
        }
        let marked = entry.marked.clone();
        super::house::put_doubt(self.shared, &entry, marked.as_ref(), self.ask.now)?;
        self.turn.answered.push(Answered {
            id: entry.id,
            became: super::answers::IN_DOUBT,
            left: Some(true),
        });
        self.in_doubt += 1;
        let held = Held::of(Code::InDoubt, "outbox/in-doubt");
        self.tell(&[entry], None, &held, "in_doubt", serde_json::Value::Null)
    }

    fn put_off(&mut self, entry: &Entry, until: Moment, code: Code) {
        self.later.push(code);
        self.turn.later.push(Later {
            id: entry.id,
            until: until.0,
            code: code.as_str().to_owned(),
        });
    }

    /// Ends an entry: it never leaves, and its record says why.
    fn end(&mut self, entries: &[Entry], channel: Option<Channel>, held: &Held, said: serde_json::Value) -> Result<(), Unavailable> {
        for entry in entries {
            self.ended.push(held.code);
            self.turn.ended.push(Ended {
                id: entry.id,
                code: held.code.as_str().to_owned(),
            });
        }
        self.tell(entries, channel, held, "ended", said)
    }

    fn tell(
        &mut self,
        entries: &[Entry],
        channel: Option<Channel>,
        held: &Held,
        outcome: &'static str,
        said: serde_json::Value,
    ) -> Result<(), Unavailable> {
        let told = Told {
            entries,
            channel,
            outcome,
            held: Some(held),
            facts: None,
            said,
            now: self.ask.now,
        };
        let purpose = entries.first().and_then(|entry| PurposeName::ALL.get(usize::from(entry.purpose)).copied());
        let statement = Statement {
            kind: told::KIND,
            purpose,
            program: self.program.program(),
            allowed: false,
            reasons: held.policy.split(' ').map(str::to_owned).collect(),
            at: self.ask.now,
        };
        let made = record::make(self.shared, self.person, self.key, statement, told.details())?;
        self.rows.push(made);
        Ok(())
    }

    fn tell_overflow(&mut self, count: u32) -> Result<(), Unavailable> {
        let held = Held::of(Code::OutboxFull, "outbox/full");
        (0..count).for_each(|_| self.ended.push(Code::OutboxFull));
        self.turn.told_overflow = Some(true);
        self.tell(&[], None, &held, "ended", serde_json::json!({ "count": count }))
    }

    /// A human has something to do. It lies before them before the outbox forgets it.
    fn task(&mut self, entry: &Entry) -> Result<(), Unavailable> {
        let segment = self.allowed.answer(PurposeName::Segment);
        if !segment.allowed {
            let policies = segment.policies.iter().map(|id| id.as_str());
            let held = Held::of(Code::of_policies(policies.clone()), &policies.collect::<Vec<_>>().join(" "));
            return self.end(std::slice::from_ref(entry), None, &held, serde_json::Value::Null);
        }
        super::house::put_task(self.shared, self.person, entry, self.ask.now)?;
        self.tasks += 1;
        self.turn.ended.push(Ended {
            id: entry.id,
            code: "task".to_owned(),
        });
        Ok(())
    }

    fn refused(&self, purpose: PurposeName) -> Option<Held> {
        let answer = self.allowed.answer(purpose);
        if answer.allowed {
            return None;
        }
        let ids: Vec<&str> = answer.policies.iter().map(|id| id.as_str()).collect();
        Some(Held::of(Code::of_policies(ids.iter().copied()), &ids.join(" ")))
    }

    /// Another system is told: what the journey is for must be permitted, and the program approved.
    fn webhook(&mut self, entry: Entry) -> Result<(), Unavailable> {
        let purpose = PurposeName::ALL.get(usize::from(entry.purpose)).copied();
        let purpose = purpose.unwrap_or(PurposeName::Segment);
        if let Some(held) = self.refused(purpose).or_else(|| self.refused(PurposeName::Segment)) {
            return self.end(&[entry], None, &held, serde_json::Value::Null);
        }
        let wanted = self.program.wanted(&Waiting::of(&entry), self.ask.now);
        let facts = Facts {
            purpose: PurposeName::Service,
            suppressed: None,
            claims: clearance::Claims::Backed,
            ..self.facts(&entry, PurposeName::Service, Channel::InApp, &wanted)
        };
        match clearance::judge(&facts, self.program.rules(), self.ask.now) {
            Verdict::Pass(_) => {}
            Verdict::Wait { until, held } => {
                self.put_off(&entry, until, held.code);
                return Ok(());
            }
            Verdict::End(held) => return self.end(&[entry], None, &held, serde_json::Value::Null),
        }
        // Nothing of the person but the journey they are in is told.
        let composed = self.program.compose(&Seen {
            waiting: &[Waiting::of(&entry)],
            purpose,
            channel: Channel::InApp,
            traits: &[],
            contract: self.contract,
            zone: self.zone,
            now: self.ask.now,
        });
        match composed {
            Err(NotComposed { code, said }) => {
                let held = Held::of(code, "program/webhook");
                self.end(&[entry], None, &held, said)
            }
            Ok(Composed { letter, said }) => {
                let id = record::fresh_id(self.person)?;
                let told = Told {
                    entries: std::slice::from_ref(&entry),
                    channel: None,
                    outcome: "handed_over",
                    held: None,
                    facts: None,
                    said,
                    now: self.ask.now,
                };
                let statement = Statement {
                    kind: told::KIND,
                    purpose: None,
                    program: self.program.program(),
                    allowed: true,
                    reasons: Vec::new(),
                    at: self.ask.now,
                };
                let whose = (self.person, self.key);
                let row = record::make_named(self.shared, id, whose, statement, told.details(), None)?;
                self.rows.push(row);
                self.marked(vec![entry], letter, (purpose, None), id);
                Ok(())
            }
        }
    }

    fn message(
        &mut self,
        entry: Entry,
        together: &mut BTreeMap<(u8, u8), Vec<Passed>>,
    ) -> Result<(), Unavailable> {
        let wanted = self.program.wanted(&Waiting::of(&entry), self.ask.now);
        let Some(own) = wanted.channels.first().copied() else {
            let held = Held::of(Code::MessageGone, "program/message-gone");
            return self.end(&[entry], None, &held, serde_json::Value::Null);
        };
        let (purpose, channel) = self.way(&wanted, own);
        // What a journey wants rests on the permission to look; what the person ordered does not.
        let refused = self.refused(purpose);
        let refused = refused.or_else(|| match purpose {
            PurposeName::Service => None,
            _ => self.refused(PurposeName::Segment),
        });
        if let Some(held) = refused {
            return self.end(&[entry], Some(channel), &held, serde_json::Value::Null);
        }
        let facts = self.facts(&entry, purpose, channel, &wanted);
        match clearance::judge(&facts, self.program.rules(), self.ask.now) {
            Verdict::End(held) => self.end(&[entry], Some(channel), &held, serde_json::Value::Null),
            Verdict::Wait { until, held } => {
                self.put_off(&entry, until, held.code);
                Ok(())
            }
            Verdict::Pass(pass) => {
                let gathered = self.contract.rhythm != Rhythm::Single && purpose != PurposeName::Service;
                match gathered {
                    true => together
                        .entry((purpose as u8, channel as u8))
                        .or_default()
                        .push(Passed { entry }),
                    false => self.write_for(purpose, channel, vec![entry], pass)?,
                }
                Ok(())
            }
        }
    }

    /// By which way: the one the person prefers, if the message can leave by it and it is permitted.
    fn way(&self, wanted: &Wanted, own: Channel) -> (PurposeName, Channel) {
        let purpose = |channel: Channel| match wanted.service {
            true => PurposeName::Service,
            false => channel.purpose(),
        };
        let preferred = self.contract.channel.filter(|channel| {
            wanted.channels.contains(channel)
                && self.refused(purpose(*channel)).is_none()
                && self.suppressed(*channel).is_none()
        });
        let channel = preferred.unwrap_or(own);
        (purpose(channel), channel)
    }

    fn suppressed(&self, channel: Channel) -> Option<WhySuppressed> {
        let closed = self.terms.suppressed.iter().flatten();
        closed
            .filter(|one| one.channel == channel as u8)
            .map(|one| WhySuppressed::of_number(one.why))
            .min()
    }

    fn facts(&self, entry: &Entry, purpose: PurposeName, channel: Channel, wanted: &Wanted) -> Facts<'_> {
        Facts {
            purpose,
            channel,
            queued_at: Moment(entry.queued_at),
            contract: self.contract,
            zone: self.zone,
            left: &self.left,
            conversation: converses(self.terms),
            suppressed: self.suppressed(channel),
            standing: wanted.standing,
            claims: wanted.claims,
        }
    }

    fn write_for(
        &mut self,
        purpose: PurposeName,
        channel: Channel,
        entries: Vec<Entry>,
        pass: clearance::Pass,
    ) -> Result<(), Unavailable> {
        match purpose {
            PurposeName::MarketByEmail => self.write::<MarketByEmail>(channel, entries, pass),
            PurposeName::MarketBySms => self.write::<MarketBySms>(channel, entries, pass),
            PurposeName::MarketByPush => self.write::<MarketByPush>(channel, entries, pass),
            PurposeName::Personalise => self.write::<Personalise>(channel, entries, pass),
            _ => self.write::<Service>(channel, entries, pass),
        }
    }

    fn write<P: Writes>(
        &mut self,
        channel: Channel,
        entries: Vec<Entry>,
        pass: clearance::Pass,
    ) -> Result<(), Unavailable> {
        let ask = self.ask;
        let question = hot::question(self.terms, P::NAME, ask.signals, ask.requester, ask.now);
        let granted = Granted {
            person: self.person,
            terms_version: self.terms.version,
            policies: self.allowed.answer(P::NAME).policies.clone(),
            asked_at: ask.now,
            purpose: P::NAME,
            question,
        };
        self.shared.count_opening(P::NAME);
        let opened = Opened::<P> {
            view: P::look(self.terms, self.content, ask.now),
            granted,
        };
        let waiting: Vec<Waiting> = entries.iter().map(Waiting::of).collect();
        let draft = opened.draft(|view| {
            self.program.compose(&Seen {
                waiting: &waiting,
                purpose: P::NAME,
                channel,
                traits: P::traits(view),
                contract: self.contract,
                zone: self.zone,
                now: ask.now,
            })
        });
        let cleared = Cleared::new(draft, pass);
        let (granted, proposal) = (cleared.draft.granted, cleared.draft.proposal);
        match proposal {
            Err(NotComposed { code, said }) => {
                let held = Held::of(code, "program/words");
                self.end(&entries, Some(channel), &held, said)
            }
            Ok(Composed { letter, said }) => {
                let id = record::fresh_id(self.person)?;
                let first = entries.first();
                let wanted = first.map(|entry| self.program.wanted(&Waiting::of(entry), ask.now));
                let facts = first.zip(wanted.as_ref());
                let facts = facts.map(|(entry, wanted)| self.facts(entry, P::NAME, channel, wanted));
                let told = Told {
                    entries: &entries,
                    channel: Some(channel),
                    outcome: "handed_over",
                    held: None,
                    facts,
                    said,
                    now: ask.now,
                };
                let statement = record::of_grant(&granted, told::KIND, self.program.program());
                let question = Some(&granted.question);
                let whose = (self.person, self.key);
                let row = record::make_named(self.shared, id, whose, statement, told.details(), question)?;
                self.rows.push(row);
                if P::NAME != PurposeName::Service {
                    self.left.push((ask.now, channel));
                }
                self.marked(entries, letter, (P::NAME, Some(channel)), id);
                Ok(())
            }
        }
    }

    fn marked(
        &mut self,
        entries: Vec<Entry>,
        letter: C::Letter,
        (purpose, channel): (PurposeName, Option<Channel>),
        record: RecordId,
    ) {
        let ids: Vec<[u8; 16]> = entries.iter().map(|entry| entry.id).collect();
        let first = ids.first().copied();
        for id in &ids {
            self.turn.marked.push(Marked {
                id: *id,
                at: self.ask.now.0,
                epoch: self.shared.epoch,
                record: record.0,
                channel: channel.map_or(outbox::NO_CHANNEL, |channel| channel as u8),
                with: first.filter(|first| first != id),
            });
        }
        let tries = entries.iter().map(|entry| entry.tries).max().unwrap_or(0);
        self.letters.push(Ready {
            letter,
            ids,
            kind: entries.first().map_or(Kind::Message, |entry| Kind::of_number(entry.kind)),
            purpose,
            channel,
            record,
            tries: tries.saturating_add(1),
            terms_version: self.terms.version,
        });
    }
}

pub(super) fn channel_of(number: u8) -> Channel {
    let all = Channel::ALL.into_iter();
    all.into_iter()
        .find(|channel| *channel as u8 == number)
        .unwrap_or(Channel::Email)
}

fn content_entry<'a>(content: &'a Content, id: &[u8; 16]) -> Option<&'a Entry> {
    let kept = content.outbox.as_ref()?;
    kept.waiting.iter().find(|entry| entry.id == *id)
}

/// The person's own word, else the trait, if anything that is permitted may see it, else the program's.
fn zone_of(
    terms: &Terms,
    content: &Content,
    contract: &Contract,
    allowed: &Allowed,
    otherwise: &TimeZone,
) -> TimeZone {
    let _ = terms;
    let said = contract.zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let known = || {
        let seen = content.traits.iter().find(|known| {
            known.name == ZONE
                && !vocabulary::PurposeSet(known.purposes & !crate::envelope::SPECIAL)
                    .and(allowed.purposes)
                    .is_empty()
        })?;
        let name: String = serde_json::from_str(&seen.value).ok()?;
        TimeZone::get(&name).ok()
    };
    said.or_else(known).unwrap_or_else(|| otherwise.clone())
}
