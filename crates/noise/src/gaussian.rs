//! Discrete Gaussian noise: whole numbers with probabilities proportional to `e^(−x²/2σ²)`, drawn exactly, with no
//! floating point on the way (Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy",
//! NeurIPS 2020): what rounding of continuous noise gives away cannot be given away.
//!
//! Deliberately does not know: what it is added to, where the seed comes from. Whoever has the seed can take the
//! noise off again: it is to be fresh, and forgotten.

use crate::Error;
use prio::dp::Rational;
use prio::dp::distributions::DiscreteGaussian;
use rand::SeedableRng as _;
use rand::distr::Distribution as _;
use rand::rngs::StdRng;

/// A source of noise of one deviation.
pub struct Gaussian {
    noise: DiscreteGaussian,
    random: StdRng,
}

impl Gaussian {
    /// Noise of standard deviation `deviation`, in whole units, from a generator fit for secrets.
    ///
    /// # Errors
    /// [`Error::NotPositive`] for a deviation of 0.
    pub fn new(deviation: u64, seed: [u8; 32]) -> Result<Gaussian, Error> {
        let nothing = Error::NotPositive {
            name: "deviation",
            value: deviation as f64,
        };
        if deviation == 0 {
            return Err(nothing);
        }
        let ratio = Rational::from_unsigned(u128::from(deviation), 1u128).map_err(|_| nothing)?;
        Ok(Gaussian {
            noise: DiscreteGaussian::new(ratio).map_err(|_| nothing)?,
            random: StdRng::from_seed(seed),
        })
    }

    /// One draw. What does not fit (beyond `2^63` units, which never happens) is drawn again.
    pub fn draw(&mut self) -> i64 {
        loop {
            if let Ok(drawn) = i64::try_from(self.noise.sample(&mut self.random)) {
                return drawn;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_its_deviation_and_no_drift_and_comes_back_from_its_seed() {
        let mut noise = Gaussian::new(1_000, [7; 32]).unwrap();
        let drawn: Vec<i64> = (0..20_000).map(|_| noise.draw()).collect();
        let n = drawn.len() as f64;
        let mean = drawn.iter().sum::<i64>() as f64 / n;
        let variance = drawn.iter().map(|x| (*x as f64).powi(2)).sum::<f64>() / n;
        // Five standard errors of each.
        assert!(mean.abs() < 5.0 * 1_000.0 / n.sqrt(), "{mean}");
        assert!(
            (variance.sqrt() - 1_000.0).abs() < 5.0 * 1_000.0 / (2.0 * n).sqrt(),
            "{variance}"
        );
        // As many beyond two deviations as there should be: 4.55 %.
        let beyond = drawn.iter().filter(|x| x.abs() > 2_000).count() as f64 / n;
        assert!((beyond - 0.0455).abs() < 0.008, "{beyond}");
        let mut again = Gaussian::new(1_000, [7; 32]).unwrap();
        assert!(drawn.iter().take(100).all(|x| *x == again.draw()));
        let mut other = Gaussian::new(1_000, [8; 32]).unwrap();
        assert!((0..100).any(|at| drawn[at] != other.draw()));
        assert!(Gaussian::new(0, [7; 32]).is_err());
    }

    /// Every probability of a small deviation, against the formula.
    #[test]
    fn each_whole_number_is_as_likely_as_the_formula_says() {
        let mut noise = Gaussian::new(2, [9; 32]).unwrap();
        let mut seen = std::collections::BTreeMap::<i64, f64>::new();
        let draws = 40_000;
        (0..draws).for_each(|_| *seen.entry(noise.draw()).or_default() += 1.0);
        let density = |x: i64| (-(x * x) as f64 / 8.0).exp();
        let all: f64 = (-40..=40).map(density).sum();
        for x in -6..=6 {
            let wanted = density(x) / all;
            let error = (wanted * (1.0 - wanted) / f64::from(draws)).sqrt();
            let found = seen.get(&x).copied().unwrap_or(0.0) / f64::from(draws);
            assert!((found - wanted).abs() < 5.0 * error, "{x}: {found} {wanted}");
        }
    }
}
