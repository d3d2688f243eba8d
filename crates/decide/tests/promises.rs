//! Promises of a list: reasons sum to the score; what the counterfactual says is what happens; the
//! same arguments give the same bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use decide::Shop;
use decide::offers::{Mode, Request, Rule, contextual, profiled};
use gate::Account as _;
use gate::purposes::PersonaliseView;
use learn::{Bounds, Counts, Provenance, Settings};
use proptest::prelude::*;
use recommend::Model;
use std::sync::{Arc, LazyLock};
use vocabulary::{Catalogue, Day, Digest, Interaction, Item, ItemId, Moment};

const NOW: Moment = Moment(1_795_348_800_000);
const ITEMS: usize = 40;

fn id(item: usize) -> ItemId {
    ItemId(format!("item-{item:02}"))
}

/// Four groups of ten items that go together, some hidden or out of stock.
fn catalogue() -> Catalogue {
    let item = |n: usize| Item {
        id: id(n),
        name: format!("Item {n}"),
        category: format!("group-{}", n / 10),
        price_minor: 100,
        hidden: n % 17 == 3,
        in_stock: n % 13 != 5,
        stock: None,
        prices: Vec::new(),
    };
    Catalogue::new((0..ITEMS).map(item).collect())
}

fn shop() -> Shop {
    Shop::new(Arc::clone(&MODEL), Arc::new(catalogue()), Digest::default())
}

fn interaction(item: usize, viewed: u32, added: u32, bought: u32, days_ago: i64) -> Interaction {
    Interaction {
        item: id(item),
        viewed,
        added,
        bought,
        last_at: NOW.plus(-days_ago * vocabulary::DAY_MS),
    }
}

static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| {
    let mut counts = Counts::new((0..ITEMS).map(id), Bounds::default()).unwrap();
    for person in 0..200usize {
        let history: Vec<Interaction> = (0..8)
            .map(|k| {
                let group = (person % 4) * 10;
                let item = if k < 6 {
                    group + (person * 7 + k * 3) % 10
                } else {
                    (person * 11 + k) % ITEMS
                };
                interaction(item, 1, 0, 1, (k * 5) as i64)
            })
            .collect();
        counts.add(&history).unwrap();
    }
    let provenance = Provenance {
        made_on: Day(20_000),
        charter: Digest::default(),
        data: "a test".to_owned(),
    };
    let settings = Settings {
        least_people: 1,
        ..Settings::default()
    };
    Arc::new(Model::read(&learn::train(&counts, &settings, provenance).unwrap()).unwrap())
});

fn histories() -> impl Strategy<Value = Vec<Interaction>> {
    let one = (0..ITEMS, 0..4u32, 0..3u32, 0..3u32, 0..400i64);
    proptest::collection::vec(one, 0..25).prop_map(|all| {
        let mut seen = std::collections::BTreeMap::new();
        for (item, viewed, added, bought, days) in all {
            seen.insert(item, interaction(item, viewed.max(1), added, bought, days));
        }
        seen.into_values().collect()
    })
}

fn requests() -> impl Strategy<Value = Request> {
    (1..15usize, any::<bool>(), 0..3usize).prop_map(|(count, exclude_bought, categories)| Request {
        categories: (0..categories).map(|n| format!("group-{n}")).collect(),
        count,
        counterfactuals: 10,
        exclude_bought,
        placement: "test".to_owned(),
    })
}

fn view(history: Vec<Interaction>, muted: Vec<ItemId>) -> PersonaliseView {
    PersonaliseView {
        history,
        muted,
        traits: Vec::new(),
    }
}

proptest! {
    #[test]
    fn reasons_sum_to_the_score_and_rules_hold(history in histories(), muted in 0..ITEMS, request in requests()) {
        let catalogue = catalogue();
        let shop = shop();
        let offers = profiled(&view(history.clone(), vec![id(muted)]), &request, &shop, NOW);
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
        prop_assert!(offers.items.windows(2).all(|pair| pair[0].score >= pair[1].score));
    }

    #[test]
    fn removing_an_item_gives_exactly_the_promised_list(history in histories(), request in requests()) {
        let shop = shop();
        let offers = profiled(&view(history.clone(), Vec::new()), &request, &shop, NOW);
        for promised in &offers.counterfactuals {
            let rest: Vec<Interaction> = history.iter().filter(|i| i.item != promised.without).cloned().collect();
            prop_assert!(rest.len() < history.len());
            let after = profiled(&view(rest, Vec::new()), &request, &shop, NOW);
            let after: Vec<ItemId> = after.items.into_iter().map(|ranked| ranked.item).collect();
            prop_assert_eq!(&after, &promised.items);
        }
    }

    #[test]
    fn the_same_decision_gives_the_same_bytes(history in histories(), request in requests()) {
        let shop = shop();
        let once = profiled(&view(history.clone(), Vec::new()), &request, &shop, NOW);
        let again = profiled(&view(history, Vec::new()), &request, &shop, NOW);
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
    let offers = contextual(&request, &shop, NOW);
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
    fn a_recorded_list_is_made_again_from_its_record(bought in proptest::collection::vec(0..ITEMS, 0..12), count in 1..20usize) {
        let request = Request {
            categories: Vec::new(),
            count,
            counterfactuals: 1,
            exclude_bought: false,
            placement: "home".to_owned(),
        };
        let history: Vec<Interaction> = bought.iter().collect::<std::collections::BTreeSet<_>>()
            .into_iter().map(|item| interaction(*item, 1, 0, 1, 3)).collect();
        let made = profiled(&view(history, Vec::new()), &request, &shop(), NOW);
        let again = decide::again::again(&made.details(), &shop()).unwrap();
        prop_assert_eq!(&again.items, &made.items);
        prop_assert!(again.counterfactuals.len() >= made.counterfactuals.len());
        let other = Shop::new(Arc::clone(&MODEL), Arc::new(catalogue()), Digest::of(b"other"));
        prop_assert!(decide::again::again(&made.details(), &other).is_none());
        let changed = made.details().replacen("item-", "thing-", 1);
        prop_assert!(changed == made.details() || decide::again::again(&changed, &shop()).is_none());
    }
}
