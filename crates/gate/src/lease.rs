//! Taking the store's lease at the start: by two clocks, of which one cannot be set.
//!
//! Deliberately does not know: what is done under it.

use crate::Unavailable;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Epoch, Shelf};
use vocabulary::Moment;

/// How long a lease lasts that is not renewed, milliseconds.
const LEASE_MS: i64 = 30_000;

/// The clocks by which the lease is taken.
struct Clocks<'a> {
    of_day: &'a Arc<dyn Fn() -> Moment + Send + Sync>,
    started: Instant,
}

impl store::Clocks for Clocks<'_> {
    fn now(&self) -> Moment {
        (self.of_day)()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Takes the lease. A process that was killed may still hold it for a while: waits until it lapses, or is
/// seen not to be renewed.
pub(crate) fn acquire(
    shelf: &dyn Shelf,
    owner: &str,
    clock: &Arc<dyn Fn() -> Moment + Send + Sync>,
) -> Result<Epoch, Unavailable> {
    let clocks = Clocks {
        of_day: clock,
        started: Instant::now(),
    };
    Ok(store::take_over(shelf, owner, LEASE_MS, &clocks)?)
}
