//! The pages of messages: all of them, one with its preview, and one text with what the checker finds in it.
//!
//! Deliberately does not know: how a message is written, who is written to.

use super::{Frame, Shell};
use crate::team::previews::{Unwritten, Wish, Written, value_key};
use crate::words::fault::fault as in_words;
use crate::words::{Put, Words};
use ::program::message::Message;
use ::program::{Fault, Program, Severity};
use askama::Template;
use serde::Serialize;
use vocabulary::{Channel, Language, Tone};

/// Whose messages are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Of the program in force.
    InForce,
    /// Of the team's folder.
    Folder,
}

impl Which {
    /// The word in addresses and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Which::InForce => "in-force",
            Which::Folder => "folder",
        }
    }

    fn words(self, words: Words) -> String {
        words.say(match self {
            Which::InForce => "team-messages-in-force",
            Which::Folder => "team-messages-folder",
        })
    }
}

#[derive(Template)]
#[template(path = "team_messages.html")]
struct ListPage<'a> {
    shell: Shell<'a>,
    which: Option<String>,
    others: [(String, String, bool); 2],
    messages: Vec<MessageView>,
}

struct MessageView {
    name: String,
    address: String,
    title: String,
    about: String,
    sent_by: String,
    faults: Option<String>,
}

/// The messages.
pub fn messages(frame: &Frame<'_>, shown: Option<(Which, &Program)>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let own = shown.map(|(which, _)| which);
    let other = |which: Which| {
        let address = format!("{}/messages?lang={}&of={}", shell.base, shell.tag, which.as_str());
        (address, which.words(words), own == Some(which))
    };
    let view = |which: Which, program: &Program, message: &Message| {
        let name = message.name.to_string();
        let journeys = program.journeys.values().filter(|journey| {
            journey.steps.iter().any(|step| {
                matches!(&step.what, ::program::journey::What::Message { name: own, .. } if *own == message.name)
            })
        });
        let journeys: Vec<String> = journeys
            .map(|journey| journey.title.of(words.language()).to_owned())
            .collect();
        let folder = format!("messages/{name}/");
        let faults = program
            .warnings
            .iter()
            .filter(|fault| fault.file.starts_with(&folder));
        let faults = faults.count() as u64;
        MessageView {
            address: format!(
                "{}/messages/{name}?lang={}&of={}",
                shell.base,
                shell.tag,
                which.as_str()
            ),
            title: message.title.of(words.language()).to_owned(),
            about: about(words, message),
            sent_by: match journeys.is_empty() {
                true => words.say("team-message-unsent"),
                false => {
                    let all = words.list(&journeys);
                    words.with("team-message-sent-by", &[("journeys", Put::Text(&all))])
                }
            },
            faults: (faults > 0).then(|| words.counted("team-message-faults", faults)),
            name,
        }
    };
    ListPage {
        which: own.map(|which| which.words(words)),
        others: [other(Which::Folder), other(Which::InForce)],
        messages: shown
            .iter()
            .flat_map(|(which, program)| program.messages.values().map(|one| view(*which, program, one)))
            .collect(),
        shell,
    }
    .render()
}

/// How and why it is sent.
fn about(words: Words, message: &Message) -> String {
    let channel = channel(words, message.channel);
    let places = [
        ("channel", Put::Text(channel.as_str())),
        ("purpose", Put::Text(message.purpose.as_str())),
    ];
    words.with("team-message-about", &places)
}

/// One message, and what came of trying it.
pub struct OneMessage<'a> {
    /// Whose it is.
    pub which: Which,
    /// The program.
    pub program: &'a Program,
    /// The message.
    pub message: &'a Message,
    /// What is chosen.
    pub wish: &'a Wish,
    /// How it reads.
    pub preview: Option<Preview<'a>>,
}

/// How a message reads.
#[derive(Clone, Copy)]
pub struct Preview<'a> {
    /// What was written, or why nothing was.
    pub made: Result<&'a Written, &'a Unwritten>,
    /// By what its HTML is asked for.
    pub frame: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "team_message.html")]
struct Page<'a> {
    shell: Shell<'a>,
    back: String,
    address: String,
    which: &'static str,
    name: &'a str,
    title: &'a str,
    about: String,
    choices: Vec<Choice>,
    values: Vec<(String, String, String)>,
    texts: Vec<(String, String)>,
    stopped: Option<String>,
    written: Option<&'a Written>,
    frame: Option<String>,
    bytes: String,
}

/// A list to choose from: name, label, and each value with its words and whether it is chosen.
struct Choice {
    name: &'static str,
    label: String,
    all: Vec<(&'static str, String, bool)>,
}

/// The page.
pub fn message(frame: &Frame<'_>, one: &OneMessage<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let (message, wish) = (one.message, one.wish);
    let name = message.name.as_str();
    let address = format!("{}/messages/{name}", shell.base);
    let languages = [(Language::Fr, "Français"), (Language::En, "English")];
    let tone = |tone: Option<Tone>| match tone {
        None => ("", words.say("team-tone-own"), wish.tone.is_none()),
        Some(tone) => {
            let key = match tone {
                Tone::Plain => "team-tone-plain",
                Tone::Warm => "team-tone-warm",
                Tone::Formal => "team-tone-formal",
            };
            (tone.as_str(), words.say(key), wish.tone == Some(tone))
        }
    };
    let chosen = wish.channel.unwrap_or(message.channel);
    let channels = Channel::ALL.into_iter();
    let choices = vec![
        Choice {
            name: "language",
            label: words.say("team-message-language"),
            all: languages
                .map(|(language, name)| (language.tag(), name.to_owned(), language == wish.language))
                .to_vec(),
        },
        Choice {
            name: "tone",
            label: words.say("team-message-tone"),
            all: std::iter::once(None)
                .chain(Tone::ALL.into_iter().map(Some))
                .map(tone)
                .collect(),
        },
        Choice {
            name: "channel",
            label: words.say("team-message-channel"),
            all: channels
                .map(|one| (one.as_str(), channel(words, one), one == chosen))
                .collect(),
        },
    ];
    let values = message.reads.iter().map(|name| {
        let title = one.program.dictionary.trait_title(name, frame.language);
        let typed = wish.values.get(name).cloned().unwrap_or_default();
        (value_key(name), title.to_owned(), typed)
    });
    let folder = format!("messages/{name}/");
    let texts = one.program.files().keys().filter_map(|path| {
        let file = path
            .strip_prefix(&folder)
            .filter(|file| !file.ends_with(".yaml"))?;
        let to = format!(
            "{address}/words?lang={}&of={}&file={file}",
            shell.tag,
            one.which.as_str()
        );
        Some((to, file.to_owned()))
    });
    let (written, stopped) = match one.preview.map(|preview| preview.made) {
        None => (None, None),
        Some(Ok(written)) => (Some(written), None),
        Some(Err(unwritten)) => (None, Some(not_written(words, unwritten))),
    };
    let framed = one.preview.and_then(|preview| preview.frame);
    Page {
        back: format!(
            "{}/messages?lang={}&of={}",
            shell.base,
            shell.tag,
            one.which.as_str()
        ),
        which: one.which.as_str(),
        title: message.title.of(frame.language),
        about: about(words, message),
        choices,
        values: values.collect(),
        texts: texts.collect(),
        stopped,
        frame: framed.map(|token| format!("{}/messages/shown/{token}", shell.base)),
        bytes: words.counted("team-bytes", written.map_or(0, |written| written.bytes) as u64),
        written,
        address,
        name,
        shell,
    }
    .render()
}

fn not_written(words: Words, unwritten: &Unwritten) -> String {
    let (key, told) = match unwritten {
        Unwritten::NotReady(problem) => ("team-unwritten-not-ready", problem),
        Unwritten::Stopped(code, told) => (
            match *code {
                "aborted" => "team-unwritten-aborted",
                "missing_value" => "team-unwritten-missing",
                "claim_without_fact" => "team-unwritten-claim",
                "no_text" => "team-unwritten-no-text",
                "no_address" => "team-unwritten-no-address",
                _ => "team-unwritten-fault",
            },
            told,
        ),
    };
    words.with(key, &[("told", Put::Text(told))])
}

fn channel(words: Words, channel: Channel) -> String {
    words.say(match channel {
        Channel::Email => "team-channel-email",
        Channel::Sms => "team-channel-sms",
        Channel::Push => "team-channel-push",
        Channel::InApp => "team-channel-in-app",
    })
}

/// A text of a message, and what the checker finds in it.
pub struct OneText<'a> {
    /// Of which message.
    pub name: &'a str,
    /// Whose it is.
    pub which: Which,
    /// Its path in the program.
    pub file: &'a str,
    /// The text as it is now.
    pub text: &'a str,
    /// What is found.
    pub found: &'a [Fault],
}

#[derive(Template)]
#[template(path = "team_words.html")]
struct TextPage<'a> {
    shell: Shell<'a>,
    back: String,
    address: String,
    which: &'static str,
    path: &'a str,
    file: String,
    text: &'a str,
    script: String,
    findings: Findings,
}

/// What the checker finds, as the page and its script show it.
#[derive(Serialize)]
pub struct Findings {
    said: String,
    findings: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    title: String,
    why: String,
    alternative: String,
}

/// The findings in the words of the page.
pub fn findings(language: Language, found: &[Fault]) -> Findings {
    let words = Words::of(language);
    let own = |text: &str| in_words(language, text).unwrap_or_else(|| text.to_owned());
    let one = |fault: &Fault| {
        let (line, column) = (fault.mark.line, fault.mark.column);
        let places = [
            ("line", Put::Count(u64::from(line))),
            ("column", Put::Count(u64::from(column))),
        ];
        let key = match fault.severity {
            Severity::Error => "team-found-error",
            Severity::Warning => "team-found-warning",
        };
        Found {
            title: words.with(key, &places),
            why: own(&fault.message),
            alternative: own(&fault.mend),
        }
    };
    Findings {
        said: match found.is_empty() {
            true => words.say("team-found-nothing"),
            false => words.counted("team-found", found.len() as u64),
        },
        findings: found.iter().map(one).collect(),
    }
}

/// The page.
pub fn text(frame: &Frame<'_>, one: &OneText<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let address = format!("{}/messages/{}", shell.base, one.name);
    let own = format!("messages/{}/", one.name);
    TextPage {
        back: format!("{address}?lang={}&of={}", shell.tag, one.which.as_str()),
        address: format!("{address}/words"),
        which: one.which.as_str(),
        path: one.file,
        file: one.file.strip_prefix(&own).unwrap_or_default().to_owned(),
        text: one.text,
        script: format!("{}{}", frame.root, crate::web::assets::LINT.path),
        findings: findings(frame.language, one.found),
        shell,
    }
    .render()
}
