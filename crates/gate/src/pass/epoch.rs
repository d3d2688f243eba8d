//! Since when passes count: a store that was put back from a backup has forgotten which links were used, so
//! whatever was issued before is void.
//!
//! An epoch is a random number, drawn at each restoration before anything is served, and every pass is sealed
//! for its epoch: none of another opens. Deliberately does not know: what a pass is for.

use super::SKEW_MS;
use crate::Unavailable;
use crate::gate::Gate;
use store::{Epoch, Shelf};
use vocabulary::{Moment, PersonId};

/// Where the store keeps it: the number, and since when, in milliseconds.
const NAME: &str = "link/epoch";

/// The epoch of passes in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PassEpoch {
    /// Takes a person's place where a pass is sealed; nobody's as long as nothing was put back.
    pub(crate) number: PersonId,
    since: Option<Moment>,
}

/// The store's epoch.
pub(crate) fn load(shelf: &dyn Shelf) -> Result<PassEpoch, Unavailable> {
    let held = shelf.get(NAME)?;
    let Some((number, since)) = held.as_ref().and_then(|held| held.value.split_first_chunk()) else {
        return Ok(PassEpoch {
            number: PersonId::NOBODY,
            since: None,
        });
    };
    let since = since.try_into().map_or(i64::MAX, i64::from_be_bytes);
    Ok(PassEpoch {
        number: PersonId(*number),
        since: Some(Moment(since)),
    })
}

/// Begins a new epoch: what was issued before `now` is void. Durable when it answers.
pub(crate) fn begin(shelf: &dyn Shelf, epoch: Epoch, now: Moment) -> Result<(), Unavailable> {
    let version = shelf.get(NAME)?.map_or(0, |held| held.version);
    let value = [super::fresh()?.as_slice(), &now.0.to_be_bytes()].concat();
    shelf
        .swap(epoch, NAME, version, &value)?
        .map(drop)
        .ok_or(Unavailable::Busy)
}

impl Gate {
    /// Whether what somebody else signed at that moment may still be used once: not if it may have been used
    /// before the store was put back, which has forgotten it.
    pub fn remembers_since(&self, issued: Moment) -> bool {
        let since = self.shared().passes.since;
        since.is_none_or(|since| since.plus(SKEW_MS) < issued)
    }
}
