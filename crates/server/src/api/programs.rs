//! Programs over the API, for a team that keeps them in git: planned, put in force or forward, approved, put back,
//! while the server runs. Who does it is the holder of the key, and nobody else that a request could name.
//!
//! Deliberately does not know: the rules of putting programs in force (`program::acts`), what a program says.

use super::unavailable;
use crate::app::App;
use crate::auth::Author;
use crate::ingest::{self, Code};
use crate::problem::{FieldProblem, Problem};
use crate::program::acts::{self, Error, Told};
use crate::program::read;
use ::program::{Program, Severity, pack};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use gate::NotApplied;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocabulary::Digest;

/// Longest body: a whole program with the lengths and paths of its files, bytes.
const MAX_PACKED: usize = pack::MAX_BYTES + pack::MAX_FILES * (pack::MAX_PATH + 16) + 64;
/// Faults of a program that are told at once.
const MOST_FAULTS: usize = 200;

/// What was done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Done {
    /// Whom the log and the history name: the holder of the key.
    by: String,
    /// The program it is about.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    /// The number under which it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    /// In plain words, line by line.
    lines: Vec<String>,
    /// Of a history: the lines that say what takes no effect until somebody does something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits: Vec<String>,
}

impl Done {
    fn by(author: Author, told: Told) -> Json<Done> {
        Json(Done {
            by: author.name,
            digest: told.digest,
            number: told.number,
            lines: told.lines,
            waits: told.waits,
        })
    }
}

/// What must be in force now.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Against {
    /// A digest, or `none`; what is in force when the request comes, if it is not said.
    against: Option<String>,
}

/// Which program of before.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Back {
    /// Its digest; the one before if it is not said.
    #[param(value_type = Option<String>)]
    digest: Option<Digest>,
}

/// The programs that were put in force, the one in force first, and those that wait for a second person.
#[utoipa::path(
    get,
    path = "/v1/programs",
    responses(
        (status = 200, body = Done),
        (status = 401, description = "no API key"),
        (status = 403, description = "the key is not one of `program_keys`"),
        (status = 503, description = "the store does not answer"),
    ),
    security(("api_key" = []))
)]
pub(super) async fn history(State(app): State<App>, author: Author) -> Result<Json<Done>, Problem> {
    acts::history(&app)
        .await
        .map(|told| Done::by(author, told))
        .map_err(no)
}

/// What putting a program in force would change. A sample of people is looked at; the log says so before anybody is.
#[utoipa::path(
    post,
    path = "/v1/programs/plan",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "the program in its canonical form, as `egard program plan` sends it"),
    responses(
        (status = 200, body = Done),
        (status = 401, description = "no API key"),
        (status = 403, description = "the key is not one of `program_keys`"),
        (status = 413, description = "too large"),
        (status = 422, description = "the program has faults; each with its file and line"),
        (status = 503, description = "the store does not answer, or somebody else's plan is reckoned"),
    ),
    security(("api_key" = []))
)]
pub(super) async fn plan(State(app): State<App>, author: Author, body: Body) -> Result<Json<Done>, Problem> {
    let to = program(body).await?;
    let Ok(_alone) = app.automatic.previewing.try_lock() else {
        return Err(Problem::unavailable(1));
    };
    acts::plan(&app, &to)
        .await
        .map(|told| Done::by(author, told))
        .map_err(no)
}

/// Puts a program in force, or forward where a second person must approve it.
#[utoipa::path(
    post,
    path = "/v1/programs/apply",
    params(Against),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "the program in its canonical form, as `egard program apply` sends it"),
    responses(
        (status = 200, body = Done),
        (status = 401, description = "no API key"),
        (status = 403, description = "the key is not one of `program_keys`"),
        (status = 409, description = "`overtaken`: another program is in force than was said; `unapproved`: it waits for a second person; `deadline-moved`: a deadline that people were told would move"),
        (status = 413, description = "too large"),
        (status = 422, description = "the program has faults; each with its file and line"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub(super) async fn apply(
    State(app): State<App>,
    author: Author,
    Query(asked): Query<Against>,
    body: Body,
) -> Result<Json<Done>, Problem> {
    let against = match asked.against.as_deref() {
        None => None,
        Some("none") => Some(None),
        Some(text) => Some(Some(text.parse().map_err(|_| {
            Problem::bad_request("`against` is the digest of a program, or `none`")
        })?)),
    };
    let to = program(body).await?;
    let told = acts::apply(&app, &to, &author.name, against).await;
    told.map(|told| Done::by(author, told)).map_err(no)
}

/// Says yes to a program that somebody else put forward.
#[utoipa::path(
    post,
    path = "/v1/programs/{digest}/approve",
    params(("digest" = String, Path, description = "the digest of this very program")),
    responses(
        (status = 200, body = Done),
        (status = 401, description = "no API key"),
        (status = 403, description = "the key is not one of `program_keys`"),
        (status = 404, description = "no such program waits"),
        (status = 409, description = "`same-person`: the holder of the key put it forward"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub(super) async fn approve(
    State(app): State<App>,
    author: Author,
    Path(digest): Path<String>,
) -> Result<Json<Done>, Problem> {
    let digest: Digest = digest.parse().map_err(|_| Problem::not_found("program"))?;
    let told = acts::approve(&app, digest, &author.name).await;
    told.map(|told| Done::by(author, told)).map_err(no)
}

/// Puts a program of before in force again.
#[utoipa::path(
    post,
    path = "/v1/programs/rollback",
    params(Back),
    responses(
        (status = 200, body = Done),
        (status = 401, description = "no API key"),
        (status = 403, description = "the key is not one of `program_keys`"),
        (status = 404, description = "it was never in force, or there is none before"),
        (status = 409, description = "`overtaken`: somebody else was quicker; `damaged`: it is not kept any more"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub(super) async fn rollback(
    State(app): State<App>,
    author: Author,
    Query(back): Query<Back>,
) -> Result<Json<Done>, Problem> {
    let told = acts::put_back(&app, back.digest, &author.name).await;
    told.map(|told| Done::by(author, told)).map_err(no)
}

/// The program of a body; its faults are told with file and line.
async fn program(body: Body) -> Result<Program, Problem> {
    let bytes = ingest::read_body(body, MAX_PACKED)
        .await
        .map_err(|code| match code {
            Code::PayloadTooLarge => Problem::too_large(MAX_PACKED),
            _ => Problem::bad_request("the body ended before its announced length"),
        })?;
    let made = tokio::task::spawn_blocking(move || pack::unpack(&bytes).map(read)).await;
    let made = made.map_err(|_| Problem::internal())?;
    let read = made.map_err(|_| Problem::bad_request("the body is no program in its canonical form"))?;
    let faults = match read {
        Ok((program, _)) => return Ok(program),
        Err(faults) => faults,
    };
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error);
    let told = errors
        .take(MOST_FAULTS)
        .map(|fault| FieldProblem::new("", &fault.to_string()));
    Err(Problem::invalid(told.collect()))
}

fn no(error: Error) -> Problem {
    let (status, code, title) = match &error {
        Error::Gate(_) => {
            return match error {
                Error::Gate(error) => unavailable(error),
                _ => Problem::internal(),
            };
        }
        Error::NotApplied(
            NotApplied::NotAsked(_) | NotApplied::NeverApplied(_) | NotApplied::NothingBefore,
        ) => (StatusCode::NOT_FOUND, "not-found", "nothing is here"),
        Error::NotApplied(NotApplied::Overtaken(_)) => {
            (StatusCode::CONFLICT, "overtaken", "another program is in force")
        }
        Error::NotApplied(NotApplied::Unapproved(_)) => (
            StatusCode::CONFLICT,
            "unapproved",
            "a second person must approve it",
        ),
        Error::NotApplied(NotApplied::SamePerson(_)) => (
            StatusCode::CONFLICT,
            "same-person",
            "a second person must look at it",
        ),
        Error::NotApplied(NotApplied::Damaged(_)) | Error::Unreadable { .. } => (
            StatusCode::CONFLICT,
            "damaged",
            "the program cannot be used any more",
        ),
        Error::NotApplied(NotApplied::Who) => {
            (StatusCode::FORBIDDEN, "who", "the name of the key names nobody")
        }
        Error::Deadline(_) => (
            StatusCode::CONFLICT,
            "deadline-moved",
            "a deadline would be moved",
        ),
        Error::Figures(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "some fields are not as they should be",
        ),
    };
    Problem::new(status, code, title).detail(&error.to_string())
}
