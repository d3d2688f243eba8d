//! `egard program` while a server has the store: the server does it, as whom the key says, and a second person stays
//! a second person.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const ANN: &str = "the-key-of-ann-that-nobody-else-has";
const BOB: &str = "the-key-of-bob-that-nobody-else-has";
const SITE: &str = "the-key-of-the-shop-and-its-servers";
const STRANGER: &str = "a-key-that-the-settings-do-not-name";

fn egard(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egard"));
    command.args(arguments).env_remove("EGARD_SETTINGS");
    command
}

/// A server; it ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn new() -> (House, Serving) {
        let house = House {
            folder: tempfile::tempdir().unwrap(),
        };
        let keys = house.at("keys");
        assert!(
            egard(&["keys", "new", keys.to_str().unwrap()])
                .output()
                .unwrap()
                .status
                .success()
        );
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/program");
        for (path, bytes) in server::program::gather(&demo).unwrap() {
            let path = house.at("program").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        for (name, key) in [("ann", ANN), ("bob", BOB), ("site", SITE), ("stranger", STRANGER)] {
            let file = house.at(name);
            std::fs::write(&file, format!("{key}\n")).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let key = |table: &str, name: &str, key: &str| {
            let digest = vocabulary::Digest::of(key.as_bytes());
            format!("[[{table}]]\nname = \"{name}\"\nkey = \"sha256:{digest}\"\n")
        };
        let text = format!(
            "environment = \"development\"\nlisten = \"{free}\"\nstore = \"embedded:{}\"\nkeys = \"{}\"\n\
             ledger_origin = \"test.example/egard\"\nlearn_every_hours = 0\n[program]\nfolder = \"{}\"\n{}{}{}",
            house.at("store").display(),
            keys.display(),
            house.at("program").display(),
            key("program_keys", "ann", ANN),
            key("program_keys", "bob", BOB),
            key("api_keys", "shop", SITE)
        );
        std::fs::write(house.at("egard.toml"), text).unwrap();
        let settings = house.at("egard.toml");
        let child = egard(&["serve", "--settings", settings.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let serving = Serving(child);
        let started = Instant::now();
        while std::net::TcpStream::connect(free).is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(120),
                "the server does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        (house, serving)
    }

    /// The command with this one's key: whether it went well, and what it said.
    fn run(&self, key: &str, arguments: &[&str]) -> (bool, String) {
        let (settings, file) = (self.at("egard.toml"), self.at(key));
        let mut all = vec!["program"];
        all.extend(arguments);
        if arguments[0] != "check" {
            all.extend(["--settings", settings.to_str().unwrap()]);
        }
        if !key.is_empty() {
            all.extend(["--key-file", file.to_str().unwrap()]);
        }
        let Output {
            status,
            stdout,
            stderr,
        } = egard(&all).output().unwrap();
        let said = [stdout, stderr].concat();
        (status.success(), String::from_utf8(said).unwrap())
    }

    /// What the doctor finds, with this one's key.
    fn doctor(&self, key: &str) -> String {
        let (settings, file) = (self.at("egard.toml"), self.at(key));
        let asked = egard(&["doctor", "--offline", "--settings", settings.to_str().unwrap()])
            .args(["--key-file", file.to_str().unwrap()])
            .output()
            .unwrap();
        String::from_utf8(asked.stdout).unwrap()
    }

    fn done(&self, key: &str, arguments: &[&str]) -> String {
        let (done, said) = self.run(key, arguments);
        assert!(done, "{said}");
        said
    }

    fn refused(&self, key: &str, arguments: &[&str], words: &str) {
        let (done, said) = self.run(key, arguments);
        assert!(!done && said.contains(words), "{said}");
    }

    fn write(&self, file: &str, from: &str, to: &str) {
        let path = self.at("program").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

#[test]
fn a_program_goes_through_the_running_server_with_a_second_person() {
    let (house, _serving) = House::new();
    let program = house.at("program");
    let path = program.to_str().unwrap();
    let digest = house.done("", &["check", path]);
    let digest = digest.split("no fault; program ").nth(1).unwrap()[..64].to_owned();

    // Without a key, with a stranger's, with the site's: nothing.
    house.refused("", &["apply", path, "--by", "ann"], "--key-file");
    house.refused("stranger", &["apply", path], "answered 401");
    house.refused("site", &["apply", path], "answered 403");
    house.refused("site", &["history"], "answered 403");
    assert!(
        house
            .done("ann", &["history"])
            .contains("no program was put in force yet")
    );

    let plan = house.done("ann", &["plan", path]);
    assert!(plan.contains("would be the first program"), "{plan}");
    assert!(plan.contains("a second person must approve it"), "{plan}");

    // The key says who it is, whatever else is said.
    house.refused("ann", &["apply", path, "--by", "cem"], "the key is that of `ann`");
    house.refused("ann", &["apply", path], "waits for a second person");
    let waits = house.done("bob", &["history"]);
    assert!(
        waits.contains(&format!("waits for a second person: {digest} by ann")),
        "{waits}"
    );
    let doctor = house.doctor("bob");
    assert!(
        doctor.contains("[program_waits] waits for a second person"),
        "{doctor}"
    );
    house.refused("ann", &["approve", &digest], "cannot approve it too");
    house.refused(
        "ann",
        &["approve", &digest, "--by", "bob"],
        "the key is that of `ann`",
    );
    house.refused("ann", &["apply", path], "waits for a second person");
    house.done("bob", &["approve", &digest]);
    let applied = house.done("ann", &["apply", path, "--against", "none"]);
    assert!(applied.contains("is in force, number 1"), "{applied}");
    // The dictionary that the server started with is this one's.
    assert!(!applied.contains("next start"), "{applied}");
    let history = house.done("bob", &["history"]);
    assert!(history.starts_with(&format!("1 {digest} ")), "{history}");
    assert!(
        history
            .lines()
            .next()
            .unwrap()
            .ends_with("by ann, approved by bob"),
        "{history}"
    );

    // Another dictionary is worked by after the next start, and everybody who asks is told so.
    house.write("dictionary.yaml", "traits:\n", "traits:\n  shoe_size:\n    purposes: [service]\n    type: number\n    title: { fr: Pointure, en: Shoe size }\n");
    house.write("journeys/welcome.yaml", "wait: 6 days", "wait: 5 days");
    house.refused(
        "bob",
        &["apply", path, "--against", "none"],
        "waits for a second person",
    );
    let next = house.done("", &["check", path]);
    let next = next.split("no fault; program ").nth(1).unwrap()[..64].to_owned();
    house.done("ann", &["approve", &next]);
    house.refused(
        "bob",
        &["apply", path, "--against", "none"],
        "another program was put in force meanwhile",
    );
    let applied = house.done("bob", &["apply", path]);
    assert!(applied.contains("takes effect at the next start"), "{applied}");
    assert!(
        house
            .done("ann", &["history"])
            .contains("takes effect at the next start")
    );

    let doctor = house.doctor("ann");
    assert!(
        doctor.contains("[program_waits] its data dictionary is another one"),
        "{doctor}"
    );

    // Back: what was approved once, and the dictionary that is worked by.
    house.refused("ann", &["rollback", &"0".repeat(64)], "was never in force");
    let back = house.done("ann", &["rollback"]);
    assert!(
        back.contains(&format!("{digest} is in force again, number 3")),
        "{back}"
    );
    assert!(!back.contains("next start"), "{back}");
}

#[test]
fn what_cannot_be_taken_is_told_with_its_place() {
    let (house, _serving) = House::new();
    let path = house.at("program");
    let path = path.to_str().unwrap();
    let file = house.at("ann");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    house.refused("ann", &["history"], "can be read by others");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();

    // Faults that the sender’s own version would have found are found by the server too.
    let files = server::program::gather(Path::new(path)).unwrap();
    let mut faulty = files.clone();
    let journey = faulty.get_mut("journeys/welcome.yaml").unwrap();
    let text = String::from_utf8(journey.clone()).unwrap();
    *journey = text
        .replace("message: welcome\n", "message: welcom\n")
        .into_bytes();
    let settings = std::fs::read_to_string(house.at("egard.toml")).unwrap();
    let address = settings
        .split("listen = \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let post = |body: &[u8]| {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /v1/programs/apply HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {ANN}\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("application/problem+json"), "{answer}");
        answer
    };
    let answer = post(&program::pack::pack(&faulty));
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    assert!(answer.contains("journeys/welcome.yaml:17:14"), "{answer}");
    assert!(post(b"no program").starts_with("HTTP/1.1 400"));
    assert!(
        house
            .done("ann", &["history"])
            .contains("no program was put in force yet")
    );
}
