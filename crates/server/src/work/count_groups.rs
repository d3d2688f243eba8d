//! Counts, once an hour and after another program has reached everybody, how many people are in each group and
//! at each step, and what the claims of messages rest on.
//!
//! Deliberately does not know: who is in them, HTTP.

use crate::app::App;
use crate::automation::{claims, count};
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3_600);

/// Runs until the task is dropped.
pub async fn run(app: App) {
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last = None;
    loop {
        tick.tick().await;
        let Some(running) = app.running() else { continue };
        if !app.backfilled().is_some_and(|reached| reached.done) {
            continue;
        }
        let fresh = app.counted().is_some() && last.is_some_and(|last: Instant| last.elapsed() < HOUR);
        if fresh {
            continue;
        }
        match count::count(&app, &running).await {
            Ok(counted) => app.has_counted(counted),
            Err(error) => tracing::error!(%error, "groups were not counted"),
        }
        match claims::counted(&app, &running).await {
            Ok(counted) => running.has_counted(counted),
            // An old count may be wrong by now: nothing is claimed then.
            Err(error) => {
                running.has_counted(Default::default());
                tracing::error!(%error, "what claims rest on was not counted");
            }
        }
        last = Some(Instant::now());
    }
}
