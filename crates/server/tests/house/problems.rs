//! How the server says no: always a problem of RFC 9457, and never by repeating what was sent.

use super::support::{self, Answer, House, ask, key};
use hyper::Method;
use serde_json::{Value, json};

/// A problem of that status, whole and well-formed.
pub fn check(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(
        answer.headers["content-type"],
        "application/problem+json",
        "{}",
        answer.text()
    );
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert!(problem["type"].as_str().unwrap().starts_with("/problems/"));
    assert!(!problem["title"].as_str().unwrap().is_empty());
    assert_eq!(answer.headers["cache-control"], "no-store");
}

/// What is in every bad body below, and may be in no answer.
const SENT: [&str; 3] = ["zoe@example.org", "tell-tale", "4917601234567"];

async fn check_bad(house: &House, body: String, status: u16, pointer: Option<&str>) {
    let shown: String = body.chars().take(120).collect();
    let answer = house.recommend_with(&[], body).await;
    assert_eq!(answer.status, status, "{shown}: {}", answer.text());
    check(&answer, status);
    for sent in SENT {
        assert!(!answer.text().contains(sent), "{shown}: {}", answer.text());
    }
    if let Some(pointer) = pointer {
        let errors = answer.json()["errors"].clone();
        assert!(
            errors
                .as_array()
                .unwrap()
                .iter()
                .any(|error| error["pointer"] == pointer),
            "{shown}: {errors}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_body_gets_a_problem_that_does_not_repeat_it() {
    let house = support::learned().await;
    let with = |field: &str, value: Value| {
        let mut body = json!({ "userId": "zoe@example.org", "placement": "tell-tale" });
        body[field] = value;
        body.to_string()
    };
    for broken in [
        "",
        "zoe@example.org",
        "{\"userId\": \"zoe@example.org\"",
        "[]",
        "null",
        "\u{0}",
        "{\"userId\": \"zoe@example.org\"}",
        "{\"placement\": \"tell-tale\", \"placement\": \"tell-tale\"}",
    ] {
        check_bad(&house, broken.to_owned(), 400, None).await;
    }
    check_bad(&house, with("userId", json!([4_917_601_234_567_u64])), 400, None).await;
    check_bad(&house, with("count", json!("tell-tale")), 400, None).await;
    check_bad(&house, with("count", json!(-1)), 400, None).await;
    check_bad(&house, with("count", json!(1e99)), 400, None).await;
    check_bad(&house, with("tell-tale", json!("zoe@example.org")), 400, None).await;
    check_bad(&house, with("language", json!("tell-tale")), 400, None).await;
    check_bad(&house, with("filters", json!({ "tell-tale": 1 })), 400, None).await;
    check_bad(&house, with("count", json!(0)), 422, Some("/count")).await;
    check_bad(&house, with("count", json!(101)), 422, Some("/count")).await;
    check_bad(
        &house,
        with("counterfactuals", json!(11)),
        422,
        Some("/counterfactuals"),
    )
    .await;
    check_bad(&house, with("placement", json!("")), 422, Some("/placement")).await;
    check_bad(
        &house,
        with("placement", json!("tell-tale".repeat(8))),
        422,
        Some("/placement"),
    )
    .await;
    check_bad(&house, with("userId", json!("")), 422, Some("/userId")).await;
    check_bad(
        &house,
        with("anonymousId", json!("tell-tale".repeat(60))),
        422,
        Some("/anonymousId"),
    )
    .await;
    let many = json!({ "categories": vec!["tell-tale"; 51] });
    check_bad(&house, with("filters", many), 422, Some("/filters/categories")).await;

    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000));
    check_bad(&house, deep("[", "]"), 400, None).await;
    let deep = format!("{{\"placement\":\"tell-tale\",\"filters\":{}}}", deep("[", "]"));
    check_bad(&house, deep, 400, None).await;
    for length in [65_537, 10 << 20] {
        let body = format!("{{\"placement\":\"{}\"}}", "tell-tale".repeat(length / 9));
        check_bad(&house, body, 413, None).await;
    }
    // The last good size is still read, and refused for what it says.
    check_bad(
        &house,
        with("placement", json!("a".repeat(60_000))),
        422,
        Some("/placement"),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_known_key_nothing_is_answered() {
    let house = support::start_in_memory().await;
    let body = r#"{"placement":"home"}"#;
    for (method, path) in [
        (Method::POST, "/v1/recommendations"),
        (
            Method::GET,
            "/v1/records/00000000000000000000000000000000/receipt",
        ),
        (Method::GET, "/v1/sources/shop/discards"),
    ] {
        for header in [
            None,
            Some("Bearer "),
            Some("Bearer tell-tale"),
            Some("Basic dGVsbC10YWxlOg=="),
            Some("an-api-key-that-is-long-enough"),
        ] {
            let headers: Vec<_> = header.map(|value| ("authorization", value)).into_iter().collect();
            let answer = ask(house.address, method.clone(), path, &headers, body).await;
            check(&answer, 401);
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
            assert!(!answer.text().contains("tell-tale"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_handler_answers_is_a_problem_too() {
    let house = support::start_in_memory().await;
    let send = async |method: Method, path: &str, headers: &[(&str, &str)], body: &'static str| {
        ask(house.address, method, path, headers, body).await
    };
    for path in [
        "/tell-tale",
        "/v1/tell-tale",
        "/demo/tell-tale",
        "/assets/tell-tale",
        "/ledger/tile/tell-tale",
    ] {
        let answer = send(Method::GET, path, &[key()], "").await;
        check(&answer, 404);
        assert!(!answer.text().contains("tell-tale"), "{}", answer.text());
    }
    for (method, path, allowed) in [
        (Method::GET, "/v1/recommendations", "POST"),
        (Method::DELETE, "/v1/track", "POST"),
        (Method::POST, "/healthz", "GET"),
        (Method::PUT, "/demo", "GET"),
    ] {
        let answer = send(method, path, &[key()], "").await;
        check(&answer, 405);
        let allow = answer.headers["allow"].to_str().unwrap();
        assert!(allow.contains(allowed), "{path}: {allow}");
    }
    // Forms and paths that axum's own extractors refuse.
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (headers, body, status) in [
        (vec![], "token=tell-tale", 415),
        (vec![form], "personalisation=tell-tale", 400),
        (vec![form], "item=tell-tale&item=tell-tale", 422),
    ] {
        let answer = send(Method::POST, "/demo/personalisation", &headers, body).await;
        check(&answer, status);
        assert!(!answer.text().contains("tell-tale"), "{}", answer.text());
    }
    // The Segment dialect says no in its own way: its clients read `code` and `message`.
    let answer = send(Method::POST, "/v1/batch", &[], "tell-tale").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["content-type"]),
        (400, &"application/json".parse().unwrap())
    );
    assert!(!answer.text().contains("tell-tale"));
}

#[test]
fn the_document_of_the_api_is_the_one_that_was_read() {
    let document = serde_json::to_value(server::api::document()).unwrap();
    insta::assert_snapshot!("openapi", serde_json::to_string_pretty(&document).unwrap());
}

/// Types are known by their bare names in the document: two bodies of one name would be described as one.
#[test]
fn no_two_endpoints_are_documented_with_one_body() {
    let document = serde_json::to_value(server::api::document()).unwrap();
    let operations = document["paths"].as_object().unwrap().values();
    let bodies = operations
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"])
        .filter_map(|body| body.as_str());
    let mut seen = std::collections::BTreeSet::new();
    for body in bodies {
        assert!(seen.insert(body), "{body} stands for two bodies");
    }
    assert!(seen.len() >= 10, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_api_is_documented_and_nothing_else_is() {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api.rs")).unwrap();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/me.rs")).unwrap();
    // Of the person's page, what callers ask for; the rest is for browsers.
    let asked = page.lines().filter(|line| line.contains(".route(\"/v1/"));
    let source: Vec<&str> = source.lines().chain(asked).collect();
    let routes: std::collections::BTreeSet<(String, String)> = source
        .iter()
        .filter_map(|line| line.trim().strip_prefix(".route(\""))
        .map(|rest| {
            let (path, handler) = rest.split_once("\", ").unwrap();
            let method = handler.split_once('(').unwrap().0;
            (path.replace("{*", "{"), method.to_owned())
        })
        .collect();
    assert!(routes.len() >= 8, "{routes:?}");
    let house = support::start_in_memory().await;
    let served = house.get("/openapi.json").await.json();
    assert_eq!(served, serde_json::to_value(server::api::document()).unwrap());
    let documented = served["paths"].as_object().unwrap().iter();
    let documented: std::collections::BTreeSet<(String, String)> = documented
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| (path.clone(), method.clone()))
        })
        .collect();
    assert_eq!(routes, documented);
}
