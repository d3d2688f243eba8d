//! Moments from text: ISO 8601 dates and times, seconds since 1970, `now`, and days as people write them in
//! English (`March 14, 2026`, `14 Mar 2026 15:09`).
//!
//! Deliberately does not know: formats.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// Seconds since 1970.
pub(crate) fn seconds(seconds: i64, zone: &TimeZone) -> Option<Zoned> {
    Some(Timestamp::from_second(seconds).ok()?.to_zoned(zone.clone()))
}

/// The moment a text names; a time without an offset is one of the zone.
pub(crate) fn read(text: &str, now: &Timestamp, zone: &TimeZone) -> Option<Zoned> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") || text.eq_ignore_ascii_case("today") {
        return Some(now.to_zoned(zone.clone()));
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return seconds(text.parse().ok()?, zone);
    }
    if text.len() > 64 {
        return None;
    }
    let (date, rest) = iso(text).or_else(|| spoken(text))?;
    let rest = rest
        .strip_prefix(['T', 't', ' ', ','])
        .unwrap_or(rest)
        .trim_start();
    let (time, rest) = time(rest).unwrap_or((Time::midnight(), rest));
    let moment = DateTime::from_parts(date, time);
    let rest = rest.trim();
    if rest.is_empty() {
        return moment.to_zoned(zone.clone()).ok();
    }
    let at = offset(rest)?.to_timestamp(moment).ok()?;
    Some(at.to_zoned(zone.clone()))
}

/// `2026-03-14` or `2026/03/14`, and what follows.
fn iso(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = digits(text, 4, 4)?;
    let (month, rest) = digits(rest.strip_prefix(['-', '/'])?, 1, 2)?;
    let (day, rest) = digits(rest.strip_prefix(['-', '/'])?, 1, 2)?;
    Some((civil(year, month, day)?, rest))
}

/// `March 14, 2026`, `14 March 2026`, with or without a day of the week before it.
fn spoken(text: &str) -> Option<(Date, &str)> {
    let (mut month, mut day, mut rest) = (None, None, text);
    loop {
        rest = rest.trim_start_matches([' ', ',', '.', '-']);
        if let Some((number, after)) = digits(rest, 1, 4) {
            let after = ["st", "nd", "rd", "th"]
                .iter()
                .find_map(|ending| after.strip_prefix(ending))
                .unwrap_or(after);
            rest = after;
            match (day, month) {
                (None, _) if number < 100 => day = Some(number),
                (Some(day), Some(month)) => return Some((civil(number, month, day)?, rest)),
                _ => return None,
            }
            continue;
        }
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, after) = rest
            .split_at_checked(length)
            .filter(|(word, _)| word.len() >= 3)?;
        let short = word.get(..3)?.to_ascii_lowercase();
        let named = MONTHS.iter().position(|known| *known == short);
        match named {
            Some(number) => month = Some(i64::try_from(number).ok()? + 1),
            None if DAYS.contains(&short.as_str()) => {}
            None => return None,
        }
        rest = after;
    }
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn civil(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// `15:09`, `15:09:26`, `15:09:26.535`, each with or without `am` and `pm`, and what follows.
fn time(text: &str) -> Option<(Time, &str)> {
    let (mut hour, rest) = digits(text, 1, 2)?;
    let (minute, mut rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let (mut second, mut nanos) = (0, 0);
    if let Some((found, after)) = rest.strip_prefix(':').and_then(|rest| digits(rest, 2, 2)) {
        (second, rest) = (found, after);
        if let Some((part, after)) = rest.strip_prefix(['.', ',']).and_then(|rest| digits(rest, 1, 18)) {
            let length = rest.len() - after.len() - 1;
            nanos = scaled(part, length);
            rest = after;
        }
    }
    let spaced = rest.trim_start();
    let half = spaced.get(..2).map(str::to_ascii_lowercase);
    match half.as_deref() {
        Some("pm") if hour <= 12 => hour = hour % 12 + 12,
        Some("am") if hour <= 12 => hour %= 12,
        _ => {}
    }
    if matches!(half.as_deref(), Some("am" | "pm")) {
        rest = spaced.get(2..).unwrap_or_default();
    }
    let time = Time::new(
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        // A leap second is the one before it.
        i8::try_from(second.min(59)).ok()?,
        i32::try_from(nanos).ok()?,
    );
    Some((time.ok()?, rest))
}

fn scaled(part: i64, length: usize) -> i64 {
    let power = |by: usize| 10_i64.saturating_pow(u32::try_from(by).unwrap_or(u32::MAX));
    if length > 9 {
        part / power(length - 9)
    } else {
        part * power(9 - length)
    }
}

/// `Z`, `UTC`, `GMT`, `+02:00`, `-0500`, `+02`.
fn offset(text: &str) -> Option<Offset> {
    if ["z", "utc", "gmt"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2, 2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = if rest.is_empty() {
        (0, rest)
    } else {
        digits(rest, 2, 2)?
    };
    let seconds = i32::try_from(sign * (hours * 3600 + minutes * 60)).ok()?;
    if rest.is_empty() {
        Offset::from_seconds(seconds).ok()
    } else {
        None
    }
}

/// So many digits at least and at most, and what follows.
fn digits(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(least..=most).contains(&length) {
        return None;
    }
    let (number, rest) = text.split_at_checked(length)?;
    Some((number.parse().ok()?, rest))
}
