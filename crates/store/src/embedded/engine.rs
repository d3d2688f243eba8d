//! SQLite, opened so that what it calls written is on disk, and its errors sorted by what may be
//! done about them.
//!
//! Deliberately does not know: any table.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::shelf::Error;

/// The oldest SQLite without the race in which a resetting write-ahead file could corrupt the
/// database (<https://sqlite.org/wal.html>, "the WAL-reset bug": 3.7.0 to 3.51.2).
const OLDEST_SQLITE: i32 = 3_051_003;

/// `SQLITE_IOERR_SHMSIZE`: no room for the index of the write-ahead file. Nothing was written.
const NO_ROOM_FOR_INDEX: i32 = 10 | (19 << 8);

/// Why work on a file failed: the engine's word, or ours.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Engine(#[from] rusqlite::Error),
    #[error(transparent)]
    Shelf(#[from] Error),
}

impl Fault {
    /// Whether nothing may be written after it: the disk or the file cannot be trusted, and asking
    /// the disk again may be answered with a lie (a failed fsync drops the pages it failed for).
    pub(super) fn is_final(&self) -> bool {
        match self {
            Fault::Shelf(_) => false,
            Fault::Engine(error) => matches!(sort(error), Sort::Final),
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        match fault {
            Fault::Shelf(error) => error,
            Fault::Engine(error) => match sort(&error) {
                Sort::Full => Error::Full,
                Sort::Retry => Error::Retry(error.to_string()),
                Sort::Final | Sort::Other => Error::Broken(error.to_string()),
            },
        }
    }
}

enum Sort {
    Full,
    Retry,
    Final,
    Other,
}

fn sort(error: &rusqlite::Error) -> Sort {
    let rusqlite::Error::SqliteFailure(code, _) = error else {
        return Sort::Other;
    };
    match code.code {
        ErrorCode::DiskFull => Sort::Full,
        ErrorCode::SystemIoFailure if code.extended_code == NO_ROOM_FOR_INDEX => Sort::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Sort::Retry,
        ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Sort::Final,
        _ => Sort::Other,
    }
}

/// Refuses an engine with a known fault.
pub(super) fn refuse_old_sqlite(version: i32) -> Result<(), Error> {
    if version >= OLDEST_SQLITE {
        return Ok(());
    }
    let (major, minor, patch) = (version / 1_000_000, version / 1_000 % 1_000, version % 1_000);
    Err(Error::Refused(format!(
        "this program was built with SQLite {major}.{minor}.{patch}, whose write-ahead file may corrupt the \
         database; build it with 3.51.3 or newer"
    )))
}

/// Opens a file for reading and writing: write-ahead file, an fsync for each commit, checkpoints
/// only when we say so (SQLite's own ones swallow errors).
pub(super) fn open(path: &Path) -> Result<Connection, Fault> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::Refused(format!(
            "the file system cannot hold a write-ahead file: SQLite answers `{mode}`; use a local disk"
        ))
        .into());
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -32_768)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.query_row("PRAGMA wal_autocheckpoint = 0", [], |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Opens a file that is there for reading.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Moves what it can from the write-ahead file into the database, beside readers and the writer.
/// Answers how many pages the file then holds, moved or not: it begins anew only when all are moved and
/// nobody reads them.
pub(super) fn passive_checkpoint(connection: &Connection) -> Result<u64, Fault> {
    let mut statement = connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?;
    // -1 if there is no such file.
    let pages: i64 = statement.query_row([], |row| row.get(1))?;
    Ok(unsigned(pages.max(0))?)
}

/// Moves everything from the write-ahead file into the database and cuts the file to nothing.
/// Fails with [`Error::Retry`] if a reader stood in the way for too long.
pub(super) fn truncate_wal(connection: &Connection) -> Result<(), Fault> {
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy == 0 {
        return Ok(());
    }
    Err(Error::Retry("a reader keeps the write-ahead file from being emptied".to_owned()).into())
}

/// A number as SQLite keeps it.
pub(super) fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Error::Refused("a number is above what SQLite keeps".to_owned()).into())
}

/// A number as it was before SQLite kept it.
pub(super) fn unsigned(number: i64) -> Result<u64, rusqlite::Error> {
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, number))
}

/// How many rows at most.
pub(super) fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Answers so many questions from what is committed now. Of more than one, the file is locked once: each by itself
/// would cost two calls of the system.
pub(super) fn at_once<T>(
    connection: &Connection,
    questions: usize,
    answer: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    match questions {
        0 | 1 => answer(connection),
        _ => answer(&*connection.unchecked_transaction()?),
    }
}
