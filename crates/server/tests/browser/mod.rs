//! Walks through pages in a real browser: chromium, with axe-core for the rules of accessibility.
//!
//! What is walked is in `walk.mjs` (the demo page) and `consent.mjs` (the consent page and the dialogue),
//! `me.mjs` (the person's own page), `messages.mjs` (the team's messages), `outbox.mjs` (what waits for a person),
//! `recommendations.mjs` (how good recommendations are), `register.mjs` (the public register), `talk.mjs` (conversations and the
//! contract), `team.mjs` (the team’s pages), `verify.mjs` (the page that checks receipts);
//! this file only finds the tools and tells what is missing.
//! Deliberately does not know who serves the page.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Takes a walk with its arguments, the first of them the address of the server
/// (`http://127.0.0.1:1234`), and panics with the walk's own words if something is not as it should be.
/// With `WALK_PICTURES` set to a folder, each page that is looked at leaves a screenshot there.
pub fn run(walk: &str, arguments: &[&str]) {
    for program in ["node", "npm", "chromium"] {
        let found = Command::new(program).arg("--version").output();
        assert!(
            found.is_ok(),
            "`{program}` is missing: `cargo xtask setup` installs it"
        );
    }
    let folder = install();
    let walk = Command::new("node")
        .arg(folder.join(walk))
        .args(arguments)
        .args(std::env::var_os("WALK_PICTURES"))
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&walk.stdout),
        String::from_utf8_lossy(&walk.stderr)
    );
    assert!(walk.status.success(), "the walk found something:\n{said}");
    println!("{said}");
}

/// A folder under `target` with the walk and its packages, as the lock file names them; made once.
fn install() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let lock = std::fs::read_to_string(here.join("package-lock.json")).unwrap();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let packages = cache.join(format!("browser-{:016x}", fingerprint(&lock)));
    if !packages.join("node_modules").is_dir() {
        // Made beside and moved in one step: two tests may come here at once.
        let making = cache.join(format!("browser-making-{}", std::process::id()));
        std::fs::create_dir_all(&making).unwrap();
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(here.join(file), making.join(file)).unwrap();
        }
        let npm = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&making)
            .output()
            .unwrap();
        assert!(
            npm.status.success(),
            "npm ci failed:\n{}",
            String::from_utf8_lossy(&npm.stderr)
        );
        if std::fs::rename(&making, &packages).is_err() {
            std::fs::remove_dir_all(&making).unwrap();
        }
    }
    for walk in [
        "walk.mjs",
        "consent.mjs",
        "me.mjs",
        "messages.mjs",
        "outbox.mjs",
        "recommendations.mjs",
        "register.mjs",
        "talk.mjs",
        "team.mjs",
        "verify.mjs",
    ] {
        std::fs::copy(here.join(walk), packages.join(walk)).unwrap();
    }
    packages
}

/// FNV-1a: only to tell one lock file from the next.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
