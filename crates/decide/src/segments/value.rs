//! Tests of one value: of a trait, or of a field of an event.

use super::truth::Truth;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use program::segment::{Comparison, FieldTest, Test, Value};
use vocabulary::{Happened, Moment, Scalar};

/// A value as it stands in an envelope.
pub(super) enum Found<'a> {
    Absent,
    Text(&'a str),
    Number(f64),
    Bool(bool),
    List(&'a [serde_json::Value]),
    /// An object: nothing can be said of it but that it is there.
    Other,
}

impl<'a> Found<'a> {
    pub(super) fn of_json(value: &'a serde_json::Value) -> Found<'a> {
        match value {
            serde_json::Value::Null => Found::Absent,
            serde_json::Value::Bool(is) => Found::Bool(*is),
            serde_json::Value::Number(number) => number.as_f64().map_or(Found::Other, Found::Number),
            serde_json::Value::String(text) => Found::Text(text),
            serde_json::Value::Array(values) => Found::List(values),
            serde_json::Value::Object(_) => Found::Other,
        }
    }

    fn of_scalar(value: &'a Scalar) -> Found<'a> {
        match value {
            Scalar::Bool(is) => Found::Bool(*is),
            Scalar::Number(number) => Found::Number(*number),
            Scalar::Text(text) => Found::Text(text),
        }
    }

    fn equals(&self, value: &Value) -> bool {
        match (self, value) {
            (Found::Text(found), Value::Text(wanted)) => found == wanted,
            (Found::Number(found), Value::Number(wanted)) => found == wanted,
            (Found::Bool(found), Value::Bool(wanted)) => found == wanted,
            _ => false,
        }
    }

    /// A date or time, if it is one.
    fn moment(&self) -> Option<i64> {
        let Found::Text(text) = self else { return None };
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Some(time.as_millisecond());
        }
        let midnight = text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp().as_millisecond())
    }
}

/// Whether the value passes the test, and until when.
pub(super) fn passes(test: &Test, found: &Found<'_>, zone: &TimeZone, now: Moment) -> Truth {
    match test {
        Test::Within(span) => within(found.moment(), span.window_ms(), now),
        Test::Anniversary { days } => match found {
            Found::Text(text) => anniversary(text, *days, zone, now).unwrap_or(Truth::always(false)),
            _ => Truth::always(false),
        },
        still => Truth::always(passes_still(still, found)),
    }
}

/// Whether all tests of an occurrence's fields hold. A test that time changes never holds of a field: what
/// happened does not change afterwards.
pub(crate) fn fields_pass(tests: &[FieldTest], happened: &Happened) -> bool {
    tests.iter().all(|test| {
        let value = happened.fields.iter().find(|(name, _)| **name == *test.field);
        let found = value.map_or(Found::Absent, |(_, value)| Found::of_scalar(value));
        passes_still(&test.test, &found)
    })
}

fn passes_still(test: &Test, found: &Found<'_>) -> bool {
    match (test, found) {
        (Test::Exists, Found::Absent) => false,
        (Test::Exists, _) => true,
        (Test::Is(value), found) => found.equals(value),
        (Test::OneOf(values), found) => values.iter().any(|value| found.equals(value)),
        (Test::Contains(part), Found::Text(text)) => text.contains(part.as_str()),
        (Test::Contains(part), Found::List(values)) => {
            values.iter().any(|value| value.as_str() == Some(part.as_str()))
        }
        (Test::StartsWith(start), Found::Text(text)) => text.starts_with(start.as_str()),
        (Test::Number(comparison, wanted), Found::Number(found)) => comparison.holds(*found, *wanted),
        (Test::Before(moment), found) => found.moment().is_some_and(|at| at < moment.0),
        (Test::After(moment), found) => found.moment().is_some_and(|at| at >= moment.0),
        _ => false,
    }
}

fn within(at: Option<i64>, span: i64, now: Moment) -> Truth {
    let Some(at) = at else {
        return Truth::always(false);
    };
    let leaves = at.saturating_add(span);
    if at > now.0 {
        Truth::until(false, at)
    } else if leaves > now.0 {
        Truth::until(true, leaves)
    } else {
        Truth::always(false)
    }
}

/// Whether the day of the year of that date comes within so many days, in this time zone.
fn anniversary(text: &str, days: u16, zone: &TimeZone, now: Moment) -> Option<Truth> {
    // A time stands for its day where the person lives; a bare date for itself.
    let born = match text.parse::<Date>() {
        Ok(date) => date,
        Err(_) => text
            .parse::<jiff::Timestamp>()
            .ok()?
            .to_zoned(zone.clone())
            .date(),
    };
    let today = jiff::Timestamp::from_millisecond(now.0)
        .ok()?
        .to_zoned(zone.clone())
        .date();
    let of_year = |year: i16| {
        Date::new(year, born.month(), born.day())
            // 29 February, in a year that has none.
            .or_else(|_| Date::new(year, 3, 1))
            .ok()
    };
    let next = match of_year(today.year())? {
        day if day >= today => day,
        _ => of_year(today.year().checked_add(1)?)?,
    };
    let opens = next.checked_sub(i64::from(days).days()).ok()?;
    let holds = opens <= today;
    let changes = if holds { next.tomorrow().ok()? } else { opens };
    let at = zone.to_ambiguous_zoned(changes.to_datetime(jiff::civil::Time::midnight()));
    // Where midnight does not exist the day begins after the gap.
    let at = at.compatible().ok()?.start_of_day().ok()?;
    Some(Truth::until(holds, at.timestamp().as_millisecond()))
}

/// How a whole number compares, exactly.
pub(super) fn compares(comparison: Comparison, left: i128, right: i128) -> bool {
    match comparison {
        Comparison::AtLeast => left >= right,
        Comparison::AtMost => left <= right,
        Comparison::MoreThan => left > right,
        Comparison::LessThan => left < right,
        Comparison::Exactly => left == right,
    }
}

/// A number in millionths: sums of them do not depend on their order, as sums of floats do.
pub(super) fn millionths(number: f64) -> i128 {
    // What is not finite is nothing; a cast saturates.
    if number.is_finite() {
        let scaled = number * 1e6;
        // Nearly all fit in 64 bits, which is quicker: halves are rounded away from nothing, as `round` does.
        match scaled.abs() < 1e15 {
            true => {
                let whole = scaled as i64;
                let rest = scaled - whole as f64;
                i128::from(whole + i64::from(rest >= 0.5) - i64::from(rest <= -0.5))
            }
            false => scaled.round() as i128,
        }
    } else {
        0
    }
}

/// The numeric value of a field, in millionths; nothing if it has none.
pub(super) fn amount(happened: &Happened, field: &str) -> i128 {
    match happened.fields.iter().find(|(name, _)| **name == *field) {
        Some((_, Scalar::Number(number))) => millionths(*number),
        _ => 0,
    }
}
