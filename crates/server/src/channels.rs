//! The ways out: each takes a message that is ready, hands it over, and says exactly what became of it.
//!
//! Deliberately does not know: whether a message may be sent. That was decided before it came here.

pub mod answer;
pub mod email;
pub mod http;
pub mod inbound;
pub mod new_keys;
pub mod push;
pub mod settings;
pub mod sms;
pub mod switched_off;
pub mod webhook;

pub use answer::{Answer, Try};

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic, and runs programs"
)]
mod oracle;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod receiver;
