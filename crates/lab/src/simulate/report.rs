//! What a simulation came to, as figures that can be read by people and by programs.

use super::tally::{OfJourney, Tally};
use super::{Settings, World};
use program::drawing;
use serde::Serialize;
use std::collections::BTreeMap;

/// All of it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// The program's digest.
    pub program: String,
    /// When it came into force (RFC 3339).
    pub begins: String,
    /// Days.
    pub days: u32,
    /// Seed.
    pub seed: u64,
    /// People.
    pub people: u64,
    /// Of these, who agreed to groups at the beginning: nobody else is ever looked at.
    pub permitting: u64,
    /// How often somebody was looked at.
    pub looks: u64,
    /// People who took back their agreement to groups.
    pub withdrawals: u64,
    /// Journeys by name.
    pub journeys: BTreeMap<String, JourneyReport>,
    /// Messages by name.
    pub messages: BTreeMap<String, MessageReport>,
    /// Segments by name.
    pub segments: BTreeMap<String, SegmentReport>,
    /// Messages in a week, and how many weeks of people had so many.
    pub messages_in_a_week: BTreeMap<u32, u64>,
    /// Who was written to most often in one week.
    pub most_burdened: Option<Burdened>,
}

/// A journey.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct JourneyReport {
    /// Runs that began.
    pub entered: u64,
    /// The same by day.
    pub entered_by_day: Vec<u64>,
    /// Runs that are under way at the end of each day, held out or not.
    pub present_by_day: Vec<i64>,
    /// Of these, held out.
    pub held_out: u64,
    /// Reached the goal, of who was not held out.
    pub goals: u64,
    /// Reached the goal, of who was held out.
    pub goals_held_out: u64,
    /// Runs that ended, by reason.
    pub left: BTreeMap<String, u64>,
    /// Runs that stand somewhere at the end, by step.
    pub at_end: BTreeMap<String, u64>,
    /// Held out, and their time is not over.
    pub held_out_at_end: u64,
    /// Taken ways: `STEP#NUMBER` ([`program::drawing::way`]).
    pub ways: BTreeMap<String, u64>,
    /// Arms of cohorts and experiments.
    pub arms: BTreeMap<String, u64>,
    /// Tasks for the team.
    pub tasks: u64,
    /// Calls of webhooks.
    pub webhooks: u64,
    /// Traits set or removed.
    pub updates: u64,
    /// Runs with a message.
    pub contacted: u64,
    /// Minutes from entering to the first message: the middle one.
    pub first_contact_median: Option<i64>,
    /// The same: nine in ten waited no longer.
    pub first_contact_p90: Option<i64>,
    /// Runs that had their first message within so many minutes of entering.
    pub first_contact_within: BTreeMap<i64, u64>,
    /// Runs that go round and round and never end.
    pub endless: u64,
}

/// Counts by the code of a refusal, and under it by the policy that decided.
pub type ByPolicy = BTreeMap<String, BTreeMap<String, u64>>;

/// A message.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MessageReport {
    /// So often a journey wanted to send it.
    pub wanted: u64,
    /// Sent.
    pub sent: u64,
    /// The same by day.
    pub sent_by_day: Vec<u64>,
    /// The same by language.
    pub by_language: BTreeMap<String, u64>,
    /// Of those sent: they came as a part of another, because the person wished them together.
    pub together: u64,
    /// How many were held back for a while, each counted once for every policy that did.
    pub held: ByPolicy,
    /// How many never left.
    pub ended: ByPolicy,
    /// Still waiting at the end.
    pub waiting: u64,
}

/// A segment.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SegmentReport {
    /// People in it when the program came into force.
    pub first: i64,
    /// People in it at the end of each day.
    pub by_day: Vec<i64>,
    /// How often somebody entered.
    pub entered: u64,
    /// How often somebody left.
    pub left: u64,
}

/// Who was written to most.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Burdened {
    /// Messages.
    pub messages: u32,
    /// The number of the person, who is made up.
    pub person: u64,
    /// In which week, from 0.
    pub week: u32,
}

impl JourneyReport {
    /// Runs that ended.
    pub fn ended(&self) -> u64 {
        self.left.values().sum()
    }

    /// Runs that have not.
    pub fn present(&self) -> u64 {
        self.at_end.values().sum::<u64>() + self.held_out_at_end
    }

    /// The count that a drawing asks for.
    pub fn count(&self, key: &str) -> Option<u64> {
        match key {
            drawing::ENTERED => Some(self.entered),
            drawing::HELD_OUT => Some(self.held_out),
            drawing::GOAL => Some(self.goals),
            drawing::LEAVE_WHEN => Some(self.left.get("condition").copied().unwrap_or_default()),
            drawing::LEFT => Some(self.ended()),
            way if way.contains('#') => Some(self.ways.get(way).copied().unwrap_or_default()),
            step => self.at_end.get(step).copied(),
        }
    }
}

/// Within how many minutes first messages are counted: five minutes, an hour, six, a day, three, a week, thirty days.
pub const WITHIN_MINUTES: [i64; 7] = [5, 60, 360, 1_440, 4_320, 10_080, 43_200];

pub(super) fn of(world: &World<'_>, settings: &Settings, tally: Tally) -> Report {
    let begins = jiff::Timestamp::from_millisecond(settings.begins.0);
    let journeys = tally.journeys.into_iter().map(|(name, one)| {
        let report = journey(world, &name, one);
        (name.to_string(), report)
    });
    let messages = tally.messages.into_iter().map(|(name, one)| {
        let report = MessageReport {
            wanted: one.wanted,
            sent: one.by_day.iter().sum(),
            sent_by_day: one.by_day,
            by_language: texts(one.by_language),
            together: one.together,
            held: one.held,
            ended: one.ended,
            waiting: one.waiting,
        };
        (name.to_string(), report)
    });
    let segments = tally.segments.into_iter().enumerate().filter_map(|(place, one)| {
        let by_day = summed(&one.change).into_iter().map(|change| one.first + change);
        let report = SegmentReport {
            first: one.first,
            by_day: by_day.collect(),
            entered: one.entered,
            left: one.left,
        };
        Some((world.plan.segment(place)?.name.to_string(), report))
    });
    Report {
        program: world.program.digest().to_string(),
        begins: begins.map_or(String::new(), |at| at.to_string()),
        days: settings.days,
        seed: settings.seed,
        people: tally.people,
        permitting: tally.permitting,
        looks: tally.looks,
        withdrawals: tally.withdrawals,
        journeys: journeys.collect(),
        messages: messages.collect(),
        segments: segments.collect(),
        messages_in_a_week: tally.weeks,
        most_burdened: tally.most.map(|(messages, person, week)| Burdened {
            messages,
            person,
            week,
        }),
    }
}

fn journey(world: &World<'_>, name: &program::Name, one: OfJourney) -> JourneyReport {
    let steps = world
        .program
        .journeys
        .get(name)
        .map(|journey| journey.steps.as_slice());
    let ways = one.ways.iter().filter_map(|((step, way), count)| {
        let step = steps?.get(*step)?;
        Some((drawing::way(&step.id, *way), *count))
    });
    JourneyReport {
        entered: one.entered_by_day.iter().sum(),
        present_by_day: summed(&one.change),
        first_contact_within: WITHIN_MINUTES
            .into_iter()
            .map(|within| {
                (
                    within,
                    one.first_contact.range(..=within).map(|(_, runs)| runs).sum(),
                )
            })
            .collect(),
        ways: ways.collect(),
        contacted: one.first_contact.values().sum(),
        first_contact_median: percentile(&one.first_contact, 50),
        first_contact_p90: percentile(&one.first_contact, 90),
        entered_by_day: one.entered_by_day,
        held_out: one.held_out,
        goals: one.goals,
        goals_held_out: one.goals_held_out,
        left: texts(one.left),
        at_end: one.at_end,
        held_out_at_end: one.held_out_at_end,
        arms: one.arms,
        tasks: one.tasks,
        webhooks: one.webhooks,
        updates: one.updates,
        endless: one.endless,
    }
}

/// Changes as the sums up to each.
fn summed(changes: &[i64]) -> Vec<i64> {
    let mut size = 0;
    let each = changes.iter().map(|change| {
        size += change;
        size
    });
    each.collect()
}

fn texts(map: BTreeMap<&'static str, u64>) -> BTreeMap<String, u64> {
    map.into_iter()
        .map(|(key, count)| (key.to_owned(), count))
        .collect()
}

/// The value that so many percent do not exceed (nearest rank).
fn percentile(counts: &BTreeMap<i64, u64>, percent: u64) -> Option<i64> {
    let all: u64 = counts.values().sum();
    let rank = (all * percent).div_ceil(100).max(1);
    let mut seen = 0;
    let found = counts.iter().find(|(_, count)| {
        seen += **count;
        seen >= rank
    });
    found.map(|(value, _)| *value)
}
