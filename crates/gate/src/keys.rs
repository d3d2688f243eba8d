//! Keys: the key-encryption key, the index key, and each person's own key.
//!
//! Deliberately does not know: what is sealed, where it is stored. Keys have no `Debug`, no
//! `Clone`, and are wiped when dropped.

pub(crate) mod kept;
pub mod kms;

use crate::seal::{self, Place, Table};
use aws_lc_rs::hmac;
use kept::Kept;
use kms::{KekId, Kms, KmsError, LocalKek};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use store::{MessageKey, WrappedKey};
use vocabulary::{Blind, PersonId};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Unwrapped keys kept in memory where the key-encryption key lives outside this process, besides those of
/// the envelopes in memory: a few hundred bytes each.
const KEPT: usize = 100_000;

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

    /// Why this is hardly a random key, if it is not: what somebody typed, counted up or repeated. A random
    /// key is refused here less than once in 10^12.
    pub fn weakness(&self) -> Option<&'static str> {
        let mut seen = [false; 256];
        for byte in self.0 {
            if let Some(seen) = seen.get_mut(usize::from(byte)) {
                *seen = true;
            }
        }
        let distinct = seen.iter().filter(|seen| **seen).count();
        let steps = |window: &[u8]| match window {
            [one, next] => next.wrapping_sub(*one),
            _ => 0,
        };
        let first = self.0.get(..2).map_or(0, steps);
        if self.0.windows(2).all(|window| steps(window) == first) {
            Some("its bytes are all the same or count up")
        } else if self.0.get(..16) == self.0.get(16..) {
            Some("its second half repeats the first")
        } else if distinct < 16 {
            Some("it has too few different bytes")
        } else if self.0.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            Some("it is made of printable characters, as if typed")
        } else {
            None
        }
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
    /// The key-encryption key that wrapped it is not among those given.
    #[error(
        "something is wrapped by the key-encryption key `{0}`, which is not among those given; put it back \
         (`kek.{0}` in the folder of keys, or among the old keys of `[kms]`)"
    )]
    UnknownKek(KekId),
    /// The place of the key-encryption key does not answer. Nothing is lost; try again.
    #[error("{0}; nothing was written, and nothing is lost: it goes on when it answers again")]
    Unreachable(String),
    /// Sealing failed (input beyond the cipher's limit).
    #[error("this is too long to seal")]
    TooLong,
}

/// One person's data key, unwrapped.
pub(crate) struct PersonKey(pub(crate) seal::Cipher);

/// The key-encryption keys and the index key. They live apart from the data.
pub struct Keyring {
    kek: RwLock<Ring>,
    index: hmac::Key,
    kept: Mutex<Kept>,
}

/// The key-encryption keys in use.
#[derive(Clone)]
struct Ring {
    /// Wraps what is new.
    current: Arc<dyn Kms>,
    /// Unwrap what they wrapped.
    older: Vec<Arc<dyn Kms>>,
}

impl Ring {
    fn all(&self) -> impl Iterator<Item = &Arc<dyn Kms>> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

impl Keyring {
    /// From the two secrets of the key files. They must differ.
    pub fn new(kek: &Secret, index: &Secret) -> Result<Keyring, Error> {
        if kek.0 == index.0 {
            return Err(Error::NotAKey);
        }
        Ok(Keyring::with(
            Arc::new(LocalKek::new(kek, "file")?),
            Vec::new(),
            index,
        ))
    }

    /// With key-encryption keys that live anywhere: the one that wraps what is new, and older ones that still
    /// wrap something.
    pub fn with(current: Arc<dyn Kms>, older: Vec<Arc<dyn Kms>>, index: &Secret) -> Keyring {
        let remote = current.is_remote() || older.iter().any(|kek| kek.is_remote());
        Keyring {
            kek: RwLock::new(Ring { current, older }),
            index: hmac::Key::new(hmac::HMAC_SHA256, &index.0),
            kept: Mutex::new(Kept::new(if remote { KEPT } else { 0 })),
        }
    }

    /// Exchanges the key-encryption keys.
    pub(crate) fn replace(&self, current: Arc<dyn Kms>, older: Vec<Arc<dyn Kms>>) {
        if current.is_remote() || older.iter().any(|kek| kek.is_remote()) {
            let mut kept = self.kept();
            if kept.is_off() {
                *kept = Kept::new(KEPT);
            }
        }
        *self.kek.write().unwrap_or_else(PoisonError::into_inner) = Ring { current, older };
    }

    fn ring(&self) -> Ring {
        self.kek.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key-encryption keys that are there with the place each lives in, the current one first.
    pub(crate) fn keks(&self) -> Vec<(KekId, &'static str)> {
        self.ring().all().map(|kek| (kek.id(), kek.driver())).collect()
    }

    /// The key-encryption key that wraps what is new.
    pub(crate) fn current(&self) -> KekId {
        self.ring().current.id()
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

    /// What is drawn with for whoever goes by that keyed hash, or for nobody, on that occasion: 53 bits, so that
    /// every reader of JSON reads the same number.
    pub(crate) fn occasion(&self, whose: Option<&Blind>, occasion: &str) -> u64 {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(b"occasion\0");
        context.update(whose.map_or(&[0; 32], |whose| &whose.0));
        context.update(occasion.as_bytes());
        let mut number = [0; 8];
        number.copy_from_slice(context.sign().as_ref().get(..8).unwrap_or(&[0; 8]));
        u64::from_be_bytes(number) >> 11
    }

    /// A secret of the house for one use.
    pub(crate) fn house_secret(&self, using: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(b"house secret\0");
        context.update(using.as_bytes());
        let mut secret = [0; 32];
        let tag = context.sign();
        secret
            .iter_mut()
            .zip(tag.as_ref())
            .for_each(|(to, from)| *to = *from);
        secret
    }

    /// The key of the erasure journal's MACs.
    pub(crate) fn journal_key(&self) -> hmac::Key {
        let derived = hmac::sign(&self.index, b"erasure journal");
        hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
    }

    /// A new person's key, wrapped for the store and unwrapped for use.
    pub(crate) fn new_person(&self, person: PersonId) -> Result<(WrappedKey, PersonKey), Error> {
        let secret = Secret::fresh()?;
        let wrapped = self.wrap(person, &secret.0)?;
        Ok((wrapped, PersonKey(seal::Cipher::new(&secret.0)?)))
    }

    /// Unwraps a person's key.
    pub(crate) fn unwrap(&self, person: PersonId, wrapped: &WrappedKey) -> Result<PersonKey, Error> {
        let bytes = self.unwrapped(person, wrapped)?.0;
        Ok(PersonKey(seal::Cipher::new(bytes.as_slice())?))
    }

    /// As [`Keyring::unwrap`], and kept for a while if asking again would leave the process. Whoever asks
    /// holds what [`Keyring::forget`] is called under.
    pub(crate) fn unwrap_kept(
        &self,
        person: PersonId,
        wrapped: &WrappedKey,
    ) -> Result<Arc<PersonKey>, Error> {
        if let Some(key) = self.kept().get(person) {
            return Ok(key);
        }
        let key = Arc::new(self.unwrap(person, wrapped)?);
        self.keep(person, &key);
        Ok(key)
    }

    /// Keeps an unwrapped key at hand, where that is worth it.
    pub(crate) fn keep(&self, person: PersonId, key: &Arc<PersonKey>) {
        self.kept().keep(person, Arc::clone(key));
    }

    /// The person is erased: their key may be in no memory.
    pub(crate) fn forget(&self, person: PersonId) {
        self.kept().forget(person);
    }

    /// The same key wrapped by the current key-encryption key, if another wraps it.
    pub(crate) fn wrap_anew(
        &self,
        person: PersonId,
        wrapped: &WrappedKey,
    ) -> Result<Option<WrappedKey>, Error> {
        let current = self.current();
        if kms::split(&wrapped.0)?.0 == Some(current) {
            return Ok(None);
        }
        let (bytes, _) = self.unwrapped(person, wrapped)?;
        self.wrap(person, &bytes).map(Some)
    }

    /// Which key-encryption key wraps it. For one that does not say, the one that opens it.
    pub(crate) fn wrapped_by(&self, person: PersonId, wrapped: &WrappedKey) -> Result<KekId, Error> {
        match kms::split(&wrapped.0)?.0 {
            Some(id) => Ok(id),
            None => self.unwrapped(person, wrapped).map(|(_, id)| id),
        }
    }

    fn wrap(&self, person: PersonId, key: &[u8; 32]) -> Result<WrappedKey, Error> {
        let current = self.ring().current;
        let payload = current.wrap(&place(person).bytes(), key)?;
        Ok(WrappedKey(kms::named(current.id(), &payload)))
    }

    fn unwrapped(
        &self,
        person: PersonId,
        wrapped: &WrappedKey,
    ) -> Result<(Zeroizing<[u8; 32]>, KekId), Error> {
        let ring = self.ring();
        let context = place(person).bytes();
        let (named, payload) = kms::split(&wrapped.0)?;
        if let Some(id) = named {
            let kek = ring.all().find(|kek| kek.id() == id);
            let kek = kek.ok_or(Error::UnknownKek(id))?;
            return Ok((kek.unwrap(&context, payload)?, id));
        }
        for kek in ring.all().filter(|kek| kek.may_be_unnamed()) {
            match kek.unwrap(&context, payload) {
                Ok(bytes) => return Ok((bytes, kek.id())),
                Err(KmsError::DoesNotOpen) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::DoesNotOpen)
    }

    /// Bytes by which a store recognises its keys: the key-encryption key seals what the index key
    /// makes of a constant.
    pub(crate) fn witness(&self) -> Result<Vec<u8>, Error> {
        let index = self.blind("witness", "egard");
        Ok(self.wrap(PersonId::NOBODY, &index.0)?.0)
    }

    /// Whether the store's witness was made by these keys. An error: nobody can tell now.
    pub(crate) fn recognises(&self, witness: &[u8]) -> Result<bool, Error> {
        let index = self.blind("witness", "egard");
        match self.unwrapped(PersonId::NOBODY, &WrappedKey(witness.to_vec())) {
            Ok((bytes, _)) => Ok(*bytes == index.0),
            Err(Error::DoesNotOpen) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl From<KmsError> for Error {
    fn from(error: KmsError) -> Error {
        match error {
            KmsError::DoesNotOpen => Error::DoesNotOpen,
            unreachable => Error::Unreachable(unreachable.to_string()),
        }
    }
}

fn place(person: PersonId) -> Place {
    Place {
        table: Table::Key,
        person,
        version: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_somebody_made_up_is_no_key() {
        let counted: [u8; 32] = std::array::from_fn(|place| place as u8);
        let typed = *b"correct horse battery staple 123";
        let mut twice = [0; 32];
        for (place, byte) in twice.iter_mut().enumerate() {
            *byte = (place as u8 % 16).wrapping_mul(37) ^ 0xa5;
        }
        for made_up in [[0x42; 32], counted, typed, twice] {
            assert!(Secret(made_up).weakness().is_some(), "{made_up:?}");
        }
    }

    proptest! {
        #[test]
        fn a_random_key_is_not_called_weak(bytes in any::<[u8; 32]>()) {
            let fresh = Secret::fresh().unwrap();
            prop_assert_eq!(fresh.weakness(), None);
            // And no key makes it fall over.
            let _ = Secret(bytes).weakness();
        }
    }

    fn local(byte: u8) -> Arc<dyn Kms> {
        Arc::new(LocalKek::new(&Secret([byte; 32]), "file").unwrap())
    }

    #[test]
    fn an_older_key_still_opens_and_an_absent_one_is_named() {
        let index = Secret([9; 32]);
        let person = PersonId([3; 16]);
        let before = Keyring::with(local(1), Vec::new(), &index);
        let (wrapped, _) = before.new_person(person).unwrap();
        let both = Keyring::with(local(2), vec![local(1)], &index);
        assert!(both.unwrap(person, &wrapped).is_ok());
        let anew = both.wrap_anew(person, &wrapped).unwrap().unwrap();
        assert_eq!(both.wrap_anew(person, &anew).unwrap(), None, "it is already");
        let after = Keyring::with(local(2), Vec::new(), &index);
        assert!(after.unwrap(person, &anew).is_ok());
        let absent = local(1).id();
        assert_eq!(
            after.unwrap(person, &wrapped).err(),
            Some(Error::UnknownKek(absent))
        );
        assert!(
            Error::UnknownKek(absent)
                .to_string()
                .contains(&format!("kek.{absent}")),
            "it says which file to put back"
        );
        // Another key of the same name in its header opens nothing.
        let (_, payload) = kms::split(&wrapped.0).unwrap();
        let renamed = WrappedKey(kms::named(after.current(), payload));
        assert_eq!(after.unwrap(person, &renamed).err(), Some(Error::DoesNotOpen));
        assert_eq!(
            both.unwrap(PersonId([4; 16]), &wrapped).err(),
            Some(Error::DoesNotOpen)
        );
    }
}
