//! What a run over many people needs to see of each of them, and no more (GDPR art. 5(1)(c)): which events, which of
//! their fields and how far back, which traits, what was done with items. What is not needed is not read.
//!
//! Deliberately does not know: who may see what; a purpose bounds what needs can only narrow.

use crate::{Happened, Moment, Occurrences};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is needed of the occurrences of one event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Occurrence {
    /// How far back, milliseconds: of an occurrence at `at` nothing is needed once `at + span <= now`.
    pub span: i64,
    /// Which fields.
    pub fields: BTreeSet<Arc<str>>,
}

/// What is needed of a person. The default: nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Needs {
    /// By event.
    pub events: BTreeMap<String, Occurrence>,
    /// By name.
    pub traits: BTreeSet<String>,
    /// How far back it is needed which items were viewed, put into a cart, bought, milliseconds. `None`: not at all.
    pub items: [Option<i64>; 3],
    /// What automation kept at its last look.
    pub state: bool,
}

impl Needs {
    /// That this event is needed so far back, milliseconds, with these fields.
    pub fn event<'a>(&mut self, event: &str, span: i64, fields: impl IntoIterator<Item = &'a str>) {
        let needed = self.events.entry(event.to_owned()).or_default();
        needed.span = needed.span.max(span);
        needed.fields.extend(fields.into_iter().map(Arc::from));
    }

    /// Whether an item is needed that was viewed, put into a cart and bought then.
    pub fn of_item(&self, times: [Option<Moment>; 3], now: Moment) -> bool {
        let mut each = times.into_iter().zip(self.items);
        each.any(|(at, span)| at.zip(span).is_some_and(|(at, span)| lasts(at, span, now)))
    }

    /// Takes out of what happened all that is not needed.
    pub fn narrow(&self, occurred: &mut Vec<Occurrences>, now: Moment) {
        occurred.retain_mut(|known| {
            let Some(needed) = self.events.get(&known.event) else {
                return false;
            };
            known.each.retain_mut(|one: &mut Happened| {
                one.fields.retain(|(name, _)| needed.fields.contains(name));
                needed.reaches(one.at, now)
            });
            !known.each.is_empty()
        });
    }
}

impl Occurrence {
    /// Whether what happened then is needed.
    pub fn reaches(&self, at: Moment, now: Moment) -> bool {
        lasts(at, self.span, now)
    }
}

fn lasts(at: Moment, span: i64, now: Moment) -> bool {
    at.0.saturating_add(span) > now.0
}
