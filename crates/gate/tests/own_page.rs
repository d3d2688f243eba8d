//! What the person's own page needs of the gate: corrections that stay, passes that open once, and a
//! timeline that nobody else reads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, ask, bought, consent, event, open, user, viewed};
use gate::charter::Requester;
use gate::{Act, Ask, PassKind, TimelineEntry, Whom};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;
use vocabulary::{DAY_MS, Event, Kind, Moment};

const MINUTE: i64 = 60_000;

fn says(name: &str, value: &str, at: i64) -> Event {
    Event {
        // Its own in every run of the house: a restart counts its messages from the first again.
        message_id: format!("{name} {value} {at}"),
        kind: Kind::Identify,
        at: Moment(at),
        received_at: Moment(at),
        ..event("ann", "", json!({ name: value }))
    }
}

fn correct(name: &str, value: &str) -> Act {
    Act::Correct {
        name: name.to_owned(),
        value: serde_json::to_string(value).unwrap(),
    }
}

fn remove(name: &str) -> Act {
    Act::RemoveTrait {
        name: name.to_owned(),
    }
}

async fn act(house: &House, act: Act, at: i64) {
    let done = house.gate.act(&user("ann"), act, "me", Moment(at)).await.unwrap();
    assert_eq!(done, Some(()));
}

async fn knows(house: &House, line: &str) -> bool {
    house
        .known(&user("ann"))
        .await
        .unwrap()
        .contains(&line.to_owned())
}

fn own(now: i64) -> Ask {
    Ask {
        requester: Requester::Person,
        ..ask(now)
    }
}

async fn timeline(house: &House, whom: &Whom<'_>) -> Vec<TimelineEntry> {
    let read = house.gate.timeline(whom, own(NOON), None, 50).await.unwrap();
    read.map_or_else(Vec::new, Result::unwrap)
}

#[tokio::test]
async fn a_correction_stays_although_the_error_is_sent_again() {
    let shelf = Arc::new(store::Memory::new());
    let house = open(shelf.clone()).unwrap();
    house.send(vec![says("firstName", "Anne", NOON)]).await;
    act(&house, correct("firstName", "Ann"), NOON + 1).await;
    assert!(knows(&house, "firstName=\"Ann\"").await);
    house.send(vec![says("firstName", "Anne", NOON + DAY_MS)]).await;
    assert!(knows(&house, "firstName=\"Ann\"").await, "the error came back");
    house.gate.close().await;
    let house = open(shelf).unwrap();
    house
        .send(vec![says("firstName", "Anne", NOON + 2 * DAY_MS)])
        .await;
    assert!(
        knows(&house, "firstName=\"Ann\"").await,
        "the error came back after a restart"
    );
    house
        .send(vec![says("firstName", "Annie", NOON + 3 * DAY_MS)])
        .await;
    assert!(
        knows(&house, "firstName=\"Annie\"").await,
        "a new word of the person counts"
    );
}

#[tokio::test]
async fn a_removed_trait_is_not_kept_again_until_the_person_gives_it() {
    let shelf = Arc::new(store::Memory::new());
    let house = open(shelf.clone()).unwrap();
    house.send(vec![says("firstName", "Ann", NOON)]).await;
    act(&house, remove("firstName"), NOON + 1).await;
    assert!(!knows(&house, "firstName=\"Ann\"").await);
    house.send(vec![says("firstName", "Ann", NOON + DAY_MS)]).await;
    assert!(
        !knows(&house, "firstName=\"Ann\"").await,
        "what was removed was kept again"
    );
    house.gate.close().await;
    let house = open(shelf).unwrap();
    house
        .send(vec![says("firstName", "Ann", NOON + 2 * DAY_MS)])
        .await;
    assert!(
        !knows(&house, "firstName=\"Ann\"").await,
        "the removal was forgotten at the restart"
    );
    act(&house, correct("firstName", "Ann"), NOON + 3 * DAY_MS).await;
    assert!(knows(&house, "firstName=\"Ann\"").await);
    house
        .send(vec![says("firstName", "Nan", NOON + 4 * DAY_MS)])
        .await;
    assert!(knows(&house, "firstName=\"Nan\"").await);
}

#[tokio::test]
async fn a_correction_keeps_nothing_that_no_purpose_holds() {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    house.send(vec![bought("ann", &["i1"])]).await;
    act(&house, correct("favourite_colour", "blue"), NOON + 1).await;
    assert!(
        !knows(&house, "favourite_colour=\"blue\"").await,
        "kept without consent to any of its purposes"
    );
    house
        .send(vec![consent("ann", NOON + 2, &[("Marketing", true)])])
        .await;
    act(&house, correct("favourite_colour", "blue"), NOON + 3).await;
    assert!(knows(&house, "favourite_colour=\"blue\"").await);
}

#[tokio::test]
async fn what_cannot_be_a_correction_changes_nothing() {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    house.send(vec![says("firstName", "Ann", NOON)]).await;
    for bad in [
        correct("undeclared", "x"),
        correct("age_bracket", "adult"),
        correct("firstName", &"x".repeat(2_000)),
        Act::Correct {
            name: "firstName".to_owned(),
            value: "{\"a\":1}".to_owned(),
        },
        Act::Correct {
            name: "firstName".to_owned(),
            value: "not json".to_owned(),
        },
    ] {
        assert!(!house.gate.can_act(&bad));
        act(&house, bad, NOON + 1).await;
    }
    assert!(knows(&house, "firstName=\"Ann\"").await);
}

#[tokio::test]
async fn what_was_muted_can_be_shown_again() {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            viewed("ann", "i1"),
        ])
        .await;
    for (wanted, muted) in [(Act::Mute("i1".to_owned()), 1), (Act::Unmute("i1".to_owned()), 0)] {
        act(&house, wanted, NOON + 1).await;
        let shown = house
            .gate
            .decide::<gate::purposes::ShowOwnData, _, _>(&user("ann"), own(NOON + 2), |view| {
                common::Lines(view.muted.iter().map(|item| item.0.clone()).collect())
            })
            .await
            .unwrap()
            .unwrap();
        assert_eq!(shown.proposal.0.len(), muted);
    }
}

#[tokio::test]
async fn a_pass_opens_for_its_kind_until_it_ends_and_only_unchanged() {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    let now = Moment(NOON);
    let link = house
        .gate
        .issue_pass(PassKind::Link, &user("ann"), 30 * MINUTE, now)
        .unwrap();
    let read = |kind, at: i64| house.gate.read_pass(kind, &link, Moment(at));
    assert_eq!(
        read(PassKind::Link, NOON + 29 * MINUTE).unwrap().whom().user_id,
        Some("ann")
    );
    assert!(
        read(PassKind::Link, NOON + 30 * MINUTE).is_none(),
        "it did not end"
    );
    assert!(read(PassKind::Session, NOON).is_none(), "a link is no session");
    assert!(
        read(PassKind::Link, NOON - 2 * MINUTE).is_none(),
        "a clock set back opens nothing"
    );
    for at in 0..link.len() {
        let mut forged = link.clone();
        forged[at] ^= 1;
        assert!(
            house.gate.read_pass(PassKind::Link, &forged, now).is_none(),
            "byte {at}"
        );
    }
    let other = common::open_keyed(Arc::new(store::Memory::new()), 3, 104).unwrap();
    assert!(
        other.gate.read_pass(PassKind::Link, &link, now).is_none(),
        "another house took it"
    );
}

#[tokio::test]
async fn a_pass_of_somebody_unknown_looks_like_any_other() {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    house.send(vec![bought("ann", &["i1"])]).await;
    let length = |id: &str| {
        let pass = house
            .gate
            .issue_pass(PassKind::Link, &user(id), MINUTE, Moment(NOON));
        pass.unwrap().len()
    };
    assert_eq!(length("ann"), length("nobody-we-ever-met@example.org"));
    assert!(length(&"x".repeat(512)) < gate::MAX_PASS);
}

#[tokio::test]
async fn what_was_used_stays_used_after_a_restart_and_is_forgotten_long_after_its_end() {
    let shelf = Arc::new(store::Memory::new());
    let house = open(shelf.clone()).unwrap();
    let mark = house.gate.mark("assertion", "shop\0n1", Moment(NOON + MINUTE));
    assert!(!house.gate.was_used(mark.clone()).await.unwrap());
    assert!(house.gate.use_once(mark.clone()).await.unwrap());
    assert!(!house.gate.use_once(mark.clone()).await.unwrap());
    house.gate.close().await;
    let house = open(shelf).unwrap();
    assert!(house.gate.was_used(mark.clone()).await.unwrap());
    assert!(!house.gate.use_once(mark.clone()).await.unwrap());
    assert_eq!(house.gate.forget_marks(Moment(NOON + DAY_MS)).await.unwrap(), 0);
    assert_eq!(
        house.gate.forget_marks(Moment(NOON + 3 * DAY_MS)).await.unwrap(),
        1
    );
}

#[tokio::test]
async fn a_timeline_holds_every_act_newest_first_and_is_closed_to_the_system() {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            viewed("ann", "i1"),
        ])
        .await;
    house.seen(&user("ann")).await.unwrap();
    act(&house, Act::Forget("i1".to_owned()), NOON + 1).await;
    let kinds: Vec<String> = timeline(&house, &user("ann"))
        .await
        .iter()
        .map(|e| e.entry.kind.clone())
        .collect();
    assert_eq!(kinds, ["choice", "test", "choice"]);
    let newest = &timeline(&house, &user("ann")).await[0];
    assert!(newest.details.contains("\"act\":\"forget\"") && newest.details.contains("\"about\":\"i1\""));
    assert_eq!(newest.place, None);
    house.gate.integrate().await.unwrap();
    assert!(
        timeline(&house, &user("ann"))
            .await
            .iter()
            .all(|entry| entry.place.is_some())
    );
    let refused = house
        .gate
        .timeline(&user("ann"), ask(NOON), None, 50)
        .await
        .unwrap();
    assert!(refused.unwrap().is_err(), "the system read a timeline");
    assert!(timeline(&house, &user("ben")).await.is_empty());
    assert!(house.gate.erase(&user("ann")).await.unwrap());
    assert!(timeline(&house, &user("ann")).await.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever a shop sends in whatever order: while a removal stands, nothing of that name is known;
    /// and a restart knows exactly the same.
    #[test]
    fn a_removal_stands_against_any_order_of_events(steps in proptest::collection::vec((0..3u8, 0..4u8), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let shelf = Arc::new(store::Memory::new());
            let house = open(shelf.clone()).unwrap();
            house.send(vec![says("firstName", "v0", NOON)]).await;
            let mut removed = false;
            for (step, (what, value)) in (1..).zip(steps) {
                let at = NOON + step * 1_000;
                match what {
                    0 => drop(house.send(vec![says("firstName", &format!("v{value}"), at)]).await),
                    1 => { act(&house, remove("firstName"), at).await; removed = true; }
                    _ => { act(&house, correct("firstName", &format!("v{value}")), at).await; removed = false; }
                }
                let known = house.known(&user("ann")).await.unwrap();
                assert_eq!(known.iter().any(|line| line.starts_with("firstName=")), !removed);
            }
            let before = house.known(&user("ann")).await;
            house.gate.close().await;
            let house = open(shelf).unwrap();
            assert_eq!(house.known(&user("ann")).await, before);
        });
    }
}
