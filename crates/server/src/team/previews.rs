//! A message as it would read for somebody who is made up: values, a language, a tone and a way are chosen, the words
//! are those that `decide::compose` writes for everybody, and the headers those of every e-mail that leaves.
//!
//! Deliberately does not know: people who exist; it opens nobody, and hands nothing to a channel. Links lead nowhere.

use crate::words::around;
use ::program::Program;
use ::program::dictionary::Type;
use ::program::words::Name;
use decide::compose::{EMAIL, Mark, Outgoing, PHONE, SUBSCRIPTION, Shop, Words};
use gate::Kind;
use gate::dispatch::{Compose as _, Seen, Waiting};
use letter::address::{Address, Mailbox};
use letter::list::{FeedbackId, Link, ListId, Mailing, Unsubscribe};
use letter::mime::{self, Nature, Thread};
use letter::token::{Marks, Reference};
use std::collections::BTreeMap;
use vocabulary::{Channel, Contract, Language, Moment, PurposeName, Tone};

/// Longest value, bytes.
const LONGEST: usize = 500;
/// Where a message to nobody goes (RFC 2606).
const NOBODY: &str = "someone@example.org";

/// What the house says of itself in messages.
#[derive(Clone, Debug, Default)]
pub(super) struct House {
    pub(super) shop: Shop,
    /// `From`, and the domain of what comes back; without it no e-mail leaves.
    pub(super) from: Option<(String, String)>,
}

/// What is chosen and typed.
#[derive(Clone, PartialEq, Debug)]
pub struct Wish {
    /// The person's language.
    pub language: Language,
    /// The tone they chose, if they did.
    pub tone: Option<Tone>,
    /// By which way; the message's own if it is not said.
    pub channel: Option<Channel>,
    /// Values by trait, as they were typed.
    pub values: BTreeMap<String, String>,
}

/// A message as it would read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// HTML, if it has any.
    pub html: Option<String>,
    /// What is read without it.
    pub text: String,
    /// Headers of the e-mail, if it is one and the house has a sender.
    pub headers: Vec<(String, String)>,
    /// How long the e-mail is on its way, bytes; 0: it is none.
    pub bytes: usize,
}

/// Why it would not be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unwritten {
    /// A template of the program cannot be used: which, and why.
    NotReady(String),
    /// Nothing is written for these values: the code, and where or what.
    Stopped(&'static str, String),
}

/// The name of a trait's field.
pub fn value_key(name: &str) -> String {
    format!("v.{name}")
}

impl Wish {
    /// Of a form; what it does not say is the page's language and the message's own way.
    pub fn read(form: &[(String, String)], language: Language) -> Wish {
        let field = |wanted: &str| {
            let found = form.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        let values = form.iter().filter_map(|(name, value)| {
            let (name, value) = (name.strip_prefix("v.")?, value.trim());
            (!value.is_empty() && value.len() <= LONGEST).then(|| (name.to_owned(), value.to_owned()))
        });
        Wish {
            language: Language::of_tag(field("language")).unwrap_or(language),
            tone: Tone::ALL.into_iter().find(|tone| tone.as_str() == field("tone")),
            channel: Channel::ALL
                .into_iter()
                .find(|channel| channel.as_str() == field("channel")),
            values: values.collect(),
        }
    }

    /// The values as traits, and an address of nobody's for each way.
    fn traits(&self, program: &Program, reads: &[String]) -> Vec<(String, String)> {
        let known = reads.iter().filter_map(|name| {
            let typed = self.values.get(name)?;
            let type_ = program.dictionary.traits.get(name).map(|declared| declared.type_);
            Some((name.clone(), json(type_.unwrap_or_default(), typed)))
        });
        let mut traits: Vec<(String, String)> = known.collect();
        for (name, value) in [(EMAIL, NOBODY), (PHONE, "+33000000000"), (SUBSCRIPTION, "{}")] {
            if traits.iter().all(|(known, _)| known != name) {
                traits.push((name.to_owned(), serde_json::Value::from(value).to_string()));
            }
        }
        traits
    }
}

/// Writes a message for somebody who is made up.
pub(super) fn write(
    program: &Program,
    name: &Name,
    wish: &Wish,
    house: &House,
    marks: &Marks,
    now: Moment,
) -> Result<Written, Unwritten> {
    let phrases = [Language::Fr, Language::En].map(|language| (language, around(language)));
    let ready = Words::new(program, house.shop.clone(), phrases.into_iter().collect(), true);
    let ready = ready.map_err(|error| Unwritten::NotReady(error.to_string()))?;
    let message = program.messages.get(name);
    let message = message.ok_or_else(|| Unwritten::Stopped("message_gone", String::new()))?;
    let contract = Contract {
        tone: wish.tone,
        language: Some(wish.language),
        ..Contract::default()
    };
    let waiting = [Waiting {
        id: [0; 16],
        kind: Kind::Message,
        name: name.to_string(),
        journey: String::new(),
        key: None,
        step: None,
        entered_at: now,
        number: 0,
        program: program.digest(),
        queued_at: now,
    }];
    let channel = wish.channel.unwrap_or(message.channel);
    let composed = ready.compose(&Seen {
        waiting: &waiting,
        purpose: message.purpose,
        channel,
        traits: &wish.traits(program, &message.reads),
        contract: &contract,
        zone: ready.zone(),
        now,
    });
    let composed = composed.map_err(|not| {
        let said = |key: &str| {
            not.said
                .get(key)
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
        };
        let told = [said("file"), said("at"), said("why")];
        let told: Vec<&str> = told.into_iter().filter(|text| !text.is_empty()).collect();
        Unwritten::Stopped(not.code.as_str(), told.join(", "))
    })?;
    let links = Mark::ALL.map(|mark| (mark, "preview".to_owned()));
    let outgoing = composed.letter.with_links(&links.into_iter().collect());
    Ok(match outgoing {
        Outgoing::Email {
            subject,
            html,
            text,
            language,
            ..
        } => {
            let mut written = Written {
                subject,
                html,
                text,
                ..Written::default()
            };
            if let Some(bytes) = mailed(&written, house, message.purpose, name, language, marks, now) {
                written.bytes = bytes.len();
                written.headers = headers(&bytes);
            }
            written
        }
        Outgoing::Sms { text, .. } => Written {
            text,
            ..Written::default()
        },
        Outgoing::Push { title, text, .. } | Outgoing::InApp { title, text, .. } => Written {
            subject: title,
            text,
            ..Written::default()
        },
        Outgoing::Webhook { .. } => Written::default(),
    })
}

/// The e-mail as bytes, unsigned; `None`: the house has no sender, or none that can be used.
fn mailed(
    written: &Written,
    house: &House,
    purpose: PurposeName,
    name: &Name,
    language: Language,
    marks: &Marks,
    now: Moment,
) -> Option<Vec<u8>> {
    let (from, domain) = house.from.as_ref()?;
    let from = Mailbox::parse(from).ok()?;
    let base = house.shop.base.replacen("http://", "https://", 1);
    let mailing = Mailing {
        unsubscribe: Unsubscribe {
            link: Link::new(&format!("{base}/u/preview")).ok()?,
            address: Address::parse(&format!("unsubscribe+preview@{domain}")).ok()?,
        },
        list: ListId::new(name.as_str(), &name.as_str().replace('_', "-"), domain).ok()?,
        help: Link::new(&format!("{base}/why/preview")).ok()?,
        owner: from.address.clone(),
        feedback: FeedbackId::new("preview", name.as_str(), purpose.as_str(), domain),
    };
    let to = Mailbox::parse(NOBODY).ok()?;
    let built = mime::build(
        &mime::Message {
            from: &from,
            to: &to,
            reply_to: None,
            subject: &written.subject,
            at: now.0.div_euclid(1_000),
            reference: Reference([0; 16]),
            domain,
            text: &written.text,
            html: written.html.as_deref(),
            language: Some(language.tag()),
            nature: match purpose {
                PurposeName::Service => Nature::Automatic,
                _ => Nature::Mailing(&mailing),
            },
            thread: Thread::default(),
        },
        marks,
        &[],
    );
    built.ok().map(|built| built.bytes)
}

/// The head of a message, what is folded unfolded.
fn headers(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (
            line.starts_with([' ', '\t']),
            headers.last_mut(),
            line.split_once(':'),
        ) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (_, _, Some((name, value))) => headers.push((name.to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    headers
}

fn json(type_: Type, typed: &str) -> String {
    let number = || {
        typed
            .replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
    };
    let value = match (type_, typed) {
        (Type::Bool, "true") => serde_json::Value::Bool(true),
        (Type::Bool, _) => serde_json::Value::Bool(false),
        (Type::Number, _) => number().map_or_else(|| typed.into(), serde_json::Value::from),
        (Type::List, _) => typed.split(',').map(str::trim).collect(),
        _ => typed.into(),
    };
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_they_were_written() {
        let head = headers(b"A: b\r\nLong: one,\r\n two\r\n\r\nNo: header\r\n");
        assert_eq!(
            head,
            [
                ("A".to_owned(), "b".to_owned()),
                ("Long".to_owned(), "one, two".to_owned())
            ]
        );
    }
}
