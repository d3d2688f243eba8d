//! Where a person is in journeys: what is kept of it from one look to the next.
//!
//! Deliberately does not know: how it is stored.

use program::words::Name;
use vocabulary::Moment;

/// All that is kept of a person's journeys.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Runs {
    /// Those they are in.
    pub present: Vec<Run>,
    /// Those they left, as far as somebody asks: for entering again, and for goals reached afterwards.
    pub past: Vec<Past>,
    /// When they were last looked at: a recurring time that came since then is one to enter at.
    pub looked_at: Option<Moment>,
}

/// One run through a journey.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    /// Which journey.
    pub journey: Name,
    /// What tells it from other runs of the same journey.
    pub key: Option<String>,
    /// When the person entered.
    pub entered_at: Moment,
    /// The time of the event by which they entered; else when they entered. What happened before it is
    /// no answer to the journey.
    pub begun_at: Moment,
    /// The step they stand at. Of who is held out: none.
    pub at: Option<String>,
    /// When they came to it.
    pub reached_at: Moment,
    /// How many steps were taken: with it each effect of a run has a number of its own.
    pub moves: u32,
    /// The journey's goal was reached, and counted.
    pub reached_goal: bool,
}

/// A run that has ended.
#[derive(Clone, PartialEq, Debug)]
pub struct Past {
    /// Which journey.
    pub journey: Name,
    /// Of which run.
    pub key: Option<String>,
    /// When they entered.
    pub entered_at: Moment,
    /// The time of what they entered by.
    pub begun_at: Moment,
    /// When they left.
    pub left_at: Moment,
    /// Why.
    pub how: Left,
    /// The goal was reached.
    pub reached_goal: bool,
}

/// Why somebody left a journey.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Left {
    /// After the last step.
    Finished,
    /// They reached what the journey is for.
    Goal,
    /// The journey's `leave_when` came true.
    Condition,
    /// The purpose is not permitted any more.
    NotPermitted,
    /// The step they stood at is gone, and the journey does not say where they go.
    StepGone,
    /// The journey is gone.
    JourneyGone,
    /// They were held out, and the time in which the goal counts is over.
    HeldOut,
}

impl Left {
    /// All of them, in the order of their numbers, which are stored.
    pub const ALL: [Left; 7] = [
        Left::Finished,
        Left::Goal,
        Left::Condition,
        Left::NotPermitted,
        Left::StepGone,
        Left::JourneyGone,
        Left::HeldOut,
    ];

    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Left::Finished => "finished",
            Left::Goal => "goal",
            Left::Condition => "condition",
            Left::NotPermitted => "not_permitted",
            Left::StepGone => "step_gone",
            Left::JourneyGone => "journey_gone",
            Left::HeldOut => "held_out",
        }
    }

    /// Of that number; of one that is not known, that they finished.
    pub(crate) fn of_number(number: u8) -> Left {
        Left::ALL
            .get(usize::from(number))
            .copied()
            .unwrap_or(Left::Finished)
    }
}

/// Something that happens because of a journey. Carried out at most once: `number` is its own in the run.
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// Which journey.
    pub journey: Name,
    /// Which run.
    pub key: Option<String>,
    /// Of which entry.
    pub entered_at: Moment,
    /// At which step; none: the journey itself.
    pub step: Option<String>,
    /// Its number in the run.
    pub number: u32,
    /// What.
    pub what: Happens,
}

/// What happens.
#[derive(Clone, PartialEq, Debug)]
pub enum Happens {
    /// The person entered.
    Entered {
        /// They are held out: nothing else will happen.
        held_out: bool,
    },
    /// The person goes this way.
    Arm {
        /// Of an experiment of that name, if it is one.
        experiment: Option<Name>,
        /// The arm.
        arm: String,
    },
    /// A message is to be sent, if the person's contract and the charter let it pass.
    Message(Name),
    /// A member of the team has something to do.
    Task {
        /// Whose queue.
        queue: Name,
    },
    /// A trait is set, or removed.
    Update {
        /// Which.
        name: String,
        /// JSON text; none: removed.
        value: Option<String>,
    },
    /// Another system is told.
    Webhook(Name),
    /// The goal was reached.
    Goal {
        /// By somebody who was held out.
        held_out: bool,
    },
    /// The person left.
    Left(Left),
}
