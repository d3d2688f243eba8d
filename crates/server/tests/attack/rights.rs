//! Consents and rights, asked for by those who may not, twice at once, or with what a spreadsheet runs.

use super::support::{self, House, agrees, ask, bought, ids};
use hyper::Method;
use serde_json::{Value, json};
use std::sync::Arc;

async fn call(house: &House, method: Method, path: &str, body: Value) -> support::Answer {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    ask(house.address, method, path, &[support::key()], body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_and_no_address_can_answer_the_consent_question() {
    let house = support::start_in_memory().await;
    let page = ask(
        house.address,
        Method::GET,
        "/consent?source=shop&lang=en",
        &[],
        "",
    )
    .await
    .text();
    let field = |name: &str| {
        let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let body = format!(
        "source=shop&notice={}&version={}&text={}&lang=en&choice=all",
        field("notice"),
        field("version"),
        field("text")
    );
    let form = ("content-type", "application/x-www-form-urlencoded");
    let sets = |answer: &support::Answer| answer.headers.get_all("set-cookie").iter().count();
    for headers in [
        vec![form],
        vec![form, ("origin", "https://evil.example")],
        vec![form, ("origin", "null")],
        vec![
            form,
            ("origin", "https://public.example"),
            ("sec-fetch-site", "cross-site"),
        ],
        vec![form, ("sec-fetch-site", "same-site")],
        vec![form, ("sec-fetch-site", "none")],
        vec![form, ("referer", "https://public.example/consent")],
        vec![form, ("host", "evil.example"), ("origin", "https://evil.example")],
    ] {
        let answer = ask(house.address, Method::POST, "/consent", &headers, body.clone()).await;
        assert_eq!(sets(&answer), 0, "{headers:?}: {}", answer.status);
    }
    let asked = ask(
        house.address,
        Method::GET,
        &format!("/consent?{body}"),
        &[("sec-fetch-site", "same-origin")],
        "",
    )
    .await;
    assert_eq!(sets(&asked), 0, "reading changed something");
    let counts = house.app.gate.counts().await.unwrap();
    assert_eq!((counts.persons, counts.keys, counts.identifiers), (0, 0, 0));
    // Other words than those in force, from our own page.
    let own = [form, ("sec-fetch-site", "same-origin")];
    let other = body.replace(&field("text"), &"0".repeat(64));
    assert_eq!(
        sets(&ask(house.address, Method::POST, "/consent", &own, other).await),
        0
    );
    assert!(
        sets(&ask(house.address, Method::POST, "/consent", &own, body).await) > 0,
        "the genuine one is not taken"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_requests_for_erasure_at_once_all_are_answered_and_one_person_is_gone() {
    let house = Arc::new(support::start().await);
    house
        .send_all(&[
            agrees("ann", &[true; 3]),
            bought("ann", &["i1"]),
            agrees("bob", &[true; 3]),
            bought("bob", &["i2"]),
        ])
        .await;
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::spawn(async move {
                let wanted = json!({ "userId": "ann", "right": "erasure" });
                call(&house, Method::POST, "/v1/rights-requests", wanted).await
            })
        })
        .collect();
    for task in tasks {
        let answer = task.await.unwrap();
        assert!(!answer.status.is_server_error(), "{}", answer.text());
        if answer.status == 201 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let later = call(
                &house,
                Method::GET,
                &format!("/v1/rights-requests/{id}"),
                Value::Null,
            )
            .await;
            assert!(later.status == 200 || later.status == 404, "{}", later.text());
        }
    }
    assert!(house.known("ann").await.is_empty() && !house.known("bob").await.is_empty());
    // Their source goes on sending, also what a contract would permit.
    for _ in 0..5 {
        house
            .send_all(&[bought("ann", &["i3"]), support::viewed("ann", "i4")])
            .await;
        assert!(house.known("ann").await.is_empty());
    }
    house.app.gate.write_back().await.unwrap();
    let counts = house.app.gate.counts().await.unwrap();
    assert_eq!((counts.persons, counts.keys, counts.identifiers), (1, 1, 1));
    assert!(house.app.gate.is_ready());
}

/// The cells of a table as a program with that separator would read them: what begins with a quote goes on
/// to the next lone quote, and the rest of the cell is taken as it stands.
fn cells(table: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let (mut quoted, mut start) = (false, true);
    let mut chars = table.chars().peekable();
    while let Some(c) = chars.next() {
        let cell = cells.last_mut().unwrap();
        match c {
            '"' if start => quoted = true,
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            c if !quoted && (c == separator || c == '\n') => {
                cells.push(String::new());
                start = true;
                continue;
            }
            c => cell.push(c),
        }
        start = false;
    }
    cells
}

fn formulas(table: &str, separator: char) -> Vec<String> {
    let runs = |cell: &String| {
        let text = cell.trim_start_matches([' ', '\u{a0}', '\u{feff}']);
        text.starts_with(['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠'])
            && text.trim().parse::<f64>().is_err()
    };
    cells(table, separator).into_iter().filter(runs).collect()
}

const EVIL: [&str; 11] = [
    "x;=1+1",
    "x\n=1+1",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "＝1+1",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_cell_of_an_export_is_a_formula() {
    let house = support::start_in_memory().await;
    let mut messages = vec![agrees("ann", &[true; 3])];
    for (number, evil) in EVIL.iter().enumerate() {
        messages.push(bought("ann", &[evil]));
        messages.push(
            json!({"type": "identify", "userId": "ann", "messageId": format!("i{number}"),
            "traits": {"firstName": evil, "favourite_colour": evil, "country": evil}}),
        );
    }
    house.send_all(&messages).await;
    let opened = call(
        &house,
        Method::POST,
        "/v1/rights-requests",
        json!({ "userId": "ann", "right": "portability" }),
    )
    .await;
    assert_eq!(opened.status, 201, "{}", opened.text());
    let id = opened.json()["id"].as_str().unwrap().to_owned();
    let table = call(
        &house,
        Method::GET,
        &format!("/v1/rights-requests/{id}/export?form=csv"),
        Value::Null,
    )
    .await;
    assert_eq!(table.status, 200, "{}", table.text());
    assert!(
        table.text().contains("1+1"),
        "what was bought is not in the export"
    );
    for separator in [',', ';', '\t'] {
        assert_eq!(
            formulas(&table.text(), separator),
            Vec::<String>::new(),
            "{separator:?}"
        );
    }
    let disposition = table.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cannot_have_us_call_an_address_the_operator_did_not_declare() {
    let house = support::start_in_memory().await;
    let callbacks = [
        "https://evil.example/cb",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "https://controller.example@evil.example/",
        "https://controller.example.evil.example/",
        "file:///etc/passwd",
        "https://controller.example/?ann=1",
    ];
    for (number, callback) in callbacks.iter().enumerate() {
        let wanted = json!({ "regulation": "gdpr", "subject_request_type": "access",
            "subject_request_id": format!("0123e456-7e89-42d3-a456-42661417400{number}"),
            "submitted_time": "2026-11-22T00:00:00Z",
            "subject_identities": [{ "identity_type": "controller_customer_id", "identity_value": "ann", "identity_format": "raw" }],
            "status_callback_urls": [callback] });
        let answer = call(&house, Method::POST, "/opendsr/requests", wanted).await;
        assert_eq!(answer.status, 400, "{callback}: {}", answer.text());
        assert!(
            !answer.text().contains("evil") && !answer.text().contains("ann"),
            "{}",
            answer.text()
        );
    }
    assert_eq!(
        call(&house, Method::GET, "/v1/rights-requests", Value::Null)
            .await
            .json()["requests"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_not_there_look_alike() {
    let house = support::learned().await;
    let list = house.recommend(json!({ "userId": "p0" })).await;
    assert!(!ids(&list).is_empty());
    let mut seen = Vec::new();
    for id in [
        "0123e456-7e89-42d3-a456-426614174000",
        "00000000-0000-0000-0000-000000000000",
        "x",
        "%00",
        "../p0",
    ] {
        for path in [
            format!("/v1/rights-requests/{id}"),
            format!("/opendsr/requests/{id}"),
        ] {
            let answer = call(&house, Method::GET, &path, Value::Null).await;
            seen.push((answer.status.as_u16(), answer.text()));
        }
    }
    seen.retain(|(status, _)| *status != 404);
    assert!(seen.is_empty(), "{seen:?}");
}
