//! Messages leave: whoever has something due in their outbox is permitted, cleared and marked, and what was marked is
//! handed to its channel while the next are marked. What channels say is written down in groups.
//!
//! An error stops nothing for good: what was not marked waits, what was marked and not answered is in doubt, and
//! nothing for marketing is handed over twice. Nothing personal is logged.
//!
//! Deliberately does not know: what a message says, how a channel works.

use crate::app::App;
use crate::automation::Running;
use crate::outgoing::{Paced, carry};
use decide::compose::Outgoing;
use gate::charter::Requester;
use gate::clearance::Code;
use gate::dispatch::{Dispatched, HandedOver, Handover};
use gate::{Ask, Unavailable};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use vocabulary::{PersonId, Signals};

/// Answers that are written down together.
const ANSWERS: usize = 64;
/// Between two looks at an empty agenda.
const IDLE: Duration = Duration::from_millis(250);
/// The longest pause after failures.
const LONGEST: Duration = Duration::from_secs(60);

type Answered = HandedOver<Outgoing>;

/// Runs until told to stop, and ends when what is under way is answered.
pub async fn run(app: App, mut quit: watch::Receiver<bool>) {
    let mut sender = Sender::default();
    let mut failures = 0u32;
    while !*quit.borrow() {
        let pause = match sender.turn(&app).await {
            Ok(true) => {
                failures = 0;
                continue;
            }
            Ok(false) => {
                failures = 0;
                IDLE
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::error!(%error, failures, "messages could not be sent; they go on waiting");
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
    sender.finish(&app).await;
}

/// What is under way.
#[derive(Default)]
pub struct Sender {
    under_way: JoinSet<Answered>,
    /// Who was looked at last with nothing to show for it.
    vain: Vec<PersonId>,
}

impl Sender {
    /// One turn: the next are marked and handed over, answers are written down. Answers whether there is more to be
    /// done at once.
    pub async fn turn(&mut self, app: &App) -> Result<bool, Unavailable> {
        let mut found = false;
        // While half of them are under way the next are marked.
        if self.under_way.len() <= app.exit.at_once / 2 {
            found = self.mark(app).await?;
        }
        let answered = self.answers(app).await?;
        Ok(found || answered || !self.under_way.is_empty())
    }

    /// Waits for what is under way, and writes down what became of it.
    pub async fn finish(&mut self, app: &App) {
        while !self.under_way.is_empty() {
            if let Err(error) = self.answers(app).await {
                tracing::error!(%error, "what became of messages could not be written down: they are in doubt");
                return;
            }
        }
    }

    async fn mark(&mut self, app: &App) -> Result<bool, Unavailable> {
        let Some(running) = app.running().filter(|running| running.words().is_some()) else {
            return Ok(false);
        };
        let room = app.exit.at_once.saturating_sub(self.under_way.len()).max(1);
        let people = app.gate.outgoing(app.now(), room).await?;
        if people.is_empty() {
            metrics::gauge!("egard_send_lag_seconds").set(0.0);
            self.vain.clear();
            return Ok(false);
        }
        let dispatched = dispatch(app, running, people.clone(), room).await;
        let dispatched = match dispatched {
            Ok(dispatched) => dispatched,
            Err(error) => {
                app.gate.leave_again(people);
                return Err(error);
            }
        };
        told(app, &dispatched);
        let nothing = dispatched.letters.is_empty() && dispatched.ended.is_empty() && dispatched.tasks == 0;
        let vain = nothing && dispatched.in_doubt == 0 && people == self.vain;
        self.vain = if nothing { people } else { Vec::new() };
        for handover in dispatched.letters {
            self.hand_over(app, handover);
        }
        Ok(!vain)
    }

    fn hand_over(&mut self, app: &App, handover: Handover<Outgoing>) {
        let app = app.clone();
        self.under_way.spawn(async move {
            let outcome = carry(&app, &handover).await;
            HandedOver { handover, outcome }
        });
    }

    /// Waits for one answer at least, if anything is under way, and writes down all there are.
    async fn answers(&mut self, app: &App) -> Result<bool, Unavailable> {
        let mut all = Vec::new();
        // Not for long: meanwhile somebody else's message becomes due.
        if let Ok(Some(first)) = tokio::time::timeout(IDLE, self.under_way.join_next()).await {
            keep(&mut all, first);
        }
        while all.len() < ANSWERS {
            match self.under_way.try_join_next() {
                Some(next) => keep(&mut all, next),
                None => break,
            }
        }
        if all.is_empty() {
            return Ok(false);
        }
        for answered in &all {
            let channel = answered
                .handover
                .channel()
                .map_or("webhook", |channel| channel.as_str());
            let outcome = outcome(answered);
            metrics::counter!("egard_messages_total", "channel" => channel, "outcome" => outcome)
                .increment(1);
        }
        let became: Vec<_> = all.iter().filter_map(became).collect();
        let (gate, now) = (app.gate.clone(), app.now());
        let written = tokio::task::spawn_blocking(move || gate.answered(all, now)).await;
        written.map_err(|_| Unavailable::Stopped)??;
        for (kind, code) in became {
            app.note_outbox(kind, [(code, 1)]);
        }
        Ok(true)
    }
}

/// A task that fell over gives no answer: what it carried is in doubt.
fn keep(all: &mut Vec<Answered>, joined: Result<Answered, tokio::task::JoinError>) {
    match joined {
        Ok(answered) => all.push(answered),
        Err(_) => tracing::error!("a message fell over on its way; it is in doubt"),
    }
}

async fn dispatch(
    app: &App,
    running: Arc<Running>,
    people: Vec<PersonId>,
    most: usize,
) -> Result<Dispatched<Outgoing>, Unavailable> {
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    let (gate, app) = (app.gate.clone(), app.clone());
    let turn = tokio::task::spawn_blocking(move || match running.words() {
        Some(words) => {
            let paced = Paced {
                words: &words,
                app: &app,
            };
            gate.dispatch(people, ask, &paced, most)
        }
        None => Ok(Dispatched::default()),
    });
    turn.await.unwrap_or(Err(Unavailable::Stopped))
}

fn told(app: &App, dispatched: &Dispatched<Outgoing>) {
    let by_code = |counts: &BTreeMap<Code, u64>| -> Vec<(&'static str, u64)> {
        counts
            .iter()
            .map(|(code, count)| (code.as_str(), *count))
            .collect()
    };
    app.note_outbox("ended", by_code(&dispatched.ended));
    app.note_outbox("later", by_code(&dispatched.later));
    app.note_outbox("ended", [(Code::InDoubt.as_str(), dispatched.in_doubt)]);
    metrics::gauge!("egard_send_lag_seconds").set(dispatched.late_ms as f64 / 1_000.0);
    metrics::counter!("egard_messages_in_doubt_total").increment(dispatched.in_doubt);
    metrics::counter!("egard_tasks_total").increment(dispatched.tasks);
    for (code, count) in &dispatched.ended {
        metrics::counter!("egard_messages_refused_total", "code" => code.as_str()).increment(*count);
    }
    for (code, count) in &dispatched.later {
        metrics::counter!("egard_messages_put_off_total", "code" => code.as_str()).increment(*count);
    }
}

/// What became of one for good, as it is counted for the team.
fn became(answered: &Answered) -> Option<(&'static str, &'static str)> {
    use gate::dispatch::Outcome;
    match answered.outcome {
        Outcome::Accepted => {
            let channel = answered.handover.channel();
            Some(("left", channel.map_or("webhook", |channel| channel.as_str())))
        }
        Outcome::Refused { .. } => Some(("ended", Code::ChannelRefused.as_str())),
        Outcome::NotNow { .. } => Some(("later", Code::ChannelBusy.as_str())),
        Outcome::Unknown => Some(("ended", Code::InDoubt.as_str())),
        Outcome::Withdrawn => None,
    }
}

fn outcome(answered: &Answered) -> &'static str {
    use gate::dispatch::Outcome;
    match answered.outcome {
        Outcome::Accepted => "accepted",
        Outcome::NotNow { .. } => "not_now",
        Outcome::Refused { .. } => "refused",
        Outcome::Unknown => "in_doubt",
        Outcome::Withdrawn => "withdrawn",
    }
}
