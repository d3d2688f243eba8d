//! A sum that is kept: the counts, and of which contributions they are the sum.
//!
//! A contribution is known by a random name and nothing else. Adding one that is in, or taking out one
//! that is not, changes nothing: so whoever was interrupted may simply begin again, and nobody is ever
//! counted twice or taken out twice.
//!
//! Deliberately does not know: whose a contribution is, where the bytes are kept and how they are sealed.

use crate::gather::{Bounds, Counts};
use crate::{Error, bytes};
use std::collections::BTreeSet;
use vocabulary::{Interaction, ItemId};

/// The random name of one contribution.
pub type Share = [u8; 16];

/// The first bytes of every kept sum, with the version of its layout.
const MAGIC: &[u8] = b"egard-sum 1\n";

/// Counts, and the names of the contributions in them.
#[derive(Clone, PartialEq, Debug)]
pub struct Sum {
    counts: Counts,
    shares: BTreeSet<Share>,
}

impl Sum {
    /// The sum of nobody, over these items.
    ///
    /// # Errors
    /// [`Error::TooManyItems`], as [`Counts::new`].
    pub fn new(items: impl IntoIterator<Item = ItemId>, bounds: Bounds) -> Result<Sum, Error> {
        Ok(Sum {
            counts: Counts::new(items, bounds)?,
            shares: BTreeSet::new(),
        })
    }

    /// Adds a contribution. `false`: it is in already, and nothing changed.
    ///
    /// # Errors
    /// [`Error::Overflow`], after which the sum is not to be used.
    pub fn add(&mut self, share: Share, history: &[Interaction]) -> Result<bool, Error> {
        if !self.shares.insert(share) {
            return Ok(false);
        }
        self.counts.add(history).map(|()| true)
    }

    /// Takes a contribution out: every bit is as if it had never been in. `false`: it is not in, and
    /// nothing changed. The history must be the one that was added under this name.
    ///
    /// # Errors
    /// [`Error::NeverCounted`] where it cannot be; the sum is then not to be used.
    pub fn subtract(&mut self, share: Share, history: &[Interaction]) -> Result<bool, Error> {
        if !self.shares.remove(&share) {
            return Ok(false);
        }
        self.counts.subtract(history).map(|()| true)
    }

    /// Whether the contribution is in.
    pub fn holds(&self, share: &Share) -> bool {
        self.shares.contains(share)
    }

    /// The counts, to learn from.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether this is a sum over exactly these items (in any order) with these bounds.
    pub fn is_over(&self, items: &[ItemId], bounds: &Bounds) -> bool {
        let wanted: BTreeSet<&ItemId> = items.iter().collect();
        self.counts.bounds() == bounds
            && self.counts.items().len() == wanted.len()
            && self.counts.items().iter().all(|item| wanted.contains(item))
    }

    /// The sum as bytes: the same sum always the same bytes, at most some five for each pair of items
    /// that anybody has together. They tell what single people have: they are to be sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.counts.write(&mut out);
        bytes::put(&mut out, self.shares.len() as u64);
        self.shares.iter().for_each(|share| out.extend_from_slice(share));
        out
    }

    /// Reads what [`Sum::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::NotASum`] for anything else.
    pub fn from_bytes(stored: &[u8]) -> Result<Sum, Error> {
        let mut rest = stored.strip_prefix(MAGIC).ok_or(Error::NotASum)?;
        let counts = Counts::read(&mut rest)?;
        let number = bytes::take(&mut rest)?;
        let (shares, odd) = rest.as_chunks::<16>();
        if !odd.is_empty() || shares.len() as u64 != number || counts.people() != number {
            return Err(Error::NotASum);
        }
        if !shares.is_sorted_by(|a, b| a < b) {
            return Err(Error::NotASum);
        }
        Ok(Sum {
            counts,
            shares: shares.iter().copied().collect(),
        })
    }
}
