//! Cuts the inside of a tag or an output into words.
//!
//! Deliberately does not know: what the words mean.

use crate::fault::Faults;
use crate::scan::{Places, white};

/// A word.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Token<'s> {
    /// A name.
    Name(&'s str),
    /// A text, without its quotes.
    Text(&'s str),
    /// A number as it was written.
    Number(&'s str),
    /// `==` and the like, or `contains`.
    Compare(&'s str),
    /// Any other mark: `|`, `.`, `..`, `:`, `,`, `[`, `]`, `(`, `)`, `=`.
    Mark(&'s str),
}

/// Words with the byte where each begins, and where the last one ends.
pub(crate) struct Words<'s> {
    tokens: Vec<(Token<'s>, usize)>,
    next: usize,
    end: usize,
    source: &'s str,
    start: usize,
}

const MARKS: [&str; 10] = ["..", "|", ".", ":", ",", "[", "]", "(", ")", "="];
const COMPARISONS: [&str; 7] = ["==", "!=", "<>", "<=", ">=", "<", ">"];

impl<'s> Words<'s> {
    /// `None`, with a fault, if there is a letter that no word begins with.
    pub(crate) fn cut(
        source: &'s str,
        at: usize,
        places: &Places<'_>,
        faults: &mut Faults,
    ) -> Option<Words<'s>> {
        let mut tokens = Vec::new();
        let mut rest = source.trim_start_matches(white);
        while !rest.is_empty() {
            let here = at + source.len() - rest.len();
            let Some((token, length)) = first(rest) else {
                let (message, mend) = unknown(rest);
                faults.add(places.of(here), message, mend);
                return None;
            };
            tokens.push((token, here));
            rest = rest.get(length..).unwrap_or_default().trim_start_matches(white);
        }
        Some(Words {
            tokens,
            next: 0,
            end: at + source.len(),
            source,
            start: at,
        })
    }

    pub(crate) fn peek(&self) -> Option<Token<'s>> {
        self.ahead(0)
    }

    pub(crate) fn ahead(&self, by: usize) -> Option<Token<'s>> {
        self.tokens.get(self.next + by).map(|(token, _)| *token)
    }

    /// The byte where the next word begins.
    pub(crate) fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(_, at)| *at)
    }

    pub(crate) fn take(&mut self) -> Option<Token<'s>> {
        let token = self.peek();
        self.next += usize::from(token.is_some());
        token
    }

    pub(crate) fn mark(&mut self, mark: &str) -> bool {
        let found = self.peek() == Some(Token::Mark(mark));
        self.next += usize::from(found);
        found
    }

    pub(crate) fn word(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(Token::Name(word));
        self.next += usize::from(found);
        found
    }

    /// What was written from one byte to the next word, without white space at its end.
    pub(crate) fn written(&self, from: usize) -> &'s str {
        let range = from.saturating_sub(self.start)..self.at().saturating_sub(self.start);
        self.source.get(range).unwrap_or_default().trim_end_matches(white)
    }
}

fn first(rest: &str) -> Option<(Token<'_>, usize)> {
    let letter = rest.chars().next()?;
    if let quote @ ('"' | '\'') = letter {
        let text = rest.get(1..)?;
        let length = text.find(quote)?;
        return Some((Token::Text(text.get(..length)?), length + 2));
    }
    let sign = usize::from(letter == '-');
    if rest.as_bytes().get(sign).is_some_and(u8::is_ascii_digit) {
        let digits = |from: usize| from + rest.bytes().skip(from).take_while(u8::is_ascii_digit).count();
        let mut length = digits(sign);
        if rest.as_bytes().get(length) == Some(&b'.') && digits(length + 1) > length + 1 {
            length = digits(length + 1);
        }
        return Some((Token::Number(rest.get(..length)?), length));
    }
    if letter.is_ascii_alphabetic() || letter == '_' {
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let mut length = rest.bytes().take_while(|byte| inside(byte)).count();
        length += usize::from(rest.as_bytes().get(length) == Some(&b'?'));
        let name = rest.get(..length)?;
        let token = if name == "contains" {
            Token::Compare(name)
        } else {
            Token::Name(name)
        };
        return Some((token, length));
    }
    if let Some(sign) = COMPARISONS.iter().find(|sign| rest.starts_with(**sign)) {
        return Some((Token::Compare(sign), sign.len()));
    }
    MARKS
        .iter()
        .find(|mark| rest.starts_with(**mark))
        .map(|mark| (Token::Mark(mark), mark.len()))
}

fn unknown(rest: &str) -> (String, &'static str) {
    let letter = rest.chars().next().unwrap_or_default();
    match letter {
        '"' | '\'' => (
            "this text is not closed".to_owned(),
            "end it with the quote it began with",
        ),
        '$' => (
            "`${…}` is Braze's way to name a value".to_owned(),
            "write `person.first_name` for `${first_name}`",
        ),
        '“' | '”' | '’' | '‘' | '«' | '»' => (
            format!("`{letter}` is a typographic quote"),
            "write texts in straight quotes: \"…\" or '…'",
        ),
        '+' | '*' | '/' | '%' | '-' => (
            format!("`{letter}` does not calculate"),
            "use a filter: `plus`, `minus`, `times`, `divided_by`, `modulo`",
        ),
        '&' => ("`&` joins nothing".to_owned(), "write `and`, or `or`"),
        '!' => ("`!` does not negate".to_owned(), "write `unless`, or `!=`"),
        '{' | '}' => (
            format!("a brace `{letter}` inside a tag"),
            "close the tag before it; inside a tag, names stand without braces",
        ),
        letter => (
            format!("`{letter}` cannot stand here"),
            "names are of the letters a to z, digits, `_` and `-`; texts stand in quotes",
        ),
    }
}
