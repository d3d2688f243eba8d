//! Artefacts: kept as long as a record refers to them, gone some time after, whenever the sweep is killed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, ask, consent, open, user, viewed};
use gate::purposes::Personalise;
use gate::{Account, Published, Swept};
use std::sync::Arc;
use store::{Embedded, Memory, Shelf};
use vocabulary::{DAY_MS, Digest, Moment};

struct By(Digest);

impl Account for By {
    fn kind(&self) -> &'static str {
        "test"
    }
    fn program(&self) -> Digest {
        self.0
    }
    fn details(&self) -> String {
        "{}".to_owned()
    }
}

/// A model under its name, with a catalogue that is used with it.
async fn model(house: &House, number: u8) -> (Digest, Digest) {
    let (model, catalogue) = (vec![number; 100], vec![number, 7]);
    let digests = (Digest::of(&model), Digest::of(&catalogue));
    house.gate.keep_beside(digests.0, &[digests.1]).await.unwrap();
    house
        .gate
        .publish("catalogue", catalogue, Moment(NOON))
        .await
        .unwrap();
    house.gate.publish("model", model, Moment(NOON)).await.unwrap();
    digests
}

async fn decide(house: &House, who: &str, by: Digest) {
    let decided = house
        .gate
        .decide::<Personalise, _, _>(&user(who), ask(NOON), move |_| By(by))
        .await;
    decided.unwrap().unwrap();
}

async fn agree(house: &House, who: &str) {
    let events = vec![consent(who, NOON, &[("Marketing", true)]), viewed(who, "mug")];
    house.send(events).await;
}

async fn sweep(house: &House, days: i64) -> Swept {
    let now = Moment(NOON + days * DAY_MS);
    house.gate.sweep(7 * DAY_MS, now).await.unwrap()
}

fn there(house: &House, digest: Digest) -> bool {
    house.gate.artefact_state(digest).unwrap() != Published::Absent
}

async fn lives_as_long_as_its_records(shelf: Arc<dyn Shelf>) {
    let house = open(shelf).unwrap();
    for who in ["ann", "bob"] {
        agree(&house, who).await;
    }
    let first = model(&house, 1).await;
    decide(&house, "ann", first.0).await;
    let unused = model(&house, 2).await;
    let current = model(&house, 3).await;
    // Before its leaf is in the log, and after.
    for day in [0, 1] {
        let swept = sweep(&house, day).await;
        assert_eq!(
            (swept.marked, swept.removed),
            (2, 0),
            "the unused model and its catalogue"
        );
        house.gate.integrate().await.unwrap();
    }
    let swept = sweep(&house, 8).await;
    assert_eq!((swept.marked, swept.removed), (0, 2));
    assert!(!there(&house, unused.0) && !there(&house, unused.1));
    assert!(there(&house, first.0) && there(&house, first.1) && there(&house, current.0));
    assert!(there(&house, house.gate.charter().digest()));
    // The person goes, and with their record what only that referred to.
    house.gate.erase(&user("ann")).await.unwrap();
    house.gate.integrate().await.unwrap();
    assert_eq!(sweep(&house, 9).await.marked, 2);
    // What is used again meanwhile stays.
    decide(&house, "bob", first.0).await;
    assert_eq!(sweep(&house, 30).await.removed, 0);
    assert!(there(&house, first.0) && there(&house, first.1));
    house.gate.erase(&user("bob")).await.unwrap();
    house.gate.integrate().await.unwrap();
    assert_eq!(sweep(&house, 31).await.marked, 2);
    assert_eq!(sweep(&house, 38).await.removed, 2);
    assert!(!there(&house, first.0) && !there(&house, first.1));
    assert!(there(&house, current.0) && there(&house, current.1));
    house.gate.close().await;
}

#[tokio::test]
async fn an_artefact_lives_as_long_as_a_record_refers_to_it() {
    lives_as_long_as_its_records(Arc::new(Memory::new())).await;
    lives_as_long_as_its_records(Arc::new(Memory::eager())).await;
    let folder = tempfile::tempdir().unwrap();
    lives_as_long_as_its_records(Arc::new(Embedded::open(folder.path()).unwrap())).await;
}

#[tokio::test]
async fn a_sweep_that_was_killed_is_taken_up_again() {
    let shelf = Arc::new(Memory::new());
    let house = open(Arc::clone(&shelf) as Arc<dyn Shelf>).unwrap();
    let (unused, _) = model(&house, 1).await;
    model(&house, 2).await;
    assert_eq!(sweep(&house, 0).await.marked, 2);
    house.gate.close().await;
    // Killed after the removal, before the mark went.
    let epoch = shelf.acquire("a test", Moment(NOON), 1_000).unwrap();
    assert!(shelf.discard(epoch, unused.0).unwrap());
    shelf.release(epoch).unwrap();
    let house = open(Arc::clone(&shelf) as Arc<dyn Shelf>).unwrap();
    assert_eq!(sweep(&house, 8).await.removed, 1, "the catalogue");
    // The same bytes, learned again: they are as new, whatever mark there was.
    house
        .gate
        .publish("model", vec![1; 100], Moment(NOON))
        .await
        .unwrap();
    model(&house, 2).await;
    assert_eq!(sweep(&house, 9).await.removed, 0);
    assert!(there(&house, unused));
    assert!(shelf.named("audit/unused/", None, 10).unwrap().len() == 1);
}

#[tokio::test]
async fn a_report_is_listed_with_its_leaf_and_no_other_line_is_signed() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let note = house.gate.sign_report("{\"sample\":3}").unwrap();
    assert!(note.contains("\u{2014} test.example/egard "));
    for other in ["test.example/egard\n3\nroot", "{\"a\":1}\n3", "cosignature/v1"] {
        assert!(house.gate.sign_report(other).is_err(), "{other}");
    }
    let audit = gate::Audit {
        day: Moment(NOON).day(),
        sample: 3,
        population: 9,
        findings: vec![("details_differ".to_owned(), 1)],
        report: Digest::default(),
        leaf: None,
    };
    let kept = house
        .gate
        .keep_audit(audit, note.clone().into_bytes(), Moment(NOON))
        .await
        .unwrap();
    assert_eq!(house.gate.audits().await.unwrap(), std::slice::from_ref(&kept));
    house.gate.integrate().await.unwrap();
    let listed = house.gate.audits().await.unwrap();
    assert!(listed[0].leaf.is_some());
    assert_eq!(
        house.gate.artefact_now(kept.report).unwrap(),
        Some(note.into_bytes())
    );
    // As long as the leaf stands, and it stands for ever.
    sweep(&house, 0).await;
    assert_eq!(sweep(&house, 400).await.removed, 0);
}

/// However long the second person takes: what they look at is there, and what they approve can be applied.
#[tokio::test]
async fn a_program_that_waits_is_kept_and_one_that_was_taken_back_is_not() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let program = Digest::of(b"a program");
    let apply = || gate::Apply {
        bytes: b"a program".to_vec(),
        expected: None,
        by: "ann".to_owned(),
        needs_approval: true,
    };
    let put_forward = house.gate.apply_program(apply(), Moment(NOON)).await.unwrap();
    assert_eq!(put_forward, Err(gate::NotApplied::Unapproved(program)));
    for day in [0, 30, 60] {
        sweep(&house, day).await;
    }
    let waiting = house.gate.program_of(program).await.unwrap();
    assert_eq!(waiting.as_deref(), Some(&b"a program"[..]));
    assert!(house.gate.take_back_program(program).await.unwrap());
    for day in [61, 80] {
        sweep(&house, day).await;
    }
    assert!(!there(&house, program));
}
