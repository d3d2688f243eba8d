//! Permits for a run over many people, such as learning a model: the ledger holds the permission,
//! and for how many, before anybody is opened.
//!
//! Deliberately does not know: what the run does with what it opens.

use crate::charter::Requester;
use crate::envelope::{self, Terms};
use crate::gate::Gate;
use crate::hot::{self, slot_of};
use crate::keys::PersonKey;
use crate::permit::{Granted, Opened};
use crate::purposes::{self, Purpose};
use crate::record::Statement;
use crate::seal::{Place, Table};
use crate::{Ask, Unavailable};
use std::sync::Arc;
use std::time::Duration;
use store::{PersonRow, RecordId};
use vocabulary::{Digest, PersonId, PurposeName};
use zeroize::{Zeroize as _, Zeroizing};

/// The people of a store, judged for a purpose.
#[derive(Default)]
struct Judged {
    people: Vec<PersonId>,
    lapsed: Vec<PersonId>,
    refused: u64,
}

/// Where a person is found.
enum Found<'a> {
    /// What is in memory is newer than the row.
    InMemory(&'a mut hot::Slot),
    Stored(PersonRow, PersonKey),
}

/// People read at once.
pub(crate) const PAGE: usize = 1_000;

/// The charter said yes to purpose `P` for these people; the ledger holds that. Spent by opening.
#[must_use = "permits that are not spent open nothing"]
pub struct Permits<P: Purpose> {
    pub(crate) people: Vec<PersonId>,
    /// Those of the refused of whom a sum may still hold something.
    pub(crate) lapsed: Vec<PersonId>,
    pub(crate) ask: Ask,
    /// People who were there but for whom the answer was no.
    pub refused: u64,
    /// Under which record the run is in the ledger.
    pub record: RecordId,
    /// Whether it may be told how many they are.
    counted: bool,
    purpose: std::marker::PhantomData<P>,
}

impl<P: Purpose> Permits<P> {
    /// How many people may be opened.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody may be opened.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// What [`Gate::decipher_each`] came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Deciphered {
    /// People whose rows were opened.
    pub people: u64,
    /// Bytes of these, as they are sealed.
    pub bytes: u64,
    /// How long that took.
    pub took: Duration,
}

impl Gate {
    /// Asks for everybody. Writes back what is in memory first, so that nobody is missed.
    pub async fn permits<P: Purpose>(&self, ask: Ask, program: Digest) -> Result<Permits<P>, Unavailable> {
        self.write_back().await?;
        let gate = self.clone();
        let judged = gate.blocking(move |gate| gate.judge_all(P::NAME, ask)).await?;
        self.told(judged, ask, program, true).await
    }

    /// As [`Gate::permits`], for a run that must not tell how many people there are: the ledger hears that it was
    /// permitted and not for how many, and no metric counts them.
    pub async fn permits_untold<P: Purpose>(
        &self,
        ask: Ask,
        program: Digest,
    ) -> Result<Permits<P>, Unavailable> {
        self.write_back().await?;
        let gate = self.clone();
        let judged = gate.blocking(move |gate| gate.judge_all(P::NAME, ask)).await?;
        self.told(judged, ask, program, false).await
    }

    /// Asks for these people alone: a sample of them, say. Who is gone is neither permitted nor refused.
    pub async fn permits_among<P: Purpose>(
        &self,
        people: Vec<PersonId>,
        ask: Ask,
        program: Digest,
    ) -> Result<Permits<P>, Unavailable> {
        let judged = self
            .blocking(move |gate| {
                let mut judged = Judged::default();
                for page in people.chunks(PAGE) {
                    gate.each_slot(page, |person, slot| {
                        match permitted(gate, slot, P::NAME, &ask) {
                            true => judged.people.push(person),
                            false => judged.refused += 1,
                        }
                        Ok(())
                    })?;
                }
                Ok(judged)
            })
            .await?;
        self.told(judged, ask, program, true).await
    }

    /// The ledger hears of it before anybody is opened.
    async fn told<P: Purpose>(
        &self,
        judged: Judged,
        ask: Ask,
        program: Digest,
        counted: bool,
    ) -> Result<Permits<P>, Unavailable> {
        let Judged {
            people,
            lapsed,
            refused,
        } = judged;
        let (reason, details) = match counted {
            true => {
                let mut sum = Vec::with_capacity(people.len() * 16);
                people.iter().for_each(|person| sum.extend_from_slice(&person.0));
                let details = format!(
                    "{{\"people\":{},\"people_digest\":\"{}\",\"refused\":{refused}}}",
                    people.len(),
                    Digest::of(&sum)
                );
                (format!("people:{}", people.len()), details)
            }
            false => (
                "people:not-told".to_owned(),
                "{\"people\":\"not-told\"}".to_owned(),
            ),
        };
        let statement = Statement {
            kind: "run",
            purpose: Some(P::NAME),
            program,
            allowed: true,
            reasons: vec![reason],
            at: ask.now,
        };
        let record = self.record_about_nobody(statement, details).await?;
        Ok(Permits {
            people,
            lapsed,
            ask,
            refused,
            record,
            counted,
            purpose: std::marker::PhantomData,
        })
    }

    /// Spends the permits: opens one person after another and hands them to `each`. A person whose
    /// choices changed since is passed over. Answers how many were opened.
    pub fn open_each<P: Purpose>(
        &self,
        permits: Permits<P>,
        mut each: impl FnMut(Opened<P>),
    ) -> Result<u64, Unavailable> {
        let mut opened = 0;
        for page in permits.people.chunks(PAGE) {
            self.each_person(page, |person, found| {
                let opened_one = match found {
                    Found::InMemory(slot) => look::<P>(self, person, slot, &permits.ask)?,
                    Found::Stored(row, key) => read::<P>(self, &row, &key, &permits.ask)?,
                };
                if let Some(view) = opened_one {
                    if permits.counted {
                        self.shared().count_opening(P::NAME);
                    }
                    opened += 1;
                    each(view);
                }
                Ok(())
            })?;
        }
        Ok(opened)
    }

    /// Spends the permits on the cipher alone: keys are unwrapped, rows opened, and their bytes forgotten as they
    /// are, read by nobody; whoever is in memory is passed over. By `clock` it is measured, page by page. A yardstick
    /// beside [`Gate::open_each`]: no program that reads the same rows can be faster.
    pub fn decipher_each<P: Purpose>(
        &self,
        permits: Permits<P>,
        clock: impl Fn() -> Duration,
    ) -> Result<Deciphered, Unavailable> {
        let shared = self.shared();
        let mut done = Deciphered::default();
        for page in permits.people.chunks(PAGE) {
            let rows = shared.shelf.persons(page)?;
            let keys = shared.shelf.keys(page)?;
            let sealed: Vec<_> = page
                .iter()
                .zip(rows)
                .zip(keys)
                .filter_map(|((person, row), key)| Some((person, row?, key?)))
                .filter(|(person, ..)| shared.hot.peek(**person, |_| ()).is_none())
                .collect();
            let from = clock();
            for (person, row, key) in &sealed {
                let key = shared.keyring.unwrap(**person, key)?;
                for (table, sealed) in [(Table::Terms, &row.terms), (Table::Content, &row.content)] {
                    key.0.open(place(row, table), sealed)?.zeroize();
                    done.bytes += sealed.len() as u64;
                }
            }
            done.took += clock().saturating_sub(from);
            done.people += sealed.len() as u64;
        }
        Ok(done)
    }

    /// Runs `work` on the slots of these people, one after another; who is gone is passed over. People
    /// who are not in memory are not kept there.
    pub(crate) fn each_slot(
        &self,
        people: &[PersonId],
        mut work: impl FnMut(PersonId, &mut hot::Slot) -> Result<(), Unavailable>,
    ) -> Result<(), Unavailable> {
        self.each_person(people, |person, found| match found {
            Found::InMemory(slot) => work(person, slot),
            Found::Stored(row, key) => work(person, &mut slot_of(row, Arc::new(key))?),
        })
    }

    /// The same, wherever they are.
    fn each_person(
        &self,
        people: &[PersonId],
        mut work: impl FnMut(PersonId, Found<'_>) -> Result<(), Unavailable>,
    ) -> Result<(), Unavailable> {
        let shared = self.shared();
        let rows = shared.shelf.persons(people)?;
        let keys = shared.shelf.keys(people)?;
        for ((person, row), key) in people.iter().zip(rows).zip(keys) {
            let (Some(row), Some(key)) = (row, key) else {
                continue;
            };
            let in_memory = |slot: &mut hot::Slot| work(*person, Found::InMemory(slot));
            match shared.hot.peek(*person, in_memory) {
                Some(done) => done?,
                None => work(*person, Found::Stored(row, shared.keyring.unwrap(*person, &key)?))?,
            }
        }
        Ok(())
    }

    fn judge_all(&self, purpose: PurposeName, ask: Ask) -> Result<Judged, Unavailable> {
        let shared = self.shared();
        let mut judged = Judged::default();
        let mut after = None;
        loop {
            let rows = shared.shelf.scan(after, PAGE)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.person);
            let ids: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
            let keys = shared.shelf.keys(&ids)?;
            for (row, key) in rows.into_iter().zip(keys) {
                let Some(key) = key else { continue };
                let person = row.person;
                match self.permits_row(row, &key, purpose, ask)? {
                    (true, _) => judged.people.push(person),
                    (false, counted) => {
                        judged.refused += 1;
                        judged.lapsed.extend(counted.then_some(person));
                    }
                }
            }
        }
        Ok(judged)
    }

    /// Whether it is permitted, and whether a sum may hold something of the person.
    fn permits_row(
        &self,
        row: PersonRow,
        key: &store::WrappedKey,
        purpose: PurposeName,
        ask: Ask,
    ) -> Result<(bool, bool), Unavailable> {
        let shared = self.shared();
        let person = row.person;
        let counted = |slot: &hot::Slot| slot.terms.counted == Some(true);
        let hot = shared.hot.peek(person, |slot| {
            (permitted(self, slot, purpose, &ask), counted(slot))
        });
        Ok(match hot {
            Some(answer) => answer,
            None => {
                let terms = terms_of(&row, &shared.keyring.unwrap(person, key)?)?;
                (
                    permitted_by(self, &terms, purpose, &ask),
                    terms.counted == Some(true),
                )
            }
        })
    }
}

pub(crate) fn permitted(gate: &Gate, slot: &mut hot::Slot, purpose: PurposeName, ask: &Ask) -> bool {
    slot.allowed(&gate.shared().charter, ask.signals, ask.now)
        .purposes
        .contains(purpose)
}

fn look<P: Purpose>(
    gate: &Gate,
    person: PersonId,
    slot: &mut hot::Slot,
    ask: &Ask,
) -> Result<Option<Opened<P>>, Unavailable> {
    if !permitted(gate, slot, P::NAME, ask) {
        return Ok(None);
    }
    let terms = Arc::clone(&slot.terms);
    let granted = Granted {
        person,
        terms_version: terms.version,
        policies: Vec::new(),
        asked_at: ask.now,
        purpose: P::NAME,
        question: hot::question(&terms, P::NAME, ask.signals, ask.requester, ask.now),
    };
    let view = purposes::look::<P>(&terms, slot.content(person)?, ask.now);
    Ok(Some(Opened { view, granted }))
}

/// As [`look`], of a row that nobody has in memory: the charter is asked for this purpose alone, and the view is
/// read from the bytes.
fn read<P: Purpose>(
    gate: &Gate,
    row: &PersonRow,
    key: &PersonKey,
    ask: &Ask,
) -> Result<Option<Opened<P>>, Unavailable> {
    let terms = terms_of(row, key)?;
    if !permitted_by(gate, &terms, P::NAME, ask) {
        return Ok(None);
    }
    let granted = Granted {
        person: row.person,
        terms_version: terms.version,
        policies: Vec::new(),
        asked_at: ask.now,
        purpose: P::NAME,
        question: hot::question(&terms, P::NAME, ask.signals, ask.requester, ask.now),
    };
    let content = Zeroizing::new(key.0.open(place(row, Table::Content), &row.content)?);
    let view = purposes::read::<P>(&terms, &content, ask.now)?;
    Ok(Some(Opened { view, granted }))
}

fn terms_of(row: &PersonRow, key: &PersonKey) -> Result<Terms, Unavailable> {
    let terms = Zeroizing::new(key.0.open(place(row, Table::Terms), &row.terms)?);
    Ok(envelope::decode(&terms)?)
}

fn permitted_by(gate: &Gate, terms: &Terms, purpose: PurposeName, ask: &Ask) -> bool {
    let question = hot::question(terms, purpose, ask.signals, Requester::System, ask.now);
    gate.shared().charter.answer(&question).allowed
}

fn place(row: &PersonRow, table: Table) -> Place {
    Place {
        table,
        person: row.person,
        version: row.version,
    }
}
