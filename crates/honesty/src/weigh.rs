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
    pub marks: BTreeMap<String, String>,
}

/// What is weighed of one sentence.
#[derive(Default)]
struct Said {
    piece: usize,
    sentence: Range<usize>,
    choice: bool,
    marks: BTreeMap<String, String>,
}

/// Every window of a message.
pub fn windows(text: &Text) -> Vec<Window> {
    let pieces = text.subject.iter().map(|block| (true, block)).chain(text.blocks.iter().map(|block| (false, block)));
    let all: Vec<Said> = pieces
        .enumerate()
        .flat_map(|(piece, (subject, block))| said(text.language, piece, subject, block))
        .collect();
    all.iter()
        .enumerate()
        .map(|(nth, first)| {
            // A choice is weighed by itself: what it says is not what the text beside it says.
            let take = if first.choice { 1 } else { TOGETHER };
            let mut window = Window { piece: first.piece, sentence: first.sentence.clone(), marks: BTreeMap::new() };
            for said in all.iter().skip(nth).take(take).filter(|said| said.choice == first.choice) {
                for (mark, words) in &said.marks {
                    window.marks.entry(mark.clone()).or_insert_with(|| words.clone());
                }
            }
            window
        })
        .collect()
}

fn said(language: Language, piece: usize, subject: bool, block: &Block) -> Vec<Said> {
    let (plain, from) = fold(&block.words);
    let choice = block.role.is_choice();
    let spans = match choice {
        true => std::iter::once(0..plain.len()).collect(),
        false => sentences(&plain),
    };
    spans
        .into_iter()
        .filter(|span| plain.get(span.clone()).is_some_and(|words| words.chars().any(char::is_alphanumeric)))
        .map(|span| {
            let words = plain.get(span.clone()).unwrap_or_default();
            let mut marks = marks(language, words, choice, |place| {
                let at = |end: usize| from.get(span.start + end).copied().unwrap_or(block.words.len());
                let shown = block.words.get(at(place.start)..at(place.end)).unwrap_or_default();
                shown.replace(HOLE, "…")
            });
            if subject {
                marks.insert("in:subject".to_owned(), String::new());
            }
            Said { piece, sentence: span, choice, marks }
        })
        .collect()
}

fn marks(language: Language, plain: &str, choice: bool, shown: impl Fn(Range<usize>) -> String) -> BTreeMap<String, String> {
    let mut words = cut(plain);
    words.truncate(LONGEST);
    let concepts = Concepts::of(language);
    let kind = if choice { "choice:" } else { "" };
    let mut marks = BTreeMap::new();
    let mut about: BTreeMap<&'static str, String> = BTreeMap::new();
    for (nth, word) in words.iter().enumerate() {
        let own = stem(language, word.text);
        if own.len() > 1 {
            marks.entry(format!("{kind}{own}")).or_insert_with(|| shown(word.place.clone()));
        }
        if let Some(next) = words.get(nth + 1) {
            let pair = format!("{kind}{own} {}", stem(language, next.text));
            marks.entry(pair).or_insert_with(|| shown(word.place.start..next.place.end));
        }
        concepts.at(words.get(nth..).unwrap_or_default(), |name, length| {
            let end = words.get(nth + length - 1).map_or(word.place.end, |last| last.place.end);
            about.entry(name).or_insert_with(|| shown(word.place.start..end));
        });
    }
    let names: Vec<(&'static str, String)> = about.into_iter().collect();
    for (nth, (one, words)) in names.iter().enumerate() {
        for (other, more) in names.iter().skip(nth + 1) {
            marks.insert(format!("{kind}<{one}>+<{other}>"), format!("{words} … {more}"));
        }
    }
    for (name, words) in names {
        marks.insert(format!("{kind}<{name}>"), words);
    }
    if plain.trim_end().ends_with('?') {
        marks.insert(format!("{kind}?"), "?".to_owned());
    }
    if plain.contains('!') {
        marks.insert(format!("{kind}!"), "!".to_owned());
    }
    marks
}

/// What a mark speaks for, in hundredths of a natural logarithm of odds.
type Weights = HashMap<&'static str, Vec<(Rule, i32)>>;

static FRENCH: LazyLock<Weights> = LazyLock::new(|| parse(include_str!("lexicon/weights_fr.txt")));
static ENGLISH: LazyLock<Weights> = LazyLock::new(|| parse(include_str!("lexicon/weights_en.txt")));

fn parse(text: &'static str) -> Weights {
    let mut weights: Weights = HashMap::new();
    let mut rule = None;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
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

/// For each rule the sum, and what spoke for it most: words and weight, the heaviest first, at most four.
pub(crate) fn weigh(language: Language, window: &Window) -> BTreeMap<Rule, Sum> {
    let weights = match language {
        Language::Fr => &*FRENCH,
        Language::En => &*ENGLISH,
    };
    let mut sums: BTreeMap<Rule, Sum> = BTreeMap::new();
    let always = ("bias".to_owned(), String::new());
    let marks = window.marks.iter().map(|(mark, words)| (mark.as_str(), words.as_str()));
    for (mark, words) in marks.chain([(always.0.as_str(), always.1.as_str())]) {
        for (rule, weight) in weights.get(mark).into_iter().flatten() {
            let sum = sums.entry(*rule).or_default();
            sum.total += weight;
            if *weight > 0 && !words.is_empty() {
                sum.reasons.push(Reason { words: words.to_owned(), weight: *weight });
            }
        }
    }
    for sum in sums.values_mut() {
        sum.reasons.sort_by(|one, other| other.weight.cmp(&one.weight).then_with(|| one.words.cmp(&other.words)));
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
