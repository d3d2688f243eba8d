//! What a record of a message says to the person it was for: sent or not, why, and what became of it.
//!
//! Deliberately does not know: how it is shown.

use crate::app::App;
use crate::words::{Put, Words};
use gate::clearance::Code;
use serde_json::Value;
use vocabulary::{Language, PurposeName};

/// A title, and lines under it.
pub(super) fn told(
    app: &App,
    details: &Value,
    purpose: Option<&str>,
    language: Language,
) -> (String, Vec<String>) {
    let words = Words::of(language);
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(str::to_owned);
    let outcome = text(details, "outcome").unwrap_or_default();
    let held = text(details, "code").filter(|code| Code::parse(code).is_some());
    let held = held.map(|code| words.say(&format!("held-{code}")));
    let entries = details.get("entries").and_then(Value::as_array);
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() && outcome != "ended" {
        let key = format!("message-outcome-{outcome}");
        let said = words.say(&key);
        let title = words.with("message-told", &[("outcome", Put::Text(&said))]);
        return (title, held.into_iter().collect());
    }
    let running = app.running();
    let program = running.as_ref().map(|running| &running.program);
    let titles: Vec<String> = entries
        .iter()
        .filter_map(|entry| text(entry, "name"))
        .map(|name| {
            let message = program.and_then(|program| {
                let mut all = program.messages.values();
                all.find(|one| one.name.as_str() == name)
            });
            message.map_or(name, |one| one.title.of(language).to_owned())
        })
        .collect();
    let titles = words.list(&titles);
    let key = match outcome.as_str() {
        "handed_over" => "message-sent",
        _ => "message-ended",
    };
    let title = words.with(key, &[("title", Put::Text(&titles))]);
    let mut lines: Vec<String> = held.into_iter().collect();
    let channel = text(details, "channel").map(|channel| words.say(&format!("channel-{channel}")));
    let purpose = purpose
        .and_then(PurposeName::parse)
        .map(|purpose| words.purpose(purpose));
    if let (Some(channel), Some(purpose)) = (channel, purpose) {
        let places = [("channel", Put::Text(&channel)), ("purpose", Put::Text(&purpose))];
        lines.push(words.with("message-by", &places));
    }
    for entry in entries {
        let Some(name) = text(entry, "journey") else {
            continue;
        };
        let journey = program.and_then(|program| {
            let mut all = program.journeys.values();
            all.find(|one| one.name.as_str() == name)
        });
        let journey = journey.map_or(name, |one| one.title.of(language).to_owned());
        let line = words.with("message-journey", &[("journey", Put::Text(&journey))]);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    (title, lines)
}
