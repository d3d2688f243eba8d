//! Journeys: calendars where clocks change, and promises whatever the program, the person and the clock.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod calendars;
mod life;
mod promises;
