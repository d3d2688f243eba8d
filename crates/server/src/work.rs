//! Work that runs by itself: integrating the log, keeping retention, learning.
//!
//! Deliberately does not know: HTTP.

pub mod answer_rights;
pub mod exchange_keys;
pub mod integrate_log;
pub mod keep_retention;
pub mod learn_model;
