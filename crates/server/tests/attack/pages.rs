//! Somebody who read the write key in a page of the site and says what others permit.

use super::support::{self, House, SHOP, agrees, ask, key, viewed};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::Method;
use serde_json::{Value, json};
use server::ingest::{Source, SourceName};
use server::me::settings::{Algorithm, IssuerSettings};

/// The key of the pages.
const PAGES: &str = "a-key-that-every-page-shows";
const SECRET: &str = "a-shared-secret-of-more-than-32-bytes";

/// A server that has heard of nobody but through the shop's server, and whose pages have a key of their own.
async fn house() -> House {
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.sources.push(Source {
            name: SourceName::parse("web").unwrap(),
            write_key: PAGES.to_owned(),
            enabled: true,
            child_directed: false,
            secret: false,
            origins: vec![SHOP.to_owned()],
        });
        settings.me.issuers = vec![IssuerSettings {
            name: "shop".to_owned(),
            origin: SHOP.to_owned(),
            algorithm: Algorithm::Hs256,
            key: SECRET.to_owned(),
        }];
    })
    .await;
    house
        .send_all(&[
            agrees("agreed", &[true, false, false]),
            agrees("refuser", &[false; 3]),
        ])
        .await;
    house
}

/// What the site signs for `user`, for this audience, `from` seconds ago.
fn signed(user: &str, audience: &str, secret: &str, from: i64) -> String {
    let now = server::ingest::clock::system()().0 / 1_000 - from;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iss": "shop", "aud": audience, "sub": user, "iat": now, "exp": now + 300,
        "jti": "0123456789abcdef"});
    let signed = format!("{}.{}", part(json!({"alg": "HS256", "typ": "JWT"})), part(claims));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn proof(user: &str) -> String {
    signed(user, "https://public.example/consent", SECRET, 0)
}

/// A message with who it names, every permission, and what else it says of consent.
fn permits(who: &Value, event: &str, more: &Value) -> Value {
    let mut message = viewed("", "i1");
    message["event"] = json!(event);
    message.as_object_mut().unwrap().remove("userId");
    for (name, value) in who.as_object().unwrap() {
        message[name] = value.clone();
    }
    let all = json!({ "Personalisation": true, "Groups": true, "Learning": true });
    message["context"]["consent"] = json!({ "categoryPreferences": all });
    for (name, value) in more.as_object().unwrap() {
        message["context"]["consent"][name] = value.clone();
    }
    message
}

async fn send(house: &House, messages: &[Value], headers: &[(&str, &str)]) {
    let body = json!({ "batch": messages, "writeKey": PAGES }).to_string();
    let answer = ask(house.address, Method::POST, "/v1/batch", headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// The purposes that somebody permits.
async fn permitted(house: &House, who: &Value) -> Vec<String> {
    let answer = ask(
        house.address,
        Method::POST,
        "/v1/consents/state",
        &[key()],
        who.to_string(),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let purposes = answer.json()["purposes"].as_array().unwrap().clone();
    let valid = |p: &Value| {
        p["state"]
            .as_str()
            .is_some_and(|s| s == "ConsentGiven" || s == "RenewedConsentGiven")
    };
    let valid = purposes.iter().filter(|p| valid(p));
    valid.map(|p| p["purpose"].as_str().unwrap().to_owned()).collect()
}

async fn of(house: &House, user: &str) -> Vec<String> {
    permitted(house, &json!({ "userId": user })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_page_permits_nothing_for_any_user_id() {
    let house = house().await;
    let before = of(&house, "agreed").await;
    assert_eq!(before, ["personalise"]);
    for user in ["agreed", "refuser", "stranger"] {
        for event in [gate::CONSENT_EVENT, "Product Viewed"] {
            let alone = permits(&json!({ "userId": user }), event, &json!({}));
            let beside = permits(
                &json!({ "userId": user, "anonymousId": format!("mine-{user}") }),
                event,
                &json!({}),
            );
            let alias = json!({ "type": "alias", "userId": user, "previousId": format!("mine-{user}") });
            send(&house, &[alone, beside, alias], &[]).await;
        }
        let expected = if user == "agreed" {
            before.clone()
        } else {
            Vec::new()
        };
        assert_eq!(of(&house, user).await, expected, "{user}");
        // What the attacker's own browser permits is not the person's either.
        let mine = json!({ "anonymousId": format!("mine-{user}") });
        send(&house, &[permits(&mine, gate::CONSENT_EVENT, &json!({}))], &[]).await;
        let identify =
            json!({"type": "identify", "userId": user, "anonymousId": mine["anonymousId"], "traits": {}});
        send(
            &house,
            &[identify, permits(&mine, "Product Viewed", &json!({}))],
            &[],
        )
        .await;
        assert_eq!(of(&house, user).await, expected, "{user}, by their visitor");
    }
    assert!(house.known("stranger").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_with_the_key_of_a_page_permits_nothing_for_any_user_id() {
    let house = house().await;
    let asked = ask(house.address, Method::GET, "/consent-requests.json", &[], "").await;
    let asked = asked.json()["consentRequests"].as_array().unwrap().clone();
    let ids: Vec<&str> = asked.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert!(!ids.is_empty());
    let wishes = format!("consent=\"{}\", object=direct-marketing", ids.join(" "));
    let event = viewed("stranger", "i1");
    send(&house, &[event], &[("adpc", wishes.as_str())]).await;
    assert_eq!(of(&house, "stranger").await, [""; 0]);
    // A visitor is their own browser, and its header permits.
    let mut event = viewed("", "i1");
    event.as_object_mut().unwrap().remove("userId");
    event["anonymousId"] = json!("v-header");
    send(&house, &[event], &[("adpc", wishes.as_str())]).await;
    assert!(
        !permitted(&house, &json!({ "anonymousId": "v-header" }))
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_page_takes_back_for_anybody_and_permits_for_a_visitor_of_its_own() {
    let house = house().await;
    let mut refusal = permits(&json!({ "userId": "agreed" }), gate::CONSENT_EVENT, &json!({}));
    refusal["context"]["consent"]["categoryPreferences"] =
        json!({ "Personalisation": false, "Learning": true });
    send(&house, &[refusal], &[]).await;
    assert_eq!(of(&house, "agreed").await, [""; 0]);
    let visitor = json!({ "anonymousId": "v-1" });
    send(&house, &[permits(&visitor, gate::CONSENT_EVENT, &json!({}))], &[]).await;
    assert!(
        permitted(&house, &visitor)
            .await
            .contains(&"personalise".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_proof_of_this_very_user_for_this_very_use_lets_a_page_permit() {
    let house = house().await;
    let user = json!({ "userId": "ann" });
    let ours = "https://public.example/consent";
    for bad in [
        json!({ "proof": "" }),
        json!({ "proof": "a.b.c" }),
        json!({ "proof": 7 }),
        json!({ "proof": proof("bob") }),
        json!({ "proof": signed("ann", "https://public.example", SECRET, 0) }),
        json!({ "proof": signed("ann", ours, "another-secret-of-more-than-32-bytes!", 0) }),
        json!({ "proof": signed("ann", ours, SECRET, 301) }),
        json!({ "proof": "x".repeat(5_000) }),
    ] {
        send(&house, &[permits(&user, gate::CONSENT_EVENT, &bad)], &[]).await;
        assert_eq!(of(&house, "ann").await, [""; 0], "{bad}");
    }
    let discards = house.get("/v1/sources/web/discards").await.json();
    assert_eq!(discards["noted"]["proof_refused"], 7, "{discards}");
    let good = json!({ "proof": proof("ann") });
    // It is for what its browser says, and for nobody's page.
    let form = ("content-type", "application/x-www-form-urlencoded");
    let body = format!("assertion={}", proof("ann"));
    let opened = ask(
        house.address,
        Method::POST,
        "/me/session",
        &[form, ("origin", SHOP)],
        body,
    )
    .await;
    assert!(!opened.headers.contains_key("set-cookie"), "{opened:?}");
    send(&house, &[permits(&user, gate::CONSENT_EVENT, &good)], &[]).await;
    assert!(of(&house, "ann").await.contains(&"personalise".to_owned()));
    // A visitor who agreed and signs in with a proof is the person from then on.
    let visitor = json!({ "anonymousId": "v-eve" });
    send(&house, &[permits(&visitor, gate::CONSENT_EVENT, &json!({}))], &[]).await;
    let identify = json!({"type": "identify", "userId": "eve", "anonymousId": "v-eve", "traits": {},
        "context": { "consent": { "proof": proof("eve") } }});
    send(&house, &[identify], &[]).await;
    assert!(of(&house, "eve").await.contains(&"personalise".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visitor_of_a_person_who_signed_in_permits_nothing_more_for_them_by_the_key_of_a_page() {
    let house = house().await;
    // The shop's server says who the visitor is.
    let mut both = viewed("agreed", "i2");
    both["anonymousId"] = json!("v-agreed");
    house.send_all(&[both]).await;
    let visitor = json!({ "anonymousId": "v-agreed" });
    assert_eq!(
        permitted(&house, &visitor).await,
        ["personalise"],
        "the same person"
    );
    send(&house, &[permits(&visitor, gate::CONSENT_EVENT, &json!({}))], &[]).await;
    assert_eq!(of(&house, "agreed").await, ["personalise"]);
}
