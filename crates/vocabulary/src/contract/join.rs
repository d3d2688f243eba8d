//! Two contracts of one person become one: at every moment it permits what both permit, and nothing else.
//!
//! Hours are those of the person's own clocks: joined, both are read on the clocks of the first. Where a
//! rule cannot be met together (no day, no hour is in both) nothing is sent until the person says what they
//! wish. Deliberately does not know: whose contracts they are, why they are joined.

use super::{Contract, DAY_MINUTES, Hours, Rhythm, Weekdays};
use crate::Moment;

impl Contract {
    /// What both permit. In what does not limit (channel, tone, language, zone, the time of a digest) the
    /// first has the word.
    #[must_use]
    pub fn stricter(&self, other: &Contract) -> Contract {
        let days = both(self.days, other.days, |a, b| {
            Some(Weekdays(a.0 & b.0)).filter(|days| days.0 != 0)
        });
        let hours = both(self.hours, other.hours, overlap);
        let never = days.is_err() || hours.is_err();
        Contract {
            hours: hours.unwrap_or(self.hours),
            days: days.unwrap_or(self.days),
            per_week: match (self.per_week, other.per_week) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            paused_until: match never {
                true => Some(Moment(i64::MAX)),
                false => self.paused_until.max(other.paused_until),
            },
            rhythm: match seldom(other.rhythm) > seldom(self.rhythm) {
                true => other.rhythm,
                false => self.rhythm,
            },
            channel: self.channel.or(other.channel),
            tone: self.tone.or(other.tone),
            language: self.language.or(other.language),
            zone: self.zone.clone().or_else(|| other.zone.clone()),
        }
    }
}

/// `Err`: they cannot be met together.
fn both<T: Copy>(
    one: Option<T>,
    other: Option<T>,
    meet: impl Fn(T, T) -> Option<T>,
) -> Result<Option<T>, ()> {
    match (one, other) {
        (Some(one), Some(other)) => meet(one, other).map(Some).ok_or(()),
        (one, other) => Ok(one.or(other)),
    }
}

fn seldom(rhythm: Rhythm) -> u8 {
    match rhythm {
        Rhythm::Single => 0,
        Rhythm::Daily { .. } => 1,
        Rhythm::Weekly { .. } => 2,
    }
}

/// The longest stretch that lies in both; of two of one length the one that begins first after the beginning
/// of the first's. Two nights that meet at both ends leave two stretches: one of them is kept.
fn overlap(one: Hours, other: Hours) -> Option<Hours> {
    if one.from == one.to {
        return Some(other);
    }
    if other.from == other.to {
        return Some(one);
    }
    let length = |hours: Hours| (hours.to + DAY_MINUTES - hours.from) % DAY_MINUTES;
    let starts = [one.from, other.from];
    let stretch = |from: u16| {
        let left = |hours: Hours| (hours.to + DAY_MINUTES - from) % DAY_MINUTES;
        let minutes = left(one).min(left(other));
        (one.hold(from) && other.hold(from) && minutes > 0).then_some(Hours {
            from,
            to: (from + minutes) % DAY_MINUTES,
        })
    };
    let found = starts.into_iter().filter_map(stretch);
    found.fold(None, |best: Option<Hours>, next| match best {
        Some(best) if length(best) >= length(next) => Some(best),
        _ => Some(next),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn contract() -> impl Strategy<Value = Contract> {
        let hours = prop::option::of((0..1_440u16, 0..1_440u16).prop_map(|(from, to)| Hours { from, to }));
        let days = prop::option::of((1..128u8).prop_map(Weekdays));
        let rhythm = prop_oneof![
            Just(Rhythm::Single),
            (0..1_440u16).prop_map(|at| Rhythm::Daily { at }),
            (0..7u8, 0..1_440u16).prop_map(|(day, at)| Rhythm::Weekly { day, at }),
        ];
        let paused = prop::option::of((0..100i64).prop_map(Moment));
        (hours, days, prop::option::of(1..=100u8), rhythm, paused).prop_map(
            |(hours, days, per_week, rhythm, paused_until)| Contract {
                hours,
                days,
                per_week,
                paused_until,
                rhythm,
                ..Contract::default()
            },
        )
    }

    /// Whether something may come at that moment, day and minute.
    fn permits(contract: &Contract, at: i64, day: u8, minute: u16) -> bool {
        contract.paused_until.is_none_or(|until| until.0 <= at)
            && contract.days.is_none_or(|days| days.hold(day))
            && contract.hours.is_none_or(|hours| hours.hold(minute))
    }

    proptest! {
        #[test]
        fn what_is_joined_permits_nothing_that_either_forbids(
            one in contract(), other in contract(), at in 0..120i64, day in 0..7u8, minute in 0..1_440u16,
        ) {
            let joined = one.stricter(&other);
            prop_assert_eq!(joined.check(), Ok(()));
            if permits(&joined, at, day, minute) {
                prop_assert!(permits(&one, at, day, minute) && permits(&other, at, day, minute));
            }
            for each in [&one, &other] {
                prop_assert!(each.per_week.is_none_or(|most| joined.per_week.unwrap() <= most));
                prop_assert!(seldom(joined.rhythm) >= seldom(each.rhythm));
            }
        }

        #[test]
        fn joining_a_contract_with_itself_changes_nothing(one in contract()) {
            prop_assert_eq!(one.stricter(&one), one.clone());
            prop_assert_eq!(one.stricter(&Contract::default()), one.clone());
            prop_assert_eq!(Contract::default().stricter(&one), one);
        }

        #[test]
        fn once_joined_the_other_has_nothing_more_to_say(one in contract(), other in contract()) {
            let joined = one.stricter(&other);
            prop_assert_eq!(joined.stricter(&other), joined);
        }
    }
}
