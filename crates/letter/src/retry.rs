//! When something that did not arrive is tried again: a schedule over three days with jitter from a seed, and
//! what `Retry-After` (RFC 9110, section 10.2.3) asks for, in every form servers write it.
//!
//! Deliberately does not know: what is tried, clocks, randomness.

use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;

/// Waits after each failed try, seconds: those Standard Webhooks recommends. Ten tries over 75 hours.
pub const WAITS_S: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// The longest that an answer's `Retry-After` can put the next try off, seconds.
pub const LONGEST_S: i64 = 86_400;
/// The most that jitter adds to a wait, in hundredths of it.
pub const JITTER_PERCENT: i64 = 20;

/// When to try again after `tries` failed tries (1 or more); `None`: no more. The wait is that of the schedule and
/// up to a fifth more, which depends on `seed` and `tries` alone, so that a receiver that was down is not
/// met by everybody at once. `asked`: the moment that the answer's `Retry-After` named; it is honoured if
/// it is later, for a day at most.
pub fn next(tries: u32, seed: u64, now_ms: i64, asked: Option<i64>) -> Option<i64> {
    let index = usize::try_from(tries.checked_sub(1)?).ok()?;
    let wait_ms = WAITS_S.get(index)?.saturating_mul(1000);
    let most = wait_ms * JITTER_PERCENT / 100;
    let drawn = mixed(seed ^ (u64::from(tries) << 48)) % most.max(1).unsigned_abs();
    let own = now_ms
        .saturating_add(wait_ms)
        .saturating_add(i64::try_from(drawn).unwrap_or(0));
    let limit = now_ms.saturating_add(LONGEST_S * 1000);
    Some(asked.map_or(own, |asked| own.max(asked.min(limit))))
}

/// The moment that a `Retry-After` names, in milliseconds since 1970: seconds from now, or a date in one of the
/// three forms of HTTP. What is in the past is now; `None` if it is neither.
pub fn after(value: &str, now_ms: i64) -> Option<i64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a very long time, not none.
        let seconds: i64 = value.parse().unwrap_or(i64::MAX);
        return Some(now_ms.saturating_add(seconds.saturating_mul(1000)));
    }
    date(value).map(|at| at.max(now_ms))
}

fn date(value: &str) -> Option<i64> {
    if let Ok(at) = rfc2822::parse(value) {
        return Some(at.timestamp().as_millisecond());
    }
    // RFC 850 and asctime: obsolete, and a recipient must take them (RFC 9110, section 5.6.7).
    let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    forms.iter().find_map(|form| {
        let read: DateTime = strtime::parse(form, value).ok()?.to_datetime().ok()?;
        let at = TimeZone::UTC.to_zoned(read).ok()?;
        Some(at.timestamp().as_millisecond())
    })
}

/// SplitMix64 (Steele, Lea, Flood 2014): each seed another number, the same one for ever.
fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 1994-11-06 08:49:37 UTC, the example of RFC 9110.
    const EXAMPLE: i64 = 784_111_777_000;

    #[test]
    fn retry_after_is_read_in_every_form() {
        let before = EXAMPLE - 60_000;
        for date in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "  Sun, 06 Nov 1994 08:49:37 GMT ",
        ] {
            assert_eq!(after(date, before), Some(EXAMPLE), "{date}");
            assert_eq!(after(date, EXAMPLE + 5), Some(EXAMPLE + 5), "{date} is past");
        }
        assert_eq!(after("120", 1_000), Some(121_000));
        assert_eq!(after("0", 1_000), Some(1_000));
        assert_eq!(after("99999999999999999999999", 0), Some(i64::MAX));
        for odd in [
            "",
            "-5",
            "+5",
            "1.5",
            "soon",
            "12 s",
            "０",
            "Sun, 06 Nov",
            "2026-11-22T10:00:00Z",
        ] {
            assert_eq!(after(odd, 0), None, "{odd}");
        }
    }

    #[test]
    fn it_is_tried_ten_times_over_three_days() {
        let total: i64 = WAITS_S.iter().sum();
        assert_eq!(total, 75 * 3600 + 35 * 60 + 5);
        assert!(next(9, 1, 0, None).is_some());
        assert_eq!(next(10, 1, 0, None), None);
        assert_eq!(next(0, 1, 0, None), None);
    }

    proptest! {
        #[test]
        fn no_try_is_early_and_none_is_a_fifth_late(tries in 1_u32..=9, seed in any::<u64>(), now in 0_i64..4_000_000_000_000) {
            let wait = WAITS_S[tries as usize - 1] * 1000;
            let at = next(tries, seed, now, None).unwrap();
            prop_assert!(at >= now + wait && at <= now + wait + wait / 5);
            prop_assert_eq!(Some(at), next(tries, seed, now, None));
        }

        #[test]
        fn what_the_other_side_asks_for_is_honoured_for_a_day(tries in 1_u32..=9, seed in any::<u64>(), asked in any::<i64>()) {
            let own = next(tries, seed, 0, None).unwrap();
            let at = next(tries, seed, 0, Some(asked)).unwrap();
            prop_assert!(at >= own && (at >= asked || at >= LONGEST_S * 1000));
            prop_assert!(at <= own.max(LONGEST_S * 1000));
        }

        #[test]
        fn no_header_makes_it_fall_over(value in ".*", now in any::<i64>()) {
            if let Some(at) = after(&value, now) { prop_assert!(at >= now); }
        }
    }

    #[test]
    fn seeds_spread_the_tries() {
        let at: std::collections::BTreeSet<_> = (0..100).filter_map(|seed| next(3, seed, 0, None)).collect();
        assert!(at.len() > 95, "{}", at.len());
    }
}
