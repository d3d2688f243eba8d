//! The languages that are first-class here.

use serde::{Deserialize, Serialize};

/// A language of faces and explanations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash, Serialize, Deserialize)]
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

    /// The language of that tag (`fr`, `fr-CH`), if it is one we speak.
    pub fn of_tag(tag: &str) -> Option<Language> {
        match tag
            .split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "fr" => Some(Language::Fr),
            "en" => Some(Language::En),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header (or a bare tag) that we speak.
    pub fn preferred(header: &str) -> Language {
        header
            .split(',')
            .filter_map(|part| Language::of_tag(part.split(';').next().unwrap_or_default().trim()))
            .next()
            .unwrap_or_default()
    }
}
