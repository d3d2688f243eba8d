//! Walking: from the step a person stands at, as far as they go now.
//!
//! Deliberately does not know: how people enter.

use super::draw::{arm, draw};
use super::enter::key_of;
use super::{Fresh, Happens, InForce, Left, Passed, Run, Stepping, calendar, matches};
use program::Journey;
use program::journey::{Awaited, Entry, Next, State, What};
use program::segment::Value;
use vocabulary::{HOUR_MS, Happened, Moment};

/// Who comes round to a step twice in one moment waits so long: a loop that the checks let pass because
/// it waits for something, which is there already each time.
const AGAIN_MS: i64 = HOUR_MS / 60;

/// Where a step leaves a person.
enum Goes {
    /// On, by the way of that number.
    On(Next, usize),
    /// Stays until then, or until something happens.
    Stays(Moment),
    /// On, but what was done must be known first.
    Rests(Next),
}

impl<'a> Stepping<'a> {
    /// What was waited for has happened: who waited goes on.
    pub(super) fn answer(&mut self, fresh: &Fresh<'_>) {
        for mut run in std::mem::take(&mut self.runs.present) {
            let found = self.moving(&run);
            let step = found.and_then(|found| found.journey.step(run.at.as_deref()?));
            if let (Some(found), Some((place, step))) = (found, step)
                && let What::WaitFor { what, came, .. } = &step.what
                && fresh.happened.at >= run.begun_at
                && answers(what, &found.journey, &run, fresh)
            {
                self.pass(&found.journey, place, 0);
                self.goes_to(&mut run, &found.journey, *came);
                if run.at.is_none() {
                    self.end(run, Left::Finished);
                    continue;
                }
            }
            self.runs.present.push(run);
        }
    }

    pub(super) fn walk_all(&mut self) {
        for run in std::mem::take(&mut self.runs.present) {
            match self.moving(&run) {
                Some(found) => self.walk(run, &found.journey),
                None => self.runs.present.push(run),
            }
        }
    }

    /// Silence is looked at again when it ends. Who is paused waits for the team.
    pub(super) fn note_due(&mut self) {
        let silent_until = self
            .situation
            .silent_until
            .filter(|until| *until > self.situation.now);
        if let Some(until) = silent_until.filter(|_| !self.runs.present.is_empty()) {
            self.due = self.due.min(until.0);
        }
    }

    /// The journey of a run that moves now: not in silence, not while paused.
    fn moving(&self, run: &Run) -> Option<&'a InForce> {
        let silent = self
            .situation
            .silent_until
            .is_some_and(|until| until > self.situation.now);
        let found = self.in_force(&run.journey)?;
        (!silent && found.journey.state != State::Paused).then_some(found)
    }

    fn walk(&mut self, mut run: Run, journey: &'a Journey) {
        let now = self.situation.now;
        if run.at.is_none() {
            return self.hold_out(run, journey);
        }
        let mut been: Vec<&str> = Vec::new();
        loop {
            let Some(at) = run.at.clone() else {
                return self.end(run, Left::Finished);
            };
            let Some((place, step)) = journey.step(&at) else {
                let to = journey.moved.iter().find(|(from, _)| *from == at);
                match to.filter(|(_, to)| journey.step(to).is_some()) {
                    // The time of the wait they were in goes on.
                    Some((_, to)) => run.at = Some(to.clone()),
                    None => return self.end(run, Left::StepGone),
                }
                continue;
            };
            if been.contains(&step.id.as_str()) && !matches!(step.what, What::Wait { .. }) {
                self.due = self.due.min(now.0.saturating_add(AGAIN_MS));
                return self.runs.present.push(run);
            }
            been.push(&step.id);
            match self.take(&mut run, journey, &step.id, &step.what) {
                Goes::On(next, way) => {
                    self.pass(journey, place, way);
                    self.goes_to(&mut run, journey, next);
                }
                Goes::Stays(until) => {
                    self.due = self.due.min(until.0);
                    return self.runs.present.push(run);
                }
                Goes::Rests(next) => {
                    self.pass(journey, place, 0);
                    self.goes_to(&mut run, journey, next);
                    if run.at.is_none() {
                        return self.end(run, Left::Finished);
                    }
                    self.due = self.due.min(now.0);
                    return self.runs.present.push(run);
                }
            }
        }
    }

    /// Who is held out is in the journey as long as its goal counts; nothing else happens to them.
    fn hold_out(&mut self, run: Run, journey: &Journey) {
        let within = journey.goal.as_ref().map_or(0, |goal| goal.within.window_ms());
        let over = run.begun_at.0.saturating_add(within);
        if over <= self.situation.now.0 {
            return self.end(run, Left::HeldOut);
        }
        self.due = self.due.min(over);
        self.runs.present.push(run);
    }

    fn pass(&mut self, journey: &Journey, step: usize, way: usize) {
        self.passed.push(Passed {
            journey: journey.name.clone(),
            step,
            way,
        });
    }

    fn goes_to(&self, run: &mut Run, journey: &Journey, next: Next) {
        run.at = next
            .and_then(|index| journey.steps.get(index))
            .map(|step| step.id.clone());
        run.reached_at = self.situation.now;
    }

    fn take(&mut self, run: &mut Run, journey: &'a Journey, id: &str, what: &'a What) -> Goes {
        let (now, zone) = (self.situation.now, self.situation.known.zone);
        match what {
            What::Wait { span, next } => {
                let until = calendar::after(*span, zone, run.reached_at);
                if until <= now {
                    Goes::On(*next, 0)
                } else {
                    Goes::Stays(until)
                }
            }
            What::WaitUntil { window, days, next } => {
                let opens = calendar::opens(*window, days, zone, now);
                if opens <= now {
                    Goes::On(*next, 0)
                } else {
                    Goes::Stays(opens)
                }
            }
            What::WaitFor {
                what,
                at_most,
                came,
                else_,
            } => {
                let until = calendar::after(*at_most, zone, run.reached_at);
                if self.has_come(what, journey, run) {
                    Goes::On(*came, 0)
                } else if until <= now {
                    Goes::On(*else_, 1)
                } else {
                    Goes::Stays(until)
                }
            }
            What::Branch { arms, else_ } => {
                let mut each = arms.iter().enumerate();
                let taken = each.find(|(_, (predicate, _))| self.holds(predicate));
                match taken {
                    Some((number, (_, next))) => Goes::On(*next, number),
                    None => Goes::On(*else_, arms.len()),
                }
            }
            What::Cohort { arms } => {
                let drawn = draw(&self.situation.seed, &["cohort", journey.name.as_str(), id]);
                self.takes_arm(run, id, None, arm(arms, drawn))
            }
            What::Experiment { name, arms } => {
                let drawn = draw(&self.situation.seed, &["experiment", name.as_str()]);
                self.takes_arm(run, id, Some(name), arm(arms, drawn))
            }
            What::Message { name, next } => {
                self.happens(run, Some(id), Happens::Message(name.clone()));
                Goes::On(*next, 0)
            }
            What::Task { queue, next, .. } => {
                self.happens(run, Some(id), Happens::Task { queue: queue.clone() });
                Goes::On(*next, 0)
            }
            What::Update { name, value, next } => {
                let (name, value) = (name.clone(), value.as_ref().map(json));
                self.happens(run, Some(id), Happens::Update { name, value });
                Goes::Rests(*next)
            }
            What::Webhook { name, next } => {
                self.happens(run, Some(id), Happens::Webhook(name.clone()));
                Goes::On(*next, 0)
            }
            What::Exit => Goes::On(None, 0),
        }
    }

    fn takes_arm(
        &mut self,
        run: &mut Run,
        id: &str,
        experiment: Option<&program::words::Name>,
        arm: Option<(usize, &program::journey::Arm)>,
    ) -> Goes {
        // The shares of a checked program make the whole: there is always one.
        let Some((number, arm)) = arm else {
            return Goes::On(None, 0);
        };
        let taken = Happens::Arm {
            experiment: experiment.cloned(),
            arm: arm.name.clone(),
        };
        self.happens(run, Some(id), taken);
        Goes::On(arm.next, number)
    }

    /// Whether what is waited for is so, or has happened since the step was reached: also while the
    /// journey was paused or silent, and nobody looked.
    fn has_come(&mut self, what: &'a Awaited, journey: &Journey, run: &Run) -> bool {
        match what {
            Awaited::Predicate(predicate) => self.holds(predicate),
            Awaited::Event { occurrence, .. } => {
                let since = |one: &&Happened| one.at > run.reached_at && one.at <= self.situation.now;
                let known = self.situation.known.occurrences(&occurrence.event);
                known.iter().filter(since).any(|happened| {
                    let event = occurrence.event.as_str();
                    answers(what, journey, run, &Fresh { event, happened })
                })
            }
        }
    }
}

/// Whether that is what a run waits for.
fn answers(what: &Awaited, journey: &Journey, run: &Run, fresh: &Fresh<'_>) -> bool {
    let Awaited::Event { occurrence, same_key } = what else {
        return false;
    };
    matches(occurrence, fresh) && (!same_key || is_same(journey, run, fresh))
}

/// Whether it is of the same cart, say.
fn is_same(journey: &Journey, run: &Run, fresh: &Fresh<'_>) -> bool {
    match &journey.entry {
        Entry::Event { key: Some(field), .. } => key_of(fresh, field) == run.key,
        _ => true,
    }
}

fn json(value: &Value) -> String {
    match value {
        Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        Value::Number(number) => serde_json::Value::from(*number).to_string(),
        Value::Bool(is) => is.to_string(),
    }
}
