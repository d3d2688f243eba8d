//! The sequencer: takes waiting leaves in order, grows the log by them, signs the new checkpoint.
//!
//! The log cannot fork: the store writes tiles, checkpoint and the emptied queue in one step, and
//! only if the checkpoint it holds is still the one we built upon.
//!
//! Deliberately does not know: what a leaf says.

use crate::Unavailable;
use crate::cosigned::Witnessed;
use crate::erasure::{Erasures, log};
use crate::record::LedgerKey;
use ledger::SigningKey;
use std::sync::{Mutex, PoisonError};
use store::{Epoch, Integration, Shelf};

/// Leaves integrated at once.
const BATCH: usize = 10_000;

/// The key of the log, ready to sign.
pub(crate) struct Sequencer {
    key: SigningKey,
    vkey: String,
    /// Which of the log's names it signs under; see `erasure::log`.
    number: u64,
    /// The newest checkpoint that stands in the file outside the store. What does not stand there
    /// is shown to nobody.
    noted: Option<Vec<u8>>,
    /// The newest checkpoint that enough witnesses countersigned.
    witnessed: Option<Witnessed>,
}

impl Sequencer {
    /// Checks that the stored checkpoint, if there is one, is this key's, and makes the first one
    /// of a new log.
    pub(crate) fn new(key: &LedgerKey, shelf: &dyn Shelf, epoch: Epoch) -> Result<Sequencer, Unavailable> {
        let number = log::number(shelf)?;
        let key = log::key_of(key, number)?;
        let sequencer = Sequencer {
            witnessed: Witnessed::kept(shelf, number, key.verifying_key())?,
            vkey: key.verifying_key().to_string(),
            key,
            number,
            noted: None,
        };
        match shelf.checkpoint()? {
            Some(checkpoint) => {
                let opened = ledger::Checkpoint::open(&checkpoint, sequencer.key.verifying_key());
                opened.map_err(ledger_error)?;
            }
            None => sequencer.step(shelf, epoch, &[]).map(drop)?,
        }
        Ok(sequencer)
    }

    pub(crate) fn vkey(&self) -> &str {
        &self.vkey
    }

    /// One line of text with the log's signature under it.
    pub(crate) fn sign_line(&self, line: &str) -> Result<String, Unavailable> {
        if line.contains('\n') {
            // Several lines could be a checkpoint.
            return Err(ledger_error("only a single line is signed"));
        }
        let note = self.key.sign(&format!("{line}\n")).map_err(ledger_error)?;
        Ok(note.to_string())
    }

    /// Entries in the log.
    pub(crate) fn size(&self, shelf: &dyn Shelf) -> Result<u64, Unavailable> {
        let Some(checkpoint) = shelf.checkpoint()? else {
            return Ok(0);
        };
        let opened = ledger::Checkpoint::open(&checkpoint, self.key.verifying_key());
        Ok(opened.map_err(ledger_error)?.size)
    }

    /// The newest checkpoint, after it was written down outside the store: a log that is rolled back
    /// must never have shown more than is known there.
    pub(crate) fn checkpoint(
        &mut self,
        shelf: &dyn Shelf,
        erasures: &Mutex<Erasures>,
    ) -> Result<Option<Vec<u8>>, Unavailable> {
        let checkpoint = shelf.checkpoint()?;
        if let Some(newest) = &checkpoint
            && self.noted != checkpoint
        {
            let erasures = erasures.lock().unwrap_or_else(PoisonError::into_inner);
            erasures.saw(self.number, newest)?;
            drop(erasures);
            self.noted.clone_from(&checkpoint);
        }
        Ok(checkpoint)
    }

    /// Integrates all leaves that wait; answers how many.
    pub(crate) fn integrate(&mut self, shelf: &dyn Shelf, epoch: Epoch) -> Result<u64, Unavailable> {
        let mut total = 0;
        loop {
            let pending = shelf.pending_leaves(BATCH)?;
            if pending.is_empty() || !self.step(shelf, epoch, &pending)? {
                return Ok(total);
            }
            total += pending.len() as u64;
        }
    }

    /// One compare-and-swap. `false`: another sequencer was faster; nothing was written.
    fn step(
        &self,
        shelf: &dyn Shelf,
        epoch: Epoch,
        pending: &[store::PendingLeaf],
    ) -> Result<bool, Unavailable> {
        let previous = shelf.checkpoint()?;
        let entries: Vec<&[u8]> = pending.iter().map(|p| p.leaf.bytes.as_slice()).collect();
        let grown = ledger::sequence::integrate(previous.as_deref(), &entries, &self.key, |path| {
            shelf.tile(path).map_err(|error| error.to_string())
        })
        .map_err(ledger_error)?;
        let first = grown.growth.first;
        let integrated = pending
            .iter()
            .zip(first..)
            .map(|(p, index)| (p.place, p.leaf.id, index));
        let integration = Integration {
            expected: previous,
            checkpoint: grown.checkpoint,
            tiles: grown.growth.tiles,
            obsolete: grown.growth.obsolete,
            integrated: integrated.collect(),
        };
        Ok(shelf.integrate(epoch, &integration)?)
    }

    pub(crate) fn witnessed(&self) -> Option<&Witnessed> {
        self.witnessed.as_ref()
    }

    /// Keeps it, if this log signed it and no newer one is kept.
    pub(crate) fn keep_witnessed(
        &mut self,
        shelf: &dyn Shelf,
        epoch: Epoch,
        checkpoint: Vec<u8>,
    ) -> Result<bool, Unavailable> {
        let opened = ledger::Checkpoint::open(&checkpoint, self.key.verifying_key()).map_err(ledger_error)?;
        let older = |kept: &Witnessed| opened.size < kept.size;
        if self.witnessed.as_ref().is_some_and(older) {
            return Ok(false);
        }
        let size = opened.size;
        let witnessed = Witnessed { size, checkpoint };
        let kept = witnessed.keep(shelf, epoch, self.number)?;
        if kept {
            self.witnessed = Some(witnessed);
        }
        Ok(kept)
    }

    /// The proof that the leaf at `index` is in the log, `c2sp.org/tlog-proof@v1`: under the newest
    /// checkpoint that was witnessed, if it holds the leaf.
    pub(crate) fn proof(
        &mut self,
        shelf: &dyn Shelf,
        erasures: &Mutex<Erasures>,
        index: u64,
    ) -> Result<String, Unavailable> {
        let newest = self.checkpoint(shelf, erasures)?.unwrap_or_default();
        let witnessed = self.witnessed.as_ref().filter(|kept| index < kept.size);
        let checkpoint = witnessed.map_or(newest, |kept| kept.checkpoint.clone());
        let proof = ledger::receipt::prove_carrying(index, &checkpoint, self.key.verifying_key(), |path| {
            shelf.tile(path).map_err(|error| error.to_string())
        })
        .map_err(ledger_error)?;
        String::from_utf8(proof.encode()).map_err(ledger_error)
    }
}

fn ledger_error(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::Ledger(error.to_string())
}
