//! What simulations of programs came to: one row of the house for each program, by its digest. Of made-up people, so
//! nothing in it is anybody's.
//!
//! Deliberately does not know: what a simulation says; it is bytes to it.

use crate::gate::Gate;
use crate::{Unavailable, envelope};
use minicbor::{Decode, Encode};
use vocabulary::{Digest, Moment};

/// Before the digest of the program.
const PREFIX: &str = "simulation/";
/// Programs whose simulation is kept; the oldest goes.
const MOST: usize = 50;
/// Longest that is kept, bytes.
pub const MAX_SIMULATION: usize = 256 << 10;

#[derive(Encode, Decode)]
struct Kept {
    #[n(0)]
    at: i64,
    #[cbor(n(1), with = "minicbor::bytes")]
    bytes: Vec<u8>,
}

impl Gate {
    /// Keeps what a simulation of a program came to, in place of an earlier one. Durable when it answers. Too long:
    /// [`Unavailable::Key`] with `TooLong`.
    pub async fn keep_simulation(
        &self,
        program: Digest,
        bytes: Vec<u8>,
        now: Moment,
    ) -> Result<(), Unavailable> {
        if bytes.len() > MAX_SIMULATION {
            return Err(crate::keys::Error::TooLong.into());
        }
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = format!("{PREFIX}{program}");
            let version = shared.shelf.get(&name)?.map_or(0, |row| row.version);
            let value = envelope::encode(&Kept { at: now.0, bytes });
            if shared.shelf.swap(shared.epoch, &name, version, &value)?.is_none() {
                return Err(Unavailable::Busy);
            }
            let rows = shared.shelf.named(PREFIX, None, MOST * 2)?;
            let mut known = Vec::with_capacity(rows.len());
            for (name, row) in rows {
                let kept: Kept = envelope::decode(&row.value)?;
                known.push((kept.at, name, row.version));
            }
            known.sort();
            for (_, name, version) in known.iter().take(known.len().saturating_sub(MOST)) {
                shared.shelf.remove_named(shared.epoch, name, *version)?;
            }
            Ok(())
        })
        .await
    }

    /// What the simulation of a program came to, and when it was handed in.
    pub async fn simulation(&self, program: Digest) -> Result<Option<(Moment, Vec<u8>)>, Unavailable> {
        self.blocking(move |gate| {
            let Some(row) = gate.shared().shelf.get(&format!("{PREFIX}{program}"))? else {
                return Ok(None);
            };
            let kept: Kept = envelope::decode(&row.value)?;
            Ok(Some((Moment(kept.at), kept.bytes)))
        })
        .await
    }
}
