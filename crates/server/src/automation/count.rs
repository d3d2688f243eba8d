//! How many people are in each group and at each step of each journey: counted in one run over everybody who
//! permits `segment`, with its leaf in the log. Nobody is named, and figures leave only through `figures`.
//!
//! Deliberately does not know: when it is counted, who asks.

use super::{Running, flow};
use crate::app::App;
use decide::automation;
use gate::charter::Requester;
use gate::purposes::Segments;
use gate::{Ask, Unavailable};
use program::words::Name;
use std::collections::BTreeMap;
use std::sync::Arc;
use vocabulary::{Moment, Needs, Signals};

/// A count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// When.
    pub at: Moment,
    /// Under which number its program was in force.
    pub number: u64,
    /// Everybody who permits `segment`.
    pub people: u64,
    /// People in each group.
    pub segments: BTreeMap<Name, u64>,
    /// People at each step of each journey; `None`: held out.
    pub steps: BTreeMap<(Name, Option<String>), u64>,
    /// How often what happened in journeys in the last seven days, today included, by the keys of `decide::automation`.
    pub week: BTreeMap<String, u64>,
    /// The same in the last thirty days.
    pub month: BTreeMap<String, u64>,
}

/// Asks as the house itself does.
pub(super) fn ask(app: &App) -> Ask {
    Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    }
}

/// Counts.
pub async fn count(app: &App, running: &Arc<Running>) -> Result<Counted, Unavailable> {
    let ask = ask(app);
    let program = running.program.digest();
    let permits = app.gate.permits::<Segments>(ask, program).await?;
    app.keep_flow().await?;
    let (week, month) = (
        flow::last(app, ask.now, 7).await?,
        flow::last(app, ask.now, 30).await?,
    );
    let (gate, running) = (app.gate.clone(), Arc::clone(running));
    let counted = tokio::task::spawn_blocking(move || {
        let mut counted = Counted {
            at: ask.now,
            number: running.applied.number,
            people: 0,
            segments: BTreeMap::new(),
            steps: BTreeMap::new(),
            week,
            month,
        };
        let needs = Needs {
            state: true,
            ..Needs::default()
        };
        gate.open_each_for(permits, &needs, |opened| {
            let state = &opened.view().state;
            counted.people += 1;
            for membership in running.automation.memberships(state) {
                if membership.holds {
                    *counted.segments.entry(membership.segment).or_default() += 1;
                }
            }
            for (journey, step, _) in automation::positions(state) {
                *counted.steps.entry((journey, step)).or_default() += 1;
            }
        })?;
        Ok(counted)
    });
    counted.await.map_err(|_| Unavailable::Stopped)?
}
