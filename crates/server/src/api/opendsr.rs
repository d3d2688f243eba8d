//! OpenDSR 2.0, for controllers for whom this installation is a processor: discovery, requests,
//! their status, cancellation; every answer signed. Signatures are Ed25519 over the bytes of the body,
//! and the key stands at `/opendsr/key.pem`: where the specification asks for an X.509 certificate, the
//! TLS of the public address vouches for the key.
//!
//! Deliberately does not know: how a right is carried out.

use super::unavailable;
use crate::app::App;
use crate::auth::Caller;
use crate::identifier;
use crate::problem::Problem;
use crate::rights::{self, Asked, By, Fault, Known, Right, Status, Step, Via};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::{RequestId, Whom};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use vocabulary::Signals;

const VERSION: &str = "2.0";
/// The identity by which we know people: the site's own identifier.
const IDENTITY: &str = "controller_customer_id";
/// Most identities that are looked at.
const MAX_IDENTITIES: usize = 50;

/// A request of a controller. Members that are not named here are passed over.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct SubjectRequest {
    /// `gdpr` or `ccpa`.
    pub regulation: String,
    /// The controller's identity of the request, a UUID of version 4.
    pub subject_request_id: String,
    /// `access`, `portability` or `erasure`.
    pub subject_request_type: String,
    /// When the person asked, RFC 3339.
    pub submitted_time: String,
    /// Who they are: one `controller_customer_id`, `raw`.
    pub subject_identities: Vec<SubjectIdentity>,
    /// Who is told of each step, at most 4.
    #[serde(default)]
    pub status_callback_urls: Vec<String>,
}

/// One identity of a person.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct SubjectIdentity {
    /// Of which kind.
    pub identity_type: String,
    /// The identity.
    pub identity_value: String,
    /// `raw`, or a hash of it.
    pub identity_format: String,
}

/// What can be asked here, and how.
#[utoipa::path(get, path = "/opendsr/discovery", responses((status = 200, description = "OpenDSR discovery", body = Object)))]
pub async fn discovery(State(app): State<App>) -> Response {
    let body = json!({
        "api_version": VERSION,
        "processor_certificate": format!("{}/opendsr/key.pem", app.office.public_url),
        "supported_identities": [{ "identity_format": "raw", "identity_type": IDENTITY }],
        "supported_subject_request_types": ["access", "portability", "erasure"],
    });
    signed(&app, StatusCode::OK, &body)
}

/// The public key of our signatures, PEM (RFC 8410).
#[utoipa::path(get, path = "/opendsr/key.pem", responses((status = 200, description = "Ed25519 public key", body = String)))]
pub async fn key(State(app): State<App>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/x-pem-file")];
    (kind, rights::spki_pem(&app.gate.signing_key())).into_response()
}

/// Takes a request in. Sent again, it is answered again.
#[utoipa::path(
    post,
    path = "/opendsr/requests",
    request_body = SubjectRequest,
    responses(
        (status = 201, description = "received; signed", body = Object),
        (status = 400, description = "an OpenDSR error", body = Object),
        (status = 401, description = "no API key"),
    ),
    security(("api_key" = []))
)]
pub async fn receive(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Problem> {
    let bytes = super::read(request).await?;
    let read = match read(&bytes) {
        Ok(read) => read,
        Err(message) => return Ok(refused(StatusCode::BAD_REQUEST, &message)),
    };
    let known = match taken_in(&app, &caller, read).await {
        Ok(known) => known,
        Err(Fault::Gate(error)) => return Err(unavailable(error)),
        Err(fault) => return Ok(refused(StatusCode::BAD_REQUEST, &fault.to_string())),
    };
    let body = json!({
        "controller_id": caller.name,
        "encoded_request": STANDARD.encode(&bytes),
        "expected_completion_time": rights::expected(&known),
        "received_time": decide::rights::time(known.house.request.received),
        "subject_request_id": known.id.to_string(),
    });
    Ok(signed(&app, StatusCode::CREATED, &body))
}

/// Where a request stands.
#[utoipa::path(
    get,
    path = "/opendsr/requests/{id}",
    params(("id" = String, Path, description = "`subject_request_id`")),
    responses((status = 200, description = "its status; signed", body = Object), (status = 404, description = "no such request")),
    security(("api_key" = []))
)]
pub async fn status(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let known = theirs(&app, &caller, &id).await?;
    let request = &known.house.request;
    let results = request.status == Status::Fulfilled && request.right != Right::Erasure;
    let results = results.then(|| {
        let place = format!("/v1/rights-requests/{}/export", known.id);
        format!("{}{place}", app.office.public_url)
    });
    let mut body = json!({
        "api_version": VERSION,
        "controller_id": caller.name,
        "expected_completion_time": rights::expected(&known),
        "request_status": rights::opendsr_status(request.status),
        "subject_request_id": known.id.to_string(),
    });
    if let (Some(results), Some(members)) = (results, body.as_object_mut()) {
        members.insert("results_url".to_owned(), Value::String(results));
    }
    Ok(signed(&app, StatusCode::OK, &body))
}

/// Takes a request back, while it is pending.
#[utoipa::path(
    delete,
    path = "/opendsr/requests/{id}",
    params(("id" = String, Path, description = "`subject_request_id`")),
    responses(
        (status = 202, description = "cancelled; signed", body = Object),
        (status = 400, description = "it is not pending any more", body = Object),
        (status = 404, description = "no such request"),
    ),
    security(("api_key" = []))
)]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let known = theirs(&app, &caller, &id).await?;
    if rights::opendsr_status(known.house.request.status) != "pending" {
        return Ok(refused(
            StatusCode::BAD_REQUEST,
            "the request is not pending any more",
        ));
    }
    match rights::advance(&app, known.id, Step::Revoke, By::Person, None).await {
        Ok(_) => {}
        Err(Fault::Gate(error)) => return Err(unavailable(error)),
        Err(fault) => return Ok(refused(StatusCode::BAD_REQUEST, &fault.to_string())),
    }
    let body = json!({
        "api_version": VERSION,
        "controller_id": caller.name,
        "received_time": decide::rights::time(app.now()),
        "subject_request_id": known.id.to_string(),
    });
    Ok(signed(&app, StatusCode::ACCEPTED, &body))
}

/// A request that can be understood.
struct Read {
    id: RequestId,
    right: Right,
    person: String,
    callbacks: Vec<String>,
}

/// Nothing of what was sent is repeated in the error.
fn read(bytes: &[u8]) -> Result<Read, String> {
    let request: SubjectRequest =
        serde_json::from_slice(bytes).map_err(|_| "a member is missing or of the wrong type".to_owned())?;
    if !matches!(request.regulation.as_str(), "gdpr" | "ccpa") {
        return Err("`regulation` is `gdpr` or `ccpa`".to_owned());
    }
    let right = match request.subject_request_type.as_str() {
        "access" => Right::Access,
        "portability" => Right::Portability,
        "erasure" => Right::Erasure,
        _ => return Err("`subject_request_type` is `access`, `portability` or `erasure`".to_owned()),
    };
    let id = RequestId::parse(&request.subject_request_id)
        .filter(|id| id.0.get(6).is_some_and(|version| version >> 4 == 4))
        .ok_or_else(|| "`subject_request_id` is a UUID of version 4".to_owned())?;
    if request.submitted_time.parse::<jiff::Timestamp>().is_err() {
        return Err("`submitted_time` is an RFC 3339 time".to_owned());
    }
    let mut people: Vec<&str> = request
        .subject_identities
        .iter()
        .take(MAX_IDENTITIES)
        .filter(|identity| identity.identity_type == IDENTITY && identity.identity_format == "raw")
        .map(|identity| identity.identity_value.as_str())
        .collect();
    people.dedup();
    let [person] = people.as_slice() else {
        return Err(format!(
            "`subject_identities` holds one `{IDENTITY}` in the format `raw`: one person a request"
        ));
    };
    identifier::check(person).map_err(|fault| fault.to_string())?;
    Ok(Read {
        id,
        right,
        person: (*person).to_owned(),
        callbacks: request.status_callback_urls,
    })
}

async fn taken_in(app: &App, caller: &Caller, read: Read) -> Result<Known, Fault> {
    // Sent again after an answer that was lost: the same answer.
    match rights::find(app, read.id).await {
        Err(Fault::NoRequest) => {}
        Ok(known) if is_theirs(&known, caller) && known.house.request.right == read.right => {
            return Ok(known);
        }
        Ok(_) => return Err(Fault::IdTaken),
        Err(fault) => return Err(fault),
    }
    let whom = Whom {
        user_id: Some(&read.person),
        anonymous_id: None,
    };
    let asked = Asked {
        callbacks: read.callbacks,
        controller: Some(caller.name.clone()),
        id: Some(read.id),
        ..Asked::default()
    };
    rights::open(app, &whom, read.right, Via::Opendsr, asked, Signals::default()).await
}

fn is_theirs(known: &Known, caller: &Caller) -> bool {
    known.house.request.via == Via::Opendsr && known.house.controller.as_deref() == Some(&caller.name)
}

/// A request of this controller; another's is as unknown as none.
async fn theirs(app: &App, caller: &Caller, id: &str) -> Result<Known, Problem> {
    let none = || Problem::not_found("request");
    let id = RequestId::parse(id).ok_or_else(none)?;
    match rights::find(app, id).await {
        Ok(known) if is_theirs(&known, caller) => Ok(known),
        Ok(_) | Err(Fault::NoRequest) => Err(none()),
        Err(fault) => Err(super::rights_requests::problem(fault)),
    }
}

fn signed(app: &App, status: StatusCode, body: &Value) -> Response {
    let bytes = body.to_string().into_bytes();
    let headers = rights::signed_headers(app, &bytes);
    let kind = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, kind, headers, bytes).into_response()
}

/// The specification's own form of an error.
fn refused(status: StatusCode, message: &str) -> Response {
    let body = json!({
        "error": { "code": status.as_u16(), "message": message, "errors": [{ "domain": "Validation", "message": message, "reason": "invalid" }] }
    });
    let kind = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, kind, body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(change: impl Fn(&mut Value)) -> Result<Read, String> {
        let mut body = json!({
            "regulation": "gdpr",
            "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
            "subject_request_type": "erasure",
            "submitted_time": "2026-10-02T15:00:00Z",
            "subject_identities": [
                { "identity_type": "email", "identity_value": "a@b.example", "identity_format": "raw" },
                { "identity_type": IDENTITY, "identity_value": "ann", "identity_format": "raw" },
            ],
            "api_version": "2.0",
            "property_id": "passed over",
        });
        change(&mut body);
        read(body.to_string().as_bytes())
    }

    #[test]
    fn a_request_is_understood_or_refused_without_repeating_it() {
        let read = request(|_| {}).ok().unwrap();
        assert_eq!((read.right, read.person.as_str()), (Right::Erasure, "ann"));
        let refused = [
            request(|body| body["regulation"] = json!("secret-word")),
            request(|body| body["subject_request_type"] = json!("secret-word")),
            request(|body| body["subject_request_id"] = json!("a7551968-d5d6-14b2-9831-815ac9017798")),
            request(|body| body["submitted_time"] = json!("secret-word")),
            request(|body| body["subject_identities"][1]["identity_format"] = json!("sha256")),
            request(
                |body| body["subject_identities"][0] = json!({ "identity_type": IDENTITY, "identity_value": "secret-word", "identity_format": "raw" }),
            ),
            request(|body| body["subject_identities"][1]["identity_value"] = json!("null")),
            request(|body| body["subject_identities"] = json!("secret-word")),
        ];
        for refused in refused {
            let message = refused.err().unwrap();
            assert!(!message.contains("secret-word"), "{message}");
        }
    }
}
