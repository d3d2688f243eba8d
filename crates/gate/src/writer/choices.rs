//! What an input does to the terms, and the record it points at if it is a choice.
//!
//! Deliberately does not know: when the group is committed.

use super::Pending;
use crate::envelope::{Input, Proof, ProofRef, Terms};
use std::sync::Arc;
use store::RecordId;
use vocabulary::{Moment, PurposeName};

pub(super) fn after(terms: &Arc<Terms>, input: &Input) -> Arc<Terms> {
    let touches = !input.choices.is_empty()
        || input.gpc
        || input.act.is_some()
        || input.objects().is_some()
        || input.soft_opt_in.is_some()
        || input.age.is_some()
        || input.child_directed
        || input.reached.is_some()
        || input.counting.is_some()
        || input.merging.is_some()
        || input.held_to.is_some()
        || input.joined_wishes.is_some()
        || input.talk.is_some()
        || input
            .turn
            .as_ref()
            .is_some_and(|turn| !turn.suppressed.is_empty())
        || !input.identifiers.is_empty()
        || (input.identified && !terms.identified);
    if !touches {
        return Arc::clone(terms);
    }
    let mut next = terms.as_ref().clone();
    crate::fold::fold_terms(&mut next, input);
    Arc::new(next)
}

/// The record of the newest input, if one was made of it.
pub(super) fn newest_record(pending: &Pending) -> Option<RecordId> {
    let (_, input) = pending.inputs.last()?;
    let id = RecordId(*input.proof.as_ref()?.at.record);
    pending
        .unit
        .records
        .last()
        .filter(|row| row.id == id)
        .map(|row| row.id)
}

pub(super) fn chooses(input: &Input) -> bool {
    input.gpc || input.objects() == Some(true) || input.soft_opt_in.is_some() || !input.choices.is_empty()
}

/// Whether the input is a choice or an act of the person: what a record is made of.
pub(super) fn decides(input: &Input) -> bool {
    !input.choices.is_empty()
        || input.act.is_some()
        || input.objects().is_some()
        || input.soft_opt_in.is_some()
}

/// Points a choice at the record that will hold its proof; what decides nothing carries none.
pub(super) fn point(input: &mut Input, id: Option<RecordId>) {
    let Some(id) = id.filter(|_| decides(input)) else {
        input.proof = None;
        return;
    };
    let proof = input.proof.get_or_insert_with(|| Proof {
        at: ProofRef {
            record: [0; 16].into(),
            notice: None,
        },
        evidence: None,
        objects: None,
    });
    proof.at.record = id.0.into();
    if let Some(new) = &mut input.soft_opt_in {
        new.record = id.0.into();
    }
}

/// Whether a permission stands that was an act of the person's own: by it, somebody who was erased is here
/// again.
pub(super) fn came_back(terms: &Terms, now: Moment) -> bool {
    let explicit = |purpose: &PurposeName| {
        let consent = terms.consents.iter().find(|c| c.purpose == *purpose as u8);
        consent.is_some_and(|consent| consent.explicit_at.is_some())
    };
    PurposeName::ALL
        .iter()
        .any(|purpose| terms.consent(*purpose, now).is_valid() && explicit(purpose))
}
