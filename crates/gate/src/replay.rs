//! A recorded decision looked at again: does the log hold it, does the record say what the leaf commits to,
//! does the charter of that time still give that answer to what it was asked, had the person really
//! permitted it by then, and does the same program make the same decision of the same inputs.
//!
//! To look at a person's record is a use of their data like any other: it needs a permit for a purpose,
//! is recorded with a leaf of its own before anything is answered, and so shows on the person's page.
//!
//! Deliberately does not know: what a decision is, who reads the outcome.

mod flaw;
mod past;

pub use flaw::Flaw;

use crate::charter::Question;
use crate::gate::{Gate, Shared};
use crate::keys::PersonKey;
use crate::permit::{Ask, Granted, Refused};
use crate::record::{self, Sealable, Statement};
use crate::writer::Record;
use crate::{Published, RecordId, Unavailable};
use ledger::Entry;
use past::{Asked, Pasts};
use std::sync::{Arc, PoisonError};
use store::RecordRow;
use vocabulary::{ConsentState, Digest, PersonId, PurposeName};
use zeroize::Zeroize as _;

/// From which index of the log on every permitted decision carries what the charter was asked.
const SINCE: &str = "audit/asked-since";
/// Leaves that may wait for the sequencer and are looked through for one.
const WAITING: usize = 50_000;
/// Records read at once, and at most, to find what the person had permitted by then.
const PAGE: usize = 200;
const PAGES: usize = 50;
/// How often a look is taken again because the person changed their choices meanwhile.
const RETRIES: usize = 3;

/// The purpose that covers a look at somebody's record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cover {
    /// To keep the service and the people in it safe from misuse: an audit. The charter allows it for
    /// customers whose data is not restricted.
    Secure,
    /// In answer to the person, who asked about their rights.
    RightsRequest,
}

impl Cover {
    /// The purpose.
    pub fn purpose(self) -> PurposeName {
        match self {
            Cover::Secure => PurposeName::Secure,
            Cover::RightsRequest => PurposeName::AnswerRightsRequest,
        }
    }
}

/// What a record says, opened. Never printed; wiped when dropped.
pub struct Reopened {
    /// What the leaf says in the open.
    pub entry: Entry,
    /// Inputs, parameters and outcome: the text that the leaf commits to.
    pub details: String,
}

impl Drop for Reopened {
    fn drop(&mut self) {
        self.details.zeroize();
    }
}

/// What came of executing a decision again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Executed {
    /// The same bytes.
    Same,
    /// Other bytes: where the first difference is, in words that tell nothing of the person.
    Different(String),
    /// It cannot be executed, because of this.
    Impossible(Flaw),
    /// It is no decision of a program: a choice, a step, an announcement.
    NoDecision,
}

/// How far the permit was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permitted {
    /// The charter of that time was asked the recorded question.
    AskedAgain,
    /// The question is not on record (nobody was opened, or the record is of an earlier version): some
    /// question has this answer.
    Possible,
    /// The entry names no rule of a charter.
    NotJudged,
}

/// A record that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replayed {
    /// What the leaf says in the open. `None`: it cannot be read.
    pub entry: Option<Entry>,
    /// Its place in the log. `None`: it waits, or is not there.
    pub place: Option<u64>,
    /// All that is wrong, in order and once each.
    pub flaws: Vec<Flaw>,
    /// What came of executing it again.
    pub executed: Executed,
    /// How far the permit was checked.
    pub permitted: Permitted,
    /// The record that says so, on the person's page. `None`: the record is nobody's.
    pub trace: Option<RecordId>,
}

impl Replayed {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.flaws.is_empty()
    }
}

/// What became of the wish to look at a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Replay {
    /// There is no such record, or its person was erased: the leaf stays, and nobody can read more.
    Gone,
    /// The charter does not let the person's data be opened for this.
    Refused(Refused),
    /// It was looked at.
    Done(Box<Replayed>),
}

/// Looks at records, and remembers the charters of the past it read for it. Cheap to clone.
#[derive(Clone)]
pub struct Auditor {
    gate: Gate,
    pasts: Arc<Pasts>,
    since: u64,
}

/// Keeps what a look back will need: the charter, and from where on questions are recorded. Called at every
/// start, before anything is decided.
pub(crate) fn begin(shared: &Shared) -> Result<(), Unavailable> {
    let shelf = shared.shelf.as_ref();
    shelf.keep(shared.epoch, shared.charter.digest().0, shared.charter.text())?;
    if shelf.get(SINCE)?.is_none() {
        let sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
        let size = sequencer.size(shelf)? + shelf.counts()?.pending_leaves;
        shelf.swap(shared.epoch, SINCE, 0, &size.to_be_bytes())?;
    }
    Ok(())
}

impl Gate {
    /// Somebody who looks at records.
    pub async fn auditor(&self) -> Result<Auditor, Unavailable> {
        let since = self
            .blocking(|gate| Ok(gate.shared().shelf.get(SINCE)?))
            .await?
            .and_then(|known| known.value.as_slice().try_into().ok());
        Ok(Auditor {
            gate: self.clone(),
            pasts: Arc::default(),
            // Without the mark every record must carry its question.
            since: since.map_or(0, u64::from_be_bytes),
        })
    }
}

impl Auditor {
    /// From which index of the log on every permitted decision must carry what the charter was asked.
    pub fn since(&self) -> u64 {
        self.since
    }

    /// What the public part of an entry shows by itself: charter and program are kept, and the charter can
    /// have given this answer. Blocks.
    pub fn look(&self, entry: &Entry) -> Result<Vec<Flaw>, Unavailable> {
        let mut flaws = Vec::new();
        self.artefacts(entry, &mut flaws)?;
        self.asked(entry, None, &mut flaws)?;
        flaws.sort_unstable();
        flaws.dedup();
        Ok(flaws)
    }

    /// Looks at a record for that purpose. `execute` is pure: it makes the decision again. What it answers
    /// is returned when the look itself is on record.
    pub async fn replay<F>(
        &self,
        id: RecordId,
        cover: Cover,
        ask: Ask,
        execute: F,
    ) -> Result<Replay, Unavailable>
    where
        F: Fn(&Reopened) -> Executed + Clone + Send + 'static,
    {
        for _ in 0..RETRIES {
            let (auditor, execute) = (self.clone(), execute.clone());
            let looked = self
                .gate
                .blocking(move |_| auditor.look_at(id, cover, ask, execute))
                .await?;
            match looked {
                Looked::Ended(replay) => return Ok(replay),
                Looked::ToRecord(mut replayed, trace) => {
                    let trace_id = trace.leaf.id;
                    if self.gate.commit_record(*trace).await? {
                        replayed.trace = Some(trace_id);
                        return Ok(Replay::Done(replayed));
                    }
                }
            }
        }
        Err(Unavailable::Busy)
    }

    fn look_at<F>(&self, id: RecordId, cover: Cover, ask: Ask, execute: F) -> Result<Looked, Unavailable>
    where
        F: Fn(&Reopened) -> Executed,
    {
        let shared = self.gate.shared();
        let Some(row) = shared.shelf.record(id)? else {
            return Ok(Looked::Ended(Replay::Gone));
        };
        if row.person == PersonId::NOBODY {
            let replayed = self.examine(&row, &shared.nobody, execute)?;
            return Ok(Looked::Ended(Replay::Done(Box::new(replayed))));
        }
        let granted = match self.gate.grant(row.person, cover.purpose(), ask)? {
            None => return Ok(Looked::Ended(Replay::Gone)),
            Some(Err(refused)) => return Ok(Looked::Ended(Replay::Refused(refused))),
            Some(Ok(granted)) => granted,
        };
        let Some(key) = self.gate.key_of(row.person)? else {
            return Ok(Looked::Ended(Replay::Gone));
        };
        shared.count_opening(cover.purpose());
        let replayed = self.examine(&row, &key, execute)?;
        let trace = self.trace(id, &granted, &key, &replayed)?;
        Ok(Looked::ToRecord(Box::new(replayed), Box::new(trace)))
    }

    /// The record of the look, which the person sees.
    fn trace(
        &self,
        id: RecordId,
        granted: &Granted,
        key: &PersonKey,
        replayed: &Replayed,
    ) -> Result<Record, Unavailable> {
        let shared = self.gate.shared();
        let flaws: Vec<&str> = replayed.flaws.iter().map(|flaw| flaw.as_str()).collect();
        let of: String = id.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let details = serde_json::json!({
            "at": granted.asked_at,
            "flaws": flaws,
            "purpose": granted.purpose.as_str(),
            "record": of,
        });
        let statement = record::of_grant(granted, "replay", shared.dictionary.digest());
        let (row, leaf) = record::make_asked(
            shared,
            granted.person,
            key,
            statement,
            details.to_string(),
            &granted.question,
        )?;
        Ok(Record {
            person: granted.person,
            terms_version: Some(granted.terms_version),
            row: Some(row),
            leaf,
        })
    }

    /// All checks of one opened record.
    fn examine<F>(&self, row: &RecordRow, key: &PersonKey, execute: F) -> Result<Replayed, Unavailable>
    where
        F: Fn(&Reopened) -> Executed,
    {
        let mut replayed = Replayed {
            entry: None,
            place: None,
            flaws: Vec::new(),
            executed: Executed::NoDecision,
            permitted: Permitted::NotJudged,
            trace: None,
        };
        let opened = match record::open(row, key) {
            Ok(opened) => opened,
            Err(Unavailable::Key(_) | Unavailable::Layout(_)) => {
                replayed.flaws.push(Flaw::DoesNotOpen);
                replayed.place = self.gate.shared().shelf.leaf_index(row.id)?;
                return Ok(replayed);
            }
            Err(error) => return Err(error),
        };
        let flaws = &mut replayed.flaws;
        replayed.place = self.in_log(row.id, &opened, flaws)?;
        let Ok(entry) = Entry::parse(&opened.leaf) else {
            flaws.push(Flaw::LeafUnreadable);
            return Ok(replayed);
        };
        let secret = <[u8; 32]>::try_from(opened.r.as_slice());
        if !secret.is_ok_and(|r| entry.verify_commitment(&r, opened.details.as_bytes())) {
            flaws.push(Flaw::DetailsDiffer);
        }
        let question = self.question(row, &opened, &entry, replayed.place, flaws);
        self.artefacts(&entry, flaws)?;
        replayed.permitted = self.asked(&entry, question.as_ref(), flaws)?;
        if let Some(question) = question.filter(|question| question.consent.is_valid())
            && !self.had_permitted(row, key, question.purpose)?
        {
            flaws.push(Flaw::ConsentContradicted);
        }
        let reopened = Reopened {
            entry,
            details: opened.details,
        };
        replayed.executed = execute(&reopened);
        match &replayed.executed {
            Executed::Different(_) => flaws.push(Flaw::OutcomeDiffers),
            Executed::Impossible(flaw) => flaws.push(*flaw),
            Executed::Same | Executed::NoDecision => {}
        }
        flaws.sort_unstable();
        flaws.dedup();
        replayed.entry = Some(reopened.entry.clone());
        Ok(replayed)
    }

    /// Whether the log holds this very leaf.
    fn in_log(
        &self,
        id: RecordId,
        opened: &Sealable,
        flaws: &mut Vec<Flaw>,
    ) -> Result<Option<u64>, Unavailable> {
        let shared = self.gate.shared();
        let shelf = shared.shelf.as_ref();
        let Some(index) = shelf.leaf_index(id)? else {
            let waiting = shelf.pending_leaves(WAITING)?;
            if !waiting
                .iter()
                .any(|p| p.leaf.id == id && p.leaf.bytes == opened.leaf)
            {
                flaws.push(Flaw::NotInLog);
            }
            return Ok(None);
        };
        let mut sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
        // Checked against the signed root before it is handed out.
        let proof = match sequencer.proof(shelf, &shared.erasures, index) {
            Ok(proof) => proof,
            Err(Unavailable::Ledger(_)) => {
                flaws.push(Flaw::NotInLog);
                return Ok(Some(index));
            }
            Err(error) => return Err(error),
        };
        drop(sequencer);
        let carried = ledger::Proof::parse(proof.as_bytes())
            .ok()
            .and_then(|proof| proof.extra);
        if carried.as_deref() != Some(opened.leaf.as_slice()) {
            flaws.push(Flaw::LeafDiffers);
        }
        Ok(Some(index))
    }

    /// What the charter was asked, if the log holds to it.
    fn question(
        &self,
        row: &RecordRow,
        opened: &Sealable,
        entry: &Entry,
        place: Option<u64>,
        flaws: &mut Vec<Flaw>,
    ) -> Option<Question> {
        let Some(asked) = &opened.asked else {
            let must = past::is_judged(entry) && entry.verdict == "allow" && row.person != PersonId::NOBODY;
            if must && place.is_none_or(|place| place >= self.since) {
                flaws.push(Flaw::QuestionMissing);
            }
            return None;
        };
        if asked.secret().expose().as_slice() != opened.r.as_slice() {
            flaws.push(Flaw::QuestionDiffers);
            return None;
        }
        let question = asked.read();
        if question.is_none() {
            flaws.push(Flaw::QuestionUnreadable);
        }
        question
    }

    /// Whether what the entry names is kept, to the byte.
    fn artefacts(&self, entry: &Entry, flaws: &mut Vec<Flaw>) -> Result<(), Unavailable> {
        // An announcement may name what is gone since, if nothing was ever decided by it.
        let named = entry.program.filter(|_| entry.kind != "program").map(Digest);
        if let Some(program) = named.filter(|digest| *digest != Digest::default()) {
            match self.gate.artefact_state(program)? {
                Published::Intact(_) => {}
                Published::Absent => flaws.push(Flaw::ProgramMissing),
                Published::Damaged => flaws.push(Flaw::ProgramDamaged),
            }
        }
        if let Some(charter) = entry.charter
            && let Err(flaw) = self.pasts.of(&self.gate, Digest(charter))?
        {
            flaws.push(flaw);
        }
        Ok(())
    }

    /// Asks the charter of that time.
    fn asked(
        &self,
        entry: &Entry,
        question: Option<&Question>,
        flaws: &mut Vec<Flaw>,
    ) -> Result<Permitted, Unavailable> {
        let judged = past::is_judged(entry) || question.is_some();
        let (Some(charter), true) = (entry.charter, judged) else {
            return Ok(Permitted::NotJudged);
        };
        let Ok(past) = self.pasts.of(&self.gate, Digest(charter))? else {
            // Said already.
            return Ok(Permitted::NotJudged);
        };
        match past.answers(entry, question) {
            Asked::Same => {}
            Asked::Otherwise(flaw) => flaws.push(flaw),
        }
        Ok(match question {
            Some(_) => Permitted::AskedAgain,
            None => Permitted::Possible,
        })
    }

    /// Whether the person's newest statement before this record permits the purpose.
    fn had_permitted(
        &self,
        row: &RecordRow,
        key: &PersonKey,
        purpose: PurposeName,
    ) -> Result<bool, Unavailable> {
        let shelf = self.gate.shared().shelf.as_ref();
        let mut before = Some(row.id);
        for _ in 0..PAGES {
            let page = shelf.records_of(row.person, before, PAGE)?;
            let Some(oldest) = page.last() else {
                return Ok(false);
            };
            before = Some(oldest.id);
            for row in &page {
                let Ok(opened) = record::open(row, key) else {
                    continue;
                };
                let said = Entry::parse(&opened.leaf).is_ok_and(|entry| entry.kind == "choice");
                if let Some(state) = said.then(|| past::state_in(&opened.details, purpose)).flatten() {
                    return Ok(state.is_some_and(ConsentState::is_valid));
                }
            }
        }
        // Further back than anybody looks: nothing is contradicted.
        Ok(true)
    }
}

/// What a look leads to.
enum Looked {
    Ended(Replay),
    ToRecord(Box<Replayed>, Box<Record>),
}

/// For the statement of a report's leaf.
pub(crate) fn statement(
    kind: &str,
    program: Digest,
    reasons: Vec<String>,
    at: vocabulary::Moment,
) -> Statement<'_> {
    Statement {
        kind,
        purpose: None,
        program,
        allowed: true,
        reasons,
        at,
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]
mod tests;
