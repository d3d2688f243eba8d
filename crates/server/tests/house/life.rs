//! From start to end and on: health, an end that loses nothing, a start that goes on where it ended.

use super::problems;
use super::support::{self, WRITE_KEY, ask, bought, ids};
use hyper::Method;
use ledger::VerifyingKey;
use ledger::verify::{CHECKPOINT, verify_consistency, verify_log};
use serde_json::json;
use server::app::App;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_write_is_alive_and_not_ready_and_acknowledges_nothing() {
    let house = support::start().await;
    let get = async |path| ask(house.address, Method::GET, path, &[], "").await;
    assert_eq!(
        (
            get("/healthz").await.status.as_u16(),
            get("/readyz").await.status.as_u16()
        ),
        (200, 200)
    );
    house.app.gate.close().await;
    assert_eq!(get("/healthz").await.status, 200);
    problems::check(&get("/readyz").await, 503);
    let answer = house.batch(&[bought("ann", &["i1"])]).await;
    assert_eq!(answer.status, 503);
    assert!(answer.headers.contains_key("retry-after"));
    let answer = house.recommend_with(&[], r#"{"placement":"home"}"#).await;
    problems::check(&answer, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_finishes_what_is_on_its_way_and_what_was_acknowledged_is_there_afterwards() {
    let mut house = support::start().await;
    house.send_all(&[bought("before", &["i1"])]).await;
    // Half a request is in when the server is told to stop.
    let body = json!({ "batch": [bought("during", &["i2"])], "writeKey": WRITE_KEY }).to_string();
    let mut slow = TcpStream::connect(house.address).await.unwrap();
    let (first, rest) = body.split_at(body.len() / 2);
    let head = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{first}",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    // Asked on another connection, so that the first one was read at least as far.
    let metrics = ask(house.address, Method::GET, "/healthz", &[], "").await;
    assert_eq!(metrics.status, 200);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let (address, served) = (house.address, house.stopping());
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!served.is_finished(), "ended with a request on its way");
    assert!(
        TcpStream::connect(address).await.is_err(),
        "still takes new connections"
    );
    slow.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    served.await.unwrap().unwrap();
    let (folder, store) = (house.folder, house.settings.store);
    drop(house.app);
    let house = support::start_in(folder, |settings| settings.store = store).await;
    assert_eq!(house.known("before").await, ["i1 viewed 0 added 0 bought 1"]);
    assert_eq!(house.known("during").await, ["i2 viewed 0 added 0 bought 1"]);
}

/// The whole log, by path.
async fn log_of(app: &App) -> HashMap<String, Vec<u8>> {
    app.gate.integrate().await.unwrap();
    let mut log = HashMap::new();
    log.insert(
        CHECKPOINT.to_owned(),
        app.gate.checkpoint().await.unwrap().unwrap(),
    );
    for path in app.gate.tile_paths().await.unwrap() {
        let tile = app.gate.tile(path.clone()).await.unwrap().unwrap();
        log.insert(path, tile);
    }
    log
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_with_the_same_model_the_same_people_and_the_same_log() {
    let house = support::start().await;
    house.fill().await;
    let learned = house.learn().await;
    assert_eq!(
        learned.people as usize,
        support::CUSTOMERS + 1,
        "all who agreed, and who agreed to learning only"
    );
    assert_eq!(learned.refused, 2);
    let wanted = json!({ "userId": "p0", "count": 20 });
    let before = house.recommend(wanted.clone()).await;
    let store = house.settings.store.clone();
    let first = log_of(&house.app).await;
    let folder = house.stop().await;

    let house = support::start_in(folder, |settings| settings.store = store).await;
    assert_eq!(
        house.app.shop().unwrap().model().digest(),
        learned.model,
        "another model, or none"
    );
    let after = house.recommend(wanted).await;
    assert_eq!(after["mode"], "profiled");
    assert_eq!(ids(&after), ids(&before));
    assert_ne!(after["record"], before["record"]);
    // Receipts of before the restart are still to be had.
    let record = before["record"].as_str().unwrap();
    let receipt = house.get(&format!("/v1/records/{record}/receipt")).await;
    assert!(receipt.json()["proof"].is_string());

    let log = log_of(&house.app).await;
    let key: VerifyingKey = house.app.gate.vkey().parse().unwrap();
    // Partial tiles of earlier sizes may lie beside it; they are no part of it any more.
    let parts = RefCell::new(BTreeSet::new());
    let storage = |path: &str| {
        let found = log.get(path).cloned();
        parts.borrow_mut().extend(found.as_ref().map(|_| path.to_owned()));
        Ok::<_, Infallible>(found)
    };
    let mut entries = 0;
    let Ok(report) = verify_log(&key, storage, |_, _| entries += 1);
    assert!(report.is_sound(), "{report}");
    assert!(
        entries > support::CUSTOMERS as u64 && report.entries == entries,
        "{report}"
    );
    let storage = |path: &str| Ok::<_, Infallible>(log.get(path).cloned());
    verify_consistency(&first[CHECKPOINT], &log[CHECKPOINT], &key, storage).unwrap();
    assert_ne!(first[CHECKPOINT], log[CHECKPOINT]);
    // A flipped bit in any file of it is found.
    let parts = parts.take();
    assert!(parts.len() >= 3 && parts.contains(CHECKPOINT), "{parts:?}");
    for path in parts {
        let mut flipped = log.clone();
        let bytes = flipped.get_mut(&path).unwrap();
        let place = bytes.len() / 2;
        bytes[place] ^= 1;
        let storage = |path: &str| Ok::<_, Infallible>(flipped.get(path).cloned());
        let Ok(report) = verify_log(&key, storage, |_, _| {});
        assert!(!report.is_sound(), "a flipped bit in {path} was not found");
    }
}
