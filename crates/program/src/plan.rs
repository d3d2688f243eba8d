//! What putting a program in force changes: which groups are reckoned anew, which journeys change under the
//! people who are in them.
//!
//! Deliberately does not know: how many people that is. Who knows answers through [`Running`].

use crate::deadline::{Moved, moved};
use crate::diff::{Change, diff};
use crate::program::Program;
use crate::segment::Predicate;
use crate::words::Name;
use crate::{Journey, Segment};
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::Digest;

/// From what is in force to what shall be.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// What is in force.
    pub from: Option<Digest>,
    /// What shall be.
    pub to: Digest,
    /// Every file that differs; empty without a program in force.
    pub changes: Vec<Change>,
    /// Groups that change, by name.
    pub segments: BTreeMap<Name, Fate>,
    /// Journeys that change, by name.
    pub journeys: BTreeMap<Name, JourneyFate>,
    /// Deadlines that move.
    pub moved: Vec<Moved>,
}

/// What becomes of something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It was not there.
    New,
    /// It means something else now, itself or by a segment that it names.
    Changed,
    /// It is not there any more.
    Gone,
}

/// What becomes of a journey.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JourneyFate {
    /// As a whole.
    pub fate: Fate,
    /// Steps that are not there any more; people may stand at them.
    pub gone: Vec<String>,
    /// Steps that were not there.
    pub new: Vec<String>,
    /// Steps that do something else or lead elsewhere.
    pub changed: Vec<String>,
}

/// How many people, with the uncertainty it is told with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    /// At least.
    pub low: u64,
    /// At most.
    pub high: u64,
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.low == self.high {
            true => write!(f, "{}", self.low),
            false => write!(f, "{} to {}", self.low, self.high),
        }
    }
}

/// A running system, asked how many people something is about. `None`: not counted, or too few to say.
pub trait Running {
    /// People in a segment now.
    fn in_segment(&self, segment: &Name) -> Option<Interval>;
    /// People whom the segment would have under the new program.
    fn would_be_in(&self, segment: &Segment) -> Option<Interval>;
    /// People who stand at a step now.
    fn at_step(&self, journey: &Name, step: &str) -> Option<Interval>;
}

/// No system to ask.
#[derive(Clone, Copy, Debug)]
pub struct NotRunning;

impl Running for NotRunning {
    fn in_segment(&self, _: &Name) -> Option<Interval> {
        None
    }
    fn would_be_in(&self, _: &Segment) -> Option<Interval> {
        None
    }
    fn at_step(&self, _: &Name, _: &str) -> Option<Interval> {
        None
    }
}

/// What `to` changes against what is in force.
pub fn plan(from: Option<&Program>, to: &Program) -> Plan {
    let none = (BTreeMap::new(), BTreeMap::new());
    let (segments, journeys) = from.map_or((&none.0, &none.1), |from| (&from.segments, &from.journeys));
    let mut journey_fates = BTreeMap::new();
    for name in journeys.keys().chain(to.journeys.keys()) {
        if let Some(fate) = journey(journeys.get(name), to.journeys.get(name)) {
            journey_fates.insert(name.clone(), fate);
        }
    }
    Plan {
        from: from.map(Program::digest),
        to: to.digest(),
        changes: from.map(|from| diff(from, to)).unwrap_or_default(),
        segments: segment_fates(segments, &to.segments),
        journeys: journey_fates,
        moved: from.map(|from| moved(from, to)).unwrap_or_default(),
    }
}

fn segment_fates(before: &BTreeMap<Name, Segment>, after: &BTreeMap<Name, Segment>) -> BTreeMap<Name, Fate> {
    let mut fates = BTreeMap::new();
    for name in before.keys().chain(after.keys()) {
        let fate = match (before.get(name), after.get(name)) {
            (Some(one), Some(other)) if one.who == other.who => continue,
            (Some(_), Some(_)) => Fate::Changed,
            (None, _) => Fate::New,
            (_, None) => Fate::Gone,
        };
        fates.insert(name.clone(), fate);
    }
    // Whoever names a segment that changed changes with it.
    loop {
        let touched: Vec<Name> = after
            .iter()
            .filter(|(name, _)| !fates.contains_key(*name))
            .filter(|(_, segment)| members(&segment.who).iter().any(|name| fates.contains_key(*name)))
            .map(|(name, _)| name.clone())
            .collect();
        if touched.is_empty() {
            return fates;
        }
        fates.extend(touched.into_iter().map(|name| (name, Fate::Changed)));
    }
}

/// The segments that a predicate names.
pub fn members(predicate: &Predicate) -> BTreeSet<&Name> {
    match predicate {
        Predicate::All(all) | Predicate::Any(all) => all.iter().flat_map(members).collect(),
        Predicate::Not(inner) => members(inner),
        Predicate::Member(name) => BTreeSet::from([name]),
        Predicate::Trait(_)
        | Predicate::Event(_)
        | Predicate::Sequence(_)
        | Predicate::Items(_)
        | Predicate::Consent(_) => BTreeSet::new(),
    }
}

fn journey(before: Option<&Journey>, after: Option<&Journey>) -> Option<JourneyFate> {
    let ids = |journey: Option<&Journey>| -> Vec<String> {
        let steps = journey
            .map(|journey| journey.steps.as_slice())
            .unwrap_or_default();
        steps.iter().map(|step| step.id.clone()).collect()
    };
    let (had, has) = (ids(before), ids(after));
    let gone = had.iter().filter(|id| !has.contains(id)).cloned().collect();
    let new = has.iter().filter(|id| !had.contains(id)).cloned().collect();
    let (fate, changed) = match (before, after) {
        (Some(before), Some(after)) => {
            if before == after {
                return None;
            }
            let differs = |id: &&String| {
                let (one, other) = (before.step(id), after.step(id));
                one.zip(other).is_some_and(|((_, one), (_, other))| {
                    // Where a step leads is told by name: another number may be the same step.
                    let lead = |journey: &Journey, what: &crate::journey::What| -> Vec<Option<String>> {
                        let ways = what.ways().into_iter();
                        ways.map(|way| {
                            way.and_then(|at| journey.steps.get(at))
                                .map(|step| step.id.clone())
                        })
                        .collect()
                    };
                    without_ways(&one.what) != without_ways(&other.what)
                        || lead(before, &one.what) != lead(after, &other.what)
                })
            };
            (Fate::Changed, has.iter().filter(differs).cloned().collect())
        }
        (None, Some(_)) => (Fate::New, Vec::new()),
        (_, None) => (Fate::Gone, Vec::new()),
    };
    Some(JourneyFate {
        fate,
        gone,
        new,
        changed,
    })
}

/// What a step does, whichever step comes after it.
fn without_ways(what: &crate::journey::What) -> crate::journey::What {
    use crate::journey::What;
    let mut what = what.clone();
    match &mut what {
        What::Wait { next, .. }
        | What::WaitUntil { next, .. }
        | What::Message { next, .. }
        | What::Task { next, .. }
        | What::Update { next, .. }
        | What::Webhook { next, .. } => *next = None,
        What::WaitFor { came, else_, .. } => (*came, *else_) = (None, None),
        What::Branch { arms, else_ } => {
            arms.iter_mut().for_each(|(_, next)| *next = None);
            *else_ = None;
        }
        What::Cohort { arms } | What::Experiment { arms, .. } => {
            arms.iter_mut().for_each(|arm| arm.next = None);
        }
        What::Exit => {}
    }
    what
}

impl Plan {
    /// The plan in plain words, a line each; sizes where the running system knows them.
    pub fn lines(&self, to: &Program, running: &dyn Running) -> Vec<String> {
        let mut lines = Vec::new();
        match self.from {
            None => lines.push(format!(
                "nothing is in force; this would be the first program, {}",
                self.to
            )),
            Some(from) if from == self.to => lines.push(format!("this very program is in force: {from}")),
            Some(from) => lines.push(format!("from {from} to {}", self.to)),
        }
        lines.extend(self.changes.iter().map(Change::to_string));
        lines.extend(self.moved.iter().map(Moved::to_string));
        let count = |what: &str, found: Option<Interval>| match found {
            Some(found) => format!("{found} people {what}"),
            None => format!("people {what} are not counted here"),
        };
        for (name, fate) in &self.segments {
            let now = count("are in it", running.in_segment(name));
            let then = to
                .segments
                .get(name)
                .and_then(|segment| running.would_be_in(segment));
            let then = count("would be in it", then);
            lines.push(match fate {
                Fate::New => format!("segment `{name}` is reckoned for everybody; {then}"),
                Fate::Changed => format!("segment `{name}` is reckoned anew for everybody; {now}; {then}"),
                Fate::Gone => format!("segment `{name}` ends; {now}"),
            });
        }
        for (name, journey) in &self.journeys {
            lines.push(match journey.fate {
                Fate::New => format!("journey `{name}` begins"),
                Fate::Changed => format!("journey `{name}` changes under the people who are in it"),
                Fate::Gone => format!("journey `{name}` ends: whoever is in it leaves"),
            });
            let steps = [("is gone", &journey.gone), ("is changed", &journey.changed)];
            for (what, ids) in steps {
                for id in ids {
                    let there = count("stand at it", running.at_step(name, id));
                    lines.push(format!("    step `{id}` {what}; {there}"));
                }
            }
            if journey.fate == Fate::Changed {
                lines.extend(journey.new.iter().map(|id| format!("    step `{id}` is new")));
            }
        }
        lines
    }
}
