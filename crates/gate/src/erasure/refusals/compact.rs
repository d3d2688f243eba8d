//! The file of refusals made short again: the last word of each person, in a new file that takes the place of
//! the old one whole or not at all.
//!
//! Whatever interrupts it, the name leads to one of the two, each complete: the new file is on disk before it
//! gets the name, and nothing is appended in between. Deliberately does not know: when the store needs it.

use super::{CONTRACT, Error, FLAGS, LINE, LastWord, Refusals, Said};
use crate::erasure::journal::sync_folder;
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use vocabulary::{PersonId, PurposeName, PurposeSet};

/// Shorter files are left alone: some seventy thousand lines.
pub(super) const SHORT: u64 = 4 << 20;

/// Beside the file, until it is complete.
pub(super) fn beside(path: &Path) -> PathBuf {
    path.with_extension("new")
}

impl Refusals {
    /// Makes the file short if it is more than twice as long as after the last time. Never loses a word: if
    /// it cannot be done, everything stays as it is.
    pub(crate) fn compact_if_long(&mut self) {
        if self.broken || self.end < SHORT || self.end < self.shortest.saturating_mul(2) {
            return;
        }
        match self.compact() {
            Ok(lines) => tracing::info!(lines, "the file of refusals was made short"),
            Err(error) => {
                // Not again at once: after as much again was written.
                self.shortest = self.end;
                tracing::warn!(%error, "the file of refusals could not be made short");
            }
        }
    }

    /// Answers how many lines are left.
    pub(super) fn compact(&mut self) -> Result<u64, Error> {
        let Some(lines) = self.short_lines()? else {
            return Ok(0);
        };
        let Some((path, _)) = &self.file else {
            return Ok(0);
        };
        let path = path.clone();
        let new = write_beside(&path, &lines)?;
        self.take_place(&path, new, lines.len() as u64)?;
        Ok(self.end / LINE as u64)
    }

    /// The last words as lines, whoever spoke last at the end; `None` without a file.
    fn short_lines(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let (end, key) = (self.end, self.key.clone());
        let Some((path, file)) = &mut self.file else {
            return Ok(None);
        };
        if end > super::MAX_FILE {
            return Err(Error::damaged(path, "it is longer than can be read back"));
        }
        let mut bytes = Vec::with_capacity(end as usize);
        let read = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.take(end).read_to_end(&mut bytes));
        read.map_err(|error| Error::file(path, &error))?;
        let mut words: HashMap<PersonId, (usize, LastWord)> = HashMap::new();
        for (place, line) in bytes.chunks(LINE).enumerate() {
            // A line that was changed says nothing, here as when it is read back.
            if let Some(said) = Said::read(line, &key) {
                let (latest, word) = words.entry(said.person).or_default();
                *latest = place;
                word.hear(&said);
            }
        }
        let mut words: Vec<(PersonId, (usize, LastWord))> = words.into_iter().collect();
        words.sort_unstable_by_key(|(_, (latest, _))| *latest);
        let lines = words.iter().flat_map(|(person, (_, word))| said(*person, word));
        Ok(Some(lines.flat_map(|said| said.line(&key)).collect()))
    }

    /// Gives the new file its name. If that may not be on disk, nothing is acknowledged any more: after a
    /// crash the name could lead to the old file, without what was appended to the new one.
    fn take_place(&mut self, path: &Path, new: File, length: u64) -> Result<(), Error> {
        let fault = |error: std::io::Error| Error::file(path, &error);
        if let Err(error) = std::fs::rename(beside(path), path) {
            let _the_next_start_removes_it_too = std::fs::remove_file(beside(path));
            return Err(fault(error));
        }
        self.file = Some((path.to_path_buf(), new));
        (self.end, self.shortest) = (length, length);
        let synced = path.parent().map_or(Ok(()), sync_folder);
        synced.map_err(|error| {
            self.broken = true;
            fault(error)
        })
    }
}

/// A complete file beside the old one, on disk.
pub(super) fn write_beside(path: &Path, lines: &[u8]) -> Result<File, Error> {
    let fault = |error: std::io::Error| Error::file(path, &error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside(path)).map_err(fault)?;
    let written = file.write_all(lines).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _the_next_start_removes_it_too = std::fs::remove_file(beside(path));
        return Err(fault(error));
    }
    Ok(file)
}

/// A last word as few lines: one for each time. What was taken back needs none.
fn said(person: PersonId, word: &LastWord) -> Vec<Said> {
    let mut by_time: BTreeMap<i64, PurposeSet> = BTreeMap::new();
    for (purpose, at) in &word.refused {
        let purpose = PurposeName::ALL.into_iter().find(|p| *p as u8 == *purpose);
        let refused = by_time.entry(*at).or_insert(PurposeSet::NONE);
        *refused = purpose.map_or(*refused, |purpose| refused.with(purpose));
    }
    let on = FLAGS
        .into_iter()
        .zip([word.objects, word.objects_to_marketing, word.restricts]);
    let flags = on.fold(0, |flags, ([on, _], said)| match said {
        Some(true) => flags | on,
        _ => flags,
    });
    if by_time.is_empty() && flags != 0 {
        by_time.insert(0, PurposeSet::NONE);
    }
    let first = by_time.keys().next().copied();
    let line = |(at, refused): (i64, PurposeSet)| Said {
        person,
        refused,
        flags: if Some(at) == first { flags } else { 0 },
        at,
    };
    let contract = word.contract_at.map(|at| Said {
        person,
        refused: PurposeSet::NONE,
        flags: CONTRACT,
        at,
    });
    by_time.into_iter().map(line).chain(contract).collect()
}

/// Removes what an interrupted compaction left beside the file.
pub(super) fn tidy(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(beside(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::hmac;
    use proptest::prelude::*;

    fn key() -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[7; 32])
    }

    fn words(file: &mut Refusals) -> BTreeMap<PersonId, LastWord> {
        let mut words = file.last_words(usize::MAX).unwrap();
        for word in words.values_mut() {
            for said in [
                &mut word.objects,
                &mut word.objects_to_marketing,
                &mut word.restricts,
            ] {
                *said = said.filter(|on| *on);
            }
        }
        // Who took everything back has said nothing.
        words.retain(|_, word| *word != LastWord::default());
        words
    }

    fn word() -> impl Strategy<Value = Said> {
        let flags = (0u8..3, 0u8..3, 0u8..3).prop_map(|(a, b, c)| {
            let bit = |[on, off]: [u8; 2], said| [0, on, off][usize::from(said)];
            let [x, y, z] = FLAGS;
            bit(x, a) | bit(y, b) | bit(z, c)
        });
        let purposes = proptest::sample::subsequence(PurposeName::ALL.to_vec(), 0..4);
        (0u8..6, purposes, flags, any::<bool>(), 1i64..40).prop_map(
            |(person, refused, flags, contract, at)| Said {
                person: PersonId([person; 16]),
                refused: refused.into_iter().collect(),
                flags: flags | if contract { CONTRACT } else { 0 },
                at,
            },
        )
    }

    /// Where a process that makes the file short is killed.
    #[derive(Clone, Copy, Debug)]
    enum Killed {
        Nowhere,
        WritingTheNewFile,
        BeforeItGetsTheName,
        Afterwards,
    }

    proptest! {
        // Each case writes to the disk and waits for it.
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_word_is_lost_wherever_a_compaction_is_killed(
            said in prop::collection::vec(word(), 1..40),
            more in prop::collection::vec(word(), 0..10),
            killed in prop::sample::select(vec![
                Killed::Nowhere, Killed::WritingTheNewFile, Killed::BeforeItGetsTheName, Killed::Afterwards,
            ]),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("refusals");
            let mut file = Refusals::open(Some(folder.path()), key()).unwrap();
            file.write_ahead(&said).unwrap();
            let before = words(&mut file);
            match killed {
                Killed::Nowhere => drop(file.compact().unwrap()),
                Killed::WritingTheNewFile => {
                    let lines = file.short_lines().unwrap().unwrap();
                    std::fs::write(beside(&path), &lines[..lines.len() / 2]).unwrap();
                    file = Refusals::open(Some(folder.path()), key()).unwrap();
                }
                Killed::BeforeItGetsTheName => {
                    let lines = file.short_lines().unwrap().unwrap();
                    write_beside(&path, &lines).unwrap();
                    file = Refusals::open(Some(folder.path()), key()).unwrap();
                }
                Killed::Afterwards => {
                    file.compact().unwrap();
                    file = Refusals::open(Some(folder.path()), key()).unwrap();
                }
            }
            prop_assert!(!beside(&path).exists());
            prop_assert_eq!(&words(&mut file), &before);
            // It goes on in whichever file has the name, and a second time changes nothing.
            file.write_ahead(&more).unwrap();
            let after = words(&mut file);
            file.compact().unwrap();
            let length = std::fs::metadata(&path).unwrap().len();
            prop_assert_eq!(words(&mut file), after.clone());
            file.compact().unwrap();
            prop_assert_eq!(std::fs::metadata(&path).unwrap().len(), length);
            let mut file = Refusals::open(Some(folder.path()), key()).unwrap();
            prop_assert_eq!(words(&mut file), after);
        }
    }

    #[test]
    fn a_file_that_grew_by_repetition_becomes_short_by_itself_and_whoever_spoke_last_stays_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("refusals");
        let length = || std::fs::metadata(&path).unwrap().len();
        let mut file = Refusals::open(Some(folder.path()), key()).unwrap();
        let said = |person: u8, at: i64| Said {
            person: PersonId([person; 16]),
            refused: PurposeSet::NONE.with(PurposeName::Train),
            flags: 0,
            at,
        };
        let many: Vec<Said> = (0..=SHORT / LINE as u64)
            .map(|n| said((n % 200) as u8, n as i64))
            .collect();
        file.write_ahead(&many[..100]).unwrap();
        file.compact_if_long();
        assert_eq!(length(), 100 * LINE as u64, "short as it is");
        file.write_ahead(&many).unwrap();
        file.compact_if_long();
        assert_eq!(length(), 200 * LINE as u64);
        file.write_ahead(&[said(3, i64::MAX)]).unwrap();
        file.compact().unwrap();
        let last = file.last_words(1).unwrap();
        assert_eq!(last.keys().copied().collect::<Vec<_>>(), [PersonId([3; 16])]);
    }
}
