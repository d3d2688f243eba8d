//! What the house keeps sealed and must be able to lose: each thing under a key of its own, in the file
//! that forgets. Destroying the key destroys every copy of the thing, as it does for a person.
//!
//! Deliberately does not know: what the things are.

use crate::Unavailable;
use crate::gate::{Gate, Shared};
use crate::keys;
use crate::seal::{Place, Table};
use std::sync::{MutexGuard, PoisonError};
use store::{RecordId, RecordRow, Unit};
use vocabulary::PersonId;
use zeroize::Zeroizing;

/// Bytes of a thing in one sealed part.
const PART: usize = 1_000_000;
/// Parts written in one group: events that wait meanwhile wait for some four megabytes.
const GROUP: usize = 4;

/// Names of the things there may be.
const NAMES: [&str; 2] = ["sum", "names"];

/// A place for a thing, not yet used by anything.
pub(crate) fn fresh() -> Result<PersonId, Unavailable> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| keys::Error::NoRandomness)?;
    let (_, number) = id.split_at_mut(12);
    number.fill(0);
    Ok(PersonId(id))
}

/// Seals a thing under a fresh key, durable when it returns. A crash in between leaves parts of it, which
/// [`destroy`] removes.
pub(crate) fn put(shared: &Shared, id: PersonId, bytes: &[u8]) -> Result<(), Unavailable> {
    let (wrapped, key) = shared.keyring.new_person(id)?;
    let mut wrapped = Some(wrapped);
    let parts = bytes.chunks(PART).count().max(1) as u32;
    // The first part begins with how many there are.
    let mut whole = Zeroizing::new(Vec::with_capacity(bytes.len() + 4));
    whole.extend_from_slice(&parts.to_be_bytes());
    whole.extend_from_slice(bytes);
    let mut number = 0;
    let (first, rest) = whole.split_at(whole.len().min(PART + 4));
    let all: Vec<&[u8]> = std::iter::once(first).chain(rest.chunks(PART)).collect();
    for group in all.chunks(GROUP) {
        let mut records = Vec::with_capacity(group.len());
        for part in group {
            records.push(RecordRow {
                id: part_of(id, number),
                person: id,
                sealed: key.0.seal(place(id, number), part)?,
            });
            number += 1;
        }
        let unit = Unit {
            person: Some(id),
            new_key: wrapped.take(),
            records,
            ..Unit::default()
        };
        match shared.shelf.commit(shared.epoch, &[unit])?.first() {
            Some(store::Outcome::Done { .. }) => {}
            _ => return Err(Unavailable::Busy),
        }
    }
    Ok(())
}

/// Opens a thing. `None`: it is not there, or not whole.
pub(crate) fn open(shared: &Shared, id: PersonId) -> Result<Option<Zeroizing<Vec<u8>>>, Unavailable> {
    let Some(key) = shared.shelf.keys(&[id])?.into_iter().next().flatten() else {
        return Ok(None);
    };
    let key = shared.keyring.unwrap(id, &key)?;
    let part = |number| -> Result<Option<Vec<u8>>, Unavailable> {
        let Some(row) = shared.shelf.record(part_of(id, number))? else {
            return Ok(None);
        };
        Ok(Some(key.0.open(place(id, number), &row.sealed)?))
    };
    let Some(first) = part(0)?.map(Zeroizing::new) else {
        return Ok(None);
    };
    let Some((parts, start)) = first.split_first_chunk::<4>() else {
        return Ok(None);
    };
    let mut bytes = Zeroizing::new(start.to_vec());
    for number in 1..u32::from_be_bytes(*parts) {
        match part(number)?.map(Zeroizing::new) {
            Some(next) => bytes.extend_from_slice(&next),
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}

/// Destroys a thing for good: its key, then its parts. May be repeated.
pub(crate) fn destroy(shared: &Shared, id: PersonId) -> Result<(), Unavailable> {
    shared.shelf.erase(shared.epoch, id)?;
    Ok(())
}

/// Destroys what a crash left: a thing that was not finished, one that was replaced.
pub(crate) fn tidy(shared: &Shared) -> Result<(), Unavailable> {
    for name in NAMES {
        let current = pointer(shared, name)?.map(|(id, _)| id);
        for slot in ["next", "last"] {
            let slot = slot_name(name, slot);
            let Some(known) = shared.shelf.get(&slot)? else {
                continue;
            };
            if let Some(id) = id_of(&known.value).filter(|id| Some(*id) != current) {
                destroy(shared, id)?;
            }
            shared.shelf.remove_named(shared.epoch, &slot, known.version)?;
        }
    }
    Ok(())
}

impl Gate {
    /// Keeps a thing of the house sealed under its name, in the place of the one before, whose key is
    /// destroyed: no copy of that one can be read any more. Blocks.
    pub fn keep_sealed(&self, name: &'static str, bytes: &[u8]) -> Result<(), Unavailable> {
        let shared = self.shared();
        let _alone = self.alone();
        tidy(shared)?;
        let id = fresh()?;
        let (before, version) = match pointer(shared, name)? {
            Some((before, version)) => (Some(before), version),
            None => (None, 0),
        };
        // What a crash could leave behind is named before it exists.
        set(shared, &slot_name(name, "next"), 0, &id.0)?;
        put(shared, id, bytes)?;
        if let Some(before) = before {
            set(shared, &slot_name(name, "last"), 0, &before.0)?;
        }
        set(shared, &slot_name(name, "is"), version, &id.0)?;
        tidy(shared)
    }

    /// Destroys the thing kept under a name for good, if there is one. Blocks.
    pub fn forget_sealed(&self, name: &'static str) -> Result<(), Unavailable> {
        let shared = self.shared();
        let _alone = self.alone();
        if let Some((id, version)) = pointer(shared, name)? {
            // Its place is noted before nothing points at it, so that a crash in between cannot leave it there.
            tidy(shared)?;
            set(shared, &slot_name(name, "last"), 0, &id.0)?;
            shared
                .shelf
                .remove_named(shared.epoch, &slot_name(name, "is"), version)?;
        }
        tidy(shared)
    }

    /// The thing kept under a name, if there is one that is whole. Blocks.
    pub fn kept_sealed(&self, name: &'static str) -> Result<Option<Zeroizing<Vec<u8>>>, Unavailable> {
        let shared = self.shared();
        let _alone = self.alone();
        let Some((id, _)) = pointer(shared, name)? else {
            return Ok(None);
        };
        match open(shared, id) {
            // Out of reach is not lost.
            Err(error @ Unavailable::Key(keys::Error::Unreachable(_) | keys::Error::UnknownKek(_))) => {
                Err(error)
            }
            Err(Unavailable::Key(error)) => {
                tracing::error!(%error, name, "what was kept cannot be opened");
                Ok(None)
            }
            opened => opened,
        }
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        let vault = &self.shared().vault;
        vault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pointer(shared: &Shared, name: &str) -> Result<Option<(PersonId, u64)>, Unavailable> {
    let known = shared.shelf.get(&slot_name(name, "is"))?;
    Ok(known.and_then(|known| Some((id_of(&known.value)?, known.version))))
}

fn set(shared: &Shared, name: &str, expected: u64, value: &[u8]) -> Result<(), Unavailable> {
    match shared.shelf.swap(shared.epoch, name, expected, value)? {
        Some(_) => Ok(()),
        None => Err(Unavailable::Busy),
    }
}

fn slot_name(name: &str, slot: &str) -> String {
    format!("vault/{name}/{slot}")
}

fn id_of(value: &[u8]) -> Option<PersonId> {
    value.try_into().ok().map(PersonId)
}

/// The record that holds a part: the place's own name with the part's number at its end.
fn part_of(id: PersonId, number: u32) -> RecordId {
    let mut name = id.0;
    let (_, end) = name.split_at_mut(12);
    end.copy_from_slice(&number.to_be_bytes());
    RecordId(name)
}

fn place(id: PersonId, number: u32) -> Place {
    Place {
        table: Table::Vault,
        person: id,
        version: u64::from(number),
    }
}
