//! Settings are found and lists measured on people who are held back, with what is publicly known of items; of that
//! nobody who goes leaves anything behind. Catalogues of any size are learned from.

use super::unlearning::{DATA, Shop, in_memory, in_memory_of};
use server::accuracy::Maker;
use server::work::learn_model::{self, Choice, Learned};
use vocabulary::{Catalogue, ItemId};

/// Enough for a fifth of them to be held back: some hundred to try on, and fifty to measure.
const MANY: usize = 1_000;

/// Of their own category mostly, in an order of their own, and of two others now and then: a model can tell what comes
/// next better than popularity, and not always.
async fn fill(shop: &Shop, never: &[usize]) {
    for p in (0..MANY).filter(|p| !never.contains(p)) {
        let who = format!("p{p}");
        shop.agree(&who).await;
        let mut drawn = p as u64 + 1;
        let mut next = |most: u64| {
            drawn = drawn
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (drawn >> 33) % most
        };
        let own = next(3);
        for ago in 1..6 {
            let category = if next(4) == 0 { next(3) } else { own };
            let item = format!("i{}", category * 8 + next(8).min(next(8)));
            shop.buy(&who, ago, &[&item]).await;
        }
    }
}

async fn found(shop: &Shop) -> Learned {
    let choice = Choice::Found(shop.settings);
    learn_model::run(&shop.app, &choice, DATA).await.unwrap()
}

async fn accuracy_kept(shop: &Shop) -> Option<Vec<u8>> {
    match shop.app.gate.published("accuracy").await.unwrap() {
        gate::Published::Absent => None,
        gate::Published::Intact(bytes) => Some(bytes),
        gate::Published::Damaged => panic!("the measurement is damaged"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_found_lists_measured_and_whoever_goes_leaves_nothing_of_either() {
    let (shop, _folder) = in_memory().await;
    fill(&shop, &[]).await;
    let learned = found(&shop).await;
    let accuracy = learned.accuracy.clone().unwrap();
    assert_eq!(accuracy.model, learned.model);
    assert!(accuracy.tried_on >= 100, "{}", accuracy.tried_on);
    let [model, popularity, own] = accuracy.lists.as_slice() else {
        panic!("{accuracy}")
    };
    let makers = [model.maker, popularity.maker, own.maker];
    assert_eq!(makers, [Maker::Model, Maker::Popularity, Maker::OwnCategories]);
    assert!(
        model.people >= 50 && model.people == popularity.people,
        "{accuracy}"
    );
    assert!(
        model.ndcg_100 > popularity.ndcg_100 + 2.0 * model.ndcg_error && model.ndcg_error > 0.0,
        "{accuracy}"
    );
    // The best that was tried is what the model says it was learned with, and the table says so.
    let header = shop.app.shop().unwrap().model().header().clone();
    let best = |name: &str| {
        accuracy
            .trials
            .iter()
            .rev()
            .find(|trial| trial.better && trial.name == name)
    };
    let ridge = best("ridge").unwrap();
    assert_eq!(header.training.ridge, ridge.value);
    assert!(
        accuracy
            .to_string()
            .contains(&format!("{:.4} ± {:.4} *", ridge.ndcg_100, ridge.ndcg_error))
    );
    let never = ["again", "again_half", "again_half_life"];
    assert!(
        !accuracy
            .trials
            .iter()
            .any(|trial| never.contains(&trial.name.as_str())),
        "nobody is asked for what they have, so \"again\" cannot be judged"
    );
    assert_eq!(header.parameters.again, shop.settings.parameters.again);
    assert!(
        accuracy.trials.iter().any(|trial| trial.name == "alike"),
        "public facts count"
    );
    let kept = accuracy_kept(&shop).await.unwrap();

    // A fifth of those who go were held back.
    let gone: Vec<usize> = (0..MANY).step_by(40).collect();
    for p in &gone {
        assert!(shop.erase(&format!("p{p}")).await);
    }
    let choice = Choice::Found(shop.settings);
    let refit = learn_model::refit(&shop.app, &choice, DATA)
        .await
        .unwrap()
        .unwrap();
    assert_ne!(refit.model, learned.model);
    assert_ne!(accuracy_kept(&shop).await.unwrap(), kept);

    let (other, _folder) = in_memory().await;
    fill(&other, &gone).await;
    let never = found(&other).await;
    assert_eq!(
        shop.model().await,
        other.model().await,
        "the model knows somebody"
    );
    assert_eq!(refit.accuracy, never.accuracy);
    assert_eq!(
        accuracy_kept(&shop).await,
        accuracy_kept(&other).await,
        "what was measured knows somebody"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_too_few_people_settings_stay_and_nothing_is_told() {
    let (shop, _folder) = in_memory().await;
    shop.fill(60).await;
    let learned = found(&shop).await;
    assert!(learned.accuracy.is_none() && accuracy_kept(&shop).await.is_none());
    let header = shop.app.shop().unwrap().model().header().clone();
    assert_eq!(header.parameters, shop.settings.parameters);
    assert!(header.training.alike > 0, "public facts are in the model");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_items_than_can_be_summed_in_pairs_are_learned_from_and_whoever_goes_is_gone() {
    let large = |shop: &Catalogue| {
        let mut items = shop.items().to_vec();
        let one = items[0].clone();
        items.extend((0..learn::MOST_ITEMS + 10).map(|i| {
            let mut item = one.clone();
            item.id = ItemId(format!("other-{i}"));
            item.name = format!("Thing {i}");
            item.category = format!("d{}", i % 50);
            item
        }));
        Catalogue::new(items)
    };
    let (shop, _folder) = in_memory_of(large).await;
    shop.fill(60).await;
    shop.learn().await;
    let model = shop.app.shop().unwrap();
    assert!(model.model().items().len() > learn::MOST_ITEMS);
    assert_eq!(model.model().header().people, 60);
    let before = shop.model().await;
    // Nobody came and nobody went: the same model, and nobody's contribution is another.
    shop.learn().await;
    assert_eq!(shop.model().await, before);

    for p in [3, 4, 5] {
        assert!(shop.erase(&format!("p{p}")).await);
    }
    assert_eq!(shop.waiting().await, 3);
    shop.refit().await;
    assert_eq!(shop.waiting().await, 0);
    let left = shop.model().await;
    assert_ne!(left, before);
    let (other, _folder) = in_memory_of(large).await;
    other.fill_but(60, &[3, 4, 5]).await;
    other.learn().await;
    assert!(left == other.model().await, "the model knows somebody");
}
