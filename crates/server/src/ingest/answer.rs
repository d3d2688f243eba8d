//! Answers of the dialect. Segment's: 200 for everything that is not too large and is JSON, for a
//! client that is told "no" by anything else may drop or repeat what it has. Strict answers are
//! RudderStack's: they tell a developer what is wrong.
//!
//! Every refusal has `{"code", "message"}`: the Python clients need both.

use super::accept::Refusal;
use super::fault::Code;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Seconds after which a client may try again when the store failed.
const RETRY_AFTER_FAILURE_S: u32 = 5;

/// Taken, durable.
pub(super) fn success() -> Response {
    json(StatusCode::OK, r#"{"success":true}"#.to_owned())
}

/// Something is wrong with the request, or with its only message.
pub(super) fn fault(code: Code, strict: bool) -> Response {
    match status(code, strict) {
        StatusCode::OK => success(),
        status => refusal(status, code.as_str(), code.words()),
    }
}

/// The acceptor took nothing; the client is to come again.
pub(super) fn refused(why: Refusal) -> Response {
    let (status, code, words, seconds) = match why {
        Refusal::Busy { retry_after_s } => {
            let words = "too much at once: nothing of this request was taken, send it again";
            (StatusCode::TOO_MANY_REQUESTS, "busy", words, retry_after_s)
        }
        Refusal::Failed => {
            let words = "the server failed: nothing of this request was taken, send it again";
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "failed",
                words,
                RETRY_AFTER_FAILURE_S,
            )
        }
    };
    let mut response = refusal(status, code, words);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn status(code: Code, strict: bool) -> StatusCode {
    match code {
        Code::PayloadTooLarge | Code::TooManyMessages if strict => StatusCode::PAYLOAD_TOO_LARGE,
        Code::InvalidJson
        | Code::InvalidGzip
        | Code::UnknownEncoding
        | Code::BodyInterrupted
        | Code::PayloadTooLarge
        | Code::TooManyMessages => StatusCode::BAD_REQUEST,
        _ if !strict => StatusCode::OK,
        Code::UnknownSource => StatusCode::UNAUTHORIZED,
        Code::SourceDisabled => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn refusal(status: StatusCode, code: &str, words: &str) -> Response {
    json(
        status,
        serde_json::json!({"code": code, "message": words}).to_string(),
    )
}

pub(super) fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
