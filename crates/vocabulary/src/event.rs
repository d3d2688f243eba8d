//! An event as it came off the wire, decoded and clock-corrected, not yet filtered. It is personal
//! data in the clear: it lives only between the HTTP body and `gate::intake`.

use crate::{Moment, Signals};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The six calls of the Segment specification.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Who the person is: traits.
    Identify,
    /// What the person did: a named event with properties.
    Track,
    /// A page was seen.
    Page,
    /// A screen of an app was seen.
    Screen,
    /// The person belongs to an account.
    Group,
    /// Two identifiers are one person.
    Alias,
}

impl Kind {
    /// The `type` of the Segment specification.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Identify => "identify",
            Kind::Track => "track",
            Kind::Page => "page",
            Kind::Screen => "screen",
            Kind::Group => "group",
            Kind::Alias => "alias",
        }
    }
}

/// One event of one person.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// The client's identifier of the message, or ours if it sent none; at most 100 bytes.
    pub message_id: String,
    /// Which call.
    pub kind: Kind,
    /// `event` of a track, `name` of a page or screen, `groupId` of a group.
    pub name: String,
    /// `userId`, if any.
    pub user_id: Option<String>,
    /// `anonymousId`, if any.
    pub anonymous_id: Option<String>,
    /// `previousId` of an alias.
    pub previous_id: Option<String>,
    /// When it happened, corrected for the client's clock, never after `received_at`.
    pub at: Moment,
    /// When we received it.
    pub received_at: Moment,
    /// `traits` of identify and group; `properties` of track, page and screen.
    pub fields: Map<String, Value>,
    /// `context.consent.categoryPreferences`, if the object was there. Empty = all refused.
    pub consent: Option<BTreeMap<String, bool>>,
    /// Wishes that came with the request.
    pub signals: Signals,
}

impl std::fmt::Debug for Event {
    /// Nothing personal: the kind only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Event({})", self.kind.as_str())
    }
}
