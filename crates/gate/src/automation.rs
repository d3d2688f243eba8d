//! What automation keeps of a person in their own envelope: in which groups they are, where they are in
//! journeys. Bytes to this crate; when to look again is all it reads.
//!
//! Deliberately does not know: groups, journeys (`decide`).

use crate::envelope::{Content, Input};
use crate::outbox::Entry;
use minicbor::{Decode, Encode};
use vocabulary::Moment;

/// Longest state that is kept, bytes.
pub(crate) const STATE_MAX: usize = 64 << 10;

/// What is kept.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub(crate) struct Automation {
    /// What `decide` made of it.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) state: Vec<u8>,
    /// When to look again though nothing arrives, milliseconds.
    #[n(1)]
    pub(crate) due: Option<i64>,
    /// Arrivals up to this number were looked at.
    #[n(2)]
    pub(crate) looked_at: u64,
}

/// What a look changes, as an input.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub(crate) struct Reaction {
    /// From now on; `None`: nothing is kept.
    #[n(0)]
    pub(crate) kept: Option<Automation>,
    /// Traits that a journey takes away again.
    #[n(1)]
    pub(crate) removed: Vec<String>,
    /// What is to leave for the person.
    #[n(2)]
    pub(crate) queued: Option<Vec<Entry>>,
}

/// Folds an input: what arrives is to be looked at if automation is on; a look says what it kept.
pub(crate) fn fold(content: &mut Content, input: &Input) {
    if let Some(reaction) = &input.reaction {
        content.automation = reaction.kept.clone();
        content.unlooked = None;
        let removed = |name: &String| reaction.removed.contains(name);
        content
            .traits
            .retain(|known| !(removed(&known.name) && is_observed(&known.source)));
    } else if input.automates == Some(true) {
        content.unlooked = Some(true);
    }
}

/// When somebody must look at this envelope.
pub(crate) fn due(content: &Content) -> Option<Moment> {
    match content.unlooked {
        Some(true) => Some(Moment(0)),
        _ => content.automation.as_ref()?.due.map(Moment),
    }
}

/// The source of a trait that a journey set.
pub(crate) fn source(journey: &str) -> String {
    format!("journey:{journey}")
}

/// Whether a trait was set by a journey.
pub(crate) fn is_observed(source: &str) -> bool {
    source.starts_with("journey:")
}
