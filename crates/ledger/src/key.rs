//! Keys with names: the text forms that Go's `sumdb/note` and its kin read (C2SP `signed-note`).
//!
//! Makes no keys: the seed comes from the caller, who has a source of randomness. Knows nothing of
//! what is signed.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Signature type of Ed25519 in key identifiers and key texts.
const ED25519: u8 = 0x01;

/// Signature type of timestamped Ed25519 cosignatures, those of witnesses.
pub(crate) const COSIGNATURE: u8 = 0x04;

/// Longest key name in bytes.
pub const MAX_NAME_BYTES: usize = 255;

/// What is wrong with a key.
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
    /// The key is for signatures of another type.
    #[error("the key is of signature type `{0}`, not the one asked for here (1 for logs, 4 for witnesses)")]
    Algorithm(u8),
    /// The identifier in the key's text is not the one of name and key: a typing error, most likely.
    #[error("the key does not have the identifier `{written}` written in it, but `{actual}`; copy it again")]
    Identifier {
        /// The identifier in the text.
        written: KeyId,
        /// The identifier that name and key give.
        actual: KeyId,
    },
}

/// First four bytes of a hash of name and key, by which a signature line names its key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    /// `SHA-256(name ‖ 0x0A ‖ signature type ‖ public key)[:4]`.
    fn of(name: &str, algorithm: u8, key: &ed25519_dalek::VerifyingKey) -> KeyId {
        let mut hash = Sha256::new();
        hash.update(name);
        hash.update([b'\n', algorithm]);
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

/// Name, identifier and Ed25519 key: what logs and witnesses are known by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Public<const ALGORITHM: u8> {
    pub(crate) name: String,
    pub(crate) id: KeyId,
    pub(crate) key: ed25519_dalek::VerifyingKey,
}

impl<const ALGORITHM: u8> Public<ALGORITHM> {
    pub(crate) fn new(name: &str, key: ed25519_dalek::VerifyingKey) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(Error::Name);
        }
        Ok(Public {
            name: name.to_owned(),
            id: KeyId::of(name, ALGORITHM, &key),
            key,
        })
    }

    fn with_identifier(self, written: KeyId) -> Result<Self, Error> {
        match self.id == written {
            true => Ok(self),
            false => Err(Error::Identifier {
                written,
                actual: self.id,
            }),
        }
    }
}

impl<const ALGORITHM: u8> fmt::Display for Public<ALGORITHM> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[ALGORITHM], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id, STANDARD.encode(typed))
    }
}

impl<const ALGORITHM: u8> FromStr for Public<ALGORITHM> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::VerifyingKey);
        };
        let written = KeyId::parse(id).ok_or(Error::VerifyingKey)?;
        let typed = STANDARD.decode(key).map_err(|_| Error::VerifyingKey)?;
        let key = key_bytes(&typed, ALGORITHM, Error::VerifyingKey)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| Error::VerifyingKey)?;
        Public::new(name, key)?.with_identifier(written)
    }
}

/// The public key of a log, with its name: what somebody needs who checks it. Its text is the `vkey`
/// form, `name+id+base64(1 ‖ key)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyingKey(pub(crate) Public<ED25519>);

impl VerifyingKey {
    /// The key's name, which is the log's origin.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The key's identifier.
    pub fn id(&self) -> KeyId {
        self.0.id
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for VerifyingKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<VerifyingKey, Error> {
        text.parse().map(VerifyingKey)
    }
}

/// The secret key of a log, with its name. Wiped from memory when dropped.
pub struct SigningKey {
    pub(crate) secret: ed25519_dalek::SigningKey,
    public: VerifyingKey,
}

impl SigningKey {
    /// The key of that name and seed: 32 bytes of a cryptographic random source, which the caller
    /// wipes.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<SigningKey, Error> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = VerifyingKey(Public::new(name, secret.verifying_key())?);
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
        let key = SigningKey::from_seed(name, key_bytes(typed, ED25519, Error::SigningKey)?)?;
        let public = VerifyingKey(key.public.0.clone().with_identifier(written)?);
        Ok(SigningKey { public, ..key })
    }

    /// The secret in its text form. Whoever reads it can sign in the log's name.
    pub fn reveal_secret(&self) -> Zeroizing<String> {
        let mut typed = Zeroizing::new([ED25519; 33]);
        if let Some(seed) = typed.last_chunk_mut::<32>() {
            seed.copy_from_slice(self.secret.as_bytes());
        }
        // Long enough from the start, for the same reason.
        let mut text = Zeroizing::new(String::with_capacity(self.name().len() + 80));
        text.push_str("PRIVATE+KEY+");
        text.push_str(self.name());
        text.push('+');
        text.push_str(&self.public.id().to_string());
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
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// The 32 bytes after the type byte.
fn key_bytes(typed: &[u8], algorithm: u8, malformed: Error) -> Result<&[u8; 32], Error> {
    match typed.split_first() {
        Some((&found, key)) if found == algorithm => key.try_into().map_err(|_| malformed),
        Some((&other, _)) => Err(Error::Algorithm(other)),
        None => Err(malformed),
    }
}

pub(crate) fn is_name(name: &str) -> bool {
    let fits = !name.is_empty() && name.len() <= MAX_NAME_BYTES;
    fits && !name
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}
