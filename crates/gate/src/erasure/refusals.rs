//! Refusals, written down outside the store before they are acknowledged, beside the erasure journal: so
//! that a backup that is put back does not put back a permission that was withdrawn since. Off means off.
//!
//! A file of lines of one length, each with a MAC: a random id, purposes by their bits, what was objected
//! to or restricted, when. What is permitted again is not written down: after a restoration the person is
//! asked, and that is the careful side. Deliberately does not know: who a person is, how a refusal is folded.

mod compact;

use super::Error;
use super::chain::{is_mac, mac};
use super::journal::{make_folder, sync_folder};
use crate::Unavailable;
use crate::envelope::{Act, Input};
use aws_lc_rs::hmac;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use store::{Epoch, Shelf};
use vocabulary::{PersonId, PurposeName, PurposeSet};

const BODY: usize = 16 + 2 + 1 + 8;
const LINE: usize = BODY + 32;
/// Most bytes that are read: some nine million refusals.
const MAX_FILE: u64 = 512 << 20;

/// The bits of what is said besides purposes: objected, or not any more, and so on.
const OBJECTS: [u8; 2] = [1, 2];
const OBJECTS_TO_MARKETING: [u8; 2] = [4, 8];
const RESTRICTS: [u8; 2] = [16, 32];
/// The person said how they may be written to. What they said stays in the store: who loses it is not written
/// to until they say it again.
const CONTRACT: u8 = 64;
/// All of them that can be taken back, in the order of a last word.
const FLAGS: [[u8; 2]; 3] = [OBJECTS, OBJECTS_TO_MARKETING, RESTRICTS];

/// What one input refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Said {
    person: PersonId,
    refused: PurposeSet,
    flags: u8,
    at: i64,
}

/// What a person refused last, by all their lines.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct LastWord {
    /// Each purpose that was refused, and when last, milliseconds.
    pub(crate) refused: BTreeMap<u8, i64>,
    /// Objected (GDPR art. 21); `Some(false)`: took it back since.
    pub(crate) objects: Option<bool>,
    /// Objected to direct marketing.
    pub(crate) objects_to_marketing: Option<bool>,
    /// Asked for restriction (art. 18).
    pub(crate) restricts: Option<bool>,
    /// When they last said how they may be written to.
    pub(crate) contract_at: Option<i64>,
}

impl Said {
    /// What an input refuses or takes back of its objections; `None` if nothing.
    pub(crate) fn of(person: PersonId, input: &Input) -> Option<Said> {
        let refused = PurposeName::ALL
            .into_iter()
            .filter(|p| input.choices.iter().any(|c| !c.given && c.purpose == *p as u8))
            .collect::<PurposeSet>();
        let flag = |[on, off]: [u8; 2], said: Option<bool>| match said {
            Some(true) => on,
            Some(false) => off,
            None => 0,
        };
        let (objects, restricts) = match input.act {
            Some(Act::Object(objects)) => (Some(objects), None),
            Some(Act::Restrict(restricts)) => (None, Some(restricts)),
            _ => (None, None),
        };
        let contract = match input.act {
            Some(Act::Contract(_)) => CONTRACT,
            _ => 0,
        };
        let flags = flag(OBJECTS, objects)
            | flag(OBJECTS_TO_MARKETING, input.objects())
            | flag(RESTRICTS, restricts)
            | contract;
        (!refused.is_empty() || flags != 0).then_some(Said {
            person,
            refused,
            flags,
            // As the fold counts it: no slow clock loses a refusal.
            at: input.at.max(input.received_at),
        })
    }

    fn line(&self, key: &hmac::Key) -> Vec<u8> {
        let mut line = Vec::with_capacity(LINE);
        line.extend_from_slice(&self.person.0);
        line.extend_from_slice(&self.refused.0.to_be_bytes());
        line.push(self.flags);
        line.extend_from_slice(&self.at.to_be_bytes());
        let tag = mac(key, &[b"refusal", &line]);
        line.extend_from_slice(&tag);
        line
    }

    fn read(line: &[u8], key: &hmac::Key) -> Option<Said> {
        let (body, tag) = line.split_at_checked(BODY)?;
        if !is_mac(key, &[b"refusal", body], tag) {
            return None;
        }
        let (person, body) = body.split_first_chunk::<16>()?;
        let (refused, body) = body.split_first_chunk::<2>()?;
        let (flags, body) = body.split_first()?;
        Some(Said {
            person: PersonId(*person),
            refused: PurposeSet(u16::from_be_bytes(*refused)),
            flags: *flags,
            at: i64::from_be_bytes(body.try_into().ok()?),
        })
    }
}

impl LastWord {
    fn hear(&mut self, said: &Said) {
        for purpose in said.refused.iter() {
            let at = self.refused.entry(purpose as u8).or_insert(said.at);
            *at = said.at.max(*at);
        }
        for ([on, off], word) in [
            (OBJECTS, &mut self.objects),
            (OBJECTS_TO_MARKETING, &mut self.objects_to_marketing),
            (RESTRICTS, &mut self.restricts),
        ] {
            if said.flags & (on | off) != 0 {
                *word = Some(said.flags & on != 0);
            }
        }
        if said.flags & CONTRACT != 0 {
            self.contract_at = self.contract_at.max(Some(said.at));
        }
    }
}

/// The file; `None` inside for a store that forgets everything at exit anyway.
pub(crate) struct Refusals {
    file: Option<(PathBuf, File)>,
    key: hmac::Key,
    end: u64,
    /// How long the file was when it was last made short.
    shortest: u64,
    /// A failed fsync cannot be repeated: what it was asked to write may be lost.
    broken: bool,
}

impl Refusals {
    /// Opens the file in this folder, or makes it. A line that a crash cut short is cut off: it was
    /// never acknowledged.
    pub(crate) fn open(folder: Option<&Path>, key: hmac::Key) -> Result<Refusals, Error> {
        let Some(folder) = folder else {
            return Ok(Refusals {
                file: None,
                key,
                end: 0,
                shortest: 0,
                broken: false,
            });
        };
        let path = folder.join("refusals");
        let fault = |error: std::io::Error| Error::file(&path, &error);
        make_folder(folder).map_err(fault)?;
        compact::tidy(&path).map_err(fault)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(fault)?;
        let length = file.metadata().map_err(fault)?.len();
        let end = length - length % LINE as u64;
        file.set_len(end).map_err(fault)?;
        sync_folder(folder).map_err(fault)?;
        Ok(Refusals {
            file: Some((path, file)),
            key,
            end,
            shortest: 0,
            broken: false,
        })
    }

    /// Writes down what is refused. When this answers, it is on disk.
    pub(crate) fn write_ahead(&mut self, said: &[Said]) -> Result<(), store::Error> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        if said.is_empty() {
            return Ok(());
        }
        if self.broken {
            let words = "the disk failed to keep what was written to it; restart when it is sound";
            return Err(store::Error::Broken(Error::damaged(path, words).to_string()));
        }
        let bytes: Vec<u8> = said.iter().flat_map(|said| said.line(&self.key)).collect();
        let written = file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| file.write_all(&bytes));
        if let Err(error) = written {
            let _next_start_cuts_it_too = file.set_len(self.end);
            return Err(match error.kind() {
                ErrorKind::StorageFull => store::Error::Full,
                _ => store::Error::Broken(Error::file(path, &error).to_string()),
            });
        }
        if let Err(error) = file.sync_data() {
            self.broken = true;
            return Err(store::Error::Broken(Error::file(path, &error).to_string()));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// The last word of everybody who is in the latest `most` lines. A line that somebody changed says
    /// nothing.
    pub(crate) fn last_words(&mut self, most: usize) -> Result<BTreeMap<PersonId, LastWord>, Error> {
        let mut words: BTreeMap<PersonId, LastWord> = BTreeMap::new();
        let Some((path, file)) = &mut self.file else {
            return Ok(words);
        };
        let from = self.end.saturating_sub((most as u64).saturating_mul(LINE as u64));
        if self.end - from > MAX_FILE {
            return Err(Error::damaged(path, "it is longer than can be read back"));
        }
        let mut bytes = Vec::with_capacity((self.end - from) as usize);
        let read = file
            .seek(SeekFrom::Start(from))
            .and_then(|_| file.read_to_end(&mut bytes));
        read.map_err(|error| Error::file(path, &error))?;
        let mut changed = 0u64;
        for line in bytes.chunks(LINE) {
            match Said::read(line, &self.key) {
                Some(said) => words.entry(said.person).or_default().hear(&said),
                None => changed += 1,
            }
        }
        if changed > 0 {
            tracing::warn!(
                changed,
                "lines of the file of refusals were changed and say nothing"
            );
        }
        Ok(words)
    }
}

/// In the store, while what was refused after a backup was made is still to be said again.
const OWED: &str = "refusals";

/// Marks a store that was put back, before its log goes on: whatever interrupts the restoration, the next
/// start finishes it.
pub(crate) fn owe(shelf: &dyn Shelf, epoch: Epoch) -> Result<(), Unavailable> {
    let version = shelf.get(OWED)?.map_or(0, |held| held.version);
    shelf
        .swap(epoch, OWED, version, b"owed")?
        .ok_or(Unavailable::Busy)?;
    Ok(())
}

/// Whether refusals are still to be said again.
pub(crate) fn owed(shelf: &dyn Shelf) -> Result<bool, Unavailable> {
    Ok(shelf.get(OWED)?.is_some_and(|held| held.value == b"owed"))
}

/// They have been said again, and are on disk.
pub(crate) fn paid(shelf: &dyn Shelf, epoch: Epoch) -> Result<(), Unavailable> {
    let version = shelf.get(OWED)?.map_or(0, |held| held.version);
    shelf
        .swap(epoch, OWED, version, b"none")?
        .ok_or(Unavailable::Busy)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Choice;

    fn refusal(person: u8, at: i64) -> Said {
        let input = Input {
            at,
            received_at: at,
            choices: vec![Choice {
                purpose: PurposeName::Train as u8,
                given: false,
                explicit: true,
                expires_at: None,
            }],
            ..Input::default()
        };
        Said::of(PersonId([person; 16]), &input).unwrap()
    }

    fn key() -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[7; 32])
    }

    #[test]
    fn what_was_refused_is_read_back_and_the_last_word_stands() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = Refusals::open(Some(folder.path()), key()).unwrap();
        let object = |objects| {
            let input = Input {
                act: Some(Act::Object(objects)),
                ..Input::default()
            };
            Said::of(PersonId([2; 16]), &input).unwrap()
        };
        file.write_ahead(&[refusal(1, 5), refusal(1, 9), object(true)])
            .unwrap();
        file.write_ahead(&[object(false)]).unwrap();
        drop(file);
        // A crash cuts the last line short; the next is read all the same.
        let path = folder.path().join("refusals");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(&refusal(3, 1).line(&key())[..10]);
        std::fs::write(&path, &bytes).unwrap();
        let mut file = Refusals::open(Some(folder.path()), key()).unwrap();
        file.write_ahead(&[refusal(4, 1)]).unwrap();
        assert_eq!(file.last_words(1).unwrap().len(), 1);
        let words = file.last_words(usize::MAX).unwrap();
        assert_eq!(words.len(), 3);
        assert_eq!(
            words[&PersonId([1; 16])].refused,
            [(PurposeName::Train as u8, 9)].into()
        );
        assert_eq!(words[&PersonId([2; 16])].objects, Some(false));
        assert!(words.contains_key(&PersonId([4; 16])));
    }

    #[test]
    fn a_changed_line_says_nothing_and_one_of_other_keys_neither() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = Refusals::open(Some(folder.path()), key()).unwrap();
        file.write_ahead(&[refusal(1, 5), refusal(2, 5)]).unwrap();
        let path = folder.path().join("refusals");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[17] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let words = file.last_words(usize::MAX).unwrap();
        assert_eq!(words.keys().copied().collect::<Vec<_>>(), [PersonId([2; 16])]);
        let other = hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]);
        let mut file = Refusals::open(Some(folder.path()), other).unwrap();
        assert!(file.last_words(usize::MAX).unwrap().is_empty());
    }

    #[test]
    fn a_permission_is_not_written_down() {
        assert_eq!(Said::of(PersonId([1; 16]), &Input::default()), None);
    }
}
