//! Signed notes: text with Ed25519 signatures under it (C2SP `signed-note`), and the text forms of
//! keys that Go's `sumdb/note` and its kin read.
//!
//! Knows nothing of what the text says. Makes no keys: the seed comes from the caller, who has a
//! source of randomness.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Signature type of Ed25519 in key identifiers and key texts.
const ED25519: u8 = 0x01;

/// Longest note in bytes. Room for 64 of the largest (post-quantum) signatures.
pub const MAX_BYTES: usize = 512 * 1024;

/// Most signatures a note may carry. The format asks for at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// Longest key name in bytes.
pub const MAX_NAME_BYTES: usize = 255;

/// What is wrong with a note or a key.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum Error {
    /// The name cannot stand in a note.
    #[error(
        "a key name has 1 to 255 bytes, no space, no control character and no `+`; `example.com/log` is one"
    )]
    Name,
    /// Not the text of a public key.
    #[error("this is not a verifier key; one looks like `example.com/log+1a2b3c4d+AbC…=`")]
    VerifyingKey,
    /// Not the text of a secret key. The text is not repeated.
    #[error("this is not a signer key; one looks like `PRIVATE+KEY+example.com/log+1a2b3c4d+…`")]
    SigningKey,
    /// The text names an algorithm other than Ed25519.
    #[error("the key is of signature type `{0}`; only Ed25519, type `1`, is known here")]
    Algorithm(u8),
    /// The identifier in the key's text is not the one of name and key: a typing error, most likely.
    #[error("the key does not have the identifier `{written}` written in it, but `{actual}`; copy it again")]
    Identifier {
        /// The identifier in the text.
        written: KeyId,
        /// The identifier that name and key give.
        actual: KeyId,
    },
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

/// First four bytes of a hash of name and key, by which a signature line names its key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    /// `SHA-256(name ‖ 0x0A ‖ signature type ‖ public key)[:4]`.
    fn of(name: &str, key: &ed25519_dalek::VerifyingKey) -> KeyId {
        let mut hash = Sha256::new();
        hash.update(name);
        hash.update([b'\n', ED25519]);
        hash.update(key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        KeyId([a, b, c, d])
    }

    fn parse(text: &str) -> Option<KeyId> {
        let canonical = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(text, 16).ok().filter(|_| canonical)?;
        Some(KeyId(number.to_be_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A public key with its name: what somebody needs who checks a log. Its text is the `vkey` form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyingKey {
    name: String,
    id: KeyId,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifyingKey {
    fn new(name: &str, key: ed25519_dalek::VerifyingKey) -> Result<VerifyingKey, Error> {
        if !is_name(name) {
            return Err(Error::Name);
        }
        Ok(VerifyingKey {
            name: name.to_owned(),
            id: KeyId::of(name, &key),
            key,
        })
    }

    /// The key's name; for the key of a log, the log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's identifier.
    pub fn id(&self) -> KeyId {
        self.id
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id, STANDARD.encode(typed))
    }
}

impl FromStr for VerifyingKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<VerifyingKey, Error> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::VerifyingKey);
        };
        let written = KeyId::parse(id).ok_or(Error::VerifyingKey)?;
        let typed = STANDARD.decode(key).map_err(|_| Error::VerifyingKey)?;
        let key = key_bytes(&typed, Error::VerifyingKey)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| Error::VerifyingKey)?;
        VerifyingKey::new(name, key)?.with_identifier(written)
    }
}

impl VerifyingKey {
    fn with_identifier(self, written: KeyId) -> Result<VerifyingKey, Error> {
        match self.id == written {
            true => Ok(self),
            false => Err(Error::Identifier {
                written,
                actual: self.id,
            }),
        }
    }
}

/// The secret key of a log, with its name. Wiped from memory when dropped.
pub struct SigningKey {
    secret: ed25519_dalek::SigningKey,
    public: VerifyingKey,
}

impl SigningKey {
    /// The key of that name and seed: 32 bytes of a cryptographic random source, which the caller
    /// wipes.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<SigningKey, Error> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = VerifyingKey::new(name, secret.verifying_key())?;
        Ok(SigningKey { secret, public })
    }

    /// The key of that text, `PRIVATE+KEY+name+id+base64(type ‖ seed)`.
    pub fn parse(text: &str) -> Result<SigningKey, Error> {
        let mut parts = text
            .strip_prefix("PRIVATE+KEY+")
            .ok_or(Error::SigningKey)?
            .splitn(3, '+');
        let (Some(name), Some(id), Some(seed)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::SigningKey);
        };
        let written = KeyId::parse(id).ok_or(Error::SigningKey)?;
        // Decoded in place: a vector that grows would leave copies of the seed behind.
        let mut typed = Zeroizing::new([0; 48]);
        let length = STANDARD
            .decode_slice(seed, typed.as_mut())
            .map_err(|_| Error::SigningKey)?;
        let typed = typed.get(..length).ok_or(Error::SigningKey)?;
        let key = SigningKey::from_seed(name, key_bytes(typed, Error::SigningKey)?)?;
        let public = key.public.clone().with_identifier(written)?;
        Ok(SigningKey { public, ..key })
    }

    /// The secret in its text form. Whoever reads it can sign in the log's name.
    pub fn reveal_secret(&self) -> Zeroizing<String> {
        let mut typed = Zeroizing::new([ED25519; 33]);
        if let Some(seed) = typed.last_chunk_mut::<32>() {
            seed.copy_from_slice(self.secret.as_bytes());
        }
        // Long enough from the start, for the same reason.
        let mut text = Zeroizing::new(String::with_capacity(self.public.name.len() + 80));
        text.push_str("PRIVATE+KEY+");
        text.push_str(&self.public.name);
        text.push('+');
        text.push_str(&self.public.id.to_string());
        text.push('+');
        STANDARD.encode_string(typed.as_ref(), &mut text);
        text
    }

    /// The public half.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        self.public.name()
    }

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
            name: self.public.name.clone(),
            id: self.public.id,
            bytes,
        };
        Ok(Note {
            text: text.to_owned(),
            signatures: vec![signature],
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("name", &self.public.name)
            .finish_non_exhaustive()
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

/// The 32 bytes after the type byte.
fn key_bytes(typed: &[u8], malformed: Error) -> Result<&[u8; 32], Error> {
    match typed.split_first() {
        Some((&ED25519, key)) => key.try_into().map_err(|_| malformed),
        Some((&other, _)) => Err(Error::Algorithm(other)),
        None => Err(malformed),
    }
}

fn is_name(name: &str) -> bool {
    let fits = !name.is_empty() && name.len() <= MAX_NAME_BYTES;
    fits && !name
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn is_text(text: &str) -> bool {
    !text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}
