//! Writing a group of units, and writing envelopes back.
//!
//! Deliberately does not know: which units are good (see `judge`).

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use vocabulary::{Blind, PersonId, Shard};

use super::engine::{Fault, signed, unsigned};
use super::{Embedded, Writer, keys, lock, messages};
use crate::judge::{self, Accepted, Facts};
use crate::shelf::*;

impl Writer {
    pub(super) fn commit(&mut self, shelf: &Embedded, units: &[Unit]) -> Result<Vec<Outcome>, Fault> {
        self.remove_stray_keys()?;
        let verdict = judge::judge(
            units,
            self.newest,
            &mut Stored {
                shelf,
                state: &self.state,
            },
        )?;
        if verdict.accepted.is_empty() {
            return Ok(verdict.outcomes);
        }
        let new_keys: Vec<(PersonId, &WrappedKey)> = verdict
            .accepted
            .iter()
            .filter_map(|accepted| accepted.unit.new_key.as_ref().map(|key| (accepted.person, key)))
            .collect();
        let group = self.group + u64::from(!new_keys.is_empty());
        if !new_keys.is_empty() {
            keys::add(&mut self.keys, group, &new_keys)?;
        }
        let leaves = match self.write_group(&verdict.accepted, (group != self.group).then_some(group)) {
            Ok(leaves) => leaves,
            Err(fault) => {
                self.stray_keys = !new_keys.is_empty();
                for (person, _) in new_keys {
                    shelf.keys.forget(person);
                }
                if !fault.is_final() {
                    // If there is no room even for this, the next commit tries again first.
                    let _later = self.remove_stray_keys();
                }
                return Err(fault);
            }
        };
        (self.newest, self.place, self.group) = (verdict.newest, self.place + leaves, group);
        for (person, key) in new_keys {
            shelf.keys.remember(person, key.clone());
        }
        shelf.remember(&verdict.accepted);
        Ok(verdict.outcomes)
    }

    pub(super) fn flush(
        &mut self,
        shelf: &Embedded,
        rows: &[(u64, PersonRow)],
        applied: Seq,
    ) -> Result<(), Fault> {
        if applied > self.newest {
            return Err(judge::beyond_newest(applied, self.newest).into());
        }
        let transaction = self.state.transaction()?;
        for (expected, row) in rows {
            if shelf.keys.has(row.person)? {
                write_back(&transaction, *expected, row)?;
            }
        }
        let applied = applied.max(self.applied);
        set_meta(&transaction, "applied", applied)?;
        transaction.commit()?;
        self.applied = applied;
        Ok(())
    }

    fn remove_stray_keys(&mut self) -> Result<(), Fault> {
        if self.stray_keys {
            keys::take_back(&mut self.keys, self.group)?;
            self.stray_keys = false;
        }
        Ok(())
    }

    /// Writes all accepted units in one transaction; answers how many leaves there were.
    fn write_group(&mut self, accepted: &[Accepted], new_group: Option<u64>) -> Result<u64, Fault> {
        let transaction = self.state.transaction()?;
        write_events(&transaction, accepted)?;
        write_messages(&transaction, accepted)?;
        for one in accepted {
            write_identifiers(&transaction, one)?;
            if let Some((_, row)) = &one.unit.envelope {
                put_row(&transaction, row, one.last_seq)?;
            }
            write_records(&transaction, one)?;
        }
        let leaves = write_leaves(&transaction, accepted, self.place)?;
        if accepted.iter().all(|one| {
            *one.unit
                == Unit {
                    person: one.unit.person,
                    ..Unit::default()
                }
        }) {
            // A transaction without a page is answered without an fsync.
            wait(&transaction)?;
        }
        if let Some(group) = new_group {
            set_meta(&transaction, "group", group)?;
        }
        transaction.commit()?;
        Ok(leaves)
    }
}

impl Embedded {
    /// Whom the identifier leads to, from memory if it was asked for lately.
    pub(super) fn leads_to(&self, blind: Blind) -> Result<Option<PersonId>, Error> {
        if let Some(person) = lock(&self.identifiers).get(&blind) {
            return Ok(Some(person));
        }
        self.readers.read(|state| self.leads_to_stored(state, blind))
    }

    fn leads_to_stored(&self, state: &Connection, blind: Blind) -> Result<Option<PersonId>, Fault> {
        let asked = {
            let mut identifiers = lock(&self.identifiers);
            if let Some(person) = identifiers.get(&blind) {
                return Ok(Some(person));
            }
            identifiers.asking()
        };
        let found = state
            .prepare_cached("SELECT person FROM identifier WHERE shard = ?1 AND blind = ?2")?
            .query_row(params![blind.shard(), blind.0], |row| Ok(PersonId(row.get(0)?)))
            .optional()?;
        if let Some(person) = found {
            lock(&self.identifiers).insert_asked(asked, blind, person);
        }
        Ok(found)
    }

    /// Keeps in memory what was just committed.
    fn remember(&self, accepted: &[Accepted]) {
        let mut answered = lock(&self.answered);
        let mut identifiers = lock(&self.identifiers);
        for one in accepted {
            for message in &one.unit.messages {
                answered.insert(one.person.shard(), *message);
            }
            for blind in &one.unit.identifiers {
                identifiers.insert(*blind, one.person);
            }
        }
    }
}

/// What is stored, for the judge. Only the writer asks, so it cannot change meanwhile.
struct Stored<'a> {
    shelf: &'a Embedded,
    state: &'a Connection,
}

impl Facts for Stored<'_> {
    type Error = Fault;

    fn answered(&mut self, shard: Shard, message: MessageKey) -> Result<bool, Fault> {
        Ok(lock(&self.shelf.answered).holds(shard, message))
    }

    fn has_key(&mut self, person: PersonId) -> Result<bool, Fault> {
        self.shelf.keys.has(person)
    }

    fn leads_to(&mut self, blind: Blind) -> Result<Option<PersonId>, Fault> {
        self.shelf.leads_to_stored(self.state, blind)
    }

    fn version(&mut self, person: PersonId) -> Result<u64, Fault> {
        stored_version(self.state, person)
    }

    fn has_record(&mut self, record: RecordId) -> Result<bool, Fault> {
        let mut find = self
            .state
            .prepare_cached("SELECT 1 FROM record_place WHERE shard = ?1 AND id = ?2")?;
        Ok(find.exists(params![record.shard(), record.0])?)
    }
}

fn write_events(transaction: &Transaction, accepted: &[Accepted]) -> Result<(), Fault> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO event (seq, person, version, day, prev, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut days: BTreeMap<u32, (Seq, Seq, i64)> = BTreeMap::new();
    for one in accepted {
        for (seq, prev, event) in one.events() {
            insert.execute(params![
                signed(seq)?,
                one.person.0,
                signed(event.version)?,
                event.day.0,
                signed(prev)?,
                event.sealed.0,
            ])?;
            let (_, last, events) = days.entry(event.day.0).or_insert((seq, seq, 0));
            (*last, *events) = (seq, *events + 1);
        }
    }
    let mut note = transaction.prepare_cached(
        "INSERT INTO event_day (day, first_seq, last_seq, events) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (day) DO UPDATE SET last_seq = ?3, events = events + ?4",
    )?;
    for (day, (first, last, events)) in days {
        note.execute(params![day, signed(first)?, signed(last)?, events])?;
    }
    Ok(())
}

fn write_messages(transaction: &Transaction, accepted: &[Accepted]) -> Result<(), Fault> {
    let mut days: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for one in accepted.iter().filter(|one| !one.unit.messages.is_empty()) {
        let entries = days.entry(one.unit.messages_day.0).or_default();
        for message in &one.unit.messages {
            messages::append(entries, one.person.shard(), *message);
        }
    }
    let mut insert = transaction.prepare_cached("INSERT INTO message (day, messages) VALUES (?1, ?2)")?;
    for (day, entries) in days {
        insert.execute(params![day, entries])?;
    }
    Ok(())
}

fn write_identifiers(transaction: &Transaction, one: &Accepted) -> Result<(), Fault> {
    for blind in &one.unit.identifiers {
        let new = transaction
            .prepare_cached("INSERT OR IGNORE INTO identifier (shard, blind, person) VALUES (?1, ?2, ?3)")?
            .execute(params![blind.shard(), blind.0, one.person.0])?;
        if new > 0 {
            transaction
                .prepare_cached("INSERT INTO identifier_of (shard, person, blind) VALUES (?1, ?2, ?3)")?
                .execute(params![one.person.shard(), one.person.0, blind.0])?;
        }
    }
    Ok(())
}

fn write_records(transaction: &Transaction, one: &Accepted) -> Result<(), Fault> {
    for record in &one.unit.records {
        transaction
            .prepare_cached("INSERT INTO record (id, person, sealed) VALUES (?1, ?2, ?3)")?
            .execute(params![record.id.0, record.person.0, record.sealed.0])?;
        transaction
            .prepare_cached("INSERT INTO record_place (shard, id, person, place) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                record.id.shard(),
                record.id.0,
                record.person.0,
                transaction.last_insert_rowid()
            ])?;
    }
    Ok(())
}

fn write_leaves(transaction: &Transaction, accepted: &[Accepted], place: u64) -> Result<u64, Fault> {
    let mut insert =
        transaction.prepare_cached("INSERT INTO pending_leaf (place, id, bytes) VALUES (?1, ?2, ?3)")?;
    let mut leaves = 0;
    for leaf in accepted.iter().flat_map(|one| &one.unit.leaves) {
        leaves += 1;
        insert.execute(params![signed(place + leaves)?, leaf.id.0, leaf.bytes])?;
    }
    Ok(leaves)
}

fn put_row(transaction: &Transaction, row: &PersonRow, last_seq: Seq) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO person (shard, person, version, last_seq, next_due, terms, content, next_leave)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (shard, person) DO UPDATE
             SET version = ?3, last_seq = ?4, next_due = ?5, terms = ?6, content = ?7, next_leave = ?8",
        )?
        .execute(params![
            row.person.shard(),
            row.person.0,
            signed(row.version)?,
            signed(last_seq)?,
            row.next_due.map(|due| due.0),
            row.terms.0,
            row.content.0,
            row.next_leave.map(|due| due.0),
        ])?;
    Ok(())
}

/// Replaces a row if its version is the expected one.
fn write_back(transaction: &Transaction, expected: u64, row: &PersonRow) -> Result<(), Fault> {
    let written = if expected == 0 {
        0
    } else {
        transaction
            .prepare_cached(
                "UPDATE person SET version = ?4, last_seq = ?5, next_due = ?6, terms = ?7, content = ?8, next_leave = ?9
                 WHERE shard = ?1 AND person = ?2 AND version = ?3",
            )?
            .execute(params![
                row.person.shard(),
                row.person.0,
                signed(expected)?,
                signed(row.version)?,
                signed(row.last_seq)?,
                row.next_due.map(|due| due.0),
                row.terms.0,
                row.content.0,
                row.next_leave.map(|due| due.0),
            ])?
    };
    if written == 1 {
        return Ok(());
    }
    let found = stored_version(transaction, row.person)?;
    if found != expected {
        return Err(judge::stale_row(expected, found).into());
    }
    put_row(transaction, row, row.last_seq)
}

fn stored_version(state: &Connection, person: PersonId) -> Result<u64, Fault> {
    let version = state
        .prepare_cached("SELECT version FROM person WHERE shard = ?1 AND person = ?2")?
        .query_row(params![person.shard(), person.0], |row| row.get(0))
        .optional()?;
    Ok(unsigned(version.unwrap_or(0))?)
}

/// Changes something that nobody reads, so that the transaction has something to make durable.
fn wait(transaction: &Transaction) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO meta (shard, name, value) VALUES (0, 'waits', 1)
             ON CONFLICT (shard, name) DO UPDATE SET value = value % 1000000 + 1",
        )?
        .execute([])?;
    Ok(())
}

/// Sets a number this store must not forget.
pub(super) fn set_meta(transaction: &Transaction, name: &str, value: u64) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO meta (shard, name, value) VALUES (0, ?1, ?2)
             ON CONFLICT (shard, name) DO UPDATE SET value = ?2",
        )?
        .execute(params![name, signed(value)?])?;
    Ok(())
}
