//! What clocks show where a person lives, and when they will show something: the one place that knows of
//! clocks that are set forward and back. Pure.
//!
//! A time that a clock skips is taken after the gap, by as much as it was skipped; a time that comes twice
//! is taken the first time (RFC 5545 section 3.3.5 does the same).
//!
//! Deliberately does not know: journeys, contracts, what the time is now.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use vocabulary::Moment;

/// A moment that calendars do not reach: it never comes.
pub const NEVER: Moment = Moment(i64::MAX);

/// What a clock on the wall shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wall {
    /// The day of the week; 0 is Monday.
    pub weekday: u8,
    /// The minute of the day, 0 to 1,439.
    pub minute: u16,
}

/// What the clocks of that zone show at that moment. `None`: calendars do not reach it.
pub fn wall(zone: &TimeZone, now: Moment) -> Option<Wall> {
    let here = local(zone, now)?;
    let minute = i32::from(here.hour()) * 60 + i32::from(here.minute());
    Some(Wall {
        weekday: u8::try_from(here.weekday().to_monday_zero_offset()).ok()?,
        minute: u16::try_from(minute).ok()?,
    })
}

/// The moment and the day in that zone.
pub fn local(zone: &TimeZone, now: Moment) -> Option<Zoned> {
    let now = Timestamp::from_millisecond(now.0).ok()?;
    Some(now.to_zoned(zone.clone()))
}

/// The moment of a day and minute of the day (0 to 1,439).
pub fn at(day: Date, minute: u16, zone: &TimeZone) -> Option<Moment> {
    let zoned = zone.to_ambiguous_zoned(on(day, minute)?).compatible().ok()?;
    Some(moment(&zoned))
}

/// A point in time as one.
pub fn moment(zoned: &Zoned) -> Moment {
    Moment(zoned.timestamp().as_millisecond())
}

/// The first moment from `from` on at which the clocks show something that `holds` is true of, within the
/// `days` that follow. `edges`: the minutes of the day at which what holds may change; midnight is always one
/// of them. Exact also where clocks are set: nothing between two of the moments that are looked at changes.
pub fn first(
    zone: &TimeZone,
    from: Moment,
    days: usize,
    edges: &[u16],
    holds: impl Fn(Wall) -> bool,
) -> Moment {
    let now = |at: Moment| wall(zone, at).is_some_and(&holds);
    if now(from) {
        return from;
    }
    let Some(here) = local(zone, from) else {
        return NEVER;
    };
    let mut day = here.date();
    for _ in 0..=days {
        let mut moments: Vec<Moment> = edges
            .iter()
            .chain(&[0])
            .filter_map(|minute| on(day, *minute))
            .flat_map(|shown| {
                let twice = || zone.to_ambiguous_zoned(shown);
                [twice().earlier().ok(), twice().later().ok()]
            })
            .flatten()
            .map(|zoned| moment(&zoned))
            .chain(set_on(zone, day))
            .filter(|at| *at > from)
            .collect();
        moments.sort_unstable();
        if let Some(found) = moments.into_iter().find(|at| now(*at)) {
            return found;
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    NEVER
}

/// When the clocks of that zone are set on that day, its first moment included.
fn set_on(zone: &TimeZone, day: Date) -> impl Iterator<Item = Moment> {
    let begins = at(day, 0, zone).unwrap_or(NEVER);
    let ends = day
        .tomorrow()
        .ok()
        .and_then(|next| at(next, 0, zone))
        .unwrap_or(NEVER);
    let before = Timestamp::from_millisecond(begins.0.saturating_sub(1)).ok();
    let set = before.into_iter().flat_map(|before| zone.following(before));
    let set: Vec<Moment> = set
        .map(|set| Moment(set.timestamp().as_millisecond()))
        .take_while(|at| *at < ends)
        .collect();
    set.into_iter()
}

fn on(day: Date, minute: u16) -> Option<DateTime> {
    let hour = i8::try_from(minute / 60).ok()?;
    let minute = i8::try_from(minute % 60).ok()?;
    Some(DateTime::from_parts(day, Time::new(hour, minute, 0, 0).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HALF: i64 = 30 * 60_000;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn the_hour_that_comes_twice_and_the_one_that_does_not_come() {
        let paris = zone("Europe/Paris");
        // 2026-10-25 00:30 UTC is 02:30, and so is 01:30 UTC.
        let before: Moment = Moment(1_792_888_200_000);
        let shown = wall(&paris, before).unwrap();
        assert_eq!((shown.weekday, shown.minute), (6, 150));
        assert_eq!(wall(&paris, before.plus(3_600_000)), Some(shown));
        // From 02:45 on: the first time it is so.
        let from = |wall: Wall| wall.minute >= 165;
        assert_eq!(first(&paris, before, 1, &[165], from), before.plus(HALF / 2));
        // 2026-03-29: 02:30 does not come; at 03:00 it is later than that.
        let spring = Moment(1_774_740_600_000); // 00:30 there
        let past = |wall: Wall| wall.weekday == 6 && wall.minute >= 150;
        assert_eq!(first(&paris, spring, 1, &[150], past), spring.plus(3 * HALF));
    }

    proptest! {
        #[test]
        fn the_first_moment_is_the_first_of_all_minutes(
            zone in prop::sample::select(vec!["Europe/Paris", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC"]),
            day in 20_400i64..21_200,
            minute in 0i64..1_440,
            from in 0u16..1_440,
            to in 0u16..1_440,
            days in 1u8..128,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let start = Moment(day * 86_400_000 + minute * 60_000);
            let hours = vocabulary::Hours { from, to };
            let holds = |wall: Wall| hours.hold(wall.minute) && days & (1 << wall.weekday) != 0;
            let naive = (0..9 * 1_440)
                .map(|minutes| start.plus(minutes * 60_000))
                .find(|at| wall(&zone, *at).is_some_and(holds));
            let found = first(&zone, start, 9, &[from, to], holds);
            prop_assert_eq!(naive, (found != NEVER && found.0 - start.0 < 9 * 86_400_000).then_some(found));
        }
    }
}
