//! The public half of the log: checkpoints and hash tiles (C2SP `tlog-tiles`). The entries stay
//! private: who holds a receipt has their own.

use super::unavailable;
use crate::app::App;
use crate::problem::Problem;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The newest checkpoint that enough witnesses countersigned, with their lines; without witnesses, the
/// newest that is signed.
#[utoipa::path(
    get,
    path = "/ledger/checkpoint",
    responses((status = 200, description = "a signed note, C2SP `tlog-checkpoint`", body = String))
)]
pub(super) async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let newest = app.gate.checkpoint().await.map_err(unavailable)?;
    let newest = newest.ok_or_else(|| Problem::not_found("checkpoint"))?;
    let size = ledger::Checkpoint::read_kept(&newest)
        .map_err(|_| Problem::internal())?
        .size;
    let body = app.witnesses.shown(newest, size, app.gate.witnessed());
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, body).into_response())
}

/// A hash tile; full ones never change.
#[utoipa::path(
    get,
    path = "/ledger/tile/{path}",
    params(("path" = String, Path, description = "level and index as in C2SP `tlog-tiles`, such as `0/000`")),
    responses(
        (status = 200, description = "32 bytes for each hash", content_type = "application/octet-stream"),
        (status = 404, description = "no such tile, or one of entries: those are private"),
    )
)]
pub(super) async fn tile(State(app): State<App>, Path(path): Path<String>) -> Result<Response, Problem> {
    let path = format!("tile/{path}");
    let hashes =
        matches!(ledger::tile::Tile::parse(&path), Some(tile) if tile.kind != ledger::tile::Kind::Entries);
    if !hashes {
        return Err(Problem::not_found("hash tile"));
    }
    let tile = app.gate.tile(path).await.map_err(unavailable)?;
    let body = tile.ok_or_else(|| Problem::not_found("hash tile"))?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, body).into_response())
}

/// The keys under which the log was signed.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct LogKeysBody {
    /// The key that signs, `name+id+base64`.
    vkey: String,
    /// Keys that sign as well, while one is being exchanged.
    also: Vec<String>,
    /// Signed notes that lead from each key to the next, oldest first; each is signed by both.
    links: Vec<String>,
}

/// The log's keys and what leads from one to the next, for receipts under an earlier one.
#[utoipa::path(
    get,
    path = "/ledger/keys",
    responses((status = 200, description = "the key that signs and the chain that leads to it", body = LogKeysBody))
)]
pub(super) async fn keys(State(app): State<App>) -> Result<Response, Problem> {
    let keys = app.gate.log_keys().await.map_err(unavailable)?;
    let body = LogKeysBody {
        vkey: keys.vkey,
        also: keys.also,
        links: keys.links,
    };
    Ok(([(header::CACHE_CONTROL, "no-cache")], axum::Json(body)).into_response())
}
