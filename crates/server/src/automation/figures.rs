//! Numbers of people as the team is told them: rounded, and not told at all when they are small, so that
//! nobody is found by asking twice.
//!
//! Deliberately does not know: what is counted.

use program::plan::Interval;
use serde::Serialize;
use utoipa::ToSchema;

/// Fewer than so many are told as "fewer than 50".
pub const FEW: u64 = 50;
/// The normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// A number of people: one of the two fields is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// About so many: rounded to two digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<u64>,
    /// Fewer than so many; perhaps nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fewer_than: Option<u64>,
}

impl Figure {
    /// Of an exact number.
    pub fn of(people: u64) -> Figure {
        match people < FEW {
            true => Figure {
                about: None,
                fewer_than: Some(FEW),
            },
            false => Figure {
                about: Some(rounded(people)),
                fewer_than: None,
            },
        }
    }
}

/// An exact number as an interval that is told; `None` if it is small.
pub fn told(people: u64) -> Option<Interval> {
    let scale = scale(people);
    (people >= FEW).then(|| Interval {
        low: people / scale * scale,
        high: people.div_ceil(scale) * scale,
    })
}

/// Of a random sample of `sample` out of `people`, `hits` were in it: between how many of all are, with 95 %
/// confidence (Wilson, 1927), rounded outwards to two digits. `None`: few.
pub fn estimated(hits: u64, sample: u64, people: u64) -> Option<Interval> {
    if sample == 0 || hits.saturating_mul(people) < FEW.saturating_mul(sample) {
        return None;
    }
    if sample >= people {
        return told(hits);
    }
    let (low, high) = wilson(hits, sample);
    let (low, high) = (
        (low * people as f64).floor() as u64,
        (high * people as f64).ceil() as u64,
    );
    Some(Interval {
        low: low / scale(low) * scale(low),
        high: high.div_ceil(scale(high)).saturating_mul(scale(high)),
    })
}

/// The Wilson score interval of a share, 95 %.
pub fn wilson(hits: u64, sample: u64) -> (f64, f64) {
    if sample == 0 {
        return (0.0, 1.0);
    }
    let n = sample as f64;
    let share = hits as f64 / n;
    let z2 = Z * Z;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// To two digits.
pub fn rounded(people: u64) -> u64 {
    let scale = scale(people);
    (people + scale / 2) / scale * scale
}

/// What the third digit and all after it count; ten at least, so that two digits are never exact.
fn scale(people: u64) -> u64 {
    let mut scale = 10;
    while people / scale >= 100 {
        scale *= 10;
    }
    scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_small_number_is_not_told() {
        for people in 0..FEW {
            assert_eq!(Figure::of(people).about, None);
            assert_eq!(told(people), None);
        }
        assert_eq!(Figure::of(1_234).about, Some(1_200));
        assert_eq!(Figure::of(51).about, Some(50));
        assert_eq!(estimated(1, 2_000, 4_000), None);
    }

    /// Values of Newcombe (1998), table I: 81 of 263 and 15 of 148.
    #[test]
    fn the_interval_is_wilsons() {
        let near = |(low, high): (f64, f64), (a, b): (f64, f64)| {
            assert!((low - a).abs() < 5e-5 && (high - b).abs() < 5e-5, "{low} {high}");
        };
        near(wilson(81, 263), (0.2553, 0.3662));
        near(wilson(15, 148), (0.0624, 0.1605));
    }

    proptest! {
        #[test]
        fn what_is_told_holds_what_is_so(people in 50u64..10_000_000) {
            let told = told(people).unwrap();
            prop_assert!(told.low <= people && people <= told.high);
            // One more or less shows only where a step of the rounding lies.
            prop_assert!(rounded(people).abs_diff(people) * 20 <= people * 2);
        }

        #[test]
        fn an_estimate_holds_the_share_it_is_made_of(sample in 1u64..5_000, part in 0.0f64..=1.0, people in 5_000u64..1_000_000) {
            let hits = (sample as f64 * part) as u64;
            let (low, high) = wilson(hits, sample);
            prop_assert!(low <= hits as f64 / sample as f64 + 1e-12 && hits as f64 / sample as f64 <= high + 1e-12);
            if let Some(told) = estimated(hits, sample, people) {
                prop_assert!(told.low as f64 <= low * people as f64 + 1.0 && told.high as f64 >= high * people as f64 - 1.0);
            }
        }
    }
}
