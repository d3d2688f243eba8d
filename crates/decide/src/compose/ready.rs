//! The words of a program, ready: each template rendered from MJML and read once.
//!
//! Deliberately does not know: people.

use super::facts::{self, Backing};
use gate::Kind;
use gate::clearance::{Cap, Caps, Claims, Rules, Standing};
use gate::dispatch::{Seen, Waiting, Wanted};
use honesty::claim;
use jiff::tz::TimeZone;
use liquid::Template;
use program::Program;
use program::journey::State;
use program::message::{Claim, Message, Translations};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use vocabulary::{Channel, Digest, Hours, Language, Moment, PurposeName, Tone};

/// What every message says of the house, besides its own words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shop {
    /// Its own page.
    pub url: String,
    /// Where it can be written to: required in commercial messages (Directive 2000/31/EC, art. 5 and 6).
    pub address: String,
    /// Where this server answers, without a slash at the end: links to it begin so.
    pub base: String,
}

impl Shop {
    pub(super) fn told(&self) -> Value {
        json!({ "address": self.address, "base": self.base, "url": self.url })
    }
}

/// The words around every message, in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Phrases {
    /// The link to why this message came.
    pub why: String,
    /// The link to change what comes.
    pub change: String,
    /// The link to a person.
    pub human: String,
    /// The link to end it.
    pub leave: String,
    /// The subject of messages that come together; `{shop}` is the shop's name.
    pub together: String,
}

impl Phrases {
    pub(super) fn told(&self) -> Value {
        json!({
            "change": self.change,
            "human": self.human,
            "leave": self.leave,
            "together": self.together,
            "why": self.why,
        })
    }
}

/// A program's words, ready. A copy shares the templates.
#[derive(Clone)]
pub struct Words {
    pub(super) digest: Digest,
    pub(super) rules: Rules,
    pub(super) zone: TimeZone,
    pub(super) name: String,
    pub(super) currency: String,
    pub(super) languages: Vec<Language>,
    pub(super) shop: Shop,
    pub(super) phrases: BTreeMap<Language, Phrases>,
    pub(super) messages: Arc<BTreeMap<String, Ready>>,
    pub(super) deadlines: BTreeMap<String, Moment>,
    pub(super) backing: Backing,
    journeys: BTreeMap<String, (State, PurposeName)>,
    approved: bool,
}

/// A message, ready.
pub(super) struct Ready {
    pub(super) message: Message,
    texts: BTreeMap<(u8, Language), Text>,
    subjects: BTreeMap<Language, Template>,
}

/// One file.
struct Text {
    file: String,
    html: Option<Template>,
    plain: Option<Template>,
}

/// The files that one person gets.
pub(super) struct Variant<'a> {
    pub(super) file: &'a str,
    pub(super) language: Language,
    pub(super) html: Option<&'a Template>,
    pub(super) plain: Option<&'a Template>,
    pub(super) subject: Option<&'a Template>,
    pub(super) message: &'a Message,
}

/// Why the words cannot be made ready.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{file}`: {fault}")]
pub struct NotReady {
    /// Which file.
    pub file: String,
    /// What is wrong with it, and where.
    pub fault: String,
}

/// Where a message's own files are in the order of tones.
const OWN: u8 = u8::MAX;

impl Words {
    /// Makes a program's words ready. `approved`: as far as the program must be, it is.
    ///
    /// # Errors
    /// The first template that cannot be read. The others would be said too; a program that was checked has none.
    pub fn new(
        program: &Program,
        shop: Shop,
        phrases: BTreeMap<Language, Phrases>,
        approved: bool,
    ) -> Result<Words, NotReady> {
        let settings = &program.settings;
        let mut messages = BTreeMap::new();
        for message in program.messages.values() {
            messages.insert(message.name.to_string(), ready(program, message)?);
        }
        let journeys = program.journeys.values();
        let journeys = journeys.map(|journey| (journey.name.to_string(), (journey.state, journey.purpose)));
        let deadlines = settings.deadlines.iter();
        Ok(Words {
            digest: program.digest(),
            rules: rules(settings),
            zone: TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC),
            name: settings.name.clone(),
            currency: settings.currency.clone(),
            languages: settings.languages.clone(),
            shop,
            phrases,
            messages: Arc::new(messages),
            deadlines: deadlines.map(|(name, at)| (name.to_string(), *at)).collect(),
            backing: Backing::default(),
            journeys: journeys.collect(),
            approved,
        })
    }

    /// With what is known of stock, prices and counts; without it no claim that rests on them holds.
    #[must_use]
    pub fn backed_by(mut self, backing: Backing) -> Words {
        self.backing = backing;
        self
    }

    /// With these counts of people in the place of those before: see [`Backing::counting`].
    #[must_use]
    pub fn counting(mut self, counted: BTreeMap<String, u64>) -> Words {
        self.backing = self.backing.counting(counted);
        self
    }

    /// What the program says of something that waits.
    pub(super) fn says_of(&self, waiting: &Waiting, now: Moment) -> Wanted {
        let journey = self.journeys.get(&waiting.journey);
        let ready = self.messages.get(&waiting.name);
        let gone = waiting.kind == Kind::Message && ready.is_none();
        let standing = match journey {
            _ if gone => Standing::Gone,
            _ if !self.approved => Standing::NotApproved,
            Some((State::Paused, _)) => Standing::Paused,
            // A journey that is gone has said this before: whoever was in it gets what was begun.
            Some(_) | None => Standing::InForce,
        };
        // Only what a journey for `service` says for `service` answers the person.
        let service = |ready: &Ready| {
            ready.message.purpose == PurposeName::Service
                && journey.is_some_and(|(_, purpose)| *purpose == PurposeName::Service)
        };
        Wanted {
            service: ready.is_some_and(service),
            channels: ready.map(Ready::channels).unwrap_or_default(),
            standing,
            claims: match ready.is_some_and(|ready| self.is_dead(ready, now)) {
                true => Claims::Dead,
                false => Claims::Backed,
            },
        }
    }

    /// A claim that does not hold stops the message where it says so (`when_dead: stop`), or where the template does
    /// not ask whether the fact is there: its words cannot go without it.
    fn is_dead(&self, ready: &Ready, now: Moment) -> bool {
        let held = facts::held(self, &ready.message, now);
        let dead = |kind: &claim::Kind| matches!(held.get(kind), Some(claim::Held::Dead(_)));
        let stops = ready
            .message
            .bound
            .iter()
            .any(|bound| bound.stops && dead(&bound.kind));
        stops
            || claim::Kind::ALL
                .iter()
                .any(|kind| dead(kind) && !ready.asks_for(*kind))
    }

    /// The person's own word, else the trait, else the program's first.
    pub(super) fn language(&self, seen: &Seen<'_>) -> Language {
        let known = || {
            let (_, value) = seen.traits.iter().find(|(name, _)| name == super::LANGUAGE)?;
            let tag: String = serde_json::from_str(value).ok()?;
            Language::of_tag(tag.get(..2).unwrap_or(&tag))
        };
        let wished = seen.contract.language.or_else(known);
        let fits = |language: &Language| self.languages.contains(language);
        let first = self.languages.first().copied();
        wished.filter(fits).or(first).unwrap_or(Language::En)
    }
}

impl Ready {
    /// By which ways it can leave: its own, and every other whose purpose fits and that takes plain text, if it has
    /// no other.
    fn channels(&self) -> Vec<Channel> {
        let own = self.message.channel;
        let plain = self.texts.values().all(|text| text.plain.is_some());
        let named = !self.subjects.is_empty();
        let others = Channel::ALL.into_iter().filter(|channel| {
            let titled = named || *channel == Channel::Sms;
            *channel != own && plain && titled
        });
        std::iter::once(own).chain(others).collect()
    }

    /// Whether a text of it reads whether that claim holds; of a deadline, by its own name too.
    fn asks_for(&self, kind: claim::Kind) -> bool {
        let mut names = vec![kind.name()];
        for claim in &self.message.claims {
            if let (claim::Kind::Urgency, Claim::Urgency { deadline }) = (kind, claim) {
                names.push(deadline.as_str());
            }
        }
        let asks = |template: &Template| {
            template.reads().iter().any(|read| {
                let path = read
                    .path
                    .strip_prefix("claims.")
                    .or(read.path.strip_prefix("facts."));
                path.is_some_and(|path| {
                    names
                        .iter()
                        .any(|name| path == *name || path.starts_with(&format!("{name}.")))
                })
            })
        };
        let mut texts = self.texts.values();
        texts.any(|text| [&text.html, &text.plain].into_iter().flatten().any(asks))
    }

    pub(super) fn variant(&self, language: Language, tone: Option<Tone>) -> Option<Variant<'_>> {
        let languages = [language, Language::Fr, Language::En];
        let tones = tone.map(|tone| tone as u8).into_iter().chain([OWN]);
        for tone in tones {
            for language in languages {
                if let Some(text) = self.texts.get(&(tone, language)) {
                    return Some(Variant {
                        file: &text.file,
                        language,
                        html: text.html.as_ref(),
                        plain: text.plain.as_ref(),
                        subject: self.subjects.get(&language),
                        message: &self.message,
                    });
                }
            }
        }
        None
    }
}

fn rules(settings: &program::settings::Settings) -> Rules {
    let cap = |cap: &program::settings::Cap| Cap {
        per_day: cap.per_day,
        per_week: cap.per_week,
    };
    let channels = settings.caps.channels.iter();
    Rules {
        caps: Caps {
            all: cap(&settings.caps.all),
            channels: channels.map(|(channel, one)| (*channel, cap(one))).collect(),
        },
        quiet: settings.quiet_hours.map(|window| Hours {
            from: window.from.0,
            to: window.to.0,
        }),
    }
}

fn ready(program: &Program, message: &Message) -> Result<Ready, NotReady> {
    let mut texts = BTreeMap::new();
    let tones = message.tones.iter().map(|(tone, files)| (*tone as u8, files));
    for (tone, files) in std::iter::once((OWN, &message.files)).chain(tones) {
        for (language, path) in each(files) {
            texts.insert((tone, language), text(program, path)?);
        }
    }
    let mut subjects = BTreeMap::new();
    for (language, subject) in each(&message.subject) {
        let file = format!("messages/{}/message.yaml", message.name);
        subjects.insert(language, read(&file, subject)?);
    }
    Ok(Ready {
        message: message.clone(),
        texts,
        subjects,
    })
}

fn each(translations: &Translations) -> impl Iterator<Item = (Language, &str)> {
    [Language::Fr, Language::En]
        .into_iter()
        .filter_map(|language| Some((language, translations.of(language)?)))
}

fn text(program: &Program, path: &str) -> Result<Text, NotReady> {
    let not = |fault: String| NotReady {
        file: path.to_owned(),
        fault,
    };
    let bytes = program.files().get(path);
    let source = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
    let source = source.ok_or_else(|| not("the file is not there, or is no text".to_owned()))?;
    if !path.ends_with(".mjml") {
        return Ok(Text {
            file: path.to_owned(),
            html: None,
            plain: Some(read(path, source)?),
        });
    }
    let compiled = letter::mjml::compile(source, &letter::mjml::Limits::default());
    let compiled = compiled.map_err(|faults| {
        let first = faults.first().map(ToString::to_string);
        not(first.unwrap_or_else(|| "it is no MJML".to_owned()))
    })?;
    Ok(Text {
        file: path.to_owned(),
        html: Some(read(path, &compiled.html)?),
        plain: None,
    })
}

fn read(file: &str, source: &str) -> Result<Template, NotReady> {
    let limits = liquid::Limits {
        source: 1 << 20,
        ..liquid::Limits::default()
    };
    liquid::parse(source, &limits).map_err(|faults| NotReady {
        file: file.to_owned(),
        fault: faults.to_string(),
    })
}
