//! Once a minute, and when woken: what is open is carried out (a kill may have come in between), what
//! is near its end is warned about, who wants to be told is told, and what was kept long enough goes.
//!
//! Deliberately does not know: how a right is carried out.

use crate::app::App;
use crate::rights::{self, By, Fault, Known, Status, Step, Urgency};
use gate::RequestId;
use std::collections::HashMap;
use std::time::Duration;
use vocabulary::{DAY_MS, Day, Signals};

const MINUTE: Duration = Duration::from_secs(60);
const SOONEST: Duration = Duration::from_secs(1);

/// Runs until the task is dropped.
pub async fn run(app: App) {
    let mut warned = HashMap::new();
    let mut cleaned = None;
    loop {
        let pause = match round(&app, &mut warned).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "requests were not answered");
                MINUTE
            }
        };
        let today = app.now().day();
        if cleaned != Some(today) {
            if let Err(error) = crate::register::note_quarter(&app).await {
                tracing::error!(%error, "the erasures of the last quarter were not counted");
            }
            match clean(&app).await {
                Ok(0) => cleaned = Some(today),
                Ok(removed) => {
                    tracing::info!(removed, "ended requests were removed");
                    cleaned = Some(today);
                }
                Err(error) => tracing::error!(%error, "ended requests were not removed"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.office.woken() => {}
        }
    }
}

/// Everything that is pending, once. Answers how long to wait for the next round.
pub async fn round(app: &App, warned: &mut HashMap<RequestId, Day>) -> Result<Duration, Fault> {
    let mut pause = MINUTE;
    let (mut after, mut open, mut soon, mut overdue) = (None, 0u32, 0u32, 0u32);
    loop {
        let page = app.gate.pending_requests(after).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for id in page {
            let known = match take_forward(app, id).await {
                Ok(known) => known,
                // One that cannot be read or carried out must not hold up the others.
                Err(fault) => {
                    tracing::error!(error = %fault, request = %id, "a request was not taken forward");
                    continue;
                }
            };
            let request = &known.house.request;
            if !request.status.is_final() {
                open += 1;
                match request.urgency(app.now().day()) {
                    Urgency::Calm => {}
                    Urgency::Soon => soon += 1,
                    Urgency::Overdue => overdue += 1,
                }
                warn(app, &known, warned);
            }
            if !known.house.callbacks.is_empty() {
                let told = rights::tell(app, id).await?;
                if let Some(next) = told.next {
                    let wait = u64::try_from(next.since(app.now())).unwrap_or(0);
                    pause = pause.min(Duration::from_millis(wait).max(SOONEST));
                }
            }
        }
    }
    metrics::gauge!("egard_rights_open").set(open);
    metrics::gauge!("egard_rights_due_soon").set(soon);
    metrics::gauge!("egard_rights_overdue").set(overdue);
    Ok(pause)
}

/// Carried out if a program can, expired if the person never showed who they are.
async fn take_forward(app: &App, id: RequestId) -> Result<Known, Fault> {
    let known = rights::carry_out(app, id, Signals::default()).await?;
    let request = &known.house.request;
    let waits = request.status == Status::NeedUserVerification;
    if waits && request.urgency(app.now().day()) == Urgency::Overdue {
        return rights::advance(app, id, Step::Expire, By::System, None).await;
    }
    Ok(known)
}

/// Once a day for each request that is near its end or past it.
fn warn(app: &App, known: &Known, warned: &mut HashMap<RequestId, Day>) {
    let today = app.now().day();
    let request = &known.house.request;
    let urgency = request.urgency(today);
    if urgency == Urgency::Calm || warned.insert(known.id, today) == Some(today) {
        return;
    }
    warned.retain(|_, day| *day == today);
    let due = decide::rights::date(request.due());
    let latest = decide::rights::date(decide::rights::latest(request.due(), &app.office.holidays));
    let right = request.right.as_str();
    metrics::counter!("egard_rights_warnings_total", "right" => right).increment(1);
    match urgency {
        Urgency::Overdue => {
            tracing::error!(request = %known.id, right, due, latest, "a request is overdue (GDPR art. 12(3))");
        }
        _ => tracing::warn!(request = %known.id, right, due, latest, "a request must be answered soon"),
    }
}

/// Removes ended requests that were kept for as long as they may be.
pub async fn clean(app: &App) -> Result<u64, Fault> {
    let before = app.now().plus(-i64::from(app.office.keep_days) * DAY_MS);
    let (mut after, mut removed) = (None, 0);
    loop {
        let page = app.gate.requests(after).await?;
        let Some(last) = page.last() else {
            return Ok(removed);
        };
        after = Some(last.id);
        for filed in &page {
            let known = rights::find(app, filed.id).await?;
            let request = &known.house.request;
            if request.status.is_final() && request.changed_at() < before {
                removed += u64::from(app.gate.remove_request(filed.id).await?);
            }
        }
    }
}
