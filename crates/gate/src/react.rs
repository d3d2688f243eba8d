//! Automation's way to people: who is to be looked at, the permits for a look, and what the look changes.
//!
//! Whoever permits `segment` is looked at when something about them changes, and when the moment has come
//! at which something would change by itself. A look that only moves that moment changes memory alone: after
//! a crash the person is looked at again and comes to the same. What somebody enters, leaves or is to be
//! sent is durable before anybody hears of it, and under the very version of the envelope that was looked
//! at: what changed meanwhile is looked at again, and nothing happens twice.
//!
//! Deliberately does not know: groups, journeys (`decide`), when looks are taken (`server::work`).

use crate::agenda::What;
use crate::automation::{self, Automation, Reaction, STATE_MAX};
use crate::envelope::Trait;
use crate::gate::Gate;
use crate::hot::{self, Slot};
use crate::outbox::{self, Entry, Kind};
use crate::permit::{Granted, Opened};
use crate::purposes::{self, Purpose, Segments};
use crate::record::Statement;
use crate::run::PAGE;
use crate::writer::{Job, Reacting};
use crate::{Ask, Unavailable, keeping};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::WriteBack;
use tokio::sync::oneshot;
use vocabulary::{Digest, Moment, PersonId, PurposeName, PurposeSet};

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
    /// They talk to a member of the team: nothing is sent meanwhile.
    pub silent: bool,
    /// Now.
    pub now: Moment,
}

/// What a look came to.
#[derive(Default)]
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
    /// What is to be counted, a key for each time: nothing of the person. Counted once it is durable.
    pub counts: Vec<String>,
    /// What is to leave for the person: into their outbox, in the same durable unit.
    pub queue: Vec<Queued>,
}

/// Something that a journey wants to leave for the person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queued {
    /// What it is.
    pub kind: Kind,
    /// Of the message, the queue or the webhook, in the program; at most 200 bytes.
    pub name: String,
    /// For which purpose.
    pub purpose: PurposeName,
    /// Of which journey.
    pub journey: String,
    /// Of which run of it.
    pub key: Option<String>,
    /// At which step.
    pub step: Option<String>,
    /// When that run began.
    pub entered_at: Moment,
    /// Its own in the run.
    pub number: u32,
}

/// What became of looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// How often each thing happened that was made durable.
    pub counts: BTreeMap<String, u64>,
}

impl Gate {
    /// Switches automation on or off: whether what arrives is to be looked at.
    pub fn automate(&self, on: bool) {
        self.shared().automates.store(on, Ordering::Release);
    }

    /// Who is to be looked at now, at most about `limit`; nobody twice.
    pub async fn agenda(&self, now: Moment, limit: usize) -> Result<Vec<PersonId>, Unavailable> {
        self.called(What::Looks, now, limit).await
    }

    /// Puts people on the agenda again whose looks were not taken after all.
    pub fn look_again(&self, people: impl IntoIterator<Item = PersonId>) {
        self.shared().looked_again(people.into_iter());
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
            let mut counts = Vec::new();
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
                let mut reacted = look(&opened, &beside);
                drop(opened);
                let content = slot.content(person)?;
                let arrivals = content.arrivals.unwrap_or(0);
                // What is over changes groups, exactly when it is.
                let over = keeping::over_after(content, now);
                reacted.due = reacted.due.into_iter().chain(over).min();
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
                    counts.push(Vec::new());
                    durable.push(self.reacting(person, version, before, Reacted::default(), &looks));
                    return Ok(());
                }
                // A row that is written already would ask for the same look again.
                if reacted.changed || eager || slot.dirty_since.is_none() {
                    let content = slot.content(person)?;
                    let same = content.automation.as_ref() == Some(&kept) && content.unlooked.is_none();
                    if !same || reacted.changed {
                        counts.push(std::mem::take(&mut reacted.counts));
                        durable.push(self.reacting(
                            person,
                            version,
                            kept,
                            Reacted {
                                state: Vec::new(),
                                ..reacted
                            },
                            &looks,
                        ));
                    }
                } else {
                    let content = slot.content(person)?;
                    content.automation = Some(kept);
                    content.unlooked = None;
                    self.note_due(What::Looks, person, reacted.due, now);
                }
                Ok(())
            })?;
            let durable = self.write_reactions(durable, now, &mut done)?;
            let counted = counts.into_iter().zip(durable).filter(|(_, durable)| *durable);
            for key in counted.flat_map(|(keys, _)| keys) {
                *done.counts.entry(key).or_default() += 1;
            }
        }
        Ok(done)
    }

    /// As `each_slot`, also for people of whom the store has no row yet.
    pub(crate) fn visit(
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
        let view = purposes::look::<Segments>(&terms, slot.content(person)?, ask.now);
        let beside = Beside {
            permitted,
            seed: self.shared().keyring.seed(person),
            silent: terms.conversing(),
            now: ask.now,
        };
        Ok(Some((Opened { view, granted }, beside, slot.version)))
    }

    fn reacting(
        &self,
        person: PersonId,
        version: u64,
        kept: Automation,
        reacted: Reacted,
        looks: &Looks,
    ) -> Reacting {
        let rules = &self.shared().dictionary.traits;
        let seed = self.shared().keyring.seed(person);
        let queued: Vec<Entry> = reacted
            .queue
            .into_iter()
            .map(|queued| entry(&seed, queued, looks))
            .collect();
        let mut reaction = Reaction {
            kept: Some(kept),
            removed: Vec::new(),
            queued: (!queued.is_empty()).then_some(queued),
        };
        let mut traits = Vec::new();
        for (journey, name, value) in reacted.set {
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
                    keeps: rule.retention,
                }),
            }
        }
        Reacting {
            person,
            version,
            reaction,
            traits,
            told: reacted.told,
            program: looks.program,
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
                    queued: None,
                },
                traits: Vec::new(),
                told: None,
                program: Digest([0; 32]),
            });
            Ok(())
        })?;
        Ok(rested)
    }

    /// Answers of each whether it is durable.
    fn write_reactions(
        &self,
        reactions: Vec<Reacting>,
        now: Moment,
        done: &mut Looked,
    ) -> Result<Vec<bool>, Unavailable> {
        if reactions.is_empty() {
            return Ok(Vec::new());
        }
        let people: Vec<(PersonId, Option<Moment>, bool)> = reactions
            .iter()
            .map(|one| {
                let due = one.reaction.kept.as_ref().and_then(|kept| kept.due);
                (one.person, due.map(Moment), one.reaction.queued.is_some())
            })
            .collect();
        let (reply, answer) = oneshot::channel();
        self.send(Job::React {
            reactions,
            now,
            reply,
        })?;
        let durable = answer.blocking_recv().map_err(|_| Unavailable::Stopped)??;
        for ((person, due, queues), durable) in people.into_iter().zip(&durable) {
            if *durable {
                done.changed += 1;
                self.note_due(What::Looks, person, due, now);
                if queues {
                    self.shared().leaves(person);
                }
            } else {
                done.again += 1;
                self.shared().touched(person);
            }
        }
        Ok(durable)
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

fn entry(seed: &[u8; 32], queued: Queued, looks: &Looks) -> Entry {
    let now = looks.ask.now.0;
    let mut entry = Entry {
        id: [0; 16],
        kind: queued.kind as u8,
        name: queued.name,
        journey: queued.journey,
        key: queued.key,
        step: queued.step,
        entered_at: queued.entered_at.0,
        number: queued.number,
        program: looks.program.0,
        queued_at: now,
        not_before: now,
        held: None,
        tries: 0,
        marked: None,
        purpose: queued.purpose as u8,
        reference: None,
    };
    entry.id = outbox::identity(seed, &entry);
    entry
}
