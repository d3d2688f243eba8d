//! The way of an event: in, permitted or refused, seen for a purpose, gone when it must go.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{NOON, all, ask, bought, consent, event, open, open_keyed, user, viewed, visitor};
use gate::charter::Requester;
use gate::purposes::{Personalise, Train};
use gate::{Act, Ask, Fate, Reason};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::Memory;
use vocabulary::{Digest, Event, Kind, Moment, PurposeName, Signals};

const DROPPED: Fate = Fate::Dropped(Reason::NoPermission);

#[tokio::test]
async fn without_consent_only_what_the_contract_needs_is_kept() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let fates = house
        .send(vec![viewed("ann", "mug"), bought("ann", &["lamp"])])
        .await;
    assert_eq!(fates, [DROPPED, Fate::Stored]);
    assert_eq!(
        house.seen(&user("ann")).await,
        Err(vec!["charter/no-consent".to_owned()])
    );
    assert!(
        house
            .known(&user("ann"))
            .await
            .unwrap()
            .contains(&"lamp 0/0/1".to_owned())
    );
    assert_eq!(house.gate.openings(PurposeName::Personalise), 0);
}

#[tokio::test]
async fn consent_opens_the_next_decision_and_withdrawal_closes_it() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            viewed("ann", "mug"),
        ])
        .await;
    assert_eq!(house.seen(&user("ann")).await, Ok(vec!["mug 1/0/0".to_owned()]));
    let opened = house.gate.openings(PurposeName::Personalise);
    house
        .gate
        .choose(&user("ann"), &all(false), "privacy-centre", Moment(NOON + 1))
        .await
        .unwrap()
        .unwrap();
    assert!(house.seen(&user("ann")).await.is_err());
    assert_eq!(
        house.gate.openings(PurposeName::Personalise),
        opened,
        "a refusal opens nothing"
    );
    let known = house.known(&user("ann")).await.unwrap();
    assert!(
        !known.iter().any(|line| line.starts_with("mug")),
        "what nothing holds is gone: {known:?}"
    );
    assert!(known.contains(&"personalise:ConsentWithdrawn".to_owned()));
}

#[tokio::test]
async fn a_stamped_preference_never_ends_a_refusal() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    house
        .gate
        .choose(&user("ann"), &all(false), "privacy-centre", Moment(NOON + 10))
        .await
        .unwrap();
    let stamped = Event {
        consent: Some([("Marketing".to_owned(), true)].into()),
        at: Moment(NOON + 20),
        received_at: Moment(NOON + 20),
        ..viewed("ann", "mug")
    };
    assert_eq!(
        house.send(vec![stamped]).await,
        [DROPPED],
        "the view is not kept, and the stamp says nothing new"
    );
    assert!(house.seen(&user("ann")).await.is_err());
    // An old permission that arrives late does not either; a new explicit one does.
    house
        .send(vec![consent("ann", NOON + 5, &[("Marketing", true)])])
        .await;
    assert!(house.seen(&user("ann")).await.is_err());
    house
        .send(vec![consent("ann", NOON + 30, &[("Marketing", true)])])
        .await;
    assert_eq!(house.seen(&user("ann")).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_visitor_without_consent_leaves_no_row() {
    let shelf = Arc::new(Memory::new());
    let house = open(shelf.clone()).unwrap();
    let anonymous = |event: Event| Event {
        user_id: None,
        anonymous_id: Some("v1".to_owned()),
        ..event
    };
    let refusal = anonymous(consent("x", NOON, &[("Marketing", false)]));
    let fates = house
        .send(vec![
            anonymous(viewed("x", "mug")),
            anonymous(bought("x", &["lamp"])),
            refusal,
        ])
        .await;
    assert_eq!(fates, [DROPPED, DROPPED, DROPPED]);
    house.gate.write_back().await.unwrap();
    let counts = house.gate.counts().await.unwrap();
    assert_eq!((counts.persons, counts.identifiers, counts.events), (0, 0, 0));
    assert_eq!(house.known(&visitor("v1")).await, None);
    // With consent there is one.
    let given = Event {
        consent: Some([("Marketing".to_owned(), true)].into()),
        ..anonymous(viewed("x", "mug"))
    };
    assert_eq!(house.send(vec![given]).await, [Fate::Stored]);
    assert_eq!(house.seen(&visitor("v1")).await, Ok(vec!["mug 1/0/0".to_owned()]));
}

#[tokio::test]
async fn a_visitor_who_agreed_is_recognised_when_they_sign_in_and_another_is_not() {
    let house = open(Arc::new(Memory::new())).unwrap();
    for (visitor, agrees) in [("v1", true), ("v2", false)] {
        let preferences = [("Marketing".to_owned(), agrees), ("Statistics".to_owned(), true)];
        let seen = Event {
            user_id: None,
            anonymous_id: Some(visitor.to_owned()),
            consent: Some(preferences.into()),
            ..viewed("x", visitor)
        };
        house.send(vec![seen]).await;
        let signs_in = Event {
            anonymous_id: Some(visitor.to_owned()),
            ..bought(&format!("user-{visitor}"), &["lamp"])
        };
        house.send(vec![signs_in]).await;
    }
    let knows =
        |lines: Option<Vec<String>>, item: &str| lines.unwrap().iter().any(|line| line.starts_with(item));
    assert!(knows(house.known(&user("user-v1")).await, "v1"));
    assert!(!knows(house.known(&user("user-v2")).await, "v2"));
}

#[tokio::test]
async fn one_message_counts_once_whatever_is_delivered_again() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    let event = Event {
        message_id: "same".to_owned(),
        ..viewed("ann", "mug")
    };
    let fates = house.send(vec![event.clone(), event.clone()]).await;
    assert_eq!(fates, [Fate::Stored, Fate::Duplicate]);
    assert_eq!(house.send(vec![event]).await, [Fate::Duplicate]);
    assert_eq!(house.seen(&user("ann")).await, Ok(vec!["mug 1/0/0".to_owned()]));
}

#[tokio::test]
async fn a_privacy_signal_stops_profiling_at_once() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            viewed("ann", "mug"),
        ])
        .await;
    let signal = Ask {
        signals: Signals {
            gpc: true,
            child_directed: false,
        },
        ..ask(NOON)
    };
    assert_eq!(
        house.seen_with(&user("ann"), signal).await,
        Err(vec!["charter/signal-gpc".to_owned()])
    );
    assert!(
        house.seen(&user("ann")).await.is_ok(),
        "a signal on one request is not remembered from a question"
    );
    let browsing = Event {
        signals: Signals {
            gpc: true,
            child_directed: false,
        },
        ..viewed("ann", "vase")
    };
    house.send(vec![browsing]).await;
    assert_eq!(
        house.seen(&user("ann")).await,
        Err(vec!["charter/signal-gpc".to_owned()])
    );
    house
        .send(vec![consent("ann", NOON + 5, &[("Marketing", true)])])
        .await;
    assert_eq!(house.seen(&user("ann")).await, Ok(vec!["mug 1/0/0".to_owned()]));
}

#[tokio::test]
async fn minors_and_restricted_and_objecting_people_are_not_profiled() {
    let house = open(Arc::new(Memory::new())).unwrap();
    for who in ["kid", "res", "obj"] {
        house
            .send(vec![
                consent(who, NOON, &[("Marketing", true)]),
                viewed(who, "mug"),
            ])
            .await;
    }
    let identify = Event {
        kind: Kind::Identify,
        ..event("kid", "", json!({"age_bracket": "minor"}))
    };
    house.send(vec![identify]).await;
    house
        .gate
        .act(&user("res"), Act::Restrict(true), "privacy-centre", Moment(NOON))
        .await
        .unwrap()
        .unwrap();
    house
        .gate
        .act(&user("obj"), Act::Object(true), "privacy-centre", Moment(NOON))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        house.seen(&user("kid")).await,
        Err(vec!["charter/minor".to_owned()])
    );
    assert_eq!(
        house.seen(&user("res")).await,
        Err(vec!["charter/restricted".to_owned()])
    );
    assert_eq!(
        house.seen(&user("obj")).await,
        Err(vec!["charter/objected".to_owned()])
    );
}

#[tokio::test]
async fn what_is_forgotten_or_muted_stays_so() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            viewed("ann", "mug"),
            viewed("ann", "lamp"),
        ])
        .await;
    house
        .gate
        .act(
            &user("ann"),
            Act::Forget("mug".to_owned()),
            "privacy-centre",
            Moment(NOON),
        )
        .await
        .unwrap();
    assert_eq!(house.seen(&user("ann")).await, Ok(vec!["lamp 1/0/0".to_owned()]));
}

#[tokio::test]
async fn undeclared_fields_are_gone_at_the_door_and_named() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let event = event(
        "ann",
        "Order Completed",
        json!({
            "products": [{"product_id": "lamp", "engraving": "for Zoé"}], "coupon": "X", "order_id": "9",
        }),
    );
    let mut received = house.gate.take_in(
        "shop",
        Event {
            message_id: "1".to_owned(),
            ..event
        },
    );
    received.undeclared.sort();
    assert_eq!(received.undeclared, ["coupon", "engraving"]);
    assert_eq!(format!("{received:?}"), "Received(..)");
}

#[tokio::test]
async fn a_run_opens_only_those_who_permit_it() {
    let house = open(Arc::new(Memory::new())).unwrap();
    for (who, train) in [("a", true), ("b", false), ("c", true)] {
        house
            .send(vec![
                consent(who, NOON, &[("Marketing", true), ("Statistics", train)]),
                bought(who, &["lamp"]),
            ])
            .await;
    }
    let permits = house
        .gate
        .permits::<Train>(ask(NOON), Digest::default())
        .await
        .unwrap();
    assert_eq!((permits.len(), permits.refused), (2, 1));
    house
        .gate
        .choose(
            &user("c"),
            &[(PurposeName::Train, false)],
            "privacy-centre",
            Moment(NOON + 1),
        )
        .await
        .unwrap();
    let mut histories = 0;
    let opened = house
        .gate
        .open_each(permits, |opened| histories += opened.view().history.len())
        .unwrap();
    assert_eq!(
        (opened, histories),
        (1, 1),
        "who withdrew between permit and opening is passed over"
    );
}

#[tokio::test]
async fn a_permit_opens_nothing_after_the_terms_changed() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    let permit = house
        .gate
        .permit::<Personalise>(&user("ann"), ask(NOON))
        .await
        .unwrap()
        .unwrap();
    house
        .gate
        .choose(&user("ann"), &all(false), "privacy-centre", Moment(NOON + 1))
        .await
        .unwrap();
    assert!(house.gate.open_with(permit).await.unwrap().is_none());
}

#[tokio::test]
async fn a_draft_made_before_a_withdrawal_is_never_shown() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    let permit = house
        .gate
        .permit::<Personalise>(&user("ann"), ask(NOON))
        .await
        .unwrap()
        .unwrap();
    let opened = house.gate.open_with(permit).await.unwrap().unwrap();
    let draft = opened.draft(|_| common::Lines(Vec::new()));
    house
        .gate
        .choose(&user("ann"), &all(false), "privacy-centre", Moment(NOON + 1))
        .await
        .unwrap();
    assert!(house.gate.record(draft).await.unwrap().is_none());
}

#[tokio::test]
async fn the_wrong_key_is_told_before_anything_is_written() {
    let shelf = Arc::new(Memory::new());
    let house = open(shelf.clone()).unwrap();
    house.send(vec![bought("ann", &["lamp"])]).await;
    house.gate.close().await;
    for (kek, index) in [(7, 102), (1, 7)] {
        let opened = open_keyed(shelf.clone(), kek, index).map(drop);
        assert!(matches!(opened, Err(gate::Unavailable::WrongKey)));
    }
    let house = open(shelf).unwrap();
    assert!(
        house
            .known(&user("ann"))
            .await
            .unwrap()
            .contains(&"lamp 0/0/1".to_owned())
    );
}

#[tokio::test]
async fn erased_is_erased() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            bought("ann", &["lamp"]),
        ])
        .await;
    let ann = user("ann");
    let decided = house
        .gate
        .decide::<Personalise, _, _>(&ann, ask(NOON), |_| common::Lines(vec![]));
    let record = decided.await.unwrap().unwrap().record;
    assert!(house.gate.erase(&user("ann")).await.unwrap());
    assert_eq!(house.known(&user("ann")).await, None);
    let person = Ask {
        requester: Requester::Person,
        ..ask(NOON)
    };
    assert!(house.gate.receipt(record, person).await.unwrap().is_none());
    assert!(!house.gate.erase(&user("ann")).await.unwrap());
    // Whoever comes again by their own word is somebody new.
    let suppressed = gate::Fate::Dropped(gate::Reason::Suppressed);
    assert_eq!(house.send(vec![bought("ann", &["vase"])]).await, [suppressed]);
    assert_eq!(house.known(&user("ann")).await, None);
    let back = consent("ann", NOON, &[("Marketing", true)]);
    house.send(vec![back, bought("ann", &["vase"])]).await;
    let known = house.known(&user("ann")).await.unwrap();
    assert!(known.contains(&"vase 0/0/1".to_owned()) && !known.contains(&"lamp 0/0/1".to_owned()));
}

#[tokio::test]
async fn a_receipt_verifies_offline_and_a_flipped_bit_is_found() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    let ann = user("ann");
    let decided = house
        .gate
        .decide::<Personalise, _, _>(&ann, ask(NOON), |_| common::Lines(vec!["x".into()]));
    let record = decided.await.unwrap().unwrap().record;
    let person = Ask {
        requester: Requester::Person,
        ..ask(NOON)
    };
    let receipt = house
        .gate
        .receipt(record, person)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(receipt.proof.is_none(), "not integrated yet");
    house.gate.integrate().await.unwrap();
    let receipt = house
        .gate
        .receipt(record, person)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let key: ledger::VerifyingKey = receipt.vkey.parse().unwrap();
    let proof = ledger::Proof::parse(receipt.proof.unwrap().as_bytes()).unwrap();
    proof.verify(&receipt.leaf, &key).unwrap();
    let r: [u8; 32] = receipt.r.as_slice().try_into().unwrap();
    let entry = ledger::Entry::parse(&receipt.leaf).unwrap();
    assert!(entry.verify_commitment(&r, receipt.details.as_bytes()));
    assert!(!entry.verify_commitment(&r, b"something else"));
    let mut flipped = receipt.leaf.clone();
    flipped[10] ^= 1;
    assert!(proof.verify(&flipped, &key).is_err());
    // Without being the person, no receipt.
    assert!(
        house
            .gate
            .receipt(record, ask(NOON))
            .await
            .unwrap()
            .unwrap()
            .is_err()
    );
}

#[tokio::test]
async fn what_was_acknowledged_is_folded_again_after_a_crash() {
    let shelf = Arc::new(Memory::new());
    let house = open(shelf.clone()).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            viewed("ann", "mug"),
            bought("ann", &["mug"]),
        ])
        .await;
    let before = house.known(&user("ann")).await;
    // No close: the envelope was never written back. The new gate takes the lease over.
    std::mem::forget(house);
    let house = open(shelf).unwrap();
    assert_eq!(house.known(&user("ann")).await, before);
    house.now.store(NOON + 1, Ordering::Relaxed);
    let again = Event {
        message_id: "after the crash".to_owned(),
        ..viewed("ann", "mug")
    };
    assert_eq!(house.send(vec![again]).await, [Fate::Stored]);
    assert_eq!(house.seen(&user("ann")).await, Ok(vec!["mug 2/0/1".to_owned()]));
}

#[tokio::test]
async fn two_user_ids_never_share_a_person() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let at_home = |event: Event| Event {
        anonymous_id: Some("browser".to_owned()),
        ..event
    };
    house
        .send(vec![
            at_home(consent("alice", NOON, &[("Marketing", true)])),
            at_home(bought("alice", &["lamp"])),
        ])
        .await;
    // Bob signs in on Alice's browser; somebody claims to be Alice under a new name.
    let identify = |event: Event| Event {
        kind: Kind::Identify,
        ..event
    };
    house
        .send(vec![identify(at_home(event(
            "bob",
            "",
            json!({"firstName": "Bob"}),
        )))])
        .await;
    let alias = Event {
        kind: Kind::Alias,
        previous_id: Some("alice".to_owned()),
        ..event("evil", "", json!({}))
    };
    house.send(vec![alias, bought("evil", &["vase"])]).await;
    for other in ["bob", "evil"] {
        assert!(house.seen(&user(other)).await.is_err(), "{other} is profiled");
        let known = house.known(&user(other)).await.unwrap();
        assert!(
            !known.iter().any(|line| line.starts_with("lamp")),
            "{other} has Alice's lamp"
        );
    }
    // A stranger on Alice's browser is not Alice either.
    let eve = gate::Whom {
        user_id: Some("eve"),
        anonymous_id: Some("browser"),
    };
    assert!(house.seen(&eve).await.is_err());
    assert!(!house.gate.erase(&eve).await.unwrap());
    assert_eq!(
        house.seen(&user("alice")).await,
        Ok(vec!["lamp 0/0/1".to_owned()])
    );
}

#[tokio::test]
async fn a_withdrawal_from_a_slow_clock_counts() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    let slow = Event {
        at: Moment(NOON - 3_600_000),
        ..consent("ann", NOON, &[("Marketing", false)])
    };
    house.send(vec![slow]).await;
    assert!(house.seen(&user("ann")).await.is_err());
}

#[tokio::test]
async fn an_age_is_remembered_from_the_first_event_and_a_late_one_does_not_undo_it() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let says = |age: &str, at: i64| Event {
        kind: Kind::Identify,
        at: Moment(at),
        ..event("kid", "", json!({ "age_bracket": age }))
    };
    house
        .send(vec![
            says("minor", NOON),
            consent("kid", NOON, &[("Marketing", true)]),
        ])
        .await;
    assert_eq!(
        house.seen(&user("kid")).await,
        Err(vec!["charter/minor".to_owned()])
    );
    house.send(vec![says("adult", NOON - 5)]).await;
    assert_eq!(
        house.seen(&user("kid")).await,
        Err(vec!["charter/minor".to_owned()])
    );
}

#[tokio::test]
async fn a_child_directed_source_is_remembered_while_the_age_is_unknown() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let signals = Signals {
        gpc: false,
        child_directed: true,
    };
    house
        .send(vec![Event {
            signals,
            ..consent("kid", NOON, &[("Marketing", true)])
        }])
        .await;
    assert_eq!(
        house.seen(&user("kid")).await,
        Err(vec!["charter/age-unknown".to_owned()])
    );
}

#[tokio::test]
async fn one_person_with_ever_new_browsers_stays_small() {
    let shelf = Arc::new(Memory::new());
    let house = open(shelf).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    for batch in 0..20 {
        let new = |n: usize| Event {
            anonymous_id: Some(format!("b{batch}-{n}")),
            ..viewed("ann", "mug")
        };
        house.send((0..50).map(new).collect()).await;
    }
    house.gate.write_back().await.unwrap();
    assert_eq!(house.gate.counts().await.unwrap().identifiers, 100);
    assert_eq!(
        house.seen(&user("ann")).await,
        Ok(vec!["mug 1000/0/0".to_owned()])
    );
}
