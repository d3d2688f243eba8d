//! What `egard simulate --json` came to, as far as the team's pages tell it. Simulated people are nobody, so these
//! figures are told exactly.
//!
//! Deliberately does not know: how people are simulated; it reads the file of whoever did, and takes nothing on trust
//! but its numbers.

use gate::clearance::Code;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vocabulary::Digest;

/// Days of one simulation.
pub const MAX_DAYS: u32 = 1_100;
/// Entries of one list, and letters of one name.
const MAX_NAMES: usize = 500;
const MAX_NAME: usize = 200;
/// Policies of one code.
const MAX_POLICIES: usize = 20;

/// Why a file cannot be shown.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// No file of `egard simulate --json`.
    #[error("this is no file of `egard simulate --json`: {0}")]
    NotOne(String),
    /// Its figures do not fit its own days.
    #[error("`{0}` does not fit the days of the simulation; simulate again")]
    Unfitting(String),
    /// Of another program.
    #[error("it is of the program `{0}`, and this is another")]
    OtherProgram(String),
}

/// A simulation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Simulated {
    /// The program's digest.
    pub program: String,
    /// When it came into force (RFC 3339).
    pub begins: String,
    /// Days.
    pub days: u32,
    /// Seed: with it, whoever doubts it gets the same again.
    pub seed: u64,
    /// People.
    pub people: u64,
    /// Of these, who agreed to groups at the beginning.
    pub permitting: u64,
    /// Who took that back.
    pub withdrawals: u64,
    /// Journeys by name.
    pub journeys: BTreeMap<String, Journey>,
    /// Messages by name.
    pub messages: BTreeMap<String, Message>,
    /// Segments by name.
    pub segments: BTreeMap<String, Segment>,
    /// Messages in a week, and how many weeks of people had so many.
    pub messages_in_a_week: BTreeMap<u32, u64>,
}

/// A journey.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Journey {
    /// Runs that began.
    pub entered: u64,
    /// The same by day.
    pub entered_by_day: Vec<u64>,
    /// Runs under way at the end of each day.
    pub present_by_day: Vec<i64>,
    /// Runs held out.
    pub held_out: u64,
    /// Reached the goal, of who was not held out.
    pub goals: u64,
    /// Reached the goal, of who was held out.
    pub goals_held_out: u64,
    /// Runs that ended, by reason.
    pub left: BTreeMap<String, u64>,
    /// Runs with a message.
    pub contacted: u64,
    /// Minutes from entering to the first message: the middle one.
    pub first_contact_median: Option<i64>,
    /// Nine in ten waited no longer.
    pub first_contact_p90: Option<i64>,
    /// Runs that had it within so many minutes.
    pub first_contact_within: BTreeMap<u32, u64>,
    /// Runs that go round and round.
    pub endless: u64,
}

/// Counts by the code of a refusal, and under it by the policy that decided.
pub type ByPolicy = BTreeMap<String, BTreeMap<String, u64>>;

/// A message.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// So often a journey wanted to send it.
    pub wanted: u64,
    /// Sent.
    pub sent: u64,
    /// The same by day.
    pub sent_by_day: Vec<u64>,
    /// Of those sent: as a part of another.
    pub together: u64,
    /// Held back for a while, each counted once for every policy that did.
    pub held: ByPolicy,
    /// Never sent.
    pub ended: ByPolicy,
    /// Still waiting at the end.
    pub waiting: u64,
}

/// A segment.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Segment {
    /// People in it when the program came into force.
    pub first: i64,
    /// People in it at the end of each day.
    pub by_day: Vec<i64>,
    /// How often somebody entered.
    pub entered: u64,
    /// How often somebody left.
    pub left: u64,
}

impl Simulated {
    /// Reads a file that must be of this program.
    pub fn read(bytes: &[u8], program: Digest) -> Result<Simulated, Error> {
        let read: Simulated =
            serde_json::from_slice(bytes).map_err(|error| Error::NotOne(error.to_string()))?;
        if read.program.parse() != Ok(program) {
            let named: String = read
                .program
                .chars()
                .filter(char::is_ascii_hexdigit)
                .take(64)
                .collect();
            return Err(Error::OtherProgram(named));
        }
        read.check()?;
        Ok(read)
    }

    /// The program that a file says it is of.
    pub fn named(bytes: &[u8]) -> Option<Digest> {
        #[derive(Deserialize)]
        struct Named {
            program: String,
        }
        let named: Named = serde_json::from_slice(bytes).ok()?;
        named.program.parse().ok()
    }

    /// What is kept of it: these fields and no others.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn check(&self) -> Result<(), Error> {
        let unfitting = |what: &str| Err(Error::Unfitting(what.to_owned()));
        if !(1..=MAX_DAYS).contains(&self.days) {
            return unfitting("days");
        }
        let days = self.days as usize;
        let names = self
            .journeys
            .keys()
            .chain(self.messages.keys())
            .chain(self.segments.keys())
            .chain(self.journeys.values().flat_map(|journey| journey.left.keys()));
        let policies = self.messages.values().flat_map(|one| [&one.held, &one.ended]);
        let known = |code: &str| Code::parse(code).is_some();
        for (code, policies) in policies.flatten() {
            if !known(code)
                || policies.len() > MAX_POLICIES
                || policies.keys().any(|policy| policy.len() > MAX_NAME)
            {
                return unfitting("a reason");
            }
        }
        let lists = [self.journeys.len(), self.messages.len(), self.segments.len()];
        if lists.into_iter().any(|list| list > MAX_NAMES) || self.messages_in_a_week.len() > MAX_NAMES {
            return unfitting("the number of its parts");
        }
        if names.clone().count() > 5 * MAX_NAMES || names.clone().any(|name| name.len() > MAX_NAME) {
            return unfitting("a name");
        }
        for (name, one) in &self.journeys {
            if one.entered_by_day.len() != days || one.present_by_day.len() != days {
                return unfitting(name);
            }
        }
        for (name, one) in &self.messages {
            if one.sent_by_day.len() != days {
                return unfitting(name);
            }
        }
        match self.segments.iter().find(|(_, one)| one.by_day.len() != days) {
            Some((name, _)) => unfitting(name),
            None => Ok(()),
        }
    }
}
