//! Moments: read from text, written as strftime does, in French or English.
//!
//! Deliberately does not know: filters, clocks.

mod read;
mod write;

pub(crate) use read::{read, seconds};
pub(crate) use write::write;
