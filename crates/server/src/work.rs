//! Work that runs by itself: integrating the log, keeping retention, removing what ended, learning, asking
//! witnesses.
//!
//! Deliberately does not know: HTTP.

pub mod answer_rights;
pub mod ask_witnesses;
pub mod count_groups;
mod counted;
pub mod exchange_keys;
mod held;
pub mod integrate_log;
pub mod keep_retention;
pub mod learn_model;
pub(crate) mod learn_privately;
pub mod mail_answers;
pub mod react;
pub mod remove_ended;
pub mod send;
