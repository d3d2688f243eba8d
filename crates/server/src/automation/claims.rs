//! The counts that `social_proof` claims rest on: how many different people an event came from in the last days,
//! counted in one run over everybody who permits it (`measure` where the event is declared for it, `segment`
//! otherwise), rounded down, and not told below the least cohort.
//!
//! Deliberately does not know: who they are, what is said of it, when it is counted.

use super::{Running, count, figures};
use crate::app::App;
use decide::compose::COUNTED_DAYS;
use gate::purposes::{Measure, MeasureView, Purpose, SegmentView, Segments};
use gate::{Gate, Opened, Unavailable};
use program::message::Claim;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vocabulary::{DAY_MS, Day, Needs, PurposeName};

/// At least so many people of each event that a message of the program counts. An event of fewer than
/// [`figures::FEW`] people is not there: what rests on it is not said.
pub async fn counted(app: &App, running: &Arc<Running>) -> Result<BTreeMap<String, u64>, Unavailable> {
    let claims = running
        .program
        .messages
        .values()
        .flat_map(|message| &message.claims);
    let events: BTreeSet<String> = claims
        .filter_map(|claim| match claim {
            Claim::SocialProof { counted } => Some(counted.clone()),
            _ => None,
        })
        .collect();
    // Nobody is opened for a count that nothing asks for.
    if events.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ask = count::ask(app);
    let digest = running.program.digest();
    let (measured, grouped): (BTreeSet<String>, BTreeSet<String>) = events.into_iter().partition(|event| {
        let rule = app.gate.dictionary().events.get(event);
        rule.is_some_and(|rule| rule.purposes.contains(PurposeName::Measure))
    });
    let mut people: BTreeMap<String, u64> = BTreeMap::new();
    if !measured.is_empty() {
        let since = ask.now.day().0.saturating_sub(u32::from(COUNTED_DAYS));
        let permits = app.gate.permits::<Measure>(ask, digest).await?;
        let did = move |view: &MeasureView, event: &String| {
            let counted =
                |(name, day, times): &(String, Day, u32)| name == event && day.0 > since && *times > 0;
            view.counts.iter().any(counted)
        };
        let open = move |gate: Gate, each: &mut dyn FnMut(Opened<Measure>)| gate.open_each(permits, each);
        people.extend(each(app, open, measured, did).await?);
    }
    if !grouped.is_empty() {
        let since = ask.now.plus(-i64::from(COUNTED_DAYS) * DAY_MS);
        let permits = app.gate.permits::<Segments>(ask, digest).await?;
        let did = move |view: &SegmentView, event: &String| {
            let kept = view.occurred.iter().filter(|kept| kept.event == *event);
            kept.flat_map(|kept| &kept.each).any(|one| one.at >= since)
        };
        let mut needs = Needs::default();
        for event in &grouped {
            // What happened at `since` itself counts.
            needs.event(event, i64::from(COUNTED_DAYS) * DAY_MS + 1, []);
        }
        let open = move |gate: Gate, each: &mut dyn FnMut(Opened<Segments>)| {
            gate.open_each_for(permits, &needs, each)
        };
        people.extend(each(app, open, grouped, did).await?);
    }
    let told = people
        .into_iter()
        .filter_map(|(event, people)| Some((event, figures::told(people)?.low)));
    Ok(told.collect())
}

/// How many of those that are opened each event came from.
async fn each<P: Purpose>(
    app: &App,
    open: impl FnOnce(Gate, &mut dyn FnMut(Opened<P>)) -> Result<u64, Unavailable> + Send + 'static,
    events: BTreeSet<String>,
    did: impl Fn(&P::View, &String) -> bool + Send + 'static,
) -> Result<BTreeMap<String, u64>, Unavailable> {
    let gate = app.gate.clone();
    let people = tokio::task::spawn_blocking(move || {
        let mut people: BTreeMap<String, u64> = BTreeMap::new();
        open(gate, &mut |opened| {
            for event in events.iter().filter(|event| did(opened.view(), event)) {
                *people.entry(event.clone()).or_default() += 1;
            }
        })?;
        Ok(people)
    });
    people.await.map_err(|_| Unavailable::Stopped)?
}
