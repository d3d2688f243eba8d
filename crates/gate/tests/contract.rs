//! The person's contract: theirs alone, in force at once, proven, kept through joining, erased with them,
//! and never loosened by a backup that is put back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, ask, consent, open, open_journalled, options, user, visitor};
use gate::charter::Requester;
use gate::{Action, Ask, Component, ContractKept, ContractState, Evidence, Gate, Whom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use store::{Embedded, Memory};
use vocabulary::{Contract, Event, Hours, Moment, NotAContract, Rhythm, Weekdays};

fn evidence() -> Evidence {
    Evidence::new(Component::OwnPage, Action::Save)
}

async fn set(house: &House, whom: &Whom<'_>, contract: &Contract, at: i64) -> ContractKept {
    let set = house
        .gate
        .set_contract(whom, contract, &evidence(), "me", Moment(at))
        .await;
    set.unwrap().unwrap()
}

async fn state(house: &House, whom: &Whom<'_>) -> ContractState {
    house
        .gate
        .contract_state(whom, ask(NOON + 1_000))
        .await
        .unwrap()
        .unwrap()
}

fn weekly() -> Contract {
    Contract {
        rhythm: Rhythm::Weekly { day: 5, at: 600 },
        per_week: Some(1),
        zone: Some("Europe/Paris".to_owned()),
        ..Contract::default()
    }
}

#[tokio::test]
async fn what_a_person_sets_is_in_force_at_once_with_a_record_and_a_leaf_that_says_no_value() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let kept = set(&house, &user("ann"), &weekly(), NOON).await;
    let ContractKept::Kept(Some(record)) = kept else {
        panic!("not kept: {kept:?}")
    };
    let found = state(&house, &user("ann")).await;
    assert_eq!(found.contract, weekly());
    assert_eq!(
        (found.at, found.to_be_said, found.conversing),
        (Some(Moment(NOON)), false, false)
    );
    let own = Ask {
        requester: Requester::Person,
        ..ask(NOON + 1)
    };
    let receipt = house
        .gate
        .own_receipt(&user("ann"), record, own)
        .await
        .unwrap()
        .unwrap();
    let receipt = receipt.unwrap();
    let leaf = String::from_utf8(receipt.leaf).unwrap();
    assert!(leaf.contains(r#""kind":"contract""#), "{leaf}");
    for value in ["Paris", "weekly", "600", "per_week"] {
        assert!(!leaf.contains(value), "the leaf says `{value}`");
    }
    assert!(
        receipt.details.contains(r#""component":"own_page""#),
        "{}",
        receipt.details
    );
    assert!(
        receipt.details.contains(r#""zone":"Europe/Paris""#),
        "{}",
        receipt.details
    );
    // The latest word stands, also a looser one: it is the person's own.
    set(&house, &user("ann"), &Contract::default(), NOON + 5).await;
    assert_eq!(state(&house, &user("ann")).await.contract, Contract::default());
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_and_nothing_is_written() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let wrong = Contract {
        days: Some(Weekdays(0)),
        ..Contract::default()
    };
    let refused = house
        .gate
        .set_contract(&user("ann"), &wrong, &evidence(), "me", Moment(NOON))
        .await
        .unwrap();
    assert_eq!(refused, Err(NotAContract::Days(0)));
    assert_eq!(state(&house, &user("ann")).await, ContractState::default());
    assert!(house.known(&user("ann")).await.is_none());
}

#[tokio::test]
async fn a_browser_of_a_customer_does_not_set_the_customers_contract_and_a_stranger_is_not_kept() {
    let house = open(Arc::new(Memory::new())).unwrap();
    assert_eq!(
        set(&house, &visitor("v"), &weekly(), NOON).await,
        ContractKept::NotKept
    );
    assert!(house.known(&visitor("v")).await.is_none());
    let both = Event {
        anonymous_id: Some("v".to_owned()),
        ..consent("ann", NOON, &[("Marketing", true)])
    };
    house.send(vec![both]).await;
    assert_eq!(
        set(&house, &visitor("v"), &weekly(), NOON + 1).await,
        ContractKept::NotKept
    );
    assert_eq!(state(&house, &user("ann")).await.contract, Contract::default());
}

/// Two who are joined: what both permit, and parted again the visitor is held to what the person said since.
#[tokio::test]
async fn joined_contracts_permit_only_what_both_do() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let came = |at: i64| Event {
        user_id: None,
        anonymous_id: Some("v".to_owned()),
        ..consent("nobody", at, &[("Marketing", true)])
    };
    house
        .send(vec![came(NOON), consent("ann", NOON, &[("Statistics", true)])])
        .await;
    let theirs = Contract {
        hours: Some(Hours {
            from: 1_080,
            to: 1_260,
        }),
        paused_until: Some(Moment(NOON + 100)),
        ..Contract::default()
    };
    assert!(matches!(
        set(&house, &visitor("v"), &theirs, NOON + 1).await,
        ContractKept::Kept(_)
    ));
    set(&house, &user("ann"), &weekly(), NOON + 2).await;
    let both = Whom {
        user_id: Some("ann"),
        anonymous_id: Some("v"),
    };
    house
        .gate
        .join(&both, "me", Moment(NOON + 3))
        .await
        .unwrap()
        .unwrap();
    let joined = state(&house, &user("ann")).await.contract;
    assert_eq!(joined, weekly().stricter(&theirs));
    assert_eq!((joined.hours, joined.per_week), (theirs.hours, Some(1)));
    assert_eq!(joined.paused_until, theirs.paused_until);
}

struct Place(tempfile::TempDir);

impl Place {
    async fn open(&self) -> House {
        let (store, journal) = (self.0.path().join("store"), self.0.path().join("keys.erasures"));
        let open = move || open_journalled(Arc::new(Embedded::open(&store).unwrap()), &journal).unwrap();
        tokio::task::spawn_blocking(open).await.unwrap()
    }

    async fn restore(&self) {
        let now = Arc::new(AtomicI64::new(NOON));
        let shelf = Arc::new(Embedded::open(&self.0.path().join("store")).unwrap());
        let journal = self.0.path().join("keys.erasures");
        let restored = Gate::restore(options(shelf, 1, 102, &now, Some(&journal)), false).await;
        restored.unwrap();
    }

    fn copy(&self, from: &str, to: &str) {
        let (from, to) = (self.0.path().join(from), self.0.path().join(to));
        if to.exists() {
            std::fs::remove_dir_all(&to).unwrap();
        }
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), Path::new(&to).join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_does_not_know_the_last_word_sends_nothing_until_it_is_said_again() {
    let place = Place(tempfile::tempdir().unwrap());
    let house = place.open().await;
    for who in ["ann", "bob", "cid"] {
        set(&house, &user(who), &weekly(), NOON).await;
    }
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);
    place.copy("store", "backup");

    let house = place.open().await;
    let paused = Contract {
        paused_until: Some(Moment(NOON + 10_000)),
        ..weekly()
    };
    set(&house, &user("ann"), &paused, NOON + 10).await;
    // Looser since: also that must be said again, for nobody knows any more what it was.
    set(&house, &user("bob"), &Contract::default(), NOON + 10).await;
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);
    place.copy("backup", "store");
    place.restore().await;

    let house = place.open().await;
    for who in ["ann", "bob"] {
        let found = state(&house, &user(who)).await;
        assert!(found.to_be_said, "{who}");
        assert_eq!(found.contract.paused_until, Some(Moment(i64::MAX)), "{who}");
        assert_eq!(found.contract.per_week, Some(1), "{who}: nothing is loosened");
    }
    let cid = state(&house, &user("cid")).await;
    assert_eq!((cid.contract, cid.to_be_said), (weekly(), false));
    // Said again, it stands, and a further start changes nothing.
    set(&house, &user("ann"), &weekly(), NOON + 20).await;
    house.gate.close().await;
    drop(house);
    let house = place.open().await;
    let ann = state(&house, &user("ann")).await;
    assert_eq!((ann.contract, ann.to_be_said), (weekly(), false));
    house.gate.close().await;
}
