//! Draws with a known chance: which slots are drawn, and what stands in them.
//!
//! Deliberately does not know: what may be drawn, where a seed comes from.

use super::Slot;

/// What was drawn so far for a list of one length.
pub(super) struct Drawn {
    most: usize,
    seed: u64,
    discoveries: Vec<(u32, Slot)>,
    exposures: Vec<(u32, Slot)>,
}

impl Drawn {
    pub(super) fn new(most: usize, seed: u64) -> Drawn {
        Drawn {
            most,
            seed,
            discoveries: Vec::new(),
            exposures: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.discoveries.len() + self.exposures.len()
    }

    pub(super) fn has(&self, at: u32) -> bool {
        let all = self.discoveries.iter().chain(&self.exposures);
        all.into_iter().any(|(known, _)| *known == at)
    }

    /// Draws the next discovery among those; of none nothing.
    pub(super) fn discovery(&mut self, candidates: &[u32], one_in: u32) {
        let nth = self.discoveries.len();
        let draw = scramble(self.seed ^ scramble(nth as u64 + 1));
        if let Some(at) = pick(candidates, draw) {
            let among = candidates.len() as u32;
            let propensity = slot_chance(self.most, one_in, nth) / f64::from(among);
            self.discoveries.push((at, Slot::Discovery { among, propensity }));
        }
    }

    /// Draws the next small item among those; of none nothing.
    pub(super) fn exposure(&mut self, candidates: &[u32], one_in: u32) {
        let nth = self.exposures.len();
        let draw = scramble(other(self.seed) ^ scramble(nth as u64 + 1));
        if let Some(at) = pick(candidates, draw) {
            let among = candidates.len() as u32;
            let propensity = slot_chance(self.most, one_in, nth) / f64::from(among);
            self.exposures.push((at, Slot::Exposure { among, propensity }));
        }
    }

    /// Each with the index at which it stands: the fifth of its ten, or the last.
    pub(super) fn into_places(self) -> impl Iterator<Item = (u32, Slot, usize)> {
        let at = |first: usize| move |(nth, (at, slot)): (usize, (u32, Slot))| (at, slot, nth * 10 + first);
        let exposures = self.exposures.into_iter().enumerate().map(at(4));
        let discoveries = self.discoveries.into_iter().enumerate().map(at(9));
        let mut all: Vec<(u32, Slot, usize)> = exposures.chain(discoveries).collect();
        all.sort_by_key(|(_, _, index)| *index);
        all.into_iter()
    }
}

/// How many slots of a list are drawn: one in so many in the mean, whatever its length.
pub(super) fn slots(most: usize, one_in: u32, seed: u64) -> usize {
    let Some(rest) = most.checked_rem(one_in as usize) else {
        return 0;
    };
    let more = scramble(seed) % u64::from(one_in) < rest as u64;
    most / one_in as usize + usize::from(more)
}

/// Another seed of the same draw.
pub(super) fn other(seed: u64) -> u64 {
    scramble(seed ^ 0x5151_5151_5151_5151)
}

/// The chance that a list of that length has its `nth` drawn slot, from 0.
fn slot_chance(most: usize, one_in: u32, nth: usize) -> f64 {
    let whole = most / (one_in as usize).max(1);
    match nth < whole {
        true => 1.0,
        false => (most % (one_in as usize).max(1)) as f64 / f64::from(one_in),
    }
}

/// One of them; in the order of their places, so that it does not hang on who is a hair better.
fn pick(candidates: &[u32], draw: u64) -> Option<u32> {
    let mut candidates = candidates.to_vec();
    candidates.sort_unstable();
    let among = candidates.len() as u128;
    let place = (u128::from(draw) * among) >> 64;
    candidates.get(usize::try_from(place).ok()?).copied()
}

/// SplitMix64 (Steele, Lea and Flood 2014): neighbouring seeds give unrelated numbers.
fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
