//! After each checkpoint, at most every few seconds: witnesses are asked to countersign the newest one.
//! What enough of them countersigned is kept, and stands in receipts from then on.
//!
//! Runs beside everything else: nothing waits for a witness, and one that does not answer is asked less
//! and less often. Deliberately does not know: how a checkpoint is made, and who reads it.

use crate::app::App;
use crate::outbound;
use crate::witnesses::Asked;
use gate::Unavailable;
use ledger::witness::{Request, attach};
use ledger::{Checkpoint, VerifyingKey};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Longest time between two attempts at a witness that does not countersign.
const SLOWEST: Duration = Duration::from_secs(600);
/// A cosignature says until when the witness saw nothing else: it is renewed although nothing was added.
const RENEW: Duration = Duration::from_secs(3_600);
/// After so long without a quorum, what is newest is shown although it is not witnessed.
const STALE: Duration = Duration::from_secs(600);
/// Longest answer: a line for each key a witness may have.
const MAX_ANSWER: usize = 64 << 10;
/// How often a witness may say that it is elsewhere, before it is left alone.
const ATTEMPTS: usize = 3;

/// What one witness said last.
#[derive(Clone, Default, Debug)]
struct Said {
    /// Size it countersigned last, or said that it had.
    size: u64,
    /// Its lines, and the text of the checkpoint they belong to.
    lines: Option<(String, String)>,
    at: Option<Instant>,
    failures: u32,
}

/// Why a witness did not countersign.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No answer.
    #[error("{0}")]
    Silent(String),
    /// An answer that is none.
    #[error("an answer that cannot be used: {0}")]
    Unusable(String),
    /// It does not know this log, or does not accept its key.
    #[error("status {0}: it does not know this log; give its operator the log's key")]
    Unknown(u16),
    /// It knows a log of this name that ours does not continue.
    #[error(
        "it has countersigned another history of this log: two histories were signed with this key; stop, \
         and look at what the witness shows at `/forks`"
    )]
    Forked,
    /// It knows more entries than there are here.
    #[error(
        "it has countersigned {latest} entries and there are {size} here: this store was put back from a \
         backup, or is not the log's; run `egard restore`"
    )]
    Ahead {
        /// Entries it has countersigned.
        latest: u64,
        /// Entries here.
        size: u64,
    },
    /// Another refusal.
    #[error("status {0}")]
    Refused(u16),
    /// Ours.
    #[error(transparent)]
    Log(#[from] Unavailable),
}

impl Fault {
    /// A word for the metrics.
    fn word(&self) -> &'static str {
        match self {
            Fault::Silent(_) => "silent",
            Fault::Unusable(_) => "unusable",
            Fault::Unknown(_) => "unknown",
            Fault::Forked => "forked",
            Fault::Ahead { .. } => "ahead",
            Fault::Refused(_) => "refused",
            Fault::Log(_) => "log",
        }
    }

    /// Whether somebody must look, now.
    fn is_alarm(&self) -> bool {
        matches!(self, Fault::Forked | Fault::Ahead { .. })
    }
}

/// Asks for as long as the task lives; ends at once if there is nobody to ask.
pub async fn run(app: App) {
    if app.witnesses.is_empty() {
        return;
    }
    let mut round = Round::new(&app);
    let mut tick = tokio::time::interval(app.witnesses.every);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut witnessed = Instant::now();
    loop {
        tick.tick().await;
        match round.ask(&app).await {
            Ok(true) => witnessed = Instant::now(),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "witnesses were not asked"),
        }
        let stale = witnessed.elapsed() > STALE;
        if stale && !app.witnesses.stale.swap(stale, Ordering::AcqRel) {
            tracing::error!("nothing was witnessed for ten minutes; the checkpoint is shown without");
        }
        app.witnesses.stale.store(stale, Ordering::Release);
    }
}

/// What is remembered from one asking to the next.
pub struct Round {
    said: Vec<Said>,
}

impl Round {
    /// Nothing is known of anybody; a first answer says where a witness is.
    pub fn new(app: &App) -> Round {
        Round {
            said: vec![Said::default(); app.witnesses.asked.len()],
        }
    }

    /// Asks everybody whose turn it is, at once. `true`: the newest checkpoint is witnessed, and kept.
    pub async fn ask(&mut self, app: &App) -> Result<bool, Unavailable> {
        let Some(newest) = app.gate.checkpoint().await? else {
            return Ok(false);
        };
        let key: VerifyingKey = app.gate.vkey().parse().map_err(log)?;
        let opened = Checkpoint::open(&newest, &key).map_err(log)?;
        let text = opened.text();
        let mut asking = JoinSet::new();
        for (index, (asked, said)) in app.witnesses.asked.iter().zip(&self.said).enumerate() {
            if is_due(said, &text, app.witnesses.every) {
                let (app, asked, newest, size) = (app.clone(), asked.clone(), newest.clone(), opened.size);
                let from = said.size;
                asking.spawn(async move { (index, one(&app, &asked, from, newest, size).await) });
            }
        }
        let mut heard = false;
        while let Some(joined) = asking.join_next().await {
            let Ok((index, outcome)) = joined else { continue };
            let (Some(asked), Some(said)) = (app.witnesses.asked.get(index), self.said.get_mut(index)) else {
                continue;
            };
            heard |= outcome.is_ok();
            note(asked, said, outcome, &text, opened.size);
        }
        let mut countersigned = newest;
        for (asked, said) in app.witnesses.asked.iter().zip(&self.said) {
            if let Some((_, lines)) = said.lines.as_ref().filter(|(of, _)| *of == text) {
                countersigned =
                    attach(&countersigned, lines, std::slice::from_ref(&asked.key)).map_err(log)?;
            }
        }
        let judged = app.witnesses.policy.judge(&countersigned).map_err(log)?;
        metrics::gauge!("egard_witnesses").set(judged.by.len() as f64);
        if judged.enough && heard {
            app.gate.keep_witnessed(countersigned).await?;
            metrics::gauge!("egard_witnessed_size").set(opened.size as f64);
        }
        Ok(judged.enough)
    }
}

/// Whether it is this witness's turn: it has not countersigned this checkpoint, or long ago; and if it
/// failed, its pause is over.
fn is_due(said: &Said, text: &str, every: Duration) -> bool {
    let pause = match said.failures {
        0 if said.lines.as_ref().is_some_and(|(of, _)| of == text) => RENEW,
        0 => Duration::ZERO,
        // Half a step less: the pause ends before the tick that is meant, not after it.
        failures => {
            let pause = every.saturating_mul(1 << failures.min(10));
            pause.min(SLOWEST.max(every)).saturating_sub(every / 2)
        }
    };
    said.at.is_none_or(|at| at.elapsed() >= pause)
}

fn note(asked: &Asked, said: &mut Said, outcome: Result<String, Fault>, text: &str, size: u64) {
    said.at = Some(Instant::now());
    let name = asked.key.name().to_owned();
    let word = match &outcome {
        Ok(_) => "cosigned",
        Err(fault) => fault.word(),
    };
    metrics::counter!("egard_witness_answers_total", "witness" => name.clone(), "answer" => word)
        .increment(1);
    match outcome {
        Ok(lines) => {
            said.failures = 0;
            said.size = size;
            said.lines = Some((text.to_owned(), lines));
        }
        Err(fault) => {
            said.failures = said.failures.saturating_add(1);
            if fault.is_alarm() {
                tracing::error!(witness = name, %fault, "a witness has seen another history of this log");
            } else {
                tracing::warn!(witness = name, %fault, "a witness did not countersign");
            }
        }
    }
}

/// Asks one witness, from where it says it is. Answers its lines, of which at least one is its own and holds.
async fn one(
    app: &App,
    asked: &Asked,
    mut from: u64,
    checkpoint: Vec<u8>,
    size: u64,
) -> Result<String, Fault> {
    for _ in 0..ATTEMPTS {
        if from > size {
            return Err(Fault::Ahead { latest: from, size });
        }
        let request = Request {
            old: from,
            proof: app.gate.prove_growth(from, checkpoint.clone()).await?,
            checkpoint: checkpoint.clone(),
        };
        let kind = ("content-type", "text/plain; charset=utf-8".to_owned());
        let answer = outbound::post(&asked.url, &[kind], request.encode(), MAX_ANSWER).await;
        let answer = answer.map_err(|error| Fault::Silent(error.to_string()))?;
        let text = || std::str::from_utf8(&answer.body).map_err(|_| Fault::Unusable("not text".to_owned()));
        match answer.status {
            200 => {
                let lines = text()?;
                let unusable = |error: ledger::note::Error| Fault::Unusable(error.to_string());
                let countersigned =
                    attach(&checkpoint, lines, std::slice::from_ref(&asked.key)).map_err(unusable)?;
                asked.key.verify(&countersigned).map_err(unusable)?;
                return Ok(lines.to_owned());
            }
            409 => {
                let latest = text()?.strip_suffix('\n').unwrap_or_default().parse::<u64>();
                let latest = latest.map_err(|_| Fault::Forked)?;
                // It is where we said it is, and still in conflict: the roots differ.
                if latest == from {
                    return Err(Fault::Forked);
                }
                from = latest;
            }
            // The proof holds here, between our own trees. If it does not there, it is not our tree there.
            422 => return Err(Fault::Forked),
            status @ (403 | 404) => return Err(Fault::Unknown(status)),
            status => return Err(Fault::Refused(status)),
        }
    }
    Err(Fault::Unusable("it names another size each time".to_owned()))
}

fn log(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::Ledger(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_answer_is_asked_less_and_less_and_never_given_up() {
        let long_ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds));
        for (every, failures, seconds, due) in [
            (10, 0, 0, true),
            (10, 1, 14, false),
            (10, 1, 16, true),
            (10, 4, 154, false),
            (10, 4, 156, true),
            (10, 9_999, 594, false),
            (10, 9_999, 596, true),
            (3_600, 1, 1_700, false),
            (3_600, u32::MAX, 1_900, true),
            (1, 1, 2, true),
        ] {
            let Some(at) = long_ago(seconds) else { continue };
            let said = Said {
                at: Some(at),
                failures,
                ..Said::default()
            };
            let is = is_due(&said, "text", Duration::from_secs(every));
            assert_eq!(is, due, "{failures} failures, {seconds} s ago, every {every} s");
        }
    }

    #[test]
    fn who_countersigned_this_checkpoint_is_asked_again_after_an_hour() {
        let said = |seconds| Said {
            at: Instant::now().checked_sub(Duration::from_secs(seconds)),
            lines: Some(("text".to_owned(), "line".to_owned())),
            ..Said::default()
        };
        let every = Duration::from_secs(10);
        assert!(!is_due(&said(3_590), "text", every));
        assert!(is_due(&said(3_601), "text", every));
        assert!(is_due(&said(0), "grown", every));
    }
}
