//! The ways out: each takes a message that is ready, hands it over, and says exactly what became of it.
//!
//! Deliberately does not know: whether a message may be sent. That was decided before it came here.

pub mod email;
pub mod inbound;
pub mod settings;
