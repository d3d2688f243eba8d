//! strftime, as Ruby has it, with days and months in French or English.
//!
//! Deliberately does not know: where a moment came from.

use crate::how::Tongue;
use jiff::Zoned;
use std::fmt::Write;

/// A date is not longer than this, whatever width a format asks for.
const LONGEST: usize = 1024;

/// What a directive asks for besides its letter.
#[derive(Clone, Copy, Default)]
struct Flags {
    /// `-`: no padding.
    bare: bool,
    /// `_` or `0`.
    pad: Option<char>,
    upper: bool,
    /// `#`: the other case.
    swap: bool,
    colons: usize,
    width: Option<usize>,
}

/// The moment as the format asks; unknown directives stay as they are. `None` if it would be too long.
pub(crate) fn write(moment: &Zoned, format: &str, language: Tongue) -> Option<String> {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(rest.get(..at)?);
        let directive = rest.get(at + 1..)?;
        let (flags, letter, length) = flags(directive);
        match letter.and_then(|letter| part(moment, letter, flags, language)) {
            Some(text) => out.push_str(&text),
            None => out.push_str(rest.get(at..at + 1 + length)?),
        }
        rest = directive.get(length..)?;
        if out.len() > LONGEST + format.len() {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}

/// Flags, the letter, and how many bytes they take.
fn flags(directive: &str) -> (Flags, Option<char>, usize) {
    let mut flags = Flags::default();
    let mut width = String::new();
    for (at, letter) in directive.char_indices() {
        match letter {
            '-' => flags.bare = true,
            '_' => flags.pad = Some(' '),
            '^' => flags.upper = true,
            '#' => flags.swap = true,
            ':' => flags.colons += 1,
            '0' if width.is_empty() => flags.pad = Some('0'),
            '0'..='9' => width.push(letter),
            'E' | 'O' => {}
            letter => {
                flags.width = width.parse().ok().filter(|width| *width <= LONGEST);
                return (flags, Some(letter), at + letter.len_utf8());
            }
        }
    }
    (flags, None, directive.len())
}

fn part(moment: &Zoned, letter: char, flags: Flags, language: Tongue) -> Option<String> {
    let whole = |format: &str| write(moment, format, language);
    let number = |number: i64, width: usize| Some(padded(number, width, '0', flags));
    let spaced = |number: i64, width: usize| Some(padded(number, width, ' ', flags));
    let word = |text: &str| Some(cased(text, flags));
    let hour = i64::from(moment.hour());
    let twelve = (hour + 11) % 12 + 1;
    let year = i64::from(moment.year());
    let weekday = i64::from(moment.weekday().to_sunday_zero_offset());
    let month = usize::try_from(moment.month()).unwrap_or(1) - 1;
    let day = usize::try_from(weekday).unwrap_or_default();
    let yearday = i64::from(moment.day_of_year());
    let iso = moment.date().iso_week_date();
    match letter {
        'Y' => number(year, if year < 0 { 5 } else { 4 }),
        'C' => number(year.div_euclid(100), 2),
        'y' => number(year.rem_euclid(100), 2),
        'm' => number(i64::from(moment.month()), 2),
        'd' => number(i64::from(moment.day()), 2),
        'e' => spaced(i64::from(moment.day()), 2),
        'j' => number(yearday, 3),
        'H' => number(hour, 2),
        'k' => spaced(hour, 2),
        'I' => number(twelve, 2),
        'l' => spaced(twelve, 2),
        'M' => number(i64::from(moment.minute()), 2),
        'S' => number(i64::from(moment.second()), 2),
        'L' => Some(fraction(moment, flags.width.unwrap_or(3))),
        'N' => Some(fraction(moment, flags.width.unwrap_or(9))),
        's' => number(moment.timestamp().as_second(), 1),
        'u' => number((weekday + 6) % 7 + 1, 1),
        'w' => number(weekday, 1),
        'U' => number((yearday + 6 - weekday) / 7, 2),
        'W' => number((yearday + 6 - (weekday + 6) % 7) / 7, 2),
        'G' => number(i64::from(iso.year()), 4),
        'g' => number(i64::from(iso.year()).rem_euclid(100), 2),
        'V' => number(i64::from(iso.week()), 2),
        'B' => word(pick(language, &MONTHS_FR, &MONTHS_EN, month)),
        'b' | 'h' => word(pick(language, &SHORT_MONTHS_FR, &SHORT_MONTHS_EN, month)),
        'A' => word(pick(language, &DAYS_FR, &DAYS_EN, day)),
        'a' => word(pick(language, &SHORT_DAYS_FR, &SHORT_DAYS_EN, day)),
        'p' if flags.swap => Some(if hour < 12 { "am" } else { "pm" }.to_owned()),
        'p' => Some(if hour < 12 { "AM" } else { "PM" }.to_owned()),
        'P' => Some(if hour < 12 { "am" } else { "pm" }.to_owned()),
        'Z' => word(
            moment
                .time_zone()
                .to_offset_info(moment.timestamp())
                .abbreviation(),
        ),
        'z' => Some(offset(moment.offset().seconds(), flags.colons)),
        'F' => whole("%Y-%m-%d"),
        'T' | 'X' => whole("%H:%M:%S"),
        'R' => whole("%H:%M"),
        'r' => whole("%I:%M:%S %p"),
        'D' | 'x' => whole("%m/%d/%y"),
        'c' => whole("%a %b %e %H:%M:%S %Y").map(|text| cased(&text, flags)),
        'v' => whole("%e-%^b-%Y"),
        '+' => whole("%a %b %e %H:%M:%S %Z %Y"),
        'n' => Some("\n".to_owned()),
        't' => Some("\t".to_owned()),
        '%' => Some("%".to_owned()),
        _ => None,
    }
}

fn padded(number: i64, width: usize, pad: char, flags: Flags) -> String {
    if flags.bare {
        return number.to_string();
    }
    let width = flags.width.unwrap_or(width);
    match flags.pad.unwrap_or(pad) {
        ' ' => format!("{number:>width$}"),
        _ => format!("{number:0>width$}"),
    }
}

fn cased(text: &str, flags: Flags) -> String {
    let text = if flags.upper || flags.swap {
        text.to_uppercase()
    } else {
        text.to_owned()
    };
    match (flags.width, flags.pad) {
        (Some(width), Some('0')) => format!("{text:0>width$}"),
        (Some(width), _) => format!("{text:>width$}"),
        (None, _) => text,
    }
}

fn fraction(moment: &Zoned, digits: usize) -> String {
    let mut text = format!("{:09}", moment.subsec_nanosecond());
    while text.len() < digits {
        text.push('0');
    }
    text.truncate(digits);
    text
}

fn offset(seconds: i32, colons: usize) -> String {
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let (hours, minutes, rest) = (size / 3600, size / 60 % 60, size % 60);
    let mut out = String::new();
    let _ = match colons {
        0 => write!(out, "{sign}{hours:02}{minutes:02}"),
        1 => write!(out, "{sign}{hours:02}:{minutes:02}"),
        _ => write!(out, "{sign}{hours:02}:{minutes:02}:{rest:02}"),
    };
    out
}

fn pick(language: Tongue, fr: &[&'static str], en: &[&'static str], number: usize) -> &'static str {
    let names = match language {
        Tongue::Fr => fr,
        Tongue::En => en,
    };
    names.get(number).copied().unwrap_or_default()
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SHORT_MONTHS_EN: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const SHORT_MONTHS_FR: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
];
const DAYS_EN: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const SHORT_DAYS_EN: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAYS_FR: [&str; 7] = [
    "dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi",
];
const SHORT_DAYS_FR: [&str; 7] = ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."];
