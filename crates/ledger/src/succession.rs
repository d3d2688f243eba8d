//! One key of a log after another: a note that both sign, so that whoever trusts one of the two can come to
//! trust the other.
//!
//! The text cannot be taken for a checkpoint: no log has a name with spaces. Deliberately does not know: why
//! a key was exchanged, and until when the older one signs as well.

use crate::key::{self, SigningKey, VerifyingKey};
use crate::note::{self, Note};

/// First line of the text.
const HEADING: &str = "egard log key succession v1";

/// Most links that are followed.
pub const MAX_LINKS: usize = 1_000;

/// A log's older key and the one that follows it, each vouching for the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The older key.
    pub old: VerifyingKey,
    /// The key that follows it.
    pub new: VerifyingKey,
}

/// Why a link proves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error {
    /// It is not a note signed by both.
    #[error("the link between two keys is refused: {0}")]
    Note(#[from] note::Error),
    /// A key in it is not one.
    #[error("the link between two keys is refused: {0}")]
    Key(#[from] key::Error),
    /// It says something else.
    #[error(
        "this is no link between two keys: a heading, the log's name, the old key and the new one, a line each"
    )]
    Shape,
    /// The keys are of different logs.
    #[error("the link is between the keys of two logs, `{old}` and `{new}`")]
    Names {
        /// Name of the older key.
        old: String,
        /// Name of the newer key.
        new: String,
    },
}

/// The link from one key of a log to the next, signed by both. The same keys give the same bytes.
pub fn link(old: &SigningKey, new: &SigningKey) -> Result<Vec<u8>, Error> {
    same_name(old.verifying_key(), new.verifying_key())?;
    let text = format!(
        "{HEADING}\n{}\n{}\n{}\n",
        old.name(),
        old.verifying_key(),
        new.verifying_key()
    );
    let mut note = old.sign(&text)?;
    note.signatures.extend(new.sign(&text)?.signatures);
    Ok(note.to_string().into_bytes())
}

/// Reads a link and checks both signatures.
pub fn open(bytes: &[u8]) -> Result<Link, Error> {
    let note = Note::parse(bytes)?;
    let mut lines = note.text.strip_suffix('\n').unwrap_or_default().split('\n');
    let (Some(HEADING), Some(name), Some(old), Some(new), None) = (
        lines.next(),
        lines.next(),
        lines.next(),
        lines.next(),
        lines.next(),
    ) else {
        return Err(Error::Shape);
    };
    let (old, new): (VerifyingKey, VerifyingKey) = (old.parse()?, new.parse()?);
    note.verify(&old)?;
    note.verify(&new)?;
    same_name(&old, &new)?;
    match old.name() == name && old != new {
        true => Ok(Link { old, new }),
        false => Err(Error::Shape),
    }
}

/// How many links lead from a key that is trusted to another of the same log, in either direction. `None`:
/// none do.
pub fn distance(trusted: &VerifyingKey, wanted: &VerifyingKey, links: &[Link]) -> Option<usize> {
    let mut reached = vec![trusted];
    for steps in 0..=links.len().min(MAX_LINKS) {
        if reached.contains(&wanted) {
            return Some(steps);
        }
        let next: Vec<&VerifyingKey> = links
            .iter()
            .flat_map(|link| [(&link.old, &link.new), (&link.new, &link.old)])
            .filter(|(from, to)| reached.contains(from) && !reached.contains(to))
            .map(|(_, to)| to)
            .collect();
        if next.is_empty() {
            return None;
        }
        reached.extend(next);
    }
    None
}

fn same_name(old: &VerifyingKey, new: &VerifyingKey) -> Result<(), Error> {
    match old.name() == new.name() {
        true => Ok(()),
        false => Err(Error::Names {
            old: old.name().to_owned(),
            new: new.name().to_owned(),
        }),
    }
}

/// A signed note with one more signature under it, that of another key of the same log: while a key is being
/// exchanged both sign.
pub fn sign_also(note: &[u8], key: &SigningKey) -> Result<Vec<u8>, Error> {
    let mut note = Note::parse(note)?;
    note.signatures.extend(key.sign(&note.text)?.signatures);
    Ok(note.to_string().into_bytes())
}
