//! Strangers who ask about people and compare the answers. Nothing here measures time, which a test
//! cannot do fairly; what would make the difference in time is compared instead: the work in the store.

use super::counting::Counting;
use super::support::{self, API_KEY, WRITE_KEY, ask, bought, viewed};
use axum::body::Body;
use gate::charter::Charter;
use gate::dictionary::Dictionary;
use gate::{Ask, Gate, Keyring, LedgerKey, Options, Secret, Whom, charter::Requester, purposes::Personalise};
use hyper::{Method, Request};
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt as _;
use vocabulary::{Moment, Signals};

/// The write key that stands in pages.
const PAGES: &str = "a-key-that-every-page-shows";

/// An answer without what must differ: the date, and identities of its own.
fn shown(answer: &support::Answer) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    (answer.status.as_u16(), headers.collect(), answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_send_events_learns_nothing_of_who_is_known() {
    let house = support::learned().await;
    let mut seen = Vec::new();
    for who in ["p0", "refuser", "silent", "nobody-has-this-id"] {
        for event in [
            viewed(who, "i1"),
            bought(who, &["i1"]),
            json!({"type": "identify", "userId": who, "traits": {}}),
        ] {
            seen.push(shown(&house.batch(&[event]).await));
        }
        // Again the same message: whether it is a repetition is no business of the sender's.
        let again = json!({"type": "track", "event": "Product Viewed", "messageId": "again", "userId": who,
            "properties": {"product_id": "i2"}});
        seen.push(shown(&house.batch(std::slice::from_ref(&again)).await));
        seen.push(shown(&house.batch(&[again]).await));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_are_not_there_were_never_there_or_belong_to_the_erased_look_alike() {
    let house = support::learned().await;
    let record = house.recommend(json!({ "userId": "p1" })).await["record"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        house.get(&format!("/v1/records/{record}/receipt")).await.status,
        200
    );
    let whom = Whom {
        user_id: Some("p1"),
        anonymous_id: None,
    };
    assert!(house.app.gate.erase(&whom).await.unwrap());
    let mut seen = Vec::new();
    for id in [
        record.as_str(),
        "00000000000000000000000000000000",
        "ffffffffffffffffffffffffffffffff",
        "not-an-id",
        "%00",
        &"f".repeat(2_000),
    ] {
        for path in [format!("/v1/records/{id}/receipt"), format!("/demo/receipt/{id}")] {
            seen.push(shown(&house.get(&path).await));
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert_eq!(seen[0].0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_refused_alike_however_near_they_come() {
    let house = support::start_in_memory().await;
    let bearer = |key: &str| format!("Bearer {key}");
    let mut near: Vec<String> = (0..API_KEY.len())
        .map(|length| bearer(&API_KEY[..length]))
        .collect();
    near.extend([
        bearer(&format!("{API_KEY}x")),
        bearer(&API_KEY.to_uppercase()),
        bearer(&"x".repeat(5_000)),
    ]);
    near.extend([
        format!("Basic {API_KEY}"),
        "Bearer".to_owned(),
        "\u{fffd}".to_owned(),
    ]);
    let mut seen = Vec::new();
    for value in &near {
        let headers = [("authorization", value.as_str())];
        let body = r#"{"placement":"home"}"#;
        seen.push(shown(
            &ask(house.address, Method::POST, "/v1/recommendations", &headers, body).await,
        ));
    }
    seen.push(shown(
        &ask(house.address, Method::POST, "/v1/recommendations", &[], "{").await,
    ));
    seen.dedup();
    assert_eq!((seen.len(), seen[0].0), (1, 401), "{seen:#?}");
    let mut seen = Vec::new();
    for length in 0..WRITE_KEY.len() {
        let path = format!("/v1/projects/{}x/settings", &WRITE_KEY[..length]);
        seen.push(shown(&ask(house.address, Method::GET, &path, &[], "").await));
    }
    seen.dedup();
    assert_eq!((seen.len(), seen[0].0), (1, 404), "{seen:#?}");
}

/// A gate over a store that counts what it is asked.
fn counted() -> (Gate, Arc<Counting>) {
    let shelf = Arc::new(Counting::new(store::Memory::new()));
    (open(&shelf), shelf)
}

fn open(shelf: &Arc<Counting>) -> Gate {
    let secret = |byte: u8| Secret::from_text(&format!("{byte:02x}").repeat(32)).unwrap();
    let gate = Gate::open(Options {
        shelf: Arc::clone(shelf) as Arc<dyn store::Shelf>,
        keyring: Keyring::new(&secret(1), &secret(2)).unwrap(),
        charter: Charter::built_in().unwrap(),
        dictionary: Dictionary::read(include_str!("../../../../demo/dictionary.toml")).unwrap(),
        ledger: LedgerKey {
            older: Vec::new(),
            origin: support::ORIGIN.to_owned(),
            secret: secret(3),
        },
        hot: 1_000,
        clock: server::ingest::clock::system(),
        owner: "attack".to_owned(),
        erasures: None,
    });
    gate.unwrap()
}

fn event(user: &str, message: &str, consent: Option<bool>) -> vocabulary::Event {
    let Value::Object(fields) = json!({ "product_id": "i1" }) else {
        panic!("an object")
    };
    let explicit = consent.is_some();
    vocabulary::Event {
        message_id: message.to_owned(),
        kind: vocabulary::Kind::Track,
        name: if explicit {
            gate::CONSENT_EVENT
        } else {
            "Product Viewed"
        }
        .to_owned(),
        user_id: Some(user.to_owned()),
        anonymous_id: None,
        previous_id: None,
        at: Moment(1_795_348_800_000),
        received_at: Moment(1_795_348_800_000),
        fields,
        consent: consent.map(|given| [("Personalisation".to_owned(), given)].into()),
        signals: Signals::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn to_refuse_somebody_known_takes_the_same_calls_of_the_store_as_to_refuse_a_stranger() {
    let (gate, shelf) = counted();
    let refusal = gate.take_in("shop", event("refuser", "m1", Some(false)));
    gate.observe(vec![refusal]).await.unwrap();
    gate.write_back().await.unwrap();
    let taken = || shelf.take();
    let calls = async |who: &str| {
        let whom = Whom {
            user_id: Some(who),
            anonymous_id: None,
        };
        let ask = Ask {
            signals: Signals::default(),
            requester: Requester::System,
            now: Moment(1_795_348_800_001),
        };
        taken();
        let permit = gate.permit::<Personalise>(&whom, ask).await.unwrap();
        assert!(permit.is_err(), "{who} may be profiled");
        let asked = taken();
        let sent = gate
            .take_in("shop", event(who, &format!("of {who}"), None))
            .unvouched();
        assert!(matches!(
            gate.observe(vec![sent]).await.unwrap()[..],
            [gate::Fate::Dropped(_)]
        ));
        (asked, taken())
    };
    let first = vec![("resolve", 1), ("persons", 1), ("keys", 1)];
    let dropped = vec![("seen", 1), ("commit", 1)];
    let stranger = calls("stranger").await;
    assert_eq!(stranger, (first, dropped.clone()));
    assert_eq!(calls("another stranger").await, stranger);
    // Who was met lately is remembered, and so is that there is nobody.
    let again = (vec![], dropped);
    assert_eq!(calls("refuser").await, again);
    assert_eq!(calls("stranger again").await, stranger);
    gate.close().await;
}

/// What is asked of the store for a request: each call, in the order of the alphabet.
async fn asked(
    router: &axum::Router,
    shelf: &Counting,
    request: Request<Body>,
) -> Vec<(&'static str, usize)> {
    shelf.take();
    let answer = router.clone().oneshot(request).await.unwrap();
    assert!(answer.status().as_u16() < 400, "{}", answer.status());
    let mut calls = shelf.take();
    calls.sort_unstable();
    calls
}

/// One request of each kind that an outsider can make about somebody of their choice, with nothing but what
/// stands in a page. `n` makes its messages new ones.
fn probes(user: &str, visitor: &str, n: usize) -> Vec<(&'static str, Request<Body>)> {
    let track = |what: &str, who: Value, consent: Value| {
        let mut message = json!({"type": "track", "event": "Product Viewed", "messageId": format!("{what}-{user}-{n}"),
            "properties": {"product_id": "i1"}, "context": {"consent": consent}});
        for (name, value) in who.as_object().unwrap() {
            message[name] = value.clone();
        }
        message
    };
    let post = |path: &str, body: Value| {
        Request::post(path)
            .header("content-type", "application/json")
            .header("origin", support::SHOP)
            .body(Body::from(body.to_string()))
            .unwrap()
    };
    let send = |message: Value| post("/v1/batch", json!({ "batch": [message], "writeKey": PAGES }));
    let permits = json!({ "categoryPreferences": { "Personalisation": true, "Groups": true } });
    let known = json!({ "userId": user });
    let pixel = track("pixel", known.clone(), json!({}));
    let pixel = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        pixel.to_string(),
    );
    let page = Request::get("/consent").header("cookie", format!("ajs_anonymous_id={visitor}"));
    vec![
        ("event", send(track("event", known.clone(), json!({})))),
        ("permits", send(track("permits", known.clone(), permits))),
        (
            "visitor",
            send(track("visitor", json!({ "anonymousId": visitor }), json!({}))),
        ),
        (
            "both",
            send(track(
                "both",
                json!({ "userId": user, "anonymousId": "mine" }),
                json!({}),
            )),
        ),
        (
            "identify",
            send(
                json!({"type": "identify", "messageId": format!("identify-{user}-{n}"), "userId": user,
            "traits": {"first_name": "X"}}),
            ),
        ),
        (
            "pixel",
            Request::get(format!("/v1/pixel/track?writeKey={PAGES}&data={pixel}"))
                .body(Body::empty())
                .unwrap(),
        ),
        (
            "state",
            post(
                "/consent/state",
                json!({ "writeKey": PAGES, "anonymousId": visitor, "notice": "shop" }),
            ),
        ),
        ("page", page.body(Body::empty()).unwrap()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn to_ask_about_somebody_known_takes_the_same_calls_of_the_store_on_every_way_in() {
    let (gate, shelf) = counted();
    let mut visitor = event("", "v", Some(true));
    (visitor.user_id, visitor.anonymous_id) = (None, Some("v-known".to_owned()));
    let told = [
        event("refuser", "r", Some(false)),
        event("agreed", "a", Some(true)),
        visitor,
    ];
    let told = told.map(|event| gate.take_in("shop", event)).into();
    assert!(
        gate.observe(told)
            .await
            .unwrap()
            .iter()
            .all(|fate| *fate == gate::Fate::Stored)
    );
    gate.close().await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = support::settings(folder.path(), "memory".to_owned());
    settings.sources = vec![server::ingest::Source {
        name: server::ingest::SourceName::parse("web").unwrap(),
        write_key: PAGES.to_owned(),
        enabled: true,
        child_directed: false,
        secret: false,
        origins: vec![support::SHOP.to_owned()],
    }];
    let clock = server::ingest::clock::system();
    // Each meets a server that was just started and has nobody in memory.
    let mut seen = Vec::new();
    for (user, visitor) in [
        ("stranger", "v-stranger"),
        ("refuser", "v-known"),
        ("agreed", "v-known"),
        ("other", "v-other"),
    ] {
        let mut calls = Vec::new();
        for probe in 0..probes(user, visitor, 0).len() {
            let gate = open(&shelf);
            let app = server::app::App::new(
                gate.clone(),
                server::auth::ApiKeys::default(),
                vocabulary::Catalogue::default(),
                vocabulary::Digest::default(),
                Arc::clone(&clock),
            );
            let notices = server::files::notices(&settings.notices).unwrap();
            gate.publish_notices(notices, app.now()).await.unwrap().unwrap();
            let router = server::serve::router(&app, &settings, Arc::clone(&clock)).unwrap();
            for n in 0..3 {
                let (what, request) = probes(user, visitor, seen.len() * 3 + n).swap_remove(probe);
                calls.push((what, n, asked(&router, &shelf, request).await));
            }
            gate.close().await;
        }
        seen.push((user, calls));
    }
    let (_, stranger) = &seen[0];
    assert!(
        stranger.iter().all(|(_, n, calls)| *n > 0 || !calls.is_empty()),
        "{stranger:#?}"
    );
    for (user, calls) in &seen {
        for (of_known, of_stranger) in calls.iter().zip(stranger) {
            assert_eq!(of_known, of_stranger, "{user}");
        }
    }
}
