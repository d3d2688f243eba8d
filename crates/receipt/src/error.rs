//! Why a receipt is refused.

/// Why a receipt is refused. [`Error::code`] names it for those who say it in other words.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error {
    /// Not a document of this form at all.
    #[error("this is no receipt of version 1: {0}")]
    Shape(String),
    /// Longer than [`crate::MAX_BYTES`].
    #[error("this is no receipt: it is longer than {} bytes", crate::MAX_BYTES)]
    TooLong,
    /// A key in it, or one given, is not a key.
    #[error("the key: {0}")]
    Key(String),
    /// The key in it is not the key given.
    #[error("`proof.logKey` is not the key given: another log's receipt, or it was changed")]
    OtherKey,
    /// Not a proof of version 1.
    #[error("the proof: {0}")]
    Proof(String),
    /// The signature of the checkpoint does not hold, or it is not a checkpoint.
    #[error("the proof: {0}")]
    Signature(String),
    /// A signature on the checkpoint is of nobody whose key is in the receipt.
    #[error("the checkpoint carries a signature of `{0}`, whose key is not in the receipt")]
    Stranger(String),
    /// A witness whose key was given has not countersigned.
    #[error("the witness `{0}` has not countersigned this checkpoint")]
    NotWitnessed(String),
    /// The entry does not stand in the log.
    #[error("the proof: {0}")]
    Inclusion(String),
    /// The entry in the proof is none.
    #[error("the entry: {0}")]
    Entry(String),
    /// The secret is not 32 bytes in base64.
    #[error("`proof.secret` is not 32 bytes in base64")]
    Secret,
    /// The entry commits to other details.
    #[error("the entry does not commit to these details: one of them was changed")]
    Commitment,
    /// The details are not what a record holds.
    #[error("the details are not a JSON object that every reader reads alike")]
    Details,
    /// The words are not those whose hash the details name.
    #[error("the words of the notice are not those that were shown: their hash is another one")]
    Words,
    /// The readable part is not what the proved part says.
    #[error("the readable part says something else than what is proved, from line {line} on")]
    Readable {
        /// The first line that differs, from 1.
        line: usize,
    },
}

impl Error {
    /// A short name that stays the same, for words in other languages and for tests.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Shape(_) | Error::TooLong => "shape",
            Error::Key(_) => "key",
            Error::OtherKey => "other-key",
            Error::Proof(_) => "proof",
            Error::Signature(_) => "signature",
            Error::Stranger(_) => "stranger",
            Error::NotWitnessed(_) => "not-witnessed",
            Error::Inclusion(_) => "inclusion",
            Error::Entry(_) => "entry",
            Error::Secret => "secret",
            Error::Commitment => "commitment",
            Error::Details => "details",
            Error::Words => "words",
            Error::Readable { .. } => "readable",
        }
    }
}
