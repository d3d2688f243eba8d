//! A store that writes down what it is asked, and how much of it.

use std::sync::{Mutex, PoisonError};
use store::{
    Counts, Due, Epoch, Error, Integration, MessageKey, Oldest, Outcome, PendingLeaf, PersonRow, RecordId,
    RecordRow, Seq, Shelf, StoredEvent, Unit, Versioned, WrappedKey, WriteBack,
};
use vocabulary::{Blind, Day, Moment, PersonId, Shard};

pub struct Counting {
    inner: store::Memory,
    calls: Mutex<Vec<(&'static str, usize)>>,
}

impl Counting {
    pub fn new(inner: store::Memory) -> Counting {
        Counting {
            inner,
            calls: Mutex::default(),
        }
    }

    /// The calls since the last time, each with how many things were asked for. What the house does by
    /// itself while time goes by is left out.
    pub fn take(&self) -> Vec<(&'static str, usize)> {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, call: &'static str, of: usize) -> &store::Memory {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((call, of));
        &self.inner
    }
}

impl Shelf for Counting {
    fn driver(&self) -> &'static str {
        self.inner.driver()
    }

    fn write_back(&self) -> WriteBack {
        self.inner.write_back()
    }

    fn acquire(&self, owner: &str, now: Moment, ttl_ms: i64) -> Result<Epoch, Error> {
        self.inner.acquire(owner, now, ttl_ms)
    }

    fn renew(&self, epoch: Epoch, now: Moment, ttl_ms: i64) -> Result<(), Error> {
        self.inner.renew(epoch, now, ttl_ms)
    }

    fn release(&self, epoch: Epoch) -> Result<(), Error> {
        self.inner.release(epoch)
    }

    fn resolve(&self, blinds: &[Blind]) -> Result<Vec<Option<PersonId>>, Error> {
        self.note("resolve", blinds.len()).resolve(blinds)
    }

    fn persons(&self, persons: &[PersonId]) -> Result<Vec<Option<PersonRow>>, Error> {
        self.note("persons", persons.len()).persons(persons)
    }

    fn keys(&self, persons: &[PersonId]) -> Result<Vec<Option<WrappedKey>>, Error> {
        self.note("keys", persons.len()).keys(persons)
    }

    fn keys_after(
        &self,
        after: Option<PersonId>,
        limit: usize,
    ) -> Result<Vec<(PersonId, WrappedKey)>, Error> {
        self.note("keys_after", limit).keys_after(after, limit)
    }

    fn rewrap(&self, epoch: Epoch, changes: &[store::Rewrap]) -> Result<u64, Error> {
        self.note("rewrap", changes.len()).rewrap(epoch, changes)
    }

    fn seen(&self, messages: &[(Shard, MessageKey)]) -> Result<Vec<bool>, Error> {
        self.note("seen", messages.len()).seen(messages)
    }

    fn commit(&self, epoch: Epoch, units: &[Unit]) -> Result<Vec<Outcome>, Error> {
        self.note("commit", units.len()).commit(epoch, units)
    }

    fn flush(&self, epoch: Epoch, rows: &[(u64, PersonRow)], applied: Seq) -> Result<(), Error> {
        self.inner.flush(epoch, rows, applied)
    }

    fn unapplied(&self, after: Seq, limit: usize) -> Result<Vec<StoredEvent>, Error> {
        self.note("unapplied", limit).unapplied(after, limit)
    }

    fn events_of(
        &self,
        person: PersonId,
        last_seq: Seq,
        before: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        self.note("events_of", limit)
            .events_of(person, last_seq, before, limit)
    }

    fn purge_events(&self, epoch: Epoch, day: Day) -> Result<u64, Error> {
        self.inner.purge_events(epoch, day)
    }

    fn purge_messages(&self, epoch: Epoch, day: Day) -> Result<u64, Error> {
        self.inner.purge_messages(epoch, day)
    }

    fn scan(&self, after: Option<PersonId>, limit: usize) -> Result<Vec<PersonRow>, Error> {
        self.note("scan", limit).scan(after, limit)
    }

    fn due_after(
        &self,
        what: Due,
        now: Moment,
        after: Option<(Moment, PersonId)>,
        limit: usize,
    ) -> Result<Vec<(Moment, PersonId)>, Error> {
        self.note("due", limit).due_after(what, now, after, limit)
    }

    fn record(&self, id: RecordId) -> Result<Option<RecordRow>, Error> {
        self.note("record", 1).record(id)
    }

    fn erase(&self, epoch: Epoch, person: PersonId) -> Result<bool, Error> {
        self.note("erase", 1).erase(epoch, person)
    }

    fn pending_leaves(&self, limit: usize) -> Result<Vec<PendingLeaf>, Error> {
        self.inner.pending_leaves(limit)
    }

    fn integrate(&self, epoch: Epoch, integration: &Integration) -> Result<bool, Error> {
        self.inner.integrate(epoch, integration)
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Error> {
        self.inner.checkpoint()
    }

    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.inner.tile(path)
    }

    fn placed(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<(RecordId, u64)>, Error> {
        self.inner.placed(after, limit)
    }

    fn artefacts(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<[u8; 32]>, Error> {
        self.inner.artefacts(after, limit)
    }

    fn discard(&self, epoch: Epoch, digest: [u8; 32]) -> Result<bool, Error> {
        self.inner.discard(epoch, digest)
    }

    fn oldest(&self) -> Result<Oldest, Error> {
        self.inner.oldest()
    }

    fn tile_paths(&self) -> Result<Vec<String>, Error> {
        self.inner.tile_paths()
    }

    fn leaf_index(&self, id: RecordId) -> Result<Option<u64>, Error> {
        self.note("leaf_index", 1).leaf_index(id)
    }

    fn get(&self, key: &str) -> Result<Option<Versioned>, Error> {
        self.note("get", 1).get(key)
    }

    fn swap(&self, epoch: Epoch, key: &str, expected: u64, value: &[u8]) -> Result<Option<u64>, Error> {
        self.note("swap", 1).swap(epoch, key, expected, value)
    }

    fn keep(&self, epoch: Epoch, digest: [u8; 32], bytes: &[u8]) -> Result<(), Error> {
        self.inner.keep(epoch, digest, bytes)
    }

    fn artefact(&self, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Error> {
        self.inner.artefact(digest)
    }

    fn identifiers_of(&self, person: PersonId) -> Result<Vec<Blind>, Error> {
        self.note("identifiers_of", 1).identifiers_of(person)
    }

    fn records_of(
        &self,
        person: PersonId,
        before: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<RecordRow>, Error> {
        self.note("records_of", limit).records_of(person, before, limit)
    }

    fn named(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Versioned)>, Error> {
        self.note("named", limit).named(prefix, after, limit)
    }

    fn remove_named(&self, epoch: Epoch, key: &str, expected: u64) -> Result<bool, Error> {
        self.note("remove_named", 1).remove_named(epoch, key, expected)
    }

    fn counts(&self) -> Result<Counts, Error> {
        self.inner.counts()
    }

    fn tidy(&self) -> Result<(), Error> {
        self.inner.tidy()
    }
}
