//! The charter's newer rules through the door: marketing by channel, staff, intimate data, retention.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, Lines, NOON, all, ask, bought, consent, event, ids, open, user, viewed, visitor};
use gate::charter::Requester;
use gate::purposes::{
    AnswerRightsRequest, HumanHelp, MarketByEmail, MarketBySms, Personalise, Purpose, Secure, Segments,
    Service,
};
use gate::{Act, Ask, Fate, Reason, Whom};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Memory;
use vocabulary::{DAY_MS, Event, Kind, Moment, PurposeName};

const DROPPED: Fate = Fate::Dropped(Reason::NoPermission);

fn house() -> House {
    open(Arc::new(Memory::new())).unwrap()
}

fn identify(user: &str, traits: Value) -> Event {
    Event {
        kind: Kind::Identify,
        name: String::new(),
        ..event(user, "", traits)
    }
}

fn as_staff() -> Ask {
    Ask {
        requester: Requester::Staff,
        ..ask(NOON)
    }
}

/// The policies that decided on a permit, with the verdict.
async fn asked<P: Purpose>(house: &House, whom: &Whom<'_>, ask: Ask) -> (bool, Vec<String>) {
    let decided = house
        .gate
        .decide::<P, _, _>(whom, ask, |_| Lines(Vec::new()))
        .await;
    match decided.unwrap() {
        Ok(recorded) => (true, recorded.policies.iter().map(ToString::to_string).collect()),
        Err(refused) => (false, ids(&refused)),
    }
}

fn yes(policies: &[&str]) -> (bool, Vec<String>) {
    (true, policies.iter().map(|id| (*id).to_owned()).collect())
}

fn no(policies: &[&str]) -> (bool, Vec<String>) {
    (false, policies.iter().map(|id| (*id).to_owned()).collect())
}

async fn known(house: &House, id: &str) -> Vec<String> {
    let lines = house.known(&user(id)).await.unwrap_or_default();
    lines
        .into_iter()
        .filter(|line| !line.contains(":Consent"))
        .collect()
}

#[tokio::test]
async fn marketing_is_permitted_channel_by_channel_and_an_objection_ends_it() {
    let house = house();
    let ann = user("ann");
    house.send(vec![bought("ann", &["lamp"])]).await;
    let unwanted = no(&["charter/no-consent-to-messages"]);
    assert_eq!(asked::<MarketByEmail>(&house, &ann, ask(NOON)).await, unwanted);
    let wants = [(PurposeName::MarketByEmail, true)];
    house
        .gate
        .choose(&ann, &wants, "page", Moment(NOON))
        .await
        .unwrap()
        .unwrap();
    let wanted = yes(&["charter/market-by-email"]);
    assert_eq!(asked::<MarketByEmail>(&house, &ann, ask(NOON)).await, wanted);
    assert_eq!(asked::<MarketBySms>(&house, &ann, ask(NOON)).await, unwanted);
    let objects = Act::Object(true);
    house
        .gate
        .act(&ann, objects, "page", Moment(NOON))
        .await
        .unwrap()
        .unwrap();
    let ended = no(&["charter/objected"]);
    assert_eq!(asked::<MarketByEmail>(&house, &ann, ask(NOON)).await, ended);
}

#[tokio::test]
async fn staff_opens_a_person_for_a_task_and_the_record_says_so() {
    let house = house();
    let ann = user("ann");
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            bought("ann", &["lamp"]),
        ])
        .await;
    for (opened, purpose) in [
        (
            asked::<HumanHelp>(&house, &ann, as_staff()).await,
            "charter/human-help",
        ),
        (
            asked::<AnswerRightsRequest>(&house, &ann, as_staff()).await,
            "charter/answer-rights-request",
        ),
        (asked::<Secure>(&house, &ann, as_staff()).await, "charter/secure"),
    ] {
        let mut expected = vec![purpose, "charter/seen-by-staff"];
        expected.sort_unstable();
        assert_eq!(opened, yes(&expected));
    }
    let no_task = no(&["charter/staff-without-task"]);
    assert_eq!(asked::<Personalise>(&house, &ann, as_staff()).await, no_task);
    assert_eq!(asked::<Segments>(&house, &ann, as_staff()).await, no_task);
    assert_eq!(asked::<Service>(&house, &ann, as_staff()).await, no_task);
    let nobody = asked::<HumanHelp>(&house, &visitor("cookie"), as_staff()).await;
    assert_eq!(nobody, no(&["charter/help-not-asked"]));
}

#[tokio::test]
async fn what_is_older_than_a_purpose_may_look_back_is_never_used() {
    let house = house();
    let ann = user("ann");
    let days = i64::from(Personalise::RETENTION_DAYS);
    let at = |item: &str, at: i64| Event {
        at: Moment(at),
        ..viewed("ann", item)
    };
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            at("old", NOON - days * DAY_MS - 1),
            at("young", NOON - days * DAY_MS),
        ])
        .await;
    assert_eq!(house.seen(&ann).await, Ok(vec!["young 1/0/0".to_owned()]));
    // The person still sees all that there is.
    assert_eq!(known(&house, "ann").await, ["old 1/0/0", "young 1/0/0"]);
}

#[tokio::test]
async fn what_gives_something_intimate_away_never_reaches_a_profile() {
    let house = house();
    let ann = user("ann");
    house
        .gate
        .choose(&ann, &all(true), "page", Moment(NOON))
        .await
        .unwrap();
    let described = |item: &str, field: &str, text: &str| {
        event(
            "ann",
            "Product Viewed",
            json!({ "product_id": item, field: text }),
        )
    };
    let fates = house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true), ("Statistics", true)]),
            viewed("ann", "vase"),
            // The catalogue knows, or the event tells, in words that are not even kept.
            viewed("ann", "p1"),
            described("box", "name", "Coffret halal"),
            described("book", "category", "LGBT+"),
            described("mug", "name", "Tasse à café"),
            identify("ann", json!({ "interests": ["cooking", "surendettement"] })),
            identify("ann", json!({ "favourite_colour": "bleu" })),
        ])
        .await;
    assert_eq!(
        fates[1..],
        [
            Fate::Stored,
            DROPPED,
            DROPPED,
            DROPPED,
            Fate::Stored,
            DROPPED,
            Fate::Stored
        ]
    );
    let seen = house.seen(&ann).await.unwrap();
    assert_eq!(seen, ["mug 1/0/0", "vase 1/0/0"]);
    let known = known(&house, "ann").await;
    assert_eq!(known, ["favourite_colour=\"bleu\"", "mug 1/0/0", "vase 1/0/0"]);
}

#[tokio::test]
async fn intimate_data_serves_only_with_an_express_consent_and_goes_with_it() {
    let house = house();
    let ann = user("ann");
    let told = || {
        vec![
            identify("ann", json!({ "religion": "none of yours" })),
            bought("ann", &["p1", "vase"]),
        ]
    };
    // A contract is not enough: the vase is kept, the test is not.
    assert_eq!(house.send(told()).await, [DROPPED, Fate::Stored]);
    assert_eq!(known(&house, "ann").await, ["vase 0/0/1"]);

    let agrees = |given| [(PurposeName::Service, given)];
    house
        .gate
        .choose(&ann, &agrees(true), "page", Moment(NOON))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(house.send(told()).await, [Fate::Stored, Fate::Stored]);
    let kept = known(&house, "ann").await;
    assert_eq!(kept, ["p1 0/0/1", "religion=\"none of yours\"", "vase 0/0/2"]);

    house
        .gate
        .choose(&ann, &agrees(false), "page", Moment(NOON + 1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(known(&house, "ann").await, ["vase 0/0/2"]);
}
