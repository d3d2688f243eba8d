//! The writer: one thread that turns what waits into one durable group at a time.
//!
//! A group goes through four steps: take what waits; admit it (find the person, filter it by what
//! their choices permit, seal it); commit (one fsync for all); fold what is durable into the
//! envelopes in memory and answer. Folding comes *after* the commit, so nothing in memory was
//! ever not on disk, and a failed commit needs no undoing.
//!
//! Deliberately does not know: HTTP, what a decision decided.

mod admit;
mod again;
mod answer;
mod choices;
mod counting;
mod house;
mod look;
mod merging;
mod pace;
mod reacting;
mod sending;
mod tidy;
mod whose;

use crate::Unavailable;
use crate::contribution::Counting;
use crate::envelope::{Input, Terms};
use crate::erasure::{Refusals, Said};
use crate::gate::Shared;
use crate::hot::{self, Slot};
use crate::intake::Received;
use crate::join::{Join, NotJoined};
use crate::keys::PersonKey;
use crate::outbox;
use answer::{Answer, Reply, answer, refuse};
use pace::Pace;
pub(crate) use reacting::Reacting;
pub(crate) use sending::Sending;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use store::{Epoch, Leaf, MessageKey, Outcome, RecordId, RecordRow, Seq, Unit, WriteBack};
use tidy::Tidier;
use tokio::sync::oneshot;
use vocabulary::{Blind, Moment, PersonId};

/// Most events in one group.
const GROUP: usize = 4_000;
/// Envelopes whose oldest unwritten event is further back than this are written back.
const LAG: u64 = 50_000;
/// Envelopes written back at once.
const FLUSH: usize = 1_000;
/// The lease, and how often it is renewed, milliseconds.
const LEASE_MS: i64 = 30_000;
const RENEW: Duration = Duration::from_secs(8);
/// How long the writer waits for work before it looks after the house.
const IDLE: Duration = Duration::from_secs(2);

/// What became of one event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// On disk.
    Stored,
    /// The same message of the same source was stored before.
    Duplicate,
    /// Not kept; nothing of it was written.
    Dropped(Reason),
}

/// Why an event was not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// No purpose that the event is declared for is permitted for this person.
    NoPermission,
    /// Nothing of it is declared in the data dictionary.
    NotDeclared,
    /// The person is being erased.
    Gone,
    /// The identifier led to somebody who was erased, and nothing says that they came back themselves:
    /// an explicit consent would.
    Suppressed,
    /// The store lost a race: send it again.
    TryAgain,
}

/// Work for the writer.
pub(crate) enum Job {
    Observe {
        events: Vec<Received>,
        reply: oneshot::Sender<Result<Vec<Fate>, Unavailable>>,
    },
    Input {
        person: PersonId,
        input: Box<Input>,
        reply: oneshot::Sender<Result<Fate, Unavailable>>,
    },
    Record {
        record: Box<Record>,
        reply: oneshot::Sender<Result<bool, Unavailable>>,
    },
    Erase {
        person: PersonId,
        reply: oneshot::Sender<Result<Option<RecordId>, Unavailable>>,
    },
    Merge {
        join: Join,
        reply: oneshot::Sender<Result<Result<Moment, NotJoined>, Unavailable>>,
    },
    Count {
        changes: Vec<Change>,
        now: Moment,
        reply: oneshot::Sender<Result<Vec<bool>, Unavailable>>,
    },
    /// Answers when everything before it is committed.
    Pass {
        reply: oneshot::Sender<()>,
    },
    React {
        reactions: Vec<Reacting>,
        now: Moment,
        reply: oneshot::Sender<Result<Vec<bool>, Unavailable>>,
    },
    Send {
        sendings: Vec<Sending>,
        now: Moment,
        reply: oneshot::Sender<Result<Vec<bool>, Unavailable>>,
    },
    Flush {
        reply: oneshot::Sender<Result<(), Unavailable>>,
    },
    Stop {
        reply: oneshot::Sender<()>,
    },
}

/// What a run over everybody changes of one person's contributions to the sums.
pub(crate) struct Change {
    pub(crate) person: PersonId,
    /// The envelope's version it was made from: of another it is not true. `None`: whatever it is.
    pub(crate) version: Option<u64>,
    pub(crate) counting: Counting,
}

/// A decision to be recorded, provided the person's terms are still those it was permitted under.
pub(crate) struct Record {
    pub(crate) person: PersonId,
    pub(crate) terms_version: Option<u64>,
    pub(crate) row: Option<RecordRow>,
    pub(crate) leaf: Leaf,
}

/// One person's part of a group, on its way to the disk.
struct Pending {
    person: PersonId,
    key: Arc<PersonKey>,
    is_new: bool,
    version: u64,
    stored_version: u64,
    terms: Arc<Terms>,
    /// Each with the terms that hold after it: folding one by one is what a replay does.
    inputs: Vec<(Arc<Terms>, Input)>,
    unit: Unit,
}

/// Which identifiers of an event lead to nobody yet.
struct Unknown {
    user: bool,
    anonymous: bool,
    previous: bool,
}

/// A group being put together.
#[derive(Default)]
struct Group {
    pending: Vec<Pending>,
    by_person: HashMap<PersonId, usize>,
    claimed: HashMap<Blind, PersonId>,
    messages: HashSet<MessageKey>,
    replies: Vec<Reply>,
}

impl Group {
    /// Nothing but decisions: events and choices never wait.
    fn records_only(&self) -> bool {
        !self.replies.is_empty()
            && self
                .replies
                .iter()
                .all(|reply| matches!(reply, Reply::Record(..)))
    }
}

pub(crate) struct Writer {
    shared: Arc<Shared>,
    queue: mpsc::Receiver<Job>,
    epoch: Epoch,
    renewed: Instant,
    /// Persons with events their stored row lacks, by their oldest such event.
    dirty: VecDeque<(Seq, PersonId)>,
    head: Seq,
    tidier: Tidier,
    pace: Pace,
    /// What is refused, outside the store.
    refusals: Refusals,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        queue: mpsc::Receiver<Job>,
        epoch: Epoch,
        dirty: VecDeque<(Seq, PersonId)>,
        head: Seq,
        refusals: Refusals,
    ) -> Writer {
        shared.all_touched(dirty.iter().map(|(_, person)| *person));
        let renewed = Instant::now();
        let tidier = Tidier::start(&shared);
        Writer {
            shared,
            queue,
            epoch,
            renewed,
            dirty,
            head,
            tidier,
            pace: Pace::default(),
            refusals,
        }
    }

    /// Runs until told to stop, or until the gate is gone.
    pub(crate) fn run(mut self) {
        let _alarm = Alarm(Arc::clone(&self.shared));
        loop {
            match self.queue.recv_timeout(IDLE) {
                Ok(first) => {
                    if let Some(stop) = self.round(first) {
                        self.finish();
                        // Nobody may be waiting for the answer any more.
                        let _ = stop.send(());
                        return;
                    }
                }
                // The lease must be renewed also when nothing happens.
                Err(mpsc::RecvTimeoutError::Timeout) => self.idle(),
                Err(mpsc::RecvTimeoutError::Disconnected) => return self.finish(),
            }
        }
    }

    /// One group: all that waits now.
    fn round(&mut self, first: Job) -> Option<oneshot::Sender<()>> {
        let mut group = Group::default();
        let mut events = 0;
        let mut waited = false;
        let mut next = Some(first);
        while let Some(job) = next {
            events += weight(&job);
            self.shared.waiting.fetch_sub(weight(&job), Ordering::Relaxed);
            match job {
                Job::Observe { events, reply } => self.observe(&mut group, events, reply),
                Job::Input { person, input, reply } => self.input(&mut group, person, *input, reply),
                Job::Record { record, reply } => self.record(&mut group, *record, reply),
                Job::Count { changes, now, reply } => self.count(&mut group, changes, now, reply),
                Job::React {
                    reactions,
                    now,
                    reply,
                } => self.react(&mut group, reactions, now, reply),
                Job::Send { sendings, now, reply } => self.send(&mut group, sendings, now, reply),
                Job::Erase { person, reply } => {
                    self.commit(std::mem::take(&mut group));
                    let _ = reply.send(self.erase(person));
                }
                Job::Merge { join, reply } => {
                    self.commit(std::mem::take(&mut group));
                    let _ = reply.send(self.merge(&join));
                }
                Job::Pass { reply } => {
                    self.commit(std::mem::take(&mut group));
                    let _ = reply.send(());
                }
                Job::Flush { reply } => {
                    self.commit(std::mem::take(&mut group));
                    let _ = reply.send(self.flush_all());
                }
                Job::Stop { reply } => {
                    self.commit(std::mem::take(&mut group));
                    return Some(reply);
                }
            }
            next = if events < GROUP {
                self.queue.try_recv().ok()
            } else {
                None
            };
            if next.is_none()
                && !waited
                && group.records_only()
                && let Some(rest) = self.pace.wait(group.replies.len(), Instant::now())
            {
                waited = true;
                std::thread::sleep(rest);
                next = self.queue.try_recv().ok();
                self.pace.waited(next.is_some());
            }
        }
        self.commit(group);
        self.pace.ended(Instant::now());
        self.keep_house(events);
        None
    }

    /// Commits a group, folds what is durable into memory, and answers.
    fn commit(&mut self, mut group: Group) {
        if group.pending.is_empty() && group.replies.is_empty() {
            return;
        }
        let outcomes = self.write(&mut group);
        match outcomes {
            Ok(outcomes) => {
                let done: Vec<bool> = group
                    .pending
                    .drain(..)
                    .zip(&outcomes)
                    .map(|(pending, outcome)| self.settle(pending, *outcome))
                    .collect();
                let done = |index: usize| done.get(index).copied().unwrap_or(false);
                for reply in group.replies {
                    answer(reply, &done);
                }
            }
            Err(error) => {
                self.shared.note(&error);
                for reply in group.replies {
                    refuse(reply, &error);
                }
            }
        }
    }

    fn write(&mut self, group: &mut Group) -> Result<Vec<Outcome>, store::Error> {
        if self.shared.shelf.write_back() == WriteBack::Eager {
            for pending in &mut group.pending {
                if pending.inputs.is_empty() {
                    continue;
                }
                let row = self
                    .folded(pending)
                    .map_err(|e| store::Error::Broken(e.to_string()))?;
                pending.unit.envelope = Some((pending.stored_version, row));
            }
        }
        // Somebody who was looked at and of whom nothing is kept has nothing to write.
        let mut outcomes = vec![Outcome::Done { last_seq: 0 }; group.pending.len()];
        let (places, units): (Vec<usize>, Vec<Unit>) = group
            .pending
            .iter_mut()
            .map(|pending| std::mem::take(&mut pending.unit))
            .enumerate()
            .filter(|(_, unit)| !unit.events.is_empty() || !unit.leaves.is_empty())
            .unzip();
        if units.is_empty() {
            return self.wait_as_for_a_write(group).map(|()| outcomes);
        }
        let said: Vec<Said> = group
            .pending
            .iter()
            .flat_map(|p| p.inputs.iter().filter_map(|(_, input)| Said::of(p.person, input)))
            .collect();
        // Before the store: what is acknowledged as refused is refused for good.
        self.refusals.write_ahead(&said)?;
        self.shared.groups.fetch_add(1, Ordering::Relaxed);
        let committed = self.shared.shelf.commit(self.epoch, &units);
        let done = |outcome: &Outcome| matches!(outcome, Outcome::Done { .. });
        let claims = units.iter().zip(committed.iter().flatten());
        let claims = claims.filter(|(unit, outcome)| unit.person.is_some() && done(outcome));
        self.shared.known.claim(claims.flat_map(|(unit, _)| {
            let person = unit.person.unwrap_or(PersonId::NOBODY);
            unit.identifiers.iter().map(move |blind| (*blind, person))
        }));
        for (place, written) in places.into_iter().zip(committed?) {
            if let Some(outcome) = outcomes.get_mut(place) {
                *outcome = written;
            }
        }
        Ok(outcomes)
    }

    /// Nothing of a group of events is kept. Its answer comes after a write to the disk all the same: how long
    /// it takes must not tell who permits something from who does not, nor either from a stranger.
    fn wait_as_for_a_write(&self, group: &Group) -> Result<(), store::Error> {
        let events = |reply: &Reply| matches!(reply, Reply::Observe(..));
        if group.replies.iter().any(events) {
            self.shared.groups.fetch_add(1, Ordering::Relaxed);
            self.shared.shelf.commit(self.epoch, &[Unit::default()])?;
        }
        Ok(())
    }

    /// The envelope as it will be, for drivers that want it in the same transaction.
    fn folded(&self, pending: &Pending) -> Result<store::PersonRow, Unavailable> {
        let mut scratch = Slot::new(Arc::clone(&pending.key));
        if !pending.is_new {
            let content = self.with_slot(pending.person, |slot| Ok(slot.content(pending.person)?.clone()))?;
            scratch.content = hot::Part::Open(Box::new(content.unwrap_or_default()));
        }
        for (terms, input) in &pending.inputs {
            crate::fold::fold_content(terms, scratch.content(pending.person)?, input);
        }
        scratch.terms = Arc::clone(&pending.terms);
        scratch.version = pending.version;
        scratch.row(pending.person)
    }

    /// After the commit: memory catches up with the disk.
    fn settle(&mut self, pending: Pending, outcome: Outcome) -> bool {
        let Outcome::Done { last_seq } = outcome else {
            // Somebody else changed the row: what is in memory is stale unless it is ahead.
            if self.shared.shelf.write_back() == WriteBack::Eager {
                self.shared.hot.remove(pending.person);
            }
            return false;
        };
        self.head = self.head.max(last_seq);
        if pending.inputs.is_empty() {
            return true;
        }
        let eager = self.shared.shelf.write_back() == WriteBack::Eager;
        let first = (last_seq + 1).saturating_sub(pending.inputs.len() as u64);
        if pending.is_new {
            let mut slot = Slot::new(Arc::clone(&pending.key));
            // Dirty from the first moment: a clean slot may leave at any time to make room, and
            // without a row in the store there would be nothing to load again.
            slot.dirty_since = (!eager).then_some(first);
            self.shared.hot.insert(pending.person, slot);
        }
        let person = pending.person;
        if pending
            .inputs
            .iter()
            .any(|(_, input)| input.automates == Some(true))
        {
            self.shared.touched(person);
        }
        let said = pending.inputs.iter().any(|(_, input)| outbox::is_said(input));
        let fold = |slot: &mut Slot| {
            // The slot may have been loaded again after an eager commit already brought it up.
            let behind = pending.version.saturating_sub(slot.version) as usize;
            let skip = pending.inputs.len().saturating_sub(behind);
            let content = slot.content(person)?;
            for (terms, input) in pending.inputs.iter().skip(skip) {
                crate::fold::fold_content(terms, content, input);
            }
            if said && content.outbox.is_some() {
                self.shared.leaves(person);
            }
            slot.terms = Arc::clone(&pending.terms);
            slot.version = pending.version;
            slot.last_seq = last_seq;
            if eager {
                slot.stored_version = pending.version;
                return Ok(None);
            }
            let newly_dirty = pending.is_new || slot.dirty_since.is_none();
            slot.dirty_since.get_or_insert(first);
            Ok(newly_dirty.then_some(first))
        };
        // So that a key-encryption key that does not answer now cannot come between disk and memory.
        self.shared.keyring.keep(person, &pending.key);
        let folded = if pending.is_new {
            // Folded before anybody can see it, and dirty before it could be evicted.
            let mut slot = Slot::new(Arc::clone(&pending.key));
            let folded = fold(&mut slot).map(Some);
            self.shared.hot.insert(person, slot);
            folded
        } else {
            self.with_slot(person, fold)
        };
        match folded {
            Ok(Some(Some(first))) => self.dirty.push_back((first, person)),
            Ok(Some(None)) => {}
            Ok(None) => self.shared.stop(&Unavailable::Stopped),
            // The envelope cannot be read: serving on would lose what was just acknowledged.
            Err(error) => self.shared.stop(&error),
        }
        true
    }
}

/// When the writer's thread ends, however it ends, nothing is accepted any more.
struct Alarm(Arc<Shared>);

impl Drop for Alarm {
    fn drop(&mut self) {
        self.0.ended();
    }
}

/// What a job counts against the bound on what may wait.
pub(crate) fn weight(job: &Job) -> usize {
    match job {
        Job::Observe { events, .. } => events.len().max(1),
        Job::Count { changes, .. } => changes.len().max(1),
        Job::React { reactions, .. } => reactions.len().max(1),
        Job::Send { sendings, .. } => sendings.len().max(1),
        _ => 1,
    }
}
