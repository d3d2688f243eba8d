//! What may name a person or a visitor, the same at every door: text as it stands, or a whole number as
//! its digits.
//!
//! Deliberately does not know: who is named, and where the name came from.

use serde::Deserialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// Longest identifier, bytes. Segment sets no limit but the message's; a longer one is an accident.
pub const LONGEST: usize = 512;

/// What programs print for "nobody". Taken for a name it would join strangers into one person.
const NOBODY: [&str; 9] = [
    "null",
    "undefined",
    "none",
    "nil",
    "nan",
    "[object object]",
    "anonymous",
    "guest",
    "0",
];

/// An identifier as JSON may have it.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Identifier {
    /// As it stands.
    Text(String),
    /// A whole number: its digits.
    Number(i64),
    /// A whole number beyond 63 bits.
    Large(u64),
}

impl Identifier {
    /// The identifier as text, whatever it was written as.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Identifier::Text(text) => Cow::Borrowed(text),
            Identifier::Number(number) => Cow::Owned(number.to_string()),
            Identifier::Large(number) => Cow::Owned(number.to_string()),
        }
    }
}

/// Why a text names nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// Nothing, or nothing but spaces.
    #[error("an identifier may not be empty; leave it out for nobody")]
    Blank,
    /// Longer than [`LONGEST`].
    #[error("an identifier may have 512 bytes at most")]
    TooLong,
    /// What programs print for nobody.
    #[error("words such as `null` or `undefined` name nobody, and would join strangers into one person")]
    Placeholder,
}

/// Whether the text can name anybody.
pub fn check(text: &str) -> Result<(), Fault> {
    let word = text.trim_ascii();
    if word.is_empty() {
        Err(Fault::Blank)
    } else if text.len() > LONGEST {
        Err(Fault::TooLong)
    } else if NOBODY.iter().any(|nobody| word.eq_ignore_ascii_case(nobody)) {
        Err(Fault::Placeholder)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<String> {
        let identifier: Identifier = serde_json::from_str(json).ok()?;
        Some(identifier.text().into_owned())
    }

    #[test]
    fn text_and_whole_numbers_name_somebody_and_nothing_else_does() {
        assert_eq!(read(r#""ann""#).as_deref(), Some("ann"));
        assert_eq!(read("42").as_deref(), Some("42"));
        assert_eq!(read("-7").as_deref(), Some("-7"));
        assert_eq!(
            read("18446744073709551615").as_deref(),
            Some("18446744073709551615")
        );
        for other in ["1.5", "true", "[1]", "{}"] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn what_names_nobody_is_refused() {
        assert_eq!(check(&"x".repeat(LONGEST)), Ok(()));
        assert_eq!(check(&"x".repeat(LONGEST + 1)), Err(Fault::TooLong));
        assert_eq!(check(" "), Err(Fault::Blank));
        assert_eq!(check(" Null "), Err(Fault::Placeholder));
        assert_eq!(check("0"), Err(Fault::Placeholder));
    }
}
