//! A small HTTP client for the demo and the benches: one kept-alive connection, JSON in, bytes out.
//!
//! Deliberately does not know: what is sent.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// The server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection.
    #[error("cannot connect to {0}: {1}")]
    Connect(SocketAddr, std::io::Error),
    /// The connection broke or spoke something else.
    #[error("the connection failed: {0}")]
    Http(#[from] hyper::Error),
    /// A header cannot be sent.
    #[error("the request cannot be made: {0}")]
    Request(#[from] hyper::http::Error),
    /// The server said no.
    #[error("the server answered {status}: {body}")]
    Status {
        /// The status.
        status: u16,
        /// What it said.
        body: String,
    },
    /// The answer is not the JSON that was expected.
    #[error("the answer cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

/// One connection.
pub struct Client {
    address: SocketAddr,
    authorization: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    /// Connects; every request carries this `Authorization`.
    pub async fn connect(address: SocketAddr, authorization: &str) -> Result<Client, Error> {
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| Error::Connect(address, error))?;
        // Requests are written whole: waiting for more would only delay them.
        stream
            .set_nodelay(true)
            .map_err(|error| Error::Connect(address, error))?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a client connection ended");
            }
        });
        Ok(Client {
            address,
            authorization: authorization.to_owned(),
            sender,
        })
    }

    /// Sends a body and answers status and body, whatever the status.
    pub async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<(u16, Bytes), Error> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status().as_u16();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// Posts JSON text; anything but 200 is an error.
    pub async fn post(&mut self, path: &str, body: Bytes) -> Result<Bytes, Error> {
        expect_ok(self.send(Method::POST, path, body).await?)
    }
}

fn expect_ok((status, body): (u16, Bytes)) -> Result<Bytes, Error> {
    match status {
        200 => Ok(body),
        _ => Err(Error::Status {
            status,
            body: String::from_utf8_lossy(&body).chars().take(500).collect(),
        }),
    }
}
