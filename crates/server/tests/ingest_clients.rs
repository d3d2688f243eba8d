//! Real clients, unmodified, against a real listening server: what they send arrives once, in the
//! order in which it happened, whatever the network and a failing server do in between.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic"
)]

#[path = "clients/browser.rs"]
mod browser;
#[path = "clients/front.rs"]
mod front;
#[path = "house/support.rs"]
mod house;
#[path = "clients/install.rs"]
mod install;
#[path = "ingest/recorder.rs"]
mod recorder;

use front::{Fate, Front};
use recorder::Recorder;
use serde_json::{Map, Value};
use server::auth::ApiKeys;
use server::ingest::{Ingest, PublicUrl, Source, SourceName, Sources, clock, router};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use vocabulary::{Event, Kind};

const WRITE_KEY: &str = "real-clients";

/// A client of somebody else's.
#[derive(Clone, Copy)]
enum Client {
    Node(&'static str),
    Python(&'static str),
}

impl Client {
    /// The command that makes the calls of `calls.json` and ends once the client says they are
    /// delivered.
    fn command(self, base: &str, write_key: &str, flush_at: u32) -> Command {
        let mut command = match self {
            Client::Node(script) => {
                let mut node = Command::new("node");
                node.current_dir(install::node()).arg(script);
                node
            }
            Client::Python(script) => {
                let mut python = Command::new("python3");
                python
                    .env("PYTHONPATH", install::python())
                    .env("PYTHONDONTWRITEBYTECODE", "1");
                python.arg(install::drivers().join("python").join(script));
                python
            }
        };
        let calls = install::drivers().join("calls.json");
        command
            .args([base, write_key])
            .arg(calls)
            .arg(flush_at.to_string());
        command
    }
}

const CLIENTS: [Client; 4] = [
    Client::Node("segment.mjs"),
    Client::Node("rudder.mjs"),
    Client::Python("segment_client.py"),
    Client::Python("rudder_client.py"),
];

/// Lets a client make its calls to `server` through a front with these fates, and checks what
/// arrived. `arrived` reads what the server took, each message as often as it counts.
fn check(
    client: Client,
    server: SocketAddr,
    fates: &[Fate],
    flush_at: u32,
    arrived: &dyn Fn() -> Vec<Event>,
) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (front, address) = runtime.block_on(Front::start(async |_| server, fates));
    let mut command = client.command(&format!("http://{address}"), WRITE_KEY, flush_at);
    let start = clock::system()();
    let output = command.output().unwrap();
    let end = clock::system()();
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&said)
    );
    assert_eq!(
        front.met(),
        fates.len(),
        "{command:?} gave up too early or was never hindered"
    );
    assert!(
        front.answered().iter().all(|status| *status == 200),
        "{:?}",
        front.answered()
    );

    let mut events = arrived();
    events.sort_by_key(|event| event.at);
    let expected = expected();
    let kinds = |events: &[Event]| {
        events
            .iter()
            .map(|event| (event.kind, event.name.clone()))
            .collect::<Vec<_>>()
    };
    let expected_kinds: Vec<_> = expected
        .iter()
        .map(|call| (call.kind, call.name.clone()))
        .collect();
    assert_eq!(
        kinds(&events),
        expected_kinds,
        "{command:?}: not once each, in the order in which they happened"
    );
    for (event, call) in events.iter().zip(&expected) {
        let what = (event.kind.as_str(), &event.name);
        assert_eq!(
            (&event.user_id, &event.anonymous_id),
            (&call.user_id, &call.anonymous_id),
            "{what:?}"
        );
        assert_eq!(
            (&event.previous_id, &event.consent),
            (&call.previous_id, &call.consent),
            "{what:?}"
        );
        assert_eq!(event.fields, call.fields, "{what:?}");
        // The client's clock is ours: however often it tried, the time lies within the run.
        let (earliest, latest) = (start.plus(-call.ms_ago - 1), end.plus(-call.ms_ago));
        assert!(
            earliest <= event.at && event.at <= latest,
            "{what:?}: {:?}",
            (earliest, event.at, latest)
        );
    }
}

/// A call of `calls.json`, as it must arrive.
struct Call {
    kind: Kind,
    name: String,
    user_id: Option<String>,
    anonymous_id: Option<String>,
    previous_id: Option<String>,
    fields: Map<String, Value>,
    consent: Option<BTreeMap<String, bool>>,
    ms_ago: i64,
}

/// The calls in the order in which they happened.
fn expected() -> Vec<Call> {
    let calls = std::fs::read(install::drivers().join("calls.json")).unwrap();
    let calls: Vec<Value> = serde_json::from_slice(&calls).unwrap();
    let kinds = [
        Kind::Identify,
        Kind::Track,
        Kind::Page,
        Kind::Screen,
        Kind::Group,
        Kind::Alias,
    ];
    let mut expected: Vec<Call> = calls
        .iter()
        .map(|call| {
            let text = |name: &str| call[name].as_str().map(str::to_owned);
            let fields = call
                .get("properties")
                .or(call.get("traits"))
                .and_then(Value::as_object);
            let consent = &call["context"]["consent"]["categoryPreferences"];
            Call {
                kind: kinds
                    .into_iter()
                    .find(|kind| call["type"] == kind.as_str())
                    .unwrap(),
                name: text("event")
                    .or(text("name"))
                    .or(text("groupId"))
                    .unwrap_or_default(),
                user_id: text("userId"),
                anonymous_id: text("anonymousId"),
                previous_id: text("previousId"),
                fields: fields.cloned().unwrap_or_default(),
                consent: serde_json::from_value(consent.clone()).unwrap(),
                ms_ago: call["secondsAgo"].as_i64().unwrap() * 1_000,
            }
        })
        .collect();
    expected.sort_by_key(|call| std::cmp::Reverse(call.ms_ago));
    expected
}

/// Runs every client against a server of its own that records.
fn check_all(fates: &[Fate], flush_at: u32) {
    if install::without_clients() {
        return;
    }
    for client in CLIENTS {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let recorder = Recorder::default();
        let server = runtime.block_on(serve(&recorder, None));
        let arrived = || recorder.arrived().into_iter().map(|(_, event)| event).collect();
        check(client, server, fates, flush_at, &arrived);
        assert!(
            recorder.vouched().iter().all(|vouched| *vouched),
            "the key is a server's"
        );
        let again = fates
            .iter()
            .filter(|fate| !matches!(fate, Fate::Status(_) | Fate::Hangup))
            .count();
        assert!(
            recorder.duplicates() as usize >= again,
            "nothing was delivered twice"
        );
    }
}

/// A server that records; browsers are told to send to `public`, or to the server itself.
async fn serve(recorder: &Recorder, public: Option<SocketAddr>) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let source = Source {
        name: SourceName::parse("shop").unwrap(),
        write_key: WRITE_KEY.to_owned(),
        enabled: true,
        child_directed: false,
        // The key of a browser's library is in its page.
        secret: public.is_none(),
        origins: Vec::new(),
    };
    let public_url = PublicUrl::parse(&format!("http://{}", public.unwrap_or(address))).unwrap();
    let ingest = Ingest::new(
        Sources::new([source]).unwrap(),
        Arc::new(recorder.clone()),
        public_url,
    );
    let app = router(Arc::new(ingest), ApiKeys::default());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[test]
fn what_real_clients_send_in_batches_arrives_once_and_in_order() {
    check_all(&[], 100);
}

#[test]
fn what_real_clients_send_one_by_one_arrives_once_and_in_order() {
    check_all(&[], 1);
}

#[test]
fn what_real_clients_repeat_after_a_failure_arrives_once_and_in_order() {
    check_all(
        &[Fate::Status(503), Fate::Hangup, Fate::StatusAfterwards(500)],
        100,
    );
}

#[test]
fn what_real_clients_or_networks_deliver_twice_arrives_once_and_in_order() {
    check_all(
        &[Fate::HangupAfterwards, Fate::Twice, Fate::StatusAfterwards(503)],
        1,
    );
}

#[test]
fn what_real_clients_send_is_once_in_the_persons_own_data_whatever_happens_on_the_way() {
    if install::without_clients() {
        return;
    }
    // Everything gets through, and nothing only once; a client that makes two batches of its calls
    // meets the last one too.
    let fates = [
        Fate::StatusAfterwards(503),
        Fate::StatusAfterwards(500),
        Fate::Twice,
        Fate::Twice,
    ];
    for client in CLIENTS {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let house = runtime.block_on(house::start());
        let (front, address) = runtime.block_on(Front::start(async |_| house.address, &fates));
        let mut command = client.command(&format!("http://{address}"), house::WRITE_KEY, 100);
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{command:?}: {said}");
        assert!(front.met() >= 3, "{command:?} gave up too early");
        let known = runtime.block_on(house.known("u-1"));
        // A visitor who agreed looked at one item, signed in, put another into the cart and bought
        // the first: one person, everything once, and nothing that is not declared.
        assert_eq!(
            known,
            [
                "71053 viewed 0 added 1 bought 0",
                "85123A viewed 1 added 0 bought 1"
            ],
            "{command:?}"
        );
        let answer = runtime.block_on(house.get("/v1/sources/shop/discards")).json();
        // What is kept nothing of is not remembered either: the others come to four.
        assert_eq!(answer["stored"], 4, "{answer}");
        assert!(answer["duplicates"].as_u64().unwrap() >= 4, "{answer}");
        runtime.block_on(house.stop());
    }
}
