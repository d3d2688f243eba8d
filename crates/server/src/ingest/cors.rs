//! Cross-origin requests: browsers send from the pages of other sites.
//!
//! Any origin may send, since a write key is what admits; never with credentials, so that no cookie
//! of a person's travels here.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `AnonymousId` is what RudderStack's browser client adds; it is allowed and not read.
const HEADERS: &str = "Authorization, Content-Type, Content-Encoding, X-Retry-Count, AnonymousId";

/// The answer to a preflight.
pub(super) async fn preflight() -> Response {
    let preflight: [(HeaderName, &str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, preflight).into_response()
}

/// Lets any page read the answer, and when to come back.
pub(super) async fn allow(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("Retry-After"),
    );
    response
}
