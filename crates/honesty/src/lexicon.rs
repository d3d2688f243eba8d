//! The patterns of each rule in each language, and what excuses them: fixed turns in `lexicon/fr.txt` and `en.txt`,
//! what goes together in a sentence (a pressing time and a loss, a quantity and what remains) in `*_grammar.txt`.
//!
//! Deliberately does not know: where in a message the words stand.

mod hints;
mod together;

use crate::plain::fold;
use crate::rule::Rule;
use hints::Hints;
pub(crate) use hints::{LONGEST as REACH, Possible};
use regex::{Regex, RegexBuilder};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;
use together::Together;
use vocabulary::Language;

const FR: [&str; 2] = [
    include_str!("lexicon/fr.txt"),
    include_str!("lexicon/fr_grammar.txt"),
];
const EN: [&str; 2] = [
    include_str!("lexicon/en.txt"),
    include_str!("lexicon/en_grammar.txt"),
];

static FRENCH: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(FR));
static ENGLISH: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(EN));

/// The patterns of a language by their section.
pub(crate) struct Lexicon {
    sections: BTreeMap<String, Section>,
    hints: Hints,
}

/// A pattern with its number among all of its language.
struct Pattern {
    regex: Regex,
    number: usize,
}

#[derive(Default)]
struct Section {
    found: Option<Pattern>,
    excused: Option<Pattern>,
    /// Within a sentence.
    near: Vec<Together>,
    /// Within a sentence and the two after it.
    wide: Vec<Together>,
    /// Within a whole piece, over its sentences.
    whole: Option<Pattern>,
}

/// The lines of a section, by what they are.
#[derive(Default)]
struct Lines {
    found: Vec<String>,
    excused: Vec<String>,
    near: Vec<Together>,
    wide: Vec<Together>,
    whole: Vec<String>,
}

/// A compared text with the patterns that can stand in it.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) plain: &'a str,
    pub(crate) possible: &'a Possible,
}

/// The patterns as they are read, numbered.
#[derive(Default)]
struct Patterns(Vec<String>);

impl Patterns {
    fn add(&mut self, text: String) -> Option<Pattern> {
        let regex = regex(&text)?;
        let number = self.0.len();
        self.0.push(text);
        Some(Pattern { regex, number })
    }
}

impl Pattern {
    fn ranges<'a>(&'a self, said: Said<'a>) -> impl Iterator<Item = Range<usize>> + 'a {
        let may = said.possible.has(self.number);
        may.then(|| self.regex.find_iter(said.plain).map(|found| found.range()))
            .into_iter()
            .flatten()
    }

    fn is_in(&self, said: Said<'_>) -> bool {
        said.possible.has(self.number) && self.regex.is_match(said.plain)
    }
}

impl Lexicon {
    pub(crate) fn of(language: Language) -> &'static Lexicon {
        match language {
            Language::Fr => &FRENCH,
            Language::En => &ENGLISH,
        }
    }

    fn parse(files: [&str; 2]) -> Lexicon {
        let mut classes: Vec<(String, String)> = Vec::new();
        let mut sections: BTreeMap<String, Lines> = BTreeMap::new();
        let mut section = String::new();
        let mut patterns = Patterns::default();
        for line in files.iter().flat_map(|text| text.lines()).map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name.to_owned();
                continue;
            }
            if section == "classes" {
                if let Some((name, words)) = line.split_once(" = ") {
                    let words = with_classes(words, &classes);
                    classes.push((format!("<{name}>"), words));
                }
                continue;
            }
            let into = sections.entry(section.clone()).or_default();
            let line = with_classes(line, &classes);
            if let Some(excuse) = line.strip_prefix("! ") {
                into.excused.push(pattern(excuse));
            } else if let Some(whole) = line.strip_prefix("= ") {
                into.whole.push(pattern(whole));
            } else if let Some(wide) = line.strip_prefix("~ ") {
                into.wide.extend(Together::parse(wide, &mut patterns));
            } else if line.contains(together::AND) || line.contains(together::WITHOUT) {
                into.near.extend(Together::parse(&line, &mut patterns));
            } else {
                into.found.push(pattern(&line));
            }
        }
        let mut one = |lines: Vec<String>| {
            (!lines.is_empty())
                .then(|| patterns.add(lines.join("|")))
                .flatten()
        };
        let sections = sections
            .into_iter()
            .map(|(name, lines)| {
                let section = Section {
                    found: one(lines.found),
                    excused: one(lines.excused),
                    near: lines.near,
                    wide: lines.wide,
                    whole: one(lines.whole),
                };
                (name, section)
            })
            .collect();
        Lexicon {
            sections,
            hints: Hints::of(&patterns.0),
        }
    }

    /// Which patterns can stand in a compared text.
    pub(crate) fn possible(&self, plain: &str) -> Possible {
        self.hints.possible(plain)
    }

    /// Where the rule's words stand.
    pub(crate) fn places(&self, rule: Rule, said: Said<'_>) -> Vec<Range<usize>> {
        self.of_section(rule.id(), said)
    }

    /// Where the words of a section stand that are not excused.
    fn of_section(&self, section: &str, said: Said<'_>) -> Vec<Range<usize>> {
        let Some(section) = self.sections.get(section) else {
            return Vec::new();
        };
        let excused = OnceCell::new();
        let excused = || excused.get_or_init(|| section.excuses(said)).as_slice();
        let found = section.found.iter().flat_map(|found| found.ranges(said));
        let mut places: Vec<Range<usize>> = found.filter(|found| !overlap(found, excused())).collect();
        places.extend(
            section
                .near
                .iter()
                .filter_map(|together| together.find(&[said], excused)),
        );
        places
    }

    /// Where the rule's words stand that go over the sentences of a piece.
    pub(crate) fn over_sentences(&self, rule: Rule, said: Said<'_>) -> Vec<Range<usize>> {
        let Some(section) = self.sections.get(rule.id()) else {
            return Vec::new();
        };
        let excused = OnceCell::new();
        let excused = || excused.get_or_init(|| section.excuses(said)).as_slice();
        let found = section.whole.iter().flat_map(|whole| whole.ranges(said));
        found.filter(|found| !overlap(found, excused())).collect()
    }

    /// Where in the first of these sentences something stands that, with what follows in the others, breaks the
    /// rule.
    pub(crate) fn with_next(&self, rule: Rule, sentences: &[Said<'_>]) -> Option<Range<usize>> {
        let section = self.sections.get(rule.id())?;
        let first = *sentences.first()?;
        let excused = OnceCell::new();
        let excused = || excused.get_or_init(|| section.excuses(first)).as_slice();
        section
            .wide
            .iter()
            .find_map(|together| together.find(sentences, excused))
    }

    /// Whether the section has words there.
    pub(crate) fn stands(&self, section: &str, said: Said<'_>) -> bool {
        !self.of_section(section, said).is_empty()
    }

    /// Whether the first of what must stand together for the section stands there.
    pub(crate) fn begins(&self, section: &str, said: Said<'_>) -> bool {
        let section = self.sections.get(section);
        section.is_some_and(|section| section.near.iter().any(|together| together.begins(said)))
    }
}

impl Section {
    fn excuses(&self, said: Said<'_>) -> Vec<Range<usize>> {
        let excused = self.excused.iter();
        excused.flat_map(|excused| excused.ranges(said)).collect()
    }
}

fn overlap(place: &Range<usize>, others: &[Range<usize>]) -> bool {
    others
        .iter()
        .any(|other| other.start < place.end && place.start < other.end)
}

/// With room enough that long patterns keep what they have worked out; with the usual room they work it out anew at
/// every other word, and slowly.
fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).dfa_size_limit(ROOM).build().ok()
}

/// Bytes.
const ROOM: usize = 64 << 20;

/// The line with the words of each class in the place of its name; whole words only.
fn with_classes(line: &str, classes: &[(String, String)]) -> String {
    classes.iter().fold(line.to_owned(), |line, (name, words)| {
        line.replace(name.as_str(), &format!("(?-u:\\b)(?:{words})(?-u:\\b)"))
    })
}

/// Numbers in words, of both languages.
const NUMBERS: &str = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|\
ninety|hundred|thousand|million|un|une|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|treize|quinze|vingt|trente|\
quarante|cinquante|soixante|cent|cents|mille|millions?";

/// A line of the lexicon as a regular expression: `<n>` is a number, `<w>` a word; whole words only, unless the
/// line begins or ends with something that is no word.
fn pattern(line: &str) -> String {
    let (line, _) = fold(line);
    // Small letters without accents: the tables of Unicode are not needed, and large.
    let line = line
        .replace(
            "<n>",
            "(?:(?:[0-9][0-9 .,]*|\u{fffc}|(?-u:\\b)(?:NUMBER)(?:[ -](?:et |and )?(?:NUMBER))*(?-u:\\b)) ?)",
        )
        .replace("NUMBER", NUMBERS)
        .replace("<w>", "[a-z0-9_'\u{fffc}-]+")
        .replace("\\w", "[a-z0-9_]");
    let edge = |letter: Option<char>| letter.is_some_and(|c| c.is_alphanumeric());
    let one = |line: &str| {
        let opens = match edge(line.chars().next()) || line.starts_with("(?:") {
            true => "(?-u:\\b)",
            false => "",
        };
        let closes = match edge(line.chars().next_back()) {
            true => "(?-u:\\b)",
            false => "",
        };
        format!("{opens}(?:{line}){closes}")
    };
    let inner = line.strip_prefix("(?:").and_then(|rest| rest.strip_suffix(')'));
    // A line that is one group is its alternatives, each with edges of its own.
    let line = match inner {
        Some(inner) if balanced(inner) => inner,
        _ => line.as_str(),
    };
    let all: Vec<String> = alternatives(line).into_iter().map(one).collect();
    format!("(?:{})", all.join("|"))
}

/// Whether no group is closed that was not opened.
fn balanced(line: &str) -> bool {
    let mut depth = 0_i32;
    let mut quoted = false;
    line.chars().all(|letter| {
        match letter {
            _ if quoted => quoted = false,
            '\\' => quoted = true,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth >= 0
    })
}

/// What stands between the bars that are in no group.
fn alternatives(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut begin, mut quoted) = (0_i32, 0, false);
    for (at, letter) in line.char_indices() {
        match letter {
            _ if quoted => quoted = false,
            '\\' => quoted = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '|' if depth == 0 => {
                found.extend(line.get(begin..at));
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.extend(line.get(begin..));
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn no_pattern_is_ruled_out_where_it_stands() {
        let mut stood = 0;
        for (files, text) in [
            (
                FR,
                concat!(
                    include_str!("../corpus/fr/dark.txt"),
                    include_str!("../corpus/fr/broad_honest.txt")
                ),
            ),
            (
                EN,
                concat!(
                    include_str!("../corpus/en/dark.txt"),
                    include_str!("../corpus/en/broad_honest.txt")
                ),
            ),
        ] {
            let mut patterns = Patterns::default();
            let lines = files.iter().flat_map(|text| text.lines());
            let lines =
                lines.filter(|line| !line.contains(" = ") && !line.starts_with(['#', '[', '!', '=', '~']));
            let read: Vec<Pattern> = lines
                .filter(|line| !line.trim().is_empty() && !line.contains(together::AND))
                .filter_map(|line| patterns.add(pattern(line)))
                .collect();
            let hints = Hints::of(&patterns.0);
            for line in text.lines().take(900) {
                let (plain, _) = fold(line);
                let possible = hints.possible(&plain);
                for pattern in &read {
                    let stands = pattern.regex.is_match(&plain);
                    stood += usize::from(stands);
                    assert!(
                        !stands || possible.has(pattern.number),
                        "{} in {plain}",
                        pattern.regex
                    );
                }
            }
        }
        assert!(stood > 500, "{stood}");
    }

    #[test]
    fn every_pattern_of_both_languages_can_be_read_and_belongs_to_something() {
        let helpers = [
            "certain",
            "accept",
            "refuse",
            "neutral_refusal",
            "literature",
            "shame_denies",
            "shame_good",
            "shame_bad",
            "shares_data",
            "acknowledge",
            "first_person",
            "opens_in_person",
            "refusing_means",
            "signature",
            "negation",
            "mention",
            "sensitive",
        ];
        for (name, lexicon) in [
            ("fr", Lexicon::of(Language::Fr)),
            ("en", Lexicon::of(Language::En)),
        ] {
            for (section, kept) in &lexicon.sections {
                assert!(
                    kept.found.is_some() || kept.whole.is_some() || !kept.near.is_empty(),
                    "{name} {section}: a pattern cannot be read"
                );
                assert!(
                    Rule::ALL.iter().any(|rule| rule.id() == section) || helpers.contains(&section.as_str()),
                    "{name} {section}"
                );
            }
        }
        for files in [FR, EN] {
            let mut classes: Vec<(String, String)> = Vec::new();
            let mut defining = false;
            for line in files.iter().flat_map(|text| text.lines()).map(str::trim) {
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                if line.starts_with('[') && line.ends_with(']') && !line.contains('(') {
                    defining = line == "[classes]";
                    continue;
                }
                if defining {
                    let (name, words) = line.split_once(" = ").unwrap();
                    let words = with_classes(words, &classes);
                    classes.push((format!("<{name}>"), words));
                    continue;
                }
                let line = with_classes(line, &classes);
                let line = line.trim_start_matches(['!', '=', '~', ' ']);
                for part in line.split(together::AND) {
                    for part in part.split(together::WITHOUT) {
                        assert!(Regex::new(&pattern(part.trim())).is_ok(), "{line}");
                        assert!(!pattern(part).contains("<"), "a class without words: {line}");
                    }
                }
            }
        }
    }
}
