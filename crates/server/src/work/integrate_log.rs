//! About once a second: waiting leaves enter the log.

use gate::Gate;
use std::time::Duration;

/// Runs until the task is dropped.
pub async fn run(gate: Gate) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match gate.integrate().await {
            Ok(0) => {}
            Ok(leaves) => metrics::counter!("egard_leaves_total").increment(leaves),
            Err(error) => tracing::error!(%error, "the log was not extended"),
        }
    }
}
