//! The check of a receipt: the proof first, then whether the readable part says what is proved.

use crate::Error;
use crate::document::{self, Parts, Unproved};
use crate::facts::{self, Facts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::note::{self, Note};
use ledger::proof::{self, Proof};
use ledger::witness::{Cosigned, WitnessKey};
use ledger::{Entry, Hash, VerifyingKey, tree};
use serde::Deserialize;
use vocabulary::{DAY_MS, Digest};

/// Longest receipt that is read, bytes.
pub const MAX_BYTES: usize = 8 << 20;

/// Keys that the reader has from somewhere else than the receipt.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// The log's.
    pub log: Option<VerifyingKey>,
    /// Those of witnesses, each of which must have countersigned.
    pub witnesses: Vec<WitnessKey>,
}

/// What a receipt proves, once it was checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The parts it is made of.
    pub parts: Parts,
    /// The entry, as it stands in the log.
    pub entry: Entry,
    /// The entry's day, `2026-11-22`.
    pub day: String,
    /// What the details say.
    pub facts: Facts,
    /// Title and text of the notice that was shown, if they are in the receipt.
    pub words: Option<(String, String)>,
    /// The name of the log.
    pub origin: String,
    /// The place of the entry, from 0.
    pub index: u64,
    /// How many entries the log had when it signed.
    pub size: u64,
    /// Whether the log's key was given by the reader; if not, it was the receipt's own, and only shows that
    /// the receipt agrees with itself.
    pub key_given: bool,
    /// Who countersigned, and whether the reader gave their key.
    pub cosigned: Vec<(Cosigned, bool)>,
    /// What is not proved.
    pub unproved: Vec<Unproved>,
}

/// What the proof of a receipt gives.
pub(crate) struct Proved {
    pub(crate) entry: Entry,
    pub(crate) leaf: Hash,
    pub(crate) day: String,
    pub(crate) facts: Facts,
    pub(crate) words: Option<Words>,
    pub(crate) origin: String,
    pub(crate) index: u64,
    pub(crate) size: u64,
    pub(crate) cosigned: Vec<(Cosigned, bool)>,
}

/// The words of a notice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub(crate) language: String,
    pub(crate) purposes: Vec<PurposeWords>,
    pub(crate) text: String,
    pub(crate) title: String,
}

/// The words about one purpose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PurposeWords {
    pub(crate) label: String,
    pub(crate) purpose: String,
    pub(crate) text: String,
}

/// Only the proof is read: everything else is made again from it.
#[derive(Deserialize)]
struct Outer {
    proof: Parts,
}

/// Checks a receipt, to the byte. An error says what is wrong with it.
pub fn check(receipt: &[u8], keys: &Keys) -> Result<Checked, Error> {
    if receipt.len() > MAX_BYTES {
        return Err(Error::TooLong);
    }
    let text = std::str::from_utf8(receipt).map_err(|error| Error::Shape(error.to_string()))?;
    let outer: Outer = serde_json::from_str(text).map_err(|error| Error::Shape(error.to_string()))?;
    let parts = outer.proof;
    let proved = prove(&parts, keys)?;
    let document = document::write(&parts, &proved);
    if document != text {
        let same = document.split('\n').zip(text.split('\n'));
        let line = same.take_while(|(ours, theirs)| ours == theirs).count() + 1;
        return Err(Error::Readable { line });
    }
    Ok(Checked {
        unproved: document::unproved(&parts, &proved.facts),
        parts,
        entry: proved.entry,
        day: proved.day,
        facts: proved.facts,
        words: proved.words.map(|words| (words.title, words.text)),
        origin: proved.origin,
        index: proved.index,
        size: proved.size,
        key_given: keys.log.is_some(),
        cosigned: proved.cosigned,
    })
}

/// What these parts prove.
pub(crate) fn prove(parts: &Parts, keys: &Keys) -> Result<Proved, Error> {
    let key = log_key(parts)?;
    if keys.log.as_ref().is_some_and(|given| *given != key) {
        return Err(Error::OtherKey);
    }
    let witnesses = witness_keys(parts)?;
    let proof = Proof::parse(parts.tlog_proof.as_bytes()).map_err(|error| Error::Proof(error.to_string()))?;
    if proof.encode() != parts.tlog_proof.as_bytes() {
        return Err(Error::Proof(
            "it is not written as a proof is: it was changed".to_owned(),
        ));
    }
    let cosigned = signatures(&proof.checkpoint, &key, &witnesses)?;
    for given in &keys.witnesses {
        if !witnesses.contains(given) || !cosigned.iter().any(|one| one.witness == given.name()) {
            return Err(Error::NotWitnessed(given.name().to_owned()));
        }
    }
    let (carried, checkpoint) = proof.verify_carried(&key).map_err(|error| match error {
        proof::Error::Checkpoint(error) => Error::Signature(error.to_string()),
        proof::Error::Tree(error) => Error::Inclusion(error.to_string()),
        other => Error::Proof(other.to_string()),
    })?;
    let entry = Entry::parse(carried).map_err(|error| Error::Entry(error.to_string()))?;
    let secret = STANDARD.decode(&parts.secret).ok();
    let secret: Option<[u8; 32]> = secret.and_then(|bytes| bytes.try_into().ok());
    let secret = secret.ok_or(Error::Secret)?;
    if !entry.verify_commitment(&secret, parts.details.as_bytes()) {
        return Err(Error::Commitment);
    }
    let facts = Facts::of(&entry.kind, &parts.details)?;
    let words = words(parts, &facts)?;
    let day = facts::rfc3339(i64::from(entry.day) * DAY_MS).unwrap_or_default();
    let given = |one: &Cosigned| keys.witnesses.iter().any(|key| key.name() == one.witness);
    Ok(Proved {
        leaf: tree::leaf_hash(carried),
        day: day.get(..10).unwrap_or_default().to_owned(),
        facts,
        words,
        origin: checkpoint.origin,
        index: proof.index,
        size: checkpoint.size,
        cosigned: cosigned
            .into_iter()
            .map(|one| (one.clone(), given(&one)))
            .collect(),
        entry,
    })
}

fn log_key(parts: &Parts) -> Result<VerifyingKey, Error> {
    let key: VerifyingKey = parts
        .log_key
        .parse()
        .map_err(|error: ledger::key::Error| Error::Key(error.to_string()))?;
    match key.to_string() == parts.log_key {
        true => Ok(key),
        false => Err(Error::Key(
            "it is not written as a key is: it was changed".to_owned(),
        )),
    }
}

fn witness_keys(parts: &Parts) -> Result<Vec<WitnessKey>, Error> {
    let read = |text: &String| {
        let key: WitnessKey = text
            .parse()
            .map_err(|error: ledger::key::Error| Error::Key(error.to_string()))?;
        match key.to_string() == *text {
            true => Ok(key),
            false => Err(Error::Key(
                "it is not written as a key is: it was changed".to_owned(),
            )),
        }
    };
    parts.witness_keys.iter().map(read).collect()
}

/// Every signature on the checkpoint, checked: the log's, and those of the witnesses. One that nobody in
/// the receipt can check would be a part of it that could be changed unseen.
fn signatures(
    checkpoint: &[u8],
    key: &VerifyingKey,
    witnesses: &[WitnessKey],
) -> Result<Vec<Cosigned>, Error> {
    let signature = |error: note::Error| Error::Signature(error.to_string());
    let note = Note::parse(checkpoint).map_err(signature)?;
    if note.to_string().as_bytes() != checkpoint {
        return Err(signature(note::Error::Shape));
    }
    note.verify(key).map_err(signature)?;
    let mut cosigned = Vec::new();
    for line in &note.signatures {
        if line.name == key.name() && line.id == key.id() {
            continue;
        }
        // One line at a time: of several by one witness each must hold.
        let alone = Note {
            text: note.text.clone(),
            signatures: vec![line.clone()],
        };
        let alone = alone.to_string();
        let found = witnesses
            .iter()
            .find_map(|witness| match witness.verify(alone.as_bytes()) {
                Err(note::Error::Unsigned) => None,
                other => Some(other),
            });
        match found {
            Some(held) => cosigned.push(held.map_err(signature)?),
            None => return Err(Error::Stranger(line.name.clone())),
        }
    }
    match witnesses.len() == cosigned.len() {
        true => Ok(cosigned),
        // A key without its signature proves nothing, and could be changed unseen.
        false => Err(Error::Key(
            "there are not as many witnesses as countersignatures".to_owned(),
        )),
    }
}

/// The parts without signatures that no key among them can check, and without keys that check none: one
/// signature for each key.
pub(crate) fn without_strangers(mut parts: Parts) -> Result<Parts, Error> {
    let (key, witnesses) = (log_key(&parts)?, witness_keys(&parts)?);
    let broken = |error: String| Error::Proof(error);
    let mut proof = Proof::parse(parts.tlog_proof.as_bytes()).map_err(|error| broken(error.to_string()))?;
    let mut note = Note::parse(&proof.checkpoint).map_err(|error| broken(error.to_string()))?;
    let text = note.text.clone();
    let (mut held, mut by_the_log) = (Vec::new(), false);
    note.signatures.retain(|line| {
        if line.name == key.name() && line.id == key.id() {
            return !std::mem::replace(&mut by_the_log, true);
        }
        let alone = Note {
            text: text.clone(),
            signatures: vec![line.clone()],
        };
        let alone = alone.to_string();
        let by = |witness: &&WitnessKey| witness.verify(alone.as_bytes()).is_ok();
        match witnesses.iter().find(by) {
            Some(witness) if !held.contains(witness) => {
                held.push(witness.clone());
                true
            }
            _ => false,
        }
    });
    proof.checkpoint = note.to_string().into_bytes();
    parts.tlog_proof = String::from_utf8(proof.encode()).map_err(|error| broken(error.to_string()))?;
    parts.witness_keys = held.iter().map(ToString::to_string).collect();
    Ok(parts)
}

/// The words that were shown, if they are there: those whose hash the details name, in that language.
fn words(parts: &Parts, facts: &Facts) -> Result<Option<Words>, Error> {
    let Some(text) = &parts.notice_text else {
        return Ok(None);
    };
    let notice = facts.notice.as_ref().ok_or(Error::Words)?;
    let hash = Digest::of(text.as_bytes()).to_string();
    let words: Words = serde_json::from_str(text).map_err(|_| Error::Words)?;
    let shown = notice.language.as_deref() == Some(words.language.as_str());
    match shown && notice.text_hash.as_deref() == Some(hash.as_str()) {
        true => Ok(Some(words)),
        false => Err(Error::Words),
    }
}
