//! A record of a decision, and the receipt by which anybody can check that it is in the log.

use super::{signals, unavailable};
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
pub(crate) use crate::record_id::{parse_id, show_id};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::charter::Requester;
use gate::Ask;
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::Signals;

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
    let id = parse_id(id).ok_or_else(|| Problem::not_found("record"))?;
    let ask = Ask {
        signals,
        requester: Requester::Person,
        now: app.now(),
    };
    let receipt = match app.gate.receipt(id, ask).await.map_err(unavailable)? {
        None => return Err(Problem::not_found("record")),
        Some(Err(refused)) => {
            let problem = Problem::new(StatusCode::FORBIDDEN, "refused", "the charter refuses");
            return Err(problem.detail(&refused.to_string()));
        }
        Some(Ok(receipt)) => receipt,
    };
    Ok(answer(receipt))
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
