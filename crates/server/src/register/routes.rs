//! The register over HTTP: pages, JSON, schema. Anybody may look, caches may keep it, and whoever has it
//! already is told so in a line.
//!
//! Deliberately does not know: what is in it. No address is made of what a request says of its host.

use super::{Document, Edition, Error, FRESH, Press};
use crate::problem::Problem;
use crate::web::CONTENT_SECURITY_POLICY;
use crate::web::register::{PATH, Place};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde::Deserialize;
use vocabulary::{Digest, Language, Moment};

/// How long a cache may hand it out without asking.
const CACHE_CONTROL: &str = "public, max-age=60";
/// The schema is a part of the program.
const SCHEMA_CACHE_CONTROL: &str = "public, max-age=3600";
/// Longest `If-None-Match` that is read, bytes.
const MAX_TAGS: usize = 2_000;

/// The endpoints.
pub fn router(press: Press) -> Router {
    Router::new()
        .route(PATH, get(home))
        .route("/register/charter/{what}", get(charter))
        .route("/register/dictionary/{what}", get(dictionary))
        .route("/register/model/{digest}", get(model))
        .route("/register.json", get(json))
        .route("/register.schema.json", get(schema))
        .with_state(press)
}

#[derive(Deserialize)]
struct Shown {
    lang: Option<String>,
}

async fn home(
    State(press): State<Press>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    page(&press, Some(Place::Home), &headers, &shown).await
}

async fn charter(
    State(press): State<Press>,
    headers: HeaderMap,
    Path(what): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let place = match what.strip_suffix(".txt") {
        Some(digest) => digest.parse().ok().map(Place::CharterText),
        None => one_or_two(&what, Place::Charter, Place::Charters),
    };
    page(&press, place, &headers, &shown).await
}

async fn dictionary(
    State(press): State<Press>,
    headers: HeaderMap,
    Path(what): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let place = one_or_two(&what, Place::Dictionary, Place::Dictionaries);
    page(&press, place, &headers, &shown).await
}

async fn model(
    State(press): State<Press>,
    headers: HeaderMap,
    Path(digest): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    page(&press, digest.parse().ok().map(Place::Model), &headers, &shown).await
}

/// `<digest>` or `<digest>..<digest>`.
fn one_or_two(text: &str, one: fn(Digest) -> Place, two: fn(Digest, Digest) -> Place) -> Option<Place> {
    match text.split_once("..") {
        Some((from, to)) => Some(two(from.parse().ok()?, to.parse().ok()?)),
        None => Some(one(text.parse().ok()?)),
    }
}

async fn page(
    press: &Press,
    place: Option<Place>,
    headers: &HeaderMap,
    shown: &Shown,
) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("part of the register");
    let place = place.ok_or_else(nothing)?;
    let language = Language::preferred(shown.lang.as_deref().unwrap_or_else(|| {
        let header = headers.get(header::ACCEPT_LANGUAGE);
        header.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }));
    let edition = edition(press).await?;
    let page = press.page(&edition, place, language).await.map_err(problem)?;
    let mut response = answer(&*page.ok_or_else(nothing)?, headers);
    let fields = response.headers_mut();
    fields.insert(header::VARY, HeaderValue::from_static("accept-language"));
    fields.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    Ok(response)
}

/// The register as JSON; its form is `/register.schema.json`.
async fn json(State(press): State<Press>, headers: HeaderMap) -> Result<Response, Problem> {
    let edition = edition(&press).await?;
    let mut response = answer(&edition.json, &headers);
    // Anybody may read it from a page of theirs, too: it is public, and no cookie changes it.
    let all = HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, all);
    Ok(response)
}

async fn schema() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/schema+json"),
        (header::CACHE_CONTROL, SCHEMA_CACHE_CONTROL),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, decide::register::SCHEMA).into_response()
}

async fn edition(press: &Press) -> Result<std::sync::Arc<Edition>, Problem> {
    press.edition(FRESH).await.map_err(problem)
}

fn problem(error: Error) -> Problem {
    match error {
        Error::Gate(error) => crate::api::unavailable(error),
        error => {
            tracing::error!(%error, "the register could not be made");
            Problem::internal()
        }
    }
}

/// The document, or that the caller has it (RFC 9110, section 13).
fn answer(document: &Document, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", document.digest);
    let modified = http_date(document.made);
    let status = match is_known(headers, &tag, document.made) {
        true => StatusCode::NOT_MODIFIED,
        false => StatusCode::OK,
    };
    let fields = [
        (header::ETAG, tag.as_str()),
        (header::LAST_MODIFIED, modified.as_str()),
        (header::CACHE_CONTROL, CACHE_CONTROL),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    if status == StatusCode::NOT_MODIFIED {
        return (status, fields).into_response();
    }
    let kind = [(header::CONTENT_TYPE, document.kind)];
    (fields, kind, document.bytes.clone()).into_response()
}

fn is_known(headers: &HeaderMap, tag: &str, made: Moment) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    // A tag stands above a time, and a weak comparison is enough for reading.
    if headers.contains_key(header::IF_NONE_MATCH) {
        let tags = text(header::IF_NONE_MATCH).filter(|tags| tags.len() <= MAX_TAGS);
        return tags.is_some_and(|tags| {
            let mut each = tags.split(',').map(|one| one.trim().trim_start_matches("W/"));
            each.any(|one| one == tag || one == "*")
        });
    }
    let since = text(header::IF_MODIFIED_SINCE).and_then(|text| {
        let time = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(time.timestamp().as_second())
    });
    since.is_some_and(|since| made.0.div_euclid(1_000) <= since)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn http_date(at: Moment) -> String {
    let time = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_it_is_told_by_tag_before_time() {
        let made = Moment(1_795_348_800_123);
        let check = |fields: &[(header::HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(name, HeaderValue::from_static(value));
            }
            is_known(&headers, "\"x\"", made)
        };
        assert_eq!(http_date(made), "Sun, 22 Nov 2026 12:00:00 GMT");
        let (tag, since) = (header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE);
        assert!(!check(&[]));
        assert!(check(&[(tag.clone(), "\"y\", W/\"x\"")]));
        assert!(check(&[(tag.clone(), "*")]));
        assert!(!check(&[
            (tag.clone(), "\"y\""),
            (since.clone(), "Sun, 22 Nov 2026 12:00:00 GMT")
        ]));
        assert!(check(&[(since.clone(), "Sun, 22 Nov 2026 12:00:00 GMT")]));
        assert!(!check(&[(since.clone(), "Sun, 22 Nov 2026 11:59:59 GMT")]));
        assert!(!check(&[(since, "yesterday")]));
    }

    #[test]
    fn only_digests_name_a_part() {
        let digest = "ab".repeat(32);
        let both = format!("{digest}..{digest}");
        assert!(one_or_two(&digest, Place::Charter, Place::Charters).is_some());
        assert!(one_or_two(&both, Place::Charter, Place::Charters).is_some());
        for other in ["", "..", "../../etc/passwd", "ab", &digest[1..], "model"] {
            assert_eq!(
                one_or_two(other, Place::Charter, Place::Charters),
                None,
                "{other}"
            );
        }
    }
}
