//! Puts the pinned mail tools of PyPI, which are not ours, into `target/mail-python`, once per lock file.

use std::path::{Path, PathBuf};
use std::process::Command;

const HOW: &str = "these tests ask mail tools written by others. Install python 3 with pip (`cargo xtask setup`), and \
    let it reach PyPI once";

/// The folder of the scripts and the lock file.
pub fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../letter/tests/mail")
}

/// A Python that finds the packages of `requirements.txt`.
pub fn python() -> Command {
    let wanted = std::fs::read(scripts().join("requirements.txt")).unwrap();
    let sum = wanted.iter().fold(7u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
    });
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join(format!("mail-python-{sum:08x}"));
    if !folder.is_dir() {
        // Another test may install at the same moment: whoever is done first wins, the others throw theirs away.
        let own = target.join(format!("mail-python-{sum:08x}.{}", std::process::id()));
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]);
        let done = pip
            .arg(&own)
            .arg("-r")
            .arg(scripts().join("requirements.txt"))
            .output();
        match done {
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
