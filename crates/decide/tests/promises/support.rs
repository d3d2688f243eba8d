//! A shop of twelve topics, people with random histories and wishes.

use decide::Shop;
use decide::offers::Request;
use gate::purposes::PersonaliseView;
use learn::{Bounds, Counts, Provenance, Settings};
use proptest::prelude::*;
use recommend::Model;
use std::sync::{Arc, LazyLock};
use vocabulary::{Catalogue, Day, Digest, Interaction, Item, ItemId, Moment, Openness, Preferences, Stance};

pub const NOW: Moment = Moment(1_795_348_800_000);
pub const ITEMS: usize = 60;
pub const TOPICS: usize = 12;
/// Whose name speaks of health.
pub const APART: usize = 7;

pub fn id(item: usize) -> ItemId {
    ItemId(format!("item-{item:02}"))
}

pub fn topic(number: usize) -> String {
    match number {
        APART => "Diabetes care".to_owned(),
        _ => format!("topic-{number:02}"),
    }
}

/// Twelve topics of five items, some hidden or out of stock.
pub fn catalogue() -> Catalogue {
    catalogue_but(&[])
}

/// The same, with these items hidden by nobody and in stock.
pub fn catalogue_but(shown: &[ItemId]) -> Catalogue {
    let item = |n: usize| Item {
        id: id(n),
        name: format!("Item {n}"),
        category: topic(n / 5),
        price_minor: 100,
        hidden: n % 17 == 3 && !shown.contains(&id(n)),
        in_stock: n % 13 != 5 || shown.contains(&id(n)),
        stock: None,
        prices: Vec::new(),
    };
    Catalogue::new((0..ITEMS).map(item).collect())
}

pub fn shop() -> Shop {
    Shop::new(Arc::clone(&MODEL), Arc::new(catalogue()), Digest::default())
}

pub fn interaction(item: usize, viewed: u32, added: u32, bought: u32, days_ago: i64) -> Interaction {
    Interaction {
        item: id(item),
        viewed,
        added,
        bought,
        last_at: NOW.plus(-days_ago * vocabulary::DAY_MS),
    }
}

pub static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| {
    let mut counts = Counts::new((0..ITEMS).map(id), Bounds::default()).unwrap();
    for person in 0..300usize {
        let history: Vec<Interaction> = (0..8)
            .map(|k| {
                let home = (person % TOPICS) * 5;
                let item = match k {
                    0..4 => home + (person * 7 + k * 3) % 5,
                    4 | 5 => (home + 5 + (person + k) % 5) % ITEMS,
                    _ => (person * person + k * 13) % (ITEMS - 6),
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

pub fn histories() -> impl Strategy<Value = Vec<Interaction>> {
    let one = (0..ITEMS, 0..4u32, 0..3u32, 0..3u32, 0..400i64);
    proptest::collection::vec(one, 0..25).prop_map(|all| {
        let mut seen = std::collections::BTreeMap::new();
        for (item, viewed, added, bought, days) in all {
            seen.insert(item, interaction(item, viewed.max(1), added, bought, days));
        }
        seen.into_values().collect()
    })
}

pub fn preferences() -> impl Strategy<Value = Preferences> {
    let topics = proptest::collection::btree_map((0..TOPICS).prop_map(topic), stances(), 0..4);
    (steps(), any::<bool>(), topics).prop_map(|(openness, discovery, topics)| Preferences {
        discovery,
        openness,
        topics,
    })
}

pub fn steps() -> impl Strategy<Value = Openness> {
    (0..5usize).prop_map(|step| Openness::ALL[step])
}

pub fn stances() -> impl Strategy<Value = Stance> {
    (0..3usize).prop_map(|stance| Stance::ALL[stance])
}

pub fn requests() -> impl Strategy<Value = Request> {
    (1..25usize, any::<bool>(), 0..3usize).prop_map(|(count, exclude_bought, categories)| Request {
        categories: (0..categories).map(topic).collect(),
        count,
        counterfactuals: 10,
        exclude_bought,
        placement: "test".to_owned(),
    })
}

pub fn view(history: Vec<Interaction>, muted: Vec<ItemId>, preferences: Preferences) -> PersonaliseView {
    PersonaliseView {
        history,
        muted,
        preferences,
        traits: Vec::new(),
    }
}
