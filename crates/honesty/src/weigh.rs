//! How much the words of a sentence and of the two after it speak for a rule: a sum of weights, each of something that
//! can be pointed at. The weights were learned from the development corpora (`cargo run -p honesty --example learn`)
//! and lie beside the rules as text (`lexicon/weights_*.txt`).
//!
//! Deliberately does not know: the patterns of the rules, what a sum leads to (`lint`).

mod marks;
mod words;

use crate::reading::Reading;
use crate::rule::Rule;
use crate::text::{HOLE, Text};
use marks::{Place, marks};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;
use vocabulary::Language;

/// So many sentences are weighed together.
pub const TOGETHER: usize = 3;

/// What stands in a sentence of a message with those that follow it, or in a choice; for learning.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Whether it is a choice.
    pub choice: bool,
    /// Each once.
    pub marks: BTreeSet<String>,
}

/// Everything that is weighed of a message; for learning.
pub fn windows(text: &Text) -> Vec<Marks> {
    let reading = Reading::of(text);
    let mut all: Vec<Marks> = Vec::new();
    each(&reading, |said| {
        let mut stands = Marks {
            choice: said.choice,
            ..Marks::default()
        };
        said.marks(&reading, &mut |mark, _| {
            stands.marks.insert(mark.to_owned());
        });
        all.push(stands);
    });
    let choice = |at: usize| all.get(at).map(|stands| stands.choice);
    let window = |(nth, first): (usize, &Marks)| {
        let together = (nth..nth + TOGETHER).filter(|other| beside(nth, *other, choice));
        let marks = together
            .filter_map(|at| all.get(at))
            .flat_map(|stands| &stands.marks);
        Marks {
            choice: first.choice,
            marks: marks.cloned().collect(),
        }
    };
    all.iter().enumerate().map(window).collect()
}

/// Whether the sentence `other` is weighed with `nth`. A choice is weighed by itself: what it says is not what the
/// text beside it says.
fn beside(nth: usize, other: usize, choice: impl Fn(usize) -> Option<bool>) -> bool {
    let most = if choice(nth) == Some(true) { 1 } else { TOGETHER };
    (nth..nth + most).contains(&other) && choice(nth) == choice(other)
}

/// A sentence, or all of a choice.
struct Said {
    piece: usize,
    sentence: Range<usize>,
    choice: bool,
}

impl Said {
    fn marks(&self, reading: &Reading<'_>, found: &mut dyn FnMut(&str, Place)) {
        let Some(piece) = reading.pieces.get(self.piece) else {
            return;
        };
        let plain = piece.plain.get(self.sentence.clone()).unwrap_or_default();
        marks(reading.text.language, plain, self.choice, found);
    }
}

/// Every sentence that is weighed.
fn each(reading: &Reading<'_>, mut take: impl FnMut(Said)) {
    // Words that are all of a choice stand in a piece of their own, too; they are weighed as the choice.
    let choices: HashSet<&str> = reading
        .text
        .blocks
        .iter()
        .filter(|block| block.role.is_choice())
        .map(|block| block.words.trim())
        .collect();
    for (nth, piece) in reading.pieces.iter().enumerate() {
        let choice = piece.block.role.is_choice();
        if !choice && choices.contains(piece.block.words.trim()) {
            continue;
        }
        let mut one = |sentence: Range<usize>| {
            let words = piece.plain.get(sentence.clone()).unwrap_or_default();
            if words.chars().any(char::is_alphanumeric) {
                take(Said {
                    piece: nth,
                    sentence,
                    choice,
                });
            }
        };
        match choice {
            true => one(0..piece.plain.len()),
            false => piece
                .sentences
                .iter()
                .for_each(|sentence| one(sentence.place.clone())),
        }
    }
}

/// The windows of a message, weighed.
pub(crate) struct Weighing<'a> {
    reading: &'a Reading<'a>,
    weights: &'static Weights,
    said: Vec<Known>,
    pub(crate) windows: Vec<Window>,
}

/// A sentence with the marks that weigh something, each once.
struct Known {
    said: Said,
    marks: Vec<(usize, Place)>,
}

/// A sentence of a message with those that follow it, weighed.
pub(crate) struct Window {
    /// Which piece: 0 is the subject (or the first piece, if there is no subject), the rest in reading order.
    pub(crate) piece: usize,
    /// The first sentence: bytes of the compared form of that piece.
    pub(crate) sentence: Range<usize>,
    /// Whether it is a choice, or words offered as an answer.
    pub(crate) choice: bool,
    /// The sentences that are weighed together.
    together: Vec<usize>,
    /// The part of each sum that speaks for every rule.
    pub(crate) any: i32,
    sums: [i32; Rule::ALL.len()],
}

/// Sums that are not more are not told apart.
const LEAST: i32 = -400;

impl Window {
    /// How much it speaks for a rule, if it is worth a word; over 0 is more likely than not, as the corpora are.
    pub(crate) fn sum(&self, rule: Rule) -> Option<i32> {
        self.sums.get(rule as usize).copied().filter(|sum| *sum > LEAST)
    }

    /// Of every rule of which it is worth a word.
    pub(crate) fn sums(&self) -> impl Iterator<Item = (Rule, i32)> {
        let all = Rule::ALL.iter().copied().zip(self.sums);
        all.filter(|(_, sum)| *sum > LEAST)
    }
}

impl<'a> Weighing<'a> {
    pub(crate) fn of(reading: &'a Reading<'a>) -> Weighing<'a> {
        let weights = Weights::of(reading.text.language);
        let mut said: Vec<Known> = Vec::new();
        // In which sentence, and in which window, a mark was last seen, from 1.
        let mut last = vec![0; weights.of.len()];
        each(reading, |one| {
            let mut marks: Vec<(usize, Place)> = Vec::new();
            let now = said.len() + 1;
            one.marks(reading, &mut |mark, place| {
                let Some(number) = weights.numbers.get(mark) else {
                    return;
                };
                if let Some(last) = last.get_mut(*number).filter(|last| **last != now) {
                    *last = now;
                    marks.push((*number, place));
                }
            });
            said.push(Known { said: one, marks });
        });
        last.fill(0);
        let windows = (0..said.len()).zip(&said).map(|(nth, first)| {
            let choice = |at: usize| said.get(at).map(|known| known.said.choice);
            let together: Vec<usize> = (nth..nth + TOGETHER)
                .filter(|other| beside(nth, *other, choice))
                .collect();
            let (mut sums, mut any) = (weights.bias, weights.any);
            for (number, _) in together
                .iter()
                .filter_map(|at| said.get(*at))
                .flat_map(|known| &known.marks)
            {
                let Some(last) = last.get_mut(*number).filter(|last| **last != nth + 1) else {
                    continue;
                };
                *last = nth + 1;
                let Some(of) = weights.of.get(*number) else {
                    continue;
                };
                any += of.any;
                for (rule, weight) in &of.rules {
                    if let Some(sum) = sums.get_mut(*rule as usize) {
                        *sum += weight;
                    }
                }
            }
            for sum in &mut sums {
                *sum += any;
            }
            Window {
                piece: first.said.piece,
                sentence: first.said.sentence.clone(),
                choice: first.said.choice,
                together,
                any,
                sums,
            }
        });
        let windows = windows.collect();
        Weighing {
            reading,
            weights,
            said,
            windows,
        }
    }

    /// What of a window spoke for a rule most: words and weight, the heaviest first, at most four.
    pub(crate) fn reasons(&self, window: &Window, rule: Rule) -> Vec<Reason> {
        let mut seen = HashSet::new();
        let mut reasons = Vec::new();
        for known in window.together.iter().filter_map(|at| self.said.get(*at)) {
            for (number, place) in known.marks.iter().filter(|(number, _)| seen.insert(*number)) {
                let weight = self.weights.of.get(*number).map_or(0, |of| of.weight(rule));
                let words = self.words(&known.said, place);
                if weight > 0 && !words.is_empty() {
                    reasons.push(Reason { words, weight });
                }
            }
        }
        reasons.sort_by(|one, other| {
            let heavier = other.weight.cmp(&one.weight);
            heavier.then_with(|| one.words.cmp(&other.words))
        });
        reasons.dedup_by(|one, other| one.words == other.words);
        reasons.truncate(4);
        reasons
    }

    /// How many words stand in it.
    pub(crate) fn words_in(&self, window: &Window) -> usize {
        let said = window.together.iter().filter_map(|at| self.said.get(*at));
        let plain = said.filter_map(|known| {
            let piece = self.reading.pieces.get(known.said.piece)?;
            piece.plain.get(known.said.sentence.clone())
        });
        plain.map(|plain| plain.split_whitespace().count()).sum()
    }

    fn words(&self, said: &Said, place: &Place) -> String {
        let Some(piece) = self.reading.pieces.get(said.piece) else {
            return String::new();
        };
        let from = said.sentence.start;
        let shown = |place: &Range<usize>| {
            let words = piece.shown(&(from + place.start..from + place.end));
            words.replace(HOLE, "…")
        };
        match place {
            Place::At(place) => shown(place),
            Place::Sign(sign) => (*sign).to_owned(),
        }
    }
}

/// In hundredths of a natural logarithm of odds.
struct Weights {
    numbers: HashMap<&'static str, usize>,
    of: Vec<Weight>,
    /// For every rule, where nothing stands.
    any: i32,
    /// Where nothing stands; a rule that is not weighed is never worth a word.
    bias: [i32; Rule::ALL.len()],
}

/// What a mark speaks for.
#[derive(Default)]
struct Weight {
    /// For every rule.
    any: i32,
    rules: Vec<(Rule, i32)>,
}

impl Weight {
    fn weight(&self, rule: Rule) -> i32 {
        let own = self.rules.iter().filter(|(other, _)| *other == rule);
        self.any + own.map(|(_, weight)| *weight).sum::<i32>()
    }
}

static FRENCH: LazyLock<Weights> = LazyLock::new(|| Weights::parse(include_str!("lexicon/weights_fr.txt")));
static ENGLISH: LazyLock<Weights> = LazyLock::new(|| Weights::parse(include_str!("lexicon/weights_en.txt")));

impl Weights {
    fn of(language: Language) -> &'static Weights {
        match language {
            Language::Fr => &FRENCH,
            Language::En => &ENGLISH,
        }
    }

    fn parse(text: &'static str) -> Weights {
        let mut weights = Weights {
            numbers: HashMap::new(),
            of: Vec::new(),
            any: 0,
            bias: [i32::MIN / 2; Rule::ALL.len()],
        };
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut rule = None;
        for line in lines {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                rule = Rule::of(name);
            } else if let Some((Ok(weight), mark)) =
                line.split_once(' ').map(|(weight, mark)| (weight.parse(), mark))
            {
                weights.add(rule, mark, weight);
            }
        }
        weights
    }

    /// Without a rule: for every one.
    fn add(&mut self, rule: Option<Rule>, mark: &'static str, weight: i32) {
        if mark == "bias" {
            let bias = match rule {
                Some(rule) => self.bias.get_mut(rule as usize),
                None => Some(&mut self.any),
            };
            if let Some(bias) = bias {
                *bias = weight;
            }
            return;
        }
        let next = self.of.len();
        let number = *self.numbers.entry(mark).or_insert(next);
        if number == next {
            self.of.push(Weight::default());
        }
        match (self.of.get_mut(number), rule) {
            (Some(of), Some(rule)) => of.rules.push((rule, weight)),
            (Some(of), None) => of.any = weight,
            (None, _) => {}
        }
    }
}

/// Words that speak for a finding, and how much.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// As they stand in the message.
    pub words: String,
    /// In hundredths; see `lexicon/weights_*.txt`.
    pub weight: i32,
}
