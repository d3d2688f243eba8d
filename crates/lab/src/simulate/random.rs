//! Chance that can be repeated (SplitMix64), and what people's habits are drawn from.

use crate::consents::scramble;

/// A stream of numbers; the same seed gives the same ones.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// A stream of its own for each person and purpose.
    pub(super) fn of(seed: u64, person: u64, what: u64) -> Random {
        Random(scramble(scramble(scramble(seed) ^ person).rotate_left(23) ^ what))
    }

    pub(super) fn next(&mut self) -> u64 {
        let drawn = scramble(self.0);
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        drawn
    }

    /// Below `bound`, which is small enough for the bias not to matter.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// From 0 to 1, 1 excluded.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// How long until the next of what comes so often in a unit of time; infinite if it never comes.
    pub(super) fn wait(&mut self, rate: f64) -> f64 {
        -(1.0 - self.unit()).ln() / rate.max(0.0)
    }

    /// One with a mean of about 1, most below it and few far above: how active people are.
    pub(super) fn activity(&mut self) -> f64 {
        // The sum of twelve uniform draws is near enough to a normal one.
        let normal: f64 = (0..12).map(|_| self.unit()).sum::<f64>() - 6.0;
        (normal * 0.8 - 0.32).exp()
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(of.len() as u64);
        usize::try_from(at).ok().and_then(|at| of.get(at))
    }
}
