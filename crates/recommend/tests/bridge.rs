//! Bridging: an addend of its own, the same for everybody, from sums over groups.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use recommend::{Answers, Bridge, Bridging, Channel, Error, Model, Scores, Views, score_all};
use std::collections::BTreeMap;
use support::{NOW, history, item, model, muted};

fn said() -> impl Strategy<Value = Answers> {
    (0u32..80, 0u32..80).prop_map(|(agreed, not)| Answers {
        agreed: f64::from(agreed),
        asked: f64::from(agreed + not),
    })
}

fn views() -> impl Strategy<Value = Views> {
    let group = prop::collection::btree_map((0usize..14).prop_map(item), said(), 0..12);
    (
        prop::collection::vec(group, 0..4),
        prop_oneof![Just(0.0), 0.0f64..20.0],
    )
        .prop_map(|(groups, deviation)| Views { groups, deviation })
}

fn adds(scores: &Scores<'_>, model: &Model) -> Vec<f64> {
    let of = |item| {
        let reasons = scores.explain(item).unwrap().reasons;
        reasons
            .iter()
            .filter(|reason| reason.channel == Channel::Bridge)
            .map(|reason| reason.amount)
            .sum()
    };
    model.items().iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Explanations stay exact, also without an item of the history; and what is added is of nobody: it is the same for
    /// two people, and what a person agreed to or not is not asked for.
    #[test]
    fn the_addend_is_exact_and_the_same_for_everybody(
        (_, model) in model(), views in views(), weight in 0.0f64..4.0,
        one in history(), other in history(), muted in muted(),
    ) {
        let bridge = Bridge::new(&model, &views, Bridging { weight, least: 10.0 }).unwrap();
        let plain = score_all(&model, &one, &muted, NOW);
        let bridged = score_all(&model, &one, &muted, NOW).bridged(&bridge);
        let added = adds(&bridged, &model);
        for (item, added) in model.items().iter().zip(&added) {
            let with = bridged.explain(item).unwrap();
            prop_assert_eq!(with.score, with.reasons.iter().map(|reason| reason.amount).sum::<f64>());
            prop_assert_eq!(with.score, plain.explain(item).unwrap().score + added);
            prop_assert!((0.0..=weight + model.unit()).contains(added));
            let reason = with.reasons.iter().find(|reason| reason.channel == Channel::Bridge);
            prop_assert!(reason.is_none_or(|reason| reason.because.is_none() && reason.amount > 0.0));
        }
        prop_assert_eq!(&added, &adds(&score_all(&model, &other, &[], NOW).bridged(&bridge), &model));
        if let Some(removed) = one.first().map(|act| act.item.clone()) {
            let rest: Vec<_> = one.iter().filter(|act| act.item != removed).cloned().collect();
            let again = score_all(&model, &rest, &muted, NOW).bridged(&bridge);
            prop_assert_eq!(bridged.without(&removed).rank(20, |_| true), again.rank(20, |_| true));
        }
        // A second bridge takes the place of the first, and crossing twice adds once.
        prop_assert_eq!(bridged.bridged(&bridge).rank(20, |_| true),
            score_all(&model, &one, &muted, NOW).bridged(&bridge).rank(20, |_| true));
        if views.groups.len() < 2 {
            prop_assert!(added.iter().all(|added| *added == 0.0), "nothing to bridge");
        }
    }

    /// The product over groups: one more who agrees never lowers it; one group's delight does not raise it beyond what
    /// any other says.
    #[test]
    fn every_group_has_its_say_and_none_speaks_for_another(
        (_, model) in model(), one in 10u32..80, of_one in 0u32..80, other in 10u32..80, of_other in 0u32..80,
    ) {
        let first = model.items()[0].clone();
        let group = |agreed: u32, not: u32, base: f64| -> BTreeMap<_, _> {
            let mut group: BTreeMap<_, _> = model.items().iter()
                .map(|item| (item.clone(), Answers { agreed: base, asked: 1_000.0 }))
                .collect();
            let asked = f64::from(agreed + not);
            group.insert(first.clone(), Answers { agreed: f64::from(agreed), asked });
            group
        };
        let add = |groups: Vec<BTreeMap<_, _>>| {
            let views = Views { groups, deviation: 0.0 };
            let bridge = Bridge::new(&model, &views, Bridging { weight: 2.0, least: 10.0 }).unwrap();
            adds(&score_all(&model, &[], &[], NOW).bridged(&bridge), &model)[0]
        };
        // Each group beside one that agrees to everything.
        let sure = || group(1_000, 0, 1_000.0);
        let alone = add(vec![group(one, of_one, 500.0), sure()]);
        let both = add(vec![group(one, of_one, 500.0), group(other, of_other, 500.0), sure()]);
        let beside = add(vec![group(other, of_other, 500.0), sure()]);
        prop_assert!((both - alone * beside / 2.0).abs() < 1e-2, "{both} {alone} {beside}");
        prop_assert!(both <= alone.min(beside));
        prop_assert!(add(vec![group(one + 5, of_one, 500.0), sure()]) >= alone - 1e-3);
    }

    /// A few people are not a group: what fewer than the least cohort say changes nothing.
    #[test]
    fn what_too_few_say_changes_nothing(
        (_, model) in model(), views in views(), agreed in 0u32..10, nth in 0usize..4,
    ) {
        prop_assume!(!views.groups.is_empty());
        let first = model.items()[0].clone();
        let of = |views: &Views| Bridge::new(&model, views, Bridging::default()).unwrap();
        let mut without = views.clone();
        let nth = nth % views.groups.len();
        without.groups[nth].remove(&first);
        let mut few = without.clone();
        few.groups[nth].insert(first, Answers { agreed: f64::from(agreed), asked: 9.5 });
        prop_assert_eq!(of(&few), of(&without));
    }

    /// The noisier the sums, the nearer to the group's mean: no item rises on noise alone.
    #[test]
    fn noise_pulls_towards_the_mean((_, model) in model(), agreed in 0u32..200, noise in 1.0f64..50.0) {
        let rate = |deviation: f64| {
            let group = || BTreeMap::from([
                (model.items()[0].clone(), Answers { agreed: f64::from(agreed), asked: 200.0 }),
                (item(999), Answers { agreed: 5_000.0, asked: 10_000.0 }),
            ]);
            let views = Views { groups: vec![group(), group()], deviation };
            let bridge = Bridge::new(&model, &views, Bridging { weight: 1.0, least: 10.0 }).unwrap();
            adds(&score_all(&model, &[], &[], NOW).bridged(&bridge), &model)[0]
        };
        let mean = (5_000.0 + f64::from(agreed)) / 10_200.0;
        // Two groups alike: the square.
        let mean = mean * mean;
        prop_assert!((rate(noise) - mean).abs() <= (rate(0.0) - mean).abs() + 1e-4);
    }
}

#[test]
fn what_is_no_number_is_refused() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (_, model) = model().new_tree(&mut runner).unwrap().current();
    let of = |views: &Views, weight: f64, least: f64| Bridge::new(&model, views, Bridging { weight, least });
    let fine = Views::default();
    for (weight, least) in [
        (f64::NAN, 10.0),
        (-1.0, 10.0),
        (17.0, 10.0),
        (0.5, 0.0),
        (0.5, f64::INFINITY),
    ] {
        assert!(matches!(of(&fine, weight, least), Err(Error::Parameter { .. })));
    }
    let wrong = Answers {
        agreed: f64::NAN,
        asked: 20.0,
    };
    let views = Views {
        groups: vec![BTreeMap::from([(item(1), wrong)])],
        deviation: 0.0,
    };
    assert!(of(&views, 0.5, 10.0).is_err());
    assert!(
        of(
            &Views {
                groups: Vec::new(),
                deviation: -1.0
            },
            0.5,
            10.0
        )
        .is_err()
    );
    let many = Views {
        groups: vec![BTreeMap::new(); 33],
        deviation: 0.0,
    };
    assert!(matches!(of(&many, 0.5, 10.0), Err(Error::Limit { .. })));
}
