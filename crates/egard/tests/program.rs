//! `egard program` from the outside: what it prints, how it ends, and what a kill leaves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn egard(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egard"));
    command.args(arguments).env_remove("EGARD_SETTINGS");
    command
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_simulation_reads_the_catalogue_of_a_server_and_says_where_it_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("items.jsonl");
    let demo = root().join("demo/program");
    let simulated = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let (demo, file) = (demo.to_str().unwrap(), file.to_str().unwrap());
        let begins = ["--begins", "2026-11-22", "--json"];
        let size = ["--days", "30", "--people", "300"];
        egard(&[&["simulate", demo, "--catalogue", file], &size[..], &begins].concat())
    };
    let item =
        |id: &str| format!("{{\"id\":\"{id}\",\"name\":\"A\",\"category\":\"candles\",\"stock\":3}}\n");
    let with = simulated(&(item("A") + &item("B")));
    assert!(with.status.success(), "{}", err(&with));
    let columns = simulated("A\tA\tcandles\t100\n");
    assert!(columns.status.success(), "{}", err(&columns));
    // A check reads the items that the program names, where they lie here.
    let program = folder.path().join("program");
    copied(&program);
    let items = folder.path().join("items.csv");
    let source = format!(
        "sources:\n  shop:\n    file: {}\n    format: csv\n",
        items.display()
    );
    let catalogue = program.join("catalogue.yaml");
    let named = std::fs::read_to_string(&catalogue).unwrap();
    std::fs::write(
        &catalogue,
        source
            + named
                .split_once("categories:")
                .map(|(_, rest)| format!("categories:{rest}"))
                .unwrap()
                .as_str(),
    )
    .unwrap();
    let checked = |text: &str| {
        std::fs::write(&items, text).unwrap();
        egard(&["program", "check", program.to_str().unwrap()])
    };
    let sound = checked("id,name,stock,prices\nA,One,3,2026-05-01=1200\n");
    assert!(sound.status.success(), "{}{}", out(&sound), err(&sound));
    let faulty = checked("id,name,stock,prices\nA,One,some,\n");
    assert!(!faulty.status.success(), "{}", out(&faulty));
    assert!(
        err(&faulty).contains("line 2: `stock` is a whole number"),
        "{}",
        err(&faulty)
    );

    let broken = simulated(&(item("A") + "{\"id\":"));
    assert!(
        !broken.status.success() && err(&broken).contains("line 2"),
        "{}",
        err(&broken)
    );
}

/// The demo's program in a folder of its own.
fn copied(to: &Path) {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => copy(&entry.path(), &target),
                false => drop(std::fs::copy(entry.path(), target).unwrap()),
            }
        }
    }
    copy(&root().join("demo/program"), to);
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no {from}", path.display());
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn the_demo_is_checked_and_its_faults_are_told() {
    let demo = root().join("demo/program");
    let checked = egard(&["program", "check", demo.to_str().unwrap()]);
    assert!(checked.status.success(), "{}{}", out(&checked), err(&checked));
    assert!(out(&checked).contains("no fault; program "));

    let folder = tempfile::tempdir().unwrap();
    copied(folder.path());
    replace(
        &folder.path().join("journeys/welcome.yaml"),
        "message: welcome\n",
        "message: welcom\n",
    );
    std::fs::write(folder.path().join("README.md"), "for people").unwrap();
    let path = folder.path().to_str().unwrap();
    let checked = egard(&["program", "check", path]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(out(&checked).contains("journeys/welcome.yaml:17:14: error[unknown_name]: there is no message `welcom`; did you mean `welcome`?"), "{}", out(&checked));
    let json = egard(&["program", "check", path, "--json"]);
    assert_eq!(json.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let fault = json["faults"]
        .as_array()
        .unwrap()
        .iter()
        .find(|fault| fault["severity"] == "error")
        .unwrap();
    assert_eq!(
        (&fault["line"], &fault["code"]),
        (&17.into(), &"unknown_name".into())
    );
    assert!(json["digest"].is_null());

    let missing = egard(&[
        "program",
        "check",
        folder.path().join("nowhere").to_str().unwrap(),
    ]);
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(err(&missing).lines().count(), 1);
}

/// An installation with an empty store.
fn installation(folder: &Path) -> PathBuf {
    let keys = folder.join("keys");
    assert!(egard(&["keys", "new", keys.to_str().unwrap()]).status.success());
    let store = folder.join("store");
    drop(store::Embedded::open(&store).unwrap());
    let settings = folder.join("egard.toml");
    let text = format!(
        "environment = \"development\"\nstore = \"embedded:{}\"\nkeys = \"{}\"\nledger_origin = \
         \"test.example/egard\"\ndictionary = \"{}\"\n",
        store.display(),
        keys.display(),
        root().join("demo/dictionary.toml").display()
    );
    std::fs::write(&settings, text).unwrap();
    settings
}

struct House {
    settings: PathBuf,
}

impl House {
    fn run(&self, arguments: &[&str]) -> Output {
        let settings = ["--settings", self.settings.to_str().unwrap()];
        egard(&[&["program"], arguments, &settings].concat())
    }

    /// The digests that were in force, newest first.
    fn history(&self) -> Vec<String> {
        let shown = self.run(&["history"]);
        assert!(shown.status.success(), "{}", err(&shown));
        let shown = out(&shown);
        let lines = shown
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        lines
            .map(|line| line.split(' ').nth(1).unwrap().to_owned())
            .collect()
    }
}

#[test]
fn a_program_is_planned_approved_applied_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let house = House {
        settings: installation(folder.path()),
    };
    let program = folder.path().join("program");
    copied(&program);
    let path = program.to_str().unwrap();
    let plan = house.run(&["plan", path]);
    assert!(
        out(&plan).contains("would be the first program"),
        "{}{}",
        out(&plan),
        err(&plan)
    );
    assert!(out(&plan).contains("a second person must approve it"));

    let waits = house.run(&["apply", path, "--by", "ann"]);
    assert_eq!(waits.status.code(), Some(1));
    let digest = err(&waits).split("the program ").nth(1).unwrap()[..64].to_owned();
    assert!(!house.run(&["approve", &digest, "--by", "ann"]).status.success());
    assert!(house.run(&["approve", &digest, "--by", "bob"]).status.success());
    let applied = house.run(&["apply", path, "--by", "ann", "--against", "none"]);
    assert!(applied.status.success(), "{}", err(&applied));
    assert_eq!(house.history(), [digest.as_str()]);

    // The rule of the program in force holds for the one that does away with it.
    replace(
        &program.join("program.yaml"),
        "approval: second_person",
        "approval: none",
    );
    replace(
        &program.join("journeys/welcome.yaml"),
        "wait: 6 days",
        "wait: 5 days",
    );
    let waits = house.run(&["apply", path, "--by", "ann"]);
    assert_eq!(waits.status.code(), Some(1));
    let next = err(&waits).split("the program ").nth(1).unwrap()[..64].to_owned();
    assert!(house.run(&["approve", &next, "--by", "bob"]).status.success());
    let late = house.run(&["apply", path, "--by", "ann", "--against", "none"]);
    assert!(
        err(&late).contains("another program was put in force meanwhile"),
        "{}",
        err(&late)
    );
    let plan = house.run(&["plan", path]);
    assert!(
        out(&plan).contains("`steps.settle.wait` was `6 days`, is `5 days`"),
        "{}",
        out(&plan)
    );
    assert!(house.run(&["apply", path, "--by", "ann"]).status.success());
    assert!(house.run(&["rollback", "--by", "cem"]).status.success());
    assert_eq!(house.history(), [digest.clone(), next, digest]);
}

#[test]
fn a_killed_apply_leaves_the_old_program_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let house = House {
        settings: installation(folder.path()),
    };
    let one = folder.path().join("one");
    let two = folder.path().join("two");
    copied(&one);
    replace(
        &one.join("program.yaml"),
        "approval: second_person",
        "approval: none",
    );
    copied(&two);
    replace(
        &two.join("program.yaml"),
        "approval: second_person",
        "approval: none # two",
    );
    let started = Instant::now();
    assert!(
        house
            .run(&["apply", one.to_str().unwrap(), "--by", "ann"])
            .status
            .success()
    );
    let whole = started.elapsed();
    let mut known = house.history();
    let mut killed = 0;
    for part in 1..=8u32 {
        let other = if part % 2 == 1 { &two } else { &one };
        let settings = house.settings.to_str().unwrap();
        let arguments = [
            "program",
            "apply",
            other.to_str().unwrap(),
            "--by",
            "ann",
            "--settings",
            settings,
        ];
        let mut child = command(&arguments).spawn().unwrap();
        std::thread::sleep(whole * part / 9);
        killed += u32::from(child.try_wait().unwrap().is_none());
        // SIGKILL on Unix: nothing of the process runs after it.
        let _ = child.kill();
        child.wait().unwrap();
        let now = house.history();
        let new = now.len() - known.len();
        assert!(new <= 1 && now[new..] == known, "{now:?} after {known:?}");
        // Whole: what is in force can be read, or there would be no plan.
        let plan = house.run(&["plan", one.to_str().unwrap()]);
        assert!(plan.status.success(), "{}", err(&plan));
        assert!(
            plan.status.success() && !out(&plan).contains("would be the first"),
            "{}",
            out(&plan)
        );
        known = now;
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(
        killed > 0,
        "nothing was killed: the test is too slow to prove anything"
    );
}
