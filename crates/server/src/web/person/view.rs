//! The person's page in words: every text chosen, every day written. What is left to the template is
//! where things stand.

use super::events::{EventView, event, request};
use super::lessons::Lessons;
use super::names::{FAILED, SAID, find};
use super::openness::{self, OpennessView};
use super::{Automatic, Choice, DO, ERASE, Frame, Joined, Person, Seen, Trait};
use crate::web::assets::{ICON, STYLE};
use crate::words::{Put, Words};
use askama::Template;
use vocabulary::{AgeBracket, ConsentState, Day, Language, PurposeName};

/// Items of the history that are shown at once; the rest unfolds.
const AT_ONCE: usize = 6;

/// What every page of somebody who is in has.
pub(super) struct Shell<'a> {
    pub(super) words: Words,
    pub(super) tag: &'static str,
    pub(super) style: String,
    pub(super) icon: String,
    pub(super) frame: &'a Frame<'a>,
    pub(super) languages: [(&'static str, &'static str, bool); 2],
    pub(super) action: String,
    pub(super) erase: String,
}

#[derive(Template)]
#[template(path = "me.html")]
pub(super) struct Page<'a> {
    shell: Shell<'a>,
    lessons: Lessons,
    person: &'a Person,
    said: Option<String>,
    alert: bool,
    age: String,
    age_said: Option<String>,
    joined: Vec<JoinedView<'a>>,
    choices: Vec<ChoiceView<'a>>,
    others: Vec<String>,
    traits: Vec<TraitView<'a>>,
    history: Vec<SeenView<'a>>,
    more: Vec<SeenView<'a>>,
    more_label: String,
    counts: Vec<(&'a str, String)>,
    timeline: Vec<EventView<'a>>,
    automatic: Option<AutomaticView<'a>>,
    openness: Option<OpennessView<'a>>,
    requests: Vec<(String, String)>,
    contact: Option<(String, &'a str)>,
}

#[derive(Template)]
#[template(path = "me_erase.html")]
pub(super) struct Erase<'a> {
    shell: Shell<'a>,
    lessons: Lessons,
}

struct AutomaticView<'a> {
    /// Title, since when, why.
    groups: Vec<(&'a str, String, &'a [String])>,
    /// Title, step, since when.
    journeys: Vec<(&'a str, &'a str, String)>,
}

struct ChoiceView<'a> {
    name: &'static str,
    purpose: String,
    state: String,
    detail: String,
    words: Option<&'a str>,
    record: Option<&'a str>,
    on: bool,
    /// Never answered: both answers are offered, side by side.
    undecided: bool,
}

struct JoinedView<'a> {
    name: &'a str,
    text: String,
    /// Whether it can still be undone.
    open: bool,
}

struct TraitView<'a> {
    known: &'a Trait,
    origin: String,
}

struct SeenView<'a> {
    known: &'a Seen,
    deeds: String,
    origin: String,
}

impl<'a> Shell<'a> {
    pub(super) fn of(frame: &'a Frame<'a>) -> Shell<'a> {
        let language = frame.language;
        Shell {
            words: Words::of(language),
            tag: language.tag(),
            style: format!("{}{}", frame.root, STYLE.path),
            icon: format!("{}{}", frame.root, ICON.path),
            frame,
            languages: [
                ("en", "English", language == Language::En),
                ("fr", "Français", language == Language::Fr),
            ],
            action: format!("{}{DO}", frame.root),
            erase: format!("{}{ERASE}", frame.root),
        }
    }
}

impl<'a> Erase<'a> {
    pub(super) fn of(frame: &'a Frame<'a>) -> Erase<'a> {
        let shell = Shell::of(frame);
        let lessons = Lessons::of(shell.words);
        Erase { shell, lessons }
    }
}

impl<'a> Page<'a> {
    pub(super) fn of(frame: &'a Frame<'a>, person: &'a Person) -> Page<'a> {
        let shell = Shell::of(frame);
        let words = shell.words;
        let mut history = person.history.iter().map(|known| seen(words, known));
        let first: Vec<SeenView<'a>> = history.by_ref().take(AT_ONCE).collect();
        let more: Vec<SeenView<'a>> = history.collect();
        let said = person.said.as_deref();
        let counts = person.counts.iter().map(|(event, times, days, last)| {
            let last = words.day(*last);
            let places = [
                ("times", Put::Count(*times)),
                ("days", Put::Count(*days)),
                ("day", Put::Text(&last)),
            ];
            (event.as_str(), words.with("me-count", &places))
        });
        let contact = (!frame.contact.is_empty()).then(|| match frame.contact.contains("://") {
            true => (frame.contact.to_owned(), frame.contact),
            false => (format!("mailto:{}", frame.contact), frame.contact),
        });
        Page {
            lessons: Lessons::of(words),
            said: said.and_then(|said| find(&SAID, said)).map(|key| words.say(key)),
            alert: said.is_some_and(|said| FAILED.contains(&said)),
            age: words.say(match person.age {
                AgeBracket::Unknown => "age-unknown",
                AgeBracket::Adult => "age-adult",
                AgeBracket::Minor => "age-minor",
            }),
            age_said: person
                .age_said
                .map(|said| age_said(words, said, person.age_reported)),
            joined: person.joined.iter().map(|known| joined(words, known)).collect(),
            choices: person.choices.iter().map(|known| choice(words, known)).collect(),
            others: person
                .others
                .iter()
                .map(|one| sentence_case(&words.purpose(*one)))
                .collect(),
            traits: person
                .traits
                .iter()
                .map(|known| attribute(words, known))
                .collect(),
            history: first,
            more_label: words.counted("known-more", more.len() as u64),
            more,
            counts: counts.collect(),
            timeline: person.timeline.iter().map(|known| event(words, known)).collect(),
            openness: person.openness.as_ref().map(|known| openness::view(words, known)),
            automatic: person.automatic.as_ref().map(|known| automatic(words, known)),
            requests: person
                .requests
                .iter()
                .map(|known| request(words, known))
                .collect(),
            contact,
            person,
            shell,
        }
    }
}

fn automatic(words: Words, known: &Automatic) -> AutomaticView<'_> {
    let since = |day: Day| {
        let day = words.day(day);
        words.with("automation-since", &[("day", Put::Text(&day))])
    };
    let groups = known.groups.iter();
    let journeys = known.journeys.iter();
    AutomaticView {
        groups: groups
            .map(|group| (group.title.as_str(), since(group.since), group.why.as_slice()))
            .collect(),
        journeys: journeys
            .map(|(title, step, day)| (title.as_str(), step.as_str(), since(*day)))
            .collect(),
    }
}

fn choice(words: Words, known: &Choice) -> ChoiceView<'_> {
    let mut parts = Vec::new();
    if let Some(at) = known.at {
        let (day, source) = (words.day(at), from(words, &known.source));
        let places = [("day", Put::Text(&day)), ("source", Put::Text(&source))];
        parts.push(words.with("choice-since", &places));
    }
    if let Some(until) = known.until {
        let day = words.day(until);
        parts.push(words.with("choice-until", &[("day", Put::Text(&day))]));
    }
    if known.soft_opt_in {
        parts.push(words.say("choice-soft"));
    }
    if known.contested {
        parts.push(words.say("choice-contested"));
    }
    ChoiceView {
        name: known.purpose.as_str(),
        purpose: sentence_case(&words.purpose(known.purpose)),
        state: words.consent(known.state),
        detail: parts.join(" "),
        words: known.words.as_deref(),
        record: known.record.as_deref(),
        on: known.state.is_valid(),
        undecided: matches!(
            known.state,
            ConsentState::Unknown | ConsentState::Requested | ConsentState::RequestDeferred
        ),
    }
}

/// What the person said of their age, and what becomes of it.
fn age_said(words: Words, said: AgeBracket, reported: AgeBracket) -> String {
    words.say(match (said, reported) {
        (AgeBracket::Minor, _) => "age-own-minor",
        (_, AgeBracket::Adult) => "age-own-adult",
        _ => "age-own-adult-waits",
    })
}

fn joined(words: Words, known: &Joined) -> JoinedView<'_> {
    let since = words.day(known.at);
    let since = words.with("joined-since", &[("day", Put::Text(&since))]);
    let until = match known.until {
        Some(until) => {
            let day = words.day(until);
            words.with("joined-until", &[("day", Put::Text(&day))])
        }
        None => words.say("joined-for-good"),
    };
    JoinedView {
        name: &known.name,
        text: format!("{since} {until}"),
        open: known.until.is_some(),
    }
}

/// The text with its first letter as a heading has it.
fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A source, as people call it.
fn from(words: Words, source: &str) -> String {
    match source {
        super::SOURCE => words.say("source-me"),
        source => source.to_owned(),
    }
}

/// Where it came from, what it is used for, and until when.
fn origin(words: Words, source: &str, purposes: &[PurposeName], until: Day) -> String {
    let source = from(words, source);
    let uses: Vec<String> = purposes.iter().map(|one| words.purpose(*one)).collect();
    let uses = words.list(&uses);
    let places = [("source", Put::Text(&source)), ("purposes", Put::Text(&uses))];
    let first = match purposes.is_empty() {
        true => words.with("known-origin-unused", &[("source", Put::Text(&source))]),
        false => words.with("known-origin", &places),
    };
    let day = words.day(until);
    format!("{first} {}", words.with("me-until", &[("day", Put::Text(&day))]))
}

fn attribute(words: Words, known: &Trait) -> TraitView<'_> {
    TraitView {
        origin: origin(words, &known.source, &known.purposes, known.until),
        known,
    }
}

fn seen(words: Words, known: &Seen) -> SeenView<'_> {
    let (viewed, added, bought) = known.times;
    let deeds = [
        ("deed-bought", bought),
        ("deed-added", added),
        ("deed-viewed", viewed),
    ];
    let deeds: Vec<String> = deeds
        .into_iter()
        .filter(|(_, times)| *times > 0)
        .map(|(key, times)| words.counted(key, u64::from(times)))
        .collect();
    let day = words.day(known.last);
    let last = words.with("known-last", &[("day", Put::Text(&day))]);
    SeenView {
        deeds: format!("{}, {last}", words.list(&deeds)),
        origin: origin(words, &known.source, &known.purposes, known.until),
        known,
    }
}
