//! What the checker of programs says, in the reader's language. The checker speaks English; French is a list of its
//! sentences with places for what was found (`faults.fr.txt`). What the list does not have stays English, and says so.
//!
//! Deliberately does not know: programs, what is a fault.

use honesty::Rule;
use std::sync::LazyLock;
use vocabulary::Language;

/// How deep a phrase may stand in a phrase.
const DEPTH: usize = 3;
/// The place of what was found.
const PLACE: &str = "{}";

/// A sentence of the checker in the reader's language; `None`: there is none but the English one.
pub fn fault(language: Language, sentence: &str) -> Option<String> {
    match language {
        Language::En => Some(sentence.to_owned()),
        Language::Fr => french(sentence, DEPTH),
    }
}

struct Phrase {
    /// What stands between the places.
    english: Vec<String>,
    french: String,
}

impl Phrase {
    fn new(english: &str, french: &str) -> Phrase {
        Phrase {
            english: english.split(PLACE).map(str::to_owned).collect(),
            french: french.to_owned(),
        }
    }
}

/// Those that say most by themselves first, so that a sentence is not taken for a looser one.
static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let lines: Vec<&str> = include_str!("faults.fr.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let pairs = lines.chunks(2).filter_map(|pair| match pair {
        [english, french] => Some(Phrase::new(english, french)),
        _ => None,
    });
    // What is honest is said in both languages where it is decided.
    let rules = Rule::ALL.iter().flat_map(|rule| {
        let [(why, way), (pourquoi, voie)] =
            [Language::En, Language::Fr].map(|language| (rule.why(language), rule.alternative(language)));
        [
            Phrase::new(
                &format!("`{{}}` {why} ({{}})"),
                &format!("`{{}}` {pourquoi} ({{}})"),
            ),
            Phrase::new(way, voie),
        ]
    });
    let mut phrases: Vec<Phrase> = pairs.chain(rules).collect();
    let letters = |phrase: &Phrase| phrase.english.iter().map(String::len).sum::<usize>();
    phrases.sort_by_key(|phrase| std::cmp::Reverse(letters(phrase)));
    phrases
});

fn french(sentence: &str, depth: usize) -> Option<String> {
    let (phrase, found) = PHRASES
        .iter()
        .find_map(|phrase| Some((phrase, found(&phrase.english, sentence)?)))?;
    let found = found.into_iter().map(|text| match depth {
        0 => text.to_owned(),
        _ => french(text, depth - 1).unwrap_or_else(|| text.to_owned()),
    });
    Some(filled(&phrase.french, &found.collect::<Vec<_>>()))
}

/// What stands at the places of a sentence, if it is of that form.
fn found<'a>(parts: &[String], sentence: &'a str) -> Option<Vec<&'a str>> {
    let (first, rest) = parts.split_first()?;
    let mut left = sentence.strip_prefix(first.as_str())?;
    let Some((last, between)) = rest.split_last() else {
        return left.is_empty().then(Vec::new);
    };
    let mut found = Vec::new();
    for part in between {
        let at = left.find(part.as_str()).filter(|at| *at > 0)?;
        let (text, after) = left.split_at_checked(at)?;
        found.push(text);
        left = after.strip_prefix(part.as_str())?;
    }
    let text = left.strip_suffix(last.as_str()).filter(|text| !text.is_empty())?;
    found.push(text);
    // What is found in backticks holds none.
    let quoted = |(place, text): (usize, &&str)| {
        let open = parts.get(place).is_some_and(|part| part.ends_with('`'));
        open && text.contains('`')
    };
    (!found.iter().enumerate().any(quoted)).then_some(found)
}

fn filled(french: &str, found: &[String]) -> String {
    let mut out = String::new();
    let mut rest = french;
    let mut next = 0;
    while let Some(at) = rest.find('{') {
        let (before, place) = rest.split_at(at);
        out.push_str(before);
        let number = place.get(1..2).and_then(|digit| digit.parse::<usize>().ok());
        let (text, length) = match number {
            _ if place.starts_with(PLACE) => {
                next += 1;
                (found.get(next - 1), PLACE.len())
            }
            Some(number) if place.get(2..3) == Some("}") => (found.get(number.wrapping_sub(1)), 3),
            _ => (None, 1),
        };
        match text {
            Some(text) => out.push_str(text),
            None => out.push_str(place.get(..length).unwrap_or_default()),
        }
        rest = place.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fr(text: &str) -> String {
        fault(Language::Fr, text).unwrap_or_else(|| panic!("no French for `{text}`"))
    }

    #[test]
    fn sentences_keep_what_was_found() {
        assert_eq!(
            fr("there is no key `whom` here"),
            "il n’y a pas de clé `whom` ici"
        );
        assert_eq!(
            fr("a number is expected here, and this is a list"),
            "ici on attend un nombre, et c’est une liste"
        );
        assert_eq!(fr("add `title:`: what people read of it"), "ajoutez `title:`");
        assert_eq!(
            fr("there is no segment `regulars`"),
            "il n’y a pas de segment `regulars`"
        );
        assert_eq!(
            fr("write it, `{}` if nothing is collected"),
            "écrivez-le, `{}` si rien n’est collecté"
        );
        assert_eq!(
            fr("journey `a` → trait `b` is not declared for `segment`"),
            "parcours `a` → trait `b` n’est pas déclaré pour `segment`"
        );
    }

    #[test]
    fn what_the_list_does_not_have_stays_english() {
        assert_eq!(fault(Language::Fr, "it is raining"), None);
        assert_eq!(
            fault(Language::En, "it is raining").as_deref(),
            Some("it is raining")
        );
    }

    #[test]
    fn the_list_is_pairs_with_as_many_places() {
        let text = include_str!("faults.fr.txt");
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        assert_eq!(lines.len() % 2, 0);
        for pair in lines.chunks(2) {
            let places = pair[1].matches('{').count() - pair[1].matches("{`").count();
            let english = pair[0].matches(PLACE).count();
            assert!(places == english || pair[1].contains("{1}"), "{pair:?}");
            for bad in [" :", " ;", " ?", " !", " %", "'"] {
                let outside: String = pair[1].split('`').step_by(2).collect();
                assert!(!outside.contains(bad), "{pair:?} has `{bad}`");
            }
        }
    }

    /// Every sentence that stands in the checker's source has its French one.
    #[test]
    fn every_sentence_of_the_checker_is_in_french() {
        let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../program/src");
        let mut missing = Vec::new();
        for file in [
            "read.rs",
            "read/entry.rs",
            "read/flow.rs",
            "read/honest.rs",
            "read/journey.rs",
            "read/link.rs",
            "read/link/whole.rs",
            "read/message.rs",
            "read/parts.rs",
            "read/predicate.rs",
            "shape/check.rs",
            "shape/form.rs",
            "tree.rs",
        ] {
            let text = std::fs::read_to_string(format!("{sources}/{file}")).unwrap();
            let code: String = text
                .split("#[cfg(test)]")
                .next()
                .unwrap()
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .map(|line| format!("{line}\n"))
                .collect();
            for sentence in literals(&code) {
                let words = sentence
                    .split(' ')
                    .filter(|word| word.len() > 2 && !word.contains('{'))
                    .count();
                if words < 3 || sentence.starts_with('^') {
                    continue;
                }
                // Places as they would be filled.
                let mut filled = String::new();
                let mut inside = false;
                for letter in sentence.chars() {
                    match letter {
                        '{' => inside = true,
                        '}' if inside => {
                            inside = false;
                            filled.push('x');
                        }
                        letter if !inside => filled.push(letter),
                        _ => {}
                    }
                }
                // What is written so in a file.
                if french(&filled, DEPTH).is_none() && french(&sentence, DEPTH).is_none() {
                    missing.push(format!("{file}: {sentence}"));
                }
            }
        }
        assert!(missing.is_empty(), "{}", missing.join("\n"));
    }

    /// The texts in quotes of a source, with what is broken over lines joined.
    fn literals(code: &str) -> Vec<String> {
        let (mut all, mut rest) = (Vec::new(), code);
        while let Some(at) = rest.find('"') {
            // A letter in quotes of its own.
            if rest[..at].ends_with('\'') {
                rest = &rest[at + 1..];
                continue;
            }
            let mut text = String::new();
            let mut letters = rest[at + 1..].char_indices();
            let mut end = rest.len();
            while let Some((place, letter)) = letters.next() {
                match letter {
                    '\\' => match letters.next() {
                        Some((_, '\n')) => {
                            let after = letters.as_str().trim_start();
                            letters = after.char_indices();
                            let skipped = rest.len() - after.len();
                            rest = &rest[skipped..];
                            // From here on places count from `rest`.
                            let (more, used) = until_quote(rest);
                            text.push_str(&more);
                            end = used;
                            break;
                        }
                        Some((_, letter)) => text.push(letter),
                        None => break,
                    },
                    '"' => {
                        end = at + 1 + place + 1;
                        break;
                    }
                    letter => text.push(letter),
                }
            }
            all.push(text);
            rest = &rest[end.min(rest.len())..];
        }
        all
    }

    /// Up to the quote that ends a text, and how many bytes that took.
    fn until_quote(text: &str) -> (String, usize) {
        let mut out = String::new();
        let mut rest = text;
        loop {
            let Some(at) = rest.find(['"', '\\']) else {
                return (out, text.len());
            };
            out.push_str(&rest[..at]);
            let (mark, after) = rest[at..].split_at(1);
            if mark == "\"" {
                return (out, text.len() - after.len());
            }
            rest = match after.strip_prefix('\n') {
                Some(after) => after.trim_start(),
                None => {
                    out.push_str(&after[..1]);
                    &after[1..]
                }
            };
        }
    }

    proptest! {
        #[test]
        fn no_sentence_makes_it_panic(text in "\\PC{0,80}") {
            let _ = french(&text, DEPTH);
        }
    }
}
