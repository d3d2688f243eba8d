//! Requests for a right as the gate keeps them: on every store, over a restart, beside an erasure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, bought, consent, open, user, viewed};
use gate::charter::Requester;
use gate::{Account, Act, Archive, Ask, Filed, Filing, RequestId, Subject};
use std::sync::Arc;
use store::testing::PostgresServer;
use store::{Embedded, Memory, Postgres, Shelf};
use vocabulary::{Digest, Moment, PurposeName, Signals};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
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
        std::thread::spawn(move || Arc::new(Postgres::connect(&connection).unwrap()))
            .join()
            .unwrap()
    };
    life(connect).await;
}

async fn start(shelf: Arc<dyn Shelf>) -> House {
    tokio::task::spawn_blocking(move || open(shelf).ok().unwrap())
        .await
        .unwrap()
}

fn filing(house: &str, status: &str, pending: bool, note: Option<&str>) -> Filing {
    Filing {
        house: house.as_bytes().to_vec(),
        reasons: vec!["right:access".to_owned(), format!("status:{status}")],
        refuses: false,
        pending,
        note: note.map(str::to_owned),
        at: Moment(NOON),
    }
}

fn asked_by(requester: Requester) -> Ask {
    Ask {
        signals: Signals::default(),
        requester,
        now: Moment(NOON + 10),
    }
}

async fn mine(house: &House, who: &str) -> Vec<Filed> {
    house
        .gate
        .requests_of(&user(who), asked_by(Requester::Person))
        .await
        .unwrap()
        .unwrap()
}

async fn life(shelf: impl Fn() -> Arc<dyn Shelf>) {
    let house = start(shelf()).await;
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true), ("Statistics", true)]),
            viewed("ann", "mug"),
            consent("bob", NOON, &[("Marketing", true)]),
        ])
        .await;
    let gate = &house.gate;
    let id = RequestId::fresh().unwrap();
    let first = filing(r#"{"n":1}"#, "open", true, Some("unheard-of words"));
    let filed = gate
        .open_request(id, &user("ann"), first.clone())
        .await
        .unwrap()
        .unwrap();
    assert!(filed.linked);
    assert_eq!(
        (filed.version, filed.house.as_slice()),
        (1, br#"{"n":1}"#.as_slice())
    );
    // The same id twice is one request.
    assert_eq!(gate.open_request(id, &user("bob"), first).await.unwrap(), None);
    // Two steps decided on the same version: one is taken.
    let (one, other) = tokio::join!(
        gate.advance_request(id, 1, filing(r#"{"n":2}"#, "in_progress", true, None)),
        gate.advance_request(id, 1, filing(r#"{"n":3}"#, "revoked", false, None)),
    );
    let taken: Vec<Filed> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken.len(), 1, "both steps were taken");
    let known = taken[0].clone();
    let kept = gate
        .amend_request(id, known.version, br#"{"n":4}"#.to_vec(), true)
        .await;
    let known = kept.unwrap().unwrap();
    house.gate.close().await;
    drop(house);

    let house = start(shelf()).await;
    let gate = &house.gate;
    assert_eq!(gate.request(id).await.unwrap(), Some(known.clone()));
    assert_eq!(mine(&house, "ann").await, std::slice::from_ref(&known));
    assert_eq!(mine(&house, "bob").await, []);
    assert_eq!(mine(&house, "nobody").await, []);
    assert_eq!(gate.pending_requests(None).await.unwrap(), [id]);
    assert_eq!(gate.pending_requests(Some(id)).await.unwrap(), []);
    let notes = gate
        .notes_of(id, asked_by(Requester::System))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].text, "unheard-of words");
    // Each step is a record of the person and a leaf that says which right, and not whose.
    let shown = person_timeline(&house).await;
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown[1].contains(&"status:open".to_owned()), "{shown:?}");

    // What a request asks for is done to its person.
    gate.act_for(id, Act::Restrict(true), "rights", Moment(NOON + 20))
        .await
        .unwrap()
        .unwrap();
    let refusals = PurposeName::ASKED.map(|purpose| (purpose, false));
    gate.choose_for(id, &refusals, "rights", Moment(NOON + 30))
        .await
        .unwrap()
        .unwrap();
    assert!(house.seen(&user("ann")).await.is_err(), "still personalised");

    assert!(gate.erase_for(id).await.unwrap().is_some());
    assert!(
        gate.erase_for(id).await.unwrap().is_none(),
        "there was nobody left"
    );
    let after = gate.request(id).await.unwrap().unwrap();
    assert!(!after.linked, "the request still leads to somebody");
    assert_eq!(mine(&house, "ann").await, []);
    // The step after an erasure concerns nobody any more, and is still written down.
    let last = filing(r#"{"n":5}"#, "fulfilled", false, Some("dropped"));
    let last = gate
        .advance_request(id, after.version, last)
        .await
        .unwrap()
        .unwrap();
    assert!(!last.linked);
    assert_eq!(gate.pending_requests(None).await.unwrap(), []);
    assert_eq!(gate.requests(None).await.unwrap(), [last]);
    assert!(gate.remove_request(id).await.unwrap());
    assert_eq!(gate.request(id).await.unwrap(), None);
    house.gate.close().await;
}

async fn person_timeline(house: &House) -> Vec<Vec<String>> {
    let ask = asked_by(Requester::Person);
    let shown = house
        .gate
        .timeline(&user("ann"), ask, None, 100)
        .await
        .unwrap()
        .unwrap();
    shown
        .unwrap()
        .iter()
        .filter(|shown| shown.entry.kind == "right")
        .map(|shown| shown.entry.reasons.clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_nobody_asked_for_by_a_request_unlinks_requests_too() {
    let house = start(Arc::new(Memory::new())).await;
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    let id = RequestId::fresh().unwrap();
    let first = filing("{}", "open", true, Some("words"));
    house
        .gate
        .open_request(id, &user("ann"), first)
        .await
        .unwrap()
        .unwrap();
    assert!(house.gate.erase(&user("ann")).await.unwrap());
    assert!(!house.gate.request(id).await.unwrap().unwrap().linked);
    assert!(!house.gate.unlink_if_gone(id).await.unwrap());
    let notes = house
        .gate
        .notes_of(id, asked_by(Requester::System))
        .await
        .unwrap()
        .unwrap();
    assert!(notes.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_somebody_nobody_knows_keeps_nothing_that_was_said() {
    let shelf = Arc::new(Memory::new());
    let house = start(Arc::clone(&shelf) as Arc<dyn Shelf>).await;
    let id = RequestId::fresh().unwrap();
    let first = filing("{}", "open", true, Some("unheard-of words"));
    let filed = house
        .gate
        .open_request(id, &user("ghost"), first)
        .await
        .unwrap()
        .unwrap();
    assert!(!filed.linked);
    assert_eq!(
        house
            .gate
            .act_for(id, Act::Object(true), "rights", Moment(NOON))
            .await
            .unwrap(),
        None
    );
    for (_, value) in shelf.named("", None, 100).unwrap() {
        let text = String::from_utf8_lossy(&value.value).into_owned();
        assert!(!text.contains("unheard") && !text.contains("ghost"), "{text}");
    }
}

/// What an answer was made of.
struct Everything {
    history: usize,
    events: Vec<(String, String)>,
    records: Vec<String>,
    complete: bool,
}

impl Account for Everything {
    fn kind(&self) -> &'static str {
        "export"
    }

    fn program(&self) -> Digest {
        Digest::default()
    }

    fn details(&self) -> String {
        "{}".to_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_holds_every_event_and_every_record_and_is_itself_recorded() {
    for shelf in [Arc::new(Memory::new()), Arc::new(Memory::eager())] {
        let house = start(shelf).await;
        house
            .send(vec![consent("ann", NOON, &[("Marketing", true)])])
            .await;
        for n in 0..2_345 {
            let mut event = viewed("ann", &format!("i{}", n % 300));
            event.message_id = format!("view-{n}");
            house.send(vec![event]).await;
        }
        house.send(vec![bought("ann", &["mug", "lamp"])]).await;
        let id = RequestId::fresh().unwrap();
        house
            .gate
            .open_request(id, &user("ann"), filing("{}", "open", true, None))
            .await
            .unwrap()
            .unwrap();
        let make = |view: &gate::AnsweringView, archive: &Archive| Everything {
            history: view.history.len(),
            events: archive
                .events
                .iter()
                .flat_map(|event| {
                    event
                        .items
                        .iter()
                        .map(|(item, did)| (item.clone(), (*did).to_owned()))
                })
                .collect(),
            records: archive.records.iter().map(|record| record.leaf.clone()).collect(),
            complete: archive.complete,
        };
        for (subject, more) in [(Subject::Request(id), 0), (Subject::Whom(&user("ann")), 1)] {
            let answer = house
                .gate
                .answer(subject, asked_by(Requester::System), make)
                .await;
            let recorded = answer.unwrap().unwrap().unwrap();
            let everything = &recorded.proposal;
            assert!(everything.complete);
            assert_eq!(everything.events.len(), 2_347);
            assert_eq!(everything.events[0].1, "bought", "newest first");
            assert_eq!(everything.events[2_346], ("i0".to_owned(), "viewed".to_owned()));
            assert!(everything.history >= 199);
            let kinds = |kind: &str| {
                let kind = format!("\"kind\":\"{kind}\"");
                everything
                    .records
                    .iter()
                    .filter(|leaf| leaf.contains(&kind))
                    .count()
            };
            assert_eq!((kinds("choice"), kinds("right"), kinds("export")), (1, 1, more));
        }
        let nobody = Subject::Whom(&user("ghost"));
        let answer = house.gate.answer(nobody, asked_by(Requester::System), make).await;
        assert!(answer.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_is_one_for_these_bytes_and_the_same_after_a_restart() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = start(Arc::clone(&shelf)).await;
    let (key, signature) = (house.gate.signing_key(), house.gate.sign(b"done"));
    assert_eq!((key.len(), signature.len()), (32, 64));
    house.gate.close().await;
    let house = start(shelf).await;
    assert_eq!(
        (house.gate.signing_key(), house.gate.sign(b"done")),
        (key, signature.clone())
    );
    assert_ne!(house.gate.sign(b"done."), signature);
}
