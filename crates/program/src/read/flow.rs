//! Does the graph of a journey make sense? Every step can be reached, and no loop comes round without time
//! passing.
//!
//! Deliberately does not know: what the steps do.

use crate::fault::{Mark, Sheet};
use crate::journey::{Awaited, Goal, Next, Step, What};

/// Steps, and where each is in its file.
pub(super) struct Flow<'a> {
    pub(super) steps: &'a [Step],
    pub(super) marks: Vec<Mark>,
    /// Who reaches it leaves at once.
    pub(super) goal: Option<&'a Goal>,
}

impl Flow<'_> {
    fn id(&self, at: usize) -> &str {
        self.steps.get(at).map_or("", |step| &step.id)
    }

    fn mark(&self, at: usize) -> Mark {
        self.marks.get(at).copied().unwrap_or(Mark::START)
    }
}

pub(super) fn check(flow: &Flow<'_>, sheet: &mut Sheet<'_>) {
    let reached = reached(flow.steps);
    for (at, step) in flow.steps.iter().enumerate() {
        if reached.get(at) == Some(&false) {
            sheet.error(
                "unreachable",
                flow.mark(at),
                format!("no way leads to the step `{}`", step.id),
                format!("lead a step here with `then: {}`, or take it out", step.id),
            );
        }
    }
    if let Some(circle) = circle(flow.steps) {
        let names: Vec<&str> = circle.iter().map(|at| flow.id(*at)).collect();
        let first = circle.first().copied().unwrap_or_default();
        let mut path = names.join(" → ");
        path.push_str(" → ");
        path.push_str(flow.id(first));
        sheet.error(
            "loop_without_wait",
            flow.mark(first),
            format!("who goes {path} comes round without any time passing"),
            "put a `wait` into the loop: `wait_until` and `wait_for` with `who` may go on at once",
        );
    }
}

/// Warns of answers that are waited for while they are the goal: whoever gives one has left already.
pub(super) fn check_answers(flow: &Flow<'_>, sheet: &mut Sheet<'_>) {
    let Some(goal) = flow.goal else { return };
    let soonest = soonest(flow.steps);
    for (at, step) in flow.steps.iter().enumerate() {
        let What::WaitFor {
            what: Awaited::Event { occurrence, .. },
            at_most,
            ..
        } = &step.what
        else {
            continue;
        };
        let fields = &occurrence.fields;
        let is_goal = occurrence.event == goal.occurrence.event
            && goal.occurrence.fields.iter().all(|test| fields.contains(test));
        let ends = soonest
            .get(at)
            .copied()
            .flatten()
            .map(|soonest| soonest.saturating_add(at_most.window_ms()));
        if is_goal && ends.is_some_and(|ends| ends <= goal.within.window_ms()) {
            sheet.warn(
                "never_answered",
                flow.mark(at),
                format!(
                    "the step `{}` waits for `{}`, which is the goal: whoever does it leaves before it is an answer",
                    step.id, occurrence.event
                ),
                format!("write `wait: {at_most}` instead, or wait for something else"),
            );
        }
    }
}

/// How long it takes at least to come to each step, milliseconds; `None`: there is no way to it.
fn soonest(steps: &[Step]) -> Vec<Option<i64>> {
    let mut soonest: Vec<Option<i64>> = vec![None; steps.len()];
    let mut open = std::collections::BTreeSet::from([(0_i64, 0_usize)]);
    while let Some((time, at)) = open.pop_first() {
        let (Some(known @ None), Some(step)) = (soonest.get_mut(at), steps.get(at)) else {
            continue;
        };
        *known = Some(time);
        let ways: Vec<(i64, Next)> = match &step.what {
            What::Wait { span, next } => vec![(span.window_ms(), *next)],
            What::WaitFor {
                at_most, came, else_, ..
            } => vec![(0, *came), (at_most.window_ms(), *else_)],
            what => what.ways().into_iter().map(|next| (0, next)).collect(),
        };
        let ways = ways.into_iter().filter_map(|(wait, next)| Some((wait, next?)));
        open.extend(ways.map(|(wait, next)| (time.saturating_add(wait), next)));
    }
    soonest
}

fn reached(steps: &[Step]) -> Vec<bool> {
    let mut reached = vec![false; steps.len()];
    let mut waiting = vec![0];
    while let Some(at) = waiting.pop() {
        if let (Some(seen @ false), Some(step)) = (reached.get_mut(at), steps.get(at)) {
            *seen = true;
            waiting.extend(step.what.ways().into_iter().flatten());
        }
    }
    reached
}

/// The ways on from a step that may be gone at the very moment it is reached.
fn at_once(what: &What) -> Vec<Next> {
    match what {
        What::Wait { .. }
        | What::WaitFor {
            what: Awaited::Event { .. },
            ..
        } => Vec::new(),
        What::WaitFor {
            what: Awaited::Predicate(_),
            came,
            ..
        } => vec![*came],
        what => what.ways(),
    }
}

/// A circle of ways that are gone at once: the steps on it, in order.
fn circle(steps: &[Step]) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        OnPath,
        Done,
    }
    let mut seen = vec![Seen::Not; steps.len()];
    for start in 0..steps.len() {
        if seen.get(start) != Some(&Seen::Not) {
            continue;
        }
        let ways = |at: usize| -> Vec<usize> {
            let step = steps.get(at);
            step.map(|step| at_once(&step.what).into_iter().flatten().collect())
                .unwrap_or_default()
        };
        let mut path: Vec<(usize, Vec<usize>)> = vec![(start, ways(start))];
        *seen.get_mut(start)? = Seen::OnPath;
        while let Some((at, left)) = path.last_mut() {
            let at = *at;
            let Some(next) = left.pop() else {
                *seen.get_mut(at)? = Seen::Done;
                path.pop();
                continue;
            };
            match seen.get(next).copied() {
                Some(Seen::OnPath) => {
                    let from = path.iter().position(|(at, _)| *at == next)?;
                    return Some(path.iter().skip(from).map(|(at, _)| *at).collect());
                }
                Some(Seen::Not) => {
                    *seen.get_mut(next)? = Seen::OnPath;
                    path.push((next, ways(next)));
                }
                _ => {}
            }
        }
    }
    None
}
