//! What of a sentence is weighed: its stems, each two that follow one another, what it is about, its signs.
//!
//! Deliberately does not know: what any of it weighs.

use super::words::{Concepts, cut, stem};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use vocabulary::Language;

/// A sentence of more words is weighed by its first ones.
const LONGEST: usize = 80;

/// The words that say a mark, as bytes of the sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    At(Range<usize>),
    Sign(&'static str),
}

/// The marks of a compared sentence, or of a choice; one may be told more than once.
pub(super) fn marks(language: Language, plain: &str, choice: bool, found: &mut dyn FnMut(&str, Place)) {
    let mut words = cut(plain);
    words.truncate(LONGEST);
    let concepts = Concepts::of(language);
    let kind = if choice { "choice:" } else { "" };
    let mut name = String::new();
    let mut add = |parts: &[&str], place: Place| {
        name.clear();
        for part in std::iter::once(&kind).chain(parts) {
            let _ = name.write_str(part);
        }
        found(&name, place);
    };
    let stems: Vec<&str> = words.iter().map(|word| stem(language, word.text)).collect();
    let mut about: BTreeMap<&'static str, Range<usize>> = BTreeMap::new();
    for (nth, (word, own)) in words.iter().zip(&stems).enumerate() {
        if own.len() > 1 {
            add(&[own], Place::At(word.place.clone()));
        }
        if let (Some(next), Some(after)) = (words.get(nth + 1), stems.get(nth + 1)) {
            add(&[own, " ", after], Place::At(word.place.start..next.place.end));
        }
        concepts.at(words.get(nth..).unwrap_or_default(), |name, length| {
            let last = words.get(nth + length - 1);
            let end = last.map_or(word.place.end, |last| last.place.end);
            about.entry(name).or_insert(word.place.start..end);
        });
    }
    for (name, place) in about {
        add(&["<", name, ">"], Place::At(place));
    }
    for (sign, there) in [("?", plain.trim_end().ends_with('?')), ("!", plain.contains('!'))] {
        if there {
            add(&[sign], Place::Sign(sign));
        }
    }
}
