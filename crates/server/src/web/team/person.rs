//! The page that opens one person's data, and what it shows.

use super::{Frame, Shell, moment};
use crate::api::people::OpenedAnswer;
use crate::words::{Put, Words};
use askama::Template;
use serde_json::Value;
use vocabulary::{Day, Moment};

/// What the page says below its form.
#[derive(Clone, Copy)]
pub enum PersonSays<'a> {
    /// Nothing yet.
    Nothing,
    /// A field was not right.
    Unclear,
    /// The charter refuses, or nobody is known by that name: both alike.
    Refused,
    /// What the purpose may see.
    Opened(&'a OpenedAnswer),
}

#[derive(Template)]
#[template(path = "team_person.html")]
struct Page<'a> {
    shell: Shell<'a>,
    said: Option<String>,
    opened: Option<String>,
    parts: Vec<Part>,
}

/// A table of what was opened.
struct Part {
    title: String,
    rows: Vec<Line>,
}

struct Line {
    text: String,
    why: Vec<String>,
}

/// What things are called.
pub struct Names<'a> {
    /// An item.
    pub item: &'a dyn Fn(&str) -> String,
    /// An event.
    pub event: &'a dyn Fn(&str) -> String,
    /// A trait.
    pub known: &'a dyn Fn(&str) -> String,
}

/// The page.
pub fn person(frame: &Frame<'_>, names: &Names<'_>, says: PersonSays<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let (said, opened) = match says {
        PersonSays::Nothing => (None, None),
        PersonSays::Unclear => (Some(words.say("team-person-unclear")), None),
        PersonSays::Refused => (Some(words.say("team-person-refused")), None),
        PersonSays::Opened(answer) => (None, Some(answer)),
    };
    Page {
        opened: opened.map(|answer| {
            words.with(
                "team-person-recorded",
                &[("record", Put::Text(answer.record.as_str()))],
            )
        }),
        parts: opened
            .map(|answer| parts(words, names, &answer.data))
            .unwrap_or_default(),
        said,
        shell,
    }
    .render()
}

/// Each part of the answer with its entries as lines.
fn parts(words: Words, known: &Names<'_>, data: &Value) -> Vec<Part> {
    let part = |(name, value): (&String, &Value)| {
        let key = match name.as_str() {
            "history" => "team-data-history",
            "traits" => "team-data-traits",
            "counts" => "team-data-counts",
            "identifiers" => "team-data-identifiers",
            "lastAt" => "team-data-last-at",
            "groups" => "team-data-groups",
            "journeys" => "team-data-journeys",
            _ => return None,
        };
        let lines: Vec<Line> = match (name.as_str(), value) {
            ("lastAt", value) => vec![Line::of(when(words, value))],
            (name, Value::Array(all)) => all.iter().map(|one| line(words, known, name, one)).collect(),
            (_, Value::Null) => Vec::new(),
            (_, value) => vec![Line::of(text(value))],
        };
        Some(Part {
            title: words.say(key),
            rows: match lines.is_empty() {
                true => vec![Line::of(words.say("team-data-nothing"))],
                false => lines,
            },
        })
    };
    data.as_object().into_iter().flatten().filter_map(part).collect()
}

impl Line {
    fn of(text: String) -> Line {
        Line {
            text,
            why: Vec::new(),
        }
    }
}

fn line(words: Words, known: &Names<'_>, part: &str, value: &Value) -> Line {
    let field = |name: &str| value.get(name).unwrap_or(&Value::Null);
    let said = |key: &str, places: &[(&str, String)]| {
        let put: Vec<(&str, Put<'_>)> = places
            .iter()
            .map(|(name, text)| (*name, Put::Text(text)))
            .collect();
        words.with(key, &put)
    };
    let title = |name: &str| {
        let title = field("title").get(words.language().tag());
        title.map_or_else(|| text(field(name)), text)
    };
    let line = match part {
        "history" => {
            let count = |name: &str| words.count(field(name).as_u64().unwrap_or_default());
            let places = [
                ("item", (known.item)(&text(field("item")))),
                ("viewed", count("viewed")),
                ("added", count("added")),
                ("bought", count("bought")),
                ("when", when(words, field("lastAt"))),
            ];
            said("team-data-item", &places)
        }
        "traits" => {
            let value = field("value").as_str().unwrap_or_default();
            // A trait's value is JSON text.
            let value = serde_json::from_str(value).map_or_else(|_| value.to_owned(), |value| text(&value));
            let places = [("name", (known.known)(&text(field("name")))), ("value", value)];
            said("team-data-trait", &places)
        }
        "counts" => {
            let at = |place: usize| value.get(place).unwrap_or(&Value::Null);
            let day = at(1).as_u64().and_then(|day| u32::try_from(day).ok());
            let places = [
                ("event", (known.event)(&text(at(0)))),
                ("day", day.map_or_else(String::new, |day| words.day(Day(day)))),
                ("count", words.count(at(2).as_u64().unwrap_or_default())),
            ];
            said("team-data-count", &places)
        }
        "groups" => {
            let places = [("title", title("segment")), ("when", when(words, field("since")))];
            said("team-data-group", &places)
        }
        "journeys" => {
            let key = match field("step") {
                Value::Null => "team-data-journey-held-out",
                _ => "team-data-journey",
            };
            let places = [
                ("title", title("journey")),
                ("step", text(field("step"))),
                ("when", when(words, field("since"))),
            ];
            said(key, &places)
        }
        _ => text(value),
    };
    let why = field("why").get(words.language().tag()).and_then(Value::as_array);
    Line {
        text: line,
        why: why.into_iter().flatten().map(text).collect(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// A moment in milliseconds or as RFC 3339 writes it.
fn when(words: Words, value: &Value) -> String {
    let at = match value {
        Value::String(text) => text.parse().ok().map(|at: jiff::Timestamp| at.as_millisecond()),
        value => value.as_i64(),
    };
    at.map_or_else(|| "–".to_owned(), |at| moment(words, Moment(at)))
}
