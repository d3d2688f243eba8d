//! Finds what is of a special category by the words it goes by, declared or not: names of traits, fields and
//! events, values, names and categories of items. What gives an intimate fact away is as special as the
//! fact itself (CJEU C-184/20).
//!
//! A list of words finds what people call by its name, in French and in English. It does not find what hides
//! behind a code, so the team declares too; and it errs on the side of the person.
//!
//! Deliberately does not know: people, policies.

use serde_json::Value;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The list: `charter/special_words.txt`.
pub(crate) const WORDS: &str = include_str!("../../../../charter/special_words.txt");
/// Depth of a value that is looked into.
const MOST_DEPTH: usize = 8;

/// What a word gives away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    /// Health (GDPR art. 9).
    Health,
    /// Religious or philosophical belief.
    Belief,
    /// Political opinion.
    Opinion,
    /// Trade union membership.
    Union,
    /// Racial or ethnic origin.
    Origin,
    /// Sex life or sexual orientation.
    SexLife,
    /// Genetic data.
    Genetic,
    /// Biometric data.
    Biometric,
    /// Criminal convictions and offences (GDPR art. 10).
    Offence,
    /// Distress that could be exploited: debt, addiction, grief (AI Act art. 5(1)(b)).
    Frailty,
}

impl Category {
    const ALL: [(&'static str, Category); 10] = [
        ("health", Category::Health),
        ("belief", Category::Belief),
        ("opinion", Category::Opinion),
        ("union", Category::Union),
        ("origin", Category::Origin),
        ("sex_life", Category::SexLife),
        ("genetic", Category::Genetic),
        ("biometric", Category::Biometric),
        ("offence", Category::Offence),
        ("frailty", Category::Frailty),
    ];

    /// The name used in the list and in errors.
    pub fn as_str(self) -> &'static str {
        let found = Category::ALL.into_iter().find(|(_, category)| *category == self);
        found.map_or("", |(name, _)| name)
    }
}

/// What is looked at: in names of the team's own some words tell more than in what people write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The name of a trait, a field or an event.
    Name,
    /// A value, or the name or category of an item.
    Text,
}

/// One entry of the list: words in a row.
struct Term {
    words: Vec<&'static str>,
    /// The last word may go on.
    open: bool,
    names_only: bool,
    category: Category,
}

/// The terms by the first letters of their first word, so that few are compared.
static TERMS: LazyLock<HashMap<[u8; 2], Vec<Term>>> = LazyLock::new(|| {
    let mut terms: HashMap<[u8; 2], Vec<Term>> = HashMap::new();
    let mut section = None;
    for line in WORDS.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = Category::ALL.into_iter().find(|(known, _)| *known == name);
            continue;
        }
        let Some((_, category)) = section else { continue };
        let (names_only, text) = match line.strip_prefix("name:") {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        let (open, text) = match text.strip_suffix('*') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        terms.entry(head(text)).or_default().push(Term {
            words: text.split(' ').collect(),
            open,
            names_only,
            category,
        });
    }
    terms
});

/// The first word or words that give something away, and what.
pub fn found(text: &str, place: Place) -> Option<(String, Category)> {
    let words = words(text);
    (0..words.len()).find_map(|at| {
        let rest = words.get(at..)?;
        let term = TERMS
            .get(&head(rest.first()?))?
            .iter()
            .find(|term| (place == Place::Name || !term.names_only) && fits(term, rest))?;
        Some((rest.get(..term.words.len())?.join(" "), term.category))
    })
}

/// As [`found`], for every text in a JSON value, with the names of fields that nobody declared.
pub fn in_value(value: &Value) -> Option<(String, Category)> {
    at_depth(value, 0)
}

fn at_depth(value: &Value, depth: usize) -> Option<(String, Category)> {
    if depth > MOST_DEPTH {
        return None;
    }
    match value {
        Value::String(text) => found(text, Place::Text),
        Value::Array(values) => values.iter().find_map(|value| at_depth(value, depth + 1)),
        Value::Object(fields) => fields.values().find_map(|value| at_depth(value, depth + 1)),
        _ => None,
    }
}

fn fits(term: &Term, words: &[String]) -> bool {
    let Some((last, before)) = term.words.split_last() else {
        return false;
    };
    let Some(word) = words.get(before.len()) else {
        return false;
    };
    let last_fits = match term.open {
        true => word.starts_with(last),
        false => is_word(word, last),
    };
    last_fits
        && before
            .iter()
            .zip(words)
            .all(|(expected, word)| is_word(word, expected))
}

/// The word itself or its plural.
fn is_word(word: &str, expected: &str) -> bool {
    word.strip_prefix(expected)
        .is_some_and(|rest| matches!(rest, "" | "s" | "x"))
}

fn head(word: &str) -> [u8; 2] {
    let mut bytes = word.bytes();
    [bytes.next().unwrap_or(0), bytes.next().unwrap_or(b' ')]
}

/// The words of a text: small letters without accents; `favouriteDiet` and `favourite_diet` are two words.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut small_before = false;
    for letter in text.chars() {
        let ends = !letter.is_alphanumeric() || (letter.is_uppercase() && small_before);
        if ends && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        small_before = letter.is_lowercase() || letter.is_ascii_digit();
        if letter.is_alphanumeric() {
            letter.to_lowercase().for_each(|letter| plain(letter, &mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A letter without its accent. A combining accent is no letter and ends the word, so it is taken off too.
fn plain(letter: char, word: &mut String) {
    let letter = match letter {
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' | 'ì' => 'i',
        'ñ' => 'n',
        'ô' | 'ö' | 'ó' | 'ò' | 'õ' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ÿ' | 'ý' => 'y',
        'œ' => return word.push_str("oe"),
        'æ' => return word.push_str("ae"),
        other => other,
    };
    word.push(letter);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, place: Place, expected: Option<Category>) {
        assert_eq!(
            found(text, place).map(|(_, category)| category),
            expected,
            "{text}"
        );
    }

    #[test]
    fn names_that_give_something_away_are_found_in_both_languages() {
        for (name, category) in [
            ("religion", Category::Belief),
            ("favourite_diet", Category::Health),
            ("régimeAlimentaire", Category::Health),
            ("isPregnant", Category::Health),
            ("date_grossesse", Category::Health),
            ("Opinions politiques", Category::Opinion),
            ("politicalParty", Category::Opinion),
            ("adhérent-syndical", Category::Union),
            ("ETHNICITY", Category::Origin),
            ("skin_color", Category::Origin),
            ("orientation sexuelle", Category::SexLife),
            ("sexual_orientation", Category::SexLife),
            ("test_adn", Category::Genetic),
            ("fingerprint_hash", Category::Biometric),
            ("casier_judiciaire", Category::Offence),
            ("credit_score", Category::Frailty),
            ("diabétiques", Category::Health),
            ("Halal menus", Category::Belief),
        ] {
            check(name, Place::Name, Some(category));
        }
    }

    #[test]
    fn everyday_words_are_left_alone() {
        for name in [
            "plan",
            "favourite_colour",
            "first_name",
            "gender",
            "country",
            "customer_number",
            "age_bracket",
            "party_size",
            "race_distance_km",
            "european_union",
            "church_street",
            "loyalty_points",
            "page",
            "Order Completed",
            "products.product_id",
            "weighting",
            "istanbul",
            "gaynor",
            "hivernal",
            "assist",
        ] {
            let expected = match name {
                // Ambiguous names are asked about: the team says why they are not special.
                "race_distance_km" => Some(Category::Origin),
                "church_street" => Some(Category::Belief),
                _ => None,
            };
            check(name, Place::Name, expected);
        }
        for text in [
            "Race car poster",
            "Origin of species mug",
            "Vote for your favourite",
            "Kitchen weight scale",
        ] {
            check(text, Place::Text, None);
        }
    }

    #[test]
    fn values_are_looked_into() {
        let value = serde_json::json!(["cooking", {"more": ["Ramadan 2026"]}]);
        assert_eq!(in_value(&value), Some(("ramadan".to_owned(), Category::Belief)));
        assert_eq!(
            in_value(&serde_json::json!({"religion": 1, "n": [1, true, null]})),
            None
        );
    }

    #[test]
    fn the_list_is_well_formed_and_finds_each_of_its_own_words() {
        for line in WORDS
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with(['#', '[']))
        {
            let text = line.strip_prefix("name: ").unwrap_or(line);
            let text = text.strip_suffix('*').unwrap_or(text);
            let allowed = |b: u8| b.is_ascii_lowercase() || b == b' ';
            assert!(text.bytes().all(allowed) && text.trim() == text, "`{line}`");
            assert!(found(text, Place::Name).is_some(), "`{line}`");
        }
        for (name, category) in Category::ALL {
            assert!(WORDS.contains(&format!("\n[{name}]\n")), "{name}");
            assert_eq!(category.as_str(), name);
        }
    }
}
