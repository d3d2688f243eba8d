//! What a message says: from what its purpose may see of a person to subject, HTML and text, in the tone and
//! language that the person chose. Pure: the same program, person and moment give the same bytes, so a message
//! on record can be written again.
//!
//! The links of a message lead back to one person and are put in last, in the place of [`Mark`]s, so that neither
//! a record nor its digest holds anything by which somebody could act for them.
//!
//! Deliberately does not know: how links are made, how a message is carried, clocks.

mod again;
mod body;
mod facts;
mod ready;

pub use again::again;
pub use facts::{Backing, COUNTED_DAYS};
pub use ready::{NotReady, Phrases, Shop, Words};

use gate::Kind;
use gate::clearance::{Code, Rules};
use gate::dispatch::{Compose, Composed, NotComposed, Seen, Waiting, Wanted};
use jiff::tz::TimeZone;
use ready::Variant;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use vocabulary::{Channel, Digest, Language, Moment};

/// The trait that an e-mail is sent to.
pub const EMAIL: &str = "email";
/// The trait that a text message is sent to: a number with its country, as `+33612345678`.
pub const PHONE: &str = "phone";
/// The trait that a notification is sent to: a subscription as the browser made it, JSON text.
pub const SUBSCRIPTION: &str = "push_subscription";
/// The trait that says a language, if the contract does not.
pub const LANGUAGE: &str = "language";

/// A place in a message where a link of this one person goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mark {
    /// Why did this come?
    Why,
    /// End it.
    Unsubscribe,
    /// Talk to a person.
    Human,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Mark; 3] = [Mark::Why, Mark::Unsubscribe, Mark::Human];

    /// What stands in its place until the link is known. No template can write it: templates write no such sign.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Why => "egard-link-why-0d6f2b",
            Mark::Unsubscribe => "egard-link-leave-0d6f2b",
            Mark::Human => "egard-link-human-0d6f2b",
        }
    }
}

/// A message as it is given to a channel, its links still marks.
#[derive(Clone, PartialEq, Debug)]
pub enum Outgoing {
    /// An e-mail.
    Email {
        /// To whom.
        to: String,
        /// One line.
        subject: String,
        /// HTML, if the message has any.
        html: Option<String>,
        /// What is read without it.
        text: String,
        /// Of the words.
        language: Language,
    },
    /// A text message.
    Sms {
        /// To which number.
        to: String,
        /// The words.
        text: String,
        /// Whether it advertises.
        advertises: bool,
    },
    /// A notification of a browser.
    Push {
        /// To which subscription, JSON text.
        to: String,
        /// One line.
        title: String,
        /// The words.
        text: String,
        /// Of the words.
        language: Language,
    },
    /// Shown inside the app.
    InApp {
        /// One line, if there is one.
        title: String,
        /// The words.
        text: String,
        /// Of the words.
        language: Language,
    },
    /// Another system is told.
    Webhook {
        /// Which.
        name: String,
        /// What it is told of the journey the person is in.
        fields: Map<String, Value>,
        /// What it is told of the person: the traits that its settings name and its purpose may see.
        person: Map<String, Value>,
    },
}

impl Outgoing {
    /// Puts links in the places of their marks.
    #[must_use]
    pub fn with_links(self, links: &BTreeMap<Mark, String>) -> Outgoing {
        let put = |text: String| {
            links
                .iter()
                .fold(text, |text, (mark, link)| text.replace(mark.as_str(), link))
        };
        match self {
            Outgoing::Email {
                to,
                subject,
                html,
                text,
                language,
            } => Outgoing::Email {
                to,
                subject,
                html: html.map(put),
                text: put(text),
                language,
            },
            Outgoing::Sms { to, text, advertises } => Outgoing::Sms {
                to,
                text: put(text),
                advertises,
            },
            Outgoing::Push {
                to,
                title,
                text,
                language,
            } => Outgoing::Push {
                to,
                title,
                text: put(text),
                language,
            },
            Outgoing::InApp {
                title,
                text,
                language,
            } => Outgoing::InApp {
                title,
                text: put(text),
                language,
            },
            told @ Outgoing::Webhook { .. } => told,
        }
    }
}

impl Compose for Words {
    type Letter = Outgoing;

    fn rules(&self) -> &Rules {
        &self.rules
    }

    fn program(&self) -> Digest {
        self.digest
    }

    fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn wanted(&self, waiting: &Waiting, now: Moment) -> Wanted {
        self.says_of(waiting, now)
    }

    fn compose(&self, seen: &Seen<'_>) -> Result<Composed<Outgoing>, NotComposed> {
        let not = |code: Code, said: Value| NotComposed { code, said };
        let Some(first) = seen.waiting.first() else {
            return Err(not(Code::MessageGone, Value::Null));
        };
        if first.kind == Kind::Webhook {
            return self.tell(first, seen.traits);
        }
        let language = self.language(seen);
        let mut written = Vec::with_capacity(seen.waiting.len());
        let mut said = Vec::with_capacity(seen.waiting.len());
        for waiting in seen.waiting {
            let Some(variant) = self.variant(&waiting.name, language, seen.contract.tone) else {
                return Err(not(Code::NoText, json!({ "message": waiting.name })));
            };
            let known = facts::of(self, waiting, seen);
            match body::write(self, waiting, &variant, seen, &known) {
                Ok(body) => {
                    said.push(json!({
                        "claims": known.told(),
                        "file": variant.file,
                        "message": waiting.name,
                        "rests_on": known.rests_on(),
                        "traits": body.read,
                    }));
                    written.push(body);
                }
                Err(stopped) => {
                    let told = json!({
                        "at": stopped.place,
                        "file": variant.file,
                        "message": waiting.name,
                        "why": stopped.why,
                    });
                    return Err(not(stopped.code, told));
                }
            }
        }
        let address = |name: &str| -> Result<String, NotComposed> {
            let known = seen.traits.iter().find(|(known, _)| known == name);
            let text = known.and_then(|(_, value)| serde_json::from_str::<String>(value).ok());
            let text = text
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty());
            text.ok_or_else(|| not(Code::NoAddress, json!({ "trait": name })))
        };
        let one = body::together(self, written, seen, language);
        let outgoing = match seen.channel {
            Channel::Email => Outgoing::Email {
                to: address(EMAIL)?,
                subject: one.subject,
                html: one.html,
                text: one.text,
                language,
            },
            Channel::Sms => Outgoing::Sms {
                to: address(PHONE)?,
                text: one.text,
                advertises: seen.purpose != vocabulary::PurposeName::Service,
            },
            Channel::Push => Outgoing::Push {
                to: match seen.traits.iter().find(|(known, _)| known == SUBSCRIPTION) {
                    // `null`: the browser left.
                    Some((_, value)) if value != "null" => value.clone(),
                    _ => return Err(not(Code::NoAddress, json!({ "trait": SUBSCRIPTION }))),
                },
                title: one.subject,
                text: one.text,
                language,
            },
            Channel::InApp => Outgoing::InApp {
                title: one.subject,
                text: one.text,
                language,
            },
        };
        let digest = digest(&outgoing);
        Ok(Composed {
            letter: outgoing,
            said: json!({
                "digest": digest.to_string(),
                "language": language.tag(),
                "messages": said,
                "phrases": self.phrases.get(&language).map(Phrases::told),
                "shop": self.shop.told(),
            }),
        })
    }
}

/// Of all that a message says, to whom it goes left out: the address is the person's, and no word.
fn digest(outgoing: &Outgoing) -> Digest {
    let parts: [&str; 3] = match outgoing {
        Outgoing::Email {
            subject, html, text, ..
        } => [subject, html.as_deref().unwrap_or_default(), text],
        Outgoing::Sms { text, .. } => ["", "", text],
        Outgoing::Push { title, text, .. } | Outgoing::InApp { title, text, .. } => [title, "", text],
        Outgoing::Webhook { .. } => ["", "", ""],
    };
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    Digest::of(&bytes)
}

impl Words {
    fn tell(
        &self,
        waiting: &Waiting,
        traits: &[(String, String)],
    ) -> Result<Composed<Outgoing>, NotComposed> {
        let fields = json!({
            "journey": waiting.journey,
            "run": waiting.key,
            "step": waiting.step,
        });
        let Value::Object(fields) = fields else {
            return Err(NotComposed {
                code: Code::TemplateFault,
                said: Value::Null,
            });
        };
        // Of the person the record says which traits were told; their values are with the person.
        let names: Vec<&str> = traits.iter().map(|(name, _)| name.as_str()).collect();
        let said = json!({ "fields": fields, "told": names, "webhook": waiting.name });
        let person = traits
            .iter()
            .filter_map(|(name, text)| Some((name.clone(), serde_json::from_str(text).ok()?)));
        Ok(Composed {
            letter: Outgoing::Webhook {
                name: waiting.name.clone(),
                fields,
                person: person.collect(),
            },
            said,
        })
    }

    fn variant(&self, name: &str, language: Language, tone: Option<vocabulary::Tone>) -> Option<Variant<'_>> {
        self.messages.get(name)?.variant(language, tone)
    }
}
