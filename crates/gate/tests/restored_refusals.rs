//! Off means off when a backup is put back: what was withdrawn, refused, objected to or restricted after
//! the backup was made stays so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, ask, consent, open_journalled, options, user};
use gate::purposes::{MarketByEmail, Personalise, Train};
use gate::{Act, Action, Component, ConsentGiven, Evidence, Gate, PassKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use store::Embedded;
use vocabulary::{Moment, PurposeName};

struct Place(tempfile::TempDir);

impl Place {
    async fn open(&self) -> House {
        let store = self.0.path().join("store");
        let journal = self.0.path().join("keys.erasures");
        let open = move || open_journalled(Arc::new(Embedded::open(&store).unwrap()), &journal).unwrap();
        tokio::task::spawn_blocking(open).await.unwrap()
    }

    async fn restore(&self) {
        let now = Arc::new(AtomicI64::new(NOON));
        let shelf = Arc::new(Embedded::open(&self.0.path().join("store")).unwrap());
        let journal = self.0.path().join("keys.erasures");
        Gate::restore(options(shelf, 1, 102, &now, Some(&journal)), false)
            .await
            .unwrap();
    }

    fn copy(&self, from: &str, to: &str) {
        let (from, to) = (self.0.path().join(from), self.0.path().join(to));
        if to.exists() {
            std::fs::remove_dir_all(&to).unwrap();
        }
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(from).unwrap() {
            let file: std::fs::DirEntry = file.unwrap();
            std::fs::copy(file.path(), Path::new(&to).join(file.file_name())).unwrap();
        }
    }
}

/// What is permitted: personalise, train, messages by e-mail.
async fn permitted(house: &House, who: &str) -> [bool; 3] {
    let (gate, asks) = (&house.gate, ask(NOON + 100));
    [
        gate.permit::<Personalise>(&user(who), asks)
            .await
            .unwrap()
            .is_ok(),
        gate.permit::<Train>(&user(who), asks).await.unwrap().is_ok(),
        gate.permit::<MarketByEmail>(&user(who), asks)
            .await
            .unwrap()
            .is_ok(),
    ]
}

const ALL: [(&str, bool); 3] = [
    ("Marketing", true),
    ("Statistics", true),
    ("market_by_email", true),
];
const PEOPLE: [&str; 6] = ["ann", "bob", "cid", "dan", "eve", "fay"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_after_a_backup_is_refused_when_it_is_put_back() {
    let place = Place(tempfile::tempdir().unwrap());
    let house = place.open().await;
    for who in PEOPLE {
        house.send(vec![consent(who, NOON, &ALL)]).await;
    }
    // Fay refused and permitted again, both before the backup: that is her last word.
    let fay = [(PurposeName::Personalise, false)];
    house
        .gate
        .choose(&user("fay"), &fay, "page", Moment(NOON + 1))
        .await
        .unwrap();
    house.send(vec![consent("fay", NOON + 2, &ALL)]).await;
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);
    place.copy("store", "backup");

    let house = place.open().await;
    let at = Moment(NOON + 10);
    let no = [(PurposeName::Personalise, false)];
    house
        .gate
        .choose(&user("ann"), &no, "page", at)
        .await
        .unwrap()
        .unwrap();
    house
        .gate
        .act(&user("bob"), Act::Object(true), "page", at)
        .await
        .unwrap()
        .unwrap();
    house
        .gate
        .act(&user("cid"), Act::Restrict(true), "page", at)
        .await
        .unwrap()
        .unwrap();
    let mut given = ConsentGiven::new(Vec::new(), Evidence::new(Component::Header, Action::Signal));
    given.objects_to_marketing = Some(true);
    house
        .gate
        .consent(&user("dan"), given, "web", at)
        .await
        .unwrap()
        .unwrap();
    // Eve took her objection back: it is not brought back either.
    for objects in [true, false] {
        let act = Act::Object(objects);
        house
            .gate
            .act(&user("eve"), act, "page", at)
            .await
            .unwrap()
            .unwrap();
    }
    let expected = [
        ("ann", [false, true, true]),
        ("bob", [false, false, false]),
        ("cid", [false, false, false]),
        ("dan", [true, true, false]),
        ("eve", [true, true, true]),
        ("fay", [true, true, true]),
    ];
    for (who, permits) in expected {
        assert_eq!(permitted(&house, who).await, permits, "{who}");
    }
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);

    place.copy("backup", "store");
    place.restore().await;
    let house = place.open().await;
    for (who, permits) in expected {
        assert_eq!(
            permitted(&house, who).await,
            permits,
            "{who} after the backup was put back"
        );
    }
    // And it is the store's own word now, kept through a usual start.
    house.gate.close().await;
    drop(house);
    let house = place.open().await;
    assert_eq!(permitted(&house, "ann").await, [false, true, true]);
    house.gate.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_older_than_its_log_tells_gets_the_latest_refusals_at_a_usual_start() {
    let place = Place(tempfile::tempdir().unwrap());
    let house = place.open().await;
    house.send(vec![consent("ann", NOON, &ALL)]).await;
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);
    place.copy("store", "backup");
    let house = place.open().await;
    let no = [(PurposeName::Train, false)];
    house
        .gate
        .choose(&user("ann"), &no, "page", Moment(NOON + 1))
        .await
        .unwrap()
        .unwrap();
    house.gate.close().await; // before its leaf is in the log
    drop(house);
    place.copy("backup", "store");
    let house = place.open().await;
    assert_eq!(permitted(&house, "ann").await, [true, false, true]);
    house.gate.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_and_sessions_from_before_a_restoration_open_nothing_after_it() {
    let place = Place(tempfile::tempdir().unwrap());
    let house = place.open().await;
    house.send(vec![consent("ann", NOON, &ALL)]).await;
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);
    place.copy("store", "backup");

    let house = place.open().await;
    let hour = 3_600_000;
    let now = Moment(NOON + 10);
    let mut issued = Vec::new();
    for kind in [PassKind::Link, PassKind::Session] {
        let pass = house.gate.issue_pass(kind, &user("ann"), 10 * hour, now).unwrap();
        let read = house.gate.read_pass(kind, &pass, now).unwrap();
        assert!(house.gate.use_once(read.mark()).await.unwrap());
        issued.push((kind, pass));
    }
    // Something goes into the log that the backup does not have.
    house.send(vec![consent("bob", NOON + 5, &ALL)]).await;
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);
    // A start without a restoration voids nothing.
    let house = place.open().await;
    for (kind, pass) in &issued {
        let read = house.gate.read_pass(*kind, pass, now).unwrap();
        assert!(house.gate.was_used(read.mark()).await.unwrap());
    }
    assert!(house.gate.remembers_since(Moment(NOON - hour)));
    house.gate.close().await;
    drop(house);

    for _ in 0..2 {
        place.copy("backup", "store");
        place.restore().await;
        let house = place.open().await;
        for (kind, pass) in &issued {
            assert!(house.gate.read_pass(*kind, pass, now).is_none(), "{kind:?}");
        }
        // What a site signed before may have been used before; what it signs from now on works.
        assert!(!house.gate.remembers_since(Moment(NOON)));
        assert!(house.gate.remembers_since(Moment(NOON + hour)));
        for kind in [PassKind::Link, PassKind::Session] {
            let pass = house.gate.issue_pass(kind, &user("ann"), 10 * hour, now).unwrap();
            assert!(house.gate.read_pass(kind, &pass, now).is_some());
            issued.push((kind, pass));
        }
        house.send(vec![consent("cid", NOON + 6, &ALL)]).await;
        house.gate.integrate().await.unwrap();
        house.gate.close().await;
        drop(house);
    }
}
