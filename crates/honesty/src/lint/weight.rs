//! Patterns and weights together: what a pattern finds is certain unless the words around it speak against it; what
//! no pattern finds is told when its words weigh enough, and is certain when they weigh much.
//!
//! Deliberately does not know: how weights came about.

use super::{Finding, finding, skipped};
use crate::reading::{Piece, Reading};
use crate::rule::Rule;
use crate::text::Role;
use crate::weigh::{TOGETHER, Weighing, Window};
use std::collections::BTreeMap;

/// In hundredths. Under it a pattern's finding is a remark. Chosen, like the others, by what messages of the
/// development corpora that were not learned from weigh (`cargo run --release -p honesty --example learn check`).
const DOUBTFUL: i32 = 50;
/// Under it what a pattern finds is not told: all that stands around speaks against it.
const EXCUSED: i32 = -400;
/// Over it words are told that no pattern finds.
const TOLD: i32 = -200;
/// Over it they stop the message.
const CERTAIN: i32 = 300;

/// And for the rule itself, without what speaks for every rule, over this: else a message would be told to break many.
const OWN: i32 = -200;

/// Fewer words of a text are weighed by what few things stand in it, and say little.
const FEWEST: usize = 6;

/// Fewer words of a choice say yes or no and nothing of the person.
const SHORTEST: usize = 4;

/// The windows of a message with what they weigh; nothing where nothing is weighed.
#[derive(Default)]
pub(super) struct Weighed<'a>(Option<Weighing<'a>>);

impl<'a> Weighed<'a> {
    pub(super) fn of(reading: &'a Reading<'a>) -> Weighed<'a> {
        Weighed(Some(Weighing::of(reading)))
    }

    /// A pattern's finding at that byte of that piece's compared form.
    /// `certain`: by turns that leave no doubt.
    pub(super) fn settle(
        &self,
        piece: usize,
        byte: usize,
        certain: bool,
        mut finding: Finding,
    ) -> Option<Finding> {
        let Some(weighing) = &self.0 else {
            return Some(finding);
        };
        let mut windows = weighing.windows.iter();
        let here = windows.position(|window| window.piece == piece && window.sentence.end > byte);
        let Some(here) = here else { return Some(finding) };
        let around = weighing
            .windows
            .iter()
            .take(here + 1)
            .skip((here + 1).saturating_sub(TOGETHER));
        let sums = around.filter_map(|window| Some((window, window.sum(finding.rule)?)));
        let most = sums.max_by_key(|(_, sum)| *sum);
        if !certain && most.is_none_or(|(_, sum)| sum < EXCUSED) && finding.rule != Rule::UnguardedClaim {
            return None;
        }
        finding.certain = certain || most.is_some_and(|(_, sum)| sum > DOUBTFUL);
        finding.reasons = most
            .map(|(window, _)| weighing.reasons(window, finding.rule))
            .unwrap_or_default();
        Some(finding)
    }

    /// What no pattern finds for certain: of each rule the window that weighs most.
    pub(super) fn unnamed(&self, reading: &Reading<'_>, found: &mut Vec<Finding>) {
        let Some(weighing) = &self.0 else { return };
        let text = reading.text;
        let mut most: BTreeMap<Rule, (i32, &Window, &Piece<'_>)> = BTreeMap::new();
        for window in &weighing.windows {
            let Some(piece) = reading.pieces.get(window.piece) else {
                continue;
            };
            let heavy = |(_, sum): &(Rule, i32)| *sum > TOLD && *sum - window.any > OWN;
            for (rule, sum) in window.sums().filter(heavy) {
                let fits = match rule {
                    // To agree shames nobody.
                    Rule::Confirmshaming => {
                        window.choice && !matches!(piece.block.role, Role::Checkbox { .. })
                    }
                    Rule::PersonalDataInSubject => piece.subject,
                    _ => !window.choice,
                };
                let enough = || window.choice || weighing.words_in(window) >= FEWEST;
                if fits && enough() && most.get(&rule).is_none_or(|(other, ..)| *other < sum) {
                    most.insert(rule, (sum, window, piece));
                }
            }
        }
        for (rule, (sum, window, piece)) in most {
            // What only looks like an answer is never certain by its weight.
            let certain = sum > CERTAIN && window.choice == piece.block.role.is_choice();
            let known = found
                .iter()
                .any(|finding| finding.rule == rule && (finding.certain || !certain));
            // What is bound to a fact may be said; whether it stands in its block is seen by the patterns.
            let bound = rule
                .claim()
                .is_some_and(|kind| text.bound.iter().any(|bound| bound.kind == kind));
            if known || bound || skipped(text, rule) {
                continue;
            }
            let said = piece.part(piece.plain.get(window.sentence.clone()).unwrap_or_default());
            let is = |section: &str| reading.lexicon.stands(section, said);
            if said.plain.contains('"') && is("literature")
                || rule == Rule::Confirmshaming
                    && (is("neutral_refusal") || said.plain.split_whitespace().count() < SHORTEST)
            {
                continue;
            }
            found.push(Finding {
                certain,
                reasons: weighing.reasons(window, rule),
                ..finding(piece, rule, window.sentence.clone())
            });
        }
    }
}
