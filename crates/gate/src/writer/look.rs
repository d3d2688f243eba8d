//! What the writer looks up while it admits: a person in memory, what may be kept of them, and whether an
//! identifier is one of somebody who was erased.
//!
//! Deliberately does not know: events.

use super::{Pending, Writer};
use crate::Unavailable;
use crate::envelope::Terms;
use crate::hot::{self, Slot};
use std::sync::{Arc, PoisonError};
use vocabulary::{Blind, Moment, PersonId, Signals};

impl Writer {
    pub(super) fn with_slot<T>(
        &self,
        person: PersonId,
        work: impl FnOnce(&mut Slot) -> Result<T, Unavailable>,
    ) -> Result<Option<T>, Unavailable> {
        self.shared
            .hot
            .with(person, self.shared.shelf.as_ref(), &self.shared.keyring, work)
    }

    pub(super) fn is_suppressed(&self, blind: &Blind) -> bool {
        let erasures = self
            .shared
            .erasures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        erasures.is_suppressed(blind)
    }

    /// Which purposes may keep something of this person, under the terms after the event. The
    /// slot remembers the answer for the terms it holds.
    pub(super) fn permitted(
        &self,
        person: PersonId,
        pending: &Pending,
        terms: &Arc<Terms>,
        signals: Signals,
        now: Moment,
    ) -> vocabulary::PurposeSet {
        let charter = &self.shared.charter;
        self.shared
            .hot
            .peek(person, |slot| {
                let current = slot.terms.version == terms.version && !pending.is_new;
                current.then(|| slot.allowed(charter, signals, now).purposes)
            })
            .flatten()
            .unwrap_or_else(|| hot::judge(charter, terms, signals, now).purposes)
    }
}
