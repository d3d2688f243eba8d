//! Why something is recommended, in a sentence and in a few words.
//!
//! Deliberately does not know how a score is made: it is given the parts of the sum.

use super::{Put, Words};
use vocabulary::Language;

/// Where a part of a score comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartKind {
    /// The person bought this very thing before.
    Again,
    /// People who had the named item then went on to this one.
    Next,
    /// People who have the named item have this one too.
    Discover,
    /// Many people have it: nothing of the person counts in this.
    Prior,
    /// The person wants less of the named item.
    Mute,
    /// People of different views value it: nothing of the person counts in this either.
    Bridge,
    /// The person declared an interest in the named topic.
    Interest,
    /// The person wants less of the named topic.
    Less,
    /// Few have it yet; its category or its name is like that of the named item.
    Alike,
}

/// One part of a score: what it comes from and how much it adds.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// Where it comes from.
    pub kind: PartKind,
    /// The name of the item it comes from, for `Next`, `Discover` and `Mute`; of the topic, for `Interest` and
    /// `Less`.
    pub item: String,
    /// What it adds; negative parts take away.
    pub amount: f64,
}

impl Part {
    /// The part in a few words, to stand beside its bar.
    pub fn label(&self, words: Words) -> String {
        let key = match self.kind {
            PartKind::Again => "reason-again",
            PartKind::Next => "reason-next",
            PartKind::Discover => "reason-discover",
            PartKind::Prior => "reason-prior",
            PartKind::Mute => "reason-mute",
            PartKind::Bridge => "reason-bridge",
            PartKind::Interest => "reason-interest",
            PartKind::Less => "reason-less",
            PartKind::Alike => "reason-alike",
        };
        words.with(key, &[("item", Put::Text(&self.item))])
    }

    fn phrase(&self, words: Words) -> String {
        let key = match self.kind {
            PartKind::Again => "phrase-again",
            PartKind::Next => "phrase-next",
            PartKind::Discover => "phrase-discover",
            PartKind::Prior => "phrase-prior",
            PartKind::Mute => "phrase-mute",
            PartKind::Bridge => "phrase-bridge",
            PartKind::Interest => "phrase-interest",
            PartKind::Less => "phrase-less",
            PartKind::Alike => "phrase-alike",
        };
        words.with(key, &[("item", Put::Text(&self.item))])
    }
}

/// The share of a part in the sum of what all parts add or take away, from 0 to 1.
pub(crate) fn share(amount: f64, parts: &[Part]) -> f64 {
    let total: f64 = parts.iter().map(|part| part.amount.abs()).sum();
    if total > 0.0 && total.is_finite() {
        amount.abs() / total
    } else {
        0.0
    }
}

/// The parts, the weightiest first.
pub(crate) fn by_weight(parts: &[Part]) -> Vec<&Part> {
    let mut sorted: Vec<&Part> = parts.iter().collect();
    sorted.sort_by(|a, b| b.amount.abs().total_cmp(&a.amount.abs()));
    sorted
}

/// Why, in one sentence: the one or two parts that weigh most in favour, with their share of the sum.
/// The second is named when it weighs a tenth or more.
pub fn sentence(language: Language, parts: &[Part]) -> String {
    let words = Words::of(language);
    let in_favour: Vec<&Part> = by_weight(parts)
        .into_iter()
        .filter(|part| part.amount > 0.0)
        .collect();
    let Some(first) = in_favour.first() else {
        return words.say("sentence-none");
    };
    if parts.iter().all(|part| part.kind == PartKind::Prior) {
        return words.say("sentence-prior");
    }
    let second = in_favour
        .get(1)
        .filter(|second| share(second.amount, parts) >= 0.1);
    let Some(second) = second else {
        return words.with("sentence-one", &[("first", Put::Text(&first.phrase(words)))]);
    };
    let places = [
        first.phrase(words),
        words.share(share(first.amount, parts)),
        second.phrase(words),
        words.share(share(second.amount, parts)),
    ];
    let [first, share, second, rest] = &places;
    words.with(
        "sentence-two",
        &[
            ("first", Put::Text(first)),
            ("share", Put::Text(share)),
            ("second", Put::Text(second)),
            ("rest", Put::Text(rest)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: PartKind, item: &str, amount: f64) -> Part {
        Part {
            kind,
            item: item.to_owned(),
            amount,
        }
    }

    fn check(parts: &[Part], english: &str, french: &str) {
        assert_eq!(sentence(Language::En, parts), english);
        assert_eq!(sentence(Language::Fr, parts), french);
    }

    #[test]
    fn the_weightiest_reasons_are_named_with_their_share() {
        check(
            &[
                part(PartKind::Prior, "", 0.1),
                part(PartKind::Discover, "Lamp", 0.6),
                part(PartKind::Again, "", 0.3),
            ],
            "Because it often goes with “Lamp” in your history (60%), and you bought it before (30%).",
            "Pourquoi\u{202f}: il va souvent avec «\u{202f}Lamp\u{202f}» de votre historique (60\u{202f}%)\u{202f}; vous l’avez déjà acheté (30\u{202f}%).",
        );
        check(
            &[
                part(PartKind::Next, "Lamp", 0.95),
                part(PartKind::Prior, "", 0.05),
            ],
            "Because it often follows “Lamp” in your history.",
            "Pourquoi\u{202f}: il suit souvent «\u{202f}Lamp\u{202f}» de votre historique.",
        );
    }

    #[test]
    fn what_takes_away_is_never_given_as_a_reason_for() {
        let parts = [part(PartKind::Mute, "Lamp", -0.9), part(PartKind::Again, "", 0.1)];
        assert_eq!(sentence(Language::En, &parts), "Because you bought it before.");
        check(
            &[part(PartKind::Mute, "Lamp", -0.9)],
            "No reason weighs for or against it: it only fills the list.",
            "Aucune raison ne pèse pour ou contre lui\u{202f}: il complète la liste.",
        );
    }

    #[test]
    fn a_list_made_without_the_person_says_so() {
        check(
            &[part(PartKind::Prior, "", 0.4)],
            "Many people choose it; nothing about you counts here.",
            "Beaucoup de gens le choisissent\u{202f}; rien de vous n’entre en compte.",
        );
    }

    #[test]
    fn shares_sum_to_one() {
        let parts = [
            part(PartKind::Prior, "", 0.1),
            part(PartKind::Mute, "a", -0.3),
            part(PartKind::Next, "b", 0.7),
        ];
        let total: f64 = parts.iter().map(|part| share(part.amount, &parts)).sum();
        assert!((total - 1.0).abs() < 1e-12);
        assert_eq!(share(1.0, &[]), 0.0);
    }
}
