//! Reading, over connections of its own.
//!
//! Deliberately does not know: the writer. Each question is one statement, so it sees what was
//! committed when it was asked.

use tokio_postgres::Row;
use vocabulary::{Blind, Day, Moment, PersonId, Sealed, Shard};

use super::commit::pairs;
use super::fault::Fault;
use super::link::Link;
use super::turn::unsigned;
use crate::shelf::*;

pub(super) const SEEN: &str =
    "SELECT q.n FROM UNNEST($1::smallint[], $2::bytea[]) WITH ORDINALITY AS q (shard, message, n)
    JOIN message m ON m.shard = q.shard AND m.message = q.message";
pub(super) const PERSONS: &str =
    "SELECT p.person, p.version, p.last_seq, p.next_due, p.terms, p.content, p.next_leave, q.n
    FROM UNNEST($1::smallint[], $2::bytea[]) WITH ORDINALITY AS q (shard, person, n)
    JOIN person p ON p.shard = q.shard AND p.person = q.person";
const KEYS: &str = "SELECT k.wrapped, q.n
    FROM UNNEST($1::smallint[], $2::bytea[]) WITH ORDINALITY AS q (shard, person, n)
    JOIN person_key k ON k.shard = q.shard AND k.person = q.person";
const RESOLVE: &str = "SELECT i.person, q.n
    FROM UNNEST($1::smallint[], $2::bytea[]) WITH ORDINALITY AS q (shard, blind, n)
    JOIN identifier i ON i.shard = q.shard AND i.blind = q.blind";

pub(super) async fn resolve(link: &Link, blinds: &[Blind]) -> Result<Vec<Option<PersonId>>, Fault> {
    let (shards, names) = pairs(blinds, |blind| (blind.shard(), &blind.0[..]));
    let rows = link.query(RESOLVE, &[&shards, &names]).await?;
    in_order(blinds.len(), &rows, 1, |row| Ok(PersonId(name_at(row, 0)?)))
}

pub(super) async fn identifiers_of(link: &Link, person: PersonId) -> Result<Vec<Blind>, Fault> {
    let sql = "SELECT blind FROM identifier_of WHERE shard = $1 AND person = $2 ORDER BY blind";
    let rows = link
        .query(sql, &[&(person.shard() as i16), &&person.0[..]])
        .await?;
    rows.iter().map(|row| Ok(Blind(name_at(row, 0)?))).collect()
}

pub(super) async fn persons(link: &Link, persons: &[PersonId]) -> Result<Vec<Option<PersonRow>>, Fault> {
    let (shards, names) = pairs(persons, |person| (person.shard(), &person.0[..]));
    let rows = link.query(PERSONS, &[&shards, &names]).await?;
    in_order(persons.len(), &rows, 7, person_row)
}

pub(super) async fn keys(link: &Link, persons: &[PersonId]) -> Result<Vec<Option<WrappedKey>>, Fault> {
    let (shards, names) = pairs(persons, |person| (person.shard(), &person.0[..]));
    let rows = link.query(KEYS, &[&shards, &names]).await?;
    in_order(persons.len(), &rows, 1, |row| Ok(WrappedKey(row.try_get(0)?)))
}

pub(super) async fn keys_after(
    link: &Link,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<(PersonId, WrappedKey)>, Fault> {
    let sql = "SELECT person, wrapped FROM person_key WHERE (shard, person) > ($1, $2)
               ORDER BY shard, person LIMIT $3";
    let (shard, person) = after.map_or((-1, [0; 16]), |after| (after.shard() as i16, after.0));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = link.query(sql, &[&shard, &&person[..], &limit]).await?;
    rows.iter()
        .map(|row| Ok((PersonId(name_at(row, 0)?), WrappedKey(row.try_get(1)?))))
        .collect()
}

pub(super) async fn seen(link: &Link, messages: &[(Shard, MessageKey)]) -> Result<Vec<bool>, Fault> {
    let (shards, names) = pairs(messages, |(shard, message)| (*shard, &message.0[..]));
    let rows = link.query(SEEN, &[&shards, &names]).await?;
    let found = in_order(messages.len(), &rows, 0, |_| Ok(()))?;
    Ok(found.into_iter().map(|found| found.is_some()).collect())
}

pub(super) async fn events_of(
    link: &Link,
    person: PersonId,
    last_seq: Seq,
    before: Seq,
    limit: usize,
) -> Result<Vec<StoredEvent>, Fault> {
    let below = if before == 0 {
        last_seq.saturating_add(1)
    } else {
        before.min(last_seq.saturating_add(1))
    };
    let sql = "SELECT seq, version, day, sealed FROM event WHERE shard = $1 AND person = $2 AND seq < $3
         ORDER BY seq DESC LIMIT $4";
    let (shard, name) = (person.shard() as i16, &person.0[..]);
    let rows = link
        .query(sql, &[&shard, &name, &(below as i64), &most(limit)])
        .await?;
    rows.iter()
        .map(|row| {
            let day = u32::try_from(row.try_get::<_, i64>(2)?).map_or(Day(u32::MAX), Day);
            let (version, sealed) = (unsigned(row.try_get(1)?)?, Sealed(row.try_get(3)?));
            Ok(StoredEvent {
                seq: unsigned(row.try_get(0)?)?,
                person,
                event: EventRow { version, day, sealed },
            })
        })
        .collect()
}

pub(super) async fn scan(
    link: &Link,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<PersonRow>, Fault> {
    let sql = "SELECT person, version, last_seq, next_due, terms, content, next_leave FROM person
         WHERE (shard, person) > ($1, $2) ORDER BY shard, person LIMIT $3";
    let (shard, name) = after.map_or((-1_i16, PersonId::NOBODY), |after| (after.shard() as i16, after));
    let rows = link.query(sql, &[&shard, &&name.0[..], &most(limit)]).await?;
    rows.iter().map(person_row).collect()
}

pub(super) async fn due_after(
    link: &Link,
    what: Due,
    now: Moment,
    after: Option<(Moment, PersonId)>,
    limit: usize,
) -> Result<Vec<(Moment, PersonId)>, Fault> {
    let sql = match what {
        Due::Scheduler => {
            "SELECT next_due, person FROM person WHERE next_due <= $1 AND (next_due, person) > ($2, $3)
             ORDER BY next_due, person LIMIT $4"
        }
        Due::Leaving => {
            "SELECT next_leave, person FROM person WHERE next_leave <= $1 AND (next_leave, person) > ($2, $3)
             ORDER BY next_leave, person LIMIT $4"
        }
    };
    // Nothing sorts before an empty name.
    let (from, name) = after
        .as_ref()
        .map_or((i64::MIN, &[][..]), |(due, person)| (due.0, &person.0[..]));
    let rows = link.query(sql, &[&now.0, &from, &name, &most(limit)]).await?;
    let named = |row: &Row| Ok((Moment(row.try_get(0)?), PersonId(name_at(row, 1)?)));
    rows.iter().map(named).collect()
}

pub(super) async fn record(link: &Link, id: RecordId) -> Result<Option<RecordRow>, Fault> {
    let sql = "SELECT person, sealed FROM record WHERE shard = $1 AND id = $2";
    let rows = link.query(sql, &[&(id.shard() as i16), &&id.0[..]]).await?;
    let row = rows.first().map(|row| {
        let person = PersonId(name_at(row, 0)?);
        Ok(RecordRow {
            id,
            person,
            sealed: Sealed(row.try_get(1)?),
        })
    });
    row.transpose()
}

pub(super) async fn records_of(
    link: &Link,
    person: PersonId,
    before: Option<RecordId>,
    limit: usize,
) -> Result<Vec<RecordRow>, Fault> {
    let sql = "SELECT id, sealed FROM record WHERE shard = $1 AND person = $2
             AND ($3::bytea IS NULL OR place <
                 (SELECT place FROM record WHERE shard = $1 AND id = $3 AND person = $2))
         ORDER BY place DESC LIMIT $4";
    let (shard, name) = (person.shard() as i16, &person.0[..]);
    let before = before.as_ref().map(|record| &record.0[..]);
    let rows = link.query(sql, &[&shard, &name, &before, &most(limit)]).await?;
    rows.iter()
        .map(|row| {
            Ok(RecordRow {
                id: RecordId(name_at(row, 0)?),
                person,
                sealed: Sealed(row.try_get(1)?),
            })
        })
        .collect()
}

pub(super) async fn counts(link: &Link) -> Result<Counts, Fault> {
    let sql = "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM person_key),
            (SELECT count(*) FROM identifier), (SELECT count(*) FROM event),
            (SELECT count(*) FROM record), (SELECT count(*) FROM pending_leaf)";
    let rows = link.query(sql, &[]).await?;
    let Some(row) = rows.first() else {
        return Ok(Counts::default());
    };
    Ok(Counts {
        persons: unsigned(row.try_get(0)?)?,
        keys: unsigned(row.try_get(1)?)?,
        identifiers: unsigned(row.try_get(2)?)?,
        events: unsigned(row.try_get(3)?)?,
        records: unsigned(row.try_get(4)?)?,
        pending_leaves: unsigned(row.try_get(5)?)?,
    })
}

/// A name of fixed length.
pub(super) fn name_at<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], Fault> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| Error::Broken("a name in the database has another length".to_owned()).into())
}

/// A limit as PostgreSQL takes it.
pub(super) fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn person_row(row: &Row) -> Result<PersonRow, Fault> {
    Ok(PersonRow {
        person: PersonId(name_at(row, 0)?),
        version: unsigned(row.try_get(1)?)?,
        last_seq: unsigned(row.try_get(2)?)?,
        next_due: row.try_get::<_, Option<i64>>(3)?.map(Moment),
        terms: Sealed(row.try_get(4)?),
        content: Sealed(row.try_get(5)?),
        next_leave: row.try_get::<_, Option<i64>>(6)?.map(Moment),
    })
}

/// Answers in the order of the questions; a row's column `n` is the number of its question, from 1.
fn in_order<T>(
    questions: usize,
    rows: &[Row],
    n: usize,
    answer: impl Fn(&Row) -> Result<T, Fault>,
) -> Result<Vec<Option<T>>, Fault> {
    let mut answers: Vec<Option<T>> = std::iter::repeat_with(|| None).take(questions).collect();
    for row in rows {
        let number = usize::try_from(row.try_get::<_, i64>(n)? - 1).unwrap_or(usize::MAX);
        if let Some(place) = answers.get_mut(number) {
            *place = Some(answer(row)?);
        }
    }
    Ok(answers)
}
