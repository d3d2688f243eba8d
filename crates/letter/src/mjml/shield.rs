//! Puts words in the place of what the renderer must not see, and back again.

use super::{Fault, Limits, fault};

/// Elements that hold HTML and no MJML: their content is put aside as a whole.
const HOLDS_HTML: [&str; 11] = [
    "mj-text",
    "mj-button",
    "mj-raw",
    "mj-table",
    "mj-title",
    "mj-preview",
    "mj-style",
    "mj-navbar-link",
    "mj-social-element",
    "mj-accordion-title",
    "mj-accordion-text",
];
/// Digits of a word's number.
const DIGITS: usize = 6;

/// Text without Liquid, and what stood where.
pub(super) struct Shield<'s> {
    pub(super) text: String,
    prefix: String,
    /// Where it starts in the source, where its word starts in the text, and what it is.
    pieces: Vec<Piece<'s>>,
}

struct Piece<'s> {
    source_at: usize,
    text_at: usize,
    content: &'s str,
    /// Within a comment, which is not rendered.
    comment: bool,
}

/// Where the scanner stands.
enum Place {
    Content,
    /// Within `<…>`, and the quotation mark that ends the value, if one is open.
    Tag(Option<char>),
}

/// Puts aside all Liquid. Faults: what may not be in a template.
pub(super) fn raise<'s>(source: &'s str, limits: &Limits) -> Result<Shield<'s>, Vec<Fault>> {
    let mut shield = Shield {
        text: String::with_capacity(source.len()),
        prefix: prefix(source),
        pieces: Vec::new(),
    };
    let mut faults = Vec::new();
    let mut place = Place::Content;
    let mut open: Vec<&str> = Vec::new();
    let mut elements = 0;
    // The element whose start is being read.
    let mut name = "";
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = liquid(rest).or_else(|| foreign(rest)) {
            shield.put(source, at, length, false);
            at += length;
            continue;
        }
        if matches!(place, Place::Content) && rest.starts_with("<!--") {
            let length = rest.find("-->").map_or(rest.len(), |end| end + 3);
            shield.comment(source, at, length);
            at += length;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        let mut step = c.len_utf8();
        shield.text.push(c);
        place = match (place, c) {
            (Place::Content, '<') => {
                let after = rest.get(1..).unwrap_or_default();
                if let Some(closed) = after.strip_prefix('/') {
                    if open.last().is_some_and(|last| *last == tag_name(closed)) {
                        open.pop();
                    }
                } else {
                    name = tag_name(after);
                    elements += 1;
                    open.push(name);
                    if name == "mj-include" || name == "mj-font" {
                        faults.push(refused(source, at, name));
                    }
                    if open.len() > limits.depth || elements > limits.elements {
                        let message = format!(
                            "more than {} elements, or {} within each other",
                            limits.elements, limits.depth
                        );
                        faults.push(fault(source, at, message, "make the template simpler"));
                        return Err(faults);
                    }
                }
                Place::Tag(None)
            }
            (Place::Content, _) => Place::Content,
            (Place::Tag(Some(quote)), c) if c == quote => Place::Tag(None),
            (Place::Tag(Some(quote)), _) => Place::Tag(Some(quote)),
            (Place::Tag(None), '"' | '\'') => Place::Tag(Some(c)),
            (Place::Tag(None), '>') => {
                if source.get(..at).is_some_and(|before| before.ends_with('/')) && open.last() == Some(&name)
                {
                    open.pop();
                } else if HOLDS_HTML.contains(&name) && open.last() == Some(&name) {
                    let inside = rest.get(1..).unwrap_or_default();
                    let length = end_of(inside, name);
                    if inside
                        .get(..length)
                        .is_some_and(|content| !content.trim().is_empty())
                    {
                        shield.put(source, at + 1, length, false);
                        step += length;
                    }
                }
                name = "";
                Place::Content
            }
            (Place::Tag(None), _) => Place::Tag(None),
        };
        at += step;
    }
    match faults.is_empty() {
        true => Ok(shield),
        false => Err(faults),
    }
}

fn refused(source: &str, at: usize, name: &str) -> Fault {
    match name {
        "mj-include" => fault(
            source,
            at,
            "`mj-include` is refused: a template is one file".to_owned(),
            "write out what was included",
        ),
        _ => fault(
            source,
            at,
            "`mj-font` is refused: the font's server would see each opening".to_owned(),
            "name fonts that readers have, such as `font-family=\"Georgia, serif\"`",
        ),
    }
}

impl<'s> Shield<'s> {
    fn put(&mut self, source: &'s str, at: usize, length: usize, comment: bool) {
        let Some(content) = source.get(at..at + length) else {
            return;
        };
        self.pieces.push(Piece {
            source_at: at,
            text_at: self.text.len(),
            content,
            comment,
        });
        let word = format!("{}{:0DIGITS$}z", self.prefix, self.pieces.len() - 1);
        self.text.push_str(&word);
    }

    /// A comment: what is in it is not rendered, but `--` and `<` of Liquid would end it.
    fn comment(&mut self, source: &'s str, at: usize, length: usize) {
        self.text.push_str("<!--");
        self.put(source, at, length, true);
        self.text.push_str("-->");
    }

    /// Where in the source that stands which stands there in the text.
    pub(super) fn source_offset(&self, text_at: usize) -> usize {
        let word = self.prefix.len() + DIGITS + 1;
        let before = self.pieces.iter().rev().find(|piece| piece.text_at <= text_at);
        match before {
            Some(piece) if text_at < piece.text_at + word => piece.source_at,
            Some(piece) if piece.comment => {
                piece.source_at + piece.content.len() + text_at - piece.text_at - word - 3
            }
            Some(piece) => piece.source_at + piece.content.len() + text_at - piece.text_at - word,
            None => text_at,
        }
    }

    /// The rendered text with everything put back, and where in the source that stands which was lost. Stops a
    /// little after so many bytes.
    pub(super) fn lower(&self, rendered: &str, most: usize) -> (String, Vec<usize>) {
        let mut out = String::with_capacity(rendered.len());
        let mut seen = vec![false; self.pieces.len()];
        let mut rest = rendered;
        while let Some((before, after)) = rest.split_once(self.prefix.as_str()) {
            out.push_str(before);
            let number = after
                .get(..DIGITS)
                .and_then(|digits| digits.parse::<usize>().ok());
            let piece = number.and_then(|number| Some((self.pieces.get(number)?, seen.get_mut(number)?)));
            if let Some((piece, seen)) = piece {
                *seen = true;
                out.push_str(piece.content);
            }
            rest = after.get(DIGITS + 1..).unwrap_or_default();
            if out.len() > most {
                break;
            }
        }
        out.push_str(rest);
        let lost = self
            .pieces
            .iter()
            .zip(seen)
            .filter(|(piece, seen)| !seen && !piece.comment);
        let lost = lost.map(|(piece, _)| piece.source_at).collect();
        (out, lost)
    }
}

/// How long the tag or output of Liquid is that starts here, if one does. As in Ruby, the first end ends it.
fn liquid(text: &str) -> Option<usize> {
    let end = match text.get(..2)? {
        "{{" => "}}",
        "{%" => "%}",
        _ => return None,
    };
    text.find(end).map(|at| at + 2)
}

/// How long the run of letters outside ASCII is that starts here: the renderer's tokenizer cuts text at bytes, and
/// falls over between two of one letter.
fn foreign(text: &str) -> Option<usize> {
    let end = text.find(|c: char| c.is_ascii()).unwrap_or(text.len());
    (end > 0).then_some(end)
}

/// How long the content of an element is that holds HTML; what stands in Liquid does not end it.
fn end_of(inside: &str, name: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        let closes = rest
            .strip_prefix("</")
            .is_some_and(|after| tag_name(after) == name);
        if closes {
            return at;
        }
        at += liquid(rest)
            .or_else(|| rest.chars().next().map(char::len_utf8))
            .unwrap_or(1);
    }
    inside.len()
}

fn tag_name(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == ':'));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// A word that occurs nowhere in the source, of letters alone.
fn prefix(source: &str) -> String {
    let mut prefix = String::from("lqd");
    while source.contains(&prefix) {
        prefix.push('q');
    }
    prefix
}
