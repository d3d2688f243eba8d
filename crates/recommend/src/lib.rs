//! The linear model on the reading side: a model file, and the scores of one person's history.
//!
//! ```text
//! score(j) = again(j) + Σ next(i→j) + Σ discover(i→j) + prior(j) + Σ alike(i→j) − mute(j)
//!            + interest(j) − less(j) + bridge(j)
//! ```
//!
//! Every addend is a whole number of one small power of two ([`Model::unit`]). Sums of such numbers are
//! exact in an `f64`, in any order: so the reasons of an item add up to its score to the last bit, and
//! taking a history item out of finished scores gives what a new run without it gives.
//!
//! Deliberately does not know: files, clocks, randomness, threads, how a model is learned (`learn`), who
//! may be scored (`gate`), what a shop forbids (`decide` passes a closure). It compiles for a browser.

mod bridge;
mod error;
mod explain;
mod file;
mod header;
mod model;
mod openness;
mod rank;
mod said;
mod score;
mod strength;
mod topics;
mod varied;

pub use bridge::{Answers, Bridge, Bridging, Views};
pub use error::Error;
pub use explain::{Channel, Ranked, Reason};
pub use file::{Contents, FORMAT, eight_bits, write};
pub use header::{Header, Parameters, Privacy, Training};
pub use model::{Links, MOST_ITEMS, Model};
pub use openness::{Beside, Opening, Placed, Rule, Slot, contextual_open};
pub use rank::{contextual, counterfactual};
pub use said::Said;
pub use score::{Scores, Scratch, score_all, score_all_with};
pub use strength::{half_lives, strength};
pub use topics::{Mix, Topics};
pub use varied::determinantal;
pub use vocabulary::{Openness, Step};
