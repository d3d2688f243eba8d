//! Once an hour: raw events, message keys and marks of used links that are older than they may be are
//! removed. Once a day, and at the start: models and other artefacts to which nothing has referred for a week.

use crate::app::App;
use std::time::Duration;
use vocabulary::DAY_MS;

/// How long an artefact that nothing refers to is kept.
const GRACE_MS: i64 = 7 * DAY_MS;

/// Runs until the task is dropped.
pub async fn run(app: App, event_days: u32, message_days: u32) {
    let mut tick = tokio::time::interval(Duration::from_secs(3600));
    for hour in 0_u64.. {
        tick.tick().await;
        if hour % 24 == 0 {
            match app.gate.sweep(GRACE_MS, app.now()).await {
                Ok(swept) if swept.removed == 0 => {}
                Ok(swept) => tracing::info!(
                    removed = swept.removed,
                    kept = swept.kept,
                    "unused artefacts are gone"
                ),
                Err(error) => tracing::error!(%error, "unused artefacts were not removed"),
            }
        }
        match app.gate.retain(event_days, message_days, app.now()).await {
            Ok((0, 0)) => {}
            Ok((events, messages)) => tracing::info!(events, messages, "retention kept"),
            Err(error) => tracing::error!(%error, "retention was not kept"),
        }
        if let Err(error) = app.gate.forget_marks(app.now()).await {
            tracing::error!(%error, "marks of used links were not removed");
        }
        if let Err(error) = app.gate.forget_team_sessions(app.now()).await {
            tracing::error!(%error, "sessions of the team that are over were not removed");
        }
    }
}
