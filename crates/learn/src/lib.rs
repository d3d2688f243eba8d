//! From histories to a model: sums over people, one dense inverse, many small ridge regressions.
//!
//! ```text
//! histories ──gather──▶ Counts ──solve──▶ support ──refit──▶ weights ──assemble──▶ model file
//! ```
//!
//! All that is kept of people is [`Counts`]: whole numbers, each person's share of them bounded, so that
//! a person can be taken out again exactly, and noise can be calibrated to one person's share.
//!
//! Deliberately does not know: where histories come from and who was permitted to read them, clocks,
//! files, randomness. The only crate with a linear-algebra library. The same counts and settings give the
//! same bytes, whatever the number of threads.

mod alike;
mod assemble;
mod bytes;
mod error;
pub mod evaluate;
mod gather;
mod lift;
mod meet;
pub mod private;
mod refit;
mod rows;
pub mod select;
mod small;
mod solve;
mod sparse;
mod sum;
mod transitions;

pub use alike::Facts;
pub use assemble::{Provenance, Settings, train, train_with};
pub use error::Error;
pub use gather::{Bounds, Counts, MOST_ITEMS, ONE};
pub use rows::{Did, MOST_ACTS, Rows};
pub use select::{Search, Selection, Trial, select, select_by, select_with};
pub use sparse::{DENSE, SYSTEMS, train_rows};
pub use sum::{Share, Sum};
