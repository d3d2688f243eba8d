//! Patterns and weights together: what a pattern finds is certain unless the words around it speak against it; what
//! no pattern finds is told when its words weigh enough, and is certain when they weigh much.
//!
//! Deliberately does not know: how weights came about.

use super::{Finding, Piece, skipped};
use crate::lexicon::Lexicon;
use crate::rule::Rule;
use crate::text::{Block, Role, Text};
use crate::weigh::{Sum, TOGETHER, Window, weigh, weighty};
use std::collections::BTreeMap;

/// In hundredths. Under it a pattern's finding is a remark. Chosen, like the others, by what messages of the
/// development corpora that were not learned from weigh (`cargo run -p honesty --example learn check`).
const DOUBTFUL: i32 = -150;
/// Over it words are told that no pattern finds.
const TOLD: i32 = -100;
/// Over it they stop the message.
const CERTAIN: i32 = 100;

/// Fewer words of a choice say yes or no and nothing of the person.
const SHORTEST: usize = 4;

/// The windows of a message with what they weigh.
#[derive(Default)]
pub(super) struct Weighed {
    windows: Vec<(Window, BTreeMap<Rule, Sum>)>,
}

impl Weighed {
    pub(super) fn of(text: &Text) -> Weighed {
        let windows = weighty(text);
        Weighed {
            windows: windows
                .into_iter()
                .map(|window| {
                    let sums = weigh(text.language, &window);
                    (window, sums)
                })
                .collect(),
        }
    }

    /// A pattern's finding at that byte of that piece's compared form.
    /// `certain`: by turns that leave no doubt.
    pub(super) fn settle(&self, piece: usize, byte: usize, certain: bool, mut finding: Finding) -> Finding {
        let here = self
            .windows
            .iter()
            .position(|(window, _)| window.piece == piece && window.sentence.end > byte);
        let Some(here) = here else { return finding };
        let around = self
            .windows
            .iter()
            .take(here + 1)
            .skip((here + 1).saturating_sub(TOGETHER));
        let sums = around.filter_map(|(_, sums)| sums.get(&finding.rule));
        let most = sums.max_by_key(|sum| sum.total);
        finding.certain = certain || most.is_some_and(|most| most.total > DOUBTFUL);
        finding.reasons = most.map(|most| most.reasons.clone()).unwrap_or_default();
        finding
    }

    /// What no pattern finds for certain: of each rule the window that weighs most.
    pub(super) fn unnamed(
        &self,
        text: &Text,
        lexicon: &Lexicon,
        parts: &[(super::Part, &Block)],
        found: &mut Vec<Finding>,
    ) {
        let mut most: BTreeMap<Rule, (&Window, &Sum)> = BTreeMap::new();
        for (window, sums) in &self.windows {
            for (rule, sum) in sums {
                let Some((_, block)) = parts.get(window.piece) else {
                    continue;
                };
                let fits = match rule {
                    // To agree shames nobody.
                    Rule::Confirmshaming => matches!(block.role, Role::Button | Role::Link),
                    Rule::PersonalDataInSubject => window.piece == 0 && text.subject.is_some(),
                    _ => !block.role.is_choice(),
                };
                let heavier = most.get(rule).is_none_or(|(_, other)| other.total < sum.total);
                if fits && heavier && sum.total > TOLD {
                    most.insert(*rule, (window, sum));
                }
            }
        }
        for (rule, (window, sum)) in most {
            let certain = sum.total > CERTAIN;
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
            let Some((part, block)) = parts.get(window.piece) else {
                continue;
            };
            let (plain, from) = crate::plain::fold(&block.words);
            let said = plain.get(window.sentence.clone()).unwrap_or_default();
            if lexicon.has("literature", said) && said.contains('"')
                || rule == Rule::Confirmshaming
                    && (lexicon.has("neutral_refusal", said) || said.split_whitespace().count() < SHORTEST)
            {
                continue;
            }
            let piece = Piece {
                part: *part,
                block,
                plain: &plain,
                from: &from,
            };
            let mut finding = piece.finding(rule, window.sentence.clone());
            finding.certain = certain;
            finding.reasons = sum.reasons.clone();
            found.push(finding);
        }
    }
}
