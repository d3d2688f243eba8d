//! The ways out over HTTP: a STOP reaches the right person's choices, a browser is kept with the consent and gone with
//! it, and a receiver that is gone is told nothing more.

use super::problems::check;
use super::support::{self, Answer, House, ask, key};
use gate::charter::Requester;
use gate::purposes::MarketByPush;
use gate::{Account, Ask, Whom};
use hyper::Method;
use serde_json::{Value, json};
use server::app::App;
use server::channels::push::Subscription;
use server::channels::settings::ChannelSettings;
use server::channels::{Answer as Became, Try, switched_off};
use std::path::PathBuf;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use vocabulary::{Moment, Signals};

const CARRIER: &str = "the-carrier-says-this-secret";
const ENDPOINT: &str = "https://push.example/send/abc";
const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

/// A shop that writes, with the settings of `more` in `[channels.sms.inbound]`.
async fn shop_in(folder: tempfile::TempDir, inbound: &str) -> House {
    let at = |name: &str| folder.path().join(name);
    let dictionary =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/dictionary.toml"));
    let traits = "\n[traits.push_subscription]\npurposes = [\"market_by_push\"]\n";
    std::fs::write(at("dictionary.toml"), dictionary.unwrap() + traits).unwrap();
    let key = at("vapid");
    if !key.exists() {
        server::channels::new_keys::vapid(&key).unwrap();
        server::channels::new_keys::webhook(&at("hook")).unwrap();
        std::fs::write(at("carrier"), CARRIER).unwrap();
        std::fs::write(at("provider"), "a-key-of-the-provider").unwrap();
    }
    let text = format!(
        r#"
        [http]
        allow = ["127.0.0.1"]
        [push]
        key = "file:{folder}/vapid"
        contact = "mailto:push@shop.example"
        [webhooks.crm]
        secrets = ["file:{folder}/hook"]
        [sms]
        preset = "brevo"
        from = "Shop"
        stop = "[STOP_CODE]"
        [sms.secrets]
        key = "file:{folder}/provider"
        carrier = "file:{folder}/carrier"
        [sms.inbound]
        secret = "carrier"
        {inbound}
        "#,
        folder = folder.path().display()
    );
    let settings = ChannelSettings::parse(&text).unwrap();
    let (store, dictionary) = (at("store"), at("dictionary.toml"));
    support::start_in(folder, |all| {
        all.store = format!("embedded:{}", store.display());
        all.dictionary = dictionary;
        all.channels = settings;
        all.notices.push(PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/house/channels.toml"
        )));
    })
    .await
}

async fn shop() -> House {
    shop_in(
        tempfile::tempdir().unwrap(),
        "number = '/to'\ntext = '/reply'\nevent = '/msg_status'\nstops = ['unsubscribed']",
    )
    .await
}

async fn post(house: &House, path: &str, body: Value) -> Answer {
    ask(house.address, Method::POST, path, &[key()], body.to_string()).await
}

async fn chooses(house: &House, user: &str, choices: Value) {
    let permits = choices.as_object().unwrap().values().any(|yes| yes == true);
    let answer = post(
        house,
        "/v1/consents",
        json!({
            "userId": user, "choices": choices, "action": if permits { "save" } else { "withdraw" },
            "notice": { "id": "messages", "version": 1, "language": "fr" },
        }),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn state(house: &House, user: &str, purpose: &str) -> String {
    let answer = post(house, "/v1/consents/state", json!({ "userId": user }))
        .await
        .json();
    let purposes = answer["purposes"].as_array().unwrap();
    let found = purposes.iter().find(|p| p["purpose"] == purpose).unwrap();
    found["state"].as_str().unwrap().to_owned()
}

/// What `market_by_push` may see of the browser.
async fn browser(app: &App, user: &str) -> Option<String> {
    struct Seen(Option<String>);
    impl Account for Seen {
        fn kind(&self) -> &'static str {
            "test"
        }
        fn program(&self) -> vocabulary::Digest {
            vocabulary::Digest::of(b"test")
        }
        fn details(&self) -> String {
            "{}".to_owned()
        }
    }
    let whom = Whom {
        user_id: Some(user),
        anonymous_id: None,
    };
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    let seen = app.gate.decide::<MarketByPush, _, _>(&whom, ask, |view| {
        let kept = view.traits.iter().find(|(name, _)| name == "push_subscription");
        Seen(kept.map(|(_, value)| value.clone()))
    });
    let json = seen.await.unwrap().ok()?.proposal.0?;
    Subscription::of_trait(&json).map(|subscription| subscription.to_text())
}

fn subscription(endpoint: &str) -> Value {
    json!({"endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": P256DH, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_takes_back_text_messages_of_whom_it_is_from_and_nothing_else() {
    let house = shop().await;
    for user in ["ann", "bob"] {
        chooses(
            &house,
            user,
            json!({"market_by_sms": true, "market_by_push": true}),
        )
        .await;
    }
    let told = |user: &str, number: &str| json!({"userId": user, "number": number});
    let numbers = "/v1/numbers";
    assert_eq!(
        post(&house, numbers, told("ann", "+33 6 12 34 56 78"))
            .await
            .status,
        204
    );
    assert_eq!(
        post(&house, numbers, told("ann", "+33612345678")).await.status,
        204,
        "idempotent"
    );
    assert_eq!(
        post(&house, numbers, told("bob", "+33687654321")).await.status,
        204
    );
    check(&post(&house, numbers, told("bob", "+33612345678")).await, 409);
    check(
        &post(&house, numbers, told("nobody-here", "+33611111111")).await,
        404,
    );
    check(&post(&house, numbers, told("ann", "0612345678")).await, 422);
    let heard = async |headers: &[(&str, &str)], body: &str| {
        ask(
            house.address,
            Method::POST,
            "/v1/sms/inbound",
            headers,
            body.to_owned(),
        )
        .await
    };
    let bearer = format!("Bearer {CARRIER}");
    let carrier = [("authorization", bearer.as_str())];
    let stop = r#"{"to": "33612345678", "reply": "Stop."}"#;
    for wrong in [&[][..], &[("authorization", "Bearer of bad news")], &[key()]] {
        check(&heard(wrong, stop).await, 401);
    }
    let with = "ConsentGiven";
    assert_eq!(
        heard(&carrier, r#"{"to": "33612345678", "reply": "Merci !"}"#)
            .await
            .status,
        204
    );
    assert_eq!(state(&house, "ann", "market_by_sms").await, with);
    check(&heard(&carrier, r#"{"reply": "STOP"}"#).await, 400);
    check(&heard(&carrier, "STOP").await, 400);
    assert_eq!(
        heard(&carrier, r#"{"to": "33699999999", "reply": "STOP"}"#)
            .await
            .status,
        204
    );
    // Said twice, as carriers do, and the second time as a form.
    assert_eq!(heard(&carrier, stop).await.status, 204);
    let form = [carrier[0], ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(heard(&form, "to=%2B33612345678&reply=STOP").await.status, 204);
    assert_eq!(state(&house, "ann", "market_by_sms").await, "ConsentWithdrawn");
    assert_eq!(state(&house, "ann", "market_by_push").await, with);
    assert_eq!(state(&house, "bob", "market_by_sms").await, with);
    assert_eq!(
        heard(&carrier, r#"{"to": 33687654321, "msg_status": "unsubscribed"}"#)
            .await
            .status,
        204
    );
    // And it outlives the process.
    let folder = house.stop().await;
    let again = shop_in(folder, "number = '/to'\ntext = '/reply'").await;
    for user in ["ann", "bob"] {
        assert_eq!(
            state(&again, user, "market_by_sms").await,
            "ConsentWithdrawn",
            "{user}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_kept_with_the_consent_and_gone_with_it() {
    let house = shop().await;
    let path = "/v1/push-subscriptions";
    let told = |user: &str| json!({"userId": user, "subscription": subscription(ENDPOINT)});
    let public = house.get("/v1/push-subscriptions/key").await.json()["publicKey"].clone();
    assert_eq!(public.as_str().unwrap().len(), 87);
    check(&post(&house, path, told("ann")).await, 403);
    chooses(&house, "ann", json!({"market_by_sms": true})).await;
    check(&post(&house, path, told("ann")).await, 403);
    assert_eq!(browser(&house.app, "ann").await, None);
    chooses(&house, "ann", json!({"market_by_push": true})).await;
    assert_eq!(post(&house, path, told("ann")).await.status, 204);
    let kept = browser(&house.app, "ann").await.unwrap();
    assert!(kept.starts_with(ENDPOINT), "{kept}");
    for (odd, place) in [
        (
            json!({"userId": "ann", "subscription": subscription("http://push.example/")}),
            "/subscription/endpoint",
        ),
        (
            json!({"userId": "ann", "subscription": {"endpoint": ENDPOINT, "keys": {"p256dh": "AAAA", "auth": "AAAA"}}}),
            "/subscription/keys",
        ),
    ] {
        let answer = post(&house, path, odd).await;
        check(&answer, 422);
        assert_eq!(answer.json()["errors"][0]["pointer"], place);
    }
    // The push service's word about a message of before does not take a browser that came since.
    let whom = Whom {
        user_id: Some("ann"),
        anonymous_id: None,
    };
    let forget = server::api::push_subscriptions::forget;
    let before = Moment(house.app.now().0 - 60_000);
    forget(&house.app.gate, &whom, "push", before).await.unwrap();
    assert!(browser(&house.app, "ann").await.is_some());
    let remove = "/v1/push-subscriptions/remove";
    for _ in 0..2 {
        assert_eq!(post(&house, remove, json!({"userId": "ann"})).await.status, 204);
        assert_eq!(browser(&house.app, "ann").await, None);
    }
    // Whoever comes back is kept again; whoever withdraws is gone without being asked.
    assert_eq!(post(&house, path, told("ann")).await.status, 204);
    assert!(browser(&house.app, "ann").await.is_some());
    chooses(&house, "ann", json!({"market_by_push": false})).await;
    chooses(&house, "ann", json!({"market_by_push": true})).await;
    assert_eq!(
        browser(&house.app, "ann").await,
        None,
        "the consent took it along"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_told_nothing_more_until_it_is_switched_on() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let told = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&told);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes).await;
            let gone = b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(gone).await.unwrap();
        }
    });
    let house = shop().await;
    let tell = async |house: &House, url: &str| {
        let app = &house.app;
        let attempt = Try {
            id: "m1",
            failed: 0,
            seed: 1,
            now: app.now(),
        };
        let ways = app.ways.as_ref().unwrap();
        switched_off::tell(&app.gate, ways, ("crm", url), b"{}", attempt)
            .await
            .unwrap()
    };
    let gone = Became::Refused {
        for_good: true,
        class: "gone".to_owned(),
    };
    let off = Became::NotHanded {
        why: "switched_off".to_owned(),
    };
    assert_eq!(tell(&house, &url).await, gone);
    assert_eq!(tell(&house, &url).await, off);
    let shown = house.get("/v1/webhooks").await.json();
    assert_eq!(
        (&shown[0]["name"], &shown[0]["why"]),
        (&json!("crm"), &json!("gone"))
    );
    let folder = house.stop().await;
    let house = shop_in(folder, "number = '/to'\ntext = '/reply'").await;
    assert_eq!(tell(&house, &url).await, off, "also after a restart");
    assert_eq!(told.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert_eq!(
        tell(&house, &format!("{url}/new")).await,
        gone,
        "another address is on"
    );
    assert_eq!(post(&house, "/v1/webhooks/crm/on", json!({})).await.status, 204);
    check(&post(&house, "/v1/webhooks/crm/on", json!({})).await, 404);
    assert_eq!(house.get("/v1/webhooks").await.json(), json!([{"name": "crm"}]));
    assert_eq!(tell(&house, &url).await, gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_settings_nothing_is_offered() {
    let house = support::start_in_memory().await;
    check(&house.get("/v1/push-subscriptions/key").await, 404);
    let told = json!({"userId": "ann", "subscription": subscription(ENDPOINT)});
    check(&post(&house, "/v1/push-subscriptions", told).await, 404);
    check(&post(&house, "/v1/sms/inbound", json!({})).await, 404);
    assert_eq!(house.get("/v1/webhooks").await.json(), json!([]));
    for script in ["/push/push.js", "/push/worker.js"] {
        let answer = ask(house.address, Method::GET, script, &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.body.is_empty()), (200, false));
    }
}
