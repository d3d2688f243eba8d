//! What the record of a message says: what clearance judged by, what was written from, what came of it.
//! Canonical JSON, enough to judge and write again.
//!
//! Deliberately does not know: how it is sealed.

use crate::clearance::{Claims, Facts, Held, Standing};
use crate::outbox::{Entry, Kind};
use serde_json::{Value, json};
use vocabulary::{Channel, Moment};

/// The kind of these records.
pub const KIND: &str = "message";

pub(super) struct Told<'a> {
    pub(super) entries: &'a [Entry],
    pub(super) channel: Option<Channel>,
    pub(super) outcome: &'static str,
    pub(super) held: Option<&'a Held>,
    pub(super) facts: Option<Facts<'a>>,
    /// What the words were written from, and their digest.
    pub(super) said: Value,
    pub(super) now: Moment,
}

impl Told<'_> {
    pub(super) fn details(&self) -> String {
        // Sorted whatever features of `serde_json` other crates switch on: a map of ours is written here by hand
        // in the order of the alphabet.
        let entries: Vec<Value> = self.entries.iter().map(entry).collect();
        json!({
            "at": self.now.0,
            "channel": self.channel.map(Channel::as_str),
            "code": self.held.map(|held| held.code.as_str()),
            "entries": entries,
            "facts": self.facts.map(|facts| told(&facts)),
            "outcome": self.outcome,
            "policy": self.held.map(|held| held.policy.as_str()),
            "said": self.said,
        })
        .to_string()
    }
}

fn entry(entry: &Entry) -> Value {
    json!({
        "entered_at": entry.entered_at,
        "id": hex(&entry.id),
        "journey": entry.journey,
        "key": entry.key,
        "kind": Kind::of_number(entry.kind).as_str(),
        "name": entry.name,
        "number": entry.number,
        "queued_at": entry.queued_at,
        "step": entry.step,
    })
}

fn told(facts: &Facts<'_>) -> Value {
    let left: Vec<Value> = facts
        .left
        .iter()
        .map(|(at, by)| json!([at.0, by.as_str()]))
        .collect();
    json!({
        "claims": match facts.claims {
            Claims::Backed => "backed",
            Claims::Dead => "dead",
        },
        "contract": facts.contract,
        "conversation": facts.conversation,
        "left": left,
        "purpose": facts.purpose.as_str(),
        "standing": match facts.standing {
            Standing::InForce => "in_force",
            Standing::NotApproved => "not_approved",
            Standing::Paused => "paused",
            Standing::Gone => "gone",
        },
        "suppressed": facts.suppressed.map(|why| why.as_str()),
        "zone": facts.zone.iana_name(),
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
