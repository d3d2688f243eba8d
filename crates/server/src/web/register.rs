//! The public register as pages: the register itself, a charter, a dictionary, a model, and what changed
//! between two charters or dictionaries. The same pages are served and written as files; only their
//! links differ ([`Links`]).
//!
//! Deliberately does not know: where the register comes from, requests. Nothing in it is about a person.

mod changes;
mod figures;
mod names;
mod page;

pub(crate) use page::{TrainingView, training};

use super::assets::{ICON, STYLE};
use crate::words::Words;
use askama::Template as _;
use decide::register::{OfModel, Register};
use gate::charter::diff::Rulebook;
use gate::dictionary::Dictionary;
use vocabulary::{Digest, Language};

/// The address of the register.
pub const PATH: &str = "/register";

/// Where a link of these pages leads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// The register.
    Home,
    /// A charter that ruled.
    Charter(Digest),
    /// Its text, to the byte.
    CharterText(Digest),
    /// From one charter to another.
    Charters(Digest, Digest),
    /// A dictionary that ruled.
    Dictionary(Digest),
    /// From one dictionary to another.
    Dictionaries(Digest, Digest),
    /// A model that ruled.
    Model(Digest),
}

/// How addresses are written.
#[derive(Clone, Copy, Debug)]
pub enum Links<'a> {
    /// On the site, with what stands in front of every address.
    Served(&'a str),
    /// Files beside one another.
    Files,
}

impl Place {
    /// The path under the register's own address; empty for the register itself.
    pub fn path(self) -> String {
        match self {
            Place::Home => String::new(),
            Place::Charter(digest) => format!("/charter/{digest}"),
            Place::CharterText(digest) => format!("/charter/{digest}.txt"),
            Place::Charters(from, to) => format!("/charter/{from}..{to}"),
            Place::Dictionary(digest) => format!("/dictionary/{digest}"),
            Place::Dictionaries(from, to) => format!("/dictionary/{from}..{to}"),
            Place::Model(digest) => format!("/model/{digest}"),
        }
    }

    /// The name of its file.
    pub fn file(self, language: Language) -> String {
        let tag = language.tag();
        match self {
            Place::Home => format!("register.{tag}.html"),
            Place::CharterText(_) => self.path().trim_start_matches('/').replace('/', "-"),
            _ => format!(
                "{}.{tag}.html",
                self.path().trim_start_matches('/').replace('/', "-")
            ),
        }
    }
}

impl Links<'_> {
    /// The address of a place in a language.
    pub fn to(self, place: Place, language: Language) -> String {
        match (self, place) {
            (Links::Served(root), Place::CharterText(_)) => format!("{root}{PATH}{}", place.path()),
            (Links::Served(root), _) => format!("{root}{PATH}{}?lang={}", place.path(), language.tag()),
            (Links::Files, _) => place.file(language),
        }
    }

    /// The address of something else: `register.json`, `register.schema.json`, `checkpoint`, `vkey`.
    pub fn file(self, name: &str) -> String {
        match (self, name) {
            (Links::Served(root), "checkpoint") => format!("{root}/ledger/checkpoint"),
            (Links::Served(root), name) => format!("{root}/{name}"),
            (Links::Files, name) => name.to_owned(),
        }
    }

    fn style(self) -> String {
        match self {
            Links::Served(root) => format!("{root}{}", STYLE.path),
            Links::Files => "style.css".to_owned(),
        }
    }

    fn icon(self) -> String {
        match self {
            Links::Served(root) => format!("{root}{}", ICON.path),
            Links::Files => "icon.svg".to_owned(),
        }
    }
}

/// What stands on every page.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The language.
    pub language: Language,
    /// What people call the site.
    pub site: &'a str,
    /// How addresses are written.
    pub links: Links<'a>,
    /// Which page it is.
    pub place: Place,
}

/// Words, addresses and languages of a page.
struct Shell<'a> {
    words: Words,
    tag: &'static str,
    style: String,
    icon: String,
    site: &'a str,
    home: String,
    /// Tag, name, address, whether it is this page's.
    languages: [(&'static str, &'static str, String, bool); 2],
}

impl<'a> Shell<'a> {
    fn of(frame: &Frame<'a>) -> Shell<'a> {
        let language = |language: Language, name| {
            let address = frame.links.to(frame.place, language);
            (language.tag(), name, address, language == frame.language)
        };
        Shell {
            words: Words::of(frame.language),
            tag: frame.language.tag(),
            style: frame.links.style(),
            icon: frame.links.icon(),
            site: frame.site,
            home: frame.links.to(Place::Home, frame.language),
            languages: [
                language(Language::En, "English"),
                language(Language::Fr, "Français"),
            ],
        }
    }
}

/// The register. Each page fails only if the machine cannot hold it.
pub fn page(frame: &Frame<'_>, register: &Register) -> Result<String, askama::Error> {
    page::Page::of(frame, register).render()
}

/// A model, as it speaks of itself.
pub fn model(frame: &Frame<'_>, model: &OfModel) -> Result<String, askama::Error> {
    page::ModelPage::of(frame, model).render()
}

/// A charter, rule by rule.
pub fn charter(frame: &Frame<'_>, digest: Digest, book: &Rulebook) -> Result<String, askama::Error> {
    changes::Charter::of(frame, digest, book).render()
}

/// A dictionary, thing by thing.
pub fn dictionary(
    frame: &Frame<'_>,
    digest: Digest,
    dictionary: &Dictionary,
) -> Result<String, askama::Error> {
    changes::DictionaryPage::of(frame, digest, dictionary).render()
}

/// What changed between two charters, each with its address.
pub fn charters(
    frame: &Frame<'_>,
    from: (Digest, &Rulebook),
    to: (Digest, &Rulebook),
) -> Result<String, askama::Error> {
    changes::Diff::of_charters(frame, from, to).render()
}

/// What changed between two dictionaries, each with its address.
pub fn dictionaries(
    frame: &Frame<'_>,
    from: (Digest, &Dictionary),
    to: (Digest, &Dictionary),
) -> Result<String, askama::Error> {
    changes::Diff::of_dictionaries(frame, from, to).render()
}
