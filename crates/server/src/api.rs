//! The API: one file per thing a caller can do.
//!
//! Deliberately does not know: the store, how anything leaves.

pub(crate) mod consents;
mod exports;
mod groups;
mod health;
mod ledger;
mod merges;
mod numbers;
mod openapi;
mod opendsr;
pub(crate) mod people;
mod programs;
pub mod push_subscriptions;
pub mod recommendations;
pub(crate) mod records;
pub(crate) mod rights_requests;
mod webhooks;

use crate::app::App;
use crate::ingest::{self, Code};
use crate::problem::Problem;
use axum::Router;
use axum::extract::{FromRequest, Request};
use axum::routing::{delete, get, patch, post};
use gate::Unavailable;
use serde::de::DeserializeOwned;

pub use openapi::document;

/// Longest body of an API request, bytes.
const MAX_BODY: usize = 64 << 10;

/// The endpoints.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/people/open", post(people::open))
        .route("/v1/recommendations", post(recommendations::recommend))
        .route("/v1/consents", post(consents::state))
        .route("/v1/consents/state", post(consents::ask))
        .route("/v1/records/{id}/receipt", get(records::receipt))
        .route("/v1/records/{id}/receipt.jsonld", get(records::receipt_document))
        .route("/contexts/receipt-v1.jsonld", get(records::receipt_context))
        .route("/schemas/receipt-v1.json", get(records::receipt_schema))
        .route("/v1/segments", get(groups::segments))
        .route("/v1/segments/preview", post(groups::preview))
        .route("/v1/journeys", get(groups::journeys))
        .route("/v1/programs", get(programs::history))
        .route("/v1/programs/plan", post(programs::plan))
        .route("/v1/programs/apply", post(programs::apply))
        .route("/v1/programs/rollback", post(programs::rollback))
        .route("/v1/programs/{digest}/approve", post(programs::approve))
        .route("/v1/merges", post(merges::join))
        .route("/v1/merges/undo", post(merges::part))
        .route("/v1/numbers", post(numbers::note))
        .route("/v1/webhooks", get(webhooks::list))
        .route("/v1/webhooks/{name}/on", post(webhooks::on))
        .route("/v1/sms/inbound", post(numbers::inbound))
        .route("/v1/push-subscriptions", post(push_subscriptions::note))
        .route("/v1/push-subscriptions/key", get(push_subscriptions::key))
        .route("/v1/push-subscriptions/remove", post(push_subscriptions::remove))
        .route("/v1/rights-requests", get(rights_requests::pending))
        .route("/v1/rights-requests", post(rights_requests::open))
        .route("/v1/rights-requests/find", post(rights_requests::of))
        .route("/v1/rights-requests/export.schema.json", get(exports::schema))
        .route("/v1/rights-requests/{id}", get(rights_requests::one))
        .route("/v1/rights-requests/{id}", patch(rights_requests::advance))
        .route("/v1/rights-requests/{id}", delete(rights_requests::revoke))
        .route("/v1/rights-requests/{id}/export", get(exports::export))
        .route("/opendsr/discovery", get(opendsr::discovery))
        .route("/opendsr/key.pem", get(opendsr::key))
        .route("/opendsr/requests", post(opendsr::receive))
        .route("/opendsr/requests/{id}", get(opendsr::status))
        .route("/opendsr/requests/{id}", delete(opendsr::cancel))
        .route("/ledger/checkpoint", get(ledger::checkpoint))
        .route("/ledger/keys", get(ledger::keys))
        .route("/ledger/tile/{*path}", get(ledger::tile))
        .route("/openapi.json", get(openapi::serve))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .with_state(app)
}

/// A JSON body, or a problem that says what is wrong and where, without repeating it.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Body<T>, Problem> {
        let bytes = read(request).await?;
        serde_json::from_slice(&bytes).map(Body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            let words = match error.classify() {
                serde_json::error::Category::Data => "a field is missing, unknown or of the wrong type",
                _ => "the body is not JSON",
            };
            Problem::bad_request(&format!("{words} ({place}); the shape is in `/openapi.json`"))
        })
    }
}

/// The bytes of a body under [`MAX_BODY`].
async fn read(request: Request) -> Result<Vec<u8>, Problem> {
    let read = ingest::read_body(request.into_body(), MAX_BODY).await;
    let bytes = read.map_err(|code| match code {
        Code::PayloadTooLarge => Problem::too_large(MAX_BODY),
        _ => Problem::bad_request("the body ended before its announced length"),
    })?;
    Ok(bytes.into())
}

/// How the gate's silence is told.
pub(crate) fn unavailable(error: Unavailable) -> Problem {
    match error {
        Unavailable::Busy => Problem::unavailable(1),
        Unavailable::Full => Problem::unavailable(30),
        error => {
            tracing::error!(%error, "the gate cannot answer");
            Problem::unavailable(10)
        }
    }
}

/// What came with the request of the person's browser, as far as the charter asks about it.
pub(crate) fn signals(headers: &axum::http::HeaderMap) -> vocabulary::Signals {
    vocabulary::Signals {
        gpc: crate::signals::gpc(headers),
        child_directed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[tokio::test]
    async fn a_body_that_is_too_long_is_read_away_and_told_so() {
        let sent = vec![b' '; 30 << 20];
        let request = Request::new(axum::body::Body::from(sent));
        let problem = Body::<u8>::from_request(request, &()).await.err().unwrap();
        assert_eq!(problem.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
