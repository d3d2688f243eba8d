//! Texts of a certain form: spans, times of day, dates, shares, zones, addresses.
//!
//! Deliberately does not know: where they stand.

use crate::journey::TimeOfDay;
use crate::span::Span;
use crate::words::Name;
use jiff::tz::TimeZoneDatabase;
use std::sync::LazyLock;
use vocabulary::Moment;

/// A form of text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// A length of time.
    Span,
    /// A time of day.
    Time,
    /// A day, or a moment with its offset.
    Moment,
    /// A part of a whole in per cent.
    Share,
    /// A time zone of the IANA database.
    Zone,
    /// A currency (ISO 4217).
    Currency,
    /// An `https` address.
    Url,
    /// A file beside this one.
    File,
    /// Whether somebody may come again: `never`, `when_out`, or after a length of time.
    Again,
    /// A step of the same journey, or `exit`.
    Step,
}

/// The zones there are; part of the program, so that every machine knows the same.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

impl Form {
    /// The form as a regular expression (ECMA-262), for editors. Ranges are the reader's business.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Form::Span => "^ *[0-9]+ +(minute|hour|day|week|month|year)s? *$",
            Form::Time => "^([01][0-9]|2[0-3]):[0-5][0-9]$",
            Form::Moment => "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}.*)?$",
            Form::Share => "^[0-9]{1,3}([.,][0-9]{1,2})?[ \\u00a0\\u202f]?%$",
            Form::Zone => "^[A-Za-z][A-Za-z0-9_+/-]*$",
            Form::Currency => "^[A-Z]{3}$",
            Form::Url => "^https://[^ ]+$",
            Form::Step => "^[a-z][a-z0-9_]{0,63}$",
            Form::File => "^[a-z0-9][a-z0-9_.-]*$",
            Form::Again => "^(never|when_out| *[0-9]+ +(minute|hour|day|week|month|year)s? *)$",
        }
    }

    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Form::Span => "a length of time",
            Form::Time => "a time of day",
            Form::Moment => "a day or a moment",
            Form::Share => "a share",
            Form::Zone => "a time zone",
            Form::Currency => "a currency",
            Form::Url => "an address",
            Form::Step => "the name of a step",
            Form::File => "the name of a file beside this one",
            Form::Again => "a rule for coming again",
        }
    }

    /// How to write it.
    pub(crate) fn mend(self) -> &'static str {
        match self {
            Form::Span => {
                "write a number and a unit, from `1 minute` to ten years: `30 minutes`, `12 hours`, `90 days`, \
                 `2 weeks`, `1 month`"
            }
            Form::Time => "write `09:00` or `22:30`",
            Form::Moment => "write `2026-11-22`, or with a time and its offset `2026-11-22T18:00:00+01:00`",
            Form::Share => "write `10 %` or `12.5 %`, at most `100 %`",
            Form::Again => "write `never`, `when_out`, or so long after they left, such as `30 days`",
            Form::Step => "name a step of this journey, or `exit`",
            Form::Zone => "write a name of the IANA list, such as `Europe/Paris`",
            Form::Currency => "write three capitals, such as `EUR`",
            Form::Url => "write it with `https://`, without a user or a password",
            Form::File => {
                "write its name alone, in lower-case letters, digits, `_`, `-` and `.`, such as `fr.mjml`"
            }
        }
    }

    /// Whether the text has the form.
    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Form::Span => Span::read(text).is_ok(),
            Form::Time => time_of_day(text).is_some(),
            Form::Moment => day_or_moment(text).is_some(),
            Form::Share => share(text).is_some(),
            Form::Zone => zone(text).is_some(),
            Form::Currency => text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()),
            Form::Url => url(text),
            Form::Step => Name::is_one(text),
            Form::Again => matches!(text, "never" | "when_out") || Span::read(text).is_ok(),
            Form::File => {
                let mut bytes = text.bytes();
                let first = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
                bytes.next().is_some_and(first)
                    && bytes.all(|b| first(b) || matches!(b, b'_' | b'-' | b'.'))
                    && text.len() <= 100
            }
        }
    }
}

/// The zone's name as the database writes it.
pub(crate) fn zone(text: &str) -> Option<String> {
    let zone = (text.len() <= 60).then(|| ZONES.get(text).ok()).flatten()?;
    zone.iana_name().map(str::to_owned)
}

/// `09:00` in minutes.
pub(crate) fn time_of_day(text: &str) -> Option<TimeOfDay> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    (hour < 24 && minute < 60).then_some(TimeOfDay(hour * 60 + minute))
}

/// `12.5 %` in ten thousandths.
pub(crate) fn share(text: &str) -> Option<u16> {
    let number = text
        .strip_suffix('%')?
        .trim_end_matches([' ', '\u{a0}', '\u{202f}']);
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(whole, 3) || !digits(part, 2) {
        return None;
    }
    let scale = if part.len() == 1 { 10 } else { 1 };
    let share = whole.parse::<u16>().ok()?.checked_mul(100)? + part.parse::<u16>().ok()? * scale;
    (share <= 10_000).then_some(share)
}

/// A day (its midnight, UTC) or a moment with an offset.
pub(crate) fn day_or_moment(text: &str) -> Option<Moment> {
    if text.len() == 10 {
        let day: jiff::civil::Date = text.parse().ok()?;
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        return Some(Moment(midnight.timestamp().as_millisecond()));
    }
    let moment: jiff::Timestamp = (text.len() <= 40).then(|| text.parse().ok()).flatten()?;
    Some(Moment(moment.as_millisecond()))
}

fn url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && !rest.contains('@')
        && rest.len() <= 500
        && rest.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_people_write_them() {
        assert_eq!(share("12.5 %"), Some(1250));
        assert_eq!(share("12,5\u{202f}%"), Some(1250));
        assert_eq!(share("0.05%"), Some(5));
        assert_eq!(share("100 %"), Some(10_000));
        for bad in ["101 %", "12", "%", "1.234 %", "-1 %", "999 %", "1e2 %"] {
            assert_eq!(share(bad), None, "{bad}");
        }
        assert_eq!(time_of_day("22:30"), Some(TimeOfDay(1350)));
        for bad in ["24:00", "9:00", "09:60", "+9:00", "0900"] {
            assert_eq!(time_of_day(bad), None, "{bad}");
        }
        assert_eq!(day_or_moment("1970-01-02"), Some(Moment(vocabulary::DAY_MS)));
        assert_eq!(day_or_moment("1970-01-01T01:00:00+01:00"), Some(Moment(0)));
        assert_eq!(day_or_moment("2026-02-30"), None);
        assert_eq!(zone("europe/paris").unwrap(), "Europe/Paris");
        assert_eq!(zone("Europe/Pris"), None);
        assert!(url("https://shop.example/in?x=1") && !url("https://a:b@shop.example") && !url("http://a.b"));
    }
}
