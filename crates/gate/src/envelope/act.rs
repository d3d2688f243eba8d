//! What a person does in their privacy centre, and how they are reached to get there, in stored bytes.
//!
//! Deliberately does not know: what an act changes; that is the fold's business.

use super::Wishes;
use super::preferred::{Preference, told};
use minicbor::{Decode, Encode};
use std::borrow::Cow;
use vocabulary::{AgeBracket, Contract, PurposeName, PurposeSet};

/// Something the person did in their privacy centre.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub enum Act {
    /// Take an item out of my history.
    #[n(0)]
    Forget(#[n(0)] String),
    /// Never show me this item.
    #[n(1)]
    Mute(#[n(0)] String),
    /// I object to marketing and profiling (GDPR art. 21), or no longer do.
    #[n(2)]
    Object(#[n(0)] bool),
    /// Keep my data but do not use it (GDPR art. 18), or use it again.
    #[n(3)]
    Restrict(#[n(0)] bool),
    /// What is known of me under this name is wrong; this is right (GDPR art. 16).
    #[n(4)]
    Correct {
        /// The trait, as the data dictionary declares it.
        #[n(0)]
        name: String,
        /// The right value: JSON text, at most [`MAX_TEXT`](crate::dictionary::MAX_TEXT) bytes.
        #[n(1)]
        value: String,
    },
    /// Take this trait out, and do not keep it again until I give it myself.
    #[n(5)]
    RemoveTrait {
        /// The trait.
        #[n(0)]
        name: String,
    },
    /// Show me this item again.
    #[n(6)]
    Unmute(#[n(0)] String),
    /// I am of age, or not (GDPR art. 16): the number of an [`AgeBracket`]; `Unknown` takes back what was
    /// said. See [`Act::age`].
    #[n(7)]
    SayAge(#[n(0)] u8),
    /// A human is asked to look at decisions for these purposes (GDPR art. 22(3)), or has answered. Follows
    /// from a request and is nothing that can be done by itself.
    #[n(8)]
    Contest {
        /// A bit for each purpose, as in [`PurposeSet`].
        #[n(0)]
        purposes: u16,
        /// Whether programs are to be silent from now on.
        #[n(1)]
        open: bool,
    },
    /// How I may be written to. It comes with evidence and is no act by itself: see
    /// [`Gate::set_contract`](crate::Gate::set_contract).
    #[n(9)]
    Contract(#[n(0)] Box<Wishes>),
    /// What I wish of what is recommended to me, one thing after the other. See [`Act::prefer`].
    #[n(10)]
    Prefer(#[n(0)] Vec<Preference>),
}

impl Act {
    /// What the person says of their own age.
    pub fn age(bracket: AgeBracket) -> Act {
        Act::SayAge(bracket as u8)
    }

    /// What the person wishes of what is recommended to them: all of it, in place of what they said before.
    pub fn prefer(all: &vocabulary::Preferences) -> Act {
        let topics = all.topics.iter();
        let first = [
            Preference::Anew,
            Preference::Openness(all.openness as u8),
            Preference::Discovery(all.discovery),
        ];
        Act::Prefer(
            first
                .into_iter()
                .chain(topics.map(|(topic, stance)| Preference::topic(topic, Some(*stance))))
                .collect(),
        )
    }

    /// How the person wishes to be written to.
    pub(crate) fn contract(contract: &Contract) -> Act {
        Act::Contract(Box::new(Wishes::new(contract)))
    }

    /// Its name in records.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Act::Forget(_) => "forget",
            Act::Mute(_) => "mute",
            Act::Unmute(_) => "unmute",
            Act::Object(true) => "object",
            Act::Object(false) => "object_no_longer",
            Act::Restrict(true) => "restrict",
            Act::Restrict(false) => "restrict_no_longer",
            Act::Correct { .. } => "correct",
            Act::RemoveTrait { .. } => "remove_trait",
            Act::SayAge(_) => "say_age",
            Act::Contest { open: true, .. } => "contest",
            Act::Contest { open: false, .. } => "contest_ended",
            Act::Contract(_) => "contract",
            Act::Prefer(_) => "prefer",
        }
    }

    /// What it is about: an item, the name of a trait, an age bracket, purposes, or nothing.
    pub(crate) fn about(&self) -> Option<Cow<'_, str>> {
        match self {
            Act::Forget(about) | Act::Mute(about) | Act::Unmute(about) => Some(about.into()),
            Act::Correct { name, .. } | Act::RemoveTrait { name } => Some(name.into()),
            Act::SayAge(bracket) => Some(bracket_of(*bracket).as_str().into()),
            Act::Contest { purposes, .. } => {
                let names: Vec<&str> = PurposeSet(*purposes).iter().map(PurposeName::as_str).collect();
                Some(names.join(" ").into())
            }
            Act::Prefer(said) => Some(told(said).into()),
            Act::Object(_) | Act::Restrict(_) | Act::Contract(_) => None,
        }
    }
}

/// An e-mail address, as a keyed hash alone, and the `userId` it stands for.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Reached {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) address: [u8; 32],
    #[n(1)]
    pub(crate) user_id: String,
}

/// What the person said of their own age, and when.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct OwnAge {
    #[n(0)]
    pub(crate) bracket: u8,
    #[n(1)]
    pub(crate) at: i64,
}

/// The bracket of that number; of a number there is not, nothing is known.
pub(crate) fn bracket_of(number: u8) -> AgeBracket {
    AgeBracket::ALL
        .into_iter()
        .find(|bracket| *bracket as u8 == number)
        .unwrap_or_default()
}
