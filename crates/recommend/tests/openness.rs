//! What the dial promises, for any model, history and shop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use proptest::prelude::*;
use recommend::{Mix, Model, Opening, Openness, Slot, Topics, score_all};
use std::collections::HashSet;
use support::{history, model, muted};
use vocabulary::Moment;

fn topics_of(model: &Model, number: u32, salt: u32) -> Topics {
    let each: Vec<Vec<u32>> = (0..model.items().len() as u32)
        .map(|at| match (at ^ salt) % 7 {
            0 => Vec::new(),
            1 => vec![at % number, (at / 3 + salt) % number],
            _ => vec![(at.wrapping_mul(2_654_435_761) ^ salt) % number],
        })
        .map(|mut topics: Vec<u32>| {
            topics.dedup();
            topics
        })
        .collect();
    Topics::new(each.iter().map(Vec::as_slice))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_opened_list_keeps_every_promise(
        (_, model) in model(),
        history in history(),
        muted in muted(),
        number in 1u32..12,
        salt in any::<u32>(),
        seed in any::<u64>(),
        most in 0usize..30,
        nth in 0usize..5,
        discovery in any::<bool>(),
    ) {
        let topics = topics_of(&model, number, salt);
        let offer = topics.mix((0..model.items().len() as u32).map(|at| (at, 1.0)));
        let scores = score_all(&model, &history, &muted, Moment(0));
        let openness = Openness::ALL[nth];
        let opening = Opening { openness, discovery, topics: &topics, offer: &offer, seed };
        let hidden = |at: u32| at % 5 == salt % 5;
        let list = scores.open(most, &opening, |at| !hidden(at));
        let again = scores.open(most, &opening, |at| !hidden(at));
        prop_assert_eq!(&list, &again, "the same seed, the same list");

        let eligible = (0..model.items().len() as u32).filter(|at| !hidden(*at)).count();
        prop_assert_eq!(list.len(), most.min(eligible), "a list is full if it can be");
        let places: HashSet<u32> = list.iter().map(|one| one.at).collect();
        prop_assert_eq!(places.len(), list.len(), "nothing stands twice");
        prop_assert!(list.iter().all(|one| !hidden(one.at)));

        // Every score is the sum of its reasons, and what is not a discovery is in order.
        for one in &list {
            prop_assert_eq!(one.ranked.score, one.ranked.reasons.iter().map(|r| r.amount).sum::<f64>());
        }
        let ordered: Vec<f64> = list
            .iter()
            .filter(|one| !matches!(one.slot, Slot::Discovery { .. }))
            .map(|one| one.ranked.score)
            .collect();
        prop_assert!(ordered.is_sorted_by(|a, b| a >= b));

        // Outside is outside: no topic of it is usual. And a discovery is told, chosen among some, and wanted.
        let own = scores.own_mix(&topics);
        let usual = own.usual();
        for one in &list {
            let unusual = !own.is_empty()
                && !topics.of(one.at).is_empty()
                && topics.of(one.at).iter().all(|topic| !usual[*topic as usize]);
            prop_assert_eq!(one.outside, unusual);
            if let Slot::Discovery { among, propensity } = one.slot {
                prop_assert!(discovery && one.outside && among > 0);
                prop_assert!(propensity > 0.0 && propensity <= 1.0 / f64::from(among) + 1e-12);
                prop_assert!(one.ranked.reasons.iter().any(|r| r.because.is_some() && r.amount > 0.0));
            }
        }
        let step = openness.step();
        let discoveries = list.iter().filter(|one| matches!(one.slot, Slot::Discovery { .. })).count();
        if step.discovery_one_in == 0 || !discovery {
            prop_assert_eq!(discoveries, 0);
        } else {
            prop_assert!(discoveries <= most.div_ceil(10));
        }

        // The floor: as many from outside as promised, or all there are.
        if !own.is_empty() && step.outside_one_in > 0 && most * 2 >= step.outside_one_in as usize {
            let there = (0..model.items().len() as u32)
                .filter(|at| !hidden(*at))
                .filter(|at| {
                    !topics.of(*at).is_empty() && topics.of(*at).iter().all(|topic| !usual[*topic as usize])
                })
                .count();
            let floor = most.div_ceil(step.outside_one_in as usize);
            let found = list.iter().filter(|one| one.outside).count();
            prop_assert!(found >= floor.min(there), "{found} of {floor}, {there} there are");
        }

        // Close is the plain list.
        if openness == Openness::Close {
            let plain = scores.rank_at(most, |at| !hidden(at));
            prop_assert_eq!(list.into_iter().map(|one| one.ranked).collect::<Vec<_>>(), plain);
        }
    }

    #[test]
    fn a_mix_is_closest_to_itself_and_evenness_counts_topics(shares in prop::collection::vec(0.0f64..1.0, 1..20)) {
        let sum: f64 = shares.iter().sum();
        prop_assume!(sum > 0.1);
        let mix = Mix(shares.iter().map(|share| share / sum).collect());
        prop_assert!(mix.distance(&mix) < 1e-6);
        prop_assert!(mix.effective() >= 1.0 - 1e-9 && mix.effective() <= shares.len() as f64 + 1e-9);
        let even = Mix(vec![1.0 / shares.len() as f64; shares.len()]);
        prop_assert!((even.effective() - shares.len() as f64).abs() < 1e-6);
        prop_assert!(mix.opened(&even, 1.0).distance(&even) < 1e-6);
    }
}
