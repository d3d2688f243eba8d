//! Starting: is this the store of these keys, and what did a crash leave unfolded?
//!
//! Deliberately does not know: what comes after.

use crate::Unavailable;
use crate::envelope::{self, Input};
use crate::gate::Shared;
use crate::hot;
use crate::keys::{self, Keyring, PersonKey};
use crate::rotation;
use std::collections::VecDeque;
use std::sync::Arc;
use store::{Epoch, Seq, Shelf};
use vocabulary::PersonId;

/// Events folded again at once after a crash.
const REPLAY: usize = 10_000;
pub(crate) const WITNESS: &str = "key-witness";
pub(crate) const NOBODY: &str = "nobody-key";

/// Refuses a store that was made with another key-encryption key, or of which one is missing.
pub(crate) fn check_key(shelf: &dyn Shelf, epoch: Epoch, keyring: &Keyring) -> Result<(), Unavailable> {
    let known = shelf.get(WITNESS)?;
    if let Some(witness) = &known {
        match keyring.recognises(&witness.value) {
            Ok(true) => {}
            Ok(false) => return Err(Unavailable::WrongKey),
            Err(keys::Error::UnknownKek(_)) if !rotation::knows_some(shelf, keyring)? => {
                return Err(Unavailable::WrongKey);
            }
            Err(error) => return Err(error.into()),
        }
    }
    rotation::admit(shelf, epoch, keyring)?;
    if known.is_none() {
        shelf.swap(epoch, WITNESS, 0, &keyring.witness()?)?;
    }
    Ok(())
}

/// The key of the records about nobody, made at the first start.
pub(crate) fn nobody(shelf: &dyn Shelf, epoch: Epoch, keyring: &Keyring) -> Result<PersonKey, Unavailable> {
    if let Some(wrapped) = shelf.get(NOBODY)? {
        return Ok(keyring.unwrap(PersonId::NOBODY, &store::WrappedKey(wrapped.value))?);
    }
    let (wrapped, key) = keyring.new_person(PersonId::NOBODY)?;
    shelf.swap(epoch, NOBODY, 0, &wrapped.0)?;
    Ok(key)
}

/// Folds again what was acknowledged but not written back.
pub(crate) fn replay(shared: &Shared) -> Result<(VecDeque<(Seq, PersonId)>, Seq), Unavailable> {
    let mut dirty = VecDeque::new();
    let mut after = 0;
    loop {
        let events = shared.shelf.unapplied(after, REPLAY)?;
        let Some(last) = events.last() else { break };
        after = last.seq;
        for stored in &events {
            let person = stored.person;
            let known = shared
                .hot
                .with(person, shared.shelf.as_ref(), &shared.keyring, |_| Ok(()))?;
            if known.is_none() {
                let Some(key) = shared.shelf.keys(&[person])?.into_iter().next().flatten() else {
                    continue; // erased
                };
                let key = Arc::new(shared.keyring.unwrap(person, &key)?);
                shared.hot.insert(person, hot::Slot::new(key));
            }
            let newly = shared.hot.peek(person, |slot| refold(slot, stored)).transpose()?;
            if newly == Some(true) {
                dirty.push_back((stored.seq, person));
            }
        }
    }
    Ok((dirty, after))
}

fn refold(slot: &mut hot::Slot, stored: &store::StoredEvent) -> Result<bool, Unavailable> {
    if stored.event.version <= slot.version {
        return Ok(false); // in the row already
    }
    let place = crate::seal::Place {
        table: crate::seal::Table::Event,
        person: stored.person,
        version: stored.event.version,
    };
    let input: Input = envelope::decode(&slot.key.0.open(place, &stored.event.sealed)?)?;
    let mut terms = slot.terms.as_ref().clone();
    crate::fold::fold_terms(&mut terms, &input);
    crate::fold::fold_content(&terms, slot.content(stored.person)?, &input);
    slot.terms = Arc::new(terms);
    slot.version = stored.event.version;
    slot.last_seq = stored.seq;
    let newly = slot.dirty_since.is_none();
    slot.dirty_since.get_or_insert(stored.seq);
    Ok(newly)
}
