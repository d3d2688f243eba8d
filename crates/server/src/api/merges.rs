//! A visitor becomes part of a person who is known, when the person said yes to it, and is parted again.
//!
//! Deliberately does not know: how the person was asked, and what is taken over.

use super::{Body, unavailable};
use crate::app::App;
use crate::auth::Caller;
use crate::identifier::{Identifier, Named};
use crate::ingest::clock::rfc3339;
use crate::problem::{FieldProblem, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gate::NotJoined;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who is to be joined.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VisitorJoined {
    /// The site's identifier of the person, as it is sent with events.
    pub user_id: Identifier,
    /// The browser's identifier of the visitor, likewise.
    pub anonymous_id: Identifier,
    /// The person, signed in, said that the visitor was them and that the two may be joined: `true`.
    /// Without it nothing is joined.
    pub consent: bool,
}

/// Who is to be parted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VisitorParted {
    /// The site's identifier of the person.
    pub user_id: Identifier,
    /// The browser's identifier of the visitor.
    pub anonymous_id: Identifier,
}

/// They are joined.
#[derive(Serialize, ToSchema)]
pub struct Joined {
    /// Until when it can be undone, RFC 3339.
    #[schema(example = "2026-12-22T12:00:00Z")]
    pub undo_until: String,
}

/// Joins a visitor to a person: what was known of the visitor is known of the person, and for each purpose
/// the stricter choice of the two stands. The same call again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/merges",
    request_body = VisitorJoined,
    responses(
        (status = 200, body = Joined),
        (status = 401, description = "no API key"),
        (status = 404, description = "nobody is known by one of the two identifiers"),
        (status = 409, description = "these two cannot be joined; the detail says why"),
        (status = 422, description = "no consent, or an identifier that names nobody"),
    ),
    security(("api_key" = []))
)]
pub async fn join(
    State(app): State<App>,
    caller: Caller,
    Body(wanted): Body<VisitorJoined>,
) -> Result<Json<Joined>, Problem> {
    let mut errors = Vec::new();
    let named = Named::read(Some(&wanted.user_id), Some(&wanted.anonymous_id), &mut errors);
    if !wanted.consent {
        let detail = "two histories are joined only when the person said yes to it: `true`";
        errors.push(FieldProblem::new("/consent", detail));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let joined = app.gate.join(&named.whom(), &caller.name, app.now()).await;
    let until = joined.map_err(unavailable)?.map_err(refused)?;
    Ok(Json(Joined {
        undo_until: rfc3339(until),
    }))
}

/// Parts a visitor from a person again, within 30 days. What was refused meanwhile stays refused for both.
#[utoipa::path(
    post,
    path = "/v1/merges/undo",
    request_body = VisitorParted,
    responses(
        (status = 204, description = "they are parted"),
        (status = 401, description = "no API key"),
        (status = 404, description = "nobody is known by one of the two identifiers"),
        (status = 409, description = "they are not joined, or were joined too long ago"),
        (status = 422, description = "an identifier that names nobody"),
    ),
    security(("api_key" = []))
)]
pub async fn part(
    State(app): State<App>,
    caller: Caller,
    Body(unwanted): Body<VisitorParted>,
) -> Result<StatusCode, Problem> {
    let mut errors = Vec::new();
    let named = Named::read(Some(&unwanted.user_id), Some(&unwanted.anonymous_id), &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let parted = app.gate.part(&named.whom(), &caller.name, app.now()).await;
    parted.map_err(unavailable)?.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

fn refused(why: NotJoined) -> Problem {
    match why {
        NotJoined::Unknown => Problem::not_found("person").detail(&why.to_string()),
        _ => Problem::new(StatusCode::CONFLICT, "not-joined", "nothing was changed").detail(&why.to_string()),
    }
}
