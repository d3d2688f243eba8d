//! Who counts in the model: the sum of what they added, or, of catalogues so large that sums of pairs do not fit, the
//! random names of what they added, from which the rest is opened again for each model.
//!
//! Deliberately does not know: whose a contribution is, how a model is learned.

use super::learn_model::Error;
use gate::{Contributed, Gate, ShareId};
use learn::{Bounds, MOST_ITEMS, Share, Sum};
use std::collections::BTreeSet;
use vocabulary::ItemId;

/// Under which names the gate keeps them.
const SUM: &str = "sum";
const NAMES: &str = "names";
/// The first bytes of names that are kept.
const MAGIC: &[u8] = b"egard-names 1\n";

/// Who counts.
pub(super) enum Tally {
    /// The sum over them.
    Sum(Sum),
    /// What they added, by name: more items than can be summed in pairs.
    Names(BTreeSet<Share>),
}

impl Tally {
    /// Nobody, over these items.
    pub(super) fn new(items: Vec<ItemId>) -> Result<Tally, Error> {
        Ok(match is_large(items.len()) {
            true => Tally::Names(BTreeSet::new()),
            false => Tally::Sum(Sum::new(items, Bounds::default())?),
        })
    }

    /// As it was kept for a catalogue of so many items. `None` if there is none that can be read: everybody is
    /// counted anew then. Blocks.
    pub(super) fn stored(gate: &Gate, items: usize) -> Result<Option<Tally>, Error> {
        let name = if is_large(items) { NAMES } else { SUM };
        let Some(bytes) = gate.kept_sealed(name)? else {
            return Ok(None);
        };
        let read = match is_large(items) {
            true => names(&bytes).map(Tally::Names),
            false => Sum::from_bytes(&bytes).ok().map(Tally::Sum),
        };
        if read.is_none() {
            tracing::error!(
                name,
                "what is kept of who counts cannot be read; everybody is counted anew"
            );
        }
        Ok(read)
    }

    /// Whether it can go on being used with these items.
    pub(super) fn is_over(&self, items: &[ItemId]) -> bool {
        match self {
            Tally::Sum(sum) => sum.is_over(items, &Bounds::default()),
            Tally::Names(_) => true,
        }
    }

    pub(super) fn holds(&self, share: ShareId) -> bool {
        match self {
            Tally::Sum(sum) => sum.holds(&share.0),
            Tally::Names(names) => names.contains(&share.0),
        }
    }

    /// How many people.
    pub(super) fn people(&self) -> u64 {
        match self {
            Tally::Sum(sum) => sum.counts().people(),
            Tally::Names(names) => names.len() as u64,
        }
    }

    /// Adds a contribution; whether anything changed.
    pub(super) fn add(&mut self, one: &Contributed) -> Result<bool, learn::Error> {
        match self {
            Tally::Sum(sum) => sum.add(one.id.0, one.history()),
            Tally::Names(names) => Ok(names.insert(one.id.0)),
        }
    }

    /// Takes a contribution out; whether anything changed.
    pub(super) fn subtract(&mut self, one: &Contributed) -> Result<bool, learn::Error> {
        match self {
            Tally::Sum(sum) => sum.subtract(one.id.0, one.history()),
            Tally::Names(names) => Ok(names.remove(&one.id.0)),
        }
    }

    /// Keeps it, sealed, in the place of what was kept before. Blocks.
    pub(super) fn keep(&self, gate: &Gate) -> Result<(), Error> {
        // First what the other catalogue had: nobody who goes must stay in it.
        match self {
            Tally::Sum(sum) => {
                gate.forget_sealed(NAMES)?;
                gate.keep_sealed(SUM, &sum.to_bytes())?;
            }
            Tally::Names(names) => {
                gate.forget_sealed(SUM)?;
                let mut bytes = MAGIC.to_vec();
                names.iter().for_each(|name| bytes.extend_from_slice(name));
                gate.keep_sealed(NAMES, &bytes)?;
            }
        }
        Ok(())
    }
}

/// Whether anything is kept, of whatever catalogue. Blocks.
pub(super) fn is_kept(gate: &Gate) -> Result<bool, Error> {
    Ok(gate.kept_sealed(SUM)?.is_some() || gate.kept_sealed(NAMES)?.is_some())
}

/// Destroys whatever is kept. Blocks.
pub(super) fn forget(gate: &Gate) -> Result<(), Error> {
    gate.forget_sealed(SUM)?;
    gate.forget_sealed(NAMES)?;
    Ok(())
}

fn is_large(items: usize) -> bool {
    items > MOST_ITEMS
}

fn names(bytes: &[u8]) -> Option<BTreeSet<Share>> {
    let (names, odd) = bytes.strip_prefix(MAGIC)?.as_chunks::<16>();
    (odd.is_empty() && names.is_sorted_by(|a, b| a < b)).then(|| names.iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_were_kept_and_nothing_else_is() {
        let kept = [MAGIC, &[1; 16], &[2; 16]].concat();
        assert_eq!(names(&kept).map(|names| names.len()), Some(2));
        assert_eq!(names(MAGIC).map(|names| names.len()), Some(0));
        let twice = [MAGIC, &[1; 16], &[1; 16]].concat();
        for wrong in [&kept[1..], &kept[..kept.len() - 1], &twice] {
            assert!(names(wrong).is_none());
        }
    }
}
