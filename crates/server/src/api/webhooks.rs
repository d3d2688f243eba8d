//! Webhooks over the API: which are signed, which are off, and on again.
//!
//! Deliberately does not know: what is told, and their addresses, which may hold secrets.

use super::unavailable;
use crate::app::App;
use crate::auth::Caller;
use crate::channels::switched_off;
use crate::ingest::clock::rfc3339;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// A webhook and how it stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookState {
    /// Its name in `program.yaml`.
    pub name: String,
    /// Since when it is off, RFC 3339; nothing if it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_since: Option<String>,
    /// Why it is off: `gone` (410).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The webhooks that the settings sign, and which of them were switched off.
#[utoipa::path(
    get,
    path = "/v1/webhooks",
    responses(
        (status = 200, body = Vec<WebhookState>),
        (status = 401, description = "no API key"),
        (status = 503, description = "the store does not answer"),
    ),
    security(("api_key" = []))
)]
pub async fn list(State(app): State<App>, _caller: Caller) -> Result<Json<Vec<WebhookState>>, Problem> {
    let off = switched_off::all(&app.gate).await.map_err(unavailable)?;
    let names = app.ways.iter().flat_map(|ways| ways.webhooks.keys());
    let state = |name: &String| WebhookState {
        name: name.clone(),
        off_since: off.get(name).map(|off| rfc3339(off.at)),
        why: off.get(name).map(|off| off.why.clone()),
    };
    Ok(Json(names.map(state).collect()))
}

/// Switches a webhook on again, after its receiver said that it was gone.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{name}/on",
    params(("name" = String, Path, description = "its name in `program.yaml`")),
    responses(
        (status = 204, description = "it is on"),
        (status = 401, description = "no API key"),
        (status = 404, description = "no such webhook, or it is not off"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub async fn on(
    State(app): State<App>,
    _caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let ways = app.ways.as_ref().ok_or_else(|| Problem::not_found("webhook"))?;
    let was = switched_off::on(&app.gate, ways, &name, app.now()).await;
    match was.map_err(unavailable)? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("webhook")),
    }
}
