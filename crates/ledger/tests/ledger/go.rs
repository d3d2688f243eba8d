//! Go's `sumdb/tlog` and `sumdb/note`, written by others, agree with us.
//!
//! They read a log folder as anybody would mirror it. See `tests/go/judge.go` for what they verify.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ledger::witness::{Request, Witness, attach};
use ledger::{Checkpoint, receipt, tree};

use crate::log::{Log, entry, key};

const HOW: &str = "install Go and its x/mod library (on Debian: `apt-get install golang-go \
                   golang-golang-x-mod-dev`), or set EGARD_WITHOUT_GO=1 to pass without this check";

/// The judge, compiled; `None` if there is no Go and that is allowed.
fn judge(folder: &Path) -> Option<PathBuf> {
    let binary = folder.join("judge");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go/judge.go");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&binary)
        .arg(source)
        // Debian's packages lie in a GOPATH; nothing is fetched.
        .envs([
            ("GO111MODULE", "off"),
            ("GOPATH", "/usr/share/gocode"),
            ("GOFLAGS", ""),
        ])
        .output();
    let why = match built {
        Ok(output) if output.status.success() => return Some(binary),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    let allowed = std::env::var_os("EGARD_WITHOUT_GO").is_some_and(|value| value == "1");
    assert!(allowed, "Go could not judge the log: {why}\n{HOW}");
    // Past the capture of test output: who skips this check shall see it.
    let _ = writeln!(
        std::io::stderr(),
        "\n*** NOT CHECKED against Go's sumdb: {why}\n*** {HOW}\n"
    );
    None
}

fn write_log(log: &Log, folder: &Path) {
    for (path, bytes) in &log.rows {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn run(judge: &Path, arguments: &[&str]) -> Output {
    Command::new(judge).args(arguments).output().unwrap()
}

/// Writes a log, older checkpoints and our proofs; Go must find all of them sound.
fn check_log(judge: &Path, folder: &Path, size: u64, proofs: impl Iterator<Item = u64>) {
    let folder = folder.join(size.to_string());
    let log = Log::of(size);
    let key = key();
    let public = key.verifying_key();
    let newest = log.checkpoint();
    write_log(&log, &folder);
    for inner in ["proofs", "consistency", "older"] {
        fs::create_dir_all(folder.join(inner)).unwrap();
    }
    let mut counted = [0, 0];
    for index in proofs {
        let proof = receipt::prove_carrying(index, &newest, public, |path| log.read(path)).unwrap();
        fs::write(folder.join(format!("proofs/{index}.tlog-proof")), proof.encode()).unwrap();
        counted[0] += 1;
    }
    for old in [1, 2, 100, 255, 256, 257, 300, 512, 699, 700, 65_536]
        .into_iter()
        .filter(|old| *old <= size)
    {
        let older = Log::of(old).checkpoint();
        let hashes = receipt::prove_consistency(&older, &newest, public, |path| log.read(path)).unwrap();
        let lines: String = hashes.iter().map(|hash| tree::to_base64(hash) + "\n").collect();
        fs::write(folder.join(format!("older/{old}")), older).unwrap();
        fs::write(folder.join(format!("consistency/{old}")), lines).unwrap();
        counted[1] += 1;
    }
    let path = folder.to_str().unwrap();
    let output = run(judge, &["verify", path, &public.to_string()]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "size {size}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let expected = format!(
        "SOUND {size} entries, {} proofs, {} older checkpoints\n",
        counted[0], counted[1]
    );
    assert_eq!(said, expected);
}

/// Changes one bit of one file; Go must say which of its checks fails.
fn check_flip(judge: &Path, folder: &Path, file: &str, byte: usize, verdict: &str) {
    let path = folder.join(file);
    let sound = fs::read(&path).unwrap();
    let mut bytes = sound.clone();
    bytes[byte] ^= 1;
    fs::write(&path, bytes).unwrap();
    let output = run(
        judge,
        &[
            "verify",
            folder.to_str().unwrap(),
            &key().verifying_key().to_string(),
        ],
    );
    fs::write(&path, sound).unwrap();
    assert_eq!(output.status.code(), Some(1), "{file}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.starts_with(verdict), "{file}: {said}");
}

#[test]
fn go_agrees_on_logs_proofs_and_flipped_bits() {
    let folder = tempfile::tempdir().unwrap();
    let Some(judge) = judge(folder.path()) else { return };
    for size in [1, 255, 256, 257, 700] {
        check_log(&judge, folder.path(), size, 0..size);
    }
    check_log(&judge, folder.path(), 70_000, (0..70_000).step_by(2_501));

    let log = folder.path().join("700");
    check_flip(&judge, &log, "tile/entries/001", 2, "ENTRY TAMPERED 256");
    check_flip(&judge, &log, "tile/0/001", 40, "ENTRY TAMPERED 257");
    check_flip(&judge, &log, "tile/1/000.p/2", 40, "TILES");
    check_flip(&judge, &log, "checkpoint", 30, "CHECKPOINT");
    check_flip(&judge, &log, "proofs/699.tlog-proof", 60, "PROOF");
    check_flip(&judge, &log, "older/300", 30, "OLDER 300");
    check_flip(&judge, &log, "consistency/300", 10, "CONSISTENCY 300");
}

#[test]
fn go_and_we_sign_alike() {
    let folder = tempfile::tempdir().unwrap();
    let Some(judge) = judge(folder.path()) else { return };
    let log = Log::of(300);
    let mut child = Command::new(judge)
        .arg("sign")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The secret first, on a line of its own: not as an argument, which every process may see.
    let input = format!("{}\n{}", key().reveal_secret().as_str(), log.opened().text());
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, log.checkpoint());
    let opened = Checkpoint::open(&output.stdout, key().verifying_key()).unwrap();
    assert_eq!((opened.size, entry(299).len()), (300, log_entry_length(&log)));
}

/// Length of the last entry as it stands in the log.
fn log_entry_length(log: &Log) -> usize {
    ledger::tile::read_entry(299, 300, &|path: &str| log.read(path))
        .unwrap()
        .unwrap()
        .len()
}

#[test]
fn go_finds_our_cosignature_and_no_altered_one() {
    let folder = tempfile::tempdir().unwrap();
    let Some(judge) = judge(folder.path()) else { return };
    let log = Log::of(300);
    let key = key();
    let request = Request {
        old: 0,
        proof: Vec::new(),
        checkpoint: log.checkpoint(),
    };
    let witness = Witness::from_seed("witness.example/w1", &[5; 32]).unwrap();
    let (_, line) = witness
        .cosign(&request, key.verifying_key(), None, 1_785_628_800)
        .unwrap();
    let file = folder.path().join("checkpoint");
    let asked = |checkpoint: &[u8]| {
        fs::write(&file, checkpoint).unwrap();
        let [log, witness] = [key.verifying_key().to_string(), witness.key().to_string()];
        run(&judge, &["witnessed", file.to_str().unwrap(), &log, &witness])
    };
    let cosigned = attach(&log.checkpoint(), &format!("{line}\n"), &[witness.key().clone()]).unwrap();
    let output = asked(&cosigned);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "WITNESSED 1785628800\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!asked(&log.checkpoint()).status.success());
    for byte in [0, 7, 8, 71] {
        let mut altered = line.clone();
        altered.bytes[byte] ^= 1;
        let bytes = [log.checkpoint(), format!("{altered}\n").into_bytes()].concat();
        assert!(!asked(&bytes).status.success(), "byte {byte}");
    }
}
