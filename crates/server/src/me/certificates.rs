//! The certificate of an erasure, to take home: by its name alone, since nobody is known any more who could
//! sign in. The name is random and long, and the certificate names nobody.
//!
//! Deliberately does not know: who was erased.

use super::Me;
use crate::api::{records, unavailable};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use std::time::Duration;

/// How often, and after how long, it is looked whether the log has it: it does within about a second.
const LOOKS: u32 = 12;
const PAUSE: Duration = Duration::from_millis(250);

/// Waits a moment for the proof, so that nobody takes home a certificate without one.
pub(super) async fn show(State(me): State<Me>, Path(id): Path<String>) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("certificate");
    let id = records::parse_id(&id).ok_or_else(nothing)?;
    for look in 0..LOOKS {
        let found = me.app().gate.certificate(id).await.map_err(unavailable)?;
        let certificate = found.ok_or_else(nothing)?;
        if certificate.proof.is_none() && look + 1 < LOOKS {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let name = format!(
            "attachment; filename=\"erasure-{}.json\"",
            records::show_id(certificate.record)
        );
        let headers = [
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ];
        return Ok((headers, Json(records::answer(certificate))).into_response());
    }
    Err(Problem::unavailable(1))
}
