//! The Merkle tree of RFC 6962: hashing, proofs, and their verification.
//!
//! Knows numbers and hashes only; not how hashes are stored or what was hashed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// A SHA-256 hash: of an entry, or of a subtree.
pub type Hash = [u8; 32];

/// Why a proof does not hold, or cannot exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum Error {
    /// There is no such entry.
    #[error("a log of `{size}` entries has no index `{index}`")]
    NoSuchIndex {
        /// The index asked for, from 0.
        index: u64,
        /// The number of entries.
        size: u64,
    },
    /// A log only grows.
    #[error("a log of `{new}` entries cannot continue one of `{old}` entries")]
    Shrunk {
        /// The size of the older tree.
        old: u64,
        /// The size of the newer tree.
        new: u64,
    },
    /// The proof has too many or too few hashes for these sizes.
    #[error("the proof has `{found}` hashes, which is not the number this position needs")]
    WrongLength {
        /// The number of hashes in the proof.
        found: usize,
    },
    /// The entry, the index, the proof or the root is not the genuine one.
    #[error("the proof does not lead to the signed root: the entry is not in this log at this index")]
    NotIncluded,
    /// The newer tree is not the older one with entries added.
    #[error("the newer log is not the older one continued: history was rewritten")]
    Forked,
}

/// Hash of an entry: `SHA-256(0x00 ‖ entry)` (RFC 6962, section 2.1).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

/// Hash of two subtrees side by side: `SHA-256(0x01 ‖ left ‖ right)` (RFC 6962, section 2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// Root of the tree with no entries: `SHA-256("")`.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Root of the tree over these leaf hashes (MTH of RFC 6962), in one pass.
///
/// The leaves may also be roots of full subtrees of one size, where the last may be of a smaller
/// one: an incomplete subtree always is the last child of its parent.
pub fn root(leaves: &[Hash]) -> Hash {
    // An odd node at the end of a row stands alone and moves up a row. This gives the tree of the
    // RFC, which splits at the largest power of two, without recursion.
    let mut row = match leaves {
        [] => return empty_root(),
        _ => pair_up(leaves),
    };
    while row.len() > 1 {
        row = pair_up(&row);
    }
    row.first().copied().unwrap_or_else(empty_root)
}

fn pair_up(row: &[Hash]) -> Vec<Hash> {
    row.chunks(2)
        .filter_map(|pair| match pair {
            [left, right] => Some(node_hash(left, right)),
            [alone] => Some(*alone),
            _ => None,
        })
        .collect()
}

/// The hash as the note formats write it: standard base64 with padding.
pub fn to_base64(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

/// The hash of that text, or `None` if the text is not the canonical form of 32 bytes.
pub fn from_base64(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// A full subtree: the `index`-th, from the left, of those with `2^level` leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    /// Height above the leaves, 0 to 63.
    pub level: u32,
    /// Place from the left, from 0.
    pub index: u64,
}

/// A run of entries that one hash of a proof stands for: from `start` up to, without, `end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// Index of the first entry.
    pub start: u64,
    /// Index after the last entry.
    pub end: u64,
}

impl Span {
    /// The full subtrees the run consists of, left to right, each as large as possible.
    pub fn nodes(self) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let level = start.trailing_zeros().min((self.end - start).ilog2());
            nodes.push(Node {
                level,
                index: start >> level,
            });
            start += 1 << level;
        }
        nodes
    }

    /// The hash of the run, from the hashes of its full subtrees.
    pub fn hash<E>(self, mut read: impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
        let mut whole: Option<Hash> = None;
        for node in self.nodes().into_iter().rev() {
            let left = read(node)?;
            whole = Some(match whole {
                Some(right) => node_hash(&left, &right),
                None => left,
            });
        }
        Ok(whole.unwrap_or_else(empty_root))
    }
}

/// What each hash of the inclusion proof for `index` in a tree of `size` stands for, in the order of
/// the proof: from the leaf's sibling to the root's child (PATH of RFC 6962, section 2.1.1).
pub fn inclusion_spans(index: u64, size: u64) -> Result<Vec<Span>, Error> {
    if index >= size {
        return Err(Error::NoSuchIndex { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut spans = Vec::new();
    while end - start > 1 {
        let middle = split(start, end);
        if index < middle {
            spans.push(Span { start: middle, end });
            end = middle;
        } else {
            spans.push(Span { start, end: middle });
            start = middle;
        }
    }
    spans.reverse();
    Ok(spans)
}

/// What each hash of the consistency proof from a tree of `old` to one of `new` entries stands for,
/// in the order of the proof (PROOF of RFC 6962, section 2.1.2). Empty if `old` is 0 or `new`.
pub fn consistency_spans(old: u64, new: u64) -> Result<Vec<Span>, Error> {
    if old > new {
        return Err(Error::Shrunk { old, new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut spans = Vec::new();
    while end != old {
        let middle = split(start, end);
        if old <= middle {
            spans.push(Span { start: middle, end });
            end = middle;
        } else {
            spans.push(Span { start, end: middle });
            start = middle;
        }
    }
    // The verifier holds the hash of the old tree already; it lacks only what is a part of it.
    if start != 0 {
        spans.push(Span { start, end });
    }
    spans.reverse();
    Ok(spans)
}

/// Where a run of two or more entries splits: after the largest power of two below its length.
fn split(start: u64, end: u64) -> u64 {
    start + (1 << (end - start - 1).ilog2())
}

/// Whether the entry of this leaf hash stands at `index` in the tree of that size and root
/// (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), Error> {
    if index >= size {
        return Err(Error::NoSuchIndex { index, size });
    }
    let wrong_length = Error::WrongLength { found: proof.len() };
    let (mut place, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(step, &hash);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, step);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(Error::NotIncluded),
        _ => Err(wrong_length),
    }
}

/// Whether the tree of size `new` is the tree of size `old` with entries added
/// (RFC 9162, section 2.1.4.2). Every tree continues the empty one.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), Error> {
    if old > new {
        return Err(Error::Shrunk { old, new });
    }
    let wrong_length = Error::WrongLength { found: proof.len() };
    if old == 0 || old == new {
        let expected = if old == 0 { empty_root() } else { *new_root };
        let complete = new != 0 || *new_root == empty_root();
        return match (proof, *old_root == expected && complete) {
            ([], true) => Ok(()),
            ([], false) => Err(Error::Forked),
            _ => Err(wrong_length),
        };
    }
    let roots = if old.is_power_of_two() {
        climb(old, new, *old_root, proof)?
    } else {
        let (first, rest) = proof.split_first().ok_or(wrong_length)?;
        climb(old, new, *first, rest)?
    };
    match roots == (*old_root, *new_root) {
        true => Ok(()),
        false => Err(Error::Forked),
    }
}

/// The two roots, older and newer, between which the proof stands, whatever anybody signed; `None` if it
/// has not the shape of one, or if `old` is a power of two: there it does not hold the older root.
pub fn roots_of_consistency(old: u64, new: u64, proof: &[Hash]) -> Option<(Hash, Hash)> {
    if old == 0 || old >= new || old.is_power_of_two() {
        return None;
    }
    let (first, rest) = proof.split_first()?;
    climb(old, new, *first, rest).ok()
}

/// From the hash of the largest full subtree at the older edge up to both roots.
fn climb(old: u64, new: u64, first: Hash, rest: &[Hash]) -> Result<(Hash, Hash), Error> {
    let found = rest.len() + usize::from(!old.is_power_of_two());
    let (mut place, mut last) = (old - 1, new - 1);
    while place & 1 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    let (mut from_old, mut from_new) = (first, first);
    for step in rest {
        if last == 0 {
            return Err(Error::WrongLength { found });
        }
        if place & 1 == 1 || place == last {
            from_old = node_hash(step, &from_old);
            from_new = node_hash(step, &from_new);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            from_new = node_hash(&from_new, step);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    match last {
        0 => Ok((from_old, from_new)),
        _ => Err(Error::WrongLength { found }),
    }
}
