//! Charters of the past, read once each from what is kept, and what they answer.
//!
//! Deliberately does not know: records, keys.

use super::Flaw;
use crate::charter::{Charter, PolicyId, Question};
use crate::gate::Gate;
use crate::{Published, Unavailable};
use ledger::Entry;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use vocabulary::{ConsentState, Digest, PurposeName};

type Answer = (bool, Vec<String>);

/// The charters that were needed so far.
#[derive(Default)]
pub(super) struct Pasts(Mutex<BTreeMap<Digest, Result<Arc<Past>, Flaw>>>);

impl Pasts {
    /// The charter of that digest, or why it cannot be asked.
    pub(super) fn of(&self, gate: &Gate, digest: Digest) -> Result<Result<Arc<Past>, Flaw>, Unavailable> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(past) = known.get(&digest) {
            return Ok(past.clone());
        }
        let past = match gate.artefact_state(digest)? {
            Published::Absent => Err(Flaw::CharterMissing),
            Published::Damaged => Err(Flaw::CharterDamaged),
            Published::Intact(text) => match Charter::from_text(&text) {
                Ok(charter) => Ok(Arc::new(Past {
                    charter,
                    possible: Mutex::default(),
                })),
                Err(_) => Err(Flaw::CharterUnreadable),
            },
        };
        known.insert(digest, past.clone());
        Ok(past)
    }
}

/// A charter of the past.
pub(super) struct Past {
    charter: Charter,
    /// All answers there are, by purpose.
    possible: Mutex<BTreeMap<u8, Arc<HashSet<Answer>>>>,
}

/// What asking again showed.
pub(super) enum Asked {
    Same,
    Otherwise(Flaw),
}

impl Past {
    /// Whether this charter gives the answer that the entry says, to that question, or, if it is not known,
    /// to any.
    pub(super) fn answers(&self, entry: &Entry, question: Option<&Question>) -> Asked {
        let allowed = entry.verdict == "allow";
        let Some(question) = question else {
            let purpose = entry.purpose.as_deref().and_then(PurposeName::parse);
            let answer = (allowed, entry.reasons.clone());
            return match purpose.map(|purpose| self.possible(purpose)) {
                Some(possible) if possible.contains(&answer) => Asked::Same,
                _ => Asked::Otherwise(Flaw::AnswerImpossible),
            };
        };
        if entry.purpose.as_deref() != Some(question.purpose.as_str()) {
            return Asked::Otherwise(Flaw::PurposeDiffers);
        }
        let answer = self.charter.answer(question);
        if answer.allowed != allowed {
            Asked::Otherwise(Flaw::VerdictDiffers)
        } else if words(&answer.policies) != entry.reasons {
            Asked::Otherwise(Flaw::ReasonsDiffer)
        } else {
            Asked::Same
        }
    }

    fn possible(&self, purpose: PurposeName) -> Arc<HashSet<Answer>> {
        let mut possible = self.possible.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = possible.entry(purpose as u8).or_insert_with(|| {
            let asked = self
                .charter
                .distinct()
                .filter(|question| question.purpose == purpose);
            let answers = asked.map(|question| {
                let answer = self.charter.answer(&question);
                (answer.allowed, words(&answer.policies))
            });
            Arc::new(answers.collect())
        });
        Arc::clone(answers)
    }
}

/// As an entry names them: in order, once each.
fn words(policies: &[PolicyId]) -> Vec<String> {
    let mut words: Vec<String> = policies.iter().map(|id| id.as_str().to_owned()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Whether the entry is the answer of a charter: it names a purpose and rules.
pub(super) fn is_judged(entry: &Entry) -> bool {
    let rule = |reason: &String| reason.starts_with("charter/") || reason.starts_with("operator/");
    entry.purpose.is_some() && entry.reasons.iter().any(rule)
}

/// What a choice's record says of the consent for `purpose` after it: the outer `None` if it does not say
/// which consents there are, the inner one if there is none for it.
pub(super) fn state_in(details: &str, purpose: PurposeName) -> Option<Option<ConsentState>> {
    let details: serde_json::Value = serde_json::from_str(details).ok()?;
    let states = details.get("states")?.as_object()?;
    let state = states.get(purpose.as_str()).and_then(|state| state.as_str());
    Some(state.and_then(|name| ConsentState::ALL.into_iter().find(|state| state.as_str() == name)))
}
