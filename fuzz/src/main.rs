//! What a stranger can hand to a parser, tried by the million: libFuzzer mutates inputs, keeps what
//! reaches new code, and stops at the first panic, broken promise, hang or flood of memory.
//!
//! `cargo xtask fuzz` builds and runs this; `FUZZ_TARGET` names the target. Each target is a function over
//! bytes and says what must hold besides "does not fall over"; its seeds are made by the same code that
//! writes the format, so they never go stale. An input that once broke something stays in
//! `found/TARGET/` and is tried first for ever.
//!
//! Deliberately does not know: how the house is built, only what it takes from outside.
#![no_main]

#[allow(dead_code, reason = "only the finding of a checkpoint is used here")]
#[path = "../../crates/egard/src/checkpoints.rs"]
mod checkpoints;
mod audit;
mod files;
mod honesty;
mod house;
mod ingest;
mod liquid;
mod log;
mod mail;
mod person;
mod program;
mod receipt;
mod request;

use std::path::Path;
use std::sync::OnceLock;

/// A parser of outside bytes.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Tries one input; panics where a promise is broken.
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

static CHOSEN: OnceLock<&'static Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: choose(),
    |data: &[u8]| {
        if let Some(target) = CHOSEN.get() {
            (target.run)(data);
        }
    }
);

/// What `egard verify` would print; here nobody reads it.
pub fn say(_: &str) {}

/// Likewise, where it would go to standard error.
pub fn complain(_: &str) {}

/// The target of the environment; its seeds are written to `FUZZ_SEEDS`, if that is set.
fn choose() {
    let all: Vec<&'static Target> = [
        log::TARGETS,
        receipt::TARGETS,
        files::TARGETS,
        person::TARGETS,
        program::TARGETS,
        honesty::TARGETS,
        liquid::TARGETS,
        ingest::TARGETS,
        house::TARGETS,
        audit::TARGETS,
        mail::TARGETS,
    ]
    .concat()
    .into_iter()
    .collect();
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    if name == "list" {
        all.iter().for_each(|target| println!("{}", target.name));
        std::process::exit(0);
    }
    let target = all.iter().find(|target| target.name == name);
    let target = target.unwrap_or_else(|| panic!("FUZZ_TARGET is `{name}`; `list` prints the targets"));
    if let Some(folder) = std::env::var_os("FUZZ_SEEDS") {
        std::fs::create_dir_all(&folder).expect("the folder of seeds can be made");
        for (number, seed) in (target.seeds)().iter().enumerate() {
            let file = Path::new(&folder).join(format!("seed-{number:02}"));
            std::fs::write(file, seed).expect("a seed can be written");
        }
    }
    let _ = CHOSEN.set(target);
}
