//! Automation's way to people: who is to be looked at, the permits for a look, and what the look changes.
//!
//! Whoever permits `segment` is looked at when something about them changes, and when the moment has come
//! at which something would change by itself. A look that only moves that moment changes memory alone: after
//! a crash the person is looked at again and comes to the same. What somebody enters, leaves or is to be
//! sent is durable before anybody hears of it, and under the very version of the envelope that was looked
//! at: what changed meanwhile is looked at again, and nothing happens twice.
//!
//! Deliberately does not know: groups, journeys (`decide`), when looks are taken (`server::work`).

use crate::automation::{self, Automation, Reaction, STATE_MAX};
use crate::envelope::Trait;
use crate::gate::{Gate, Shared};
use crate::hot::{self, Slot};
use crate::permit::{Granted, Opened};
use crate::purposes::{Purpose, Segments, sealed::Look};
use crate::record::Statement;
use crate::run::PAGE;
use crate::writer::{Job, Reacting};
use crate::{Ask, Unavailable};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use store::WriteBack;
use tokio::sync::oneshot;
use vocabulary::{DAY_MS, Digest, Moment, PersonId, PurposeName, PurposeSet};

/// Moments further ahead than this are left to the store, which has them by then.
const AHEAD_MS: i64 = 2 * DAY_MS;

/// Who is to be looked at, as far as memory knows; the store knows the rest.
#[derive(Default)]
pub(crate) struct Agenda {
    /// Something about them changed.
    touched: HashSet<PersonId>,
    /// Their moment comes.
    due: BTreeSet<(Moment, PersonId)>,
    /// When all that memory knows was last written back: the store knows the moments further ahead.
    written_back: Option<Moment>,
}

/// Permits for looks at some people. Spent by looking.
#[must_use = "permits that are not spent open nothing"]
pub struct Looks {
    people: Vec<PersonId>,
    refused: Vec<PersonId>,
    ask: Ask,
    program: Digest,
}

impl Looks {
    /// How many people may be looked at.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody may be looked at.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// What stands beside a view.
#[derive(Clone, Copy)]
pub struct Beside {
    /// What is permitted now.
    pub permitted: PurposeSet,
    /// The person's own seed, the same at each look; it dies with them.
    pub seed: [u8; 32],
    /// Now.
    pub now: Moment,
}

/// What a look came to.
pub struct Reacted {
    /// What to keep for the next look, at most 64 KiB.
    pub state: Vec<u8>,
    /// When to look again though nothing arrives.
    pub due: Option<Moment>,
    /// Something other than that moment changed: it is made durable.
    pub changed: bool,
    /// Traits that a journey sets: journey, name, JSON text; none: taken away.
    pub set: Vec<(String, String, Option<String>)>,
    /// What happened, as canonical JSON: it becomes a record with its leaf.
    pub told: Option<String>,
}

/// What became of looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// People who were looked at.
    pub looked: u64,
    /// Of these, for whom something was made durable.
    pub changed: u64,
    /// Who changed meanwhile, and is on the agenda again.
    pub again: u64,
    /// Of whom there would have been more to keep than 64 KiB: what was kept before stays, and they are looked
    /// at again when something about them changes, and not before.
    pub too_large: u64,
    /// How much later than it was due the latest of these looks was, milliseconds; 0 if none was due by time.
    pub late_ms: i64,
}

impl Gate {
    /// Switches automation on or off: whether what arrives is to be looked at.
    pub fn automate(&self, on: bool) {
        self.shared().automates.store(on, Ordering::Release);
    }

    /// Who is to be looked at now, at most about `limit`; nobody twice.
    pub async fn agenda(&self, now: Moment, limit: usize) -> Result<Vec<PersonId>, Unavailable> {
        let written_back = lock(&self.shared().agenda).written_back;
        if written_back.is_none_or(|at| now.0.saturating_sub(at.0).abs() >= AHEAD_MS / 2) {
            self.write_back().await?;
            lock(&self.shared().agenda).written_back = Some(now);
        }
        let (mut people, stale) = self.blocking(move |gate| gate.on_agenda(now, limit)).await?;
        if stale > 0 && people.len() < limit {
            // Rows that memory is ahead of hide those behind them.
            self.write_back().await?;
            let (more, _) = self.blocking(move |gate| gate.on_agenda(now, limit)).await?;
            let known: HashSet<PersonId> = people.iter().copied().collect();
            people.extend(more.into_iter().filter(|person| !known.contains(person)));
        }
        Ok(people)
    }

    /// Puts people on the agenda again whose looks were not taken after all.
    pub fn look_again(&self, people: impl IntoIterator<Item = PersonId>) {
        self.shared().all_touched(people.into_iter());
    }

    /// Asks for looks at these people. One leaf says for how many.
    pub async fn looks(
        &self,
        people: Vec<PersonId>,
        ask: Ask,
        program: Digest,
    ) -> Result<Looks, Unavailable> {
        let judged = self.blocking(move |gate| gate.judge_some(people, &ask)).await?;
        let (people, refused) = judged;
        if !people.is_empty() {
            let mut sum = Vec::with_capacity(people.len() * 16);
            people.iter().for_each(|person| sum.extend_from_slice(&person.0));
            let details = format!(
                "{{\"people\":{},\"people_digest\":\"{}\",\"refused\":{}}}",
                people.len(),
                Digest::of(&sum),
                refused.len()
            );
            let statement = Statement {
                kind: "run",
                purpose: Some(PurposeName::Segment),
                program,
                allowed: true,
                reasons: vec![format!("people:{}", people.len())],
                at: ask.now,
            };
            self.record_about_nobody(statement, details).await?;
        }
        Ok(Looks {
            people,
            refused,
            ask,
            program,
        })
    }

    /// Spends the permits: hands each person's view to `look`, and keeps what it says. Whoever is not
    /// permitted any more is not looked at again until something changes. Blocks.
    pub fn react(
        &self,
        looks: Looks,
        mut look: impl FnMut(&Opened<Segments>, &Beside) -> Reacted,
    ) -> Result<Looked, Unavailable> {
        let mut done = Looked::default();
        let now = looks.ask.now;
        for page in looks.refused.chunks(PAGE) {
            let rested = self.rested(page, &looks.ask)?;
            self.write_reactions(rested, now, &mut done)?;
        }
        let eager = self.shared().shelf.write_back() == WriteBack::Eager;
        for page in looks.people.chunks(PAGE) {
            let mut durable = Vec::new();
            self.visit(page, |person, slot| {
                let Some((opened, beside, version)) = self.look_at(person, slot, &looks.ask)? else {
                    return Ok(());
                };
                done.looked += 1;
                let due = slot
                    .content(person)?
                    .automation
                    .as_ref()
                    .and_then(|kept| kept.due);
                let late = due.map_or(0, |due| now.0.saturating_sub(due));
                done.late_ms = done.late_ms.max(late);
                let reacted = look(&opened, &beside);
                drop(opened);
                let arrivals = slot.content(person)?.arrivals.unwrap_or(0);
                let kept = Automation {
                    state: reacted.state,
                    due: reacted.due.map(|due| due.0),
                    looked_at: arrivals,
                };
                if kept.state.len() > STATE_MAX {
                    done.too_large += 1;
                    // Nothing of the look counts: what happened is new to the next one again. Only the moment
                    // goes, or it would be taken over and over.
                    let before = slot.content(person)?.automation.clone();
                    let before = Automation {
                        due: None,
                        ..before.unwrap_or_default()
                    };
                    durable.push(self.reacting(person, version, before, Vec::new(), None, looks.program));
                    return Ok(());
                }
                // A row that is written already would ask for the same look again.
                if reacted.changed || eager || slot.dirty_since.is_none() {
                    let content = slot.content(person)?;
                    let same = content.automation.as_ref() == Some(&kept) && content.unlooked.is_none();
                    if !same || reacted.changed {
                        durable.push(self.reacting(
                            person,
                            version,
                            kept,
                            reacted.set,
                            reacted.told,
                            looks.program,
                        ));
                    }
                } else {
                    let content = slot.content(person)?;
                    content.automation = Some(kept);
                    content.unlooked = None;
                    self.note_due(person, reacted.due, now);
                }
                Ok(())
            })?;
            self.write_reactions(durable, now, &mut done)?;
        }
        Ok(done)
    }

    /// As `each_slot`, also for people of whom the store has no row yet.
    fn visit(
        &self,
        people: &[PersonId],
        mut work: impl FnMut(PersonId, &mut Slot) -> Result<(), Unavailable>,
    ) -> Result<(), Unavailable> {
        let mut elsewhere = Vec::new();
        for person in people {
            match self.shared().hot.peek(*person, |slot| work(*person, slot)) {
                Some(done) => done?,
                None => elsewhere.push(*person),
            }
        }
        self.each_slot(&elsewhere, work)
    }

    fn look_at(
        &self,
        person: PersonId,
        slot: &mut Slot,
        ask: &Ask,
    ) -> Result<Option<(Opened<Segments>, Beside, u64)>, Unavailable> {
        let permitted = slot
            .allowed(&self.shared().charter, ask.signals, ask.now)
            .purposes;
        if !permitted.contains(PurposeName::Segment) {
            return Ok(None);
        }
        let terms = Arc::clone(&slot.terms);
        let granted = Granted {
            person,
            terms_version: terms.version,
            policies: Vec::new(),
            asked_at: ask.now,
            purpose: Segments::NAME,
            question: hot::question(&terms, Segments::NAME, ask.signals, ask.requester, ask.now),
        };
        self.shared().count_opening(Segments::NAME);
        let view = <Segments as Look>::look(&terms, slot.content(person)?, ask.now);
        let beside = Beside {
            permitted,
            seed: self.shared().keyring.seed(person),
            now: ask.now,
        };
        Ok(Some((Opened { view, granted }, beside, slot.version)))
    }

    fn reacting(
        &self,
        person: PersonId,
        version: u64,
        kept: Automation,
        set: Vec<(String, String, Option<String>)>,
        told: Option<String>,
        program: Digest,
    ) -> Reacting {
        let rules = &self.shared().dictionary.traits;
        let mut reaction = Reaction {
            kept: Some(kept),
            removed: Vec::new(),
        };
        let mut traits = Vec::new();
        for (journey, name, value) in set {
            match (value, rules.get(&name)) {
                (None, _) => reaction.removed.push(name),
                // What the dictionary does not declare is not kept, whoever says it.
                (Some(_), None) => {}
                (Some(value), Some(rule)) => traits.push(Trait {
                    name,
                    value,
                    at: 0,
                    source: automation::source(&journey),
                    purposes: rule.purposes.0,
                    mistaken: None,
                }),
            }
        }
        Reacting {
            person,
            version,
            reaction,
            traits,
            told,
            program,
        }
    }

    /// Who may not be looked at keeps where they are, and has no moment of their own any more.
    fn rested(&self, page: &[PersonId], ask: &Ask) -> Result<Vec<Reacting>, Unavailable> {
        let mut rested = Vec::new();
        self.visit(page, |person, slot| {
            let allowed = slot.allowed(&self.shared().charter, ask.signals, ask.now);
            let version = slot.version;
            let content = slot.content(person)?;
            if allowed.purposes.contains(PurposeName::Segment) || automation::due(content).is_none() {
                return Ok(());
            }
            let kept = content
                .automation
                .clone()
                .map(|kept| Automation { due: None, ..kept });
            rested.push(Reacting {
                person,
                version,
                reaction: Reaction {
                    kept,
                    removed: Vec::new(),
                },
                traits: Vec::new(),
                told: None,
                program: Digest([0; 32]),
            });
            Ok(())
        })?;
        Ok(rested)
    }

    fn write_reactions(
        &self,
        reactions: Vec<Reacting>,
        now: Moment,
        done: &mut Looked,
    ) -> Result<(), Unavailable> {
        if reactions.is_empty() {
            return Ok(());
        }
        let people: Vec<(PersonId, Option<Moment>)> = reactions
            .iter()
            .map(|one| {
                let due = one.reaction.kept.as_ref().and_then(|kept| kept.due);
                (one.person, due.map(Moment))
            })
            .collect();
        let (reply, answer) = oneshot::channel();
        self.send(Job::React {
            reactions,
            now,
            reply,
        })?;
        let durable = answer.blocking_recv().map_err(|_| Unavailable::Stopped)??;
        for ((person, due), durable) in people.into_iter().zip(durable) {
            if durable {
                done.changed += 1;
                self.note_due(person, due, now);
            } else {
                done.again += 1;
                self.shared().touched(person);
            }
        }
        Ok(())
    }

    fn note_due(&self, person: PersonId, due: Option<Moment>, now: Moment) {
        if let Some(due) = due.filter(|due| due.0 <= now.0.saturating_add(AHEAD_MS)) {
            lock(&self.shared().agenda).due.insert((due, person));
        }
    }

    /// Who is to be looked at, and how many rows of the store say so that memory knows better of.
    fn on_agenda(&self, now: Moment, limit: usize) -> Result<(Vec<PersonId>, usize), Unavailable> {
        let shared = self.shared();
        let mut people: BTreeSet<PersonId> = BTreeSet::new();
        let mut came_due = Vec::new();
        {
            let mut agenda = lock(&shared.agenda);
            let touched: Vec<PersonId> = agenda.touched.iter().copied().take(limit).collect();
            for person in touched {
                agenda.touched.remove(&person);
                people.insert(person);
            }
            while people.len() + came_due.len() < limit {
                match agenda.due.first().copied() {
                    Some((due, person)) if due <= now => {
                        agenda.due.pop_first();
                        came_due.push(person);
                    }
                    _ => break,
                }
            }
        }
        let known_due = |person: PersonId| {
            let due = |slot: &mut Slot| Ok::<_, Unavailable>(automation::due(slot.content(person)?));
            shared.hot.peek(person, due).transpose()
        };
        for person in came_due {
            // What was to come may have been put off, or given up, since it was noted.
            if !matches!(known_due(person)?, Some(due) if due.is_none_or(|due| due > now)) {
                people.insert(person);
            }
        }
        let mut stale = 0;
        for person in shared.shelf.due(now, limit)? {
            match known_due(person)? {
                Some(due) if due.is_none_or(|due| due > now) => stale += 1,
                _ if people.len() < limit => drop(people.insert(person)),
                _ => {}
            }
        }
        // Of whom nothing is due but the end of an undoing, the permits will say so.
        Ok((people.into_iter().collect(), stale))
    }

    fn judge_some(
        &self,
        people: Vec<PersonId>,
        ask: &Ask,
    ) -> Result<(Vec<PersonId>, Vec<PersonId>), Unavailable> {
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for page in people.chunks(PAGE) {
            self.visit(page, |person, slot| {
                let allowed = slot.allowed(&self.shared().charter, ask.signals, ask.now);
                let side = if allowed.purposes.contains(PurposeName::Segment) {
                    &mut yes
                } else {
                    &mut no
                };
                side.push(person);
                Ok(())
            })?;
        }
        Ok((yes, no))
    }
}

impl Shared {
    /// After a start: of these the store's rows say less than is known, and nobody remembers who of them
    /// was looked at.
    pub(crate) fn all_touched(&self, people: impl Iterator<Item = PersonId>) {
        lock(&self.agenda).touched.extend(people);
    }

    /// Somebody is to be looked at, if automation is on.
    pub(crate) fn touched(&self, person: PersonId) {
        if self.automates.load(Ordering::Acquire) {
            lock(&self.agenda).touched.insert(person);
        }
    }
}

fn lock(agenda: &Mutex<Agenda>) -> std::sync::MutexGuard<'_, Agenda> {
    agenda.lock().unwrap_or_else(PoisonError::into_inner)
}
