//! From the ingest dialect to the gate: events are taken in, and what became of them is counted.
//!
//! Deliberately does not know: HTTP, what the gate keeps.

use crate::ingest::{Accept, Accepted, Accepting, Clock, Dropped, Hearing, Named, Refusal, SourceName, Told};
use crate::signals::Said;
use gate::{Fate, Gate, Reason, Unavailable, Whom};
use std::borrow::Cow;
use vocabulary::Signals;

/// Hands events to the gate.
#[derive(Clone)]
pub struct Observe {
    /// The gate.
    pub gate: Gate,
    /// The time.
    pub clock: Clock,
}

impl Accept for Observe {
    fn accept(&self, source: SourceName, told: Vec<Told>) -> Accepting {
        let gate = self.gate.clone();
        Box::pin(async move {
            let mut undeclared = std::collections::HashMap::new();
            let received = told
                .into_iter()
                .map(|Told { event, vouched }| {
                    let mut received = gate.take_in(source.as_str(), event);
                    if !vouched {
                        received = received.unvouched();
                    }
                    for name in received.undeclared.drain(..) {
                        *undeclared.entry(name).or_insert(0u32) += 1;
                    }
                    received
                })
                .collect();
            let fates = gate.observe(received).await.map_err(refusal)?;
            if fates.contains(&Fate::Dropped(Reason::TryAgain)) {
                return Err(Refusal::Failed);
            }
            let accepted = accepted(&fates, undeclared.into_iter().collect());
            count(&source, &accepted);
            Ok(accepted)
        })
    }

    fn heard(&self, source: SourceName, whom: Vec<Named>, said: Said) -> Hearing {
        let Observe { gate, clock } = self.clone();
        Box::pin(async move {
            let signals = Signals {
                gpc: said.gpc(),
                ..Signals::default()
            };
            for (user_id, anonymous_id) in &whom {
                let whom = Whom {
                    user_id: user_id.as_deref(),
                    anonymous_id: anonymous_id.as_deref(),
                };
                said.remember(&gate, &whom, signals, source.as_str(), clock())
                    .await
                    .map_err(refusal)?;
            }
            Ok(())
        })
    }
}

fn accepted(fates: &[Fate], undeclared: Vec<(String, u32)>) -> Accepted {
    let mut accepted = Accepted {
        undeclared,
        ..Accepted::default()
    };
    for (index, fate) in (0..).zip(fates) {
        match fate {
            Fate::Stored => accepted.stored += 1,
            Fate::Duplicate => accepted.duplicates += 1,
            Fate::Dropped(reason) => {
                accepted.dropped.push(Dropped {
                    index,
                    code: Cow::Borrowed(code(*reason)),
                });
            }
        }
    }
    accepted
}

fn code(reason: Reason) -> &'static str {
    match reason {
        Reason::NoPermission => "no_permission",
        Reason::NotDeclared => "not_declared",
        Reason::Gone => "person_gone",
        Reason::Suppressed => "suppressed",
        Reason::TryAgain => "try_again",
    }
}

fn refusal(error: Unavailable) -> Refusal {
    match error {
        Unavailable::Busy => Refusal::Busy { retry_after_s: 1 },
        error => {
            tracing::error!(%error, "events could not be stored");
            Refusal::Failed
        }
    }
}

fn count(source: &SourceName, accepted: &Accepted) {
    let source = source.as_str().to_owned();
    for (fate, count) in [
        ("stored", u64::from(accepted.stored)),
        ("duplicate", u64::from(accepted.duplicates)),
        ("dropped", accepted.dropped.len() as u64),
    ] {
        metrics::counter!("egard_events_total", "source" => source.clone(), "fate" => fate).increment(count);
    }
}
