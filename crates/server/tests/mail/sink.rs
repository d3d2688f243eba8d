//! aiosmtpd in a process of its own.

use crate::python;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

pub struct Sink {
    child: Child,
    pub port: u16,
    folder: tempfile::TempDir,
}

pub struct Taken {
    pub recipient: String,
    pub bytes: Vec<u8>,
}

impl Sink {
    pub fn start(pipelining: bool) -> Sink {
        let folder = tempfile::tempdir().unwrap();
        let mut command = python::python();
        command
            .arg(python::scripts().join("sink.py"))
            .arg(folder.path())
            .arg(if pipelining { "pipelining" } else { "plain" })
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Sink {
            child,
            port: line.trim().parse().unwrap(),
            folder,
        }
    }

    pub fn taken(&self) -> Vec<Taken> {
        let files = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let whole = files.filter(|path| path.extension().is_some_and(|ending| ending == "eml"));
        whole
            .map(|path| {
                let bytes = std::fs::read(path).unwrap();
                let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
                lines.next().unwrap();
                Taken {
                    recipient: String::from_utf8(lines.next().unwrap().to_vec()).unwrap(),
                    bytes: lines.next().unwrap().to_vec(),
                }
            })
            .collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
