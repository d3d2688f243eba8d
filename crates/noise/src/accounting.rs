//! What Gaussian noise is worth, exactly: the curve of (ε, δ) of one release, and of several together.
//!
//! A release of sensitivity 1 with deviation σ is μ-GDP with `μ = 1/σ`; releases with `μ₁, μ₂, …` together are
//! `√(μ₁² + μ₂² + …)`-GDP; and μ-GDP is (ε, δ)-differentially private exactly for
//! `δ(ε) = Φ(−ε/μ + μ/2) − e^ε Φ(−ε/μ − μ/2)` (Dong, Roth and Su, "Gaussian Differential Privacy", JRSS B 2022,
//! corollary 1; Balle and Wang, ICML 2018, theorem 8).
//!
//! That is of continuous noise. Discrete noise of deviation s whole units differs from it by a factor of
//! `1 ± 5 e^(−2π² s²)` (Canonne, Kamath and Steinke, NeurIPS 2020): with thousands of units, by nothing that a
//! number here could hold.
//!
//! Deliberately does not know: what is released.

use crate::Error;
use crate::budget::positive;

/// The δ for which μ-GDP is (ε, δ)-private.
///
/// # Errors
/// [`Error::NotPositive`] unless both are positive.
pub fn delta_of(mu: f64, epsilon: f64) -> Result<f64, Error> {
    let (mu, epsilon) = (positive("mu", mu)?, positive("epsilon", epsilon)?);
    // e^ε Φ(−x) by logarithms: for a great ε the one overflows while the other vanishes.
    let second = (epsilon + log_normal(-epsilon / mu - mu / 2.0)).exp();
    Ok((normal(-epsilon / mu + mu / 2.0) - second).clamp(0.0, 1.0))
}

/// The ε for which μ-GDP is (ε, δ)-private, from above by less than a millionth.
///
/// # Errors
/// [`Error::NotPositive`] unless μ is positive and δ lies between 0 and 1.
pub fn epsilon_of(mu: f64, delta: f64) -> Result<f64, Error> {
    let mu = positive("mu", mu)?;
    let delta = check(delta)?;
    let (mut low, mut high) = (0.0, 1.0);
    while delta_of(mu, high)? > delta {
        high *= 2.0;
        positive("epsilon", high)?;
    }
    while high - low > 1e-7 * high {
        let middle = low / 2.0 + high / 2.0;
        match delta_of(mu, middle)? > delta {
            true => low = middle,
            false => high = middle,
        }
    }
    Ok(high)
}

/// The greatest μ that is (ε, δ)-private, from below by less than a millionth.
///
/// # Errors
/// [`Error::NotPositive`] unless ε is positive and δ lies between 0 and 1.
pub fn mu_for(epsilon: f64, delta: f64) -> Result<f64, Error> {
    let epsilon = positive("epsilon", epsilon)?;
    let delta = check(delta)?;
    let (mut low, mut high) = (1e-9, 1.0);
    while delta_of(high, epsilon)? <= delta {
        high *= 2.0;
        positive("mu", high)?;
    }
    while high - low > 1e-7 * low {
        let middle = low / 2.0 + high / 2.0;
        match delta_of(middle, epsilon)? <= delta {
            true => low = middle,
            false => high = middle,
        }
    }
    Ok(low)
}

fn check(delta: f64) -> Result<f64, Error> {
    positive("ln(1/delta)", -positive("delta", delta)?.ln())?;
    Ok(delta)
}

/// Φ, the normal distribution function.
fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// `ln Φ(x)`, also far below where Φ itself vanishes.
fn log_normal(x: f64) -> f64 {
    if x > -30.0 {
        return normal(x).ln();
    }
    // The asymptotic series of Mills' ratio: below −30 its fourth term is under 1e-8 of the first.
    let square = x * x;
    let series = 1.0 - 1.0 / square + 3.0 / (square * square) - 15.0 / (square * square * square);
    -square / 2.0 - (-x).ln() - 0.5 * (2.0 * std::f64::consts::PI).ln() + series.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Deviations for a whole budget at δ = 1e-6 and 1e-8, from Balle and Wang's formula computed elsewhere.
    #[test]
    fn deviations_are_those_that_are_known() {
        for (epsilon, deviation, of_less) in [
            (0.5, 8.06, 9.86),
            (1.0, 4.23, 5.10),
            (2.0, 2.23, 2.65),
            (3.0, 1.54, 1.82),
            (5.0, 0.98, 1.14),
            (10.0, 0.54, 0.62),
        ] {
            assert!(
                (1.0 / mu_for(epsilon, 1e-6).unwrap() - deviation).abs() < 0.01,
                "{epsilon}"
            );
            assert!(
                (1.0 / mu_for(epsilon, 1e-8).unwrap() - of_less).abs() < 0.01,
                "{epsilon}"
            );
        }
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same(epsilon in 0.05f64..20.0, exponent in 3.0f64..12.0) {
            let delta = 10f64.powf(-exponent);
            let mu = mu_for(epsilon, delta).unwrap();
            let back = epsilon_of(mu, delta).unwrap();
            prop_assert!((back - epsilon).abs() < 1e-4 * epsilon, "{back} {epsilon}");
            prop_assert!(delta_of(mu, epsilon).unwrap() <= delta);
        }

        #[test]
        fn the_simple_bound_is_never_below_the_exact_curve(deviation in 0.3f64..50.0) {
            let rho = crate::gaussian_cost(1.0, deviation).unwrap();
            prop_assert!(crate::epsilon(rho, 1e-6).unwrap() >= epsilon_of(1.0 / deviation, 1e-6).unwrap());
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(delta_of(wrong, 1.0).is_err() && delta_of(1.0, wrong).is_err());
            assert!(mu_for(wrong, 1e-6).is_err() && epsilon_of(wrong, 1e-6).is_err());
        }
        assert!(mu_for(1.0, 1.0).is_err() && mu_for(1.0, 0.0).is_err());
    }
}
