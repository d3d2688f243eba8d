//! Tags, attributes, entities and the few styles that tell how words look.
//!
//! Deliberately does not know: which tags are valid where, style sheets.

use crate::text::Look;

/// A tag as it is written.
pub(super) struct Tag<'a> {
    pub(super) name: String,
    pub(super) closes: bool,
    pub(super) empty: bool,
    /// Bytes, brackets included.
    pub(super) length: usize,
    attributes: Vec<(String, &'a str)>,
}

/// The tag that the text begins with.
pub(super) fn tag(text: &str) -> Option<Tag<'_>> {
    let mut quote = None;
    let end = text.char_indices().skip(1).find(|(_, letter)| {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(*letter),
            (Some(open), letter) if open == *letter => quote = None,
            _ => {}
        }
        quote.is_none() && *letter == '>'
    });
    let (end, _) = end?;
    let inner = text.get(1..end)?;
    let closes = inner.starts_with('/');
    let empty = inner.ends_with('/');
    let inner = inner.trim_start_matches('/').trim_end_matches('/');
    let name: String = inner
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | ':' | '!' | '?'))
        .collect::<String>()
        .to_ascii_lowercase();
    if name.is_empty() {
        return None;
    }
    let attributes = attributes(inner.get(name.len()..).unwrap_or_default());
    Some(Tag {
        name,
        closes,
        empty,
        length: end + 1,
        attributes,
    })
}

fn attributes(text: &str) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(end) = rest
        .find(|letter: char| letter.is_whitespace() || letter == '=')
        .or((!rest.is_empty()).then_some(rest.len()))
    {
        let (name, after) = rest.split_at(end);
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('=') {
            None => ("", after),
            Some(value) => {
                let value = value.trim_start();
                match value.chars().next() {
                    Some(quote @ ('"' | '\'')) => value
                        .get(1..)
                        .and_then(|value| value.split_once(quote))
                        .unwrap_or((value, "")),
                    _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
                }
            }
        };
        if name.is_empty() && value.is_empty() {
            break;
        }
        found.push((name.to_ascii_lowercase(), value));
        rest = after.trim_start();
    }
    found
}

impl Tag<'_> {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes
            .iter()
            .any(|(known, value)| known == name && !value.eq_ignore_ascii_case("false"))
    }

    fn style(&self, name: &str) -> Option<&str> {
        let styles = self.get("style").unwrap_or_default();
        let own = styles.split(';').filter_map(|one| one.split_once(':'));
        let mut own = own
            .filter(|(known, _)| known.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim());
        own.next_back().or_else(|| self.get(name))
    }

    /// Whether it gives itself a ground, as buttons do.
    pub(super) fn paints(&self) -> bool {
        ["background", "background-color"]
            .iter()
            .any(|name| self.style(name).and_then(colour).is_some())
    }

    /// How it looks, within something of that look.
    pub(super) fn look(&self, around: Look) -> Look {
        let size = self.style("font-size").and_then(|value| size(value, around.size));
        let small = (self.name == "small").then(|| around.size.unwrap_or(16.0) * 0.83);
        let is = |name: &str, value: &str| {
            self.style(name)
                .is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        // A button of MJML is dark with white letters where nothing else is said.
        let (letters, ground) = match self.name.as_str() {
            "mj-button" => (Some([255; 3]), Some([0x41; 3])),
            _ => (None, None),
        };
        Look {
            size: size.or(small).or(around.size),
            colour: self.style("color").and_then(colour).or(letters).or(around.colour),
            ground: ["background", "background-color"]
                .iter()
                .find_map(|name| self.style(name).and_then(colour))
                .or(ground)
                .or(around.ground),
            hidden: around.hidden || is("display", "none") || is("visibility", "hidden"),
        }
    }
}

fn size(value: &str, around: Option<f32>) -> Option<f32> {
    let value = value.trim();
    let number = |unit: &str| value.strip_suffix(unit)?.trim().parse::<f32>().ok();
    number("px")
        .or_else(|| Some(number("pt")? * 4.0 / 3.0))
        .or_else(|| Some(number("rem")? * 16.0))
        .or_else(|| Some(number("em")? * around.unwrap_or(16.0)))
        .or_else(|| Some(number("%")? / 100.0 * around.unwrap_or(16.0)))
}

fn colour(value: &str) -> Option<[u8; 3]> {
    let value = value.split_whitespace().next()?.to_ascii_lowercase();
    let named = [
        ("white", [255; 3]),
        ("black", [0; 3]),
        ("gray", [128; 3]),
        ("grey", [128; 3]),
        ("silver", [192; 3]),
        ("lightgray", [211; 3]),
        ("lightgrey", [211; 3]),
        ("whitesmoke", [245; 3]),
        ("gainsboro", [220; 3]),
        ("red", [255, 0, 0]),
        ("green", [0, 128, 0]),
        ("blue", [0, 0, 255]),
        ("orange", [255, 165, 0]),
    ];
    if let Some((_, found)) = named.iter().find(|(name, _)| *name == value) {
        return Some(*found);
    }
    let digits = value.strip_prefix('#')?;
    let digit = |at: usize, length: usize| u8::from_str_radix(digits.get(at..at + length)?, 16).ok();
    match digits.len() {
        3 => Some([digit(0, 1)? * 17, digit(1, 1)? * 17, digit(2, 1)? * 17]),
        6 => Some([digit(0, 2)?, digit(2, 2)?, digit(4, 2)?]),
        _ => None,
    }
}

/// The letter that an entity stands for, and its bytes.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.find(';').filter(|end| *end <= 10)?;
    let name = text.get(1..end)?;
    let number = || {
        let digits = name.strip_prefix('#')?;
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        char::from_u32(code)
    };
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "rsquo" | "lsquo" => '\'',
        "nbsp" => '\u{a0}',
        "eacute" => 'é',
        "egrave" => 'è',
        "ecirc" => 'ê',
        "agrave" => 'à',
        "acirc" => 'â',
        "ccedil" => 'ç',
        "ocirc" => 'ô',
        "ucirc" => 'û',
        "ugrave" => 'ù',
        "icirc" => 'î',
        "Eacute" => 'É',
        "Agrave" => 'À',
        "euro" => '€',
        "pound" => '£',
        "laquo" => '«',
        "raquo" => '»',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "shy" => '\u{ad}',
        "zwnj" => '\u{200c}',
        _ => number()?,
    };
    Some((letter, end + 1))
}
