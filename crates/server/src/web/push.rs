//! The two scripts by which a site's pages ask for notifications and show them.
//!
//! Deliberately does not know: who is asked, what is shown.

use super::assets::{self, Asset};
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

/// `/push/push.js` for pages, `/push/worker.js` for the site's own worker file.
pub fn router() -> Router {
    Router::new()
        .route("/push/push.js", get(async || serve(&assets::PUSH)))
        .route("/push/worker.js", get(async || serve(&assets::PUSH_WORKER)))
}

/// Their addresses do not change, so they are asked for again after a while.
fn serve(asset: &Asset) -> Response {
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    (headers, asset.body).into_response()
}
