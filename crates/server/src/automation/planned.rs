//! How many people a program that is to be put in force is about: those who were counted as they stand now, and of
//! those it would place elsewhere an estimate on a sample.
//!
//! Deliberately does not know: what is different between two programs (`program::plan`), how it is told.

use super::{Running, count, figures, preview, ready};
use crate::app::App;
use ::program::plan::{self, Interval};
use ::program::{Name, Program, Segment};
use gate::Unavailable;
use std::sync::Arc;

/// Why nothing was reckoned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gate has no answer.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// The program's segments cannot be reckoned.
    #[error(transparent)]
    Program(#[from] decide::segments::Error),
}

/// How many people a plan is about, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Everybody as they stand, if they were counted.
    pub now: Option<Arc<count::Counted>>,
    /// What a sample showed under the new program, if one was taken.
    pub sampled: Option<preview::Sampled>,
}

impl Figures {
    /// Looks at a sample under the new program, and counts everybody as they stand if nobody has. A record in the log
    /// says so before anybody is looked at.
    pub async fn sampled(app: &App, to: &Program, running: Option<&Arc<Running>>) -> Result<Figures, Error> {
        let known = running.and_then(|running| {
            app.counted()
                .filter(|counted| counted.number == running.applied.number)
        });
        let now = match (known, running) {
            (Some(known), _) => Some(known),
            (None, Some(running)) => Some(Arc::new(count::count(app, running).await?)),
            (None, None) => None,
        };
        let automation = ready(to, Vec::new(), Arc::clone(&app.catalogue))?;
        let sampled = preview::sample(app, automation, to.digest()).await?;
        Ok(Figures {
            now,
            sampled: Some(sampled),
        })
    }
}

impl plan::Running for Figures {
    fn in_segment(&self, segment: &Name) -> Option<Interval> {
        figures::told(*self.now.as_ref()?.segments.get(segment)?)
    }

    fn would_be_in(&self, segment: &Segment) -> Option<Interval> {
        let sampled = self.sampled.as_ref()?;
        let hits = *sampled.hits.get(&segment.name)?;
        // Before the first program nobody was counted: the sample may be everybody there is.
        let people = match &self.now {
            Some(now) => now.people,
            None if sampled.sample < preview::SAMPLE as u64 => sampled.sample,
            None => return None,
        };
        figures::estimated(hits, sampled.sample, people)
    }

    fn at_step(&self, journey: &Name, step: &str) -> Option<Interval> {
        let place = (journey.clone(), Some(step.to_owned()));
        figures::told(*self.now.as_ref()?.steps.get(&place)?)
    }
}
