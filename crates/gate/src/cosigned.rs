//! The newest checkpoint that enough others countersigned, kept and put into receipts.
//!
//! It lags a little behind the log: witnesses are asked after a checkpoint is signed. An entry it holds is
//! proved under it, a newer one under the newest checkpoint. Deliberately does not know: who the
//! witnesses are, how many are enough, and how they are reached.

use crate::Unavailable;
use crate::gate::Gate;
use ledger::{Checkpoint, Hash, VerifyingKey};
use std::sync::PoisonError;
use store::{Epoch, Shelf};

/// Names of the kept checkpoints begin so; the number of the log follows.
const PREFIX: &str = "cosignature/";

/// A checkpoint with its cosignatures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witnessed {
    /// Entries in the log.
    pub size: u64,
    /// The note, as signed and countersigned.
    pub checkpoint: Vec<u8>,
}

impl Witnessed {
    /// What is kept of this log. What does not carry the log's own signature is passed over: it can be
    /// asked for again.
    pub(crate) fn kept(
        shelf: &dyn Shelf,
        number: u64,
        key: &VerifyingKey,
    ) -> Result<Option<Witnessed>, Unavailable> {
        let Some(held) = shelf.get(&name(number))? else {
            return Ok(None);
        };
        let opened = Checkpoint::open(&held.value, key).ok();
        Ok(opened.map(|opened| Witnessed {
            size: opened.size,
            checkpoint: held.value,
        }))
    }

    pub(crate) fn keep(&self, shelf: &dyn Shelf, epoch: Epoch, number: u64) -> Result<bool, Unavailable> {
        let name = name(number);
        let version = shelf.get(&name)?.map_or(0, |held| held.version);
        Ok(shelf.swap(epoch, &name, version, &self.checkpoint)?.is_some())
    }
}

fn name(number: u64) -> String {
    format!("{PREFIX}{number}")
}

impl Gate {
    /// The newest checkpoint that was kept as witnessed; `None` if none was, under the log's present name.
    pub fn witnessed(&self) -> Option<Witnessed> {
        let sequencer = self
            .shared()
            .sequencer
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        sequencer.witnessed().cloned()
    }

    /// Keeps a checkpoint of this log with the cosignatures it carries, for receipts from now on. Answers
    /// whether it was: one of fewer entries than are kept already is not, nor one that this log did not sign.
    pub async fn keep_witnessed(&self, checkpoint: Vec<u8>) -> Result<bool, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let mut sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            sequencer.keep_witnessed(shared.shelf.as_ref(), shared.epoch, checkpoint)
        })
        .await
    }

    /// The proof that the log of that checkpoint continues from size `old`, for a witness.
    pub async fn prove_growth(&self, old: u64, checkpoint: Vec<u8>) -> Result<Vec<Hash>, Unavailable> {
        let key: VerifyingKey = self.vkey().parse().map_err(words)?;
        self.blocking(move |gate| {
            let shelf = &gate.shared().shelf;
            let proved = ledger::receipt::prove_growth(old, &checkpoint, &key, |path| {
                shelf.tile(path).map_err(|error| error.to_string())
            });
            proved.map(|(_, hashes)| hashes).map_err(words)
        })
        .await
    }
}

fn words(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::Ledger(error.to_string())
}
