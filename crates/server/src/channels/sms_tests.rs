//! Text messages over real connections to a provider's stand-in.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use super::*;
use crate::channels::receiver::{Does, Receiver, says};
use crate::channels::settings::{ChannelSettings, Ways};
use vocabulary::Moment;

const NOW: Moment = Moment(1_795_000_000_000);

fn number() -> Number {
    Number::parse("+33612345678").unwrap()
}

fn attempt() -> Try<'static> {
    Try {
        id: "m1",
        failed: 0,
        seed: 3,
        now: NOW,
    }
}

/// The settings of the documentation, at another address.
fn ways(more: &str) -> Ways {
    let text = format!(
        r#"
        [http]
        allow = ["127.0.0.1"]
        [sms]
        from = "Shop"
        stop = "36180"
        price = 45
        {more}
        [sms.secrets]
        key = "env:SMS_KEY"
        "#
    );
    let settings: ChannelSettings = toml::from_str(&text).unwrap();
    settings
        .open(|name| (name == "SMS_KEY").then(|| "a-key-of-twenty-four-bytes".to_owned()))
        .unwrap()
}

const DECLARED: &str = r#"
    url = "https://provider.example/v1/sms"
    headers = { Authorization = "Bearer {secret:key}", Idempotency-Key = "{id}" }
    json = { to = "{to}", from = "{from}", text = "{text}" }
    message_id = "/id"
    later = [{ pointer = "/error", values = ["no_credit"], class = "no_credit" }]
    "#;

fn at(sms: &Sms, url: String, knows_id: bool) -> Sms {
    let provider = Provider {
        url,
        knows_id,
        ..(*sms.provider).clone()
    };
    Sms {
        provider: Arc::new(provider),
        ..sms.clone()
    }
}

#[tokio::test]
async fn a_message_reaches_the_provider_as_declared_with_the_words_that_stop_it() {
    let receiver = Receiver::start(vec![says(200, "", r#"{"id": "abc"}"#)]).await;
    let ways = ways(DECLARED);
    let sms = at(&ways.sms.unwrap(), receiver.url("/v1/sms"), false);
    let prepared = sms.prepare(&number(), "Votre panier vous attend", true).unwrap();
    assert_eq!(prepared.text, "Votre panier vous attend STOP au 36180");
    assert_eq!((prepared.length.segments, prepared.cost), (1, 45));
    let answer = sms.send(&ways.http, &number(), &prepared, attempt()).await;
    assert_eq!(
        answer,
        Answer::Delivered {
            id: Some("abc".to_owned())
        }
    );
    let seen = receiver.seen();
    assert_eq!(
        seen[0].headers["authorization"],
        "Bearer a-key-of-twenty-four-bytes"
    );
    assert_eq!(seen[0].headers["idempotency-key"], "m1");
    let body: serde_json::Value = serde_json::from_slice(&seen[0].body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"to": "+33612345678", "from": "Shop", "text": prepared.text})
    );
}

#[tokio::test]
async fn what_is_not_clearly_refused_or_taken_is_in_doubt_unless_the_provider_knows_repetitions() {
    let answers = || {
        vec![
            says(500, "", ""),
            Does::Closes,
            says(429, "retry-after: 30\r\n", ""),
            says(400, "", r#"{"error": "no_credit"}"#),
            says(400, "", r#"{"error": "invalid"}"#),
        ]
    };
    let ways = ways(DECLARED);
    let declared = ways.sms.clone().unwrap();
    for knows_id in [false, true] {
        let receiver = Receiver::start(answers()).await;
        let sms = at(&declared, receiver.url("/"), knows_id);
        let prepared = sms.prepare(&number(), "Bonjour", true).unwrap();
        let mut became = Vec::new();
        for _ in 0..5 {
            became.push(
                match sms.send(&ways.http, &number(), &prepared, attempt()).await {
                    Answer::InDoubt { why } => format!("in doubt: {why}"),
                    Answer::Later { at, why } => {
                        assert!(at > NOW);
                        format!("later: {why}")
                    }
                    Answer::Refused { for_good, class } => format!("refused {for_good}: {class}"),
                    other => panic!("{other:?}"),
                },
            );
        }
        let unclear = if knows_id { "later" } else { "in doubt" };
        assert_eq!(
            became,
            [
                format!("{unclear}: status_500"),
                format!("{unclear}: no_answer"),
                "later: rate_limited".to_owned(),
                "later: no_credit".to_owned(),
                "refused true: status_400".to_owned(),
            ]
        );
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_has_got_nothing() {
    let ways = ways(DECLARED);
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", gone.local_addr().unwrap());
    drop(gone);
    let sms = at(&ways.sms.unwrap(), url, false);
    let prepared = sms.prepare(&number(), "Bonjour", false).unwrap();
    let answer = sms.send(&ways.http, &number(), &prepared, attempt()).await;
    assert!(
        matches!(&answer, Answer::Later { why, .. } if why == "unreached"),
        "{answer:?}"
    );
}

#[test]
fn advertising_to_france_says_how_to_stop_it_or_does_not_leave() {
    let sms = ways(DECLARED).sms.unwrap();
    let mute = Sms {
        stop: None,
        ..sms.clone()
    };
    assert_eq!(mute.prepare(&number(), "Soldes", true), Err(Unfit::NoStop));
    assert_eq!(
        mute.prepare(&number(), "Votre colis est là", false).unwrap().text,
        "Votre colis est là"
    );
    let belgian = Number::parse("+32470123456").unwrap();
    assert!(mute.prepare(&belgian, "Soldes", true).is_ok());
    assert_eq!(sms.prepare(&number(), "  ", true), Err(Unfit::Empty));
    assert_eq!(
        sms.prepare(&number(), &"é".repeat(600), true),
        Err(Unfit::TooLong(5))
    );
}

#[tokio::test]
async fn the_described_provider_gets_what_its_documentation_asks_for() {
    let receiver = Receiver::start(vec![
        says(201, "", r#"{"reference":"ab1cde2fgh3i4jklmno","messageId":1511882900176220,"smsCount":2,"usedCredits":0.7,"remainingCredits":82.85}"#),
        says(400, "", r#"{"code":"invalid_parameter","message":"recipient"}"#),
        says(402, "", r#"{"code":"not_enough_credits","message":"credits"}"#),
    ])
    .await;
    let ways = ways("preset = \"brevo\"");
    let described = ways.sms.unwrap();
    assert_eq!(
        described.provider.url,
        "https://api.brevo.com/v3/transactionalSMS/send"
    );
    let sms = at(&described, receiver.url("/"), false);
    let prepared = sms.prepare(&number(), "Soldes", true).unwrap();
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(sms.send(&ways.http, &number(), &prepared, attempt()).await);
    }
    assert_eq!(
        answers[..2],
        [
            Answer::Delivered {
                id: Some("1511882900176220".to_owned())
            },
            Answer::Refused {
                for_good: true,
                class: "invalid_request".to_owned()
            }
        ]
    );
    assert!(matches!(&answers[2], Answer::Later { why, .. } if why == "no_credit"));
    let seen = receiver.seen();
    assert_eq!(seen[0].headers["api-key"], "a-key-of-twenty-four-bytes");
    let body: serde_json::Value = serde_json::from_slice(&seen[0].body).unwrap();
    assert_eq!(
        (&body["recipient"], &body["type"]),
        (&"33612345678".into(), &"marketing".into())
    );
}
