//! Evidence: how a choice came about. Which words were shown, where and how, what the person did, in
//! which language, what their browser asked for. It is sealed with the record of the choice, so that a
//! consent can be proven (GDPR art. 7(1)) for as long as the person is known, and by them alone after.
//!
//! Deliberately does not know: storage, keys, who the person is.

use serde_json::{Value, json};
use vocabulary::{Digest, Language, Moment};

/// Longest place of a page that is kept, bytes.
pub const MAX_PAGE: usize = 256;
/// Longest name of where imported consents come from, bytes.
pub const MAX_ORIGIN: usize = 200;

/// What was shown or used when the person chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Component {
    /// The first-party dialogue on the site.
    Dialogue,
    /// The form page that works without script.
    Form,
    /// The person's own page, `/me`.
    OwnPage,
    /// A dialogue of the site, reported over the API.
    Api,
    /// A preference stamped on an event or reported by `Segment Consent Preference Updated`.
    Event,
    /// A header of the browser: GPC or ADPC.
    Header,
    /// Taken over from another system.
    Import,
    /// Said before, lost with the store, and taken from the file outside it.
    Restoration,
    /// The link of a message.
    Message,
}

impl Component {
    /// Every component.
    pub const ALL: [Component; 9] = [
        Component::Dialogue,
        Component::Form,
        Component::OwnPage,
        Component::Api,
        Component::Event,
        Component::Header,
        Component::Import,
        Component::Restoration,
        Component::Message,
    ];

    /// The name in records and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Component::Dialogue => "dialogue",
            Component::Form => "form",
            Component::OwnPage => "own_page",
            Component::Api => "api",
            Component::Event => "event",
            Component::Header => "header",
            Component::Import => "import",
            Component::Restoration => "restoration",
            Component::Message => "message",
        }
    }

    /// The component of that name, if there is one.
    pub fn parse(name: &str) -> Option<Component> {
        Component::ALL.into_iter().find(|c| c.as_str() == name)
    }
}

/// What the person did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// One control for all: yes.
    AcceptAll,
    /// One control for all: no.
    RefuseAll,
    /// Answers one by one.
    Save,
    /// Took a consent back.
    Withdraw,
    /// Objected to direct marketing (GDPR art. 21(2)).
    Object,
    /// Their browser said it for them (GDPR art. 21(5)).
    Signal,
    /// Not known: another system says so.
    Reported,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 7] = [
        Action::AcceptAll,
        Action::RefuseAll,
        Action::Save,
        Action::Withdraw,
        Action::Object,
        Action::Signal,
        Action::Reported,
    ];

    /// The name in records and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::AcceptAll => "accept_all",
            Action::RefuseAll => "refuse_all",
            Action::Save => "save",
            Action::Withdraw => "withdraw",
            Action::Object => "object",
            Action::Signal => "signal",
            Action::Reported => "reported",
        }
    }

    /// The action of that name, if there is one.
    pub fn parse(name: &str) -> Option<Action> {
        Action::ALL.into_iter().find(|a| a.as_str() == name)
    }
}

/// The words that were shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The notice.
    pub notice: String,
    /// Its version.
    pub version: u32,
    /// In which language.
    pub language: Language,
    /// The hash of the text as the caller has it ([`crate::notice::NoticeText::digest`]). If it is there
    /// it must fit; the record holds the true one in any case.
    pub text: Option<Digest>,
}

/// Where an imported choice was made, as the importer says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The earlier system, form or list; at most [`MAX_ORIGIN`] bytes.
    pub source: String,
    /// When the person chose.
    pub at: Moment,
}

/// How a choice came about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The notice that was shown; without one no permission is taken over the API.
    pub shown: Option<Shown>,
    /// What was shown or used.
    pub component: Component,
    /// What the person did.
    pub action: Action,
    /// Host and path of the page; query string and fragment are cut off here, not by the caller.
    pub page: Option<String>,
    /// `Sec-GPC: 1` came with the request.
    pub gpc: bool,
    /// An `ADPC` header came with the request.
    pub adpc: bool,
    /// Of an import only.
    pub origin: Option<Origin>,
}

impl Evidence {
    /// A choice made with `component` by `action`, nothing else known yet.
    pub fn new(component: Component, action: Action) -> Evidence {
        Evidence {
            shown: None,
            component,
            action,
            page: None,
            gpc: false,
            adpc: false,
            origin: None,
        }
    }

    /// Canonical JSON: keys in the order of the alphabet, digests of the notice filled in.
    pub(crate) fn canonical(&self, notice: Option<&Fitting>) -> String {
        let shown = match (&self.shown, notice) {
            (Some(shown), Some(fitting)) => json!({
                "controller": fitting.controller,
                "digest": fitting.notice.to_string(),
                "id": shown.notice,
                "language": shown.language.tag(),
                "text": fitting.text.to_string(),
                "valid_days": fitting.valid_days,
                "version": shown.version,
            }),
            _ => Value::Null,
        };
        let origin = match &self.origin {
            Some(origin) => json!({ "at": origin.at.0, "source": cut(&origin.source, MAX_ORIGIN) }),
            None => Value::Null,
        };
        json!({
            "action": self.action.as_str(),
            "adpc": self.adpc,
            "component": self.component.as_str(),
            "gpc": self.gpc,
            "notice": shown,
            "origin": origin,
            "page": self.page.as_deref().and_then(place),
        })
        .to_string()
    }
}

/// The addresses of the notice and the text that evidence names, once they were found to fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fitting {
    pub(crate) controller: String,
    pub(crate) notice: Digest,
    pub(crate) text: Digest,
    pub(crate) valid_days: u32,
}

/// Host and path of an address, without scheme, user, query string or fragment: `?email=…` must not
/// end up in a record. `None` if nothing is left.
fn place(page: &str) -> Option<String> {
    let page = page.split(['?', '#']).next().unwrap_or_default();
    let page = page.split_once("://").map_or(page, |(_, rest)| rest);
    let (host, path) = page.split_at(page.find('/').unwrap_or(page.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    let kept = cut(&format!("{host}{path}"), MAX_PAGE).to_owned();
    let printable = !kept.is_empty() && !kept.chars().any(char::is_control);
    printable.then_some(kept)
}

fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_page_only_host_and_path_are_kept() {
        for (page, kept) in [
            (
                "https://shop.example/mugs?email=a@b.example#top",
                Some("shop.example/mugs"),
            ),
            ("https://ann:secret@shop.example/", Some("shop.example/")),
            ("/mugs", Some("/mugs")),
            ("/@ann/mugs", Some("/@ann/mugs")),
            ("?email=a@b.example", None),
            ("", None),
            ("/a\nb", None),
        ] {
            assert_eq!(place(page).as_deref(), kept, "{page}");
        }
        let long = format!("/{}", "é".repeat(500));
        assert!(place(&long).is_some_and(|kept| kept.len() <= MAX_PAGE && kept.ends_with('é')));
    }

    #[test]
    fn evidence_is_canonical_whatever_the_order_of_its_making() {
        let mut evidence = Evidence::new(Component::Dialogue, Action::Save);
        evidence.page = Some("https://shop.example/a?b=c".to_owned());
        assert_eq!(
            evidence.canonical(None),
            "{\"action\":\"save\",\"adpc\":false,\"component\":\"dialogue\",\"gpc\":false,\
             \"notice\":null,\"origin\":null,\"page\":\"shop.example/a\"}"
        );
    }
}
