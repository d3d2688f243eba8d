//! How many messages may leave: in any twenty-four hours and in any seven days, over all channels and by each.
//! Sliding, so that no end of a week lets twice as many through. The person's own number is asked beside the
//! operator's, and the smaller rules.
//!
//! Deliberately does not know: what the messages are.

use super::{Code, Facts, Held, Rules};
use std::collections::BTreeMap;
use vocabulary::{Channel, DAY_MS, Moment};

/// At most so many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cap {
    /// In any twenty-four hours; none: as many as there are.
    pub per_day: Option<u16>,
    /// In any seven days.
    pub per_week: Option<u16>,
}

/// The operator's caps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Caps {
    /// Over all channels.
    pub all: Cap,
    /// By each of these.
    pub channels: BTreeMap<Channel, Cap>,
}

/// The moment at which there is room again, if there is none at `at`.
pub(super) fn full(facts: &Facts<'_>, rules: &Rules, at: Moment) -> Option<(Moment, Held)> {
    let own = facts.contract.per_week.map(u16::from);
    let channel = rules
        .caps
        .channels
        .get(&facts.channel)
        .copied()
        .unwrap_or_default();
    let all = rules.caps.all;
    let limits = [
        (own, 7, None, "contract/per-week"),
        (all.per_week, 7, None, "program/caps/per-week"),
        (all.per_day, 1, None, "program/caps/per-day"),
        (
            channel.per_week,
            7,
            Some(facts.channel),
            "program/caps/channel-per-week",
        ),
        (
            channel.per_day,
            1,
            Some(facts.channel),
            "program/caps/channel-per-day",
        ),
    ];
    let each = limits.into_iter().filter_map(|(limit, days, channel, policy)| {
        let until = room(facts.left, limit?, days, channel, at)?;
        Some((until, Held::of(Code::FrequencyCapped, policy)))
    });
    // The longest wait; of two of one moment the first, which is the person's own.
    each.fold(None, |found: Option<(Moment, Held)>, one| match found {
        Some(found) if found.0 >= one.0 => Some(found),
        _ => Some(one),
    })
}

/// When fewer than `limit` lie in the `days` before. `None`: it is so at `at`.
fn room(
    left: &[(Moment, Channel)],
    limit: u16,
    days: i64,
    channel: Option<Channel>,
    at: Moment,
) -> Option<Moment> {
    let counts = |(when, by): &&(Moment, Channel)| {
        channel.is_none_or(|channel| channel == *by) && when.0.saturating_add(days * DAY_MS) > at.0
    };
    let mut within: Vec<i64> = left.iter().filter(counts).map(|(when, _)| when.0).collect();
    if limit == 0 {
        return Some(crate::calendar::NEVER);
    }
    let limit = usize::from(limit);
    if within.len() < limit {
        return None;
    }
    within.sort_unstable();
    let frees = within.get(within.len() - limit)?;
    Some(Moment(frees.saturating_add(days * DAY_MS)))
}
