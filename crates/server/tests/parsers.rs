//! The targets of `fuzz/`, briefly and without libFuzzer: every input that once broke something, every
//! seed, and seeded mutations of them, the same in every run. Receipts are tried where the program that checks
//! them is (`crates/egard/tests/parsers.rs`). `cargo xtask fuzz` is the long way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

#[path = "../../../fuzz/src/audit.rs"]
mod audit;
#[path = "../../../fuzz/src/files.rs"]
mod files;
#[path = "../../../fuzz/src/house.rs"]
mod house;
#[path = "../../../fuzz/src/ingest.rs"]
mod ingest;
#[path = "../../../fuzz/src/log.rs"]
mod log;
#[path = "parsers/mutations.rs"]
mod mutations;
#[path = "../../../fuzz/src/person.rs"]
mod person;
#[path = "../../../fuzz/src/program.rs"]
mod program;
#[path = "../../../fuzz/src/request.rs"]
mod request;

use mutations::try_all;

/// A parser of outside bytes.
#[allow(missing_docs, reason = "as in `fuzz/src/main.rs`")]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub seeds: fn() -> Vec<Vec<u8>>,
}

#[test]
fn nothing_a_stranger_hands_to_the_log_breaks_it() {
    try_all(log::TARGETS, 1_000);
}

#[test]
fn no_file_beside_the_server_breaks_it() {
    let (slow, quick): (Vec<&Target>, Vec<&Target>) =
        files::TARGETS.iter().partition(|target| target.name == "rules");
    try_all(&quick, 1_000);
    // Cedar validates its whole schema each time.
    try_all(&slow, 20);
}

#[test]
fn no_report_and_no_charter_of_the_past_breaks_the_audit() {
    // Both are read with a charter, or are one: slow.
    let (slow, quick): (Vec<&Target>, Vec<&Target>) = audit::TARGETS
        .iter()
        .partition(|target| target.name == "charter-text");
    try_all(&quick, 1_000);
    try_all(&slow, 20);
}

#[test]
fn no_file_of_a_program_breaks_its_reader() {
    try_all(program::TARGETS, 100);
}

#[test]
fn nothing_that_speaks_for_a_person_from_outside_says_more_than_stands_there() {
    try_all(person::TARGETS, 1_000);
}

#[test]
fn no_call_of_the_dialect_breaks_the_ingest() {
    try_all(ingest::TARGETS, 2_000);
}

#[test]
fn no_requests_one_after_another_break_the_house() {
    try_all(house::TARGETS, 200);
}
