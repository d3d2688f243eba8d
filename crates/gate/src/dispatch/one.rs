//! One person's turn: each thing that is due, judged by the charter and by clearance, written, told.
//!
//! Deliberately does not know: how it gets onto the disk, channels.

use super::told::{self, Told};
use super::under_way::{OneTurn, Ready};
use super::{Cleared, Compose, Composed, NotComposed, Seen, Waiting, Wanted, house};
use crate::clearance::{self, Code, Facts, Held, Verdict, WhySuppressed};
use crate::outbox::{self, Answered, Ended, Entry, Kind, Later, Marked};
use crate::permit::{Draft, Granted, Opened};
use crate::purposes::{MarketByEmail, MarketByPush, MarketBySms, Personalise, Service, Writes};
use crate::record::{self, Statement};
use crate::{RecordId, Unavailable, hot, purposes};
use std::collections::BTreeMap;
use vocabulary::{Channel, Digest, Moment, PurposeName, Rhythm};

/// How long what is in doubt and must arrive rests before it is sent again, doubled each time.
pub(super) const AGAIN_MS: i64 = 60_000;
/// The longest such rest.
pub(super) const AGAIN_MAX_MS: i64 = 6 * 3_600_000;
/// How often something is handed over at most.
pub(super) const TRIES: u32 = 25;

/// A message that clearance let pass.
pub(super) struct Passed {
    entry: Entry,
}

impl<C: Compose> OneTurn<'_, C> {
    /// Why a message of that purpose may not come at all. What a journey wants rests on the permission to look; what
    /// the person ordered does not.
    pub(super) fn refused_of(&self, purpose: PurposeName) -> Option<Held> {
        self.refused(purpose).or_else(|| match purpose {
            PurposeName::Service => None,
            _ => self.refused(PurposeName::Segment),
        })
    }

    pub(super) fn take(&mut self, mut due: Vec<Entry>) -> Result<(), Unavailable> {
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
        self.all_together(together)
    }

    pub(super) fn all_together(
        &mut self,
        together: BTreeMap<(u8, u8), Vec<Passed>>,
    ) -> Result<(), Unavailable> {
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
        if entry.marked.as_ref().is_some_and(Marked::is_shown) {
            // An app had it, and nobody saw it for so long: it is not shown any more.
            self.turn.answered.push(Answered {
                id: entry.id,
                became: super::answers::ACCEPTED,
                left: Some(true),
            });
            return Ok(());
        }
        let again = entry.kind != Kind::Message as u8 || entry.purpose == PurposeName::Service as u8;
        if again && entry.tries < TRIES {
            let rest = AGAIN_MS.saturating_mul(1 << entry.tries.saturating_sub(1).min(10));
            let until = self.ask.now.plus(rest.min(AGAIN_MAX_MS));
            self.put_off(&entry, until, Code::InDoubt);
            return Ok(());
        }
        let marked = entry.marked.clone();
        house::put_doubt(self.shared, &entry, marked.as_ref(), self.ask.now)?;
        self.turn.answered.push(Answered {
            id: entry.id,
            became: super::answers::IN_DOUBT,
            left: Some(true),
        });
        self.in_doubt += 1;
        let held = Held::of(Code::InDoubt, "outbox/in-doubt");
        self.tell(&[entry], None, &held, "in_doubt", serde_json::Value::Null)
    }

    pub(super) fn put_off(&mut self, entry: &Entry, until: Moment, code: Code) {
        self.later.push(code);
        self.turn.later.push(Later {
            id: entry.id,
            until: until.0,
            code: code.as_str().to_owned(),
        });
    }

    /// Ends an entry: it never leaves, and its record says why.
    pub(super) fn end(
        &mut self,
        entries: &[Entry],
        channel: Option<Channel>,
        held: &Held,
        said: serde_json::Value,
    ) -> Result<(), Unavailable> {
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
        let purpose = entries
            .first()
            .and_then(|entry| PurposeName::ALL.get(usize::from(entry.purpose)).copied());
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

    pub(super) fn tell_overflow(&mut self, count: u32) -> Result<(), Unavailable> {
        let held = Held::of(Code::OutboxFull, "outbox/full");
        (0..count).for_each(|_| self.ended.push(Code::OutboxFull));
        self.turn.told_overflow = Some(true);
        self.tell(&[], None, &held, "ended", serde_json::json!({ "count": count }))
    }

    pub(super) fn refused(&self, purpose: PurposeName) -> Option<Held> {
        let answer = self.allowed.answer(purpose);
        if answer.allowed {
            return None;
        }
        let ids: Vec<&str> = answer.policies.iter().map(|id| id.as_str()).collect();
        Some(Held::of(Code::of_policies(ids.iter().copied()), &ids.join(" ")))
    }

    pub(super) fn message(
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
        if self.only.is_some_and(|only| only != channel) {
            return Ok(());
        }
        if let Some(held) = self.refused_of(purpose) {
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

    pub(super) fn facts(
        &self,
        entry: &Entry,
        purpose: PurposeName,
        channel: Channel,
        wanted: &Wanted,
    ) -> Facts<'_> {
        Facts {
            purpose,
            channel,
            queued_at: Moment(entry.queued_at),
            contract: self.contract,
            zone: self.zone,
            left: &self.left,
            conversation: self.terms.conversing(),
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
        let cleared = Cleared::new(self.words::<P>(channel, &entries), pass);
        let (granted, proposal) = (cleared.draft.granted, cleared.draft.proposal);
        match proposal {
            Err(NotComposed { code, said }) => {
                let held = Held::of(code, "program/words");
                self.end(&entries, Some(channel), &held, said)
            }
            Ok(Composed { letter, .. }) if self.program.when(&letter, self.ask.now) > self.ask.now => {
                let until = self.program.when(&letter, self.ask.now);
                for entry in &entries {
                    self.put_off(entry, until, Code::ChannelBusy);
                }
                Ok(())
            }
            Ok(Composed { letter, said }) => {
                let words = (channel == Channel::InApp).then(|| words_of(&said));
                let id = self.handed_over::<P>(channel, &entries, said, &granted)?;
                if P::NAME != PurposeName::Service {
                    self.left.push((self.ask.now, channel));
                }
                self.marked(entries, letter, (P::NAME, Some(channel)), (id, words));
                Ok(())
            }
        }
    }

    /// What the purpose may see of the person is opened, and the words are written from it.
    pub(super) fn words<P: Writes>(
        &self,
        channel: Channel,
        entries: &[Entry],
    ) -> Draft<P, Result<Composed<C::Letter>, NotComposed>> {
        let waiting: Vec<Waiting> = entries.iter().map(Waiting::of).collect();
        self.open::<P>().draft(|view| {
            self.program.compose(&Seen {
                waiting: &waiting,
                purpose: P::NAME,
                channel,
                traits: P::traits(view),
                contract: self.contract,
                zone: self.zone,
                now: self.ask.now,
            })
        })
    }

    pub(super) fn open<P: Writes>(&self) -> Opened<P> {
        let ask = self.ask;
        self.shared.count_opening(P::NAME);
        Opened {
            view: purposes::look::<P>(self.terms, self.content, ask.now),
            granted: Granted {
                person: self.person,
                terms_version: self.terms.version,
                policies: self.allowed.answer(P::NAME).policies.clone(),
                asked_at: ask.now,
                purpose: P::NAME,
                question: hot::question(self.terms, P::NAME, ask.signals, ask.requester, ask.now),
            },
        }
    }

    /// The record of something that is handed over, and under which name.
    pub(super) fn handed_over<P: Writes>(
        &mut self,
        channel: Channel,
        entries: &[Entry],
        said: serde_json::Value,
        granted: &Granted,
    ) -> Result<RecordId, Unavailable> {
        let id = record::fresh_id(self.person)?;
        let first = entries.first();
        let wanted = first.map(|entry| self.program.wanted(&Waiting::of(entry), self.ask.now));
        let facts = first.zip(wanted.as_ref());
        let facts = facts.map(|(entry, wanted)| self.facts(entry, P::NAME, channel, wanted));
        let told = Told {
            entries,
            channel: Some(channel),
            outcome: "handed_over",
            held: None,
            facts,
            said,
            now: self.ask.now,
        };
        let statement = record::of_grant(granted, told::KIND, self.program.program());
        let question = Some(&granted.question);
        let whose = (self.person, self.key);
        let row = record::make_named(self.shared, id, whose, statement, told.details(), question)?;
        self.rows.push(row);
        Ok(id)
    }

    pub(super) fn marked(
        &mut self,
        entries: Vec<Entry>,
        letter: C::Letter,
        (purpose, channel): (PurposeName, Option<Channel>),
        (record, words): (RecordId, Option<[u8; 32]>),
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
                words,
            });
        }
        let tries = entries.iter().map(|entry| entry.tries).max().unwrap_or(0);
        self.letters.push(Ready {
            letter,
            ids,
            kind: entries
                .first()
                .map_or(Kind::Message, |entry| Kind::of_number(entry.kind)),
            purpose,
            channel,
            record,
            reference: entries
                .first()
                .and_then(|entry| entry.reference)
                .map_or(record, RecordId),
            tries: tries.saturating_add(1),
            terms_version: self.terms.version,
            at: self.ask.now,
            name: entries
                .first()
                .map(|entry| entry.name.clone())
                .unwrap_or_default(),
        });
    }
}

/// Of what a record says of words.
pub(super) fn words_of(said: &serde_json::Value) -> [u8; 32] {
    Digest::of(said.to_string().as_bytes()).0
}

pub(super) fn channel_of(number: u8) -> Channel {
    let all = Channel::ALL.into_iter();
    all.into_iter()
        .find(|channel| *channel as u8 == number)
        .unwrap_or(Channel::Email)
}
