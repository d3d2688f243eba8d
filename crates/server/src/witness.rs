//! A witness for other people's logs (C2SP `tlog-witness` 1.0): countersigns what continues the log it
//! knows, remembers it on disk first, and keeps proof of whoever signed two histories.
//!
//! Deliberately does not know: people, the gate, and what the entries of a log say. It runs by itself,
//! with a key and a store of its own.

mod memory;
mod settings;

pub use memory::{Memory, No, StateError};
pub use settings::{MAX_LOGS, SettingsError, WitnessSettings, make, read_key};

use crate::ingest::Clock;
use crate::problem::Problem;
use crate::{connections, serve};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ledger::witness::Refused;
use ledger::{checkpoint, note};
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Longest request in bytes: 63 hashes, and a checkpoint with room for several post-quantum signatures.
pub const MAX_REQUEST: usize = 128 << 10;

/// What the handlers share.
#[derive(Clone)]
struct Shared {
    memory: Arc<Memory>,
    clock: Clock,
}

/// The endpoints of a witness.
pub fn router(memory: Arc<Memory>, clock: Clock) -> Router {
    crate::metrics::start();
    Router::new()
        .route("/", get(about))
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/forks", get(forks))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(|| async { crate::metrics::exposition() }))
        .with_state(Shared { memory, clock })
}

/// Serves until `stop` is done; then what is being answered is finished, and the store given back.
pub async fn run(
    memory: Arc<Memory>,
    clock: Clock,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let router = serve::guarded(router(Arc::clone(&memory), clock));
    connections::serve(listener, router, stop).await;
    memory.close();
}

/// `POST /add-checkpoint`, with every status of the protocol; 413 for what is too long and 503 where the
/// store fails are ours.
async fn add_checkpoint(State(shared): State<Shared>, body: Body) -> Response {
    let Ok(body) = to_bytes(body, MAX_REQUEST).await else {
        return counted("too-large", Problem::too_large(MAX_REQUEST).into_response());
    };
    let seconds = u64::try_from((shared.clock)().0 / 1000).unwrap_or(0);
    // Waits for the disk.
    let memory = Arc::clone(&shared.memory);
    let decided = tokio::task::spawn_blocking(move || memory.cosign(&body, seconds)).await;
    match decided {
        Ok(Ok(line)) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            counted("cosigned", (kind, format!("{line}\n")).into_response())
        }
        Ok(Err(no)) => refused(no),
        Err(_) => counted("failed", Problem::internal().into_response()),
    }
}

fn refused(no: No) -> Response {
    let bad_request = |detail: &str| Problem::bad_request(detail).into_response();
    match no {
        No::Malformed => counted(
            "malformed",
            bad_request("this is not `old N`, hashes in base64, an empty line and a signed checkpoint"),
        ),
        No::UnknownLog => counted(
            "unknown-log",
            Problem::not_found("log: it is not among those this witness countersigns").into_response(),
        ),
        No::Refused(refused) => match refused {
            Refused::Checkpoint(checkpoint::Error::Note(
                note::Error::Unsigned | note::Error::BadSignature,
            )) => {
                let problem = Problem::new(
                    StatusCode::FORBIDDEN,
                    "not-signed",
                    "the checkpoint is not signed by its log",
                );
                counted("not-signed", problem.into_response())
            }
            Refused::Checkpoint(error) => counted("malformed", bad_request(&error.to_string())),
            Refused::Order { .. } => counted("order", bad_request(&refused.to_string())),
            Refused::Elsewhere { latest } => counted("elsewhere", size(latest)),
            // Two roots for one size. The size in the body is where the request said we are: its sender
            // sees that it is not the size that differs.
            Refused::Split { size: latest } => counted("split", size(latest)),
            Refused::Proof(error) => {
                let problem = Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "not-continued",
                    "the proof does not show that the log was continued",
                );
                counted(
                    "not-continued",
                    problem.detail(&error.to_string()).into_response(),
                )
            }
        },
        No::State(error) => {
            tracing::error!(%error, "nothing can be countersigned");
            counted("failed", Problem::unavailable(10).into_response())
        }
    }
}

/// 409 with the size countersigned last.
fn size(latest: u64) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
    (StatusCode::CONFLICT, kind, format!("{latest}\n")).into_response()
}

fn counted(outcome: &'static str, response: Response) -> Response {
    metrics::counter!("egard_witness_requests_total", "outcome" => outcome).increment(1);
    response
}

/// Who this is, and how far each log is known: for whoever sets up a log.
async fn about(State(shared): State<Shared>) -> Result<Response, Problem> {
    let memory = Arc::clone(&shared.memory);
    let known = blocking(move || memory.known()).await?;
    let mut text = format!("witness {}\n", shared.memory.vkey());
    for (origin, size) in known {
        let _ = match size {
            Some(size) => writeln!(text, "log {origin} {size}"),
            None => writeln!(text, "log {origin} -"),
        };
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, text).into_response())
}

/// Proof against the logs that signed two histories: a list of documents as `egard verify fork` reads them.
async fn forks(State(shared): State<Shared>) -> Result<Response, Problem> {
    let memory = Arc::clone(&shared.memory);
    let documents = blocking(move || memory.forks()).await?;
    let mut body = b"[".to_vec();
    for (number, document) in documents.iter().enumerate() {
        body.extend_from_slice(if number > 0 { b",\n" } else { b"\n" });
        body.extend_from_slice(document);
    }
    body.extend_from_slice(b"\n]\n");
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((kind, body).into_response())
}

async fn blocking<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, store::Error> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(ask).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => {
            tracing::error!(%error, "the store of the witness cannot be read");
            Err(Problem::unavailable(10))
        }
        Err(_) => Err(Problem::internal()),
    }
}
