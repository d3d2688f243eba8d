//! How many links may be e-mailed: a form that anybody can send must not fill anybody's mailbox.
//!
//! Deliberately does not know: addresses; it counts hashes under a key of this process.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use vocabulary::{HOUR_MS, Moment};

/// Links to one address within an hour.
const EACH: usize = 3;
/// Links altogether within an hour.
const ALL: usize = 600;

/// Links of the last hour, by a hash of their address.
#[derive(Default)]
pub(super) struct Limits {
    key: RandomState,
    recent: Mutex<VecDeque<(Moment, u64)>>,
}

impl Limits {
    /// Whether one more may go to this address now; if so, it is counted.
    pub(super) fn admit(&self, address: &str, now: Moment) -> bool {
        let hash = self.key.hash_one(address.trim().to_lowercase());
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        // Also those of the future: a clock that was set back must not close the form for long.
        recent.retain(|(at, _)| now.since(*at).abs() < HOUR_MS);
        let same = recent.iter().filter(|(_, known)| *known == hash).count();
        let admitted = same < EACH && recent.len() < ALL;
        if admitted {
            recent.push_back((now, hash));
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_three_links_an_hour_and_others_still_get_theirs() {
        let limits = Limits::default();
        let at = |minute: i64| Moment(minute * 60_000);
        for minute in 0..3 {
            assert!(limits.admit("ann@example.org", at(minute)));
        }
        assert!(!limits.admit(" Ann@Example.ORG ", at(4)), "the same mailbox");
        assert!(limits.admit("ben@example.org", at(4)));
        assert!(limits.admit("ann@example.org", at(61)));
    }

    #[test]
    fn there_is_a_most_for_all() {
        let limits = Limits::default();
        let sent = (0..ALL + 50).filter(|n| limits.admit(&format!("{n}@example.org"), Moment(0)));
        assert_eq!(sent.count(), ALL);
    }
}
