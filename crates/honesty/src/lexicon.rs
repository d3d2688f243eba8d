//! The patterns of each rule in each language, and what excuses them; kept in `lexicon/fr.txt` and `en.txt`.
//!
//! Deliberately does not know: where in a message the words stand.

use crate::plain::fold;
use crate::rule::Rule;
use regex::Regex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;
use vocabulary::Language;

static FRENCH: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(include_str!("lexicon/fr.txt")));
static ENGLISH: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(include_str!("lexicon/en.txt")));

/// The patterns of a language by their section.
pub(crate) struct Lexicon(BTreeMap<String, Section>);

struct Section {
    found: Option<Regex>,
    excused: Option<Regex>,
}

impl Lexicon {
    pub(crate) fn of(language: Language) -> &'static Lexicon {
        match language {
            Language::Fr => &FRENCH,
            Language::En => &ENGLISH,
        }
    }

    fn parse(text: &str) -> Lexicon {
        let mut lines: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
        let mut section = String::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name.to_owned();
                continue;
            }
            let into = lines.entry(section.clone()).or_default();
            match line.strip_prefix("! ") {
                Some(excuse) => into.1.push(pattern(excuse)),
                None => into.0.push(pattern(line)),
            }
        }
        let one = |patterns: Vec<String>| {
            (!patterns.is_empty())
                .then(|| Regex::new(&patterns.join("|")).ok())
                .flatten()
        };
        Lexicon(
            lines
                .into_iter()
                .map(|(name, (found, excused))| {
                    (
                        name,
                        Section {
                            found: one(found),
                            excused: one(excused),
                        },
                    )
                })
                .collect(),
        )
    }

    /// Where the rule's words stand in a compared text.
    pub(crate) fn places(&self, rule: Rule, plain: &str) -> Vec<Range<usize>> {
        self.of_section(rule.id(), plain)
    }

    /// Where the words of a section stand that are not excused.
    pub(crate) fn of_section(&self, section: &str, plain: &str) -> Vec<Range<usize>> {
        let Some(section) = self.0.get(section) else {
            return Vec::new();
        };
        let excused: Vec<Range<usize>> = section
            .excused
            .iter()
            .flat_map(|excused| excused.find_iter(plain))
            .map(|found| found.range())
            .collect();
        section
            .found
            .iter()
            .flat_map(|found| found.find_iter(plain))
            .map(|found| found.range())
            .filter(|found| {
                !excused
                    .iter()
                    .any(|excuse| excuse.start < found.end && found.start < excuse.end)
            })
            .collect()
    }

    /// Whether the section has words in the text.
    pub(crate) fn has(&self, section: &str, plain: &str) -> bool {
        !self.of_section(section, plain).is_empty()
    }
}

/// A line of the lexicon as a regular expression: `<n>` is a number, `<w>` a word; whole words only, unless the
/// line begins or ends with something that is no word.
fn pattern(line: &str) -> String {
    let (line, _) = fold(line);
    // Small letters without accents: the tables of Unicode are not needed, and large.
    let line = line
        .replace(
            "<n>",
            "(?:(?:[0-9][0-9 .,]*|\u{fffc}|one|two|three|four|five|six|un|une|deux|trois|quatre|cinq|six) ?)",
        )
        .replace("<w>", "[a-z0-9_'\u{fffc}-]+")
        .replace("\\w", "[a-z0-9_]");
    let edge = |letter: Option<char>| letter.is_some_and(|c| c.is_alphanumeric());
    let opens = if edge(line.chars().next()) || line.starts_with("(?:") {
        "(?-u:\\b)"
    } else {
        ""
    };
    let closes = if edge(line.chars().next_back()) {
        "(?-u:\\b)"
    } else {
        ""
    };
    format!("(?:{opens}(?:{line}){closes})")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_both_languages_can_be_read_and_belongs_to_something() {
        let helpers = [
            "accept",
            "refuse",
            "neutral_refusal",
            "first_person",
            "signature",
            "negation",
            "mention",
            "sensitive",
        ];
        for (name, lexicon) in [
            ("fr", Lexicon::of(Language::Fr)),
            ("en", Lexicon::of(Language::En)),
        ] {
            for (section, kept) in &lexicon.0 {
                assert!(kept.found.is_some(), "{name} {section}: a pattern cannot be read");
                assert!(
                    Rule::ALL.iter().any(|rule| rule.id() == section) || helpers.contains(&section.as_str()),
                    "{name} {section}"
                );
            }
            for text in [include_str!("lexicon/fr.txt"), include_str!("lexicon/en.txt")] {
                for line in text
                    .lines()
                    .map(str::trim)
                    .filter(|l| !l.is_empty() && !l.starts_with(['#', '[']))
                {
                    let line = line.strip_prefix("! ").unwrap_or(line);
                    assert!(Regex::new(&pattern(line)).is_ok(), "{line}");
                }
            }
        }
    }
}
