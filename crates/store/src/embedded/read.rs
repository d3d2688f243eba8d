//! Reading beside the writer: a write-ahead file lets both go on.
//!
//! Deliberately does not know: locks. A connection is borrowed for one question; if none is idle,
//! another is opened.

use std::path::PathBuf;
use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension, Row, params};
use vocabulary::{Blind, Day, Moment, PersonId, Sealed};

use super::engine::{self, Fault, rows, signed, unsigned};
use super::lock;
use crate::judge;
use crate::shelf::*;

/// Connections kept when nobody reads.
const IDLE: usize = 4;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Readers {
        Readers {
            path,
            idle: Mutex::default(),
        }
    }

    /// Answers one question from what is committed when it is asked.
    pub(super) fn read<T>(&self, question: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Error> {
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => engine::open_reader(&self.path)?,
        };
        let answer = question(&connection)?;
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE {
            idle.push(connection);
        }
        Ok(answer)
    }
}

const ROW: &str = "SELECT person, version, last_seq, next_due, terms, content, next_leave FROM person";

pub(super) fn persons(state: &Connection, persons: &[PersonId]) -> Result<Vec<Option<PersonRow>>, Fault> {
    engine::at_once(state, persons.len(), |state| {
        let mut statement = state.prepare_cached(&format!("{ROW} WHERE shard = ?1 AND person = ?2"))?;
        let mut row = |person: &PersonId| {
            statement
                .query_row(params![person.shard(), person.0], person_row)
                .optional()
        };
        Ok(persons.iter().map(&mut row).collect::<Result<_, _>>()?)
    })
}

pub(super) fn identifiers_of(state: &Connection, person: PersonId) -> Result<Vec<Blind>, Fault> {
    let mut statement = state
        .prepare_cached("SELECT blind FROM identifier_of WHERE shard = ?1 AND person = ?2 ORDER BY blind")?;
    let found = statement.query_map(params![person.shard(), person.0], |row| Ok(Blind(row.get(0)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn scan(
    state: &Connection,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<PersonRow>, Fault> {
    let mut statement = state.prepare_cached(&format!(
        "{ROW} WHERE (shard, person) > (?1, ?2) ORDER BY shard, person LIMIT ?3"
    ))?;
    let (shard, person) = after.map_or((-1, PersonId::NOBODY), |after| (i64::from(after.shard()), after));
    let found = statement.query_map(params![shard, person.0, rows(limit)], person_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn due_after(
    state: &Connection,
    what: Due,
    now: Moment,
    after: Option<(Moment, PersonId)>,
    limit: usize,
) -> Result<Vec<(Moment, PersonId)>, Fault> {
    let mut statement = state.prepare_cached(match what {
        Due::Scheduler => {
            "SELECT next_due, person FROM person WHERE next_due <= ?1 AND (next_due, person) > (?2, ?3)
             ORDER BY next_due, person LIMIT ?4"
        }
        Due::Leaving => {
            "SELECT next_leave, person FROM person WHERE next_leave <= ?1 AND (next_leave, person) > (?2, ?3)
             ORDER BY next_leave, person LIMIT ?4"
        }
    })?;
    // Nothing sorts before an empty name.
    let (from, name) = after
        .as_ref()
        .map_or((i64::MIN, &[][..]), |(due, person)| (due.0, &person.0[..]));
    let found = statement.query_map(params![now.0, from, name, rows(limit)], |row| {
        Ok((Moment(row.get(0)?), PersonId(row.get(1)?)))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn unapplied(state: &Connection, after: Seq, limit: usize) -> Result<Vec<StoredEvent>, Fault> {
    let mut statement = state.prepare_cached(
        "SELECT seq, person, version, day, sealed FROM event
         WHERE seq > max(?1, coalesce((SELECT value FROM meta WHERE shard = 0 AND name = 'applied'), 0))
         ORDER BY seq LIMIT ?2",
    )?;
    let found = statement.query_map(params![signed(after)?, rows(limit)], stored_event)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Follows the chain of a person's events.
pub(super) fn events_of(
    state: &Connection,
    person: PersonId,
    last_seq: Seq,
    before: Seq,
    limit: usize,
) -> Result<Vec<StoredEvent>, Fault> {
    let mut statement = state.prepare_cached(
        "SELECT seq, person, version, day, sealed, prev FROM event WHERE seq = ?1 AND person = ?2",
    )?;
    let mut found = Vec::new();
    let mut at = last_seq;
    while found.len() < limit {
        let next = statement.query_row(params![signed(at)?, person.0], |row| {
            Ok((stored_event(row)?, unsigned(row.get(5)?)?))
        });
        let Some((event, prev)) = next.optional()? else {
            break;
        };
        if before == 0 || event.seq < before {
            found.push(event);
        }
        at = prev;
    }
    Ok(found)
}

pub(super) fn record(state: &Connection, id: RecordId) -> Result<Option<RecordRow>, Fault> {
    let mut statement = state.prepare_cached(
        "SELECT record.person, record.sealed FROM record_place JOIN record USING (place)
         WHERE record_place.shard = ?1 AND record_place.id = ?2",
    )?;
    let found = statement.query_row(params![id.shard(), id.0], |row| {
        Ok(RecordRow {
            id,
            person: PersonId(row.get(0)?),
            sealed: Sealed(row.get(1)?),
        })
    });
    Ok(found.optional()?)
}

/// A person's records by their places, which grow with every commit. Reads the places of one shard, a
/// thousandth of all, as an erasure does: an index by person would cost every decision a page.
pub(super) fn records_of(
    state: &Connection,
    person: PersonId,
    before: Option<RecordId>,
    limit: usize,
) -> Result<Vec<RecordRow>, Fault> {
    let mut statement = state.prepare_cached(
        "SELECT record.id, record.sealed
         FROM (SELECT place FROM record_place
               WHERE shard = ?1 AND person = ?2 AND (?3 IS NULL OR place <
                   (SELECT place FROM record_place WHERE shard = ?1 AND id = ?3 AND person = ?2))
               ORDER BY place DESC LIMIT ?4) AS newest
         JOIN record ON record.place = newest.place ORDER BY record.place DESC",
    )?;
    let found = statement.query_map(
        params![
            person.shard(),
            person.0,
            before.map(|record| record.0),
            rows(limit)
        ],
        |row| {
            Ok(RecordRow {
                id: RecordId(row.get(0)?),
                person,
                sealed: Sealed(row.get(1)?),
            })
        },
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn value(state: &Connection, name: &str) -> Result<Option<Versioned>, Fault> {
    let mut statement =
        state.prepare_cached("SELECT version, value FROM named_value WHERE shard = 0 AND name = ?1")?;
    let found = statement.query_row([name], |row| {
        Ok(Versioned {
            version: unsigned(row.get(0)?)?,
            value: row.get(1)?,
        })
    });
    Ok(found.optional()?)
}

/// As [`value`], of all names with a prefix.
pub(super) fn values(
    state: &Connection,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Versioned)>, Fault> {
    let mut statement = state.prepare_cached(
        "SELECT name, version, value FROM named_value
         WHERE shard = 0 AND name >= ?1 AND (?2 IS NULL OR name < ?2) AND (?3 IS NULL OR name > ?3)
         ORDER BY name LIMIT ?4",
    )?;
    let found = statement.query_map(
        params![prefix, judge::after_all(prefix), after, rows(limit)],
        |row| {
            let held = Versioned {
                version: unsigned(row.get(1)?)?,
                value: row.get(2)?,
            };
            Ok((row.get(0)?, held))
        },
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn artefact(state: &Connection, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
    let mut statement = state.prepare_cached("SELECT bytes FROM artefact WHERE shard = 0 AND digest = ?1")?;
    Ok(statement.query_row([digest], |row| row.get(0)).optional()?)
}

pub(super) fn artefacts(
    state: &Connection,
    after: Option<[u8; 32]>,
    limit: usize,
) -> Result<Vec<[u8; 32]>, Fault> {
    let mut statement = state.prepare_cached(
        "SELECT digest FROM artefact WHERE shard = 0 AND digest > ?1 ORDER BY digest LIMIT ?2",
    )?;
    let after = after.as_ref().map_or([].as_slice(), <[u8; 32]>::as_slice);
    let found = statement.query_map(params![after, rows(limit)], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A few rows each: the days of events are a table of their own, messages lie together by group and day.
pub(super) fn oldest(state: &Connection) -> Result<Oldest, Fault> {
    let day = |sql| state.query_row(sql, [], |row| Ok(row.get::<_, Option<u32>>(0)?.map(Day)));
    Ok(Oldest {
        event: day("SELECT min(day) FROM event_day WHERE events > 0")?,
        message: day("SELECT min(day) FROM message")?,
    })
}

pub(super) fn counts(state: &Connection, keys: u64) -> Result<Counts, Fault> {
    let count = |sql| state.query_row(sql, [], |row| unsigned(row.get(0)?));
    Ok(Counts {
        persons: count("SELECT count(*) FROM person")?,
        keys,
        identifiers: count("SELECT count(*) FROM identifier")?,
        events: count("SELECT coalesce(sum(events), 0) FROM event_day")?,
        records: count("SELECT count(*) FROM record_place")?,
        pending_leaves: count("SELECT count(*) FROM pending_leaf")?,
    })
}

fn person_row(row: &Row) -> Result<PersonRow, rusqlite::Error> {
    Ok(PersonRow {
        person: PersonId(row.get(0)?),
        version: unsigned(row.get(1)?)?,
        last_seq: unsigned(row.get(2)?)?,
        next_due: row.get::<_, Option<i64>>(3)?.map(Moment),
        terms: Sealed(row.get(4)?),
        content: Sealed(row.get(5)?),
        next_leave: row.get::<_, Option<i64>>(6)?.map(Moment),
    })
}

fn stored_event(row: &Row) -> Result<StoredEvent, rusqlite::Error> {
    Ok(StoredEvent {
        seq: unsigned(row.get(0)?)?,
        person: PersonId(row.get(1)?),
        event: EventRow {
            version: unsigned(row.get(2)?)?,
            day: Day(row.get(3)?),
            sealed: Sealed(row.get(4)?),
        },
    })
}
