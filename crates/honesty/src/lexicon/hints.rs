//! Which patterns can stand in a text at all: of each the letters of which one must be there, all looked for at once.
//! Most patterns are ruled out for most sentences by this, and are then not tried.
//!
//! Deliberately does not know: what a pattern is for.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeMap;

/// Bytes of a run of letters that are looked for; more would rule out little more.
pub(crate) const LONGEST: usize = 8;
/// A pattern that needs one of more runs than these is tried everywhere.
const MOST: usize = 4_000;

/// The runs of letters of all patterns.
pub(super) struct Hints {
    runs: Option<AhoCorasick>,
    /// For each run the patterns that it lets in, a bit each.
    lets_in: Vec<Vec<u64>>,
    /// The patterns that nothing rules out.
    always: Vec<u64>,
}

/// The patterns that can stand in a text, a bit each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Possible(Vec<u64>);

impl Possible {
    /// With what can stand in another part of the same text.
    pub(crate) fn add(&mut self, other: &Possible) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Whether that pattern can stand there.
    pub(super) fn has(&self, pattern: usize) -> bool {
        self.0
            .get(pattern / 64)
            .is_some_and(|bits| bits & (1 << (pattern % 64)) != 0)
    }
}

impl Hints {
    /// Of the patterns in their order.
    pub(super) fn of(patterns: &[String]) -> Hints {
        let words = patterns.len().div_ceil(64);
        let mut always = vec![0; words];
        let mut runs: BTreeMap<Vec<u8>, Vec<u64>> = BTreeMap::new();
        let set = |bits: &mut Vec<u64>, nth: usize| {
            if let Some(word) = bits.get_mut(nth / 64) {
                *word |= 1 << (nth % 64);
            }
        };
        for (nth, pattern) in patterns.iter().enumerate() {
            let needed = regex_syntax::parse(pattern).ok().and_then(|hir| needed(&hir));
            match needed {
                Some(needed) => {
                    for run in needed {
                        set(runs.entry(run).or_insert_with(|| vec![0; words]), nth);
                    }
                }
                None => set(&mut always, nth),
            }
        }
        let (runs, lets_in): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&runs)
            .ok();
        if automaton.is_none() {
            always.fill(u64::MAX);
        }
        Hints {
            runs: automaton,
            lets_in,
            always,
        }
    }

    /// The patterns that can stand in a compared text.
    pub(super) fn possible(&self, plain: &str) -> Possible {
        let mut possible = self.always.clone();
        let found = self
            .runs
            .iter()
            .flat_map(|runs| runs.find_overlapping_iter(plain));
        for run in found {
            let bits = self.lets_in.get(run.pattern().as_usize());
            for (word, more) in possible.iter_mut().zip(bits.into_iter().flatten()) {
                *word |= more;
            }
        }
        Possible(possible)
    }
}

/// Runs of letters of which every match has at least one; `None` where none can be named.
fn needed(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let mut best = match hir.kind() {
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needed(&repetition.sub),
        HirKind::Alternation(branches) => branches.iter().map(needed).try_fold(Vec::new(), |mut all, one| {
            all.extend(one?);
            Some(all)
        }),
        HirKind::Concat(parts) => parts.iter().filter_map(needed).reduce(better),
        _ => None,
    };
    for kind in [ExtractKind::Prefix, ExtractKind::Suffix] {
        let edge = edge(hir, kind);
        best = match (best, edge) {
            (Some(one), Some(other)) => Some(better(one, other)),
            (one, other) => one.or(other),
        };
    }
    best.map(|mut best| {
        best.sort();
        best.dedup();
        best
    })
    .filter(|best| best.len() <= MOST)
}

/// The beginnings or the endings of all matches.
fn edge(hir: &Hir, kind: ExtractKind) -> Option<Vec<Vec<u8>>> {
    let from_end = matches!(kind, ExtractKind::Suffix);
    let mut extractor = Extractor::new();
    extractor.kind(kind).limit_total(MOST);
    let found = extractor.extract(hir);
    let runs = found.literals()?.iter().map(|literal| {
        let bytes = literal.as_bytes();
        let cut = bytes.len().saturating_sub(LONGEST);
        let kept = match from_end {
            true => bytes.get(cut..),
            false => bytes.get(..LONGEST.min(bytes.len())),
        };
        kept.unwrap_or_default().to_vec()
    });
    let runs: Vec<Vec<u8>> = runs.collect();
    (!runs.is_empty() && runs.iter().all(|run| !run.is_empty())).then_some(runs)
}

/// The one that lets in less: without short runs, then with fewer.
fn better(one: Vec<Vec<u8>>, other: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let worth = |runs: &[Vec<u8>]| {
        let loose: f64 = runs
            .iter()
            .map(|run| 12_f64.powi(-i32::try_from(run.len()).unwrap_or(8)))
            .sum();
        -loose
    };
    if worth(&other) > worth(&one) { other } else { one }
}
