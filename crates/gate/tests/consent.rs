//! Consent with proof: what is needed for a permission, what is kept of it, when it ends, and whom to ask.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, ask, consent, event, open, user, viewed, visitor};
use gate::charter::Requester;
use gate::purposes::{ShowOwnData, on_consent};
use gate::{
    Action, Ask, Component, ConsentGiven, ConsentRefused, ConsentStates, Consented, Evidence, Fate,
    NoSoftOptIn, Notice, Notices, Shown, SoftOptIn, Whom,
};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Memory;
use vocabulary::{ConsentState, DAY_MS, Digest, Event, Language, Moment, PurposeName, PurposeSet, Signals};

const NOTICE: &str = r#"
id = "shop"
version = 1
valid_days = 180
controller = "The shop, 1 rue du Port, Brest"

[fr]
title = "Choisir pour vous ?"
text = "La boutique vous demande votre accord."

[en]
title = "Choose for you?"
text = "The shop asks for your consent."

[[purposes]]
purpose = "personalise"
fr = { label = "Recommandations", text = "Ce que vous voyez est choisi pour vous." }
en = { label = "Recommendations", text = "What you see is chosen for you." }

[[purposes]]
purpose = "train"
fr = { label = "Apprentissage", text = "Votre historique compte dans le modèle." }
en = { label = "Learning", text = "Your history counts in the model." }
"#;

fn notices() -> Notices {
    Notices::new(vec![Notice::read(NOTICE).unwrap()]).unwrap()
}

async fn house() -> House {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .gate
        .publish_notices(notices(), Moment(NOON))
        .await
        .unwrap()
        .unwrap();
    house
}

fn shown() -> Shown {
    Shown {
        notice: "shop".to_owned(),
        version: 1,
        language: Language::Fr,
        text: None,
    }
}

fn evidence(action: Action) -> Evidence {
    Evidence {
        shown: Some(shown()),
        page: Some("https://shop.example/mugs?email=ann@shop.example".to_owned()),
        ..Evidence::new(Component::Dialogue, action)
    }
}

fn answers(given: bool) -> ConsentGiven {
    let action = if given {
        Action::AcceptAll
    } else {
        Action::RefuseAll
    };
    ConsentGiven::new(
        vec![(PurposeName::Personalise, given), (PurposeName::Train, given)],
        evidence(action),
    )
}

async fn give(
    house: &House,
    whom: &Whom<'_>,
    given: ConsentGiven,
    at: i64,
) -> Result<Consented, ConsentRefused> {
    house.gate.consent(whom, given, "web", Moment(at)).await.unwrap()
}

async fn states(house: &House, whom: &Whom<'_>, at: i64) -> ConsentStates {
    house.gate.consent_state(whom, ask(at)).await.unwrap()
}

fn state(states: &ConsentStates, purpose: PurposeName) -> ConsentState {
    states
        .purposes
        .iter()
        .find(|p| p.purpose == purpose)
        .unwrap()
        .state
}

fn asked() -> PurposeSet {
    [PurposeName::Personalise, PurposeName::Train]
        .into_iter()
        .collect()
}

async fn details(house: &House, record: gate::RecordId, at: i64) -> Value {
    let person = Ask {
        requester: Requester::Person,
        ..ask(at)
    };
    let receipt = house
        .gate
        .receipt(record, person)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    serde_json::from_str(&receipt.details).unwrap()
}

#[tokio::test]
async fn a_permission_is_kept_with_the_words_that_were_shown() {
    let house = house().await;
    let kept = give(&house, &visitor("v1"), answers(true), NOON).await;
    let Ok(Consented::Kept(Some(record))) = kept else {
        panic!("{kept:?}")
    };
    assert!(house.seen(&visitor("v1")).await.is_ok());
    let details = details(&house, record, NOON).await;
    let notice = notices().current("shop").unwrap().clone();
    assert_eq!(
        details["evidence"],
        json!({
            "action": "accept_all",
            "adpc": false,
            "component": "dialogue",
            "gpc": false,
            "notice": {
                "controller": "The shop, 1 rue du Port, Brest",
                "digest": notice.digest().to_string(),
                "id": "shop",
                "language": "fr",
                "text": notice.text(Language::Fr).digest.to_string(),
                "valid_days": 180,
                "version": 1,
            },
            "origin": null,
            "page": "shop.example/mugs",
        })
    );
    assert_eq!(details["states"]["personalise"], "ConsentGiven");
    // The terms point at that record and that notice.
    let person = Ask {
        requester: Requester::Person,
        ..ask(NOON)
    };
    let permit = house
        .gate
        .permit::<ShowOwnData>(&visitor("v1"), person)
        .await
        .unwrap();
    let opened = house.gate.open_with(permit.unwrap()).await.unwrap().unwrap();
    let known = opened
        .view()
        .consents
        .iter()
        .find(|c| c.purpose == PurposeName::Train)
        .unwrap();
    assert_eq!(
        (known.record, known.notice),
        (Some(record), Some(notice.digest()))
    );
    assert_eq!(known.expires_at, Some(Moment(NOON + 180 * DAY_MS)));
}

#[tokio::test]
async fn a_permission_without_fitting_words_is_not_taken_and_leaves_nothing() {
    let house = house().await;
    let check = async |change: &dyn Fn(&mut ConsentGiven), expected: ConsentRefused| {
        let mut given = answers(true);
        change(&mut given);
        assert_eq!(give(&house, &user("ann"), given, NOON).await, Err(expected));
    };
    let named = |change: &dyn Fn(&mut Shown)| {
        let mut named = shown();
        change(&mut named);
        Some(named)
    };
    check(&|g| g.evidence.shown = None, ConsentRefused::NoNotice).await;
    check(
        &|g| g.evidence.shown = named(&|s| s.version = 2),
        ConsentRefused::UnknownNotice {
            notice: "shop".to_owned(),
            version: 2,
        },
    )
    .await;
    check(
        &|g| g.evidence.shown = named(&|s| s.text = Some(Digest::of(b"other words"))),
        ConsentRefused::OtherText {
            notice: "shop".to_owned(),
            version: 1,
            language: "fr",
        },
    )
    .await;
    check(
        &|g| g.choices.push((PurposeName::Segment, true)),
        ConsentRefused::NotAsked(PurposeName::Segment),
    )
    .await;
    check(
        &|g| g.choices.push((PurposeName::Service, true)),
        ConsentRefused::NotOnConsent(PurposeName::Service),
    )
    .await;
    check(&|g| g.choices.clear(), ConsentRefused::Nothing).await;
    let nobody = Whom {
        user_id: None,
        anonymous_id: None,
    };
    assert_eq!(
        give(&house, &nobody, answers(true), NOON).await,
        Err(ConsentRefused::Nobody)
    );
    assert_eq!(house.gate.counts().await.unwrap().persons, 0);
    // A refusal needs no words.
    let mut refusal = answers(false);
    refusal.evidence.shown = None;
    assert!(give(&house, &user("ann"), refusal, NOON).await.is_ok());
}

#[tokio::test]
async fn an_unknown_visitor_who_refuses_leaves_no_row_and_a_customer_is_remembered() {
    let house = house().await;
    assert_eq!(
        give(&house, &visitor("v1"), answers(false), NOON).await,
        Ok(Consented::NotKept)
    );
    assert_eq!(house.gate.counts().await.unwrap().persons, 0);
    let kept = give(&house, &user("ann"), answers(false), NOON).await;
    assert!(matches!(kept, Ok(Consented::Kept(Some(_)))), "{kept:?}");
    let states = states(&house, &user("ann"), NOON + 10_000 * DAY_MS).await;
    assert_eq!(state(&states, PurposeName::Personalise), ConsentState::Refused);
    // Refused once is never asked again, however long ago.
    assert!(states.ask().is_empty());
}

#[tokio::test]
async fn a_consent_ends_when_the_notice_says_and_can_be_renewed() {
    let house = house().await;
    give(&house, &user("ann"), answers(true), NOON).await.unwrap();
    let end = NOON + 180 * DAY_MS;
    let before = states(&house, &user("ann"), end - 1).await;
    assert_eq!(state(&before, PurposeName::Train), ConsentState::Given);
    assert!(before.ask().is_empty(), "nobody is asked while a consent holds");
    let after = states(&house, &user("ann"), end).await;
    assert_eq!(state(&after, PurposeName::Train), ConsentState::Expired);
    assert_eq!(after.ask(), asked());
    let asks = ask(end);
    assert_eq!(
        house.seen_with(&user("ann"), asks).await,
        Err(vec!["charter/no-consent".to_owned()])
    );
    give(&house, &user("ann"), answers(true), end + 1).await.unwrap();
    let renewed = states(&house, &user("ann"), end + 1).await;
    assert_eq!(state(&renewed, PurposeName::Train), ConsentState::Renewed);
    assert!(house.seen_with(&user("ann"), ask(end + 1)).await.is_ok());
}

#[tokio::test]
async fn what_was_kept_on_an_expired_consent_goes_with_the_next_input() {
    let house = house().await;
    give(&house, &user("ann"), answers(true), NOON).await.unwrap();
    house.send(vec![viewed("ann", "mug")]).await;
    let late = NOON + 181 * DAY_MS;
    let order = Event {
        at: Moment(late),
        received_at: Moment(late),
        ..common::bought("ann", &["jug"])
    };
    house.send(vec![order]).await;
    give(&house, &user("ann"), answers(true), late + 1).await.unwrap();
    let seen = house.seen_with(&user("ann"), ask(late + 2)).await.unwrap();
    assert!(!seen.iter().any(|line| line.starts_with("mug")), "{seen:?}");
}

#[tokio::test]
async fn nobody_is_asked_for_what_a_yes_would_not_change() {
    let house = house().await;
    let unknown = visitor("v1");
    assert_eq!(states(&house, &unknown, NOON).await.ask(), asked());
    let signal = Ask {
        signals: Signals {
            gpc: true,
            ..Signals::default()
        },
        ..ask(NOON)
    };
    let signalled = house.gate.consent_state(&unknown, signal).await.unwrap();
    assert!(signalled.ask().is_empty(), "the browser has answered");
    let mut minor = ConsentGiven::new(Vec::new(), Evidence::new(Component::OwnPage, Action::Save));
    minor.age = Some(vocabulary::AgeBracket::Minor);
    give(&house, &user("tim"), minor, NOON).await.unwrap();
    assert!(states(&house, &user("tim"), NOON).await.ask().is_empty());
    // All purposes that rest on consent are answered, those that no notice asks for too.
    let all: PurposeSet = states(&house, &unknown, NOON)
        .await
        .purposes
        .iter()
        .map(|p| p.purpose)
        .collect();
    assert_eq!(all, on_consent());
}

#[tokio::test]
async fn asking_for_the_states_opens_nobody() {
    let house = house().await;
    give(&house, &user("ann"), answers(true), NOON).await.unwrap();
    states(&house, &user("ann"), NOON).await;
    let opened: u64 = PurposeName::ALL.into_iter().map(|p| house.gate.openings(p)).sum();
    assert_eq!(opened, 0);
}

#[tokio::test]
async fn a_published_notice_never_changes() {
    let house = house().await;
    let other = Notice::read(&NOTICE.replace("The shop asks", "The shop begs")).unwrap();
    let changed = Notices::new(vec![other]).unwrap();
    let refused = house.gate.publish_notices(changed, Moment(NOON)).await.unwrap();
    assert!(
        matches!(refused, Err(gate::notice::Error::Changed { version: 1, .. })),
        "{refused:?}"
    );
    assert_eq!(house.gate.notices().current("shop").unwrap().file(), NOTICE);
}

#[tokio::test]
async fn an_objection_to_marketing_stands_until_the_person_takes_it_back() {
    let house = house().await;
    let say = async |objects: Option<bool>, at: i64| {
        let mut given = ConsentGiven::new(Vec::new(), Evidence::new(Component::Header, Action::Signal));
        given.objects_to_marketing = objects;
        given.evidence.adpc = true;
        give(&house, &user("ann"), given, at).await.unwrap()
    };
    let Consented::Kept(Some(record)) = say(Some(true), NOON).await else {
        panic!("an objection is recorded")
    };
    let details = details(&house, record, NOON).await;
    assert_eq!(details["objected_marketing"], true);
    assert_eq!(details["evidence"]["adpc"], true);
    assert!(states(&house, &user("ann"), NOON).await.objects_to_marketing);
    // The header comes with every request; it is written down once.
    assert_eq!(say(Some(true), NOON + 1).await, Consented::Kept(None));
    say(Some(false), NOON + 2).await;
    assert!(!states(&house, &user("ann"), NOON + 2).await.objects_to_marketing);
    // A visitor of whom nothing is known is not remembered for having objected.
    let mut given = ConsentGiven::new(Vec::new(), Evidence::new(Component::Header, Action::Signal));
    given.objects_to_marketing = Some(true);
    assert_eq!(
        give(&house, &visitor("v9"), given, NOON).await,
        Ok(Consented::NotKept)
    );
}

fn facts() -> SoftOptIn {
    SoftOptIn {
        sale: "order 1001".to_owned(),
        sold_at: Moment(NOON - DAY_MS),
        seller: "The shop".to_owned(),
        similar: "kitchenware of the shop".to_owned(),
        opt_out_at_collection: "box beside the e-mail field of the order form".to_owned(),
        opt_out_each_time: "one click in each message".to_owned(),
    }
}

#[tokio::test]
async fn a_soft_opt_in_needs_every_fact_and_a_no_stands_above_it() {
    let house = house().await;
    let (gate, ann) = (&house.gate, user("ann"));
    let rely = async |whom: &Whom<'_>, purpose, facts: &SoftOptIn| {
        gate.soft_opt_in(whom, purpose, facts, "shop", Moment(NOON))
            .await
            .unwrap()
    };
    let email = PurposeName::MarketByEmail;
    type Change = fn(&mut SoftOptIn);
    let missing: [(&str, Change); 5] = [
        ("sale", |f| f.sale.clear()),
        ("seller", |f| f.seller.clear()),
        ("similar", |f| f.similar = " ".to_owned()),
        ("opt_out_at_collection", |f| f.opt_out_at_collection.clear()),
        ("opt_out_each_time", |f| f.opt_out_each_time.clear()),
    ];
    for (name, change) in missing {
        let mut facts = facts();
        change(&mut facts);
        assert_eq!(rely(&ann, email, &facts).await, Err(NoSoftOptIn::Fact(name)));
    }
    assert_eq!(
        rely(&ann, PurposeName::MarketByPush, &facts()).await,
        Err(NoSoftOptIn::Channel(PurposeName::MarketByPush))
    );
    assert_eq!(
        rely(&visitor("v"), email, &facts()).await,
        Err(NoSoftOptIn::NoCustomer)
    );
    for sold_at in [NOON + 1, NOON - 1095 * DAY_MS] {
        let facts = SoftOptIn {
            sold_at: Moment(sold_at),
            ..facts()
        };
        assert_eq!(rely(&ann, email, &facts).await, Err(NoSoftOptIn::Sale));
    }
    let Ok(Consented::Kept(Some(record))) = rely(&ann, email, &facts()).await else {
        panic!("all facts are there")
    };
    assert_eq!(
        details(&house, record, NOON).await["soft_opt_in"]["sale"],
        "order 1001"
    );
    let stands = async |at: i64| {
        let person = Ask {
            requester: Requester::Person,
            ..ask(at)
        };
        let permit = gate.permit::<ShowOwnData>(&user("ann"), person).await.unwrap();
        let opened = gate.open_with(permit.unwrap()).await.unwrap().unwrap();
        let known = opened.view().consents.iter().find(|c| c.purpose == email);
        known.unwrap().soft_opt_in
    };
    assert!(stands(NOON).await);
    assert!(!stands(NOON + 1095 * DAY_MS).await, "three years after the sale");
    let refusal = ConsentGiven::new(
        vec![(email, false)],
        Evidence::new(Component::OwnPage, Action::Withdraw),
    );
    give(&house, &ann, refusal, NOON + 1).await.unwrap();
    assert!(!stands(NOON + 1).await);
    let again = SoftOptIn {
        sold_at: Moment(NOON),
        ..facts()
    };
    rely(&ann, email, &again).await.unwrap();
    assert!(!stands(NOON + 2).await, "a new sale does not end a refusal");
}

#[tokio::test]
async fn a_source_that_names_other_words_than_were_published_loses_its_permissions_only() {
    let house = house().await;
    let said = |user: &str, version: u32| Event {
        fields: json!({ "notice_id": "shop", "notice_version": version, "language": "fr", "action": "save" })
            .as_object()
            .unwrap()
            .clone(),
        ..consent(user, NOON, &[("personalise", true), ("train", false)])
    };
    house.send(vec![said("ann", 1), said("bob", 2)]).await;
    assert!(house.seen(&user("ann")).await.is_ok());
    assert!(house.seen(&user("bob")).await.is_err());
    let bob = states(&house, &user("bob"), NOON).await;
    assert_eq!(state(&bob, PurposeName::Train), ConsentState::Refused);
    assert_eq!(state(&bob, PurposeName::Personalise), ConsentState::Unknown);
    // What the event says of its words is in the terms; what it does not name ends with the strictest notice.
    house
        .send(vec![consent("eve", NOON, &[("personalise", true)])])
        .await;
    let eve = states(&house, &user("eve"), NOON).await;
    let known = eve
        .purposes
        .iter()
        .find(|p| p.purpose == PurposeName::Personalise)
        .unwrap();
    assert_eq!(known.expires_at, Some(Moment(NOON + 180 * DAY_MS)));
    assert_eq!(
        house
            .send(vec![event("ann", "Product Viewed", json!({"product_id": "mug"}))])
            .await,
        [Fate::Stored]
    );
}

#[tokio::test]
async fn whoever_has_a_customers_old_browser_can_take_back_for_them_and_permit_nothing() {
    let house = house().await;
    let ann = user("ann");
    assert!(matches!(
        give(&house, &visitor("v1"), answers(true), NOON).await,
        Ok(Consented::Kept(_))
    ));
    let joined = Event {
        anonymous_id: Some("v1".to_owned()),
        ..viewed("ann", "mug")
    };
    assert_eq!(house.send(vec![joined]).await, [Fate::Stored]);
    let of_ann = |states: ConsentStates| state(&states, PurposeName::Personalise);
    assert!(of_ann(states(&house, &ann, NOON + 1).await).is_valid());
    assert!(give(&house, &ann, answers(false), NOON + 2).await.is_ok());
    let again = give(&house, &visitor("v1"), answers(true), NOON + 3).await;
    assert_eq!(again, Ok(Consented::NotKept));
    assert_eq!(
        of_ann(states(&house, &ann, NOON + 4).await),
        ConsentState::Withdrawn
    );
    assert!(give(&house, &ann, answers(true), NOON + 5).await.is_ok());
    assert!(of_ann(states(&house, &ann, NOON + 6).await).is_valid());
    let back = give(&house, &visitor("v1"), answers(false), NOON + 7).await;
    assert!(matches!(back, Ok(Consented::Kept(_))));
    assert_eq!(
        of_ann(states(&house, &ann, NOON + 8).await),
        ConsentState::Withdrawn
    );
}
