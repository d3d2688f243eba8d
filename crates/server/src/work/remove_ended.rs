//! Once a minute: what is held of people though its consent ended, or it is too old for every purpose, is
//! removed, and so is what was kept to undo merges when the time for it is over.
//!
//! Counted in the metrics and named nowhere.

use crate::app::App;
use gate::Unavailable;
use std::time::Duration;

/// Runs until the task is dropped.
pub async fn run(app: App) {
    let mut tick = tokio::time::interval(Duration::from_secs(60));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = once(&app).await {
            tracing::error!(%error, "what ended was not removed");
        }
    }
}

/// One sweep; answers of how many people something was removed, and how many merges were settled.
///
/// # Errors
/// Where the gate cannot write; what was removed until then stays so.
pub async fn once(app: &App) -> Result<(u64, u64), Unavailable> {
    let merges = app.gate.settle_merges(app.now()).await?;
    let people = app.gate.remove_ended(app.now()).await?;
    metrics::counter!("egard_swept_people_total").increment(people);
    metrics::counter!("egard_settled_merges_total").increment(merges);
    Ok((people, merges))
}
