//! Who holds something that ended is found by the moment it ends, and rid of it: a scan of the people who
//! are due, not of all.
//!
//! What ended is not used from that moment on, by anybody; here it is removed from disk. The removal is an
//! input like any other, so that a crash folds it again. Deliberately does not know: what ended, and when it
//! is asked to look.

use crate::envelope::Input;
use crate::gate::Gate;
use crate::writer::{Fate, Job};
use crate::{Unavailable, keeping};
use tokio::sync::oneshot;
use vocabulary::{Moment, PersonId};

/// People in one group.
const PAGE: usize = 500;
/// People looked through for those of whom something ended: others are due for other reasons.
const SCAN: usize = 20_000;
/// Groups in one call: the next call goes on.
const PAGES: usize = 20;
/// What the inputs of a sweep call their source.
const SOURCE: &str = "retention";

impl Gate {
    /// Removes what is held of people though its consent ended or it is too old for every purpose. Durable
    /// when it answers of how many, at most ten thousand at once.
    pub async fn remove_ended(&self, now: Moment) -> Result<u64, Unavailable> {
        let mut swept = 0;
        for _ in 0..PAGES {
            let due = self.blocking(move |gate| gate.ended(now)).await?;
            if due.is_empty() {
                break;
            }
            let mut answers = Vec::with_capacity(due.len());
            for person in due {
                let (reply, answer) = oneshot::channel();
                let input = Box::new(removal(now));
                self.send(Job::Input { person, input, reply })?;
                answers.push(answer);
            }
            let mut done = 0;
            for answer in answers {
                let fate = answer.await.map_err(|_| Unavailable::Stopped)??;
                done += u64::from(fate == Fate::Stored);
            }
            swept += done;
            // Who is due is asked of the rows: without this the same people would come again.
            self.write_back().await?;
            if done == 0 {
                break;
            }
        }
        Ok(swept)
    }

    /// Those who are due by their rows and hold something that ended.
    fn ended(&self, now: Moment) -> Result<Vec<PersonId>, Unavailable> {
        let shared = self.shared();
        let mut ended = Vec::new();
        for person in shared.shelf.due(now, SCAN)? {
            if ended.len() >= PAGE {
                break;
            }
            let is_over = |slot: &mut crate::hot::Slot| {
                let terms = std::sync::Arc::clone(&slot.terms);
                let end = keeping::ends(&terms, slot.content(person)?);
                Ok(end.is_some_and(|end| end <= now))
            };
            let shelf = shared.shelf.as_ref();
            if shared.hot.with(person, shelf, &shared.keyring, is_over)? == Some(true) {
                ended.push(person);
            }
        }
        Ok(ended)
    }
}

fn removal(now: Moment) -> Input {
    Input {
        at: now.0,
        received_at: now.0,
        source: SOURCE.to_owned(),
        sweeps: Some(true),
        ..Input::default()
    }
}
