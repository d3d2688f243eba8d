//! Each control changes the very next list, in the direction it promises, for anybody.

use crate::support::{
    APART, ITEMS, NOW, TOPICS, catalogue, histories, id, preferences, requests, shop, steps, topic, view,
};
use decide::offers::{Offers, Request, Rule, contextual, profiled};
use gate::Account as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use recommend::{Channel, Slot};
use vocabulary::{Interaction, ItemId, Openness, Preferences, Stance};

fn plain(count: usize) -> Request {
    Request {
        categories: Vec::new(),
        count,
        counterfactuals: 0,
        exclude_bought: false,
        placement: "test".to_owned(),
    }
}

fn topic_of(item: &ItemId) -> String {
    catalogue().get(item).unwrap().category.clone()
}

fn of_topic(offers: &Offers, topic: &str) -> usize {
    offers
        .items
        .iter()
        .filter(|one| topic_of(&one.item) == topic)
        .count()
}

/// How many equally great topics the list is as varied as.
fn effective(offers: &Offers) -> f64 {
    let mut counts = std::collections::BTreeMap::<String, f64>::new();
    for one in &offers.items {
        *counts.entry(topic_of(&one.item)).or_default() += 1.0;
    }
    let all: f64 = counts.values().sum();
    let squares: f64 = counts.values().map(|count| (count / all) * (count / all)).sum();
    if squares > 0.0 { 1.0 / squares } else { 0.0 }
}

fn scores_of(offers: &Offers, topic: &str) -> Vec<(ItemId, f64)> {
    let those = offers.items.iter().filter(|one| topic_of(&one.item) == topic);
    those.map(|one| (one.item.clone(), one.score)).collect()
}

/// Whatever may be shown, in one list that leaves nothing out.
fn everything(history: &[Interaction], wishes: Preferences) -> Offers {
    let all = Preferences {
        openness: Openness::Close,
        ..wishes
    };
    profiled(
        &view(history.to_vec(), Vec::new(), all),
        &plain(ITEMS),
        &shop(),
        1,
        NOW,
    )
}

fn with(wishes: &Preferences, topic: &str, stance: Stance) -> Preferences {
    let mut wishes = wishes.clone();
    wishes.topics.insert(topic.to_owned(), stance);
    wishes
}

fn without(wishes: &Preferences, topic: &str) -> Preferences {
    let mut wishes = wishes.clone();
    wishes.topics.remove(topic);
    wishes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn less_of_a_topic_is_never_more_of_it(
        history in histories(), wishes in preferences(), number in 0..TOPICS, count in 1..25usize, seed in 0u64..1 << 53,
    ) {
        let name = topic(number);
        // What is drawn is drawn anew when other items are there to be drawn.
        let before = without(&Preferences { discovery: false, ..wishes }, &name);
        let after = with(&before, &name, Stance::Less);
        for (one, other) in scores_of(&everything(&history, before.clone()), &name)
            .into_iter()
            .map(|(item, score)| {
                let after = everything(&history, after.clone());
                let found = after.items.iter().find(|one| one.item == item).unwrap().score;
                (score, found)
            })
        {
            prop_assert!(other <= one || one < 0.0, "an item rose from {one} to {other}");
        }
        let list = |wishes: &Preferences| {
            let view = view(history.clone(), Vec::new(), wishes.clone());
            profiled(&view, &plain(count), &shop(), seed, NOW)
        };
        let chosen = |offers: &Offers| {
            let of = offers.items.iter().zip(&offers.places);
            let drawn = |slot| matches!(slot, Slot::Discovery { .. } | Slot::Exposure { .. });
            of.filter(|(one, place)| topic_of(&one.item) == name && !drawn(place.slot)).count()
        };
        let (before, after) = (list(&before), list(&after));
        prop_assert!(chosen(&after) <= chosen(&before), "{} became {}", chosen(&before), chosen(&after));
        for (one, place) in after.items.iter().zip(&after.places) {
            prop_assert!(topic_of(&one.item) != name || place.slot == Slot::Chosen, "{:?}", place.slot);
        }
    }

    #[test]
    fn never_is_never(
        history in histories(), wishes in preferences(), number in 0..TOPICS, item in 0..ITEMS, request in requests(),
        seed in 0u64..1 << 53,
    ) {
        let wishes = with(&wishes, &topic(number), Stance::Never);
        let offers = profiled(&view(history, vec![id(item)], wishes), &request, &shop(), seed, NOW);
        prop_assert_eq!(of_topic(&offers, &topic(number)), 0);
        prop_assert!(offers.items.iter().all(|one| one.item != id(item)));
        for (out, rule) in &offers.excluded {
            prop_assert!(*rule != Rule::MutedTopic || wishes_never(&offers, out), "{out:?}");
        }
    }

    #[test]
    fn what_is_removed_speaks_for_nothing_any_more(
        history in histories(), wishes in preferences(), request in requests(), nth in any::<prop::sample::Index>(),
        seed in 0u64..1 << 53,
    ) {
        prop_assume!(!history.is_empty());
        let gone = history[nth.index(history.len())].item.clone();
        let rest: Vec<Interaction> = history.iter().filter(|one| one.item != gone).cloned().collect();
        let offers = profiled(&view(rest, Vec::new(), wishes), &request, &shop(), seed, NOW);
        for one in &offers.items {
            prop_assert!(one.reasons.iter().all(|reason| reason.because.as_ref() != Some(&gone)));
        }
    }

    #[test]
    fn a_declared_interest_rises_above_what_was_inferred(
        history in histories(), wishes in preferences(), number in 0..TOPICS, count in 1..25usize, seed in 0u64..1 << 53,
    ) {
        prop_assume!(number != APART);
        let name = topic(number);
        let before = Preferences { topics: Default::default(), ..wishes };
        let after = with(&before, &name, Stance::Interested);
        let all = everything(&history, after.clone());
        for (item, score) in scores_of(&everything(&history, before.clone()), &name) {
            let found = all.items.iter().find(|one| one.item == item).unwrap();
            prop_assert!(found.score >= score);
            let declared: f64 = found.reasons.iter().filter(|r| r.channel == Channel::Interest).map(|r| r.amount).sum();
            prop_assert_eq!(found.score - score, declared, "what it rose by is told");
        }
        let there = of_topic(&all, &name);
        prop_assume!(there > 0);
        prop_assert_eq!(topic_of(&all.items[0].item), name.clone(), "declared outranks inferred");
        let list = |wishes: &Preferences| {
            let view = view(history.clone(), Vec::new(), wishes.clone());
            profiled(&view, &plain(count), &shop(), seed, NOW)
        };
        let (before, after) = (list(&before), list(&after));
        // A list of one slot may be a draw.
        let drawn = after.places.iter().filter(|p| matches!(p.slot, Slot::Discovery { .. } | Slot::Exposure { .. })).count();
        let floor = count.div_ceil(5).min(there).min(after.items.len() - drawn);
        let found = of_topic(&after, &name);
        prop_assert!(found >= floor, "{found} of {floor}");
        prop_assert!(found >= of_topic(&before, &name).min(floor));
        if drawn == 0 {
            prop_assert_eq!(topic_of(&after.items[0].item), name);
        }
    }

    #[test]
    fn a_discovery_is_labelled_wanted_and_nobodys_intimate_matter(
        history in histories(), wishes in preferences(), request in requests(), seed in 0u64..1 << 53,
    ) {
        let offers = profiled(&view(history, Vec::new(), wishes.clone()), &request, &shop(), seed, NOW);
        prop_assert_eq!(offers.items.len(), offers.places.len());
        let discoveries = offers.places.iter().filter(|p| matches!(p.slot, Slot::Discovery { .. })).count();
        prop_assert!(wishes.discovery || discoveries == 0);
        prop_assert!(discoveries <= request.count.div_ceil(10));
        for (one, place) in offers.items.iter().zip(&offers.places) {
            if place.slot != Slot::Chosen && place.slot != Slot::Interest {
                prop_assert!(topic_of(&one.item) != topic(APART), "{:?}", place.slot);
            }
            if let Slot::Discovery { among, propensity } = place.slot {
                prop_assert!(place.outside && propensity > 0.0 && propensity <= 1.0 / f64::from(among));
                // It can be told why: something of the history leads to it.
                prop_assert!(one.reasons.iter().any(|r| r.because.is_some() && r.amount > 0.0));
            }
        }
    }

    #[test]
    fn no_trait_of_the_person_changes_a_list(history in histories(), wishes in preferences(), request in requests()) {
        let plain = view(history.clone(), Vec::new(), wishes.clone());
        let mut known = view(history, Vec::new(), wishes);
        known.traits = vec![("religion".to_owned(), "\"x\"".to_owned()), ("plan".to_owned(), "\"gold\"".to_owned())];
        let list = |view| profiled(view, &request, &shop(), 3, NOW).details();
        prop_assert_eq!(list(&plain), list(&known));
    }

    #[test]
    fn a_list_that_is_switched_off_knows_nobody(request in requests(), seed in 0u64..1 << 53) {
        let offers = contextual(&request, &shop(), seed, NOW);
        prop_assert!(offers.items.iter().all(|one| one.reasons.iter().all(|r| r.channel == Channel::Prior)));
        prop_assert!(offers.places.iter().all(|place| !place.outside));
        let details: serde_json::Value = serde_json::from_str(&offers.details()).unwrap();
        prop_assert!(details["history"].as_array().unwrap().is_empty());
        prop_assert!(details["opened"]["preferences"].is_null());
        let exposures = offers.places.iter().filter(|p| matches!(p.slot, Slot::Exposure { .. })).count();
        prop_assert!(exposures <= request.count.div_ceil(10));
    }

    #[test]
    fn floors_hold_at_every_step(
        history in histories(), step in steps(), count in 5..25usize, seed in 0u64..1 << 53,
    ) {
        let wishes = Preferences { openness: step, ..Preferences::default() };
        let all = everything(&history, wishes.clone());
        let offers = profiled(&view(history, Vec::new(), wishes), &plain(count), &shop(), seed, NOW);
        let one_in = step.step().outside_one_in as usize;
        let outside = offers.places.iter().filter(|place| place.outside).count();
        let there = outside_there(&all);
        if one_in > 0 {
            let floor = count.div_ceil(one_in).min(there);
            prop_assert!(outside >= floor, "{outside} of {floor}");
        }
    }
}

/// How much of all that may be shown lies outside the person's usual range.
fn outside_there(all: &Offers) -> usize {
    all.places.iter().filter(|place| place.outside).count()
}

fn wishes_never(offers: &Offers, item: &ItemId) -> bool {
    let details: serde_json::Value = serde_json::from_str(&offers.details()).unwrap();
    details["opened"]["preferences"]["topics"][topic_of(item)] == "never"
}

/// One step up, on 400 people who are always the same: the list is not less varied, on the whole at every step,
/// and for three in four at any.
#[test]
fn a_step_up_is_not_less_varied() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let people: Vec<Vec<Interaction>> = (0..400)
        .map(|_| histories().new_tree(&mut runner).unwrap().current())
        .filter(|history| history.len() > 2)
        .collect();
    let lists = |openness| -> Vec<f64> {
        let wishes = Preferences {
            openness,
            ..Preferences::default()
        };
        let list = |history: &Vec<Interaction>| {
            let view = view(history.clone(), Vec::new(), wishes.clone());
            effective(&profiled(&view, &plain(10), &shop(), 5, NOW))
        };
        people.iter().map(list).collect()
    };
    let steps: Vec<Vec<f64>> = Openness::ALL.into_iter().map(lists).collect();
    let means: Vec<f64> = steps
        .iter()
        .map(|all| all.iter().sum::<f64>() / all.len() as f64)
        .collect();
    assert!(means.is_sorted(), "{means:?}");
    for pair in steps.windows(2) {
        let fell = pair[0]
            .iter()
            .zip(&pair[1])
            .filter(|(a, b)| **b < **a - 1e-9)
            .count();
        assert!(fell * 4 < people.len(), "{fell} of {}", people.len());
    }
}
