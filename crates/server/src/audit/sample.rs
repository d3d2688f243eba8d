//! Which records are looked at: drawn by a seed that follows from the log itself.
//!
//! The seed is SHA-256 over the line `egard audit 1`, the text of the checkpoint (origin, size, root), and
//! the line `seed N` if whoever orders the audit gave a number. The root is a hash over every entry, so
//! nobody chooses it; whoever may add entries could try again with one more, and each try would stand in
//! the log. A number that comes from outside after the checkpoint was published ends that, too. With the
//! log and the report anybody can draw the sample again.
//!
//! Deliberately does not know: what the drawn numbers stand for.

use ledger::Checkpoint;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// The seed of an audit at that checkpoint.
pub fn seed_of(checkpoint: &Checkpoint, given: Option<u64>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"egard audit 1\n");
    hash.update(checkpoint.text().as_bytes());
    if let Some(given) = given {
        hash.update(format!("seed {given}\n").as_bytes());
    }
    hash.finalize().into()
}

/// `wanted` different numbers below `among`, or all of them, in order. Every set of that size is as likely as
/// every other (Floyd's algorithm, Bentley and Floyd 1987; numbers are drawn without bias).
pub fn draw(seed: &[u8; 32], among: u64, wanted: usize) -> Vec<u64> {
    let wanted = (wanted as u64).min(among);
    let mut random = Random {
        seed: *seed,
        counter: 0,
    };
    let mut drawn = BTreeSet::new();
    for last in among - wanted..among {
        let number = random.below(last + 1);
        if !drawn.insert(number) {
            drawn.insert(last);
        }
    }
    drawn.into_iter().collect()
}

/// SHA-256 over the seed and a counter: numbers that anybody gets again.
struct Random {
    seed: [u8; 32],
    counter: u64,
}

impl Random {
    fn next(&mut self) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.counter.to_be_bytes());
        self.counter += 1;
        let hash: [u8; 32] = hash.finalize().into();
        hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }

    /// Below `end`, which is not 0. What would make small numbers likelier is drawn again.
    fn below(&mut self, end: u64) -> u64 {
        let fair = u64::MAX - u64::MAX % end;
        loop {
            let number = self.next();
            if number < fair {
                return number % end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sample_is_as_many_different_ones_as_were_wanted(seed in any::<[u8; 32]>(), among in 0..500_u64, wanted in 0..600_usize) {
            let drawn = draw(&seed, among, wanted);
            prop_assert_eq!(drawn.len() as u64, among.min(wanted as u64));
            prop_assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(drawn.iter().all(|number| *number < among));
            prop_assert_eq!(drawn, draw(&seed, among, wanted));
        }
    }

    #[test]
    fn everyone_is_drawn_about_as_often_as_everyone_else() {
        let mut times = [0_u32; 20];
        for round in 0..2_000_u32 {
            let mut seed = [7; 32];
            seed[..4].copy_from_slice(&round.to_be_bytes());
            for number in draw(&seed, 20, 5) {
                times[number as usize] += 1;
            }
        }
        // 500 each are expected; five standard deviations are less than 100.
        assert!(times.iter().all(|times| (400..600).contains(times)), "{times:?}");
    }

    #[test]
    fn another_root_or_another_number_is_another_sample() {
        let checkpoint = |root| Checkpoint {
            origin: "test.example/egard".to_owned(),
            size: 1_000,
            root: [root; 32],
        };
        let seeds = [
            seed_of(&checkpoint(1), None),
            seed_of(&checkpoint(2), None),
            seed_of(&checkpoint(1), Some(0)),
            seed_of(&checkpoint(1), Some(1)),
        ];
        let drawn: BTreeSet<Vec<u64>> = seeds.iter().map(|seed| draw(seed, 1_000, 10)).collect();
        assert_eq!(drawn.len(), 4);
    }
}
