//! Pure decisions: from what was opened to a proposal. No clock, no randomness, no files; the same
//! arguments give the same bytes, so every decision can be executed again.
//!
//! Deliberately does not know: how data is opened, stored, recorded or shown.

pub mod again;
pub mod automation;
pub mod compose;
pub mod gauge;
pub mod journeys;
pub mod offers;
pub mod own_data;
pub mod register;
pub mod rights;
pub mod segments;
mod shop;
pub mod why;

pub use shop::Shop;
