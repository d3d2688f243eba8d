//! Checkpoints: what a log signs about itself, its size and root (C2SP `tlog-checkpoint`).
//!
//! A log must never sign two checkpoints that do not continue one another. That is for the caller to
//! keep, with compare-and-swap on the stored checkpoint; [`crate::sequence`] only builds on the one it
//! is given.

use crate::decimal;
use crate::key::{SigningKey, VerifyingKey};
use crate::note::{self, Note};
use crate::tile;
use crate::tree::{self, Hash};

/// Size and root of a log, and whose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The name of the log, which is the name of its key: `example.com/log`.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

/// Why a checkpoint is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error {
    /// It is not a note signed by the log.
    #[error("the checkpoint is refused: {0}")]
    Note(#[from] note::Error),
    /// The log signed something else with this key.
    #[error("the signed text is not a checkpoint: origin, size and root, a line each")]
    Shape,
    /// It is another log's.
    #[error("the checkpoint is of the log `{found}`, not of `{expected}`")]
    Origin {
        /// The origin in it.
        found: String,
        /// The name of the key.
        expected: String,
    },
    /// The size is beyond what any log can have.
    #[error("the checkpoint speaks of `{size}` entries, more than a log can have")]
    Size {
        /// The size in it.
        size: u64,
    },
}

impl Checkpoint {
    /// The first checkpoint of a log: no entries.
    pub fn empty(origin: &str) -> Checkpoint {
        Checkpoint {
            origin: origin.to_owned(),
            size: 0,
            root: tree::empty_root(),
        }
    }

    /// The text to sign: origin, size, root, a line each.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            tree::to_base64(&self.root)
        )
    }

    /// Signs the checkpoint. The key's name must be the origin.
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, Error> {
        same_origin(&self.origin, key.name())?;
        if self.size > tile::MAX_SIZE {
            return Err(Error::Size { size: self.size });
        }
        Ok(key.sign(&self.text())?.to_string().into_bytes())
    }

    /// Reads a checkpoint that was verified before it was kept. **Says nothing about who signed it.**
    pub fn read_kept(bytes: &[u8]) -> Result<Checkpoint, Error> {
        parse(&Note::parse(bytes)?.text).ok_or(Error::Shape)
    }

    /// Reads and verifies a checkpoint: signed by this key, and of the log of this name. Signatures of
    /// others are passed over.
    pub fn open(bytes: &[u8], key: &VerifyingKey) -> Result<Checkpoint, Error> {
        let note = Note::parse(bytes)?;
        // Nothing of the text is looked at before its signature.
        note.verify(key)?;
        let checkpoint = parse(&note.text).ok_or(Error::Shape)?;
        same_origin(&checkpoint.origin, key.name())?;
        match checkpoint.size {
            size if size > tile::MAX_SIZE => Err(Error::Size { size }),
            _ => Ok(checkpoint),
        }
    }
}

fn same_origin(found: &str, expected: &str) -> Result<(), Error> {
    match found == expected {
        true => Ok(()),
        false => Err(Error::Origin {
            found: found.to_owned(),
            expected: expected.to_owned(),
        }),
    }
}

/// Origin, size, root; further lines are extensions, which say nothing to us but may be there.
fn parse(text: &str) -> Option<Checkpoint> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let origin = lines.next().filter(|origin| !origin.is_empty())?.to_owned();
    let size = decimal::parse(lines.next()?)?;
    let root = tree::from_base64(lines.next()?)?;
    if lines.any(str::is_empty) || (size == 0 && root != tree::empty_root()) {
        return None;
    }
    Some(Checkpoint { origin, size, root })
}
