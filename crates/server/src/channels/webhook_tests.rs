//! Webhooks over real connections.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use super::*;
use crate::channels::receiver::{Does, Receiver, says};
use letter::webhook::{Unbelieved, verify};
use vocabulary::Moment;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW: i64 = 1_795_000_000_000;

fn endpoint(url: String, style: Style) -> Endpoint {
    Endpoint {
        url,
        style,
        secrets: vec![Secret::parse(SECRET).unwrap()],
    }
}

fn attempt(failed: u32, now: i64) -> Try<'static> {
    Try {
        id: "msg_1",
        failed,
        seed: 7,
        now: Moment(now),
    }
}

fn here() -> Http {
    Http::new(&["127.0.0.1".to_owned()], &[]).unwrap()
}

#[tokio::test]
async fn it_is_told_until_it_is_heard_under_one_id_and_each_try_is_believed() {
    let receiver = Receiver::start(vec![
        says(500, "", ""),
        Does::Closes,
        says(429, "retry-after: 3600\r\n", ""),
        says(302, "location: http://127.0.0.1/\r\n", ""),
        says(204, "", ""),
    ])
    .await;
    let endpoint = endpoint(receiver.url("/hook"), Style::Standard);
    let body = br#"{"type":"journey.step"}"#;
    let (mut now, mut failed, mut whys) = (NOW, 0, Vec::new());
    loop {
        match tell(&here(), &endpoint, body, attempt(failed, now)).await {
            Answer::Later { at, why } => {
                assert!(at.0 > now);
                if why == "status_429" {
                    assert!(at.0 >= now + 3_600_000, "not before it asked");
                }
                whys.push(why);
                (now, failed) = (at.0, failed + 1);
            }
            answer => {
                assert_eq!(answer, Answer::Delivered { id: None });
                break;
            }
        }
    }
    assert_eq!(whys, ["status_500", "no_answer", "status_429", "status_302"]);
    let seen = receiver.seen();
    assert_eq!(seen.len(), 5);
    let secret = [Secret::parse(SECRET).unwrap()];
    let mut times = Vec::new();
    for one in &seen {
        assert_eq!(one.headers["webhook-id"], "msg_1");
        let time: i64 = one.headers["webhook-timestamp"].parse().unwrap();
        let header = |name: &str| one.headers.get(name).map(String::as_str);
        assert_eq!(verify(&secret, header, &one.body, time * 1000), Ok(()));
        assert_eq!(
            verify(&secret, header, b"{}", time * 1000),
            Err(Unbelieved::Signature)
        );
        times.push(time);
    }
    assert!(
        times.is_sorted_by(|a, b| a < b),
        "each try says its own time: {times:?}"
    );
}

#[tokio::test]
async fn the_library_of_the_specification_believes_it_also_while_secrets_rotate() {
    let receiver = Receiver::start(vec![says(200, "", "")]).await;
    let new = letter::webhook::show_secret(&[9; 32]);
    let endpoint = Endpoint {
        secrets: vec![Secret::parse(&new).unwrap(), Secret::parse(SECRET).unwrap()],
        ..endpoint(receiver.url("/"), Style::Standard)
    };
    let now = jiff::Timestamp::now().as_millisecond();
    let body = "{\"a\":\"é\"}".as_bytes();
    assert_eq!(
        tell(&here(), &endpoint, body, attempt(0, now)).await,
        Answer::Delivered { id: None }
    );
    let seen = &receiver.seen()[0];
    let script = r#"
import json, sys
from standardwebhooks import Webhook, WebhookVerificationError
headers, body, secrets = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:]
for secret in secrets:
    try:
        Webhook(secret).verify(body, headers)
        print("believed")
    except WebhookVerificationError:
        print("refused")
"#;
    let other = letter::webhook::show_secret(&[8; 32]);
    let output = crate::channels::oracle::python()
        .args(["-c", script, &serde_json::to_string(&seen.headers).unwrap()])
        .arg(String::from_utf8(seen.body.clone()).unwrap())
        .args([new.as_str(), SECRET, other.as_str()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "believed\nbelieved\nrefused\n"
    );
}

#[tokio::test]
async fn who_is_gone_is_told_nothing_more_and_who_never_hears_is_given_up_on() {
    let receiver = Receiver::start(vec![says(410, "", ""), says(500, "", "")]).await;
    let endpoint = endpoint(receiver.url("/"), Style::Standard);
    let gone = Answer::Refused {
        for_good: true,
        class: GONE.to_owned(),
    };
    assert_eq!(tell(&here(), &endpoint, b"{}", attempt(0, NOW)).await, gone);
    let tried_out = Answer::Refused {
        for_good: false,
        class: "status_500".to_owned(),
    };
    assert_eq!(tell(&here(), &endpoint, b"{}", attempt(9, NOW)).await, tried_out);
}

#[tokio::test]
async fn retry_after_in_odd_forms_neither_hurries_nor_stops() {
    for (value, least, most) in [
        ("60", 60_000, 61_000 + 2_000),
        ("Wed, 18 Nov 2026 11:06:46 GMT", 0, 7_000),
        ("Wed, 18 Nov 2099 10:00:00 GMT", 86_400_000, 86_400_000),
        ("9999999999999999999999", 86_400_000, 86_400_000),
        ("-1", 5_000, 6_000),
        ("soon", 5_000, 6_000),
        ("", 5_000, 6_000),
    ] {
        let line = format!("retry-after: {value}\r\n");
        let receiver = Receiver::start(vec![says(503, &line, "")]).await;
        let endpoint = endpoint(receiver.url("/"), Style::Standard);
        match tell(&here(), &endpoint, b"{}", attempt(0, NOW)).await {
            Answer::Later { at, .. } => {
                assert!((least..=most).contains(&(at.0 - NOW)), "{value}: {}", at.0 - NOW);
            }
            other => panic!("{value}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_private_address_is_not_told_and_an_endpoint_without_a_secret_neither() {
    let receiver = Receiver::start(vec![says(200, "", "")]).await;
    let closed = Http::new(&[], &[]).unwrap();
    let inside = endpoint(format!("https://{}/", receiver.address), Style::Standard);
    let answer = tell(&closed, &inside, b"{}", attempt(0, NOW)).await;
    assert!(
        matches!(&answer, Answer::Later { why, .. } if why == "address_forbidden"),
        "{answer:?}"
    );
    let bare = Endpoint {
        secrets: Vec::new(),
        ..inside
    };
    let answer = tell(&closed, &bare, b"{}", attempt(0, NOW)).await;
    assert!(matches!(answer, Answer::NotHanded { .. }));
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn the_older_styles_are_signed_as_their_receivers_check() {
    let receiver = Receiver::start(vec![says(200, "", "")]).await;
    for style in [Style::Mautic, Style::Novu, Style::CustomerIo] {
        let endpoint = endpoint(receiver.url("/"), style);
        let answer = tell(&here(), &endpoint, b"{\"a\":1}", attempt(0, NOW)).await;
        assert_eq!(answer, Answer::Delivered { id: None });
    }
    // Reckoned by Python's `hmac` over the same secret.
    let script = r#"
import base64, hashlib, hmac
key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
body = b'{"a":1}'
print(base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode())
print("t=1795000000000,v1=" + hmac.new(key, b"1795000000000." + body, hashlib.sha256).hexdigest())
print(hmac.new(key, b"v0:1795000000:" + body, hashlib.sha256).hexdigest())
"#;
    let output = std::process::Command::new("python3")
        .args(["-c", script])
        .output()
        .unwrap();
    let expected = String::from_utf8(output.stdout).unwrap();
    let seen = receiver.seen();
    let names = ["webhook-signature", "novu-signature", "x-cio-signature"];
    for ((seen, name), expected) in seen.iter().zip(names).zip(expected.lines()) {
        assert_eq!(seen.headers[name], expected, "{name}");
        assert_eq!(seen.headers["webhook-id"], "msg_1");
    }
    assert_eq!(seen.len(), 3);
}
