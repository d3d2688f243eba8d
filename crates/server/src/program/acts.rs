//! What is done with programs on a store: planned, put in force or forward, approved, put back, told. The command
//! and the running server do it by the same code, so that both hold the same rules.
//!
//! Deliberately does not know: how somebody proved who they are, HTTP, how lines are shown.

use super::needs_approval;
use crate::app::App;
use crate::automation;
use crate::automation::planned::{self, Figures};
use ::program::Program;
use ::program::deadline::Moved;
use ::program::plan::plan as compare;
use gate::{Applied, Apply, Gate, NotApplied, Unavailable};
use vocabulary::Digest;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gate has no answer.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// The rules of putting programs in force.
    #[error(transparent)]
    NotApplied(#[from] NotApplied),
    /// A deadline that people were told would be moved.
    #[error("{0}")]
    Deadline(String),
    /// The program in force cannot be read.
    #[error("the program in force, {digest}: {problem}")]
    Unreadable {
        /// Which.
        digest: Digest,
        /// Why.
        problem: String,
    },
    /// The figures of a plan cannot be reckoned.
    #[error(transparent)]
    Figures(decide::segments::Error),
}

/// What was done: in words, and as values.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// The program it is about.
    pub digest: Option<Digest>,
    /// The number under which it is in force.
    pub number: Option<u64>,
    /// In plain words.
    pub lines: Vec<String>,
    /// Of a history: what does not take effect until somebody does something, in plain words; also in `lines`.
    pub waits: Vec<String>,
}

/// What putting it in force would change, for whom and for how many.
pub async fn plan(app: &App, to: &Program) -> Result<Told, Error> {
    let from = in_force(&app.gate).await?;
    let running = app.running().filter(|_| from.is_some());
    let figures = Figures::sampled(app, to, running.as_ref()).await;
    let figures = figures.map_err(|error| match error {
        planned::Error::Gate(error) => Error::Gate(error),
        planned::Error::Program(error) => Error::Figures(error),
    })?;
    let mut lines = compare(from.as_ref(), to).lines(to, &figures);
    if needs_approval(from.as_ref(), to, false) {
        lines.push("a second person must approve it".to_owned());
    }
    Ok(Told {
        digest: Some(to.digest()),
        number: None,
        lines,
        waits: Vec::new(),
    })
}

/// Puts it in force, or forward where a second person must look. `against`: what must be in force now; what is when
/// this starts, if it is not said.
pub async fn apply(
    app: &App,
    to: &Program,
    by: &str,
    against: Option<Option<Digest>>,
) -> Result<Told, Error> {
    // One that this version cannot read any more may be replaced all the same.
    let from = match in_force(&app.gate).await {
        Ok(from) => from,
        Err(Error::Gate(error)) => return Err(error.into()),
        Err(_) => None,
    };
    let known = app.gate.programs().await?;
    let current = known.first().map(|applied| applied.digest);
    if let Some(now) = known.first()
        && now.digest == to.digest()
        && against.is_none_or(|against| against == current)
    {
        return Ok(Told {
            digest: current,
            number: Some(now.number),
            lines: vec![format!("this very program is in force: {}", to.digest())],
            waits: Vec::new(),
        });
    }
    let moved = from.as_ref().map(|from| ::program::deadline::moved(from, to));
    if let Some(refused) = moved
        .unwrap_or_default()
        .iter()
        .find(|moved| Moved::is_refused(moved))
    {
        return Err(Error::Deadline(refused.to_string()));
    }
    let apply = Apply {
        bytes: to.pack(),
        expected: against.unwrap_or(current),
        by: by.to_owned(),
        needs_approval: needs_approval(from.as_ref(), to, current.is_some()),
    };
    let applied = app.gate.apply_program(apply, app.now()).await??;
    taken_up(app, &applied, "in force").await
}

/// A second person says yes to one very program.
pub async fn approve(app: &App, digest: Digest, by: &str) -> Result<Told, Error> {
    app.gate.approve_program(digest, by, app.now()).await??;
    Ok(Told {
        digest: Some(digest),
        number: None,
        lines: vec![format!(
            "program {digest} is approved; it is put in force by `egard program apply`"
        )],
        waits: Vec::new(),
    })
}

/// Puts a program of before in force again: the one before if none is named. Deadlines that this moves are pointed
/// out and stand in the register; they are not refused, because a fault may have to be undone at once.
pub async fn put_back(app: &App, digest: Option<Digest>, by: &str) -> Result<Told, Error> {
    // One that this version cannot read any more may be replaced all the same.
    let from = match in_force(&app.gate).await {
        Ok(from) => from,
        Err(Error::Gate(error)) => return Err(error.into()),
        Err(_) => None,
    };
    let known = app.gate.programs().await?;
    let current = known.first().map(|applied| applied.digest);
    let back = app.gate.put_back_program(digest, current, by, app.now());
    let applied = back.await??;
    let mut told = taken_up(app, &applied, "in force again").await?;
    if let (Some(from), Ok(Some(to))) = (from, in_force(&app.gate).await) {
        let moved = ::program::deadline::moved(&from, &to);
        told.lines.extend(moved.iter().map(ToString::to_string));
    }
    Ok(told)
}

/// What was in force, the one in force first, and what waits for a second person.
pub async fn history(app: &App) -> Result<Told, Error> {
    let known = app.gate.programs().await?;
    let mut lines = Vec::new();
    if known.is_empty() {
        lines.push("no program was put in force yet".to_owned());
    }
    for applied in &known {
        let approved = match &applied.approved_by {
            Some(by) => format!(", approved by {by}"),
            None => String::new(),
        };
        lines.push(format!(
            "{} {} {} by {}{approved}",
            applied.number,
            applied.digest,
            crate::ingest::clock::rfc3339(applied.at),
            applied.by
        ));
    }
    let mut waits = Vec::new();
    for waiting in app.gate.waiting_programs().await? {
        waits.push(format!(
            "waits for a second person: {} by {}",
            waiting.digest,
            waiting.by.join(", ")
        ));
    }
    waits.extend(dictionary_waits(app));
    lines.extend(waits.iter().cloned());
    let current = known.first();
    Ok(Told {
        digest: current.map(|applied| applied.digest),
        number: current.map(|applied| applied.number),
        lines,
        waits,
    })
}

/// That the data dictionary of the program in force is not the one that is worked by, in words. It decides what is
/// kept of events that are arriving and what every view may see, and decisions name it by its digest: it is
/// exchanged at a start alone.
pub fn dictionary_waits(app: &App) -> Option<String> {
    let running = app.running()?;
    (!running.has_its_dictionary(&app.gate)).then(|| {
        "its data dictionary is another one than the server works by: it takes effect at the next start, with \
         `[program] folder` in the settings"
            .to_owned()
    })
}

async fn taken_up(app: &App, applied: &Applied, word: &str) -> Result<Told, Error> {
    automation::refresh(app).await?;
    let said = format!("program {} is {word}, number {}", applied.digest, applied.number);
    Ok(Told {
        digest: Some(applied.digest),
        number: Some(applied.number),
        lines: std::iter::once(said).chain(dictionary_waits(app)).collect(),
        waits: Vec::new(),
    })
}

async fn in_force(gate: &Gate) -> Result<Option<Program>, Error> {
    match gate.program().await? {
        None => Ok(None),
        Some((applied, None)) => Err(NotApplied::Damaged(applied.digest).into()),
        Some((applied, Some(bytes))) => match Program::unpack(&bytes) {
            Ok(program) => Ok(Some(program)),
            Err(problem) => Err(Error::Unreadable {
                digest: applied.digest,
                problem: problem.to_string(),
            }),
        },
    }
}
