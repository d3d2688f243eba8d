//! What is always so of scores, reasons and lists.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test compares with the mathematics library"
)]

#[allow(dead_code, reason = "each test file uses a part")]
mod support;

use proptest::prelude::*;
use recommend::{Channel, Contents, Model, Ranked, contextual, counterfactual, score_all, score_all_with};
use std::collections::HashMap;
use support::{NOW, history, item, model, muted, parameters};
use vocabulary::{DAY_MS, Interaction, ItemId};

/// The scores by the formula, dense and in floating point: what the whole numbers must agree with.
fn by_formula(contents: &Contents, history: &[Interaction], muted: &[ItemId]) -> HashMap<ItemId, f64> {
    let p = contents.header.parameters;
    let unit = 2f64.powi(-i32::from(contents.header.weight_bits));
    let mut scores = HashMap::new();
    for (target, name) in contents.items.iter().enumerate() {
        let mut score = p.prior * f64::from(contents.popularity[target]) / 2f64.powi(32);
        for act in history.iter().filter(|act| !muted.contains(&act.item)) {
            let days = (NOW.since(act.last_at) as f64 / DAY_MS as f64).max(0.0);
            let kind = |weight: f64, n: u32| {
                if n == 0 {
                    0.0
                } else {
                    weight * (1.0 + p.repeats * (1.0 - 1.0 / f64::from(n)))
                }
            };
            let strength = kind(p.viewed, act.viewed)
                .max(kind(p.added, act.added))
                .max(kind(p.bought, act.bought));
            let fade = |half_life: f64| 0.5f64.powf(days / half_life);
            let weight = |columns: &[Vec<(u32, i16)>]| {
                let found = columns[target]
                    .iter()
                    .find(|(source, _)| item(*source as usize) == act.item);
                found.map_or(0.0, |(_, weight)| f64::from(*weight) * unit)
            };
            score += p.discover * strength * fade(p.discover_half_life) * weight(&contents.discover);
            score += p.alike * strength * fade(p.discover_half_life) * weight(&contents.alike);
            score += p.next * strength * fade(p.next_half_life) * weight(&contents.next);
            if act.item == *name {
                let orders = f64::from(act.bought);
                score += p.again * orders / (orders + p.again_half) * fade(p.again_half_life);
            }
        }
        for (source, weight) in &contents.discover[target] {
            if muted.contains(&item(*source as usize)) {
                score -= p.mute * (f64::from(*weight) * unit).max(0.0);
            }
        }
        if muted.contains(name) {
            score -= p.mute;
        }
        scores.insert(name.clone(), score);
    }
    scores
}

fn all_of(model: &Model, history: &[Interaction], muted: &[ItemId]) -> Vec<Ranked> {
    score_all(model, history, muted, NOW).rank(usize::MAX, |_| true)
}

proptest! {
    #[test]
    fn a_score_is_what_the_formula_says((contents, model) in model(), history in history(), muted in muted()) {
        let expected = by_formula(&contents, &history, &muted);
        let list = all_of(&model, &history, &muted);
        prop_assert_eq!(list.len(), expected.len());
        for ranked in list {
            // A strength is rounded to 2^-16, and meets a weight of at most 2^15-weight_bits.
            let coarse = 2f64.powi(15 - i32::from(contents.header.weight_bits));
            let allowed = 1e-9 + 40.0 * coarse * 2f64.powi(-17);
            prop_assert!((ranked.score - expected[&ranked.item]).abs() <= allowed, "{ranked:?} {expected:?}");
        }
    }

    #[test]
    fn the_reasons_of_an_item_add_up_to_its_score_in_any_order(
        (_, model) in model(), history in history(), muted in muted(), seed in any::<u64>(),
    ) {
        for mut ranked in all_of(&model, &history, &muted) {
            let forwards: f64 = ranked.reasons.iter().map(|reason| reason.amount).sum();
            ranked.reasons.sort_by_key(|reason| reason.amount.to_bits().wrapping_mul(seed | 1));
            let shuffled: f64 = ranked.reasons.iter().map(|reason| reason.amount).sum();
            prop_assert_eq!(forwards, ranked.score);
            prop_assert_eq!(shuffled, ranked.score);
            prop_assert!(ranked.reasons.iter().all(|reason| reason.amount != 0.0));
            let own = |because: &ItemId| {
                muted.contains(because) || history.iter().any(|act| act.item == *because)
            };
            prop_assert!(ranked.reasons.iter().all(|reason| reason.because.as_ref().is_none_or(own)));
            prop_assert!(ranked.reasons.iter().all(|r| (r.channel == Channel::Prior) == r.because.is_none()));
        }
    }

    #[test]
    fn removing_a_history_item_gives_exactly_the_promised_list(
        (_, model) in model(), history in history(), muted in muted(), most in 1usize..14, odd in any::<bool>(),
    ) {
        let eligible = |item: &ItemId| !odd || item.as_str().ends_with(['1', '3', '5', '7', '9']);
        let scores = score_all(&model, &history, &muted, NOW);
        let reasons = scores.rank(most, eligible).into_iter().flat_map(|ranked| ranked.reasons);
        for because in reasons.filter_map(|reason| reason.because).chain(history.iter().map(|h| h.item.clone())) {
            let promised = scores.without(&because).rank(most, eligible);
            let rest: Vec<_> = history.iter().filter(|act| act.item != because).cloned().collect();
            let happened = score_all(&model, &rest, &muted, NOW).rank(most, eligible);
            prop_assert_eq!(&promised, &happened);
            let at = |place: u32| model.items()[place as usize].clone();
            let top = scores.top_without(&because, most, |place| eligible(&at(place)));
            let top: Vec<ItemId> = top.into_iter().map(at).collect();
            let same: Vec<ItemId> = happened.iter().map(|r| r.item.clone()).collect();
            prop_assert_eq!(top, same);
            let by_definition = counterfactual(&model, &history, &because, &muted, NOW, most, eligible);
            prop_assert_eq!(&by_definition, &happened);
        }
    }

    #[test]
    fn what_carries_a_list_is_what_its_reasons_say((_, model) in model(), history in history(), muted in muted(), most in 0usize..5) {
        let scores = score_all(&model, &history, &muted, NOW);
        let list = scores.rank(6, |_| true);
        let mut shares = std::collections::BTreeMap::<&ItemId, f64>::new();
        for reason in list.iter().flat_map(|ranked| &ranked.reasons) {
            if let Some(because) = &reason.because {
                *shares.entry(because).or_default() += reason.amount;
            }
        }
        let mut expected: Vec<_> = shares.into_iter().filter(|(_, share)| *share > 0.0).collect();
        expected.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
        let expected: Vec<ItemId> = expected.into_iter().take(most).map(|(item, _)| item.clone()).collect();
        prop_assert_eq!(scores.carriers(&list, most), expected);
    }

    #[test]
    fn an_item_without_its_reason_loses_exactly_that_amount((_, model) in model(), history in history()) {
        let scores = score_all(&model, &history, &[], NOW);
        for ranked in scores.rank(usize::MAX, |_| true) {
            for because in history.iter().map(|act| &act.item) {
                let of_it = ranked.reasons.iter().filter(|reason| reason.because.as_ref() == Some(because));
                let amount: f64 = of_it.map(|reason| reason.amount).sum();
                let left = scores.without(because).explain(&ranked.item).unwrap().score;
                prop_assert_eq!(left, ranked.score - amount);
            }
        }
    }

    #[test]
    fn a_list_is_the_best_of_the_eligible_and_ties_go_to_the_lower_identifier(
        (_, model) in model(), history in history(), most in 0usize..14, barred in 0usize..12,
    ) {
        let scores = score_all(&model, &history, &[], NOW);
        let mut all: Vec<Ranked> = model.items().iter().map(|item| scores.explain(item).unwrap()).collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.item.cmp(&b.item)));
        all.retain(|ranked| ranked.item != item(barred));
        all.truncate(most);
        let top = scores.top(most, |candidate| *candidate != item(barred));
        prop_assert!(top.into_iter().eq(all.iter().map(|ranked| (&ranked.item, ranked.score))));
        prop_assert_eq!(scores.rank(most, |candidate| *candidate != item(barred)), all);
    }

    #[test]
    fn neither_the_order_of_a_history_nor_an_earlier_person_changes_anything(
        (_, model) in model(), first in history(), second in history(), muted in muted(),
    ) {
        let fresh = all_of(&model, &second, &[]);
        let used = score_all(&model, &first, &muted, NOW).into_scratch();
        let mut backwards = second.clone();
        backwards.reverse();
        let again = score_all_with(used, &model, &backwards, &[], NOW);
        prop_assert_eq!(again.rank(usize::MAX, |_| true), fresh);
    }

    #[test]
    fn an_empty_history_gives_the_contextual_list((_, model) in model(), most in 0usize..14) {
        let unprofiled = contextual(&model, most, |_| true);
        prop_assert_eq!(&score_all(&model, &[], &[], NOW).rank(most, |_| true), &unprofiled);
        prop_assert!(unprofiled.iter().all(|ranked| ranked.reasons.iter().all(|r| r.channel == Channel::Prior)));
    }

    #[test]
    fn a_mute_only_lowers_and_a_muted_item_speaks_for_nothing(
        (_, model) in model(), history in history(), target in 0usize..12,
    ) {
        let target = item(target);
        let rest: Vec<_> = history.iter().filter(|act| act.item != target).cloned().collect();
        let before = score_all(&model, &rest, &[], NOW);
        let after = score_all(&model, &history, std::slice::from_ref(&target), NOW);
        for name in model.items() {
            let (before, after) = (before.explain(name).unwrap(), after.explain(name).unwrap());
            prop_assert!(after.score <= before.score);
            let speaks = |r: &recommend::Reason| r.because.as_ref() == Some(&target) && r.amount > 0.0;
            prop_assert!(!after.reasons.iter().any(speaks));
            if *name == target {
                prop_assert!(after.score <= before.score - parameters().mute);
            }
        }
    }
}
