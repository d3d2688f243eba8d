//! Limits: what is too large is refused in words, and costs no more than the limit.

use super::recorder::Recorder;
use super::{API_KEY, app, ask};
use axum::body::{Body, Bytes};
use axum::http::Request;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::io::Write as _;

async fn check(path: &str, body: impl Into<Body>, strict: bool, expected: (u16, &str)) -> usize {
    let recorder = Recorder::default();
    let request = Request::post(path)
        .header("Authorization", "Basic a2V5LXNob3A6")
        .body(body.into())
        .unwrap();
    let (answer, body) = ask(&app(strict, &recorder), request).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (answer.status.as_u16(), body["code"].as_str().unwrap_or("")),
        expected
    );
    recorder.arrived().len()
}

fn batch(messages: usize, filler: usize) -> Vec<u8> {
    let message = |i| {
        json!({"type": "track", "event": "E", "userId": "u", "messageId": format!("m{i}"),
               "properties": {"filler": "x".repeat(filler)}})
    };
    serde_json::to_vec(&json!({"batch": (0..messages).map(message).collect::<Vec<_>>()})).unwrap()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn ten_megabytes_are_refused_plain_and_compressed() {
    let large = batch(1_000, 10_000);
    assert!(large.len() > 10_000_000);
    check("/v1/batch", large.clone(), false, (400, "payload_too_large")).await;
    check("/v1/batch", large.clone(), true, (413, "payload_too_large")).await;
    check("/v1/batch", gzip(&large), false, (400, "payload_too_large")).await;
    check(
        "/v1/batch",
        gzip(&vec![b' '; 100 << 20]),
        false,
        (400, "payload_too_large"),
    )
    .await;
}

#[tokio::test]
async fn a_client_that_sends_ten_megabytes_gets_to_read_the_answer() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app(false, &Recorder::default());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let body = batch(1_000, 10_000);
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let mut answer = [0; 24];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 400 Bad Request");
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::convert::Infallible>>(1);
    let endless = tokio::spawn(async move {
        let mut sent = 0usize;
        while sender.send(Ok(Bytes::from(vec![b' '; 1 << 20]))).await.is_ok() {
            sent += 1;
        }
        sent
    });
    let body = Body::new(Stream(receiver));
    check("/v1/batch", body, false, (400, "payload_too_large")).await;
    assert!(
        endless.await.unwrap() < 40,
        "megabytes taken of a body that was refused after five"
    );
}

/// A body of frames from a channel.
struct Stream(tokio::sync::mpsc::Receiver<Result<Bytes, std::convert::Infallible>>);

impl axum::body::HttpBody for Stream {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        self.0
            .poll_recv(context)
            .map(|next| next.map(|data| data.map(hyper::body::Frame::data)))
    }
}

#[tokio::test]
async fn large_batches_that_are_allowed_arrive_whole() {
    assert_eq!(
        check("/v1/batch", batch(100, 30_000), false, (200, "")).await,
        100
    );
    assert_eq!(
        check("/v1/batch", gzip(&batch(2_500, 100)), false, (200, "")).await,
        2_500
    );
}

#[tokio::test]
async fn too_many_messages_are_refused_together() {
    check("/v1/batch", batch(2_501, 1), false, (400, "too_many_messages")).await;
    let nothing_but_commas = format!("{{\"batch\":[{}0]}}", "0,".repeat(2_000_000));
    check("/v1/batch", nothing_but_commas, false, (400, "too_many_messages")).await;
}

#[tokio::test]
async fn a_message_over_its_limit_is_discarded_alone() {
    let mut messages: Vec<u8> = batch(2, 1);
    let large = format!(",{{\"type\":\"track\",\"x\":\"{}\"}}]}}", "x".repeat(33_000));
    messages.truncate(messages.len() - 2);
    messages.extend_from_slice(large.as_bytes());
    assert_eq!(check("/v1/batch", messages, false, (200, "")).await, 2);
    let single = format!("{{\"userId\":\"u\",\"event\":\"{}\"}}", "x".repeat(33_000));
    check("/v1/track", single, false, (400, "payload_too_large")).await;
}

#[tokio::test]
async fn nesting_without_end_is_a_bad_message_and_not_a_full_stack() {
    let deep = format!(
        "{{\"userId\":\"u\",\"event\":\"e\",\"properties\":{}1{}}}",
        "{\"a\":".repeat(5_000),
        "}".repeat(5_000)
    );
    assert_eq!(check("/v1/track", deep, false, (200, "")).await, 0);
    let deep = format!(
        "{{\"batch\":[{}1{}]}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert_eq!(check("/v1/batch", deep, false, (200, "")).await, 0);
}

#[tokio::test]
async fn the_discards_of_a_source_need_an_api_key() {
    let app = app(false, &Recorder::default());
    for (path, key, expected) in [
        ("/v1/sources/shop/discards", "", 401),
        ("/v1/sources/shop/discards", "Bearer key-shop", 401),
        ("/v1/sources/shop/discards", &format!("Bearer {API_KEY}"), 200),
        ("/v1/sources/none/discards", &format!("Bearer {API_KEY}"), 404),
    ] {
        let request = Request::get(path)
            .header("Authorization", key)
            .body(Body::empty())
            .unwrap();
        let (answer, _) = ask(&app, request).await;
        assert_eq!(answer.status.as_u16(), expected, "{path} {key}");
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "for servers, not for pages"
        );
    }
}
