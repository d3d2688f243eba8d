//! Keys: the key-encryption key, the index key, and each person's own key.
//!
//! Deliberately does not know: what is sealed, where it is stored. Keys have no `Debug`, no
//! `Clone`, and are wiped when dropped.

use crate::seal::{self, Place, Table};
use aws_lc_rs::hmac;
use store::{MessageKey, WrappedKey};
use vocabulary::{Blind, PersonId};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Thirty-two secret bytes.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret(pub(crate) [u8; 32]);

impl Secret {
    /// Fresh random bytes from the operating system.
    pub fn fresh() -> Result<Secret, Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| Error::NoRandomness)?;
        Ok(Secret(bytes))
    }

    /// Reads 64 hexadecimal digits, as [`Secret::to_text`] writes them.
    pub fn from_text(text: &str) -> Result<Secret, Error> {
        let digest: vocabulary::Digest = text.trim().parse().map_err(|_| Error::NotAKey)?;
        if digest.0 == [0; 32] {
            return Err(Error::NotAKey);
        }
        Ok(Secret(digest.0))
    }

    /// The key as text, for the key file and nothing else.
    pub fn to_text(&self) -> String {
        vocabulary::Digest(self.0).to_string()
    }

    /// The bytes, for a signer that wipes them itself.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A key cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// Not 64 hexadecimal digits, or all zero.
    #[error("a key is 64 hexadecimal digits, not all zero; make one with `egard keys new`")]
    NotAKey,
    /// The bytes do not open under this key, at this place.
    #[error("the key does not open this; it is another store's key, or the bytes are damaged")]
    DoesNotOpen,
    /// Sealing failed (input beyond the cipher's limit).
    #[error("this is too long to seal")]
    TooLong,
}

/// One person's data key, unwrapped.
pub(crate) struct PersonKey(pub(crate) seal::Cipher);

/// The key-encryption key and the index key. They live apart from the data.
pub struct Keyring {
    kek: seal::Cipher,
    index: hmac::Key,
}

impl Keyring {
    /// From the two secrets of the key files. They must differ.
    pub fn new(kek: &Secret, index: &Secret) -> Result<Keyring, Error> {
        if kek.0 == index.0 {
            return Err(Error::NotAKey);
        }
        Ok(Keyring {
            kek: seal::Cipher::new(&kek.0)?,
            index: hmac::Key::new(hmac::HMAC_SHA256, &index.0),
        })
    }

    /// The keyed hash under which an identifier of some kind is found.
    pub(crate) fn blind(&self, kind: &str, id: &str) -> Blind {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(id.as_bytes());
        let mut blind = [0; 32];
        blind.copy_from_slice(context.sign().as_ref());
        Blind(blind)
    }

    /// The keyed hash of a message of a source.
    pub(crate) fn message(&self, source: &str, message_id: &str) -> MessageKey {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(b"message\0");
        context.update(source.as_bytes());
        context.update(&[0]);
        context.update(message_id.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(context.sign().as_ref().get(..16).unwrap_or(&[0; 16]));
        MessageKey(key)
    }

    /// The seed of what is drawn for a person: the same each time, and nobody's once the person is erased,
    /// because nobody knows their identity any more.
    pub(crate) fn seed(&self, person: PersonId) -> [u8; 32] {
        self.blind("seed", &vocabulary::Digest::of(&person.0).to_string())
            .0
    }

    /// The key of the erasure journal's MACs.
    pub(crate) fn journal_key(&self) -> hmac::Key {
        let derived = hmac::sign(&self.index, b"erasure journal");
        hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
    }

    /// A new person's key, wrapped for the store and unwrapped for use.
    pub(crate) fn new_person(&self, person: PersonId) -> Result<(WrappedKey, PersonKey), Error> {
        let secret = Secret::fresh()?;
        let wrapped = self.kek.seal(place(person), &secret.0)?;
        Ok((WrappedKey(wrapped.0), PersonKey(seal::Cipher::new(&secret.0)?)))
    }

    /// Unwraps a person's key.
    pub(crate) fn unwrap(&self, person: PersonId, wrapped: &WrappedKey) -> Result<PersonKey, Error> {
        let sealed = vocabulary::Sealed(wrapped.0.clone());
        let mut bytes = self.kek.open(place(person), &sealed)?;
        let cipher = seal::Cipher::new(&bytes);
        bytes.zeroize();
        Ok(PersonKey(cipher?))
    }

    /// Bytes by which a store recognises its keys: the key-encryption key seals what the index key
    /// makes of a constant.
    pub(crate) fn witness(&self) -> Result<Vec<u8>, Error> {
        let index = self.blind("witness", "egard");
        Ok(self.kek.seal(place(PersonId::NOBODY), &index.0)?.0)
    }

    /// Whether the store's witness was made by these keys.
    pub(crate) fn recognises(&self, witness: &[u8]) -> bool {
        let sealed = vocabulary::Sealed(witness.to_vec());
        let index = self.blind("witness", "egard");
        self.kek
            .open(place(PersonId::NOBODY), &sealed)
            .is_ok_and(|bytes| bytes == index.0)
    }
}

fn place(person: PersonId) -> Place {
    Place {
        table: Table::Key,
        person,
        version: 0,
    }
}
