//! Words as they are compared: small letters without accents, one kind of apostrophe and of space.
//!
//! Deliberately does not know: what the words mean.

use crate::text::HOLE;

/// The compared form, and for each of its bytes the byte of the text it came from.
pub(crate) fn fold(text: &str) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(text.len());
    let mut from = Vec::with_capacity(text.len() + 1);
    for (at, letter) in text.char_indices() {
        let before = plain.len();
        match letter {
            '’' | 'ʼ' | '‘' | '`' | '´' => plain.push('\''),
            '‑' | '‐' | '–' | '—' | '−' => plain.push('-'),
            '“' | '”' | '«' | '»' | '„' => plain.push('"'),
            '…' => plain.push_str("..."),
            'œ' | 'Œ' => plain.push_str("oe"),
            'æ' | 'Æ' => plain.push_str("ae"),
            HOLE => plain.push(HOLE),
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{300}'..='\u{36f}' => {}
            _ if letter.is_whitespace() => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            _ => plain.extend(letter.to_lowercase().map(bare)),
        }
        from.extend(std::iter::repeat_n(at, plain.len() - before));
    }
    from.push(text.len());
    (plain, from)
}

fn bare(letter: char) -> char {
    match letter {
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' | 'ì' => 'i',
        'ô' | 'ö' | 'ó' | 'ò' | 'õ' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ÿ' => 'y',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

/// The sentences of a compared text, as ranges of its bytes.
pub(crate) fn sentences(plain: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut begin = 0;
    let mut letters = plain.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let ends = matches!(letter, '.' | '!' | '?' | '\n' | ';')
            && letters.peek().is_none_or(|(_, next)| *next == ' ');
        if ends {
            let end = at + letter.len_utf8();
            found.push(begin..end);
            begin = end;
        }
    }
    if begin < plain.len() {
        found.push(begin..plain.len());
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn accents_quotes_and_spaces_do_not_hide_words() {
        let (plain, from) = fold("DERNIÈRE\u{a0} chance\u{200b}, l’œuvre");
        assert_eq!(plain, "derniere chance, l'oeuvre");
        assert_eq!(from.len(), plain.len() + 1);
        assert_eq!(
            "DERNIÈRE\u{a0} chance\u{200b}, l’œuvre"
                .get(*from.get(9).unwrap()..)
                .unwrap()
                .chars()
                .next(),
            Some('c')
        );
    }

    #[test]
    fn sentences_end_at_stops_followed_by_space() {
        let text = "one. two 3.5 left! three";
        let parts: Vec<&str> = sentences(text)
            .into_iter()
            .map(|range| text.get(range).unwrap())
            .collect();
        assert_eq!(parts, ["one.", " two 3.5 left!", " three"]);
    }
}
