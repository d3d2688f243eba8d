//! Rights over real HTTP: asked for, carried out, answered, told to controllers; and what an
//! interruption, a deadline or a failing receiver makes of them.

use super::support::{self, API_KEY, House, WRITE_KEY, agrees, ask, bought, key, viewed};
use ed25519_dalek::{Signature, VerifyingKey};
use hyper::Method;
use serde_json::{Value, json};
use server::app::App;
use server::ingest::Clock;
use server::rights::{self, By, Fault, Right, Status, Step, Via};
use server::serve;
use server::work::answer_rights;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use vocabulary::{DAY_MS, Moment, Signals};

const REQUESTS: &str = "/v1/rights-requests";

impl House {
    pub(super) async fn api(&self, method: Method, path: &str, body: &Value) -> support::Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        ask(self.address, method, path, &[key()], body).await
    }

    async fn asks(&self, user: &str, right: &str) -> Value {
        let body = json!({ "userId": user, "right": right });
        let answer = self.api(Method::POST, REQUESTS, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    async fn mode(&self, user: &str) -> String {
        let answer = self.recommend(json!({ "userId": user })).await;
        answer["mode"].as_str().unwrap().to_owned()
    }
}

/// Checks a value against as much of JSON Schema as ours uses.
fn check(schema: &Value, value: &Value, place: &str) {
    if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
        let fits = |option: &Value| std::panic::catch_unwind(|| check(option, value, place)).is_ok();
        assert!(options.iter().any(fits), "{place}: none of `anyOf`");
        return;
    }
    if let Some(wanted) = schema.get("const") {
        assert_eq!(value, wanted, "{place}");
    }
    if let Some(wanted) = schema.get("enum").and_then(Value::as_array) {
        assert!(wanted.contains(value), "{place}: {value}");
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{place}: unknown type {other}"),
    };
    assert!(
        types.is_empty() || types.iter().any(|kind| is(kind)),
        "{place}: {value}"
    );
    if let (Some(minimum), Some(number)) = (schema.get("minimum"), value.as_f64()) {
        assert!(number >= minimum.as_f64().unwrap(), "{place}");
    }
    if let (Some(most), Some(list)) = (schema.get("maxItems"), value.as_array()) {
        assert!(list.len() as u64 <= most.as_u64().unwrap(), "{place}");
    }
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        list.iter()
            .enumerate()
            .for_each(|(i, item)| check(items, item, &format!("{place}/{i}")));
    }
    if let (Some(properties), Some(members)) = (schema.get("properties"), value.as_object()) {
        for required in schema["required"].as_array().into_iter().flatten() {
            assert!(
                members.contains_key(required.as_str().unwrap()),
                "{place}: no {required}"
            );
        }
        for (name, member) in members {
            let own = properties
                .get(name)
                .unwrap_or_else(|| panic!("{place}: {name} is not in the schema"));
            check(own, member, &format!("{place}/{name}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn access_answers_everything_in_the_form_its_schema_says_and_leaves_a_receipt() {
    let house = support::learned().await;
    let recommended = house.recommend(json!({ "userId": "p0" })).await;
    let evil = json!({ "type": "identify", "messageId": "evil", "userId": "p0", "traits": { "customer_number": "=cmd|' /C calc'!A0" } });
    house.send_all(&[evil, bought("p9", &["i1", "i23"])]).await;
    house.learn().await;
    assert_ne!(
        house.recommend(json!({ "userId": "p9" })).await["model"],
        recommended["model"]
    );
    let request = house.asks("p0", "access").await;
    assert_eq!(request["status"], "fulfilled", "{request}");
    let steps: Vec<&str> = request["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["status"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["open", "in_progress", "fulfilled"]);
    let place = request["export"].as_str().unwrap();
    assert!(!place.contains("p0"), "an identifier in an address");
    let answer = house.api(Method::GET, place, &Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let schema = ask(
        house.address,
        Method::GET,
        "/v1/rights-requests/export.schema.json",
        &[],
        "",
    )
    .await
    .json();
    let export = answer.json();
    check(&schema, &export, "");
    // The check can fail: a member too many and a wrong type are found.
    let mut wrong = export.clone();
    wrong["more"] = json!(1);
    assert!(std::panic::catch_unwind(|| check(&schema, &wrong, "")).is_err());
    wrong = export.clone();
    wrong["items"][0]["viewed"] = json!("one");
    assert!(std::panic::catch_unwind(|| check(&schema, &wrong, "")).is_err());
    let count = |name: &str| export[name].as_array().unwrap().len();
    assert_eq!(count("items"), 7);
    assert_eq!(
        count("events"),
        16,
        "a consent, seven views, seven orders, a name"
    );
    let decided = export["decisions"].as_array().unwrap();
    let decision = decided
        .iter()
        .find(|d| d["record"] == recommended["record"])
        .expect("the list is not in it");
    // Every reason of every item, as it was then, though another model is in force now.
    let (shown, why) = (&recommended["items"], &decision["why"]["items"]);
    assert_eq!(shown.as_array().unwrap().len(), why.as_array().unwrap().len());
    for (shown, why) in shown.as_array().unwrap().iter().zip(why.as_array().unwrap()) {
        assert_eq!((&shown["id"], &shown["score"]), (&why["item"], &why["score"]));
        let sum: f64 = why["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["amount"].as_f64().unwrap())
            .sum();
        assert!((sum - why["score"].as_f64().unwrap()).abs() < 1e-9, "{why}");
    }
    assert!(!decision["why"]["counterfactuals"].as_array().unwrap().is_empty());
    assert_eq!(export["recipients"][0]["name"], "Example Hosting");
    // The answer is a decision of its own, with a receipt.
    let record = answer.headers["egard-record"].to_str().unwrap();
    let receipt = house.get(&format!("/v1/records/{record}/receipt")).await.json();
    assert!(
        receipt["details"]
            .as_str()
            .unwrap()
            .contains(&vocabulary::Digest::of(&answer.body).to_string())
    );

    let table = house
        .api(Method::GET, &format!("{place}?form=csv"), &Value::Null)
        .await;
    assert!(
        table.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    let text = table.text();
    assert!(text.starts_with("\"what\",\"name\""), "{text}");
    assert_eq!(
        text.matches("\r\n\"decision\",").count(),
        count("decisions") + 1,
        "one more since: the first export"
    );
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        for cell in line.split("\",\"") {
            let first = cell.trim_start_matches('"').chars().next();
            assert!(!matches!(first, Some('=' | '@' | '+')), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_gone_and_the_request_stands_without_them() {
    let house = support::learned().await;
    let (one, other) = tokio::join!(house.asks("p1", "erasure"), house.asks("p1", "erasure"));
    for request in [&one, &other] {
        assert!(
            ["open", "fulfilled", "in_progress", "denied"].contains(&request["status"].as_str().unwrap()),
            "{request}"
        );
    }
    assert!(
        one["status"] == "fulfilled" || other["status"] == "fulfilled",
        "{one} {other}"
    );
    let done = if one["status"] == "fulfilled" { one } else { other };
    assert!(house.known("p1").await.is_empty());
    let found = house
        .api(
            Method::POST,
            "/v1/rights-requests/find",
            &json!({ "userId": "p1" }),
        )
        .await;
    assert_eq!(found.json()["requests"], json!([]));
    let still = house
        .get(&format!("{REQUESTS}/{}", done["id"].as_str().unwrap()))
        .await
        .json();
    assert_eq!(still["status"], "fulfilled");
    assert!(still.get("export").is_none());
    let again = house.asks("p1", "access").await;
    assert_eq!(
        (again["status"].as_str(), again["denial"].as_str()),
        (Some("denied"), Some("no_match"))
    );
    let revoked = house
        .api(
            Method::DELETE,
            &format!("{REQUESTS}/{}", done["id"].as_str().unwrap()),
            &Value::Null,
        )
        .await;
    assert_eq!(revoked.status, 409);
    assert_eq!(house.known("p2").await.len(), 7, "somebody else's data went too");
}

#[tokio::test(flavor = "multi_thread")]
async fn restriction_objection_and_withdrawal_hold_at_the_next_decision() {
    let house = support::learned().await;
    for (user, right) in [("p3", "restriction"), ("p4", "objection"), ("p5", "withdraw-all")] {
        assert_eq!(house.mode(user).await, "profiled");
        assert_eq!(house.asks(user, right).await["status"], "fulfilled");
        assert_eq!(house.mode(user).await, "contextual", "{right}");
    }
    assert_eq!(house.mode("p6").await, "profiled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_carried_out_at_once_and_an_impossible_one_changes_nothing() {
    let house = support::start_in_memory().await;
    let named = json!({ "type": "identify", "messageId": "n1", "userId": "ann", "traits": { "customer_number": "Anne" } });
    house.send_all(&[named, bought("ann", &["i1"])]).await;
    let corrected = |value: Value| json!({ "userId": "ann", "right": "rectification", "corrections": [{ "name": "customer_number", "value": value }] });
    let answer = house.api(Method::POST, REQUESTS, &corrected(json!("Ann"))).await;
    assert_eq!(answer.json()["status"], "fulfilled", "{}", answer.text());
    let export = async || {
        let place = house.asks("ann", "portability").await["export"]
            .as_str()
            .unwrap()
            .to_owned();
        house.get(&place).await.json()
    };
    assert_eq!(export().await["traits"][0]["value"], "Ann");
    let impossible = [json!({"a": 1}), json!("x".repeat(5_000))];
    for value in impossible {
        let answer = house.api(Method::POST, REQUESTS, &corrected(value)).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert_eq!(answer.json()["errors"][0]["pointer"], "/corrections/0");
    }
    let answer = house.api(Method::POST, REQUESTS, &corrected(Value::Null)).await;
    assert_eq!(answer.json()["status"], "fulfilled");
    assert_eq!(export().await["traits"], json!([]));
    // Without a correction that a program understands, a human reads it.
    let words = json!({ "userId": "ann", "right": "rectification", "words": "my order was for my sister" });
    let open = house.api(Method::POST, REQUESTS, &words).await.json();
    assert_eq!(open["status"], "open");
    let same = house.api(Method::POST, REQUESTS, &words).await.json();
    assert_eq!(same["id"], open["id"], "asking twice is asking once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_read_is_refused_without_repeating_it() {
    let house = support::start_in_memory().await;
    for (body, status) in [
        (json!({ "userId": "secret-name", "right": "secret-right" }), 400),
        (json!({ "right": "access" }), 422),
        (json!({ "userId": "null", "right": "access" }), 422),
        (
            json!({ "userId": "secret-name", "right": "access", "words": "secret".repeat(1_000) }),
            422,
        ),
        (
            json!({ "userId": "secret-name", "right": "access", "callbacks": ["https://secret.example/x"] }),
            422,
        ),
        (
            json!({ "userId": "secret-name", "right": "erasure", "corrections": [{ "name": "secret", "value": 1 }] }),
            422,
        ),
    ] {
        let answer = house.api(Method::POST, REQUESTS, &body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(!answer.text().contains("secret-"), "{}", answer.text());
    }
    let unknown = format!("{REQUESTS}/a7551968-d5d6-44b2-9831-815ac9017798");
    for path in [unknown.as_str(), "/v1/rights-requests/1"] {
        assert_eq!(house.get(path).await.status, 404);
    }
    for (method, path) in [
        (Method::POST, REQUESTS),
        (Method::GET, unknown.as_str()),
        (Method::POST, "/opendsr/requests"),
    ] {
        let answer = ask(house.address, method, path, &[], "{}").await;
        assert_eq!(answer.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_human_reviews_prolongs_and_answers_in_words_that_only_the_person_gets() {
    let house = support::learned().await;
    let listed = house.recommend(json!({ "userId": "p7" })).await;
    let body = json!({ "userId": "p7", "right": "human-review", "record": listed["record"], "words": "why only mugs?" });
    let open = house.api(Method::POST, REQUESTS, &body).await.json();
    assert_eq!(open["status"], "open");
    let place = format!("{REQUESTS}/{}", open["id"].as_str().unwrap());
    let pending = house.get(REQUESTS).await.json();
    assert_eq!(pending["requests"][0]["id"], open["id"]);
    let step = async |body: Value| house.api(Method::PATCH, &place, &body).await;
    assert_eq!(
        step(json!({ "step": "fulfil", "words": "done" })).await.status,
        409,
        "not begun"
    );
    assert_eq!(
        step(json!({ "step": "extend", "reason": "holidays", "words": "later" }))
            .await
            .status,
        422
    );
    assert_eq!(
        step(json!({ "step": "deny", "reason": "other", "words": " " }))
            .await
            .status,
        422
    );
    let longer = step(json!({ "step": "extend", "reason": "complexity", "words": "it takes longer" }))
        .await
        .json();
    assert_eq!(longer["extension"], "complexity");
    assert!(longer["due"].as_str() > open["due"].as_str());
    assert_eq!(
        step(json!({ "step": "start" })).await.json()["status"],
        "in_progress"
    );
    let done = step(json!({ "step": "fulfil", "words": "you only bought mugs" }))
        .await
        .json();
    assert_eq!(done["status"], "fulfilled");
    assert!(
        !done.to_string().contains("mugs"),
        "the words are the person's alone"
    );
    let place = house.asks("p7", "access").await["export"]
        .as_str()
        .unwrap()
        .to_owned();
    let export = house.get(&place).await.text();
    for words in ["why only mugs?", "it takes longer", "you only bought mugs"] {
        assert!(export.contains(words), "{words}");
    }
}

/// Headers and body.
type Posted = (HashMap<String, String>, Vec<u8>);

/// A receiver that refuses a while, and keeps what it got.
struct Receiver {
    address: String,
    got: Arc<Mutex<Vec<Posted>>>,
    refusals: Arc<AtomicUsize>,
}

async fn receiver(refusals: usize) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = Receiver {
        address: format!("http://{}", listener.local_addr().unwrap()),
        got: Arc::default(),
        refusals: Arc::new(AtomicUsize::new(refusals)),
    };
    let (got, refusals) = (Arc::clone(&receiver.got), Arc::clone(&receiver.refusals));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            let (head, length) = loop {
                let mut part = [0; 4096];
                let read = stream.read(&mut part).await.unwrap();
                bytes.extend_from_slice(&part[..read]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some(end) = text.find("\r\n\r\n") {
                    let headers: HashMap<String, String> = text[..end]
                        .lines()
                        .filter_map(|line| line.split_once(": "))
                        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                        .collect();
                    let length: usize = headers["content-length"].parse().unwrap();
                    if bytes.len() >= end + 4 + length {
                        break ((headers, end + 4), length);
                    }
                }
            };
            let refuse = refusals
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_ok();
            let (headers, start) = head;
            let status = if refuse {
                "503 Service Unavailable"
            } else {
                got.lock()
                    .unwrap()
                    .push((headers, bytes[start..start + length].to_vec()));
                "204 No Content"
            };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    receiver
}

fn opendsr(id: &str, kind: &str, user: &str, callbacks: &[String]) -> Value {
    json!({
        "regulation": "gdpr", "subject_request_id": id, "subject_request_type": kind,
        "submitted_time": "2026-10-02T15:00:00Z", "status_callback_urls": callbacks,
        "subject_identities": [{ "identity_type": "controller_customer_id", "identity_value": user, "identity_format": "raw" }],
    })
}

fn verify(key: &VerifyingKey, headers: &str, body: &[u8]) {
    use base64::Engine as _;
    let signature = base64::engine::general_purpose::STANDARD.decode(headers).unwrap();
    let signature = Signature::from_slice(&signature).unwrap();
    key.verify_strict(body, &signature).unwrap();
    assert!(key.verify_strict(&[body, b" "].concat(), &signature).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_is_answered_and_called_back_with_signatures_that_its_key_checks() {
    let receiver = receiver(0).await;
    let origin = receiver.address.clone();
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.rights.callbacks = vec![origin];
    })
    .await;
    house
        .send_all(&[agrees("ann", &[true; 3]), viewed("ann", "i1")])
        .await;
    let discovery = ask(house.address, Method::GET, "/opendsr/discovery", &[], "").await;
    let said = discovery.json();
    assert_eq!(
        said["supported_identities"][0]["identity_type"],
        "controller_customer_id"
    );
    assert_eq!(
        said["processor_certificate"],
        "https://public.example/opendsr/key.pem"
    );
    let pem = ask(house.address, Method::GET, "/opendsr/key.pem", &[], "")
        .await
        .text();
    let der = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .decode(pem.lines().nth(1).unwrap())
            .unwrap()
    };
    let key = VerifyingKey::from_bytes(der[12..].try_into().unwrap()).unwrap();
    verify(
        &key,
        discovery.headers["x-opendsr-signature"].to_str().unwrap(),
        &discovery.body,
    );
    assert_eq!(discovery.headers["x-opendsr-processor-domain"], "public.example");

    let id = "a7551968-d5d6-44b2-9831-815ac9017798";
    let callbacks = [format!("{}/status", receiver.address)];
    let sent = opendsr(id, "erasure", "ann", &callbacks);
    let answer = house.api(Method::POST, "/opendsr/requests", &sent).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    verify(
        &key,
        answer.headers["x-opendsr-signature"].to_str().unwrap(),
        &answer.body,
    );
    assert_eq!(answer.json()["subject_request_id"], id);
    // The answer was lost: sent again, it is the same request, and no second one of another kind.
    assert_eq!(
        house.api(Method::POST, "/opendsr/requests", &sent).await.status,
        201
    );
    let other = opendsr(id, "access", "ann", &[]);
    let refused = house.api(Method::POST, "/opendsr/requests", &other).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()["error"]["code"].as_u64()),
        (400, Some(400))
    );
    assert!(house.known("ann").await.is_empty());
    let status = house.get(&format!("/opendsr/requests/{id}")).await;
    verify(
        &key,
        status.headers["x-opendsr-signature"].to_str().unwrap(),
        &status.body,
    );
    assert_eq!(status.json()["request_status"], "completed");
    let cancelled = house
        .api(Method::DELETE, &format!("/opendsr/requests/{id}"), &Value::Null)
        .await;
    assert_eq!(cancelled.status, 400);
    for _ in 0..200 {
        if receiver.got.lock().unwrap().len() >= 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let got = receiver.got.lock().unwrap().clone();
    let mut words = Vec::new();
    for (headers, body) in &got {
        verify(&key, &headers["x-opendsr-signature"], body);
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(body["status_callback_url"], callbacks[0]);
        assert_eq!(body["subject_request_id"], id);
        assert!(!body.to_string().contains("ann"), "{body}");
        words.push(body["request_status"].as_str().unwrap().to_owned());
    }
    assert_eq!(words, ["in_progress", "completed"]);
    let _ = (API_KEY, WRITE_KEY);
}

/// An application whose clock the test holds.
struct Timed {
    app: App,
    now: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

async fn timed(callbacks: Vec<String>) -> Timed {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = support::settings(folder.path(), "memory".to_owned());
    settings.rights.callbacks = callbacks;
    settings.rights.keep_days = 100;
    let now = Arc::new(AtomicI64::new(1_795_348_800_000));
    let clock: Clock = {
        let now = Arc::clone(&now);
        Arc::new(move || Moment(now.load(Ordering::SeqCst)))
    };
    let app = serve::open(&settings, clock).await.unwrap();
    let choices = [(vocabulary::PurposeName::Personalise, true)];
    for user in ["ann", "bob"] {
        let event = vocabulary::Event {
            message_id: format!("consent-{user}"),
            kind: vocabulary::Kind::Track,
            name: gate::CONSENT_EVENT.to_owned(),
            user_id: Some(user.to_owned()),
            anonymous_id: None,
            previous_id: None,
            at: app.now(),
            received_at: app.now(),
            fields: serde_json::Map::new(),
            consent: Some(
                choices
                    .iter()
                    .map(|(p, given)| (p.as_str().to_owned(), *given))
                    .collect(),
            ),
            signals: Signals::default(),
        };
        let received = app.gate.take_in("shop", event);
        assert_eq!(
            app.gate.observe(vec![received]).await.unwrap(),
            [gate::Fate::Stored]
        );
    }
    Timed {
        app,
        now,
        _folder: folder,
    }
}

impl Timed {
    fn later(&self, days: i64) {
        self.now.fetch_add(days * DAY_MS, Ordering::SeqCst);
    }

    async fn opens(&self, user: &str, right: Right, callbacks: Vec<String>) -> rights::Known {
        let whom = gate::Whom {
            user_id: Some(user),
            anonymous_id: None,
        };
        let asked = rights::Asked {
            callbacks,
            ..rights::Asked::default()
        };
        rights::open(&self.app, &whom, right, Via::Api, asked, Signals::default())
            .await
            .unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_are_tried_again_in_order_until_they_arrive() {
    let receiver = receiver(3).await;
    let house = timed(vec![receiver.address.clone()]).await;
    let url = format!("{}/x", receiver.address);
    let known = house.opens("ann", Right::Objection, vec![url]).await;
    assert_eq!(known.house.request.status, Status::Fulfilled);
    let mut warned = HashMap::new();
    for _ in 0..3 {
        let pause = answer_rights::round(&house.app, &mut warned).await.unwrap();
        assert!(receiver.got.lock().unwrap().is_empty());
        assert!(pause <= std::time::Duration::from_secs(60));
        // Before it is due, nothing is tried.
        let left = receiver.refusals.load(Ordering::SeqCst);
        answer_rights::round(&house.app, &mut warned).await.unwrap();
        assert_eq!(receiver.refusals.load(Ordering::SeqCst), left);
        house.now.fetch_add(120_000, Ordering::SeqCst);
    }
    answer_rights::round(&house.app, &mut warned).await.unwrap();
    let got: Vec<Value> = receiver
        .got
        .lock()
        .unwrap()
        .iter()
        .map(|(_, body)| serde_json::from_slice(body).unwrap())
        .collect();
    let words: Vec<&str> = got
        .iter()
        .map(|body| body["request_status"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["in_progress", "completed"]);
    assert!(
        house.app.gate.pending_requests(None).await.unwrap().is_empty(),
        "nothing is left to do"
    );
    answer_rights::round(&house.app, &mut warned).await.unwrap();
    assert_eq!(receiver.got.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_interrupted_is_carried_out_by_the_next_round() {
    let house = timed(Vec::new()).await;
    let whom = gate::Whom {
        user_id: Some("ann"),
        anonymous_id: None,
    };
    // On disk, and killed before anything was done.
    let opened = |status: &str, right: &str| gate::Filing {
        house: json!({
            "right": right, "via": "api", "received": house.app.now(), "status": status, "automatic": true,
            "steps": [{ "at": house.app.now(), "status": status, "by": "person" }],
        })
        .to_string()
        .into_bytes(),
        reasons: vec!["status:open".to_owned()],
        refuses: false,
        pending: true,
        note: Some(json!({ "corrections": [["customer_number", "\"Ann\""]] }).to_string()),
        at: house.app.now(),
    };
    let mut ids = Vec::new();
    for (status, right) in [
        ("open", "objection"),
        ("in_progress", "withdraw-all"),
        ("open", "rectification"),
        ("in_progress", "erasure"),
    ] {
        let id = gate::RequestId::fresh().unwrap();
        house
            .app
            .gate
            .open_request(id, &whom, opened(status, right))
            .await
            .unwrap()
            .unwrap();
        ids.push(id);
    }
    let mut warned = HashMap::new();
    // The order of ids is random: an erasure that comes first leaves nobody to answer the others for.
    answer_rights::round(&house.app, &mut warned).await.unwrap();
    for (at, id) in ids.iter().enumerate() {
        let status = rights::find(&house.app, *id).await.unwrap().house.request.status;
        let done = status == Status::Fulfilled;
        let gone = status == Status::Denied(rights::Denial::NoMatch);
        assert!(done || (gone && at < 3), "{status:?}");
    }
    assert!(support::known(&house.app, "ann").await.is_empty());
    assert!(house.app.gate.pending_requests(None).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_warned_about_expires_or_is_overdue_and_ended_requests_go_in_the_end() {
    let house = timed(Vec::new()).await;
    server::metrics::start();
    let review = house.opens("ann", Right::HumanReview, Vec::new()).await.id;
    let doubted = house.opens("bob", Right::HumanReview, Vec::new()).await.id;
    rights::advance(&house.app, doubted, Step::AskVerification, By::Staff, None)
        .await
        .unwrap();
    let mut warned = HashMap::new();
    let mut round = async || {
        answer_rights::round(&house.app, &mut warned).await.unwrap();
        warned.len()
    };
    assert_eq!(round().await, 0);
    house.later(23);
    assert_eq!(round().await, 2, "two end within a week");
    assert_eq!(round().await, 2);
    house.later(9);
    round().await;
    let status = async |id| rights::find(&house.app, id).await.unwrap().house.request.status;
    assert_eq!(status(doubted).await, Status::Expired);
    assert_eq!(status(review).await, Status::Open, "being late ends nothing");
    let rendered = server::metrics::render(&house.app);
    assert!(
        rendered.contains("egard_rights_warnings_total{right=\"human-review\"}"),
        "{rendered}"
    );
    house.later(101);
    assert_eq!(answer_rights::clean(&house.app).await.unwrap(), 1);
    assert!(matches!(
        rights::find(&house.app, doubted).await,
        Err(Fault::NoRequest)
    ));
    assert_eq!(status(review).await, Status::Open);
}
