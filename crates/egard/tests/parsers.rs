//! What a person may hand to `egard verify`, tried briefly and without libFuzzer: every input that once broke
//! something, every seed, and seeded mutations of them. `cargo xtask fuzz` is the long way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

#[allow(dead_code, reason = "only the finding of a checkpoint is used here")]
#[path = "../src/checkpoints.rs"]
mod checkpoints;
#[allow(dead_code, reason = "only the seeds are used here")]
#[path = "../../../fuzz/src/log.rs"]
mod log;
#[path = "../../server/tests/parsers/mutations.rs"]
mod mutations;
#[path = "../../../fuzz/src/receipt.rs"]
mod receipt;

use mutations::try_all;

/// A parser of outside bytes.
#[allow(missing_docs, reason = "as in `fuzz/src/main.rs`")]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// What the program would print; here nobody reads it.
pub fn say(_: &str) {}

/// Likewise, where it would go to standard error.
pub fn complain(_: &str) {}

#[test]
fn no_receipt_breaks_who_checks_it_and_none_shows_more_than_it_proves() {
    try_all(receipt::TARGETS, 300);
}
