//! The list of what is to be taken out of the sums: written before the person goes or their permission
//! does, so that no crash in between can lose it, and read by whoever keeps the sums.
//!
//! An entry is a copy of what the person had added. It would be personal data beyond their erasure, so it
//! lies sealed under a key of its own and is destroyed with it once it was applied. Reading it needs no
//! consent, since it is the erasure itself (GDPR art. 17(1), 7(3)): nothing can be done with it but take
//! it out, and the log holds how many were read before they are.
//!
//! To apply an entry twice, or one that a sum never held, changes nothing: the sum knows what it holds by
//! name. So entries may be written early, and a run that was killed simply runs again.
//!
//! Deliberately does not know: the sums.

use crate::contribution::{Contributed, Contribution};
use crate::envelope;
use crate::gate::{Gate, Shared};
use crate::record::Statement;
use crate::{Unavailable, vault};
use std::sync::PoisonError;
use vocabulary::{Digest, Moment, PersonId, PurposeName};

const PREFIX: &str = "unlearn/";
/// An entry whose content could not be read: only learning anew from everybody who permits it forgets it.
const ANEW: &str = "unlearn-anew";
/// Entries applied at once.
const MOST: usize = 100_000;
/// Names read at once.
const PAGE: usize = 1_000;

/// What is to be taken out. Stays on the list until [`Gate::removed`].
#[must_use = "what is not applied stays in the sums"]
pub struct Removals {
    entries: Vec<(String, u64, PersonId)>,
    anew: Option<u64>,
}

impl Removals {
    /// How many people's contributions wait to be taken out.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.anew.is_none()
    }

    /// Somebody's contributions could not be read when they went: a sum that may hold them can only be
    /// thrown away, and everybody counted anew.
    pub fn must_learn_anew(&self) -> bool {
        self.anew.is_some()
    }

    /// Whether a sum that was begun from nothing, when `earlier` was the list, is good enough: nobody else
    /// went unreadably since.
    pub fn is_answered_by_a_sum_begun_at(&self, earlier: &Removals) -> bool {
        self.anew.is_none() || self.anew == earlier.anew
    }
}

/// Puts contributions on the list, durable when it returns.
pub(crate) fn put(shared: &Shared, contributions: &[Contribution]) -> Result<(), Unavailable> {
    if contributions.is_empty() {
        return Ok(());
    }
    let _alone = shared.unlearning.lock().unwrap_or_else(PoisonError::into_inner);
    let id = vault::fresh()?;
    // Named before it exists: a crash in between leaves an empty name, and nobody unnamed.
    shared.shelf.swap(shared.epoch, &name(id), 0, &id.0)?;
    let bytes = zeroize::Zeroizing::new(envelope::encode(&contributions.to_vec()));
    vault::put(shared, id, &bytes)
}

/// Notes that somebody's contributions could not be read.
pub(crate) fn put_unknown(shared: &Shared) -> Result<(), Unavailable> {
    // Of a new version each time: whoever learned anew before this one has not done so after it.
    let version = shared.shelf.get(ANEW)?.map_or(0, |known| known.version);
    match shared.shelf.swap(shared.epoch, ANEW, version, b"1")? {
        Some(_) => Ok(()),
        None => Err(Unavailable::Busy),
    }
}

impl Gate {
    /// What waits to be taken out of the sums.
    pub async fn removals(&self) -> Result<Removals, Unavailable> {
        self.blocking(|gate| {
            let shelf = gate.shared().shelf.as_ref();
            let mut entries: Vec<(String, u64, PersonId)> = Vec::new();
            loop {
                let after = entries.last().map(|(name, ..)| name.as_str());
                let page = shelf.named(PREFIX, after, PAGE)?;
                let last = page.len() < PAGE;
                entries.extend(page.into_iter().filter_map(|(name, value)| {
                    let id = value.value.as_slice().try_into().ok().map(PersonId)?;
                    Some((name, value.version, id))
                }));
                if last || entries.len() >= MOST {
                    break;
                }
            }
            let anew = shelf.get(ANEW)?.map(|known| known.version);
            Ok(Removals { entries, anew })
        })
        .await
    }

    /// Notes in the log that so many are being taken out; before they are read.
    pub async fn announce_removals(&self, removals: &Removals, now: Moment) -> Result<(), Unavailable> {
        let people = removals.len();
        let statement = Statement {
            kind: "unlearn",
            purpose: Some(PurposeName::Train),
            program: Digest::default(),
            allowed: true,
            reasons: vec![format!("people:{people}")],
            at: now,
        };
        let details = format!("{{\"people\":{people}}}");
        self.record_about_nobody(statement, details).await.map(drop)
    }

    /// Hands what is to be taken out to `each`. Blocks.
    pub fn open_removals(
        &self,
        removals: &Removals,
        mut each: impl FnMut(Contributed),
    ) -> Result<(), Unavailable> {
        let shared = self.shared();
        for (_, _, id) in &removals.entries {
            let opened = {
                let _alone = shared.unlearning.lock().unwrap_or_else(PoisonError::into_inner);
                vault::open(shared, *id)?
            };
            // A name without a thing: a crash before anything else happened.
            let Some(bytes) = opened else { continue };
            let contributions: Vec<Contribution> = envelope::decode(&bytes)?;
            contributions.iter().for_each(|one| each(one.opened()));
        }
        Ok(())
    }

    /// Destroys what was applied. Called when no sum and no model holds it any more.
    pub async fn removed(&self, removals: Removals) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            for (name, version, id) in &removals.entries {
                vault::destroy(shared, *id)?;
                shared.shelf.remove_named(shared.epoch, name, *version)?;
            }
            if let Some(version) = removals.anew {
                shared.shelf.remove_named(shared.epoch, ANEW, version)?;
            }
            Ok(())
        })
        .await
    }
}

fn name(id: PersonId) -> String {
    format!("{PREFIX}{:032x}", u128::from_be_bytes(id.0))
}
