//! Once an hour: raw events, message keys and marks of used links that are older than they may be are
//! removed.

use crate::app::App;
use std::time::Duration;

/// Runs until the task is dropped.
pub async fn run(app: App, event_days: u32, message_days: u32) {
    let mut tick = tokio::time::interval(Duration::from_secs(3600));
    loop {
        tick.tick().await;
        match app.gate.retain(event_days, message_days, app.now()).await {
            Ok((0, 0)) => {}
            Ok((events, messages)) => tracing::info!(events, messages, "retention kept"),
            Err(error) => tracing::error!(%error, "retention was not kept"),
        }
        if let Err(error) = app.gate.forget_marks(app.now()).await {
            tracing::error!(%error, "marks of used links were not removed");
        }
    }
}
