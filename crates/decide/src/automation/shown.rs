//! What automation keeps of a person, for their own eyes: the groups they are in, since when and why, and where
//! they are in journeys.
//!
//! Deliberately does not know: the words it is told in.

use super::{Automation, known, positions, traits};
use crate::segments::{self, Found, Known, Truth, Why};
use gate::purposes::SegmentView;
use program::journey::What;
use program::segment::Predicate;
use program::words::{Name, Words};
use vocabulary::Moment;

/// Everything.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Shown {
    /// The groups they are in.
    pub groups: Vec<Group>,
    /// The journeys they are in.
    pub journeys: Vec<Place>,
}

/// A group they are in.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// Its name in the program.
    pub name: Name,
    /// What it is called.
    pub title: Words,
    /// Since when.
    pub since: Moment,
    /// Why, with all it rests on.
    pub why: Reason,
}

/// Why a predicate holds, or does not: [`Why`], standing by itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Reason {
    /// What is asked.
    pub predicate: Predicate,
    /// Whether it holds.
    pub holds: bool,
    /// What was found.
    pub found: Found,
    /// Of a combination: its parts, in order.
    pub parts: Vec<Reason>,
}

/// Where they are in a journey.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    /// The journey's name in the program.
    pub name: Name,
    /// What it is called.
    pub title: Words,
    /// The step they came to: its id, and what it does. `None`: they are held out, and nothing is done.
    pub step: Option<(String, Option<What>)>,
    /// When they came there.
    pub since: Moment,
}

impl Automation {
    /// What is kept of a person, with the reasons of now.
    pub fn shown(&self, view: &SegmentView, now: Moment) -> Shown {
        let traits = traits(view);
        let zone = self.zone_of(&traits);
        let known = known(view, &traits, &zone);
        let memberships = self.memberships(&view.state).into_iter();
        let groups = memberships.filter(|one| one.holds).filter_map(|one| {
            let segment = self.plan.segment(self.plan.place(&one.segment)?)?;
            let why = segments::why(&self.plan, &known, &self.catalogue, &one.segment, now)?;
            Some(Group {
                name: one.segment,
                title: segment.title.clone(),
                since: one.since,
                why: Reason::of(&why),
            })
        });
        let journeys = positions(&view.state)
            .into_iter()
            .filter_map(|(name, step, since)| {
                let journey = &self.journeys.get(&name)?.journey;
                Some(Place {
                    title: journey.title.clone(),
                    step: step.map(|id| {
                        let what = journey.step(&id).map(|(_, step)| step.what.clone());
                        (id, what)
                    }),
                    name,
                    since,
                })
            });
        Shown {
            groups: groups.collect(),
            journeys: journeys.collect(),
        }
    }
}

impl Automation {
    /// Whether somebody of whom this is known would be in a segment, why, and when that changes though nothing
    /// happens: for whoever tries a segment out, with values that are nobody's. `None`: there is no such segment.
    pub fn explained(&self, known: &Known<'_>, segment: &Name, now: Moment) -> Option<(Reason, Truth)> {
        let why = segments::why(&self.plan, known, &self.catalogue, segment, now)?;
        Some((Reason::of(&why), why.truth))
    }
}

impl Reason {
    fn of(why: &Why<'_>) -> Reason {
        Reason {
            predicate: why.predicate.clone(),
            holds: why.truth.holds,
            found: why.found.clone(),
            parts: why.parts.iter().map(Reason::of).collect(),
        }
    }
}
