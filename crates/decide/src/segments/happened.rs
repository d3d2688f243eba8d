//! Predicates over what happened: how often, how much, how long ago, what after what. Windows slide over
//! event time and are exact to the millisecond: an occurrence counts while `now - span < at <= now`.

use super::desk::Desk;
use super::truth::Truth;
use super::value::{amount, compares, fields_pass, millionths};
use program::segment::{Comparison, EventTest, Measure, Occurrence, Sequence, Window};
use vocabulary::{DAY_MS, Happened, Moment};

/// What one occurrence weighs when occurrences are counted: a millionth is the unit.
const ONE: i128 = 1_000_000;
/// The same, for what fits.
const ONE_64: i64 = 1_000_000;

/// A window with its limits: how far it looks back from now, and which times it takes at all.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    span: i64,
    from: i64,
    to: i64,
}

impl Bounds {
    /// Nothing older than the horizon is ever looked at, whatever the window.
    pub(super) fn of(window: Window, horizon: i64) -> Bounds {
        let (span, from, to) = match window {
            Window::Ever => (horizon, i64::MIN, i64::MAX),
            Window::Within(span) => (span.window_ms().min(horizon), i64::MIN, i64::MAX),
            Window::Between { from, to } => (horizon, from.0, to.map_or(i64::MAX, |to| to.0)),
        };
        Bounds { span, from, to }
    }

    /// Of times in order, those that count now or will: the rest has left or is not taken.
    pub(super) fn of_times<T>(
        self,
        each: &[T],
        at: impl Fn(&T) -> i64,
        now: Moment,
    ) -> std::ops::Range<usize> {
        let left = each.partition_point(|one| self.leaves(at(one)) <= now.0);
        let begins = if self.from == i64::MIN {
            left
        } else {
            left.max(each.partition_point(|one| at(one) < self.from))
        };
        let ends = if self.to == i64::MAX {
            each.len()
        } else {
            each.partition_point(|one| at(one) < self.to)
        };
        begins..ends.max(begins)
    }

    /// How long what happened is in the window at most, milliseconds.
    pub(super) fn span(self) -> i64 {
        self.span
    }

    pub(super) fn takes(self, at: i64) -> bool {
        self.from <= at && at < self.to
    }

    /// When an occurrence of that time leaves.
    pub(super) fn leaves(self, at: i64) -> i64 {
        at.saturating_add(self.span)
    }
}

/// A weight that counts from one moment on for as long as the window is.
pub(super) type Weighed = (i64, i128);

/// The test of an event, and what was measured: millionths of occurrences, of a sum, or of days.
pub(super) fn event(
    test: &EventTest,
    each: &[Happened],
    desk: &Desk<'_>,
    horizon: i64,
    now: Moment,
) -> (Truth, Option<i128>) {
    let bounds = Bounds::of(test.window, horizon);
    // What has left does not come back: of a long past only the window is looked at.
    let window = bounds.of_times(each, |one| one.at.0, now);
    let inside = each.get(window.clone()).unwrap_or_default();
    // What nearly all tests are: of all occurrences, none of which is yet to come.
    if test.occurrence.fields.is_empty() && each.last().is_none_or(|last| last.at <= now) {
        match test.measure {
            Measure::DaysSinceLast | Measure::DaysSinceFirst => {
                let reference = match test.measure {
                    Measure::DaysSinceLast => inside.last(),
                    _ => inside.first(),
                };
                return gone_by(reference.map(|one| one.at.0), i64::MAX, test, bounds, now);
            }
            _ => {
                if let Some((truth, found)) = settled(test, each, window, desk, bounds) {
                    return (truth, Some(found));
                }
            }
        }
    }
    let chosen = inside
        .iter()
        .filter(|one| fields_pass(&test.occurrence.fields, one));
    match &test.measure {
        Measure::Count => {
            let weighed = chosen.map(|one| (one.at.0, ONE));
            let (truth, sum) = sliding(weighed, bounds, now, test.comparison, millionths(test.value));
            (truth, Some(sum))
        }
        Measure::Sum(field) => {
            let weighed = chosen.map(|one| (one.at.0, amount(one, field)));
            let (truth, sum) = sliding(weighed, bounds, now, test.comparison, millionths(test.value));
            (truth, Some(sum))
        }
        Measure::DaysSinceLast | Measure::DaysSinceFirst => {
            let times = chosen.map(|one| one.at.0);
            let last = test.measure == Measure::DaysSinceLast;
            since(times, last, test, bounds, now)
        }
    }
}

/// A number or a sum of all occurrences of a window, compared with a limit, while nothing is yet to come and no
/// weight is below nothing. What is measured can only fall then, so that the
/// moment at which it passes the limit is looked up instead of walked to. `None`: it is none of these.
fn settled(
    test: &EventTest,
    each: &[Happened],
    window: std::ops::Range<usize>,
    desk: &Desk<'_>,
    bounds: Bounds,
) -> Option<(Truth, i128)> {
    let inside = each.get(window.clone())?;
    let value = millionths(test.value);
    // Each comparison as *at least that*, or its opposite.
    let (least, opposite) = match test.comparison {
        Comparison::AtLeast => (value, false),
        Comparison::LessThan => (value, true),
        Comparison::MoreThan => (value.saturating_add(1), false),
        Comparison::AtMost => (value.saturating_add(1), true),
        Comparison::Exactly => return None,
    };
    let (found, passes) = match &test.measure {
        Measure::Count => {
            let count = i64::try_from(inside.len()).ok()?;
            // Of so many that have to stay, the oldest. Dividing 128 bits is slow.
            let least = i64::try_from(least).ok()?;
            let stay = least.div_euclid(ONE_64) + i64::from(least.rem_euclid(ONE_64) > 0);
            let place = (stay > 0).then(|| usize::try_from(count - stay).ok()).flatten();
            (i128::from(count) * ONE, place)
        }
        Measure::Sum(field) => desk.sums(each, field, |sums| {
            let ends = *sums.get(window.end)?;
            let after = sums.get(window.start..=window.end)?;
            let found = ends - after.first()?;
            // After so many have left, too little is there for the first time.
            let gone = after.partition_point(|begins| ends - begins >= least);
            Some((found, gone.checked_sub(1)))
        })?,
        Measure::DaysSinceLast | Measure::DaysSinceFirst => return None,
    };
    let until = match passes.and_then(|place| inside.get(place)) {
        Some(one) if found >= least => bounds.leaves(one.at.0),
        _ => i64::MAX,
    };
    let truth = Truth::until(found >= least, until);
    Some((if opposite { !truth } else { truth }, found))
}

/// The sum of what is in the window, compared; and the first moment at which the comparison comes out
/// otherwise if nothing happens. `weighed` is by time.
pub(super) fn sliding(
    weighed: impl Iterator<Item = Weighed> + Clone,
    bounds: Bounds,
    now: Moment,
    comparison: Comparison,
    value: i128,
) -> (Truth, i128) {
    let mut leaving = weighed
        .clone()
        .skip_while(|(at, _)| bounds.leaves(*at) <= now.0)
        .peekable();
    let mut entering = weighed.skip_while(|(at, _)| *at <= now.0).peekable();
    let mut sum: i128 = leaving
        .clone()
        .take_while(|(at, _)| *at <= now.0)
        .map(|(_, weight)| weight)
        .sum();
    let found = sum;
    let holds = compares(comparison, sum, value);
    loop {
        let leaves = leaving.peek().map(|(at, _)| bounds.leaves(*at));
        let enters = entering.peek().map(|(at, _)| *at);
        let Some(next) = leaves.into_iter().chain(enters).min() else {
            return (Truth::always(holds), found);
        };
        while let Some((_, weight)) = leaving.next_if(|(at, _)| bounds.leaves(*at) <= next) {
            sum -= weight;
        }
        while let Some((_, weight)) = entering.next_if(|(at, _)| *at <= next) {
            sum += weight;
        }
        if compares(comparison, sum, value) != holds {
            return (Truth::until(holds, next), found);
        }
    }
}

/// How long ago the latest or the first one was.
fn since(
    times: impl DoubleEndedIterator<Item = i64> + Clone,
    last: bool,
    test: &EventTest,
    bounds: Bounds,
    now: Moment,
) -> (Truth, Option<i128>) {
    let mut inside = times
        .clone()
        .filter(|at| *at <= now.0 && bounds.leaves(*at) > now.0);
    // The first that is yet to come, looked for from the end: most have come.
    let enters = times
        .rev()
        .take_while(|at| *at > now.0)
        .last()
        .unwrap_or(i64::MAX);
    let reference = if last { inside.next_back() } else { inside.next() };
    gone_by(reference, enters, test, bounds, now)
}

/// How long ago that was, compared; another one may come at `enters`. *Exactly* so many days means as many
/// whole ones.
fn gone_by(
    reference: Option<i64>,
    enters: i64,
    test: &EventTest,
    bounds: Bounds,
    now: Moment,
) -> (Truth, Option<i128>) {
    let (comparison, days) = (test.comparison, test.value);
    let Some(reference) = reference else {
        return (Truth::until(false, enters), None);
    };
    let wanted = times_over(millionths(days), i128::from(DAY_MS), ONE);
    let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
    let holds_after = |gone: i64| match comparison {
        Comparison::Exactly => wanted <= gone && gone - wanted < DAY_MS,
        other => compares(other, i128::from(gone), i128::from(wanted)),
    };
    let gone = now.0 - reference;
    let holds = holds_after(gone);
    // The comparison turns at one of these, counted from the reference; another reference may come sooner.
    let turns = [wanted, wanted.saturating_add(1), wanted.saturating_add(DAY_MS)]
        .into_iter()
        .filter(|turn| *turn > gone && holds_after(*turn) != holds)
        .min()
        .map_or(i64::MAX, |turn| reference.saturating_add(turn));
    let until = turns.min(enters).min(bounds.leaves(reference));
    let found = times_over(i128::from(gone), ONE, i128::from(DAY_MS));
    (Truth::until(holds, until), Some(found))
}

/// `number * times / over`, where it fits in 64 bits without dividing 128.
fn times_over(number: i128, times: i128, over: i128) -> i128 {
    let product = number.saturating_mul(times);
    match (i64::try_from(product), i64::try_from(over)) {
        (Ok(product), Ok(over)) => i128::from(product.checked_div(over).unwrap_or_default()),
        _ => product / over,
    }
}

/// One after the other, each strictly later. Of all the ways it came about the one that began last counts:
/// it stays in the window longest. Answers its times.
pub(super) fn sequence<'k>(
    test: &Sequence,
    each: impl Fn(&str) -> &'k [Happened],
    horizon: i64,
    now: Moment,
) -> (Truth, Vec<Moment>) {
    let bounds = Bounds::of(test.window, horizon);
    let times = |step: &Occurrence| -> Vec<i64> {
        each(&step.event)
            .iter()
            .filter(|one| bounds.takes(one.at.0) && fields_pass(&step.fields, one))
            .map(|one| one.at.0)
            .collect()
    };
    let steps: Vec<Vec<i64>> = test.steps.iter().map(times).collect();
    let span = test.span.window_ms();
    let starts = steps.first().map(Vec::as_slice).unwrap_or_default();
    let begun = starts
        .iter()
        .rev()
        .filter(|at| **at <= now.0 && bounds.leaves(**at) > now.0);
    for start in begun {
        let chain = chain(&steps, *start);
        if let Some(end) = chain.last().filter(|_| chain.len() == steps.len())
            && end.0 <= now.0
            && end.0 - start <= span
        {
            return (Truth::until(true, bounds.leaves(*start)), chain);
        }
    }
    let next = steps.iter().flatten().copied().filter(|at| *at > now.0).min();
    (Truth::until(false, next.unwrap_or(i64::MAX)), Vec::new())
}

/// From that start, each step as soon as it came.
fn chain(steps: &[Vec<i64>], start: i64) -> Vec<Moment> {
    let mut chain = vec![Moment(start)];
    let mut at = start;
    for step in steps.iter().skip(1) {
        let after = step.partition_point(|time| *time <= at);
        let Some(time) = step.get(after) else { break };
        at = *time;
        chain.push(Moment(at));
    }
    chain
}
