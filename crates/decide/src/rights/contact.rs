//! How a person may be written to, and what they and the team said to each other, as parts of the export.
//!
//! Deliberately does not know: how either came about.

use super::export::{hex, time};
use gate::{AnsweringView, Conversation, Pending};
use serde::Serialize;
use vocabulary::{Contract, Preferences};

/// What they wish of what is recommended to them.
#[derive(Serialize)]
pub(super) struct Preferred<'a> {
    pub(super) said_at: Option<String>,
    pub(super) preferences: &'a Preferences,
}

/// The contract, as its own file says it.
#[derive(Serialize)]
pub(super) struct Agreed<'a> {
    pub(super) said_at: Option<String>,
    pub(super) to_be_said: bool,
    pub(super) contract: &'a Contract,
}

#[derive(Serialize)]
pub(super) struct Talked<'a> {
    pub(super) conversation: String,
    pub(super) subject: &'a str,
    pub(super) opened_at: String,
    pub(super) closed_at: Option<String>,
    pub(super) language: Option<&'static str>,
    pub(super) about: Option<&'a str>,
    pub(super) reply_to: Option<&'a str>,
    pub(super) left_out: u32,
    pub(super) turns: Vec<Turn<'a>>,
}

#[derive(Serialize)]
pub(super) struct Turn<'a> {
    pub(super) at: String,
    /// Who of the team; none: the person.
    pub(super) by: Option<&'a str>,
    pub(super) by_mail: bool,
    pub(super) text: &'a str,
    pub(super) attached: &'a [String],
}

/// Something in the person's outbox.
#[derive(Serialize)]
pub(super) struct Outgoing<'a> {
    pub(super) kind: Option<&'static str>,
    pub(super) purpose: Option<&'static str>,
    pub(super) name: &'a str,
    pub(super) journey: Option<&'a str>,
    pub(super) channel: Option<&'static str>,
    pub(super) queued_at: Option<String>,
    pub(super) due_at: Option<String>,
    pub(super) left_at: Option<String>,
    pub(super) state: &'static str,
    pub(super) held: Option<&'a str>,
    /// Among `decisions`: what its words were written from.
    pub(super) record: Option<String>,
}

/// A way to the person that is closed to messages.
#[derive(Serialize)]
pub(super) struct Closed {
    pub(super) channel: Option<&'static str>,
    pub(super) why: &'static str,
    pub(super) since: String,
}

pub(super) fn closed(view: &AnsweringView) -> Vec<Closed> {
    let each = view.closed_ways.iter().map(|way| Closed {
        channel: way.channel.map(|channel| channel.as_str()),
        why: way.why.as_str(),
        since: time(way.since),
    });
    each.collect()
}

pub(super) fn outgoing(view: &AnsweringView) -> Vec<Outgoing<'_>> {
    view.outbox.iter().map(of_outbox).collect()
}

fn of_outbox(pending: &Pending) -> Outgoing<'_> {
    Outgoing {
        kind: pending.kind.map(|kind| kind.as_str()),
        purpose: pending.purpose.map(|purpose| purpose.as_str()),
        name: &pending.name,
        journey: pending.journey.as_deref(),
        channel: pending.channel.map(|channel| channel.as_str()),
        queued_at: pending.queued_at.map(time),
        due_at: pending.due_at.map(time),
        left_at: pending.left_at.map(time),
        state: pending.state,
        held: pending.held.as_deref(),
        record: pending.record.map(hex),
    }
}

pub(super) fn preferred(view: &AnsweringView) -> Preferred<'_> {
    Preferred {
        said_at: view.preferred_at.map(time),
        preferences: &view.preferences,
    }
}

pub(super) fn agreed(view: &AnsweringView) -> Agreed<'_> {
    Agreed {
        said_at: view.contract.at.map(time),
        to_be_said: view.contract.to_be_said,
        contract: &view.contract.contract,
    }
}

pub(super) fn talked(view: &AnsweringView) -> Vec<Talked<'_>> {
    view.conversations.iter().map(one).collect()
}

fn one(talk: &Conversation) -> Talked<'_> {
    Talked {
        conversation: talk.id.to_string(),
        subject: &talk.subject,
        opened_at: time(talk.opened_at),
        closed_at: talk.closed_at.map(time),
        language: talk.language.map(|language| language.tag()),
        about: talk.about.as_deref(),
        reply_to: talk.reply_to.as_deref(),
        left_out: talk.left_out,
        turns: talk
            .turns
            .iter()
            .map(|turn| Turn {
                at: time(turn.at),
                by: turn.by.as_deref(),
                by_mail: turn.by_mail,
                text: &turn.text,
                attached: &turn.attached,
            })
            .collect(),
    }
}
