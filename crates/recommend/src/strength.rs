//! How strongly one interaction speaks, and how that fades. Plain arithmetic only, no function of a
//! system's mathematics library: the same history has the same strength on every machine.

use crate::Parameters;
use vocabulary::{DAY_MS, Interaction, Moment};

/// `2^-x` for `x ≥ 0`, to nine digits; 0 beyond 60. From `+`, `−`, `×`, `÷` alone, which every machine
/// rounds alike.
pub fn half_lives(x: f64) -> f64 {
    // Also catches NaN.
    if !(0.0..60.0).contains(&x) {
        return if x < 0.0 { 1.0 } else { 0.0 };
    }
    let whole = x.floor();
    let y = (x - whole) * std::f64::consts::LN_2;
    // The series of e^-y, 13 terms, from the small end: the rest is below 1e-12 for y < ln 2.
    let fraction = (1..=13).rev().fold(1.0, |sum, n| 1.0 - y / f64::from(n) * sum);
    let halvings = whole as u32;
    fraction / (1u64 << halvings.min(62)) as f64
}

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

/// What is left of a strength after the age of the interaction; the future counts as now.
pub(crate) fn faded(last_at: Moment, now: Moment, half_life_days: f64) -> f64 {
    let days = now.since(last_at).max(0) as f64 / DAY_MS as f64;
    half_lives(days / half_life_days)
}

#[cfg(test)]
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
