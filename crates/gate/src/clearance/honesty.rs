//! Words need their facts: when one is gone, the sentence goes, or the message does.
//!
//! Deliberately does not know: which facts there are, how they are looked up (`decide::compose`).

use super::{Code, Facts, Held};

/// How it stands with the facts behind a message's claims.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Claims {
    /// There are no claims, or each fact is there, or the sentence without one goes.
    #[default]
    Backed,
    /// A fact is gone without which the message says nothing true.
    Dead,
}

pub(super) fn ends(facts: &Facts<'_>) -> Option<Held> {
    (facts.claims == Claims::Dead).then(|| Held::of(Code::ClaimWithoutFact, "honesty/claim-without-fact"))
}
