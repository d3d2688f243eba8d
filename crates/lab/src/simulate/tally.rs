//! What is counted while people live: sums, which come out the same in whatever order people are lived.

use super::life::{Life, Looked};
use super::post::{Became, Posted};
use super::report::ByPolicy;
use super::{Person, World};
use decide::journeys::{Effect, Happens};
use gate::clearance::Held;
use program::Name;
use std::collections::BTreeMap;
use vocabulary::{DAY_MS, HOUR_MS, Moment, PurposeName};

/// Effects of one run that go beyond this, for each step of the journey: it goes round and round.
const ROUNDS: u32 = 10;

/// Of one journey.
#[derive(Default)]
pub(super) struct OfJourney {
    pub(super) entered_by_day: Vec<u64>,
    /// How many more are in it at the end of each day than at its beginning.
    pub(super) change: Vec<i64>,
    pub(super) held_out: u64,
    pub(super) goals: u64,
    pub(super) goals_held_out: u64,
    pub(super) left: BTreeMap<&'static str, u64>,
    pub(super) at_end: BTreeMap<String, u64>,
    pub(super) held_out_at_end: u64,
    pub(super) ways: BTreeMap<(usize, usize), u64>,
    pub(super) tasks: u64,
    pub(super) webhooks: u64,
    pub(super) updates: u64,
    pub(super) arms: BTreeMap<String, u64>,
    /// Minutes from entering to the first message, and how often.
    pub(super) first_contact: BTreeMap<i64, u64>,
    pub(super) endless: u64,
}

/// Of one message.
#[derive(Default)]
pub(super) struct OfMessage {
    pub(super) wanted: u64,
    pub(super) by_day: Vec<u64>,
    pub(super) together: u64,
    pub(super) held: ByPolicy,
    pub(super) ended: ByPolicy,
    pub(super) waiting: u64,
    pub(super) by_language: BTreeMap<&'static str, u64>,
}

/// Of one segment.
#[derive(Default)]
pub(super) struct OfSegment {
    pub(super) first: i64,
    /// How many more at the end of each day than at its beginning.
    pub(super) change: Vec<i64>,
    pub(super) entered: u64,
    pub(super) left: u64,
}

/// All of it.
pub(super) struct Tally {
    days: usize,
    pub(super) people: u64,
    pub(super) permitting: u64,
    pub(super) looks: u64,
    pub(super) withdrawals: u64,
    pub(super) journeys: BTreeMap<Name, OfJourney>,
    pub(super) messages: BTreeMap<Name, OfMessage>,
    pub(super) segments: Vec<OfSegment>,
    /// Messages in a week, and how many weeks of people had so many.
    pub(super) weeks: BTreeMap<u32, u64>,
    /// The most in one week and who; of several the first.
    pub(super) most: Option<(u32, u64, u32)>,
    own: Own,
}

/// Of the person who is lived just now.
#[derive(Default)]
struct Own {
    weeks: Vec<u32>,
    contacted: Vec<(Name, Option<String>, Moment)>,
}

impl Tally {
    pub(super) fn new(world: &World<'_>, days: u32) -> Tally {
        let days = days as usize;
        let by_day = || vec![0; days];
        let journeys = world.program.journeys.keys().map(|name| {
            let journey = OfJourney {
                entered_by_day: by_day(),
                change: vec![0; days],
                ..OfJourney::default()
            };
            (name.clone(), journey)
        });
        let messages = world.program.messages.keys().map(|name| {
            let message = OfMessage {
                by_day: by_day(),
                ..OfMessage::default()
            };
            (name.clone(), message)
        });
        let segments = (0..world.plan.len()).map(|_| OfSegment {
            change: vec![0; days],
            ..OfSegment::default()
        });
        Tally {
            days,
            people: 0,
            permitting: 0,
            looks: 0,
            withdrawals: 0,
            journeys: journeys.collect(),
            messages: messages.collect(),
            segments: segments.collect(),
            weeks: BTreeMap::new(),
            most: None,
            own: Own::default(),
        }
    }

    pub(super) fn begins(&mut self, person: &Person) {
        self.people += 1;
        self.permitting += u64::from(person.permitted.contains(PurposeName::Segment));
        self.own = Own {
            weeks: vec![0; self.days.div_ceil(7)],
            contacted: Vec::new(),
        };
    }

    pub(super) fn look(&mut self, begins: Moment, looked: &Looked<'_>) {
        let day = day(begins, looked.now);
        for (place, standing) in looked.standings.each.iter().enumerate() {
            let Some(segment) = self.segments.get_mut(place) else {
                continue;
            };
            let turned = looked.standings.turned.contains(&place);
            let step = match (standing.truth.holds, looked.dropped.is_some()) {
                (true, true) => -1,
                (true, false) if looked.first => {
                    segment.first += 1;
                    0
                }
                (true, false) if turned => 1,
                (false, false) if turned => -1,
                _ => 0,
            };
            segment.entered += u64::from(step > 0);
            segment.left += u64::from(step < 0);
            if let Some(change) = segment.change.get_mut(day) {
                *change += step;
            }
        }
        if let Some(runs) = looked.dropped {
            self.withdrawals += 1;
            for run in runs {
                let journey = self.journeys.entry(run.journey.clone()).or_default();
                *journey.left.entry("withdrew_segment").or_default() += 1;
                move_at(&mut journey.change, day, -1);
            }
        }
        for passed in looked.passed {
            let journey = self.journeys.entry(passed.journey.clone()).or_default();
            *journey.ways.entry((passed.step, passed.way)).or_default() += 1;
        }
        for effect in looked.effects {
            self.effect(effect, day);
        }
    }

    fn effect(&mut self, effect: &Effect, day: usize) {
        let journey = self.journeys.entry(effect.journey.clone()).or_default();
        match &effect.what {
            Happens::Entered { held_out } => {
                journey.held_out += u64::from(*held_out);
                add_at(&mut journey.entered_by_day, day);
                move_at(&mut journey.change, day, 1);
            }
            Happens::Arm { experiment, arm } => {
                let of = experiment
                    .as_ref()
                    .map_or(effect.step.as_deref(), |name| Some(name.as_str()));
                let name = format!("{}/{arm}", of.unwrap_or_default());
                *journey.arms.entry(name).or_default() += 1;
            }
            Happens::Task { .. } => journey.tasks += 1,
            Happens::Webhook(_) => journey.webhooks += 1,
            Happens::Update { .. } => journey.updates += 1,
            Happens::Goal { held_out: true } => journey.goals_held_out += 1,
            Happens::Goal { held_out: false } => journey.goals += 1,
            Happens::Left(how) => {
                *journey.left.entry(how.as_str()).or_default() += 1;
                move_at(&mut journey.change, day, -1);
            }
            Happens::Message(name) => self.messages.entry(name.clone()).or_default().wanted += 1,
        }
    }

    /// What became of a message.
    pub(super) fn post(&mut self, begins: Moment, posted: &Posted<'_>) {
        let day = day(begins, posted.now);
        let message = self.messages.entry(posted.message.clone()).or_default();
        match &posted.became {
            Became::Held(held) => count(&mut message.held, held),
            Became::Ended(held) => count(&mut message.ended, held),
            Became::Left { with } => {
                add_at(&mut message.by_day, day);
                message.together += u64::from(*with);
                *message.by_language.entry(language(posted.person)).or_default() += 1;
                // What comes together disturbs once.
                if let Some(week) = self.own.weeks.get_mut(day / 7).filter(|_| !with) {
                    *week += 1;
                }
                self.contact(posted);
            }
        }
    }

    fn contact(&mut self, posted: &Posted<'_>) {
        let entered_at = posted.waiting.entered_at;
        let run = (posted.journey.clone(), posted.waiting.key.clone(), entered_at);
        if !self.own.contacted.contains(&run) {
            self.own.contacted.push(run);
            let minutes = posted.now.since(entered_at) / (HOUR_MS / 60);
            let journey = self.journeys.entry(posted.journey.clone()).or_default();
            *journey.first_contact.entry(minutes).or_default() += 1;
        }
    }

    pub(super) fn ends(&mut self, world: &World<'_>, life: &Life<'_>) {
        self.looks += life.looks();
        for name in life.waiting() {
            self.messages.entry(name.clone()).or_default().waiting += 1;
        }
        for run in &life.runs().present {
            let journey = self.journeys.entry(run.journey.clone()).or_default();
            match &run.at {
                Some(step) => *journey.at_end.entry(step.clone()).or_default() += 1,
                None => journey.held_out_at_end += 1,
            }
            let steps = world
                .program
                .journeys
                .get(&run.journey)
                .map_or(0, |journey| journey.steps.len());
            let steps = u32::try_from(steps).unwrap_or(u32::MAX);
            let round = run.moves > steps.saturating_mul(ROUNDS).max(50);
            journey.endless += u64::from(round || (life.is_restless() && run.at.is_some()));
        }
        for (week, messages) in self.own.weeks.iter().enumerate() {
            *self.weeks.entry(*messages).or_default() += 1;
            let week = u32::try_from(week).unwrap_or(u32::MAX);
            let one = (*messages, life.person().number, week);
            if *messages > 0 && is_more(one, self.most) {
                self.most = Some(one);
            }
        }
    }

    /// Adds what another counted of other people.
    pub(super) fn add(&mut self, other: Tally) {
        self.people += other.people;
        self.permitting += other.permitting;
        self.looks += other.looks;
        self.withdrawals += other.withdrawals;
        for (name, theirs) in other.journeys {
            let own = self.journeys.entry(name).or_default();
            add_each(&mut own.entered_by_day, &theirs.entered_by_day);
            for (own, theirs) in own.change.iter_mut().zip(&theirs.change) {
                *own += theirs;
            }
            own.held_out += theirs.held_out;
            own.goals += theirs.goals;
            own.goals_held_out += theirs.goals_held_out;
            own.held_out_at_end += theirs.held_out_at_end;
            own.tasks += theirs.tasks;
            own.webhooks += theirs.webhooks;
            own.updates += theirs.updates;
            own.endless += theirs.endless;
            add_map(&mut own.left, theirs.left);
            add_map(&mut own.at_end, theirs.at_end);
            add_map(&mut own.ways, theirs.ways);
            add_map(&mut own.arms, theirs.arms);
            add_map(&mut own.first_contact, theirs.first_contact);
        }
        for (name, theirs) in other.messages {
            let own = self.messages.entry(name).or_default();
            add_each(&mut own.by_day, &theirs.by_day);
            own.wanted += theirs.wanted;
            own.together += theirs.together;
            own.waiting += theirs.waiting;
            for (own, theirs) in [(&mut own.held, theirs.held), (&mut own.ended, theirs.ended)] {
                for (code, policies) in theirs {
                    add_map(own.entry(code).or_default(), policies);
                }
            }
            add_map(&mut own.by_language, theirs.by_language);
        }
        for (own, theirs) in self.segments.iter_mut().zip(other.segments) {
            own.first += theirs.first;
            own.entered += theirs.entered;
            own.left += theirs.left;
            for (own, theirs) in own.change.iter_mut().zip(theirs.change) {
                *own += theirs;
            }
        }
        add_map(&mut self.weeks, other.weeks);
        if let Some(most) = other.most.filter(|most| is_more(*most, self.most)) {
            self.most = Some(most);
        }
    }
}

/// More in a week; of as many the first person, and of theirs the first week.
fn is_more(one: (u32, u64, u32), than: Option<(u32, u64, u32)>) -> bool {
    than.is_none_or(|than| {
        let rank = |(messages, person, week)| (messages, std::cmp::Reverse((person, week)));
        rank(one) > rank(than)
    })
}

fn language(person: &Person) -> &'static str {
    match person.language {
        vocabulary::Language::Fr => "fr",
        vocabulary::Language::En => "en",
    }
}

fn day(begins: Moment, now: Moment) -> usize {
    usize::try_from(now.since(begins) / DAY_MS).unwrap_or(0)
}

fn count(by: &mut ByPolicy, held: &Held) {
    let policies = by.entry(held.code.as_str().to_owned()).or_default();
    *policies.entry(held.policy.clone()).or_default() += 1;
}

fn move_at(by_day: &mut [i64], day: usize, step: i64) {
    if let Some(change) = by_day.get_mut(day) {
        *change += step;
    }
}

fn add_at(by_day: &mut [u64], day: usize) {
    if let Some(count) = by_day.get_mut(day) {
        *count += 1;
    }
}

fn add_each(own: &mut [u64], theirs: &[u64]) {
    for (own, theirs) in own.iter_mut().zip(theirs) {
        *own += theirs;
    }
}

fn add_map<K: Ord>(own: &mut BTreeMap<K, u64>, theirs: BTreeMap<K, u64>) {
    for (key, count) in theirs {
        *own.entry(key).or_default() += count;
    }
}
