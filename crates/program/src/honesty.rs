//! Words that claim urgency, scarcity, a crowd or a discount, found in what a message says. A claim needs a
//! fact; which words claim is in `honesty.txt`.
//!
//! Deliberately does not know: facts, or whether one holds now.

use crate::fault::Mark;
use std::sync::LazyLock;

const WORDS: &str = include_str!("honesty.txt");

struct Phrase {
    claim: &'static str,
    words: String,
    /// The last word may go on.
    open: bool,
}

static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let mut claim = "";
    let mut phrases = Vec::new();
    for line in WORDS.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            claim = name;
            continue;
        }
        let (words, open) = match line.strip_suffix('*') {
            Some(words) => (words, true),
            None => (line, false),
        };
        phrases.push(Phrase {
            claim,
            words: words.to_owned(),
            open,
        });
    }
    phrases
});

/// The first place of each claim that the text makes: which claim, by which words, and where.
pub(crate) fn claims(text: &str) -> Vec<(&'static str, &'static str, Mark)> {
    let (plain, marks) = plain(text);
    let mut found: Vec<(&'static str, &'static str, Mark)> = Vec::new();
    for phrase in PHRASES.iter() {
        let Some(at) = place(&plain, phrase) else { continue };
        let mark = marks.get(at).copied().unwrap_or(Mark::START);
        match found.iter_mut().find(|(claim, _, _)| *claim == phrase.claim) {
            Some(known) if known.2 <= mark => {}
            Some(known) => *known = (phrase.claim, &phrase.words, mark),
            None => found.push((phrase.claim, &phrase.words, mark)),
        }
    }
    found
}

/// In lower case, with plain apostrophes and single spaces; and where each byte came from.
fn plain(text: &str) -> (String, Vec<Mark>) {
    let mut plain = String::with_capacity(text.len());
    let mut marks = Vec::with_capacity(text.len());
    let mut mark = Mark::START;
    for letter in text.chars() {
        let at = mark;
        if letter == '\n' {
            mark.line = mark.line.saturating_add(1);
            mark.column = 1;
        } else {
            mark.column = mark.column.saturating_add(1);
        }
        let before = plain.len();
        match letter {
            '’' | 'ʼ' => plain.push('\''),
            '‑' => plain.push('-'),
            '\u{ad}' | '\u{200b}' => {}
            _ if letter.is_whitespace() => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            _ => plain.extend(letter.to_lowercase()),
        }
        marks.extend(std::iter::repeat_n(at, plain.len() - before));
    }
    (plain, marks)
}

fn place(plain: &str, phrase: &Phrase) -> Option<usize> {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let words = phrase.words.as_str();
    let (opens, closes) = (letter(words.chars().next()), letter(words.chars().next_back()));
    plain.match_indices(words).map(|(at, _)| at).find(|at| {
        let before = plain.get(..*at).and_then(|before| before.chars().next_back());
        let after = plain
            .get(at + words.len()..)
            .and_then(|after| after.chars().next());
        !(opens && letter(before)) && (phrase.open || !(closes && letter(after)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_found_in_both_languages_and_where() {
        let found = claims("<p>Bonjour,</p>\n<p>C’est la  Dernière\u{a0}chance\u{202f}!</p>");
        assert_eq!(
            found,
            [("urgency", "dernière chance", Mark { line: 2, column: 14 })]
        );
        let found: Vec<&str> = claims("Hurry: 20\u{a0}% off, almost sold out, a bestseller")
            .into_iter()
            .map(|(claim, _, _)| claim)
            .collect();
        assert_eq!(found, ["urgency", "scarcity", "social_proof", "discount"]);
        assert!(claims("Churrying on with nos soldatesques. Rien ne presse.").is_empty());
        assert!(claims("There is no hurr y, and nothing on salespeople.").is_empty());
    }
}
