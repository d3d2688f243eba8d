//! The commands around messages, as an operator and a mail server run them: keys that sign, and mail that comes back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const API_KEY: &str = "an-api-key-that-is-long-enough";

fn egard(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egard"));
    command
        .args(arguments)
        .env_remove("EGARD_SETTINGS")
        .env_remove("EGARD_API_KEY");
    command
}

fn run(arguments: &[&str]) -> Output {
    egard(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_ours_alone(file: &Path) -> bool {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o077 == 0
}

/// Makes the same key twice: the second time is refused, and changes nothing. Answers what was printed.
fn makes_once(file: &Path, arguments: &[&str]) -> String {
    let made = run(arguments);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(is_ours_alone(file), "{}", file.display());
    let before = std::fs::read(file).unwrap();
    let again = run(arguments);
    assert!(!again.status.success());
    let words = text(&again.stderr);
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(words.contains(&file.display().to_string()), "{words}");
    assert_eq!(
        std::fs::read(file).unwrap(),
        before,
        "a key is never written over"
    );
    text(&made.stdout)
}

#[test]
fn a_signing_key_is_made_once_with_its_record_and_signs() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, tag) in [("rsa", "k=rsa"), ("ed25519", "k=ed25519")] {
        let file = folder.path().join(kind);
        let path = file.to_str().unwrap();
        let arguments = [
            "keys",
            "dkim",
            path,
            "--domain",
            "shop.example",
            "--selector",
            "egard-2026",
            "--kind",
            kind,
        ];
        let printed = makes_once(&file, &arguments);
        assert!(
            printed.contains("egard-2026._domainkey.shop.example"),
            "{printed}"
        );
        let key = letter::dkim::Key::from_pem(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let record = key.record();
        assert!(record.starts_with("v=DKIM1") && record.contains(tag), "{record}");
        // What is printed is the record of this very key, however it is broken into strings.
        let bare = |text: &str| text.replace(['"', '\n', ' ', '(', ')'], "");
        let public = record.split("p=").nth(1).unwrap();
        assert!(bare(&printed).contains(public), "{printed}");
        let signer = letter::dkim::Signer::new("shop.example", "egard-2026", key).unwrap();
        let signed = letter::dkim::sign(b"From: a@shop.example\r\n\r\nx\r\n", &[signer], 1).unwrap();
        assert!(text(&signed).contains("s=egard-2026"), "{}", text(&signed));
    }
    let bad = folder.path().join("bad");
    let bad = bad.to_str().unwrap();
    let refused = run(&["keys", "dkim", bad, "--domain", "not a domain", "--selector", "s"]);
    assert!(!refused.status.success());
    assert!(!Path::new(bad).exists(), "nothing is left of what was refused");
}

#[test]
fn a_sender_of_notifications_is_made_once_and_its_public_key_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vapid");
    let printed = makes_once(&file, &["keys", "vapid", "new", file.to_str().unwrap()]);
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(!printed.contains(kept.trim()), "the private key is not printed");
    // An uncompressed point of P-256: 65 bytes, of which the first is 4.
    let public = printed
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .find(|word| word.len() == 87 && word.starts_with('B'));
    assert!(public.is_some(), "{printed}");
}

#[test]
fn a_secret_of_a_webhook_is_made_once_and_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hook");
    let printed = makes_once(&file, &["keys", "webhook", "new", file.to_str().unwrap()]);
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.starts_with("whsec_"), "{kept}");
    assert!(letter::webhook::Secret::parse(&kept).is_ok());
    assert!(!printed.contains(kept.trim()), "{printed}");
}

struct House {
    folder: tempfile::TempDir,
    settings: PathBuf,
    address: SocketAddr,
}

fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    assert!(run(&["keys", "new", keys.to_str().unwrap()]).status.success());
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    let dictionary = folder.path().join("dictionary.toml");
    std::fs::write(&dictionary, "[consent_categories]\n").unwrap();
    let settings = folder.path().join("egard.toml");
    let text = format!(
        "environment = \"development\"\nlisten = \"{address}\"\nstore = \"memory\"\nkeys = \"{}\"\n\
         dictionary = \"{}\"\nledger_origin = \"test.example/egard\"\nlearn_every_hours = 0\n\n\
         [[api_keys]]\nname = \"tests\"\nkey = \"{API_KEY}\"\n",
        keys.display(),
        dictionary.display(),
    );
    std::fs::write(&settings, text).unwrap();
    House {
        folder,
        settings,
        address,
    }
}

impl House {
    fn serve(&self) -> Serving {
        let mut server = egard(&["serve", "--settings", self.settings.to_str().unwrap()]);
        let child = server
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let serving = Serving(child);
        let started = Instant::now();
        while !self.is_ready() {
            assert!(
                started.elapsed() < Duration::from_secs(120),
                "the server does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        serving
    }

    fn is_ready(&self) -> bool {
        let asked = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        asked().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// As a mail server pipes it: the exit code, and what was said on both ways.
    fn mail_in(&self, more: &[&str], mail: &[u8]) -> (i32, String, String) {
        let mut arguments = vec!["mail-in", "--settings", self.settings.to_str().unwrap()];
        arguments.extend(more);
        let mut child = egard(&arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who ends early does not read it all.
        let _ = child.stdin.take().unwrap().write_all(mail);
        let output = child.wait_with_output().unwrap();
        (
            output.status.code().unwrap(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn mail_that_comes_back_is_handed_in_and_every_end_is_one_that_mail_servers_know() {
    let house = house();
    let mail = b"From: <a@example.org>\r\nSubject: hello\r\n\r\nhello\r\n";
    // Nobody is there: the mail server comes again.
    let (code, _, words) = house.mail_in(&[], mail);
    assert_eq!(code, 75, "{words}");
    assert_eq!(words.lines().count(), 1, "{words}");

    let serving = house.serve();
    let (code, said, words) = house.mail_in(&[], mail);
    assert_eq!(code, 0, "{words}");
    assert!(said.contains("\"kind\":\"foreign\""), "{said}");
    // mbox's line before it is none of its fields.
    let mbox = [b"From a@example.org Mon Nov 23 03:00:00 2026\n".as_slice(), mail].concat();
    assert_eq!(house.mail_in(&[], &mbox).0, 0);
    let automatic = b"From: <a@example.org>\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\naway\r\n";
    let (code, said, _) = house.mail_in(&["--recipient", "letters@shop.example"], automatic);
    assert_eq!(code, 0, "{said}");
    // Too long, no address: not to come again.
    assert_eq!(house.mail_in(&[], &vec![b'a'; (1 << 20) + 1]).0, 65);
    assert_eq!(
        house.mail_in(&["--recipient", "a\nBcc: b@example.org"], mail).0,
        65
    );
    drop(serving);

    // Not set up: no key, or a key that the server does not know.
    let settings = std::fs::read_to_string(&house.settings).unwrap();
    let hashed = settings.replace(API_KEY, &format!("sha256:{}", "0".repeat(64)));
    std::fs::write(&house.settings, hashed).unwrap();
    let (code, _, words) = house.mail_in(&[], mail);
    assert_eq!(code, 78, "{words}");
    assert!(words.contains("EGARD_API_KEY"), "{words}");
    let serving = house.serve();
    let other = settings.replace(API_KEY, "another-key-that-is-long-enough");
    std::fs::write(&house.settings, other).unwrap();
    assert_eq!(house.mail_in(&[], mail).0, 78);
    drop(serving);
    drop(house.folder);
}
