//! A journey: what happens to a person, step by step, from an entry to an exit. A graph of steps that is
//! already checked: every jump leads somewhere, every loop waits.
//!
//! Deliberately does not know: people, time, how a step is carried out (`decide::journeys`), what a message
//! says (`message`).

use crate::segment::{FieldTest, Occurrence, Predicate, Value};
use crate::span::Span;
use crate::words::{Name, Words};
use vocabulary::PurposeName;

/// A journey.
#[derive(Clone, PartialEq, Debug)]
pub struct Journey {
    /// The stem of its file.
    pub name: Name,
    /// What people read: also the person who is in it.
    pub title: Words,
    /// Why: a person for whom this purpose is not permitted does not enter, and leaves when it ends.
    pub purpose: PurposeName,
    /// Whether it runs.
    pub state: State,
    /// How a person enters.
    pub entry: Entry,
    /// Who enters, of those who could.
    pub who: Option<Predicate>,
    /// Whether a person enters again.
    pub again: Again,
    /// Whoever this becomes true of leaves, wherever they are.
    pub leave_when: Option<Predicate>,
    /// What the journey is for: whoever reaches it leaves, and is counted.
    pub goal: Option<Goal>,
    /// So many in ten thousand are held out: they enter, nothing is done, and they are counted, so that
    /// what the journey does can be told from what would have happened anyway.
    pub holdout: u16,
    /// The steps; the first is where people start. Never empty.
    pub steps: Vec<Step>,
    /// Where people go who stand at a step of an earlier version that is not there any more: its id, and
    /// the id of a step of this one. Who stands at another step that is gone leaves.
    pub moved: Vec<(String, String)>,
}

/// Whether a journey runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum State {
    /// People enter and go on.
    #[default]
    Running,
    /// Nobody enters, nobody moves, nobody is thrown out: people wait where they are.
    Paused,
    /// Nobody enters; who is in it goes on to the end.
    Closing,
}

impl Journey {
    /// The step of that name and its index.
    pub fn step(&self, id: &str) -> Option<(usize, &Step)> {
        self.steps.iter().enumerate().find(|(_, step)| step.id == id)
    }
}

/// How a person enters.
#[derive(Clone, PartialEq, Debug)]
pub enum Entry {
    /// An event happens. With a key, each value of that field is a run of its own (one a cart).
    Event {
        /// Which.
        occurrence: Occurrence,
        /// The field whose value tells runs apart.
        key: Option<String>,
    },
    /// Comes to be in a segment, or no longer to be.
    Segment {
        /// Which.
        name: Name,
        /// Entering it, or leaving it.
        change: Change,
    },
    /// At a time of the calendar, everybody of `who`.
    Schedule(Calendar),
    /// So long before or after the day of a trait, every year (a birthday), at a time of day.
    Anniversary {
        /// The trait that says the date.
        name: String,
        /// Days before it; negative is after.
        days_before: i16,
        /// The time of day, in the person's time zone.
        at: TimeOfDay,
    },
}

/// A change of membership.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Not in before, in now.
    Enters,
    /// In before, not now.
    Leaves,
}

/// A recurring time, in the person's time zone.
#[derive(Clone, PartialEq, Debug)]
pub struct Calendar {
    /// On these days.
    pub on: Days,
    /// At this time of day.
    pub at: TimeOfDay,
}

/// Days of a calendar.
#[derive(Clone, PartialEq, Debug)]
pub enum Days {
    /// Every day.
    Daily,
    /// On these days of the week; never empty.
    Weekly(Vec<Weekday>),
    /// On this day of the month, 1 to 31; the last day of a shorter month.
    Monthly(u8),
}

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weekday {
    /// ISO 8601 day 1.
    Monday,
    /// 2
    Tuesday,
    /// 3
    Wednesday,
    /// 4
    Thursday,
    /// 5
    Friday,
    /// 6
    Saturday,
    /// 7
    Sunday,
}

/// A wall-clock time, minutes after midnight, below 1,440.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimeOfDay(pub u16);

/// Whether who was in a journey may enter again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Again {
    /// Once for ever.
    Never,
    /// So long after they left.
    After(Span),
    /// Whenever they are not in it.
    WhenOut,
}

/// What a journey is for.
#[derive(Clone, PartialEq, Debug)]
pub struct Goal {
    /// The event that reaches it.
    pub occurrence: Occurrence,
    /// Counted when it happens within so long of entering, also after the last step.
    pub within: Span,
}

/// One step.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Unique in the journey, and kept when the journey changes: people who stand at it stay at it.
    pub id: String,
    /// What happens.
    pub what: What,
}

/// Where a person goes next: the index of a step, or out.
pub type Next = Option<usize>;

/// What a step does.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// Waits so long; days, weeks, months and years are calendar days of the person's time zone.
    Wait {
        /// How long.
        span: Span,
        /// Then.
        next: Next,
    },
    /// Waits for a time of day, and a day of the week if any are named, in the person's time zone. Who
    /// comes at that very minute does not wait.
    WaitUntil {
        /// The window of the day in which to go on; it may pass midnight (22:00 to 06:00).
        window: DayWindow,
        /// On these days; empty: on any. A window past midnight belongs to the day on which it opens.
        days: Vec<Weekday>,
        /// Then.
        next: Next,
    },
    /// Waits for an event or for a predicate to be true, at most so long.
    WaitFor {
        /// What is waited for.
        what: Awaited,
        /// At most so long.
        at_most: Span,
        /// When it came.
        came: Next,
        /// When it did not.
        else_: Next,
    },
    /// The first arm whose predicate is true.
    Branch {
        /// The arms, in order; never empty.
        arms: Vec<(Predicate, Next)>,
        /// When none is.
        else_: Next,
    },
    /// A part of the people each way, drawn once per person, journey and step from a seed: the same person
    /// goes the same way again.
    Cohort {
        /// Share in ten thousand, name of the arm, and where it leads; the shares make ten thousand.
        arms: Vec<Arm>,
    },
    /// A cohort that is measured: arms are compared by the journey's goal and by harm.
    Experiment {
        /// Its name, unique in the program.
        name: Name,
        /// As in a cohort; one arm may lead out at once (a holdout).
        arms: Vec<Arm>,
    },
    /// A message, if the person's contract and the charter let it pass.
    Message {
        /// Which.
        name: Name,
        /// Then, whether it was sent or not.
        next: Next,
    },
    /// Something for a member of the team to do.
    Task {
        /// What to do.
        title: Words,
        /// For whom: a role or a queue.
        queue: Name,
        /// Then.
        next: Next,
    },
    /// Sets a trait of origin *observed*, declared in the dictionary with the purpose of the journey.
    Update {
        /// Which.
        name: String,
        /// To what; `None` removes it.
        value: Option<Value>,
        /// Then.
        next: Next,
    },
    /// Tells another system, by a webhook of the settings.
    Webhook {
        /// Which webhook.
        name: Name,
        /// Then.
        next: Next,
    },
    /// Leaves the journey.
    Exit,
}

impl What {
    /// Every way on from here, in order, ways out included.
    pub fn ways(&self) -> Vec<Next> {
        match self {
            What::Wait { next, .. }
            | What::WaitUntil { next, .. }
            | What::Message { next, .. }
            | What::Task { next, .. }
            | What::Update { next, .. }
            | What::Webhook { next, .. } => vec![*next],
            What::WaitFor { came, else_, .. } => vec![*came, *else_],
            What::Branch { arms, else_ } => arms.iter().map(|(_, next)| *next).chain([*else_]).collect(),
            What::Cohort { arms } | What::Experiment { arms, .. } => {
                arms.iter().map(|arm| arm.next).collect()
            }
            What::Exit => vec![None],
        }
    }

    /// Whether time passes here: every loop must have such a step.
    pub fn waits(&self) -> bool {
        matches!(
            self,
            What::Wait { .. } | What::WaitUntil { .. } | What::WaitFor { .. }
        )
    }
}

/// A part of the people.
#[derive(Clone, PartialEq, Debug)]
pub struct Arm {
    /// Its name, unique in the step.
    pub name: String,
    /// In ten thousand.
    pub share: u16,
    /// Where it leads.
    pub next: Next,
}

/// A part of the day; `from == to` is the whole day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayWindow {
    /// From, included.
    pub from: TimeOfDay,
    /// To, excluded; before `from` it is of the next day.
    pub to: TimeOfDay,
}

/// What is waited for.
#[derive(Clone, PartialEq, Debug)]
pub enum Awaited {
    /// An event after the step was reached.
    Event {
        /// Which.
        occurrence: Occurrence,
        /// Only one whose key field has the value of the run's own (the same cart).
        same_key: bool,
    },
    /// That this is true, from the start or later.
    Predicate(Predicate),
}

/// The fields that a list of tests reads.
pub fn fields(tests: &[FieldTest]) -> impl Iterator<Item = &str> {
    tests.iter().map(|test| test.field.as_str())
}
