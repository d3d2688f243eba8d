//! Permits for a run over many people, such as learning a model: the ledger holds the permission,
//! and for how many, before anybody is opened.
//!
//! Deliberately does not know: what the run does with what it opens.

use crate::charter::Requester;
use crate::envelope::{self, Content, Terms, UnknownLayout};
use crate::gate::Gate;
use crate::hot::{self, slot_of};
use crate::keys::PersonKey;
use crate::permit::{Granted, Opened};
use crate::purposes::{self, Narrows, Purpose};
use crate::record::Statement;
use crate::seal::{Place, Table};
use crate::{Ask, Unavailable};
use std::sync::Arc;
use std::time::Duration;
use store::{PersonRow, RecordId};
use vocabulary::{Digest, Moment, Needs, PersonId, PurposeName};
use zeroize::Zeroize as _;

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

/// How a view is taken: of a content that is open, and of its bytes.
struct Views<L, R> {
    look: L,
    read: R,
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
    /// How long the store took to hand over rows and keys before.
    pub reading: Duration,
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
        each: impl FnMut(Opened<P>),
    ) -> Result<u64, Unavailable> {
        let views = Views {
            look: purposes::look::<P>,
            read: purposes::read::<P>,
        };
        self.open_all(permits, views, each)
    }

    /// As [`Gate::open_each`], of a run that says what it needs: it is shown nothing else, and nothing else is read
    /// of the bytes (GDPR art. 5(1)(c)).
    pub fn open_each_for<P: Narrows>(
        &self,
        permits: Permits<P>,
        needs: &Needs,
        each: impl FnMut(Opened<P>),
    ) -> Result<u64, Unavailable> {
        let views = Views {
            look: |terms: &Terms, content: &Content, now| {
                purposes::look_needed::<P>(terms, content, needs, now)
            },
            read: |terms: &Terms, bytes: &[u8], now| purposes::read_needed::<P>(terms, bytes, needs, now),
        };
        self.open_all(permits, views, each)
    }

    fn open_all<P: Purpose>(
        &self,
        permits: Permits<P>,
        views: Views<
            impl Fn(&Terms, &Content, Moment) -> P::View,
            impl Fn(&Terms, &[u8], Moment) -> Result<P::View, UnknownLayout>,
        >,
        mut each: impl FnMut(Opened<P>),
    ) -> Result<u64, Unavailable> {
        let ask = &permits.ask;
        let mut opened = 0;
        for page in permits.people.chunks(PAGE) {
            self.each_person(page, |person, found| {
                let opened_one = match found {
                    Found::InMemory(slot) => permitted(self, slot, P::NAME, ask)
                        .then(|| {
                            let terms = Arc::clone(&slot.terms);
                            let view = (views.look)(&terms, slot.content(person)?, ask.now);
                            let granted = granted(person, &terms, P::NAME, ask);
                            Ok::<_, Unavailable>(Opened { view, granted })
                        })
                        .transpose()?,
                    // The charter is asked for this purpose alone, and the view is read from the bytes.
                    Found::Stored(mut row, key) => {
                        let terms = terms_of(&mut row, &key)?;
                        permitted_by(self, &terms, P::NAME, ask)
                            .then(|| {
                                let place = place(person, row.version, Table::Content);
                                let content = key.0.open_in_place(place, &mut row.content)?;
                                let view = (views.read)(&terms, &content, ask.now)?;
                                let granted = granted(person, &terms, P::NAME, ask);
                                Ok::<_, Unavailable>(Opened { view, granted })
                            })
                            .transpose()?
                    }
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
            let from = clock();
            let rows = shared.shelf.persons(page)?;
            let keys = shared.shelf.keys(page)?;
            done.reading += clock().saturating_sub(from);
            let mut sealed: Vec<_> = page
                .iter()
                .zip(rows)
                .zip(keys)
                .filter_map(|((person, row), key)| Some((person, row?, key?)))
                .filter(|(person, ..)| shared.hot.peek(**person, |_| ()).is_none())
                .collect();
            let from = clock();
            for (person, row, key) in &mut sealed {
                let key = shared.keyring.unwrap(**person, key)?;
                let place_of = |table| place(row.person, row.version, table);
                let parts = [(Table::Terms, &mut row.terms), (Table::Content, &mut row.content)];
                for (table, sealed) in parts {
                    done.bytes += sealed.len() as u64;
                    key.0.open_in_place(place_of(table), sealed)?;
                    sealed.0.zeroize();
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
        mut row: PersonRow,
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
                let terms = terms_of(&mut row, &shared.keyring.unwrap(person, key)?)?;
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

fn granted(person: PersonId, terms: &Terms, purpose: PurposeName, ask: &Ask) -> Granted {
    Granted {
        person,
        terms_version: terms.version,
        policies: Vec::new(),
        asked_at: ask.now,
        purpose,
        question: hot::question(terms, purpose, ask.signals, ask.requester, ask.now),
    }
}

fn terms_of(row: &mut PersonRow, key: &PersonKey) -> Result<Terms, Unavailable> {
    let place = place(row.person, row.version, Table::Terms);
    Ok(envelope::decode(&key.0.open_in_place(place, &mut row.terms)?)?)
}

fn permitted_by(gate: &Gate, terms: &Terms, purpose: PurposeName, ask: &Ask) -> bool {
    let question = hot::question(terms, purpose, ask.signals, Requester::System, ask.now);
    gate.shared().charter.answer(&question).allowed
}

fn place(person: PersonId, version: u64, table: Table) -> Place {
    Place {
        table,
        person,
        version,
    }
}
