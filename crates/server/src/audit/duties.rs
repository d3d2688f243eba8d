//! What must be so at any time, whatever the sample: what is kept is intact, what must be gone is gone, who
//! asked has an answer in time.
//!
//! Deliberately does not know: records.

use super::{Error, Scope, Tally, blocking};
use crate::app::App;
use crate::rights::{self, Urgency};
use gate::{Gate, Published};
use vocabulary::{Day, Moment};

/// Read at once.
const PAGE: usize = 1_000;
/// Days after its own that something may still be there: retention runs once an hour while the server runs.
const SLACK_DAYS: u32 = 1;

/// Checks all duties.
pub(super) async fn check(app: &App, scope: &Scope, now: Moment, tally: &mut Tally) -> Result<(), Error> {
    let gate = app.gate.clone();
    let (kept, damaged, oldest) = blocking(move || {
        let (kept, damaged) = artefacts(&gate)?;
        Ok((kept, damaged, gate.oldest()?))
    })
    .await?;
    tally.counts.insert("artefacts".to_owned(), kept);
    tally.add("artefact_damaged", damaged);
    for (name, oldest, days) in [
        ("event_kept_too_long", oldest.event, scope.event_days),
        ("message_kept_too_long", oldest.message, scope.message_days),
    ] {
        let least = now.day().0.saturating_sub(days).saturating_sub(SLACK_DAYS);
        tally.add(name, u64::from(oldest.is_some_and(|day| day < Day(least))));
    }
    requests(app, now.day(), tally).await
}

/// How many artefacts there are, and how many of them are not what their digest names.
fn artefacts(gate: &Gate) -> Result<(u64, u64), Error> {
    let (mut kept, mut damaged, mut after) = (0, 0, None);
    loop {
        let page = gate.artefact_digests(after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok((kept, damaged));
        };
        after = Some(*last);
        for digest in &page {
            kept += 1;
            damaged += u64::from(gate.artefact_state(*digest)? == Published::Damaged);
        }
    }
}

/// Requests for a right that are late, or were answered late.
async fn requests(app: &App, today: Day, tally: &mut Tally) -> Result<(), Error> {
    let mut after = None;
    loop {
        let page = app.gate.requests(after).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.id);
        for filed in &page {
            let request = match rights::find(app, filed.id).await {
                Ok(known) => known.house.request,
                // Removed meanwhile.
                Err(rights::Fault::NoRequest) => continue,
                Err(rights::Fault::Stored) => {
                    tally.add("request_unreadable", 1);
                    continue;
                }
                Err(fault) => return Err(fault.into()),
            };
            tally.count("requests");
            if request.urgency(today) == Urgency::Overdue {
                tally.add("request_late", 1);
            } else if request.status.is_final() && request.changed_at().day() > request.due() {
                tally.add("request_answered_late", 1);
            }
        }
    }
}
