//! The program in force: which one it is, which were before it, and who put it there. Programs are artefacts
//! under their digest; one named row points at the one in force, and is exchanged only by who has seen what it
//! held. So of two who apply at once one wins and the other is told, and a process that is killed leaves the
//! old program or the new one.
//!
//! Deliberately does not know: what a program says.

use crate::gate::Gate;
use crate::record::Statement;
use crate::{Unavailable, envelope};
use minicbor::{Decode, Encode};
use store::Shelf;
use vocabulary::{Digest, Moment};

/// The row of what is in force and was before.
const IN_FORCE: &str = "program/in_force";
/// The rows of programs that wait to be approved, before the digest.
pub(crate) const ASKED: &str = "program/asked/";
/// Applied programs that are remembered; artefacts stay.
const REMEMBERED: usize = 200;
/// Longest name of who applies or approves, bytes.
pub const MAX_WHO: usize = 100;

/// A program that was put in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// Counted from 1; a program that is put back gets a number of its own.
    pub number: u64,
    /// Its content address.
    pub digest: Digest,
    /// When.
    pub at: Moment,
    /// Who put it in force.
    pub by: String,
    /// Who else had approved it.
    pub approved_by: Option<String>,
}

/// A program to be put in force.
pub struct Apply {
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// What the caller has seen in force, and planned against.
    pub expected: Option<Digest>,
    /// Who.
    pub by: String,
    /// Whether a second person must have approved this very program.
    pub needs_approval: bool,
}

/// Why a program was not put in force.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotApplied {
    /// Somebody else was quicker.
    #[error(
        "another program was put in force meanwhile ({}); plan again against it",
        .0.map_or_else(|| "none".to_owned(), |digest| digest.to_string())
    )]
    Overtaken(Option<Digest>),
    /// It waits for a second person.
    #[error(
        "the program {0} waits for a second person: `egard program approve {0} --by NAME`, then apply it again"
    )]
    Unapproved(Digest),
    /// Who asks cannot approve.
    #[error("`{0}` put the program forward and cannot approve it too; a second person must look at it")]
    SamePerson(String),
    /// No such program waits.
    #[error("no program {0} waits to be approved; `egard program apply DIR` puts one forward")]
    NotAsked(Digest),
    /// It was never in force.
    #[error("the program {0} was never in force; `egard program history` shows those that were")]
    NeverApplied(Digest),
    /// There is nothing before it.
    #[error("there is no program before the one in force")]
    NothingBefore,
    /// Its bytes are gone or changed.
    #[error("the program {0} is not kept any more, or is not what it was")]
    Damaged(Digest),
    /// Nobody is named.
    #[error("who does this is named by 1 to {MAX_WHO} letters without line breaks; say `--by NAME`")]
    Who,
}

#[derive(Encode, Decode, Default)]
struct Kept {
    /// Oldest first; the last is in force.
    #[n(0)]
    applied: Vec<Entry>,
    /// Up to this number their leaves are in the log.
    #[n(1)]
    told: u64,
}

#[derive(Encode, Decode, Clone)]
struct Entry {
    #[n(0)]
    number: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    digest: Vec<u8>,
    #[n(2)]
    at: i64,
    #[n(3)]
    by: String,
    #[n(4)]
    approved_by: Option<String>,
}

#[derive(Encode, Decode)]
pub(crate) struct Asked {
    /// Everybody who put it forward.
    #[n(0)]
    pub(crate) by: Vec<String>,
    /// Who approved it, and when.
    #[n(1)]
    pub(crate) approved: Vec<Approved>,
}

#[derive(Encode, Decode)]
pub(crate) struct Approved {
    #[n(0)]
    pub(crate) by: String,
    #[n(1)]
    at: i64,
}

impl Entry {
    fn applied(&self) -> Option<Applied> {
        Some(Applied {
            number: self.number,
            digest: Digest(self.digest.as_slice().try_into().ok()?),
            at: Moment(self.at),
            by: self.by.clone(),
            approved_by: self.approved_by.clone(),
        })
    }
}

impl Kept {
    fn in_force(&self) -> Option<Digest> {
        self.applied
            .last()
            .and_then(Entry::applied)
            .map(|applied| applied.digest)
    }
}

impl Gate {
    /// The programs that were put in force, the one in force first.
    pub async fn programs(&self) -> Result<Vec<Applied>, Unavailable> {
        let (kept, _) = self.blocking(kept).await?;
        Ok(kept.applied.iter().rev().filter_map(Entry::applied).collect())
    }

    /// The program in force and its bytes; the bytes are `None` if they are gone or changed.
    pub async fn program(&self) -> Result<Option<(Applied, Option<Vec<u8>>)>, Unavailable> {
        self.blocking(|gate| {
            let (kept, _) = kept(gate)?;
            let Some(applied) = kept.applied.last().and_then(Entry::applied) else {
                return Ok(None);
            };
            let bytes = gate.artefact_now(applied.digest)?;
            Ok(Some((applied, bytes)))
        })
        .await
    }

    /// Puts a program in force, durable when this answers, with a leaf of the log. One that needs approval and
    /// has none is kept and put forward.
    pub async fn apply_program(
        &self,
        apply: Apply,
        now: Moment,
    ) -> Result<Result<Applied, NotApplied>, Unavailable> {
        if !is_who(&apply.by) {
            return Ok(Err(NotApplied::Who));
        }
        self.tell_programs(now).await?;
        let outcome = self
            .blocking(move |gate| {
                let digest = Digest::of(&apply.bytes);
                let shared = gate.shared();
                shared.shelf.keep(shared.epoch, digest.0, &apply.bytes)?;
                let approved_by = match apply.needs_approval {
                    false => None,
                    true => match asked(gate, digest, &apply.by)? {
                        Some(by) => Some(by),
                        None => return Ok(Err(NotApplied::Unapproved(digest))),
                    },
                };
                exchange(gate, apply.expected, digest, apply.by, approved_by, now)
            })
            .await?;
        self.tell_programs(now).await?;
        Ok(outcome)
    }

    /// A second person says yes to one very program.
    pub async fn approve_program(
        &self,
        digest: Digest,
        by: &str,
        now: Moment,
    ) -> Result<Result<(), NotApplied>, Unavailable> {
        if !is_who(by) {
            return Ok(Err(NotApplied::Who));
        }
        let by = by.to_owned();
        self.blocking(move |gate| {
            let shared = gate.shared();
            let key = format!("{ASKED}{digest}");
            let Some(row) = shared.shelf.get(&key)? else {
                return Ok(Err(NotApplied::NotAsked(digest)));
            };
            let mut asked: Asked = envelope::decode(&row.value)?;
            if asked.by.iter().any(|known| same(known, &by)) {
                return Ok(Err(NotApplied::SamePerson(by)));
            }
            if gate.artefact_now(digest)?.is_none() {
                return Ok(Err(NotApplied::Damaged(digest)));
            }
            if !asked.approved.iter().any(|known| same(&known.by, &by)) {
                asked.approved.push(Approved { by, at: now.0 });
            }
            match shared
                .shelf
                .swap(shared.epoch, &key, row.version, &envelope::encode(&asked))?
            {
                Some(_) => Ok(Ok(())),
                None => Err(Unavailable::Busy),
            }
        })
        .await
    }

    /// Puts a program of before in force again: that of the digest, or the last one that differs. It was
    /// approved when it was new.
    pub async fn put_back_program(
        &self,
        digest: Option<Digest>,
        expected: Option<Digest>,
        by: &str,
        now: Moment,
    ) -> Result<Result<Applied, NotApplied>, Unavailable> {
        if !is_who(by) {
            return Ok(Err(NotApplied::Who));
        }
        self.tell_programs(now).await?;
        let by = by.to_owned();
        let outcome = self
            .blocking(move |gate| {
                let (kept, _) = kept(gate)?;
                let current = kept.in_force();
                let mut before = kept.applied.iter().rev().filter_map(Entry::applied);
                let found = match digest {
                    Some(digest) => before
                        .find(|applied| applied.digest == digest)
                        .ok_or(NotApplied::NeverApplied(digest)),
                    None => before
                        .find(|applied| Some(applied.digest) != current)
                        .ok_or(NotApplied::NothingBefore),
                };
                let found = match found {
                    Ok(found) => found,
                    Err(error) => return Ok(Err(error)),
                };
                if gate.artefact_now(found.digest)?.is_none() {
                    return Ok(Err(NotApplied::Damaged(found.digest)));
                }
                exchange(gate, expected, found.digest, by, found.approved_by, now)
            })
            .await?;
        self.tell_programs(now).await?;
        Ok(outcome)
    }

    /// Writes the leaves of programs that were put in force by somebody who was killed before they wrote it.
    /// Called at the start, and around every change. A leaf may come twice, and is never missing.
    pub async fn tell_programs(&self, now: Moment) -> Result<(), Unavailable> {
        let (row, _) = self.blocking(kept).await?;
        let untold = row.applied.iter().filter(|entry| entry.number > row.told);
        let untold: Vec<Applied> = untold.filter_map(Entry::applied).collect();
        let Some(last) = untold.last().map(|applied| applied.number) else {
            return Ok(());
        };
        for applied in untold {
            let statement = Statement {
                kind: "program",
                purpose: None,
                program: applied.digest,
                allowed: true,
                reasons: vec!["artefact:program".to_owned()],
                at: now,
            };
            // Sorted by key: details are canonical. Who it was stays in the sealed part.
            let details = serde_json::json!({
                "approved_by": applied.approved_by,
                "at": applied.at.0,
                "by": applied.by,
                "digest": applied.digest.to_string(),
                "name": "program",
                "number": applied.number,
            });
            self.record_about_nobody(statement, details.to_string()).await?;
        }
        self.blocking(move |gate| {
            let shared = gate.shared();
            let (mut row, version) = kept(gate)?;
            row.told = row.told.max(last);
            // Who exchanged it meanwhile tells of it, and of this again.
            shared
                .shelf
                .swap(shared.epoch, IN_FORCE, version, &envelope::encode(&row))?;
            Ok(())
        })
        .await
    }
}

/// The canonical bytes of the program that a store says is in force, before a gate is opened over it: its data
/// dictionary is what the gate is opened with. Nothing of this is about anybody.
pub fn program_of(shelf: &dyn Shelf) -> Result<Option<Vec<u8>>, Unavailable> {
    let Some(row) = shelf.get(IN_FORCE)? else {
        return Ok(None);
    };
    let Some(digest) = envelope::decode::<Kept>(&row.value)?.in_force() else {
        return Ok(None);
    };
    let bytes = shelf.artefact(digest.0)?;
    Ok(bytes.filter(|bytes| Digest::of(bytes) == digest))
}

/// What is in force and was before, and the version of the row.
fn kept(gate: &Gate) -> Result<(Kept, u64), Unavailable> {
    match gate.shared().shelf.get(IN_FORCE)? {
        None => Ok((Kept::default(), 0)),
        Some(row) => Ok((envelope::decode(&row.value)?, row.version)),
    }
}

/// One row, one write: the old or the new.
fn exchange(
    gate: &Gate,
    expected: Option<Digest>,
    digest: Digest,
    by: String,
    approved_by: Option<String>,
    now: Moment,
) -> Result<Result<Applied, NotApplied>, Unavailable> {
    let shared = gate.shared();
    let (mut row, version) = kept(gate)?;
    if row.in_force() != expected {
        return Ok(Err(NotApplied::Overtaken(row.in_force())));
    }
    let entry = Entry {
        number: row.applied.last().map_or(1, |last| last.number.saturating_add(1)),
        digest: digest.0.to_vec(),
        at: now.0,
        by,
        approved_by,
    };
    row.applied.push(entry.clone());
    let forgotten = row.applied.len().saturating_sub(REMEMBERED);
    row.applied.drain(..forgotten);
    match shared
        .shelf
        .swap(shared.epoch, IN_FORCE, version, &envelope::encode(&row))?
    {
        Some(_) => Ok(entry.applied().ok_or(NotApplied::Damaged(digest))),
        None => Ok(Err(NotApplied::Overtaken(kept(gate)?.0.in_force()))),
    }
}

/// Who approved the program, if somebody other than those who put it forward has; puts it forward.
fn asked(gate: &Gate, digest: Digest, by: &str) -> Result<Option<String>, Unavailable> {
    let shared = gate.shared();
    let key = format!("{ASKED}{digest}");
    let row = shared.shelf.get(&key)?;
    let version = row.as_ref().map_or(0, |row| row.version);
    let mut asked: Asked = match &row {
        Some(row) => envelope::decode(&row.value)?,
        None => Asked {
            by: Vec::new(),
            approved: Vec::new(),
        },
    };
    // Whoever looked at it first and applies it now does not count as the second person.
    let second = asked.approved.iter().find(|approved| !same(&approved.by, by));
    let second = second.map(|approved| approved.by.clone());
    if !asked.by.iter().any(|known| same(known, by))
        && !asked.approved.iter().any(|known| same(&known.by, by))
    {
        asked.by.push(by.to_owned());
        let bytes = envelope::encode(&asked);
        if shared.shelf.swap(shared.epoch, &key, version, &bytes)?.is_none() {
            return Err(Unavailable::Busy);
        }
    }
    if second.is_some() {
        return Ok(second);
    }
    // Who approved applies it themselves: the second person is then who put it forward.
    let approved = asked.approved.iter().any(|known| same(&known.by, by));
    Ok(asked
        .by
        .iter()
        .find(|known| approved && !same(known, by))
        .cloned())
}

/// One person under two spellings is one person.
fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn is_who(who: &str) -> bool {
    !who.trim().is_empty() && who.len() <= MAX_WHO && !who.chars().any(char::is_control)
}
