//! How long the writer waits for company before it commits decisions alone.
//!
//! A commit costs the same for one record as for five. While decisions come one after another faster than
//! [`PACE`], a group that waits until that long after the last one costs each of them a fraction, and
//! nobody notices two thousandths of a second. Whoever comes alone never waits: if waiting brought
//! nobody, it is tried again only now and then. Deliberately does not know: clocks, what is written.

use std::time::{Duration, Instant};

/// From the end of a group of decisions to the next one, at least, while waiting pays.
const PACE: Duration = Duration::from_millis(2);
/// Decisions that are company enough.
const ENOUGH: usize = 8;
/// Groups that go at once before waiting is tried again.
const TRIED_AGAIN: u8 = 32;

/// What the last groups taught.
#[derive(Default)]
pub(super) struct Pace {
    ended: Option<Instant>,
    pays: bool,
    gone_at_once: u8,
}

impl Pace {
    /// How long a group of so many decisions, and nothing else, should wait for more. `None`: go.
    pub(super) fn wait(&mut self, decisions: usize, now: Instant) -> Option<Duration> {
        if decisions >= ENOUGH {
            return None;
        }
        let since = now.saturating_duration_since(self.ended?);
        let rest = PACE.checked_sub(since).filter(|rest| !rest.is_zero())?;
        if !self.pays {
            self.gone_at_once = self.gone_at_once.saturating_add(1);
            if self.gone_at_once < TRIED_AGAIN {
                return None;
            }
        }
        self.gone_at_once = 0;
        Some(rest)
    }

    /// What came of a wait: whether anybody joined.
    pub(super) fn waited(&mut self, joined: bool) {
        self.pays = joined;
    }

    /// A group is on disk.
    pub(super) fn ended(&mut self, now: Instant) {
        self.ended = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_alone_seldom_waits_and_company_always_does() {
        let mut now = Instant::now();
        let step = |now: &mut Instant| *now += Duration::from_micros(300);
        let mut pace = Pace::default();
        assert_eq!(pace.wait(1, now), None);
        let mut waits = 0;
        for _ in 0..320 {
            pace.ended(now);
            step(&mut now);
            if pace.wait(1, now).is_some() {
                waits += 1;
                pace.waited(false);
            }
        }
        assert_eq!(waits, 10);
        pace.waited(true);
        for _ in 0..10 {
            pace.ended(now);
            step(&mut now);
            assert_eq!(pace.wait(1, now), Some(PACE - Duration::from_micros(300)));
            pace.waited(true);
        }
        assert_eq!(pace.wait(ENOUGH, now), None);
        pace.ended(now);
        assert_eq!(pace.wait(1, now + PACE), None);
    }
}
