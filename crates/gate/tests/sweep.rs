//! What ended is removed for good when it ended, and not only when the person comes by again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{DICTIONARY, House, NOON, ask, bought, consent, event, open, options, user, viewed, visitor};
use gate::charter::Requester;
use gate::dictionary::Dictionary;
use gate::purposes::ShowOwnData;
use gate::{Ask, Gate, Notice, Notices, Options, Whom};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{Embedded, Memory, Shelf};
use vocabulary::{DAY_MS, Event, Kind, Moment};

/// Consents to it last 180 days.
const NOTICE: &str = r#"
id = "shop"
version = 1
valid_days = 180
controller = "The shop"

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
purpose = "segment"
fr = { label = "Groupes", text = "Vous figurez dans des groupes." }
en = { label = "Groups", text = "You are part of groups." }
"#;

const DAY: i64 = DAY_MS;

async fn house(shelf: Arc<dyn Shelf>) -> House {
    let house = open(shelf).unwrap();
    let notices = Notices::new(vec![Notice::read(NOTICE).unwrap()]).unwrap();
    let published = house.gate.publish_notices(notices, Moment(NOON)).await.unwrap();
    published.unwrap();
    house
}

fn of_visitor(id: &str, event: Event) -> Event {
    Event {
        user_id: None,
        anonymous_id: Some(id.to_owned()),
        ..event
    }
}

/// Items and traits that are in the person's envelope, used or not.
async fn held(gate: &Gate, whom: &Whom<'_>, at: i64) -> (Vec<String>, Vec<String>) {
    let person = Ask {
        requester: Requester::Person,
        ..ask(at)
    };
    let Ok(permit) = gate.permit::<ShowOwnData>(whom, person).await.unwrap() else {
        panic!("a person may see their own data")
    };
    let opened = gate.open_with(permit).await.unwrap().unwrap();
    let view = opened.view();
    let items = view.history.iter().map(|known| known.interaction.item.0.clone());
    let traits = view.traits.iter().map(|known| known.name.clone());
    (items.collect(), traits.collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_consent_held_is_removed_when_it_runs_out_though_nobody_comes_by() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = house(Arc::clone(&shelf)).await;
    let yes = [("Marketing", true)];
    house
        .send(vec![
            of_visitor("v1", consent("x", NOON, &yes)),
            of_visitor("v1", viewed("x", "mug")),
            of_visitor("v2", consent("x", NOON + 30 * DAY, &yes)),
        ])
        .await;
    house.gate.write_back().await.unwrap();
    let mug = (vec!["mug".to_owned()], Vec::new());
    for day in [0, 1, 179] {
        let now = Moment(NOON + day * DAY);
        assert_eq!(house.gate.remove_ended(now).await.unwrap(), 0, "day {day}");
        assert_eq!(held(&house.gate, &visitor("v1"), now.0).await, mug);
    }
    let over = Moment(NOON + 180 * DAY);
    // Nothing uses it from that moment on; the sweep takes it from the disk.
    assert_eq!(shelf.due(over, 10).unwrap().len(), 1);
    let newest = shelf.unapplied(0, 1_000).unwrap().len();
    assert_eq!(house.gate.remove_ended(over).await.unwrap(), 1);
    assert_eq!(
        held(&house.gate, &visitor("v1"), over.0).await,
        (Vec::new(), Vec::new())
    );
    assert!(shelf.due(over, 10).unwrap().is_empty(), "still due");
    assert_eq!(house.gate.remove_ended(over).await.unwrap(), 0);
    assert!(shelf.unapplied(0, 1_000).unwrap().len() <= newest + 1);
    house.gate.close().await;
    // A server that starts anew reads the rows alone.
    let house = self::house(shelf).await;
    assert_eq!(
        held(&house.gate, &visitor("v1"), over.0).await,
        (Vec::new(), Vec::new())
    );
    house.gate.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_old_for_each_of_its_purposes_is_removed_and_the_rest_stays() {
    let house = house(Arc::new(Memory::new())).await;
    let buys = |item: &str, at: i64| Event {
        at: Moment(at),
        received_at: Moment(at),
        ..event(
            "ann",
            "Order Completed",
            json!({ "order_id": "1", "products": [{ "product_id": item }] }),
        )
    };
    house
        .send(vec![buys("lamp", NOON), buys("mug", NOON + 400 * DAY)])
        .await;
    house.gate.write_back().await.unwrap();
    let items = async |at: i64| held(&house.gate, &user("ann"), at).await.0;
    // Ten years for `service`, to the day.
    let ten_years = NOON + 3_650 * DAY;
    assert_eq!(house.gate.remove_ended(Moment(ten_years)).await.unwrap(), 0);
    assert_eq!(items(ten_years).await, ["lamp", "mug"]);
    assert_eq!(house.gate.remove_ended(Moment(ten_years + 1)).await.unwrap(), 1);
    assert_eq!(items(ten_years + 1).await, ["mug"]);
    let second = ten_years + 400 * DAY + 1;
    assert_eq!(house.gate.remove_ended(Moment(second)).await.unwrap(), 1);
    assert!(items(second).await.is_empty());
    house.gate.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_people_than_a_page_are_swept_at_once_and_nobody_else() {
    let house = house(Arc::new(Memory::new())).await;
    let yes = [("Marketing", true)];
    let mut events = Vec::new();
    for n in 0..1_203 {
        let id = format!("v{n}");
        let at = NOON + i64::from(n % 3) * DAY;
        events.push(of_visitor(&id, consent("x", at, &yes)));
        let seen = Event {
            at: Moment(at),
            received_at: Moment(at),
            ..viewed("x", "mug")
        };
        events.push(of_visitor(&id, seen));
    }
    house.send(events).await;
    house.gate.write_back().await.unwrap();
    let now = Moment(NOON + 181 * DAY);
    assert_eq!(house.gate.remove_ended(now).await.unwrap(), 802);
    assert!(held(&house.gate, &visitor("v1"), now.0).await.0.is_empty());
    assert_eq!(held(&house.gate, &visitor("v2"), now.0).await.0, ["mug"]);
    house.gate.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_dictionary_lets_be_kept_for_a_day_is_seen_for_a_day_and_gone_after_the_sweep() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let open = || {
        let now = Arc::new(AtomicI64::new(NOON));
        let mut text = DICTIONARY.to_owned();
        for of in ["[traits.favourite_colour]\n", "[events.\"Product Viewed\"]\n"] {
            text = text.replace(of, &format!("{of}retention_seconds = 86400\n"));
        }
        let options = Options {
            dictionary: Dictionary::read(&text).unwrap(),
            ..options(Arc::clone(&shelf), 1, 102, &now, None)
        };
        House::of(Gate::open(options).unwrap(), now)
    };
    let house = open();
    let said = Event {
        kind: Kind::Identify,
        ..event("ann", "", json!({ "favourite_colour": "blue" }))
    };
    let fates = house.send(vec![
        consent("ann", NOON, &[("Marketing", true)]),
        viewed("ann", "mug"),
        bought("ann", &["lamp"]),
        said,
    ]);
    fates.await;
    house.gate.write_back().await.unwrap();
    let both = (
        vec!["mug".to_owned(), "lamp".to_owned()],
        vec!["favourite_colour".to_owned()],
    );
    let lamp = (vec!["lamp".to_owned()], Vec::new());
    let (before, over) = (Moment(NOON + DAY - 1), Moment(NOON + DAY));
    // The count of the day goes with its beginning, and nothing else.
    assert_eq!(house.gate.remove_ended(before).await.unwrap(), 1);
    assert_eq!(held(&house.gate, &user("ann"), before.0).await, both);
    // Nobody sees it, though it still waits to be taken out.
    assert_eq!(held(&house.gate, &user("ann"), over.0).await, lamp);
    assert_eq!(shelf.due(over, 10).unwrap().len(), 1);
    assert_eq!(house.gate.remove_ended(over).await.unwrap(), 1);
    assert_eq!(house.gate.remove_ended(over).await.unwrap(), 0);
    // Gone, and not only out of sight: also to whoever asks what there was.
    assert_eq!(held(&house.gate, &user("ann"), before.0).await, lamp);
    // What was sent goes with the shortest of it, though the settings would keep it for a month.
    let (events, _) = house.gate.retain(30, 7, Moment(NOON + 3 * DAY)).await.unwrap();
    assert!(events >= 4, "{events}");
    house.gate.close().await;
    let house = open();
    assert_eq!(held(&house.gate, &user("ann"), before.0).await, lamp);
    house.gate.close().await;
}

/// Whether the bytes stand anywhere in a folder.
fn somewhere(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let held = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        held.windows(bytes.len()).any(|part| part == bytes)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_was_acknowledged_survives_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let house = house(Arc::new(Embedded::open(&store).unwrap())).await;
    house
        .send(vec![
            of_visitor("v1", consent("x", NOON, &[("Marketing", true)])),
            of_visitor("v1", viewed("x", "mug")),
        ])
        .await;
    house.gate.write_back().await.unwrap();
    let over = Moment(NOON + 180 * DAY);
    assert_eq!(house.gate.remove_ended(over).await.unwrap(), 1);
    // As a crash leaves it: the files of a server that goes on.
    let crashed = folder.path().join("crashed");
    std::fs::create_dir(&crashed).unwrap();
    for file in std::fs::read_dir(&store).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), crashed.join(file.file_name())).unwrap();
    }
    house.now.store(over.0, Ordering::Relaxed);
    house.gate.close().await;
    let house = self::house(Arc::new(Embedded::open(&crashed).unwrap())).await;
    assert_eq!(
        held(&house.gate, &visitor("v1"), over.0).await,
        (Vec::new(), Vec::new())
    );
    assert!(!somewhere(&crashed, b"mug"));
    house.gate.close().await;
}
