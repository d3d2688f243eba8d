//! Making proofs from tiles: inclusion proofs as receipts, consistency proofs for who watches a log.
//!
//! Tiles are not trusted: every proof is checked against the signed root before it is handed out, so
//! that nobody takes home a receipt that does not verify.

use crate::checkpoint::{self, Checkpoint};
use crate::key::VerifyingKey;
use crate::proof::Proof;
use crate::tile::{self, Hashes, Kind, Tile};
use crate::tree::{self, Hash};

/// Why there is no proof to hand out.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error<E> {
    /// The checkpoint is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// A tile cannot be read.
    #[error(transparent)]
    Tile(#[from] tile::Error<E>),
    /// No such entry; or the sizes are the wrong way round.
    #[error(transparent)]
    Range(tree::Error),
    /// The stored tiles do not lead to the signed root.
    #[error("the stored tiles do not give the signed root; `egard verify` says what is wrong")]
    Damaged,
    /// The older checkpoint is of another history.
    #[error("the newer log is not the older one continued: history was rewritten")]
    Forked,
}

/// A proof that the entry at `index` stands in the log of this checkpoint. Does not read the entry.
pub fn prove<E>(
    index: u64,
    checkpoint: &[u8],
    key: &VerifyingKey,
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Proof, Error<E>> {
    let opened = Checkpoint::open(checkpoint, key)?;
    let spans = tree::inclusion_spans(index, opened.size).map_err(Error::Range)?;
    let mut tiles = Hashes::new(opened.size, &storage);
    let leaf = tiles.node(tree::Node { level: 0, index })?;
    let hashes: Vec<Hash> = spans
        .into_iter()
        .map(|span| span.hash(|node| tiles.node(node)))
        .collect::<Result<_, _>>()?;
    tree::verify_inclusion(index, opened.size, &leaf, &hashes, &opened.root).map_err(|_| Error::Damaged)?;
    Ok(Proof {
        extra: None,
        index,
        hashes,
        checkpoint: checkpoint.to_vec(),
    })
}

/// The same, with the entry itself as the proof's extra data, so that one file is all it takes
/// ([`Proof::verify_carried`]).
pub fn prove_carrying<E>(
    index: u64,
    checkpoint: &[u8],
    key: &VerifyingKey,
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Proof, Error<E>> {
    let proof = prove(index, checkpoint, key, &storage)?;
    let size = Checkpoint::open(checkpoint, key)?.size;
    let entry = tile::read_entry(index, size, &storage)?.ok_or_else(|| tile::Error::Missing {
        path: Tile::full(Kind::Entries, index / tile::WIDTH).path(),
    })?;
    proof.verify(&entry, key).map_err(|_| Error::Damaged)?;
    Ok(Proof {
        extra: Some(entry),
        ..proof
    })
}

/// The proof that the log of `new` is the log of `old` with entries added, from the tiles of `new`.
/// Answers the hashes as a witness takes them. Both checkpoints carry the log's signature.
pub fn prove_consistency<E>(
    old: &[u8],
    new: &[u8],
    key: &VerifyingKey,
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<Hash>, Error<E>> {
    let (old, new) = (Checkpoint::open(old, key)?, Checkpoint::open(new, key)?);
    let spans = tree::consistency_spans(old.size, new.size).map_err(Error::Range)?;
    let mut tiles = Hashes::new(new.size, &storage);
    let hashes: Vec<Hash> = spans
        .into_iter()
        .map(|span| span.hash(|node| tiles.node(node)))
        .collect::<Result<_, _>>()?;
    match tree::verify_consistency(old.size, new.size, &old.root, &new.root, &hashes) {
        Ok(()) => Ok(hashes),
        // Damaged tiles fail in the same way as a rewritten log, and nobody should be accused for a
        // broken disk. It is rewritten if the tiles do prove the new root for another old one.
        Err(_) => match growth(old.size, &new, &storage) {
            Ok(_) => Err(Error::Forked),
            Err(damaged) => Err(damaged),
        },
    }
}

/// The root that this log had at size `old`, and the proof that it continues from there. For a log that
/// is told by a witness where to begin, and for who holds a fork against it.
pub fn prove_growth<E>(
    old: u64,
    new: &[u8],
    key: &VerifyingKey,
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<(Hash, Vec<Hash>), Error<E>> {
    growth(old, &Checkpoint::open(new, key)?, &storage)
}

fn growth<E>(
    old: u64,
    new: &Checkpoint,
    storage: &impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<(Hash, Vec<Hash>), Error<E>> {
    let spans = tree::consistency_spans(old, new.size).map_err(Error::Range)?;
    let mut tiles = Hashes::new(new.size, storage);
    let root = tree::Span { start: 0, end: old }.hash(|node| tiles.node(node))?;
    let hashes: Vec<Hash> = spans
        .into_iter()
        .map(|span| span.hash(|node| tiles.node(node)))
        .collect::<Result<_, _>>()?;
    match tree::verify_consistency(old, new.size, &root, &new.root, &hashes) {
        Ok(()) => Ok((root, hashes)),
        Err(_) => Err(Error::Damaged),
    }
}
