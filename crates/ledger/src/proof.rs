//! Proofs a person can take home: that an entry stands in a log, checkable offline for ever
//! (C2SP `tlog-proof@v1`).
//!
//! Needs the entry, this proof, and the log's public key; no network, no trust in who serves the log.
//! Knows nothing of what the entry says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{self, Checkpoint};
use crate::decimal;
use crate::key::VerifyingKey;
use crate::note;
use crate::tile::MAX_ENTRY_BYTES;
use crate::tree::{self, Hash};

/// The first line of a proof.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Most hashes in a proof: a tree higher than this has more than 2^64 entries.
const MAX_HASHES: usize = 64;

/// Longest proof in bytes: a full entry as extra data, the hashes, and the longest checkpoint.
pub const MAX_BYTES: usize = note::MAX_BYTES + 4 * MAX_ENTRY_BYTES / 3 + 64 * (MAX_HASHES + 4);

/// That one entry stands at one index in the log of one checkpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// Data that came with the proof. **Not authenticated by the proof**, unless it is the entry
    /// itself: see [`Proof::verify_carried`].
    pub extra: Option<Vec<u8>>,
    /// Index of the entry, from 0.
    pub index: u64,
    /// Inclusion proof, from the leaf's sibling to the root's child.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: Vec<u8>,
}

/// Why a proof proves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error {
    /// The text is not a proof.
    #[error("this is not a proof: line `{line}` should be {expected}")]
    Shape {
        /// Line number, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Longer than any proof.
    #[error("this is not a proof: it has more than {} bytes", MAX_BYTES)]
    TooLong,
    /// The proof carries no entry, and none was given.
    #[error("the proof carries no entry; give the entry's bytes with it")]
    NoEntry,
    /// The checkpoint is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// The entry is not in the log at this index.
    #[error(transparent)]
    Tree(#[from] tree::Error),
}

impl Proof {
    /// The text of the proof, for a file `*.tlog-proof`.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("{HEADER}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", STANDARD.encode(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&tree::to_base64(hash));
            text.push('\n');
        }
        text.push('\n');
        [text.as_bytes(), &self.checkpoint].concat()
    }

    /// Reads the text of a proof, strictly. Says nothing yet about whether it holds.
    pub fn parse(bytes: &[u8]) -> Result<Proof, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLong);
        }
        let mut lines = Lines { rest: bytes, line: 0 };
        let first = lines.next(FIRST)?;
        if first != HEADER {
            return Err(lines.expected(FIRST));
        }
        let mut line = lines.next(INDEX)?;
        let mut extra = None;
        if let Some(base64) = line.strip_prefix("extra ") {
            let decoded = STANDARD
                .decode(base64)
                .map_err(|_| lines.expected("`extra` and base64"))?;
            extra = Some(decoded);
            line = lines.next(INDEX)?;
        }
        let index = line.strip_prefix("index ").and_then(decimal::parse);
        let index = index.ok_or_else(|| lines.expected(INDEX))?;
        let mut hashes = Vec::new();
        loop {
            match lines.next(HASH)? {
                "" => break,
                _ if hashes.len() == MAX_HASHES => return Err(lines.expected("an empty line")),
                line => {
                    let hash = tree::from_base64(line);
                    hashes.push(hash.ok_or_else(|| lines.expected(HASH))?);
                }
            }
        }
        Ok(Proof {
            extra,
            index,
            hashes,
            checkpoint: lines.rest.to_vec(),
        })
    }

    /// Whether this entry stands in the log of that key; answers the checkpoint that says so.
    pub fn verify(&self, entry: &[u8], key: &VerifyingKey) -> Result<Checkpoint, Error> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let leaf = tree::leaf_hash(entry);
        tree::verify_inclusion(self.index, checkpoint.size, &leaf, &self.hashes, &checkpoint.root)?;
        Ok(checkpoint)
    }

    /// The same for a proof whose extra data is the entry (see [`crate::receipt::prove_carrying`]);
    /// answers the entry too.
    pub fn verify_carried(&self, key: &VerifyingKey) -> Result<(&[u8], Checkpoint), Error> {
        let entry = self.extra.as_deref().ok_or(Error::NoEntry)?;
        Ok((entry, self.verify(entry, key)?))
    }
}

const FIRST: &str = "`c2sp.org/tlog-proof@v1`";
const INDEX: &str = "`index` and a number";
const HASH: &str = "a hash in base64, or empty";

/// Lines that end with a newline each, counted.
struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self, expected: &'static str) -> Result<&'a str, Error> {
        self.line += 1;
        let expected = self.expected(expected);
        let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') else {
            return Err(expected);
        };
        let Some((line, rest)) = self.rest.split_at_checked(end) else {
            return Err(expected);
        };
        self.rest = rest.get(1..).unwrap_or_default();
        std::str::from_utf8(line).map_err(|_| expected)
    }

    fn expected(&self, expected: &'static str) -> Error {
        Error::Shape {
            line: self.line,
            expected,
        }
    }
}
