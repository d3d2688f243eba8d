//! Exchanging the key that signs the log, while it is in use. A leaf signed under the old key announces the
//! new one; then both sign each checkpoint for as long as the old one is there; and a note signed by both
//! leads from one to the other for ever, so that receipts under either go on verifying.
//!
//! Deliberately does not know: who is told of the new key, and how.

use crate::Unavailable;
use crate::gate::{Gate, Shared};
use crate::record::{self, LedgerKey, Statement};
use crate::signer::Signer;
use std::sync::PoisonError;
use store::{Epoch, Outcome, Shelf, Unit};
use vocabulary::{Digest, PersonId};

/// The notes that lead from key to key, oldest first.
const LINKS: &str = "key/log-links";

/// The keys under which the log was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogKeys {
    /// The key that signs, `name+id+base64`.
    pub vkey: String,
    /// Keys that sign as well, until they are taken away.
    pub also: Vec<String>,
    /// Notes that lead from each key to the next (`ledger::succession`), oldest first.
    pub links: Vec<String>,
}

impl Gate {
    /// Takes up keys for the log: the secret signs from here on, the older ones sign as well. Answers whether
    /// the signing key is another one than before.
    pub async fn take_up_log_key(&self, key: LedgerKey) -> Result<bool, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let signer = Signer::new(&key.secret)?;
            {
                let mut sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
                sequencer.take_up(&key)?;
            }
            let changed = succeed(shared)?;
            *shared.signer.write().unwrap_or_else(PoisonError::into_inner) = signer;
            Ok(changed)
        })
        .await
    }

    /// The keys of the log and what leads from one to the other.
    pub async fn log_keys(&self) -> Result<LogKeys, Unavailable> {
        self.blocking(|gate| {
            let shared = gate.shared();
            let sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(LogKeys {
                vkey: sequencer.vkey().to_owned(),
                also: sequencer.also(),
                links: links(shared.shelf.as_ref())?.0,
            })
        })
        .await
    }
}

/// If another key is to sign from here on: announces it in the log, under the old one, and lets it. A crash
/// in between announces it once more.
pub(crate) fn succeed(shared: &Shared) -> Result<bool, Unavailable> {
    let mut sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((old, new)) = sequencer.to_come() else {
        return Ok(false);
    };
    let statement = Statement {
        kind: "log-key",
        purpose: None,
        program: shared.dictionary.digest(),
        allowed: true,
        reasons: vec![format!("vkey:{}", Digest::of(new.as_bytes()))],
        at: (shared.clock)(),
    };
    let details = serde_json::json!({ "new": new, "old": old }).to_string();
    let (row, leaf) = record::make(shared, PersonId::NOBODY, &shared.nobody, statement, details)?;
    let unit = Unit {
        records: vec![row],
        leaves: vec![leaf],
        ..Unit::default()
    };
    let shelf = shared.shelf.as_ref();
    match shelf.commit(shared.epoch, &[unit])?.as_slice() {
        [Outcome::Done { .. }] => {}
        _ => return Err(Unavailable::Busy),
    }
    sequencer.integrate(shelf, shared.epoch)?;
    sequencer.turn(shelf, shared.epoch)?;
    sequencer.checkpoint(shelf, &shared.erasures)?;
    tracing::warn!(
        new,
        "another key signs the log from here on: publish it beside the old one"
    );
    Ok(true)
}

/// Keeps a note that leads from a key to the next.
pub(crate) fn keep(shelf: &dyn Shelf, epoch: Epoch, link: &[u8]) -> Result<(), Unavailable> {
    let (mut all, version) = links(shelf)?;
    let link = String::from_utf8_lossy(link).into_owned();
    if all.contains(&link) {
        return Ok(());
    }
    all.push(link);
    let bytes = serde_json::to_vec(&all).map_err(|error| Unavailable::Ledger(error.to_string()))?;
    match shelf.swap(epoch, LINKS, version, &bytes)? {
        Some(_) => Ok(()),
        None => Err(Unavailable::Busy),
    }
}

fn links(shelf: &dyn Shelf) -> Result<(Vec<String>, u64), Unavailable> {
    let Some(held) = shelf.get(LINKS)? else {
        return Ok((Vec::new(), 0));
    };
    let links = serde_json::from_slice(&held.value);
    let links =
        links.map_err(|_| Unavailable::Ledger("the links between the log's keys are damaged".to_owned()))?;
    Ok((links, held.version))
}
