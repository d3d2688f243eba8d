//! From the gate's answers to the consent page's plain values.

use super::consent::{Asked, AskedPurpose, Signal, Standing};
use super::visitor::Answer;
use crate::adpc::Wishes;
use gate::{ConsentStates, Notice, Notices};
use vocabulary::{ConsentState, Language, PurposeSet};

/// A notice in a language, with what stands.
pub fn asked(notice: &Notice, language: Language, given: PurposeSet) -> Asked {
    let words = notice.text(language);
    let purpose = |text: &gate::PurposeText| AskedPurpose {
        name: text.purpose.as_str(),
        label: text.label.clone(),
        text: text.text.clone(),
        given: given.contains(text.purpose),
    };
    Asked {
        id: notice.id().to_owned(),
        version: notice.version(),
        text_hash: words.digest.to_string(),
        controller: notice.controller().to_owned(),
        title: words.title.clone(),
        text: words.text.clone(),
        purposes: words.purposes.iter().map(purpose).collect(),
    }
}

/// The notice of that name, or the first there is.
pub fn notice<'a>(notices: &'a Notices, id: &str) -> Option<&'a Notice> {
    notices.current(id).or_else(|| notices.in_force().next())
}

/// What is permitted of what a notice asks.
pub fn given(states: &ConsentStates) -> PurposeSet {
    let valid = states.purposes.iter().filter(|p| p.state.is_valid());
    valid.map(|p| p.purpose).collect()
}

/// What stands: what the gate knows of the visitor, or what their own browser remembers.
pub fn standing(states: &ConsentStates, notice: &Notice, remembered: Option<Answer>) -> Standing {
    let asked = notice.purposes();
    let said_no = |p: &&gate::PurposeConsent| {
        asked.contains(p.purpose) && matches!(p.state, ConsentState::Refused | ConsentState::Withdrawn)
    };
    if !given(states).and(asked).is_empty() {
        Standing::Given
    } else if states.purposes.iter().any(|p| said_no(&p))
        || remembered.is_some_and(|answer| answer.given.is_empty())
    {
        Standing::Refused
    } else {
        Standing::Open
    }
}

/// Whether the browser answers for the person, so that a yes on the page would change nothing. `open`:
/// what a stranger with this browser could still permit.
pub fn signal(gpc: bool, wishes: Wishes, open: PurposeSet) -> Option<Signal> {
    if wishes.answered && !wishes.withdrawn.is_empty() {
        Some(Signal::Adpc)
    } else if gpc && open.is_empty() {
        Some(Signal::Gpc)
    } else {
        None
    }
}
