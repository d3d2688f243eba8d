//! One unit: whether it can be applied, and what it then changes.
//!
//! Deliberately does not know: the other units of its group.

use super::State;
use crate::shelf::*;
use std::collections::{BTreeSet, HashSet};
use vocabulary::PersonId;

impl State {
    /// What becomes of a unit.
    pub(super) fn outcome(&self, unit: &Unit) -> Outcome {
        let person = unit.person.unwrap_or(PersonId::NOBODY);
        let messages: BTreeSet<MessageKey> = unit.messages.iter().copied().collect();
        if messages
            .iter()
            .any(|m| self.messages.contains_key(&(person.shard(), *m)))
        {
            return Outcome::Duplicate;
        }
        let has_key = self.keys.contains_key(&person);
        if person != PersonId::NOBODY && has_key == unit.new_key.is_some() {
            return Outcome::Conflict;
        }
        if unit
            .identifiers
            .iter()
            .any(|b| self.identifiers.get(b).is_some_and(|p| *p != person))
        {
            return Outcome::Conflict;
        }
        if let Some((expected, _)) = &unit.envelope
            && self.persons.get(&person).map_or(0, |row| row.version) != *expected
        {
            return Outcome::Conflict;
        }
        let ids: HashSet<RecordId> = unit.records.iter().map(|r| r.id).collect();
        if ids.len() < unit.records.len() || ids.iter().any(|id| self.records.contains_key(id)) {
            return Outcome::Conflict;
        }
        if unit.prev_seq > self.newest {
            return Outcome::Conflict;
        }
        Outcome::Done {
            last_seq: unit.prev_seq,
        }
    }

    /// Does what a unit asks; answers the head of the chain after it.
    pub(super) fn write(&mut self, unit: &Unit, mut last_seq: Seq) -> Seq {
        let person = unit.person.unwrap_or(PersonId::NOBODY);
        for message in &unit.messages {
            self.messages
                .insert((person.shard(), *message), unit.messages_day);
        }
        if let Some(key) = &unit.new_key {
            self.keys.insert(person, key.clone());
        }
        for blind in &unit.identifiers {
            self.identifiers.insert(*blind, person);
        }
        for event in &unit.events {
            self.newest += 1;
            let stored = StoredEvent {
                seq: self.newest,
                person,
                event: event.clone(),
            };
            self.events.insert(self.newest, (stored, last_seq));
            last_seq = self.newest;
        }
        if let Some((_, row)) = &unit.envelope {
            self.persons.insert(
                person,
                PersonRow {
                    last_seq,
                    ..row.clone()
                },
            );
        }
        for record in &unit.records {
            self.recorded += 1;
            self.records.insert(record.id, (self.recorded, record.clone()));
        }
        for leaf in &unit.leaves {
            self.place += 1;
            self.pending.insert(self.place, leaf.clone());
        }
        last_seq
    }
}
