//! A witness over real HTTP, and a log that asks it: what continues is countersigned, two histories never
//! are, whenever the process is killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

#[path = "witness/killed.rs"]
mod killed;
#[path = "witness/other.rs"]
mod other;
#[path = "witness/protocol.rs"]
mod protocol;
#[path = "witness/served.rs"]
mod served;
#[path = "house/support.rs"]
mod support;
