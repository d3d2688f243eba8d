//! What the carrier of text messages tells us: who may, where the number stands, and whether somebody asks to stop.
//!
//! Deliberately does not know: HTTP, whose number it is, what follows.

use super::settings::InboundSettings;
use axum::http::{HeaderMap, header};
use letter::sms::{Number, asks_to_stop};
use serde_json::Value;
use subtle::ConstantTimeEq as _;

/// Who may tell us that somebody answered STOP, and how it is read.
#[derive(Clone)]
pub struct Inbound {
    pub(in crate::channels) secret: String,
    pub(in crate::channels) settings: InboundSettings,
}

impl std::fmt::Debug for Inbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inbound")
    }
}

impl Inbound {
    /// Whether the secret of the settings came with it; compared in a time that tells nothing.
    pub(crate) fn is_believed(&self, headers: &HeaderMap) -> bool {
        let shown = match &self.settings.header {
            Some(name) => headers.get(name).map(|value| value.as_bytes()),
            None => headers
                .get(header::AUTHORIZATION)
                .and_then(|value| value.as_bytes().strip_prefix(b"Bearer ")),
        };
        shown.is_some_and(|shown| bool::from(shown.ct_eq(self.secret.as_bytes())))
    }

    /// The number it is about.
    pub(crate) fn number(&self, said: &Value) -> Option<Number> {
        Number::reported(&text(said, &self.settings.number)?).ok()
    }

    /// Whether it means that the person wants no more of them.
    pub(crate) fn stops(&self, said: &Value) -> bool {
        let settings = &self.settings;
        let kind = settings.event.as_ref().and_then(|event| text(said, event));
        let words = settings.text.as_ref().and_then(|place| text(said, place));
        kind.is_some_and(|kind| settings.stops.contains(&kind))
            || words.is_some_and(|words| asks_to_stop(&words))
    }
}

fn text(said: &Value, pointer: &str) -> Option<String> {
    match said.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
