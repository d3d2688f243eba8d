//! The one command that CI runs, and the commands it is made of.
//!
//! Deliberately does not know what Égard does: it runs tools, reads text, and compares.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program speaks to its terminal"
)]

mod fuzz;
mod rust_text;
mod setup;
mod shell;
mod suite;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
The commands of this repository:

  cargo xtask test     everything CI runs: fmt, tidy, clippy, all tests, licences
  cargo xtask setup    install what a fresh Debian machine with Rust lacks (as root)
  cargo xtask ci       setup, then test
  cargo xtask tidy     the tidy checks alone: a few seconds
  cargo xtask fuzz     every parser of outside bytes, a minute each; --seconds N and names may follow
  cargo xtask map      redraw the tables of ARCHITECTURE.md from the code, prose kept
";

fn main() -> ExitCode {
    let root = root();
    let command = std::env::args().nth(1);
    let done = match command.as_deref() {
        Some("test") => suite::run(&root),
        Some("setup") => setup::run(),
        Some("ci") => setup::run() && suite::run(&root),
        Some("tidy") => tidy::run(&root),
        Some("fuzz") => fuzz::run(&root, &std::env::args().skip(2).collect::<Vec<_>>()),
        Some("map") => tidy::redraw_map(&root),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            command.is_some()
        }
        Some(other) => {
            eprint!("no command `{other}`\n\n{HELP}");
            false
        }
    };
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The folder above this package.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
