//! The findings of a message: words by the lexicon, forms by `choices`, manner by `manner`.
//!
//! Deliberately does not know: files, the program, what becomes of a finding.

mod choices;
mod manner;
mod weight;

use crate::claim::Kind;
use crate::lexicon::Said;
use crate::reading::{Piece, Reading};
use crate::rule::{Rule, Severity};
use crate::text::{HOLE, Text};
use crate::weigh::Reason;
use std::ops::Range;
use vocabulary::Language;
use weight::Weighed;

/// Something that is not honest, or might be better said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// Where.
    pub place: Place,
    /// The words of the message, at most 120 letters.
    pub words: String,
    /// Whether it is so; otherwise it may be, and is a remark.
    pub certain: bool,
    /// What speaks for it where words were weighed, the heaviest first.
    pub reasons: Vec<Reason>,
}

impl Finding {
    /// Whether it blocks.
    pub fn severity(&self) -> Severity {
        match self.certain {
            true => self.rule.severity(),
            false => Severity::Advises,
        }
    }

    /// Why, in plain words with what it rests on, and the words that were weighed with their hundredths.
    pub fn why(&self, language: Language) -> String {
        let weighed: Vec<String> = self
            .reasons
            .iter()
            .map(|reason| format!("“{}” +{}", reason.words, reason.weight))
            .collect();
        let weighed = match weighed.is_empty() {
            true => String::new(),
            false => format!("; {}", weighed.join(", ")),
        };
        format!("{} ({}{weighed})", self.rule.why(language), self.rule.law())
    }

    /// An honest way to say it.
    pub fn alternative(&self, language: Language) -> &'static str {
        self.rule.alternative(language)
    }
}

/// A place in what was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Of the subject or of the body.
    pub part: Part,
    /// Byte of that part's source.
    pub byte: usize,
}

impl Place {
    /// Line and column in the source, from 1, columns in letters.
    pub fn line_and_column(&self, source: &str) -> (u32, u32) {
        let mut end = self.byte.min(source.len());
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let before = source.get(..end).unwrap_or_default();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let count = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).saturating_add(1);
        (count(line), count(column))
    }
}

/// A part of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// The subject.
    Subject,
    /// The body.
    Body,
}

/// Rules that are words anywhere.
const ANYWHERE: [Rule; 15] = [
    Rule::Urgency,
    Rule::Scarcity,
    Rule::SocialProof,
    Rule::Discount,
    Rule::Testimonial,
    Rule::PersonalCountdown,
    Rule::Guilt,
    Rule::HiddenChoice,
    Rule::ForcedAction,
    Rule::FakeNotice,
    Rule::DisguisedAd,
    Rule::FalseFree,
    Rule::FalsePrize,
    Rule::Children,
    Rule::Preticked,
];

/// Parts of names of values that do not belong in a subject.
const PRIVATE: [&str; 16] = [
    "birth",
    "age_",
    ".age",
    "email",
    "phone",
    "address",
    "street",
    "iban",
    "card",
    "health",
    "diagnos",
    "income",
    "salary",
    "religion",
    "gender",
    "last_name",
];

/// A sentence is read together with so many, itself counted.
const FOLLOWING: usize = 3;

/// All findings, in the order of places; of each rule at most one in a sentence.
pub fn lint(text: &Text) -> Vec<Finding> {
    let reading = Reading::of(text);
    let weighed = Weighed::of(&reading);
    lint_with(&reading, &weighed)
}

/// What the patterns find alone, all of it as certain; for learning what the weights add to it.
pub fn by_patterns(text: &Text) -> Vec<Finding> {
    lint_with(&Reading::of(text), &Weighed::default())
}

fn lint_with(reading: &Reading<'_>, weighed: &Weighed<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (nth, piece) in reading.pieces.iter().enumerate() {
        in_sentences(reading, weighed, nth, piece, &mut found);
        over_sentences(reading, weighed, nth, piece, &mut found);
        found.extend(printed(reading.text, piece));
        if piece.subject {
            in_subject(reading, piece, &mut found);
        }
    }
    choices::find(reading, &mut found);
    weighed.unnamed(reading, &mut found);
    manner::find(reading, &mut found);
    found.sort_by_key(|finding| (finding.place, finding.rule));
    found.dedup_by_key(|finding| (finding.place, finding.rule));
    found
}

fn in_sentences(
    reading: &Reading<'_>,
    weighed: &Weighed<'_>,
    place_of: usize,
    piece: &Piece<'_>,
    found: &mut Vec<Finding>,
) {
    let (text, lexicon) = (reading.text, reading.lexicon);
    for (nth, (sentence, said)) in piece.sentences.iter().zip(piece.said()).enumerate() {
        let begin = sentence.place.start;
        // What is said of one thing goes on in the next sentences, of the next pieces too.
        let next = reading.following(place_of, nth, FOLLOWING);
        for rule in ANYWHERE {
            if skipped(text, rule) {
                continue;
            }
            let place = lexicon
                .places(rule, said)
                .into_iter()
                .chain(lexicon.with_next(rule, &next))
                .find(|place| {
                    !excused(reading, rule, said, place) && !cited(reading, piece, begin + place.start)
                });
            if let Some(place) = place {
                let place = begin + place.start..begin + place.end;
                let start = place.start;
                let certain = lexicon.stands("certain", said);
                let finding = claimed(text, rule, piece, place);
                found.extend(finding.and_then(|finding| weighed.settle(place_of, start, certain, finding)));
            }
        }
    }
}

fn over_sentences(
    reading: &Reading<'_>,
    weighed: &Weighed<'_>,
    place_of: usize,
    piece: &Piece<'_>,
    found: &mut Vec<Finding>,
) {
    for rule in ANYWHERE {
        if !skipped(reading.text, rule) {
            let places = reading.lexicon.over_sentences(rule, piece.whole()).into_iter();
            found.extend(places.filter_map(|place| {
                let start = place.start;
                let finding = claimed(reading.text, rule, piece, place)?;
                weighed.settle(place_of, start, false, finding)
            }));
        }
    }
}

fn in_subject(reading: &Reading<'_>, piece: &Piece<'_>, found: &mut Vec<Finding>) {
    for rule in [Rule::FakeReply, Rule::PersonalDataInSubject] {
        let places = reading.lexicon.places(rule, piece.whole());
        found.extend(places.into_iter().next().map(|place| finding(piece, rule, place)));
    }
    // The value put in tells it, whatever the words are.
    if PRIVATE.iter().any(|name| piece.block.target.contains(name)) {
        let hole = piece.plain.find(HOLE).unwrap_or_default();
        found.push(finding(
            piece,
            Rule::PersonalDataInSubject,
            hole..piece.plain.len(),
        ));
    }
}

/// What only advertising can break: a service tells of closed accounts and of deadlines that are so.
fn skipped(text: &Text, rule: Rule) -> bool {
    !text.marketing && matches!(rule, Rule::FakeNotice | Rule::Urgency | Rule::FalsePrize)
}

/// Said of not doing it, or of words as words.
fn excused(reading: &Reading<'_>, rule: Rule, sentence: Said<'_>, place: &Range<usize>) -> bool {
    let before = Said {
        plain: sentence.plain.get(..place.start).unwrap_or_default(),
        ..sentence
    };
    let negated = matches!(rule, Rule::Guilt) || rule.claim().is_some();
    if negated && reading.lexicon.stands("negation", before) {
        return true;
    }
    let quoted = before.plain.matches('"').count() % 2 == 1;
    quoted && reading.lexicon.stands("mention", before)
}

/// A claim is well where its fact is bound and its words go with the fact.
fn claimed(text: &Text, rule: Rule, piece: &Piece<'_>, place: Range<usize>) -> Option<Finding> {
    let Some(kind) = rule.claim() else {
        return Some(finding(piece, rule, place));
    };
    let bound = text.bound.iter().filter(|bound| bound.kind == kind);
    let stops: Vec<bool> = bound.map(|bound| bound.stops).collect();
    match (
        stops.is_empty(),
        stops.iter().all(|stops| *stops) || guarded(piece, kind, &place),
    ) {
        (true, _) => Some(finding(piece, rule, place)),
        (false, false) => Some(finding(piece, Rule::UnguardedClaim, place)),
        (false, true) => None,
    }
}

fn guarded(piece: &Piece<'_>, kind: Kind, place: &Range<usize>) -> bool {
    let at = piece.from.get(place.start).copied().unwrap_or_default();
    let origin = piece.block.origin.get(at);
    origin.is_some_and(|origin| origin.guards & kind.bit() != 0)
}

/// Between the quotation marks of a title or a verse.
fn cited(reading: &Reading<'_>, piece: &Piece<'_>, start: usize) -> bool {
    let before = piece.plain.get(..start).unwrap_or_default();
    let mut pieces = reading.pieces.iter();
    before.matches('"').count() % 2 == 1
        && pieces.any(|piece| reading.lexicon.stands("literature", piece.whole()))
}

/// Values of claims that are printed outside of the block which drops them.
fn printed(text: &Text, piece: &Piece<'_>) -> Option<Finding> {
    let mut holes = piece.block.words.match_indices(HOLE);
    let bare = holes.find_map(|(at, _)| {
        let origin = piece.block.origin.get(at)?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.bit() == origin.prints)?;
        let mut bound = text.bound.iter().filter(|bound| bound.kind == kind);
        let drops = bound.any(|bound| !bound.stops);
        (drops && origin.guards & kind.bit() == 0).then_some(at)
    })?;
    let place = piece.from.iter().position(|from| *from == bare)?;
    Some(finding(
        piece,
        Rule::UnguardedClaim,
        place..place + HOLE.len_utf8(),
    ))
}

/// A finding at bytes of the compared form.
fn finding(piece: &Piece<'_>, rule: Rule, place: Range<usize>) -> Finding {
    // Spaces before the words are not the words.
    let words = piece.plain.get(place.clone()).unwrap_or_default();
    let lead = words.len() - words.trim_start().len();
    let place = place.start + lead..place.end;
    let begin = piece
        .from
        .get(place.start)
        .copied()
        .unwrap_or(piece.block.words.len());
    let origin = piece.block.origin.get(begin);
    Finding {
        rule,
        place: Place {
            part: match piece.subject {
                true => Part::Subject,
                false => Part::Body,
            },
            byte: origin.map_or(0, |origin| origin.at as usize),
        },
        words: piece
            .shown(&place)
            .trim()
            .chars()
            .take(120)
            .map(|letter| if letter == HOLE { '…' } else { letter })
            .collect(),
        certain: true,
        reasons: Vec::new(),
    }
}

/// A finding on the whole of a piece.
fn whole(rule: Rule, piece: &Piece<'_>) -> Finding {
    finding(piece, rule, 0..piece.plain.len())
}
