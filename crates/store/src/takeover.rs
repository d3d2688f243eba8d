//! Taking the lease from a holder who may be gone, in bounded time whatever the clocks say.
//!
//! A lease ends at a time of day, and a clock can be set back: by it, the lease of a process that was
//! killed would last until the clock has caught up. So the lease is watched as well. A holder who is alive
//! renews it long before it ends, and each renewal moves its end. An end that has not moved for as long as a
//! lease lasts, by a clock that nobody sets, is the end of somebody who is gone. Whoever is followed by
//! mistake (a process that was stopped and goes on) is fenced by the epoch, under the lock of the lease
//! itself: two never write. Deliberately does not know: which driver, what is written.

use crate::shelf::{Epoch, Error, Shelf};
use std::time::Duration;
use vocabulary::Moment;

/// How often the lease is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// By how much longer than a lease lasts it is watched, and how long is waited for a holder who is alive.
const MARGIN: Duration = Duration::from_secs(5);
/// Of a lease that does not end: that process itself must.
const NEVER: Moment = Moment(i64::MAX);

/// The times that a takeover needs.
pub trait Clocks {
    /// The time of day, which may be set forward and back.
    fn now(&self) -> Moment;

    /// The time since some moment, which never goes back.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn wait(&self, time: Duration);
}

/// Takes the right to write for `owner`. Where somebody holds it, waits until their lease ends or is seen
/// not to be renewed for `ttl_ms`, which all holders must use alike.
///
/// # Errors
/// [`Error::Held`] after `ttl_ms` and five seconds, if the holder went on renewing it, or at once if it
/// cannot end; and whatever [`Shelf::acquire`] fails with.
pub fn take_over(shelf: &dyn Shelf, owner: &str, ttl_ms: i64, clocks: &dyn Clocks) -> Result<Epoch, Error> {
    let lease = Duration::from_millis(u64::try_from(ttl_ms).unwrap_or_default());
    let begun = clocks.elapsed();
    let mut watched: Option<(String, Moment, Duration)> = None;
    loop {
        let (holder, until) = match shelf.acquire(owner, clocks.now(), ttl_ms) {
            Err(Error::Held { owner, until }) if until != NEVER => (owner, until),
            outcome => return outcome,
        };
        let now = clocks.elapsed();
        let since = match &watched {
            Some((known, end, since)) if *known == holder && *end == until => *since,
            _ => now,
        };
        if now.saturating_sub(since) >= lease {
            // As of the end that was watched: who renewed it this very moment is not followed.
            match shelf.acquire(owner, until, ttl_ms) {
                Err(Error::Held { .. }) => {}
                outcome => return outcome,
            }
        }
        if now.saturating_sub(begun) >= lease + MARGIN {
            return Err(Error::Held { owner: holder, until });
        }
        watched = Some((holder, until, since));
        clocks.wait(LOOK);
    }
}
