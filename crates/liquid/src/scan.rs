//! Cuts a template into text, outputs and tags, and takes white space away where `-` asks for it.
//!
//! Deliberately does not know: what tags mean, but for `raw` and `comment`, whose insides are not read.

use crate::fault::{Faults, Place};

/// A piece of a template; places are byte offsets in the source.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Piece<'s> {
    /// To be written as it is.
    Text { text: &'s str, at: usize },
    /// The inside of `{{ }}`.
    Output { body: &'s str, at: usize },
    /// The inside of `{% %}`, its name apart.
    Tag {
        name: &'s str,
        at: usize,
        body: &'s str,
        body_at: usize,
    },
}

/// Where bytes are in lines and columns.
pub(crate) struct Places<'s> {
    source: &'s str,
    /// The place of every so manieth byte, or of the letter that goes over it.
    known: Vec<(usize, Place)>,
}

/// Bytes between two known places.
const STRIDE: usize = 256;

impl<'s> Places<'s> {
    pub(crate) fn new(source: &'s str) -> Places<'s> {
        let mut known = vec![(0, START)];
        let mut place = START;
        for (at, letter) in source.char_indices() {
            if at >= known.len() * STRIDE {
                known.push((at, place));
            }
            place = place.after(letter);
        }
        Places { source, known }
    }

    pub(crate) fn of(&self, at: usize) -> Place {
        let near = self.known.partition_point(|(known, _)| *known <= at);
        let (from, place) = self
            .known
            .get(near.saturating_sub(1))
            .copied()
            .unwrap_or((0, START));
        let between = self.source.get(from..at).unwrap_or_default();
        between.chars().fold(place, Place::after)
    }
}

const START: Place = Place { line: 1, column: 1 };

/// White space as `-` and `strip` understand it.
pub(crate) fn white(letter: char) -> bool {
    matches!(letter, ' ' | '\t'..='\r')
}

/// All pieces, in their order.
pub(crate) fn scan<'s>(source: &'s str, places: &Places<'s>, faults: &mut Faults) -> Vec<Piece<'s>> {
    let mut scan = Scan {
        source,
        pieces: Vec::new(),
        trim: false,
        after_text: false,
        open: [false; 2],
    };
    let mut at = 0;
    while at < source.len() {
        at = scan.piece(at, places, faults);
    }
    scan.pieces
}

/// The lines of a `liquid` tag as tags.
pub(crate) fn lines<'s>(body: &'s str, at: usize) -> Vec<Piece<'s>> {
    let mut pieces = Vec::new();
    let (mut start, mut comment) = (at, 0_usize);
    for line in body.split('\n') {
        let (tag, offset) = trimmed(line, start);
        start += line.len() + 1;
        if tag.is_empty() {
            continue;
        }
        let piece = tag_of(tag, offset);
        let Piece::Tag { name, .. } = piece else { continue };
        match name {
            "comment" => comment += 1,
            "endcomment" if comment > 0 => comment -= 1,
            _ if comment > 0 => {}
            _ => pieces.push(piece),
        }
    }
    pieces
}

struct Scan<'s> {
    source: &'s str,
    pieces: Vec<Piece<'s>>,
    /// The piece before ended with `-`.
    trim: bool,
    after_text: bool,
    /// What is known to be closed nowhere from here on: values, tags.
    open: [bool; 2],
}

/// A tag or an output: its inside, and where what follows begins.
struct Marked<'s> {
    inside: &'s str,
    at: usize,
    left: bool,
    right: bool,
    end: usize,
}

impl<'s> Scan<'s> {
    fn rest(&self, at: usize) -> &'s str {
        self.source.get(at..).unwrap_or_default()
    }

    fn piece(&mut self, at: usize, places: &Places<'s>, faults: &mut Faults) -> usize {
        let rest = self.rest(at);
        let next = opening(rest).unwrap_or(rest.len());
        if next > 0 {
            self.text(rest.get(..next).unwrap_or_default(), at);
            return at + next;
        }
        let (close, what) = if rest.starts_with("{{") {
            ("}}", "value")
        } else {
            ("%}", "tag")
        };
        let open = if close == "}}" { 0 } else { 1 };
        let known = self.open.get(open).copied().unwrap_or_default();
        let Some(marked) = (!known).then(|| self.marked(at, close)).flatten() else {
            if let Some(open) = self.open.get_mut(open) {
                *open = true;
            }
            let end = at + 2 + opening(rest.get(2..).unwrap_or_default()).unwrap_or(rest.len() - 2);
            faults.add(
                places.of(at),
                format!("this {what} is not closed"),
                format!("write `{close}` at its end"),
            );
            return end;
        };
        self.begin(&marked);
        self.trim = marked.right;
        self.after_text = false;
        let (body, body_at) = trimmed(marked.inside, marked.at);
        if close == "}}" {
            self.pieces.push(Piece::Output { body, at: body_at });
            return marked.end;
        }
        let tag = tag_of(body, body_at);
        match tag {
            Piece::Tag { name: "raw", .. } => self.raw(&marked, places, faults),
            Piece::Tag { name: "comment", .. } => self.comment(&marked, places, faults),
            tag => {
                self.pieces.push(tag);
                marked.end
            }
        }
    }

    fn text(&mut self, text: &'s str, at: usize) {
        let kept = if std::mem::take(&mut self.trim) {
            text.trim_start_matches(white)
        } else {
            text
        };
        self.after_text = true;
        self.pieces.push(Piece::Text {
            text: kept,
            at: at + text.len() - kept.len(),
        });
    }

    /// Takes white space off the text before, if asked to.
    fn begin(&mut self, marked: &Marked<'s>) {
        if marked.left
            && self.after_text
            && let Some(Piece::Text { text, .. }) = self.pieces.last_mut()
        {
            *text = text.trim_end_matches(white);
        }
    }

    fn marked(&self, at: usize, close: &str) -> Option<Marked<'s>> {
        let inside = self.rest(at + 2);
        let length = inside.find(close)?;
        let inside = inside.get(..length)?;
        let (left, right, mut from) = (inside.starts_with('-'), inside.ends_with('-'), at + 2);
        let mut kept = inside;
        if left {
            kept = kept.get(1..).unwrap_or_default();
            from += 1;
        }
        kept = kept.strip_suffix('-').unwrap_or(kept);
        Some(Marked {
            inside: kept,
            at: from,
            left,
            right,
            end: at + 2 + length + close.len(),
        })
    }

    /// Up to `endraw`, as it stands.
    fn raw(&mut self, open: &Marked<'s>, places: &Places<'s>, faults: &mut Faults) -> usize {
        let mut at = open.end;
        while let Some(found) = self.rest(at).find("{%") {
            at += found;
            let Some(marked) = self.marked(at, "%}") else {
                break;
            };
            if marked.inside.trim_matches(white) == "endraw" {
                let from = open.end;
                self.text(self.source.get(from..at).unwrap_or_default(), from);
                self.begin(&marked);
                self.trim = marked.right;
                self.after_text = false;
                return marked.end;
            }
            at += 2;
        }
        faults.add(
            places.of(open.at),
            "`raw` is never closed",
            "write `{% endraw %}` where it ends",
        );
        self.source.len()
    }

    /// Past the `endcomment` that belongs to it.
    fn comment(&mut self, open: &Marked<'s>, places: &Places<'s>, faults: &mut Faults) -> usize {
        let (mut at, mut deep, mut raw) = (open.end, 1_usize, false);
        while let Some(found) = self.rest(at).find("{%") {
            at += found;
            let Some(marked) = self.marked(at, "%}") else {
                break;
            };
            let inside = marked.inside.trim_matches(white);
            let name = inside.split(white).next().unwrap_or_default();
            match name {
                "endraw" => raw = false,
                _ if raw => {}
                "raw" => raw = true,
                "comment" => deep += 1,
                "endcomment" => deep -= 1,
                _ => {}
            }
            if deep == 0 {
                self.trim = marked.right;
                return marked.end;
            }
            at = marked.end;
        }
        faults.add(
            places.of(open.at),
            "`comment` is never closed",
            "write `{% endcomment %}` where it ends",
        );
        self.source.len()
    }
}

/// Where the next `{{` or `{%` is.
fn opening(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find('{') {
        let at = from + found;
        match text.as_bytes().get(at + 1) {
            Some(b'{' | b'%') => return Some(at),
            _ => from = at + 1,
        }
    }
    None
}

fn trimmed(text: &str, at: usize) -> (&str, usize) {
    let start = text.trim_start_matches(white);
    (start.trim_end_matches(white), at + text.len() - start.len())
}

/// The name of a tag and the rest.
fn tag_of(text: &str, at: usize) -> Piece<'_> {
    let length = if text.starts_with('#') {
        1
    } else {
        text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .unwrap_or(text.len())
    };
    let (name, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    let (body, body_at) = trimmed(rest, at + length);
    Piece::Tag {
        name,
        at,
        body,
        body_at,
    }
}
