//! One POST to another house: over TLS with the roots that ship with the program, without redirects,
//! within ten seconds; of the answer no more is read than the caller says.
//!
//! Deliberately does not know: what is sent, and whether it may be sent there.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const PATIENCE: Duration = Duration::from_secs(10);

/// There was no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address cannot be used.
    #[error("its address cannot be used")]
    Address,
    /// No connection, or none that is believed.
    #[error("no connection: {0}")]
    Connection(String),
    /// No answer, or one that is too long.
    #[error("no answer")]
    Silence,
}

/// What the other side said.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body; empty if none was asked for.
    pub(crate) body: Bytes,
}

/// Sends it. `most` bytes of the answer's body are read; more is no answer. 0: the body is not looked at.
pub(crate) async fn post(
    url: &str,
    headers: &[(&'static str, String)],
    body: Vec<u8>,
    most: usize,
) -> Result<Answer, Error> {
    let uri: Uri = url.parse().map_err(|_| Error::Address)?;
    let sent = tokio::time::timeout(PATIENCE, send(&uri, headers, body, most)).await;
    sent.map_err(|_| Error::Silence)?
}

async fn send(
    uri: &Uri,
    headers: &[(&'static str, String)],
    body: Vec<u8>,
    most: usize,
) -> Result<Answer, Error> {
    let host = uri.host().ok_or(Error::Address)?;
    let secure = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await.map_err(connection)?;
    let authority = uri.authority().ok_or(Error::Address)?;
    let mut request = Request::post(uri.path())
        .header(header::HOST, authority.as_str())
        .header(header::USER_AGENT, concat!("egard/", env!("CARGO_PKG_VERSION")));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| Error::Address)?;
    if !secure {
        return exchange(stream, request, most).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Error::Address)?;
    let connector = TlsConnector::from(tls()?);
    let stream = connector.connect(name, stream).await.map_err(connection)?;
    exchange(stream, request, most).await
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
    most: usize,
) -> Result<Answer, Error> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Error::Silence)?;
    // Ends with the sender: nothing of it outlives this call by more than the closing.
    let driver = tokio::spawn(connection);
    let answered = async {
        let answer = sender.send_request(request).await.map_err(|_| Error::Silence)?;
        let status = answer.status().as_u16();
        let body = match most {
            0 => Bytes::new(),
            most => Limited::new(answer.into_body(), most)
                .collect()
                .await
                .map_err(|_| Error::Silence)?
                .to_bytes(),
        };
        Ok(Answer { status, body })
    };
    let answer = answered.await;
    driver.abort();
    answer
}

pub(crate) fn tls() -> Result<Arc<ClientConfig>, Error> {
    static CONFIG: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    CONFIG
        .get_or_init(|| {
            let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
            let roots = RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            };
            let config = ClientConfig::builder_with_provider(Arc::new(provider))
                .with_safe_default_protocol_versions()
                .ok()?
                .with_root_certificates(roots)
                .with_no_client_auth();
            Some(Arc::new(config))
        })
        .clone()
        .ok_or_else(|| Error::Connection("TLS cannot be set up".to_owned()))
}

/// The kind of error and not its words, which may hold an address.
fn connection(error: std::io::Error) -> Error {
    Error::Connection(error.kind().to_string())
}
