//! The shelf: what every driver must do, and what is true when each call returns.
//!
//! The shelf sees ciphertext, keyed hashes and wrapped keys. It deliberately does not know what
//! any of it means, who may read it, or what time it is.
//!
//! All calls block. Every driver is exercised by the one suite in `tests/`.

use vocabulary::{Blind, Day, Moment, PersonId, Sealed, Shard};

/// Position of an event in the order in which this store committed events. Starts at 1; 0 is
/// "none". Meaningful within one store only.
pub type Seq = u64;

/// Fencing token of the one process that may write. Each [`Shelf::acquire`] makes a larger one.
pub type Epoch = u64;

/// Largest sealed value of any kind, and largest named value, in bytes.
pub const MAX_SEALED: usize = 1 << 20;
/// Largest wrapped key, in bytes.
pub const MAX_KEY: usize = 1 << 10;
/// Largest ledger leaf, in bytes: what a length of two bytes can say.
pub const MAX_LEAF: usize = 65_535;
/// Largest tile or entry bundle, in bytes: 256 leaves of the largest size, each with its length.
pub const MAX_TILE: usize = 256 * (MAX_LEAF + 2);
/// Largest checkpoint, in bytes.
pub const MAX_CHECKPOINT: usize = 1 << 16;
/// Largest artefact, in bytes.
pub const MAX_ARTEFACT: usize = 256 << 20;
/// Longest owner of a lease, tile path or name of a value, in bytes.
pub const MAX_NAME: usize = 512;
/// Most units in one group; most events, identifiers, messages, records and leaves in one unit.
pub const MAX_GROUP: usize = 100_000;
/// Most bytes of sealed values and leaves in one group.
pub const MAX_GROUP_BYTES: usize = 256 << 20;

/// A keyed hash of (source, `messageId`): the identity of a message for deduplication.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageKey(pub [u8; 16]);

/// Identity of a decision record; its first ten bits are its person's shard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordId(pub [u8; 16]);

impl RecordId {
    /// The shard of the record's row: the shard of the person it belongs to.
    pub fn shard(&self) -> Shard {
        PersonId(self.0).shard()
    }
}

/// A person's data key, encrypted under the key-encryption key. Lives apart from all else, in a
/// place that really forgets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrappedKey(pub Vec<u8>);

/// A wrapped key that is to take the place of another: the same key, wrapped anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewrap {
    /// Whose.
    pub person: PersonId,
    /// What the store holds now.
    pub expected: WrappedKey,
    /// What it is to hold.
    pub wrapped: WrappedKey,
}

/// When the envelope reaches the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteBack {
    /// Units carry events only; envelopes come later through [`Shelf::flush`], and after a crash
    /// the events from [`Shelf::unapplied`] are folded again.
    Lazy,
    /// Every unit that changes an envelope carries it.
    Eager,
}

/// For what a person is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// The scheduler: [`PersonRow::next_due`].
    Scheduler,
    /// Something is to leave: [`PersonRow::next_leave`].
    Leaving,
}

impl Due {
    /// That moment of a row.
    pub fn of(self, row: &PersonRow) -> Option<Moment> {
        match self {
            Due::Scheduler => row.next_due,
            Due::Leaving => row.next_leave,
        }
    }
}

/// A person's row: the envelope, and what the scheduler must see without opening it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonRow {
    /// Whose.
    pub person: PersonId,
    /// Number of inputs folded in. Grows by one with each, never repeats; bound into the ciphertext.
    pub version: u64,
    /// The person's newest event that is folded in, [`Seq`] 0 if none: head of the chain of
    /// events of drivers that keep no index by person.
    pub last_seq: Seq,
    /// When the person is due for the scheduler, if ever; for what waits to leave there is `next_leave`.
    pub next_due: Option<Moment>,
    /// When something of theirs is to leave, if anything waits: apart, so that many messages that wait hide nobody
    /// who is due for anything else, nor the other way round.
    pub next_leave: Option<Moment>,
    /// Consents, restrictions, contact counters: what the charter needs.
    pub terms: Sealed,
    /// Traits, history, positions: what a purpose may open.
    pub content: Sealed,
}

/// One sealed input of a person, as appended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// The envelope's version after this input was folded in.
    pub version: u64,
    /// Day of receipt, for retention.
    pub day: Day,
    /// The input, sealed.
    pub sealed: Sealed,
}

/// An event read back, with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEvent {
    /// Place in the store's order.
    pub seq: Seq,
    /// Whose.
    pub person: PersonId,
    /// The row.
    pub event: EventRow,
}

/// A sealed record of one decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordRow {
    /// Its identity.
    pub id: RecordId,
    /// Whose key seals it.
    pub person: PersonId,
    /// The record with the secret of its ledger leaf, sealed.
    pub sealed: Sealed,
}

/// A ledger entry waiting to be integrated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// By what the leaf's index is asked for later.
    pub id: RecordId,
    /// The entry's bytes, at most 65,535.
    pub bytes: Vec<u8>,
}

/// One person's transaction: all of it or none of it.
///
/// [`PersonId::NOBODY`] means the same as `None`. A unit that no program should make (an event of
/// nobody, an envelope or a record of somebody else, a record whose id lies in another shard, a
/// version that does not grow, a size above its limit) fails the whole group with
/// [`Error::Refused`].
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Unit {
    /// Whose. `None` = nobody's (leaves of runs and of programs).
    pub person: Option<PersonId>,
    /// The key of a person who is new. Durable before anything sealed with it is; gone again if the
    /// unit is not applied.
    pub new_key: Option<WrappedKey>,
    /// Identifiers that lead to this person from now on.
    pub identifiers: Vec<Blind>,
    /// Messages that this unit answers; each at most once, ever (within the window), per shard of
    /// `person`. The same one twice in one unit counts once.
    pub messages: Vec<MessageKey>,
    /// Day of receipt of `messages`.
    pub messages_day: Day,
    /// The person's newest event before this unit (head of the chain), 0 if none. Ignored if an
    /// earlier unit of the same group appended events of this person: those come before.
    pub prev_seq: Seq,
    /// Inputs, oldest first.
    pub events: Vec<EventRow>,
    /// The envelope after the inputs, with the version the store must hold now (0 = no row); units
    /// earlier in the group count as done. `last_seq` of the row is ignored and set by the driver
    /// to the head of the chain. Lazy drivers write it too, if it is there.
    pub envelope: Option<(u64, PersonRow)>,
    /// Records of decisions.
    pub records: Vec<RecordRow>,
    /// Ledger leaves.
    pub leaves: Vec<Leaf>,
}

/// What became of one unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Durable. `last_seq` is the head of the person's chain now.
    Done {
        /// Head of the person's chain of events after this unit: its last event, or what came
        /// before it.
        last_seq: Seq,
    },
    /// One of `messages` was answered before: nothing of this unit was applied. Comes before
    /// `Conflict` when both are so.
    Duplicate,
    /// The envelope's version was not the expected one, an identifier leads to somebody else, the
    /// person has no key (erased) and the unit brings none, or has one and the unit brings
    /// another, a record of that id exists, or `prev_seq` lies in the future: nothing of this unit
    /// was applied. Read again and retry.
    Conflict,
}

/// What the sequencer writes at once: new tiles, the new checkpoint, and the leaves they cover.
#[derive(Clone, Debug)]
pub struct Integration {
    /// The checkpoint this one follows; `None` for the first.
    pub expected: Option<Vec<u8>>,
    /// The new signed checkpoint, not the one it follows.
    pub checkpoint: Vec<u8>,
    /// Tiles and entry bundles by path (`tile/0/x001/234.p/7`), to insert or replace.
    pub tiles: Vec<(String, Vec<u8>)>,
    /// Partial tiles that a new tile makes superfluous.
    pub obsolete: Vec<String>,
    /// Places of the pending leaves that are now integrated, with the index each got. If two leaves
    /// ever shared an id, the later index is kept.
    pub integrated: Vec<(u64, RecordId, u64)>,
}

/// A pending leaf and its place in the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingLeaf {
    /// Place in the queue: leaves are integrated in this order.
    pub place: u64,
    /// The leaf.
    pub leaf: Leaf,
}

/// A small named value with a version, for compare-and-swap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Versioned {
    /// Starts at 1.
    pub version: u64,
    /// The value.
    pub value: Vec<u8>,
}

/// Rows in each table: for tests, `doctor` and metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Persons with an envelope row.
    pub persons: u64,
    /// Keys.
    pub keys: u64,
    /// Identifiers.
    pub identifiers: u64,
    /// Events.
    pub events: u64,
    /// Records.
    pub records: u64,
    /// Leaves not yet integrated.
    pub pending_leaves: u64,
}

/// The oldest days of what is kept for a time only: for whoever checks that it went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Oldest {
    /// Day of receipt of the oldest event, if there is one.
    pub event: Option<Day>,
    /// Day of receipt of the oldest message that is remembered, if there is one.
    pub message: Option<Day>,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process took the lease: this one may not write any more. Stop.
    #[error("another process has taken over this store; this one may not write any more")]
    Fenced,
    /// Another process holds the lease.
    #[error("the store is in use by `{owner}`; stop that process, or wait until its lease ends")]
    Held {
        /// What the holder called itself.
        owner: String,
        /// When its lease ends if it does not renew. `Moment(i64::MAX)`: it does not end, that
        /// process must.
        until: Moment,
    },
    /// No room: nothing was written; try again when there is.
    #[error("the disk is full; free some space, then try again: nothing was written")]
    Full,
    /// A race with another transaction was lost as a whole; nothing was written; try again.
    #[error("the database asked to try again: {0}")]
    Retry(String),
    /// The store was made by a newer or older version of this program.
    #[error("the store has layout {found}, this program knows {known}")]
    Layout {
        /// What the store says.
        found: u64,
        /// What this driver knows.
        known: u64,
    },
    /// The engine is one with a known fault, a setting would lose data, or the caller asked for
    /// what no program should. Nothing was written.
    #[error("{0}")]
    Refused(String),
    /// The store is damaged, or cannot be reached, or the disk failed. What was not acknowledged may
    /// be lost. After a failing disk every later write fails too, until the store is opened anew:
    /// a failed fsync cannot be repeated.
    #[error("the store failed: {0}")]
    Broken(String),
}

/// Where ciphertext rests.
///
/// Promises that hold for each method: what it returns as written is on disk (fsync); after a kill
/// at any point a unit is there whole or not at all; a reader sees what was acknowledged before
/// it asked. Reads do not wait for writers.
///
/// Every call that takes an [`Epoch`] fails with [`Error::Fenced`], and writes nothing, if that is
/// not the newest one or was given back.
pub trait Shelf: Send + Sync {
    /// Short name of the driver, for logs: `memory`, `embedded`, `postgres`.
    fn driver(&self) -> &'static str;

    /// How envelopes get here.
    fn write_back(&self) -> WriteBack;

    /// Takes the right to write until `now + ttl_ms`, or fails with [`Error::Held`]. The same
    /// owner may take it again and gets a larger epoch. A lapsed lease may be taken by anybody from
    /// the moment it ends; its holder is fenced then. Finishes erasures that were interrupted.
    /// Read what you recover from only after it: a commit of a dead owner may still be carried out
    /// by the server until then, never after.
    fn acquire(&self, owner: &str, now: Moment, ttl_ms: i64) -> Result<Epoch, Error>;

    /// Prolongs the lease, or fails with [`Error::Fenced`].
    fn renew(&self, epoch: Epoch, now: Moment, ttl_ms: i64) -> Result<(), Error>;

    /// Gives the lease back. No error if it was lost already.
    fn release(&self, epoch: Epoch) -> Result<(), Error>;

    /// The persons these identifiers lead to, in the order asked.
    fn resolve(&self, blinds: &[Blind]) -> Result<Vec<Option<PersonId>>, Error>;

    /// The identifiers that lead to this person, in the order of their bytes.
    fn identifiers_of(&self, person: PersonId) -> Result<Vec<Blind>, Error>;

    /// The rows of these persons, in the order asked.
    fn persons(&self, persons: &[PersonId]) -> Result<Vec<Option<PersonRow>>, Error>;

    /// The wrapped keys of these persons, in the order asked.
    fn keys(&self, persons: &[PersonId]) -> Result<Vec<Option<WrappedKey>>, Error>;

    /// Wrapped keys in order of (shard, person), after `after`, at most `limit`. Not a snapshot.
    fn keys_after(&self, after: Option<PersonId>, limit: usize)
    -> Result<Vec<(PersonId, WrappedKey)>, Error>;

    /// Replaces wrapped keys whose bytes still are the expected ones; a key that was destroyed or
    /// replaced since stays as it is, so nobody comes back. Durable when it answers how many were
    /// replaced; the replaced bytes are then gone as a destroyed key's are ([`Shelf::erase`]).
    fn rewrap(&self, epoch: Epoch, changes: &[Rewrap]) -> Result<u64, Error>;

    /// Which of these messages were answered already. `shard` is the person's.
    fn seen(&self, messages: &[(Shard, MessageKey)]) -> Result<Vec<bool>, Error>;

    /// Commits units in order, as one group. When it returns, every `Done` unit is on disk. An
    /// error means that no unit of the group was applied, except [`Error::Broken`], after which
    /// nobody knows: open the store anew and ask [`Shelf::seen`]. A unit that is a `Duplicate` or
    /// in `Conflict` does not touch the others. A group of units with nothing in them waits for the disk
    /// like any other: an answer about it comes no sooner.
    fn commit(&self, epoch: Epoch, units: &[Unit]) -> Result<Vec<Outcome>, Error>;

    /// Writes envelopes back whose events are durable already, all or none. `(expected version,
    /// row)` each, with the row's own `last_seq`; a row whose stored version differs fails the call
    /// with [`Error::Broken`]; a row of a person without a key (erased since) is left out. Every
    /// event up to `applied` is then in an envelope: the caller promises that whoever has such an
    /// event has a stored row whose `last_seq` leads to it. [`Shelf::unapplied`] starts after it;
    /// `applied` never goes back, and may not lie beyond the newest event ([`Error::Refused`]).
    /// Eager drivers take it too, and need it never.
    fn flush(&self, epoch: Epoch, rows: &[(u64, PersonRow)], applied: Seq) -> Result<(), Error>;

    /// Events after the newest `applied` and after `after`, in order, at most `limit`. Some may be
    /// folded in already (an envelope came with a unit): skip those with `event.version` up to
    /// the row's. Always empty for eager drivers.
    fn unapplied(&self, after: Seq, limit: usize) -> Result<Vec<StoredEvent>, Error>;

    /// A person's events, newest first, at most `limit`, starting below `before` (0 = from
    /// `last_seq`, the head of the person's chain). May end at the first event that was purged.
    /// To page, pass the oldest answered event's `seq` as both.
    fn events_of(
        &self,
        person: PersonId,
        last_seq: Seq,
        before: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error>;

    /// Removes applied events received before `day`. Answers how many.
    fn purge_events(&self, epoch: Epoch, day: Day) -> Result<u64, Error>;

    /// Forgets messages received before `day`. Answers how many.
    fn purge_messages(&self, epoch: Epoch, day: Day) -> Result<u64, Error>;

    /// Rows in order of (shard, person), after `after`, at most `limit`. Not a snapshot.
    fn scan(&self, after: Option<PersonId>, limit: usize) -> Result<Vec<PersonRow>, Error>;

    /// Persons that are due for the scheduler at `now` (the moment included), soonest first, then by id, at
    /// most `limit`. Of lazy drivers: as of the last flush.
    fn due(&self, now: Moment, limit: usize) -> Result<Vec<PersonId>, Error> {
        let rows = self.due_after(Due::Scheduler, now, None, limit)?;
        Ok(rows.into_iter().map(|(_, person)| person).collect())
    }

    /// Those who are due for that at `now`, with their moments, as [`Shelf::due`] orders them, after the row
    /// `after` (`None` = from the soonest): whoever reads page by page passes nobody over.
    fn due_after(
        &self,
        what: Due,
        now: Moment,
        after: Option<(Moment, PersonId)>,
        limit: usize,
    ) -> Result<Vec<(Moment, PersonId)>, Error>;

    /// The record of that identity.
    fn record(&self, id: RecordId) -> Result<Option<RecordRow>, Error>;

    /// A person's records, newest first in the order of their commits (within a unit the last one
    /// first), at most `limit`, committed before the record `before` (`None` = from the newest).
    /// To page, pass the last answered record's id. Empty if there is no record `before` of this
    /// person.
    fn records_of(
        &self,
        person: PersonId,
        before: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<RecordRow>, Error>;

    /// Destroys the person's key for good (no file holds its bytes when this returns), then their
    /// row, events, identifiers and records. Finished at the next open or
    /// [`Shelf::acquire`] if killed in between; may be called again. An event behind one that was
    /// purged before it (out of order, around midnight) may stay until its own day is purged: nobody
    /// can open it. Answers whether there was a key. What each driver
    /// cannot promise (device blocks, PostgreSQL's log) its module says.
    fn erase(&self, epoch: Epoch, person: PersonId) -> Result<bool, Error>;

    /// Leaves that wait, in order, at most `limit`.
    fn pending_leaves(&self, limit: usize) -> Result<Vec<PendingLeaf>, Error>;

    /// Writes tiles and checkpoint and takes the leaves off the queue, all or nothing, if the
    /// stored checkpoint is still `expected`; else answers `false` and writes nothing. Two
    /// sequencers can so never fork the log. A leaf that is not in the queue fails with
    /// [`Error::Refused`], as does an unchanged checkpoint.
    fn integrate(&self, epoch: Epoch, integration: &Integration) -> Result<bool, Error>;

    /// The newest checkpoint.
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Error>;

    /// A tile or entry bundle.
    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, Error>;

    /// All tile paths, in order of their bytes.
    fn tile_paths(&self) -> Result<Vec<String>, Error>;

    /// The index in the log of the leaf of that identity, once integrated.
    fn leaf_index(&self, id: RecordId) -> Result<Option<u64>, Error>;

    /// The records that are still there and whose leaf is integrated, with the leaf's index: after the
    /// record `after` (`None` = from the first), in the order of their ids, at most `limit`.
    fn placed(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<(RecordId, u64)>, Error>;

    /// A named value.
    fn get(&self, key: &str) -> Result<Option<Versioned>, Error>;

    /// Sets a named value if its version is `expected` (0 = absent); answers the new version, or
    /// `None` if it was another.
    fn swap(&self, epoch: Epoch, key: &str, expected: u64, value: &[u8]) -> Result<Option<u64>, Error>;

    /// The values whose name begins with `prefix`, in the order of their names' bytes, after the
    /// name `after` (`None` = from the first), at most `limit`.
    fn named(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Versioned)>, Error>;

    /// Removes a named value if its version is `expected`; answers whether it was. The next
    /// [`Shelf::swap`] under this name begins with version 1 again: who may have read the old value
    /// must not write by what it read.
    fn remove_named(&self, epoch: Epoch, key: &str, expected: u64) -> Result<bool, Error>;

    /// Keeps an artefact (model, charter, program) under the SHA-256 of its bytes, given by the
    /// caller. Keeping it twice is no error.
    fn keep(&self, epoch: Epoch, digest: [u8; 32], bytes: &[u8]) -> Result<(), Error>;

    /// The artefact of that digest.
    fn artefact(&self, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Error>;

    /// The digests of the artefacts, after the digest `after` (`None` = from the first), in the order of
    /// their bytes, at most `limit`.
    fn artefacts(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<[u8; 32]>, Error>;

    /// Removes an artefact; answers whether it was there. That nothing refers to it is the caller's word.
    fn discard(&self, epoch: Epoch, digest: [u8; 32]) -> Result<bool, Error>;

    /// The oldest event and the oldest message.
    fn oldest(&self) -> Result<Oldest, Error>;

    /// Rows in each table. May read a whole index: not for every scrape of the metrics.
    fn counts(&self) -> Result<Counts, Error>;

    /// Called now and then by the writer when it has time: bounds the write-ahead file.
    fn tidy(&self) -> Result<(), Error>;
}
