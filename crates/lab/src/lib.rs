//! Real data, synthetic consents, and measurements: what the demo and the benches are made of.
//!
//! Deliberately does not know: the store, the gate, HTTP. What is measured here is the model alone.

pub mod consents;
pub mod evaluate;
pub mod online_retail;
mod stopwatch;
