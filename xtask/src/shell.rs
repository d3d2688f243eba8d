//! Running programs: headings, times, and the output both shown and kept.
//!
//! Deliberately does not know what the programs are for.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

/// How a program ended, and all it said.
pub struct Outcome {
    /// Whether it ended with status 0.
    pub ok: bool,
    /// Standard output and standard error, line by line in the order they arrived.
    pub lines: Vec<String>,
}

/// Prints a heading, so that a long log can be read by its headings.
pub fn heading(text: &str) {
    println!(
        "\n== {text} {}",
        "=".repeat(80_usize.saturating_sub(text.chars().count() + 4))
    );
}

/// Runs `work` under a heading and prints how long it took.
pub fn timed<T>(title: &str, work: impl FnOnce() -> T) -> T {
    heading(title);
    let start = Instant::now();
    let result = work();
    println!("-- {title}: {:.1} s", start.elapsed().as_secs_f64());
    result
}

/// Runs a program in `folder`, showing its output as it comes and keeping it.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) -> Outcome {
    println!("$ {program} {}", arguments.join(" "));
    let child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            println!("cannot run `{program}`: {error}");
            return Outcome {
                ok: false,
                lines: Vec::new(),
            };
        }
    };
    let (send, receive) = mpsc::channel();
    let readers = [
        child.stdout.take().map(|pipe| forward(pipe, send.clone())),
        child.stderr.take().map(|pipe| forward(pipe, send)),
    ];
    let mut lines = Vec::new();
    for line in receive {
        println!("{line}");
        lines.push(line);
    }
    for reader in readers.into_iter().flatten() {
        // A reader that fell over has only lost the end of a log.
        let _ = reader.join();
    }
    Outcome {
        ok: child.wait().is_ok_and(|status| status.success()),
        lines,
    }
}

/// What a program prints, without showing it; nothing if it fails.
pub fn capture(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program of that name is on the path.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether a program of that name is on the path or in `folders` (as PostgreSQL's server is on Debian).
pub fn has_in(program: &str, folders: &Path) -> bool {
    has(program)
        || std::fs::read_dir(folders).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.path().join("bin").join(program).is_file())
        })
}

fn forward(pipe: impl Read + Send + 'static, lines: mpsc::Sender<String>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while pipe.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            if lines.send(line).is_err() {
                return;
            }
        }
    })
}
