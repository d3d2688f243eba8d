//! Exchanging the key-encryption key while people are served: a new one wraps what is new, and what older
//! ones wrap is wrapped anew, page by page, until nothing is left.
//!
//! The store holds the list of all key-encryption keys that may wrap something; one is on it before it is
//! first used, and leaves it when a whole pass over all keys, begun after everything older was committed,
//! found none of its. Nothing else must be remembered: a process that was killed goes through the keys again
//! and passes over what is done. Deliberately does not know: where the keys live, who asked for it.

use crate::Unavailable;
use crate::gate::{Gate, Shared};
use crate::keys::kms::{KekId, Kms};
use crate::keys::{self, Keyring};
use crate::start::{NOBODY, WITNESS};
use crate::writer::Job;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Epoch, Rewrap, Shelf, WrappedKey};
use tokio::sync::oneshot;
use vocabulary::PersonId;

/// The key-encryption keys that may wrap something, eight bytes each, the newest last.
const WRAPPING: &str = "key/wrapping";
/// Keys wrapped anew in one transaction.
const PAGE: usize = 256;

/// How far a pass over all keys has come.
#[derive(Default)]
pub(crate) struct Pass {
    begun: bool,
    after: Option<PersonId>,
    found: u64,
}

/// What one step did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rewrapped {
    /// Keys wrapped anew.
    pub keys: u64,
    /// Keys that no key-encryption key opens: they are damaged, and stay as they are.
    pub damaged: u64,
    /// Nothing is wrapped by an older key-encryption key any more.
    pub done: bool,
}

/// A key-encryption key and what it wraps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KekUse {
    /// Which.
    pub id: KekId,
    /// Where it lives; `None` if it is not among those given.
    pub driver: Option<&'static str>,
    /// It wraps what is new.
    pub current: bool,
    /// How many keys it wraps.
    pub wraps: u64,
    /// The store still counts on it: no whole pass has found it unused.
    pub needed: bool,
}

impl Gate {
    /// Takes up key-encryption keys: `current` wraps what is new from here on, and is tried first. Fails, and
    /// changes nothing, if one that may still wrap something is not among them. Answers whether `current`
    /// is another one than before.
    pub async fn take_up(
        &self,
        current: Arc<dyn Kms>,
        older: Vec<Arc<dyn Kms>>,
    ) -> Result<bool, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let mut pass = pass(&shared.rewrapping);
            let before = shared.keyring.current();
            let there: Vec<KekId> = older.iter().chain([&current]).map(|kek| kek.id()).collect();
            let probe = current.wrap(b"probe", &[1; 32]).map_err(keys::Error::from)?;
            current.unwrap(b"probe", &probe).map_err(keys::Error::from)?;
            note(shared.shelf.as_ref(), shared.epoch, &there, current.id(), None)?;
            let changed = current.id() != before;
            shared.keyring.replace(current, older);
            *pass = Pass::default();
            Ok(changed)
        })
        .await
    }

    /// One step of wrapping anew: a page of keys, or the word that nothing is left. To be called again until
    /// it is done; may be stopped anywhere.
    pub async fn rewrap(&self) -> Result<Rewrapped, Unavailable> {
        let (left, begun) = self
            .blocking(|gate| {
                let shared = gate.shared();
                let (ids, _) = wrapping(shared.shelf.as_ref())?;
                let begun = pass(&shared.rewrapping).begun;
                Ok((ids != [shared.keyring.current()], begun))
            })
            .await?;
        if !left {
            return Ok(Rewrapped {
                keys: 0,
                damaged: 0,
                done: true,
            });
        }
        if !begun {
            self.everything_committed().await?;
        }
        self.blocking(|gate| page(gate.shared())).await
    }

    /// Every key-encryption key with the number of keys it wraps: reads all of them.
    pub async fn key_uses(&self) -> Result<Vec<KekUse>, Unavailable> {
        self.blocking(|gate| uses(gate.shared())).await
    }

    /// What was made under the key-encryption key of before is in the store when this answers.
    async fn everything_committed(&self) -> Result<(), Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Pass { reply })?;
        answer.await.map_err(|_| Unavailable::Stopped)?;
        self.blocking(|gate| {
            let shared = gate.shared();
            for other in [&shared.vault, &shared.unlearning] {
                drop(other.lock().unwrap_or_else(PoisonError::into_inner));
            }
            Ok(())
        })
        .await
    }
}

/// Before anything is served: every key-encryption key that may wrap something is there, and the current one
/// is on the list before it wraps anything.
pub(crate) fn admit(shelf: &dyn Shelf, epoch: Epoch, keyring: &Keyring) -> Result<(), Unavailable> {
    let there: Vec<KekId> = keyring.keks().into_iter().map(|(id, _)| id).collect();
    // A store of before this list: what it holds is wrapped as its witness is.
    let first = match shelf.get(WITNESS)? {
        Some(witness) => Some(keyring.wrapped_by(PersonId::NOBODY, &WrappedKey(witness.value))?),
        None => None,
    };
    note(shelf, epoch, &there, keyring.current(), first)
}

/// Whether some key-encryption key of the list is among these: then the store is theirs, and one is missing.
pub(crate) fn knows_some(shelf: &dyn Shelf, keyring: &Keyring) -> Result<bool, Unavailable> {
    let (ids, _) = wrapping(shelf)?;
    Ok(keyring.keks().iter().any(|(id, _)| ids.contains(id)))
}

fn note(
    shelf: &dyn Shelf,
    epoch: Epoch,
    there: &[KekId],
    current: KekId,
    first: Option<KekId>,
) -> Result<(), Unavailable> {
    let (mut ids, version) = wrapping(shelf)?;
    if let Some(missing) = ids.iter().find(|id| !there.contains(id)) {
        return Err(keys::Error::UnknownKek(*missing).into());
    }
    if ids.is_empty() {
        ids.extend(first);
    }
    if ids.last() == Some(&current) && version > 0 {
        return Ok(());
    }
    ids.retain(|id| *id != current);
    ids.push(current);
    set(shelf, epoch, version, &ids)
}

fn set(shelf: &dyn Shelf, epoch: Epoch, version: u64, ids: &[KekId]) -> Result<(), Unavailable> {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
    match shelf.swap(epoch, WRAPPING, version, &bytes)? {
        Some(_) => Ok(()),
        None => Err(Unavailable::Busy),
    }
}

fn wrapping(shelf: &dyn Shelf) -> Result<(Vec<KekId>, u64), Unavailable> {
    let Some(held) = shelf.get(WRAPPING)? else {
        return Ok((Vec::new(), 0));
    };
    let (ids, _) = held.value.as_chunks::<8>();
    Ok((ids.iter().map(|id| KekId(*id)).collect(), held.version))
}

fn page(shared: &Shared) -> Result<Rewrapped, Unavailable> {
    let mut pass = pass(&shared.rewrapping);
    pass.begun = true;
    let shelf = shared.shelf.as_ref();
    let page = shelf.keys_after(pass.after, PAGE)?;
    let Some((last, _)) = page.last() else {
        let found = std::mem::take(&mut *pass).found;
        if found == 0 {
            finish(shared)?;
        }
        return Ok(Rewrapped {
            keys: 0,
            damaged: 0,
            done: found == 0,
        });
    };
    let mut changes = Vec::new();
    let mut damaged = 0;
    for (person, wrapped) in &page {
        match shared.keyring.wrap_anew(*person, wrapped) {
            Ok(Some(anew)) => changes.push(Rewrap {
                person: *person,
                expected: wrapped.clone(),
                wrapped: anew,
            }),
            Ok(None) => {}
            Err(keys::Error::DoesNotOpen) => damaged += 1,
            Err(error) => return Err(error.into()),
        }
    }
    if damaged > 0 {
        tracing::error!(damaged, "wrapped keys that no key-encryption key opens");
    }
    if !changes.is_empty() {
        shelf.rewrap(shared.epoch, &changes)?;
    }
    pass.found += changes.len() as u64;
    pass.after = Some(*last);
    Ok(Rewrapped {
        keys: changes.len() as u64,
        damaged,
        done: false,
    })
}

/// The few things that are wrapped besides people's keys; then the list holds the current one alone.
fn finish(shared: &Shared) -> Result<(), Unavailable> {
    let shelf = shared.shelf.as_ref();
    for name in [NOBODY, WITNESS] {
        let Some(held) = shelf.get(name)? else { continue };
        let anew = shared
            .keyring
            .wrap_anew(PersonId::NOBODY, &WrappedKey(held.value))?;
        if let Some(anew) = anew
            && shelf.swap(shared.epoch, name, held.version, &anew.0)?.is_none()
        {
            return Err(Unavailable::Busy);
        }
    }
    let (_, version) = wrapping(shelf)?;
    set(shelf, shared.epoch, version, &[shared.keyring.current()])
}

fn uses(shared: &Shared) -> Result<Vec<KekUse>, Unavailable> {
    let shelf = shared.shelf.as_ref();
    let mut wraps: BTreeMap<KekId, u64> = BTreeMap::new();
    let mut count = |person, wrapped: &WrappedKey| -> Result<(), Unavailable> {
        let id = match shared.keyring.wrapped_by(person, wrapped) {
            Err(keys::Error::DoesNotOpen) => return Ok(()), // nothing to be had by any key
            id => id?,
        };
        *wraps.entry(id).or_default() += 1;
        Ok(())
    };
    for name in [NOBODY, WITNESS] {
        if let Some(held) = shelf.get(name)? {
            count(PersonId::NOBODY, &WrappedKey(held.value))?;
        }
    }
    let mut after = None;
    loop {
        let page = shelf.keys_after(after, PAGE * 8)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        page.iter()
            .try_for_each(|(person, wrapped)| count(*person, wrapped))?;
    }
    let (needed, _) = wrapping(shelf)?;
    let there = shared.keyring.keks();
    let mut ids: Vec<KekId> = there.iter().map(|(id, _)| *id).collect();
    ids.extend(wraps.keys().chain(&needed).copied());
    let mut uses: Vec<KekUse> = Vec::new();
    for id in ids {
        if uses.iter().any(|known| known.id == id) {
            continue;
        }
        uses.push(KekUse {
            id,
            driver: there
                .iter()
                .find(|(known, _)| *known == id)
                .map(|(_, driver)| *driver),
            current: id == shared.keyring.current(),
            wraps: wraps.get(&id).copied().unwrap_or(0),
            needed: needed.contains(&id),
        });
    }
    Ok(uses)
}

fn pass(pass: &Mutex<Pass>) -> std::sync::MutexGuard<'_, Pass> {
    pass.lock().unwrap_or_else(PoisonError::into_inner)
}
