//! Clocks: reading the times that clients send, and correcting them for a client's wrong clock.
//!
//! `timestamp = receivedAt − (sentAt − originalTimestamp)`: only the distance between two readings
//! of the client's clock counts, never the readings (Segment specification, common fields).

use super::wire::Scalar;
use jiff::{Timestamp, civil, tz::TimeZone};
use std::sync::Arc;
use vocabulary::Moment;

/// Tells the time. Comes in as a value so that tests and replays have their own.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// The clock of the system. Before 1970 it stands still.
pub fn system() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

/// When it happened: never after `received_at`, whatever the client says.
pub fn corrected(received_at: Moment, sent_at: Option<Moment>, original: Option<Moment>) -> Moment {
    let Some(original) = original else {
        return received_at;
    };
    let at = match sent_at {
        Some(sent_at) => Moment(received_at.0.saturating_sub(sent_at.since(original))),
        None => original,
    };
    at.min(received_at)
}

/// A time as clients write it: RFC 3339 with any offset and precision, without an offset (taken for
/// UTC), a date alone, or a whole number of milliseconds (of seconds below 10¹¹) since 1970.
pub(super) fn read(stamp: &Scalar<'_>) -> Result<Option<Moment>, Unreadable> {
    match stamp {
        Scalar::Absent => Ok(None),
        Scalar::Text(text) => parse(text).map(Some),
        Scalar::Integer(number) => {
            let number = i64::try_from(*number).map_err(|_| Unreadable)?;
            let ms = if number.unsigned_abs() < 100_000_000_000 {
                number.saturating_mul(1_000)
            } else {
                number
            };
            Timestamp::from_millisecond(ms)
                .map(|t| Some(Moment(t.as_millisecond())))
                .map_err(|_| Unreadable)
        }
        Scalar::Other => Err(Unreadable),
    }
}

/// The text or number is no time between the years -9999 and 9999.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unreadable;

fn parse(text: &str) -> Result<Moment, Unreadable> {
    if text.len() > 64 {
        return Err(Unreadable);
    }
    let with_offset = text.parse::<Timestamp>();
    let stamp = with_offset.or_else(|_| {
        text.parse::<civil::DateTime>()
            .and_then(|local| local.to_zoned(TimeZone::UTC))
            .map(|z| z.timestamp())
    });
    // Down, not towards zero: half a millisecond before 1970 is before 1970.
    stamp
        .map(|t| Moment(t.as_nanosecond().div_euclid(1_000_000) as i64))
        .map_err(|_| Unreadable)
}

/// A moment as RFC 3339 in UTC, with no more of a fraction than it has: as answers of the API tell it.
pub fn rfc3339(at: Moment) -> String {
    Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |time| time.to_string())
}

/// A moment as RFC 3339 in UTC with milliseconds.
pub(super) fn print(at: Moment) -> String {
    Timestamp::from_millisecond(at.0)
        .map(|t| format!("{t:.3}"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(
            read(&Scalar::Text(text.into())).ok().flatten().map(|m| m.0),
            expected,
            "{text}"
        );
    }

    #[test]
    fn the_times_that_real_clients_write_are_read() {
        check("2026-07-01T12:00:00.123Z", Some(1_782_907_200_123));
        check("2026-07-01T12:00:00.123456+00:00", Some(1_782_907_200_123));
        check("2026-07-01T14:00:00.123456+02:00", Some(1_782_907_200_123));
        check("2026-07-01T12:00:00Z", Some(1_782_907_200_000));
        check("2026-07-01 12:00:00", Some(1_782_907_200_000));
        check("2026-07-01", Some(1_782_864_000_000));
        check("1969-12-31T23:59:59.9999Z", Some(-1));
        for nonsense in [
            "",
            "soon",
            "12/07/2026",
            "2026-13-01T00:00:00Z",
            "+292278994-08-17T07:12:55Z",
        ] {
            check(nonsense, None);
        }
        assert_eq!(
            read(&Scalar::Integer(1_782_907_200)),
            Ok(Some(Moment(1_782_907_200_000)))
        );
        assert_eq!(
            read(&Scalar::Integer(1_782_907_200_123)),
            Ok(Some(Moment(1_782_907_200_123)))
        );
        assert_eq!(read(&Scalar::Integer(i128::MAX)), Err(Unreadable));
    }

    #[test]
    fn a_moment_prints_as_it_reads() {
        assert_eq!(print(Moment(1_782_907_200_123)), "2026-07-01T12:00:00.123Z");
        assert_eq!(print(Moment(0)), "1970-01-01T00:00:00.000Z");
    }

    proptest! {
        /// A client whose clock is wrong by any constant gets the same corrected time.
        #[test]
        fn a_constant_error_of_the_clients_clock_does_not_matter(
            received in 0i64..4_000_000_000_000, lag in 0i64..1_000_000_000, error in -4_000_000_000_000i64..4_000_000_000_000,
        ) {
            let sent = Moment(received + error);
            let original = Moment(sent.0 - lag);
            prop_assert_eq!(corrected(Moment(received), Some(sent), Some(original)), Moment(received - lag));
        }

        #[test]
        fn nothing_happens_after_it_was_received(received: i64, sent: Option<i64>, original: Option<i64>) {
            let at = corrected(Moment(received), sent.map(Moment), original.map(Moment));
            prop_assert!(at <= Moment(received));
        }
    }
}
