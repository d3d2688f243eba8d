//! Journeys: where a person goes next, and what happens on the way. A pure function of where they are, what
//! is known, what happened since, and the moment; so it can be repeated, simulated, and asked why.
//!
//! After a stop of the server nobody gets at once what was meant to come one after the other: the time of
//! a step counts from when it was really reached. What is late is late; what happened more than a day ago
//! starts nothing.
//!
//! Deliberately does not know: how a person was opened, where runs are kept, how a message is sent.

pub mod calendar;
mod draw;
mod enter;
mod run;
mod walk;

pub use draw::{Seed, draw};
pub use run::{Effect, Happens, Left, Past, Run, Runs};

use crate::segments::{self, Known, Plan, Standings};
use program::Journey;
use program::segment::{Occurrence, Predicate};
use program::words::Name;
use std::collections::BTreeMap;
use vocabulary::{Catalogue, DAY_MS, Happened, Moment, PurposeSet};

/// What happened longer ago than this when it arrives starts no journey.
pub const LATE_MS: i64 = DAY_MS;
/// Runs that a person is in at once.
pub const PRESENT_MAX: usize = 50;
/// Ended runs that are remembered; of these the oldest that no rule asks for makes room.
pub const PAST_MAX: usize = 200;

/// A journey, and since when it is in force: recurring times before that do not count.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The journey.
    pub journey: Journey,
    /// Since when.
    pub since: Moment,
}

/// The journeys of a program.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    by_name: BTreeMap<Name, InForce>,
}

impl Journeys {
    /// These journeys; of two of one name the later stands.
    pub fn new(journeys: impl IntoIterator<Item = InForce>) -> Journeys {
        let named = journeys.into_iter().map(|one| (one.journey.name.clone(), one));
        Journeys {
            by_name: named.collect(),
        }
    }

    /// The journey of that name.
    pub fn get(&self, name: &Name) -> Option<&InForce> {
        self.by_name.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &InForce> {
        self.by_name.values()
    }
}

/// An occurrence that arrived since the last look.
#[derive(Clone, Copy, Debug)]
pub struct Fresh<'a> {
    /// Which event.
    pub event: &'a str,
    /// The occurrence.
    pub happened: &'a Happened,
}

/// All that a step depends on.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The journeys in force.
    pub journeys: &'a Journeys,
    /// The segments in force.
    pub plan: &'a Plan,
    /// What is known of the person.
    pub known: &'a Known<'a>,
    /// The items.
    pub catalogue: &'a Catalogue,
    /// How the person stands to the segments now, and which they entered or left just now.
    pub standings: &'a Standings,
    /// What arrived since the last look.
    pub fresh: &'a [Fresh<'a>],
    /// The purposes that are permitted now.
    pub permitted: PurposeSet,
    /// A human has the word until then: nothing but leaving happens.
    pub silent_until: Option<Moment>,
    /// The person's own seed.
    pub seed: Seed,
    /// Now.
    pub now: Moment,
}

/// What a look at a person's journeys came to.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stepped {
    /// Where they are now.
    pub runs: Runs,
    /// What happens, in order.
    pub effects: Vec<Effect>,
    /// The ways that were taken from step to step, in order.
    pub passed: Vec<Passed>,
    /// When to look again if nothing arrives before; `Moment(i64::MAX)`: never.
    pub due: Moment,
}

/// A way on from a step that a run took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passed {
    /// Of which journey.
    pub journey: Name,
    /// From the step of that place.
    pub step: usize,
    /// Which of its [`program::journey::What::ways`], from 0.
    pub way: usize,
}

/// Takes every run as far as it goes now.
pub fn step(runs: &Runs, situation: &Situation<'_>) -> Stepped {
    let mut stepping = Stepping {
        situation,
        runs: runs.clone(),
        effects: Vec::new(),
        passed: Vec::new(),
        due: i64::MAX,
    };
    stepping.leave();
    let mut fresh = situation.fresh.to_vec();
    fresh.sort_by_key(|one| one.happened.at);
    for one in &fresh {
        stepping.goals(one);
        stepping.answer(one);
        stepping.enter_by_event(one);
        stepping.walk_all();
    }
    stepping.enter_by_segment();
    stepping.enter_by_calendar();
    stepping.walk_all();
    stepping.runs.looked_at = Some(situation.now);
    stepping.forget();
    stepping.note_due();
    Stepped {
        runs: stepping.runs,
        effects: stepping.effects,
        passed: stepping.passed,
        due: Moment(stepping.due),
    }
}

/// A look under way.
struct Stepping<'a> {
    situation: &'a Situation<'a>,
    runs: Runs,
    effects: Vec<Effect>,
    passed: Vec<Passed>,
    due: i64,
}

impl<'a> Stepping<'a> {
    fn in_force(&self, name: &Name) -> Option<&'a InForce> {
        self.situation.journeys.get(name)
    }

    /// Looks at a predicate; when it may change by itself is a moment to look again.
    fn holds(&mut self, predicate: &Predicate) -> bool {
        let now = self.situation;
        let truth = segments::holds(
            now.plan,
            now.known,
            now.catalogue,
            &now.standings.each,
            predicate,
            now.now,
        );
        self.due = self.due.min(truth.until.0);
        truth.holds
    }

    fn happens(&mut self, run: &mut Run, step: Option<&str>, what: Happens) {
        let number = run.moves;
        run.moves = run.moves.saturating_add(1);
        self.effects.push(Effect {
            journey: run.journey.clone(),
            key: run.key.clone(),
            entered_at: run.entered_at,
            step: step.map(str::to_owned),
            number,
            what,
        });
    }

    /// Ends a run.
    fn end(&mut self, mut run: Run, how: Left) {
        let step = run.at.take();
        self.happens(&mut run, step.as_deref(), Happens::Left(how));
        self.runs.past.push(Past {
            journey: run.journey,
            key: run.key,
            entered_at: run.entered_at,
            begun_at: run.begun_at,
            left_at: self.situation.now,
            how,
            reached_goal: run.reached_goal,
        });
    }

    /// Who may not be in a journey any more leaves it, also a paused one and also in silence.
    fn leave(&mut self) {
        for run in std::mem::take(&mut self.runs.present) {
            let Some(found) = self.in_force(&run.journey) else {
                self.end(run, Left::JourneyGone);
                continue;
            };
            let journey = &found.journey;
            if !self.situation.permitted.contains(journey.purpose) {
                self.end(run, Left::NotPermitted);
            } else if journey.leave_when.as_ref().is_some_and(|when| self.holds(when)) {
                self.end(run, Left::Condition);
            } else {
                self.runs.present.push(run);
            }
        }
    }

    /// The goal counts once a run, while its time lasts, also for who has left or was held out.
    fn goals(&mut self, fresh: &Fresh<'_>) {
        let reached = |journey: &Journey, begun_at: Moment| {
            let goal = journey.goal.as_ref();
            goal.is_some_and(|goal| {
                matches(&goal.occurrence, fresh)
                    && fresh.happened.at >= begun_at
                    && fresh.happened.at.0 - begun_at.0 <= goal.within.window_ms()
            })
        };
        for mut run in std::mem::take(&mut self.runs.present) {
            let found = self.in_force(&run.journey);
            if run.reached_goal || !found.is_some_and(|found| reached(&found.journey, run.begun_at)) {
                self.runs.present.push(run);
                continue;
            }
            run.reached_goal = true;
            let held_out = run.at.is_none();
            self.happens(&mut run, None, Happens::Goal { held_out });
            self.end(run, Left::Goal);
        }
        let mut past = std::mem::take(&mut self.runs.past);
        for gone in &mut past {
            let found = self.in_force(&gone.journey);
            if gone.reached_goal || !found.is_some_and(|found| reached(&found.journey, gone.begun_at)) {
                continue;
            }
            gone.reached_goal = true;
            self.effects.push(Effect {
                journey: gone.journey.clone(),
                key: gone.key.clone(),
                entered_at: gone.entered_at,
                step: None,
                // Past every number of the run itself.
                number: u32::MAX,
                what: Happens::Goal {
                    held_out: gone.how == Left::HeldOut,
                },
            });
        }
        self.runs.past = past;
    }

    /// Keeps of the past what a rule may ask for, up to a bound.
    fn forget(&mut self) {
        let now = self.situation.now.0;
        let journeys = self.situation.journeys;
        let asked = |past: &Past| match journeys.get(&past.journey).map(|found| &found.journey) {
            // A journey may come back: whoever was in it once is not to enter anew.
            None => true,
            Some(journey) => {
                let goal = journey.goal.as_ref().is_some_and(|goal| {
                    !past.reached_goal && now - past.begun_at.0 <= goal.within.window_ms()
                });
                // Who entered at this very moment does not enter at it again, also if they are out already.
                let just = past.entered_at.0 >= now;
                goal || just
                    || match journey.again {
                        program::journey::Again::Never => true,
                        // Two days more than the calendar could say.
                        program::journey::Again::After(span) => {
                            now - past.left_at.0
                                <= span.window_ms().saturating_mul(2).saturating_add(2 * DAY_MS)
                        }
                        program::journey::Again::WhenOut => false,
                    }
            }
        };
        self.runs.past.retain(asked);
        let over = self.runs.past.len().saturating_sub(PAST_MAX);
        self.runs.past.drain(..over);
    }
}

/// Whether that is such an occurrence.
fn matches(wanted: &Occurrence, fresh: &Fresh<'_>) -> bool {
    wanted.event == fresh.event && segments::fields_pass(&wanted.fields, fresh.happened)
}
