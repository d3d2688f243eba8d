//! Problems: how the API says no, as RFC 9457 `application/problem+json`.
//!
//! The Segment dialect under `ingest` has its own way to say no and does not use this. A problem
//! never repeats what a caller sent: bodies and identifiers are personal.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// One problem: what it is, and for this occurrence what is wrong and how to mend it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Problem {
    /// The kind of problem, `/problems/<code>`, relative to the server: a page may stand there.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; the same for every occurrence.
    pub title: String,
    /// The HTTP status, again, for readers that lost the response line.
    #[serde(serialize_with = "status_number")]
    pub status: StatusCode,
    /// This occurrence in words: what, where, how to mend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which occurrence: a record or request id, never a person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What in the request is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Seconds to wait before asking again; travels as `Retry-After`.
    #[serde(skip)]
    pub retry_after_s: Option<u32>,
}

/// What is wrong with one field of the request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FieldProblem {
    /// Where: a JSON pointer (RFC 6901) into the body, such as `/filters/0/category`.
    pub pointer: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

impl FieldProblem {
    /// `detail` at `pointer`.
    pub fn new(pointer: &str, detail: &str) -> FieldProblem {
        FieldProblem {
            pointer: pointer.to_owned(),
            detail: detail.to_owned(),
        }
    }
}

impl Problem {
    /// A problem of the kind `code` (lower case, hyphens: part of a URL) and its words.
    pub fn new(status: StatusCode, code: &str, title: &str) -> Problem {
        Problem {
            kind: format!("/problems/{code}"),
            title: title.to_owned(),
            status,
            detail: None,
            instance: None,
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(detail: &str) -> Problem {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "the request cannot be read",
        )
        .detail(detail)
    }

    /// 401: no key, or none that is known. The two are told alike.
    pub fn unauthorised() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorised", "an API key is needed")
            .detail("send `Authorization: Bearer <api key>` with a key from the server's settings")
    }

    /// 404: nothing is here; `what` names the kind of thing, not the thing.
    pub fn not_found(what: &str) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", "nothing is here").detail(&format!("no such {what}"))
    }

    /// 422: the request can be read, and some of its fields are wrong.
    pub fn invalid(errors: Vec<FieldProblem>) -> Problem {
        let problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "some fields are not as they should be",
        );
        Problem { errors, ..problem }
    }

    /// 413: longer than `most` bytes.
    pub fn too_large(most: usize) -> Problem {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "the body is too large",
        )
        .detail(&format!("at most {most} bytes are read"))
    }

    /// 503: ours to mend; the caller may try again after `retry_after_s` seconds.
    pub fn unavailable(retry_after_s: u32) -> Problem {
        let problem = Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "not possible right now",
        )
        .detail("nothing was changed; try again later");
        Problem {
            retry_after_s: Some(retry_after_s),
            ..problem
        }
    }

    /// 500: ours to mend. Says nothing of the cause: that belongs in the log.
    pub fn internal() -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed")
    }

    /// With these words for this occurrence.
    #[must_use]
    pub fn detail(self, detail: &str) -> Problem {
        Problem {
            detail: Some(detail.to_owned()),
            ..self
        }
    }

    /// With the id of this occurrence.
    #[must_use]
    pub fn instance(self, instance: &str) -> Problem {
        Problem {
            instance: Some(instance.to_owned()),
            ..self
        }
    }

    /// With one more wrong field.
    #[must_use]
    pub fn field(mut self, pointer: &str, detail: &str) -> Problem {
        self.errors.push(FieldProblem {
            pointer: pointer.to_owned(),
            detail: detail.to_owned(),
        });
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // A struct of strings and numbers always has a JSON form; if not, the status still tells.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Errors that no handler made (unknown paths, wrong methods, refused extractors, time run out,
/// panics) become problems too. Their own words are dropped: they may repeat what was sent.
pub(crate) async fn in_words(response: Response) -> Response {
    let status = response.status();
    let (code, title) = match status {
        StatusCode::NOT_FOUND => ("not-found", "nothing is here"),
        StatusCode::METHOD_NOT_ALLOWED => ("method", "this is asked for with another method"),
        StatusCode::REQUEST_TIMEOUT => ("timeout", "the request took too long"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "the body is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("media-type", "the body is of another type than expected"),
        status if status.is_server_error() => ("internal", "the server failed"),
        _ => ("bad-request", "the request cannot be read"),
    };
    let content = response.headers().get(header::CONTENT_TYPE);
    let ours = content.is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    if ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let mut told = Problem::new(status, code, title).into_response();
    // What belongs to the answer and not to its body, such as `Allow` and the headers of CORS.
    for (name, value) in response.headers() {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            told.headers_mut().insert(name, value.clone());
        }
    }
    told
}

fn status_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_rfc_9457_says() {
        let problem = Problem::invalid(Vec::new())
            .field("/count", "`count` is from 1 to 100")
            .instance("/v1/records/7");
        assert_eq!(
            serde_json::to_value(&problem).unwrap(),
            serde_json::json!({
                "type": "/problems/invalid",
                "title": "some fields are not as they should be",
                "status": 422,
                "instance": "/v1/records/7",
                "errors": [{"pointer": "/count", "detail": "`count` is from 1 to 100"}],
            })
        );
        let response = problem.into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }

    #[test]
    fn a_problem_says_when_to_come_back_and_with_what() {
        assert_eq!(
            Problem::unavailable(3).into_response().headers()["retry-after"],
            "3"
        );
        assert_eq!(
            Problem::unauthorised().into_response().headers()["www-authenticate"],
            "Bearer"
        );
    }
}
