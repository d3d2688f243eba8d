//! A short list kept outside the store as a whole file: lines that each vouch for the one before by a MAC, so that
//! none can be changed, left out or moved without the key; only the end can be cut off, and the store's copy says so.
//!
//! Deliberately does not know: what a line says.

use super::journal::{make_folder, sync_folder};
use super::{Error, chain};
use aws_lc_rs::hmac;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

const MAC: usize = 32;
/// Longest file, bytes.
const MAX_FILE: u64 = 4 << 20;
const NAME: &str = "training";

/// A line: what it says, and its MAC over that and the line before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line(pub(crate) Vec<u8>);

impl Line {
    /// The line that follows.
    pub(crate) fn after(before: Option<&Line>, body: Vec<u8>, key: &hmac::Key) -> Line {
        let tag = chain::mac(key, &[b"training", mac_of(before), &body]);
        let mut line = body;
        line.extend_from_slice(&tag);
        Line(line)
    }

    /// What it says; `None` if it is not the line that follows.
    pub(crate) fn body(&self, before: Option<&Line>, key: &hmac::Key) -> Option<&[u8]> {
        let (body, tag) = self.0.split_at_checked(self.0.len().checked_sub(MAC)?)?;
        chain::is_mac(key, &[b"training", mac_of(before), body], tag).then_some(body)
    }
}

fn mac_of(line: Option<&Line>) -> &[u8] {
    line.and_then(|line| line.0.get(line.0.len().checked_sub(MAC)?..))
        .unwrap_or_default()
}

/// All lines; none if there is no such file. Each stands behind its length, two bytes.
pub(crate) fn read_lines(folder: &Path) -> Result<Vec<Line>, Error> {
    let path = folder.join(NAME);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file(&path, &error)),
    };
    let mut bytes = Vec::new();
    let read = file.take(MAX_FILE).read_to_end(&mut bytes);
    read.map_err(|error| Error::file(&path, &error))?;
    let (mut lines, mut rest) = (Vec::new(), bytes.as_slice());
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((line, behind)) = behind.split_at_checked(length) else {
            return Err(Error::damaged(&path, "its last line is not whole"));
        };
        lines.push(Line(line.to_vec()));
        rest = behind;
    }
    Ok(lines)
}

/// Replaces all lines; on disk when it answers.
pub(crate) fn write_lines(folder: &Path, lines: &[Line]) -> Result<(), Error> {
    let (path, new) = (folder.join(NAME), folder.join("training.new"));
    let mut bytes = Vec::new();
    for Line(line) in lines {
        bytes.extend_from_slice(&u16::try_from(line.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(line);
    }
    let written = make_folder(folder)
        .and_then(|()| {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&new)?;
            file.write_all(&bytes)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&new, &path))
        .and_then(|()| sync_folder(folder));
    written.map_err(|error| Error::file(&path, &error))
}
