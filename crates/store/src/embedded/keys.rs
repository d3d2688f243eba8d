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
use crate::shelf::{Error, Rewrap, WrappedKey};

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

    /// As [`KeyReader::get_each`] of one, without copying the key.
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

    /// Keys in order of (shard, person), after a person.
    pub(super) fn after(
        &self,
        after: Option<PersonId>,
        limit: usize,
    ) -> Result<Vec<(PersonId, WrappedKey)>, Error> {
        let connection = lock(&self.connection);
        let sql = "SELECT person, wrapped FROM person_key WHERE (shard, person) > (?1, ?2)
                   ORDER BY shard, person LIMIT ?3";
        let pages = || -> Result<Vec<(PersonId, WrappedKey)>, Fault> {
            let mut statement = connection.prepare_cached(sql)?;
            let (shard, person) = after.map_or((-1, [0; 16]), |after| (i64::from(after.shard()), after.0));
            let rows = statement.query_map(params![shard, person, engine::rows(limit)], |row| {
                Ok((PersonId(row.get(0)?), WrappedKey(row.get(1)?)))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        Ok(pages()?)
    }

    /// The keys of these persons, in the order asked: what is not remembered is asked for at once.
    pub(super) fn get_each(&self, persons: &[PersonId]) -> Result<Vec<Option<WrappedKey>>, Error> {
        let (mut found, asked): (Vec<_>, _) = {
            let mut remembered = lock(&self.remembered);
            let found = persons.iter().map(|person| remembered.get(person));
            (found.collect(), remembered.asking())
        };
        let missing = persons.iter().zip(&mut found);
        let mut missing: Vec<_> = missing.filter(|(_, found)| found.is_none()).collect();
        if missing.is_empty() {
            return Ok(found);
        }
        self.ask_each(&mut missing)?;
        let mut remembered = lock(&self.remembered);
        for (person, found) in missing {
            if let Some(key) = found {
                remembered.insert_asked(asked, *person, key.clone());
            }
        }
        drop(remembered);
        Ok(found)
    }

    fn ask_each(&self, missing: &mut [(&PersonId, &mut Option<WrappedKey>)]) -> Result<(), Fault> {
        let connection = lock(&self.connection);
        let count = missing.len();
        let each = |connection: &Connection| -> Result<(), Fault> {
            let mut statement = connection
                .prepare_cached("SELECT wrapped FROM person_key WHERE shard = ?1 AND person = ?2")?;
            for (person, found) in missing.iter_mut() {
                let row = statement.query_row(params![person.shard(), person.0], |row| row.get(0));
                **found = row.optional()?.map(WrappedKey);
            }
            Ok(())
        };
        engine::at_once(&connection, count, each)
    }

    fn ask(&self, person: PersonId) -> Result<Option<WrappedKey>, Fault> {
        let asked = {
            let mut remembered = lock(&self.remembered);
            if let Some(key) = remembered.get(&person) {
                return Ok(Some(key));
            }
            remembered.asking()
        };
        let mut found = None;
        self.ask_each(&mut [(&person, &mut found)])?;
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

/// Replaces keys that still are the expected ones: each row is overwritten, and the write-ahead file that
/// may hold older pages is cut to nothing. May be repeated. Answers how many were replaced.
pub(super) fn rewrap(keys: &mut Connection, changes: &[Rewrap]) -> Result<u64, Fault> {
    let transaction = keys.transaction()?;
    let mut replaced = 0;
    {
        let mut update = transaction.prepare_cached(
            "UPDATE person_key SET wrapped = ?4 WHERE shard = ?1 AND person = ?2 AND wrapped = ?3",
        )?;
        for change in changes {
            let person = change.person;
            let new = &change.wrapped.0;
            replaced += update.execute(params![person.shard(), person.0, change.expected.0, new])? as u64;
        }
    }
    transaction.commit()?;
    engine::truncate_wal(keys)?;
    Ok(replaced)
}

fn delete(keys: &Connection, person: PersonId) -> Result<bool, Fault> {
    let mut delete = keys.prepare_cached("DELETE FROM person_key WHERE shard = ?1 AND person = ?2")?;
    Ok(delete.execute(params![person.shard(), person.0])? > 0)
}
