//! Ways that close and open, messages that apps collect, a crowd that hides nobody, and a disk that is full.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

mod common;
mod outbox_house;

use common::{NOON, ask, user};
use gate::clearance::{Code, WhySuppressed};
use gate::dispatch::{Feedback, Noted, Outcome, SOFT_BOUNCES, SOFT_BOUNCES_MS, Said};
use gate::purposes::MarketByEmail;
use outbox_house::*;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use store::{Due, Embedded, Memory, Shelf};
use vocabulary::{DAY_MS, HOUR_MS, PurposeName};

/// Both kinds of store: envelopes written back later, and with each unit.
fn shelves() -> Vec<Arc<dyn Shelf>> {
    vec![Arc::new(Memory::new()), Arc::new(Memory::eager())]
}

/// Sends one, and answers under what it left.
async fn sent(house: &Post, name: &str, message: &str) -> [u8; 16] {
    house.wants(name, &[message]).await;
    let letters = house.turn().await.letters;
    assert_eq!(letters.len(), 1);
    let reference = letters[0].reference();
    house.answer(letters, Outcome::Accepted).await;
    reference
}

async fn permits_email(house: &Post, name: &str) -> bool {
    let permit = house
        .gate
        .permit::<MarketByEmail>(&user(name), ask(house.at().0))
        .await;
    permit.unwrap().is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_takes_the_permission_back_and_only_the_person_gives_it_again() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        let reference = sent(&house, "ann", "hello").await;
        assert!(permits_email(&house, "ann").await);
        house.wait(HOUR_MS);
        let noted = house
            .gate
            .feedback(reference, Feedback::Complained, house.at())
            .await;
        assert_eq!(noted.unwrap(), Noted::Closed(WhySuppressed::Complaint));
        assert!(!permits_email(&house, "ann").await);
        let told = house.told("ann").await;
        assert_eq!(told[0]["outcome"], "complained", "{told:?}");
        // Said again it is nothing new.
        let again = house
            .gate
            .feedback(reference, Feedback::Complained, house.at())
            .await;
        assert_eq!(again.unwrap(), Noted::Noted);
        house.wait(HOUR_MS);
        house.permits_again("ann").await;
        assert!(permits_email(&house, "ann").await);
        sent(&house, "ann", "news").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_by_complaint_survives_a_change_of_owner() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let first = house(Arc::clone(&shelf), NOON).await;
    first.permits("ann").await;
    let reference = sent(&first, "ann", "hello").await;
    let noted = first
        .gate
        .feedback(reference, Feedback::Complained, first.at())
        .await;
    assert_eq!(noted.unwrap(), Noted::Closed(WhySuppressed::Complaint));
    let second = take_over(shelf, NOON + 2 * HOUR_MS).await;
    assert!(!permits_email(&second, "ann").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_soft_bounces_in_a_row_close_the_way_and_one_arrival_begins_anew() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        let mut references = Vec::new();
        for n in 0..SOFT_BOUNCES * 2 + 1 {
            references.push(sent(&house, "ann", &format!("m{n}")).await);
            house.wait(DAY_MS);
        }
        let tell = async |n: usize, feedback| {
            let noted = house.gate.feedback(references[n], feedback, house.at());
            noted.await.unwrap()
        };
        for n in 0..SOFT_BOUNCES - 1 {
            assert_eq!(tell(n, Feedback::Failed).await, Noted::Noted, "{n}");
        }
        // It is told twice: it counts once.
        assert_eq!(tell(0, Feedback::Failed).await, Noted::Noted);
        assert_eq!(tell(SOFT_BOUNCES - 1, Feedback::Delivered).await, Noted::Noted);
        for n in SOFT_BOUNCES..SOFT_BOUNCES * 2 - 1 {
            assert_eq!(tell(n, Feedback::Failed).await, Noted::Noted, "{n}");
        }
        let last = tell(SOFT_BOUNCES * 2 - 1, Feedback::Failed).await;
        assert_eq!(last, Noted::Closed(WhySuppressed::SoftBounces));
        let closed = house.closed("ann").await;
        assert_eq!(closed.len(), 1, "{closed:?}");
        assert_eq!(closed[0].why, WhySuppressed::SoftBounces);
        assert_eq!(
            (closed[0].channel, closed[0].since),
            (Some(vocabulary::Channel::Email), house.at())
        );
        // The permission is not touched: the address is at fault, and answers still go there.
        assert!(permits_email(&house, "ann").await);
        house.wants("ann", &["more", "order"]).await;
        let turn = house.turn().await;
        assert_eq!(turn.ended.get(&Code::Suppressed), Some(&1), "{turn:?}");
        assert_eq!(turn.letters.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn soft_bounces_of_long_ago_do_not_count() {
    let house = house(Arc::new(Memory::new()), NOON).await;
    house.permits("ann").await;
    for n in 0..SOFT_BOUNCES {
        let reference = sent(&house, "ann", &format!("m{n}")).await;
        let noted = house.gate.feedback(reference, Feedback::Failed, house.at()).await;
        assert_eq!(noted.unwrap(), Noted::Noted, "{n}");
        house.wait(SOFT_BOUNCES_MS / (SOFT_BOUNCES as i64 - 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_left_is_forgotten_and_its_way_stays_open() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello"]).await;
        let letters = house.turn().await.letters;
        house.answer(letters, Outcome::Gone { held_in: "email" }).await;
        house.wants("ann", &["news"]).await;
        let turn = house.turn().await;
        // Not suppressed: what is kept in its place is `null`, which this program writes to.
        assert_eq!(turn.letters.len(), 1, "{turn:?}");
        assert_eq!(turn.letters[0].letter(), "news to null by email");
        // One that was told later than the message was handed over stays.
        house.wait(HOUR_MS);
        let at = house.at();
        let again = vocabulary::Event {
            kind: vocabulary::Kind::Identify,
            at,
            received_at: at,
            ..common::event("ann", "", serde_json::json!({ "email": "ann@example.org" }))
        };
        house.inner.send(vec![again]).await;
        house
            .answer(turn.letters, Outcome::Gone { held_in: "email" })
            .await;
        house.wants("ann", &["more"]).await;
        let turn = house.turn().await;
        assert_eq!(turn.letters[0].letter(), "more to \"ann@example.org\" by email");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_app_does_not_collect_has_not_left_and_what_it_collects_counts_once() {
    for shelf in shelves() {
        let mut house = house(shelf, NOON).await;
        house.program.rules.caps.all.per_day = Some(1);
        house.permits("ann").await;
        house.wants("ann", &["card"]).await;
        assert!(house.told("ann").await.is_empty(), "nobody collected it");
        let shown = house.collect("ann").await;
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].letter, "card inside");
        assert_eq!(house.told("ann").await[0]["outcome"], "handed_over");
        // Collected again it is the same, with no other record, and not in doubt.
        house.wait(HOUR_MS);
        let again = house.collect("ann").await;
        assert_eq!((again[0].id, again[0].record), (shown[0].id, shown[0].record));
        assert_eq!(again[0].since, shown[0].since);
        assert_eq!(house.turn().await.in_doubt, 0);
        assert_eq!(house.told("ann").await.len(), 1);
        // Other words would be another message, and one came today: they wait, and the same words do not.
        house.program.edition = "second ".to_owned();
        assert!(house.collect("ann").await.is_empty());
        assert_eq!(house.told("ann").await.len(), 1);
        house.program.edition = String::new();
        assert_eq!(house.collect("ann").await[0].record, shown[0].record);
        // It counts: one a day, over all channels.
        house.wants("ann", &["hello"]).await;
        let turn = house.turn().await;
        assert_eq!(turn.later.get(&Code::FrequencyCapped), Some(&1), "{turn:?}");
        // Seen it leaves the list; what comes after is on record, and `seen` again is not.
        let (ann, ben) = (user("ann"), user("ben"));
        let said = async |what| {
            let said = house.gate.said_of_shown(&ann, shown[0].id, what, house.at());
            said.await.unwrap()
        };
        assert_eq!(said(Said::Seen).await, Noted::Noted);
        assert!(house.collect("ann").await.is_empty());
        for what in [Said::Acted, Said::Seen, Said::Acted] {
            assert_eq!(said(what).await, Noted::Noted);
        }
        let told: Vec<Value> = house.told("ann").await;
        let outcomes: Vec<&str> = told.iter().map(|one| one["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["acted", "seen", "handed_over"]);
        let other = house
            .gate
            .said_of_shown(&ben, shown[0].id, Said::Seen, house.at());
        assert_eq!(other.await.unwrap(), Noted::Unknown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_collected_follows_the_permission_the_program_and_the_owner_of_the_store() {
    for shelf in shelves() {
        let mut first = house(Arc::clone(&shelf), NOON).await;
        first.permits("ann").await;
        first.wants("ann", &["card", "tip"]).await;
        let shown = first.collect("ann").await;
        assert_eq!(shown.len(), 2);
        // Other words are another record, under the same name.
        first.program.edition = "second ".to_owned();
        let again = first.collect("ann").await;
        assert_eq!(again.len(), 2);
        for (before, after) in shown.iter().zip(&again) {
            assert_eq!(before.id, after.id);
            assert_eq!(before.since, after.since);
            assert_ne!(before.record, after.record);
            assert!(after.letter.starts_with("second "));
        }
        assert_eq!(first.collect("ann").await[0].record, again[0].record);
        // The process is killed: nothing is in doubt, the list is as it was.
        let second = take_over(shelf, NOON + HOUR_MS).await;
        assert_eq!(second.turn().await.in_doubt, 0);
        assert_eq!(second.collect("ann").await.len(), 2);
        // Off means off.
        let (ann, off) = (user("ann"), [(PurposeName::Personalise, false)]);
        let chosen = second.gate.choose(&ann, &off, "test", second.at()).await;
        chosen.unwrap().unwrap();
        assert!(second.collect("ann").await.is_empty());
        assert!(second.gate.doubts().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_saw_for_a_month_is_not_shown_any_more_and_not_in_doubt() {
    let house = house(Arc::new(Memory::new()), NOON).await;
    house.permits("ann").await;
    house.wants("ann", &["card"]).await;
    assert_eq!(house.collect("ann").await.len(), 1);
    house.wait(31 * DAY_MS);
    let turn = house.turn().await;
    assert_eq!((turn.in_doubt, turn.letters.len()), (0, 0));
    assert!(house.collect("ann").await.is_empty());
}

/// Hundreds whose messages wait, and one who is due for something else; and the other way round.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_waits_to_leave_hides_nobody_who_is_to_be_looked_at() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let first = house(Arc::clone(&shelf), NOON).await;
    let crowd = 60;
    for n in 0..crowd {
        first.permits(&format!("p{n}")).await;
        first.wants(&format!("p{n}"), &["hello"]).await;
    }
    first.gate.write_back().await.unwrap();
    let leaving = shelf.due_after(Due::Leaving, first.at(), None, 1_000).unwrap();
    assert_eq!(leaving.len(), crowd);
    assert!(shelf.due(first.at(), 1_000).unwrap().is_empty());
    first.gate.close().await;
    // A new process knows nobody yet: page after page of the store is gone through, in pages far smaller than the
    // crowd, and everybody's message leaves once.
    let second = take_over(shelf, NOON + HOUR_MS).await;
    let mut left = 0;
    for _ in 0..crowd {
        let people = second.gate.outgoing(second.at(), 7).await.unwrap();
        if people.is_empty() {
            break;
        }
        let turn = second.take(people).await;
        left += turn.letters.len();
        second.answer(turn.letters, Outcome::Accepted).await;
    }
    assert_eq!(left, crowd);
    assert!(second.gate.doubts().await.unwrap().is_empty());
}

struct Mounted<'p>(&'p Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_leaves_unmarked_and_room_resumes_it() {
    let folder = tempfile::tempdir().unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=12m", "tmpfs"];
    let mounted = Command::new("mount").args(mount).arg(folder.path()).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: a full disk needs the right to mount a tmpfs; run the tests as root");
        return;
    }
    let _mounted = Mounted(folder.path());
    let shelf: Arc<dyn Shelf> = Arc::new(Embedded::open(&folder.path().join("store")).unwrap());
    let house = house(shelf, NOON).await;
    let names: Vec<String> = (0..24).map(|n| format!("p{n}")).collect();
    for name in &names {
        house.permits(name).await;
        house.wants(name, &["hello"]).await;
    }
    // One is on its way when the disk is full.
    let people = house.gate.outgoing(house.at(), 1).await.unwrap();
    let on_its_way = house.take(people).await.letters;
    assert_eq!(on_its_way.len(), 1);
    let ballast = folder.path().join("ballast");
    let _full = std::fs::write(&ballast, vec![0; 12 << 20]);
    let turn = async || {
        let people = house.gate.outgoing(house.at(), 100).await.unwrap();
        let (gate, program, ask) = (house.gate.clone(), house.program.clone(), ask(house.at().0));
        let again = people.clone();
        let turn = tokio::task::spawn_blocking(move || gate.dispatch(people, ask, &program, 100));
        let turn = turn.await.unwrap();
        if turn.is_err() {
            house.gate.leave_again(again);
        }
        turn
    };
    let mut refused = 0;
    let mut early = Vec::new();
    for _ in 0..30 {
        match turn().await {
            // A few bytes may fit still.
            Ok(turn) => early.extend(turn.letters),
            Err(error) => {
                assert!(matches!(error, gate::Unavailable::Full), "{error:?}");
                refused += 1;
            }
        }
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3, "the disk was never full: the test proves nothing");
    // What a channel took in that time cannot be written down either: it is in doubt, and never sent again.
    assert!(house.try_answer(on_its_way, Outcome::Accepted).await.is_err());

    std::fs::remove_file(&ballast).unwrap();
    let mut left = early.len();
    house.answer(early, Outcome::Accepted).await;
    let mut in_doubt = 0;
    for _ in 0..30 {
        let done = turn().await.unwrap();
        left += done.letters.len();
        in_doubt += done.in_doubt;
        house.answer(done.letters, Outcome::Accepted).await;
    }
    assert_eq!((left, in_doubt), (names.len() - 1, 1));
    for name in &names {
        let told = house.told(name).await;
        let handed_over = told.iter().filter(|one| one["outcome"] == "handed_over");
        assert_eq!(handed_over.count(), 1, "{told:?}");
    }
}
