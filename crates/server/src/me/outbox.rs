//! What waits to be sent to a person, is on its way or in doubt, and which ways to them are closed, in words.
//!
//! Deliberately does not know: how it is shown. What left is told by the timeline.

use crate::app::App;
use crate::web::person::Outgoing;
use crate::words::{Put, Words};
use decide::own_data::OwnData;
use gate::clearance::Code;
use gate::{ClosedWay, Kind, Pending};
use vocabulary::{Language, Moment};

/// What has not left, in the order in which it came.
pub(super) fn outgoing(app: &App, data: &OwnData, language: Language) -> Vec<Outgoing> {
    let open = |pending: &&Pending| matches!(pending.state, "waits" | "leaving" | "shown" | "in_doubt");
    let each = data.outbox.iter().filter(open);
    each.map(|pending| one(app, pending, language)).collect()
}

/// A sentence for each closed way.
pub(super) fn closed(data: &OwnData, language: Language) -> Vec<String> {
    let words = Words::of(language);
    let way = |way: &ClosedWay| {
        let channel = way.channel.map_or("other", |channel| channel.as_str());
        let channel = words.say(&format!("channel-{channel}"));
        let since = words.day(way.since.day());
        let places = [("channel", Put::Text(&channel)), ("day", Put::Text(&since))];
        words.with(&format!("way-{}", way.why.as_str()), &places)
    };
    data.closed_ways.iter().map(way).collect()
}

fn one(app: &App, pending: &Pending, language: Language) -> Outgoing {
    let words = Words::of(language);
    let running = app.running();
    let program = running.as_ref().map(|running| &running.program);
    let named = |key: &str| words.with(key, &[("name", Put::Text(&pending.name))]);
    let message = program.and_then(|program| {
        let mut all = program.messages.values();
        all.find(|one| one.name.as_str() == pending.name)
    });
    let title = match (pending.kind, message) {
        (Some(Kind::Task), _) => named("outgoing-task"),
        (Some(Kind::Webhook), _) => named("outgoing-webhook"),
        (_, Some(message)) => message.title.of(language).to_owned(),
        // The program in force knows it no more.
        (_, None) => pending.name.clone(),
    };
    let mut lines = vec![words.say(&format!("outgoing-{}", pending.state))];
    let held = pending.held.as_deref().filter(|code| Code::parse(code).is_some());
    lines.extend(held.map(|code| words.say(&format!("held-{code}"))));
    let day = |key: &str, at: Moment| {
        let day = words.day(at.day());
        words.with(key, &[("day", Put::Text(&day))])
    };
    let left = pending.left_at.filter(|_| pending.state == "in_doubt");
    lines.extend(left.map(|at| day("outgoing-left", at)));
    if let (Some(channel), Some(purpose)) = (pending.channel, pending.purpose) {
        let channel = words.say(&format!("channel-{}", channel.as_str()));
        let purpose = words.purpose(purpose);
        let places = [("channel", Put::Text(&channel)), ("purpose", Put::Text(&purpose))];
        lines.push(words.with("message-by", &places));
    }
    lines.extend(pending.queued_at.map(|at| day("outgoing-since", at)));
    let due = pending.due_at.filter(|_| pending.state == "waits");
    lines.extend(due.map(|at| day("outgoing-due", at)));
    let journey = pending.journey.as_deref().map(|name| {
        let journey = program.and_then(|program| {
            let mut all = program.journeys.values();
            all.find(|one| one.name.as_str() == name)
        });
        let journey = journey.map_or(name, |one| one.title.of(language));
        words.with("message-journey", &[("journey", Put::Text(journey))])
    });
    lines.extend(journey);
    Outgoing {
        title,
        state: pending.state,
        lines,
    }
}
