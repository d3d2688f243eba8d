//! A message as it is compared: every piece brought into the compared form once, cut into sentences, with the
//! patterns that can stand in each.
//!
//! Deliberately does not know: which rules there are, what is weighed.

use crate::lexicon::{Lexicon, Possible, REACH, Said};
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
    /// Words out of a text that are offered as an answer, as bytes of `plain`: what stands between quotation marks,
    /// brackets or bars, and sentences that begin with a refusal or, where little else stands, in the first person.
    pub(crate) answers: Vec<Range<usize>>,
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
        let mut possible = lexicon.possible("");
        for sentence in &sentences {
            possible.add(&sentence.possible);
            // What goes over its end.
            let mut edge =
                sentence.place.end.saturating_sub(REACH)..(sentence.place.end + REACH).min(plain.len());
            while !plain.is_char_boundary(edge.start) {
                edge.start -= 1;
            }
            while !plain.is_char_boundary(edge.end) {
                edge.end += 1;
            }
            possible.add(&lexicon.possible(plain.get(edge).unwrap_or_default()));
        }
        let mut piece = Piece {
            subject,
            block,
            plain,
            from,
            sentences,
            answers: Vec::new(),
            possible,
        };
        if !subject {
            piece.answers = answers(lexicon, &piece);
        }
        piece
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

    /// The words of an answer without what sets them apart.
    pub(crate) fn answer(&self, place: &Range<usize>) -> Said<'_> {
        let signs = [
            '[', ']', '>', ' ', '☐', '☑', '☒', '-', '*', '•', '(', ')', '"', ':', '.',
        ];
        let words = self.plain.get(place.clone()).unwrap_or_default();
        self.part(words.trim_matches(signs))
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

/// An answer is of so many words.
const ANSWER: std::ops::RangeInclusive<usize> = 2..=18;
/// What stands between answers on a line.
const BETWEEN: [&str; 8] = ["|", " / ", "[", "]", "•", "→", "->", "=>"];

fn answers(lexicon: &Lexicon, piece: &Piece<'_>) -> Vec<Range<usize>> {
    let plain = piece.plain.as_str();
    let mut found: Vec<Range<usize>> = Vec::new();
    // Every second of what quotation marks part stands between two of them.
    let mut at = 0;
    for (nth, words) in plain.split('"').enumerate() {
        if nth % 2 == 1 {
            found.push(at..at + words.len());
        }
        at += words.len() + 1;
    }
    if BETWEEN.iter().any(|sign| plain.contains(sign)) {
        let mut at = 0;
        while let Some(rest) = plain.get(at..).filter(|rest| !rest.is_empty()) {
            let signs = BETWEEN
                .iter()
                .filter_map(|sign| Some((rest.find(sign)?, sign.len())));
            let (end, sign) = signs.min().unwrap_or((rest.len(), 1));
            // What is the whole of a choice is weighed as that.
            if end < plain.trim().len().saturating_sub(2) {
                found.push(at..at + end);
            }
            at += end + sign;
        }
    }
    if !piece.block.role.is_choice() {
        let short = plain.split_whitespace().take(ANSWER.end() + 1).count() <= *ANSWER.end();
        let signs = [' ', '-', '*', '•', '>', '(', ')'];
        let sentences = piece.sentences.iter().zip(piece.said());
        let answering = sentences.filter(|(_, said)| {
            let bare = Said {
                plain: said.plain.trim_start_matches(signs),
                ..*said
            };
            lexicon.stands("refuse", bare) || short && lexicon.stands("opens_in_person", bare)
        });
        found.extend(answering.map(|(sentence, _)| sentence.place.clone()));
    }
    found.retain(|place| {
        let words = plain.get(place.clone()).unwrap_or_default();
        ANSWER.contains(&words.split_whitespace().take(ANSWER.end() + 1).count())
    });
    found.sort_by_key(|place| (place.start, place.end));
    found.dedup();
    found
}
