//! Conversations in words: the list, one of them, and the form behind the link of a message.
//!
//! Deliberately does not know: who may see what; it is given what may be shown.

use super::Frame;
use super::events::moment;
use super::view::Shell;
use crate::web::assets::{ICON, STYLE};
use crate::words::{Put, Words};
use askama::Template;
use gate::{Conversation, NotSaid, Said};
use vocabulary::Language;

/// The list and the form to begin one.
pub struct TalkPage<'a> {
    /// All of them.
    pub all: &'a [Conversation],
    /// Why nothing was begun.
    pub problem: Option<NotSaid>,
    /// What was typed: subject and text.
    pub form: Option<(&'a str, &'a str)>,
}

/// The form behind the link of a message.
pub struct HumanPage<'a> {
    /// The language.
    pub language: Language,
    /// In front of every address.
    pub root: &'a str,
    /// What people call the site.
    pub site: &'a str,
    /// The sealed word; empty: it was sent.
    pub word: &'a str,
    /// The message the link stood in.
    pub about: Option<&'a str>,
    /// Why nothing was begun.
    pub problem: Option<NotSaid>,
    /// What was typed: subject, text, address.
    pub form: Option<(&'a str, &'a str, &'a str)>,
}

#[derive(Template)]
#[template(path = "me_talks.html")]
struct List<'a> {
    shell: Shell<'a>,
    base: String,
    open: Vec<Row>,
    closed: Vec<Row>,
    problem: Option<String>,
    subject: &'a str,
    text: &'a str,
}

struct Row {
    address: String,
    subject: String,
    when: String,
}

#[derive(Template)]
#[template(path = "me_talk.html")]
struct One<'a> {
    shell: Shell<'a>,
    base: String,
    subject: String,
    state: String,
    about: Option<String>,
    left_out: Option<String>,
    turns: Vec<TurnView>,
    open: bool,
    problem: Option<String>,
    text: &'a str,
}

/// Something that was said, in words.
pub(crate) struct TurnView {
    /// Who and when.
    pub(crate) who: String,
    /// In paragraphs.
    pub(crate) text: Vec<String>,
    /// What was attached and is not kept.
    pub(crate) attached: Option<String>,
    /// By the person.
    pub(crate) own: bool,
}

#[derive(Template)]
#[template(path = "human.html")]
struct Human<'a> {
    words: Words,
    tag: &'static str,
    style: String,
    icon: String,
    page: &'a HumanPage<'a>,
    title: String,
    about: Option<String>,
    problem: Option<String>,
    subject: &'a str,
    text: &'a str,
    address: &'a str,
}

/// The list as markup.
pub fn talks(frame: &Frame<'_>, page: &TalkPage<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let base = format!("{}/me/conversations", frame.root);
    let mut all: Vec<&Conversation> = page.all.iter().collect();
    all.sort_by_key(|talk| std::cmp::Reverse(last(talk)));
    let row = |talk: &&Conversation| Row {
        address: format!("{base}/{}?lang={}", talk.id, shell.tag),
        subject: subject(words, talk),
        when: moment(words, last(talk)),
    };
    List {
        open: all
            .iter()
            .filter(|talk| talk.closed_at.is_none())
            .map(row)
            .collect(),
        closed: all
            .iter()
            .filter(|talk| talk.closed_at.is_some())
            .map(row)
            .collect(),
        problem: page.problem.map(|problem| problem_in_words(words, problem)),
        subject: page.form.map_or("", |(subject, _)| subject),
        text: page.form.map_or("", |(_, text)| text),
        base,
        shell,
    }
    .render()
}

/// One conversation as markup.
pub fn talk(
    frame: &Frame<'_>,
    talk: &Conversation,
    problem: Option<(NotSaid, &str)>,
) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    One {
        base: format!("{}/me/conversations", frame.root),
        subject: subject(words, talk),
        state: match talk.closed_at {
            None => words.say("talk-open-words"),
            Some(at) => {
                let at = moment(words, at);
                words.with("talk-closed-at", &[("moment", Put::Text(&at))])
            }
        },
        about: about(words, talk.about.as_deref()),
        left_out: (talk.left_out > 0).then(|| words.counted("talk-left-out", u64::from(talk.left_out))),
        turns: talk
            .turns
            .iter()
            .map(|turn| turn_view(words, turn, false))
            .collect(),
        open: talk.closed_at.is_none(),
        problem: problem.map(|(problem, _)| problem_in_words(words, problem)),
        text: problem.map_or("", |(_, text)| text),
        shell,
    }
    .render()
}

/// The form behind a link as markup.
pub fn human(page: &HumanPage<'_>) -> Result<String, askama::Error> {
    let words = Words::of(page.language);
    let sent = page.word.is_empty();
    let (subject, text, address) = page.form.unwrap_or_default();
    Human {
        words,
        tag: page.language.tag(),
        style: format!("{}{}", page.root, STYLE.path),
        icon: format!("{}{}", page.root, ICON.path),
        title: words.say(if sent { "talk-sent" } else { "talk-title" }),
        about: about(words, page.about),
        problem: page.problem.map(|problem| problem_in_words(words, problem)),
        subject,
        text,
        address,
        page,
    }
    .render()
}

/// Who said it and when, for the person (`for_team`: for the team).
pub(crate) fn turn_view(words: Words, turn: &Said, for_team: bool) -> TurnView {
    let when = moment(words, turn.at);
    let by = match &turn.by {
        Some(by) => by.clone(),
        None if for_team => words.say("talk-the-person"),
        None => words.say("talk-you"),
    };
    let places = [
        ("by", Put::Text(by.as_str())),
        ("moment", Put::Text(when.as_str())),
    ];
    TurnView {
        who: match turn.by_mail {
            true => words.with("talk-said-by-mail", &places),
            false => words.with("talk-said", &places),
        },
        text: turn.text.split("\n\n").map(str::to_owned).collect(),
        attached: (!turn.attached.is_empty()).then(|| {
            let names = words.list(&turn.attached);
            words.with("talk-attached", &[("names", Put::Text(&names))])
        }),
        own: turn.by.is_none(),
    }
}

/// What the person wrote above it.
pub(crate) fn subject(words: Words, talk: &Conversation) -> String {
    match talk.subject.is_empty() {
        true => words.say("talk-no-subject"),
        false => talk.subject.clone(),
    }
}

pub(crate) fn about(words: Words, about: Option<&str>) -> Option<String> {
    about.map(|about| words.with("talk-about", &[("message", Put::Text(about))]))
}

pub(crate) fn problem_in_words(words: Words, problem: NotSaid) -> String {
    words.say(match problem {
        NotSaid::Empty => "talk-fault-empty",
        NotSaid::TooLong => "talk-fault-long",
        NotSaid::TooMany => "talk-fault-many",
        NotSaid::Unknown => "talk-fault-unknown",
        NotSaid::Closed => "talk-fault-closed",
        NotSaid::Overtaken => "talk-fault-overtaken",
    })
}

fn last(talk: &Conversation) -> vocabulary::Moment {
    talk.turns.last().map_or(talk.opened_at, |turn| turn.at)
}
