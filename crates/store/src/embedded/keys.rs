//! The persons' wrapped keys, in a file that forgets.
//!
//! A key is durable before anything sealed with it, so a crash in between leaves a key that nothing
//! uses. The file says which group brought its newest keys; if the state never saw that group,
//! they are taken back. Deliberately does not know: what wraps the keys.

use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension, params};
use vocabulary::PersonId;

use super::engine::{self, Fault, signed, unsigned};
use super::lock;
use super::remembered::Remembered;
use crate::shelf::{Error, WrappedKey};

/// Keys remembered in each of two generations: about 20 MB each.
const KEYS: usize = 131_072;

/// Reads keys beside the writer, and remembers them.
pub(super) struct KeyReader {
    connection: Mutex<Connection>,
    remembered: Mutex<Remembered<PersonId, WrappedKey>>,
}

impl KeyReader {
    pub(super) fn new(connection: Connection) -> KeyReader {
        KeyReader {
            connection: Mutex::new(connection),
            remembered: Mutex::new(Remembered::new(KEYS)),
        }
    }

    pub(super) fn get(&self, person: PersonId) -> Result<Option<WrappedKey>, Error> {
        Ok(self.ask(person)?)
    }

    /// As [`KeyReader::get`], without copying the key.
    pub(super) fn has(&self, person: PersonId) -> Result<bool, Fault> {
        Ok(lock(&self.remembered).holds(&person) || self.ask(person)?.is_some())
    }

    pub(super) fn remember(&self, person: PersonId, key: WrappedKey) {
        lock(&self.remembered).insert(person, key);
    }

    pub(super) fn forget(&self, person: PersonId) {
        lock(&self.remembered).forget(&person);
    }

    pub(super) fn count(&self) -> Result<u64, Error> {
        let count = lock(&self.connection)
            .query_row("SELECT count(*) FROM person_key", [], |row| row.get(0))
            .and_then(unsigned);
        Ok(count.map_err(Fault::from)?)
    }

    fn ask(&self, person: PersonId) -> Result<Option<WrappedKey>, Fault> {
        let asked = {
            let mut remembered = lock(&self.remembered);
            if let Some(key) = remembered.get(&person) {
                return Ok(Some(key));
            }
            remembered.asking()
        };
        let found = lock(&self.connection)
            .prepare_cached("SELECT wrapped FROM person_key WHERE shard = ?1 AND person = ?2")?
            .query_row(params![person.shard(), person.0], |row| {
                Ok(WrappedKey(row.get(0)?))
            })
            .optional()?;
        if let Some(key) = &found {
            lock(&self.remembered).insert_asked(asked, person, key.clone());
        }
        Ok(found)
    }
}

/// Makes a group's new keys durable, before the group itself.
pub(super) fn add(keys: &mut Connection, group: u64, new: &[(PersonId, &WrappedKey)]) -> Result<(), Fault> {
    let transaction = keys.transaction()?;
    let persons: Vec<u8> = new.iter().flat_map(|(person, _)| person.0).collect();
    transaction.execute(
        "INSERT INTO fresh (shard, group_number, persons) VALUES (0, ?1, ?2)
         ON CONFLICT (shard) DO UPDATE SET group_number = ?1, persons = ?2",
        params![signed(group)?, persons],
    )?;
    {
        let mut insert = transaction
            .prepare_cached("INSERT INTO person_key (shard, person, wrapped) VALUES (?1, ?2, ?3)")?;
        for (person, key) in new {
            insert.execute(params![person.shard(), person.0, key.0])?;
        }
    }
    Ok(transaction.commit()?)
}

/// Removes the newest keys if they came with a later group than `committed`.
pub(super) fn take_back(keys: &mut Connection, committed: u64) -> Result<(), Fault> {
    let transaction = keys.transaction()?;
    let fresh: Option<Vec<u8>> = transaction
        .query_row(
            "SELECT persons FROM fresh WHERE shard = 0 AND group_number > ?1",
            [signed(committed)?],
            |row| row.get(0),
        )
        .optional()?;
    let Some(persons) = fresh else {
        return Ok(());
    };
    for person in persons.as_chunks::<16>().0 {
        delete(&transaction, PersonId(*person))?;
    }
    transaction.execute("DELETE FROM fresh", [])?;
    Ok(transaction.commit()?)
}

/// Destroys a key: the row is overwritten, and the write-ahead file that may hold older pages is
/// cut to nothing. May be repeated. Answers whether there was one.
pub(super) fn destroy(keys: &Connection, person: PersonId) -> Result<bool, Fault> {
    let there_was = delete(keys, person)?;
    // The group that brought the newest keys was committed long since.
    keys.execute("DELETE FROM fresh", [])?;
    engine::truncate_wal(keys)?;
    Ok(there_was)
}

fn delete(keys: &Connection, person: PersonId) -> Result<bool, Fault> {
    let mut delete = keys.prepare_cached("DELETE FROM person_key WHERE shard = ?1 AND person = ?2")?;
    Ok(delete.execute(params![person.shard(), person.0])? > 0)
}
