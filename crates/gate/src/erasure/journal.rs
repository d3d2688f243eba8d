//! The file of the erasure journal, outside the store, so that a backup of the store that is put back
//! does not put back who was erased since. A line is on disk before the key it speaks of is destroyed.
//!
//! One folder, two files: `journal`, appended to, and `seen` (see `seen`). In `journal` a line stands
//! behind its length (four bytes, big-endian), after a header that says what this is and whose.
//!
//! Deliberately does not know: the store, and what follows from a line.

use super::Error;
use super::chain::{self, Chain, MAX_LINE};
use aws_lc_rs::hmac;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8] = b"egard erasures 1\n";
/// Most bytes that are read: some hundred thousand people with many identifiers.
const MAX_FILE: u64 = 1 << 30;

/// The open file; nobody else has it meanwhile.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Where the next line goes.
    end: u64,
    /// A failed fsync cannot be repeated: what it was asked to write may be lost.
    broken: bool,
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Closing is not enough: a child that some other thread is just starting holds it open too.
        let _closing_unlocks_too = self.file.unlock();
    }
}

/// What a file holds.
pub(crate) struct Contents {
    /// The lines that follow one another.
    pub(crate) lines: Vec<Vec<u8>>,
    /// Whether there is something behind them that is no line: a crash cut the last one short, or
    /// somebody changed it.
    pub(crate) rest: bool,
}

impl Journal {
    /// Opens the journal in this folder; `None` if there is none.
    pub(crate) fn open(folder: &Path, key: &hmac::Key) -> Result<Option<(Journal, Contents)>, Error> {
        let path = folder.join("journal");
        let fault = |error: std::io::Error| Error::file(&path, &error);
        let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(error)),
        };
        lock(&file, &path)?;
        let length = file.metadata().map_err(fault)?.len();
        if length > MAX_FILE {
            return Err(Error::damaged(&path, "it is longer than any journal"));
        }
        let mut bytes = Vec::with_capacity(length as usize);
        file.read_to_end(&mut bytes).map_err(fault)?;
        if length == 0 {
            // Made, and killed before the header was written: nobody was erased by it yet.
            let mut journal = Journal::at(path, file, 0);
            journal.write_header(key)?;
            let nothing = Contents {
                lines: Vec::new(),
                rest: false,
            };
            return Ok(Some((journal, nothing)));
        }
        let header = header(key);
        let Some(mut rest) = bytes.strip_prefix(header.as_slice()) else {
            let words = "it is not a journal of these keys (`index`)";
            return Err(Error::damaged(&path, words));
        };
        let mut chain = Chain::start(key.clone());
        let mut lines = Vec::new();
        let mut end = header.len() as u64;
        while let Some((line, after)) = next(rest)
            && chain.follow(line).is_some()
        {
            end += 4 + line.len() as u64;
            lines.push(line.to_vec());
            rest = after;
        }
        let contents = Contents {
            lines,
            rest: !rest.is_empty(),
        };
        Ok(Some((Journal::at(path, file, end), contents)))
    }

    /// Makes an empty journal, and its folder, for its owner alone.
    pub(crate) fn create(folder: &Path, key: &hmac::Key) -> Result<Journal, Error> {
        let path = folder.join("journal");
        let fault = |error: std::io::Error| Error::file(&path, &error);
        make_folder(folder).map_err(fault)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(fault)?;
        lock(&file, &path)?;
        let mut journal = Journal::at(path.clone(), file, 0);
        journal.write_header(key)?;
        sync_folder(folder).map_err(fault)?;
        Ok(journal)
    }

    fn at(path: PathBuf, file: File, end: u64) -> Journal {
        Journal {
            path,
            file,
            end,
            broken: false,
        }
    }

    fn write_header(&mut self, key: &hmac::Key) -> Result<(), Error> {
        self.write(&header(key))
    }

    /// Cuts off what is behind the last line.
    pub(crate) fn cut(&mut self) -> Result<(), Error> {
        let cut = self.file.set_len(self.end).and_then(|()| self.file.sync_all());
        cut.map_err(|error| Error::file(&self.path, &error))
    }

    /// Appends lines. When this answers, they are on disk.
    pub(crate) fn append(&mut self, lines: &[Vec<u8>]) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for line in lines {
            // A line is far shorter than four bytes can say.
            bytes.extend_from_slice(&(line.len() as u32).to_be_bytes());
            bytes.extend_from_slice(line);
        }
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let fault = |error: &std::io::Error| Error::file(&self.path, error);
        if self.broken {
            let words = "the disk failed to keep what was written to it; restart when it is sound";
            return Err(Error::damaged(&self.path, words));
        }
        let written = self
            .file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| self.file.write_all(bytes));
        if let Err(error) = written {
            // A full disk: what got there is behind the end, and is cut off now or at the next start.
            let _later = self.file.set_len(self.end);
            return Err(fault(&error));
        }
        if let Err(error) = self.file.sync_all() {
            self.broken = true;
            return Err(fault(&error));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }
}

/// Makes the folder, for its owner alone.
pub(super) fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

fn header(key: &hmac::Key) -> Vec<u8> {
    [MAGIC, &chain::mac(key, &[b"header", MAGIC])].concat()
}

fn next(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if length > MAX_LINE {
        return None;
    }
    rest.split_at_checked(length)
}

fn lock(file: &File, path: &Path) -> Result<(), Error> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Error::damaged(
            path,
            "another process has it open; stop that process, or give this one a journal of its own",
        )),
        Err(TryLockError::Error(error)) => Err(Error::file(path, &error)),
    }
}
