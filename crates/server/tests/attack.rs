//! Attacks on the whole server, each of which must come to nothing: strangers who guess and compare,
//! forge where a request comes from, send markup and monsters, set the clock back, and do two things at
//! once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

#[path = "attack/clock.rs"]
mod clock;
#[path = "attack/counting.rs"]
mod counting;
#[path = "attack/forged.rs"]
mod forged;
#[path = "attack/guessing.rs"]
mod guessing;
#[path = "attack/links.rs"]
mod links;
#[path = "attack/monsters.rs"]
mod monsters;
#[path = "attack/pages.rs"]
mod pages;
#[path = "attack/races.rs"]
mod races;
#[path = "attack/rights.rs"]
mod rights;
#[path = "house/support.rs"]
mod support;
