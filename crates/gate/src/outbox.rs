//! The outbox: what waits to leave for a person, what is on its way, and what left lately, in their own
//! envelope. Folded purely, so that after a crash it is what it was.
//!
//! What a journey wants to say comes in with the journey's own step, in one durable unit. An entry leaves by
//! being *marked*: that is durable before anything is handed to a channel, under the version of the envelope
//! that was judged. What became of it is another input. An entry that was marked and has no answer is *in doubt*
//! as soon as nobody is handing it over any more: what is for marketing is then never sent again.
//!
//! At most [`WAITING_MAX`] wait. When one more comes, the oldest that waits and is for marketing makes room; if
//! there is none, the one that comes is not taken. Either is counted, and told with the next record.
//!
//! Deliberately does not know: whether something may leave (`clearance`), what it says, how it is carried.

mod kept;
mod pending;

pub use kept::Kind;
pub(crate) use kept::{Answered, Ended, Entry, Later, Marked, Outbox, Sent, Suppressed, Turn};
pub use pending::{ClosedWay, Pending};
pub(crate) use pending::{became, closed, pending};

use crate::envelope::{Content, Input, Terms};
use std::collections::HashSet;
use vocabulary::{DAY_MS, Digest, Moment, PurposeName, PurposeSet};

/// Entries that wait or are on their way.
pub const WAITING_MAX: usize = 50;
/// The channel of what is told to another system.
pub(crate) const NO_CHANNEL: u8 = u8::MAX;
/// What left that is remembered: enough for every cap there can be.
pub(crate) const SENT_MAX: usize = 300;
/// How long what left is remembered: bounces and complaints come within days, caps look back a week.
pub(crate) const SENT_MS: i64 = 35 * DAY_MS;

/// How long what an app collected waits to be seen.
pub(crate) const SHOWN_MS: i64 = 30 * DAY_MS;

/// The identity of an entry: nobody's once the seed is, and the same however often it is made.
pub(crate) fn identity(seed: &[u8; 32], entry: &Entry) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(160);
    bytes.extend_from_slice(b"egard outbox 1");
    bytes.extend_from_slice(seed);
    let key = entry.key.as_deref();
    for text in [
        entry.journey.as_str(),
        key.unwrap_or_default(),
        entry.name.as_str(),
    ] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.push(u8::from(key.is_some()));
    bytes.push(entry.kind);
    bytes.extend_from_slice(&entry.entered_at.to_be_bytes());
    bytes.extend_from_slice(&entry.number.to_be_bytes());
    let mut id = [0; 16];
    id.iter_mut()
        .zip(Digest::of(&bytes).0)
        .for_each(|(to, from)| *to = from);
    id
}

/// Folds an input: what is queued, marked, put off, ended and answered.
pub(crate) fn fold(terms: &Terms, content: &mut Content, input: &Input) {
    let queued = input.reaction.as_ref().and_then(|look| look.queued.as_deref());
    for entry in queued.unwrap_or_default() {
        queue(content.outbox.get_or_insert_default(), entry);
    }
    let Some(outbox) = &mut content.outbox else {
        return;
    };
    if let Some(turn) = &input.turn {
        take(outbox, turn, input.at);
    }
    if is_said(input) {
        // The person, or somebody for them, said something: what was held back is judged again at once.
        let waiting = outbox.waiting.iter_mut().filter(|entry| entry.marked.is_none());
        waiting.for_each(|entry| entry.not_before = entry.not_before.min(input.received_at));
    }
    let now = Moment(input.received_at);
    outbox.sent.retain(|sent| sent.at.saturating_add(SENT_MS) > now.0);
    // What a journey wanted rests on the permission to look (GDPR art. 7(3)), but for what the person ordered;
    // what is on its way is finished.
    if !terms.holds(PurposeSet::NONE.with(PurposeName::Segment).0, now) {
        let stays = |entry: &Entry| entry.marked.is_some() || entry.purpose == PurposeName::Service as u8;
        outbox.waiting.retain(stays);
    }
    if *outbox == Outbox::default() {
        content.outbox = None;
    }
}

/// What an input does to the list of ways that are closed to messages.
pub(crate) fn fold_terms(terms: &mut Terms, input: &Input) {
    let closed = input.turn.iter().flat_map(|turn| &turn.suppressed);
    for new in closed {
        let known = terms.suppressed.get_or_insert_default();
        match known.iter_mut().find(|known| known.channel == new.channel) {
            // A dead address stays the stronger reason: it holds back answers too.
            Some(known) if known.why <= new.why => {}
            Some(known) => *known = new.clone(),
            None => known.push(new.clone()),
        }
    }
    if terms.suppressed.is_none() {
        return;
    }
    // Opened again by the person's own new permission for that very way, and by nothing else.
    for choice in input
        .choices
        .iter()
        .filter(|choice| choice.given && choice.explicit)
    {
        let purpose = PurposeName::ALL.get(usize::from(choice.purpose)).copied();
        let Some(channel) = purpose.and_then(PurposeName::channel) else {
            continue;
        };
        let stands = terms
            .consents
            .iter()
            .any(|c| c.purpose == choice.purpose && c.at == input.at && c.explicit_at == Some(input.at));
        if let Some(known) = &mut terms.suppressed {
            known.retain(|one| one.channel != channel as u8 || !(stands && input.at > one.since));
        }
    }
    if terms.suppressed.as_ref().is_some_and(Vec::is_empty) {
        terms.suppressed = None;
    }
}

/// When somebody must look at this outbox: at once if something is marked, since it may be in doubt.
pub(crate) fn due(content: &Content) -> Option<Moment> {
    due_but(content, &HashSet::new())
}

/// As [`due`], without what is being handed over.
pub(crate) fn due_but(content: &Content, in_flight: &HashSet<[u8; 16]>) -> Option<Moment> {
    let outbox = content.outbox.as_ref()?;
    let waiting = outbox.waiting.iter();
    let waiting = waiting.filter(|entry| entry.marked.is_none() || !in_flight.contains(&entry.id));
    let each = waiting.map(|entry| match &entry.marked {
        Some(marked) => marked.rests_until(),
        None => entry.not_before,
    });
    each.filter(|at| *at != i64::MAX).min().map(Moment)
}

/// Whether an input may change what is permitted or wished.
pub(crate) fn is_said(input: &Input) -> bool {
    input.act.is_some()
        || !input.choices.is_empty()
        || input.proof.is_some()
        || input.soft_opt_in.is_some()
        || input.age.is_some()
        || input.gpc
        || input.merging.is_some()
        || input.held_to.is_some()
        || input.talk.is_some()
}

fn queue(outbox: &mut Outbox, entry: &Entry) {
    let same = |known: &Entry| known.id == entry.id;
    if outbox.waiting.iter().any(same) || outbox.sent.iter().any(|sent| sent.id == entry.id) {
        return;
    }
    if outbox.waiting.len() >= WAITING_MAX {
        outbox.overflowed = Some(outbox.overflowed.unwrap_or(0).saturating_add(1));
        let oldest = outbox
            .waiting
            .iter()
            .enumerate()
            .filter(|(_, known)| known.marked.is_none() && known.is_commercial())
            .min_by_key(|(_, known)| (known.queued_at, known.id.to_vec()))
            .map(|(place, _)| place);
        match oldest {
            Some(place) => drop(outbox.waiting.remove(place)),
            None => return,
        }
    }
    outbox.waiting.push(entry.clone());
}

fn take(outbox: &mut Outbox, turn: &Turn, at: i64) {
    if turn.told_overflow == Some(true) {
        outbox.overflowed = None;
    }
    for mark in &turn.marked {
        let entry = outbox.waiting.iter_mut().find(|entry| entry.id == mark.id);
        if let Some(entry) = entry.filter(|entry| entry.marked.is_none()) {
            entry.tries = entry.tries.saturating_add(1);
            entry.reference = entry.reference.or(Some(mark.record));
            entry.marked = Some(mark.clone());
            continue;
        }
        // Shown again in other words: it counts from when it was shown first.
        let shown = outbox.waiting.iter_mut().filter(|entry| entry.id == mark.id);
        for known in shown.filter_map(|entry| entry.marked.as_mut()) {
            if known.is_shown() && mark.is_shown() && known.record != mark.record {
                let at = known.at;
                *known = Marked { at, ..mark.clone() };
            }
        }
    }
    for later in &turn.later {
        let entry = outbox.waiting.iter_mut().find(|entry| entry.id == later.id);
        if let Some(entry) = entry {
            entry.not_before = later.until;
            entry.held = Some(later.code.clone());
            entry.marked = None;
        }
    }
    for ended in &turn.ended {
        outbox.waiting.retain(|entry| entry.id != ended.id);
    }
    for answered in &turn.answered {
        answer(outbox, answered, at);
    }
}

/// What became of an entry. Messages that left together count as one.
fn answer(outbox: &mut Outbox, answered: &Answered, at: i64) {
    if let Some(known) = outbox.sent.iter_mut().find(|sent| sent.id == answered.id) {
        known.became = answered.became.max(known.became);
        return;
    }
    let Some(place) = outbox.waiting.iter().position(|entry| entry.id == answered.id) else {
        return;
    };
    let entry = outbox.waiting.remove(place);
    let Some(marked) = entry.marked else { return };
    if answered.left != Some(true) {
        return;
    }
    if outbox.sent.len() >= SENT_MAX {
        let oldest = outbox.sent.iter().enumerate().min_by_key(|(_, sent)| sent.at);
        if let Some((oldest, _)) = oldest {
            outbox.sent.swap_remove(oldest);
        }
    }
    outbox.sent.push(Sent {
        id: entry.id,
        at: marked.at,
        answered_at: at,
        channel: marked.channel,
        purpose: entry.purpose,
        name: entry.name,
        record: marked.record,
        became: answered.became,
        with: marked.with,
        reference: entry.reference.unwrap_or(marked.record),
    });
}

/// When messages for marketing left, those that are on their way included; what left together once.
pub(crate) fn left(outbox: &Outbox) -> Vec<(Moment, u8)> {
    let commercial =
        |purpose: u8, channel: u8| purpose != PurposeName::Service as u8 && channel != NO_CHANNEL;
    let sent = outbox.sent.iter();
    let sent = sent.filter(|sent| commercial(sent.purpose, sent.channel) && sent.with.is_none());
    let sent = sent.map(|sent| (Moment(sent.at), sent.channel));
    let marked = outbox
        .waiting
        .iter()
        .filter_map(|entry| Some((entry.purpose, entry.marked.as_ref()?)));
    let marked =
        marked.filter(|(purpose, marked)| commercial(*purpose, marked.channel) && marked.with.is_none());
    sent.chain(marked.map(|(_, marked)| (Moment(marked.at), marked.channel)))
        .collect()
}

#[cfg(test)]
mod tests;
