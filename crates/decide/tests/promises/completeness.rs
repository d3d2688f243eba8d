//! The reasons of a list hide nothing that changes it, and name nothing that does not: every input is changed in
//! turn, by another way than the one that found the reasons.

use crate::support::{
    ITEMS, MODEL, NOW, TOPICS, catalogue, catalogue_but, histories, id, preferences, requests, shop, topic,
    view,
};
use decide::Shop;
use decide::offers::{Offers, Request, contextual, profiled};
use decide::why::{Effect, Input, LATER_DAYS, effects};
use gate::purposes::PersonaliseView;
use proptest::prelude::*;
use std::sync::Arc;
use vocabulary::{DAY_MS, Digest, ItemId, Openness, Preferences};

const SEED: u64 = 4_711;

fn ids(offers: &Offers) -> Vec<ItemId> {
    offers.items.iter().map(|one| one.item.clone()).collect()
}

fn copy(view: &PersonaliseView) -> PersonaliseView {
    PersonaliseView {
        history: view.history.clone(),
        muted: view.muted.clone(),
        preferences: view.preferences.clone(),
        traits: Vec::new(),
    }
}

/// Everything that could be otherwise, with the list as it is then.
fn perturbed(person: &PersonaliseView, request: &Request) -> Vec<(Input, Vec<ItemId>)> {
    let shop = shop();
    let mut all = Vec::new();
    let list =
        |person: &PersonaliseView, request: &Request| ids(&profiled(person, request, &shop, SEED, NOW));
    for at in 0..person.history.len() {
        let mut other = copy(person);
        let gone = other.history.remove(at);
        all.push((Input::History { item: gone.item }, list(&other, request)));
    }
    for at in 0..person.muted.len() {
        let mut other = copy(person);
        let gone = other.muted.remove(at);
        all.push((Input::Muted { item: gone }, list(&other, request)));
    }
    for step in Openness::ALL {
        let mut other = copy(person);
        other.preferences.openness = step;
        all.push((Input::Openness { step }, list(&other, request)));
    }
    for number in 0..TOPICS {
        let mut other = copy(person);
        if other.preferences.topics.remove(&topic(number)).is_some() {
            all.push((Input::Topic { name: topic(number) }, list(&other, request)));
        }
    }
    let mut other = copy(person);
    other.preferences.discovery ^= true;
    all.push((Input::Discovery, list(&other, request)));
    let bought = Request {
        exclude_bought: !request.exclude_bought,
        ..request.clone()
    };
    all.push((Input::Bought, list(person, &bought)));
    if !request.categories.is_empty() {
        let every = Request {
            categories: Vec::new(),
            ..request.clone()
        };
        all.push((Input::Categories, list(person, &every)));
    }
    for item in (0..ITEMS).map(id) {
        let (now, other) = (catalogue(), catalogue_but(std::slice::from_ref(&item)));
        let (now, then) = (now.get(&item).unwrap().clone(), other.get(&item).unwrap().clone());
        if now != then {
            let rule = if now.hidden {
                decide::offers::Rule::Hidden
            } else {
                decide::offers::Rule::OutOfStock
            };
            let shop = Shop::new(Arc::clone(&MODEL), Arc::new(other), Digest::default());
            all.push((
                Input::Shop { item, rule },
                ids(&profiled(person, request, &shop, SEED, NOW)),
            ));
        }
    }
    all.push((Input::Off, ids(&contextual(request, &shop, SEED, NOW))));
    let later = NOW.plus(LATER_DAYS * DAY_MS);
    all.push((Input::Later, ids(&profiled(person, request, &shop, SEED, later))));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_input_that_changes_the_list_is_named_and_nothing_else(
        history in histories(), muted in prop::collection::btree_set(0..ITEMS, 0..4), wishes in preferences(), request in requests(),
    ) {
        let muted = muted.into_iter().map(id).collect();
        let person = view(history, muted, wishes);
        let now = ids(&profiled(&person, &request, &shop(), SEED, NOW));
        let named: Vec<Effect> = effects(&person, &request, &shop(), SEED, NOW);
        for (input, list) in perturbed(&person, &request) {
            let found = named.iter().find(|effect| effect.input == input);
            match found {
                None => prop_assert_eq!(&list, &now, "{:?} changes the list and is not named", input),
                Some(effect) => {
                    prop_assert_ne!(&list, &now, "{:?} is named and changes nothing", input);
                    prop_assert_eq!(&list, &effect.items, "{:?} does something else than was promised", input);
                }
            }
        }
        // Nothing is named beside those, but the draw.
        let others = perturbed(&person, &request);
        for effect in &named {
            let known = others.iter().any(|(input, _)| *input == effect.input);
            prop_assert!(known || effect.input == Input::Draw, "{:?}", effect.input);
            prop_assert_ne!(&effect.items, &now);
        }
        // The draw is named if another one gives another list.
        let drawn = named.iter().any(|effect| effect.input == Input::Draw);
        let other = (0..40).any(|seed| ids(&profiled(&person, &request, &shop(), seed * 7_919, NOW)) != now);
        prop_assert!(drawn || !other, "the draw changes the list and is not named");
    }

    #[test]
    fn a_reason_of_an_item_is_one(history in histories(), wishes in preferences(), request in requests()) {
        let person = view(history, Vec::new(), Preferences { topics: Default::default(), ..wishes });
        let now = profiled(&person, &request, &shop(), SEED, NOW);
        for one in &now.items {
            for item in one.reasons.iter().filter_map(|reason| reason.because.as_ref()) {
                let mut other = copy(&person);
                other.history.retain(|seen| seen.item != *item);
                let then = profiled(&other, &request, &shop(), SEED, NOW);
                let score = then.items.iter().find(|known| known.item == one.item).map(|known| known.score);
                let sum: f64 = one.reasons.iter().filter(|r| r.because.as_ref() == Some(item)).map(|r| r.amount).sum();
                prop_assert!(sum == 0.0 || score != Some(one.score), "{item:?} changes nothing");
            }
        }
    }
}
