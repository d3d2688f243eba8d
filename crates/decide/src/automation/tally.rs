//! What of a look is counted for the team: who entered a journey, which ways were taken, how it ended. A key for each
//! thing that happened, which says the journey as it is in force, and nothing of the person.
//!
//! Deliberately does not know: who counts, how figures are told.

use super::Automation;
use crate::journeys::{Effect, Happens, InForce, Left, Stepped};
use program::drawing;

/// The key of a count of a journey: the drawing's key, of the journey as it is in force since then, so that a journey
/// that was changed begins anew.
pub fn key(journey: &InForce, what: &str) -> String {
    format!("{}@{}/{what}", journey.journey.name, journey.since.0)
}

/// The drawing's key, of a key of that journey.
pub fn key_of<'a>(journey: &InForce, key: &'a str) -> Option<&'a str> {
    let (place, what) = key.split_once('/')?;
    let (name, since) = place.split_once('@')?;
    let own = name == journey.journey.name.as_str() && since.parse() == Ok(journey.since.0);
    own.then_some(what)
}

/// The keys of all that happened, one for each time.
pub(super) fn of(automation: &Automation, stepped: &Stepped) -> Vec<String> {
    let passed = stepped.passed.iter().filter_map(|passed| {
        let found = automation.journeys.get(&passed.journey)?;
        let step = found.journey.steps.get(passed.step)?;
        Some(key(found, &drawing::way(&step.id, passed.way)))
    });
    let happened = stepped
        .effects
        .iter()
        .flat_map(|effect| happened(automation, effect));
    passed.chain(happened).collect()
}

fn happened(automation: &Automation, effect: &Effect) -> Vec<String> {
    let Some(found) = automation.journeys.get(&effect.journey) else {
        return Vec::new();
    };
    let whats: &[&str] = match &effect.what {
        Happens::Entered { held_out: true } => &[drawing::ENTERED, drawing::HELD_OUT],
        Happens::Entered { held_out: false } => &[drawing::ENTERED],
        Happens::Goal { held_out: true } => &[drawing::GOAL_HELD_OUT],
        Happens::Goal { held_out: false } => &[drawing::GOAL],
        Happens::Left(Left::Condition) => &[drawing::LEAVE_WHEN, drawing::LEFT],
        Happens::Left(_) => &[drawing::LEFT],
        Happens::Arm { .. }
        | Happens::Message(_)
        | Happens::Task { .. }
        | Happens::Update { .. }
        | Happens::Webhook(_) => &[],
    };
    whats.iter().map(|what| key(found, what)).collect()
}
