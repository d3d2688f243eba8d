//! What a request asks for, done to its person: acts, choices, erasure. Each may be repeated.
//!
//! Deliberately does not know: which right asks for what.

use super::kept::{Stored, name, parse_name, prefix};
use super::{Filed, MAX_REQUESTS, RequestId};
use crate::envelope::{self, Act};
use crate::gate::{Gate, Shared};
use crate::intake;
use crate::{Erased, Unavailable};
use vocabulary::{Moment, PersonId, PurposeName, PurposeSet};

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

    /// While decisions for these purposes are before a human, programs make no others about the person whom
    /// the request is about (`open`); or the human has answered. Writes nothing if it is so already: may be
    /// called again. `None`: they are gone.
    pub async fn contest_for(
        &self,
        id: RequestId,
        purposes: PurposeSet,
        open: bool,
        source: &str,
        now: Moment,
    ) -> Result<Option<()>, Unavailable> {
        let Some(person) = self.linked(id).await? else {
            return Ok(None);
        };
        let known = self
            .blocking(move |gate| {
                let shared = gate.shared();
                let known = |slot: &mut crate::hot::Slot| Ok(slot.terms.contested.unwrap_or_default());
                shared
                    .hot
                    .with(person, shared.shelf.as_ref(), &shared.keyring, known)
            })
            .await?;
        let Some(known) = known else { return Ok(None) };
        let wanted = if open { purposes.0 } else { 0 };
        if known & purposes.0 == wanted {
            return Ok(Some(()));
        }
        let act = Act::Contest {
            purposes: purposes.0,
            open,
        };
        self.put_input(person, intake::act(act, source, now, self.dictionary()))
            .await
    }

    /// The other requests of the person whom a request is about: house parts, which name nobody. Empty if
    /// they are gone.
    pub async fn siblings(&self, id: RequestId) -> Result<Vec<Filed>, Unavailable> {
        let Some(person) = self.linked(id).await? else {
            return Ok(Vec::new());
        };
        let prefix = prefix(person);
        let mut others = Vec::new();
        for (name, _, _) in self.named(prefix.clone(), None).await? {
            let other = name.strip_prefix(&prefix).and_then(parse_name);
            if let Some(other) = other.filter(|other| *other != id) {
                others.extend(self.request(other).await?);
            }
        }
        Ok(others)
    }

    /// Erases the person whom a request is about, and every pointer from requests to them; answers the
    /// certificate. `None`: they were gone already. May be called again.
    pub async fn erase_for(&self, id: RequestId) -> Result<Option<Erased>, Unavailable> {
        match self.linked(id).await? {
            Some(person) => self.erase_person(person).await,
            None => Ok(None),
        }
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
