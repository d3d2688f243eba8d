//! What a request may reach, and what a hostile answer cannot do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use super::*;
use crate::channels::receiver::{Does, Receiver, says};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

const SHORT: Patience = Patience {
    connect: Duration::from_millis(800),
    answer: Duration::from_millis(300),
    body: Duration::from_millis(300),
};

fn open() -> Http {
    Http::new(&["127.0.0.1".to_owned()], &[]).unwrap()
}

fn nowhere() -> Names {
    Arc::new(|_| None)
}

fn post(url: &str) -> Outgoing<'_> {
    Outgoing {
        method: Method::POST,
        url,
        headers: &[("content-type", "text/plain")],
        body: b"hello".to_vec(),
    }
}

#[tokio::test]
async fn an_address_in_a_private_network_is_reached_only_if_it_is_named() {
    let receiver = Receiver::start(vec![says(200, "", "")]).await;
    let port = receiver.address.port();
    let closed = Http::new(&[], &[]).unwrap();
    for host in [
        "127.0.0.1",
        "127.1.2.3",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "localhost",
    ] {
        let url = format!("https://{host}:{port}/");
        assert_eq!(
            closed.send(post(&url)).await.unwrap_err(),
            Failure::Forbidden,
            "{url}"
        );
    }
    // In the clear is refused before anything is looked up.
    assert_eq!(
        closed.send(post(&receiver.url("/"))).await.unwrap_err(),
        Failure::Address
    );
    assert!(receiver.seen().is_empty());
    assert_eq!(
        open().send(post(&receiver.url("/a?b=c"))).await.unwrap().status,
        200
    );
    let seen = receiver.seen();
    assert_eq!(
        (seen[0].line.as_str(), seen[0].body.as_slice()),
        ("POST /a?b=c HTTP/1.1", b"hello".as_slice())
    );
    let other_port = Http::new(&[format!("127.0.0.1:{}", port ^ 1)], &[]).unwrap();
    assert_eq!(
        other_port.send(post(&receiver.url("/"))).await.unwrap_err(),
        Failure::Address
    );
}

#[tokio::test]
async fn odd_ways_to_write_an_address_do_not_help() {
    let closed = Http::new(&[], &[]).unwrap();
    for url in [
        "https://user:secret@shop.example/",
        "ftp://shop.example/",
        "//shop.example/",
        "https:///path",
        "shop.example",
        "",
        "file:///etc/passwd",
    ] {
        assert_eq!(
            closed.send(post(url)).await.unwrap_err(),
            Failure::Address,
            "{url}"
        );
    }
    // What the C library would take for an address is asked of the resolver, and what it answers is looked at.
    for url in [
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
    ] {
        let failure = closed.send(post(url)).await.unwrap_err();
        assert!(
            matches!(failure, Failure::Forbidden | Failure::Unreached),
            "{url}: {failure:?}"
        );
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_and_cannot_change_in_between() {
    let receiver = Receiver::start(vec![says(200, "", "")]).await;
    let port = receiver.address.port();
    // One public and one private address: a rebinding that hopes for the second.
    let mixed: Names = Arc::new(|_| Some(vec![[8, 8, 8, 8].into(), [127, 0, 0, 1].into()]));
    let url = format!("https://rebind.example:{port}/");
    let http = Http::new(&[], &[]).unwrap().with(mixed, SHORT);
    assert_eq!(http.send(post(&url)).await.unwrap_err(), Failure::Forbidden);
    // First public, then private: the name is asked once, so the second answer never comes.
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let turning: Names = Arc::new(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Some(vec![[192, 88, 98, 1].into()]),
        _ => Some(vec![[127, 0, 0, 1].into()]),
    });
    let http = Http::new(&[], &[]).unwrap().with(turning, SHORT);
    assert_eq!(http.send(post(&url)).await.unwrap_err(), Failure::Unreached);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_nobody_follows_it() {
    let inside = Receiver::start(vec![says(200, "", "secret")]).await;
    let location = format!("location: {}\r\n", inside.url("/latest/meta-data"));
    let receiver = Receiver::start(vec![says(302, &location, "")]).await;
    let answer = open().send(post(&receiver.url("/"))).await.unwrap();
    assert_eq!(answer.status, 302);
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn of_a_hostile_answer_little_is_read_and_the_status_stands() {
    let receiver = Receiver::start(vec![
        Does::Floods("HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\n"),
        Does::Floods("HTTP/1.1 201 OK\r\nconnection: close\r\n\r\n"),
        Does::Hangs(b"HTTP/1.1 202 OK\r\ncontent-length: 9\r\n\r\nabc".to_vec()),
        says(200, "content-length: 99999999999999999999\r\n", ""),
    ])
    .await;
    let http = open().with(nowhere(), SHORT);
    let url = receiver.url("/");
    // Something that HTTP does not allow is no answer; either way it ends, and with little in memory.
    if let Ok(answer) = http.send(post(&url)).await {
        assert!(answer.body.len() <= LONGEST_ANSWER);
    }
    let answer = http.send(post(&url)).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (201, LONGEST_ANSWER));
    let answer = http.send(post(&url)).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (202, b"abc".as_slice()));
    assert_eq!(http.send(post(&url)).await.unwrap_err(), Failure::Silence);
}

#[tokio::test]
async fn a_silent_or_broken_receiver_is_told_from_one_that_was_not_reached() {
    let receiver = Receiver::start(vec![
        Does::Hangs(Vec::new()),
        Does::Closes,
        Does::Hangs(b"HTTP/1.1 200".to_vec()),
        Does::Floods("HTTP/1.1 200 OK\r\nx: "),
        Does::Says("not HTTP at all".to_owned()),
    ])
    .await;
    let http = open().with(nowhere(), SHORT);
    for what in [
        "hangs",
        "closes",
        "hangs in the head",
        "an endless head",
        "no HTTP",
    ] {
        let failure = http.send(post(&receiver.url("/"))).await.unwrap_err();
        assert_eq!(failure, Failure::Silence, "{what}");
    }
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", gone.local_addr().unwrap());
    drop(gone);
    assert_eq!(http.send(post(&url)).await.unwrap_err(), Failure::Unreached);
    assert_eq!(receiver.seen().len(), 5);
}

#[tokio::test]
async fn only_the_certificate_of_the_very_host_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let openssl = |name: &str, more: &[&str]| {
        let made = Command::new("openssl")
            .current_dir(folder.path())
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ])
            .args([
                "-days",
                "2",
                "-subj",
                &format!("/CN={name}"),
                "-keyout",
                &format!("{name}.key"),
            ])
            .args(["-out", &format!("{name}.pem")])
            .args(more)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    openssl("root", &[]);
    let leaf = [
        "-CA",
        "root.pem",
        "-CAkey",
        "root.key",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ];
    openssl(
        "hook",
        &[&leaf[..], &["-addext", "subjectAltName=DNS:hook.example"]].concat(),
    );
    let root = CertificateDer::from_pem_file(at("root.pem")).unwrap();
    let certificate = CertificateDer::from_pem_file(at("hook.pem")).unwrap();
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate],
            PrivateKeyDer::from_pem_file(at("hook.key")).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let receiver = Receiver::with(vec![says(204, "", "")], Some(acceptor)).await;
    let here: Names = Arc::new(|_| Some(vec![[127, 0, 0, 1].into()]));
    let url = |host: &str| format!("https://{host}:{}/", receiver.address.port());
    let allowed = ["hook.example".to_owned(), "other.example".to_owned()];
    let believing = Http::new(&allowed, &[root])
        .unwrap()
        .with(Arc::clone(&here), SHORT);
    assert_eq!(
        believing.send(post(&url("hook.example"))).await.unwrap().status,
        204
    );
    assert_eq!(
        believing.send(post(&url("other.example"))).await.unwrap_err(),
        Failure::Unreached
    );
    let usual = Http::new(&allowed, &[]).unwrap().with(here, SHORT);
    assert_eq!(
        usual.send(post(&url("hook.example"))).await.unwrap_err(),
        Failure::Unreached
    );
    assert_eq!(
        receiver.seen().len(),
        1,
        "nothing was said to whom nobody believes"
    );
}
