//! Words cut, numbers named by what they count, words cut to their stems, and what they are about
//! (`lexicon/concepts_*.txt`).
//!
//! Deliberately does not know: which of it is honest.

use crate::text::HOLE;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;
use vocabulary::Language;

/// A word of a compared text.
pub(super) struct Word<'a> {
    /// As it stands, or `<n>`, `<money>`, `<percent>`, `<clock>`, `<date>`, `<timer>`, `<hole>`.
    pub(super) text: &'a str,
    /// Bytes of the compared text.
    pub(super) place: Range<usize>,
}

const MONTHS: [&str; 24] = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
static NUMBERS: LazyLock<HashSet<&str>> = LazyLock::new(|| IN_WORDS.into_iter().collect());

/// Numbers in words; not those that are articles or ordinals, too.
const IN_WORDS: [&str; 44] = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "fifteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "ninety",
    "hundred",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "sept",
    "huit",
    "dix",
    "onze",
    "douze",
    "treize",
    "quinze",
    "seize",
    "vingt",
    "trente",
    "quarante",
    "cinquante",
    "soixante",
    "cent",
    "cents",
    "mille",
    "eighteen",
    "eighty",
    "quarter",
    "dizaine",
    "quinzaine",
];

/// The words of a compared text.
pub(super) fn cut(plain: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut letters = plain.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        if letter == HOLE {
            words.push(Word {
                text: "<hole>",
                place: start..start + letter.len_utf8(),
            });
        }
        if !letter.is_alphanumeric() {
            continue;
        }
        let digits = letter.is_ascii_digit();
        let mut end = start + letter.len_utf8();
        while let Some((at, next)) = letters.peek().copied() {
            let inside = digits
                && matches!(next, '.' | ',' | ':')
                && plain
                    .get(at + 1..)
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if !next.is_alphanumeric() && !inside || digits && next.is_alphabetic() && !inside {
                break;
            }
            end = at + next.len_utf8();
            letters.next();
        }
        let text = plain.get(start..end).unwrap_or_default();
        let text = match digits {
            true => number(plain, start, end, text),
            false if NUMBERS.contains(text) => "<n>",
            false => text,
        };
        // Thousands are one number.
        let same = words
            .last()
            .is_some_and(|last| last.text == "<n>" && text.starts_with('<') && last.place.end + 1 >= start);
        if let (true, Some(last)) = (same, words.last_mut()) {
            last.text = text;
            last.place.end = end;
        } else {
            words.push(Word {
                text,
                place: start..end,
            });
        }
    }
    words
}

fn number<'a>(plain: &str, start: usize, end: usize, text: &str) -> &'a str {
    let before = plain.get(..start).unwrap_or_default().trim_end();
    let after = plain.get(end..).unwrap_or_default().trim_start();
    let unit: String = after.chars().take_while(|c| c.is_alphabetic()).collect();
    if text.contains(':') {
        "<timer>"
    } else if after.starts_with('%') || unit == "percent" {
        "<percent>"
    } else if after.starts_with(['€', '£', '$'])
        || before.ends_with(['€', '£', '$'])
        || matches!(unit.as_str(), "euro" | "euros" | "pounds" | "dollars")
    {
        "<money>"
    } else if matches!(unit.as_str(), "am" | "pm" | "h") {
        "<clock>"
    } else if MONTHS.contains(&unit.as_str()) || matches!(unit.as_str(), "th" | "st" | "nd" | "rd" | "er") {
        "<date>"
    } else {
        "<n>"
    }
}

const FRENCH: [&str; 24] = [
    "aient", "erons", "eront", "erez", "erai", "eras", "ions", "ees", "era", "iez", "ait", "ais", "ons",
    "ent", "ant", "ez", "er", "ee", "es", "e", "i", "u", "s", "x",
];
const ENGLISH: [&str; 13] = [
    "ations", "ation", "ingly", "edly", "ing", "ies", "ied", "ed", "es", "ly", "s", "e", "y",
];

/// A word without its ending, at most seven letters.
pub(super) fn stem(language: Language, word: &str) -> &str {
    if word.starts_with('<') {
        return word;
    }
    let endings: &[&str] = match language {
        Language::Fr => &FRENCH,
        Language::En => &ENGLISH,
    };
    let bare = endings
        .iter()
        .find_map(|ending| word.strip_suffix(ending).filter(|bare| bare.len() >= 4))
        .unwrap_or(word);
    let end = bare.char_indices().nth(7).map_or(bare.len(), |(at, _)| at);
    bare.get(..end).unwrap_or(bare)
}

/// What words are about.
#[derive(Default)]
pub(super) struct Concepts {
    /// By the first word.
    whole: HashMap<&'static str, Vec<Phrase>>,
    /// By the beginning of the first word.
    open: HashMap<&'static str, Vec<Phrase>>,
}

struct Phrase {
    name: &'static str,
    /// Whole, or (`true`) the beginning of a word.
    rest: Vec<(&'static str, bool)>,
}

static CONCEPTS_FR: LazyLock<Concepts> =
    LazyLock::new(|| Concepts::parse(include_str!("../lexicon/concepts_fr.txt")));
static CONCEPTS_EN: LazyLock<Concepts> =
    LazyLock::new(|| Concepts::parse(include_str!("../lexicon/concepts_en.txt")));

impl Concepts {
    pub(super) fn of(language: Language) -> &'static Concepts {
        match language {
            Language::Fr => &CONCEPTS_FR,
            Language::En => &CONCEPTS_EN,
        }
    }

    fn parse(text: &'static str) -> Concepts {
        let mut concepts = Concepts::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, phrases)) = line.split_once(" = ") else {
                continue;
            };
            for phrase in phrases.split(',') {
                let mut words = phrase
                    .split_whitespace()
                    .map(|word| match word.strip_suffix('*') {
                        Some(bare) => (bare, true),
                        None => (word, false),
                    });
                if let Some((first, open)) = words.next() {
                    let by_first = match open {
                        true => &mut concepts.open,
                        false => &mut concepts.whole,
                    };
                    by_first.entry(first).or_default().push(Phrase {
                        name,
                        rest: words.collect(),
                    });
                }
            }
        }
        concepts
    }

    /// The concepts that begin at the word, with how many words say so.
    pub(super) fn at(&self, words: &[Word<'_>], mut found: impl FnMut(&'static str, usize)) {
        let Some(first) = words.first() else { return };
        let mut look = |phrases: &[Phrase]| {
            for phrase in phrases {
                let here = phrase.rest.iter().enumerate().all(|(nth, (word, open))| {
                    words.get(nth + 1).is_some_and(|next| match open {
                        _ if *word == "_" => true,
                        true => next.text.starts_with(word),
                        false => next.text == *word,
                    })
                });
                if here {
                    found(phrase.name, phrase.rest.len() + 1);
                }
            }
        };
        // Numbers and words are looked up whole, and by every beginning.
        if let Some(phrases) = self.whole.get(first.text) {
            look(phrases);
        }
        for (at, letter) in first.text.char_indices() {
            let begin = first.text.get(..at + letter.len_utf8()).unwrap_or_default();
            if let Some(phrases) = self.open.get(begin) {
                look(phrases);
            }
        }
    }
}
