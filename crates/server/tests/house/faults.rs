//! When things break: the wrong key, a damaged model, a full disk, too much at once.

use super::support::{self, House, ask, bought, settings};
use super::{problems, quiet};
use hyper::Method;
use serde_json::{Value, json};
use server::ingest::clock;
use server::{files, serve};
use std::path::{Path, PathBuf};
use std::process::Command;
use vocabulary::{Event, Kind, Moment, Signals};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_opened_with_another_key_says_so_and_stays_as_it_was() {
    let house = support::start().await;
    house.send_all(&[bought("ann", &["i1"])]).await;
    let store = house.settings.store.clone();
    let folder = house.stop().await;
    let mut wrong = settings(folder.path(), store.clone());
    wrong.keys = folder.path().join("other-keys");
    files::make_keys(&wrong.keys).unwrap();
    let error = serve::open(&wrong, clock::system()).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("other keys"), "{error}");
    // Keys that are there and are none.
    std::fs::write(wrong.keys.join("kek"), "nothing").unwrap();
    let error = serve::open(&wrong, clock::system()).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("kek"), "{error}");
    let house = support::start_in(folder, |settings| settings.store = store).await;
    assert_eq!(house.known("ann").await, ["i1 viewed 0 added 0 bought 1"]);
}

/// Where `needle` is in a file.
fn find(file: &Path, needle: &[u8]) -> Option<usize> {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(needle.len()).position(|window| window == needle)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_model_is_not_used_and_learning_again_mends_it() {
    quiet::log();
    let house = support::start().await;
    house.fill().await;
    house.learn().await;
    let gate::Published::Intact(bytes) = house.app.gate.published("model").await.unwrap() else {
        panic!("no model");
    };
    let store = house.settings.store.clone();
    let mut folder = house.stop().await;

    for damage in [
        "a flipped bit on the disk",
        "a model cut short",
        "no model at all",
    ] {
        if damage == "a flipped bit on the disk" {
            let file = folder.path().join("store/state.sqlite");
            let place = find(&file, &bytes[..64]).unwrap() + 20;
            let mut database = std::fs::read(&file).unwrap();
            database[place] ^= 1;
            std::fs::write(&file, database).unwrap();
        }
        let house = support::start_in(folder, |settings| settings.store.clone_from(&store)).await;
        if damage == "a flipped bit on the disk" {
            assert!(quiet::log().contains("not what was published"), "nobody is told");
        } else {
            let damaged = match damage {
                "a model cut short" => bytes[..bytes.len() / 2].to_vec(),
                _ => b"what is this".to_vec(),
            };
            house
                .app
                .gate
                .publish("model", damaged, house.app.now())
                .await
                .unwrap();
        }
        let house = match damage {
            "a flipped bit on the disk" => house,
            _ => {
                let folder = house.stop().await;
                support::start_in(folder, |settings| settings.store.clone_from(&store)).await
            }
        };
        assert!(house.app.shop().is_none(), "{damage}: used all the same");
        let answer = house
            .recommend_with(&[], r#"{"placement":"home","userId":"p0"}"#)
            .await;
        problems::check(&answer, 503);
        house.send_all(&[bought("ann", &["i1"])]).await;
        assert!(
            quiet::log().contains("the stored model cannot be used"),
            "{damage}: nobody is told"
        );
        house.learn().await;
        assert_eq!(
            house.recommend(json!({ "userId": "p0" })).await["mode"],
            "profiled",
            "{damage}"
        );
        folder = house.stop().await;
    }
}

/// A file system of its own in memory, so small that it fills up; gone with the value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`, said aloud, where it cannot be mounted.
    fn new(folder: &Path, megabytes: u32) -> Option<SmallDisk> {
        std::fs::create_dir_all(folder).unwrap();
        let size = format!("size={megabytes}m,mode=700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(SmallDisk(folder.to_owned())),
            _ => {
                eprintln!("SKIPPED: a full disk needs the right to mount a tmpfs; run the tests as root");
                None
            }
        }
    }

    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        let grown = Command::new("mount").args(["-o", &size]).arg(&self.0).status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Orders of `people`, of many items each, so that they take room.
fn orders(people: std::ops::Range<usize>) -> Vec<Value> {
    people
        .map(|p| {
            let items: Vec<String> = (0..100)
                .map(|i| format!("item-with-a-long-name-{p}-{i}"))
                .collect();
            bought(
                &format!("d{p}"),
                &items.iter().map(String::as_str).collect::<Vec<_>>(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_that_was_acknowledged_and_room_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::new(&folder.path().join("disk"), 6) else {
        return;
    };
    let store = format!("embedded:{}", folder.path().join("disk/store").display());
    let house = support::start_in(folder, |settings| settings.store.clone_from(&store)).await;
    let mut acknowledged = Vec::new();
    let mut refused = None;
    for first in (0..4_000).step_by(20) {
        let answer = house.batch(&orders(first..first + 20)).await;
        if answer.status == 200 {
            acknowledged.push(first);
        } else {
            refused = Some((first, answer));
            break;
        }
    }
    let (first, answer) = refused.expect("6 MB were never full");
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.headers.contains_key("retry-after"));
    assert!(!acknowledged.is_empty(), "not even the first batch fitted");
    // Still full, still answering, also for who only asks.
    let answer = house.batch(&orders(first..first + 20)).await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        ask(house.address, Method::GET, "/healthz", &[], "").await.status,
        200
    );
    let answer = ask(house.address, Method::GET, "/readyz", &[], "").await;
    assert_eq!(
        answer.status,
        200,
        "a full disk passes, and a restart would not help: {}",
        answer.text()
    );

    disk.grow(64);
    let answer = house.batch(&orders(first..first + 20)).await;
    assert_eq!(answer.status, 200, "there is room again: {}", answer.text());
    acknowledged.push(first);
    let check = async |house: &House| {
        for first in &acknowledged {
            for p in [*first, first + 19] {
                assert_eq!(
                    house.known(&format!("d{p}")).await.len(),
                    100,
                    "d{p} was acknowledged"
                );
            }
        }
    };
    check(&house).await;
    let folder = house.stop().await;
    let house = support::start_in(folder, |settings| settings.store = store).await;
    check(&house).await;
    house.stop().await;
    drop(disk);
}

/// An event as the ingest dialect hands it over.
fn event(number: usize) -> Event {
    Event {
        message_id: format!("burst-{}", number % 100),
        kind: Kind::Track,
        name: "Order Completed".to_owned(),
        user_id: Some("burst".to_owned()),
        anonymous_id: None,
        previous_id: None,
        at: Moment(1_700_000_000_000),
        received_at: Moment(1_700_000_000_000),
        fields: json!({ "order_id": "7", "products": [{ "product_id": "i1" }] })
            .as_object()
            .unwrap()
            .clone(),
        consent: None,
        signals: Signals::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_may_wait_is_told_to_come_back_and_then_taken() {
    let house = support::start_in_memory().await;
    let mut turned_away = None;
    // The queue drains while we ask: a few turns, though the first is nearly always enough.
    for turn in 0..10 {
        let crowds: Vec<Vec<gate::Received>> = (0..10)
            .map(|_| {
                (0..4_500)
                    .map(|i| house.app.gate.take_in("shop", event(i)))
                    .collect()
            })
            .collect();
        let tasks = crowds.into_iter().map(|crowd| {
            let gate = house.app.gate.clone();
            tokio::spawn(async move { gate.observe(crowd).await.map(|fates| fates.len()) })
        });
        let tasks: Vec<_> = tasks.collect();
        let ann = format!("ann{turn}");
        let answer = house.batch(&[bought(&ann, &["i1"])]).await;
        for task in tasks {
            let _ = task.await.unwrap();
        }
        if answer.status == 429 {
            turned_away = Some((ann, answer));
            break;
        }
    }
    let (ann, answer) = turned_away.expect("nobody was ever turned away");
    let seconds = answer.headers["retry-after"].to_str().unwrap();
    assert!(seconds.parse::<u32>().unwrap() > 0);
    assert_eq!(answer.json()["code"], "busy");
    assert_eq!(house.known(&ann).await.len(), 0, "turned away, and yet taken");
    assert_eq!(house.app.gate.waiting(), 0);
    house.send_all(&[bought(&ann, &["i1"])]).await;
    assert_eq!(house.known(&ann).await, ["i1 viewed 0 added 0 bought 1"]);
    assert_eq!(
        house.known("burst").await,
        ["i1 viewed 0 added 0 bought 100"],
        "100 messages, each many times"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_bounded_however_many_people_come() {
    const PEOPLE: usize = 20_000;
    let house = support::start().await;
    let batches: Vec<Vec<usize>> = (0..PEOPLE)
        .collect::<Vec<_>>()
        .chunks(2_000)
        .map(<[_]>::to_vec)
        .collect();
    for batch in batches {
        let messages: Vec<Value> = batch.iter().map(|p| bought(&format!("n{p}"), &["i1"])).collect();
        assert_eq!(house.batch(&messages).await.status, 200);
    }
    house.app.gate.write_back().await.unwrap();
    let bound = house.settings.hot_envelopes;
    assert!(
        house.app.gate.in_memory() <= bound,
        "{} envelopes in memory",
        house.app.gate.in_memory()
    );
    let counts = house.app.gate.counts().await.unwrap();
    assert_eq!(counts.persons as usize, PEOPLE);
    // Reading people in does not add up either, and who left memory is read as they were.
    for p in (0..PEOPLE).step_by(20) {
        assert_eq!(
            house.known(&format!("n{p}")).await,
            ["i1 viewed 0 added 0 bought 1"]
        );
    }
    house.app.gate.write_back().await.unwrap();
    assert!(house.app.gate.in_memory() <= bound);
}
