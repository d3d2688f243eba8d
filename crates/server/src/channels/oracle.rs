//! Python with the packages of `tests/channels/requirements.txt`, put into `target` once per lock file: tools that are
//! not ours judge what leaves.

use std::path::{Path, PathBuf};
use std::process::Command;

const HOW: &str = "these tests ask tools written by others. Install python 3 with pip (`cargo xtask setup`), and let it \
    reach PyPI once";

/// A Python that finds them.
pub(super) fn python() -> Command {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/channels/requirements.txt");
    let wanted = std::fs::read(&lock).unwrap();
    let sum = wanted.iter().fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
    });
    let folder = target().join(format!("channels-python-{sum:08x}"));
    if !folder.is_dir() {
        // Another test may install at the same moment: whoever is done first wins.
        let own = target().join(format!("channels-python-{sum:08x}.{}", std::process::id()));
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]);
        match pip.arg(&own).arg("-r").arg(&lock).output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => panic!("{}\n{HOW}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => panic!("{error}\n{HOW}"),
        }
        if std::fs::rename(&own, &folder).is_err() {
            std::fs::remove_dir_all(&own).unwrap();
        }
    }
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", folder).arg("-W").arg("ignore");
    python
}

/// The folder `target`, above the program that runs.
fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let deps = own
        .ancestors()
        .find(|folder| folder.ends_with("debug") || folder.ends_with("release"));
    deps.and_then(Path::parent).unwrap().to_owned()
}
