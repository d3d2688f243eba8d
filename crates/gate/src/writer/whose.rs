//! Whose an event is: by its identifiers, by who was joined to whom, and by who may be joined.
//!
//! Deliberately does not know: what of it may be kept.

use super::{Group, Writer};
use crate::Unavailable;
use crate::intake::{self, Received};
use std::collections::HashMap;
use vocabulary::{Blind, Moment, PersonId, PurposeName};

impl Writer {
    /// Whose each event is, as far as the store and this group know: user, anonymous, previous.
    pub(super) fn resolve(
        &self,
        group: &Group,
        events: &[Received],
    ) -> Result<Vec<[Option<PersonId>; 3]>, Unavailable> {
        let mut wanted: Vec<Blind> = Vec::with_capacity(events.len() * 2);
        for event in events {
            wanted.extend(event.user.iter().chain(&event.anonymous).chain(&event.previous));
        }
        wanted.sort_unstable();
        wanted.dedup();
        let found = self
            .shared
            .resolve(&wanted, events.iter().any(|event| !event.vouched))?;
        let known: HashMap<Blind, PersonId> = wanted
            .into_iter()
            .zip(found)
            .filter_map(|(blind, person)| Some((blind, person?)))
            .collect();
        let of = |blind: &Blind| group.claimed.get(blind).or(known.get(blind)).copied();
        // A visitor who is part of a person is that person.
        let home = |person: Option<PersonId>| person.map(|person| self.home(group, person)).transpose();
        events
            .iter()
            .map(|event| {
                Ok(match event.user.as_ref().and_then(of) {
                    Some(user) => [
                        Some(user),
                        event.anonymous.as_ref().and_then(of),
                        event.previous.iter().find_map(of),
                    ],
                    None => [
                        None,
                        home(event.anonymous.as_ref().and_then(of))?,
                        home(event.previous.iter().find_map(of))?,
                    ],
                })
            })
            .collect()
    }

    pub(super) fn seen(
        &self,
        events: &[Received],
        persons: &[[Option<PersonId>; 3]],
    ) -> Result<Vec<bool>, Unavailable> {
        let shard = |found: &[Option<PersonId>; 3]| found.iter().flatten().next().map_or(0, PersonId::shard);
        let asked: Vec<_> = events
            .iter()
            .zip(persons)
            .map(|(e, found)| (shard(found), e.message))
            .collect();
        Ok(self.shared.shelf.seen(&asked)?)
    }

    /// What a sender may say: one whom nobody vouches for permits nothing for a person with a `userId`, by
    /// whichever identifier they are named.
    pub(super) fn bounded(
        &self,
        group: &mut Group,
        mut event: Received,
        person: Option<PersonId>,
    ) -> Result<Received, Unavailable> {
        if event.vouched {
            return Ok(event);
        }
        let index = person.map(|person| self.pending(group, person)).transpose()?;
        let found = index.flatten().and_then(|index| group.pending.get(index));
        if event.user.is_some() || found.is_some_and(|pending| pending.terms.identified) {
            intake::refusals_alone(&mut event.input);
        }
        Ok(event)
    }

    /// The person an event belongs to. A `userId` we do not know yet joins a visitor we do know only
    /// if that visitor agreed to be recognised (consent to `personalise`) and has no `userId` yet: two
    /// of them never share a person.
    pub(super) fn whose(
        &self,
        group: &mut Group,
        event: &Received,
        user: Option<PersonId>,
        anonymous: Option<PersonId>,
        previous: Option<PersonId>,
    ) -> Result<Option<PersonId>, Unavailable> {
        if user.is_some() || event.user.is_none() {
            return Ok(user.or(anonymous));
        }
        let Some(visitor) = anonymous.or(previous) else {
            return Ok(None);
        };
        if !event.vouched {
            // Joining would carry what the visitor permitted over to somebody whom anybody may name.
            return Ok(None);
        }
        let joins = match self.pending(group, visitor)? {
            Some(index) => group.pending.get(index).is_some_and(|p| {
                let now = Moment(event.input.received_at);
                !p.terms.identified && p.terms.consent(PurposeName::Personalise, now).is_valid()
            }),
            None => false,
        };
        Ok(joins.then_some(visitor))
    }
}
