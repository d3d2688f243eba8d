//! Hours and days in Paris, on Lord Howe Island (half an hour of summer time) and in Santiago (clocks change
//! at midnight), around the days on which clocks change.

use decide::journeys::calendar::{after, comes_round, opens, recurs};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use program::Span;
use program::journey::{Calendar, DayWindow, Days, TimeOfDay, Weekday};
use proptest::prelude::*;
use vocabulary::{DAY_MS, HOUR_MS, Moment};

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// That wall-clock time, the first time it comes.
fn at(zone_name: &str, text: &str) -> Moment {
    let time: DateTime = text.parse().unwrap();
    let zoned = time.to_zoned(zone(zone_name)).unwrap();
    Moment(zoned.timestamp().as_millisecond())
}

fn told(zone_name: &str, moment: Moment) -> String {
    let zoned = jiff::Timestamp::from_millisecond(moment.0)
        .unwrap()
        .to_zoned(zone(zone_name));
    zoned.datetime().to_string()
}

fn window(from: u16, to: u16) -> DayWindow {
    DayWindow {
        from: TimeOfDay(from * 60),
        to: TimeOfDay(to * 60),
    }
}

#[test]
fn a_day_of_waiting_keeps_the_hour_also_when_clocks_change() {
    for (place, from, to, hours) in [
        ("Europe/Paris", "2026-03-28T09:00", "2026-03-29T09:00:00", 23),
        ("Europe/Paris", "2026-10-24T09:00", "2026-10-25T09:00:00", 25),
        ("America/Santiago", "2026-09-05T09:00", "2026-09-06T09:00:00", 23),
        ("America/Santiago", "2026-04-04T09:00", "2026-04-05T09:00:00", 25),
    ] {
        let begins = at(place, from);
        let ends = after(Span::read("1 day").unwrap(), &zone(place), begins);
        assert_eq!(told(place, ends), to, "{place}");
        assert_eq!((ends.0 - begins.0) / HOUR_MS, hours, "{place}");
        let hours = after(Span::read("24 hours").unwrap(), &zone(place), begins);
        assert_eq!(hours.0 - begins.0, DAY_MS, "{place}");
    }
    // Half an hour of summer time.
    let begins = at("Australia/Lord_Howe", "2026-10-03T09:00");
    let ends = after(Span::read("1 day").unwrap(), &zone("Australia/Lord_Howe"), begins);
    assert_eq!(ends.0 - begins.0, DAY_MS - HOUR_MS / 2);
}

#[test]
fn a_month_after_the_31_is_the_last_of_the_month() {
    let ends = after(
        Span::read("1 month").unwrap(),
        &zone("Europe/Paris"),
        at("Europe/Paris", "2026-01-31T09:00"),
    );
    assert_eq!(told("Europe/Paris", ends), "2026-02-28T09:00:00");
}

#[test]
fn an_hour_that_a_clock_skips_is_taken_after_the_gap() {
    let every_night = |hour: u16, minute: u16| Calendar {
        on: Days::Daily,
        at: TimeOfDay(hour * 60 + minute),
    };
    for (place, time, before, comes) in [
        (
            "Europe/Paris",
            every_night(2, 30),
            "2026-03-28T12:00",
            "2026-03-29T03:30:00",
        ),
        (
            "Australia/Lord_Howe",
            every_night(2, 15),
            "2026-10-03T12:00",
            "2026-10-04T02:45:00",
        ),
        (
            "America/Santiago",
            every_night(0, 0),
            "2026-09-05T12:00",
            "2026-09-06T01:00:00",
        ),
    ] {
        assert_eq!(
            told(place, recurs(&time, &zone(place), at(place, before))),
            comes,
            "{place}"
        );
    }
}

#[test]
fn an_hour_that_comes_twice_is_taken_once() {
    let nightly = Calendar {
        on: Days::Daily,
        at: TimeOfDay(2 * 60 + 30),
    };
    let paris = zone("Europe/Paris");
    let first = recurs(&nightly, &paris, at("Europe/Paris", "2026-10-24T12:00"));
    assert_eq!(told("Europe/Paris", first), "2026-10-25T02:30:00");
    let next = recurs(&nightly, &paris, first);
    assert_eq!(told("Europe/Paris", next), "2026-10-26T02:30:00");
    assert_eq!(next.0 - first.0, DAY_MS + HOUR_MS);
}

#[test]
fn a_window_that_passes_midnight_is_of_the_day_on_which_it_opens() {
    let night = window(22, 6);
    let friday = [Weekday::Friday];
    let paris = zone("Europe/Paris");
    // 2026-11-20 is a Friday.
    for (now, opened) in [
        ("2026-11-20T21:59", "2026-11-20T22:00:00"),
        ("2026-11-20T23:30", "2026-11-20T23:30:00"),
        ("2026-11-21T05:59", "2026-11-21T05:59:00"),
        ("2026-11-21T06:00", "2026-11-27T22:00:00"),
        ("2026-11-20T03:00", "2026-11-20T22:00:00"),
    ] {
        let found = opens(night, &friday, &paris, at("Europe/Paris", now));
        assert_eq!(told("Europe/Paris", found), opened, "at {now}");
    }
}

#[test]
fn a_window_in_the_night_in_which_clocks_change_opens_and_closes() {
    // From 22:00 to 06:00 it is seven hours long in spring, nine in autumn.
    for (day, hours) in [("2026-03-28", 7), ("2026-10-24", 9)] {
        let paris = zone("Europe/Paris");
        let from = opens(
            window(22, 6),
            &[],
            &paris,
            at("Europe/Paris", &format!("{day}T12:00")),
        );
        let last = from.0 + hours * HOUR_MS;
        assert_eq!(opens(window(22, 6), &[], &paris, Moment(last - 1)).0, last - 1);
        assert_ne!(opens(window(22, 6), &[], &paris, Moment(last)).0, last);
    }
}

#[test]
fn the_31_of_a_shorter_month_is_its_last_day() {
    let monthly = Calendar {
        on: Days::Monthly(31),
        at: TimeOfDay(9 * 60),
    };
    let paris = zone("Europe/Paris");
    let mut now = at("Europe/Paris", "2026-01-31T09:00");
    for expected in ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"] {
        now = recurs(&monthly, &paris, now);
        assert_eq!(told("Europe/Paris", now), format!("{expected}T09:00:00"));
    }
}

#[test]
fn a_birthday_comes_round_once_a_year_also_the_29_of_february() {
    let born: Date = "1992-02-29".parse().unwrap();
    let paris = zone("Europe/Paris");
    let mut now = at("Europe/Paris", "2023-01-01T00:00");
    for expected in ["2023-03-01", "2024-02-29", "2025-03-01"] {
        now = comes_round(born, 0, TimeOfDay(9 * 60), &paris, now);
        assert_eq!(told("Europe/Paris", now), format!("{expected}T09:00:00"));
    }
    // A week before the first of January lies in the year before.
    let new_year: Date = "1990-01-01".parse().unwrap();
    let comes = comes_round(
        new_year,
        7,
        TimeOfDay(0),
        &paris,
        at("Europe/Paris", "2026-12-01T00:00"),
    );
    assert_eq!(told("Europe/Paris", comes), "2026-12-25T00:00:00");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Against going through the minutes of a wall clock one by one, where no clock changes.
    #[test]
    fn a_window_opens_at_the_first_minute_that_a_wall_clock_shows_in_it(
        from in 0..1440u16, to in 0..1440u16, day in 0..300i64, minute in 0..1440i64,
        days in prop::collection::vec(0..7usize, 0..3),
    ) {
        let all = [
            Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday,
            Weekday::Saturday, Weekday::Sunday,
        ];
        let days: Vec<Weekday> = days.iter().map(|day| all[*day]).collect();
        let window = DayWindow { from: TimeOfDay(from), to: TimeOfDay(to) };
        // A zone without summer time.
        let tokyo = zone("Asia/Tokyo");
        let now = Moment(1_767_225_600_000 + day * DAY_MS + minute * 60_000);
        let allowed = |day: Date| {
            days.is_empty() || days.contains(&all[day.weekday().to_monday_zero_offset() as usize])
        };
        let shows = |at: i64| {
            let here = jiff::Timestamp::from_millisecond(at).unwrap().to_zoned(tokyo.clone());
            let time = here.hour() as u16 * 60 + here.minute() as u16;
            let today = allowed(here.date());
            let yesterday = allowed(here.date().yesterday().unwrap());
            if from < to {
                today && from <= time && time < to
            } else {
                (today && time >= from) || (yesterday && time < to)
            }
        };
        let naive = (0..9 * 1440).map(|step| now.0 + step * 60_000).find(|at| shows(*at)).unwrap();
        prop_assert_eq!(opens(window, &days, &tokyo, now).0, naive);
    }
}
