//! The fuzzer's target for templates, tried briefly and without libFuzzer: every input that once broke
//! something, every seed, and seeded mutations of them. `cargo xtask fuzz` is the long way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may panic and speak, and reads what once broke something"
)]

#[path = "../../server/tests/parsers/mutations.rs"]
mod mutations;
#[path = "../../../fuzz/src/liquid.rs"]
mod template;

/// A parser of outside bytes.
#[allow(missing_docs, reason = "as in `fuzz/src/main.rs`")]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub seeds: fn() -> Vec<Vec<u8>>,
}

#[test]
fn no_template_breaks_its_reader_or_its_rendering() {
    mutations::try_all(template::TARGETS, 300);
}
