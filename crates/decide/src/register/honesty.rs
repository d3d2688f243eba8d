//! What the register tells of the messages' honesty: rules that are overridden knowingly, and deadlines that were
//! moved. Roles stand for people; the reasons are the team's own words.
//!
//! Deliberately does not know: stores, names of members, how a page shows it.

use crate::rights::time;
use program::Program;
use program::deadline::{Moved, moved};
use serde::Serialize;
use vocabulary::{Digest, Moment};

/// A rule of honesty that a message breaks knowingly.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Overridden {
    /// The message.
    pub message: String,
    /// The rule, by its stable name.
    pub rule: &'static str,
    /// Why, as the team wrote it.
    pub reason: String,
    /// From when on, RFC 3339.
    pub since: String,
    /// Until when; `null`: it stands.
    pub until: Option<String>,
    /// The role of who put it in force; `null`: nobody of the team now.
    pub by: Option<&'static str>,
    /// Whether a second person approved it.
    pub second_person: bool,
    /// The second person's role; `null`: none, or nobody of the team now.
    pub approved_by: Option<&'static str>,
    /// SHA-256 over the message's files: of each in the order of paths its length and path, its length and bytes,
    /// lengths as eight bytes big-endian.
    pub message_digest: Digest,
    /// The program that brought it.
    pub program: Digest,
}

/// A deadline that is another one now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MovedDeadline {
    /// Its name.
    pub deadline: String,
    /// What it was, RFC 3339.
    pub before: String,
    /// What it became; `null`: gone.
    pub after: Option<String>,
    /// Messages that had told the one before.
    pub told_by: Vec<String>,
    /// Why (`moved_because`); `null`: no reason was given.
    pub because: Option<String>,
    /// When, RFC 3339.
    pub since: String,
    /// The program that moved it.
    pub program: Digest,
}

/// What a program says knowingly against a rule, and which deadlines it moves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Said {
    overrides: Vec<(String, &'static str, String, Digest)>,
    moved: Vec<Moved>,
}

/// A program that was put in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// When.
    pub at: Moment,
    /// Which.
    pub digest: Digest,
    /// The role of who put it there.
    pub by: Option<&'static str>,
    /// Whether somebody else approved it.
    pub second_person: bool,
    /// That person's role.
    pub approved_by: Option<&'static str>,
    /// What it says; `None`: it is not kept or cannot be read any more.
    pub said: Option<Said>,
}

/// What of it the register tells, of a program and the one that was in force before it.
pub fn said(before: Option<&Program>, program: &Program) -> Said {
    let overrides = program.messages.values().flat_map(|message| {
        let digest = of_message(program, message.name.as_str());
        let row = move |over: &program::message::Override| {
            (
                message.name.to_string(),
                over.rule.id(),
                over.reason.clone(),
                digest,
            )
        };
        message.overrides.iter().map(row)
    });
    Said {
        overrides: overrides.collect(),
        moved: before.map(|before| moved(before, program)).unwrap_or_default(),
    }
}

fn of_message(program: &Program, name: &str) -> Digest {
    let folder = format!("messages/{name}/");
    let mut bytes = Vec::new();
    let files = program.files().iter();
    for (path, content) in files.filter(|(path, _)| path.starts_with(&folder)) {
        for part in [path.as_bytes(), content.as_slice()] {
            bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend(part);
        }
    }
    Digest::of(&bytes)
}

/// The overrides, the newest first; one that stays over several programs, with the same message to the byte, is one.
/// `versions`: the newest first.
pub fn overridden(versions: &[Version]) -> Vec<Overridden> {
    let mut rows: Vec<Overridden> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for version in versions.iter().rev() {
        let Some(said) = &version.said else { continue };
        let same = |row: &Overridden, said: &(String, &str, String, Digest)| {
            (&row.message, row.rule, &row.reason, row.message_digest) == (&said.0, said.1, &said.2, said.3)
        };
        open.retain(|at| {
            let Some(row) = rows.get_mut(*at) else {
                return false;
            };
            let stays = said.overrides.iter().any(|said| same(row, said));
            if !stays {
                row.until = Some(time(version.at));
            }
            stays
        });
        for over in &said.overrides {
            let stands = open
                .iter()
                .filter_map(|at| rows.get(*at))
                .any(|row| same(row, over));
            if stands {
                continue;
            }
            open.push(rows.len());
            rows.push(Overridden {
                message: over.0.clone(),
                rule: over.1,
                reason: over.2.clone(),
                since: time(version.at),
                until: None,
                by: version.by,
                second_person: version.second_person,
                approved_by: version.approved_by,
                message_digest: over.3,
                program: version.digest,
            });
        }
    }
    rows.reverse();
    rows
}

/// The deadlines that moved, the newest first. `versions`: the newest first.
pub fn moved_deadlines(versions: &[Version]) -> Vec<MovedDeadline> {
    let mut rows = Vec::new();
    for version in versions {
        for moved in version.said.iter().flat_map(|said| &said.moved) {
            rows.push(MovedDeadline {
                deadline: moved.deadline.to_string(),
                before: time(moved.before),
                after: moved.after.map(time),
                told_by: moved.named_by.iter().map(ToString::to_string).collect(),
                because: moved.because.clone(),
                since: time(version.at),
                program: version.digest,
            });
        }
    }
    rows
}
