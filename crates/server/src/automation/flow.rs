//! How often what happened in journeys, gathered in memory and written down once a minute: a process that is killed
//! loses a minute's counts at most, and never a person's place.
//!
//! Deliberately does not know: people, how figures are told.

use crate::app::App;
use gate::Unavailable;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use vocabulary::{Day, Moment};

/// What is not written down yet, by day.
#[derive(Default)]
pub(crate) struct Pending(Mutex<BTreeMap<Day, BTreeMap<String, u64>>>);

/// What became of what waited to leave: it left (by channel), it ended without leaving or was put off (by code); and
/// the ways that were closed (by reason).
pub const LEFT: [&str; 4] = ["left", "ended", "later", "closed"];

/// Before the keys of what waited to leave; no journey is called so.
const OUTBOX: &str = "@outbox";

/// The key of a count of what became of what waited to leave.
pub fn outbox_key(kind: &str, code: &str) -> String {
    format!("{OUTBOX}/{kind}/{code}")
}

/// Of counts by key, those of one kind, by code, the most frequent first.
pub fn of_kind(counts: &BTreeMap<String, u64>, kind: &str) -> Vec<(String, u64)> {
    let prefix = outbox_key(kind, "");
    let own = counts.iter().filter_map(|(key, count)| {
        let code = key.strip_prefix(&prefix)?;
        Some((code.to_owned(), *count))
    });
    let mut own: Vec<(String, u64)> = own.collect();
    own.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    own
}

impl Pending {
    fn add(&self, day: Day, counts: BTreeMap<String, u64>) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = pending.entry(day).or_default();
        for (key, count) in counts {
            *own.entry(key).or_default() += count;
        }
    }

    fn take(&self) -> BTreeMap<Day, BTreeMap<String, u64>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Notes what became of what waited to leave: of a kind of [`LEFT`], by code or channel.
    pub fn note_outbox<'c>(&self, kind: &str, counts: impl IntoIterator<Item = (&'c str, u64)>) {
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        self.note_flow(
            counts
                .map(|(code, count)| (outbox_key(kind, code), count))
                .collect(),
        );
    }

    /// Notes what happened today.
    pub(crate) fn note_flow(&self, counts: BTreeMap<String, u64>) {
        if !counts.is_empty() {
            self.automatic.flow.add(self.now().day(), counts);
        }
    }

    /// Writes down what was noted. What cannot be written stays noted.
    pub(crate) async fn keep_flow(&self) -> Result<(), Unavailable> {
        let mut failed = None;
        for (day, counts) in self.automatic.flow.take() {
            if let Err(error) = self.gate.add_flow(day, counts.clone()).await {
                self.automatic.flow.add(day, counts);
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

/// What was written down of the last `days` days, today included.
pub(super) async fn last(app: &App, now: Moment, days: u32) -> Result<BTreeMap<String, u64>, Unavailable> {
    let today = now.day();
    let from = Day(today.0.saturating_sub(days.saturating_sub(1)));
    app.gate.flow(from, today).await
}
