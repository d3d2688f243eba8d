//! The program in force: one wins, a second person looks, what was in force can come back, and the log knows.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use common::{House, NOON, open};
use gate::{Applied, Apply, NotApplied};
use std::sync::Arc;
use store::{Memory, Shelf};
use vocabulary::{Digest, Moment};

const NOW: Moment = Moment(NOON);

fn apply(text: &str, expected: Option<&str>, by: &str, needs_approval: bool) -> Apply {
    Apply {
        bytes: text.as_bytes().to_vec(),
        expected: expected.map(|text| Digest::of(text.as_bytes())),
        by: by.to_owned(),
        needs_approval,
    }
}

async fn applied(house: &House, apply: Apply) -> Result<Applied, NotApplied> {
    house.gate.apply_program(apply, NOW).await.unwrap()
}

async fn in_force(house: &House) -> Option<String> {
    let (_, bytes) = house.gate.program().await.unwrap()?;
    Some(String::from_utf8(bytes.unwrap()).unwrap())
}

#[tokio::test]
async fn of_two_who_apply_at_once_one_wins_and_the_other_is_told() {
    let house = open(Arc::new(Memory::new())).unwrap();
    assert_eq!(in_force(&house).await, None);
    applied(&house, apply("one", None, "ann", false)).await.unwrap();
    // Both have seen `one`.
    let (two, three) = tokio::join!(
        applied(&house, apply("two", Some("one"), "ann", false)),
        applied(&house, apply("three", Some("one"), "bob", false)),
    );
    let (won, lost) = match (two, three) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        other => panic!("{other:?}"),
    };
    assert_eq!(lost, NotApplied::Overtaken(Some(won.digest)));
    assert_eq!(house.gate.program().await.unwrap().unwrap().0, won);
    assert_eq!(house.gate.programs().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_second_person_approves_this_very_program_or_it_waits() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let digest = Digest::of(b"one");
    let one = || apply("one", None, "Ann", true);
    let approve = async |digest, by| house.gate.approve_program(digest, by, NOW).await.unwrap();
    assert_eq!(approve(digest, "bob").await, Err(NotApplied::NotAsked(digest)));
    assert_eq!(applied(&house, one()).await, Err(NotApplied::Unapproved(digest)));
    assert_eq!(
        approve(digest, " ann").await,
        Err(NotApplied::SamePerson(" ann".to_owned()))
    );
    assert_eq!(in_force(&house).await, None);
    approve(digest, "bob").await.unwrap();
    // Another program, by one letter, is not approved.
    let other = apply("One", None, "Ann", true);
    assert_eq!(
        applied(&house, other).await,
        Err(NotApplied::Unapproved(Digest::of(b"One")))
    );
    let done = applied(&house, one()).await.unwrap();
    assert_eq!(
        (done.by.as_str(), done.approved_by.as_deref()),
        ("Ann", Some("bob"))
    );
    for bad in ["", "  ", "a\nb"] {
        assert_eq!(approve(digest, bad).await, Err(NotApplied::Who));
    }
}

#[tokio::test]
async fn who_approved_may_apply_what_another_put_forward_and_nobody_stands_alone() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let digest = Digest::of(b"one");
    applied(&house, apply("one", None, "ann", true))
        .await
        .unwrap_err();
    house
        .gate
        .approve_program(digest, "bob", NOW)
        .await
        .unwrap()
        .unwrap();
    let done = applied(&house, apply("one", None, "bob", true)).await.unwrap();
    assert_eq!(
        (done.by.as_str(), done.approved_by.as_deref()),
        ("bob", Some("ann"))
    );
}

#[tokio::test]
async fn what_was_in_force_comes_back_and_nothing_else_does() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let back = async |digest, expected: &str| {
        let expected = Some(Digest::of(expected.as_bytes()));
        house
            .gate
            .put_back_program(digest, expected, "ann", NOW)
            .await
            .unwrap()
    };
    applied(&house, apply("one", None, "ann", false)).await.unwrap();
    assert_eq!(back(None, "one").await, Err(NotApplied::NothingBefore));
    applied(&house, apply("two", Some("one"), "ann", false))
        .await
        .unwrap();
    assert_eq!(
        back(None, "one").await,
        Err(NotApplied::Overtaken(Some(Digest::of(b"two"))))
    );
    assert_eq!(back(None, "two").await.unwrap().number, 3);
    assert_eq!(in_force(&house).await.as_deref(), Some("one"));
    let never = Digest::of(b"never");
    assert_eq!(
        back(Some(never), "one").await,
        Err(NotApplied::NeverApplied(never))
    );
    // Without a digest: the last one that differs, so going back twice changes between two.
    back(None, "one").await.unwrap();
    assert_eq!(in_force(&house).await.as_deref(), Some("two"));
}

#[tokio::test]
async fn a_killed_writer_leaves_no_program_without_its_leaf() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = open(Arc::clone(&shelf)).unwrap();
    let leaves = || shelf.counts().unwrap().pending_leaves;
    let before = leaves();
    applied(&house, apply("one", None, "ann", false)).await.unwrap();
    assert_eq!(leaves(), before + 1);
    house.gate.tell_programs(NOW).await.unwrap();
    assert_eq!(leaves(), before + 1, "told once");
    // As a kill between the exchange and the leaf leaves it: the last number of the row says that no leaf is
    // there yet.
    house.gate.close().await;
    let epoch = shelf.acquire("test", NOW, 1_000).unwrap();
    let row = shelf.get("program/in_force").unwrap().unwrap();
    let mut untold = row.value.clone();
    assert_eq!(untold.pop(), Some(1));
    untold.push(0);
    shelf
        .swap(epoch, "program/in_force", row.version, &untold)
        .unwrap()
        .unwrap();
    shelf.release(epoch).unwrap();
    let house = open(Arc::clone(&shelf)).unwrap();
    house.gate.tell_programs(NOW).await.unwrap();
    assert_eq!(leaves(), before + 2);
    assert_eq!(shelf.get("program/in_force").unwrap().unwrap().value, row.value);
}
