//! The shelf in a folder, on SQLite: the default.
//!
//! Two files. `state.sqlite` holds everything that is sealed or hashed; `keys.sqlite` holds the
//! persons' wrapped keys and nothing else, with `secure_delete` and truncating checkpoints, so that
//! an erased key is in no file any more (a test searches the bytes). What this cannot promise: that
//! the blocks of a solid-state disk or the snapshots of a file system forget too. Therefore keys
//! are wrapped, and the key that wraps them rotates.
//!
//! Why it is fast enough: events are appended by sequence, never clustered by person; each names
//! the person's event before it, which is all the index a person's history needs; envelopes are
//! written back lazily; keys of answered messages are appended in one row per group and searched in
//! memory. Every primary key begins with the shard, as on PostgreSQL, except those of tables that
//! are appended to: there the rowid is the order of arrival, and any other key would scatter the
//! writes that make this driver fast.
//!
//! One process at a time: a lock on the file `lock` says so. Deliberately does not know: clocks,
//! other machines.

mod commit;
mod engine;
mod erase;
mod keys;
mod lease;
mod ledger;
mod messages;
mod open;
mod purge;
mod read;
mod remembered;
mod schema;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use vocabulary::{Blind, Day, Moment, PersonId, Shard};

use crate::judge;
use crate::shelf::*;
use engine::Fault;
use keys::KeyReader;
use messages::Answered;
use remembered::Remembered;

/// Length in bytes above which the writer empties the write-ahead file itself.
pub(crate) const WAL_BOUND: u64 = 192 << 20;

/// Pages in the write-ahead file above which tidying lets the writer wait for the end of it: 32 MiB.
const LONG: u64 = 8_192;

/// A shelf in a folder of this machine.
pub struct Embedded {
    writer: Mutex<Writer>,
    readers: read::Readers,
    /// Checkpoints beside the writer, see [`Shelf::tidy`].
    checkpointer: Mutex<Connection>,
    keys: KeyReader,
    identifiers: Mutex<Remembered<Blind, PersonId>>,
    answered: Mutex<Answered>,
    /// Held while the store is open; given back last.
    _lock: open::Lock,
}

/// What only the one thread that writes at a time may touch.
struct Writer {
    state: Connection,
    keys: Connection,
    wal: PathBuf,
    keys_wal: PathBuf,
    wal_bound: u64,
    epoch: Epoch,
    held: bool,
    newest: Seq,
    applied: Seq,
    place: u64,
    /// Number of the last group that brought keys and was committed.
    group: u64,
    /// Keys were made durable for a group that then failed, and could not be removed yet.
    stray_keys: bool,
    /// Why nothing may be written any more.
    broken: Option<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Embedded {
    /// Runs `work` as the only writer. A fault of the disk inside it ends all writing.
    fn write<T>(&self, work: impl FnOnce(&mut Writer) -> Result<T, Fault>) -> Result<T, Error> {
        let mut writer = lock(&self.writer);
        if let Some(why) = &writer.broken {
            return Err(Error::Broken(why.clone()));
        }
        let done = work(&mut writer).map_err(|fault| {
            if fault.is_final() {
                writer.broken = Some(fault.to_string());
            }
            Error::from(fault)
        });
        writer.bound_files();
        done
    }

    /// As [`Embedded::write`], if `epoch` may write.
    fn fenced<T>(
        &self,
        epoch: Epoch,
        work: impl FnOnce(&mut Writer) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        self.write(|writer| {
            if writer.held && writer.epoch == epoch {
                work(writer)
            } else {
                Err(Error::Fenced.into())
            }
        })
    }
}

impl Writer {
    /// Empties write-ahead files that grew above their bound. What was committed stays so whatever
    /// happens here; a full disk or a busy reader only means that the next write tries again.
    fn bound_files(&mut self) {
        if self.broken.is_some() {
            return;
        }
        let length = |path: &PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
        for (connection, wal, bound) in [
            (&self.state, &self.wal, self.wal_bound),
            (&self.keys, &self.keys_wal, self.wal_bound / 16),
        ] {
            if length(wal) > bound
                && let Err(fault) = engine::truncate_wal(connection)
                && fault.is_final()
            {
                self.broken = Some(fault.to_string());
            }
        }
    }
}

impl Shelf for Embedded {
    fn driver(&self) -> &'static str {
        "embedded"
    }

    fn write_back(&self) -> WriteBack {
        WriteBack::Lazy
    }

    fn acquire(&self, owner: &str, now: Moment, ttl_ms: i64) -> Result<Epoch, Error> {
        judge::name(owner)?;
        self.write(|writer| writer.acquire(owner, now, ttl_ms))
    }

    fn renew(&self, epoch: Epoch, now: Moment, ttl_ms: i64) -> Result<(), Error> {
        self.fenced(epoch, |writer| writer.renew(now, ttl_ms))
    }

    fn release(&self, epoch: Epoch) -> Result<(), Error> {
        match self.fenced(epoch, |writer| writer.release()) {
            Err(Error::Fenced) => Ok(()),
            done => done,
        }
    }

    fn resolve(&self, blinds: &[Blind]) -> Result<Vec<Option<PersonId>>, Error> {
        blinds.iter().map(|blind| self.leads_to(*blind)).collect()
    }

    fn identifiers_of(&self, person: PersonId) -> Result<Vec<Blind>, Error> {
        self.readers.read(|state| read::identifiers_of(state, person))
    }

    fn persons(&self, persons: &[PersonId]) -> Result<Vec<Option<PersonRow>>, Error> {
        self.readers.read(|state| read::persons(state, persons))
    }

    fn keys(&self, persons: &[PersonId]) -> Result<Vec<Option<WrappedKey>>, Error> {
        self.keys.get_each(persons)
    }

    fn keys_after(
        &self,
        after: Option<PersonId>,
        limit: usize,
    ) -> Result<Vec<(PersonId, WrappedKey)>, Error> {
        self.keys.after(after, limit)
    }

    fn rewrap(&self, epoch: Epoch, changes: &[Rewrap]) -> Result<u64, Error> {
        judge::rewraps_well_formed(changes)?;
        self.fenced(epoch, |writer| writer.rewrap(self, changes))
    }

    fn seen(&self, messages: &[(Shard, MessageKey)]) -> Result<Vec<bool>, Error> {
        let answered = lock(&self.answered);
        Ok(messages
            .iter()
            .map(|(shard, message)| answered.holds(*shard, *message))
            .collect())
    }

    fn commit(&self, epoch: Epoch, units: &[Unit]) -> Result<Vec<Outcome>, Error> {
        judge::well_formed(units)?;
        self.fenced(epoch, |writer| writer.commit(self, units))
    }

    fn flush(&self, epoch: Epoch, rows: &[(u64, PersonRow)], applied: Seq) -> Result<(), Error> {
        judge::rows_well_formed(rows)?;
        self.fenced(epoch, |writer| writer.flush(self, rows, applied))
    }

    fn unapplied(&self, after: Seq, limit: usize) -> Result<Vec<StoredEvent>, Error> {
        self.readers.read(|state| read::unapplied(state, after, limit))
    }

    fn events_of(
        &self,
        person: PersonId,
        last_seq: Seq,
        before: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        self.readers
            .read(|state| read::events_of(state, person, last_seq, before, limit))
    }

    fn purge_events(&self, epoch: Epoch, day: Day) -> Result<u64, Error> {
        let mut purged = 0;
        loop {
            // One step at a time, so that commits come in between.
            let (step, more) = self.fenced(epoch, |writer| writer.purge_events(day))?;
            purged += step;
            if !more {
                return Ok(purged);
            }
        }
    }

    fn purge_messages(&self, epoch: Epoch, day: Day) -> Result<u64, Error> {
        self.fenced(epoch, |writer| writer.purge_messages(self, day))
    }

    fn scan(&self, after: Option<PersonId>, limit: usize) -> Result<Vec<PersonRow>, Error> {
        self.readers.read(|state| read::scan(state, after, limit))
    }

    fn due_after(
        &self,
        what: Due,
        now: Moment,
        after: Option<(Moment, PersonId)>,
        limit: usize,
    ) -> Result<Vec<(Moment, PersonId)>, Error> {
        self.readers
            .read(|state| read::due_after(state, what, now, after, limit))
    }

    fn record(&self, id: RecordId) -> Result<Option<RecordRow>, Error> {
        self.readers.read(|state| read::record(state, id))
    }

    fn records_of(
        &self,
        person: PersonId,
        before: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<RecordRow>, Error> {
        self.readers
            .read(|state| read::records_of(state, person, before, limit))
    }

    fn erase(&self, epoch: Epoch, person: PersonId) -> Result<bool, Error> {
        self.fenced(epoch, |writer| writer.erase(self, person))
    }

    fn pending_leaves(&self, limit: usize) -> Result<Vec<PendingLeaf>, Error> {
        self.readers.read(|state| ledger::pending_leaves(state, limit))
    }

    fn integrate(&self, epoch: Epoch, integration: &Integration) -> Result<bool, Error> {
        judge::integration_well_formed(integration)?;
        self.fenced(epoch, |writer| writer.integrate(integration))
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Error> {
        self.readers.read(ledger::checkpoint)
    }

    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.readers.read(|state| ledger::tile(state, path))
    }

    fn tile_paths(&self) -> Result<Vec<String>, Error> {
        self.readers.read(ledger::tile_paths)
    }

    fn leaf_index(&self, id: RecordId) -> Result<Option<u64>, Error> {
        self.readers.read(|state| ledger::leaf_index(state, id))
    }

    fn placed(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<(RecordId, u64)>, Error> {
        self.readers.read(|state| ledger::placed(state, after, limit))
    }

    fn get(&self, key: &str) -> Result<Option<Versioned>, Error> {
        self.readers.read(|state| read::value(state, key))
    }

    fn swap(&self, epoch: Epoch, key: &str, expected: u64, value: &[u8]) -> Result<Option<u64>, Error> {
        judge::name(key)?;
        judge::size("length of a named value", value.len(), MAX_SEALED)?;
        self.fenced(epoch, |writer| writer.swap(key, expected, value))
    }

    fn named(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Versioned)>, Error> {
        self.readers
            .read(|state| read::values(state, prefix, after, limit))
    }

    fn remove_named(&self, epoch: Epoch, key: &str, expected: u64) -> Result<bool, Error> {
        judge::name(key)?;
        self.fenced(epoch, |writer| writer.remove_named(key, expected))
    }

    fn keep(&self, epoch: Epoch, digest: [u8; 32], bytes: &[u8]) -> Result<(), Error> {
        judge::size("length of an artefact", bytes.len(), MAX_ARTEFACT)?;
        self.fenced(epoch, |writer| writer.keep(digest, bytes))
    }

    fn artefact(&self, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Error> {
        self.readers.read(|state| read::artefact(state, digest))
    }

    fn artefacts(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<[u8; 32]>, Error> {
        self.readers.read(|state| read::artefacts(state, after, limit))
    }

    fn discard(&self, epoch: Epoch, digest: [u8; 32]) -> Result<bool, Error> {
        self.fenced(epoch, |writer| writer.discard(digest))
    }

    fn oldest(&self) -> Result<Oldest, Error> {
        self.readers.read(read::oldest)
    }

    fn counts(&self) -> Result<Counts, Error> {
        let keys = self.keys.count()?;
        self.readers.read(|state| read::counts(state, keys))
    }

    fn tidy(&self) -> Result<(), Error> {
        let checkpointer = lock(&self.checkpointer);
        let moved = engine::passive_checkpoint(&checkpointer);
        drop(checkpointer);
        match moved {
            // The little that was written meanwhile, while the writer stands still: only then can the
            // file begin anew. Without this a busy writer is always a few pages ahead.
            Ok(pages) if pages > LONG => {
                self.write(|writer| engine::passive_checkpoint(&writer.state).map(drop))
            }
            Ok(_) => self.write(|_| Ok(())),
            Err(fault) => self.write(|_| Err(fault)),
        }
    }
}
