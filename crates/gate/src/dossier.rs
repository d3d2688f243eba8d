//! Everything that is kept of one person, for the answer to their request: the envelope through its
//! purpose's view, every event that is still stored, every record of a decision. The same door as
//! ever: a permit first, and the answer is given out only when its record is on disk.
//!
//! Deliberately does not know: how it is written down (JSON, CSV) or who carries it.

use crate::envelope::{self, Act, Input};
use crate::gate::Gate;
use crate::hot::Slot;
use crate::intake::Whom;
use crate::keys::PersonKey;
use crate::permit::{Account, Ask, Draft, Granted, Recorded, Refused};
use crate::purposes::{self, AnswerRightsRequest, Purpose, Wipe};
use crate::requests::RequestId;
use crate::seal::{Place, Table};
use crate::{RecordId, Unavailable, keeping, record};
use std::marker::PhantomData;
use std::sync::Arc;
use store::Seq;
use vocabulary::{Moment, PersonId, PurposeName, PurposeSet};
use zeroize::Zeroize as _;

/// The purpose of an answer.
pub type Answering = AnswerRightsRequest;
/// What it may see of the envelope.
pub type AnsweringView = <Answering as Purpose>::View;

/// Most events and most records of one answer. More than a person makes in years; beyond it the
/// answer says that it is not complete.
pub const MAX_ENTRIES: usize = 250_000;
/// Read at once.
const PAGE: usize = 1_000;
/// How often it is put together again because the person changed their choices meanwhile.
const RETRIES: usize = 3;

/// Whom an answer is about.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// By identifiers, vouched for by the caller.
    Whom(&'a Whom<'a>),
    /// The person of a request.
    Request(RequestId),
}

/// One event as it was kept.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KnownEvent {
    /// When it happened.
    pub at: Moment,
    /// When it reached us.
    pub received_at: Moment,
    /// Through which source.
    pub source: String,
    /// Its declared name, if it was counted.
    pub name: Option<String>,
    /// Why it is kept.
    pub purposes: PurposeSet,
    /// Its declared fields, JSON text.
    pub fields: Option<String>,
    /// Items, and what was done with each: `viewed`, `added`, `bought`.
    pub items: Vec<(String, &'static str)>,
    /// Traits it brought: name and JSON text.
    pub traits: Vec<(String, String)>,
    /// Choices it brought.
    pub choices: Vec<(PurposeName, bool)>,
    /// A Global Privacy Control signal came with it.
    pub gpc: bool,
    /// An act in the privacy centre, in a word, with its object if it has one.
    pub act: Option<(&'static str, Option<String>)>,
}

/// One record of a decision, a choice or a step of a request.
#[derive(Clone, PartialEq, Debug)]
pub struct KnownRecord {
    /// Its identity: by this the person can ask for the receipt with its proof.
    pub id: RecordId,
    /// The entry as it stands in the log, JSON text: kind, purpose, day, verdict, reasons.
    pub leaf: String,
    /// What was decided, on what: the text the entry commits to, JSON.
    pub details: String,
}

/// What is kept beside the envelope, newest first. Wiped when dropped.
pub struct Archive {
    /// Events.
    pub events: Vec<KnownEvent>,
    /// Records.
    pub records: Vec<KnownRecord>,
    /// Whether nothing was left out: [`MAX_ENTRIES`].
    pub complete: bool,
}

impl Drop for Archive {
    fn drop(&mut self) {
        for event in &mut self.events {
            event.source.zeroize();
            event.fields.zeroize();
            event.name.zeroize();
            event.items.iter_mut().for_each(|(item, _)| item.zeroize());
            for (name, value) in &mut event.traits {
                name.zeroize();
                value.zeroize();
            }
        }
        self.records
            .iter_mut()
            .for_each(|record| record.details.zeroize());
    }
}

/// What opening an envelope gives for reading the rest: the person's, and those of the visitors who
/// are part of them.
struct Chain {
    person: PersonId,
    key: Arc<PersonKey>,
    last_seq: Seq,
}

impl Gate {
    /// Answers a request: asks the charter, opens everything, makes the answer with pure code, and
    /// records it. It is returned when the record is on disk. `Ok(None)`: there is no such person.
    pub async fn answer<T, F>(
        &self,
        subject: Subject<'_>,
        ask: Ask,
        decide: F,
    ) -> Result<Option<Result<Recorded<T>, Refused>>, Unavailable>
    where
        T: Account + Send + 'static,
        F: Fn(&AnsweringView, &Archive) -> T + Clone + Send + 'static,
    {
        let Some(person) = self.subject(subject).await? else {
            return Ok(None);
        };
        for _ in 0..RETRIES {
            let decide = decide.clone();
            let step = move |gate: &Gate| {
                let granted = match gate.grant(person, Answering::NAME, ask)? {
                    None => return Ok(None),
                    Some(Err(refused)) => return Ok(Some(Err(refused))),
                    Some(Ok(granted)) => granted,
                };
                let Some((mut view, chains)) = gate.open_chains(&granted)? else {
                    return Ok(Some(Ok(None)));
                };
                let archive = gate.archive(&chains, ask.now);
                let proposal = archive.map(|archive| decide(&view, &archive));
                view.wipe();
                let draft = Draft::<Answering, T> {
                    proposal: proposal?,
                    granted,
                    purpose: PhantomData,
                };
                let record = gate.prepare(&draft.granted, &draft.proposal)?;
                Ok(Some(Ok(record.map(|record| (draft, record)))))
            };
            match self.blocking(step).await? {
                None => return Ok(None),
                Some(Err(refused)) => return Ok(Some(Err(refused))),
                Some(Ok(Some((draft, record)))) => {
                    if let Some(recorded) = self.finish(draft, record).await? {
                        return Ok(Some(Ok(recorded)));
                    }
                }
                Some(Ok(None)) => {}
            }
        }
        Err(Unavailable::Busy)
    }

    pub(crate) async fn subject(&self, subject: Subject<'_>) -> Result<Option<PersonId>, Unavailable> {
        match subject {
            Subject::Whom(whom) => self.find(whom).await,
            Subject::Request(id) => self.linked(id).await,
        }
    }

    pub(crate) fn key_of(&self, person: PersonId) -> Result<Option<Arc<PersonKey>>, Unavailable> {
        let shared = self.shared();
        shared
            .hot
            .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                Ok(Arc::clone(&slot.key))
            })
    }

    /// Spends what was granted on the envelope, and on what leads to the rest.
    fn open_chains(&self, granted: &Granted) -> Result<Option<(AnsweringView, Vec<Chain>)>, Unavailable> {
        let shared = self.shared();
        let person = granted.person;
        let opened = shared
            .hot
            .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                // INVARIANT: a permit opens only what it was given for; changed terms need a new one.
                if slot.terms.version != granted.terms_version {
                    return Ok(None);
                }
                let terms = Arc::clone(&slot.terms);
                let chain = chain_of(person, slot);
                let content = slot.content(person)?;
                let view = purposes::look::<Answering>(&terms, content, granted.asked_at);
                Ok(Some((view, chain, terms.visitors())))
            })?;
        let Some((view, chain, visitors)) = opened.flatten() else {
            return Ok(None);
        };
        shared.count_opening(Answering::NAME);
        let mut chains = vec![chain];
        for visitor in visitors {
            let open = |slot: &mut Slot| Ok(chain_of(visitor, slot));
            chains.extend(
                shared
                    .hot
                    .with(visitor, shared.shelf.as_ref(), &shared.keyring, open)?,
            );
        }
        Ok(Some((view, chains)))
    }

    fn archive(&self, chains: &[Chain], now: Moment) -> Result<Archive, Unavailable> {
        let mut archive = Archive {
            events: Vec::new(),
            records: Vec::new(),
            complete: true,
        };
        for chain in chains {
            self.add(&mut archive, chain, now)?;
        }
        if chains.len() > 1 {
            archive
                .events
                .sort_by_key(|event| std::cmp::Reverse(event.received_at));
        }
        Ok(archive)
    }

    fn add(&self, archive: &mut Archive, chain: &Chain, now: Moment) -> Result<(), Unavailable> {
        let shelf = self.shared().shelf.as_ref();
        let person = chain.person;
        let (mut last_seq, mut before) = (chain.last_seq, 0);
        while last_seq > 0 {
            let page = shelf.events_of(person, last_seq, before, PAGE)?;
            let Some(oldest) = page.last() else { break };
            (last_seq, before) = (oldest.seq, oldest.seq);
            if archive.events.len() >= MAX_ENTRIES {
                archive.complete = false;
                break;
            }
            for stored in &page {
                let place = Place {
                    table: Table::Event,
                    person,
                    version: stored.event.version,
                };
                let mut input: Input = envelope::decode(&chain.key.0.open(place, &stored.event.sealed)?)?;
                keeping::cut(&mut input, now);
                if !is_house_keeping(&input) {
                    archive.events.push(known(input));
                }
            }
        }
        let mut before = None;
        loop {
            let page = self.records_page(person, &chain.key, before, PAGE)?;
            let Some(oldest) = page.last() else { break };
            before = Some(oldest.id);
            if archive.records.len() >= MAX_ENTRIES {
                archive.complete = false;
                break;
            }
            archive.records.extend(page);
        }
        Ok(())
    }

    pub(crate) fn records_page(
        &self,
        person: PersonId,
        key: &PersonKey,
        before: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<KnownRecord>, Unavailable> {
        let rows = self.shared().shelf.records_of(person, before, limit)?;
        rows.iter()
            .map(|row| {
                let opened = record::open(row, key)?;
                Ok(KnownRecord {
                    id: row.id,
                    leaf: String::from_utf8_lossy(&opened.leaf).into_owned(),
                    details: opened.details,
                })
            })
            .collect()
    }
}

fn chain_of(person: PersonId, slot: &Slot) -> Chain {
    Chain {
        person,
        key: Arc::clone(&slot.key),
        last_seq: slot.last_seq,
    }
}

/// Nothing that the person did or that was sent: only what a run over everybody, or the end of its time, wrote into the envelope.
fn is_house_keeping(input: &Input) -> bool {
    (input.counting.is_some() || input.sweeps.is_some()) && !crate::intake::says_something(input)
}

/// An input in words.
fn known(input: Input) -> KnownEvent {
    let act = input
        .act
        .as_ref()
        .map(|act| (act.as_str(), act.about().map(std::borrow::Cow::into_owned)));
    let what = |number| match number {
        0 => "viewed",
        1 => "added",
        _ => "bought",
    };
    let choice = |purpose: u8, given| {
        let purpose = PurposeName::ALL.into_iter().find(|p| *p as u8 == purpose)?;
        Some((purpose, given))
    };
    let mut traits: Vec<(String, String)> = input.traits.into_iter().map(|t| (t.name, t.value)).collect();
    if let Some(Act::Correct { name, value }) = input.act {
        traits.push((name, value));
    }
    KnownEvent {
        at: Moment(input.at),
        received_at: Moment(input.received_at),
        source: input.source,
        name: input.event,
        purposes: PurposeSet(input.event_purposes),
        fields: input.fields,
        items: input
            .touches
            .into_iter()
            .map(|t| (t.item, what(t.what)))
            .collect(),
        traits,
        choices: input
            .choices
            .into_iter()
            .filter_map(|c| choice(c.purpose, c.given))
            .collect(),
        gpc: input.gpc,
        act,
    }
}
