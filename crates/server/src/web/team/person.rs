//! The page that opens one person's data, and what it shows.

use super::{Frame, Shell};
use crate::api::people::OpenedAnswer;
use crate::words::Put;
use askama::Template;
use serde_json::Value;

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
    rows: Vec<String>,
}

/// The page.
pub fn person(frame: &Frame<'_>, says: PersonSays<'_>) -> Result<String, askama::Error> {
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
        parts: opened.map(|answer| parts(&answer.data)).unwrap_or_default(),
        said,
        shell,
    }
    .render()
}

/// Each list of the answer with its entries as lines.
fn parts(data: &Value) -> Vec<Part> {
    let lines = |value: &Value| match value {
        Value::Array(all) => all.iter().map(line).collect(),
        Value::Null => Vec::new(),
        value => vec![line(value)],
    };
    let each = data.as_object().into_iter().flatten();
    each.map(|(name, value)| Part {
        rows: match (name.as_str(), value.as_i64()) {
            ("lastAt", Some(at)) => vec![time(at)],
            _ => lines(value),
        },
        title: name.clone(),
    })
    .collect()
}

/// `item i1, viewed 2, bought 1`.
fn line(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let each: Vec<String> = fields
                .iter()
                .map(|(name, value)| match (name.as_str(), value.as_i64()) {
                    ("lastAt", Some(at)) => format!("{name} {}", time(at)),
                    _ => format!("{name} {}", line(value)),
                })
                .collect();
            each.join(", ")
        }
        value => value.to_string(),
    }
}

/// A moment as RFC 3339 writes it, to the second.
fn time(at: i64) -> String {
    let time = jiff::Timestamp::from_second(at.div_euclid(1_000)).unwrap_or_default();
    time.to_string()
}
