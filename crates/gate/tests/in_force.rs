//! What ruled from when is written down once for each change, with its leaf, over restarts and clocks
//! that are set back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{NOON, consent, open, user};
use gate::InForce;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::{Memory, Shelf};
use vocabulary::{Day, Moment};

async fn rows(house: &common::House, name: &str) -> Vec<InForce> {
    house.gate.integrate().await.unwrap();
    house.gate.in_force(name, 10).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_written_down_once_with_its_leaf() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = open(Arc::clone(&shelf)).unwrap();
    let publish = async |text: &str, at: i64| {
        house
            .gate
            .publish("charter", text.as_bytes().to_vec(), Moment(at))
            .await
            .unwrap()
    };
    let first = publish("one", NOON).await;
    publish("one", NOON + 5).await;
    let second = publish("two", NOON + 10).await;
    // The clock was set back: the order stays.
    publish("one", NOON - 1_000).await;
    let known = rows(&house, "charter").await;
    let told: Vec<_> = known.iter().map(|row| (row.digest, row.since.0)).collect();
    assert_eq!(
        told,
        [
            (Some(first), NOON + 11),
            (Some(second), NOON + 10),
            (Some(first), NOON)
        ]
    );
    let leaves: Vec<u64> = known.iter().map(|row| row.leaf.unwrap()).collect();
    assert!(leaves[0] > leaves[1] && leaves[1] > leaves[2]);
    assert!(rows(&house, "chart").await.is_empty(), "a name is a whole name");

    let again = open(shelf).unwrap();
    again
        .gate
        .publish("charter", b"one".to_vec(), Moment(NOON + 99))
        .await
        .unwrap();
    assert_eq!(rows(&again, "charter").await, known);
}

/// A kill between the pointer and its leaf, and a store of an earlier version, leave no row: the next
/// start writes it, and announces it.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_not_written_down_is_at_the_next_start() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let digest = {
        let house = open(Arc::clone(&shelf)).unwrap();
        let digest = house
            .gate
            .publish("charter", b"one".to_vec(), Moment(NOON))
            .await
            .unwrap();
        house.gate.integrate().await.unwrap();
        house.gate.close().await;
        digest
    };
    let epoch = shelf.acquire("test", Moment(NOON), 1_000).unwrap();
    let (name, row) = shelf.named("epoch/charter/", None, 1).unwrap().remove(0);
    assert!(shelf.remove_named(epoch, &name, row.version).unwrap());
    shelf.release(epoch).unwrap();

    let house = open(shelf).unwrap();
    house
        .gate
        .publish("charter", b"one".to_vec(), Moment(NOON + 7))
        .await
        .unwrap();
    let known = rows(&house, "charter").await;
    assert_eq!(
        (known.len(), known[0].digest, known[0].since.0),
        (1, Some(digest), NOON + 7)
    );
    assert!(known[0].leaf.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_rules_no_more() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let digest = house
        .gate
        .publish("model", b"m".to_vec(), Moment(NOON))
        .await
        .unwrap();
    house.gate.withdraw("model", Moment(NOON + 1)).await.unwrap();
    let told: Vec<_> = rows(&house, "model")
        .await
        .into_iter()
        .map(|row| row.digest)
        .collect();
    assert_eq!(told, [None, Some(digest)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasures_are_counted_where_a_quarter_begins_and_not_again() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let (this, next) = (Day(20_727), Day(20_819));
    house.gate.note_erasures(this).await.unwrap();
    for person in ["a", "b"] {
        house
            .send(vec![consent(person, NOON, &[("personalise", true)])])
            .await;
        assert!(house.gate.erase(&user(person)).await.unwrap());
        house.gate.note_erasures(this).await.unwrap();
    }
    house.now.store(next.start().0, Ordering::Relaxed);
    house.gate.note_erasures(next).await.unwrap();
    let counts: Vec<_> = house.gate.erased_by_quarter().await.unwrap();
    let counts: Vec<_> = counts.into_iter().map(|row| (row.quarter, row.count)).collect();
    assert_eq!(counts, [(this, 0), (next, 2)]);
}
