//! What the ledger promises, seen from outside. One binary, a module per promise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

mod go;
mod growth;
mod log;
mod tampering;
mod texts;
mod trees;
mod witnesses;
