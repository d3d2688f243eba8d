//! How often somebody may try to sign in: guesses must not get through, and nobody may keep the machine busy
//! with passwords.
//!
//! Deliberately does not know: whether a name is anybody's. A name that nobody has is limited alike; names are
//! counted as hashes under a key of this process.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use vocabulary::Moment;

/// How far back tries count.
const WINDOW_MS: i64 = 15 * 60_000;
/// Tries with one name.
pub const EACH: usize = 10;
/// Tries altogether.
const ALL: usize = 300;

/// Tries that did not succeed, by a hash of the name.
#[derive(Default)]
pub(super) struct Limits {
    key: RandomState,
    tries: Mutex<Tries>,
}

#[derive(Default)]
struct Tries {
    recent: VecDeque<(Moment, u64)>,
    /// Not yet told to the log.
    untold: u64,
}

impl Limits {
    /// Whether one more may be tried with this name; if so it counts, until [`Limits::succeeded`] says otherwise.
    /// Counted before it is tried, so that many at once are no way around.
    pub(super) fn admit(&self, name: &str, now: Moment) -> bool {
        let hash = self.hash(name);
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        // Also those of the future: a clock that was set back must not close the door for long.
        tries.recent.retain(|(at, _)| now.since(*at).abs() < WINDOW_MS);
        let same = tries.recent.iter().filter(|(_, known)| *known == hash).count();
        let admitted = same < EACH && tries.recent.len() < ALL;
        match admitted {
            true => tries.recent.push_back((now, hash)),
            false => tries.untold += 1,
        }
        admitted
    }

    /// The try was good: those with this name before it count no longer.
    pub(super) fn succeeded(&self, name: &str) {
        let hash = self.hash(name);
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.recent.retain(|(_, known)| *known != hash);
    }

    /// The try failed. Answers whether it is the first that the log was not told of.
    pub(super) fn failed(&self) -> bool {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.untold += 1;
        tries.untold == 1
    }

    /// How many failed since this was last asked.
    pub(super) fn take_untold(&self) -> u64 {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut tries.untold)
    }

    fn hash(&self, name: &str) -> u64 {
        self.key.hash_one(name.trim().to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_ten_tries_in_a_quarter_and_others_still_have_theirs() {
        let limits = Limits::default();
        let at = |minute: i64| Moment(minute * 60_000);
        assert!((0..EACH).all(|_| limits.admit("Helen", at(0))));
        assert!(!limits.admit(" helen ", at(14)), "the same name");
        assert!(limits.admit("Ann", at(14)));
        assert!(limits.admit("Helen", at(15)));
        limits.succeeded("Helen");
        assert!((0..EACH).all(|_| limits.admit("Helen", at(16))));
    }

    #[test]
    fn there_is_a_most_for_all() {
        let limits = Limits::default();
        let tried = (0..ALL + 50).filter(|n| limits.admit(&n.to_string(), Moment(0)));
        assert_eq!(tried.count(), ALL);
    }

    #[test]
    fn failures_are_told_once() {
        let limits = Limits::default();
        assert!(limits.failed());
        assert!(!limits.failed());
        assert_eq!(limits.take_untold(), 2);
        assert_eq!(limits.take_untold(), 0);
        assert!(limits.failed());
    }
}
