//! Lengths of time as the team writes them: `30 minutes`, `90 days`, `2 months`.
//!
//! Deliberately does not know: calendars. A day of a *window* is 24 hours, because a window slides over
//! event time and nobody's midnight is in it; a day of a *wait* is a calendar day of the person's time
//! zone, and who waits says so.

use serde::{Deserialize, Serialize};
use vocabulary::{DAY_MS, HOUR_MS};

/// The unit of a span.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// 60 seconds.
    Minutes,
    /// 60 minutes.
    Hours,
    /// 24 hours as a window, a calendar day as a wait.
    Days,
    /// Seven days.
    Weeks,
    /// 30 days as a window, a calendar month as a wait.
    Months,
    /// 365 days as a window, a calendar year as a wait.
    Years,
}

/// So many of a unit; never none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Span {
    /// How many, at least one.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// The longest span: ten years. What lasts longer is a typing error.
pub const MAX_DAYS: i64 = 3660;

/// Why a text is no span.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not of the form.
    #[error(
        "`{0}` is no length of time; write a number and a unit, such as `30 minutes`, `12 hours`, `90 days`, `2 weeks`, `1 month`"
    )]
    Form(String),
    /// Too short or too long.
    #[error("`{0}` is out of range; a length of time is at least one minute and at most ten years")]
    Range(String),
}

impl Span {
    /// Reads `90 days`, `1 day`, `2 weeks`.
    pub fn read(text: &str) -> Result<Span, Error> {
        let form = || Error::Form(text.to_owned());
        let (count, unit) = text.trim().split_once(' ').ok_or_else(form)?;
        let count: u32 = count.parse().map_err(|_| form())?;
        let unit = match unit.trim().strip_suffix('s').unwrap_or(unit.trim()) {
            "minute" => Unit::Minutes,
            "hour" => Unit::Hours,
            "day" => Unit::Days,
            "week" => Unit::Weeks,
            "month" => Unit::Months,
            "year" => Unit::Years,
            _ => return Err(form()),
        };
        let span = Span { count, unit };
        if count == 0 || span.window_ms() > MAX_DAYS * DAY_MS {
            return Err(Error::Range(text.to_owned()));
        }
        Ok(span)
    }

    /// The length as a window over event time, milliseconds.
    pub fn window_ms(self) -> i64 {
        let unit = match self.unit {
            Unit::Minutes => HOUR_MS / 60,
            Unit::Hours => HOUR_MS,
            Unit::Days => DAY_MS,
            Unit::Weeks => 7 * DAY_MS,
            Unit::Months => 30 * DAY_MS,
            Unit::Years => 365 * DAY_MS,
        };
        unit * i64::from(self.count)
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            Unit::Minutes => "minute",
            Unit::Hours => "hour",
            Unit::Days => "day",
            Unit::Weeks => "week",
            Unit::Months => "month",
            Unit::Years => "year",
        };
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {unit}{plural}", self.count)
    }
}
