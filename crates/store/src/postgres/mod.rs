//! The shelf on PostgreSQL 15 or newer, for when one machine's disk is not enough.
//!
//! Envelopes come with their units (eager). A group of units is one transaction and two round
//! trips: lock the lease and ask for the facts; write, count and commit. Only SQL that PostgreSQL,
//! Citus and YugabyteDB all document is used; it is tested on PostgreSQL alone.
//!
//! **What erasing a key leaves behind.** The row is deleted and its table vacuumed, so that no
//! query finds it. Its bytes stay, for a while, in the unused part of a page until that is written
//! over, in the write-ahead log until that is recycled, and in every replica's and backup's copy of
//! both. The wrapped key is useless without the key-encryption key, which is not in the database;
//! rotating that one makes all leftovers worthless. Who needs more must encrypt the volume, or use
//! the embedded driver.
//!
//! Deliberately does not know: TLS (not built in yet: only Unix sockets and loopback), and how
//! many nodes answer.

mod batch;
mod commit;
mod erase;
mod fault;
mod lease;
mod ledger;
mod link;
mod migrate;
mod read;
mod turn;
mod wait;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres::Config;
use vocabulary::{Blind, Day, Moment, PersonId, Shard};

use crate::judge;
use crate::shelf::*;
use fault::Fault;
use link::Link;

/// Connections that only read. Each answers its questions one after the other.
const READERS: usize = 3;
/// How long a reader waits for a database that restarts.
const READ_PATIENCE: Duration = Duration::from_secs(10);

/// A shelf in a PostgreSQL database.
pub struct Postgres {
    config: Config,
    runtime: Background,
    writer: Mutex<Writer>,
    readers: [Mutex<Option<Arc<Link>>>; READERS],
    next_reader: AtomicUsize,
}

/// What only the one thread that writes at a time may touch.
struct Writer {
    link: Option<Link>,
    /// Why nothing may be written any more.
    broken: Option<String>,
}

/// The thread on which connections live.
struct Background(Option<Runtime>, Handle);

impl Background {
    fn handle(&self) -> &Handle {
        &self.1
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Dropping a runtime inside another one would panic; this does not wait.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Postgres {
    /// Connects (`host=/run/postgresql user=egard dbname=egard`, or a `postgresql://` URL) and brings
    /// the tables, in the schema `egard`, to this program's layout.
    ///
    /// Fails with [`Error::Refused`] for a host beyond this machine or a server that would lose what
    /// it acknowledges, [`Error::Layout`] if a newer program made the tables, [`Error::Retry`] if it
    /// cannot be reached.
    pub fn connect(connection: &str) -> Result<Postgres, Error> {
        let config = link::local_config(connection)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("egard-postgres")
            .enable_all()
            .build()
            .map_err(|error| Error::Broken(format!("could not start the database's thread: {error}")))?;
        let handle = runtime.handle().clone();
        let runtime = Background(Some(runtime), handle);
        let migrating = Link::connect(&config, runtime.handle())?;
        migrate::migrate(&migrating)?;
        Ok(Postgres {
            config,
            runtime,
            writer: Mutex::new(Writer {
                link: None,
                broken: None,
            }),
            readers: Default::default(),
            next_reader: AtomicUsize::new(0),
        })
    }

    /// Asks a question over one of the reading connections; once more if that one was lost.
    fn read<T>(&self, question: impl AsyncFn(&Link) -> Result<T, Fault>) -> Result<T, Error> {
        let reader = self.next_reader.fetch_add(1, Ordering::Relaxed) % READERS;
        let Some(slot) = self.readers.get(reader) else {
            return Err(Error::Broken("there is no reader".to_owned()));
        };
        let mut lost = None;
        for _ in 0..2 {
            let link = {
                let mut slot = lock(slot);
                match slot.as_ref().filter(|link| !link.is_closed()) {
                    Some(link) => link.clone(),
                    None => {
                        let handle = self.runtime.handle();
                        let link = Arc::new(Link::connect_patiently(&self.config, handle, READ_PATIENCE)?);
                        slot.insert(link).clone()
                    }
                }
            };
            match wait::wait(question(&link)) {
                Err(fault) if fault.is_lost() => lost = Some(fault),
                done => return Ok(done?),
            }
        }
        Err(lost.map_or_else(|| Error::Retry("the connection was lost".to_owned()), Error::from))
    }
}

impl Shelf for Postgres {
    fn driver(&self) -> &'static str {
        "postgres"
    }

    fn write_back(&self) -> WriteBack {
        WriteBack::Eager
    }

    fn acquire(&self, owner: &str, now: Moment, ttl_ms: i64) -> Result<Epoch, Error> {
        judge::name(owner)?;
        let epoch = self.take_lease(owner, now, ttl_ms)?;
        self.finish_erasures(epoch)?;
        Ok(epoch)
    }

    fn renew(&self, epoch: Epoch, now: Moment, ttl_ms: i64) -> Result<(), Error> {
        self.renew_lease(epoch, now, ttl_ms)
    }

    fn release(&self, epoch: Epoch) -> Result<(), Error> {
        self.give_lease_back(epoch)
    }

    fn resolve(&self, blinds: &[Blind]) -> Result<Vec<Option<PersonId>>, Error> {
        self.read(async |link| read::resolve(link, blinds).await)
    }

    fn identifiers_of(&self, person: PersonId) -> Result<Vec<Blind>, Error> {
        self.read(async |link| read::identifiers_of(link, person).await)
    }

    fn persons(&self, persons: &[PersonId]) -> Result<Vec<Option<PersonRow>>, Error> {
        self.read(async |link| read::persons(link, persons).await)
    }

    fn keys(&self, persons: &[PersonId]) -> Result<Vec<Option<WrappedKey>>, Error> {
        self.read(async |link| read::keys(link, persons).await)
    }

    fn keys_after(
        &self,
        after: Option<PersonId>,
        limit: usize,
    ) -> Result<Vec<(PersonId, WrappedKey)>, Error> {
        self.read(async |link| read::keys_after(link, after, limit).await)
    }

    fn rewrap(&self, epoch: Epoch, changes: &[Rewrap]) -> Result<u64, Error> {
        judge::rewraps_well_formed(changes)?;
        self.rewrap_keys(epoch, changes)
    }

    fn seen(&self, messages: &[(Shard, MessageKey)]) -> Result<Vec<bool>, Error> {
        self.read(async |link| read::seen(link, messages).await)
    }

    fn commit(&self, epoch: Epoch, units: &[Unit]) -> Result<Vec<Outcome>, Error> {
        judge::well_formed(units)?;
        self.attempt(epoch, async |link, promise| {
            commit::commit(link, epoch, units, promise).await
        })
    }

    fn flush(&self, epoch: Epoch, rows: &[(u64, PersonRow)], applied: Seq) -> Result<(), Error> {
        judge::rows_well_formed(rows)?;
        self.transact(epoch, async |link, turn| {
            commit::flush(link, turn, rows, applied).await
        })
    }

    fn unapplied(&self, _after: Seq, _limit: usize) -> Result<Vec<StoredEvent>, Error> {
        Ok(Vec::new())
    }

    fn events_of(
        &self,
        person: PersonId,
        last_seq: Seq,
        before: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        self.read(async |link| read::events_of(link, person, last_seq, before, limit).await)
    }

    fn purge_events(&self, epoch: Epoch, day: Day) -> Result<u64, Error> {
        self.purge(epoch, erase::OLD_EVENTS, day)
    }

    fn purge_messages(&self, epoch: Epoch, day: Day) -> Result<u64, Error> {
        self.purge(epoch, erase::OLD_MESSAGES, day)
    }

    fn scan(&self, after: Option<PersonId>, limit: usize) -> Result<Vec<PersonRow>, Error> {
        self.read(async |link| read::scan(link, after, limit).await)
    }

    fn due_after(
        &self,
        what: Due,
        now: Moment,
        after: Option<(Moment, PersonId)>,
        limit: usize,
    ) -> Result<Vec<(Moment, PersonId)>, Error> {
        self.read(async |link| read::due_after(link, what, now, after, limit).await)
    }

    fn record(&self, id: RecordId) -> Result<Option<RecordRow>, Error> {
        self.read(async |link| read::record(link, id).await)
    }

    fn records_of(
        &self,
        person: PersonId,
        before: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<RecordRow>, Error> {
        self.read(async |link| read::records_of(link, person, before, limit).await)
    }

    fn erase(&self, epoch: Epoch, person: PersonId) -> Result<bool, Error> {
        self.erase_person(epoch, person)
    }

    fn pending_leaves(&self, limit: usize) -> Result<Vec<PendingLeaf>, Error> {
        self.read(async |link| ledger::pending_leaves(link, limit).await)
    }

    fn integrate(&self, epoch: Epoch, integration: &Integration) -> Result<bool, Error> {
        judge::integration_well_formed(integration)?;
        self.transact(epoch, async |link, _| ledger::integrate(link, integration).await)
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Error> {
        self.read(async |link| ledger::checkpoint(link).await)
    }

    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.read(async |link| ledger::tile(link, path).await)
    }

    fn tile_paths(&self) -> Result<Vec<String>, Error> {
        self.read(async |link| ledger::tile_paths(link).await)
    }

    fn leaf_index(&self, id: RecordId) -> Result<Option<u64>, Error> {
        self.read(async |link| ledger::leaf_index(link, id).await)
    }

    fn placed(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<(RecordId, u64)>, Error> {
        self.read(async |link| ledger::placed(link, after, limit).await)
    }

    fn get(&self, key: &str) -> Result<Option<Versioned>, Error> {
        self.read(async |link| ledger::value(link, key).await)
    }

    fn swap(&self, epoch: Epoch, key: &str, expected: u64, value: &[u8]) -> Result<Option<u64>, Error> {
        judge::name(key)?;
        judge::size("length of a named value", value.len(), MAX_SEALED)?;
        self.transact(epoch, async |link, _| {
            ledger::swap(link, key, expected, value).await
        })
    }

    fn named(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Versioned)>, Error> {
        self.read(async |link| ledger::values(link, prefix, after, limit).await)
    }

    fn remove_named(&self, epoch: Epoch, key: &str, expected: u64) -> Result<bool, Error> {
        judge::name(key)?;
        self.transact(epoch, async |link, _| {
            ledger::remove_named(link, key, expected).await
        })
    }

    fn keep(&self, epoch: Epoch, digest: [u8; 32], bytes: &[u8]) -> Result<(), Error> {
        judge::size("length of an artefact", bytes.len(), MAX_ARTEFACT)?;
        self.transact(epoch, async |link, _| ledger::keep(link, digest, bytes).await)
    }

    fn artefact(&self, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Error> {
        self.read(async |link| ledger::artefact(link, digest).await)
    }

    fn artefacts(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<[u8; 32]>, Error> {
        self.read(async |link| ledger::artefacts(link, after, limit).await)
    }

    fn discard(&self, epoch: Epoch, digest: [u8; 32]) -> Result<bool, Error> {
        self.transact(epoch, async |link, _| ledger::discard(link, digest).await)
    }

    fn oldest(&self) -> Result<Oldest, Error> {
        self.read(async |link| ledger::oldest(link).await)
    }

    fn counts(&self) -> Result<Counts, Error> {
        self.read(async |link| read::counts(link).await)
    }

    fn tidy(&self) -> Result<(), Error> {
        // The server bounds its log by itself (`max_wal_size`).
        Ok(())
    }
}
