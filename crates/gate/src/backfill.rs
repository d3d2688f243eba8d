//! How far a program that came into force has reached the people who were there: one row of the house for each
//! program, written after what it speaks of. A process that is killed goes on from there, and whoever is looked
//! at twice comes to the same.
//!
//! Deliberately does not know: what a look is (`react`), anything about a person but their random id.

use crate::gate::Gate;
use crate::{Unavailable, envelope};
use minicbor::{Decode, Encode};
use vocabulary::{Digest, PersonId};

/// Before the digest of the program.
const PREFIX: &str = "backfill/";

/// How far it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backfill {
    /// Which number the program has in force: one that comes back reaches everybody anew.
    pub number: u64,
    /// Everybody up to this one, in the store's order; none yet if it is not said.
    pub after: Option<PersonId>,
    /// People who were reached, whether they permit it or not.
    pub reached: u64,
    /// Nobody is left.
    pub done: bool,
}

#[derive(Encode, Decode)]
struct Kept {
    #[n(0)]
    number: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    after: Vec<u8>,
    #[n(2)]
    reached: u64,
    #[n(3)]
    done: bool,
}

impl Gate {
    /// How far the program of that digest and number has reached; of one that never began: not at all.
    pub async fn backfill(&self, digest: Digest, number: u64) -> Result<Backfill, Unavailable> {
        self.blocking(move |gate| {
            let fresh = Backfill {
                number,
                ..Backfill::default()
            };
            let Some(row) = gate.shared().shelf.get(&name(digest))? else {
                return Ok(fresh);
            };
            let kept: Kept = envelope::decode(&row.value)?;
            if kept.number != number {
                return Ok(fresh);
            }
            Ok(Backfill {
                number,
                after: kept.after.try_into().ok().map(PersonId),
                reached: kept.reached,
                done: kept.done,
            })
        })
        .await
    }

    /// Writes down how far it is. Durable when it answers.
    pub async fn keep_backfill(&self, digest: Digest, reached: Backfill) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = name(digest);
            let version = shared.shelf.get(&name)?.map_or(0, |row| row.version);
            let value = envelope::encode(&Kept {
                number: reached.number,
                after: reached.after.map(|person| person.0.to_vec()).unwrap_or_default(),
                reached: reached.reached,
                done: reached.done,
            });
            match shared.shelf.swap(shared.epoch, &name, version, &value)? {
                Some(_) => Ok(()),
                None => Err(Unavailable::Busy),
            }
        })
        .await
    }

    /// The ids of the people who come after that one in the store's order, at most `limit`. Ids are random and
    /// say nothing; to look at anybody takes a permit. Who is in memory alone is not among them before
    /// [`Gate::write_back`].
    pub async fn people_after(
        &self,
        after: Option<PersonId>,
        limit: usize,
    ) -> Result<Vec<PersonId>, Unavailable> {
        self.blocking(move |gate| {
            let rows = gate.shared().shelf.scan(after, limit)?;
            Ok(rows.into_iter().map(|row| row.person).collect())
        })
        .await
    }
}

fn name(digest: Digest) -> String {
    format!("{PREFIX}{digest}")
}
