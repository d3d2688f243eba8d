//! What the server never says: in logs, metrics and answers there is nothing that names a person or
//! tells what they did; and nothing it says depends on the `Host` that a caller claims.

use super::support::{self, WRITE_KEY, agrees, ask, bought, key, viewed};
use base64::Engine as _;
use hyper::Method;
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

/// Everything that is logged in this process from the first call on, whatever its level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The log of this process.
pub fn log() -> String {
    static LOG: OnceLock<Log> = OnceLock::new();
    let log = LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    });
    String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_log_nor_metrics_name_anybody_or_tell_what_they_did() {
    log();
    let house = support::learned().await;
    // Identifiers, traits, items, fields, keys: whatever way they come, and whether it goes well.
    let sent = [
        "quiet-user",
        "quiet-visitor",
        "quiet-trait",
        "quiet-item",
        "quiet-order",
        "quiet-key",
        "quiet-name",
        "quiet-query",
        "quiet-place",
        "quiet-id",
        "203.0.113.77",
        "QuietAgent",
    ];
    let mut seen = viewed("quiet-user", "quiet-item");
    seen["anonymousId"] = json!("quiet-visitor");
    seen["properties"]["quiet-name"] = json!("quiet-trait");
    seen["context"] = json!({ "ip": "203.0.113.77", "userAgent": "QuietAgent" });
    let identify = json!({
        "type": "identify", "messageId": "quiet-id", "userId": "quiet-user",
        "traits": { "customer_number": "quiet-trait", "quiet-name": 1 },
    });
    let wrong = json!({ "type": "quiet-name", "userId": "quiet-user" });
    let nulls = json!({ "type": "track", "event": ["quiet-name"], "userId": { "quiet-id": 1 } });
    house
        .send_all(&[
            agrees("quiet-user", &[true; 3]),
            seen,
            bought("quiet-user", &["quiet-item", "i1"]),
            identify,
            wrong,
            nulls,
        ])
        .await;
    let headers = [
        ("x-forwarded-for", "203.0.113.77"),
        ("user-agent", "QuietAgent"),
        ("referer", "https://quiet-place"),
    ];
    let bearer = [key()];
    let basic = base64::engine::general_purpose::STANDARD.encode("quiet-key:");
    let basic = format!("Basic {basic}");
    let pixel = base64::engine::general_purpose::STANDARD
        .encode(json!({ "writeKey": WRITE_KEY, "userId": "quiet-user", "event": "quiet-name" }).to_string());
    let requests = [
        (
            Method::POST,
            "/v1/batch".into(),
            headers.to_vec(),
            "{\"batch\":[quiet-user".into(),
        ),
        (
            Method::POST,
            "/v1/track".into(),
            vec![("authorization", &basic)],
            "{\"userId\":\"quiet-user\"}".into(),
        ),
        (
            Method::POST,
            "/v1/track?writeKey=quiet-key".into(),
            headers.to_vec(),
            "{}".into(),
        ),
        (
            Method::GET,
            format!("/v1/pixel/track?data={pixel}"),
            headers.to_vec(),
            String::new(),
        ),
        (
            Method::GET,
            "/v1/pixel/quiet-name?data=quiet-query".into(),
            headers.to_vec(),
            String::new(),
        ),
        (
            Method::GET,
            "/v1/projects/quiet-key/settings".into(),
            headers.to_vec(),
            String::new(),
        ),
        (
            Method::GET,
            "/quiet-place?user=quiet-user".into(),
            headers.to_vec(),
            String::new(),
        ),
        (
            Method::GET,
            "/v1/records/quiet-id/receipt".into(),
            bearer.to_vec(),
            String::new(),
        ),
        (
            Method::GET,
            "/v1/sources/quiet-name/discards".into(),
            bearer.to_vec(),
            String::new(),
        ),
        (
            Method::GET,
            "/demo?customer=quiet-user&notice=quiet-id".into(),
            headers.to_vec(),
            String::new(),
        ),
        (
            Method::POST,
            "/v1/recommendations".into(),
            bearer.to_vec(),
            "{\"quiet-name\":\"quiet-user\"}".into(),
        ),
        (
            Method::POST,
            "/v1/recommendations".into(),
            bearer.to_vec(),
            json!({
                "userId": "quiet-user", "anonymousId": "quiet-visitor", "placement": "quiet-place",
                "filters": { "categories": ["quiet-name"] },
            })
            .to_string(),
        ),
    ];
    for (method, path, headers, body) in requests {
        let answer = ask(house.address, method, &path, &headers, body).await;
        assert!(answer.status.as_u16() < 500, "{path}");
        // What a caller sent does not come back, but for the items of a list.
        assert!(!answer.text().contains("quiet-user"), "{path}: {}", answer.text());
    }
    house.app.gate.integrate().await.unwrap();
    let metrics = ask(house.address, Method::GET, "/metrics", &[], "").await;
    assert_eq!(metrics.status, 200);
    let discards = house.get("/v1/sources/shop/discards").await.text();
    for name in [
        "egard_events_total",
        "egard_decisions_total",
        "egard_openings_total",
        "egard_request_seconds",
    ] {
        assert!(metrics.text().contains(name), "{name} is not counted");
    }
    let log = log();
    assert!(
        log.contains("/v1/recommendations") && log.contains("DEBUG"),
        "nothing was logged"
    );
    for word in sent.iter().chain(&[WRITE_KEY, support::API_KEY]) {
        for (place, text) in [("the log", &log), ("the metrics", &metrics.text())] {
            let line = text.lines().find(|line| line.contains(word));
            assert!(line.is_none(), "`{word}` is in {place}: {line:?}");
        }
        // Names of undeclared fields are shown there, if they look like a programmer's.
        assert!(
            *word == "quiet-name" || !discards.contains(word),
            "`{word}`: {discards}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_claims_the_host_to_be_changes_nothing() {
    let house = support::learned().await;
    let settings = format!("/v1/projects/{WRITE_KEY}/settings");
    let switch = "token=forged&customer=p0&lang=en&personalisation=off";
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (method, path, body) in [
        (Method::GET, settings.as_str(), ""),
        (Method::GET, "/openapi.json", ""),
        (Method::GET, "/demo?lang=en", ""),
        (Method::GET, "/no/such/place", ""),
        (Method::POST, "/demo/personalisation", switch),
    ] {
        let honest = ask(house.address, method.clone(), path, &[form], body).await;
        let evil = [
            form,
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "gopher"),
            ("forwarded", "host=evil.example"),
            ("x-original-url", "/metrics"),
        ];
        let answer = ask(house.address, method, path, &evil, body).await;
        assert_eq!(answer.status, honest.status, "{path}");
        assert!(!answer.text().contains("evil.example"), "{path}");
        for (name, value) in &answer.headers {
            assert!(!value.to_str().unwrap().contains("evil"), "{path}: {name}");
        }
        if path == settings {
            assert_eq!(answer.body, honest.body);
            assert!(answer.text().contains("public.example/v1"), "{}", answer.text());
        }
        if let Some(location) = answer.headers.get("location") {
            assert!(location.to_str().unwrap().starts_with("/demo?"), "{location:?}");
        }
    }
}
