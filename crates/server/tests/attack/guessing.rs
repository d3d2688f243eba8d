//! Strangers who ask about people and compare the answers. Nothing here measures time, which a test
//! cannot do fairly; what would make the difference in time is compared instead: the work in the store.

use super::counting::Counting;
use super::support::{self, API_KEY, WRITE_KEY, ask, bought, viewed};
use gate::charter::Charter;
use gate::dictionary::Dictionary;
use gate::{Ask, Gate, Keyring, LedgerKey, Options, Secret, Whom, charter::Requester, purposes::Personalise};
use hyper::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use vocabulary::{Moment, Signals};

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
    let secret = |byte: u8| Secret::from_text(&format!("{byte:02x}").repeat(32)).unwrap();
    let gate = Gate::open(Options {
        shelf: Arc::clone(&shelf) as Arc<dyn store::Shelf>,
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
    (gate.unwrap(), shelf)
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
    // Whose an identifier is may be remembered: that is left out. All that waits for a disk is not.
    let taken = || -> Vec<_> {
        shelf
            .take()
            .into_iter()
            .filter(|(call, _)| *call != "resolve")
            .collect()
    };
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
        let sent = gate.take_in("shop", event(who, &format!("of {who}"), None));
        assert!(matches!(
            gate.observe(vec![sent]).await.unwrap()[..],
            [gate::Fate::Dropped(_)]
        ));
        (asked, taken())
    };
    let stranger = calls("stranger").await;
    assert_eq!(stranger, (vec![], vec![("seen", 1)]));
    assert_eq!(calls("refuser").await, stranger);
    assert_eq!(calls("another stranger").await, stranger);
    gate.close().await;
}
