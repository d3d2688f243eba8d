//! What a person does in their privacy centre, as an input of its own.
//!
//! Deliberately does not know: what follows from an act.

use super::bits;
use crate::dictionary::{Dictionary, MAX_TEXT, special};
use crate::envelope::preferred::{MOST_SAID, Preference};
use crate::envelope::{Act, Input};
use serde_json::Value;
use vocabulary::{AgeBracket, Moment};

/// Whether an act can be carried out as it stands: no item and no trait has a longer name, and a
/// correction is one plain value of a trait that the dictionary declares.
pub(crate) fn is_possible(act: &Act, dictionary: &Dictionary) -> bool {
    match act {
        Act::Forget(item) | Act::Mute(item) | Act::Unmute(item) => item.len() <= super::MAX_ITEM,
        Act::RemoveTrait { name } => name.len() <= MAX_TEXT,
        Act::Correct { name, value } => {
            let declared = dictionary.traits.get(name).is_some_and(|rule| !rule.age_bracket);
            let plain = |value: &Value| !value.is_object() && !value.is_null();
            declared
                && value.len() <= MAX_TEXT
                && serde_json::from_str(value).is_ok_and(|value| plain(&value))
        }
        Act::SayAge(bracket) => AgeBracket::ALL.iter().any(|known| *known as u8 == *bracket),
        Act::Object(_) | Act::Restrict(_) => true,
        Act::Prefer(said) => said.len() <= MOST_SAID && said.iter().all(Preference::is_possible),
        Act::Contest { .. } | Act::Contract(_) => false,
    }
}

/// An act in the privacy centre, as an input of its own.
pub(crate) fn act(act: Act, source: &str, now: Moment, dictionary: &Dictionary) -> Input {
    let correction = match &act {
        // As a value that a source would send: what is intimate is kept apart, whoever says it.
        Act::Correct { name, value } => dictionary.traits.get(name).map(|rule| {
            let value: Value = serde_json::from_str(value).unwrap_or_default();
            let intimate = rule.special || (!rule.vouched && special::in_value(&value).is_some());
            bits(rule.purposes, intimate)
        }),
        _ => None,
    };
    let keeps = match &act {
        Act::Correct { name, .. } => dictionary.traits.get(name).and_then(|rule| rule.retention),
        _ => None,
    };
    Input {
        correction,
        keeps,
        at: now.0,
        received_at: now.0,
        source: source.to_owned(),
        act: Some(act),
        ..Input::default()
    }
}
