//! How much the words of a sentence and of the two after it speak for a rule: a sum of weights, each of something that
//! can be pointed at. The weights were learned from the development corpora (`cargo run -p honesty --example learn`)
//! and lie beside the rules as text (`lexicon/weights_*.txt`).
//!
//! Deliberately does not know: the patterns of the rules, what a sum leads to (`lint`).

mod words;

use crate::plain::{fold, sentences};
use crate::rule::Rule;
use crate::text::{Block, HOLE, Text};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;
use vocabulary::Language;
use words::{Concepts, cut, stem};

/// So many sentences are weighed together.
pub const TOGETHER: usize = 3;
/// A sentence of more words is weighed by its first ones.
const LONGEST: usize = 80;

/// A sentence of a message with those that follow it.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Which piece: 0 is the subject (or the first piece, if there is no subject), the rest in reading order.
    pub piece: usize,
    /// The first sentence: bytes of the compared form of that piece.
    pub sentence: Range<usize>,
    /// What stands in it, each once, with the words that say so.
    pub marks: BTreeMap<Rc<str>, Rc<str>>,
}

/// What is weighed of one sentence.
#[derive(Default)]
struct Said {
    piece: usize,
    sentence: Range<usize>,
    choice: bool,
    marks: BTreeMap<Rc<str>, Rc<str>>,
}

/// Every window of a message, with all that stands in it; for learning.
pub fn windows(text: &Text) -> Vec<Window> {
    with_marks(text, &|_| true)
}

/// Every window of a message with what weighs something.
pub(crate) fn weighty(text: &Text) -> Vec<Window> {
    let weights = weights(text.language);
    with_marks(text, &|mark| weights.contains_key(mark))
}

fn with_marks(text: &Text, keep: Keep<'_>) -> Vec<Window> {
    let pieces = text
        .subject
        .iter()
        .map(|block| (true, block))
        .chain(text.blocks.iter().map(|block| (false, block)));
    // Words that are all of a choice stand in a piece of their own, too; they are weighed as the choice.
    let again = |block: &Block| {
        let same = |other: &Block| other.role.is_choice() && other.words.trim() == block.words.trim();
        !block.role.is_choice() && text.blocks.iter().any(same)
    };
    let all: Vec<Said> = pieces
        .enumerate()
        .filter(|(_, (_, block))| !again(block))
        .flat_map(|(piece, (subject, block))| said(text.language, piece, subject, block, keep))
        .collect();
    all.iter()
        .enumerate()
        .map(|(nth, first)| {
            // A choice is weighed by itself: what it says is not what the text beside it says.
            let take = if first.choice { 1 } else { TOGETHER };
            let mut window = Window {
                piece: first.piece,
                sentence: first.sentence.clone(),
                marks: BTreeMap::new(),
            };
            for said in all
                .iter()
                .skip(nth)
                .take(take)
                .filter(|said| said.choice == first.choice)
            {
                for (mark, words) in &said.marks {
                    window
                        .marks
                        .entry(Rc::clone(mark))
                        .or_insert_with(|| Rc::clone(words));
                }
            }
            window
        })
        .collect()
}

fn said(language: Language, piece: usize, subject: bool, block: &Block, keep: Keep<'_>) -> Vec<Said> {
    let (plain, from) = fold(&block.words);
    let choice = block.role.is_choice();
    let spans = match choice {
        true => std::iter::once(0..plain.len()).collect(),
        false => sentences(&plain),
    };
    spans
        .into_iter()
        .filter(|span| {
            plain
                .get(span.clone())
                .is_some_and(|words| words.chars().any(char::is_alphanumeric))
        })
        .map(|span| {
            let words = plain.get(span.clone()).unwrap_or_default();
            let mut marks = marks(language, words, choice, keep, |place| {
                let at = |end: usize| from.get(span.start + end).copied().unwrap_or(block.words.len());
                let shown = block
                    .words
                    .get(at(place.start)..at(place.end))
                    .unwrap_or_default();
                shown.replace(HOLE, "…")
            });
            if subject {
                marks.insert(Rc::from("in:subject"), Rc::from(""));
            }
            Said {
                piece,
                sentence: span,
                choice,
                marks,
            }
        })
        .collect()
}

fn marks(
    language: Language,
    plain: &str,
    choice: bool,
    keep: Keep<'_>,
    shown: impl Fn(Range<usize>) -> String,
) -> BTreeMap<Rc<str>, Rc<str>> {
    let mut words = cut(plain);
    words.truncate(LONGEST);
    let concepts = Concepts::of(language);
    let kind = if choice { "choice:" } else { "" };
    let mut marks: BTreeMap<Rc<str>, Rc<str>> = BTreeMap::new();
    let mut about: BTreeMap<&'static str, Range<usize>> = BTreeMap::new();
    let mut add = |mark: String, words: &dyn Fn() -> String| {
        if keep(&mark) && !marks.contains_key(mark.as_str()) {
            marks.insert(Rc::from(mark), Rc::from(words()));
        }
    };
    for (nth, word) in words.iter().enumerate() {
        let own = stem(language, word.text);
        if own.len() > 1 {
            add(format!("{kind}{own}"), &|| shown(word.place.clone()));
        }
        if let Some(next) = words.get(nth + 1) {
            let pair = format!("{kind}{own} {}", stem(language, next.text));
            add(pair, &|| shown(word.place.start..next.place.end));
        }
        concepts.at(words.get(nth..).unwrap_or_default(), |name, length| {
            let end = words
                .get(nth + length - 1)
                .map_or(word.place.end, |last| last.place.end);
            about.entry(name).or_insert(word.place.start..end);
        });
    }
    for (nth, (one, place)) in about.iter().enumerate() {
        for (other, more) in about.iter().skip(nth + 1) {
            let both = || format!("{} … {}", shown(place.clone()), shown(more.clone()));
            add(format!("{kind}<{one}>+<{other}>"), &both);
        }
        add(format!("{kind}<{one}>"), &|| shown(place.clone()));
    }
    for (mark, there) in [("?", plain.trim_end().ends_with('?')), ("!", plain.contains('!'))] {
        if there {
            add(format!("{kind}{mark}"), &|| mark.to_owned());
        }
    }
    marks
}

/// Which marks are wanted.
type Keep<'a> = &'a dyn Fn(&str) -> bool;

/// What a mark speaks for, in hundredths of a natural logarithm of odds.
type Weights = HashMap<&'static str, Vec<(Rule, i32)>>;

static FRENCH: LazyLock<Weights> = LazyLock::new(|| parse(include_str!("lexicon/weights_fr.txt")));
static ENGLISH: LazyLock<Weights> = LazyLock::new(|| parse(include_str!("lexicon/weights_en.txt")));

fn weights(language: Language) -> &'static Weights {
    match language {
        Language::Fr => &FRENCH,
        Language::En => &ENGLISH,
    }
}

fn parse(text: &'static str) -> Weights {
    let mut weights: Weights = HashMap::new();
    let mut rule = None;
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            rule = Rule::of(name);
        } else if let (Some(rule), Some((weight, mark))) = (rule, line.split_once(' '))
            && let Ok(weight) = weight.parse()
        {
            weights.entry(mark).or_default().push((rule, weight));
        }
    }
    weights
}

/// Sums that are not more are not told apart.
pub(crate) const LEAST: i32 = -400;

/// For each rule the sum if it is over [`LEAST`], and what spoke for it most: words and weight, the heaviest first, at most four.
pub(crate) fn weigh(language: Language, window: &Window) -> BTreeMap<Rule, Sum> {
    let weights = weights(language);
    let mut sums: BTreeMap<Rule, Sum> = BTreeMap::new();
    let known = || {
        window
            .marks
            .iter()
            .filter_map(|(mark, words)| Some((weights.get(&**mark)?, words)))
    };
    for (rule, weight) in known()
        .map(|(weighed, _)| weighed)
        .chain(weights.get("bias"))
        .flatten()
    {
        sums.entry(*rule).or_default().total += weight;
    }
    // Reasons are wanted where a sum is worth a word.
    sums.retain(|_, sum| sum.total > LEAST);
    if sums.is_empty() {
        return sums;
    }
    for (weighed, words) in known().filter(|(_, words)| !words.is_empty()) {
        for (rule, weight) in weighed.iter().filter(|(_, weight)| *weight > 0) {
            if let Some(sum) = sums.get_mut(rule) {
                sum.reasons.push(Reason {
                    words: words.to_string(),
                    weight: *weight,
                });
            }
        }
    }
    for sum in sums.values_mut() {
        sum.reasons.sort_by(|one, other| {
            other
                .weight
                .cmp(&one.weight)
                .then_with(|| one.words.cmp(&other.words))
        });
        sum.reasons.dedup_by(|one, other| one.words == other.words);
        sum.reasons.truncate(4);
    }
    sums
}

/// How much a window speaks for a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    /// Over 0: more likely than not, as the corpora are.
    pub(crate) total: i32,
    pub(crate) reasons: Vec<Reason>,
}

/// Words that speak for a finding, and how much.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// As they stand in the message.
    pub words: String,
    /// In hundredths; see `lexicon/weights_*.txt`.
    pub weight: i32,
}
