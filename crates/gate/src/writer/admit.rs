//! Admission: whose an event is, what of it the person's choices let us keep, and its seal.
//!
//! Deliberately does not know: when the group is committed.

use super::choices::{after, came_back, chooses, decides, newest_record, point};
use super::{Answer, Fate, Group, Pending, Reason, Record, Reply, Unknown, Writer};
use crate::Unavailable;
use crate::envelope::{self, IDENTIFIERS_MAX, Input};
use crate::hot;
use crate::intake::{self, Received};
use crate::seal::{Place, Table};
use crate::{merge, record};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::{EventRow, MessageKey, Unit};
use tokio::sync::oneshot;
use vocabulary::{Blind, Moment, PersonId, PurposeName};

impl Writer {
    pub(super) fn observe(
        &mut self,
        group: &mut Group,
        events: Vec<Received>,
        reply: oneshot::Sender<Result<Vec<Fate>, Unavailable>>,
    ) {
        if self.shared.stopped() {
            let _ = reply.send(Err(Unavailable::Stopped));
            return;
        }
        let answers = self.resolve(group, &events).and_then(|persons| {
            let seen = self.seen(&events, &persons)?;
            events
                .into_iter()
                .zip(persons)
                .zip(seen)
                .map(|((event, person), seen)| self.admit(group, event, person, seen))
                .collect::<Result<Vec<Answer>, Unavailable>>()
        });
        match answers {
            Ok(answers) => group.replies.push(Reply::Observe(answers, reply)),
            // What of this request entered the group already stays in it: it is sealed, permitted
            // and will be durable; the client sends the request again and finds duplicates.
            Err(error) => {
                let _ = reply.send(Err(error));
            }
        }
    }

    /// Admits one event to the group, or says why not.
    pub(super) fn admit(
        &self,
        group: &mut Group,
        event: Received,
        found: [Option<PersonId>; 3],
        seen: bool,
    ) -> Result<Answer, Unavailable> {
        if seen || group.messages.contains(&event.message) {
            return Ok(Answer::Known(Fate::Duplicate));
        }
        // Identifiers claimed by an event just before this one, in the same request.
        let of = |blind: &Blind| group.claimed.get(blind).copied();
        let user = found[0].or(event.user.as_ref().and_then(of));
        let anonymous = found[1].or(event.anonymous.as_ref().and_then(of));
        let previous = found[2].or(event.previous.iter().find_map(of));
        let person = self.whose(group, &event, user, anonymous, previous)?;
        let event = self.bounded(group, event, person)?;
        let message = event.message;
        let made = event.made.clone();
        let unit = match person {
            Some(person) => {
                let unknown = Unknown {
                    user: user.is_none(),
                    anonymous: anonymous.is_none(),
                    previous: previous.is_none(),
                };
                self.admit_known(group, event, person, unknown)?
            }
            None => self.admit_new(group, event, anonymous.is_none())?,
        };
        let fate = match unit {
            Ok(index) => Answer::OfUnit(index),
            Err(reason) => return Ok(Answer::Known(Fate::Dropped(reason))),
        };
        if let (Some(made), Ok(index)) = (made, unit)
            && let Some(record) = group.pending.get(index).and_then(newest_record)
        {
            // Empty until now: each statement is admitted once.
            let _ = made.set(record);
        }
        group.messages.insert(message);
        Ok(fate)
    }

    pub(super) fn admit_known(
        &self,
        group: &mut Group,
        event: Received,
        person: PersonId,
        unknown: Unknown,
    ) -> Result<Result<usize, Reason>, Unavailable> {
        let Some(index) = self.pending(group, person)? else {
            return Ok(Err(Reason::Gone));
        };
        let Some(pending) = group.pending.get_mut(index) else {
            return Ok(Err(Reason::Gone));
        };
        let now = Moment(event.input.received_at);
        let terms = after(&pending.terms, &event.input);
        let permitted = self.permitted(person, pending, &terms, event.signals, now);
        let said_something = intake::says_something(&event.input);
        let back = !event.reported && came_back(&terms, now);
        if event
            .user
            .is_some_and(|user| unknown.user && !back && self.is_suppressed(&user))
        {
            return Ok(Err(Reason::Suppressed));
        }
        let special = || hot::judge_special(&self.shared.charter, &terms, event.signals, now);
        let mut input = intake::admit(event.input, permitted, special);
        input.traits.retain(|given| !terms.refuses_trait(&given.name));
        if terms.gpc_at == pending.terms.gpc_at {
            input.gpc = false;
        }
        if terms.version == pending.terms.version {
            // Browsers stamp the same preferences on every event: what says nothing new is no input.
            // An explicit refusal is always written down, so that its repetition is known as one.
            input.choices.retain(|choice| choice.explicit && !choice.given);
        }
        if input.age == Some(pending.terms.age) && pending.terms.age_at.is_some_and(|at| at >= input.at) {
            input.age = None;
        }
        input.child_directed &= !pending.terms.child_directed;
        // The identifiers this event adds: the user's own, and the visitor's if they agreed.
        let recognised = terms.consent(PurposeName::Personalise, now).is_valid();
        let own = event.user.filter(|_| unknown.user);
        let free = |blind: &Blind| recognised && event.vouched && (back || !self.is_suppressed(blind));
        let visitor = event.anonymous.filter(|blind| unknown.anonymous && free(blind));
        let alias = event.previous.first().copied();
        let alias = alias.filter(|blind| unknown.previous && free(blind));
        let room = IDENTIFIERS_MAX.saturating_sub(usize::from(terms.identifiers));
        let claims: Vec<Blind> = own.into_iter().chain(visitor).chain(alias).take(room).collect();
        input.identifiers = claims.iter().map(|b| b.0.to_vec().into()).collect();
        if !intake::says_something(&input) {
            return Ok(Err(if said_something {
                Reason::NoPermission
            } else {
                Reason::NotDeclared
            }));
        }
        for blind in claims {
            group.claimed.insert(blind, person);
            pending.unit.identifiers.push(blind);
        }
        let strict = merge::strict_part(&input);
        let visitors = pending.terms.visitors();
        self.append(pending, input, Some(event.message), now)?;
        if let Some(strict) = strict {
            self.tell_visitors(group, visitors, &strict, now)?;
        }
        Ok(Ok(index))
    }

    /// A person we have never seen: a row is made only if something may be kept, or if there is a
    /// choice of an identified person to remember (a privacy signal is one).
    pub(super) fn admit_new(
        &self,
        group: &mut Group,
        event: Received,
        unclaimed: bool,
    ) -> Result<Result<usize, Reason>, Unavailable> {
        let now = Moment(event.input.received_at);
        let terms = after(&Arc::default(), &event.input);
        let back = !event.reported && came_back(&terms, now);
        // Whoever was erased stays so until they say otherwise; another person on their browser is
        // somebody else, who does not get the browser's identifier.
        if !back
            && event
                .user
                .or(event.anonymous)
                .is_some_and(|blind| self.is_suppressed(&blind))
        {
            return Ok(Err(Reason::Suppressed));
        }
        let allowed = hot::judge(&self.shared.charter, &terms, event.signals, now);
        let said_something = intake::says_something(&event.input);
        let special = || hot::judge_special(&self.shared.charter, &terms, event.signals, now);
        let mut input = intake::admit(event.input, allowed.purposes, special);
        let keeps = !input.traits.is_empty() || !input.touches.is_empty() || input.event.is_some();
        let remembers = input.choices.iter().any(|c| c.given)
            || input.talk.is_some()
            || input.identified
                && (chooses(&input) || input.act.is_some() || input.age.is_some() || input.child_directed);
        if !(keeps || remembers) {
            return Ok(Err(if said_something {
                Reason::NoPermission
            } else {
                Reason::NotDeclared
            }));
        }
        let person = fresh_person()?;
        let (wrapped, key) = self.shared.keyring.new_person(person)?;
        let recognised = terms.consent(PurposeName::Personalise, now).is_valid();
        let visitor = event
            .anonymous
            .filter(|_| unclaimed && (event.user.is_none() || recognised && event.vouched))
            .filter(|blind| back || !self.is_suppressed(blind));
        let claims: Vec<Blind> = event.user.into_iter().chain(visitor).collect();
        input.identifiers = claims.iter().map(|b| b.0.to_vec().into()).collect();
        let mut pending = Pending {
            person,
            key: Arc::new(key),
            is_new: true,
            version: 0,
            stored_version: 0,
            terms: Arc::default(),
            inputs: Vec::new(),
            unit: Unit {
                person: Some(person),
                new_key: Some(wrapped),
                ..Unit::default()
            },
        };
        for blind in claims {
            group.claimed.insert(blind, person);
            pending.unit.identifiers.push(blind);
        }
        self.append(&mut pending, input, Some(event.message), now)?;
        let index = group.pending.len();
        group.by_person.insert(person, index);
        group.pending.push(pending);
        Ok(Ok(index))
    }

    pub(super) fn input(
        &mut self,
        group: &mut Group,
        person: PersonId,
        input: Input,
        reply: oneshot::Sender<Result<Fate, Unavailable>>,
    ) {
        let now = Moment(input.received_at);
        let answer = self.pending(group, person).and_then(|index| {
            let found = index.and_then(|i| Some((i, group.pending.get_mut(i)?)));
            let Some((index, pending)) = found else {
                return Ok(None);
            };
            let mut input = input;
            if !self.leads_here(person, &mut input)? {
                return Ok(None);
            }
            for blind in input
                .identifiers
                .iter()
                .filter_map(|b| <[u8; 32]>::try_from(b.as_slice()).ok())
            {
                pending.unit.identifiers.push(Blind(blind));
            }
            let strict = merge::strict_part(&input);
            let visitors = pending.terms.visitors();
            self.append(pending, input, None, now)?;
            if let Some(strict) = strict {
                self.tell_visitors(group, visitors, &strict, now)?;
            }
            Ok(Some(index))
        });
        match answer {
            Ok(Some(index)) => group.replies.push(Reply::Input(index, reply)),
            Ok(None) => drop(reply.send(Ok(Fate::Dropped(Reason::TryAgain)))),
            Err(error) => drop(reply.send(Err(error))),
        }
    }

    /// Whether every identifier of the input is free or leads to this person already; those that do
    /// are taken out.
    fn leads_here(&self, person: PersonId, input: &mut Input) -> Result<bool, Unavailable> {
        if input.identifiers.is_empty() {
            return Ok(true);
        }
        let mut free = Vec::new();
        for bytes in std::mem::take(&mut input.identifiers) {
            let Ok(blind) = <[u8; 32]>::try_from(bytes.as_slice()) else {
                continue;
            };
            match self
                .shared
                .shelf
                .resolve(&[Blind(blind)])?
                .into_iter()
                .flatten()
                .next()
            {
                None => free.push(bytes),
                Some(known) if known == person => {}
                Some(_) => return Ok(false),
            }
        }
        input.identifiers = free;
        Ok(true)
    }

    /// A decision is recorded only if the terms it was permitted under still hold in this group:
    /// a withdrawal that is on its way to the disk comes first.
    pub(super) fn record(
        &mut self,
        group: &mut Group,
        record: Record,
        reply: oneshot::Sender<Result<bool, Unavailable>>,
    ) {
        if self.shared.stopped() {
            let _ = reply.send(Err(Unavailable::Stopped));
            return;
        }
        let current = match (record.terms_version, group.by_person.get(&record.person)) {
            (None, _) => None,
            (Some(_), Some(index)) => group.pending.get(*index).map(|p| p.terms.version),
            (Some(_), None) => match self.with_slot(record.person, |slot| Ok(slot.terms.version)) {
                Ok(version) => Some(version.unwrap_or(u64::MAX)),
                Err(error) => return drop(reply.send(Err(error))),
            },
        };
        if current != record.terms_version {
            group.replies.push(Reply::Record(None, reply));
            return;
        }
        let unit = Unit {
            person: record.row.as_ref().map(|_| record.person),
            records: record.row.into_iter().collect(),
            leaves: vec![record.leaf],
            ..Unit::default()
        };
        let index = group.pending.len();
        group.pending.push(Pending {
            person: record.person,
            key: Arc::clone(&self.shared.nobody),
            is_new: false,
            version: 0,
            stored_version: 0,
            terms: Arc::default(),
            inputs: Vec::new(),
            unit,
        });
        group.replies.push(Reply::Record(Some(index), reply));
    }

    /// The person's place in the group, made from their slot if this is their first input in it.
    pub(super) fn pending(&self, group: &mut Group, person: PersonId) -> Result<Option<usize>, Unavailable> {
        if let Some(index) = group.by_person.get(&person) {
            return Ok(Some(*index));
        }
        let pending = self.with_slot(person, |slot| {
            Ok(Pending {
                person,
                key: Arc::clone(&slot.key),
                is_new: false,
                version: slot.version,
                stored_version: slot.stored_version,
                terms: Arc::clone(&slot.terms),
                inputs: Vec::new(),
                unit: Unit {
                    person: Some(person),
                    prev_seq: slot.last_seq,
                    ..Unit::default()
                },
            })
        })?;
        Ok(pending.map(|pending| {
            let index = group.pending.len();
            group.by_person.insert(person, index);
            group.pending.push(pending);
            index
        }))
    }

    /// Seals an input as the person's next event, with a leaf if it changes their choices.
    pub(super) fn append(
        &self,
        pending: &mut Pending,
        mut input: Input,
        message: Option<MessageKey>,
        now: Moment,
    ) -> Result<(), Unavailable> {
        let id = match decides(&input) || input.gpc || input.act.is_some() {
            true => Some(record::fresh_id(pending.person)?),
            false => None,
        };
        point(&mut input, id);
        // Of the input as it is stored: what a replay will fold.
        let mut terms = after(&pending.terms, &input);
        if self.uncount(pending, &terms, &mut input, now)? {
            terms = after(&pending.terms, &input);
        }
        let own = input.reaction.is_some() || input.turn.is_some() && input.choices.is_empty();
        let automates = self.shared.automates.load(Ordering::Acquire) && !own;
        input.automates = (automates && terms.consent(PurposeName::Segment, now).is_valid()).then_some(true);
        let version = pending.version + 1;
        let place = Place {
            table: Table::Event,
            person: pending.person,
            version,
        };
        let sealed = pending.key.0.seal(place, &envelope::encode(&input))?;
        pending.unit.events.push(EventRow {
            version,
            day: now.day(),
            sealed,
        });
        if let Some(message) = message {
            pending.unit.messages.push(message);
            pending.unit.messages_day = now.day();
        }
        let signalled = terms.gpc_at.is_some() && pending.terms.gpc_at.is_none();
        let changed = terms.version != pending.terms.version && (decides(&input) || signalled);
        // An act is always written down: the person sees what they did, also what changed no terms.
        if let Some(id) = id
            && (changed || input.act.is_some())
        {
            let (row, leaf) =
                record::of_choice(&self.shared, (pending.person, &pending.key), id, &input, &terms)?;
            pending.unit.records.push(row);
            pending.unit.leaves.push(leaf);
        }
        for step in input.talk.iter().flatten() {
            let talk = record::of_talk(&self.shared, (pending.person, &pending.key), step, &input)?;
            if let Some((row, leaf)) = talk {
                pending.unit.records.push(row);
                pending.unit.leaves.push(leaf);
            }
        }
        pending.version = version;
        pending.terms = Arc::clone(&terms);
        pending.inputs.push((terms, input));
        Ok(())
    }
}

fn fresh_person() -> Result<PersonId, Unavailable> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| crate::keys::Error::NoRandomness)?;
    Ok(PersonId(bytes))
}
