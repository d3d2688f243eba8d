//! Messages leave: whoever has something due in their outbox is permitted, cleared and marked, and what was marked is
//! handed to its channel while the next are marked. What channels say is written down in groups. No more are marked
//! and without an answer than [`crate::outgoing::Exit::at_once`] says: so many are in doubt after a kill.
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
use gate::clearance::{Code, WhySuppressed};
use gate::dispatch::{Dispatched, HandedOver};
use gate::{Ask, Unavailable};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use vocabulary::{PersonId, Signals};

/// Between two looks at an empty agenda.
const IDLE: Duration = Duration::from_millis(250);
/// Between two looks at people who only wait.
const REST: Duration = Duration::from_millis(50);
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

/// What is under way. Three things go on side by side, each one at a time: the next are marked, messages are on
/// their way, and what became of those before is written down; the writer puts the first and the last into one group.
#[derive(Default)]
pub struct Sender {
    under_way: JoinSet<Answered>,
    /// What became of these is not being written down yet.
    answered: Vec<Answered>,
    marking: Option<JoinHandle<Result<Marked, Unavailable>>>,
    writing: Option<Writing>,
    /// The last turn found people of whom nothing left.
    vain: bool,
    /// Before then nobody is marked: whoever was looked at only waits.
    rest_until: Option<Instant>,
}

/// How many messages these are of, what they are counted as, and the write that is under way.
type Writing = (usize, Vec<Became>, JoinHandle<Result<(), Unavailable>>);
type Became = (&'static str, &'static str);

/// What came of marking.
struct Marked {
    found: bool,
    dispatched: Dispatched<Outgoing>,
}

impl Sender {
    /// One step: what can be begun is begun, and the first thing that ends is seen to. Answers whether there is more
    /// to be done at once.
    pub async fn turn(&mut self, app: &App) -> Result<bool, Unavailable> {
        let resting = self.rest_until.is_some_and(|until| Instant::now() < until);
        // While half of them are under way the next are marked.
        let room = app.exit.at_once.saturating_sub(self.unanswered());
        if self.marking.is_none() && !resting && room > 0 && room >= app.exit.at_once / 2 {
            let app = app.clone();
            self.marking = Some(tokio::spawn(async move { mark(&app, room).await }));
        }
        if self.writing.is_none() && !self.answered.is_empty() {
            self.write_down(app);
        }
        let idle = self.unanswered() == 0;
        tokio::select! {
            marked = ended(self.marking.as_mut()) => {
                self.marking = None;
                Ok(self.hand_over(app, marked?) || !idle)
            }
            written = ended(self.writing.as_mut().map(|(_, _, task)| task)) => {
                let became = self.writing.take().map(|(_, became, _)| became);
                written?;
                for (kind, code) in became.into_iter().flatten() {
                    app.note_outbox(kind, [(code, 1)]);
                }
                Ok(true)
            }
            Some(first) = self.under_way.join_next() => {
                keep(&mut self.answered, first);
                while let Some(next) = self.under_way.try_join_next() {
                    keep(&mut self.answered, next);
                }
                Ok(true)
            }
            // Not for long: meanwhile somebody else's message becomes due.
            () = tokio::time::sleep(if resting { REST } else { IDLE }) => Ok(!idle || resting),
        }
    }

    /// Waits for what is under way, and writes down what became of it.
    pub async fn finish(&mut self, app: &App) {
        // What is marked by now is handed over: it would be in doubt otherwise.
        if let Some(marking) = self.marking.take()
            && let Ok(Ok(marked)) = marking.await
        {
            self.hand_over(app, marked);
        }
        while let Some(answered) = self.under_way.join_next().await {
            keep(&mut self.answered, answered);
        }
        while self.writing.is_some() || !self.answered.is_empty() {
            if self.writing.is_none() {
                self.write_down(app);
            }
            let Some((_, _, task)) = self.writing.take() else {
                return;
            };
            if !matches!(task.await, Ok(Ok(()))) {
                tracing::error!("what became of messages could not be written down: they are in doubt");
                return;
            }
        }
    }

    /// Messages that were marked and have no answer on disk.
    fn unanswered(&self) -> usize {
        let writing = self.writing.as_ref().map_or(0, |(count, _, _)| *count);
        self.under_way.len() + self.answered.len() + writing
    }

    /// Whether more is to be done at once.
    fn hand_over(&mut self, app: &App, marked: Marked) -> bool {
        let Marked { found, dispatched } = marked;
        if !found {
            self.vain = false;
            return false;
        }
        told(app, &dispatched);
        let nothing = dispatched.letters.is_empty() && dispatched.ended.is_empty() && dispatched.tasks == 0;
        let vain = nothing && dispatched.in_doubt == 0;
        // Whoever only waits for a channel must not keep the machine busy.
        self.rest_until = (vain && self.vain).then(|| Instant::now() + REST);
        self.vain = vain;
        for handover in dispatched.letters {
            let app = app.clone();
            self.under_way.spawn(async move {
                let outcome = carry(&app, &handover).await;
                HandedOver { handover, outcome }
            });
        }
        true
    }

    /// Begins to write down all there are.
    fn write_down(&mut self, app: &App) {
        let all = std::mem::take(&mut self.answered);
        for answered in &all {
            let channel = answered
                .handover
                .channel()
                .map_or("webhook", |channel| channel.as_str());
            let outcome = outcome(answered);
            metrics::counter!("egard_messages_total", "channel" => channel, "outcome" => outcome)
                .increment(1);
        }
        let became: Vec<Became> = all
            .iter()
            .flat_map(|one| became(one).into_iter().chain(closed(one)))
            .collect();
        let (gate, now, count) = (app.gate.clone(), app.now(), all.len());
        let task = tokio::task::spawn_blocking(move || gate.answered(all, now));
        self.writing = Some((count, became, task));
    }
}

/// Ends when that task does; never if there is none.
async fn ended<T>(task: Option<&mut JoinHandle<Result<T, Unavailable>>>) -> Result<T, Unavailable> {
    match task {
        Some(task) => task.await.unwrap_or(Err(Unavailable::Stopped)),
        None => std::future::pending().await,
    }
}

/// Marks the next, so many at most.
async fn mark(app: &App, room: usize) -> Result<Marked, Unavailable> {
    let none = Marked {
        found: false,
        dispatched: Dispatched::default(),
    };
    let Some(running) = app.running().filter(|running| running.words().is_some()) else {
        return Ok(none);
    };
    let people = app.gate.outgoing(app.now(), room).await?;
    if people.is_empty() {
        metrics::gauge!("egard_send_lag_seconds").set(0.0);
        return Ok(none);
    }
    match dispatch(app, running, people.clone(), room).await {
        Ok(dispatched) => Ok(Marked {
            found: true,
            dispatched,
        }),
        Err(error) => {
            app.gate.leave_again(people);
            Err(error)
        }
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
        Outcome::Refused { .. } | Outcome::Gone { .. } => Some(("ended", Code::ChannelRefused.as_str())),
        Outcome::NotNow { .. } => Some(("later", Code::ChannelBusy.as_str())),
        Outcome::Unknown => Some(("ended", Code::InDoubt.as_str())),
        Outcome::Withdrawn => None,
    }
}

/// A way that was closed by it.
fn closed(answered: &Answered) -> Option<Became> {
    let dead = matches!(answered.outcome, gate::dispatch::Outcome::Refused { dead: true });
    let channel = answered.handover.channel().filter(|_| dead);
    channel.map(|_| ("closed", WhySuppressed::HardBounce.as_str()))
}

fn outcome(answered: &Answered) -> &'static str {
    use gate::dispatch::Outcome;
    match answered.outcome {
        Outcome::Accepted => "accepted",
        Outcome::NotNow { .. } => "not_now",
        Outcome::Refused { .. } => "refused",
        Outcome::Gone { .. } => "gone",
        Outcome::Unknown => "in_doubt",
        Outcome::Withdrawn => "withdrawn",
    }
}
