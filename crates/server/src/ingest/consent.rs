//! `context.consent.categoryPreferences`: the person's answers by category, as the client saw them; and
//! `context.consent.proof`, by which the site shows whose they are.
//!
//! Where the object cannot be read everything counts as refused: a broken consent banner must never
//! become a permission. What a category permits is the gate's business.

use super::wire::{Context, Scalar, object};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// Most categories of one message, and most bytes of a category's name.
const MOST_CATEGORIES: usize = 100;
const LONGEST_CATEGORY: usize = 128;

/// What `context` says of consent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Consent {
    /// The preferences; empty = all refused; `None` = nothing was said.
    pub(super) preferences: Option<BTreeMap<String, bool>>,
    /// Something was said that could not be read.
    pub(super) unreadable: bool,
    /// By what the site shows who is signed in there: believed or not elsewhere.
    pub(super) proof: Option<String>,
}

impl Consent {
    const UNREADABLE: Consent = Consent {
        preferences: Some(BTreeMap::new()),
        unreadable: true,
        proof: None,
    };

    /// The consent of a message, or what its batch says where it says nothing itself.
    pub(super) fn or(self, batch: &Consent) -> Consent {
        let proof = self.proof.or_else(|| batch.proof.clone());
        let said = if self.preferences.is_some() {
            Consent { proof: None, ..self }
        } else {
            batch.clone()
        };
        Consent { proof, ..said }
    }
}

/// Takes `context` apart: the consent, and the rest that is read.
pub(super) fn read(context: Option<&RawValue>) -> (Consent, Context<'_>) {
    let Some(raw) = context else {
        return (Consent::default(), Context::default());
    };
    match object::<Context<'_>>(raw.get()) {
        Some(context) => (
            preferences(context.consent).unwrap_or(Consent::UNREADABLE),
            context,
        ),
        None => (Consent::UNREADABLE, Context::default()),
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Object<'a> {
    #[serde(borrow)]
    category_preferences: Option<&'a RawValue>,
    #[serde(borrow)]
    proof: Scalar<'a>,
}

/// Answers by category. JSON lets a name stand twice; who says yes and no to one question has not said
/// yes, in whichever order.
#[derive(Default)]
struct Answers(BTreeMap<String, bool>);

impl<'de> Deserialize<'de> for Answers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Answers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false for each category")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Answers, A::Error> {
                let mut answers = BTreeMap::new();
                while let Some((name, Answer(given))) = map.next_entry::<String, Answer>()? {
                    *answers.entry(name).or_insert(true) &= given;
                }
                Ok(Answers(answers))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// Yes or no, as Segment says it (`true`) or as Google Consent Mode does (`"granted"`).
struct Answer(bool);

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Answer, D::Error> {
        struct YesOrNo;
        impl serde::de::Visitor<'_> for YesOrNo {
            type Value = Answer;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("true, false, \"granted\" or \"denied\"")
            }
            fn visit_bool<E: serde::de::Error>(self, answer: bool) -> Result<Answer, E> {
                Ok(Answer(answer))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Answer, E> {
                match text {
                    "granted" => Ok(Answer(true)),
                    "denied" => Ok(Answer(false)),
                    _ => Err(E::custom("neither yes nor no")),
                }
            }
        }
        deserializer.deserialize_any(YesOrNo)
    }
}

fn preferences(consent: Option<&RawValue>) -> Option<Consent> {
    let Some(consent) = consent else {
        return Some(Consent::default());
    };
    let Object {
        category_preferences,
        proof,
    } = object(consent.get())?;
    // A proof that is no text proves nothing, and takes nothing with it.
    let proof = match proof {
        Scalar::Text(proof) => Some(proof.into_owned()),
        _ => None,
    };
    let Some(raw) = category_preferences else {
        return Some(Consent {
            proof,
            ..Consent::default()
        });
    };
    let Answers(preferences) = object(raw.get())?;
    let fits =
        preferences.len() <= MOST_CATEGORIES && preferences.keys().all(|name| name.len() <= LONGEST_CATEGORY);
    fits.then_some(Consent {
        preferences: Some(preferences),
        unreadable: false,
        proof,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(context: &str, expected: Option<&[(&str, bool)]>, unreadable: bool) {
        let raw: Box<RawValue> = serde_json::from_str(context).unwrap();
        let (consent, _) = read(Some(&raw));
        let expected = expected.map(|all| all.iter().map(|(name, yes)| ((*name).to_owned(), *yes)).collect());
        assert_eq!(
            consent,
            Consent {
                preferences: expected,
                unreadable,
                proof: None,
            },
            "{context}"
        );
    }

    #[test]
    fn preferences_are_read_by_category() {
        let both = r#"{"consent":{"categoryPreferences":{"Advertising":true,"Analytics":false}},"ip":"x"}"#;
        check(both, Some(&[("Advertising", true), ("Analytics", false)]), false);
        let google = r#"{"consent":{"categoryPreferences":{"ad_storage":"denied","personalization_storage":"granted"}}}"#;
        check(
            google,
            Some(&[("ad_storage", false), ("personalization_storage", true)]),
            false,
        );
    }

    #[test]
    fn an_empty_object_refuses_everything_and_silence_says_nothing() {
        check(r#"{"consent":{"categoryPreferences":{}}}"#, Some(&[]), false);
        check(r#"{"consent":{"categoryPreferences":[]}}"#, Some(&[]), false);
        for silent in [
            "{}",
            r#"{"consent":null}"#,
            r#"{"consent":{}}"#,
            r#"{"consent":{"categoryPreferences":null}}"#,
            "[]",
        ] {
            check(silent, None, false);
        }
    }

    #[test]
    fn yes_and_no_to_one_question_is_no() {
        for twice in [
            r#""a":true,"a":false"#,
            r#""a":false,"a":true"#,
            r#""a":false,"\u0061":true"#,
        ] {
            let context = format!(r#"{{"consent":{{"categoryPreferences":{{{twice}}}}}}}"#);
            check(&context, Some(&[("a", false)]), false);
        }
    }

    #[test]
    fn what_cannot_be_read_refuses_everything() {
        for broken in [
            r#"{"consent":{"categoryPreferences":{"a":"yes"}}}"#,
            r#"{"consent":{"categoryPreferences":{"a":true,"b":1}}}"#,
            r#"{"consent":{"categoryPreferences":{"a":"Granted"}}}"#,
            r#"{"consent":{"categoryPreferences":["a"]}}"#,
            r#"{"consent":{"categoryPreferences":true}}"#,
            r#"{"consent":"all"}"#,
            r#"{"consent":{},"consent":{}}"#,
            r#""all""#,
        ] {
            check(broken, Some(&[]), true);
        }
        let many = (0..101)
            .map(|i| format!(r#""c{i}":true"#))
            .collect::<Vec<_>>()
            .join(",");
        check(
            &format!(r#"{{"consent":{{"categoryPreferences":{{{many}}}}}}}"#),
            Some(&[]),
            true,
        );
    }
}
