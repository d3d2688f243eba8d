//! What a simulated program wanted to say and did not, or said later: by reason and by the policy that decided.
//!
//! Deliberately does not know: how policies decide.

use super::super::chart::{self, Labels};
use super::super::outbox::code_words;
use super::{Chart, One};
use crate::automation::simulated::{ByPolicy, Message, Simulated};
use crate::words::Words;
use std::collections::BTreeMap;

/// What never left, and what was held back for a while.
pub(super) fn of(words: Words, all: &Simulated) -> One {
    let ended = |reason: &str| -> u64 {
        let each = all.journeys.values();
        each.map(|journey| journey.left.get(reason).copied().unwrap_or(0))
            .sum()
    };
    let never_sent = |one: &Message| one.ended.values().flat_map(BTreeMap::values).sum();
    let mut never = by_policy(words, all, |one| &one.ended);
    never.push((words.say("team-refused-left"), ended("not_permitted")));
    never.push((words.say("team-refused-withdrew"), ended("withdrew_segment")));
    let sum = |of: fn(&Message) -> u64| words.count(all.messages.values().map(of).sum());
    One {
        title: String::new(),
        facts: vec![
            (words.say("team-sim-wanted"), sum(|one| one.wanted)),
            (words.say("team-sim-sent"), sum(|one| one.sent)),
            (words.say("team-sim-together"), sum(|one| one.together)),
            (words.say("team-sim-never-title"), sum(never_sent)),
            (words.say("team-sim-waiting"), sum(|one| one.waiting)),
        ],
        charts: [
            bars(words, "never-chart", "team-sim-never-title", never),
            bars(
                words,
                "later-chart",
                "team-sim-later-title",
                by_policy(words, all, |one| &one.held),
            ),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// Over all messages; two policies of one reason are told each by itself.
fn by_policy(words: Words, all: &Simulated, of: fn(&Message) -> &ByPolicy) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (code, policies) in all.messages.values().flat_map(of) {
        for (policy, count) in policies {
            *sums.entry((code, policy)).or_default() += count;
        }
    }
    let told = |((code, policy), count)| (format!("{} ({policy})", code_words(words, code)), count);
    sums.into_iter().map(told).collect()
}

/// Nothing is no drawing.
fn bars(words: Words, id: &str, title: &str, mut rows: Vec<(String, u64)>) -> Option<Chart> {
    rows.retain(|(_, count)| *count > 0);
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let title = words.say(title);
    let values: Vec<f64> = rows.iter().map(|(_, count)| *count as f64).collect();
    let top = words.count(rows.first()?.1);
    let labels = Labels {
        id,
        title: &title,
        says: &words.say("team-sim-refused-says"),
        top: &top,
        first: &words.say("team-sim-refused-first"),
        last: &words.say("team-sim-refused-last"),
    };
    Some(Chart {
        svg: chart::bars(&values, &labels),
        head: (words.say("team-sim-reason"), words.say("team-sim-times")),
        rows: rows
            .iter()
            .map(|(reason, count)| (reason.clone(), words.count(*count)))
            .collect(),
        title,
    })
}
