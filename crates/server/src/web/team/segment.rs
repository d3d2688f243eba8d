//! The page of one segment: its rule, a person made up to try it, and why they would be in or out.
//!
//! Deliberately does not know: how a predicate is judged.

use super::plain::{self, Piece};
use super::{Counts, Frame, Shell, figure, moment};
use crate::team::made::{Asks, ago_key, consent_key, field_key, item_keys, trait_key};
use crate::words::{Put, Words};
use ::program::Program;
use ::program::dictionary::Type;
use askama::Template;
use vocabulary::Moment;

/// What the page tells.
pub struct OneSegment<'a> {
    /// The program in force.
    pub program: &'a Program,
    /// The segment.
    pub segment: &'a ::program::Segment,
    /// What it asks about.
    pub asks: &'a Asks,
    /// What was typed.
    pub form: &'a [(String, String)],
    /// What came of it.
    pub verdict: Option<Verdict>,
    /// How many people are in it.
    pub counts: Counts<'a>,
}

/// What came of a person who was made up.
pub enum Verdict {
    /// These fields cannot be read.
    Unclear(Vec<String>),
    /// They would be in, or not.
    Judged {
        /// Which.
        holds: bool,
        /// When that changes though nothing happens.
        until: Option<Moment>,
        /// A sentence for each fact it rests on.
        why: Vec<String>,
    },
}

#[derive(Template)]
#[template(path = "team_segment.html")]
struct Page<'a> {
    shell: Shell<'a>,
    back: String,
    address: String,
    name: &'a str,
    title: &'a str,
    size: String,
    counted: String,
    who: Vec<Piece>,
    traits: Vec<Field>,
    events: Vec<EventView>,
    items: Vec<ItemRow>,
    dids: Vec<(&'static str, String)>,
    consents: Vec<Field>,
    unclear: Option<String>,
    verdict: Option<VerdictView>,
}

/// A field of the form.
struct Field {
    key: String,
    label: String,
    value: String,
    kind: &'static str,
}

struct EventView {
    title: String,
    rows: Vec<Vec<Field>>,
}

struct ItemRow {
    item: Field,
    did: Field,
    ago: Field,
}

struct VerdictView {
    holds: bool,
    line: String,
    until: Option<String>,
    why: Vec<String>,
}

/// The page.
pub fn segment(frame: &Frame<'_>, one: &OneSegment<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let typed = |key: &str| {
        let found = one.form.iter().find(|(name, _)| name == key);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    let field = |key: String, label: String, kind| Field {
        value: typed(&key),
        key,
        label,
        kind,
    };
    let dictionary = &one.program.dictionary;
    let language = frame.language;
    let traits = one.asks.traits.keys().map(|name| {
        let type_ = dictionary.traits.get(name).map(|declared| declared.type_);
        let label = dictionary.trait_title(name, language).to_owned();
        field(trait_key(name), label, kind(type_.unwrap_or_default()))
    });
    let events = one.asks.events.iter().map(|(event, (fields, rows))| {
        let types = dictionary.events.get(event).map(|event| &event.fields);
        let row = |row: usize| {
            let number = words.count(row as u64 + 1);
            let ago = words.with("team-made-ago", &[("number", Put::Text(&number))]);
            let mut all = vec![field(ago_key(event, row), ago, "number")];
            all.extend(fields.iter().map(|name| {
                let type_ = types.and_then(|types| types.get(name)).copied();
                let places = [
                    ("field", Put::Text(name.as_str())),
                    ("number", Put::Text(&number)),
                ];
                let label = words.with("team-made-field", &places);
                field(
                    field_key(event, row, name),
                    label,
                    kind(type_.unwrap_or_default()),
                )
            }));
            all
        };
        EventView {
            title: dictionary.event_title(event, language).to_owned(),
            rows: (0..*rows).map(row).collect(),
        }
    });
    let items = (0..one.asks.items.1).map(|row| {
        let number = words.count(row as u64 + 1);
        let said = |key: &str| words.with(key, &[("number", Put::Text(&number))]);
        let [item, did, ago] = item_keys(row);
        ItemRow {
            item: field(item, said("team-made-item"), "text"),
            did: field(did, said("team-made-did"), "choice"),
            ago: field(ago, said("team-made-ago"), "number"),
        }
    });
    let consents = one
        .asks
        .consents
        .iter()
        .map(|purpose| field(consent_key(*purpose), words.purpose(*purpose), "yes"));
    let dids = one.asks.items.0.iter().map(|did| {
        let key = match *did {
            "added" => "team-made-added",
            "bought" => "team-made-bought",
            _ => "team-made-viewed",
        };
        (*did, words.say(key))
    });
    let (unclear, verdict) = match &one.verdict {
        None => (None, None),
        Some(Verdict::Unclear(fields)) => {
            let fields = words.list(fields);
            let said = words.with("team-made-unclear", &[("fields", Put::Text(&fields))]);
            (Some(said), None)
        }
        Some(Verdict::Judged { holds, until, why }) => (None, Some(judged(words, *holds, *until, why))),
    };
    let name = one.segment.name.as_str();
    Page {
        back: format!("{}/segments?lang={}", shell.base, shell.tag),
        address: format!("{}/segments/{name}", shell.base),
        name,
        title: one.segment.title.of(language),
        size: figure(words, (one.counts.of)(name)),
        counted: match one.counts.at {
            Some(at) => words.with("team-counted-at", &[("when", Put::Text(&moment(words, at)))]),
            None => words.say("team-counted-never"),
        },
        who: plain::told(words, one.program, &one.segment.who),
        traits: traits.collect(),
        events: events.collect(),
        items: items.collect(),
        dids: dids.collect(),
        consents: consents.collect(),
        unclear,
        verdict,
        shell,
    }
    .render()
}

fn judged(words: Words, holds: bool, until: Option<Moment>, why: &[String]) -> VerdictView {
    VerdictView {
        holds,
        line: words.say(if holds { "team-made-in" } else { "team-made-out" }),
        until: until.map(|at| words.with("team-made-until", &[("when", Put::Text(&moment(words, at)))])),
        why: why.to_vec(),
    }
}

fn kind(type_: Type) -> &'static str {
    match type_ {
        Type::Bool => "bool",
        Type::Number => "number",
        Type::Time => "day",
        Type::Text | Type::List | Type::Any => "text",
    }
}
