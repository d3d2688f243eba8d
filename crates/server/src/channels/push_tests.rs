//! Notifications over real connections to a push service's stand-in; what was encrypted is opened by `http_ece` of PyPI,
//! and the token judged by PyJWT. No push service can be had without the network, so no browser shows them here.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use super::*;
use crate::channels::receiver::{Does, Receiver, says};
use std::process::Command;
use vocabulary::Moment;

// The browser of RFC 8291, appendix A, and its private key.
const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const BROWSER_PRIVATE: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const OWN: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

fn push() -> Push {
    Push {
        sender: Arc::new(Sender::parse(OWN).unwrap()),
        contact: "mailto:push@shop.example".to_owned(),
        keep_s: 3600,
    }
}

fn notification() -> Notification {
    Notification {
        v: 1,
        id: "m1".to_owned(),
        title: "Votre livre est arrivé".to_owned(),
        body: "Il vous attend jusqu’à samedi.".to_owned(),
        lang: "fr".to_owned(),
        url: "https://shop.example/orders/1".to_owned(),
        why: "https://egard.shop.example/me".to_owned(),
    }
}

fn attempt(now: i64) -> Try<'static> {
    Try {
        id: "m1",
        failed: 0,
        seed: 1,
        now: Moment(now),
    }
}

fn subscription(receiver: &Receiver) -> Subscription {
    Subscription {
        endpoint: receiver.url("/push/abc"),
        ..Subscription::new("https://push.example/abc", P256DH, AUTH).unwrap()
    }
}

fn here() -> Http {
    Http::new(&["127.0.0.1".to_owned()], &[]).unwrap()
}

/// Python with the packages that are not ours.
fn python() -> Command {
    crate::channels::oracle::python()
}

#[tokio::test]
async fn a_browser_can_open_it_and_the_service_knows_the_sender() {
    let receiver = Receiver::start(vec![says(201, "location: https://push.example/m/1\r\n", "")]).await;
    let now = jiff::Timestamp::now().as_millisecond();
    let how = (Urgency::Low, Some("order_1"));
    let answer = push()
        .send(
            &here(),
            &subscription(&receiver),
            &notification(),
            how,
            attempt(now),
        )
        .await;
    let name = Some("https://push.example/m/1".to_owned());
    assert_eq!(answer, Answer::Delivered { id: name });
    let seen = &receiver.seen()[0];
    let header = |name: &str| seen.headers[name].as_str();
    assert_eq!(
        (
            header("ttl"),
            header("urgency"),
            header("topic"),
            header("content-encoding")
        ),
        ("3600", "low", "order_1", "aes128gcm")
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("body"), &seen.body).unwrap();
    std::fs::write(folder.path().join("authorization"), header("authorization")).unwrap();
    let script = r#"
import base64, json, pathlib, sys
import http_ece, jwt
from cryptography.hazmat.primitives.asymmetric import ec
folder, private, auth, origin = pathlib.Path(sys.argv[1]), *sys.argv[2:5]
read = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
key = ec.derive_private_key(int.from_bytes(read(private), "big"), ec.SECP256R1())
plain = http_ece.decrypt((folder / "body").read_bytes(), private_key=key, auth_secret=read(auth), version="aes128gcm")
scheme, rest = (folder / "authorization").read_text().split(" ", 1)
assert scheme == "vapid"
parts = dict(part.strip().split("=", 1) for part in rest.split(","))
public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read(parts["k"]))
claims = jwt.decode(parts["t"], public, algorithms=["ES256"], audience=origin)
print(json.dumps({"plain": json.loads(plain), "claims": claims}))
"#;
    let origin = format!("https://{}", receiver.address);
    let output = python()
        .args(["-c", script])
        .arg(folder.path())
        .args([BROWSER_PRIVATE, AUTH, &origin])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let opened: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(opened["plain"], serde_json::to_value(notification()).unwrap());
    assert_eq!(opened["claims"]["sub"], "mailto:push@shop.example");
    let lasts = opened["claims"]["exp"].as_i64().unwrap() - now / 1000;
    assert!((1..=letter::push::TOKEN_LONGEST_S).contains(&lasts), "{lasts}");
}

#[tokio::test]
async fn each_message_has_a_key_and_a_salt_of_its_own() {
    let receiver = Receiver::start(vec![says(201, "", "")]).await;
    for _ in 0..3 {
        let how = (Urgency::Low, None);
        push()
            .send(
                &here(),
                &subscription(&receiver),
                &notification(),
                how,
                attempt(0),
            )
            .await;
    }
    let heads: std::collections::BTreeSet<Vec<u8>> = receiver
        .seen()
        .iter()
        .map(|seen| seen.body[..86].to_vec())
        .collect();
    assert_eq!(heads.len(), 3);
}

#[tokio::test]
async fn what_became_of_it_is_told_as_it_is() {
    let receiver = Receiver::start(vec![
        says(410, "", ""),
        says(404, "", ""),
        says(429, "retry-after: 60\r\n", ""),
        says(413, "", ""),
        says(403, "", ""),
        says(500, "", ""),
        says(301, "location: http://127.0.0.1/\r\n", ""),
        Does::Closes,
    ])
    .await;
    let mut became = Vec::new();
    for _ in 0..8 {
        let how = (Urgency::Low, None);
        let answer = push()
            .send(
                &here(),
                &subscription(&receiver),
                &notification(),
                how,
                attempt(0),
            )
            .await;
        became.push(match answer {
            Answer::Refused { for_good, class } => format!("refused {for_good}: {class}"),
            Answer::Later { at, why } => {
                assert!(at.0 >= 60_000);
                format!("later: {why}")
            }
            Answer::InDoubt { why } => format!("in doubt: {why}"),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(
        became,
        [
            "refused true: subscription_gone",
            "refused true: subscription_gone",
            "later: status_429",
            "refused false: too_long",
            "refused false: status_403",
            "in doubt: status_500",
            "in doubt: status_301",
            "in doubt: no_answer",
        ]
    );
}

#[tokio::test]
async fn a_browser_cannot_name_an_address_inside() {
    let closed = Http::new(&[], &[]).unwrap();
    for endpoint in [
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/",
    ] {
        let to = Subscription::new(endpoint, P256DH, AUTH).unwrap();
        let how = (Urgency::Low, None);
        let answer = push().send(&closed, &to, &notification(), how, attempt(0)).await;
        assert_eq!(answer, refused(true, "address_forbidden"), "{endpoint}");
    }
}

#[tokio::test]
async fn a_text_that_does_not_fit_is_not_cut() {
    let receiver = Receiver::start(vec![says(201, "", "")]).await;
    let long = Notification {
        body: "a".repeat(4000),
        ..notification()
    };
    let how = (Urgency::Low, None);
    let answer = push()
        .send(&here(), &subscription(&receiver), &long, how, attempt(0))
        .await;
    assert!(matches!(answer, Answer::NotHanded { .. }));
    assert!(receiver.seen().is_empty());
}

#[test]
fn a_subscription_is_read_again_as_it_was_kept() {
    let text = Subscription::new("https://push.example/abc?x=1", P256DH, &format!("{AUTH}=="))
        .unwrap()
        .to_text();
    assert_eq!(Subscription::kept(&text).unwrap().to_text(), text);
    for bad in [
        "",
        "https://push.example/abc",
        &format!("{text} more"),
        &text.replace("https", "http"),
    ] {
        assert_eq!(Subscription::kept(bad), None, "{bad}");
    }
    let long = format!("https://push.example/{}", "a".repeat(LONGEST_ENDPOINT));
    for endpoint in [
        "http://push.example/",
        "https://a b/",
        "https://u:p@push.example/",
        "ftp://x/",
        &long,
        "",
    ] {
        assert_eq!(
            Subscription::new(endpoint, P256DH, AUTH),
            Err(BadSubscription::Endpoint),
            "{endpoint}"
        );
    }
    let longest = format!("https://push.example/{}", "a".repeat(LONGEST_ENDPOINT - 21));
    let kept = Subscription::new(&longest, P256DH, AUTH).unwrap().to_text();
    assert!(serde_json::to_string(&kept).unwrap().len() <= gate::dictionary::MAX_TEXT);
}
