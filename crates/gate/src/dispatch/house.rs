//! What outboxes lay before humans: tasks, and messages of which nobody knows whether they left. A row of the
//! house for each, sealed with the house's own key; the name is the entry's identity, so that writing one twice
//! changes nothing, and tells nothing of a person.
//!
//! Deliberately does not know: pages, who looks.

use super::told::hex;
use crate::gate::{Gate, Shared};
use crate::outbox::{Entry, Marked};
use crate::seal::{Place, Table};
use crate::{RecordId, Unavailable, envelope};
use minicbor::{Decode, Encode};
use vocabulary::{Moment, PersonId, Sealed};

const TASKS: &str = "outbox/task/";
const DOUBTS: &str = "outbox/doubt/";
/// Rows that are read at once.
const PAGE: usize = 500;
/// Rows of one list that are read at most.
const MOST: usize = 5_000;

#[derive(Encode, Decode)]
struct Kept {
    #[cbor(n(0), with = "minicbor::bytes")]
    person: [u8; 16],
    #[n(1)]
    name: String,
    #[n(2)]
    journey: String,
    #[n(3)]
    step: Option<String>,
    #[n(4)]
    at: i64,
    #[n(5)]
    marked_at: Option<i64>,
    #[cbor(n(6), with = "minicbor::bytes")]
    record: Option<[u8; 16]>,
    #[n(7)]
    channel: Option<u8>,
}

/// Something a human has to do for somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// By this it is named.
    pub id: String,
    /// Whose queue.
    pub queue: String,
    /// Of which journey.
    pub journey: String,
    /// At which step.
    pub step: Option<String>,
    /// Since when.
    pub at: Moment,
}

/// A message of which nobody knows whether it left. It is never sent again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// By this it is named.
    pub id: String,
    /// Which message.
    pub message: String,
    /// Of which journey.
    pub journey: String,
    /// When it was about to leave.
    pub marked_at: Moment,
    /// Since when it is in doubt.
    pub at: Moment,
    /// The record of the decision.
    pub record: RecordId,
}

pub(super) fn put_task(
    shared: &Shared,
    person: PersonId,
    entry: &Entry,
    now: Moment,
) -> Result<(), Unavailable> {
    put(shared, TASKS, &entry.id, &kept(person, entry, None, now))
}

pub(super) fn put_doubt(
    shared: &Shared,
    entry: &Entry,
    marked: Option<&Marked>,
    now: Moment,
) -> Result<(), Unavailable> {
    // Whose it was is not said: the record leads there, for who may open it.
    put(
        shared,
        DOUBTS,
        &entry.id,
        &kept(PersonId::NOBODY, entry, marked, now),
    )
}

fn kept(person: PersonId, entry: &Entry, marked: Option<&Marked>, now: Moment) -> Kept {
    Kept {
        person: person.0,
        name: entry.name.clone(),
        journey: entry.journey.clone(),
        step: entry.step.clone(),
        at: now.0,
        marked_at: marked.map(|marked| marked.at),
        record: marked.map(|marked| marked.record),
        channel: marked.map(|marked| marked.channel),
    }
}

fn put(shared: &Shared, prefix: &str, id: &[u8; 16], kept: &Kept) -> Result<(), Unavailable> {
    let place = place(id);
    let sealed = shared.nobody.0.seal(place, &envelope::encode(kept))?;
    // It may be there already, from before a crash.
    shared
        .shelf
        .swap(shared.epoch, &format!("{prefix}{}", hex(id)), 0, &sealed.0)?;
    Ok(())
}

fn place(id: &[u8; 16]) -> Place {
    Place {
        table: Table::Outbox,
        person: PersonId(*id),
        version: 0,
    }
}

impl Gate {
    /// The tasks that lie before humans, of people who are still there; at most 5,000.
    pub async fn tasks(&self) -> Result<Vec<Task>, Unavailable> {
        self.blocking(|gate| {
            let mut tasks = Vec::new();
            for (id, kept) in all(gate.shared(), TASKS)? {
                let person = PersonId(kept.person);
                let there = gate.shared().shelf.keys(&[person])?.into_iter().flatten().next();
                if there.is_some() {
                    tasks.push(Task {
                        id,
                        queue: kept.name,
                        journey: kept.journey,
                        step: kept.step,
                        at: Moment(kept.at),
                    });
                }
            }
            tasks.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            Ok(tasks)
        })
        .await
    }

    /// A task is done. `false`: there is none of that name.
    pub async fn finish_task(&self, id: &str) -> Result<bool, Unavailable> {
        self.take_away(format!("{TASKS}{id}")).await
    }

    /// Messages in doubt that nobody has looked at yet, to people who are still there; at most 5,000.
    pub async fn doubts(&self) -> Result<Vec<Doubt>, Unavailable> {
        self.blocking(|gate| {
            let mut doubts = Vec::new();
            for (id, kept) in all(gate.shared(), DOUBTS)? {
                if !leads_somewhere(gate.shared(), &kept)? {
                    continue;
                }
                doubts.push(Doubt {
                    id,
                    message: kept.name,
                    journey: kept.journey,
                    marked_at: Moment(kept.marked_at.unwrap_or(kept.at)),
                    at: Moment(kept.at),
                    record: RecordId(kept.record.unwrap_or_default()),
                });
            }
            doubts.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            Ok(doubts)
        })
        .await
    }

    /// A human has looked at a message in doubt. `false`: there is none of that name.
    pub async fn finish_doubt(&self, id: &str) -> Result<bool, Unavailable> {
        self.take_away(format!("{DOUBTS}{id}")).await
    }

    /// Somebody was erased: what lay before humans of theirs goes too.
    pub(crate) async fn forget_laid_before_humans(&self, person: PersonId) -> Result<(), Unavailable> {
        let gone = self.blocking(move |gate| {
            let shared = gate.shared();
            let mut gone = Vec::new();
            for (id, kept) in all(shared, TASKS)? {
                if kept.person == person.0 {
                    gone.push(format!("{TASKS}{id}"));
                }
            }
            for (id, kept) in all(shared, DOUBTS)? {
                if !leads_somewhere(shared, &kept)? {
                    gone.push(format!("{DOUBTS}{id}"));
                }
            }
            Ok(gone)
        });
        for name in gone.await? {
            self.take_away(name).await?;
        }
        Ok(())
    }

    async fn take_away(&self, name: String) -> Result<bool, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let Some(known) = shared.shelf.get(&name)? else {
                return Ok(false);
            };
            Ok(shared.shelf.remove_named(shared.epoch, &name, known.version)?)
        })
        .await
    }
}

/// Whether the record is there that says what was about to leave: it goes with its person, whom a doubt does not name.
fn leads_somewhere(shared: &Shared, kept: &Kept) -> Result<bool, Unavailable> {
    match kept.record {
        Some(record) => Ok(shared.shelf.record(RecordId(record))?.is_some()),
        None => Ok(true),
    }
}

fn all(shared: &Shared, prefix: &str) -> Result<Vec<(String, Kept)>, Unavailable> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    while found.len() < MOST {
        let page = shared.shelf.named(prefix, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        for (name, row) in page {
            let id = name.trim_start_matches(prefix).to_owned();
            let Some(bytes) = unhex(&id) else { continue };
            let opened = shared.nobody.0.open(place(&bytes), &Sealed(row.value))?;
            found.push((id, envelope::decode(&opened)?));
        }
    }
    Ok(found)
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if text.len() != 32 {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}
