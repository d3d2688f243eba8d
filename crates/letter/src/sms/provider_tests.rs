//! The promises of a declared provider.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn secrets() -> BTreeMap<String, String> {
    BTreeMap::from([("key".to_owned(), "k3y".to_owned())])
}

fn provider(body: Body) -> Provider {
    Provider {
        url: "https://api.provider.example/v1/sms".to_owned(),
        method: "POST".to_owned(),
        headers: vec![
            ("Api-Key".to_owned(), "{secret:key}".to_owned()),
            ("Idempotency-Key".to_owned(), "{id}".to_owned()),
        ],
        body,
        reading: Reading::default(),
        knows_id: true,
    }
}

fn usual() -> Provider {
    provider(Body::Json(
        json!({"to": "{to_digits}", "text": "{text}", "from": "{from}", "flash": false}),
    ))
}

fn message<'a>(to: &'a Number, text: &'a str) -> Message<'a> {
    Message {
        to,
        from: "Shop",
        text,
        id: "m1",
    }
}

#[test]
fn a_request_is_what_the_template_says() {
    let to = Number::parse("+33612345678").unwrap();
    let request = usual()
        .request(&message(&to, "Prêt & \"là\""), &secrets())
        .unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body,
        json!({"to": "33612345678", "text": "Prêt & \"là\"", "from": "Shop", "flash": false})
    );
    let header = |name: &str| {
        request
            .headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    assert_eq!(
        (
            header("api-key"),
            header("idempotency-key"),
            header("content-type")
        ),
        (Some("k3y"), Some("m1"), Some("application/json"))
    );
    let form = provider(Body::Form(vec![
        ("to".to_owned(), "{to}".to_owned()),
        ("message".to_owned(), "{text}".to_owned()),
    ]));
    let request = form.request(&message(&to, "a&b=c é"), &secrets()).unwrap();
    assert_eq!(request.body, b"to=%2B33612345678&message=a%26b%3Dc%20%C3%A9");
}

#[test]
fn a_text_cannot_ask_for_a_secret() {
    let to = Number::parse("+33612345678").unwrap();
    let request = usual()
        .request(&message(&to, "{secret:key} {to}"), &secrets())
        .unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["text"], "{secret:key} {to}");
}

#[test]
fn a_value_cannot_begin_a_header() {
    let to = Number::parse("+33612345678").unwrap();
    let mut odd = usual();
    odd.headers.push(("X-Text".to_owned(), "{text}".to_owned()));
    assert_eq!(
        odd.request(&message(&to, "a\r\nX-Evil: 1"), &secrets()),
        Err(Fault::Header("X-Text".to_owned()))
    );
}

#[test]
fn a_declaration_that_would_leak_or_fail_is_refused() {
    assert_eq!(usual().check(&secrets()), Ok(()));
    let fault = |change: fn(&mut Provider)| {
        let mut provider = usual();
        change(&mut provider);
        provider.check(&secrets()).unwrap_err()
    };
    assert_eq!(fault(|p| p.url = "http://provider.example".into()), Fault::Clear);
    assert_eq!(
        fault(|p| p.url.push_str("?to={to}")),
        Fault::InAddress("to".into())
    );
    assert_eq!(fault(|p| p.method = "GET".into()), Fault::Method);
    assert_eq!(
        fault(|p| p.headers.push(("a".into(), "{secret:other}".into()))),
        Fault::Secret("other".into())
    );
    assert_eq!(
        fault(|p| p.body = Body::Json(json!({"to": "{to}"}))),
        Fault::Incomplete
    );
    assert_eq!(
        fault(|p| p.body = Body::Json(json!({"to": "{to}", "t": "{text}{phone}"}))),
        Fault::Unknown("phone".into())
    );
    assert_eq!(
        fault(|p| p.reading.message_id = Some("id".into())),
        Fault::Pointer("id".into())
    );
    let deep = (0..10).fold(json!("{to}{text}"), |inner, _| json!([inner]));
    let mut nested = usual();
    nested.body = Body::Json(deep);
    assert_eq!(nested.check(&secrets()), Err(Fault::Deep));
}

#[test]
fn an_answer_is_read_by_the_declared_rules_and_then_by_its_status() {
    let rule = |status: &[u16], pointer: &str, values: &[&str], class: &str| Match {
        status: status.to_vec(),
        pointer: Some(pointer.to_owned()),
        values: values.iter().map(|&v| v.to_owned()).collect(),
        class: class.to_owned(),
    };
    let reading = Reading {
        accepted: vec![rule(&[200], "/success", &["100", "true"], "")],
        never: vec![rule(&[], "/success", &["202"], "invalid_number")],
        later: vec![rule(&[], "/success", &["500"], "no_credit")],
        message_id: Some("/messages/0/id".to_owned()),
    };
    let read = |status, body: Value| reading.verdict(status, body.to_string().as_bytes());
    assert_eq!(
        read(200, json!({"success": 100, "messages": [{"id": 77}]})),
        Verdict::Accepted(Some("77".into()))
    );
    assert_eq!(read(200, json!({"success": true})), Verdict::Accepted(None));
    assert_eq!(
        read(200, json!({"success": 202})),
        Verdict::Never("invalid_number".into())
    );
    assert_eq!(
        read(200, json!({"success": "500"})),
        Verdict::Later("no_credit".into())
    );
    assert_eq!(
        read(200, json!({"success": 901})),
        Verdict::Unclear,
        "2xx alone says nothing here"
    );
    assert_eq!(read(429, json!(null)), Verdict::Later("rate_limited".into()));
    assert_eq!(read(400, json!(null)), Verdict::Never("status_400".into()));
    for status in [408, 500, 502, 504, 302, 100] {
        assert_eq!(read(status, json!(null)), Verdict::Unclear, "{status}");
    }
    assert_eq!(
        Reading::default().verdict(201, b"not JSON"),
        Verdict::Accepted(None)
    );
}

proptest! {
    #[test]
    fn whatever_is_said_reaches_the_provider_unchanged(text in ".*") {
        let to = Number::parse("+33612345678").unwrap();
        let request = usual().request(&message(&to, &text), &secrets()).unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        prop_assert_eq!(body["text"].as_str(), Some(text.as_str()));
    }

    #[test]
    fn no_answer_makes_it_fall_over(status in any::<u16>(), body in prop::collection::vec(any::<u8>(), 0..300)) {
        let reading = Reading { message_id: Some("/a/0".into()), ..Reading::default() };
        let _: Verdict = reading.verdict(status, &body);
    }
}
