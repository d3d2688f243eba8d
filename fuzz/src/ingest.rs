//! Calls of the Segment dialect, whole: path, headers, query and body, gzip and all. What reaches the
//! acceptor must keep its promises.

use crate::{Target, request};
use axum::Router;
use server::auth::ApiKeys;
use server::ingest::{Accept, Accepted, Accepting, Ingest, PublicUrl, Source, SourceName, Sources, Told};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;
use vocabulary::{Event, Moment};

pub const TARGETS: &[&Target] = &[&Target {
    name: "ingest",
    run: ingest,
    seeds,
}];

/// 2026-11-22T12:00:00Z.
const NOW: Moment = Moment(1_795_348_800_000);

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Event>>>);

impl Accept for Recorder {
    fn accept(&self, _: SourceName, told: Vec<Told>) -> Accepting {
        let stored = told.len() as u32;
        let events = told.into_iter().map(|told| told.event);
        self.0.lock().expect("one thread").extend(events);
        Box::pin(async move {
            Ok(Accepted {
                stored,
                ..Accepted::default()
            })
        })
    }
}

struct Bed {
    runtime: Runtime,
    router: Router,
    recorder: Recorder,
}

fn bed() -> Bed {
    let source = |name: &str, write_key: &str, enabled| Source {
        name: SourceName::parse(name).expect("a name"),
        write_key: write_key.to_owned(),
        enabled,
        child_directed: false,
        secret: false,
        origins: Vec::new(),
    };
    let sources = Sources::new([source("shop", "key", true), source("old", "old", false)]).expect("sources");
    let recorder = Recorder::default();
    let url = PublicUrl::parse("https://public.example").expect("an address");
    let ingest = Ingest::new(sources, Arc::new(recorder.clone()), url)
        .with_strict(true)
        .with_clock(Arc::new(|| NOW));
    Bed {
        runtime: tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime"),
        router: server::ingest::router(Arc::new(ingest), ApiKeys::default()),
        recorder,
    }
}

thread_local! {
    static BED: Bed = bed();
}

fn ingest(bytes: &[u8]) {
    let Some(request) = request::parse(bytes) else {
        return;
    };
    let gpc = request
        .headers()
        .get_all("sec-gpc")
        .iter()
        .any(|value| value == "1");
    BED.with(|bed| {
        let (answer, body) = bed.runtime.block_on(request::answer(&bed.router, request));
        assert!(!answer.status().is_server_error(), "{}", answer.status());
        assert!(
            !body.windows(9).any(|part| part == b"tell-tale"),
            "an answer repeats what was sent"
        );
        let events = std::mem::take(&mut *bed.recorder.0.lock().expect("one thread"));
        if !events.is_empty() {
            assert!(
                answer.status().is_success(),
                "taken, and answered with {}",
                answer.status()
            );
        }
        assert!(
            events.windows(2).all(|two| two[0].at <= two[1].at),
            "not in the order of their times"
        );
        for event in &events {
            check(event, gpc);
        }
    });
}

fn check(event: &Event, gpc: bool) {
    assert!(event.at.0 >= 0 && event.at <= NOW && event.received_at == NOW);
    assert!((1..=100).contains(&event.message_id.len()));
    assert!(event.user_id.is_some() || event.anonymous_id.is_some());
    for id in [&event.user_id, &event.anonymous_id, &event.previous_id]
        .into_iter()
        .flatten()
    {
        assert_eq!(server::identifier::check(id), Ok(()), "a name that names nobody");
    }
    assert!(event.name.len() <= 512);
    assert_eq!(event.signals.gpc, gpc);
    if let Some(consent) = &event.consent {
        assert!(consent.len() <= 100 && consent.keys().all(|name| name.len() <= 128));
    }
    let fields = serde_json::to_vec(&event.fields).expect("JSON");
    assert!(fields.len() <= 6 * (32 << 10), "{} bytes of fields", fields.len());
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = [
        "POST /v1/batch\ncontent-type: application/json\nsec-gpc: 1\n\n{\"writeKey\":\"key\",\"sentAt\":\"2026-11-22T11:59:59Z\",\"context\":{\"consent\":{\"categoryPreferences\":{\"Marketing\":true}}},\"integrations\":{\"Egard\":true},\"batch\":[{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":7,\"messageId\":\"m\",\"timestamp\":\"2026-11-22T11:00:00.5+02:00\",\"properties\":{\"products\":[{\"product_id\":\"i1\"}]}},{\"type\":\"page\",\"anonymousId\":\"a\",\"name\":\"tell-tale\",\"category\":\"c\"},{\"type\":\"alias\",\"userId\":\"u\",\"previousId\":\"a\"}]}",
        "POST /v1/identify\nauthorization: Basic a2V5Og==\n\n{\"userId\":\"ann\",\"traits\":{\"plan\":\"tell-tale\"},\"context\":{\"traits\":{},\"consent\":{\"categoryPreferences\":{\"A\":true,\"A\":false}}},\"originalTimestamp\":1795348800,\"sentAt\":1795348800000}",
        "POST /v1/t\nauthorization: basic a2V5\n\n{\"event\":\"Segment Consent Preference Updated\",\"anonymousId\":\"v\",\"context\":{\"consent\":{\"categoryPreferences\":{\"Marketing\":false}}}}",
        "POST /v1/g?writeKey=key\n\n{\"groupId\":\"tell-tale\",\"userId\":\"u\",\"traits\":[]}",
        "GET /v1/pixel/track.gif?writeKey=key&event=E&userId=u&properties.a.b.c=1&context.consent.categoryPreferences.Marketing=true\nsec-gpc: 1",
        "GET /pixel/v1/page?writeKey=key&data=eyJ1c2VySWQiOiJ1IiwibmFtZSI6ImgifQ",
        "GET /v1/projects/key/settings",
        "OPTIONS /v1/batch\norigin: https://tell-tale.example",
        "POST /beacon/v1/batch?writeKey=old\n\n{\"batch\":[]}",
        "POST /v1/m\n\n{}",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    // gzip of `{"batch":[{"type":"track","event":"e","userId":"u"}]}`, stored without compression.
    let body = br#"{"batch":[{"type":"track","event":"e","userId":"u"}]}"#;
    let mut zipped = b"POST /v1/b?writeKey=key\ncontent-encoding: gzip\n\n".to_vec();
    zipped.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1]);
    zipped.extend((body.len() as u16).to_le_bytes());
    zipped.extend((!(body.len() as u16)).to_le_bytes());
    zipped.extend(body);
    zipped.extend([0; 8]);
    seeds.push(zipped);
    seeds
}
