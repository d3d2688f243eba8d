//! A message: its channel and purpose, its words' files in each language and tone, and what it claims.
//!
//! Deliberately does not know: the language of templates, people, how it is sent.

use crate::words::{Name, Words};
use std::collections::BTreeMap;
pub use vocabulary::Tone;
use vocabulary::{Channel, ItemId, Language, Moment, PurposeName};

/// A message.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// The name of its folder.
    pub name: Name,
    /// What people read of it.
    pub title: Words,
    /// How it reaches the person.
    pub channel: Channel,
    /// Why it is sent: `service`, or the marketing of its channel.
    pub purpose: PurposeName,
    /// The subject of an e-mail; in every language of the program. Empty for other channels.
    pub subject: Translations,
    /// Its files by their path in the program; in every language of the program.
    pub files: Translations,
    /// Files of other tones, by their path; in every language of the program.
    pub tones: BTreeMap<Tone, Translations>,
    /// Traits of the person that its words use.
    pub reads: Vec<String>,
    /// What its words claim, each bound to a fact.
    pub claims: Vec<Claim>,
    /// Each of `claims` as the lint knows it, in the same order: which claim, and whether the message stops
    /// when its fact is gone.
    pub bound: Vec<honesty::Bound>,
    /// Blocking findings that stand all the same; a second person must approve the program.
    pub overrides: Vec<Override>,
}

/// A rule of honesty that a message breaks knowingly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// Which rule.
    pub rule: honesty::Rule,
    /// Why: anybody can read it in the register.
    pub reason: String,
}

/// The same in several languages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Translations {
    /// French.
    pub fr: Option<String>,
    /// English.
    pub en: Option<String>,
}

impl Translations {
    /// That of the language, if it is there.
    pub fn of(&self, language: Language) -> Option<&str> {
        match language {
            Language::Fr => self.fr.as_deref(),
            Language::En => self.en.as_deref(),
        }
    }
}

/// Something a message claims, with the fact that must be there while it is rendered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// Time is short: until a deadline of the settings.
    Urgency {
        /// Which deadline.
        deadline: Name,
    },
    /// Little is left: of an item.
    Scarcity {
        /// Which item.
        stock: ItemId,
    },
    /// Others do it: an event is counted.
    SocialProof {
        /// Which event.
        counted: String,
    },
    /// The price is lower than the lowest of the 30 days before (Directive 98/6/EC, art. 6a).
    Discount {
        /// Of which item.
        prior_price: ItemId,
    },
    /// Somebody praises it: a source that can be named and was checked.
    Testimonial {
        /// Whose words they are, and where they stand.
        source: String,
        /// When somebody last checked that they do.
        checked: Option<Moment>,
    },
}
