//! The Segment dialect, from the bytes of a request to its answer and the events that came of it.
//!
//! `ingest/*.txt` are scripts of requests and expected answers; `UPDATE_SCRIPTS=1 cargo test` writes
//! what is answered now into them, to be read before it is believed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "ingest/limits.rs"]
mod limits;
#[path = "ingest/properties.rs"]
mod properties;
#[path = "ingest/recorder.rs"]
mod recorder;
#[path = "ingest/scripts.rs"]
mod scripts;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use recorder::Recorder;
use server::auth::ApiKeys;
use server::ingest::{Ingest, PublicUrl, Source, SourceName, Sources, router};
use std::sync::Arc;
use tower::ServiceExt as _;
use vocabulary::Moment;

/// 2026-07-01T12:00:00Z: when everything is received.
const NOW: Moment = Moment(1_782_907_200_000);
const API_KEY: &str = "an-api-key-for-tests-only";

/// A router with four sources (`shop`, `kids` for children, `off`, and `web`, whose key is no secret; keys
/// `key-<name>`). A proof is `of-` and the `userId`.
fn app(strict: bool, recorder: &Recorder) -> Router {
    let source = |name: &str, enabled, child_directed| Source {
        name: SourceName::parse(name).unwrap(),
        write_key: format!("key-{name}"),
        enabled,
        child_directed,
        secret: name != "web",
        origins: Vec::new(),
    };
    let sources = [
        source("shop", true, false),
        source("kids", true, true),
        source("off", false, false),
        source("web", true, false),
    ];
    let public_url = PublicUrl::parse("https://events.example.org").unwrap();
    let ingest = Ingest::new(
        Sources::new(sources).unwrap(),
        Arc::new(recorder.clone()),
        public_url,
    )
    .with_proofs(Arc::new(|proof, _| Some(proof.strip_prefix("of-")?.to_owned())))
    .with_strict(strict)
    .with_consent_categories(vec!["Analytics".to_owned()])
    .with_clock(Arc::new(|| NOW));
    router(Arc::new(ingest), ApiKeys::new([("tests", API_KEY)]).unwrap())
}

/// Asks and reads the whole answer.
async fn ask(app: &Router, request: Request<Body>) -> (axum::http::response::Parts, Vec<u8>) {
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    (
        parts,
        axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    )
}
