//! The token driver on SoftHSM (Debian's `softhsm2`), a real PKCS#11 library with its token in a folder.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use gate::KmsError;
use hsm::{Error, Hsm, Settings};
use std::path::PathBuf;
use std::process::Command;
use zeroize::Zeroizing;

const PIN: &str = "4930-yes";
const WITHOUT: &str = "EGARD_WITHOUT_SOFTHSM";
/// SoftHSM reads the place of its tokens once, from the environment: each test here runs in a process of
/// its own, in which this says that the place is set.
const CHILD: &str = "EGARD_SOFTHSM_CHILD";

fn module() -> Option<PathBuf> {
    let places = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    ];
    let found = places.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() && std::env::var_os(WITHOUT).is_none() {
        panic!("SoftHSM is not installed: apt-get install softhsm2, or set {WITHOUT}=1");
    }
    found
}

/// Runs the test of that name again in a process that has a token in a folder; answers whether this is it.
fn in_a_token_of_its_own(name: &str) -> bool {
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    if module().is_none() {
        return false;
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let conf = folder.path().join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\n",
        tokens.display()
    );
    std::fs::write(&conf, text).unwrap();
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            "egard",
            "--pin",
            PIN,
            "--so-pin",
            "12345678",
        ])
        .env("SOFTHSM2_CONF", &conf)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env("SOFTHSM2_CONF", &conf)
        .env(CHILD, &tokens)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
    false
}

fn settings(pin: &str) -> Settings {
    Settings {
        module: module().unwrap(),
        token: "egard".to_owned(),
        pin: Zeroizing::new(pin.to_owned()),
    }
}

#[test]
fn a_key_in_a_token_wraps_and_unwraps_in_its_context_only() {
    if !in_a_token_of_its_own("a_key_in_a_token_wraps_and_unwraps_in_its_context_only") {
        return;
    }
    let token = Hsm::open(settings(PIN)).unwrap();
    token.make_key("kek-1").unwrap();
    token.make_key("kek-2").unwrap();
    assert!(matches!(token.make_key("kek-1"), Err(Error::Exists(_))));
    let (one, two) = (token.key("kek-1").unwrap(), token.key("kek-2").unwrap());
    assert_ne!(one.id(), two.id());
    assert_eq!(
        one.id(),
        Hsm::open(settings(PIN)).unwrap().key("kek-1").unwrap().id()
    );
    let wrapped = one.wrap(b"place", &[7; 32]).unwrap();
    assert_ne!(
        wrapped,
        one.wrap(b"place", &[7; 32]).unwrap(),
        "a fresh nonce each time"
    );
    assert_eq!(wrapped.len(), 60);
    assert_eq!(*one.unwrap(b"place", &wrapped).unwrap(), [7; 32]);
    assert_eq!(
        one.unwrap(b"elsewhere", &wrapped).err(),
        Some(KmsError::DoesNotOpen)
    );
    assert_eq!(two.unwrap(b"place", &wrapped).err(), Some(KmsError::DoesNotOpen));
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(one.unwrap(b"place", &changed).is_err(), "bit {bit}");
    }
    assert_eq!(
        one.unwrap(b"place", &wrapped[..11]).err(),
        Some(KmsError::DoesNotOpen)
    );
    // And goes on after what failed.
    assert_eq!(*one.unwrap(b"place", &wrapped).unwrap(), [7; 32]);
}

#[test]
fn a_wrong_pin_an_absent_key_and_one_that_can_leave_are_refused_in_words() {
    if !in_a_token_of_its_own("a_wrong_pin_an_absent_key_and_one_that_can_leave_are_refused_in_words") {
        return;
    }
    let refused = Hsm::open(settings("0000")).err().unwrap().to_string();
    assert!(refused.contains("PIN is wrong"), "{refused}");
    let elsewhere = Settings {
        token: "other".to_owned(),
        ..settings(PIN)
    };
    assert!(
        Hsm::open(elsewhere)
            .err()
            .unwrap()
            .to_string()
            .contains("`other`")
    );
    let absent = Settings {
        module: PathBuf::from("/nowhere/lib.so"),
        ..settings(PIN)
    };
    assert!(
        Hsm::open(absent)
            .err()
            .unwrap()
            .to_string()
            .contains("/nowhere/lib.so")
    );
    let token = Hsm::open(settings(PIN)).unwrap();
    assert!(matches!(token.key("kek"), Err(Error::NoKey { found: 0, .. })));
    make_loose_key("loose");
    assert!(matches!(
        token.key("loose"),
        Err(Error::Weak {
            attribute: "extractable",
            ..
        })
    ));
}

/// A key that may be taken out of the token.
fn make_loose_key(label: &str) {
    use cryptoki::context::Pkcs11;
    use cryptoki::mechanism::Mechanism;
    use cryptoki::object::Attribute;
    let library = Pkcs11::new(module().unwrap()).unwrap(); // initialised by the driver
    let slots = library.get_slots_with_initialized_token().unwrap();
    let session = library.open_rw_session(slots[0]).unwrap();
    let template = [
        Attribute::ValueLen(32.into()),
        Attribute::Label(label.as_bytes().to_vec()),
        Attribute::Token(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(true),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
    ];
    session.generate_key(&Mechanism::AesKeyGen, &template).unwrap();
}

#[test]
fn a_token_that_is_taken_away_is_told_and_comes_back() {
    if !in_a_token_of_its_own("a_token_that_is_taken_away_is_told_and_comes_back") {
        return;
    }
    let token = Hsm::open(settings(PIN)).unwrap();
    token.make_key("kek").unwrap();
    let kek = token.key("kek").unwrap();
    let wrapped = kek.wrap(b"place", &[7; 32]).unwrap();
    // SoftHSM's token is a folder: without it nothing answers.
    let tokens = PathBuf::from(std::env::var(CHILD).unwrap());
    let aside = tokens.with_file_name("aside");
    std::fs::rename(&tokens, &aside).unwrap();
    let failure = kek.unwrap(b"place", &wrapped).err();
    std::fs::rename(&aside, &tokens).unwrap();
    assert!(
        matches!(failure, Some(KmsError::Unreachable(_))),
        "out of reach is not damaged: {failure:?}"
    );
    // For a second it is left alone, and whoever asks is told at once.
    assert!(matches!(
        kek.unwrap(b"place", &wrapped),
        Err(KmsError::Unreachable(_))
    ));
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!(*kek.unwrap(b"place", &wrapped).unwrap(), [7; 32]);
}
