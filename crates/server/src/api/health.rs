//! Is it alive, is it ready, how is it doing.

use crate::app::App;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The process answers.
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "alive", body = String)))]
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// Events and decisions are accepted.
#[utoipa::path(
    get,
    path = "/readyz",
    responses(
        (status = 200, description = "ready", body = String),
        (status = 503, description = "the store does not accept writes"),
    )
)]
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    match app.gate.is_ready() {
        true => Ok("ready\n"),
        false => Err(Problem::unavailable(10).detail("the store does not accept writes; see the log")),
    }
}

/// Prometheus text.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "Prometheus text", body = String)))]
pub(super) async fn metrics(State(app): State<App>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], crate::metrics::render(&app)).into_response()
}
