//! What a program does to people, by itself: whoever something changed for, or whose moment has come, is
//! looked at; and while a program comes into force everybody who was there before is reached once, page by page.
//!
//! A look that fails is taken again, later each time. What a killed process had not finished is found by the
//! next: who is due stands in the store, and how far a program has come does too. Nothing personal is logged.
//!
//! Deliberately does not know: what a look does (`decide`), HTTP.

use crate::app::App;
use crate::automation::{self, Running};
use gate::charter::Requester;
use gate::{Ask, Looked, Unavailable};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use vocabulary::{PersonId, Signals};

/// People of one run.
const RUN: usize = 1_000;
/// People of one page of those who were there before: short, so that what just happened does not wait long.
const PAGE: usize = 500;
/// Between two looks at an empty agenda.
const IDLE: Duration = Duration::from_millis(500);
/// Between two looks at which program is in force.
const PROGRAM: Duration = Duration::from_secs(2);
/// Between two times at which counts are written down.
const FLOW: Duration = Duration::from_secs(60);
/// The longest pause after failures.
const LONGEST: Duration = Duration::from_secs(60);

/// Runs until told to stop, and ends between two runs.
pub async fn run(app: App, mut quit: watch::Receiver<bool>) {
    let mut reactor = Reactor::default();
    let mut failures = 0u32;
    let mut kept = Instant::now();
    while !*quit.borrow() {
        if kept.elapsed() >= FLOW {
            kept = Instant::now();
            keep_flow(&app).await;
        }
        let pause = match reactor.turn(&app).await {
            Ok(true) => {
                failures = 0;
                tokio::task::yield_now().await;
                continue;
            }
            Ok(false) => {
                failures = 0;
                IDLE
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::error!(%error, failures, "looks at people failed; they are taken again");
                IDLE.saturating_mul(1 << failures.min(10)).min(LONGEST)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            changed = quit.changed() => {
                if changed.is_err() {
                    break;
                }
            }
        }
    }
    keep_flow(&app).await;
}

/// Writes down how often what happened. What fails is tried again with what comes.
async fn keep_flow(app: &App) {
    if let Err(error) = app.keep_flow().await {
        tracing::warn!(%error, "counts of journeys were not written down; they are tried again");
    }
}

/// What the loop remembers from one turn to the next.
#[derive(Default)]
pub struct Reactor {
    program: Option<Instant>,
    /// Under which number the page after page was begun in this process.
    begun: Option<u64>,
    /// Who was looked at last with nothing to show for it.
    vain: Vec<PersonId>,
}

impl Reactor {
    /// One turn: the program, the agenda, a page of those who were there before. Answers whether there is more
    /// to be done at once.
    pub async fn turn(&mut self, app: &App) -> Result<bool, Unavailable> {
        if self.program.is_none_or(|last| last.elapsed() >= PROGRAM) {
            automation::refresh(app).await?;
            self.program = Some(Instant::now());
        }
        let Some(running) = app.running() else {
            return Ok(false);
        };
        let reacted = running.acts() && self.react(app, &running).await?;
        let reached = self.reach(app, &running).await?;
        Ok(reacted || reached)
    }

    async fn react(&mut self, app: &App, running: &Arc<Running>) -> Result<bool, Unavailable> {
        let people = app.gate.agenda(app.now(), RUN).await?;
        if people.is_empty() {
            metrics::gauge!("egard_reaction_lag_seconds").set(0.0);
            return Ok(false);
        }
        let coming = app.backfilled().is_some_and(|reached| !reached.done);
        let looked = look(app, running, people.clone(), coming).await?;
        metrics::gauge!("egard_reaction_lag_seconds").set(looked.late_ms as f64 / 1_000.0);
        // Whoever comes again and again without anything changing must not keep the machine busy.
        let vain = looked.changed == 0 && people == self.vain;
        self.vain = if looked.changed == 0 { people } else { Vec::new() };
        Ok(!vain)
    }

    /// A page of those who were there when the program came.
    async fn reach(&mut self, app: &App, running: &Arc<Running>) -> Result<bool, Unavailable> {
        let Some(mut reached) = app.backfilled().filter(|reached| !reached.done) else {
            return Ok(false);
        };
        if self.begun != Some(reached.number) {
            // Whoever is in memory alone would be passed over.
            app.gate.write_back().await?;
            self.begun = Some(reached.number);
        }
        let page = app.gate.people_after(reached.after, PAGE).await?;
        match page.last() {
            None => reached.done = true,
            Some(last) => {
                reached.after = Some(*last);
                reached.reached += page.len() as u64;
                look(app, running, page, true).await?;
            }
        }
        // After what it speaks of: a killed process looks at some people twice, which changes nothing.
        app.gate.keep_backfill(running.applied.digest, reached).await?;
        app.has_reached(reached);
        if reached.done {
            tracing::info!(
                people = reached.reached,
                "the program in force has reached everybody"
            );
        }
        Ok(!reached.done)
    }
}

/// Looks at these people, beside the asynchronous threads. `coming`: the program has not reached everybody yet.
async fn look(
    app: &App,
    running: &Arc<Running>,
    people: Vec<PersonId>,
    coming: bool,
) -> Result<Looked, Unavailable> {
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    let from = running.applied.at;
    let (gate, running) = (app.gate.clone(), Arc::clone(running));
    let looks = app
        .gate
        .looks(people.clone(), ask, running.program.digest())
        .await;
    let looked = match looks {
        Ok(looks) => {
            let looked = tokio::task::spawn_blocking(move || {
                gate.react(looks, |opened, beside| match coming {
                    true => running
                        .automation
                        .look_while_it_comes(opened.view(), beside, from),
                    false => running.automation.look(opened.view(), beside, false),
                })
            });
            looked.await.unwrap_or(Err(Unavailable::Stopped))
        }
        Err(error) => Err(error),
    };
    match looked {
        Ok(looked) => {
            metrics::counter!("egard_looks_total").increment(looked.looked);
            metrics::counter!("egard_reactions_total").increment(looked.changed);
            metrics::counter!("egard_looks_again_total").increment(looked.again);
            app.note_flow(looked.counts.clone());
            app.note_too_large(looked.too_large);
            Ok(looked)
        }
        Err(error) => {
            app.gate.look_again(people);
            Err(error)
        }
    }
}
