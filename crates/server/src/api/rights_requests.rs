//! Requests for a right, on behalf of the person: opened, followed, taken back, answered. The caller
//! vouches for whom it speaks. No identifier stands in an address.
//!
//! Deliberately does not know: how a right is carried out.

use super::{Body, signals, unavailable};
use crate::app::App;
use crate::auth::Caller;
use crate::identifier::{Identifier, Named};
use crate::problem::Problem;
use crate::rights::{
    self, Asked, By, Denial, ExtensionReason, Fault, Known, Right, Status, Step, Urgency, Via,
};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use gate::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use vocabulary::{DAY_MS, PurposeName};

/// Days after the answer within which it can be fetched; later a new request is one click away.
const FETCH_DAYS: i64 = 30;

/// What is asked, and for whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RightWanted {
    /// The site's identifier of the person.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// The browser's identifier of the visitor.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
    /// `access`, `portability`, `rectification`, `restriction`, `objection`, `erasure`,
    /// `withdraw-all` or `human-review`.
    #[schema(value_type = String, example = "access")]
    pub right: Right,
    /// What the person says, at most 4000 bytes.
    #[serde(default)]
    pub words: Option<String>,
    /// What is to be corrected, at most 50. Without any, a human reads `words`.
    #[serde(default)]
    pub corrections: Vec<Correction>,
    /// The record of the decision that a human is to look at.
    #[serde(default)]
    pub record: Option<String>,
    /// Who is told of each step, at most 4: addresses under `rights.callbacks` of the settings.
    #[serde(default)]
    pub callbacks: Vec<String>,
}

/// One trait to be corrected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Its name.
    pub name: String,
    /// The right value; `null` to remove it for good.
    #[schema(value_type = Object)]
    pub value: Option<Value>,
}

/// Somebody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Somebody {
    /// The site's identifier of the person.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// The browser's identifier of the visitor.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
}

/// A step that staff take.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "step")]
pub enum StaffStep {
    /// Ask the person to show who they are (GDPR art. 12(6)); `words` say which doubt there is.
    AskVerification {
        /// For the person.
        words: String,
    },
    /// They did.
    Verified {},
    /// Begin.
    Start {},
    /// Two more months (GDPR art. 12(3)).
    Extend {
        /// `complexity` or `number_of_requests`.
        reason: String,
        /// For the person.
        words: String,
    },
    /// Done.
    Fulfil {
        /// What was found and done, for the person.
        words: String,
    },
    /// Refused (GDPR art. 12(4)).
    Deny {
        /// A reason of the Data Rights Protocol, such as `claim_not_covered`.
        reason: String,
        /// For the person: why, and where they can complain.
        words: String,
    },
}

/// A request.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestAnswer {
    /// Its identity, a UUID.
    pub id: String,
    /// Which right.
    pub right: &'static str,
    /// The article of the GDPR.
    pub article: &'static str,
    /// `open`, `need_user_verification`, `in_progress`, `fulfilled`, `revoked`, `expired`, `denied`.
    pub status: &'static str,
    /// Why it was denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<&'static str>,
    /// When it was received, RFC 3339.
    pub received: String,
    /// The day by whose end it is answered.
    pub due: String,
    /// The last day that the law allows, where `due` is no working day.
    pub latest: String,
    /// `calm`, `soon` or `overdue`.
    pub urgency: &'static str,
    /// Why the period was prolonged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<&'static str>,
    /// The steps behind it.
    pub steps: Vec<StepAnswer>,
    /// Where the answer can be fetched, for thirty days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
    /// Of an erasure that was carried out: what the person is to be given as its proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<ErasureCertificate>,
    /// Of a human review that is open: the purposes for which no program decides about the person meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub silent: Vec<PurposeName>,
}

/// The certificate of an erasure. It holds no identifier, and is found by nothing that does.
#[derive(Serialize, ToSchema)]
pub struct ErasureCertificate {
    /// Its record.
    pub record: String,
    /// Where it can be fetched, with no key and for good: the person may have this address. Its proof is
    /// there about a second after the erasure.
    pub url: String,
}

/// A step that was taken.
#[derive(Serialize, ToSchema)]
pub struct StepAnswer {
    /// When, RFC 3339.
    pub at: String,
    /// Where it led.
    pub status: &'static str,
    /// `person`, `staff` or `system`.
    pub by: &'static str,
}

/// Some requests.
#[derive(Serialize, ToSchema)]
pub struct RequestsAnswer {
    /// They.
    pub requests: Vec<RequestAnswer>,
    /// What `after` is for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// `next` of the page before.
    pub after: Option<String>,
}

/// Opens a request and, where a program can, answers it at once.
#[utoipa::path(
    post,
    path = "/v1/rights-requests",
    request_body = RightWanted,
    responses(
        (status = 201, body = RequestAnswer, description = "opened, or the one that is open already"),
        (status = 401, description = "no API key"),
        (status = 403, description = "the charter refuses"),
        (status = 422, description = "a field is not as it should be"),
        (status = 429, description = "too many requests of this person"),
    ),
    security(("api_key" = []))
)]
pub async fn open(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(wanted): Body<RightWanted>,
) -> Result<Response, Problem> {
    let corrections = wanted.corrections.into_iter().map(|correction| {
        let value = correction.value.map(|value| value.to_string());
        (correction.name, value)
    });
    let asked = Asked {
        words: wanted.words,
        corrections: corrections.collect(),
        record: wanted.record,
        callbacks: wanted.callbacks,
        controller: Some(caller.name),
        id: None,
    };
    let named = named(wanted.user_id.as_ref(), wanted.anonymous_id.as_ref())?;
    let opened = rights::open(
        &app,
        &named.whom(),
        wanted.right,
        Via::Api,
        asked,
        signals(&headers),
    )
    .await;
    let answer = show(&app, &opened.map_err(problem)?);
    let place = format!("/v1/rights-requests/{}", answer.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(answer)).into_response())
}

/// The requests of one person, newest first.
#[utoipa::path(
    post,
    path = "/v1/rights-requests/find",
    request_body = Somebody,
    responses((status = 200, body = RequestsAnswer), (status = 401, description = "no API key")),
    security(("api_key" = []))
)]
pub async fn of(
    State(app): State<App>,
    _caller: Caller,
    headers: HeaderMap,
    Body(wanted): Body<Somebody>,
) -> Result<Json<RequestsAnswer>, Problem> {
    let named = named(wanted.user_id.as_ref(), wanted.anonymous_id.as_ref())?;
    let mine = rights::of(&app, &named.whom(), signals(&headers))
        .await
        .map_err(problem)?;
    Ok(Json(RequestsAnswer {
        requests: mine.iter().map(|known| show(&app, known)).collect(),
        next: None,
    }))
}

/// The requests about which something is still to be done, whoever's they are.
#[utoipa::path(
    get,
    path = "/v1/rights-requests",
    params(Page),
    responses((status = 200, body = RequestsAnswer), (status = 401, description = "no API key")),
    security(("api_key" = []))
)]
pub async fn pending(
    State(app): State<App>,
    _caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<RequestsAnswer>, Problem> {
    let after = match &page.after {
        None => None,
        Some(text) => Some(
            RequestId::parse(text)
                .ok_or_else(|| Problem::bad_request("`after` is `next` of another page"))?,
        ),
    };
    let ids = app.gate.pending_requests(after).await.map_err(unavailable)?;
    let mut requests = Vec::with_capacity(ids.len());
    for id in &ids {
        match rights::find(&app, *id).await {
            Ok(known) => requests.push(show(&app, &known)),
            Err(Fault::NoRequest) => {}
            Err(fault) => return Err(problem(fault)),
        }
    }
    Ok(Json(RequestsAnswer {
        requests,
        next: ids.last().map(RequestId::to_string),
    }))
}

/// One request.
#[utoipa::path(
    get,
    path = "/v1/rights-requests/{id}",
    params(("id" = String, Path, description = "the request's UUID")),
    responses((status = 200, body = RequestAnswer), (status = 404, description = "no such request")),
    security(("api_key" = []))
)]
pub async fn one(
    State(app): State<App>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RequestAnswer>, Problem> {
    let known = rights::find(&app, parse(&id)?).await.map_err(problem)?;
    Ok(Json(show(&app, &known)))
}

/// Takes a request back.
#[utoipa::path(
    delete,
    path = "/v1/rights-requests/{id}",
    params(("id" = String, Path, description = "the request's UUID")),
    responses(
        (status = 200, body = RequestAnswer),
        (status = 404, description = "no such request"),
        (status = 409, description = "it has ended, or cannot be undone"),
    ),
    security(("api_key" = []))
)]
pub async fn revoke(
    State(app): State<App>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RequestAnswer>, Problem> {
    let revoked = rights::advance(&app, parse(&id)?, Step::Revoke, By::Person, None).await;
    Ok(Json(show(&app, &revoked.map_err(problem)?)))
}

/// A step that staff take. What they say goes into the person's own record.
#[utoipa::path(
    patch,
    path = "/v1/rights-requests/{id}",
    params(("id" = String, Path, description = "the request's UUID")),
    request_body = StaffStep,
    responses(
        (status = 200, body = RequestAnswer),
        (status = 404, description = "no such request"),
        (status = 409, description = "the step is not possible from here"),
        (status = 422, description = "a reason that there is not, or no words for the person"),
    ),
    security(("api_key" = []))
)]
pub async fn advance(
    State(app): State<App>,
    _caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(step): Body<StaffStep>,
) -> Result<Json<RequestAnswer>, Problem> {
    let id = parse(&id)?;
    let (step, words) = read_step(step)?;
    let mut known = rights::advance(&app, id, step, By::Staff, words)
        .await
        .map_err(problem)?;
    if known.house.request.status == Status::Open {
        // Verified: what a program can do is done now.
        known = rights::carry_out(&app, id, signals(&headers))
            .await
            .map_err(problem)?;
    }
    Ok(Json(show(&app, &known)))
}

/// A request as the API shows it.
pub(crate) fn show(app: &App, known: &Known) -> RequestAnswer {
    let request = &known.house.request;
    let due = request.due();
    RequestAnswer {
        id: known.id.to_string(),
        right: request.right.as_str(),
        article: request.right.article(),
        status: request.status.as_str(),
        denial: match request.status {
            Status::Denied(denial) => Some(denial.as_str()),
            _ => None,
        },
        received: decide::rights::time(request.received),
        due: decide::rights::date(due),
        latest: decide::rights::date(decide::rights::latest(due, &app.office.holidays)),
        urgency: match request.urgency(app.now().day()) {
            Urgency::Calm => "calm",
            Urgency::Soon => "soon",
            Urgency::Overdue => "overdue",
        },
        extension: request.extension.map(|extension| extension.reason.as_str()),
        steps: request
            .steps
            .iter()
            .map(|taken| StepAnswer {
                at: decide::rights::time(taken.at),
                status: taken.status.as_str(),
                by: taken.by.as_str(),
            })
            .collect(),
        certificate: known.house.certificate.as_ref().map(|record| ErasureCertificate {
            record: record.clone(),
            url: format!("{}/me/certificates/{record}", app.office.public_url),
        }),
        silent: match request.status.is_final() {
            true => Vec::new(),
            false => known.house.contested.clone(),
        },
        export: can_fetch(app, known).then(|| format!("/v1/rights-requests/{}/export", known.id)),
    }
}

pub(super) fn can_fetch(app: &App, known: &Known) -> bool {
    let request = &known.house.request;
    known.linked
        && request.status == Status::Fulfilled
        && matches!(request.right, Right::Access | Right::Portability)
        && app.now().since(request.changed_at()) < FETCH_DAYS * DAY_MS
}

/// How a fault is told.
pub(crate) fn problem(fault: Fault) -> Problem {
    let words = fault.to_string();
    match fault {
        Fault::Gate(error) => unavailable(error),
        Fault::NoRequest => Problem::not_found("request"),
        Fault::Step(_) | Fault::IdTaken => {
            Problem::new(StatusCode::CONFLICT, "step", "the request cannot take this step").detail(&words)
        }
        Fault::Charter(_) => {
            Problem::new(StatusCode::FORBIDDEN, "refused", "the charter refuses").detail(&words)
        }
        Fault::TooMany => {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "too many requests").detail(&words)
        }
        Fault::Correction(at) => Problem::invalid(Vec::new()).field(&format!("/corrections/{at}"), &words),
        Fault::Callback(at) => Problem::invalid(Vec::new()).field(&format!("/callbacks/{at}"), &words),
        Fault::TooLong(field) => Problem::invalid(Vec::new()).field(&format!("/{field}"), &words),
        Fault::Stored => {
            tracing::error!("{words}");
            Problem::internal()
        }
    }
}

pub(super) fn parse(id: &str) -> Result<RequestId, Problem> {
    RequestId::parse(id).ok_or_else(|| Problem::not_found("request"))
}

fn named<'a>(user: Option<&'a Identifier>, anonymous: Option<&'a Identifier>) -> Result<Named<'a>, Problem> {
    let mut errors = Vec::new();
    let named = Named::read(user, anonymous, &mut errors);
    let named = named.needed("/userId", "say whom: `userId` or `anonymousId`", &mut errors);
    match errors.is_empty() {
        true => Ok(named),
        false => Err(Problem::invalid(errors)),
    }
}

fn read_step(step: StaffStep) -> Result<(Step, Option<String>), Problem> {
    let reason = |words: &str| Problem::invalid(Vec::new()).field("/reason", words);
    let (step, words) = match step {
        StaffStep::AskVerification { words } => (Step::AskVerification, Some(words)),
        StaffStep::Verified {} => (Step::Verified, None),
        StaffStep::Start {} => (Step::Start, None),
        StaffStep::Extend { reason: name, words } => {
            let found = ExtensionReason::parse(&name);
            let found = found.ok_or_else(|| reason("say `complexity` or `number_of_requests`"))?;
            (Step::Extend(found), Some(words))
        }
        StaffStep::Fulfil { words } => (Step::Fulfil, Some(words)),
        StaffStep::Deny { reason: name, words } => {
            let names = Denial::ALL.map(Denial::as_str).join("`, `");
            let found = Denial::parse(&name);
            (
                Step::Deny(found.ok_or_else(|| reason(&format!("say one of `{names}`")))?),
                Some(words),
            )
        }
    };
    if words.as_ref().is_some_and(|words| words.trim().is_empty()) {
        let problem = Problem::invalid(Vec::new());
        return Err(problem.field("/words", "say in words what the person is to know"));
    }
    let words = words.map(|words| serde_json::json!({ "words": words }).to_string());
    Ok((step, words))
}
