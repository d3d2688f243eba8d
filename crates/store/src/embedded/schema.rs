//! The tables, and the number of their layout.
//!
//! Deliberately does not know: what is done with them.

use rusqlite::Connection;

use super::engine::Fault;
use crate::shelf::Error;

/// The layouts of `state.sqlite`, each made from the one before: the number of a file's layout is how many it has.
const STATE: [&str; 2] = [FIRST, LEAVING];
/// Those of `keys.sqlite`.
const KEYS: [&str; 1] = [FIRST_KEYS];

const FIRST: &str = "
-- Numbers this store must not forget: applied, newest (event), place (leaf), group.
CREATE TABLE meta (shard INTEGER, name TEXT, value INTEGER NOT NULL, PRIMARY KEY (shard, name)) WITHOUT ROWID;
CREATE TABLE lease (shard INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, owner TEXT, until INTEGER NOT NULL);

-- Appended to; no index by person: `prev` leads from a person's event to the one before.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, person BLOB NOT NULL, version INTEGER NOT NULL, day INTEGER NOT NULL,
    prev INTEGER NOT NULL, sealed BLOB NOT NULL
);
-- Where the events of a day lie, so that purging reads no others.
CREATE TABLE event_day (
    day INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, events INTEGER NOT NULL
);

-- Rows of some kilobytes: SQLite keeps those badly in a table without rowid.
CREATE TABLE person (
    place INTEGER PRIMARY KEY, shard INTEGER NOT NULL, person BLOB NOT NULL, version INTEGER NOT NULL,
    last_seq INTEGER NOT NULL, next_due INTEGER, terms BLOB NOT NULL, content BLOB NOT NULL,
    UNIQUE (shard, person)
);
CREATE INDEX person_due ON person (next_due, person) WHERE next_due IS NOT NULL;

CREATE TABLE identifier (
    shard INTEGER, blind BLOB, person BLOB NOT NULL, PRIMARY KEY (shard, blind)
) WITHOUT ROWID;
-- The way back, for erasure.
CREATE TABLE identifier_of (
    shard INTEGER, person BLOB, blind BLOB, PRIMARY KEY (shard, person, blind)
) WITHOUT ROWID;

-- Appended to, one row for each group and day; see `messages`.
CREATE TABLE message (place INTEGER PRIMARY KEY, day INTEGER NOT NULL, messages BLOB NOT NULL);

-- Appended to, so that `place` is the order of commits, with the way to each row; an erasure or a
-- person's timeline reads the places of one shard only.
CREATE TABLE record (place INTEGER PRIMARY KEY, id BLOB NOT NULL, person BLOB NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE record_place (
    shard INTEGER, id BLOB, person BLOB NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (shard, id)
) WITHOUT ROWID;

-- Erasures begun and not finished.
CREATE TABLE erasure (shard INTEGER, person BLOB, PRIMARY KEY (shard, person)) WITHOUT ROWID;

-- The ledger: leaves that wait (appended to), and what is integrated.
CREATE TABLE pending_leaf (place INTEGER PRIMARY KEY, id BLOB NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE leaf_index (
    shard INTEGER, id BLOB, position INTEGER NOT NULL, PRIMARY KEY (shard, id)
) WITHOUT ROWID;
CREATE TABLE tile (
    place INTEGER PRIMARY KEY, shard INTEGER NOT NULL, path TEXT NOT NULL, bytes BLOB NOT NULL,
    UNIQUE (shard, path)
);
CREATE TABLE checkpoint (shard INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

CREATE TABLE named_value (
    shard INTEGER, name TEXT, version INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (shard, name)
) WITHOUT ROWID;
CREATE TABLE artefact (
    place INTEGER PRIMARY KEY, shard INTEGER NOT NULL, digest BLOB NOT NULL, bytes BLOB NOT NULL,
    UNIQUE (shard, digest)
);
";

/// Until a row is written again both moments are the one there was; whoever reads passes over what is not true of
/// either.
const LEAVING: &str = "
ALTER TABLE person ADD COLUMN next_leave INTEGER;
UPDATE person SET next_leave = next_due WHERE next_due IS NOT NULL;
CREATE INDEX person_leaving ON person (next_leave, person) WHERE next_leave IS NOT NULL;
";

const FIRST_KEYS: &str = "
CREATE TABLE person_key (
    shard INTEGER, person BLOB, wrapped BLOB NOT NULL, PRIMARY KEY (shard, person)
) WITHOUT ROWID;
-- Persons whose keys the last group brought, in case that group was never committed.
CREATE TABLE fresh (shard INTEGER PRIMARY KEY, group_number INTEGER NOT NULL, persons BLOB NOT NULL);
";

/// Makes the tables of `state.sqlite`, or checks that they are those this program knows.
pub(super) fn prepare_state(state: &mut Connection) -> Result<(), Fault> {
    prepare(state, &STATE)
}

/// Makes the tables of `keys.sqlite`, or checks that they are those this program knows.
pub(super) fn prepare_keys(keys: &mut Connection) -> Result<(), Fault> {
    // For the connection, not the file: must be set each time.
    let on: i64 = keys.query_row("PRAGMA secure_delete = ON", [], |row| row.get(0))?;
    if on != 1 {
        return Err(Error::Refused("this SQLite cannot overwrite what it deletes".to_owned()).into());
    }
    prepare(keys, &KEYS)
}

fn prepare(connection: &mut Connection, layouts: &[&str]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables_found: i64 = transaction.query_row(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
        [],
        |row| row.get(0),
    )?;
    let missing = usize::try_from(found).ok().and_then(|found| layouts.get(found..));
    let Some(missing) = missing.filter(|_| found > 0 || tables_found == 0) else {
        return Err(Error::Layout {
            found: found.unsigned_abs(),
            known: layouts.len() as u64,
        }
        .into());
    };
    if missing.is_empty() {
        return Ok(());
    }
    for layout in missing {
        transaction.execute_batch(layout)?;
    }
    transaction.pragma_update(None, "user_version", layouts.len() as i64)?;
    Ok(transaction.commit()?)
}
