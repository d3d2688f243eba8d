//! What a witness remembers: of each log the newest checkpoint it countersigned, and proof of a fork.
//!
//! On disk before a cosignature leaves, by compare-and-swap on the checkpoint that was looked at. The key
//! and its memory belong together: a witness that forgot would countersign a second history, so a store
//! without this key's mark is refused. Deliberately does not know: HTTP, and where logs are.

use ledger::fork::{self, Comparison, Evidence};
use ledger::note::Signature;
use ledger::witness::{self, Refused, Request, Witness};
use ledger::{Checkpoint, VerifyingKey};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Epoch, Shelf};
use vocabulary::Moment;

/// Whose memory this is.
const WHOSE: &str = "witness/key";
/// Of each log the newest countersigned checkpoint, by the log's origin.
const LATEST: &str = "witness/latest/";
/// Of each log that forked the proof, by the log's origin.
const FORK: &str = "witness/fork/";
/// The lease is one of form: the store is locked by its process, and an older owner is fenced.
const LEASE_MS: i64 = 30_000;
/// Who holds the store. The same for every witness: one that was killed goes on at once.
const OWNER: &str = "egard witness";

/// Why nothing is countersigned.
#[derive(Debug, thiserror::Error)]
pub enum No {
    /// 400: not a request.
    #[error("this is not a request")]
    Malformed,
    /// 404: not one of ours.
    #[error("the log is not known")]
    UnknownLog,
    /// 400, 403, 409 or 422.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// 503: the store.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The store.
    #[error("the store: {0}")]
    Store(#[from] store::Error),
    /// There is no mark of a witness in the store.
    #[error(
        "the store holds no witness: its memory is lost, or `state` names another place. A key whose memory \
         is lost must never countersign again: make a new witness under a new name with `egard witness new`"
    )]
    Nobody,
    /// Another witness's.
    #[error("the store is the memory of another witness, `{0}`")]
    Another(String),
    /// A row that cannot be read.
    #[error("what is remembered of `{0}` is damaged")]
    Damaged(String),
}

/// The memory of one witness, with its key.
pub struct Memory {
    witness: Witness,
    /// The keys of each log that is countersigned, by origin.
    logs: BTreeMap<String, Vec<VerifyingKey>>,
    shelf: Arc<dyn Shelf>,
    epoch: Epoch,
    /// One decision at a time: others would only lose the swap and be decided again.
    turn: Mutex<()>,
}

impl Memory {
    /// Marks an empty store as the memory of this witness.
    pub fn begin(shelf: &dyn Shelf, witness: &Witness, now: Moment) -> Result<(), StateError> {
        Memory::is_free(shelf)?;
        let epoch = shelf.acquire(OWNER, now, LEASE_MS)?;
        let vkey = witness.key().to_string();
        let begun = match shelf.swap(epoch, WHOSE, 0, vkey.as_bytes())? {
            Some(_) => Ok(()),
            None => Memory::is_free(shelf),
        };
        shelf.release(epoch)?;
        begun
    }

    /// Refuses a store that is somebody's memory.
    pub fn is_free(shelf: &dyn Shelf) -> Result<(), StateError> {
        match shelf.get(WHOSE)? {
            None => Ok(()),
            Some(held) => Err(another(&held.value)),
        }
    }

    /// Opens the memory of this witness; refuses an empty store, and another's.
    pub fn open(
        shelf: Arc<dyn Shelf>,
        witness: Witness,
        logs: Vec<VerifyingKey>,
        now: Moment,
    ) -> Result<Memory, StateError> {
        match shelf.get(WHOSE)? {
            None => return Err(StateError::Nobody),
            Some(held) if held.value != witness.key().to_string().as_bytes() => {
                return Err(another(&held.value));
            }
            Some(_) => {}
        }
        let epoch = shelf.acquire(OWNER, now, LEASE_MS)?;
        let mut by_origin: BTreeMap<String, Vec<VerifyingKey>> = BTreeMap::new();
        for key in logs {
            by_origin.entry(key.name().to_owned()).or_default().push(key);
        }
        Ok(Memory {
            witness,
            logs: by_origin,
            shelf,
            epoch,
            turn: Mutex::default(),
        })
    }

    /// The witness's public key.
    pub fn vkey(&self) -> String {
        self.witness.key().to_string()
    }

    /// Decides on the body of a request; `seconds` is now, since 1970. What it answers is on disk.
    pub fn cosign(&self, body: &[u8], seconds: u64) -> Result<Signature, No> {
        let request = Request::parse(body).ok_or(No::Malformed)?;
        let origin = witness::origin(&request).ok_or(No::Malformed)?;
        let keys = self.logs.get(&origin).ok_or(No::UnknownLog)?;
        let signed_by = |key: &&VerifyingKey| Checkpoint::open(&request.checkpoint, key).is_ok();
        let key = keys
            .iter()
            .find(signed_by)
            .or(keys.first())
            .ok_or(No::UnknownLog)?;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let name = format!("{LATEST}{origin}");
            let held = self.shelf.get(&name).map_err(StateError::Store)?;
            let latest = held
                .as_ref()
                .map(|held| Checkpoint::read_kept(&held.value))
                .transpose()
                .map_err(|_| StateError::Damaged(origin.clone()))?;
            let (_, line) = match self.witness.cosign(&request, key, latest.as_ref(), seconds) {
                Ok(cosigned) => cosigned,
                Err(refused) => {
                    if let Some(held) = &held {
                        self.accuse(&origin, key, &held.value, &request);
                    }
                    return Err(refused.into());
                }
            };
            let version = held.map_or(0, |held| held.version);
            let kept = fork::own_line(&request.checkpoint, key);
            let swapped = self.shelf.swap(self.epoch, &name, version, &kept);
            // `None`: it is no longer the checkpoint that was looked at. Look again.
            if swapped.map_err(StateError::Store)?.is_some() {
                return Ok(line);
            }
        }
    }

    /// Keeps the proof if what was refused is one. A proof that merely does not hold is none: anybody can
    /// send one. A failure here changes nothing about the refusal.
    fn accuse(&self, origin: &str, key: &VerifyingKey, kept: &[u8], request: &Request) {
        let compared = fork::compare_by_proof(kept, &request.checkpoint, key, &request.proof);
        let Ok(Some(Comparison::Forked(evidence))) = compared else {
            return;
        };
        if evidence.verify(key).is_err() {
            return;
        }
        metrics::counter!("egard_witness_forks_total").increment(1);
        tracing::error!(origin, "a log signed two histories; the proof is at `/forks`");
        let name = format!("{FORK}{origin}");
        // The first is proof enough, and keeps this bounded.
        let kept = self.shelf.get(&name).and_then(|held| match held {
            Some(_) => Ok(()),
            None => self
                .shelf
                .swap(self.epoch, &name, 0, &evidence.encode(key))
                .map(drop),
        });
        if let Err(error) = kept {
            tracing::error!(origin, %error, "the proof could not be kept");
        }
    }

    /// The logs it countersigns, each with the size it countersigned last.
    pub fn known(&self) -> Result<Vec<(String, Option<u64>)>, store::Error> {
        let mut known = Vec::new();
        for origin in self.logs.keys() {
            let held = self.shelf.get(&format!("{LATEST}{origin}"))?;
            let size = held.and_then(|held| Some(Checkpoint::read_kept(&held.value).ok()?.size));
            known.push((origin.clone(), size));
        }
        Ok(known)
    }

    /// The proofs against logs that forked, as documents.
    pub fn forks(&self) -> Result<Vec<Vec<u8>>, store::Error> {
        let held = self.shelf.named(FORK, None, super::MAX_LOGS)?;
        let documents = held.into_iter().map(|(_, held)| held.value);
        // What is shown is only what can be read again.
        Ok(documents
            .filter(|document| Evidence::parse(document).is_ok())
            .collect())
    }

    /// Gives the store back.
    pub fn close(&self) {
        if let Err(error) = self.shelf.release(self.epoch) {
            tracing::warn!(%error, "the store was not given back");
        }
    }
}

fn another(vkey: &[u8]) -> StateError {
    StateError::Another(String::from_utf8_lossy(vkey).into_owned())
}
