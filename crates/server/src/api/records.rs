//! A record of a decision, and the receipt by which anybody can check that it is in the log.

use super::{signals, unavailable};
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
pub(crate) use crate::record_id::{parse_id, show_id};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::Ask;
use gate::charter::Requester;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;
use vocabulary::{Language, Signals};

/// How often a proof that is not there yet is asked for, and how long apart: three seconds in all.
const WAITS: usize = 15;
const WAIT: Duration = Duration::from_millis(200);

/// What a person takes home. `egard verify receipt FILE` checks it without a network.
#[derive(Serialize, ToSchema)]
pub struct ReceiptAnswer {
    /// The record.
    pub record: String,
    /// The log's public key, in the `vkey` form of signed notes.
    pub vkey: String,
    /// The entry as it stands in the log, JSON text: nothing in it names a person.
    pub entry: String,
    /// The secret of the entry's commitment, base64. Whoever has it can check the details.
    pub secret: String,
    /// What was decided, on what, by which model: the text the entry commits to.
    pub details: String,
    /// Proof of inclusion, `c2sp.org/tlog-proof@v1`; absent for about a second after the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// The receipt of a decision. The caller vouches that it asks on behalf of the person concerned.
#[utoipa::path(
    get,
    path = "/v1/records/{id}/receipt",
    params(("id" = String, Path, description = "the record's identity, 32 hexadecimal digits")),
    responses(
        (status = 200, body = ReceiptAnswer),
        (status = 401, description = "no API key"),
        (status = 403, description = "the charter refuses"),
        (status = 404, description = "no such record, or its person was erased"),
    ),
    security(("api_key" = []))
)]
pub async fn receipt(
    State(app): State<App>,
    _caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ReceiptAnswer>, Problem> {
    take_home(&app, &id, signals(&headers)).await.map(Json)
}

/// The receipt as the person takes it home.
pub(crate) async fn take_home(app: &App, id: &str, signals: Signals) -> Result<ReceiptAnswer, Problem> {
    find(app, id, signals).await.map(answer)
}

async fn find(app: &App, id: &str, signals: Signals) -> Result<gate::Receipt, Problem> {
    let id = parse_id(id).ok_or_else(|| Problem::not_found("record"))?;
    let ask = Ask {
        signals,
        requester: Requester::Person,
        now: app.now(),
    };
    match app.gate.receipt(id, ask).await.map_err(unavailable)? {
        None => Err(Problem::not_found("record")),
        Some(Err(refused)) => {
            let problem = Problem::new(StatusCode::FORBIDDEN, "refused", "the charter refuses");
            Err(problem.detail(&refused.to_string()))
        }
        Some(Ok(receipt)) => Ok(receipt),
    }
}

/// The same as one JSON-LD document: ISO/IEC TS 27560 fields in DPV 2.3 terms, and the proof. It is given
/// once it can be proved, which takes about a second after the decision.
#[utoipa::path(
    get,
    path = "/v1/records/{id}/receipt.jsonld",
    params(("id" = String, Path, description = "the record's identity, 32 hexadecimal digits")),
    responses(
        (status = 200, description = "the receipt; its form is `/schemas/receipt-v1.json`", body = Object,
            content_type = "application/ld+json"),
        (status = 401, description = "no API key"),
        (status = 403, description = "the charter refuses"),
        (status = 404, description = "no such record, or its person was erased"),
        (status = 503, description = "not in the log yet; ask again in a second"),
    ),
    security(("api_key" = []))
)]
pub async fn receipt_document(
    State(app): State<App>,
    _caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let signals = signals(&headers);
    let receipt = proved(|| find(&app, &id, signals)).await?;
    as_document(&app, receipt)
}

/// The JSON-LD context of receipts. It stands in every receipt as well.
#[utoipa::path(
    get,
    path = "/contexts/receipt-v1.jsonld",
    responses((status = 200, description = "JSON-LD 1.1", body = Object, content_type = "application/ld+json"))
)]
pub async fn receipt_context() -> Response {
    let text = format!("{{\n\"@context\": {}}}\n", receipt::CONTEXT);
    published("application/ld+json", text)
}

/// The JSON Schema of receipts.
#[utoipa::path(
    get,
    path = "/schemas/receipt-v1.json",
    responses((status = 200, description = "JSON Schema 2020-12", body = Object,
        content_type = "application/schema+json"))
)]
pub async fn receipt_schema() -> Response {
    published("application/schema+json", receipt::SCHEMA.to_owned())
}

/// What everybody may read, on any page: it never changes at its address.
fn published(kind: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

/// Asks until the receipt has its proof: the leaf is integrated about a second after the record.
pub(crate) async fn proved<F>(mut ask: impl FnMut() -> F) -> Result<gate::Receipt, Problem>
where
    F: Future<Output = Result<gate::Receipt, Problem>>,
{
    for _ in 0..WAITS {
        let receipt = ask().await?;
        if receipt.proof.is_some() {
            return Ok(receipt);
        }
        tokio::time::sleep(WAIT).await;
    }
    Err(Problem::unavailable(1))
}

/// A proved receipt as the document that a person keeps, to the byte.
pub(crate) fn as_document(app: &App, receipt: gate::Receipt) -> Result<Response, Problem> {
    let notice_text = words_shown(app, &receipt.details);
    let issued = receipt::issue(receipt::Parts {
        details: receipt.details,
        secret: STANDARD.encode(&receipt.r),
        tlog_proof: receipt.proof.ok_or_else(|| Problem::unavailable(1))?,
        log_key: receipt.vkey,
        witness_keys: app.witnesses.keys(),
        notice_text,
    });
    let document = issued.map_err(|error| {
        tracing::error!(%error, "a receipt does not hold; `egard verify log` says what is wrong with the log");
        Problem::internal()
    })?;
    let name = format!(
        "attachment; filename=\"receipt-{}.json\"",
        show_id(receipt.record)
    );
    let headers = [
        (header::CONTENT_TYPE, "application/ld+json".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, document).into_response())
}

/// The words that the person was shown, if the notice is still there: those whose hash the details name.
fn words_shown(app: &App, details: &str) -> Option<String> {
    let notice = receipt::Facts::of("choice", details).ok()?.notice?;
    let version = u32::try_from(notice.version?).ok()?;
    let notices = app.gate.notices();
    let language = Language::of_tag(notice.language.as_deref()?)?;
    let text = notices.get(notice.id.as_deref()?, version)?.text(language);
    (notice.text_hash.as_deref() == Some(&text.digest.to_string())).then(|| text.canonical())
}

/// A receipt in the form that `egard verify receipt` reads.
pub(crate) fn answer(receipt: gate::Receipt) -> ReceiptAnswer {
    ReceiptAnswer {
        record: show_id(receipt.record),
        vkey: receipt.vkey,
        entry: String::from_utf8_lossy(&receipt.leaf).into_owned(),
        secret: STANDARD.encode(&receipt.r),
        details: receipt.details,
        proof: receipt.proof,
    }
}
