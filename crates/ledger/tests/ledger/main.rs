//! What the ledger promises, seen from outside. One binary, a module per promise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may panic, speak, and use files to hand a log to another program"
)]

mod forks;
mod go;
mod growth;
mod log;
mod others;
mod policies;
mod succession;
mod tampering;
mod texts;
mod trees;
mod witnesses;
