//! Pixels: one message in a query string, for mails and pages without script. Always answered with
//! the same picture, for a broken picture helps nobody.
//!
//! Two forms: `data=<base64 of the message's JSON>`, or flat names with dots
//! (`properties.subject=Hello`). Whether such a message may be kept is the gate's business, as for
//! every other.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};
use vocabulary::Event;

/// A transparent picture of 1×1, GIF89a.
const GIF: [u8; 43] = [
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff,
    0xff, 0xff, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
    0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b,
];
/// What names of consent start with.
const CONSENT: &str = "context.consent.";
/// Deepest dotted name that is taken apart.
const DEEPEST: usize = 8;
const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);

/// The picture.
pub(super) fn picture() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/gif"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::OK, headers, GIF.as_slice()).into_response()
}

/// The message of a query, as the JSON a client would have posted.
pub(super) fn message(query: &[(String, String)]) -> Option<Vec<u8>> {
    match query.iter().find(|(name, _)| name == "data") {
        Some((_, data)) => {
            // Reading a query turns `+` into a space; the other alphabet is for URLs.
            let data: String = data
                .chars()
                .map(|c| match c {
                    ' ' | '-' => '+',
                    '_' => '/',
                    c => c,
                })
                .collect();
            BASE64.decode(data).ok()
        }
        None => {
            let mut message = Map::new();
            let fields = query.iter().filter(|(name, _)| name != "writeKey");
            // Of a name that stands twice the last counts, and permissions come first: who says yes and no
            // to one question has not said yes.
            let permits = |value: &str| value == "true" || value == "granted";
            let (given, rest): (Vec<_>, Vec<_>) =
                fields.partition(|(name, value)| name.starts_with(CONSENT) && permits(value));
            for (name, value) in given.into_iter().chain(rest) {
                let value = if name.starts_with(CONSENT) {
                    answer(value)
                } else {
                    value.as_str().into()
                };
                insert(&mut message, name, value, DEEPEST);
            }
            serde_json::to_vec(&message).ok()
        }
    }
}

/// Takes the permissions out of an event that came with a picture, and leaves the refusals. Any page can
/// have any browser fetch a picture, and the write key stands in the site's own pages: a permission takes
/// more than reading.
pub(super) fn refusals_alone(event: &mut Event) {
    let Some(preferences) = &mut event.consent else {
        return;
    };
    // Nothing at all is a refusal of everything, and stays one.
    if !preferences.is_empty() {
        preferences.retain(|_, given| !*given);
        if preferences.is_empty() {
            event.consent = None;
        }
    }
}

/// Consent is true or false; other text stays text and will count as refused.
fn answer(value: &str) -> Value {
    value.parse::<bool>().map_or_else(|_| value.into(), Value::Bool)
}

fn insert(into: &mut Map<String, Value>, name: &str, value: Value, deepest: usize) {
    match name.split_once('.') {
        Some((first, rest)) if deepest > 0 => {
            let inner = into.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value, deepest - 1);
            }
        }
        _ => {
            into.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &[(&str, &str)], expected: &str) {
        let query: Vec<_> = query
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let read = message(&query).map(|json| serde_json::from_slice::<Value>(&json).unwrap());
        assert_eq!(read, serde_json::from_str(expected).ok(), "{query:?}");
    }

    #[test]
    fn both_forms_give_the_message() {
        check(&[("data", "eyJldmVudCI6ImE/In0=")], r#"{"event":"a?"}"#);
        check(&[("data", "eyJldmVudCI6ImE_In0")], r#"{"event":"a?"}"#);
        check(
            &[
                ("event", "Email Opened"),
                ("properties.subject", "Hi"),
                ("properties.a.b", "1"),
                ("writeKey", "k"),
            ],
            r#"{"event":"Email Opened","properties":{"subject":"Hi","a":{"b":"1"}}}"#,
        );
        check(
            &[
                ("context.consent.categoryPreferences.Analytics", "true"),
                ("properties.sure", "true"),
            ],
            r#"{"context":{"consent":{"categoryPreferences":{"Analytics":true}}},"properties":{"sure":"true"}}"#,
        );
    }

    #[test]
    fn names_that_contradict_each_other_harm_nothing() {
        check(&[("a", "1"), ("a.b", "2")], r#"{"a":"1"}"#);
        check(&[("data", "!")], "none");
    }
}
