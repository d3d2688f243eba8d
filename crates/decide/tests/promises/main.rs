//! Promises of a list: reasons sum to the score; what the counterfactual says is what happens; the
//! same arguments give the same bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod completeness;
mod controls;
mod placements;
mod support;

use decide::Shop;
use decide::offers::{Mode, Request, Rule, contextual, profiled};
use gate::Account as _;
use proptest::prelude::*;
use recommend::Slot;
use std::sync::Arc;
use support::{ITEMS, MODEL, NOW, catalogue, histories, id, interaction, preferences, requests, shop, view};
use vocabulary::{Digest, Interaction, ItemId, Preferences};

const SEED: u64 = 7;

proptest! {
    #[test]
    fn reasons_sum_to_the_score_and_rules_hold(history in histories(), muted in 0..ITEMS, request in requests(), wishes in preferences()) {
        let catalogue = catalogue();
        let shop = shop();
        let offers = profiled(&view(history.clone(), vec![id(muted)], wishes), &request, &shop, SEED, NOW);
        prop_assert_eq!(offers.mode, Mode::Profiled);
        prop_assert!(offers.items.len() <= request.count);
        for ranked in &offers.items {
            let sum: f64 = ranked.reasons.iter().map(|reason| reason.amount).sum();
            prop_assert!((sum - ranked.score).abs() <= 1e-6, "{} != {}", sum, ranked.score);
            let item = catalogue.get(&ranked.item).unwrap();
            prop_assert!(!item.hidden && item.in_stock && item.id != id(muted));
            prop_assert!(request.categories.is_empty() || request.categories.contains(&item.category));
            let bought = history.iter().any(|i| i.item == item.id && i.bought > 0);
            prop_assert!(!(request.exclude_bought && bought));
        }
        // What is drawn has its own places.
        let ordered = offers.items.iter().zip(&offers.places).filter(|(_, place)| {
            !matches!(place.slot, Slot::Discovery { .. } | Slot::Exposure { .. })
        });
        let ordered: Vec<f64> = ordered.map(|(ranked, _)| ranked.score).collect();
        prop_assert!(ordered.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn removing_an_item_gives_exactly_the_promised_list(history in histories(), request in requests(), wishes in preferences()) {
        let shop = shop();
        let offers = profiled(&view(history.clone(), Vec::new(), wishes.clone()), &request, &shop, SEED, NOW);
        for promised in &offers.counterfactuals {
            let rest: Vec<Interaction> = history.iter().filter(|i| i.item != promised.without).cloned().collect();
            prop_assert!(rest.len() < history.len());
            let after = profiled(&view(rest, Vec::new(), wishes.clone()), &request, &shop, SEED, NOW);
            let after: Vec<ItemId> = after.items.into_iter().map(|ranked| ranked.item).collect();
            prop_assert_eq!(&after, &promised.items);
        }
    }

    #[test]
    fn the_same_decision_gives_the_same_bytes(history in histories(), request in requests(), wishes in preferences()) {
        let shop = shop();
        let once = profiled(&view(history.clone(), Vec::new(), wishes.clone()), &request, &shop, SEED, NOW);
        let again = profiled(&view(history, Vec::new(), wishes), &request, &shop, SEED, NOW);
        prop_assert_eq!(once.details(), again.details());
        prop_assert_eq!(once, again);
    }
}

#[test]
fn a_contextual_list_is_the_same_for_everybody_and_names_what_a_rule_took_out() {
    let shop = shop();
    let request = Request {
        categories: Vec::new(),
        count: ITEMS,
        counterfactuals: 1,
        exclude_bought: true,
        placement: "test".to_owned(),
    };
    let offers = contextual(&request, &shop, SEED, NOW);
    assert_eq!(offers.mode, Mode::Contextual);
    assert!(offers.counterfactuals.is_empty());
    assert!(
        offers.excluded.contains(&(id(3), Rule::Hidden))
            && offers.excluded.contains(&(id(5), Rule::OutOfStock))
    );
    assert!(
        offers
            .items
            .iter()
            .all(|ranked| ranked.reasons.iter().all(|reason| reason.because.is_none()))
    );
}

proptest! {
    /// A record is enough to make the list again, to the byte; and once the catalogue is another one,
    /// nothing is pretended.
    #[test]
    fn a_recorded_list_is_made_again_from_its_record(bought in proptest::collection::vec(0..ITEMS, 0..12), count in 1..20usize, wishes in preferences()) {
        let request = Request {
            categories: Vec::new(),
            count,
            counterfactuals: 1,
            exclude_bought: false,
            placement: "home".to_owned(),
        };
        let history: Vec<Interaction> = bought.iter().collect::<std::collections::BTreeSet<_>>()
            .into_iter().map(|item| interaction(*item, 1, 0, 1, 3)).collect();
        let made = profiled(&view(history, Vec::new(), wishes), &request, &shop(), SEED, NOW);
        let again = decide::again::again(&made.details(), &shop()).unwrap();
        prop_assert_eq!(&again.items, &made.items);
        prop_assert_eq!(&again.places, &made.places);
        prop_assert!(again.counterfactuals.len() >= made.counterfactuals.len());
        let other = Shop::new(Arc::clone(&MODEL), Arc::new(catalogue()), Digest::of(b"other"));
        prop_assert!(decide::again::again(&made.details(), &other).is_none());
        // A history with another item may come to the same list: what was shown is what must be the same.
        let changed = made.details().replacen("\"items\":[[\"item-", "\"items\":[[\"thing-", 1);
        prop_assert_eq!(changed == made.details(), made.items.is_empty());
        prop_assert!(made.items.is_empty() || decide::again::again(&changed, &shop()).is_none());
    }
}

/// As a program of before the dial wrote it: made again to the byte, and told apart when it is another one.
#[test]
fn a_list_of_before_the_dial_is_made_again_to_the_byte() {
    let history: Vec<Interaction> = (0..6).map(|item| interaction(item, 1, 0, 1, 3)).collect();
    let request = Request {
        categories: Vec::new(),
        count: 5,
        counterfactuals: 1,
        exclude_bought: true,
        placement: "home".to_owned(),
    };
    let scores = recommend::score_all(&MODEL, &history, &[], NOW);
    let catalogue = catalogue();
    let may = |item: &ItemId| {
        let known = catalogue.get(item).unwrap();
        known.in_stock && !known.hidden && history.iter().all(|one| one.item != *item)
    };
    let plain = scores.top(5, may);
    let made = profiled(
        &view(history.clone(), Vec::new(), Preferences::default()),
        &request,
        &shop(),
        SEED,
        NOW,
    );
    let mut details: serde_json::Value = serde_json::from_str(&made.details()).unwrap();
    let members = details.as_object_mut().unwrap();
    members.remove("opened");
    members.insert("items".to_owned(), serde_json::json!(plain));
    // What it took out is what it happened to look at; found by making it.
    let differs = |details: &str| decide::again::differs(details, &shop());
    let told = differs(&details.to_string()).unwrap_or_default();
    assert!(
        told.is_empty() || told.starts_with("what the rules took out"),
        "{told}"
    );
    members_of(&mut details, "items").swap(0, 1);
    assert!(
        differs(&details.to_string())
            .unwrap()
            .contains("item 1 of the list")
    );
}

fn members_of<'v>(details: &'v mut serde_json::Value, name: &str) -> &'v mut Vec<serde_json::Value> {
    details.get_mut(name).unwrap().as_array_mut().unwrap()
}
