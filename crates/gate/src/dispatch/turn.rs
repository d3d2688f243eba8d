//! A turn at outboxes: everything that is due of some people, judged and marked.
//!
//! Deliberately does not know: what became of what was marked.

use super::Compose;
use super::under_way::{OneTurn, Ready};
use crate::agenda::What;
use crate::clearance::Code;
use crate::envelope::Content;
use crate::gate::{Gate, Shared};
use crate::hot::Slot;
use crate::outbox::{self, Entry, Kind, Turn};
use crate::permit::Ask;
use crate::run::PAGE;
use crate::writer::{Job, Sending};
use crate::{Allowed, RecordId, Unavailable};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::WriteBack;
use tokio::sync::oneshot;
use vocabulary::{Channel, Contract, Moment, PersonId, PurposeName};

/// The trait that says where the person's clocks are: an IANA name.
const ZONE: &str = "timezone";
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
    pub(super) reference: RecordId,
    pub(super) tries: u32,
    pub(super) terms_version: u64,
    pub(super) at: Moment,
    pub(super) name: String,
    pub(super) in_flight: InFlight,
}

impl<L> Handover<L> {
    /// What is carried.
    pub fn letter(&self) -> &L {
        &self.letter
    }

    /// Under what it leaves, the same each time it is handed over: the Message-ID and the address for bounces are
    /// made of it, and by it [`Gate::feedback`] finds whom something came back of. Tells nothing of them.
    pub fn reference(&self) -> [u8; 16] {
        self.reference.0
    }

    /// Its identity in the outbox, the same each time: a provider's idempotency key.
    pub fn id(&self) -> [u8; 16] {
        self.ids.first().copied().unwrap_or_default()
    }

    /// Whose: to make the words by which their links lead back to them.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// Of the message or the webhook, in the program; of several that come together the first.
    pub fn name(&self) -> &str {
        &self.name
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
            // No more are marked at once than may leave: what is marked and does not leave is in doubt after a kill.
            let room = most.saturating_sub(done.letters.len()).min(PAGE);
            let (page, others) = rest.split_at(rest.len().min(room));
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
                Some(marked) => marked.rests_until() <= ask.now.0 && !flying.contains(&entry.id),
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
        let contract = terms.contract();
        let zone = zone_of(content, &contract, &allowed, program.zone());
        let overflowed = kept.overflowed;
        let mut turn = OneTurn::of(
            (shared, program, ask),
            (person, &key, &terms, content),
            (&allowed, &contract, &zone),
            outbox::left(kept),
        );
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
            later
                .iter()
                .for_each(|code| *done.later.entry(*code).or_default() += 1);
            return Ok(None);
        }
        Ok(Some(Planned {
            sending: Sending {
                person,
                version: Some(version),
                turn: change,
                rows,
                ..Sending::of(person)
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
            rest.push((
                person,
                guard,
                one.letters,
                one.ended,
                one.later,
                one.in_doubt,
                one.tasks,
            ));
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
                    reference: ready.reference,
                    tries: ready.tries,
                    terms_version: ready.terms_version,
                    at: ready.at,
                    name: ready.name,
                    in_flight,
                });
            }
            ended
                .iter()
                .for_each(|code| *done.ended.entry(*code).or_default() += 1);
            later
                .iter()
                .for_each(|code| *done.later.entry(*code).or_default() += 1);
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
        self.send(Job::Send { sendings, now, reply })?;
        answer.blocking_recv().map_err(|_| Unavailable::Stopped)?
    }
}

fn content_entry<'a>(content: &'a Content, id: &[u8; 16]) -> Option<&'a Entry> {
    let kept = content.outbox.as_ref()?;
    kept.waiting.iter().find(|entry| entry.id == *id)
}

/// The person's own word, else the trait, if anything that is permitted may see it, else the program's.
pub(super) fn zone_of(
    content: &Content,
    contract: &Contract,
    allowed: &Allowed,
    otherwise: &TimeZone,
) -> TimeZone {
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
