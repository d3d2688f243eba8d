//! The journal as the gate uses it: the file outside the store, the store's own copy, and in memory the
//! identifiers that are suppressed.
//!
//! The two copies mend one another. A store that was rolled back lacks lines that the file has: their
//! people are erased again. A file that was left behind by a change of machines lacks lines that the
//! store has: they are appended. Where both go on differently, nobody can say what holds, and the start
//! is refused. Deliberately does not know: how a person is erased.

use super::Error;
use super::chain::{Chain, Entry};
use super::journal::{Contents, Journal};
use super::seen::{Seen, SeenFile};
use crate::Unavailable;
use aws_lc_rs::hmac;
use minicbor::{Decode, Encode};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use store::{Epoch, Shelf};
use vocabulary::{Blind, PersonId};

/// The store's own word on its copy.
const POINTER: &str = "erasures";
/// Lines of the store's copy: `erasures/` and their number.
const PREFIX: &str = "erasures/";
/// Lines read at once.
const PAGE: usize = 1_000;

/// What the store knows of the journal.
#[derive(Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
struct Pointer {
    /// Lines whose people are gone from this very store.
    #[n(0)]
    done: u64,
    /// Whether there is a file outside.
    #[n(1)]
    filed: bool,
}

/// How the journal is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// As after any start: whatever does not fit is refused.
    Usual,
    /// As after a backup was put back.
    Restoring {
        /// The file is lost for good: it is made anew from the store's copy.
        journal_lost: bool,
    },
}

/// The journal.
pub(crate) struct Erasures {
    file: Option<(Journal, SeenFile)>,
    folder: Option<PathBuf>,
    chain: Chain,
    suppressed: HashSet<Blind>,
    /// Lines that the store's copy lacks yet, and the number of the first.
    uncopied: (u64, Vec<Vec<u8>>),
    pointer: Pointer,
    pointer_version: u64,
}

impl Erasures {
    /// Opens both copies and makes them one. Answers who was erased, each with whether this store may
    /// not have carried it out yet.
    pub(crate) fn open(
        shelf: &dyn Shelf,
        epoch: Epoch,
        key: &hmac::Key,
        folder: Option<&Path>,
        mode: Mode,
    ) -> Result<(Erasures, Vec<(PersonId, bool)>), Unavailable> {
        let (pointer, pointer_version) = read_pointer(shelf)?;
        let stored = stored_lines(shelf)?;
        let (file, filed) = match folder {
            Some(folder) => {
                let seen = SeenFile::in_folder(folder, key.clone());
                let (journal, lines) = open_file(folder, key, pointer, &stored, &seen, mode)?;
                (Some((journal, seen)), lines)
            }
            None if pointer.filed => return Err(Error::NoFolder.into()),
            None => (None, Vec::new()),
        };
        let agreed = stored.iter().zip(&filed).all(|(one, other)| one == other);
        if !agreed {
            return Err(Error::Diverged.into());
        }
        let lines = if filed.len() > stored.len() {
            &filed
        } else {
            &stored
        };
        let mut erasures = Erasures {
            file,
            folder: folder.map(Path::to_owned),
            chain: Chain::start(key.clone()),
            suppressed: HashSet::new(),
            uncopied: (
                stored.len() as u64,
                filed.get(stored.len()..).unwrap_or_default().to_vec(),
            ),
            pointer,
            pointer_version,
        };
        let mut entries = Vec::with_capacity(lines.len());
        for line in lines {
            let Some(entry) = erasures.chain.follow(line) else {
                return Err(Error::Diverged.into());
            };
            let in_doubt = erasures.chain.count() > pointer.done;
            erasures.suppressed.extend(&entry.identifiers);
            entries.push((entry.person, in_doubt));
        }
        if let Some((journal, _)) = &mut erasures.file {
            let missing = stored.get(filed.len()..).unwrap_or_default();
            if !missing.is_empty() {
                journal.append(missing)?;
            }
        }
        erasures.copy(shelf, epoch)?;
        Ok((erasures, entries))
    }

    /// How many were erased, since the installation exists.
    pub(crate) fn count(&self) -> u64 {
        self.chain.count()
    }

    /// Whether an identifier led to somebody who was erased. It says nothing about one that leads to a
    /// living person: whoever came back by their own word is there again.
    pub(crate) fn is_suppressed(&self, blind: &Blind) -> bool {
        self.suppressed.contains(blind)
    }

    /// Writes down that somebody will be erased. When this answers, it is on disk, outside the store if
    /// there is a place outside.
    pub(crate) fn write_ahead(
        &mut self,
        shelf: &dyn Shelf,
        epoch: Epoch,
        entry: &Entry,
    ) -> Result<(), Unavailable> {
        let mut chain = self.chain.clone();
        let line = chain.append(entry);
        if let Some((journal, _)) = &mut self.file {
            journal.append(std::slice::from_ref(&line))?;
        }
        self.chain = chain;
        self.suppressed.extend(&entry.identifiers);
        self.uncopied.1.push(line);
        match self.file {
            // The file holds it; the store's copy follows with what else must be written there.
            Some(_) => Ok(()),
            None => self.copy(shelf, epoch),
        }
    }

    /// All who are in the journal are gone from this store.
    pub(crate) fn carried_out(&mut self, shelf: &dyn Shelf, epoch: Epoch) -> Result<(), Unavailable> {
        self.copy(shelf, epoch)?;
        let next = Pointer {
            done: self.chain.count(),
            filed: self.file.is_some(),
        };
        if next == self.pointer && self.pointer_version > 0 {
            return Ok(());
        }
        let value = crate::envelope::encode(&next);
        match shelf.swap(epoch, POINTER, self.pointer_version, &value)? {
            Some(version) => {
                (self.pointer, self.pointer_version) = (next, version);
                Ok(())
            }
            None => Err(Error::Diverged.into()),
        }
    }

    /// The folder outside the store, if there is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Writes down what is seen of the store now, before anybody else is told.
    pub(crate) fn saw(&self, log: u64, checkpoint: &[u8]) -> Result<(), Unavailable> {
        let Some((_, seen)) = &self.file else {
            return Ok(());
        };
        let now = Seen {
            log,
            lines: self.chain.count(),
            checkpoint: checkpoint.to_vec(),
        };
        Ok(seen.write(&now)?)
    }

    /// Gives the store the lines it lacks.
    fn copy(&mut self, shelf: &dyn Shelf, epoch: Epoch) -> Result<(), Unavailable> {
        let (first, lines) = &mut self.uncopied;
        for line in lines.drain(..) {
            let name = format!("{PREFIX}{first:012}");
            if shelf.swap(epoch, &name, 0, &line)?.is_none() {
                return Err(Error::Diverged.into());
            }
            *first += 1;
        }
        Ok(())
    }
}

fn read_pointer(shelf: &dyn Shelf) -> Result<(Pointer, u64), Unavailable> {
    match shelf.get(POINTER)? {
        Some(held) => Ok((crate::envelope::decode(&held.value)?, held.version)),
        None => Ok((Pointer::default(), 0)),
    }
}

fn stored_lines(shelf: &dyn Shelf) -> Result<Vec<Vec<u8>>, Unavailable> {
    let mut lines = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = shelf.named(PREFIX, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(lines);
        };
        after = Some(last.clone());
        lines.extend(page.into_iter().map(|(_, held)| held.value));
    }
}

/// The file, and its lines. What is behind its last line is cut off if no line can be missing there.
fn open_file(
    folder: &Path,
    key: &hmac::Key,
    pointer: Pointer,
    stored: &[Vec<u8>],
    seen: &SeenFile,
    mode: Mode,
) -> Result<(Journal, Vec<Vec<u8>>), Unavailable> {
    let lost = mode == Mode::Restoring { journal_lost: true };
    let path = folder.join("journal");
    let Some((mut journal, Contents { lines, rest })) = Journal::open(folder, key)? else {
        let known = pointer.filed || seen.read()?.is_some();
        if known && !lost {
            return Err(Error::Missing { path }.into());
        }
        return Ok((Journal::create(folder, key)?, Vec::new()));
    };
    // A line that was seen here was complete once; what else this store has carried out it has a copy of.
    let seen = seen.read()?.map_or(0, |seen| seen.lines);
    let either = lines.len().max(stored.len()) as u64;
    if (lines.len() as u64) < seen || either < pointer.done {
        let words = "lines are missing at its end, or were changed; put back the newest copy of it";
        return Err(Error::damaged(&path, words).into());
    }
    if rest {
        tracing::warn!("the last line of the erasure journal was not finished and is cut off");
        journal.cut()?;
    }
    Ok((journal, lines))
}
