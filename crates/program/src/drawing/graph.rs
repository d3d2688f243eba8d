//! The boxes and the ways between them, with their words; not where they stand.

use super::says::{self, Speech};
use super::{ENTERED, HELD_OUT, LEFT};
use crate::Journey;
use crate::journey::What;

/// How a box is drawn, so that it is told apart without colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// Where people enter and leave: round ends.
    End,
    /// Time passes: a double left edge.
    Waits,
    /// Ways part: cut corners.
    Parts,
    /// Something is done: a plain box.
    Does,
    /// Something reaches the person: a box with a thick edge.
    Reaches,
}

/// A box.
pub(super) struct Box {
    pub(super) shape: Shape,
    /// What happens, wrapped.
    pub(super) lines: Vec<String>,
    /// The step's id, if it is a step.
    pub(super) id: Option<String>,
    /// How many, if that is known.
    pub(super) count: Option<String>,
}

/// A way from a box to a box, by their indices.
pub(super) struct Way {
    pub(super) from: usize,
    pub(super) to: usize,
    /// When it is taken, and how often; may be empty.
    pub(super) lines: Vec<String>,
    /// The last line is a count.
    pub(super) counted: bool,
}

/// All of it: the entry is the first box, the way out the last; step `n` is box `n + 1`.
pub(super) struct Graph {
    pub(super) boxes: Vec<Box>,
    pub(super) ways: Vec<Way>,
}

pub(super) fn of(journey: &Journey, counts: &dyn Fn(&str) -> Option<String>, speech: Speech<'_>) -> Graph {
    let out = journey.steps.len() + 1;
    let mut boxes = vec![Box {
        shape: Shape::End,
        lines: says::wrapped(&speech.entry(&journey.entry)),
        id: None,
        count: counts(ENTERED),
    }];
    let mut ways = vec![Way::new(0, 1, "", None)];
    if journey.holdout > 0 {
        let text = format!("{} {}", speech.held_out(), speech.share(journey.holdout));
        ways.push(Way::new(0, out, &text, counts(HELD_OUT)));
    }
    for (place, step) in journey.steps.iter().enumerate() {
        boxes.push(Box {
            shape: shape(&step.what),
            lines: says::wrapped(&speech.step(&step.what)),
            id: Some(step.id.clone()),
            count: counts(&super::at(&step.id)),
        });
        for (number, next) in step.what.ways().into_iter().enumerate() {
            let text = speech.way(&step.what, number);
            let to = next.map_or(out, |index| (index + 1).min(out));
            ways.push(Way::new(
                place + 1,
                to,
                &text,
                counts(&super::way(&step.id, number)),
            ));
        }
    }
    boxes.push(Box {
        shape: Shape::End,
        lines: vec![speech.out().to_owned()],
        id: None,
        count: counts(LEFT),
    });
    Graph { boxes, ways }
}

impl Way {
    fn new(from: usize, to: usize, text: &str, count: Option<String>) -> Way {
        let mut lines = says::wrapped(text);
        let counted = count.is_some();
        lines.extend(count);
        Way {
            from,
            to,
            lines,
            counted,
        }
    }
}

fn shape(what: &What) -> Shape {
    match what {
        What::Wait { .. } | What::WaitUntil { .. } | What::WaitFor { .. } => Shape::Waits,
        What::Branch { .. } | What::Cohort { .. } | What::Experiment { .. } => Shape::Parts,
        What::Message { .. } => Shape::Reaches,
        What::Task { .. } | What::Update { .. } | What::Webhook { .. } => Shape::Does,
        What::Exit => Shape::End,
    }
}
