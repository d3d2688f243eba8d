//! What the parts of a program use of each other, noted while they are read: names are looked up when all
//! files are in.
//!
//! Deliberately does not know: what is declared.

use crate::dictionary::Type;
use crate::fault::{Mark, Sheet};
use crate::segment::{Did, Window};
use vocabulary::{PurposeName, PurposeSet};

/// Something is used.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// Where.
    pub(crate) mark: Mark,
    /// What.
    pub(crate) what: Used,
    /// For what: what is used must be declared for one of these. Empty: no matter.
    pub(crate) purposes: PurposeSet,
}

/// What is used.
#[derive(Clone, Debug)]
pub(crate) enum Used {
    Event {
        name: String,
        window: Option<i64>,
    },
    Field {
        event: String,
        field: String,
        wants: Wants,
    },
    Trait {
        name: String,
        wants: Wants,
    },
    Items(Did),
    Segment(String),
    Message(String),
    Queue(String),
    Webhook(String),
    Deadline(String),
    Category(String),
    Experiment(String),
}

/// Which types of value a test can be true of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wants {
    Anything,
    Only(Type),
    TextOrList,
}

impl Wants {
    pub(crate) fn fits(self, type_: Type) -> bool {
        match (self, type_) {
            (Wants::Anything, _) | (_, Type::Any) => true,
            (Wants::TextOrList, Type::Text | Type::List) => true,
            // A day is written as a text.
            (Wants::Only(Type::Text), Type::Time) => true,
            (Wants::Only(wanted), declared) => wanted == declared,
            (Wants::TextOrList, _) => false,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Wants::Anything => "any value",
            Wants::Only(type_) => type_.as_str(),
            Wants::TextOrList => "text` or `list",
        }
    }
}

/// A file while it is read: its faults and what it uses.
pub(crate) struct Page<'a> {
    pub(crate) sheet: Sheet<'a>,
    pub(crate) uses: Vec<Use>,
    /// What is read is used for one of these.
    pub(crate) purposes: PurposeSet,
}

impl<'a> Page<'a> {
    pub(crate) fn new(sheet: Sheet<'a>) -> Page<'a> {
        Page {
            sheet,
            uses: Vec::new(),
            purposes: PurposeSet::NONE.with(PurposeName::Segment),
        }
    }

    /// Notes a use for the page's purposes.
    pub(crate) fn uses(&mut self, mark: Mark, what: Used) {
        let purposes = self.purposes;
        self.uses.push(Use { mark, what, purposes });
    }

    pub(crate) fn uses_event(&mut self, mark: Mark, name: &str, window: Window) {
        let window = match window {
            Window::Within(span) => Some(span.window_ms()),
            Window::Ever | Window::Between { .. } => None,
        };
        self.uses(
            mark,
            Used::Event {
                name: name.to_owned(),
                window,
            },
        );
    }
}
