//! How many people a program's segments would have, before it is in force: some people who nobody chose are
//! looked at, under permits of their own, and nothing is kept of it.
//!
//! Deliberately does not know: who asks, how figures are told.

use super::count::ask;
use crate::app::App;
use decide::automation::Automation;
use gate::Unavailable;
use gate::purposes::Segments;
use program::words::Name;
use std::collections::BTreeMap;
use vocabulary::{Digest, PersonId};

/// People who are looked at, at most.
pub const SAMPLE: usize = 2_000;

/// What a sample showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// People who permit it and were looked at.
    pub sample: u64,
    /// Of these, how many are in each segment.
    pub hits: BTreeMap<Name, u64>,
}

/// Looks at a sample. Ids are random, so whoever follows a random place in their order is a random sample.
pub async fn sample(app: &App, automation: Automation, program: Digest) -> Result<Sampled, Unavailable> {
    app.gate.write_back().await?;
    let people = drawn(app).await?;
    let ask = ask(app);
    let permits = app.gate.permits_among::<Segments>(people, ask, program).await?;
    let gate = app.gate.clone();
    let sampled = tokio::task::spawn_blocking(move || {
        let mut sampled = Sampled {
            sample: 0,
            hits: BTreeMap::new(),
        };
        gate.open_each_for(permits, &automation.needs(), |opened| {
            sampled.sample += 1;
            for name in automation.would_be_in(opened.view(), ask.now) {
                *sampled.hits.entry(name).or_default() += 1;
            }
        })?;
        Ok(sampled)
    });
    sampled.await.map_err(|_| Unavailable::Stopped)?
}

async fn drawn(app: &App) -> Result<Vec<PersonId>, Unavailable> {
    let mut start = [0; 16];
    getrandom::fill(&mut start).map_err(|_| Unavailable::Busy)?;
    let start = PersonId(start);
    let mut people = app.gate.people_after(Some(start), SAMPLE).await?;
    if people.len() < SAMPLE {
        // Round the end, up to where it began.
        let rest = app.gate.people_after(None, SAMPLE - people.len()).await?;
        people.extend(rest.into_iter().filter(|person| *person <= start));
    }
    Ok(people)
}
