//! A message as it is compared: every piece brought into the compared form once, cut into sentences, with the
//! patterns that can stand in each.
//!
//! Deliberately does not know: which rules there are, what is weighed.

use crate::lexicon::{Lexicon, Possible, Said};
use crate::plain::{fold, sentences};
use crate::text::{Block, Text};
use std::ops::Range;

/// A message with its pieces: the subject first, if there is one, then the body in reading order.
pub(crate) struct Reading<'a> {
    pub(crate) text: &'a Text,
    pub(crate) lexicon: &'static Lexicon,
    pub(crate) pieces: Vec<Piece<'a>>,
}

/// A block with its compared form.
pub(crate) struct Piece<'a> {
    pub(crate) subject: bool,
    pub(crate) block: &'a Block,
    pub(crate) plain: String,
    /// For each byte of `plain` the byte of the block's words.
    pub(crate) from: Vec<usize>,
    pub(crate) sentences: Vec<Sentence>,
    possible: Possible,
}

/// A sentence of a piece.
pub(crate) struct Sentence {
    /// Bytes of the compared form.
    pub(crate) place: Range<usize>,
    possible: Possible,
}

impl<'a> Reading<'a> {
    pub(crate) fn of(text: &'a Text) -> Reading<'a> {
        let lexicon = Lexicon::of(text.language);
        let subject = text.subject.iter().map(|block| (true, block));
        let blocks = subject.chain(text.blocks.iter().map(|block| (false, block)));
        Reading {
            text,
            lexicon,
            pieces: blocks
                .map(|(subject, block)| Piece::of(lexicon, subject, block))
                .collect(),
        }
    }

    /// The sentence of that piece and those after it, in the next pieces too, at most so many.
    pub(crate) fn following(&self, piece: usize, sentence: usize, most: usize) -> Vec<Said<'_>> {
        let here = self.pieces.get(piece).into_iter();
        let here = here.flat_map(|piece| piece.said().skip(sentence));
        let next = self.pieces.get(piece + 1..).unwrap_or_default();
        here.chain(next.iter().flat_map(|piece| piece.said().take(most)))
            .take(most)
            .collect()
    }
}

impl<'a> Piece<'a> {
    fn of(lexicon: &Lexicon, subject: bool, block: &'a Block) -> Piece<'a> {
        let (plain, from) = fold(&block.words);
        let sentences: Vec<Sentence> = sentences(&plain)
            .into_iter()
            .map(|place| Sentence {
                possible: lexicon.possible(plain.get(place.clone()).unwrap_or_default()),
                place,
            })
            .collect();
        let possible = match sentences.as_slice() {
            [one] if one.place.len() == plain.len() => one.possible.clone(),
            _ => lexicon.possible(&plain),
        };
        Piece {
            subject,
            block,
            plain,
            from,
            sentences,
            possible,
        }
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Said<'_> {
        self.part(&self.plain)
    }

    /// Words out of it: what cannot stand in the whole cannot stand in a part.
    pub(crate) fn part<'b>(&'b self, plain: &'b str) -> Said<'b> {
        Said {
            plain,
            possible: &self.possible,
        }
    }

    /// The words of a choice without its box or brackets.
    pub(crate) fn bare(&self) -> Said<'_> {
        let signs = ['[', ']', '>', ' ', '☐', '☑', '☒'];
        self.part(self.plain.trim().trim_matches(signs).trim())
    }

    /// Its sentences.
    pub(crate) fn said(&self) -> impl Iterator<Item = Said<'_>> {
        self.sentences.iter().map(|sentence| Said {
            plain: self.plain.get(sentence.place.clone()).unwrap_or_default(),
            possible: &sentence.possible,
        })
    }

    /// Words as they stand in the block, by bytes of the compared form.
    pub(crate) fn shown(&self, place: &Range<usize>) -> &str {
        let at = |end: usize| self.from.get(end).copied().unwrap_or(self.block.words.len());
        self.block
            .words
            .get(at(place.start)..at(place.end))
            .unwrap_or_default()
    }
}
