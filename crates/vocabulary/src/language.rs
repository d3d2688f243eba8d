//! The languages that are first-class here.

use serde::{Deserialize, Serialize};

/// A language of faces and explanations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Language {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Fr => "fr",
        }
    }

    /// The first language of an `Accept-Language` header (or a bare tag) that we speak.
    pub fn preferred(header: &str) -> Language {
        header
            .split(',')
            .filter_map(|part| {
                let tag = part
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_ascii_lowercase();
                match tag.split('-').next() {
                    Some("fr") => Some(Language::Fr),
                    Some("en") => Some(Language::En),
                    _ => None,
                }
            })
            .next()
            .unwrap_or_default()
    }
}
