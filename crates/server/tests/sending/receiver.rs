//! Receivers of the tests: HTTP with or without TLS, and mail.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A request.
#[derive(Clone, Debug)]
pub struct Seen {
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// A message that arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub from: String,
    pub to: String,
    pub text: String,
}

/// Somebody who listens.
pub struct Receiver {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    mails: Arc<Mutex<Vec<Mail>>>,
    status: Arc<AtomicU16>,
    manner: Arc<Mutex<Manner>>,
}

/// How a receiver of requests answers, once it has read one.
#[derive(Clone, Default, Debug)]
pub enum Manner {
    /// As one should.
    #[default]
    Plain,
    /// It sends whoever asks to another address.
    Elsewhere(String),
    /// Byte by byte, in a head that never ends.
    Trickle,
    /// A body that never ends.
    Endless,
}

/// `root.pem` in that folder, and a server for `localhost` that it vouches for.
pub fn certificate(folder: &Path) -> TlsAcceptor {
    let openssl = |name: &str, more: &[&str]| {
        let made = Command::new("openssl")
            .current_dir(folder)
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ])
            .args(["-days", "2", "-subj", &format!("/CN={name}")])
            .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")])
            .args(more)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    openssl("root", &[]);
    openssl(
        "leaf",
        &[
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "subjectAltName=DNS:localhost",
        ],
    );
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(folder.join("leaf.pem")).unwrap()],
            PrivateKeyDer::from_pem_file(folder.join("leaf.key")).unwrap(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

impl Receiver {
    /// Answers everything with 200, or with what [`Receiver::answers`] says.
    pub async fn http(tls: Option<TlsAcceptor>) -> Receiver {
        let (listener, receiver) = Receiver::new().await;
        let (seen, status) = (Arc::clone(&receiver.seen), Arc::clone(&receiver.status));
        let manner = Arc::clone(&receiver.manner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, status, tls) = (Arc::clone(&seen), Arc::clone(&status), tls.clone());
                let manner = Arc::clone(&manner);
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &seen, &status, &manner).await,
                        Some(tls) => serve(tls.accept(stream).await.ok()?, &seen, &status, &manner).await,
                    }
                });
            }
        });
        receiver
    }

    /// Takes every mail.
    pub async fn smtp() -> Receiver {
        let (listener, receiver) = Receiver::new().await;
        let mails = Arc::clone(&receiver.mails);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mails = Arc::clone(&mails);
                tokio::spawn(async move { mail(stream, &mails).await });
            }
        });
        receiver
    }

    async fn new() -> (TcpListener, Receiver) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Receiver {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            mails: Arc::default(),
            status: Arc::new(AtomicU16::new(200)),
            manner: Arc::default(),
        };
        (listener, receiver)
    }

    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub fn behaves(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seen: &Mutex<Vec<Seen>>,
    status: &AtomicU16,
    manner: &Mutex<Manner>,
) -> Option<()> {
    let mut bytes = Vec::new();
    let mut more = [0; 4096];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let count = stream.read(&mut more).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&more[..count]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let headers: BTreeMap<String, String> = head
        .split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let count = stream.read(&mut more).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(&more[..count]);
    }
    seen.lock().unwrap().push(Seen { headers, body });
    let manner = manner.lock().unwrap().clone();
    match manner {
        Manner::Plain => {}
        Manner::Elsewhere(to) => {
            let head = format!(
                "HTTP/1.1 307 Elsewhere\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.ok()?;
            return stream.shutdown().await.ok();
        }
        Manner::Trickle => {
            stream.write_all(b"HTTP/1.1 200 So\r\nx-slow: ").await.ok()?;
            loop {
                stream.write_all(b"a").await.ok()?;
                stream.flush().await.ok()?;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        Manner::Endless => {
            let head = b"HTTP/1.1 200 So\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n[";
            stream.write_all(head).await.ok()?;
            loop {
                stream.write_all(&[b' '; 4096]).await.ok()?;
            }
        }
    }
    let answer = r#"{"id":"42"}"#;
    let answer = format!(
        "HTTP/1.1 {} So\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        status.load(Ordering::SeqCst),
        answer.len()
    );
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

async fn mail(stream: TcpStream, mails: &Mutex<Vec<Mail>>) -> Option<()> {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from);
    let (mut sender, mut recipient) = (String::new(), String::new());
    to.write_all(b"220 sink ESMTP\r\n").await.ok()?;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
        let verb = line.trim_end().to_ascii_uppercase();
        let place = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer: &[u8] = match verb.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "MAIL" => {
                sender = place(&line);
                b"250 ok\r\n"
            }
            "RCPT" => {
                recipient = place(&line);
                b"250 ok\r\n"
            }
            "DATA" => {
                to.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    lines.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
                    if line == ".\r\n" {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                mails.lock().unwrap().push(Mail {
                    from: sender.clone(),
                    to: recipient.clone(),
                    text,
                });
                b"250 2.0.0 taken\r\n"
            }
            "QUIT" => {
                to.write_all(b"221 bye\r\n").await.ok()?;
                return Some(());
            }
            _ => b"250 ok\r\n",
        };
        to.write_all(answer).await.ok()?;
    }
}
