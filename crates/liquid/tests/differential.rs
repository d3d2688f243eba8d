//! The same snippets by Debian's ruby-liquid, npm's liquidjs and this engine (lax, as text, like theirs).
//! Every difference is in `tests/oracle/differences.txt` with its reason, and every one there is still one.
//!
//! `cargo xtask setup` installs what this needs; without it these tests fail and say so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may panic and speak; it reads its snippets and runs what it compares with"
)]

use liquid::{How, Limits, Value, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const HOW: &str = "this test compares with Debian's ruby-liquid and npm's liquidjs. `cargo xtask setup` installs Ruby, \
    ruby-liquid, node and npm (Debian: `apt-get install ruby-liquid nodejs npm`); npm must reach its registry once";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

fn snippets() -> Vec<String> {
    let text = read("snippets.txt");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.replace('⏎', "\n")).collect()
}

fn values() -> serde_json::Value {
    serde_json::from_str(&read("values.json")).unwrap()
}

/// What came of each snippet: its text, or nothing where there is an error.
type Found = Vec<Option<String>>;

fn ask(command: &mut Command) -> (String, Found) {
    let values = values();
    let question: Vec<_> = snippets()
        .iter()
        .map(|source| serde_json::json!({ "source": source, "values": values }))
        .collect();
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{HOW} ({error})"));
    let question = serde_json::to_vec(&question).unwrap();
    // A program that fell over before it read says why below.
    let _ = child.stdin.take().unwrap().write_all(&question);
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{HOW}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = answer["found"].as_array().unwrap();
    let found = found
        .iter()
        .map(|found| found["text"].as_str().map(str::to_owned));
    (answer["version"].as_str().unwrap().to_owned(), found.collect())
}

fn ours() -> Found {
    let values = Value::from(&values());
    let how = How {
        strict: false,
        ..How::text(jiff::Timestamp::UNIX_EPOCH)
    };
    let render = |source: &String| parse(source, &Limits::default()).ok()?.render(&values, &how).ok();
    snippets().iter().map(render).collect()
}

/// The snippets that differ from an oracle on purpose.
fn known(oracle: &str) -> BTreeMap<String, String> {
    let text = read("differences.txt");
    let mut reason = String::new();
    let mut known = BTreeMap::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("## ") {
            reason = words.to_owned();
        } else if let Some(snippet) = line.strip_prefix(&format!("{oracle}: ")) {
            assert!(!reason.is_empty(), "a difference without a reason: {snippet}");
            known.insert(snippet.replace('⏎', "\n"), reason.clone());
        }
    }
    known
}

fn compare(oracle: &str, theirs: &Found) {
    let known = known(oracle);
    let mut faults = Vec::new();
    let mut met = BTreeSet::new();
    for ((source, ours), theirs) in snippets().into_iter().zip(ours()).zip(theirs) {
        let differs = ours != *theirs;
        match (differs, known.contains_key(&source)) {
            (true, false) => faults.push(format!("{source:?}\n  {oracle}: {theirs:?}\n  ours: {ours:?}")),
            (false, true) => faults.push(format!(
                "{source:?} is no difference any more; take it out of the list"
            )),
            _ => {}
        }
        met.insert(source);
    }
    faults.extend(
        known
            .keys()
            .filter(|source| !met.contains(*source))
            .map(|source| format!("{source:?} is no snippet")),
    );
    println!(
        "{oracle}: {} snippets, {} differences, each with its reason",
        met.len(),
        known.len()
    );
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn there_are_enough_snippets_and_none_twice() {
    let snippets = snippets();
    assert!(snippets.len() >= 150, "{}", snippets.len());
    assert_eq!(snippets.iter().collect::<BTreeSet<_>>().len(), snippets.len());
}

#[test]
fn what_differs_from_ruby_liquid_has_a_reason() {
    let (version, theirs) = ask(Command::new("ruby").arg(folder().join("ruby.rb")));
    println!("ruby-liquid {version}");
    compare("ruby", &theirs);
}

#[test]
fn what_differs_from_liquidjs_has_a_reason() {
    let (version, theirs) = ask(Command::new("node")
        .arg(folder().join("liquidjs.mjs"))
        .arg(liquidjs()));
    println!("liquidjs {version}");
    compare("liquidjs", &theirs);
}

/// A folder with the npm packages of `package-lock.json`, installed once per lock file.
fn liquidjs() -> PathBuf {
    let lock = read("package-lock.json");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let place = target.join(format!("oracle-{}", lock.len()));
    let done = place.join("package-lock.json");
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == lock) {
        return place;
    }
    // In a folder of its own first: another run may be at it.
    let fresh = tempfile::tempdir_in(target).unwrap();
    std::fs::copy(folder().join("package.json"), fresh.path().join("package.json")).unwrap();
    std::fs::write(fresh.path().join("package-lock.json"), &lock).unwrap();
    let npm = Command::new("npm")
        .current_dir(fresh.path())
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .output();
    let npm = npm.unwrap_or_else(|error| panic!("{HOW} ({error})"));
    assert!(
        npm.status.success(),
        "{HOW}\n{}",
        String::from_utf8_lossy(&npm.stderr)
    );
    if std::fs::rename(fresh.path(), &place).is_err() {
        assert!(done.exists(), "`{}` is in the way", place.display());
    }
    place
}
