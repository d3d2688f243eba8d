//! A clock that is set back: what was refused stays refused, what came twice counts once, and the server
//! starts.

use super::support;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use server::app::App;
use server::serve;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt as _;
use vocabulary::{DAY_MS, HOUR_MS, Moment};

/// 2026-11-22T12:00:00Z.
const NOON: i64 = 1_795_348_800_000;

struct Clocked {
    app: App,
    router: Router,
    now: Arc<AtomicI64>,
}

async fn start(folder: &TempDir, now: i64) -> Result<Clocked, serve::Error> {
    let store = format!("embedded:{}", folder.path().join("store").display());
    let settings = support::settings(folder.path(), store);
    let now = Arc::new(AtomicI64::new(now));
    let clock: server::ingest::Clock = {
        let now = Arc::clone(&now);
        Arc::new(move || Moment(now.load(Ordering::Relaxed)))
    };
    let app = serve::open(&settings, Arc::clone(&clock)).await?;
    let router = serve::router(&app, &settings, clock).unwrap();
    Ok(Clocked { app, router, now })
}

impl Clocked {
    fn set(&self, now: i64) {
        self.now.store(now, Ordering::Relaxed);
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (name, value) = support::key();
        let request = Request::post(path)
            .header(name, value)
            .body(Body::from(body.to_string()));
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&bytes).unwrap()
    }

    async fn send(&self, messages: &[Value]) {
        self.post(
            "/v1/batch",
            json!({ "writeKey": support::WRITE_KEY, "batch": messages }),
        )
        .await;
    }

    /// What is known of the person, which takes a permission to have been kept.
    async fn known(&self, who: &str) -> Vec<String> {
        support::known(&self.app, who).await
    }

    /// Whether a view that arrives now is kept: only with permission.
    async fn keeps(&self, who: &str, item: &str) -> bool {
        self.send(&[viewed(who, item, self.now.load(Ordering::Relaxed))])
            .await;
        self.known(who)
            .await
            .iter()
            .any(|line| line.starts_with(&format!("{item} ")))
    }
}

fn stamp(at: i64) -> Value {
    json!(jiff::Timestamp::from_millisecond(at).unwrap().to_string())
}

fn viewed(who: &str, item: &str, at: i64) -> Value {
    json!({"type": "track", "event": "Product Viewed", "userId": who, "properties": {"product_id": item},
        "timestamp": stamp(at), "messageId": format!("{who} {item} {at}")})
}

fn answers(who: &str, given: bool, at: i64) -> Value {
    json!({"type": "track", "event": gate::CONSENT_EVENT, "userId": who, "timestamp": stamp(at),
        "messageId": format!("{who} {given} {at}"),
        "context": {"consent": {"categoryPreferences": {"Personalisation": given}}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stands_however_far_the_clock_is_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let house = start(&folder, NOON).await.unwrap();
    house.send(&[answers("ann", true, NOON - HOUR_MS)]).await;
    assert!(house.keeps("ann", "i1").await);
    house.send(&[answers("ann", false, NOON)]).await;
    for back in [1, 1_000, HOUR_MS, 400 * DAY_MS] {
        house.set(NOON - back);
        assert!(!house.keeps("ann", "i2").await, "{back} ms back");
    }
    house.app.gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_under_a_clock_set_back_is_not_undone_by_a_permission_from_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = start(&folder, NOON).await.unwrap();
    house.send(&[answers("ann", true, NOON)]).await;
    assert!(house.keeps("ann", "i1").await);
    // The clock is corrected by an hour; then the person withdraws.
    house.set(NOON - HOUR_MS);
    house.send(&[answers("ann", false, NOON - HOUR_MS)]).await;
    assert!(!house.keeps("ann", "i2").await);
    // Another device was offline and delivers now what the person said there before they withdrew.
    house.set(NOON + 1_000);
    house.send(&[answers("ann", true, NOON - 1_000)]).await;
    assert!(
        !house.keeps("ann", "i3").await,
        "a permission from before the withdrawal ended it"
    );
    // A permission given after it does end it.
    house.set(NOON + HOUR_MS);
    house.send(&[answers("ann", true, NOON + HOUR_MS)]).await;
    assert!(house.keeps("ann", "i4").await);
    house.app.gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_before_its_clock_was_set_back_starts_and_knows_what_it_knew() {
    let folder = tempfile::tempdir().unwrap();
    let house = start(&folder, NOON).await.unwrap();
    house
        .send(&[answers("ann", true, NOON - HOUR_MS), answers("bob", false, NOON)])
        .await;
    assert!(house.keeps("ann", "i1").await);
    let repeated = viewed("ann", "i5", NOON);
    house.send(std::slice::from_ref(&repeated)).await;
    let known = house.known("ann").await;
    house.app.gate.close().await;
    drop(house);
    let house = start(&folder, NOON - 30 * DAY_MS).await.unwrap();
    assert_eq!(house.known("ann").await, known);
    // The same message, which now seems to come from the future: known, and not counted again.
    house.send(&[repeated]).await;
    assert_eq!(house.known("ann").await, known);
    assert!(!house.keeps("bob", "i2").await);
    // The log goes on, although its days go back.
    house.app.gate.integrate().await.unwrap();
    house.app.gate.close().await;
}
