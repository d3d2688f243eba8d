//! The facts behind claims, at the moment a message is written: what is there is a value, what is gone is nothing,
//! and the sentence that asks for it goes.
//!
//! Deliberately does not know: what the sentences say.

use super::Words;
use gate::dispatch::{Seen, Waiting};
use jiff::Timestamp;
use liquid::Value;
use program::message::Claim;
use std::collections::BTreeMap;

/// The facts that stand, by the names templates use: the deadline's own name, and `urgency`.
pub(super) struct Facts(BTreeMap<String, String>);

pub(super) fn of(words: &Words, waiting: &Waiting, seen: &Seen<'_>) -> Facts {
    let mut stand = BTreeMap::new();
    let claims = words
        .messages
        .get(&waiting.name)
        .map(|ready| &ready.message.claims);
    for claim in claims.into_iter().flatten() {
        let Claim::Urgency { deadline } = claim else {
            continue;
        };
        let at = words
            .deadlines
            .get(deadline.as_str())
            .filter(|at| **at > seen.now);
        let shown = at.and_then(|at| Timestamp::from_millisecond(at.0).ok());
        if let Some(at) = shown {
            let shown = at
                .to_zoned(seen.zone.clone())
                .strftime("%Y-%m-%dT%H:%M:%S%:z")
                .to_string();
            stand.insert("urgency".to_owned(), shown.clone());
            stand.insert(deadline.to_string(), shown);
        }
    }
    Facts(stand)
}

impl Facts {
    pub(super) fn values(&self) -> Value {
        let named = self
            .0
            .iter()
            .map(|(name, at)| (name.clone(), Value::from(at.as_str())));
        Value::object(named)
    }

    pub(super) fn told(&self) -> serde_json::Value {
        let named = self.0.iter().map(|(name, at)| (name.clone(), at.clone().into()));
        serde_json::Value::Object(named.collect())
    }
}
