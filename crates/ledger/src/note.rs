//! Signed notes: text with Ed25519 signatures under it (C2SP `signed-note`).
//!
//! Knows nothing of what the text says.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;

use crate::key::{KeyId, SigningKey, VerifyingKey, is_name};

/// Longest note in bytes. Room for 64 of the largest (post-quantum) signatures.
pub const MAX_BYTES: usize = 512 * 1024;

/// Most signatures a note may carry. The format asks for at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// What is wrong with a note.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum Error {
    /// The note is too long.
    #[error("the note has more than 524288 bytes")]
    TooLong,
    /// The note is not text, or has control characters.
    #[error("the note is not UTF-8 text free of control characters")]
    NotText,
    /// The note is not text, an empty line, and signature lines.
    #[error("the note is not text, an empty line, and signature lines, each ended by a newline")]
    Shape,
    /// A signature line is malformed.
    #[error("signature line `{line}` is not `— name base64`")]
    SignatureLine {
        /// Which, from 1.
        line: usize,
    },
    /// The note carries too many signatures.
    #[error("the note has more than 64 signatures")]
    TooManySignatures,
    /// Nobody known signed.
    #[error("no signature of the expected key is on the note")]
    Unsigned,
    /// A signature by the known key does not fit the text: note or signature was altered.
    #[error("the signature of the expected key does not fit the text: one of the two was altered")]
    BadSignature,
}

impl SigningKey {
    /// The text with one signature under it. The text ends with a newline and has no control
    /// characters. Ed25519 signatures are deterministic: the same text gives the same note.
    pub fn sign(&self, text: &str) -> Result<Note, Error> {
        if !is_text(text) {
            return Err(Error::NotText);
        }
        if !text.ends_with('\n') {
            return Err(Error::Shape);
        }
        let bytes = self.secret.sign(text.as_bytes()).to_bytes().to_vec();
        let signature = Signature {
            name: self.name().to_owned(),
            id: self.verifying_key().id(),
            bytes,
        };
        Ok(Note {
            text: text.to_owned(),
            signatures: vec![signature],
        })
    }
}

/// One signature line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// Identifier of the key.
    pub id: KeyId,
    /// The signature itself, as its algorithm makes it.
    pub bytes: Vec<u8>,
}

/// Text and signatures. Reading a note says nothing about who signed it; [`Note::verify`] does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What was signed, with its final newline.
    pub text: String,
    /// By whom, allegedly.
    pub signatures: Vec<Signature>,
}

impl Note {
    /// Reads text, empty line and signature lines, strictly.
    pub fn parse(bytes: &[u8]) -> Result<Note, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLong);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| Error::NotText)?;
        if !is_text(note) {
            return Err(Error::NotText);
        }
        // The text itself may have empty lines: the last one counts.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(Error::Shape)?;
        let lines = lines.strip_suffix('\n').ok_or(Error::Shape)?;
        let mut signatures = Vec::new();
        for (line, content) in (1..).zip(lines.split('\n')) {
            if line > MAX_SIGNATURES {
                return Err(Error::TooManySignatures);
            }
            signatures.push(Signature::parse(content).ok_or(Error::SignatureLine { line })?);
        }
        Ok(Note {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// Whether that key signed this text. Signatures of other keys are passed over, as they must be:
    /// witnesses and keys to come put theirs on the same note.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), Error> {
        let key = &key.0;
        let mut verified = Err(Error::Unsigned);
        for signature in &self.signatures {
            if signature.name == key.name && signature.id == key.id {
                let signature = ed25519_dalek::Signature::from_slice(&signature.bytes)
                    .map_err(|_| Error::BadSignature)?;
                // Strict: no weak keys, and only one signature form per text and key.
                key.key
                    .verify_strict(self.text.as_bytes(), &signature)
                    .map_err(|_| Error::BadSignature)?;
                verified = Ok(());
            }
        }
        verified
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Signature {
    /// Reads a line without its newline, as a witness returns it; `None` if it is not one.
    pub fn parse(line: &str) -> Option<Signature> {
        let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
        let decoded = STANDARD.decode(signature).ok()?;
        let (id, bytes) = decoded.split_first_chunk::<4>()?;
        if !is_name(name) || bytes.is_empty() {
            return None;
        }
        Some(Signature {
            name: name.to_owned(),
            id: KeyId(*id),
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.0.as_slice(), &self.bytes].concat();
        write!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

fn is_text(text: &str) -> bool {
    !text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}
