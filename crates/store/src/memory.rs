//! The shelf in memory: the reference of what each call means, and the store of quick tests.
//!
//! Written for the reader, not for speed, and apart from the other drivers' rules on purpose, so
//! that comparing them means something. Deliberately does not know: disks.

mod back;
mod unit;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vocabulary::{Blind, Day, Moment, PersonId, Shard};

use crate::judge;
use crate::shelf::*;

/// A shelf that forgets everything when it is dropped.
pub struct Memory {
    write_back: WriteBack,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    epoch: Epoch,
    lease: Option<(String, Moment)>,
    persons: BTreeMap<PersonId, PersonRow>,
    keys: HashMap<PersonId, WrappedKey>,
    identifiers: HashMap<Blind, PersonId>,
    messages: HashMap<(Shard, MessageKey), Day>,
    events: BTreeMap<Seq, (StoredEvent, Seq)>,
    newest: Seq,
    applied: Seq,
    /// Each with its number in the order of commits.
    records: HashMap<RecordId, (u64, RecordRow)>,
    recorded: u64,
    pending: BTreeMap<u64, Leaf>,
    place: u64,
    checkpoint: Option<Vec<u8>>,
    tiles: BTreeMap<String, Vec<u8>>,
    indices: HashMap<RecordId, u64>,
    values: BTreeMap<String, Versioned>,
    artefacts: HashMap<[u8; 32], Vec<u8>>,
}

impl Memory {
    /// An empty shelf with lazy envelopes, so that what uses it is tested on the harder path.
    pub fn new() -> Memory {
        Memory {
            write_back: WriteBack::Lazy,
            state: Mutex::default(),
        }
    }

    /// An empty shelf that gets every envelope with its unit.
    pub fn eager() -> Memory {
        Memory {
            write_back: WriteBack::Eager,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fenced(&self, epoch: Epoch) -> Result<MutexGuard<'_, State>, Error> {
        let state = self.state();
        if state.epoch == epoch && state.lease.is_some() {
            Ok(state)
        } else {
            Err(Error::Fenced)
        }
    }
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::new()
    }
}

impl Shelf for Memory {
    fn driver(&self) -> &'static str {
        "memory"
    }

    fn write_back(&self) -> WriteBack {
        self.write_back
    }

    fn acquire(&self, owner: &str, now: Moment, ttl_ms: i64) -> Result<Epoch, Error> {
        judge::name(owner)?;
        let mut state = self.state();
        if let Some((holder, until)) = &state.lease
            && holder != owner
            && *until > now
        {
            return Err(Error::Held {
                owner: holder.clone(),
                until: *until,
            });
        }
        state.epoch += 1;
        state.lease = Some((owner.to_owned(), now.plus(ttl_ms)));
        Ok(state.epoch)
    }

    fn renew(&self, epoch: Epoch, now: Moment, ttl_ms: i64) -> Result<(), Error> {
        if let Some((_, until)) = &mut self.fenced(epoch)?.lease {
            *until = now.plus(ttl_ms);
        }
        Ok(())
    }

    fn release(&self, epoch: Epoch) -> Result<(), Error> {
        if let Ok(mut state) = self.fenced(epoch) {
            state.lease = None;
        }
        Ok(())
    }

    fn resolve(&self, blinds: &[Blind]) -> Result<Vec<Option<PersonId>>, Error> {
        let state = self.state();
        Ok(blinds
            .iter()
            .map(|blind| state.identifiers.get(blind).copied())
            .collect())
    }

    fn identifiers_of(&self, person: PersonId) -> Result<Vec<Blind>, Error> {
        let state = self.state();
        let theirs = state
            .identifiers
            .iter()
            .filter(|(_, leads_to)| **leads_to == person);
        let mut blinds: Vec<Blind> = theirs.map(|(blind, _)| *blind).collect();
        blinds.sort_unstable();
        Ok(blinds)
    }

    fn persons(&self, persons: &[PersonId]) -> Result<Vec<Option<PersonRow>>, Error> {
        let state = self.state();
        Ok(persons
            .iter()
            .map(|person| state.persons.get(person).cloned())
            .collect())
    }

    fn keys(&self, persons: &[PersonId]) -> Result<Vec<Option<WrappedKey>>, Error> {
        let state = self.state();
        Ok(persons
            .iter()
            .map(|person| state.keys.get(person).cloned())
            .collect())
    }

    fn keys_after(
        &self,
        after: Option<PersonId>,
        limit: usize,
    ) -> Result<Vec<(PersonId, WrappedKey)>, Error> {
        let state = self.state();
        let mut keys: Vec<(PersonId, WrappedKey)> = state
            .keys
            .iter()
            .filter(|(person, _)| after.is_none_or(|after| **person > after))
            .map(|(person, key)| (*person, key.clone()))
            .collect();
        // The shard is the first bits of the person's name.
        keys.sort_unstable_by_key(|(person, _)| *person);
        keys.truncate(limit);
        Ok(keys)
    }

    fn rewrap(&self, epoch: Epoch, changes: &[Rewrap]) -> Result<u64, Error> {
        judge::rewraps_well_formed(changes)?;
        let mut state = self.fenced(epoch)?;
        let mut replaced = 0;
        for change in changes {
            if let Some(held) = state.keys.get_mut(&change.person)
                && *held == change.expected
            {
                held.clone_from(&change.wrapped);
                replaced += 1;
            }
        }
        Ok(replaced)
    }

    fn seen(&self, messages: &[(Shard, MessageKey)]) -> Result<Vec<bool>, Error> {
        let state = self.state();
        Ok(messages
            .iter()
            .map(|message| state.messages.contains_key(message))
            .collect())
    }

    fn commit(&self, epoch: Epoch, units: &[Unit]) -> Result<Vec<Outcome>, Error> {
        judge::well_formed(units)?;
        let mut state = self.fenced(epoch)?;
        let mut heads: HashMap<PersonId, Seq> = HashMap::new();
        let mut outcomes = Vec::with_capacity(units.len());
        for unit in units {
            let mut unit = std::borrow::Cow::Borrowed(unit);
            if let Some(head) = unit.person.and_then(|person| heads.get(&person)).copied() {
                unit.to_mut().prev_seq = head;
            }
            let mut outcome = state.outcome(&unit);
            if let Outcome::Done { last_seq } = &mut outcome {
                *last_seq = state.write(&unit, *last_seq);
                if let (Some(person), false) = (unit.person, unit.events.is_empty()) {
                    heads.insert(person, *last_seq);
                }
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    fn flush(&self, epoch: Epoch, rows: &[(u64, PersonRow)], applied: Seq) -> Result<(), Error> {
        judge::rows_well_formed(rows)?;
        self.fenced(epoch)?.flush(rows, applied)
    }

    fn unapplied(&self, after: Seq, limit: usize) -> Result<Vec<StoredEvent>, Error> {
        let state = self.state();
        if self.write_back == WriteBack::Eager {
            return Ok(Vec::new());
        }
        let after = after.max(state.applied);
        Ok(state
            .events
            .range(after + 1..)
            .take(limit)
            .map(|(_, (event, _))| event.clone())
            .collect())
    }

    fn events_of(
        &self,
        person: PersonId,
        last_seq: Seq,
        before: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        let state = self.state();
        let mut found = Vec::new();
        let mut at = last_seq;
        while found.len() < limit
            && let Some((event, prev)) = state.events.get(&at)
            && event.person == person
        {
            if before == 0 || at < before {
                found.push(event.clone());
            }
            at = *prev;
        }
        Ok(found)
    }

    fn purge_events(&self, epoch: Epoch, day: Day) -> Result<u64, Error> {
        let mut state = self.fenced(epoch)?;
        let all = state.events.len();
        let applied = if self.write_back == WriteBack::Eager {
            state.newest
        } else {
            state.applied
        };
        state
            .events
            .retain(|seq, (event, _)| *seq > applied || event.event.day >= day);
        Ok((all - state.events.len()) as u64)
    }

    fn purge_messages(&self, epoch: Epoch, day: Day) -> Result<u64, Error> {
        let mut state = self.fenced(epoch)?;
        let all = state.messages.len();
        state.messages.retain(|_, received| *received >= day);
        Ok((all - state.messages.len()) as u64)
    }

    fn scan(&self, after: Option<PersonId>, limit: usize) -> Result<Vec<PersonRow>, Error> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = after.map_or(Unbounded, Excluded);
        let state = self.state();
        Ok(state
            .persons
            .range((from, Unbounded))
            .take(limit)
            .map(|(_, row)| row.clone())
            .collect())
    }

    fn due_after(
        &self,
        what: Due,
        now: Moment,
        after: Option<(Moment, PersonId)>,
        limit: usize,
    ) -> Result<Vec<(Moment, PersonId)>, Error> {
        let state = self.state();
        let due = |row: &PersonRow| {
            let due = what.of(row).filter(|due| *due <= now)?;
            Some((due, row.person)).filter(|at| after.is_none_or(|after| *at > after))
        };
        let mut persons: Vec<(Moment, PersonId)> = state.persons.values().filter_map(due).collect();
        persons.sort();
        persons.truncate(limit);
        Ok(persons)
    }

    fn record(&self, id: RecordId) -> Result<Option<RecordRow>, Error> {
        Ok(self.state().records.get(&id).map(|(_, record)| record.clone()))
    }

    fn records_of(
        &self,
        person: PersonId,
        before: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<RecordRow>, Error> {
        let state = self.state();
        let theirs = |entry: &&(u64, RecordRow)| entry.1.person == person;
        let below = match before {
            None => u64::MAX,
            Some(id) => state
                .records
                .get(&id)
                .filter(theirs)
                .map_or(0, |(number, _)| *number),
        };
        let mut found: Vec<&(u64, RecordRow)> = state.records.values().filter(theirs).collect();
        found.retain(|(number, _)| *number < below);
        found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        let newest = found.into_iter().take(limit);
        Ok(newest.map(|(_, record)| record.clone()).collect())
    }

    fn erase(&self, epoch: Epoch, person: PersonId) -> Result<bool, Error> {
        let mut state = self.fenced(epoch)?;
        let had_key = state.keys.remove(&person).is_some();
        state.persons.remove(&person);
        state.events.retain(|_, (event, _)| event.person != person);
        state.identifiers.retain(|_, leads_to| *leads_to != person);
        state.records.retain(|_, (_, record)| record.person != person);
        Ok(had_key)
    }

    fn pending_leaves(&self, limit: usize) -> Result<Vec<PendingLeaf>, Error> {
        let state = self.state();
        let pending = state.pending.iter().take(limit);
        Ok(pending
            .map(|(place, leaf)| PendingLeaf {
                place: *place,
                leaf: leaf.clone(),
            })
            .collect())
    }

    fn integrate(&self, epoch: Epoch, integration: &Integration) -> Result<bool, Error> {
        judge::integration_well_formed(integration)?;
        self.fenced(epoch)?.integrate(integration)
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.state().checkpoint.clone())
    }

    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.state().tiles.get(path).cloned())
    }

    fn tile_paths(&self) -> Result<Vec<String>, Error> {
        Ok(self.state().tiles.keys().cloned().collect())
    }

    fn leaf_index(&self, id: RecordId) -> Result<Option<u64>, Error> {
        Ok(self.state().indices.get(&id).copied())
    }

    fn placed(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<(RecordId, u64)>, Error> {
        let state = self.state();
        let later = |id: &&RecordId| after.is_none_or(|after| **id > after) && state.records.contains_key(id);
        let mut placed: Vec<(RecordId, u64)> = state
            .indices
            .iter()
            .filter(|(id, _)| later(id))
            .map(|(id, index)| (*id, *index))
            .collect();
        placed.sort_unstable();
        placed.truncate(limit);
        Ok(placed)
    }

    fn get(&self, key: &str) -> Result<Option<Versioned>, Error> {
        Ok(self.state().values.get(key).cloned())
    }

    fn swap(&self, epoch: Epoch, key: &str, expected: u64, value: &[u8]) -> Result<Option<u64>, Error> {
        judge::name(key)?;
        judge::size("length of a named value", value.len(), MAX_SEALED)?;
        let mut state = self.fenced(epoch)?;
        if state.values.get(key).map_or(0, |held| held.version) != expected {
            return Ok(None);
        }
        let version = expected + 1;
        state.values.insert(
            key.to_owned(),
            Versioned {
                version,
                value: value.to_vec(),
            },
        );
        Ok(Some(version))
    }

    fn named(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Versioned)>, Error> {
        let state = self.state();
        let named = state
            .values
            .iter()
            .filter(|(name, _)| name.starts_with(prefix) && after.is_none_or(|after| name.as_str() > after));
        Ok(named
            .take(limit)
            .map(|(name, held)| (name.clone(), held.clone()))
            .collect())
    }

    fn remove_named(&self, epoch: Epoch, key: &str, expected: u64) -> Result<bool, Error> {
        judge::name(key)?;
        let mut state = self.fenced(epoch)?;
        let is_expected = state.values.get(key).is_some_and(|held| held.version == expected);
        if is_expected {
            state.values.remove(key);
        }
        Ok(is_expected)
    }

    fn keep(&self, epoch: Epoch, digest: [u8; 32], bytes: &[u8]) -> Result<(), Error> {
        judge::size("length of an artefact", bytes.len(), MAX_ARTEFACT)?;
        self.fenced(epoch)?
            .artefacts
            .entry(digest)
            .or_insert_with(|| bytes.to_vec());
        Ok(())
    }

    fn artefact(&self, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.state().artefacts.get(&digest).cloned())
    }

    fn artefacts(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<[u8; 32]>, Error> {
        let state = self.state();
        let later = |digest: &&[u8; 32]| after.is_none_or(|after| **digest > after);
        let mut digests: Vec<[u8; 32]> = state.artefacts.keys().filter(later).copied().collect();
        digests.sort_unstable();
        digests.truncate(limit);
        Ok(digests)
    }

    fn discard(&self, epoch: Epoch, digest: [u8; 32]) -> Result<bool, Error> {
        Ok(self.fenced(epoch)?.artefacts.remove(&digest).is_some())
    }

    fn oldest(&self) -> Result<Oldest, Error> {
        let state = self.state();
        Ok(Oldest {
            event: state.events.values().map(|(stored, _)| stored.event.day).min(),
            message: state.messages.values().min().copied(),
        })
    }

    fn counts(&self) -> Result<Counts, Error> {
        let state = self.state();
        Ok(Counts {
            persons: state.persons.len() as u64,
            keys: state.keys.len() as u64,
            identifiers: state.identifiers.len() as u64,
            events: state.events.len() as u64,
            records: state.records.len() as u64,
            pending_leaves: state.pending.len() as u64,
        })
    }

    fn tidy(&self) -> Result<(), Error> {
        Ok(())
    }
}
