//! Erasing a person: first the intention, then the key, then everything that it opened.
//!
//! Each step is durable before the next and may be repeated, so that a crash in between only means
//! that opening the store goes on from there. Deliberately does not know: why somebody is erased.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use vocabulary::{Blind, PersonId};

use super::commit::set_meta;
use super::engine::{Fault, signed, unsigned};
use super::{Embedded, Writer, keys, lock, read};
use crate::shelf::{Rewrap, Seq};

impl Writer {
    pub(super) fn erase(&mut self, shelf: &Embedded, person: PersonId) -> Result<bool, Fault> {
        let begun_before = intend(&self.state, person)?;
        // Nobody may find the key in memory once it is gone from the disk, nor while it goes.
        shelf.keys.forget(person);
        let there_was = keys::destroy(&self.keys, person);
        shelf.keys.forget(person);
        let there_was = there_was? || begun_before;
        let blinds = remove_rows(&mut self.state, person, self.applied, self.newest)?;
        let mut identifiers = lock(&shelf.identifiers);
        for blind in blinds {
            identifiers.forget(&blind);
        }
        Ok(there_was)
    }
}

impl Writer {
    /// Replaces wrapped keys on disk, and forgets what memory had of them.
    pub(super) fn rewrap(&mut self, shelf: &Embedded, changes: &[Rewrap]) -> Result<u64, Fault> {
        let forget = || changes.iter().for_each(|change| shelf.keys.forget(change.person));
        forget();
        let replaced = keys::rewrap(&mut self.keys, changes);
        // Again: a reader may have remembered the old bytes meanwhile.
        forget();
        replaced
    }
}

/// Finishes erasures that were begun before a crash.
pub(super) fn finish_all(state: &mut Connection, keys: &mut Connection, applied: Seq) -> Result<(), Fault> {
    let persons: Vec<PersonId> = {
        let mut statement = state.prepare("SELECT person FROM erasure")?;
        let rows = statement.query_map([], |row| Ok(PersonId(row.get(0)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    for person in persons {
        keys::destroy(keys, person)?;
        let newest: Option<i64> = state.query_row("SELECT max(seq) FROM event", [], |row| row.get(0))?;
        remove_rows(state, person, applied, unsigned(newest.unwrap_or(0))?)?;
    }
    Ok(())
}

/// Makes the intention durable; answers whether it was already.
fn intend(state: &Connection, person: PersonId) -> Result<bool, Fault> {
    let sql = "INSERT OR IGNORE INTO erasure (shard, person) VALUES (?1, ?2)";
    Ok(state.execute(sql, params![person.shard(), person.0])? == 0)
}

/// Removes everything of a person and the intention; answers the identifiers that led there.
fn remove_rows(
    state: &mut Connection,
    person: PersonId,
    applied: Seq,
    newest: Seq,
) -> Result<Vec<Blind>, Fault> {
    let transaction = state.transaction()?;
    let id = params![person.shard(), person.0];
    // The newest event may be one of theirs: its number must not be given away again.
    let known: Option<i64> = transaction
        .query_row(
            "SELECT value FROM meta WHERE shard = 0 AND name = 'newest'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    set_meta(&transaction, "newest", newest.max(unsigned(known.unwrap_or(0))?))?;
    remove_events(&transaction, person, applied)?;
    let blinds = read::identifiers_of(&transaction, person)?;
    for blind in &blinds {
        transaction
            .prepare_cached("DELETE FROM identifier WHERE shard = ?1 AND blind = ?2")?
            .execute(params![blind.shard(), blind.0])?;
    }
    for statement in [
        "DELETE FROM identifier_of WHERE shard = ?1 AND person = ?2",
        "DELETE FROM person WHERE shard = ?1 AND person = ?2",
        // A record lies in its person's shard: a thousandth of the places is read, not all.
        "DELETE FROM record WHERE place IN (SELECT place FROM record_place WHERE shard = ?1 AND person = ?2)",
        "DELETE FROM record_place WHERE shard = ?1 AND person = ?2",
        "DELETE FROM erasure WHERE shard = ?1 AND person = ?2",
    ] {
        transaction.prepare_cached(statement)?.execute(id)?;
    }
    transaction.commit()?;
    Ok(blinds)
}

/// Removes a person's events: the chain from the stored envelope holds the applied ones, the rest
/// lies behind `applied`.
fn remove_events(transaction: &Transaction, person: PersonId, applied: Seq) -> Result<(), Fault> {
    let mut events: Vec<(i64, i64)> = {
        let mut later =
            transaction.prepare_cached("SELECT seq, day FROM event WHERE seq > ?1 AND person = ?2")?;
        let rows = later.query_map(params![signed(applied)?, person.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        rows.collect::<Result<_, _>>()?
    };
    let mut at: i64 = transaction
        .prepare_cached("SELECT last_seq FROM person WHERE shard = ?1 AND person = ?2")?
        .query_row(params![person.shard(), person.0], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    let mut find =
        transaction.prepare_cached("SELECT day, prev FROM event WHERE seq = ?1 AND person = ?2")?;
    while let Some((day, prev)) = find
        .query_row(params![at, person.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
    {
        events.push((at, day));
        at = prev;
    }
    let mut delete = transaction.prepare_cached("DELETE FROM event WHERE seq = ?1")?;
    let mut count = transaction.prepare_cached("UPDATE event_day SET events = events - 1 WHERE day = ?1")?;
    for (seq, day) in events {
        if delete.execute([seq])? == 1 {
            count.execute([day])?;
        }
    }
    Ok(())
}
