//! What decoding costs, in one run with what it cannot be cheaper than. Prints figures, promises
//! none: `cargo test --release -p server --test ingest_speed -- --ignored --nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and this one prints"
)]

use axum::body::{Body, Bytes};
use axum::http::Request;
use serde_json::{Value, json};
use server::auth::ApiKeys;
use server::ingest::{
    Accept, Accepted, Accepting, Ingest, PublicUrl, Source, SourceName, Sources, Told, router,
};
use std::sync::Arc;
use std::time::Instant;
use tower::ServiceExt as _;

/// Takes everything and keeps nothing.
struct Nowhere;

impl Accept for Nowhere {
    fn accept(&self, _: SourceName, events: Vec<Told>) -> Accepting {
        let stored = u32::try_from(events.len()).unwrap();
        Box::pin(async move {
            Ok(Accepted {
                stored,
                ..Accepted::default()
            })
        })
    }
}

/// 100 messages as analytics-node writes them, some 650 bytes each.
fn batch() -> Bytes {
    let message = |i: u32| {
        json!({
            "type": "track", "event": "Product Viewed", "userId": format!("customer-{i}"),
            "anonymousId": format!("0f8fad5b-d9cb-469f-a165-{i:012}"),
            "messageId": format!("node-next-1782907200000-7c9e6679-7425-40de-944b-{i:012}"),
            "timestamp": "2026-07-01T11:59:58.123Z", "_metadata": {"nodeVersion": "20.20.2", "jsRuntime": "node"},
            "integrations": {},
            "properties": {"product_id": format!("8512{i}A"), "name": "WHITE HANGING HEART T-LIGHT HOLDER",
                "category": "home", "price": 2.55, "quantity": 6, "currency": "GBP", "coupon": null},
            "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}, "locale": "en-GB",
                "timezone": "Europe/London", "ip": "192.0.2.1",
                "consent": {"categoryPreferences": {"Personalisation": true, "Advertising": false}}},
        })
    };
    let all: Vec<Value> = (0..100).map(message).collect();
    serde_json::to_vec(&json!({"batch": all, "writeKey": "key", "sentAt": "2026-07-01T12:00:00.000Z"}))
        .unwrap()
        .into()
}

fn figure(what: &str, rounds: u32, mut round: impl FnMut()) -> f64 {
    for _ in 0..rounds / 10 {
        round();
    }
    let start = Instant::now();
    for _ in 0..rounds {
        round();
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds) / 100.0;
    println!("{what:<52}{each:>8.2} µs per event");
    each
}

#[test]
#[ignore = "prints figures; run it in a release build"]
fn decoding_against_the_least_that_any_decoder_does() {
    let source = Source {
        name: SourceName::parse("shop").unwrap(),
        write_key: "key".into(),
        enabled: true,
        child_directed: false,
        secret: false,
        origins: Vec::new(),
    };
    let sources = Sources::new([source]).unwrap();
    let url = PublicUrl::parse("https://example.org").unwrap();
    let app = router(
        Arc::new(Ingest::new(sources, Arc::new(Nowhere), url)),
        ApiKeys::default(),
    );
    let body = batch();
    println!("a batch of 100 messages, {} bytes each", body.len() / 100);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let skip = figure("JSON skipped (grammar only)", 2_000, || {
        serde_json::from_slice::<serde::de::IgnoredAny>(&body).unwrap();
    });
    let tree = figure("JSON as a tree of values", 2_000, || {
        serde_json::from_slice::<Value>(&body).unwrap();
    });
    let whole = figure("request to events and answer, in process", 2_000, || {
        let request = Request::post("/v1/batch").body(Body::from(body.clone())).unwrap();
        let answer = runtime.block_on(app.clone().oneshot(request)).unwrap();
        assert_eq!(answer.status(), 200);
    });
    println!(
        "whole / skipped {:.1}, whole / tree {:.2}",
        whole / skip,
        whole / tree
    );
}
