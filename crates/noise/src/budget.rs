//! A privacy budget in ρ of zero-concentrated differential privacy: how much is spent, and how much may still be.
//!
//! Releases add up exactly in it, and Gaussian noise has a simple cost (Bun and Steinke, "Concentrated
//! Differential Privacy", TCC 2016).
//!
//! Deliberately does not know: what is released, where the budget is kept.

/// A budget in ρ of ρ-zCDP that can be spent once and never grows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Budget {
    limit: f64,
    spent: f64,
}

/// Why nothing may be released.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
pub enum Error {
    /// The release costs more than is left.
    #[error("this release costs ρ = {cost}, and of {limit} only {left} is left; nothing was spent")]
    Exhausted {
        /// What it would cost.
        cost: f64,
        /// The whole budget.
        limit: f64,
        /// What is left of it.
        left: f64,
    },
    /// Not a number that can stand there.
    #[error("`{name}` is {value}, it must be greater than 0 and finite")]
    NotPositive {
        /// Which number.
        name: &'static str,
        /// Its value.
        value: f64,
    },
}

impl Budget {
    /// A budget of `limit` ρ, nothing of it spent.
    ///
    /// # Errors
    /// [`Error::NotPositive`] unless `limit` is positive and finite.
    pub fn new(limit: f64) -> Result<Budget, Error> {
        Ok(Budget {
            limit: positive("limit", limit)?,
            spent: 0.0,
        })
    }

    /// Spends `cost` ρ, or nothing at all.
    ///
    /// # Errors
    /// [`Error::Exhausted`] where it is more than what is left; [`Error::NotPositive`] for a cost that is
    /// none.
    pub fn spend(&mut self, cost: f64) -> Result<(), Error> {
        let cost = positive("cost", cost)?;
        // Rounded up: many small costs may not add up to less than they are.
        let spent = (self.spent + cost).next_up();
        if spent > self.limit {
            return Err(Error::Exhausted {
                cost,
                limit: self.limit,
                left: self.left(),
            });
        }
        self.spent = spent;
        Ok(())
    }

    /// What was spent, in ρ.
    pub fn spent(&self) -> f64 {
        self.spent
    }

    /// What is left, in ρ.
    pub fn left(&self) -> f64 {
        (self.limit - self.spent).max(0.0)
    }
}

/// The cost in ρ of one release with Gaussian noise of standard deviation `deviation`, of values that one
/// person changes by at most `sensitivity` in Euclidean length: `sensitivity² / (2 deviation²)`
/// (Bun and Steinke 2016, Proposition 1.6; for the discrete Gaussian Canonne, Kamath and Steinke 2020,
/// Theorem 4).
///
/// # Errors
/// [`Error::NotPositive`] for either number.
pub fn gaussian_cost(sensitivity: f64, deviation: f64) -> Result<f64, Error> {
    let ratio = positive("sensitivity", sensitivity)? / positive("deviation", deviation)?;
    positive("cost", ratio * ratio / 2.0)
}

/// The ε for which ρ-zCDP implies (ε, δ)-differential privacy: `ρ + 2 √(ρ ln(1/δ))` (Bun and Steinke
/// 2016, Proposition 1.3). Simple and a little too large, never too small.
///
/// # Errors
/// [`Error::NotPositive`] unless ρ is positive and δ lies between 0 and 1.
pub fn epsilon(rho: f64, delta: f64) -> Result<f64, Error> {
    let rho = positive("rho", rho)?;
    let delta = positive("delta", delta)?;
    let surprise = positive("ln(1/delta)", -delta.ln())?;
    Ok(rho + 2.0 * (rho * surprise).sqrt())
}

pub(crate) fn positive(name: &'static str, value: f64) -> Result<f64, Error> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(Error::NotPositive { name, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_budget_is_never_overdrawn_and_a_refused_release_costs_nothing(
            limit in 0.001f64..10.0, costs in prop::collection::vec(1e-12f64..2.0, 0..60),
        ) {
            let mut budget = Budget::new(limit).unwrap();
            let mut granted = 0.0;
            for cost in costs {
                let before = budget;
                match budget.spend(cost) {
                    Ok(()) => granted += cost,
                    Err(error) => {
                        prop_assert_eq!(budget, before);
                        let too_much = matches!(error, Error::Exhausted { .. });
                        prop_assert!(too_much && cost >= before.left() - 1e-9);
                    }
                }
                prop_assert!(granted <= budget.spent() && budget.spent() <= limit);
            }
        }

        #[test]
        fn more_noise_costs_less_and_less_rho_means_less_epsilon(deviation in 0.1f64..1e3, more in 1.01f64..10.0) {
            let (dear, cheap) = (gaussian_cost(1.0, deviation).unwrap(), gaussian_cost(1.0, deviation * more).unwrap());
            prop_assert!(cheap < dear);
            prop_assert!(epsilon(cheap, 1e-6).unwrap() < epsilon(dear, 1e-6).unwrap());
        }
    }

    #[test]
    fn epsilon_is_that_of_the_proposition_and_above_the_exact_one() {
        // ρ = 0.02, δ = 1e-6: 0.02 + 2 √(0.02 · 13.8155) by hand.
        assert!((epsilon(0.02, 1e-6).unwrap() - 1.0713).abs() < 1e-4);
        // The exact ε of a Gaussian with deviation 4.23 and sensitivity 1 at δ = 1e-6 is 1.00 (Balle and
        // Wang 2018): a bound may not be below it.
        assert!(epsilon(gaussian_cost(1.0, 4.23).unwrap(), 1e-6).unwrap() > 1.0);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Budget::new(wrong).is_err());
            assert!(Budget::new(1.0).unwrap().spend(wrong).is_err());
            assert!(gaussian_cost(wrong, 1.0).is_err() && gaussian_cost(1.0, wrong).is_err());
            assert!(epsilon(wrong, 1e-6).is_err() && epsilon(1.0, wrong).is_err());
        }
        assert!(epsilon(1.0, 1.0).is_err());
    }
}
