//! What a person does in their privacy centre, and how they are reached to get there, in stored bytes.
//!
//! Deliberately does not know: what an act changes; that is the fold's business.

use minicbor::{Decode, Encode};

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
}

impl Act {
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
        }
    }

    /// What it is about: an item, the name of a trait, or nothing.
    pub(crate) fn about(&self) -> Option<&str> {
        match self {
            Act::Forget(about) | Act::Mute(about) | Act::Unmute(about) => Some(about),
            Act::Correct { name, .. } | Act::RemoveTrait { name } => Some(name),
            Act::Object(_) | Act::Restrict(_) => None,
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
