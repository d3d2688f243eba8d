//! Which messages were answered: appended to disk a group at a time, searched in memory.
//!
//! In memory each takes eight bytes of its 16: the odds that a new message is taken for one of `n`
//! others are n / 2^64, at a hundred million messages within the window 5 in a million million for
//! each; at 1.2 bytes of table per byte kept they take about a gigabyte then. Deliberately does not
//! know: what a message says.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use rusqlite::{Connection, params};
use vocabulary::{Day, Shard};

use super::{Embedded, Writer, engine::Fault, lock};
use crate::shelf::{Error, MessageKey};

/// Bytes of one message on disk: its shard (big-endian) and its key.
const ENTRY: usize = 2 + 16;

/// The messages within the window.
#[derive(Default)]
pub(super) struct Answered(HashSet<u64, BuildHasherDefault<Itself>>);

impl Answered {
    pub(super) fn holds(&self, shard: Shard, message: MessageKey) -> bool {
        self.0.contains(&short(shard, message))
    }

    pub(super) fn insert(&mut self, shard: Shard, message: MessageKey) {
        self.0.insert(short(shard, message));
    }

    /// Reads all of them from disk.
    pub(super) fn load(state: &Connection) -> Result<Answered, Fault> {
        let mut answered = Answered::default();
        let mut statement = state.prepare("SELECT messages FROM message")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for (shard, message) in entries(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)? {
                answered.insert(shard, message);
            }
        }
        Ok(answered)
    }
}

impl Writer {
    pub(super) fn purge_messages(&mut self, shelf: &Embedded, day: Day) -> Result<u64, Fault> {
        let transaction = self.state.transaction()?;
        let mut gone = Vec::new();
        {
            let mut statement = transaction.prepare_cached("SELECT messages FROM message WHERE day < ?1")?;
            let mut rows = statement.query([day.0])?;
            while let Some(row) = rows.next()? {
                gone.extend(entries(
                    row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?,
                )?);
            }
        }
        transaction.execute("DELETE FROM message WHERE day < ?1", params![day.0])?;
        transaction.commit()?;
        let mut answered = lock(&shelf.answered);
        let purged = gone
            .iter()
            .filter(|(shard, message)| answered.0.remove(&short(*shard, *message)));
        Ok(purged.count() as u64)
    }
}

/// Appends one message to a row's bytes.
pub(super) fn append(entries: &mut Vec<u8>, shard: Shard, message: MessageKey) {
    entries.extend_from_slice(&shard.to_be_bytes());
    entries.extend_from_slice(&message.0);
}

fn entries(bytes: &[u8]) -> Result<Vec<(Shard, MessageKey)>, Fault> {
    let (whole, rest) = bytes.as_chunks::<ENTRY>();
    if !rest.is_empty() {
        return Err(Error::Broken("a row of answered messages is cut short".to_owned()).into());
    }
    Ok(whole
        .iter()
        .map(|[high, low, key @ ..]| (Shard::from_be_bytes([*high, *low]), MessageKey(*key)))
        .collect())
}

fn short(shard: Shard, MessageKey([a, b, c, d, e, f, g, h, ..]): MessageKey) -> u64 {
    // The shard, spread over all bits, so that the same message is another one in another shard.
    u64::from_be_bytes([a, b, c, d, e, f, g, h]) ^ u64::from(shard).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Keys are keyed hashes already: hashing them again would only cost time.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
