//! Where requests rest: a named value for each, a pointer from its person, a pointer while something
//! is still to be done.
//!
//! Deliberately does not know: what a step is.

use super::{Filed, MAX_REQUESTS, RequestId};
use crate::Unavailable;
use crate::envelope;
use crate::gate::Gate;
use minicbor::{Decode, Encode};
use vocabulary::PersonId;

pub(super) const ALL: &str = "right/";
pub(super) const OF: &str = "right-of/";
pub(super) const PENDING: &str = "right-pending/";
#[derive(Encode, Decode)]
pub(super) struct Stored {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) house: Vec<u8>,
    #[n(1)]
    pub(super) person: Option<minicbor::bytes::ByteVec>,
}

impl Gate {
    pub(super) async fn stored(&self, id: RequestId) -> Result<Option<(u64, Stored)>, Unavailable> {
        self.blocking(move |gate| {
            let Some(found) = gate.shared().shelf.get(&name(id))? else {
                return Ok(None);
            };
            Ok(Some((found.version, envelope::decode(&found.value)?)))
        })
        .await
    }

    /// The house part, and whether it is among what is pending. A pointer to what is done is passed
    /// over; something pending without a pointer would be forgotten: so it comes first and goes last.
    pub(super) async fn keep_house(
        &self,
        id: RequestId,
        expected: u64,
        house: Vec<u8>,
        person: Option<PersonId>,
        pending: bool,
    ) -> Result<Option<Filed>, Unavailable> {
        let pointer = format!("{PENDING}{id}");
        if pending {
            self.put_named(pointer.clone(), 0, Vec::new()).await?;
        }
        let kept = self.put_house(id, expected, house, person).await?;
        if !pending && kept.is_some() {
            self.remove_named(pointer).await?;
        }
        Ok(kept)
    }

    pub(super) async fn put_house(
        &self,
        id: RequestId,
        expected: u64,
        house: Vec<u8>,
        person: Option<PersonId>,
    ) -> Result<Option<Filed>, Unavailable> {
        let stored = Stored {
            house,
            person: person.map(|person| person.0.to_vec().into()),
        };
        let version = self
            .put_named(name(id), expected, envelope::encode(&stored))
            .await?;
        Ok(version.map(|version| filed(id, version, stored)))
    }

    pub(super) async fn put_named(
        &self,
        name: String,
        expected: u64,
        value: Vec<u8>,
    ) -> Result<Option<u64>, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            Ok(shared.shelf.swap(shared.epoch, &name, expected, &value)?)
        })
        .await
    }

    pub(super) async fn remove_named(&self, name: String) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            if let Some(found) = shared.shelf.get(&name)? {
                shared.shelf.remove_named(shared.epoch, &name, found.version)?;
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn named(
        &self,
        prefix: String,
        after: Option<String>,
    ) -> Result<Vec<(String, u64, Vec<u8>)>, Unavailable> {
        self.blocking(move |gate| {
            let shelf = gate.shared().shelf.as_ref();
            let found = shelf.named(&prefix, after.as_deref(), MAX_REQUESTS)?;
            Ok(found
                .into_iter()
                .map(|(name, found)| (name, found.version, found.value))
                .collect())
        })
        .await
    }
}

pub(super) fn filed(id: RequestId, version: u64, stored: Stored) -> Filed {
    Filed {
        id,
        version,
        linked: stored.person.is_some(),
        house: stored.house,
    }
}

pub(super) fn person_of(stored: &Stored) -> Option<PersonId> {
    let bytes: &[u8] = stored.person.as_ref()?;
    bytes.try_into().ok().map(PersonId)
}

pub(super) fn name(id: RequestId) -> String {
    format!("{ALL}{id}")
}

pub(super) fn parse_name(text: &str) -> Option<RequestId> {
    RequestId::parse(text)
}

pub(super) fn prefix(person: PersonId) -> String {
    let hex: String = person.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{OF}{hex}/")
}

pub(super) fn of(person: PersonId, id: RequestId) -> String {
    format!("{}{id}", prefix(person))
}
