//! PostgreSQL's errors, sorted by what may be done about them.
//!
//! Deliberately does not know: SQL. Details of an error may name rows, so only its message is kept.

use std::error::Error as _;

use tokio_postgres::error::SqlState;

use crate::shelf::Error;

/// Why work on the database failed: the server's word, or ours.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{}", message(.0))]
    Engine(#[from] tokio_postgres::Error),
    #[error(transparent)]
    Shelf(#[from] Error),
}

impl Fault {
    /// The connection is gone: whether a commit was carried out must be looked up.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Fault::Engine(error) if is_lost(error))
    }

    /// Another transaction came in between: the whole may be run again.
    pub(super) fn is_race(&self) -> bool {
        matches!(self, Fault::Engine(error) if matches!(
            error.code(),
            Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE
                || *code == SqlState::T_R_DEADLOCK_DETECTED
        ))
    }

    /// Only says that an earlier statement of the same transaction failed.
    pub(super) fn is_echo(&self) -> bool {
        matches!(self, Fault::Engine(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        let (lost, race) = (fault.is_lost(), fault.is_race());
        match fault {
            Fault::Shelf(error) => error,
            Fault::Engine(error) if error.code() == Some(&SqlState::DISK_FULL) => Error::Full,
            Fault::Engine(error) if lost || race => Error::Retry(message(&error)),
            Fault::Engine(error) => Error::Broken(message(&error)),
        }
    }
}

fn is_lost(error: &tokio_postgres::Error) -> bool {
    if let Some(code) = error.code() {
        // Class 08: connection exceptions; 57P01 to 57P04: shut down, crashed, starting, dropped.
        return code.code().starts_with("08") || code.code().starts_with("57P0");
    }
    error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>())
}

fn message(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} (SQLSTATE {})", said.message(), said.code().code()),
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
