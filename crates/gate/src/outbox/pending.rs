//! What an outbox keeps of a person, for that person: what waits, what is on its way, what is in doubt, what left
//! lately (GDPR art. 15).
//!
//! Words are written when something leaves, not before, so nothing here holds any: where a record is named, it
//! says what they were written from.
//!
//! Deliberately does not know: who asks.

use super::{Entry, Kind, NO_CHANNEL, Outbox, Sent, Suppressed};
use crate::RecordId;
use crate::clearance::WhySuppressed;
use vocabulary::{Channel, Moment, PurposeName};

/// What became of something that left, as it is stored and as it is said.
pub(crate) mod became {
    pub(crate) const IN_DOUBT: u8 = 0;
    pub(crate) const ACCEPTED: u8 = 1;
    pub(crate) const DELIVERED: u8 = 2;
    pub(crate) const FAILED: u8 = 3;
    pub(crate) const BOUNCED: u8 = 4;
    pub(crate) const COMPLAINED: u8 = 5;
    pub(crate) const ACTED: u8 = 6;
    pub(crate) const DISMISSED: u8 = 7;

    pub(super) fn as_str(number: u8) -> &'static str {
        match number {
            ACCEPTED => "accepted",
            DELIVERED => "delivered",
            FAILED => "failed",
            BOUNCED => "bounced",
            COMPLAINED => "complained",
            ACTED => "acted",
            DISMISSED => "dismissed",
            _ => "in_doubt",
        }
    }
}

/// Something in a person's outbox, as they are told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    /// `message`, `task` or `webhook`. Of what left it is not kept any more.
    pub kind: Option<Kind>,
    /// For which purpose. `None`: a number that this version does not know.
    pub purpose: Option<PurposeName>,
    /// Of the message, the queue or the webhook, in the program.
    pub name: String,
    /// Of which journey. Of what left it is not kept any more: its record says it.
    pub journey: Option<String>,
    /// By which way, once that is settled: a way is chosen when it leaves.
    pub channel: Option<Channel>,
    /// Since when it waits. Of what left it is not kept any more.
    pub queued_at: Option<Moment>,
    /// When it is looked at next, at the earliest. `None`: it waits no more, or for something that has no date.
    pub due_at: Option<Moment>,
    /// When it was about to leave.
    pub left_at: Option<Moment>,
    /// `waits`, `leaving` (handed over, and no answer yet: after a crash it is found to be in doubt), `shown` (in an
    /// app, and not seen yet), or what became of it: `in_doubt` (nobody knows whether it left), `accepted`,
    /// `delivered`, `failed`, `bounced`, `complained`, `acted`, `dismissed`.
    pub state: &'static str,
    /// Why it was put off, the stable code.
    pub held: Option<String>,
    /// The record that says what its words were written from.
    pub record: Option<RecordId>,
}

/// A way to the person that is closed to messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClosedWay {
    /// Which way. `None`: a number that this version does not know.
    pub channel: Option<Channel>,
    /// Why.
    pub why: WhySuppressed,
    /// Since when.
    pub since: Moment,
}

/// The ways that are closed.
pub(crate) fn closed(suppressed: &[Suppressed]) -> Vec<ClosedWay> {
    let each = suppressed.iter().map(|one| ClosedWay {
        channel: channel(one.channel),
        why: WhySuppressed::of_number(one.why),
        since: Moment(one.since),
    });
    each.collect()
}

/// All of it: what waits in the order of coming, then what left lately.
pub(crate) fn pending(outbox: Option<&Outbox>) -> Vec<Pending> {
    let Some(outbox) = outbox else {
        return Vec::new();
    };
    let waiting = outbox.waiting.iter().map(waits);
    waiting.chain(outbox.sent.iter().map(left)).collect()
}

fn waits(entry: &Entry) -> Pending {
    let marked = entry.marked.as_ref();
    let state = match marked {
        None => "waits",
        Some(marked) if marked.is_shown() => "shown",
        Some(_) => "leaving",
    };
    let due = marked.is_none() && entry.not_before != i64::MAX;
    Pending {
        kind: Some(Kind::of_number(entry.kind)),
        purpose: purpose(entry.purpose),
        name: entry.name.clone(),
        journey: Some(entry.journey.clone()),
        channel: marked.and_then(|marked| channel(marked.channel)),
        queued_at: Some(Moment(entry.queued_at)),
        due_at: due.then_some(Moment(entry.not_before)),
        left_at: marked.map(|marked| Moment(marked.at)),
        state,
        held: entry.held.clone(),
        record: marked
            .map(|marked| RecordId(marked.record))
            .or(entry.reference.map(RecordId)),
    }
}

fn left(sent: &Sent) -> Pending {
    Pending {
        kind: None,
        purpose: purpose(sent.purpose),
        name: sent.name.clone(),
        journey: None,
        channel: channel(sent.channel),
        queued_at: None,
        due_at: None,
        left_at: Some(Moment(sent.at)),
        state: became::as_str(sent.became),
        held: None,
        record: Some(RecordId(sent.record)),
    }
}

fn purpose(number: u8) -> Option<PurposeName> {
    PurposeName::ALL.get(usize::from(number)).copied()
}

fn channel(number: u8) -> Option<Channel> {
    let known = Channel::ALL.into_iter().find(|channel| *channel as u8 == number);
    known.filter(|_| number != NO_CHANNEL)
}
