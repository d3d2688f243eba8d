//! Writing a group of units in one transaction, and writing envelopes back.
//!
//! Deliberately does not know: which units are good (see `judge`), and what happens when the
//! connection breaks (see `turn`).

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use tokio_postgres::Error as Lost;
use vocabulary::{Blind, PersonId, Shard};

use super::fault::Fault;
use super::link::Link;
use super::read::{self, SEEN, name_at};
use super::turn::{self, Promise, Turn};
use crate::judge::{self, Accepted, Facts, Verdict};
use crate::shelf::*;

/// Statements that must go out in one go with others.
pub(super) const PREPARED: [&str; 14] = [
    SEEN,
    HAVE_KEYS,
    LEAD_TO,
    VERSIONS,
    HAVE_RECORDS,
    INSERT_KEYS,
    INSERT_IDENTIFIERS,
    INSERT_WAYS_BACK,
    INSERT_MESSAGES,
    INSERT_EVENTS,
    PUT_ROWS,
    INSERT_RECORDS,
    INSERT_LEAVES,
    read::PERSONS,
];

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

const INSERT_KEYS: &str = "INSERT INTO person_key (shard, person, wrapped)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bytea[])";
const INSERT_IDENTIFIERS: &str = "INSERT INTO identifier (shard, blind, person)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bytea[]) ON CONFLICT DO NOTHING";
const INSERT_WAYS_BACK: &str = "INSERT INTO identifier_of (shard, blind, person)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bytea[]) ON CONFLICT DO NOTHING";
const INSERT_MESSAGES: &str = "INSERT INTO message (shard, message, day)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bigint[]) ON CONFLICT DO NOTHING";
const INSERT_EVENTS: &str = "INSERT INTO event (shard, person, seq, version, day, sealed)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[])";
const PUT_ROWS: &str = "INSERT INTO person (shard, person, version, last_seq, next_due, terms, content)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[])
    ON CONFLICT (shard, person) DO UPDATE SET version = EXCLUDED.version, last_seq = EXCLUDED.last_seq,
        next_due = EXCLUDED.next_due, terms = EXCLUDED.terms, content = EXCLUDED.content";
const INSERT_RECORDS: &str = "INSERT INTO record (shard, id, person, sealed)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bytea[], $4::bytea[])";
const INSERT_LEAVES: &str = "INSERT INTO pending_leaf (shard, place, id, bytes)
    SELECT * FROM UNNEST($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])";

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

/// What a group writes: an array for each column.
#[derive(Default)]
struct Batch<'a> {
    keys: (Vec<i16>, Vec<&'a [u8]>, Vec<&'a [u8]>),
    identifiers: (Vec<i16>, Vec<&'a [u8]>, Vec<&'a [u8]>),
    way_back_shards: Vec<i16>,
    messages: (Vec<i16>, Vec<&'a [u8]>, Vec<i64>),
    events: (
        Vec<i16>,
        Vec<&'a [u8]>,
        Vec<i64>,
        Vec<i64>,
        Vec<i64>,
        Vec<&'a [u8]>,
    ),
    rows: Rows<'a>,
    records: (Vec<i16>, Vec<&'a [u8]>, Vec<&'a [u8]>, Vec<&'a [u8]>),
    leaves: (Vec<i16>, Vec<i64>, Vec<&'a [u8]>, Vec<&'a [u8]>),
}

impl<'a> Batch<'a> {
    fn of(accepted: &'a [Accepted<'a>], place: &mut u64) -> Batch<'a> {
        let mut batch = Batch::default();
        // Of each person the last row: one statement may not write a row twice.
        let mut rows: HashMap<PersonId, (&PersonRow, Seq)> = HashMap::new();
        for one in accepted {
            let (shard, person) = (one.person.shard() as i16, &one.person.0[..]);
            if let Some(key) = &one.unit.new_key {
                batch.keys.0.push(shard);
                batch.keys.1.push(person);
                batch.keys.2.push(&key.0);
            }
            for blind in &one.unit.identifiers {
                batch.identifiers.0.push(blind.shard() as i16);
                batch.identifiers.1.push(&blind.0);
                batch.identifiers.2.push(person);
                batch.way_back_shards.push(shard);
            }
            for message in &one.unit.messages {
                batch.messages.0.push(shard);
                batch.messages.1.push(&message.0);
                batch.messages.2.push(i64::from(one.unit.messages_day.0));
            }
            for (seq, _, event) in one.events() {
                batch.events.0.push(shard);
                batch.events.1.push(person);
                batch.events.2.push(seq as i64);
                batch.events.3.push(event.version as i64);
                batch.events.4.push(i64::from(event.day.0));
                batch.events.5.push(&event.sealed.0);
            }
            if let Some((_, row)) = &one.unit.envelope {
                rows.insert(one.person, (row, one.last_seq));
            }
            for record in &one.unit.records {
                batch.records.0.push(record.id.shard() as i16);
                batch.records.1.push(&record.id.0);
                batch.records.2.push(person);
                batch.records.3.push(&record.sealed.0);
            }
            for leaf in &one.unit.leaves {
                *place += 1;
                batch.leaves.0.push(leaf.id.shard() as i16);
                batch.leaves.1.push(*place as i64);
                batch.leaves.2.push(&leaf.id.0);
                batch.leaves.3.push(&leaf.bytes);
            }
        }
        for (row, last_seq) in rows.into_values() {
            batch.rows.add(row, last_seq);
        }
        batch
    }

    /// Sends every statement before it waits for the first.
    async fn write(&self, link: &Link) -> Result<(), Lost> {
        let Batch {
            keys: k,
            identifiers: i,
            way_back_shards: w,
            messages: m,
            events: e,
            rows,
            records: r,
            leaves: l,
        } = self;
        let written = tokio::join!(
            biased;
            async { put(link, INSERT_KEYS, &k.0, &[&k.0, &k.1, &k.2]).await },
            async { put(link, INSERT_IDENTIFIERS, &i.0, &[&i.0, &i.1, &i.2]).await },
            async { put(link, INSERT_WAYS_BACK, w, &[w, &i.1, &i.2]).await },
            async { put(link, INSERT_MESSAGES, &m.0, &[&m.0, &m.1, &m.2]).await },
            async { put(link, INSERT_EVENTS, &e.0, &[&e.0, &e.1, &e.2, &e.3, &e.4, &e.5]).await },
            rows.write(link),
            async { put(link, INSERT_RECORDS, &r.0, &[&r.0, &r.1, &r.2, &r.3]).await },
            async { put(link, INSERT_LEAVES, &l.0, &[&l.0, &l.1, &l.2, &l.3]).await },
        );
        let (a, b, c, d, e, f, g, h) = written;
        // The first error in order is the cause of those after it.
        a.and(b).and(c).and(d).and(e).and(f).and(g).and(h)
    }
}

/// Envelopes to write, a column each.
#[derive(Default)]
struct Rows<'a> {
    shards: Vec<i16>,
    persons: Vec<&'a [u8]>,
    versions: Vec<i64>,
    last_seqs: Vec<i64>,
    dues: Vec<Option<i64>>,
    terms: Vec<&'a [u8]>,
    contents: Vec<&'a [u8]>,
}

impl<'a> Rows<'a> {
    fn add(&mut self, row: &'a PersonRow, last_seq: Seq) {
        self.shards.push(row.person.shard() as i16);
        self.persons.push(&row.person.0);
        self.versions.push(row.version as i64);
        self.last_seqs.push(last_seq as i64);
        self.dues.push(row.next_due.map(|due| due.0));
        self.terms.push(&row.terms.0);
        self.contents.push(&row.content.0);
    }

    async fn write(&self, link: &Link) -> Result<(), Lost> {
        let Rows {
            shards,
            persons,
            versions,
            last_seqs,
            dues,
            terms,
            contents,
        } = self;
        put(
            link,
            PUT_ROWS,
            shards,
            &[shards, persons, versions, last_seqs, dues, terms, contents],
        )
        .await
    }
}

/// Writes rows, if there are any.
async fn put(
    link: &Link,
    sql: &'static str,
    shards: &[i16],
    columns: super::link::Params<'_>,
) -> Result<(), Lost> {
    if !shards.is_empty() {
        link.execute(sql, columns).await?;
    }
    Ok(())
}

/// The shard and the name of each thing, a column each.
pub(super) fn pairs<T>(things: &[T], pair: impl Fn(&T) -> (Shard, &[u8])) -> (Vec<i16>, Vec<&[u8]>) {
    things
        .iter()
        .map(|thing| pair(thing))
        .map(|(shard, name)| (shard as i16, name))
        .unzip()
}

fn once<T: Ord>(things: &mut Vec<T>) {
    things.sort_unstable();
    things.dedup();
}
