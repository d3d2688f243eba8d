//! One message written for one person: subject, HTML and text, and the links that every message carries.
//!
//! Deliberately does not know: who the person is, where the links lead.

use super::facts::Facts;
use super::ready::Variant;
use super::{Mark, Words};
use gate::clearance::Code;
use gate::dispatch::{Seen, Waiting};
use jiff::Timestamp;
use liquid::{How, Stop, Template, Tongue, Value};
use std::collections::BTreeMap;
use vocabulary::{Channel, Language};

/// What was written.
pub(super) struct Body {
    pub(super) subject: String,
    pub(super) html: Option<String>,
    pub(super) text: String,
    /// Which of the links its own words hold.
    linked: Linked,
    /// The traits it read, as they were: JSON by name.
    pub(super) read: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Copy, Default)]
struct Linked {
    why: bool,
    change: bool,
    human: bool,
    leave: bool,
}

/// Why nothing was written.
pub(super) struct Stopped {
    pub(super) code: Code,
    /// Line and column, if it is at one.
    pub(super) place: Option<String>,
    pub(super) why: String,
}

/// What is written in the end.
pub(super) struct Whole {
    pub(super) subject: String,
    pub(super) html: Option<String>,
    pub(super) text: String,
}

/// Writes one message.
pub(super) fn write(
    words: &Words,
    waiting: &Waiting,
    variant: &Variant<'_>,
    seen: &Seen<'_>,
    facts: &Facts,
) -> Result<Body, Stopped> {
    let templates = [variant.html, variant.plain, variant.subject];
    let reads: Vec<&str> = templates
        .into_iter()
        .flatten()
        .flat_map(Template::reads)
        .map(|read| read.path.as_str())
        .collect();
    let read = read(&reads, seen);
    let values = values(words, waiting, variant, facts, &read);
    let now = Timestamp::from_millisecond(seen.now.0).unwrap_or(Timestamp::UNIX_EPOCH);
    let how = |html: bool| How {
        zone: seen.zone.clone(),
        language: match variant.language {
            Language::Fr => Tongue::Fr,
            Language::En => Tongue::En,
        },
        currency: words.currency.clone(),
        ..match html {
            true => How::html(now),
            false => How::text(now),
        }
    };
    let render = |template: &Template, html: bool| template.render(&values, &how(html)).map_err(stopped);
    let html = variant.html.map(|template| render(template, true)).transpose()?;
    let text = match (variant.plain, &html) {
        (Some(template), _) => render(template, false)?,
        (None, Some(html)) => letter::text::from_html(html),
        (None, None) => String::new(),
    };
    let subject = match variant.subject {
        Some(template) => render(template, false)?,
        None => variant.message.title.of(variant.language).to_owned(),
    };
    let links = |name: &str| reads.iter().any(|path| *path == format!("links.{name}"));
    Ok(Body {
        subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
        html,
        text,
        linked: Linked {
            why: links("why"),
            change: links("change"),
            human: links("human"),
            leave: links("unsubscribe"),
        },
        read,
    })
}

/// The traits that its templates name: nothing else is used, and nothing else is on record.
fn read(reads: &[&str], seen: &Seen<'_>) -> BTreeMap<String, serde_json::Value> {
    let all = reads
        .iter()
        .any(|path| matches!(*path, "*" | "person.*" | "person"));
    let named = |name: &str| {
        let mut paths = reads.iter().filter_map(|path| path.strip_prefix("person."));
        paths.any(|path| path.split(['.', '[']).next() == Some(name))
    };
    let used = seen.traits.iter().filter(|(name, _)| all || named(name));
    used.filter_map(|(name, value)| Some((name.clone(), serde_json::from_str(value).ok()?)))
        .collect()
}

fn values(
    words: &Words,
    waiting: &Waiting,
    variant: &Variant<'_>,
    facts: &Facts,
    read: &BTreeMap<String, serde_json::Value>,
) -> Value {
    let person = read
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value)));
    let shop = [
        ("name", words.name.as_str()),
        ("url", words.shop.url.as_str()),
        ("address", words.shop.address.as_str()),
    ];
    let links = [
        ("why", link(words, Mark::Why)),
        ("unsubscribe", link(words, Mark::Unsubscribe)),
        ("human", link(words, Mark::Human)),
        ("change", change(words)),
    ];
    let message = [
        ("name", waiting.name.as_str()),
        ("title", variant.message.title.of(variant.language)),
    ];
    let texts = |all: &[(&'static str, &str)]| {
        Value::object(
            all.iter()
                .map(|(name, text)| (*name, Value::from(*text)))
                .collect::<Vec<_>>(),
        )
    };
    Value::object([
        ("person", Value::object(person.collect::<Vec<_>>())),
        ("shop", texts(&shop)),
        (
            "links",
            Value::object(links.map(|(name, link)| (name, Value::from(link.as_str())))),
        ),
        ("message", texts(&message)),
        ("claims", facts.values()),
        ("facts", facts.values()),
    ])
}

fn link(words: &Words, mark: Mark) -> String {
    let base = &words.shop.base;
    match mark {
        Mark::Why => format!("{base}/why/{}", mark.as_str()),
        Mark::Unsubscribe => format!("{base}/u/{}", mark.as_str()),
        Mark::Human => format!("{base}/human/{}", mark.as_str()),
    }
}

fn change(words: &Words) -> String {
    format!("{}/me", words.shop.base)
}

fn stopped(stop: Stop) -> Stopped {
    let why = stop.to_string();
    match stop {
        Stop::Abort(reason) => Stopped {
            code: Code::Aborted,
            place: None,
            why: reason,
        },
        Stop::Missing { path, line, column } => Stopped {
            code: match path.starts_with("claims.") || path.starts_with("facts.") {
                true => Code::ClaimWithoutFact,
                false => Code::MissingValue,
            },
            place: Some(format!("{line}:{column}")),
            why: path,
        },
        Stop::Value { line, column, .. } | Stop::Refused { line, column, .. } => Stopped {
            code: Code::TemplateFault,
            place: Some(format!("{line}:{column}")),
            // The words of these may hold a value.
            why: "value".to_owned(),
        },
        Stop::Fuel | Stop::TooLong(_) => Stopped {
            code: Code::TemplateFault,
            place: None,
            why,
        },
    }
}

/// All that comes at once as one message, with the links that every message carries.
pub(super) fn together(words: &Words, all: Vec<Body>, seen: &Seen<'_>, language: Language) -> Whole {
    let phrases = words.phrases.get(&language).cloned().unwrap_or_default();
    let linked = all.iter().fold(
        Linked {
            why: true,
            change: true,
            human: true,
            leave: true,
        },
        |all, one| Linked {
            why: all.why && one.linked.why,
            change: all.change && one.linked.change,
            human: all.human && one.linked.human,
            leave: all.leave && one.linked.leave,
        },
    );
    let several = all.len() > 1;
    let subject = match (several, all.first()) {
        (false, Some(one)) => one.subject.clone(),
        _ => phrases.together.replace("{shop}", &words.name),
    };
    let texts: Vec<String> = all
        .iter()
        .map(|one| match several {
            true => format!("{}\n\n{}", one.subject, one.text.trim()),
            false => one.text.trim().to_owned(),
        })
        .collect();
    let mut text = texts.join("\n\n* * *\n\n");
    let html = all.iter().all(|one| one.html.is_some());
    let mut html = html.then(|| joined(&all));
    let commercial = seen.purpose != vocabulary::PurposeName::Service;
    let mut lines = Vec::new();
    if !linked.why {
        lines.push((phrases.why.as_str(), link(words, Mark::Why)));
    }
    if !linked.change {
        lines.push((phrases.change.as_str(), change(words)));
    }
    if !linked.human {
        lines.push((phrases.human.as_str(), link(words, Mark::Human)));
    }
    if !linked.leave && commercial {
        lines.push((phrases.leave.as_str(), link(words, Mark::Unsubscribe)));
    }
    match seen.channel {
        Channel::Email => {
            let foot = lines.iter().map(|(words, link)| format!("{words}\n{link}"));
            let foot: Vec<String> = foot.collect();
            text = format!("{text}\n\n-- \n{}\n{}", words.name, words.shop.address);
            if !foot.is_empty() {
                text = format!("{text}\n\n{}", foot.join("\n"));
            }
            text.push('\n');
            html = html.map(|html| with_foot(words, html, &lines));
        }
        // One link, for want of room: from that page everything else is one step.
        Channel::Sms if !linked.why => text = format!("{text}\n{}", link(words, Mark::Why)),
        Channel::Sms | Channel::Push | Channel::InApp => {}
    }
    Whole { subject, html, text }
}

/// Documents one after the other in the frame of the first.
fn joined(all: &[Body]) -> String {
    let documents: Vec<&str> = all.iter().filter_map(|one| one.html.as_deref()).collect();
    let Some((first, others)) = documents.split_first() else {
        return String::new();
    };
    let inner = |html: &str| -> String {
        let from = html
            .find("<body")
            .and_then(|at| Some(at + html.get(at..)?.find('>')? + 1));
        let to = html.rfind("</body>");
        let inner = from.zip(to).and_then(|(from, to)| html.get(from..to));
        inner.unwrap_or(html).to_owned()
    };
    let rest: String = others.iter().map(|html| inner(html)).collect();
    before_end(first, &rest)
}

fn before_end(html: &str, what: &str) -> String {
    match html.rfind("</body>") {
        Some(at) => {
            let (head, tail) = html.split_at(at);
            format!("{head}{what}{tail}")
        }
        None => format!("{html}{what}"),
    }
}

fn with_foot(words: &Words, html: String, lines: &[(&str, String)]) -> String {
    let links: Vec<String> = lines
        .iter()
        .map(|(words, link)| format!("<a href=\"{}\">{}</a>", escaped(link), escaped(words)))
        .collect();
    let foot = format!(
        "<div style=\"max-width:600px;margin:0 auto;padding:24px;font-family:sans-serif;font-size:14px;\
         line-height:1.6\"><p>{}<br>{}</p><p>{}</p></div>",
        escaped(&words.name),
        escaped(&words.shop.address),
        links.join("<br>")
    );
    before_end(&html, &foot)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
