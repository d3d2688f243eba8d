//! Key-encryption keys: where they live, and what may be asked of them.
//!
//! A driver wraps and unwraps short keys and hands out nothing else: a key that lives in a hardware token or
//! behind a service never comes here. Deliberately does not know: whose key is wrapped.

use super::{Error, Secret};
use crate::seal::Cipher;
use aws_lc_rs::hmac;
use std::fmt;
use std::str::FromStr;
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of a wrapped key of the first layout, which does not say under which key it is.
const UNNAMED: usize = 60;
/// First byte of a wrapped key that says it.
const NAMED: u8 = 1;

/// The name of a key-encryption key: eight bytes that say nothing about the key. Shown as sixteen
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KekId(pub [u8; 8]);

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KekId({self})")
    }
}

impl FromStr for KekId {
    type Err = Error;

    fn from_str(text: &str) -> Result<KekId, Error> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| digits);
        number
            .map(|number| KekId(number.to_be_bytes()))
            .ok_or(Error::NotAKey)
    }
}

/// One key-encryption key, wherever it lives.
///
/// Calls may block for as long as the place takes to answer. What a driver answers to `wrap` is no longer
/// than a kilobyte and not 51 bytes long, and opens with the same context only.
pub trait Kms: Send + Sync {
    /// Which key this is. The same for the same key, for ever; never that of another one.
    fn id(&self) -> KekId;

    /// Where the key lives, in a word, for messages: `file`, `environment`, `pkcs11`.
    fn driver(&self) -> &'static str;

    /// Encrypts a key, bound to a context.
    fn wrap(&self, context: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, KmsError>;

    /// Decrypts what [`Kms::wrap`] answered for the same context.
    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KmsError>;

    /// Whether this may be the key of what was wrapped before wrapped keys said under which key they are.
    fn may_be_unnamed(&self) -> bool {
        false
    }

    /// Whether each call leaves this process, so that unwrapped keys are worth keeping for a while.
    fn is_remote(&self) -> bool {
        true
    }
}

/// Why a key was not wrapped or unwrapped.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum KmsError {
    /// The place does not answer now; it may answer later.
    #[error("the place of the key-encryption key does not answer: {0}")]
    Unreachable(String),
    /// The bytes were not wrapped by this key in this context, or are damaged.
    #[error("this was not wrapped by this key-encryption key, or is damaged")]
    DoesNotOpen,
}

/// A key-encryption key in this process's memory, from a file or the environment.
pub struct LocalKek {
    id: KekId,
    driver: &'static str,
    cipher: Cipher,
}

impl LocalKek {
    /// From the secret. `driver` says where it was read.
    pub fn new(secret: &Secret, driver: &'static str) -> Result<LocalKek, Error> {
        Ok(LocalKek {
            id: local_id(secret),
            driver,
            cipher: Cipher::new(&secret.0)?,
        })
    }
}

/// The name of a key that we hold ourselves: a keyed hash of a constant.
pub fn local_id(secret: &Secret) -> KekId {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret.0), b"egard kek id v1");
    KekId(tag.as_ref().first_chunk().copied().unwrap_or_default())
}

impl Kms for LocalKek {
    fn id(&self) -> KekId {
        self.id
    }

    fn driver(&self) -> &'static str {
        self.driver
    }

    fn wrap(&self, context: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, KmsError> {
        let sealed = self.cipher.seal_bound(context, key);
        sealed
            .map(|sealed| sealed.0)
            .map_err(|error| KmsError::Unreachable(error.to_string()))
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KmsError> {
        let opened = self.cipher.open_bound(context, wrapped);
        let mut bytes = opened.map_err(|_| KmsError::DoesNotOpen)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new);
        bytes.zeroize();
        key.map_err(|_| KmsError::DoesNotOpen)
    }

    fn may_be_unnamed(&self) -> bool {
        true
    }

    fn is_remote(&self) -> bool {
        false
    }
}

/// The bytes of a wrapped key, with the name of what wrapped it.
pub(crate) fn named(id: KekId, payload: &[u8]) -> Vec<u8> {
    [&[NAMED], id.0.as_slice(), payload].concat()
}

/// Under which key it is, and the driver's part. `None`: it is of the layout that does not say.
pub(crate) fn split(wrapped: &[u8]) -> Result<(Option<KekId>, &[u8]), Error> {
    if wrapped.len() == UNNAMED {
        return Ok((None, wrapped));
    }
    let (id, payload) = wrapped
        .strip_prefix(&[NAMED])
        .and_then(|rest| rest.split_first_chunk::<8>())
        .ok_or(Error::DoesNotOpen)?;
    Ok((Some(KekId(*id)), payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kek(byte: u8) -> LocalKek {
        LocalKek::new(&Secret([byte; 32]), "file").unwrap()
    }

    #[test]
    fn a_wrapped_key_says_under_which_key_it_is_and_opens_in_its_context_only() {
        let wrapped = kek(1).wrap(b"place", &[7; 32]).unwrap();
        assert_eq!(*kek(1).unwrap(b"place", &wrapped).unwrap(), [7; 32]);
        assert_eq!(kek(1).unwrap(b"elsewhere", &wrapped), Err(KmsError::DoesNotOpen));
        assert_eq!(kek(2).unwrap(b"place", &wrapped), Err(KmsError::DoesNotOpen));
        let bytes = named(kek(1).id(), &wrapped);
        assert_eq!(split(&bytes).unwrap(), (Some(kek(1).id()), wrapped.as_slice()));
        assert_eq!(split(&wrapped).unwrap().0, None, "the first layout");
        for cut in 0..UNNAMED {
            assert!(split(wrapped.get(..cut).unwrap()).is_err() || cut == 0 || wrapped[0] == NAMED);
        }
    }

    #[test]
    fn the_name_of_a_key_is_read_as_it_is_written() {
        let id = kek(3).id();
        assert_eq!(id.to_string().parse::<KekId>().unwrap(), id);
        for wrong in ["", "0123", "+123456789abcdef", "0123456789abcdeg"] {
            assert!(wrong.parse::<KekId>().is_err(), "{wrong}");
        }
        assert_ne!(kek(3).id(), kek(4).id());
    }
}
