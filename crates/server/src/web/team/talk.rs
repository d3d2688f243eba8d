//! Conversations for the team in words: the list, and one with the form to answer it.
//!
//! Deliberately does not know: whose they are.

use super::{Frame, Shell};
use crate::web::person::{TurnView, problem_in_words, talk_about, talk_subject, turn_view};
use crate::words::{Put, Words};
use askama::Template;
use gate::{NotSaid, OpenConversation, Reading};
use vocabulary::{DAY_MS, HOUR_MS, Moment};

/// After so long without an answer of a human a conversation is overdue, milliseconds.
pub const OVERDUE_MS: i64 = 2 * DAY_MS;

/// What the page says above the conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TalkSays {
    /// Nothing.
    Nothing,
    /// The answer was said.
    Sent,
    /// It was not, and why.
    Not(NotSaid),
}

#[derive(Template)]
#[template(path = "team_talks.html")]
struct List<'a> {
    shell: Shell<'a>,
    rows: Vec<Row>,
}

struct Row {
    address: String,
    subject: String,
    waits: String,
    overdue: bool,
    held: String,
    age: String,
}

#[derive(Template)]
#[template(path = "team_talk.html")]
struct One<'a> {
    shell: Shell<'a>,
    address: String,
    subject: String,
    waits: String,
    held: String,
    about: Option<String>,
    left_out: Option<String>,
    said: Option<String>,
    problem: Option<String>,
    unmailed: bool,
    turns: Vec<TurnView>,
    open: bool,
    seen: u64,
    text: &'a str,
    colleagues: &'a [String],
    traits: Vec<String>,
    language: &'static str,
}

/// The list as markup.
pub fn talks(frame: &Frame<'_>, open: &[OpenConversation], now: Moment) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let row = |one: &OpenConversation| Row {
        address: format!("{}/conversations/{}?lang={}", shell.base, one.id, shell.tag),
        subject: match &one.subject {
            None => words.say("team-talk-unread"),
            Some(subject) if subject.is_empty() => words.say("talk-no-subject"),
            Some(subject) => subject.clone(),
        },
        waits: waits(words, one.waiting_since, now),
        overdue: is_overdue(one.waiting_since, now),
        held: held(words, one.held_by.as_deref()),
        age: aged(words, "team-talk-age", one.opened_at, now),
    };
    List {
        rows: open.iter().map(row).collect(),
        shell,
    }
    .render()
}

/// One conversation as markup.
pub fn talk(
    frame: &Frame<'_>,
    reading: &Reading,
    colleagues: &[String],
    says: TalkSays,
    text: &str,
    now: Moment,
) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let talk = &reading.conversation;
    One {
        address: format!("{}/conversations/{}", shell.base, talk.id),
        subject: talk_subject(words, talk),
        waits: waits(words, reading.waiting_since, now),
        held: held(words, reading.held_by.as_deref()),
        about: talk_about(words, talk.about.as_deref()),
        left_out: (talk.left_out > 0).then(|| words.counted("talk-left-out", u64::from(talk.left_out))),
        said: (says == TalkSays::Sent).then(|| words.say("team-talk-sent")),
        problem: match says {
            TalkSays::Not(NotSaid::Overtaken) => Some(words.say("team-talk-overtaken")),
            TalkSays::Not(problem) => Some(problem_in_words(words, problem)),
            TalkSays::Nothing | TalkSays::Sent => None,
        },
        unmailed: reading.unmailed,
        turns: talk
            .turns
            .iter()
            .map(|turn| turn_view(words, turn, true))
            .collect(),
        open: talk.closed_at.is_none(),
        seen: reading.version,
        text,
        colleagues,
        traits: reading
            .traits
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect(),
        language: talk.language.map_or("", |language| language.tag()),
        shell,
    }
    .render()
}

/// Whether somebody waits for too long.
pub fn is_overdue(waiting_since: Option<Moment>, now: Moment) -> bool {
    waiting_since.is_some_and(|since| now.since(since) >= OVERDUE_MS)
}

fn waits(words: Words, since: Option<Moment>, now: Moment) -> String {
    match since {
        None => words.say("team-talk-answered"),
        Some(at) if is_overdue(since, now) => aged(words, "team-talk-overdue", at, now),
        Some(at) => aged(words, "team-talk-waits", at, now),
    }
}

fn held(words: Words, by: Option<&str>) -> String {
    match by {
        Some(by) => words.with("team-talk-has", &[("by", Put::Text(by))]),
        None => words.say("team-talk-free"),
    }
}

fn aged(words: Words, key: &str, since: Moment, now: Moment) -> String {
    let age = now.since(since).max(0);
    let count = |ms: i64| u64::try_from(age / ms).unwrap_or_default();
    let age = match age {
        0..HOUR_MS => words.counted("team-talk-minutes", count(60_000)),
        HOUR_MS..OVERDUE_MS => words.counted("team-talk-hours", count(HOUR_MS)),
        _ => words.counted("team-talk-days", count(DAY_MS)),
    };
    words.with(key, &[("age", Put::Text(&age))])
}
