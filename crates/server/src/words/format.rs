//! Numbers, prices, shares and days as each language writes them.
//!
//! Follows the Unicode CLDR for `en-GB` and `fr-FR`: a narrow no-break space (U+202F) between French
//! thousands and before its per-cent sign, a no-break space (U+00A0) before the currency.

use super::{Put, Words};
use vocabulary::{Day, Language};

const NARROW: char = '\u{202f}';
const NO_BREAK: char = '\u{a0}';
const MINUS: char = '\u{2212}';

impl Words {
    /// A whole number: `12,345`, `12 345`.
    pub fn count(self, count: u64) -> String {
        let separator = match self.language() {
            Language::En => ',',
            Language::Fr => NARROW,
        };
        grouped(count, separator)
    }

    /// A number with that many decimals: `−0.250`, `−0,250`. What is not finite is a dash.
    pub fn number(self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let digits = format!("{:.decimals$}", value.abs());
        let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
        let mut out = String::new();
        if value < 0.0 && digits.contains(|c: char| ('1'..='9').contains(&c)) {
            out.push(MINUS);
        }
        out.push_str(
            &whole
                .parse()
                .map_or_else(|_| whole.to_owned(), |whole| self.count(whole)),
        );
        if !part.is_empty() {
            out.push(match self.language() {
                Language::En => '.',
                Language::Fr => ',',
            });
            out.push_str(part);
        }
        out
    }

    /// A share of one as a percentage without decimals: `45%`, `45 %`. What is there but rounds to
    /// nothing is `<1%`.
    pub fn share(self, share: f64) -> String {
        let small = share > 0.0 && share < 0.005;
        let number = if small {
            "<1".to_owned()
        } else {
            self.number(share * 100.0, 0)
        };
        match self.language() {
            Language::En => format!("{number}%"),
            Language::Fr => format!("{number}{NARROW}%"),
        }
    }

    /// A price in pounds from pence: `£1,234.50`, `1 234,50 £`.
    pub fn price(self, pence: i64) -> String {
        let pounds = self.count(pence.unsigned_abs() / 100);
        let rest = pence.unsigned_abs() % 100;
        let sign = if pence < 0 {
            MINUS.to_string()
        } else {
            String::new()
        };
        match self.language() {
            Language::En => format!("{sign}£{pounds}.{rest:02}"),
            Language::Fr => format!("{sign}{pounds},{rest:02}{NO_BREAK}£"),
        }
    }

    /// A day: `1 December 2011`, `1er décembre 2011`.
    pub fn day(self, day: Day) -> String {
        let (year, month, day) = civil(day);
        let months = match self.language() {
            Language::En => &ENGLISH_MONTHS,
            Language::Fr => &FRENCH_MONTHS,
        };
        let month = usize::try_from(month)
            .ok()
            .and_then(|month| months.get(month - 1))
            .copied()
            .unwrap_or("");
        let ordinal = if self.language() == Language::Fr && day == 1 {
            "er"
        } else {
            ""
        };
        format!("{day}{ordinal}{NO_BREAK}{month} {year}")
    }

    /// Texts as one enumeration: `a, b, c`.
    pub fn list(self, texts: &[String]) -> String {
        texts.join(", ")
    }

    /// The text of a key about `count` things.
    pub fn counted(self, key: &str, count: u64) -> String {
        self.with(key, &[("count", Put::Count(count))])
    }
}

const ENGLISH_MONTHS: [&str; 12] = [
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
const FRENCH_MONTHS: [&str; 12] = [
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

fn grouped(count: u64, separator: char) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// Year, month (from 1) and day (from 1) in the proleptic Gregorian calendar, by counting in eras of
/// 400 years that begin on 1 March (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil(day: Day) -> (i64, i64, i64) {
    let days = i64::from(day.0) + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: impl Fn(Words) -> String, english: &str, french: &str) {
        assert_eq!(format(Words::of(Language::En)), english);
        assert_eq!(format(Words::of(Language::Fr)), french);
    }

    #[test]
    fn numbers_are_written_as_each_language_does() {
        check(|w| w.count(1_234_567), "1,234,567", "1\u{202f}234\u{202f}567");
        check(|w| w.count(999), "999", "999");
        check(|w| w.number(1234.5, 2), "1,234.50", "1\u{202f}234,50");
        check(|w| w.number(-0.25, 3), "\u{2212}0.250", "\u{2212}0,250");
        check(|w| w.number(-0.0001, 2), "0.00", "0,00");
        check(|w| w.number(f64::NAN, 2), "–", "–");
        check(|w| w.share(0.455), "46%", "46\u{202f}%");
        check(|w| w.share(0.001), "<1%", "<1\u{202f}%");
        check(|w| w.share(0.0), "0%", "0\u{202f}%");
    }

    #[test]
    fn prices_are_written_as_each_language_does() {
        check(|w| w.price(255), "£2.55", "2,55\u{a0}£");
        check(|w| w.price(123_405), "£1,234.05", "1\u{202f}234,05\u{a0}£");
        check(|w| w.price(-5), "\u{2212}£0.05", "\u{2212}0,05\u{a0}£");
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        check(|w| w.day(Day(0)), "1\u{a0}January 1970", "1er\u{a0}janvier 1970");
        check(
            |w| w.day(Day(15_316)),
            "8\u{a0}December 2011",
            "8\u{a0}décembre 2011",
        );
        check(
            |w| w.day(Day(11_016)),
            "29\u{a0}February 2000",
            "29\u{a0}février 2000",
        );
        check(|w| w.day(Day(47_541)), "1\u{a0}March 2100", "1er\u{a0}mars 2100");
    }
}
