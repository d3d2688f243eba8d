//! A placement that chooses for variety itself: its lists say so in their records, are made again to the byte, name the
//! rule among what would change them, and keep every promise of the dial and of the person.

use crate::support::{NOW, TOPICS, histories, id, interaction, preferences, requests, shop, topic, view};
use decide::again::{again, effects};
use decide::offers::{Choose, Offers, Request, profiled, profiled_by};
use decide::why::Input;
use gate::Account as _;
use proptest::prelude::*;
use recommend::Slot;
use vocabulary::{ItemId, Openness, Preferences};

fn ids(offers: &Offers) -> Vec<ItemId> {
    offers.items.iter().map(|one| one.item.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_list_for_variety_is_made_again_from_its_record_and_says_what_the_rule_changed(
        history in histories(), muted in 0..crate::ITEMS, request in requests(), wishes in preferences(), seed in 0..1u64 << 53
    ) {
        let (shop, view) = (shop(), view(history, vec![id(muted)], wishes.clone()));
        let varied = profiled_by(Choose::Varied, &view, &request, &shop, seed, NOW);
        let mix = profiled(&view, &request, &shop, seed, NOW);
        prop_assert!(!mix.details().contains("\"rule\""), "records of before stay as they were");
        prop_assert!(varied.details().contains("\"rule\":\"varied\""));
        let made = again(&varied.details(), &shop);
        prop_assert_eq!(made.map(|made| ids(&made)), Some(ids(&varied)));
        let changed = effects(&varied.details(), &shop);
        let told = changed.iter().find(|effect| effect.input == Input::Variety);
        match ids(&mix) == ids(&varied) {
            true => prop_assert!(told.is_none(), "nothing is named that changes nothing"),
            false => prop_assert_eq!(told.map(|effect| effect.items.clone()), Some(ids(&mix))),
        }
        prop_assert!(effects(&mix.details(), &shop).iter().all(|effect| effect.input != Input::Variety));
        for ranked in &varied.items {
            let sum: f64 = ranked.reasons.iter().map(|reason| reason.amount).sum();
            prop_assert!((sum - ranked.score).abs() <= 1e-6, "reasons sum to the score");
        }
        prop_assert!(!ids(&varied).contains(&id(muted)) , "what is muted stays out");
        if wishes.openness == Openness::Close {
            prop_assert!(varied.places.iter().all(|place| place.slot != Slot::Floor));
        }
    }
}

/// People whose history is of one topic: a mix keeps to it, variety does not.
#[test]
fn for_variety_lists_of_one_sided_people_have_more_topics() {
    let request = Request {
        categories: Vec::new(),
        count: 10,
        counterfactuals: 0,
        exclude_bought: false,
        placement: "news".to_owned(),
    };
    let (mut mixed, mut varied) = (0.0, 0.0);
    for person in 0..TOPICS {
        let history: Vec<_> = (0..5).map(|k| interaction(person * 5 + k, 2, 1, 1, 3)).collect();
        let view = view(history, Vec::new(), Preferences::default());
        let of = |rule| {
            let offers = profiled_by(rule, &view, &request, &shop(), 3, NOW);
            let topics: std::collections::BTreeSet<String> = ids(&offers)
                .iter()
                .filter_map(|item| shop().topic_of(item).map(str::to_owned))
                .collect();
            topics.len() as f64
        };
        mixed += of(Choose::Mix);
        varied += of(Choose::Varied);
    }
    assert!(
        varied > mixed * 1.1,
        "{varied} topics against {mixed}, of {}",
        topic(0)
    );
}
