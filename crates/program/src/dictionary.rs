//! The data dictionary of the program: what is collected, why, of which type, and for how long.
//!
//! Its deeper checks (what sounds intimate, what an interaction needs) stay where data comes in, in `gate`,
//! which is handed the same content piece by piece: [`Dictionary::parts`].
//!
//! Deliberately does not know: people, values, the list of intimate words.

use crate::fault::Mark;
use crate::pack::Files;
use crate::segment::Did;
use crate::span::Span;
use crate::words::Words;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use vocabulary::{Language, PurposeSet};

/// `dictionary.yaml`, checked as far as a program knows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Dictionary {
    /// Categories of the consent dialogue and the purposes each stands for.
    pub consent_categories: BTreeMap<String, Vec<String>>,
    /// Names of Google Consent Mode and the categories each stands for.
    pub consent_mode: BTreeMap<String, Vec<String>>,
    /// Events by name.
    pub events: BTreeMap<String, Event>,
    /// Traits by name.
    pub traits: BTreeMap<String, Trait>,
}

/// A declared event.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Where it is declared.
    pub mark: Mark,
    /// What people read of it; its name if it is not said.
    pub title: Option<Words>,
    /// Why it may be kept.
    pub purposes: PurposeSet,
    /// What it does to the history of items.
    pub interaction: Option<Did>,
    /// Its fields (`products.price` is the field `price` of each of `products`) and their types.
    pub fields: BTreeMap<String, Type>,
    /// Kept at most so long.
    pub retention: Option<Span>,
    /// Why it is of no special category though it sounds so.
    pub not_special: Option<String>,
}

/// A declared trait.
#[derive(Clone, PartialEq, Debug)]
pub struct Trait {
    /// Where it is declared.
    pub mark: Mark,
    /// What people read of it; its name if it is not said.
    pub title: Option<Words>,
    /// Why it may be kept.
    pub purposes: PurposeSet,
    /// What its values are.
    pub type_: Type,
    /// Kept at most so long.
    pub retention: Option<Span>,
    /// It says `adult` or `minor`.
    pub age_bracket: bool,
    /// Of a special category (GDPR art. 9).
    pub special: bool,
    /// Why it is of no special category though it sounds so.
    pub not_special: Option<String>,
}

/// What values are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Type {
    /// Texts.
    Text,
    /// Numbers.
    Number,
    /// Yes or no.
    Bool,
    /// Days or moments (RFC 3339).
    Time,
    /// Lists of texts.
    List,
    /// Anything.
    #[default]
    Any,
}

impl Type {
    /// As files write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Number => "number",
            Type::Bool => "bool",
            Type::Time => "time",
            Type::List => "list",
            Type::Any => "any",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Type> {
        [
            Type::Text,
            Type::Number,
            Type::Bool,
            Type::Time,
            Type::List,
            Type::Any,
        ]
        .into_iter()
        .find(|one| one.as_str() == text)
    }
}

impl Dictionary {
    /// What people read of an event: its title, or its name as it came.
    pub fn event_title<'a>(&'a self, name: &'a str, language: Language) -> &'a str {
        let title = self.events.get(name).and_then(|event| event.title.as_ref());
        title.map_or(name, |title| title.of(language))
    }

    /// What people read of a trait: its title, or its name.
    pub fn trait_title<'a>(&'a self, name: &'a str, language: Language) -> &'a str {
        let title = self.traits.get(name).and_then(|declared| declared.title.as_ref());
        title.map_or(name, |title| title.of(language))
    }

    /// What can be read of the dictionary among these files, whatever else is wrong with them; so that it can
    /// be checked further beside [`crate::Program::read`]. `None`: there is none, or it is not YAML.
    pub fn of(files: &Files) -> Option<Dictionary> {
        crate::read::dictionary(files)
    }

    /// The dictionary in the form that `gate` reads (TOML). Types stay with the program.
    pub fn toml(&self) -> String {
        let mut text = self.consent_toml();
        for (name, event) in &self.events {
            text.push_str(&event_toml(name, event));
        }
        for (name, declared) in &self.traits {
            text.push_str(&trait_toml(name, declared));
        }
        text
    }

    /// The same in pieces that can be read one by one, each with the place it comes from: whoever checks
    /// them one by one finds every fault, and where it is.
    pub fn parts(&self) -> Vec<(Mark, String)> {
        let mut parts = vec![(Mark::START, self.consent_toml())];
        // Without purposes it is broken already, and told so.
        let events = self.events.iter().filter(|(_, event)| !event.purposes.is_empty());
        parts.extend(events.map(|(name, event)| (event.mark, event_toml(name, event))));
        let traits = self.traits.iter().filter(|(_, one)| !one.purposes.is_empty());
        parts.extend(traits.map(|(name, one)| (one.mark, trait_toml(name, one))));
        parts
    }

    fn consent_toml(&self) -> String {
        let mut text = String::new();
        for (table, entries) in [
            ("consent_categories", &self.consent_categories),
            ("consent_mode", &self.consent_mode),
        ] {
            let _ = writeln!(text, "[{table}]");
            for (name, values) in entries {
                let _ = writeln!(
                    text,
                    "{} = {}",
                    quoted(name),
                    list(values.iter().map(String::as_str))
                );
            }
        }
        text
    }
}

fn event_toml(name: &str, event: &Event) -> String {
    let mut text = format!("[events.{}]\n", quoted(name));
    let _ = writeln!(
        text,
        "purposes = {}",
        list(event.purposes.iter().map(|p| p.as_str()))
    );
    if let Some(did) = event.interaction {
        let _ = writeln!(text, "interaction = \"{}\"", did_str(did));
    }
    if !event.fields.is_empty() {
        let _ = writeln!(text, "fields = {}", list(event.fields.keys().map(String::as_str)));
    }
    if let Some(reason) = &event.not_special {
        let _ = writeln!(text, "not_special = {}", quoted(reason));
    }
    text.push_str(&retention_toml(event.retention));
    text
}

fn trait_toml(name: &str, declared: &Trait) -> String {
    let mut text = format!("[traits.{}]\n", quoted(name));
    let _ = writeln!(
        text,
        "purposes = {}",
        list(declared.purposes.iter().map(|p| p.as_str()))
    );
    for (key, value) in [
        ("age_bracket", declared.age_bracket),
        ("special", declared.special),
    ] {
        if value {
            let _ = writeln!(text, "{key} = true");
        }
    }
    if let Some(reason) = &declared.not_special {
        let _ = writeln!(text, "not_special = {}", quoted(reason));
    }
    text.push_str(&retention_toml(declared.retention));
    text
}

/// As a window over event time: a month is 30 days, a year 365.
fn retention_toml(retention: Option<Span>) -> String {
    retention.map_or_else(String::new, |span| {
        format!("retention_seconds = {}\n", span.window_ms() / 1_000)
    })
}

pub(crate) fn did_str(did: Did) -> &'static str {
    match did {
        Did::Viewed => "viewed",
        Did::Added => "added",
        Did::Bought => "bought",
    }
}

fn list<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = values.map(quoted).collect();
    format!("[{}]", quoted.join(", "))
}

/// A text as TOML's basic string, which JSON's strings are too, but for DEL.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}
