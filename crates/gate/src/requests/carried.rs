//! What a request asks for, done to its person: acts, choices, erasure. Each may be repeated.
//!
//! Deliberately does not know: which right asks for what.

use super::kept::{Stored, name, parse_name, prefix};
use super::{MAX_REQUESTS, RequestId};
use crate::Unavailable;
use crate::envelope::{self, Act};
use crate::gate::{Gate, Shared};
use crate::intake;
use vocabulary::{Moment, PersonId, PurposeName};

impl Gate {
    /// An act of the person whom a request is about. `None`: they are gone, or nothing can be done
    /// by it ([`Gate::can_act`]).
    pub async fn act_for(
        &self,
        id: RequestId,
        act: Act,
        source: &str,
        now: Moment,
    ) -> Result<Option<()>, Unavailable> {
        if !self.can_act(&act) {
            return Ok(None);
        }
        match self.linked(id).await? {
            Some(person) => {
                self.put_input(person, intake::act(act, source, now, self.dictionary()))
                    .await
            }
            None => Ok(None),
        }
    }

    /// A choice of the person whom a request is about. `None`: they are gone.
    pub async fn choose_for(
        &self,
        id: RequestId,
        choices: &[(PurposeName, bool)],
        source: &str,
        now: Moment,
    ) -> Result<Option<()>, Unavailable> {
        match self.linked(id).await? {
            Some(person) => {
                let input = intake::choice(choices, source, now, &self.shared().notices());
                self.put_input(person, input).await
            }
            None => Ok(None),
        }
    }

    /// Erases the person whom a request is about, and every pointer from requests to them. `false`:
    /// they were gone already. May be called again.
    pub async fn erase_for(&self, id: RequestId) -> Result<bool, Unavailable> {
        let Some(person) = self.linked(id).await? else {
            return Ok(false);
        };
        Ok(self.erase_person(person).await?.is_some())
    }

    /// Unlinks requests from a person who is erased. Called after every erasure, whatever asked for
    /// it; may be called again.
    pub(crate) async fn forget_requests(&self, person: PersonId) -> Result<(), Unavailable> {
        let _turn = self.shared().requests.lock().await;
        self.blocking(move |gate| unlink(gate.shared(), person)).await
    }

    /// Unlinks a request whose person was erased and the process killed before it was unlinked.
    pub async fn unlink_if_gone(&self, id: RequestId) -> Result<bool, Unavailable> {
        let Some(person) = self.linked(id).await? else {
            return Ok(false);
        };
        let there = self
            .blocking(move |gate| {
                let key = gate.shared().shelf.keys(&[person])?.into_iter().next();
                Ok(key.flatten().is_some())
            })
            .await?;
        if !there {
            self.forget_requests(person).await?;
        }
        Ok(!there)
    }
}

/// Unlinks requests from a person, while nobody else changes requests.
pub(crate) fn unlink(shared: &Shared, person: PersonId) -> Result<(), Unavailable> {
    let (shelf, prefix) = (shared.shelf.as_ref(), prefix(person));
    for (pointer, held) in shelf.named(&prefix, None, MAX_REQUESTS)? {
        let id = pointer.strip_prefix(&prefix).and_then(parse_name);
        let found = id.map(|id| shelf.get(&name(id))).transpose()?.flatten();
        if let (Some(id), Some(found)) = (id, found) {
            let stored: Stored = envelope::decode(&found.value)?;
            let unlinked = Stored {
                person: None,
                ..stored
            };
            shelf.swap(
                shared.epoch,
                &name(id),
                found.version,
                &envelope::encode(&unlinked),
            )?;
        }
        shelf.remove_named(shared.epoch, &pointer, held.version)?;
    }
    Ok(())
}
