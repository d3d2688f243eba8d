//! The manner: shouting, words that nobody seems to have written, sentences that are hard to read. It advises
//! and never blocks.
//!
//! Deliberately does not know: taste.

use super::{Finding, finding, whole};
use crate::plain::{fold, sentences};
use crate::reading::{Piece, Reading};
use crate::rule::Rule;
use crate::text::{Block, Role};
use vocabulary::{Channel, Language};

/// Below it a text is called hard to read; both formulas run from 0 (hard) to 100 (easy).
pub const HARD: f64 = 40.0;
/// Fewest words that a formula says something of.
const FEWEST: usize = 50;
/// From so many words on an e-mail ends with somebody's name.
const SIGNED: usize = 30;

pub(super) fn find(reading: &Reading<'_>, found: &mut Vec<Finding>) {
    let (text, lexicon) = (reading.text, reading.lexicon);
    for piece in &reading.pieces {
        if piece.block.role != Role::Picture && shouts(piece.block, piece.subject) {
            found.push(whole(Rule::Shouting, piece));
        }
        let places = lexicon.places(Rule::RobotTone, piece.whole()).into_iter();
        found.extend(places.map(|place| finding(piece, Rule::RobotTone, place)));
    }
    let running =
        |piece: &&Piece<'_>| !piece.subject && matches!(piece.block.role, Role::Paragraph | Role::Heading);
    let running: Vec<&Piece<'_>> = reading.pieces.iter().filter(running).collect();
    let words: usize = running
        .iter()
        .map(|piece| piece.block.words.split_whitespace().count())
        .sum();
    let Some(last) = running.last() else { return };
    if text.channel == Channel::Email && words >= SIGNED {
        let mut end = running.iter().rev().take(4);
        if !end.any(|piece| lexicon.stands("signature", piece.whole())) {
            found.push(whole(Rule::RobotTone, last));
        }
    }
    if words >= FEWEST {
        let all: String = running
            .iter()
            .map(|piece| format!("{}. ", piece.block.words.trim().trim_end_matches('.')))
            .collect();
        if ease(text.language, &all) < HARD
            && let Some(first) = running.iter().max_by_key(|piece| piece.block.words.len())
        {
            found.push(whole(Rule::Readability, first));
        }
    }
}

/// Three capital words in a row, or two marks in a row, or three marks in all.
fn shouts(block: &Block, subject: bool) -> bool {
    let capital = |word: &str| {
        let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
        letters >= 2 && !word.chars().any(char::is_lowercase)
    };
    let mut row = 0;
    let capitals = block.words.split_whitespace().any(|word| {
        let short = word.chars().filter(|letter| letter.is_alphabetic()).count() < 2;
        row = if capital(word) {
            row + 1
        } else if short && row > 0 {
            row
        } else {
            0
        };
        row >= 3
    });
    let marks: String = block
        .words
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let marked = ["!!", "?!", "!?", "‼", "⁉", "???"]
        .iter()
        .any(|mark| marks.contains(mark));
    let most = if subject { 2 } else { 3 };
    capitals || marked || marks.matches('!').count() >= most
}

/// How easy it is: Flesch 1948 for English (206.835 - 1.015 ASL - 84.6 ASW), Kandel and Moles 1958 for French
/// (207 - 1.015 ASL - 73.6 ASW), with words a sentence (ASL) and syllables a word (ASW).
pub(crate) fn ease(language: Language, text: &str) -> f64 {
    let (plain, _) = fold(text);
    let words: Vec<&str> = plain
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().any(char::is_alphabetic))
        .collect();
    let said = sentences(&plain).into_iter().filter(|range| {
        plain
            .get(range.clone())
            .is_some_and(|s| s.chars().any(char::is_alphabetic))
    });
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX)).max(1.0);
    let count = number(words.len());
    let long = count / number(said.count());
    let heavy = number(words.iter().map(|word| syllables(language, word)).sum()) / count;
    match language {
        Language::En => 206.835 - 1.015 * long - 84.6 * heavy,
        Language::Fr => 207.0 - 1.015 * long - 73.6 * heavy,
    }
}

/// Groups of vowels, but for a silent `e` at the end.
fn syllables(language: Language, word: &str) -> usize {
    let mut groups = 0;
    let mut within = false;
    for letter in word.chars() {
        let vowel = matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
        groups += usize::from(vowel && !within);
        within = vowel;
    }
    let silent = match language {
        Language::En => {
            word.ends_with('e') && !word.ends_with("le") || word.ends_with("ed") && word.len() > 4
        }
        Language::Fr => {
            word.ends_with('e') || word.ends_with("es") || (word.ends_with("ent") && word.len() > 5)
        }
    };
    (groups - usize::from(silent && groups > 1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_are_easier_than_heavy_ones() {
        for (language, plain, heavy) in [
            (
                Language::En,
                "The cat sat on the mat. It was warm.",
                "Notwithstanding organisational considerations, implementation necessitates comprehensive authorisation.",
            ),
            (
                Language::Fr,
                "Le chat dort sur le lit. Il a chaud.",
                "Nonobstant les considérations organisationnelles, l’implémentation nécessite une autorisation.",
            ),
        ] {
            assert!(ease(language, plain) > 80.0, "{}", ease(language, plain));
            assert!(ease(language, heavy) < 20.0, "{}", ease(language, heavy));
        }
    }
}
