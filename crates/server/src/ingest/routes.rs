//! The endpoints: from a request to an answer, with everything that decides in the pure modules
//! beside this one.

use super::accept::{Accepted, Named, Refusal, Told};
use super::batch::{self, Decoded, Outside, Refused, Shape};
use super::fault::Code;
use super::source::Known;
use super::{Ingest, SourceName, answer, body, cors, message, pixel, project_settings, write_key};
use crate::adpc::Wishes;
use crate::auth::{ApiKeys, Caller};
use crate::problem::Problem;
use crate::signals::{self, Said};
use axum::Router;
use axum::extract::{FromRef, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use vocabulary::{Kind, Moment};

/// A body of at least this many bytes, or compressed, is decoded off the network's threads.
const LARGE: usize = 256 << 10;

/// The ingest endpoints and, behind an API key, the discards of a source.
pub fn router(ingest: Arc<Ingest>, keys: ApiKeys) -> Router {
    let mut dialect = Router::new();
    for (long, short, kind) in [
        ("identify", "i", Kind::Identify),
        ("track", "t", Kind::Track),
        ("page", "p", Kind::Page),
        ("screen", "s", Kind::Screen),
        ("group", "g", Kind::Group),
        ("alias", "a", Kind::Alias),
    ] {
        dialect = dialect
            .route(&format!("/v1/{long}"), calls(Shape::One(kind)))
            .route(&format!("/v1/{short}"), calls(Shape::One(kind)));
    }
    for path in ["/v1/batch", "/v1/import", "/v1/b", "/beacon/v1/batch"] {
        dialect = dialect.route(path, calls(Shape::Many));
    }
    let dialect = dialect
        .route("/v1/m", post(metrics_of_clients).options(cors::preflight))
        .route("/v1/pixel/{kind}", get(pixel_call).options(cors::preflight))
        .route("/pixel/v1/{kind}", get(pixel_call).options(cors::preflight))
        .route(
            "/v1/projects/{key}/settings",
            get(settings).options(cors::preflight),
        )
        .layer(map_response(cors::allow));
    dialect
        .route("/v1/sources/{name}/discards", get(discards))
        .with_state(Ports { ingest, keys })
}

#[derive(Clone)]
struct Ports {
    ingest: Arc<Ingest>,
    keys: ApiKeys,
}

impl FromRef<Ports> for Arc<Ingest> {
    fn from_ref(ports: &Ports) -> Self {
        ports.ingest.clone()
    }
}

impl FromRef<Ports> for ApiKeys {
    fn from_ref(ports: &Ports) -> Self {
        ports.keys.clone()
    }
}

fn calls(shape: Shape) -> MethodRouter<Ports> {
    let handler = move |State(ingest): State<Arc<Ingest>>, request: Request| call(ingest, shape, request);
    post(handler).options(cors::preflight)
}

async fn call(ingest: Arc<Ingest>, shape: Shape, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let read = match body::check_encoding(&parts.headers) {
        Ok(()) => body::read(body, ingest.limits.body).await,
        Err(code) => {
            // Only so that the answer can be read.
            let _ = body::read(body, 0).await;
            Err(code)
        }
    };
    // After the body: a slow upload must not count as a slow clock of the client's.
    let asked = Asked::new(&parts.headers, &parts.uri, shape, (ingest.clock)());
    match read {
        Ok(bytes) => take(ingest, asked, bytes).await,
        Err(code) => {
            let source = asked.source(&ingest).map(|source| &source.name);
            ingest.discards.refused(source, asked.received_at, code);
            answer::fault(code, ingest.strict)
        }
    }
}

/// What a request says outside its body, owned, so that it can move to another thread.
struct Asked {
    shape: Shape,
    header_key: Option<String>,
    query_key: Option<String>,
    said: Said,
    received_at: Moment,
    /// It was only a `GET`, which any page can make a browser send.
    reads: bool,
}

impl Asked {
    fn new(headers: &HeaderMap, uri: &Uri, shape: Shape, received_at: Moment) -> Asked {
        Asked {
            shape,
            header_key: write_key::from_headers(headers),
            query_key: write_key::from_query(&query(uri)).map(str::to_owned),
            said: Said::read(headers),
            received_at,
            reads: false,
        }
    }

    fn write_keys(&self) -> [Option<&str>; 2] {
        [self.header_key.as_deref(), self.query_key.as_deref()]
    }

    /// The source, where the body could not be asked.
    fn source<'i>(&self, ingest: &'i Ingest) -> Option<&'i Known> {
        self.write_keys()
            .into_iter()
            .flatten()
            .find_map(|key| ingest.sources.find(key))
    }

    fn decode(&self, bytes: &[u8], ingest: &Ingest) -> Result<Decoded, Refused> {
        let inflated;
        let plain = if body::is_gzip(bytes) {
            inflated = body::inflate(bytes, ingest.limits.body).map_err(|code| Refused {
                source: self.source(ingest).cloned(),
                code,
            })?;
            inflated.as_slice()
        } else {
            bytes
        };
        let outside = Outside {
            shape: self.shape,
            write_keys: self.write_keys(),
            gpc: self.said.gpc(),
            received_at: self.received_at,
            proofs: &ingest.proofs,
        };
        batch::decode(plain, &outside, &ingest.sources, &ingest.limits)
    }
}

fn query(uri: &Uri) -> Vec<(String, String)> {
    Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|Query(pairs)| pairs)
        .unwrap_or_default()
}

/// Decodes, hands over, and answers once the acceptor has said that all is durable.
async fn take(ingest: Arc<Ingest>, asked: Asked, bytes: Bytes) -> Response {
    let (received_at, reads) = (asked.received_at, asked.reads);
    let said = asked.said.clone();
    let wishes = match said.adpc() {
        true => said.wishes(&(ingest.consent_requests)()),
        false => Wishes::default(),
    };
    let decoded = if body::is_gzip(&bytes) || bytes.len() >= LARGE {
        let ingest = ingest.clone();
        let worker = tokio::task::spawn_blocking(move || asked.decode(&bytes, &ingest));
        let Ok(decoded) = worker.await else {
            return answer::refused(Refusal::Failed);
        };
        decoded
    } else {
        asked.decode(&bytes, &ingest)
    };
    let Decoded {
        source,
        messages,
        mut events,
        findings,
    } = match decoded {
        Ok(decoded) => decoded,
        Err(Refused { source, code }) => {
            ingest
                .discards
                .refused(source.as_ref().map(|source| &source.name), received_at, code);
            return answer::fault(code, ingest.strict);
        }
    };
    for Told { event, .. } in &mut events {
        if reads {
            pixel::refusals_alone(event);
        }
        signals::stamp(event, wishes);
    }
    let objecting = wishes.object_direct_marketing.then(|| named(&events));
    // What a header permits stands on the events: who may permit what is judged there.
    let said = said.refusals_alone();
    let kinds: Vec<Kind> = events.iter().map(|told| told.event.kind).collect();
    let mut accepted = if events.is_empty() {
        Ok(Accepted::default())
    } else {
        ingest.acceptor.accept(source.name.clone(), events).await
    };
    if let (Ok(_), Some(whom)) = (&accepted, objecting)
        && let Err(refusal) = ingest.acceptor.heard(source.name.clone(), whom, said).await
    {
        accepted = Err(refusal);
    }
    match accepted {
        Ok(accepted) => {
            // Counted only now: a refused call comes again, and its faults with it.
            ingest
                .discards
                .taken(&source.name, received_at, messages, &findings, &kinds, &accepted);
            match findings.iter().find(|finding| !finding.kept) {
                Some(finding) if kinds.is_empty() => answer::fault(finding.fault.code, ingest.strict),
                _ => answer::success(),
            }
        }
        Err(refusal) => {
            tracing::warn!(source = %source.name, %refusal, "events were not taken");
            answer::refused(refusal)
        }
    }
}

/// Who the events are about, each once.
fn named(events: &[Told]) -> Vec<Named> {
    let ids = |told: &Told| (told.event.user_id.clone(), told.event.anonymous_id.clone());
    let each: BTreeSet<Named> = events.iter().map(ids).collect();
    each.into_iter().collect()
}

/// A pixel always answers with its picture; what went wrong stands in the discards.
async fn pixel_call(
    State(ingest): State<Arc<Ingest>>,
    Path(kind): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let kind = kind.strip_suffix(".gif").unwrap_or(&kind);
    if let (Some(kind), query) = (message::kind_named(kind), query(&uri)) {
        let asked = Asked {
            reads: true,
            ..Asked::new(&headers, &uri, Shape::One(kind), (ingest.clock)())
        };
        match pixel::message(&query) {
            Some(json) => drop(take(ingest, asked, json.into()).await),
            None => {
                let source = asked.source(&ingest).map(|source| &source.name);
                ingest
                    .discards
                    .refused(source, asked.received_at, Code::InvalidJson);
            }
        }
    }
    pixel::picture()
}

/// Measurements that client libraries take of themselves: taken politely, and not kept.
async fn metrics_of_clients(State(ingest): State<Arc<Ingest>>, request: Request) -> Response {
    match body::read(request.into_body(), ingest.limits.message).await {
        Ok(_) => answer::success(),
        Err(code) => answer::fault(code, ingest.strict),
    }
}

async fn settings(State(ingest): State<Arc<Ingest>>, Path(key): Path<String>) -> Response {
    match ingest.sources.find(&key) {
        Some(source) if source.enabled => {
            let document = project_settings::document(&key, &ingest.public_url, &ingest.consent_categories);
            let cache = [(header::CACHE_CONTROL, "public, max-age=300")];
            (cache, answer::json(StatusCode::OK, document.to_string())).into_response()
        }
        _ => Problem::not_found("write key").into_response(),
    }
}

async fn discards(
    _caller: Caller,
    State(ingest): State<Arc<Ingest>>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let report = SourceName::parse(&name)
        .ok()
        .and_then(|name| ingest.discards.report(&name));
    let report = report.ok_or_else(|| Problem::not_found("source"))?;
    let body = serde_json::to_string(&report).map_err(|_| Problem::internal())?;
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((headers, answer::json(StatusCode::OK, body)).into_response())
}
