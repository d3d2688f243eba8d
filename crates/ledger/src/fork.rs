//! Forks: two checkpoints of one log that do not continue one another, as proof of misbehaviour.
//!
//! A log that shows one history here and another there must sign both. Whoever holds both signatures can
//! show it to everybody: of one size the two roots suffice; of two sizes it takes the proof, from the
//! newer tree itself, that it had another root at the older size. Nobody but the log can make such a pair,
//! so a piece of evidence that verifies accuses nobody falsely.
//!
//! Knows nothing of who was shown what, or why.

use serde::{Deserialize, Serialize};

use crate::checkpoint::{self, Checkpoint};
use crate::key::VerifyingKey;
use crate::note::{self, Note};
use crate::receipt;
use crate::tree::{self, Hash};

/// The first words of the format.
pub const FORMAT: &str = "egard-fork@v1";

/// Longest evidence in bytes: two notes and a proof, in JSON.
pub const MAX_BYTES: usize = 3 * note::MAX_BYTES;

/// Most hashes of a proof between two trees.
const MAX_HASHES: usize = 64;

/// Two checkpoints of one log, and why they exclude one another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The one of fewer entries, as signed.
    pub older: Vec<u8>,
    /// The one of more entries, or of as many.
    pub newer: Vec<u8>,
    /// The root at the older size according to the newer tree.
    pub root: Hash,
    /// The consistency proof from that root to the newer one.
    pub proof: Vec<Hash>,
}

/// What is proved: the log signed two histories.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fork {
    /// The checkpoint of fewer entries.
    pub older: Checkpoint,
    /// The other.
    pub newer: Checkpoint,
    /// The root at the older size according to the newer.
    pub root: Hash,
}

/// How two checkpoints of one log stand to each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// The same size and root.
    Same,
    /// The larger is the smaller with entries added.
    Continues,
    /// They exclude one another.
    Forked(Evidence),
}

/// Why a piece of evidence proves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error {
    /// Not of this format.
    #[error("this is no evidence of a fork: {0}")]
    Shape(&'static str),
    /// One of the two is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// The newer tree does not have that root at the older size.
    #[error("the proof does not lead from the root given to the newer checkpoint: {0}")]
    Proof(#[from] tree::Error),
    /// The root is the one that was signed.
    #[error("the newer checkpoint continues the older one: there is no fork")]
    NoFork,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    vkey: String,
    older: String,
    newer: String,
    /// Root at the older size according to the newer tree, base64.
    root: String,
    proof: Vec<String>,
}

impl Evidence {
    /// What this proves against the log of that key. Needs no network and no trust in who says so.
    pub fn verify(&self, key: &VerifyingKey) -> Result<Fork, Error> {
        let older = Checkpoint::open(&self.older, key)?;
        let newer = Checkpoint::open(&self.newer, key)?;
        tree::verify_consistency(older.size, newer.size, &self.root, &newer.root, &self.proof)?;
        match older.root == self.root {
            true => Err(Error::NoFork),
            false => Ok(Fork {
                older,
                newer,
                root: self.root,
            }),
        }
    }

    /// The evidence as JSON, to be published. `key` is whom it accuses.
    pub fn encode(&self, key: &VerifyingKey) -> Vec<u8> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let document = Document {
            format: FORMAT.to_owned(),
            vkey: key.to_string(),
            older: text(&self.older),
            newer: text(&self.newer),
            root: tree::to_base64(&self.root),
            proof: self.proof.iter().map(tree::to_base64).collect(),
        };
        // Strings only: this has a JSON form.
        serde_json::to_vec_pretty(&document).unwrap_or_default()
    }

    /// Reads evidence, and whom it accuses. Says nothing yet about whether it holds.
    pub fn parse(bytes: &[u8]) -> Result<(VerifyingKey, Evidence), Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::Shape("it is too long"));
        }
        let document: Document = serde_json::from_slice(bytes)
            .map_err(|_| Error::Shape("not JSON of `format`, `vkey`, `older`, `newer`, `root`, `proof`"))?;
        if document.format != FORMAT {
            return Err(Error::Shape("`format` is not `egard-fork@v1`"));
        }
        let key = document
            .vkey
            .parse()
            .map_err(|_| Error::Shape("`vkey` is no verifier key"))?;
        let root =
            tree::from_base64(&document.root).ok_or(Error::Shape("`root` is not 32 bytes in base64"))?;
        let hashes: Option<Vec<Hash>> = document
            .proof
            .iter()
            .map(|line| tree::from_base64(line))
            .collect();
        let proof = hashes
            .filter(|hashes| hashes.len() <= MAX_HASHES)
            .ok_or(Error::Shape("`proof` is not a list of hashes in base64"))?;
        let evidence = Evidence {
            older: document.older.into_bytes(),
            newer: document.newer.into_bytes(),
            root,
            proof,
        };
        Ok((key, evidence))
    }
}

/// Compares two checkpoints of that key, in either order. Only two of different sizes need the tiles, and
/// those of the larger one.
pub fn compare<E>(
    one: &[u8],
    other: &[u8],
    key: &VerifyingKey,
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Comparison, receipt::Error<E>> {
    let (first, second) = (Checkpoint::open(one, key)?, Checkpoint::open(other, key)?);
    let (older, newer, old, new) = match first.size <= second.size {
        true => (one, other, first, second),
        false => (other, one, second, first),
    };
    if old.size == new.size {
        return Ok(of_one_size(older, newer, &old, &new, key));
    }
    let (root, proof) = receipt::prove_growth(old.size, newer, key, storage)?;
    Ok(match root == old.root {
        true => Comparison::Continues,
        false => Comparison::Forked(Evidence {
            older: own_line(older, key),
            newer: own_line(newer, key),
            root,
            proof,
        }),
    })
}

/// The same without tiles, from a consistency proof that somebody gave. `None`: the proof decides nothing.
/// A wrong proof is no misbehaviour of the log: anybody can send one with its checkpoint.
pub fn compare_by_proof(
    one: &[u8],
    other: &[u8],
    key: &VerifyingKey,
    proof: &[Hash],
) -> Result<Option<Comparison>, checkpoint::Error> {
    let (first, second) = (Checkpoint::open(one, key)?, Checkpoint::open(other, key)?);
    let (older, newer, old, new) = match first.size <= second.size {
        true => (one, other, first, second),
        false => (other, one, second, first),
    };
    if old.size == new.size {
        return Ok(Some(of_one_size(older, newer, &old, &new, key)));
    }
    if tree::verify_consistency(old.size, new.size, &old.root, &new.root, proof).is_ok() {
        return Ok(Some(Comparison::Continues));
    }
    Ok(match tree::roots_of_consistency(old.size, new.size, proof) {
        Some((root, reached)) if reached == new.root && root != old.root => {
            Some(Comparison::Forked(Evidence {
                older: own_line(older, key),
                newer: own_line(newer, key),
                root,
                proof: proof.to_vec(),
            }))
        }
        _ => None,
    })
}

fn of_one_size(
    older: &[u8],
    newer: &[u8],
    old: &Checkpoint,
    new: &Checkpoint,
    key: &VerifyingKey,
) -> Comparison {
    match old.root == new.root {
        true => Comparison::Same,
        false => Comparison::Forked(Evidence {
            older: own_line(older, key),
            newer: own_line(newer, key),
            root: new.root,
            proof: Vec::new(),
        }),
    }
}

/// The checkpoint with the signature of its log alone: what others signed proves nothing here.
pub fn own_line(checkpoint: &[u8], key: &VerifyingKey) -> Vec<u8> {
    let Ok(mut note) = Note::parse(checkpoint) else {
        return checkpoint.to_vec();
    };
    note.signatures
        .retain(|line| line.name == key.name() && line.id == key.id());
    // The format lets a log sign twice; once is enough.
    note.signatures.truncate(1);
    note.to_string().into_bytes()
}
