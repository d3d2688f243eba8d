//! Requests that lie about where they come from or where they go.

use super::support::{self, House, WRITE_KEY, ask, ids};
use hyper::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const EVIL: &str = "evil.example";

/// Every way to tell a server that it is somebody else.
const LIES: [&[(&str, &str)]; 6] = [
    &[("host", EVIL)],
    &[("x-forwarded-host", EVIL), ("x-forwarded-proto", "http")],
    &[("forwarded", "host=evil.example;proto=http;for=evil.example")],
    &[
        ("x-original-url", "https://evil.example/"),
        ("x-rewrite-url", "https://evil.example/"),
    ],
    &[
        ("origin", "https://evil.example"),
        ("referer", "https://evil.example/x"),
    ],
    &[
        ("x-forwarded-prefix", "//evil.example"),
        ("x-forwarded-server", EVIL),
    ],
];

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_believes_what_a_request_says_of_its_host() {
    let house = support::learned().await;
    let settings = format!("/v1/projects/{WRITE_KEY}/settings");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let honest = ask(house.address, Method::GET, &settings, &[], "").await;
    assert!(honest.text().contains("public.example/v1"), "{}", honest.text());
    for lie in LIES {
        let lied = ask(house.address, Method::GET, &settings, lie, "").await;
        assert_eq!(lied.body, honest.body, "{lie:?}");
        for (method, path, body) in [
            (Method::GET, "/demo?customer=p0", ""),
            (Method::GET, "/openapi.json", ""),
            (Method::GET, "/ledger/checkpoint", ""),
            (Method::GET, "/v1/nothing", ""),
            (
                Method::POST,
                "/demo/personalisation",
                "personalisation=on&customer=p0",
            ),
            (
                Method::POST,
                "/v1/recommendations",
                r#"{"userId":"p0","placement":"home"}"#,
            ),
        ] {
            let headers = [lie, &[form, support::key()]].concat();
            let answer = ask(house.address, method, path, &headers, body).await;
            assert!(!answer.text().contains(EVIL), "{path} {lie:?}: {}", answer.text());
            for (name, value) in &answer.headers {
                let value = String::from_utf8_lossy(value.as_bytes());
                assert!(!value.contains(EVIL), "{path} {lie:?}: {name}: {value}");
            }
        }
    }
}

/// Bytes as no library would send them, and all that comes back before the connection ends.
async fn raw(house: &House, bytes: &str) -> String {
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has answered what it had to say.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cannot_be_smuggled_behind_another() {
    let house = support::start_in_memory().await;
    let second = "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    for head in [
        // Two lengths; a length beside chunks; chunks that are hidden from a proxy.
        format!(
            "content-length: 2\r\ncontent-length: {}\r\n\r\n{{}}",
            second.len() + 2
        ),
        "content-length: 2\r\ntransfer-encoding: gzip\r\n\r\n{}".to_owned(),
        "transfer-encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_owned(),
        "transfer-encoding : chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_owned(),
        "content-length: +2\r\n\r\n{}".to_owned(),
        "content-length: 2\r\n folded: yes\r\n\r\n{}".to_owned(),
    ] {
        let answer = raw(
            &house,
            &format!("POST /v1/m HTTP/1.1\r\nhost: x\r\n{head}{second}"),
        )
        .await;
        assert!(!answer.contains("egard_"), "{head:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head:?}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 4"), "{head:?}: {answer}");
    }
    // The same connection, used honestly, does answer twice.
    let honest = format!("POST /v1/m HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{{}}{second}");
    assert_eq!(raw(&house, &honest).await.matches("HTTP/1.1 200").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_switch_a_person_on_or_take_their_history_away() {
    let house = support::learned().await;
    let known = house.known("p0").await;
    let profiled = async || {
        let list = house.recommend(json!({ "userId": "p0" })).await;
        (list["mode"].as_str().unwrap().to_owned(), ids(&list))
    };
    let before = profiled().await;
    assert_eq!(before.0, "profiled");
    let urlencoded = "application/x-www-form-urlencoded";
    let item = support::bought_by(0).remove(0);
    for (method, path, kind, body) in [
        // Without the token, with a wrong one, with one that only begins right.
        (
            Method::POST,
            "/demo/personalisation",
            urlencoded,
            "customer=p0&personalisation=off".to_owned(),
        ),
        (
            Method::POST,
            "/demo/personalisation",
            urlencoded,
            "token=&customer=p0&personalisation=off".to_owned(),
        ),
        (
            Method::POST,
            "/demo/personalisation",
            urlencoded,
            "token=the-token&customer=p0&personalisation=off".to_owned(),
        ),
        (
            Method::POST,
            "/demo/forget",
            urlencoded,
            format!("token=x&customer=p0&item={item}"),
        ),
        // What a form of another site can send without asking first.
        (
            Method::POST,
            "/demo/forget",
            "text/plain",
            format!("token=the-token-of-the-forms&customer=p0&item={item}"),
        ),
        (
            Method::POST,
            "/demo/forget",
            "multipart/form-data; boundary=b",
            "--b--".to_owned(),
        ),
        // Reading changes nothing, whatever the address says.
        (
            Method::GET,
            "/demo/forget?token=the-token-of-the-forms&customer=p0&item=i0",
            urlencoded,
            String::new(),
        ),
        (
            Method::GET,
            "/demo?customer=p0&personalisation=off&token=the-token-of-the-forms",
            urlencoded,
            String::new(),
        ),
        (
            Method::HEAD,
            "/demo/personalisation?personalisation=off",
            urlencoded,
            String::new(),
        ),
    ] {
        let headers = [("content-type", kind), ("origin", "https://evil.example")];
        let answer = ask(house.address, method, path, &headers, body.clone()).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
        assert_eq!(profiled().await, before, "{path} {body}");
    }
    assert_eq!(house.known("p0").await, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_form_sends_cannot_write_a_header_or_lead_away() {
    let house = support::learned().await;
    let kind = ("content-type", "application/x-www-form-urlencoded");
    for customer in [
        "p0%0d%0aset-cookie:%20a=b",
        "%0d%0a%0d%0a<script>",
        "//evil.example/",
        "https://evil.example",
        "%2F%2Fevil.example%23%26lang%3Dx",
        "\u{202e}%00%7f",
    ] {
        for body in [
            format!("customer={customer}&personalisation=on&lang={customer}"),
            format!("token={customer}&customer={customer}&personalisation=off"),
        ] {
            let answer = ask(
                house.address,
                Method::POST,
                "/demo/personalisation",
                &[kind],
                body.clone(),
            )
            .await;
            assert_eq!(answer.status, 303, "{body}");
            assert!(!answer.headers.contains_key("set-cookie"), "{body}");
            let location = answer.headers["location"].to_str().unwrap();
            assert!(location.starts_with("/demo?customer="), "{body}: {location}");
            let rest = &location["/demo?customer=".len()..];
            assert!(
                !rest.contains(['/', '<', '\r', '\n', ' ', '?', ':']),
                "{body}: {location}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_on_another_site_permits_nothing_for_anybody() {
    let house = support::learned().await;
    let mode = async |who: &str| {
        let list = house.recommend(json!({ "userId": who })).await;
        list["mode"].as_str().unwrap().to_owned()
    };
    let consent = "event=Segment%20Consent%20Preference%20Updated&context.consent.categoryPreferences.Personalisation=true";
    let data = json!({"event": gate::CONSENT_EVENT, "userId": "refuser",
        "context": {"consent": {"categoryPreferences": {"Personalisation": true}}}});
    let data = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        data.to_string(),
    );
    for (who, query) in [
        ("refuser", format!("userId=refuser&{consent}")),
        ("refuser", format!("data={data}")),
        ("stranger", format!("userId=stranger&{consent}")),
    ] {
        for path in ["/v1/pixel/track", "/pixel/v1/track.gif"] {
            let path = format!("{path}?writeKey={WRITE_KEY}&{query}");
            let answer = ask(house.address, Method::GET, &path, &[], "").await;
            assert_eq!(answer.headers["content-type"], "image/gif");
        }
        assert_eq!(mode(who).await, "contextual", "{query}");
        house.send_all(&[support::viewed(who, "i1")]).await;
        assert!(
            house
                .known(who)
                .await
                .iter()
                .all(|line| line.contains("viewed 0")),
            "{query}"
        );
    }
}
