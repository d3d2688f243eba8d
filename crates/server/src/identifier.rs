//! What may name a person or a visitor, the same at every door: text as it stands, or a whole number as
//! its digits; and whom a caller means by one or two of them.
//!
//! Deliberately does not know: who is named, and where the name came from.

use crate::problem::FieldProblem;
use gate::Whom;
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

/// Whom a caller means: a person by `userId`, a visitor by `anonymousId`, or both.
pub struct Named<'a> {
    user_id: Option<Cow<'a, str>>,
    anonymous_id: Option<Cow<'a, str>>,
}

impl<'a> Named<'a> {
    /// Reads both, whichever are there. What cannot name anybody is told in `errors`, at `/userId` and
    /// `/anonymousId` (JSON pointers, RFC 6901).
    pub fn read(
        user_id: Option<&'a Identifier>,
        anonymous_id: Option<&'a Identifier>,
        errors: &mut Vec<FieldProblem>,
    ) -> Named<'a> {
        let mut read = |pointer: &str, id: Option<&'a Identifier>| {
            let text = id?.text();
            if let Err(fault) = check(&text) {
                errors.push(FieldProblem::new(pointer, &fault.to_string()));
            }
            Some(text)
        };
        Named {
            user_id: read("/userId", user_id),
            anonymous_id: read("/anonymousId", anonymous_id),
        }
    }

    /// The same, where somebody must be meant: if nobody is, `detail` is told at `pointer`.
    #[must_use]
    pub fn needed(self, pointer: &str, detail: &str, errors: &mut Vec<FieldProblem>) -> Named<'a> {
        if self.user_id.is_none() && self.anonymous_id.is_none() {
            errors.push(FieldProblem::new(pointer, detail));
        }
        self
    }

    /// The `userId`, if there is one.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// As the gate asks for them. Only where no error was told.
    pub fn whom(&self) -> Whom<'_> {
        Whom {
            user_id: self.user_id.as_deref(),
            anonymous_id: self.anonymous_id.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_name_is_told_with_its_place_and_nobody_where_it_is_asked_for() {
        let told = |user: Option<&str>, visitor: Option<&str>| {
            let id = |text: Option<&str>| text.map(|text| Identifier::Text(text.to_owned()));
            let (user, visitor) = (id(user), id(visitor));
            let mut errors = Vec::new();
            let named = Named::read(user.as_ref(), visitor.as_ref(), &mut errors);
            let named = named.needed("/userId", "say whom", &mut errors);
            assert_eq!(named.whom().user_id, named.user_id());
            errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>()
        };
        assert_eq!(told(Some("ann"), Some("v-1")), [""; 0]);
        assert_eq!(told(None, Some("v-1")), [""; 0]);
        assert_eq!(told(Some("null"), Some(" ")), ["/userId", "/anonymousId"]);
        assert_eq!(told(None, None), ["/userId"]);
    }

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
