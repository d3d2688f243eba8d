//! Words for people, in French and English, and how each language writes numbers, prices and days.
//!
//! The texts are in `words/en.ftl` and `words/fr.ftl` (Project Fluent). Deliberately does not know
//! pages: whoever speaks to a person, by page, message or API, takes the words from here.

pub mod fault;
mod format;
mod reason;
pub mod verdict;
pub mod why;

pub use reason::{Part, PartKind, sentence};
pub(crate) use reason::{by_weight, share};

use decide::compose::Phrases;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;
use vocabulary::{ConsentState, Language, PurposeName};

/// The words of one language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Words(Language);

/// What is put into a text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Put<'a> {
    /// A text, as it is.
    Text(&'a str),
    /// A count: it chooses between singular and plural.
    Count(u64),
}

impl Words {
    /// The words of `language`.
    pub fn of(language: Language) -> Words {
        Words(language)
    }

    /// Which language.
    pub fn language(self) -> Language {
        self.0
    }

    /// The text of that key. A key without a text says its own name; a test holds that none is.
    pub fn say(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of that key with its places filled.
    pub fn with(self, key: &str, places: &[(&str, Put<'_>)]) -> String {
        let bundle = match self.0 {
            Language::En => &*ENGLISH,
            Language::Fr => &*FRENCH,
        };
        let mut arguments = FluentArgs::new();
        for (name, put) in places {
            match put {
                Put::Text(text) => arguments.set(*name, FluentValue::from(*text)),
                Put::Count(count) => arguments.set(*name, FluentValue::from(*count)),
            }
        }
        let pattern = bundle.get_message(key).and_then(|message| message.value());
        match pattern {
            Some(pattern) => bundle
                .format_pattern(pattern, Some(&arguments), &mut Vec::new())
                .into_owned(),
            None => key.to_owned(),
        }
    }

    /// What a purpose is for, as it ends the sentence "your data is used …".
    pub fn purpose(self, purpose: PurposeName) -> String {
        self.say(match purpose {
            PurposeName::Service => "purpose-service",
            PurposeName::Personalise => "purpose-personalise",
            PurposeName::Segment => "purpose-segment",
            PurposeName::Train => "purpose-train",
            PurposeName::ShowOwnData => "purpose-show-own-data",
            PurposeName::Predict => "purpose-predict",
            PurposeName::MarketByEmail => "purpose-market-by-email",
            PurposeName::MarketBySms => "purpose-market-by-sms",
            PurposeName::MarketByPush => "purpose-market-by-push",
            PurposeName::Measure => "purpose-measure",
            PurposeName::AnswerRightsRequest => "purpose-answer-rights-request",
            PurposeName::HumanHelp => "purpose-human-help",
            PurposeName::Secure => "purpose-secure",
        })
    }

    /// What a person answered, in two words.
    pub fn consent(self, state: ConsentState) -> String {
        self.say(match state {
            ConsentState::Unknown => "consent-unknown",
            ConsentState::Requested => "consent-requested",
            ConsentState::RequestDeferred => "consent-deferred",
            ConsentState::Given => "consent-given",
            ConsentState::Renewed => "consent-renewed",
            ConsentState::Refused => "consent-refused",
            ConsentState::Withdrawn => "consent-withdrawn",
            ConsentState::Revoked => "consent-revoked",
            ConsentState::Expired => "consent-expired",
            ConsentState::Invalidated => "consent-invalidated",
        })
    }
}

/// The words around every message.
pub fn around(language: Language) -> Phrases {
    let words = Words::of(language);
    Phrases {
        why: words.say("message-why"),
        change: words.say("message-change"),
        human: words.say("message-human"),
        leave: words.say("message-leave"),
        // The name of the shop goes where the braces are.
        together: words.with("message-together", &[("shop", Put::Text("{shop}"))]),
    }
}

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::En, EN));
static FRENCH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Fr, FR));

/// The texts: those of the faces in general, of the person's page, of the public register, of receipts, of
/// audits, of the team's pages.
const EN: &str = concat!(
    include_str!("words/en.ftl"),
    "\n",
    include_str!("words/me.en.ftl"),
    "\n",
    include_str!("words/register.en.ftl"),
    "\n",
    include_str!("words/verify.en.ftl"),
    "\n",
    include_str!("words/audit.en.ftl"),
    "\n",
    include_str!("words/team.en.ftl"),
    "\n",
    include_str!("words/automation.en.ftl"),
    "\n",
    include_str!("words/talk.en.ftl"),
    "\n",
    include_str!("words/message.en.ftl"),
    "\n",
    include_str!("words/openness.en.ftl")
);
const FR: &str = concat!(
    include_str!("words/fr.ftl"),
    "\n",
    include_str!("words/me.fr.ftl"),
    "\n",
    include_str!("words/register.fr.ftl"),
    "\n",
    include_str!("words/verify.fr.ftl"),
    "\n",
    include_str!("words/audit.fr.ftl"),
    "\n",
    include_str!("words/team.fr.ftl"),
    "\n",
    include_str!("words/automation.fr.ftl"),
    "\n",
    include_str!("words/talk.fr.ftl"),
    "\n",
    include_str!("words/message.fr.ftl"),
    "\n",
    include_str!("words/openness.fr.ftl")
);

/// The messages that could be read; the tests hold that all could.
fn bundle(language: Language, text: &str) -> FluentBundle<FluentResource> {
    let tag = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolating marks are invisible characters in every mail and every file that is searched later.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::En => counts_in_english,
        Language::Fr => counts_in_french,
    }));
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(read, _)| read);
    bundle.add_resource_overriding(resource);
    bundle
}

fn counts_in_english<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    written(Language::En, value)
}

fn counts_in_french<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    written(Language::Fr, value)
}

/// A count as the language writes it; what is no count as Fluent does.
fn written(language: Language, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(Words::of(language).number(number.value, 0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn keys(text: &str) -> Vec<&str> {
        let starts = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        text.lines()
            .filter(starts)
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
            .collect()
    }

    /// The places of each key: `$name`s, in order of name.
    fn places(text: &str, key: &str) -> BTreeSet<String> {
        let start = text.find(&format!("\n{key} =")).unwrap() + 1;
        let body = &text[start..];
        let next = |line: &&str| !line.starts_with(|c: char| c.is_ascii_lowercase() || c == '#');
        let rest = body.lines().skip(1).take_while(next);
        let all: String = body.lines().take(1).chain(rest).collect();
        all.split('$')
            .skip(1)
            .map(|part| {
                part.split(|c: char| !c.is_alphanumeric())
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn both_files_are_well_formed() {
        for text in [EN, FR] {
            assert!(FluentResource::try_new(text.to_owned()).is_ok());
            let all = keys(text);
            assert_eq!(
                all.len(),
                all.iter().collect::<BTreeSet<_>>().len(),
                "a key stands twice"
            );
        }
    }

    #[test]
    fn both_languages_say_the_same_things_in_the_same_order() {
        assert_eq!(keys(EN), keys(FR));
        for key in keys(EN) {
            assert_eq!(places(EN, key), places(FR, key), "{key}");
        }
    }

    /// Every quoted `word-word` of the sources and templates, and every `_.ftl` key.
    #[test]
    fn no_word_is_missing_and_none_is_unused() {
        let mut sources = String::new();
        read(
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
            &mut sources,
        );
        read(
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")),
            &mut sources,
        );
        let known: BTreeSet<&str> = keys(EN).into_iter().collect();
        for key in &known {
            // Some are put together from a code: `held-{code}`.
            let composed = key
                .match_indices('-')
                .any(|(dash, _)| sources.contains(&format!("\"{}{{", &key[..=dash])));
            let said = composed || sources.contains(&format!("\"{key}\""));
            assert!(said, "`{key}` is said nowhere");
        }
        for call in ["say(\"", ".with(\""] {
            for part in sources.split(call).skip(1) {
                let key = part.split('"').next().unwrap();
                assert!(known.contains(key), "`{key}` has no text");
            }
        }
    }

    fn read(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, into);
            } else if path
                .extension()
                .is_some_and(|ending| ending == "rs" || ending == "html")
            {
                // Words in tests are not said to anybody.
                into.push_str(
                    std::fs::read_to_string(&path)
                        .unwrap()
                        .split("#[cfg(test)]")
                        .next()
                        .unwrap(),
                );
            }
        }
    }

    #[test]
    fn french_is_set_as_french_is() {
        for (number, line) in FR.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let text = line.split_once(" = ").map_or(line, |(_, text)| text);
            assert!(
                !text.contains(['\'', '"', '“', '”']),
                "line {}: {text}",
                number + 1
            );
            for mark in [';', '!', '?', ':', '»', '%'] {
                for (at, _) in text.match_indices(mark) {
                    let before = text[..at].chars().last();
                    assert!(
                        before == Some('\u{202f}'),
                        "line {}: before `{mark}` in {text}",
                        number + 1
                    );
                }
            }
            for (at, _) in text.match_indices('«') {
                let after = text[at..].chars().nth(1);
                assert_eq!(after, Some('\u{202f}'), "line {}: {text}", number + 1);
            }
        }
        assert!(
            EN.lines().all(|line| !line.contains('\'')),
            "English has typographic apostrophes too"
        );
    }

    #[test]
    fn plurals_are_each_languages_own() {
        let viewed =
            |language, count| Words::of(language).with("deed-viewed", &[("count", Put::Count(count))]);
        assert_eq!(viewed(Language::En, 1), "viewed once");
        assert_eq!(viewed(Language::En, 3), "viewed 3\u{a0}times");
        assert_eq!(viewed(Language::En, 1240), "viewed 1,240\u{a0}times");
        assert_eq!(viewed(Language::Fr, 1240), "vu 1\u{202f}240\u{a0}fois");
        assert_eq!(viewed(Language::Fr, 1), "vu 1\u{a0}fois");
        let more = |language, count| Words::of(language).with("known-more", &[("count", Put::Count(count))]);
        assert_eq!(more(Language::En, 0), "Show 0 more products");
        assert_eq!(more(Language::Fr, 0), "Afficher 0 autre produit");
        assert_eq!(more(Language::Fr, 2), "Afficher 2 autres produits");
    }
}
