//! The e-mail address by which a person may ask for a link to their own page.
//!
//! Only a keyed hash of it is kept: the person types the address, and the link goes there. It is told
//! by the site's server, never by an event: write keys stand in web pages, and whoever could add an
//! address to somebody else could read their page. Deliberately does not know: how mail is sent.

use crate::Unavailable;
use crate::envelope::{Input, Reached};
use crate::gate::Gate;
use crate::intake::Whom;
use crate::pass::PassKind;
use crate::writer::{Fate, Job};
use tokio::sync::oneshot;
use vocabulary::{Blind, Moment};

/// What became of an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Addressed {
    /// On disk: this address, and no earlier one, gets links for this person.
    Kept,
    /// There is no such person.
    Nobody,
    /// The address leads to somebody else.
    Taken,
}

impl Gate {
    /// Notes where the person with that `userId` is reached. An earlier address gets no links any more.
    pub async fn reach(
        &self,
        user_id: &str,
        address: &str,
        source: &str,
        now: Moment,
    ) -> Result<Addressed, Unavailable> {
        let blind = self.blind_address(address);
        let located = whom(user_id).located(&self.shared().keyring);
        let found = self
            .blocking(move |gate| {
                let known = gate
                    .shared()
                    .shelf
                    .resolve(&[blind])?
                    .into_iter()
                    .flatten()
                    .next();
                Ok((gate.locate(&located)?, known))
            })
            .await?;
        let person = match found {
            (None, _) => return Ok(Addressed::Nobody),
            (Some(person), Some(other)) if person != other => return Ok(Addressed::Taken),
            (Some(person), _) => person,
        };
        let reached = Reached {
            address: blind.0,
            user_id: user_id.to_owned(),
        };
        let input = Input {
            at: now.0,
            received_at: now.0,
            source: source.to_owned(),
            identifiers: vec![blind.0.to_vec().into()],
            reached: Some(reached),
            ..Input::default()
        };
        let (reply, answer) = oneshot::channel();
        self.send(Job::Input {
            person,
            input: Box::new(input),
            reply,
        })?;
        match answer.await.map_err(|_| Unavailable::Stopped)?? {
            Fate::Stored => Ok(Addressed::Kept),
            _ => Err(Unavailable::Busy),
        }
    }

    /// A link for whoever is reached at that address now; `None` if that is nobody. It takes another
    /// time to find somebody than nobody: do not let the asker wait for it.
    pub async fn issue_pass_to(
        &self,
        address: &str,
        ttl_ms: i64,
        now: Moment,
    ) -> Result<Option<Vec<u8>>, Unavailable> {
        let blind = self.blind_address(address);
        let user_id = self
            .blocking(move |gate| {
                let shared = gate.shared();
                let Some(person) = shared.shelf.resolve(&[blind])?.into_iter().flatten().next() else {
                    return Ok(None);
                };
                let reached = shared
                    .hot
                    .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                        Ok(slot.terms.reached.clone())
                    })?;
                let current = reached.flatten().filter(|reached| reached.address == blind.0);
                Ok(current.map(|reached| reached.user_id))
            })
            .await?;
        user_id
            .map(|id| self.issue_pass(PassKind::Link, &whom(&id), ttl_ms, now))
            .transpose()
    }

    /// Letters count as small ones: no mailbox in use tells them apart.
    fn blind_address(&self, address: &str) -> Blind {
        let address = address.trim().to_lowercase();
        self.shared().keyring.blind("email", &address)
    }
}

fn whom(user_id: &str) -> Whom<'_> {
    Whom {
        user_id: Some(user_id),
        anonymous_id: None,
    }
}
