//! Links, sessions and assertions in the wrong hands: forged, used twice, passed on, sent from another
//! site.

use super::support::{self, Answer, House, ask};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::Method;
use serde_json::{Value, json};
use server::me::settings::{Algorithm, IssuerSettings};
use std::collections::HashSet;
use std::sync::Arc;

const OURS: &str = "https://public.example";
const SITE: &str = "https://shop.example";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const SECRET: &str = "a-shared-secret-of-more-than-32-bytes";
/// The 32 bytes of an Ed25519 public key, as base64: those of RFC 8032, test 1.
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

async fn house() -> House {
    support::start_in(tempfile::tempdir().unwrap(), |settings| {
        let issuer = |name: &str, algorithm, key: &str| IssuerSettings {
            name: name.to_owned(),
            origin: SITE.to_owned(),
            algorithm,
            key: key.to_owned(),
        };
        settings.me.issuers = vec![
            issuer("shop", Algorithm::Hs256, SECRET),
            issuer("app", Algorithm::EdDsa, PUBLIC),
        ];
    })
    .await
}

/// The pass in a link for somebody.
async fn link(house: &House, who: Value) -> String {
    let key = support::key();
    let answer = ask(
        house.address,
        Method::POST,
        "/v1/me/links",
        &[key],
        who.to_string(),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    url.strip_prefix("https://public.example/me/link?pass=")
        .unwrap()
        .to_owned()
}

async fn open(house: &House, pass: &str, origin: &str) -> Answer {
    let body = format!("pass={pass}&lang=en");
    ask(
        house.address,
        Method::POST,
        "/me/open",
        &[FORM, ("origin", origin)],
        body,
    )
    .await
}

async fn get(house: &House, pass: &str) -> Answer {
    ask(
        house.address,
        Method::GET,
        &format!("/me/link?pass={pass}&lang=en"),
        &[],
        "",
    )
    .await
}

/// Whether the answer begins a session.
fn lets_in(answer: &Answer) -> bool {
    let cookies = answer.headers.get_all("set-cookie").iter();
    cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .any(|cookie| cookie.starts_with("__Host-egard-me="))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_open_one_link_at_once_one_gets_in() {
    let house = Arc::new(house().await);
    let pass = link(&house, json!({ "userId": "ann" })).await;
    // Mail scanners and previews fetch it first, and use nothing up.
    for _ in 0..3 {
        let fetched = get(&house, &pass).await;
        assert!(fetched.status == 200 && !lets_in(&fetched), "{}", fetched.status);
        // The address, which holds the pass, is told to nobody else.
        let told = fetched.headers["referrer-policy"].to_str().unwrap();
        assert!(told == "same-origin" || told == "no-referrer", "{told}");
        assert!(
            fetched.headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("no-store")
        );
    }
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let (house, pass) = (Arc::clone(&house), pass.clone());
            tokio::spawn(async move { lets_in(&open(&house, &pass, OURS).await) })
        })
        .collect();
    let mut inside = 0;
    for task in tasks {
        inside += u32::from(task.await.unwrap());
    }
    assert_eq!(inside, 1);
    assert!(
        !lets_in(&open(&house, &pass, OURS).await),
        "a link was used twice"
    );
    assert_eq!(get(&house, &pass).await.status, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_changed_made_up_or_is_something_else_is_as_good_as_none() {
    let house = house().await;
    let pass = link(&house, json!({ "userId": "ann" })).await;
    let opened = open(&house, &link(&house, json!({ "userId": "ann" })).await, OURS).await;
    let cookie = opened.headers["set-cookie"].to_str().unwrap();
    let session = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let nothing = open(&house, "", OURS).await;
    assert_eq!((nothing.status.as_u16(), lets_in(&nothing)), (410, false));
    let bytes = URL_SAFE_NO_PAD.decode(&pass).unwrap();
    let mut tried = vec![
        session,
        "AAAA".to_owned(),
        pass.repeat(2),
        "A".repeat(100_000),
        format!("{pass}%00"),
    ];
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        tried.push(URL_SAFE_NO_PAD.encode(&changed));
        tried.push(URL_SAFE_NO_PAD.encode(&bytes[..at]));
    }
    for forged in tried {
        let answer = open(&house, &forged, OURS).await;
        assert!(!lets_in(&answer), "{forged:.60}");
        assert!(answer.status.is_client_error(), "{} {forged:.60}", answer.status);
        assert!(
            answer.status != 410 || answer.body == nothing.body,
            "{forged:.60}"
        );
    }
    assert!(
        lets_in(&open(&house, &pass, OURS).await),
        "the genuine one was spoilt"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_put_nobody_into_a_session() {
    let house = house().await;
    let pass = link(&house, json!({ "userId": "mallory" })).await;
    for origin in [
        "https://evil.example",
        SITE,
        "null",
        "https://public.example.evil.example",
        "http://public.example",
    ] {
        assert!(!lets_in(&open(&house, &pass, origin).await), "{origin}");
    }
    for site in ["cross-site", "same-site", "none"] {
        let headers = [FORM, ("sec-fetch-site", site), ("origin", OURS)];
        let answer = ask(
            house.address,
            Method::POST,
            "/me/open",
            &headers,
            format!("pass={pass}"),
        )
        .await;
        assert!(!lets_in(&answer), "{site}");
    }
    let asked = ask(
        house.address,
        Method::GET,
        &format!("/me/open?pass={pass}"),
        &[],
        "",
    )
    .await;
    assert!(asked.status == 405 && !lets_in(&asked));
    // None of it used the link up.
    assert!(lets_in(&open(&house, &pass, OURS).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_look_alike_whoever_they_are_for_and_name_only_our_own_address() {
    let house = house().await;
    house
        .send_all(&[
            support::agrees("ann-of-the-shop", &[true; 3]),
            support::bought("ann-of-the-shop", &["i1"]),
        ])
        .await;
    let mut lengths = HashSet::new();
    for who in ["ann-of-the-shop", "nobody-has-this-id", "another-one"] {
        let pass = link(&house, json!({ "userId": who })).await;
        let plain = URL_SAFE_NO_PAD.decode(&pass).unwrap();
        assert!(!pass.contains(who) && !plain.windows(6).any(|part| part == b"ann-of"));
        lengths.insert(pass.len());
        assert!(lets_in(&open(&house, &pass, OURS).await), "{who}");
    }
    assert_eq!(lengths.len(), 1, "the length of a link says for whom it is");
    let headers = [
        support::key(),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
    ];
    let answer = ask(
        house.address,
        Method::POST,
        "/v1/me/links",
        &headers,
        r#"{"userId":"ann"}"#,
    )
    .await;
    assert!(answer.text().contains("https://public.example/me/link") && !answer.text().contains("evil"));
    let without = ask(
        house.address,
        Method::POST,
        "/v1/me/links",
        &[],
        r#"{"userId":"ann"}"#,
    )
    .await;
    assert_eq!(without.status, 401);
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let text = format!("{}.{}", part(header), part(claims));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn claims(house: &House, number: &str) -> Value {
    let now = house.app.now().0 / 1_000;
    json!({ "iss": "shop", "aud": OURS, "sub": "ann", "iat": now - 1, "exp": now + 120, "jti": number })
}

async fn post(house: &House, assertion: &str, origin: &str) -> Answer {
    let body = format!("assertion={assertion}&lang=en");
    ask(
        house.address,
        Method::POST,
        "/me/session",
        &[FORM, ("origin", origin)],
        body,
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_assertion_opens_one_session_and_only_from_the_sites_own_pages() {
    let house = Arc::new(house().await);
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let genuine = signed(&header, &claims(&house, "number-0000000001"), SECRET.as_bytes());
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (house, genuine) = (Arc::clone(&house), genuine.clone());
            tokio::spawn(async move { lets_in(&post(&house, &genuine, SITE).await) })
        })
        .collect();
    let mut inside = 0;
    for task in tasks {
        inside += u32::from(task.await.unwrap());
    }
    assert_eq!(inside, 1, "a replayed assertion opens a second session");
    // Somebody's own assertion, posted from elsewhere into another browser: no session without a click.
    for (number, origin) in (10..).zip(["https://evil.example", "null", OURS]) {
        let own = signed(
            &header,
            &claims(&house, &format!("number-00000000{number}")),
            SECRET.as_bytes(),
        );
        assert!(!lets_in(&post(&house, &own, origin).await), "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_that_is_not_all_right_is_not_believed() {
    let house = house().await;
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let with = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims(&house, "number-0000000002");
        change(&mut claims);
        claims
    };
    let now = house.app.now().0 / 1_000;
    let sign = |claims: &Value| signed(&header, claims, SECRET.as_bytes());
    let base = with(&|_| ());
    let public = base64::engine::general_purpose::STANDARD.decode(PUBLIC).unwrap();
    let app = with(&|c| c["iss"] = json!("app"));
    let mut bad = vec![
        signed(&header, &base, b"another-secret-of-more-than-32-bytes"),
        signed(&json!({ "alg": "none" }), &base, SECRET.as_bytes()),
        format!("{}.{}.", part(&json!({ "alg": "none" })), part(&base)),
        signed(&json!({ "alg": "HS512" }), &base, SECRET.as_bytes()),
        signed(
            &json!({ "alg": "HS256", "kid": "../../dev/null" }),
            &base,
            SECRET.as_bytes(),
        ),
        signed(
            &json!({ "alg": "HS256", "jwk": { "k": "AAAA" } }),
            &base,
            SECRET.as_bytes(),
        ),
        // The public key of one issuer, taken for a secret.
        signed(&header, &app, &public),
        signed(&header, &app, PUBLIC.as_bytes()),
        signed(&json!({ "alg": "EdDSA" }), &app, &public),
    ];
    let changes: [&dyn Fn(&mut Value); 15] = [
        &|c| c["aud"] = json!("https://evil.example"),
        &|c| c["aud"] = json!([OURS, "https://evil.example"]),
        &|c| c["iss"] = json!("nobody"),
        &|c| c["exp"] = json!(now - 1),
        &|c| c["exp"] = json!(now + 86_400),
        &|c| c["iat"] = json!(now + 3_600),
        &|c| c["iat"] = json!(i64::MIN),
        &|c| c["exp"] = json!(i64::MAX),
        &|c| c["nbf"] = json!(now + 3_600),
        &|c| c["sub"] = json!(""),
        &|c| c["sub"] = json!("null"),
        &|c| c["sub"] = json!("x".repeat(600)),
        &|c| c["jti"] = json!("1"),
        &|c| drop(c.as_object_mut().unwrap().remove("jti")),
        &|c| drop(c.as_object_mut().unwrap().remove("exp")),
    ];
    bad.extend(changes.iter().map(|change| sign(&with(change))));
    for assertion in bad {
        let answer = post(&house, &assertion, SITE).await;
        assert!(!lets_in(&answer), "{assertion}");
        assert_eq!(answer.status, 410, "{assertion}");
    }
    assert!(
        lets_in(&post(&house, &sign(&base), SITE).await),
        "the genuine one is not believed"
    );
}
