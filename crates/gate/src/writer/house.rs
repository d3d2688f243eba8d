//! House-keeping between groups: envelopes go back to the store, the lease is renewed, the
//! write-ahead file stays bounded (`tidy`); and the ends: erasure and closing.
//!
//! Deliberately does not know: what is in an envelope.

use super::{FLUSH, LAG, LEASE_MS, RENEW, Writer};
use crate::{Unavailable, erasure, keys};
use std::time::Instant;
use store::{RecordId, Seq};
use vocabulary::PersonId;

impl Writer {
    /// Writes back what is far behind, renews the lease, bounds the write-ahead file.
    pub(super) fn keep_house(&mut self, events: usize) {
        while self.dirty.front().is_some_and(|(seq, _)| seq + LAG < self.head) {
            if let Err(error) = self.flush(FLUSH) {
                self.shared.stop_if_final(&error);
                break;
            }
        }
        // By the monotonic clock: one that is set back must not cost us the lease.
        if self.renewed.elapsed() > RENEW {
            match self
                .shared
                .shelf
                .renew(self.epoch, (self.shared.clock)(), LEASE_MS)
            {
                Ok(()) => self.renewed = Instant::now(),
                Err(error) => self.shared.note(&error),
            }
        }
        self.tidier.after(events, &self.shared);
    }

    /// Nothing waits: some of what is only in memory and in the events goes back to its row.
    pub(super) fn idle(&mut self) {
        if !self.dirty.is_empty()
            && !self.shared.stopped()
            && let Err(error) = self.flush(FLUSH)
        {
            self.shared.stop_if_final(&error);
        }
        self.refusals.compact_if_long();
        self.shared.hot.trim();
        self.keep_house(0);
        self.tidier.idle(&self.shared);
    }

    /// Writes the `count` longest-dirty envelopes back.
    pub(super) fn flush(&mut self, count: usize) -> Result<(), Unavailable> {
        let batch: Vec<(Seq, PersonId)> = self.dirty.iter().take(count).copied().collect();
        let mut rows = Vec::with_capacity(batch.len());
        for (_, person) in &batch {
            let row = self
                .shared
                .hot
                .peek(*person, |slot| Ok((slot.stored_version, slot.row(*person)?)));
            match row {
                Some(Ok(row)) => rows.push(row),
                Some(Err(error)) => return Err(error),
                None => {} // erased meanwhile
            }
        }
        let applied = match self.dirty.get(batch.len()) {
            Some((oldest, _)) => oldest.saturating_sub(1),
            None => self.head,
        };
        self.shared.shelf.flush(self.epoch, &rows, applied)?;
        for (_, row) in &rows {
            self.shared.hot.peek(row.person, |slot| {
                slot.stored_version = row.version;
                slot.dirty_since = None;
            });
        }
        self.dirty.drain(..batch.len());
        self.shared.hot.trim();
        Ok(())
    }

    pub(super) fn flush_all(&mut self) -> Result<(), Unavailable> {
        while !self.dirty.is_empty() {
            self.flush(FLUSH)?;
        }
        Ok(())
    }

    /// Erases a person; answers the record of it, `None` if there is no such person (any more).
    pub(super) fn erase(&mut self, person: PersonId) -> Result<Option<RecordId>, Unavailable> {
        // Visitors who are part of the person go first: as long as the person is there, they can be found.
        let part = match self.with_slot(person, |slot| Ok(slot.terms.visitors())) {
            Ok(part) => part.unwrap_or_default(),
            // Not damaged, only out of reach: their visitors must go with them.
            Err(error @ Unavailable::Key(keys::Error::Unreachable(_) | keys::Error::UnknownKek(_))) => {
                return Err(error);
            }
            Err(Unavailable::Key(_) | Unavailable::Layout(_)) => {
                tracing::error!("whoever was joined to a damaged envelope is erased by their own name only");
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        for visitor in part {
            self.erase_one(visitor)?;
        }
        self.erase_one(person)
    }

    fn erase_one(&mut self, person: PersonId) -> Result<Option<RecordId>, Unavailable> {
        self.unlearn(person)?;
        let erased = erasure::erase(&self.shared, person);
        // Also after an error: the key may be gone by then.
        self.shared.hot.remove(person);
        // After the slot: who loads one holds its stripe, and finds no wrapped key from here on.
        self.shared.keyring.forget(person);
        self.shared.known.forget();
        self.dirty.retain(|(_, dirty)| *dirty != person);
        erased
    }

    pub(super) fn finish(&mut self) {
        if !self.shared.stopped()
            && let Err(error) = self.flush_all()
        {
            self.shared.stop(&error);
        }
        if let Err(error) = self.shared.shelf.release(self.epoch) {
            self.shared.note(&error);
        }
    }
}
