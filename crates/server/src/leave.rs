//! The links of messages: `/u/WORD` to receive no more of these (RFC 8058), `/why/WORD` to read why one came.
//!
//! A link that is opened changes nothing, whoever opens it: mail is read by machines first. Leaving takes a `POST`, by
//! a mail program (`List-Unsubscribe=One-Click`) or by the button of the page; no session, no script, no question. A
//! word to leave by works as long as the person is kept here, one to read why by for a year. Neither opens anything
//! else of the person. Deliberately does not know: how words are made, how pages look.

use crate::app::App;
use crate::me::session::language;
use crate::me::site;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::web::PAGE_HEADERS;
use crate::web::leave::{Page, page};
use crate::words::{Put, Words};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gate::charter::Requester;
use gate::{Ask, PassKind, Why, Word};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use vocabulary::{Channel, DAY_MS, Language, Moment, PurposeName, Signals};

/// What leaving by a link calls its source.
const SOURCE: &str = "message";
/// Longest body of a `POST`, bytes.
const LONGEST: usize = 4 << 10;

/// What the pages share.
#[derive(Clone)]
pub struct Leave(Arc<Inner>);

struct Inner {
    app: App,
    root: String,
    site: String,
}

impl Leave {
    /// The pages of an application.
    pub fn new(app: App, settings: &Settings) -> Leave {
        let url = settings.public_url.trim_end_matches('/');
        let place = url.split_once("://").map_or(url, |(_, place)| place);
        let root = place.find('/').and_then(|at| place.get(at..)).unwrap_or_default();
        Leave(Arc::new(Inner {
            app,
            root: root.to_owned(),
            site: site(settings),
        }))
    }

    fn blank(&self, title: String) -> Page {
        Page {
            root: self.0.root.clone(),
            site: self.0.site.clone(),
            title,
            ..Page::default()
        }
    }
}

/// `/u/WORD` and `/why/WORD`.
pub fn router(leave: Leave) -> Router {
    Router::new()
        .route("/u/{word}", get(ask).post(go))
        .route("/why/{word}", get(why))
        .layer(DefaultBodyLimit::max(LONGEST))
        .with_state(leave)
}

#[derive(Deserialize)]
struct Shown {
    lang: Option<String>,
}

fn read(leave: &Leave, kind: PassKind, word: &str) -> Option<Word> {
    let bytes = URL_SAFE_NO_PAD.decode(word).ok()?;
    leave.0.app.gate.read_word(kind, &bytes)
}

/// What would happen, and a button. Nothing changes.
async fn ask(
    State(leave): State<Leave>,
    headers: HeaderMap,
    Path(word): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let language = language(shown.lang.as_deref(), &headers);
    let words = Words::of(language);
    let Some(read) = read(&leave, PassKind::Unsubscribe, &word) else {
        return gone(&leave, language, "leave-title", "leave-unknown");
    };
    let page = Page {
        lines: vec![about(&leave, words, "leave-words", read.channel())],
        action: Some(format!("{}/u/{word}?lang={}", leave.0.root, language.tag())),
        ..leave.blank(words.say("leave-title"))
    };
    show(language, &page, StatusCode::OK)
}

/// Leaves, at once and for good. A repetition changes nothing and is answered the same.
async fn go(
    State(leave): State<Leave>,
    headers: HeaderMap,
    Path(word): Path<String>,
    Query(shown): Query<Shown>,
    body: Bytes,
) -> Result<Response, Problem> {
    let language = language(shown.lang.as_deref(), &headers);
    let words = Words::of(language);
    let Some(read) = read(&leave, PassKind::Unsubscribe, &word) else {
        return gone(&leave, language, "leave-title", "leave-unknown");
    };
    if !is_one_click(&body) {
        return Err(Problem::bad_request(
            "a POST here carries `List-Unsubscribe=One-Click` (RFC 8058)",
        ));
    }
    let (gate, now) = (&leave.0.app.gate, leave.0.app.now());
    let left = gate.leave_by(read, SOURCE, now).await;
    if !left.map_err(crate::api::unavailable)? {
        return gone(&leave, language, "leave-title", "leave-unknown");
    }
    metrics::counter!("egard_left_by_link_total", "channel" => read.channel().as_str()).increment(1);
    let why = gate::clearance::WhySuppressed::Unsubscribed.as_str();
    leave.0.app.note_outbox("closed", [(why, 1)]);
    let page = Page {
        lines: vec![about(&leave, words, "leave-done", read.channel())],
        ..leave.blank(words.say("leave-done-title"))
    };
    show(language, &page, StatusCode::OK)
}

/// As a form or in parts: RFC 8058 section 3.2 allows both.
fn is_one_click(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let urlencoded = text
        .split('&')
        .any(|pair| pair.trim() == "List-Unsubscribe=One-Click");
    let mut lines = text.lines().map(str::trim);
    let named = lines.any(|line| line.to_ascii_lowercase().contains("name=\"list-unsubscribe\""));
    urlencoded || named && lines.any(|line| line == "One-Click")
}

/// Why a message came: the decision, and nothing else of the person.
async fn why(
    State(leave): State<Leave>,
    headers: HeaderMap,
    Path(word): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let language = language(shown.lang.as_deref(), &headers);
    let words = Words::of(language);
    let Some(read) = read(&leave, PassKind::Why, &word) else {
        return gone(&leave, language, "why-title", "why-gone");
    };
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::Person,
        now: leave.0.app.now(),
    };
    let known = leave.0.app.gate.why(read, ask).await;
    let Some(Ok(why)) = known.map_err(crate::api::unavailable)? else {
        return gone(&leave, language, "why-title", "why-gone");
    };
    let page = told(&leave, words, language, &why);
    show(language, &page, StatusCode::OK)
}

fn told(leave: &Leave, words: Words, language: Language, why: &Why) -> Page {
    let details: Value = serde_json::from_str(&why.details).unwrap_or_default();
    let running = leave.0.app.running();
    let program = running.as_ref().map(|running| &running.program);
    let at = details.get("at").and_then(Value::as_i64);
    let day = at.map_or(Moment(i64::from(why.entry.day) * DAY_MS), Moment).day();
    let day = words.day(day);
    let entries = details.get("entries").and_then(Value::as_array);
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut lines = vec![words.say("why-lead")];
    for entry in entries {
        let name = text(entry, "name");
        let message =
            program.and_then(|program| program.messages.values().find(|one| one.name.as_str() == name));
        let title = message.map_or(name.clone(), |one| one.title.of(language).to_owned());
        lines.push(words.with(
            "why-message",
            &[("title", Put::Text(&title)), ("day", Put::Text(&day))],
        ));
        let name = text(entry, "journey");
        let journey =
            program.and_then(|program| program.journeys.values().find(|one| one.name.as_str() == name));
        let journey = journey.map_or(name.clone(), |one| one.title.of(language).to_owned());
        lines.push(words.with("why-journey", &[("journey", Put::Text(&journey))]));
    }
    if let Some(purpose) = why.entry.purpose.as_deref().and_then(PurposeName::parse) {
        let purpose = words.purpose(purpose);
        lines.push(words.with("why-purpose", &[("purpose", Put::Text(&purpose))]));
        lines.push(words.say("why-contract"));
    }
    let said = details.get("said").and_then(|said| said.get("messages"));
    let said = said
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut list = Vec::new();
    for message in said {
        let traits = message.get("traits").and_then(Value::as_object);
        for (name, value) in traits.into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            list.push(format!("{name}: {value}"));
        }
    }
    lines.push(words.say(match list.is_empty() {
        true => "why-no-traits",
        false => "why-traits",
    }));
    let place = why.receipt.proof.as_deref().and_then(place);
    let proof = match place {
        Some(place) => words.with("why-proof", &[("place", Put::Text(&words.count(place)))]),
        None => words.say("why-proof-pending"),
    };
    Page {
        lines,
        list,
        after: vec![proof, words.say("why-leave")],
        ..leave.blank(words.say("why-title"))
    }
}

fn place(proof: &str) -> Option<u64> {
    ledger::Proof::parse(proof.as_bytes())
        .ok()
        .map(|proof| proof.index)
}

fn about(leave: &Leave, words: Words, key: &str, channel: Channel) -> String {
    let by = words.say(match channel {
        Channel::Email => "channel-email",
        Channel::Sms => "channel-sms",
        Channel::Push => "channel-push",
        Channel::InApp => "channel-in_app",
    });
    let places = [("channel", Put::Text(&by)), ("site", Put::Text(&leave.0.site))];
    words.with(key, &places)
}

fn gone(leave: &Leave, language: Language, title: &str, why: &str) -> Result<Response, Problem> {
    let words = Words::of(language);
    let page = Page {
        lines: vec![words.say(why)],
        ..leave.blank(words.say(title))
    };
    show(language, &page, StatusCode::GONE)
}

fn show(language: Language, content: &Page, status: StatusCode) -> Result<Response, Problem> {
    let markup = page(language, content).map_err(|error| {
        tracing::error!(%error, "the page could not be made");
        Problem::internal()
    })?;
    Ok((status, PAGE_HEADERS, markup).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_click_comes_as_a_form_or_in_parts_and_as_nothing_else() {
        for yes in [
            "List-Unsubscribe=One-Click",
            "x=1&List-Unsubscribe=One-Click",
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n",
        ] {
            assert!(is_one_click(yes.as_bytes()), "{yes}");
        }
        for no in [
            "",
            "List-Unsubscribe",
            "List-Unsubscribe=One-Click-Not",
            "One-Click",
            "a=List-Unsubscribe=One-Click",
        ] {
            assert!(!is_one_click(no.as_bytes()), "{no}");
        }
    }
}
