//! The outbox in stored bytes.
//!
//! Deliberately does not know: how it changes.

use minicbor::{Decode, Encode};
use vocabulary::PurposeName;

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Kind {
    /// A message to the person.
    Message = 0,
    /// Something a member of the team has to do.
    Task = 1,
    /// Another system is told.
    Webhook = 2,
}

impl Kind {
    /// Of that number; of one that is not known, a message, which asks for the most.
    pub(crate) fn of_number(number: u8) -> Kind {
        match number {
            1 => Kind::Task,
            2 => Kind::Webhook,
            _ => Kind::Message,
        }
    }

    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Message => "message",
            Kind::Task => "task",
            Kind::Webhook => "webhook",
        }
    }
}

/// All of it.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub(crate) struct Outbox {
    /// What waits or is on its way, in the order of coming.
    #[n(0)]
    pub(crate) waiting: Vec<Entry>,
    /// What left lately.
    #[n(1)]
    pub(crate) sent: Vec<Sent>,
    /// How many found no room since it was told last.
    #[n(2)]
    pub(crate) overflowed: Option<u32>,
}

/// Something that waits to leave.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Entry {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    /// A [`Kind`].
    #[n(1)]
    pub(crate) kind: u8,
    /// Of the message, the queue or the webhook, in the program.
    #[n(2)]
    pub(crate) name: String,
    #[n(3)]
    pub(crate) journey: String,
    /// Which run of the journey.
    #[n(4)]
    pub(crate) key: Option<String>,
    #[n(5)]
    pub(crate) step: Option<String>,
    #[n(6)]
    pub(crate) entered_at: i64,
    /// Its own in the run.
    #[n(7)]
    pub(crate) number: u32,
    /// By which program it was queued.
    #[cbor(n(8), with = "minicbor::bytes")]
    pub(crate) program: [u8; 32],
    #[n(9)]
    pub(crate) queued_at: i64,
    #[n(10)]
    pub(crate) not_before: i64,
    /// Why it was put off, the code.
    #[n(11)]
    pub(crate) held: Option<String>,
    /// How often it was handed over.
    #[n(12)]
    pub(crate) tries: u32,
    /// It is being handed over.
    #[n(13)]
    pub(crate) marked: Option<Marked>,
    /// For which purpose, as the program had it when it was queued.
    #[n(14)]
    pub(crate) purpose: u8,
    /// The record of the first time it was marked: under this it leaves, each time.
    #[cbor(n(15), with = "minicbor::bytes")]
    pub(crate) reference: Option<[u8; 16]>,
}

impl Entry {
    /// Whether it makes room for others: everything but the service itself, tasks and what systems are told.
    pub(crate) fn is_commercial(&self) -> bool {
        self.kind == Kind::Message as u8 && self.purpose != PurposeName::Service as u8
    }
}

/// That an entry is handed over, written down before it is.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Marked {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    #[n(1)]
    pub(crate) at: i64,
    /// Under which lease of the store.
    #[n(2)]
    pub(crate) epoch: u64,
    /// Of the decision.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) record: [u8; 16],
    #[n(4)]
    pub(crate) channel: u8,
    /// Together with that entry, in one message.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub(crate) with: Option<[u8; 16]>,
    /// What is shown inside an app: the digest of what the record says of its words. While it waits to be seen it is
    /// written again each time it is collected, and recorded again when it says something else.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub(crate) words: Option<[u8; 32]>,
}

impl Marked {
    /// Whether it is shown inside an app: collected, and waiting to be seen.
    pub(crate) fn is_shown(&self) -> bool {
        self.words.is_some()
    }

    /// Until when nobody has to look at it: what an app shows waits to be seen.
    pub(crate) fn rests_until(&self) -> i64 {
        match self.is_shown() {
            true => self.at.saturating_add(super::SHOWN_MS),
            false => self.at,
        }
    }
}

/// Something that left.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Sent {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    #[n(1)]
    pub(crate) at: i64,
    #[n(2)]
    pub(crate) answered_at: i64,
    #[n(3)]
    pub(crate) channel: u8,
    #[n(4)]
    pub(crate) purpose: u8,
    #[n(5)]
    pub(crate) name: String,
    #[cbor(n(6), with = "minicbor::bytes")]
    pub(crate) record: [u8; 16],
    /// A [`crate::Became`].
    #[n(7)]
    pub(crate) became: u8,
    /// Together with that entry, in one message.
    #[cbor(n(8), with = "minicbor::bytes")]
    pub(crate) with: Option<[u8; 16]>,
    /// Under this it left.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub(crate) reference: [u8; 16],
}

/// A way that is closed to messages.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Suppressed {
    #[n(0)]
    pub(crate) channel: u8,
    /// A [`crate::clearance::WhySuppressed`]; the smaller holds back more.
    #[n(1)]
    pub(crate) why: u8,
    #[n(2)]
    pub(crate) since: i64,
}

/// What a turn at an outbox changes, as an input.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub(crate) struct Turn {
    #[n(0)]
    pub(crate) marked: Vec<Marked>,
    #[n(1)]
    pub(crate) later: Vec<Later>,
    #[n(2)]
    pub(crate) ended: Vec<Ended>,
    #[n(3)]
    pub(crate) answered: Vec<Answered>,
    #[n(4)]
    pub(crate) suppressed: Vec<Suppressed>,
    /// A record says how many found no room.
    #[n(5)]
    pub(crate) told_overflow: Option<bool>,
}

/// An entry that is put off; a mark goes with it.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Later {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    #[n(1)]
    pub(crate) until: i64,
    #[n(2)]
    pub(crate) code: String,
}

/// An entry that ends without having left.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Ended {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    #[n(1)]
    pub(crate) code: String,
}

/// What became of an entry that was handed over.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Answered {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    /// A [`crate::Became`].
    #[n(1)]
    pub(crate) became: u8,
    /// It left, or may have: it counts.
    #[n(2)]
    pub(crate) left: Option<bool>,
}
