//! What a contract may say, and what is wrong with one that says something else.
//!
//! Deliberately does not know: which time zones there are; who keeps a contract asks a table of zones.

use super::{Contract, DAY_MINUTES, Rhythm, Weekdays};

/// Most messages in seven days that a person may set.
pub const MOST_PER_WEEK: u8 = 100;
/// Longest name of a time zone, bytes.
pub const MAX_ZONE: usize = 64;

/// Why a contract cannot be kept as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotAContract {
    /// A minute that no day has.
    Minute {
        /// Which member.
        member: &'static str,
        /// What it says.
        minute: u16,
    },
    /// No day, or one that no week has.
    Days(u8),
    /// A day that no week has.
    Day(u8),
    /// None at all, or too many to mean anything.
    PerWeek(u8),
    /// Not the name of a time zone.
    Zone,
}

impl std::error::Error for NotAContract {}

impl std::fmt::Display for NotAContract {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotAContract::Minute { member, minute } => {
                write!(f, "`{member}` is minute {minute} of the day; send 0 to 1439")
            }
            NotAContract::Days(days) => write!(
                f,
                "`days` is {days}; send a sum of 1 (Monday), 2, 4, 8, 16, 32 and 64 (Sunday), or pause to get nothing"
            ),
            NotAContract::Day(day) => {
                write!(f, "`rhythm.day` is {day}; send 0 (Monday) to 6 (Sunday)")
            }
            NotAContract::PerWeek(most) => {
                write!(
                    f,
                    "`per_week` is {most}; send 1 to {MOST_PER_WEEK}, or pause to get nothing"
                )
            }
            NotAContract::Zone => {
                f.write_str("`zone` is not the name of a time zone; send one such as `Europe/Paris`")
            }
        }
    }
}

impl Contract {
    /// Whether it stays within the limits. Says nothing of whether the zone exists.
    pub fn check(&self) -> Result<(), NotAContract> {
        let minute = |member, minute: u16| match minute < DAY_MINUTES {
            true => Ok(()),
            false => Err(NotAContract::Minute { member, minute }),
        };
        if let Some(hours) = self.hours {
            minute("hours.from", hours.from)?;
            minute("hours.to", hours.to)?;
        }
        match self.rhythm {
            Rhythm::Single => {}
            Rhythm::Daily { at } => minute("rhythm.at", at)?,
            Rhythm::Weekly { day, at } => {
                minute("rhythm.at", at)?;
                if day > 6 {
                    return Err(NotAContract::Day(day));
                }
            }
        }
        if let Some(Weekdays(days)) = self.days
            && (days == 0 || days > Weekdays::ALL.0)
        {
            return Err(NotAContract::Days(days));
        }
        if let Some(most) = self.per_week
            && !(1..=MOST_PER_WEEK).contains(&most)
        {
            return Err(NotAContract::PerWeek(most));
        }
        let named = |zone: &String| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
            !zone.is_empty() && zone.len() <= MAX_ZONE && zone.chars().all(plain)
        };
        match self.zone.as_ref().is_none_or(named) {
            true => Ok(()),
            false => Err(NotAContract::Zone),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::Hours;

    #[test]
    fn what_no_day_and_no_week_has_is_named_with_its_place() {
        let hours = |from, to| Contract {
            hours: Some(Hours { from, to }),
            ..Contract::default()
        };
        assert_eq!(hours(0, 1_439).check(), Ok(()));
        let late = NotAContract::Minute {
            member: "hours.to",
            minute: 1_440,
        };
        assert_eq!(hours(0, 1_440).check(), Err(late));
        let days = |days| Contract {
            days: Some(Weekdays(days)),
            ..Contract::default()
        };
        assert_eq!(days(0).check(), Err(NotAContract::Days(0)));
        assert_eq!(days(128).check(), Err(NotAContract::Days(128)));
        assert_eq!(days(127).check(), Ok(()));
        let most = |per_week| Contract {
            per_week: Some(per_week),
            ..Contract::default()
        };
        assert_eq!(most(0).check(), Err(NotAContract::PerWeek(0)));
        assert_eq!(most(101).check(), Err(NotAContract::PerWeek(101)));
        let weekly = |day, at| Contract {
            rhythm: Rhythm::Weekly { day, at },
            ..Contract::default()
        };
        assert_eq!(weekly(7, 0).check(), Err(NotAContract::Day(7)));
        assert_eq!(weekly(6, 1_439).check(), Ok(()));
        for (zone, good) in [
            ("Europe/Paris", true),
            ("", false),
            ("../etc", false),
            ("Europe Paris", false),
        ] {
            let contract = Contract {
                zone: Some(zone.to_owned()),
                ..Contract::default()
            };
            assert_eq!(contract.check().is_ok(), good, "{zone}");
        }
    }
}
