//! Real data, synthetic consents and visits, and measurements: what the demo and the benches are made of.
//!
//! Deliberately does not know: the store, the gate, HTTP.

pub mod consents;
pub mod eval;
pub mod evaluate;
pub mod feedback;
pub mod groups;
pub mod interactions;
pub mod online_retail;
pub mod polis;
pub mod simulate;
pub mod stopwatch;
pub mod visits;
