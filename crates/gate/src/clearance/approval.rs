//! How the program and the journey of a message stand: approved, paused, gone.
//!
//! Deliberately does not know: who approves, what a program says.

use super::{Code, Facts, Held};

/// How it stands with what a message comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Standing {
    /// Its program is approved as far as it must be, its journey runs or is closing, its words are there.
    #[default]
    InForce,
    /// The program asks for a second person's approval and has none.
    NotApproved,
    /// The journey is paused: what it wanted to say waits with it.
    Paused,
    /// The program has no such message any more.
    Gone,
}

pub(super) fn ends(facts: &Facts<'_>) -> Option<Held> {
    (facts.standing == Standing::Gone).then(|| Held::of(Code::MessageGone, "program/message-gone"))
}

pub(super) fn waits(facts: &Facts<'_>) -> Option<Held> {
    match facts.standing {
        Standing::NotApproved => Some(Held::of(Code::NotApproved, "program/approval")),
        Standing::Paused => Some(Held::of(Code::JourneyPaused, "program/journey-paused")),
        Standing::InForce | Standing::Gone => None,
    }
}
