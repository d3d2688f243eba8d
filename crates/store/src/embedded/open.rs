//! Opening the folder: lock it, look at what is there, finish what was interrupted.
//!
//! Deliberately does not know: how anything is written later.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension};
use vocabulary::Moment;

use super::engine::{self, Fault, unsigned};
use super::keys::{self, KeyReader};
use super::messages::Answered;
use super::read::Readers;
use super::remembered::Remembered;
use super::{Embedded, WAL_BOUND, Writer, erase, lease, schema};
use crate::shelf::Error;

/// One of the two files was lost or exchanged: to go on would begin a second history under the same
/// name, or leave people behind whom nobody can open. A first start that was killed between making the
/// two is told from that by the other being empty.
fn refuse_half(state: &Path, keys: &Path) -> Result<(), Fault> {
    // Asked before anything is made, so that a second try is told the same.
    for (missing, other, table) in [(state, keys, "person_key"), (keys, state, "identifier")] {
        if missing.exists() || !other.exists() {
            continue;
        }
        let other = engine::open(other)?;
        let made = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1)";
        let any = format!("SELECT EXISTS (SELECT 1 FROM {table})");
        if other.query_row(made, [table], |row| row.get(0))? && other.query_row(&any, [], |row| row.get(0))? {
            return Err(half(missing));
        }
    }
    Ok(())
}

fn half(missing: &Path) -> Fault {
    let missing = missing.file_name().unwrap_or_default().to_string_lossy();
    Error::Refused(format!(
        "the store's `{missing}` is missing while its other file has people in it; \
         restore both files from the same backup"
    ))
    .into()
}

/// Identifiers remembered in each of two generations: about 10 MB each.
const IDENTIFIERS: usize = 131_072;

impl Embedded {
    /// Opens the store in this folder, or makes one (readable by this user alone).
    ///
    /// Fails with [`Error::Held`] if a process has it open, [`Error::Layout`] if another version of
    /// this program made it, [`Error::Refused`] if SQLite or the file system cannot keep promises.
    pub fn open(folder: &Path) -> Result<Embedded, Error> {
        Embedded::open_bounded(folder, WAL_BOUND)
    }

    /// As [`Embedded::open`], with the length in bytes above which a write-ahead file is emptied
    /// (192 MiB by default).
    pub fn open_bounded(folder: &Path, wal_bound: u64) -> Result<Embedded, Error> {
        engine::refuse_old_sqlite(rusqlite::version_number())?;
        make(folder).map_err(|error| broken("make the store's folder", &error))?;
        let lock = lock_folder(folder)?;
        Ok(open(folder, wal_bound, lock)?)
    }
}

fn open(folder: &Path, wal_bound: u64, lock: Lock) -> Result<Embedded, Fault> {
    let state_path = folder.join("state.sqlite");
    let keys_path = folder.join("keys.sqlite");
    refuse_half(&state_path, &keys_path)?;
    let mut state = engine::open(&state_path)?;
    schema::prepare_state(&mut state)?;
    let mut keys = engine::open(&keys_path)?;
    schema::prepare_keys(&mut keys)?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| broken("sync the folder", &error))?;

    let group = meta(&state, "group")?;
    keys::take_back(&mut keys, group)?;
    let applied = meta(&state, "applied")?;
    erase::finish_all(&mut state, &mut keys, applied)?;
    let epoch = lease::clear(&state)?;
    let newest = meta(&state, "newest")?
        .max(applied)
        .max(largest(&state, "SELECT max(seq) FROM event")?);
    let place = meta(&state, "place")?.max(largest(&state, "SELECT max(place) FROM pending_leaf")?);
    let answered = Answered::load(&state)?;
    Ok(Embedded {
        writer: Mutex::new(Writer {
            state,
            keys,
            wal: folder.join("state.sqlite-wal"),
            keys_wal: folder.join("keys.sqlite-wal"),
            wal_bound,
            epoch,
            held: false,
            newest,
            applied,
            place,
            group,
            stray_keys: false,
            broken: None,
        }),
        checkpointer: Mutex::new(engine::open(&state_path)?),
        readers: Readers::new(state_path),
        keys: KeyReader::new(engine::open_reader(&keys_path)?),
        identifiers: Mutex::new(Remembered::new(IDENTIFIERS)),
        answered: Mutex::new(answered),
        _lock: lock,
    })
}

/// A number this store must not forget, 0 if never set.
fn meta(state: &Connection, name: &str) -> Result<u64, Fault> {
    let value = state.query_row(
        "SELECT value FROM meta WHERE shard = 0 AND name = ?1",
        [name],
        |row| row.get(0),
    );
    Ok(unsigned(value.optional()?.unwrap_or(0))?)
}

fn largest(state: &Connection, sql: &str) -> Result<u64, Fault> {
    let largest: Option<i64> = state.query_row(sql, [], |row| row.get(0))?;
    Ok(unsigned(largest.unwrap_or(0))?)
}

fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The lock on the folder, given back when it is dropped.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child that some other thread is just starting holds it
        // open too, until it executes its program.
        let _closing_unlocks_too = self.0.unlock();
    }
}

/// Takes the lock that lasts as long as the file stays open, and says in it who has it.
fn lock_folder(folder: &Path) -> Result<Lock, Error> {
    let failed = |error: std::io::Error| broken("lock the store's folder", &error);
    let path = folder.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            let read = (&file).take(64).read_to_string(&mut owner);
            let named = read.is_ok() && owner.starts_with("process ");
            let owner = if named {
                owner
            } else {
                "another process".to_owned()
            };
            return Err(Error::Held {
                owner,
                until: Moment(i64::MAX),
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    // The name helps whoever is turned away; the lock holds without it, also on a full disk.
    let _named = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "process {}", std::process::id()));
    Ok(Lock(file))
}

fn broken(what: &str, error: &std::io::Error) -> Error {
    Error::Broken(format!("could not {what}: {error}"))
}
