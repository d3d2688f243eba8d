//! The person's contract: when, how often, how and in which words they may be written to. It stands above
//! everything an operator sets.
//!
//! Deliberately does not know: clocks, calendars, what an operator wishes, how it is kept.

mod join;
mod limits;

pub use limits::{MAX_ZONE, MOST_PER_WEEK, NotAContract};

use crate::{Channel, Language, Moment};
use serde::{Deserialize, Serialize};

/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// How a person wishes to be spoken to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Tone {
    /// Short and factual.
    Plain = 0,
    /// Friendly.
    Warm = 1,
    /// Formal.
    Formal = 2,
}

impl Tone {
    /// Every tone, in the order of their numbers.
    pub const ALL: [Tone; 3] = [Tone::Plain, Tone::Warm, Tone::Formal];

    /// The name in files and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Warm => "warm",
            Tone::Formal => "formal",
        }
    }
}

/// Hours of each day, on the person's own clock. `from` after `to` goes over midnight: 22:00 to 06:00 is
/// eight hours. Equal: the whole day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hours {
    /// First minute of the day, 0 to 1,439.
    pub from: u16,
    /// The minute at which it ends, 0 to 1,439.
    pub to: u16,
}

impl Hours {
    /// Whether the minute of the day lies in these hours.
    pub fn hold(self, minute: u16) -> bool {
        match self.from.cmp(&self.to) {
            std::cmp::Ordering::Equal => true,
            std::cmp::Ordering::Less => self.from <= minute && minute < self.to,
            std::cmp::Ordering::Greater => minute >= self.from || minute < self.to,
        }
    }
}

/// Days of the week: bit 0 is Monday.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Weekdays(pub u8);

impl Weekdays {
    /// Every day.
    pub const ALL: Weekdays = Weekdays(0b111_1111);

    /// Whether the day is among them; 0 is Monday.
    pub fn hold(self, weekday: u8) -> bool {
        weekday < 7 && self.0 & (1 << weekday) != 0
    }
}

/// Whether messages come one by one, or together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rhythm")]
pub enum Rhythm {
    /// Each when it is written.
    #[default]
    Single,
    /// Together, once a day.
    Daily {
        /// At which minute of the day.
        at: u16,
    },
    /// Together, once a week.
    Weekly {
        /// On which day; 0 is Monday.
        day: u8,
        /// At which minute of the day.
        at: u16,
    },
}

/// What a person wishes of messages that automation sends them. What is not said is left to the operator,
/// and never more than the charter allows. Answers to a person's own requests are not bound by it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contract {
    /// At which hours; none: whenever the operator may.
    pub hours: Option<Hours>,
    /// On which days; none: every day.
    pub days: Option<Weekdays>,
    /// How many in any seven days over all channels at most; none: as the operator sets.
    pub per_week: Option<u8>,
    /// Nothing before that moment; `Moment(i64::MAX)`: until they say otherwise.
    pub paused_until: Option<Moment>,
    /// One by one, or together.
    pub rhythm: Rhythm,
    /// By which way rather than another, if both are permitted.
    pub channel: Option<Channel>,
    /// How they are spoken to.
    pub tone: Option<Tone>,
    /// In which language.
    pub language: Option<Language>,
    /// Where their clocks are: an IANA name, at most 64 bytes.
    pub zone: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_over_midnight_are_the_night_and_not_the_day() {
        let night = Hours {
            from: 22 * 60,
            to: 6 * 60,
        };
        assert!(night.hold(23 * 60) && night.hold(0) && night.hold(5 * 60 + 59));
        assert!(!night.hold(6 * 60) && !night.hold(12 * 60) && !night.hold(22 * 60 - 1));
        let day = Hours {
            from: 9 * 60,
            to: 18 * 60,
        };
        assert!(day.hold(9 * 60) && !day.hold(18 * 60) && !day.hold(0));
        assert!(Hours { from: 60, to: 60 }.hold(0));
    }

    #[test]
    fn monday_is_the_first_day() {
        assert!(Weekdays(1).hold(0) && !Weekdays(1).hold(6) && !Weekdays::ALL.hold(7));
    }
}
