//! Runs the scripts. A case is a comment with its promise, then lines that start with
//!
//! - `@` how the server is set: `strict`, `busy 3`, `failed`, `drops first no_permission`
//! - `>` the request: method and path, headers, an empty line, the body (`> @gzip` compresses it)
//! - `<` the answer: status and body, then the headers that matter
//! - `+` an event that arrived
//! - `-` a message that was discarded, `~` one that was kept with a note
//!
//! A request may follow another in the same case; the server remembers.

use super::recorder::Recorder;
use super::{API_KEY, app, ask};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value, json};
use server::ingest::{Refusal, SourceName};
use std::fmt::Write as _;
use std::io::Write as _;
use vocabulary::{Event, Signals};

#[tokio::test]
async fn every_script_is_answered_as_written() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ingest");
    let mut scripts: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    scripts.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    scripts.sort();
    assert!(scripts.len() >= 7, "the scripts are gone");
    let mut wrong = Vec::new();
    for path in scripts {
        let written = std::fs::read_to_string(&path).unwrap();
        let mut now = String::new();
        for case in written.split("\n\n").filter(|case| !case.trim().is_empty()) {
            let answered = check(case).await;
            let _ = write!(now, "{}{answered}", if now.is_empty() { "" } else { "\n" });
        }
        if now != written {
            if std::env::var_os("UPDATE_SCRIPTS").is_some() {
                std::fs::write(&path, now).unwrap();
            } else {
                let first = now
                    .lines()
                    .zip(written.lines())
                    .find(|(now, written)| now != written);
                wrong.push(format!("{}: now, written: {first:#?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The case as it would be written if everything the server does now were right.
async fn check(case: &str) -> String {
    let recorder = Recorder::default();
    let strict = case.lines().any(|line| line == "@ strict");
    let app = app(strict, &recorder);
    let mut out = String::new();
    let mut lines = case.lines().peekable();
    let mut arrived = 0;
    let mut faults = Faults::default();
    while let Some(line) = lines.next() {
        if line.starts_with(['<', '+', '-', '~']) {
            continue;
        }
        let _ = writeln!(out, "{line}");
        if let Some(setting) = line.strip_prefix("@ ") {
            set(setting, &recorder);
        }
        if starts_request(line) {
            let mut request_lines = vec![line];
            while let Some(next) = lines.next_if(|next| next.starts_with('>') && !starts_request(next)) {
                let _ = writeln!(out, "{next}");
                request_lines.push(next);
            }
            let request = request(&request_lines);
            answer(&app, request, &mut out).await;
            let came = recorder.arrived().into_iter().zip(recorder.vouched());
            for ((source, event), vouched) in came.skip(arrived) {
                // Of a source with a secret key all are.
                let proven = if vouched && source.as_str() == "web" {
                    " PROVEN"
                } else {
                    ""
                };
                let _ = writeln!(out, "+ {source} {}{proven}", event_line(event));
                arrived += 1;
            }
            faults.print_new(&app, &mut out).await;
        }
    }
    out
}

fn set(setting: &str, recorder: &Recorder) {
    match setting.split(' ').collect::<Vec<_>>().as_slice() {
        ["strict"] => {}
        ["failed"] => recorder.refuse(Refusal::Failed),
        ["busy", seconds] => recorder.refuse(Refusal::Busy {
            retry_after_s: seconds.parse().unwrap(),
        }),
        ["drops", "first", code] => recorder.drop_first(String::leak((*code).to_owned())),
        _ => panic!("no such setting: {setting}"),
    }
}

fn starts_request(line: &str) -> bool {
    ["> POST /", "> GET /", "> OPTIONS /"]
        .iter()
        .any(|start| line.starts_with(start))
}

fn request(lines: &[&str]) -> Request<Body> {
    let lines: Vec<_> = lines.iter().map(|line| line[1..].trim_start()).collect();
    let (method, path) = lines[0].split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    let mut gzip = false;
    let head = lines.iter().skip(1).take_while(|line| !line.is_empty());
    for header in head {
        match header.split_once(": ") {
            Some((name, value)) => request = request.header(name, value),
            None => gzip = *header == "@gzip",
        }
    }
    let body = lines
        .iter()
        .skip_while(|line| !line.is_empty())
        .skip(1)
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    let body = if gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body.as_bytes()).unwrap();
        encoder.finish().unwrap()
    } else {
        body.into_bytes()
    };
    request.body(Body::from(body)).unwrap()
}

async fn answer(app: &Router, request: Request<Body>, out: &mut String) {
    let (parts, body) = ask(app, request).await;
    let body = if body.starts_with(b"GIF89a") {
        "(the picture)".into()
    } else {
        // In the order of the alphabet: whether JSON keeps its own is another crate's choice.
        serde_json::from_slice(&body).map_or(String::new(), |json| sorted(json).to_string())
    };
    let _ = writeln!(out, "< {} {body}", parts.status.as_u16());
    assert_eq!(parts.headers["access-control-allow-origin"], "*", "{out}");
    assert!(!parts.headers.contains_key("access-control-allow-credentials"));
    for name in [
        "content-type",
        "retry-after",
        "cache-control",
        "access-control-allow-headers",
    ] {
        match parts.headers.get(name) {
            Some(value) if value != "application/json" => {
                let _ = writeln!(out, "< {name}: {}", value.to_str().unwrap());
            }
            _ => {}
        }
    }
}

fn sorted(json: Value) -> Value {
    match json {
        Value::Object(fields) => {
            let fields: std::collections::BTreeMap<_, _> = fields.into_iter().collect();
            Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name, sorted(value)))
                    .collect(),
            )
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// Takes the event apart, so that a new field cannot be forgotten here.
fn event_line(event: Event) -> String {
    let Event {
        message_id,
        kind,
        name,
        user_id,
        anonymous_id,
        previous_id,
        at,
        received_at,
        fields,
        consent,
        signals: Signals { gpc, child_directed },
    } = event;
    assert_eq!(received_at, super::NOW);
    let ours = message_id
        .strip_prefix("egard-")
        .is_some_and(|rest| rest.len() == 32);
    let mut line = Map::new();
    line.insert("1 id".into(), json!(if ours { "(ours)" } else { &message_id }));
    line.insert("2 name".into(), json!(name));
    line.insert("3 user".into(), json!(user_id));
    line.insert("4 anonymous".into(), json!(anonymous_id));
    line.insert("5 previous".into(), json!(previous_id));
    line.insert("6 lag_ms".into(), json!(received_at.since(at)));
    line.insert("7 fields".into(), sorted(Value::Object(fields)));
    line.insert("8 consent".into(), json!(consent));
    let rest: Vec<_> = line
        .into_iter()
        .filter(|(_, value)| {
            *value != Value::Null && *value != json!("") && *value != json!({}) || value.is_number()
        })
        .map(|(name, value)| format!("{}={value}", &name[2..]))
        .collect();
    let signals = [(gpc, " GPC"), (child_directed, " CHILD")];
    let signals: String = signals
        .into_iter()
        .filter(|(on, _)| *on)
        .map(|(_, word)| word)
        .collect();
    // An empty consent says something: it refuses everything.
    let refused = if consent.is_some_and(|all| all.is_empty()) {
        " consent={}"
    } else {
        ""
    };
    format!("{} {}{refused}{signals}", kind.as_str(), rest.join(" "))
}

/// The faults that the discards of the sources show, each once.
#[derive(Default)]
struct Faults {
    printed: [usize; 4],
    unknown_keys: u64,
}

impl Faults {
    async fn print_new(&mut self, app: &Router, out: &mut String) {
        for (source, printed) in ["shop", "kids", "off", "web"].into_iter().zip(&mut self.printed) {
            let name = SourceName::parse(source).unwrap();
            let request = Request::get(format!("/v1/sources/{name}/discards"))
                .header("Authorization", format!("Bearer {API_KEY}"))
                .body(Body::empty());
            let (_, body) = ask(app, request.unwrap()).await;
            let report: Value = serde_json::from_slice(&body).unwrap();
            let recent = report["recent"].as_array().unwrap();
            for fault in recent.iter().take(recent.len() - *printed).rev() {
                let sign = if fault["kept"] == true { '~' } else { '-' };
                let words = ["type", "code", "field"].map(|name| fault[name].as_str().unwrap_or("?"));
                let _ = writeln!(out, "{sign} {source} {}", words.join(" "));
            }
            *printed = recent.len();
            let unknown_keys = report["requests_with_unknown_key"].as_u64().unwrap();
            if unknown_keys > self.unknown_keys {
                let _ = writeln!(out, "- (no source) ? unknown_source ?");
                self.unknown_keys = unknown_keys;
            }
        }
    }
}
