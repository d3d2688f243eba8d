//! Things that are too large, too deep, or markup where words are expected.

use super::support::{self, House, WRITE_KEY, ask, at, bought, viewed};
use hyper::Method;
use serde_json::{Map, Value, json};

fn consenting(who: &str, preferences: &str) -> String {
    format!(
        r#"{{"writeKey":"{WRITE_KEY}","batch":[{{"type":"track","event":"{}","userId":"{who}",
        "context":{{"consent":{{"categoryPreferences":{preferences}}}}}}}]}}"#,
        gate::CONSENT_EVENT
    )
}

async fn mode(house: &House, who: &str) -> String {
    let list = house.recommend(json!({ "userId": who })).await;
    list["mode"].as_str().unwrap().to_owned()
}

fn many(categories: usize) -> String {
    let mut all: Map<String, Value> = (0..categories).map(|n| (format!("c{n}"), json!(true))).collect();
    all.insert("Personalisation".to_owned(), json!(true));
    Value::from(all).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_oversize_malformed_or_contradicts_itself_permits_nothing() {
    let house = support::learned().await;
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (number, preferences) in [
        many(100),
        many(900),
        format!(r#"{{"Personalisation":true,"{}":true}}"#, "x".repeat(129)),
        format!(r#"{{"Personalisation":true,"{}":true}}"#, "x".repeat(30_000)),
        r#"{"Personalisation":"true"}"#.to_owned(),
        r#"{"Personalisation":1}"#.to_owned(),
        r#"{"Personalisation":null}"#.to_owned(),
        r#"{"Personalisation":true,"Groups":"no"}"#.to_owned(),
        r#"[["Personalisation",true]]"#.to_owned(),
        r#""Personalisation=true""#.to_owned(),
        // Yes and no to one question, in either order.
        r#"{"Personalisation":true,"Personalisation":false}"#.to_owned(),
        r#"{"Personalisation":false,"Personalisation":true}"#.to_owned(),
        r#"{"Personalisation":false,"\u0050ersonalisation":true}"#.to_owned(),
        r#"{"Personalisation":"denied","Personalisation":"granted"}"#.to_owned(),
        format!(r#"{{"Personalisation":{}}}"#, deep(100)),
        "{}".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        // Of somebody who agreed before, and of somebody nobody has heard of.
        let known = format!("p{number}");
        assert_eq!(mode(&house, &known).await, "profiled");
        let body = consenting(&known, &preferences);
        let answer = ask(house.address, Method::POST, "/v1/batch", &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let stranger = format!("stranger-{number}");
        let body = consenting(&stranger, &preferences);
        ask(house.address, Method::POST, "/v1/batch", &[], body).await;
        house.send_all(&[viewed(&stranger, "i1")]).await;
        let shown: String = preferences.chars().take(80).collect();
        assert_eq!(mode(&house, &stranger).await, "contextual", "{shown}");
        assert!(house.known(&stranger).await.is_empty(), "{shown}");
        assert_eq!(mode(&house, &known).await, "contextual", "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pixel_that_says_yes_and_no_says_no() {
    let house = support::learned().await;
    let preference = "context.consent.categoryPreferences.Personalisation";
    for (who, answers) in [
        ("p0", ["true", "false"]),
        ("p1", ["false", "true"]),
        ("p2", ["maybe", "true"]),
        ("p3", ["denied", "granted"]),
        ("p4", ["false", "granted"]),
    ] {
        let [first, second] = answers;
        let path = format!(
            "/v1/pixel/track?writeKey={WRITE_KEY}&userId={who}&event=Segment%20Consent%20Preference%20Updated&{preference}={first}&{preference}={second}"
        );
        let answer = ask(house.address, Method::GET, &path, &[], "").await;
        assert_eq!(answer.headers["content-type"], "image/gif");
        assert_eq!(mode(&house, who).await, "contextual", "{answers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_deep_wide_or_long_is_answered_and_the_next_caller_too() {
    let house = support::start_in_memory().await;
    let key = support::key();
    for body in [
        "[".repeat(200_000),
        "{\"a\":".repeat(100_000),
        format!(
            r#"{{"writeKey":"{WRITE_KEY}","batch":[{}]}}"#,
            "[".repeat(100_000)
        ),
        format!(
            r#"{{"writeKey":"{WRITE_KEY}","batch":[{}1]}}"#,
            "1,".repeat(1_000_000)
        ),
        format!(
            r#"{{"writeKey":"{WRITE_KEY}","batch":[{{"type":"track","event":"E","userId":"u","properties":{}1{}}}]}}"#,
            "{\"a\":".repeat(120),
            "}".repeat(120)
        ),
        format!(r#"{{"placement":"{}"}}"#, "x".repeat(60_000)),
        format!(r#"{{"userId":{},"placement":"home"}}"#, "9".repeat(60_000)),
        "\u{feff}".repeat(10_000),
        "1e999999999".to_owned(),
    ] {
        for path in ["/v1/batch", "/v1/track", "/v1/recommendations"] {
            let answer = ask(house.address, Method::POST, path, &[key], body.clone()).await;
            assert!(
                answer.status.as_u16() < 500,
                "{path}: {} {:.40}",
                answer.status,
                body
            );
            assert!(
                answer.body.len() < 2_000,
                "{path}: {} bytes of answer",
                answer.body.len()
            );
        }
    }
    assert_eq!(
        ask(house.address, Method::GET, "/readyz", &[], "").await.status,
        200
    );
}

const MARKUP: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "{{7*7}}${7*7}&lt;b&gt;",
    "\u{202e}javascript:alert(1)//\u{0}",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_arrives_in_an_event_becomes_markup_of_a_page() {
    let house = support::learned().await;
    let mut messages = Vec::new();
    for (number, evil) in MARKUP.iter().enumerate() {
        messages.push(bought("p0", &[evil]));
        messages.push(at(1_000 + number as i64, viewed("p0", evil)));
        messages.push(json!({"type": "identify", "userId": "p0",
            "traits": {"firstName": evil, "country": evil, "favourite_colour": evil, "city": evil}}));
    }
    house.send_all(&messages).await;
    for path in [
        "/demo?customer=p0",
        "/demo?customer=p0&lang=fr",
        "/demo?customer=%3Cscript%3E&notice=%3Cscript%3E&lang=%22%3E%3Cscript%3E",
    ] {
        let page = ask(
            house.address,
            Method::GET,
            path,
            &[("accept-language", "\"><script>")],
            "",
        )
        .await;
        assert_eq!(page.status, 200);
        let text = page.text();
        assert!(
            path.contains("%3C") || text.contains("alert(1)"),
            "what was bought is not on the page"
        );
        for never in ["<script", "<img", "<svg/", "onerror=alert(1)>", "</style><"] {
            assert!(!text.contains(never), "{path}: `{never}` is on the page");
        }
        // Even if something slipped through, no browser would run it.
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
    }
    // In the API it is data: JSON, and said to be JSON.
    let answer = house
        .recommend_with(&[], r#"{"userId":"p0","placement":"<script>"}"#)
        .await;
    assert_eq!(answer.headers["content-type"], "application/json");
    // A notice repeats the name of what was removed, which the form may choose freely.
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let body = "token=the-token-of-the-forms&customer=p0&lang=en&item=%3Cscript%3Ealert(2)%3C%2Fscript%3E";
    let moved = ask(house.address, Method::POST, "/demo/forget", &[kind], body).await;
    let location = moved.headers["location"]
        .to_str()
        .unwrap()
        .split('#')
        .next()
        .unwrap()
        .to_owned();
    let page = ask(house.address, Method::GET, &location, &[], "").await.text();
    assert!(
        page.contains("alert(2)") && !page.contains("<script"),
        "the notice is markup"
    );
}
