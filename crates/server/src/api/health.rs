//! Is it alive, is it ready, how is it doing.

use crate::app::App;
use axum::extract::State;
use axum::http::StatusCode;

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// Events and decisions are accepted.
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.gate.is_ready() {
        true => (StatusCode::OK, "ready\n"),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not accept writes; see the log\n",
        ),
    }
}

/// Prometheus text.
pub(super) async fn metrics(State(app): State<App>) -> String {
    crate::metrics::render(&app)
}
