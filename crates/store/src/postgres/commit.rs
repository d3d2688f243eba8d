//! Writing a group of units in one transaction, and writing envelopes back.
//!
//! Deliberately does not know: which units are good (see `judge`), and what happens when the
//! connection breaks (see `turn`).

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use tokio_postgres::Error as Lost;
use vocabulary::{Blind, PersonId, Shard};

use super::batch::{Batch, Rows};
use super::fault::Fault;
use super::link::Link;
use super::read::{self, SEEN, name_at};
use super::turn::{self, Promise, Turn};
use crate::judge::{self, Facts, Verdict};
use crate::shelf::*;

/// Statements that must go out in one go with others.
pub(super) const PREPARED: [&str; 5] = [SEEN, HAVE_KEYS, LEAD_TO, VERSIONS, HAVE_RECORDS];

const HAVE_KEYS: &str =
    "SELECT q.n FROM UNNEST($1::smallint[], $2::bytea[]) WITH ORDINALITY AS q (shard, person, n)
    JOIN person_key k ON k.shard = q.shard AND k.person = q.person";
const VERSIONS: &str = "SELECT q.n, p.version
    FROM UNNEST($1::smallint[], $2::bytea[]) WITH ORDINALITY AS q (shard, person, n)
    JOIN person p ON p.shard = q.shard AND p.person = q.person";
const LEAD_TO: &str = "SELECT q.n, i.person
    FROM UNNEST($1::smallint[], $2::bytea[]) WITH ORDINALITY AS q (shard, blind, n)
    JOIN identifier i ON i.shard = q.shard AND i.blind = q.blind";
const HAVE_RECORDS: &str =
    "SELECT q.n FROM UNNEST($1::smallint[], $2::bytea[]) WITH ORDINALITY AS q (shard, id, n)
    JOIN record r ON r.shard = q.shard AND r.id = q.id";

/// Judges and writes a group: two round trips.
pub(super) async fn commit(
    link: &Link,
    epoch: Epoch,
    units: &[Unit],
    promise: &mut Promise<Vec<Outcome>>,
) -> Result<(), Fault> {
    let questions = Questions::about(units);
    let (mut turn, mut facts) = turn::begin(link, epoch, questions.ask(link)).await?;
    let Ok(Verdict {
        outcomes,
        accepted,
        newest,
    }) = judge::judge(units, turn.newest, &mut facts);
    let batch = Batch::of(&accepted, &mut turn.place);
    turn.newest = newest;
    turn::finish(link, turn, promise, outcomes, batch.write(link)).await
}

/// Writes envelopes back. Not needed with eager envelopes, so written for clarity.
pub(super) async fn flush(
    link: &Link,
    turn: &mut Turn,
    rows: &[(u64, PersonRow)],
    applied: Seq,
) -> Result<(), Fault> {
    if applied > turn.newest {
        return Err(judge::beyond_newest(applied, turn.newest).into());
    }
    for (expected, row) in rows {
        let key = read::keys(link, &[row.person]).await?;
        if key.iter().flatten().next().is_none() {
            continue;
        }
        let stored = read::persons(link, &[row.person]).await?;
        let found = stored.iter().flatten().next().map_or(0, |row| row.version);
        if found != *expected {
            return Err(judge::stale_row(*expected, found).into());
        }
        let mut rows = Rows::default();
        rows.add(row, row.last_seq);
        rows.write(link).await?;
    }
    Ok(())
}

/// What must be known to judge a group, each thing once.
#[derive(Default)]
struct Questions {
    messages: Vec<(Shard, MessageKey)>,
    persons: Vec<PersonId>,
    blinds: Vec<Blind>,
    envelopes: Vec<PersonId>,
    records: Vec<RecordId>,
}

impl Questions {
    fn about(units: &[Unit]) -> Questions {
        let mut questions = Questions::default();
        for unit in units {
            let person = unit.person.unwrap_or(PersonId::NOBODY);
            questions
                .messages
                .extend(unit.messages.iter().map(|message| (person.shard(), *message)));
            questions.persons.extend(unit.person);
            questions.blinds.extend(&unit.identifiers);
            questions
                .envelopes
                .extend(unit.envelope.as_ref().map(|(_, row)| row.person));
            questions
                .records
                .extend(unit.records.iter().map(|record| record.id));
        }
        once(&mut questions.messages);
        once(&mut questions.persons);
        once(&mut questions.blinds);
        once(&mut questions.envelopes);
        once(&mut questions.records);
        questions
    }

    async fn ask(&self, link: &Link) -> Result<Known, Fault> {
        let messages = pairs(&self.messages, |(shard, message)| (*shard, &message.0[..]));
        let persons = pairs(&self.persons, |person| (person.shard(), &person.0[..]));
        let blinds = pairs(&self.blinds, |blind| (blind.shard(), &blind.0[..]));
        let envelopes = pairs(&self.envelopes, |person| (person.shard(), &person.0[..]));
        let records = pairs(&self.records, |record| (record.shard(), &record.0[..]));
        let (answered, have_keys, lead_to, versions, have_records) = tokio::join!(
            biased;
            ask(link, SEEN, &messages),
            ask(link, HAVE_KEYS, &persons),
            ask(link, LEAD_TO, &blinds),
            ask(link, VERSIONS, &envelopes),
            ask(link, HAVE_RECORDS, &records),
        );
        let mut known = Known::default();
        known
            .answered
            .extend(numbered(&self.messages, &answered?)?.map(|(message, _)| *message));
        known
            .keys
            .extend(numbered(&self.persons, &have_keys?)?.map(|(person, _)| *person));
        for (blind, row) in numbered(&self.blinds, &lead_to?)? {
            known.lead_to.insert(*blind, PersonId(name_at(row, 1)?));
        }
        for (person, row) in numbered(&self.envelopes, &versions?)? {
            known
                .versions
                .insert(*person, row.try_get::<_, i64>(1)?.unsigned_abs());
        }
        known
            .records
            .extend(numbered(&self.records, &have_records?)?.map(|(record, _)| *record));
        Ok(known)
    }
}

/// Asks about things that have a shard and a name, if there are any.
async fn ask(
    link: &Link,
    sql: &'static str,
    (shards, names): &(Vec<i16>, Vec<&[u8]>),
) -> Result<Vec<tokio_postgres::Row>, Lost> {
    if shards.is_empty() {
        Ok(Vec::new())
    } else {
        link.query(sql, &[shards, names]).await
    }
}

/// The things that rows are about; the first column is the thing's number, from 1.
fn numbered<'a, T>(
    things: &'a [T],
    rows: &'a [tokio_postgres::Row],
) -> Result<impl Iterator<Item = (&'a T, &'a tokio_postgres::Row)>, Lost> {
    let numbers = rows
        .iter()
        .map(|row| row.try_get::<_, i64>(0))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(numbers.into_iter().zip(rows).filter_map(|(number, row)| {
        let thing = usize::try_from(number - 1).ok().and_then(|n| things.get(n))?;
        Some((thing, row))
    }))
}

/// What is stored, as far as the group asks.
#[derive(Default)]
struct Known {
    answered: HashSet<(Shard, MessageKey)>,
    keys: HashSet<PersonId>,
    lead_to: HashMap<Blind, PersonId>,
    versions: HashMap<PersonId, u64>,
    records: HashSet<RecordId>,
}

impl Facts for Known {
    type Error = Infallible;

    fn answered(&mut self, shard: Shard, message: MessageKey) -> Result<bool, Infallible> {
        Ok(self.answered.contains(&(shard, message)))
    }

    fn has_key(&mut self, person: PersonId) -> Result<bool, Infallible> {
        Ok(self.keys.contains(&person))
    }

    fn leads_to(&mut self, blind: Blind) -> Result<Option<PersonId>, Infallible> {
        Ok(self.lead_to.get(&blind).copied())
    }

    fn version(&mut self, person: PersonId) -> Result<u64, Infallible> {
        Ok(self.versions.get(&person).copied().unwrap_or(0))
    }

    fn has_record(&mut self, record: RecordId) -> Result<bool, Infallible> {
        Ok(self.records.contains(&record))
    }
}

/// The shard and the name of each thing, a column each.
pub(super) fn pairs<T>(things: &[T], pair: impl Fn(&T) -> (Shard, &[u8])) -> (Vec<i16>, Vec<&[u8]>) {
    things
        .iter()
        .map(pair)
        .map(|(shard, name)| (shard as i16, name))
        .unzip()
}

fn once<T: Ord>(things: &mut Vec<T>) {
    things.sort_unstable();
    things.dedup();
}
