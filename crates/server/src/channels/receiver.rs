//! A system that is told, for tests: HTTP over TCP or TLS, well-behaved or not.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What it does with one connection; the last of a list is done with all that follow.
#[derive(Clone)]
pub(super) enum Does {
    /// Answers.
    Says(String),
    /// Answers these bytes and then never ends.
    Hangs(Vec<u8>),
    /// Answers this head and then bytes without an end.
    Floods(&'static str),
    /// Reads and closes.
    Closes,
}

/// What it was sent.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// An answer with that status and these further lines.
pub(super) fn says(status: u16, lines: &str, body: &str) -> Does {
    let length = body.len();
    Does::Says(format!(
        "HTTP/1.1 {status} So\r\ncontent-length: {length}\r\n{lines}\r\n{body}"
    ))
}

impl Receiver {
    pub(super) async fn start(does: Vec<Does>) -> Receiver {
        Receiver::with(does, None).await
    }

    pub(super) async fn with(does: Vec<Does>, tls: Option<TlsAcceptor>) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let does = does[number.min(does.len() - 1)].clone();
                number += 1;
                let (kept, tls) = (Arc::clone(&kept), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, does, &kept).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, does, &kept).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Receiver { address, seen }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    does: Does,
    kept: &Mutex<Vec<Seen>>,
) -> Option<()> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&more[..count]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(&more[..count]);
    }
    kept.lock().unwrap().push(Seen { line, headers, body });
    match does {
        Does::Says(answer) => {
            stream.write_all(answer.as_bytes()).await.ok()?;
            stream.shutdown().await.ok()?;
        }
        Does::Hangs(first) => {
            stream.write_all(&first).await.ok()?;
            stream.flush().await.ok()?;
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        Does::Floods(head) => {
            stream.write_all(head.as_bytes()).await.ok()?;
            while stream.write_all(&[b'a'; 65536]).await.is_ok() {}
        }
        Does::Closes => {}
    }
    Some(())
}
