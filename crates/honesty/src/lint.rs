//! The findings of a message: words by the lexicon, forms by `choices`, manner by `manner`.
//!
//! Deliberately does not know: files, the program, what becomes of a finding.

mod choices;
mod manner;
mod weight;

use crate::claim::Kind;
use crate::lexicon::Lexicon;
use crate::plain::{fold, sentences};
use crate::rule::{Rule, Severity};
use crate::text::{Block, Text};
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
    lint_with(text, &Weighed::of(text))
}

/// What the patterns find alone, all of it as certain; for learning what the weights add to it.
pub fn by_patterns(text: &Text) -> Vec<Finding> {
    lint_with(text, &Weighed::default())
}

fn lint_with(text: &Text, weighed: &Weighed) -> Vec<Finding> {
    let mut found = Vec::new();
    let lexicon = Lexicon::of(text.language);
    let parts = text.subject.iter().map(|block| (Part::Subject, block));
    let parts: Vec<(Part, &Block)> = parts
        .chain(text.blocks.iter().map(|block| (Part::Body, block)))
        .collect();
    let folded: Vec<Vec<String>> = parts.iter().map(|(_, block)| opening(block)).collect();
    for (place_of, (part, block)) in parts.iter().copied().enumerate() {
        let (plain, from) = fold(&block.words);
        let at = Piece {
            part,
            block,
            plain: &plain,
            from: &from,
        };
        let spans = sentences(&plain);
        let said: Vec<&str> = spans
            .iter()
            .map(|span| plain.get(span.clone()).unwrap_or_default())
            .collect();
        for (nth, span) in spans.iter().enumerate() {
            let words = said.get(nth).copied().unwrap_or_default();
            // What is said of one thing goes on in the next sentences, of the next pieces too.
            let mut next: Vec<&str> = said.iter().skip(nth).take(FOLLOWING).copied().collect();
            let after = folded.get(place_of + 1..).unwrap_or_default();
            next.extend(
                after
                    .iter()
                    .flatten()
                    .map(String::as_str)
                    .take(FOLLOWING - next.len()),
            );
            for rule in ANYWHERE {
                if skipped(text, rule) {
                    continue;
                }
                let place = lexicon
                    .places(rule, words)
                    .into_iter()
                    .chain(lexicon.with_next(rule, &next))
                    .find(|place| {
                        !excused(lexicon, rule, words, place)
                            && !at.cited(text, lexicon, span.start + place.start)
                    });
                if let Some(place) = place {
                    let place = span.start + place.start..span.start + place.end;
                    let start = place.start;
                    let certain = lexicon.has("certain", words);
                    let finding = claimed(text, rule, &at, place);
                    found.extend(finding.map(|finding| weighed.settle(place_of, start, certain, finding)));
                }
            }
        }
        for rule in ANYWHERE {
            if !skipped(text, rule) {
                let places = lexicon.over_sentences(rule, &plain).into_iter();
                found.extend(places.filter_map(|place| {
                    let start = place.start;
                    Some(weighed.settle(place_of, start, false, claimed(text, rule, &at, place)?))
                }));
            }
        }
        found.extend(at.printed(text));
        if part == Part::Subject {
            for rule in [Rule::FakeReply, Rule::PersonalDataInSubject] {
                found.extend(
                    lexicon
                        .places(rule, &plain)
                        .into_iter()
                        .next()
                        .map(|place| at.finding(rule, place)),
                );
            }
            // The value put in tells it, whatever the words are.
            if PRIVATE.iter().any(|name| block.target.contains(name)) {
                let hole = plain.find(crate::text::HOLE).unwrap_or_default();
                found.push(at.finding(Rule::PersonalDataInSubject, hole..plain.len()));
            }
        }
    }
    choices::find(text, lexicon, &mut found);
    weighed.unnamed(text, lexicon, &parts, &mut found);
    manner::find(text, lexicon, &mut found);
    found.sort_by_key(|finding| (finding.place, finding.rule));
    found.dedup_by_key(|finding| (finding.place, finding.rule));
    found
}

/// The first sentences of a piece, compared form.
fn opening(block: &Block) -> Vec<String> {
    let (plain, _) = fold(&block.words);
    let spans = sentences(&plain).into_iter().take(FOLLOWING);
    spans
        .filter_map(|span| plain.get(span))
        .map(str::to_owned)
        .collect()
}

/// What only advertising can break: a service tells of closed accounts and of deadlines that are so.
fn skipped(text: &Text, rule: Rule) -> bool {
    !text.marketing && matches!(rule, Rule::FakeNotice | Rule::Urgency | Rule::FalsePrize)
}

/// Said of not doing it, or of words as words.
fn excused(lexicon: &Lexicon, rule: Rule, sentence: &str, place: &Range<usize>) -> bool {
    let before = sentence.get(..place.start).unwrap_or_default();
    let negated = matches!(rule, Rule::Guilt) || rule.claim().is_some();
    if negated && lexicon.has("negation", before) {
        return true;
    }
    let quoted = before.matches('"').count() % 2 == 1;
    quoted && lexicon.has("mention", before)
}

/// A claim is well where its fact is bound and its words go with the fact.
fn claimed(text: &Text, rule: Rule, at: &Piece<'_>, place: Range<usize>) -> Option<Finding> {
    let Some(kind) = rule.claim() else {
        return Some(at.finding(rule, place));
    };
    let bound = text.bound.iter().filter(|bound| bound.kind == kind);
    let stops: Vec<bool> = bound.map(|bound| bound.stops).collect();
    match (
        stops.is_empty(),
        stops.iter().all(|stops| *stops) || at.guarded(kind, &place),
    ) {
        (true, _) => Some(at.finding(rule, place)),
        (false, false) => Some(at.finding(Rule::UnguardedClaim, place)),
        (false, true) => None,
    }
}

/// A block with its compared form.
struct Piece<'a> {
    part: Part,
    block: &'a Block,
    plain: &'a str,
    from: &'a [usize],
}

impl Piece<'_> {
    fn guarded(&self, kind: Kind, place: &Range<usize>) -> bool {
        let at = self.from.get(place.start).copied().unwrap_or_default();
        self.block
            .origin
            .get(at)
            .is_some_and(|origin| origin.guards & kind.bit() != 0)
    }

    /// Between the quotation marks of a title or a verse.
    fn cited(&self, text: &Text, lexicon: &Lexicon, start: usize) -> bool {
        let before = self.plain.get(..start).unwrap_or_default();
        let subject = text.subject.as_ref().map(|subject| fold(&subject.words).0);
        before.matches('"').count() % 2 == 1
            && (lexicon.has("literature", self.plain)
                || text
                    .blocks
                    .iter()
                    .any(|block| lexicon.has("literature", &fold(&block.words).0))
                || subject.is_some_and(|subject| lexicon.has("literature", &subject)))
    }

    /// Values of claims that are printed outside of the block which drops them.
    fn printed(&self, text: &Text) -> Option<Finding> {
        let bare = self.block.words.char_indices().find_map(|(at, letter)| {
            let origin = self.block.origin.get(at)?;
            let kind = Kind::ALL.into_iter().find(|kind| kind.bit() == origin.prints)?;
            let mut bound = text.bound.iter().filter(|bound| bound.kind == kind);
            let drops = bound.any(|bound| !bound.stops);
            (letter == crate::text::HOLE && drops && origin.guards & kind.bit() == 0).then_some(at)
        })?;
        let place = self.from.iter().position(|from| *from == bare)?;
        Some(self.finding(Rule::UnguardedClaim, place..place + crate::text::HOLE.len_utf8()))
    }

    fn finding(&self, rule: Rule, place: Range<usize>) -> Finding {
        let at = |end: usize| self.from.get(end).copied().unwrap_or(self.block.words.len());
        // Spaces before the words are not the words.
        let lead = self
            .plain
            .get(place.clone())
            .map_or(0, |words| words.len() - words.trim_start().len());
        let (begin, end) = (at(place.start + lead), at(place.end));
        let words = self.block.words.get(begin..end).unwrap_or_default();
        let byte = self
            .block
            .origin
            .get(begin)
            .map_or(0, |origin| origin.at as usize);
        Finding {
            rule,
            place: Place {
                part: self.part,
                byte,
            },
            words: words
                .trim()
                .chars()
                .take(120)
                .map(|c| if c == crate::text::HOLE { '…' } else { c })
                .collect(),
            certain: true,
            reasons: Vec::new(),
        }
    }
}

/// A finding on the whole of a block.
fn whole(rule: Rule, part: Part, block: &Block) -> Finding {
    let (plain, from) = fold(&block.words);
    let range = 0..plain.len();
    Piece {
        part,
        block,
        plain: &plain,
        from: &from,
    }
    .finding(rule, range)
}
