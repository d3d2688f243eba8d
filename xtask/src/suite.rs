//! Everything CI runs, in the order of what fails fastest, and one line of counts at the end.
//!
//! Deliberately does not know how anything is installed: that is `setup`.

use crate::{shell, tidy};
use std::path::Path;

/// Runs every step, also after one failed, and says whether all passed. The last line printed is
/// `N passed, N failed`: the tests, and every failed step that has no tests of its own.
pub fn run(root: &Path) -> bool {
    let mut tally = Tally::default();

    let formatted = shell::timed("format", || {
        shell::run(root, "cargo", &["fmt", "--all", "--check"]).ok
    });
    tally.step("format", formatted);

    tally.step("tidy", shell::timed("tidy", || tidy::run(root)));

    if shell::has("cargo-deny") {
        let allowed = shell::timed("licences and bans (cargo-deny)", || {
            shell::run(
                root,
                "cargo",
                &["deny", "--offline", "check", "bans", "licenses", "sources"],
            )
            .ok
        });
        tally.step("cargo-deny", allowed);
    } else {
        println!("\ncargo-deny is not installed: tidy has checked the same tables of deny.toml itself");
        println!("(for the original: cargo install cargo-deny --locked)");
    }

    let linted = shell::timed("clippy", || {
        let arguments = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ];
        shell::run(root, "cargo", &arguments).ok
    });
    tally.step("clippy", linted);

    let tests = shell::timed("tests", || {
        if shell::has("cargo-nextest") {
            let arguments = ["nextest", "run", "--workspace", "--locked", "--no-fail-fast"];
            shell::run(root, "cargo", &arguments)
        } else {
            println!(
                "cargo-nextest is not installed: the standard runner does the same, one crate at a time"
            );
            shell::run(
                root,
                "cargo",
                &[
                    "test",
                    "--workspace",
                    "--all-targets",
                    "--locked",
                    "--no-fail-fast",
                ],
            )
        }
    });
    tally.tests("tests", &tests);

    let examples = shell::timed("tests in the documentation", || {
        shell::run(
            root,
            "cargo",
            &["test", "--doc", "--workspace", "--locked", "--no-fail-fast"],
        )
    });
    tally.tests("tests in the documentation", &examples);

    shell::heading("result");
    for step in &tally.failed_steps {
        println!("failed: {step}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    tally.failed_steps.is_empty()
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    failed_steps: Vec<String>,
}

impl Tally {
    fn step(&mut self, name: &str, ok: bool) {
        if !ok {
            self.failed += 1;
            self.failed_steps.push(name.to_owned());
        }
    }

    fn tests(&mut self, name: &str, outcome: &shell::Outcome) {
        let (passed, failed) = counts(&outcome.lines);
        self.passed += passed;
        self.failed += failed;
        if !outcome.ok || failed > 0 {
            self.failed += usize::from(failed == 0);
            self.failed_steps.push(name.to_owned());
        }
    }
}

/// Tests passed and failed, from the summary lines of nextest (one) and of the standard runner (one
/// per binary).
fn counts(lines: &[String]) -> (usize, usize) {
    let mut total = (0, 0);
    for line in lines {
        let line = line.trim_start();
        let summary = line
            .strip_prefix("test result:")
            .or_else(|| line.strip_prefix("Summary ["));
        let Some(summary) = summary else { continue };
        total.0 += number_before(summary, "passed");
        total.1 += number_before(summary, "failed") + number_before(summary, "timed out");
    }
    total
}

/// The number that stands right before `word`; 0 if none does.
fn number_before(text: &str, word: &str) -> usize {
    let Some((before, _)) = text.split_once(&format!(" {word}")) else {
        return 0;
    };
    before
        .rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: (usize, usize)) {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(counts(&lines), expected, "{lines:?}");
    }

    #[test]
    fn the_summaries_of_both_runners_are_counted() {
        check(
            &["     Summary [   0.012s] 12 tests run: 11 passed (1 slow), 1 failed, 3 skipped"],
            (11, 1),
        );
        check(
            &[
                "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
                "test a::failed ... ok",
                "test result: FAILED. 1 passed; 2 failed; 0 ignored",
            ],
            (4, 2),
        );
        check(&["error: could not compile `x`"], (0, 0));
    }

    #[test]
    fn a_run_that_did_not_compile_counts_as_a_failure() {
        let mut tally = Tally::default();
        tally.tests(
            "tests",
            &shell::Outcome {
                ok: false,
                lines: vec!["error".to_owned()],
            },
        );
        assert_eq!((tally.passed, tally.failed, tally.failed_steps.len()), (0, 1, 1));
    }
}
