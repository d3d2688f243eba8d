//! Sealing and opening: AES-256-GCM, a fresh random nonce for every seal, and the place (table,
//! person, version) as associated data, so that a row moved elsewhere does not open.
//!
//! Deliberately does not know: what the bytes mean, or who may open them; that is the permit's
//! business, in the modules that call this one.

use crate::keys::Error;
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use vocabulary::{PersonId, Sealed};
use zeroize::Zeroize as _;

const NONCE: usize = 12;

/// Which table a sealed thing lives in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Table {
    Key = 1,
    Terms = 2,
    Content = 3,
    Event = 4,
    Record = 5,
    /// What travels: links and sessions.
    Pass = 20,
    /// What the house keeps under a key that goes with it.
    Vault = 26,
    /// The members of the team and their sessions.
    Team = 32,
    /// What outboxes lay before humans: tasks, and what is in doubt.
    Outbox = 33,
    /// What the house keeps of conversations.
    Conversation = 34,
    /// How often what happened in journeys, by day.
    Flow = 35,
}

/// Where a sealed thing belongs. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) table: Table,
    pub(crate) person: PersonId,
    pub(crate) version: u64,
}

impl Place {
    pub(crate) fn bytes(self) -> [u8; 25] {
        let mut bytes = [0; 25];
        let (table, rest) = bytes.split_at_mut(1);
        let (person, version) = rest.split_at_mut(16);
        table.copy_from_slice(&[self.table as u8]);
        person.copy_from_slice(&self.person.0);
        version.copy_from_slice(&self.version.to_be_bytes());
        bytes
    }
}

/// A key ready for use.
pub(crate) struct Cipher(RandomizedNonceKey);

impl Cipher {
    pub(crate) fn new(key: &[u8]) -> Result<Cipher, Error> {
        RandomizedNonceKey::new(&AES_256_GCM, key)
            .map(Cipher)
            .map_err(|_| Error::NotAKey)
    }

    /// Nonce, ciphertext, tag.
    pub(crate) fn seal(&self, place: Place, plain: &[u8]) -> Result<Sealed, Error> {
        self.seal_bound(&place.bytes(), plain)
    }

    /// As [`Cipher::seal`], bound to bytes that say where it belongs.
    pub(crate) fn seal_bound(&self, place: &[u8], plain: &[u8]) -> Result<Sealed, Error> {
        let mut body = Vec::with_capacity(plain.len() + 16);
        body.extend_from_slice(plain);
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(place), &mut body)
            .map_err(|_| Error::TooLong)?;
        let mut sealed = Vec::with_capacity(NONCE + body.len());
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        Ok(Sealed(sealed))
    }

    /// The plaintext, if it was sealed by this key for this place.
    pub(crate) fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, Error> {
        self.open_bound(&place.bytes(), &sealed.0)
    }

    /// As [`Cipher::open`], where it stands: nothing is copied. What was sealed is gone afterwards.
    pub(crate) fn open_in_place<'a>(
        &self,
        place: Place,
        sealed: &'a mut Sealed,
    ) -> Result<InPlace<'a>, Error> {
        let (nonce, body) = sealed.0.split_at_mut_checked(NONCE).ok_or(Error::DoesNotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::DoesNotOpen)?;
        let opened = self.0.open_in_place(nonce, Aad::from(place.bytes()), body);
        opened.map(InPlace).map_err(|_| Error::DoesNotOpen)
    }

    /// As [`Cipher::open`], of what [`Cipher::seal_bound`] made.
    pub(crate) fn open_bound(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let (nonce, body) = sealed.split_at_checked(NONCE).ok_or(Error::DoesNotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::DoesNotOpen)?;
        let mut body = body.to_vec();
        let length = self
            .0
            .open_in_place(nonce, Aad::from(place), &mut body)
            .map_err(|_| Error::DoesNotOpen)?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

/// A plaintext where its ciphertext was, overwritten when it is dropped.
pub(crate) struct InPlace<'a>(&'a mut [u8]);

impl std::ops::Deref for InPlace<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0
    }
}

impl Drop for InPlace<'_> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(version: u64) -> Place {
        Place {
            table: Table::Content,
            person: PersonId([7; 16]),
            version,
        }
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_only_at_its_place(plain in proptest::collection::vec(any::<u8>(), 0..300), bit in any::<prop::sample::Index>()) {
            let cipher = Cipher::new(&[3; 32]).unwrap();
            let sealed = cipher.seal(place(5), &plain).unwrap();
            prop_assert_eq!(&cipher.open(place(5), &sealed).unwrap(), &plain);
            prop_assert_eq!(cipher.open_in_place(place(5), &mut sealed.clone()).unwrap().to_vec(), plain.clone());
            prop_assert!(cipher.open_in_place(place(6), &mut sealed.clone()).is_err());
            prop_assert!(cipher.open(place(6), &sealed).is_err());
            let other_table = Place { table: Table::Terms, ..place(5) };
            prop_assert!(cipher.open(other_table, &sealed).is_err());
            let other_person = Place { person: PersonId([8; 16]), ..place(5) };
            prop_assert!(cipher.open(other_person, &sealed).is_err());
            prop_assert!(Cipher::new(&[4; 32]).unwrap().open(place(5), &sealed).is_err());
            let mut flipped = sealed.clone();
            let at = bit.index(flipped.0.len() * 8);
            flipped.0[at / 8] ^= 1 << (at % 8);
            prop_assert!(cipher.open(place(5), &flipped).is_err());
        }

        #[test]
        fn two_seals_of_the_same_share_no_nonce(plain in proptest::collection::vec(any::<u8>(), 0..50)) {
            let cipher = Cipher::new(&[3; 32]).unwrap();
            prop_assert_ne!(cipher.seal(place(5), &plain).unwrap(), cipher.seal(place(5), &plain).unwrap());
        }
    }
}
