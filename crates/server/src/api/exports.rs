//! The answer to a request for access or portability, made anew whenever it is fetched: complete, and
//! never lying about.
//!
//! Deliberately does not know: what is in it.

use super::records::show_id;
use super::rights_requests::{can_fetch, parse, problem};
use super::signals;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::rights::{self, Form};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use gate::Subject;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which form.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Wished {
    /// `json` (the default) or `csv`.
    pub form: Option<String>,
}

/// The answer to a request for access or portability, made as it is fetched.
#[utoipa::path(
    get,
    path = "/v1/rights-requests/{id}/export",
    params(("id" = String, Path, description = "the request's UUID"), Wished),
    responses(
        (status = 200, description = "everything that is kept; its form is `/v1/rights-requests/export.schema.json`", body = Object),
        (status = 403, description = "the charter refuses"),
        (status = 404, description = "no such request, no answer to fetch, or its person was erased"),
    ),
    security(("api_key" = []))
)]
pub async fn export(
    State(app): State<App>,
    _caller: Caller,
    Path(id): Path<String>,
    Query(wished): Query<Wished>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = match wished.form.as_deref() {
        None | Some("json") => Form::Json,
        Some("csv") => Form::Csv,
        Some(_) => return Err(Problem::bad_request("`form` is `json` or `csv`")),
    };
    let known = rights::find(&app, parse(&id)?).await.map_err(problem)?;
    if !can_fetch(&app, &known) {
        return Err(Problem::not_found(
            "answer to fetch; it can be fetched for thirty days",
        ));
    }
    let subject = Subject::Request(known.id);
    let right = known.house.request.right;
    let made = rights::export(&app, subject, right, form, signals(&headers)).await;
    match made.map_err(problem)? {
        Some(exported) => Ok(download(exported, form)),
        None => Err(Problem::not_found("answer to fetch")),
    }
}

/// The JSON Schema of the export.
#[utoipa::path(
    get,
    path = "/v1/rights-requests/export.schema.json",
    responses((status = 200, description = "JSON Schema 2020-12", body = Object))
)]
pub async fn schema() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/schema+json")];
    (kind, decide::rights::SCHEMA).into_response()
}

/// An export as a file that no cache keeps and no browser runs.
pub(crate) fn download(exported: rights::Exported, form: Form) -> Response {
    let (kind, place) = match form {
        Form::Json => ("application/json", "attachment; filename=\"my-data.json\""),
        Form::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"my-data.csv\""),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, place.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::HeaderName::from_static("egard-record"),
            show_id(exported.record),
        ),
    ];
    (headers, exported.bytes).into_response()
}
