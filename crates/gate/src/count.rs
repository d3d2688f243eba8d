//! Counting people in: whoever permits `train` adds their contribution to the sums, and it is sealed in
//! their own envelope before it is.
//!
//! What always holds: of every contribution that a sum holds, either somebody's envelope says so or the
//! list of what is to be taken out does. So an envelope keeps what it replaced until a run has seen that
//! the sum no longer holds it.
//!
//! Deliberately does not know: the sums.

use crate::Unavailable;
use crate::contribution::{Contributed, Contribution, Counting, ShareId};
use crate::gate::Gate;
use crate::purposes::Train;
use crate::run::{PAGE, Permits, permitted};
use crate::writer::{Change, Job};
use tokio::sync::oneshot;
use vocabulary::{Moment, PersonId, PurposeName};

/// What changes in the sum for one person. Both are durable in the person's envelope.
pub struct Recount {
    /// To be added.
    pub added: Contributed,
    /// To be taken out: what the sum held of them.
    pub replaced: Vec<Contributed>,
}

/// A change that waits to be durable.
struct Wanted {
    change: Change,
    added: Contribution,
    replaced: Vec<Contribution>,
}

impl Gate {
    /// Spends permits for `train`: sees to it that the sum will hold of everybody permitted what `train`
    /// may see of them now, and hands what changes to `each`. `holds` says whether the sum holds a
    /// contribution. Whoever does not permit it any more goes onto the list of what is to be taken out.
    /// A person who changes in this very moment stays as they are until the next run. Blocks.
    pub fn count_in(
        &self,
        permits: Permits<Train>,
        holds: impl Fn(ShareId) -> bool,
        mut each: impl FnMut(Recount),
    ) -> Result<(), Unavailable> {
        let now = permits.ask.now;
        for page in permits.lapsed.chunks(PAGE) {
            let out = |person: &PersonId| Change {
                person: *person,
                version: None,
                counting: Counting::Out,
            };
            self.change_counting(page.iter().map(out).collect(), now)?;
        }
        for page in permits.people.chunks(PAGE) {
            let (changes, shares): (Vec<Change>, Vec<_>) = self
                .wanted(page, &permits, &holds)?
                .into_iter()
                .map(|wanted| (wanted.change, (wanted.added, wanted.replaced)))
                .unzip();
            if changes.is_empty() {
                continue;
            }
            let done = self.change_counting(changes, now)?;
            for ((added, replaced), done) in shares.into_iter().zip(done) {
                if done {
                    each(Recount {
                        added: added.opened(),
                        replaced: replaced.iter().map(Contribution::opened).collect(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Spends permits for `train`: hands to `each` what the sum holds of everybody permitted, as it was added. `holds`
    /// says whether the sum holds a contribution. Nothing changes. Blocks.
    pub fn open_counted(
        &self,
        permits: Permits<Train>,
        holds: impl Fn(ShareId) -> bool,
        mut each: impl FnMut(Contributed),
    ) -> Result<(), Unavailable> {
        for page in permits.people.chunks(PAGE) {
            self.each_slot(page, |person, slot| {
                if !permitted(self, slot, PurposeName::Train, &permits.ask) {
                    return Ok(());
                }
                self.shared().count_opening(PurposeName::Train);
                let counted = slot.content(person)?.contributions.iter().flatten();
                let held = counted.filter(|one| holds(ShareId(one.id)));
                held.for_each(|one| each(one.opened()));
                Ok(())
            })?;
        }
        Ok(())
    }

    fn wanted(
        &self,
        page: &[PersonId],
        permits: &Permits<Train>,
        holds: &impl Fn(ShareId) -> bool,
    ) -> Result<Vec<Wanted>, Unavailable> {
        let mut wanted = Vec::new();
        self.each_slot(page, |person, slot| {
            if !permitted(self, slot, PurposeName::Train, &permits.ask) {
                return Ok(());
            }
            self.shared().count_opening(PurposeName::Train);
            let (terms, version) = (std::sync::Arc::clone(&slot.terms), slot.version);
            let content = slot.content(person)?;
            let added = Contribution::of(&terms, content, permits.ask.now)?;
            // What no sum holds was never published, or has been replaced since.
            let mut held = content.contributions.clone().unwrap_or_default();
            held.retain(|one| holds(ShareId(one.id)));
            if matches!(held.as_slice(), [only] if only.acts == added.acts) {
                return Ok(());
            }
            let all = held.iter().cloned().chain([added.clone()]).collect();
            wanted.push(Wanted {
                change: Change {
                    person,
                    version: Some(version),
                    counting: Counting::In(all),
                },
                added,
                replaced: held,
            });
            Ok(())
        })?;
        Ok(wanted)
    }

    fn change_counting(&self, changes: Vec<Change>, now: Moment) -> Result<Vec<bool>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Count { changes, now, reply })?;
        answer.blocking_recv().map_err(|_| Unavailable::Stopped)?
    }
}
