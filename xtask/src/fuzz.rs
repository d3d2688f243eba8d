//! Fuzzing at length: the workspace in `fuzz/`, built with coverage counters, one target after another.
//! CI tries the same targets briefly and without counters, in `crates/server/tests/parsers.rs`.
//!
//! Deliberately does not know: what a target reads.

use crate::shell;
use std::path::Path;

/// What libFuzzer needs to see where an input went. These are options of stable rustc; `cargo fuzz` sets
/// the same ones. No sanitizer: there is no unsafe code here to be watched.
const COUNTERS: &str = "RUSTFLAGS=-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
/// Seconds for each target unless the command line says otherwise.
const SECONDS: &str = "60";
/// Where it is built, and what it has learned to send.
const FOLDER: &str = "target/fuzz";

/// `[--seconds N] [TARGET…]`: all targets if none is named. False if one broke, or does not build.
pub fn run(root: &Path, arguments: &[String]) -> bool {
    let (seconds, named) = match arguments {
        [flag, ..] if flag == "--help" || flag == "-h" => {
            println!(
                "cargo xtask fuzz [--seconds N] [TARGET…]: all targets, {SECONDS} s each, if nothing is said; an \
                 unknown target is refused with the names of all"
            );
            return true;
        }
        [flag, ..] if flag.starts_with('-') && flag != "--seconds" => {
            println!("no option `{flag}`; `cargo xtask fuzz --help` tells them");
            return false;
        }
        [flag, seconds, named @ ..] if flag == "--seconds" => (seconds.as_str(), named),
        named => (SECONDS, named),
    };
    // A target is named, so that what runs while building is built without counters.
    let Some(platform) = platform(root) else {
        println!("`rustc -vV` does not say for which platform it builds");
        return false;
    };
    let manifest = root.join("fuzz/Cargo.toml");
    let built = shell::timed("build the fuzzer", || {
        let build = [
            COUNTERS,
            "cargo",
            "build",
            "--locked",
            "--manifest-path",
            &manifest.display().to_string(),
            "--target",
            &platform,
            "--target-dir",
            FOLDER,
        ];
        shell::run(root, "env", &build).ok
    });
    if !built {
        return false;
    }
    let binary = format!("{FOLDER}/{platform}/debug/fuzz");
    let Some(listed) = shell::capture(root, "env", &["FUZZ_TARGET=list", &binary]) else {
        println!("`{binary}` does not list its targets");
        return false;
    };
    let all: Vec<&str> = listed.lines().collect();
    if let Some(unknown) = named.iter().find(|name| !all.contains(&name.as_str())) {
        println!("no target `{unknown}`; there are {}", all.join(", "));
        return false;
    }
    let chosen = all
        .iter()
        .filter(|name| named.is_empty() || named.iter().any(|wanted| wanted == *name));
    let mut broken = Vec::new();
    for name in chosen {
        if !shell::timed(name, || fuzz(root, &binary, name, seconds)) {
            broken.push(*name);
        }
    }
    shell::heading("result");
    if broken.is_empty() {
        println!("nothing broke");
    } else {
        println!("broken: {}", broken.join(", "));
        println!("the inputs are in {FOLDER}/broken; put them into fuzz/found/TARGET when they are mended");
    }
    broken.is_empty()
}

fn fuzz(root: &Path, binary: &str, name: &str, seconds: &str) -> bool {
    let folder = |kind: &str| format!("{FOLDER}/{kind}/{name}");
    let (corpus, seeds, found) = (folder("corpus"), folder("seeds"), format!("fuzz/found/{name}"));
    for folder in [&corpus, &seeds, &folder("broken")] {
        if let Err(error) = std::fs::create_dir_all(root.join(folder)) {
            println!("`{folder}`: {error}");
            return false;
        }
    }
    let mut arguments = vec![
        format!("FUZZ_TARGET={name}"),
        format!("FUZZ_SEEDS={seeds}"),
        binary.to_owned(),
        corpus,
        seeds.clone(),
    ];
    if root.join(&found).is_dir() {
        arguments.push(found);
    }
    arguments.extend([
        format!("-max_total_time={seconds}"),
        "-timeout=10".to_owned(),
        "-rss_limit_mb=2048".to_owned(),
        "-max_len=65536".to_owned(),
        "-print_final_stats=1".to_owned(),
        format!("-artifact_prefix={}/", folder("broken")),
    ]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    shell::run(root, "env", &arguments).ok
}

fn platform(root: &Path) -> Option<String> {
    let version = shell::capture(root, "rustc", &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "))?;
    Some(host.to_owned())
}
