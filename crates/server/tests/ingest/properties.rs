//! Whatever comes, nothing falls over, and a fault of the caller's is never answered as one of ours.

use super::recorder::Recorder;
use super::{NOW, app, ask};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const PATHS: [&str; 18] = [
    "/v1/identify",
    "/v1/track",
    "/v1/page",
    "/v1/screen",
    "/v1/group",
    "/v1/alias",
    "/v1/i",
    "/v1/t",
    "/v1/p",
    "/v1/s",
    "/v1/g",
    "/v1/a",
    "/v1/batch",
    "/v1/import",
    "/v1/b",
    "/v1/m",
    "/beacon/v1/batch?writeKey=key-shop",
    "/v1/none",
];

/// Posts and checks what is always so. Gives back how many events arrived.
fn check(path: &str, body: Vec<u8>, strict: bool) -> usize {
    let recorder = Recorder::default();
    let app = app(strict, &recorder);
    let request = Request::post(path)
        .header("Authorization", "Basic a2V5LXNob3A6")
        .body(Body::from(body))
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (answer, _) = runtime.block_on(ask(&app, request));
    assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
    let arrived = recorder.arrived();
    for (_, event) in &arrived {
        assert_eq!(answer.status, StatusCode::OK);
        assert!(event.at <= NOW && event.at.0 >= 0);
        assert!(!event.message_id.is_empty() && event.message_id.len() <= 100);
        assert!(event.user_id.is_some() || event.anonymous_id.is_some());
        for id in [&event.user_id, &event.anonymous_id, &event.previous_id]
            .into_iter()
            .flatten()
        {
            assert!(!id.is_empty() && id.len() <= 512);
        }
    }
    assert!(
        arrived.windows(2).all(|pair| pair[0].1.at <= pair[1].1.at),
        "not in the order of their times"
    );
    arrived.len()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("2026-07-01T11:00:00Z")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// A message with the right names and any values.
fn any_message() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "type",
        "messageId",
        "userId",
        "anonymousId",
        "previousId",
        "groupId",
        "event",
        "name",
        "category",
        "timestamp",
        "originalTimestamp",
        "sentAt",
        "properties",
        "traits",
        "context",
        "integrations",
        "writeKey",
    ]);
    let kind = prop::sample::select(vec!["identify", "track", "page", "screen", "group", "alias"]);
    (
        prop::collection::btree_map(name, any_json(), 0..10),
        kind,
        any::<bool>(),
    )
        .prop_map(|(fields, kind, good)| {
            let mut message: Map<String, Value> = fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            if good {
                message.insert("type".into(), json!(kind));
                message.insert("userId".into(), json!("u"));
            }
            message.into()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_get_an_answer(path in prop::sample::select(&PATHS[..]), body: Vec<u8>, strict: bool) {
        check(path, body, strict);
    }

    #[test]
    fn any_bytes_after_the_gzip_mark_get_an_answer(body: Vec<u8>) {
        check("/v1/batch", [vec![0x1f, 0x8b, 8, 0], body].concat(), false);
    }

    #[test]
    fn any_json_gets_an_answer(path in prop::sample::select(&PATHS[..]), json in any_json(), strict: bool) {
        check(path, serde_json::to_vec(&json).unwrap(), strict);
    }

    #[test]
    fn any_message_gets_an_answer(path in prop::sample::select(&PATHS[..12]), message in any_message()) {
        check(path, serde_json::to_vec(&message).unwrap(), false);
    }

    #[test]
    fn a_bad_message_takes_no_good_one_with_it(messages in prop::collection::vec(any_message(), 0..6), place: prop::sample::Index) {
        let mut messages = messages;
        let alone = check("/v1/batch", serde_json::to_vec(&json!({"batch": messages})).unwrap(), false);
        let good = json!({"type": "track", "event": "E", "userId": "u", "messageId": "a message of ours"});
        messages.insert(place.index(messages.len() + 1), good);
        let together = check("/v1/batch", serde_json::to_vec(&json!({"batch": messages})).unwrap(), false);
        prop_assert_eq!(together, alone + 1);
    }

    #[test]
    fn any_query_gets_the_picture(query in "[ -~]{0,80}") {
        let query: String = query.bytes().map(|b| if b.is_ascii_alphanumeric() || b"=&.".contains(&b) { char::from(b).to_string() } else { format!("%{b:02x}") }).collect();
        for path in ["/v1/pixel/track", "/pixel/v1/page", "/v1/pixel/none"] {
            let request = Request::get(format!("{path}?writeKey=key-shop&{query}")).body(Body::empty()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (answer, body) = runtime.block_on(ask(&app(false, &Recorder::default()), request));
            prop_assert_eq!(answer.status, StatusCode::OK);
            prop_assert!(body.starts_with(b"GIF89a"));
        }
    }
}
