//! Joining a visitor to a person, at the person's own word, and parting them again.
//!
//! A browser that is recognised is no proof of who sits before it, and a write key stands in web pages:
//! so no event ever joins a visitor who has a history to a person who has one. The site's server does,
//! when the person said yes to it. Deliberately does not know: how they were asked.

use crate::Unavailable;
use crate::envelope::Input;
use crate::gate::Gate;
use crate::intake::Whom;
use crate::merge::Merging;
use crate::writer::Job;
use tokio::sync::oneshot;
use vocabulary::{Moment, PersonId};

/// People looked through for visitors whose undoing ends: others are due for other reasons.
const SCAN: usize = 20_000;

/// Why two were not joined, or not parted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotJoined {
    /// One of the identifiers leads to nobody.
    #[error("nobody is known by one of the two identifiers; there is nothing to join")]
    Unknown,
    /// The visitor has a `userId`, or is part of somebody else.
    #[error("the visitor is a customer of their own, or part of one; only a visitor can be joined")]
    NotAVisitor,
    /// The person is known by no `userId`.
    #[error("the person is not known by a `userId` yet; send an `identify` first")]
    NotACustomer,
    /// Data of one of them is restricted (GDPR art. 18): it is stored, and nothing else.
    #[error("the use of their data is restricted; it can be joined when the restriction ends")]
    Restricted,
    /// Too many visitors are part of this person: whoever has more of them is no person.
    #[error("too many visitors are part of this person already")]
    TooMany,
    /// They are not joined.
    #[error("the visitor is not part of this person")]
    NotJoined,
    /// The time to undo it is over.
    #[error("they were joined too long ago to be parted; what is kept of them can be erased")]
    TooLate,
}

/// What is wanted of two envelopes.
pub(crate) struct Join {
    pub(crate) person: PersonId,
    pub(crate) visitor: PersonId,
    pub(crate) wish: Wish,
    pub(crate) source: String,
    pub(crate) now: Moment,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Join,
    Part,
    Settle,
}

impl Join {
    /// An input of this moment and source.
    pub(crate) fn input(&self) -> Input {
        Input {
            at: self.now.0,
            received_at: self.now.0,
            source: self.source.clone(),
            ..Input::default()
        }
    }

    pub(crate) fn merging(&self, merging: Merging) -> Input {
        Input {
            merging: Some(merging),
            ..self.input()
        }
    }
}

impl Gate {
    /// Makes the visitor part of the person: what was known of the visitor is known of the person, events
    /// of the visitor are the person's. Durable when it answers until when it can be undone.
    ///
    /// To be called when the person said, as themselves, that the visitor was them and that the two may be
    /// joined; `source` says through what. For each purpose the stricter word of the two stands.
    pub async fn join(
        &self,
        whom: &Whom<'_>,
        source: &str,
        now: Moment,
    ) -> Result<Result<Moment, NotJoined>, Unavailable> {
        self.merge(whom, Wish::Join, source, now).await
    }

    /// Parts the visitor from the person again, as long as that can be done. What was refused since then
    /// stays refused for both.
    pub async fn part(
        &self,
        whom: &Whom<'_>,
        source: &str,
        now: Moment,
    ) -> Result<Result<Moment, NotJoined>, Unavailable> {
        self.merge(whom, Wish::Part, source, now).await
    }

    /// Drops what was kept to undo merges, where the time for it is over. Answers of how many.
    pub async fn settle_merges(&self, now: Moment) -> Result<u64, Unavailable> {
        let due = self
            .blocking(move |gate| {
                let shared = gate.shared();
                let mut due = Vec::new();
                for visitor in shared.shelf.due(now, SCAN)? {
                    let part_of = |slot: &mut crate::hot::Slot| Ok(slot.terms.part_of());
                    let shelf = shared.shelf.as_ref();
                    let person = shared.hot.with(visitor, shelf, &shared.keyring, part_of)?;
                    due.extend(person.flatten().map(|person| (person, visitor)));
                }
                Ok(due)
            })
            .await?;
        let mut settled = 0;
        for (person, visitor) in due {
            let join = Join {
                person,
                visitor,
                wish: Wish::Settle,
                source: String::new(),
                now,
            };
            settled += u64::from(self.send_join(join).await?.is_ok());
        }
        Ok(settled)
    }

    async fn merge(
        &self,
        whom: &Whom<'_>,
        wish: Wish,
        source: &str,
        now: Moment,
    ) -> Result<Result<Moment, NotJoined>, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        let (Some(user), Some(anonymous)) = (located.user, located.anonymous) else {
            return Ok(Err(NotJoined::Unknown));
        };
        // Not `locate`: the visitor's own envelope is wanted, whosever part they are.
        let found = self
            .blocking(move |gate| Ok(gate.shared().shelf.resolve(&[user, anonymous])?))
            .await?;
        let &[Some(person), Some(visitor)] = found.as_slice() else {
            return Ok(Err(NotJoined::Unknown));
        };
        let source = source.to_owned();
        let join = Join {
            person,
            visitor,
            wish,
            source,
            now,
        };
        self.send_join(join).await
    }

    pub(crate) async fn send_join(&self, join: Join) -> Result<Result<Moment, NotJoined>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Merge { join, reply })?;
        answer.await.map_err(|_| Unavailable::Stopped)?
    }
}
