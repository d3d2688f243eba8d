//! Differential privacy: exact noise, what it is worth, and how much of it was spent.
//!
//! Deliberately does not know: what is released, of whom, to whom; where randomness comes from (a seed comes in);
//! clocks, files. It compiles for a browser.

mod accounting;
mod budget;
mod gaussian;

pub use accounting::{delta_of, epsilon_of, mu_for};
pub use budget::{Budget, Error, epsilon, gaussian_cost};
pub use gaussian::Gaussian;
