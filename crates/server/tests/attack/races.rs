//! Two things at once: a withdrawal and decisions, two erasures, an erasure and events.

use super::support::{self, House, agrees, at, bought, viewed};
use gate::Whom;
use ledger::Entry;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vocabulary::PurposeName;

fn whom(id: &str) -> Whom<'_> {
    Whom {
        user_id: Some(id),
        anonymous_id: None,
    }
}

fn answer(who: &str, given: bool) -> Value {
    at(0, agrees(who, &[given; 3]))
}

async fn mode(house: &House, who: &str) -> String {
    let list = house.recommend(json!({ "userId": who })).await;
    list["mode"].as_str().unwrap().to_owned()
}

/// Kind and verdict of every entry of the log, in its order.
async fn log(house: &House) -> Vec<(String, Option<String>, String)> {
    house.app.gate.integrate().await.unwrap();
    let key = house.app.gate.vkey().parse().unwrap();
    let mut files = std::collections::HashMap::new();
    for path in house.app.gate.tile_paths().await.unwrap() {
        let bytes = house.app.gate.tile(path.clone()).await.unwrap();
        files.insert(path, bytes.unwrap());
    }
    files.insert(
        "checkpoint".to_owned(),
        house.app.gate.checkpoint().await.unwrap().unwrap(),
    );
    let storage = |path: &str| Ok::<_, ()>(files.get(path).cloned());
    let mut entries = Vec::new();
    let report = ledger::verify::verify_log(&key, storage, |_, bytes| {
        let entry = Entry::parse(bytes).unwrap();
        entries.push((entry.kind, entry.purpose, entry.verdict));
    });
    assert!(report.unwrap().is_sound());
    entries
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_decision_that_a_withdrawal_overtook_is_made_again_and_no_profiled_one_stands_after_it_in_the_log()
{
    let house = Arc::new(support::learned().await);
    let before = log(&house).await.len();
    let withdrawn = Arc::new(AtomicBool::new(false));
    let deciders: Vec<_> = (0..4)
        .map(|_| {
            let (house, withdrawn) = (Arc::clone(&house), Arc::clone(&withdrawn));
            tokio::spawn(async move {
                let mut profiled = 0;
                loop {
                    // Read before the question is asked: what begins after the withdrawal was answered.
                    let after = withdrawn.load(Ordering::SeqCst);
                    let mode = mode(&house, "p0").await;
                    assert!(
                        !(after && mode == "profiled"),
                        "profiled after the withdrawal was answered"
                    );
                    if after {
                        return profiled;
                    }
                    profiled += u32::from(mode == "profiled");
                }
            })
        })
        .collect();
    tokio::task::yield_now().await;
    while log(&house).await.len() < before + 20 {}
    let off = [(PurposeName::Personalise, false)];
    house
        .app
        .gate
        .choose(&whom("p0"), &off, "test", house.app.now())
        .await
        .unwrap();
    withdrawn.store(true, Ordering::SeqCst);
    for decider in deciders {
        assert!(
            decider.await.unwrap() > 0,
            "nothing was decided before the withdrawal: no race"
        );
    }
    let entries = log(&house).await;
    let entries = &entries[before..];
    let choice = entries.iter().position(|(kind, ..)| kind == "choice").unwrap();
    let allowed = |entries: &[(String, Option<String>, String)]| {
        entries
            .iter()
            .filter(|(kind, purpose, verdict)| {
                kind != "choice" && purpose.as_deref() == Some("personalise") && verdict == "allow"
            })
            .count()
    };
    assert!(allowed(&entries[..choice]) > 0, "{entries:?}");
    assert_eq!(allowed(&entries[choice..]), 0, "{entries:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_erasures_at_once_one_erases_and_all_are_answered() {
    for store in ["memory", "embedded"] {
        let folder = tempfile::tempdir().unwrap();
        let embedded = format!("embedded:{}", folder.path().join("store").display());
        let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
            if store == "embedded" {
                settings.store = embedded;
            }
        })
        .await;
        house
            .send_all(&[
                agrees("ann", &[true; 3]),
                bought("ann", &["i1"]),
                agrees("bob", &[true; 3]),
                viewed("bob", "i2"),
            ])
            .await;
        assert!(!house.known("ann").await.is_empty());
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let gate = house.app.gate.clone();
                tokio::spawn(async move { gate.erase(&whom("ann")).await })
            })
            .collect();
        let mut erased = 0;
        for task in tasks {
            erased += u32::from(task.await.unwrap().unwrap());
        }
        assert_eq!(erased, 1, "{store}");
        assert!(!house.app.gate.erase(&whom("ann")).await.unwrap());
        assert!(house.known("ann").await.is_empty() && !house.known("bob").await.is_empty());
        house.app.gate.write_back().await.unwrap();
        let counts = house.app.gate.counts().await.unwrap();
        assert_eq!(
            (counts.persons, counts.keys, counts.identifiers),
            (1, 1, 1),
            "{store}"
        );
        assert!(house.app.gate.is_ready());
        house.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_that_arrive_while_a_person_is_erased_bring_nothing_of_them_back() {
    let house = Arc::new(support::start().await);
    house
        .send_all(&[answer("ann", true), bought("ann", &["i1"])])
        .await;
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let (house, stop) = (Arc::clone(&house), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut sent = 0;
                while !stop.load(Ordering::SeqCst) {
                    let batch = [viewed("ann", "i2"), bought("ann", &["i3"])];
                    // Refused for a moment is an answer too: the client comes again.
                    let status = house.batch(&batch).await.status.as_u16();
                    assert!(status == 200 || status == 503, "{status}");
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    while !house
        .known("ann")
        .await
        .iter()
        .any(|line| line.starts_with("i2 "))
    {}
    assert!(house.app.gate.erase(&whom("ann")).await.unwrap());
    // Still arriving, after the erasure was answered.
    for _ in 0..20 {
        assert!(house.known("ann").await.is_empty());
        assert_eq!(house.batch(&[viewed("ann", "i4")]).await.status, 200);
    }
    stop.store(true, Ordering::SeqCst);
    for sender in senders {
        assert!(sender.await.unwrap() > 0);
    }
    assert!(house.app.gate.is_ready(), "the writer stopped");
    house.app.gate.write_back().await.unwrap();
    let counts = house.app.gate.counts().await.unwrap();
    assert_eq!(
        (counts.persons, counts.keys, counts.identifiers, counts.events),
        (0, 0, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_withdrawal_and_a_permission_at_once_end_in_one_of_the_two_on_disk_as_in_memory() {
    let house = support::start().await;
    house
        .send_all(&[agrees("ann", &[true; 3]), bought("ann", &["i1"])])
        .await;
    let tasks: Vec<_> = (0..24)
        .map(|number| {
            let gate = house.app.gate.clone();
            let now = house.app.now();
            tokio::spawn(async move {
                let choice = [(PurposeName::Personalise, number % 2 == 0)];
                gate.choose(&whom("ann"), &choice, "test", now).await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), Some(()));
    }
    let known = house.known("ann").await;
    let profiled = async |house: &House| {
        let ask = gate::Ask {
            signals: vocabulary::Signals::default(),
            requester: gate::charter::Requester::System,
            now: house.app.now(),
        };
        house
            .app
            .gate
            .permit::<gate::purposes::Personalise>(&whom("ann"), ask)
            .await
            .unwrap()
            .is_ok()
    };
    let allowed = profiled(&house).await;
    let folder = house.stop().await;
    let house = support::start_in(folder, |settings| {
        settings.store = format!(
            "embedded:{}",
            settings.keys.parent().unwrap().join("store").display()
        );
    })
    .await;
    assert_eq!(
        (house.known("ann").await, profiled(&house).await),
        (known, allowed)
    );
}
