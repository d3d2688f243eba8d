//! A front that breaks: forwards requests to a server, and on the way makes of the next ones what
//! networks and failing servers make of them.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response, client, server, service::service_fn};
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};

/// What happens to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It never reaches the server; this status comes back.
    Status(u16),
    /// It never reaches the server; the connection ends.
    Hangup,
    /// It reaches the server, and the server's answer is lost: this status comes back.
    StatusAfterwards(u16),
    /// It reaches the server, and the connection ends before the answer.
    HangupAfterwards,
    /// It reaches the server twice.
    Twice,
}

/// A running front.
#[derive(Clone)]
pub struct Front {
    server: SocketAddr,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    fates: VecDeque<Fate>,
    met: usize,
    answered: Vec<u16>,
}

impl Front {
    /// Starts a front and, told the front's address, the server behind it. The first POSTs meet
    /// these fates, the others pass.
    pub async fn start(
        server: impl AsyncFnOnce(SocketAddr) -> SocketAddr,
        fates: &[Fate],
    ) -> (Front, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = server(address).await;
        let log = Log {
            fates: fates.iter().copied().collect(),
            ..Log::default()
        };
        let front = Front {
            server,
            log: Arc::new(Mutex::new(log)),
        };
        let this = front.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let this = this.clone();
                let service = service_fn(move |request| this.clone().pass(request));
                let connection =
                    server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        (front, address)
    }

    /// How many of the fates were met by a request.
    pub fn met(&self) -> usize {
        self.log.lock().unwrap().met
    }

    /// The statuses that the server itself answered.
    pub fn answered(&self) -> Vec<u16> {
        self.log.lock().unwrap().answered.clone()
    }

    async fn pass(self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        // A browser's preflights and its fetch of the settings pass.
        let fate = if parts.method != hyper::Method::POST {
            None
        } else {
            let mut log = self.log.lock().unwrap();
            let fate = log.fates.pop_front();
            log.met += usize::from(fate.is_some());
            fate
        };
        let forward = || {
            let mut request = Request::new(Full::new(body.clone()));
            *request.method_mut() = parts.method.clone();
            *request.uri_mut() = parts.uri.clone();
            *request.headers_mut() = parts.headers.clone();
            self.forward(request)
        };
        let hangup = || Err(io::Error::from(io::ErrorKind::ConnectionReset));
        match fate {
            None => forward().await,
            Some(Fate::Status(status)) => Ok(refusal(status)),
            Some(Fate::Hangup) => hangup(),
            Some(Fate::StatusAfterwards(status)) => forward().await.map(|_| refusal(status)),
            Some(Fate::HangupAfterwards) => {
                forward().await?;
                hangup()
            }
            Some(Fate::Twice) => {
                forward().await?;
                forward().await
            }
        }
    }

    async fn forward(&self, request: Request<Full<Bytes>>) -> io::Result<Response<Full<Bytes>>> {
        let stream = TokioIo::new(TcpStream::connect(self.server).await?);
        let (mut sender, connection) = client::conn::http1::handshake(stream)
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(connection);
        let (parts, body) = sender
            .send_request(request)
            .await
            .map_err(io::Error::other)?
            .into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        self.log.lock().unwrap().answered.push(parts.status.as_u16());
        Ok(Response::from_parts(parts, Full::new(body)))
    }
}

fn refusal(status: u16) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(
        br#"{"code":"test","message":"as the test wants"}"#,
    )));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap();
    response
}
