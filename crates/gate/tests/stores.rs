//! The same life of a person on every store: consent, history, decision, crash, withdrawal, receipt,
//! erasure.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use common::{House, Lines, NOON, all, ask, bought, consent, open, user, viewed};
use gate::charter::Requester;
use gate::purposes::{Personalise, Train};
use gate::{Ask, Fate};
use std::sync::Arc;
use store::testing::PostgresServer;
use store::{Embedded, Memory, Postgres, Shelf};
use vocabulary::{Digest, Event, Moment};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_lazily() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    life(|| Arc::clone(&shelf)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_eagerly() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::eager());
    life(|| Arc::clone(&shelf)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded() {
    let folder = tempfile::tempdir().unwrap();
    life(|| Arc::new(Embedded::open(folder.path()).unwrap())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql() {
    let Some(server) = PostgresServer::shared().unwrap() else {
        return;
    };
    let connection = server.new_database().unwrap();
    let connect = move || -> Arc<dyn Shelf> {
        let connection = connection.clone();
        // Connecting blocks, and must not on the threads of the runtime.
        std::thread::spawn(move || Arc::new(Postgres::connect(&connection).unwrap()))
            .join()
            .unwrap()
    };
    life(connect).await;
}

async fn life(shelf: impl Fn() -> Arc<dyn Shelf>) {
    let house = blocking_open(shelf()).await;
    let events = vec![
        consent("ann", NOON, &[("Marketing", true), ("Statistics", true)]),
        viewed("ann", "mug"),
        bought("ann", &["mug", "lamp"]),
    ];
    assert_eq!(house.send(events).await, [Fate::Stored; 3]);
    let again = Event {
        message_id: "m2".to_owned(),
        ..viewed("ann", "mug")
    };
    assert_eq!(house.send(vec![again]).await, [Fate::Duplicate]);
    let expected = Ok(vec!["lamp 0/0/1".to_owned(), "mug 1/0/1".to_owned()]);
    assert_eq!(house.seen(&user("ann")).await, expected);
    let ann = user("ann");
    let decided = house
        .gate
        .decide::<Personalise, _, _>(&ann, ask(NOON), |_| Lines(vec!["x".into()]));
    let record = decided.await.unwrap().unwrap().record;
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);

    // Closed and opened again: everything is there, the same message is still known.
    let house = blocking_open(shelf()).await;
    assert_eq!(house.seen(&ann).await, expected);
    let again = Event {
        message_id: "m2".to_owned(),
        ..viewed("ann", "mug")
    };
    assert_eq!(house.send(vec![again]).await, [Fate::Duplicate]);
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
    let key: ledger::VerifyingKey = receipt.vkey.parse().unwrap();
    let proof = ledger::Proof::parse(receipt.proof.unwrap().as_bytes()).unwrap();
    proof.verify(&receipt.leaf, &key).unwrap();

    let permits = house
        .gate
        .permits::<Train>(ask(NOON), Digest::default())
        .await
        .unwrap();
    assert_eq!((permits.len(), permits.refused), (1, 0));
    let gate = house.gate.clone();
    let opened = tokio::task::spawn_blocking(move || gate.open_each(permits, drop).unwrap())
        .await
        .unwrap();
    assert_eq!(opened, 1);
    let counted = count_in(&house).await;
    assert_eq!(counted, ["lamp 0/0/1", "mug 0/0/1"], "the strongest act of each");

    house
        .gate
        .choose(&ann, &all(false), "privacy-centre", Moment(NOON + 1))
        .await
        .unwrap()
        .unwrap();
    assert!(house.seen(&ann).await.is_err());
    assert!(house.gate.erase(&ann).await.unwrap());
    assert_eq!(house.known(&ann).await, None);
    // What was counted waits to be taken out, once, and is the last that is left of the person.
    house.gate.close().await;
    drop(house);
    let house = blocking_open(shelf()).await;
    let removals = house.gate.removals().await.unwrap();
    assert_eq!(removals.len(), 1);
    let gate = house.gate.clone();
    let (removals, taken_out, sum) = tokio::task::spawn_blocking(move || {
        let mut taken_out = Vec::new();
        gate.open_removals(&removals, |gone| taken_out.extend(lines(gone.history())))
            .unwrap();
        (removals, taken_out, gate.kept_sealed("sum").unwrap())
    })
    .await
    .unwrap();
    assert_eq!(taken_out, counted);
    assert_eq!(sum.unwrap().as_slice(), SUM.repeat(100_000));
    house.gate.removed(removals).await.unwrap();
    assert!(house.gate.removals().await.unwrap().is_empty());
    let counts = house.gate.counts().await.unwrap();
    assert_eq!((counts.persons, counts.identifiers), (0, 0));
    assert_eq!(counts.keys, 1, "the sum's own");
    house.gate.close().await;
}

const SUM: &[u8] = b"stands in for a sum";

/// Counts everybody in, and keeps something in the place of a sum.
async fn count_in(house: &House) -> Vec<String> {
    let permits = house.gate.permits::<Train>(ask(NOON), Digest::default());
    let permits = permits.await.unwrap();
    let gate = house.gate.clone();
    let counted = tokio::task::spawn_blocking(move || {
        let mut counted = Vec::new();
        let each = |recount: gate::Recount| {
            assert!(recount.replaced.is_empty());
            counted.extend(lines(recount.added.history()));
        };
        gate.count_in(permits, |_| false, each).unwrap();
        for sum in [SUM.to_vec(), SUM.repeat(100_000)] {
            gate.keep_sealed("sum", &sum).unwrap();
        }
        counted
    });
    counted.await.unwrap()
}

fn lines(history: &[vocabulary::Interaction]) -> Vec<String> {
    let line =
        |i: &vocabulary::Interaction| format!("{} {}/{}/{}", i.item.as_str(), i.viewed, i.added, i.bought);
    history.iter().map(line).collect()
}

async fn blocking_open(shelf: Arc<dyn Shelf>) -> House {
    tokio::task::spawn_blocking(move || open(shelf).unwrap())
        .await
        .unwrap()
}
