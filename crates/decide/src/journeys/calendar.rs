//! Hours and days where the person lives: how long a wait is, when a window of the day opens, when a
//! recurring time comes next. Windows that pass midnight are what this is for; clocks that are set forward or
//! back are `gate::calendar`'s.
//!
//! Deliberately does not know: journeys.

use gate::calendar::{self, NEVER, local, moment};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use program::Span;
use program::journey::{Calendar, DayWindow, Days, TimeOfDay, Weekday};
use program::span::Unit;
use vocabulary::Moment;

/// When a wait that begins now ends: minutes and hours by the stopwatch, longer ones by the calendar.
pub fn after(span: Span, zone: &TimeZone, now: Moment) -> Moment {
    let count = i64::from(span.count);
    let span = match span.unit {
        Unit::Minutes => count.minutes(),
        Unit::Hours => count.hours(),
        Unit::Days => count.days(),
        Unit::Weeks => count.weeks(),
        Unit::Months => count.months(),
        Unit::Years => count.years(),
    };
    let end = local(zone, now).and_then(|here| here.checked_add(span).ok());
    end.map_or(NEVER, |end| moment(&end))
}

/// The first moment from now on that lies in the window: now itself if it is open.
pub fn opens(window: DayWindow, days: &[Weekday], zone: &TimeZone, now: Moment) -> Moment {
    let Some(here) = local(zone, now) else {
        return NEVER;
    };
    // Yesterday's window may still be open; the longest way to the next is a week and a day.
    let first = here.date().yesterday().unwrap_or(here.date());
    let mut day = first;
    for _ in 0..10 {
        let allowed = days.is_empty() || days.contains(&weekday(day));
        if allowed && let Some((from, to)) = window_of(window, day, zone) {
            if from <= now && now < to {
                return now;
            }
            if from > now {
                return from;
            }
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    NEVER
}

/// The first moment later than `after` at which the recurring time comes.
pub fn recurs(calendar: &Calendar, zone: &TimeZone, after: Moment) -> Moment {
    let Some(here) = local(zone, after) else {
        return NEVER;
    };
    let mut day = here.date();
    // A month and a day are the longest way.
    for _ in 0..33 {
        let on = match &calendar.on {
            Days::Daily => true,
            Days::Weekly(days) => days.contains(&weekday(day)),
            Days::Monthly(of_month) => {
                let wanted = i8::try_from(*of_month).unwrap_or(31).min(day.days_in_month());
                day.day() == wanted
            }
        };
        if on
            && let Some(at) = at(day, calendar.at, zone)
            && at > after
        {
            return at;
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    NEVER
}

/// The first moment later than `after` at which the day of the year of `born` is so many days ahead, at
/// that time of day. 29 February is kept on 1 March in other years.
pub fn comes_round(born: Date, days_before: i16, time: TimeOfDay, zone: &TimeZone, after: Moment) -> Moment {
    let Some(here) = local(zone, after) else {
        return NEVER;
    };
    let year = here.year();
    for year in [
        year.saturating_sub(1),
        year,
        year.saturating_add(1),
        year.saturating_add(2),
    ] {
        let day = Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, 3, 1));
        let day = day.and_then(|day| day.checked_sub(i64::from(days_before).days()));
        if let Ok(day) = day
            && let Some(at) = at(day, time, zone)
            && at > after
        {
            return at;
        }
    }
    NEVER
}

fn window_of(window: DayWindow, day: Date, zone: &TimeZone) -> Option<(Moment, Moment)> {
    let ends = if window.to <= window.from {
        day.tomorrow().ok()?
    } else {
        day
    };
    Some((at(day, window.from, zone)?, at(ends, window.to, zone)?))
}

fn at(day: Date, time: TimeOfDay, zone: &TimeZone) -> Option<Moment> {
    calendar::at(day, time.0, zone)
}

fn weekday(day: Date) -> Weekday {
    match day.weekday() {
        jiff::civil::Weekday::Monday => Weekday::Monday,
        jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
        jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
        jiff::civil::Weekday::Thursday => Weekday::Thursday,
        jiff::civil::Weekday::Friday => Weekday::Friday,
        jiff::civil::Weekday::Saturday => Weekday::Saturday,
        jiff::civil::Weekday::Sunday => Weekday::Sunday,
    }
}
