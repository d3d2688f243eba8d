//! The consent page: what is asked, by whom, what stands now, and a form that says no as easily as yes.
//!
//! Deliberately does not know where any of it comes from. `GET` [`PATH`] with `lang`, `source` and `notice` shows;
//! `POST` [`PATH`] with `lang`, `source`, `notice`, `version`, `text`, `choice` (`all`, `none` or `some`)
//! and any number of `purpose` changes. Whoever handles the `POST` answers with a redirect (303) to
//! [`address`].

use super::assets::{ICON, STYLE};
use crate::words::{Put, Words};
use askama::Template;
use vocabulary::Language;

/// The address of the page, and where its form goes.
pub const PATH: &str = "/consent";

/// Everything the page shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsentPage {
    /// The language of the page.
    pub language: Language,
    /// The source whose page this is.
    pub source: String,
    /// What is asked; none where nothing is.
    pub notice: Option<Asked>,
    /// What stands.
    pub standing: Standing,
    /// The browser says no for the person: a yes would change nothing.
    pub signal: Option<Signal>,
    /// What the person just did.
    pub said: Option<Said>,
}

/// A notice, in the language of the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The hash of the words, hexadecimal.
    pub text_hash: String,
    /// Who asks.
    pub controller: String,
    /// The question.
    pub title: String,
    /// The words; paragraphs are parted by empty lines.
    pub text: String,
    /// Each its own choice.
    pub purposes: Vec<AskedPurpose>,
}

/// One purpose of a notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedPurpose {
    /// Its name in forms.
    pub name: &'static str,
    /// Its name for people.
    pub label: String,
    /// What a yes means.
    pub text: String,
    /// Whether a yes stands.
    pub given: bool,
}

/// What stands for this browser.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Standing {
    /// No answer yet.
    #[default]
    Open,
    /// At least one yes.
    Given,
    /// No, to everything.
    Refused,
}

/// How a browser says no for the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// Global Privacy Control.
    Gpc,
    /// Advanced Data Protection Control: everything is withdrawn.
    Adpc,
}

/// What the person just did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// Permitted something.
    Given,
    /// Refused, or took back, everything.
    Refused,
    /// The form was not from this page, or too old.
    Stale,
}

impl Said {
    const ALL: [Said; 3] = [Said::Given, Said::Refused, Said::Stale];

    /// The word in the page's address.
    pub fn as_str(self) -> &'static str {
        match self {
            Said::Given => "given",
            Said::Refused => "refused",
            Said::Stale => "stale",
        }
    }

    /// What that word says.
    pub fn parse(word: &str) -> Option<Said> {
        Said::ALL.into_iter().find(|said| said.as_str() == word)
    }
}

/// The address of the page in a language, for a source and a notice.
pub fn address(source: &str, notice: &str, language: Language) -> String {
    format!("{PATH}?source={source}&notice={notice}&lang={}", language.tag())
}

/// The page as HTML.
pub fn page(view: &ConsentPage) -> Result<String, askama::Error> {
    Page::of(view).render()
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Page<'a> {
    words: Words,
    tag: &'static str,
    style: &'a str,
    icon: &'a str,
    path: &'static str,
    source: &'a str,
    languages: [LanguageLink; 2],
    notice: Option<&'a Asked>,
    paragraphs: Vec<&'a str>,
    asked_by: String,
    version: String,
    standing: String,
    given: bool,
    signal: Option<String>,
    said: Option<String>,
    alert: bool,
}

struct LanguageLink {
    tag: &'static str,
    name: &'static str,
    address: String,
    current: bool,
}

impl<'a> Page<'a> {
    fn of(view: &'a ConsentPage) -> Page<'a> {
        let words = Words::of(view.language);
        let notice = view.notice.as_ref();
        let link = |(language, name): (Language, &'static str)| LanguageLink {
            tag: language.tag(),
            name,
            address: address(
                &view.source,
                notice.map_or("", |asked| asked.id.as_str()),
                language,
            ),
            current: language == view.language,
        };
        Page {
            words,
            tag: view.language.tag(),
            style: &STYLE.path,
            icon: &ICON.path,
            path: PATH,
            source: &view.source,
            languages: [(Language::En, "English"), (Language::Fr, "Français")].map(link),
            paragraphs: notice.map(paragraphs).unwrap_or_default(),
            asked_by: notice.map(|asked| asked_by(words, asked)).unwrap_or_default(),
            version: notice.map(|asked| version(words, asked)).unwrap_or_default(),
            standing: standing(words, view),
            given: view.standing == Standing::Given,
            signal: view.signal.map(|signal| {
                words.say(match signal {
                    Signal::Gpc => "ask-signal-gpc",
                    Signal::Adpc => "ask-signal-adpc",
                })
            }),
            said: view.said.map(|said| {
                words.say(match said {
                    Said::Given => "ask-said-given",
                    Said::Refused => "ask-said-refused",
                    Said::Stale => "ask-said-stale",
                })
            }),
            alert: view.said == Some(Said::Stale),
            notice,
        }
    }
}

fn paragraphs(asked: &Asked) -> Vec<&str> {
    let parts = asked.text.split("\n\n").map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

/// Who asks, in one sentence; the dialogue says it too.
pub(super) fn asked_by(words: Words, asked: &Asked) -> String {
    words.with("ask-by", &[("controller", Put::Text(&asked.controller))])
}

/// Which words these are, so that a person can name them.
pub(super) fn version(words: Words, asked: &Asked) -> String {
    let number = asked.version.to_string();
    let hash: String = asked.text_hash.chars().take(12).collect();
    let places = [
        ("notice", Put::Text(&asked.id)),
        ("number", Put::Text(&number)),
        ("hash", Put::Text(&hash)),
    ];
    words.with("ask-version", &places)
}

fn standing(words: Words, view: &ConsentPage) -> String {
    match view.standing {
        Standing::Open => words.say("ask-standing-open"),
        Standing::Refused => words.say("ask-standing-refused"),
        Standing::Given => {
            let given = view.notice.iter().flat_map(|asked| &asked.purposes);
            let labels: Vec<String> = given.filter(|p| p.given).map(|p| p.label.clone()).collect();
            words.with(
                "ask-standing-given",
                &[("purposes", Put::Text(&words.list(&labels)))],
            )
        }
    }
}
