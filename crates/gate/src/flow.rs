//! How often what happened in journeys, day by day for the last 35 days: a sealed row of the house for each day. The
//! rows go round: the day that is written takes the place of the one 35 days before.
//!
//! Deliberately does not know: people, what is counted (keys and numbers to it), who is told.

use crate::gate::{Gate, Shared};
use crate::seal::Table;
use crate::{Unavailable, envelope};
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;
use vocabulary::Day;

/// Before the place of a day.
const PREFIX: &str = "program/counts/";
/// Days that are kept.
pub const FLOW_DAYS: u32 = 35;
/// Keys of one day.
const KEYS: usize = 10_000;
/// Longest key, bytes.
const LONGEST: usize = 300;
/// How often a row is read again when somebody else was quicker.
const TRIES: usize = 8;

#[derive(Encode, Decode, Default)]
struct Kept {
    #[n(0)]
    day: u32,
    #[n(1)]
    counts: BTreeMap<String, u64>,
}

impl Gate {
    /// Adds to the counts of a day. Durable when it answers, all of it or nothing. What is more than ten thousand
    /// keys of one day is not counted.
    pub async fn add_flow(&self, day: Day, counts: BTreeMap<String, u64>) -> Result<(), Unavailable> {
        if counts.is_empty() {
            return Ok(());
        }
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = name(day);
            for _ in 0..TRIES {
                let (mut kept, version) = kept(shared, &name)?;
                if kept.day != day.0 {
                    kept = Kept {
                        day: day.0,
                        counts: BTreeMap::new(),
                    };
                }
                for (key, count) in &counts {
                    let there = kept.counts.len();
                    if key.len() > LONGEST || (there >= KEYS && !kept.counts.contains_key(key)) {
                        continue;
                    }
                    let own = kept.counts.entry(key.clone()).or_default();
                    *own = own.saturating_add(*count);
                }
                let sealed = shared
                    .nobody
                    .0
                    .seal_bound(&bound(&name), &envelope::encode(&kept))?;
                let sealed = sealed.0;
                if shared
                    .shelf
                    .swap(shared.epoch, &name, version, &sealed)?
                    .is_some()
                {
                    return Ok(());
                }
            }
            Err(Unavailable::Busy)
        })
        .await
    }

    /// The counts of the days from `from` to `to`, both included, added up.
    pub async fn flow(&self, from: Day, to: Day) -> Result<BTreeMap<String, u64>, Unavailable> {
        self.blocking(move |gate| {
            let mut sum: BTreeMap<String, u64> = BTreeMap::new();
            for place in 0..FLOW_DAYS {
                let (kept, _) = kept(gate.shared(), &format!("{PREFIX}{place:02}"))?;
                if (from.0..=to.0).contains(&kept.day) {
                    for (key, count) in kept.counts {
                        let own = sum.entry(key).or_default();
                        *own = own.saturating_add(count);
                    }
                }
            }
            Ok(sum)
        })
        .await
    }
}

fn name(day: Day) -> String {
    format!("{PREFIX}{:02}", day.0 % FLOW_DAYS)
}

/// Bound to its row: what was moved to another does not open.
fn bound(name: &str) -> Vec<u8> {
    [&[Table::Flow as u8], name.as_bytes()].concat()
}

fn kept(shared: &Shared, name: &str) -> Result<(Kept, u64), Unavailable> {
    match shared.shelf.get(name)? {
        None => Ok((Kept::default(), 0)),
        Some(row) => {
            let bytes = shared.nobody.0.open_bound(&bound(name), &row.value)?;
            Ok((envelope::decode(&bytes)?, row.version))
        }
    }
}
