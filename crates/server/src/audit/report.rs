//! The report of an audit: canonical JSON (RFC 8785: members in order, no spaces, integers only) in one line,
//! with the log's signature under it as a signed note.
//!
//! Deliberately does not know: how anything in it was found. Nothing in it is personal: counts, digests, days.

use ledger::note::{self, Note};
use ledger::{Checkpoint, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest report, bytes.
const MOST_BYTES: usize = 1 << 20;

/// A report cannot be written, or is not one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The signed note.
    #[error(transparent)]
    Note(#[from] note::Error),
    /// Signed, and not a report.
    #[error("what is signed is not a report of an audit in its one form: members in order, no spaces")]
    Form,
}

/// The version of the form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Form {
    /// The one there is.
    #[serde(rename = "egard audit 1")]
    One,
}

/// The log as it stood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// The log's name.
    pub origin: String,
    /// Its root, base64.
    pub root: String,
    /// Its entries.
    pub size: u64,
}

/// How long things may be kept, days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Raw events.
    pub event_days: u32,
    /// Remembered messages.
    pub message_days: u32,
}

/// From what the sample was drawn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The number that was given by whoever ordered the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<u64>,
    /// The seed itself.
    pub hex: String,
}

/// The report. Members stand in the order of their names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The log that was audited.
    pub checkpoint: At,
    /// What was done, and how often: `opened`, `closed` (the charter does not let it be opened), `gone` (its
    /// person was erased), `executed_same`, `executed_different`, `executed_impossible`, `permit_asked_again`,
    /// `permit_possible`, `artefacts`, `requests`.
    pub counts: BTreeMap<String, u64>,
    /// The day, `2026-11-22`.
    pub day: String,
    /// People whose erasure the log tells of.
    pub erased: u64,
    /// What is wrong, by name, and how often. Empty: nothing.
    pub findings: BTreeMap<String, u64>,
    /// The version of the form.
    pub form: Form,
    /// The sample by kind of entry.
    pub kinds: BTreeMap<String, u64>,
    /// Entries that the sample was drawn from.
    pub population: u64,
    /// Digest of the report before this one, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Which program audited.
    pub program: String,
    /// From which index on decisions must carry what the charter was asked.
    pub questions_since: u64,
    /// How long things may be kept.
    pub retention: Retention,
    /// Entries that were drawn.
    pub sample: u64,
    /// From what.
    pub seed: Seed,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    /// One line of canonical JSON.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|_| Error::Form)
    }

    /// Reads a signed report and checks its signature.
    pub fn open(bytes: &[u8], key: &VerifyingKey) -> Result<Report, Error> {
        let note = Note::parse(bytes)?;
        note.verify(key)?;
        Report::read(&note.text)
    }

    /// Reads the text of a report, with its final newline. Whatever is read is written again to the byte.
    pub fn read(text: &str) -> Result<Report, Error> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        if line.len() > MOST_BYTES {
            return Err(Error::Form);
        }
        let report: Report = serde_json::from_str(line).map_err(|_| Error::Form)?;
        match report.to_json()? == line {
            true => Ok(report),
            false => Err(Error::Form),
        }
    }

    /// Whether it is about the log of that checkpoint, as it stood then.
    pub fn is_of(&self, checkpoint: &Checkpoint) -> bool {
        let root = ledger::tree::to_base64(&checkpoint.root);
        (
            &self.checkpoint.origin,
            &self.checkpoint.root,
            self.checkpoint.size,
        ) == (&checkpoint.origin, &root, checkpoint.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SigningKey;
    use proptest::prelude::*;

    fn report() -> Report {
        Report {
            checkpoint: At {
                origin: "test.example/egard".to_owned(),
                root: ledger::tree::to_base64(&[7; 32]),
                size: 12,
            },
            counts: [("opened".to_owned(), 3)].into(),
            day: "2026-11-22".to_owned(),
            erased: 1,
            findings: [("details_differ".to_owned(), 1)].into(),
            form: Form::One,
            kinds: [("choice".to_owned(), 3)].into(),
            population: 10,
            previous: None,
            program: "egard 0.1.0".to_owned(),
            questions_since: 0,
            retention: Retention {
                event_days: 90,
                message_days: 7,
            },
            sample: 3,
            seed: Seed {
                given: Some(5),
                hex: "00".repeat(32),
            },
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_seed("test.example/egard", &[9; 32]).unwrap()
    }

    #[test]
    fn members_stand_in_the_order_of_their_names() {
        let json = report().to_json().unwrap();
        let value: BTreeMap<String, serde_json::Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
    }

    #[test]
    fn a_signed_report_is_no_checkpoint() {
        let key = key();
        let note = key
            .sign(&format!("{}\n", report().to_json().unwrap()))
            .unwrap()
            .to_string();
        assert_eq!(Report::open(note.as_bytes(), key.verifying_key()), Ok(report()));
        assert!(Checkpoint::open(note.as_bytes(), key.verifying_key()).is_err());
    }

    proptest! {
        #[test]
        fn a_report_that_was_altered_is_refused(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let key = key();
            let note = key.sign(&format!("{}\n", report().to_json().unwrap())).unwrap().to_string();
            let mut bytes = note.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            // A signature line of somebody else is passed over; the text is never another one.
            if let Ok(read) = Report::open(&bytes, key.verifying_key()) {
                prop_assert_eq!(read, report());
            }
        }

        #[test]
        fn whatever_is_read_is_written_again_to_the_byte(text in ".{0,200}") {
            if let Ok(read) = Report::read(&text) {
                prop_assert_eq!(read.to_json().unwrap(), text);
            }
        }
    }
}
