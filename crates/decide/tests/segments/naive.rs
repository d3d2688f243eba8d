//! What a predicate means, said as plainly as can be: over all raw events, with no regard for speed, and
//! without a word about when it changes.

use crate::any::{self, Person};
use jiff::civil::Date;
use program::Segment;
use program::segment::{Comparison, Did, Measure, Occurrence, Predicate, Test, Value, Which, Window};
use vocabulary::{DAY_MS, Scalar};

pub fn holds(who: &Predicate, all: &[Segment], person: &Person, horizon: i64, now: i64) -> bool {
    let again = |part: &Predicate| holds(part, all, person, horizon, now);
    let inside = |window: Window, at: i64| {
        let in_window = match window {
            Window::Ever => true,
            Window::Within(span) => at > now - span.window_ms(),
            Window::Between { from, to } => from.0 <= at && to.is_none_or(|to| at < to.0),
        };
        in_window && at <= now && at > now - horizon
    };
    let times = |occurrence: &Occurrence, window: Window| -> Vec<(i64, f64)> {
        person
            .events
            .iter()
            .filter(|one| one.event == occurrence.event && inside(window, one.at))
            .filter(|one| {
                occurrence.fields.iter().all(|test| {
                    let value = one.fields.iter().find(|(name, _)| *name == test.field);
                    field_passes(&test.test, value.map(|(_, value)| value))
                })
            })
            .map(|one| (one.at, one.total))
            .collect()
    };
    match who {
        Predicate::All(parts) => parts.iter().all(again),
        Predicate::Any(parts) => parts.iter().any(again),
        Predicate::Not(part) => !again(part),
        Predicate::Member(name) => {
            let other = all.iter().find(|segment| segment.name == *name).unwrap();
            again(&other.who)
        }
        Predicate::Consent(purpose) => {
            let given = person.permits.iter().find(|(name, _)| name == purpose);
            given.is_some_and(|(_, until)| now < *until)
        }
        Predicate::Event(test) => {
            let mut found = times(&test.occurrence, test.window);
            found.sort_by_key(|(at, _)| *at);
            match &test.measure {
                Measure::Count => test.comparison.holds(found.len() as f64, test.value),
                // The totals of a story are whole numbers: their sum is exact.
                Measure::Sum(_) => {
                    let sum: f64 = found.iter().map(|(_, total)| total).sum();
                    test.comparison.holds(sum, test.value)
                }
                Measure::DaysSinceLast => ago(found.last(), now, test.comparison, test.value),
                Measure::DaysSinceFirst => ago(found.first(), now, test.comparison, test.value),
            }
        }
        Predicate::Sequence(test) => {
            let steps: Vec<Vec<(i64, f64)>> =
                test.steps.iter().map(|step| times(step, test.window)).collect();
            let starts = steps[0].iter().map(|(at, _)| *at);
            starts
                .into_iter()
                .any(|start| leads_on(&steps[1..], start, start + test.span.window_ms()))
        }
        Predicate::Items(test) => {
            let catalogue = any::catalogue();
            let latest = |did: Did, item: &str| {
                let what = match did {
                    Did::Viewed => 0,
                    Did::Added => 1,
                    Did::Bought => 2,
                };
                let done = person.done.iter().filter(|d| d.item == item && d.what == what);
                done.map(|d| d.at).max()
            };
            let mut items: Vec<&str> = person.done.iter().map(|d| d.item.as_str()).collect();
            items.sort_unstable();
            items.dedup();
            let counted = items.into_iter().filter(|item| {
                let wanted = match &test.which {
                    Which::Any => true,
                    Which::Items(items) => items.iter().any(|one| one.as_str() == *item),
                    Which::Categories(categories) => {
                        let found = catalogue.get(&(*item).into());
                        found.is_some_and(|found| categories.contains(&found.category))
                    }
                };
                wanted && latest(test.did, item).is_some_and(|at| inside(test.window, at))
            });
            counted.count() >= test.at_least as usize
        }
        Predicate::Trait(test) => {
            let value = person.traits.iter().find(|known| known.name == test.name);
            let value = value.filter(|known| test.origin.is_none_or(|origin| origin == known.origin));
            let json = value.map(|known| serde_json::from_str(&known.value).unwrap());
            trait_passes(&test.test, json.as_ref(), person, now)
        }
    }
}

fn leads_on(steps: &[Vec<(i64, f64)>], after: i64, until: i64) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return true;
    };
    step.iter()
        .filter(|(at, _)| *at > after && *at <= until)
        .any(|(at, _)| leads_on(rest, *at, until))
}

fn ago(found: Option<&(i64, f64)>, now: i64, comparison: Comparison, days: f64) -> bool {
    let Some((at, _)) = found else { return false };
    // The days of a story are whole ones: milliseconds compare exactly.
    let (gone, wanted) = (now - at, days as i64 * DAY_MS);
    match comparison {
        Comparison::AtLeast => gone >= wanted,
        Comparison::AtMost => gone <= wanted,
        Comparison::MoreThan => gone > wanted,
        Comparison::LessThan => gone < wanted,
        Comparison::Exactly => gone / DAY_MS == days as i64,
    }
}

fn field_passes(test: &Test, value: Option<&Scalar>) -> bool {
    match (test, value) {
        (Test::Exists, value) => value.is_some(),
        (Test::Is(Value::Text(wanted)), Some(Scalar::Text(text))) => wanted == text,
        (Test::Number(comparison, wanted), Some(Scalar::Number(number))) => {
            comparison.holds(*number, *wanted)
        }
        _ => false,
    }
}

fn trait_passes(test: &Test, value: Option<&serde_json::Value>, person: &Person, now: i64) -> bool {
    let text = value.and_then(serde_json::Value::as_str);
    match test {
        Test::Exists => value.is_some(),
        Test::Is(Value::Text(wanted)) => text == Some(wanted),
        Test::StartsWith(start) => text.is_some_and(|text| text.starts_with(start.as_str())),
        Test::Number(comparison, wanted) => value
            .and_then(serde_json::Value::as_f64)
            .is_some_and(|number| comparison.holds(number, *wanted)),
        Test::Within(span) => {
            let at = text.and_then(|text| text.parse::<jiff::Timestamp>().ok());
            at.map(|at| at.as_millisecond())
                .is_some_and(|at| now - span.window_ms() < at && at <= now)
        }
        Test::Anniversary { days } => {
            let Some(born) = text.and_then(|text| text.parse::<Date>().ok()) else {
                return false;
            };
            let mut day = jiff::Timestamp::from_millisecond(now)
                .unwrap()
                .to_zoned(person.zone.clone())
                .date();
            // Day by day, as one would on a calendar.
            (0..=*days).any(|_| {
                let leap = Date::new(day.year(), 2, 29).is_ok();
                let kept = if (born.month(), born.day()) == (2, 29) && !leap {
                    (3, 1)
                } else {
                    (born.month(), born.day())
                };
                let is = (day.month(), day.day()) == kept;
                day = day.tomorrow().unwrap();
                is
            })
        }
        other => panic!("stories have no {other:?}"),
    }
}
