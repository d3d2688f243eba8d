//! How long an answer may take, in calendar months (GDPR art. 12(3)), counted as Regulation (EEC,
//! Euratom) 1182/71 counts, and how near the end is.
//!
//! A period in months ends with the same date of the last month as the day it runs from; if that
//! month has no such date, with its last day (art. 3(2)(c)). A last day that is a Saturday, Sunday or
//! public holiday moves to the next working day (art. 3(4)). We promise the date itself, and keep
//! the move for the law: holidays differ from place to place, and none of them makes us early.
//!
//! Deliberately does not know: time zones. Days are UTC.

use vocabulary::Day;

/// So many days before the end, a request that is still open is warned about.
pub const WARN_DAYS: u32 = 7;

/// How near the end is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Urgency {
    /// More than [`WARN_DAYS`] left, or ended.
    Calm,
    /// [`WARN_DAYS`] or fewer left.
    Soon,
    /// The promised day has passed.
    Overdue,
}

/// The last day that the law allows where the promised one is no working day: the next that is
/// neither Saturday, Sunday nor one of `holidays`.
pub fn latest(due: Day, holidays: &[Day]) -> Day {
    // No run of free days is longer than a fortnight; a list that says so is not believed.
    (due.0..due.0.saturating_add(15))
        .map(Day)
        .find(|day| weekday(*day) < 5 && !holidays.contains(day))
        .unwrap_or(due)
}

/// The weekday: 0 is Monday, 6 is Sunday.
pub fn weekday(day: Day) -> u32 {
    // 1970-01-01 was a Thursday.
    (day.0 % 7 + 3) % 7
}

/// The date, `2026-12-22`.
pub fn date(day: Day) -> String {
    let (year, month, date) = civil(day);
    format!("{year:04}-{month:02}-{date:02}")
}

/// The same date so many months later, or the last day of that month if it has no such date.
pub fn add_months(day: Day, months: u32) -> Day {
    let (year, month, date) = civil(day);
    let months = i64::from(month) - 1 + i64::from(months);
    let (year, month) = (year + months.div_euclid(12), months.rem_euclid(12) as u32 + 1);
    number(year, month, date.min(length(year, month)))
}

/// Days of a month (1 to 12) of the proleptic Gregorian calendar.
fn length(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year, month (1 to 12) and day of the month: the years start in March, so that the leap day is a
/// year's last (H. Hinnant, *chrono-compatible low-level date algorithms*).
pub(crate) fn civil(day: Day) -> (i64, u32, u32) {
    let days = i64::from(day.0) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, date as u32)
}

/// The day of a date: [`civil`] the other way.
pub(crate) fn number(year: i64, month: u32, date: u32) -> Day {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = (i64::from(month) + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + i64::from(date) - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    Day((era * 146_097 + of_era - 719_468).clamp(0, i64::from(u32::MAX)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn months_are_counted_as_the_regulation_counts_them() {
        // The examples of EDPB guidelines 01/2022 on the right of access, and the edges.
        let check = |from: (i64, u32, u32), months, to: (i64, u32, u32)| {
            let due = add_months(number(from.0, from.1, from.2), months);
            assert_eq!(civil(due), to, "{from:?} + {months}");
        };
        check((2026, 3, 5), 1, (2026, 4, 5));
        check((2026, 8, 31), 1, (2026, 9, 30));
        check((2027, 1, 31), 1, (2027, 2, 28));
        check((2028, 1, 31), 1, (2028, 2, 29));
        check((2100, 1, 30), 1, (2100, 2, 28));
        check((2026, 11, 30), 3, (2027, 2, 28));
        check((2026, 12, 31), 1, (2027, 1, 31));
        check((2026, 11, 22), 3, (2027, 2, 22));
    }

    #[test]
    fn a_last_day_that_is_free_moves_to_the_next_working_day_and_never_back() {
        let (saturday, monday) = (number(2026, 11, 21), number(2026, 11, 23));
        assert_eq!(weekday(saturday), 5);
        assert_eq!(latest(saturday, &[]), monday);
        assert_eq!(latest(monday, &[]), monday);
        assert_eq!(latest(saturday, &[monday]), number(2026, 11, 24));
        assert_eq!(weekday(number(1970, 1, 1)), 3);
    }

    proptest! {
        #[test]
        fn a_date_reads_back_and_a_month_is_28_to_31_days(day in 0u32..1_000_000, months in 1u32..4) {
            let (year, month, date) = civil(Day(day));
            prop_assert_eq!(number(year, month, date), Day(day));
            prop_assert!((1..=12).contains(&month) && (1..=length(year, month)).contains(&date));
            let later = add_months(Day(day), months).0 - day;
            prop_assert!((28 * months..=31 * months).contains(&later));
            let (_, then, on) = civil(add_months(Day(day), months));
            prop_assert_eq!((month + months - 1) % 12 + 1, then);
            prop_assert!(on <= date);
        }
    }
}
