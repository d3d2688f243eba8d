//! How strongly one interaction speaks, and how that fades. Plain arithmetic only, no function of a
//! system's mathematics library: the same history has the same strength on every machine.

use crate::Parameters;
use vocabulary::{DAY_MS, Interaction, Moment};

/// `2^-x` for `x ≥ 0`, to eleven digits; 0 beyond 60. From `+`, `−`, `×` and `÷` of constants alone, which
/// every machine rounds alike.
pub fn half_lives(x: f64) -> f64 {
    // Also catches NaN.
    if !(0.0..60.0).contains(&x) {
        return if x < 0.0 { 1.0 } else { 0.0 };
    }
    let halvings = x as u32;
    let y = (x - f64::from(halvings)) * std::f64::consts::LN_2;
    // The series of e^-y from the small end: 1 − y (1 − y/2 (1 − y/3 (…))). What is left out is below
    // 1e-12 for y < ln 2.
    let fraction = PARTS.iter().fold(1.0, |sum, part| 1.0 - y * part * sum);
    fraction / (1u64 << halvings) as f64
}

/// 1/13, 1/12, … 1/1.
const PARTS: [f64; 13] = {
    let mut parts = [1.0; 13];
    let mut n = 13;
    let mut rest: &mut [f64] = &mut parts;
    while let Some((part, others)) = rest.split_first_mut() {
        *part = 1.0 / n as f64;
        n -= 1;
        rest = others;
    }
    parts
};

/// The strength of an interaction before it fades:
///
/// ```text
/// max over the kinds of act that happened of  weight(kind) · (1 + repeats · (1 − 1/count))
/// ```
///
/// The greatest and not the sum, since an item that was viewed, put into the cart and bought is one
/// wish that left three traces.
pub fn strength(parameters: &Parameters, interaction: &Interaction) -> f64 {
    [
        (parameters.viewed, interaction.viewed),
        (parameters.added, interaction.added),
        (parameters.bought, interaction.bought),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(weight, count)| weight * (1.0 + parameters.repeats * (1.0 - 1.0 / f64::from(count))))
    .fold(0.0, f64::max)
}

/// What buying adds to the same item, before it fades: `again · n / (n + again_half)` after `n` orders.
pub(crate) fn again(parameters: &Parameters, interaction: &Interaction) -> f64 {
    if interaction.bought == 0 {
        return 0.0;
    }
    let orders = f64::from(interaction.bought);
    parameters.again * orders / (orders + parameters.again_half)
}

/// What is left of a strength after the age of the interaction, for "discover", "next" and "again"; the
/// future counts as now.
pub(crate) fn faded(parameters: &Parameters, last_at: Moment, now: Moment) -> (f64, f64, f64) {
    let days = now.since(last_at).max(0) as f64 / DAY_MS as f64;
    let after = |half_life: f64| half_lives(days / half_life);
    let discover = after(parameters.discover_half_life);
    // Two channels with one half-life, as in the defaults, need not be calculated twice.
    let or_same = |half_life: f64| {
        if half_life == parameters.discover_half_life {
            discover
        } else {
            after(half_life)
        }
    };
    (
        discover,
        or_same(parameters.next_half_life),
        or_same(parameters.again_half_life),
    )
}

#[cfg(test)]
#[allow(
    clippy::disallowed_methods,
    reason = "the mathematics library is what it is compared with"
)]
mod tests {
    use super::*;

    #[test]
    fn a_strength_halves_with_every_half_life() {
        for step in 0..6_000 {
            let x = f64::from(step) / 100.0;
            let exact = 2f64.powf(-x);
            assert!((half_lives(x) - exact).abs() <= 1e-11 * exact, "{x}");
        }
        assert_eq!(half_lives(60.0), 0.0);
        assert_eq!(half_lives(f64::NAN), 0.0);
        assert_eq!(half_lives(0.0), 1.0);
    }
}
