//! One request to a system of somebody else: over TLS, to an address that was looked at after its name was resolved,
//! without redirects, in bounded time; of the answer no more is read than fits.
//!
//! Unlike `outbound`, whose addresses the operator wrote down for other houses, here the address may come from a
//! program or from a browser: so by default nothing is reached that only this machine or its network can reach
//! (server-side request forgery). Deliberately does not know: what is sent, and what an answer means.

mod forbidden;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::{Method, Request, Uri, header};
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Of an answer so much is read; the rest is not waited for.
const LONGEST_ANSWER: usize = 64 << 10;
/// Longest head of an answer, bytes.
const LONGEST_HEAD: usize = 32 << 10;
/// Addresses of one name that are tried.
const TRIED: usize = 4;

/// No answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The address cannot be used.
    #[error("its address cannot be used: `https`, a host and a path are needed")]
    Address,
    /// It leads to where nobody may be sent.
    #[error(
        "its address leads into a private network; name the host in `channels.http.allow` if that is meant"
    )]
    Forbidden,
    /// Nothing was sent: there was no connection, or none that is believed.
    #[error("no connection")]
    Unreached,
    /// It was sent, and what became of it nobody knows.
    #[error("no answer")]
    Silence,
}

/// What the other side said.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// `Retry-After`, as it was written.
    pub(crate) retry_after: Option<String>,
    /// `Location`, as it was written: push services name a message by it. Nobody goes there.
    pub(crate) location: Option<String>,
    /// The first bytes of the body.
    pub(crate) body: Bytes,
}

/// What is sent.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: Vec<u8>,
}

/// How long each part may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Name, connection and TLS.
    pub(crate) connect: Duration,
    /// From then on until the head of the answer.
    pub(crate) answer: Duration,
    /// The body of the answer.
    pub(crate) body: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(15),
            body: Duration::from_secs(5),
        }
    }
}

/// Looks up names that the system does not: `None` asks the system.
type Names = Arc<dyn Fn(&str) -> Option<Vec<IpAddr>> + Send + Sync>;

/// How requests leave.
#[derive(Clone)]
pub struct Http {
    tls: Arc<ClientConfig>,
    allowed: Arc<[String]>,
    names: Option<Names>,
    patience: Patience,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("allowed", &self.allowed).finish()
    }
}

impl Http {
    /// `allowed`: hosts (`name` or `name:port`) that may be in a private network and may be spoken to without TLS.
    /// `roots`: certificates that are believed besides those that ship with the program. `None`: a certificate
    /// cannot be used.
    pub fn new(allowed: &[String], roots: &[CertificateDer<'static>]) -> Option<Http> {
        let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
        let mut store = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        for root in roots {
            store.add(root.clone()).ok()?;
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .ok()?
            .with_root_certificates(store)
            .with_no_client_auth();
        Some(Http {
            tls: Arc::new(tls),
            allowed: allowed.iter().map(|host| host.to_ascii_lowercase()).collect(),
            names: None,
            patience: Patience::default(),
        })
    }

    #[cfg(test)]
    pub(crate) fn with(self, names: Names, patience: Patience) -> Http {
        Http {
            names: Some(names),
            patience,
            ..self
        }
    }

    /// Sends it, once.
    pub(crate) async fn send(&self, outgoing: Outgoing<'_>) -> Result<Answer, Failure> {
        let target = self.read(outgoing.url)?;
        let path = target.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder()
            .method(outgoing.method)
            .uri(path)
            .header(header::HOST, target.authority.as_str())
            .header(header::USER_AGENT, concat!("egard/", env!("CARGO_PKG_VERSION")));
        for (name, value) in outgoing.headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::new(Bytes::from(outgoing.body)))
            .map_err(|_| Failure::Address)?;
        let connected = tokio::time::timeout(self.patience.connect, self.connect(&target));
        let stream = connected.await.map_err(|_| Failure::Unreached)??;
        if !target.secure {
            return self.exchange(stream, request).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| Failure::Address)?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let secured = tokio::time::timeout(self.patience.connect, connector.connect(name, stream));
        let stream = secured
            .await
            .map_err(|_| Failure::Unreached)?
            .map_err(|_| Failure::Unreached)?;
        self.exchange(stream, request).await
    }

    fn read(&self, url: &str) -> Result<Target, Failure> {
        let uri: Uri = url.parse().map_err(|_| Failure::Address)?;
        let authority = uri.authority().ok_or(Failure::Address)?;
        // A name and a password in an address end up in logs; there are headers for them.
        if authority.as_str().contains('@') {
            return Err(Failure::Address);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(Failure::Address),
        };
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let with_port = format!("{host}:{port}");
        let allowed = self
            .allowed
            .iter()
            .any(|known| *known == host || *known == with_port);
        match host.is_empty() || !(secure || allowed) {
            true => Err(Failure::Address),
            false => Ok(Target {
                authority: authority.as_str().to_owned(),
                secure,
                port,
                allowed,
                host,
                uri,
            }),
        }
    }

    /// Connects to an address that was looked at: the name is resolved once, so that it cannot be another when the
    /// connection is made. One address among several that is forbidden forbids them all.
    async fn connect(&self, target: &Target) -> Result<TcpStream, Failure> {
        let found = self.resolve(target).await?;
        if !target.allowed && found.iter().any(|address| forbidden::is(address.ip())) {
            return Err(Failure::Forbidden);
        }
        for address in found.iter().take(TRIED) {
            if let Ok(stream) = TcpStream::connect(address).await {
                return Ok(stream);
            }
        }
        Err(Failure::Unreached)
    }

    async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, Failure> {
        if let Ok(ip) = target.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, target.port)]);
        }
        if let Some(known) = self.names.as_ref().and_then(|names| names(&target.host)) {
            return Ok(known
                .into_iter()
                .map(|ip| SocketAddr::new(ip, target.port))
                .collect());
        }
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
        found.map(Iterator::collect).map_err(|_| Failure::Unreached)
    }

    async fn exchange(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, Failure> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(LONGEST_HEAD);
        let (mut sender, connection) = builder
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| Failure::Unreached)?;
        let driver = Driver(tokio::spawn(async move { drop(connection.await) }));
        let sent = tokio::time::timeout(self.patience.answer, sender.send_request(request));
        let answer = sent
            .await
            .map_err(|_| Failure::Silence)?
            .map_err(|_| Failure::Silence)?;
        let (head, body) = answer.into_parts();
        let read = |name| {
            let value = head.headers.get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let (retry_after, location) = (read(header::RETRY_AFTER), read(header::LOCATION));
        // The status is the answer: a body that does not end takes nothing away from it.
        let mut first = BytesMut::new();
        let _: Result<(), _> = tokio::time::timeout(self.patience.body, begin(body, &mut first)).await;
        drop(driver);
        Ok(Answer {
            status: head.status.as_u16(),
            retry_after,
            location,
            body: first.freeze(),
        })
    }
}

struct Target {
    uri: Uri,
    authority: String,
    host: String,
    port: u16,
    secure: bool,
    allowed: bool,
}

/// Ends with the call that it serves, also if that call is dropped.
struct Driver(tokio::task::JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn begin(mut body: hyper::body::Incoming, first: &mut BytesMut) {
    while let Some(Ok(frame)) = body.frame().await {
        if let Some(data) = frame.data_ref() {
            let room = LONGEST_ANSWER.saturating_sub(first.len());
            first.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
        }
        if first.len() >= LONGEST_ANSWER {
            return;
        }
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
