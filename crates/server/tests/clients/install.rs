//! Puts the pinned clients of npm and PyPI into `target/clients`, once per lock file.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

const HOW: &str = "these tests run the real Segment and RudderStack clients. Install node 20 with npm and python 3 \
    with pip (Debian: `apt-get install nodejs npm python3-pip`), let them reach their registries once, or set \
    EGARD_WITHOUT_CLIENTS=1 to go without";

/// What to say where there is no browser.
pub const NO_BROWSER: &str = "this test runs Segment's browser library in Chromium. Install it (Debian: `apt-get \
    install chromium`) or set EGARD_WITHOUT_CLIENTS=1 to go without";

/// Whether the person running the tests chose to go without.
pub fn without_clients() -> bool {
    let without = std::env::var_os("EGARD_WITHOUT_CLIENTS").is_some_and(|value| value == "1");
    if without {
        eprintln!("EGARD_WITHOUT_CLIENTS=1: the real clients were not run");
    }
    without
}

/// Where this repository keeps the drivers.
pub fn drivers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// A folder with the npm packages of `node/package-lock.json` and the drivers beside them.
pub fn node() -> PathBuf {
    let folder = installed("node", "package-lock.json", |folder| {
        std::fs::copy(drivers().join("node/package.json"), folder.join("package.json")).unwrap();
        let mut npm = Command::new("npm");
        npm.current_dir(folder)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        npm
    });
    for entry in std::fs::read_dir(drivers().join("node")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|ending| ending == "mjs" || ending == "html")
        {
            std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    folder
}

/// A folder for PYTHONPATH with the packages of `python/requirements.txt`.
pub fn python() -> PathBuf {
    installed("python", "requirements.txt", |folder| {
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--upgrade",
            "--target",
        ])
        .arg(folder);
        pip.arg("-r").arg(folder.join("requirements.txt"));
        pip
    })
}

/// The folder of that name, filled by `command` unless it was with this very lock file.
fn installed(name: &str, lock: &str, command: impl FnOnce(&Path) -> Command) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("clients").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let wanted = std::fs::read(drivers().join(name).join(lock)).unwrap();
    let mark = folder.join("installed");
    if std::fs::read(&mark).ok().as_deref() != Some(&wanted) {
        std::fs::write(folder.join(lock), &wanted).unwrap();
        let done = command(&folder).output();
        match done {
            Ok(output) if output.status.success() => std::fs::write(&mark, &wanted).unwrap(),
            Ok(output) => panic!("{}\n{HOW}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => panic!("{error}\n{HOW}"),
        }
    }
    folder
}
