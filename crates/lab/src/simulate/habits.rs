//! How people are, in figures that are made up and can be set: how often they come, how often they agree and
//! take it back. They say nothing about what real people do.

use std::collections::BTreeMap;
use vocabulary::PurposeName;

/// How people are.
#[derive(Clone, PartialEq, Debug)]
pub struct Habits {
    /// Visits of an average person in 30 days.
    pub visits: f64,
    /// Items viewed in a visit, on average, at least one.
    pub views: f64,
    /// Share of visits in which something is put into a cart.
    pub adds: f64,
    /// Share of carts that are bought.
    pub buys: f64,
    /// Occurrences in 30 days of each event that does nothing with items and has no rate of its own.
    pub others: f64,
    /// Occurrences in 30 days of events by name; of one that does something with items besides its visits.
    pub rates: BTreeMap<String, f64>,
    /// Share of people who agree to each purpose they are asked for.
    pub agrees: f64,
    /// The same for single purposes.
    pub agrees_to: BTreeMap<PurposeName, f64>,
    /// Share of agreements that are taken back in 90 days.
    pub withdraws: f64,
    /// Share of people who lack an agreement and give it in 90 days.
    pub comes_round: f64,
    /// Share of people who have each trait.
    pub traits: f64,
    /// Share of people who set terms: hours, days, how many a week, together, a pause.
    pub terms: f64,
    /// Days before the program came into force in which people did what they do.
    pub days_before: u32,
    /// Share of people whose clocks are those of the program; the others live in one of a few zones that
    /// have every kind of clock.
    pub at_home: f64,
}

impl Default for Habits {
    fn default() -> Habits {
        Habits {
            visits: 2.0,
            views: 4.0,
            adds: 0.3,
            buys: 0.5,
            others: 0.1,
            rates: BTreeMap::new(),
            agrees: 0.6,
            agrees_to: BTreeMap::new(),
            withdraws: 0.06,
            comes_round: 0.03,
            traits: 0.5,
            terms: 0.2,
            days_before: 200,
            at_home: 0.85,
        }
    }
}

impl Habits {
    pub(super) fn agree(&self, purpose: PurposeName) -> f64 {
        self.agrees_to.get(&purpose).copied().unwrap_or(self.agrees)
    }
}

/// Zones with clocks that go forward and back at other times, by other amounts, or never.
pub(super) const ZONES: [&str; 6] = [
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Abidjan",
];
