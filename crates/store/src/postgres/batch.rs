//! What a group writes, turned from rows of units into columns of tables, so that each table takes
//! one statement.
//!
//! Deliberately does not know: whether a unit is good.

use std::collections::HashMap;

use tokio_postgres::Error as Lost;
use vocabulary::PersonId;

use super::link::{Link, Params};
use crate::judge::Accepted;
use crate::shelf::{PersonRow, Seq};

/// Statements that must go out in one go with others.
pub(super) const PREPARED: [&str; 8] = [
    INSERT_KEYS,
    INSERT_IDENTIFIERS,
    INSERT_WAYS_BACK,
    INSERT_MESSAGES,
    INSERT_EVENTS,
    PUT_ROWS,
    INSERT_RECORDS,
    INSERT_LEAVES,
];

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
const PUT_ROWS: &str = "INSERT INTO person (shard, person, version, last_seq, next_due, terms, content, next_leave)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[],
        $8::bigint[])
    ON CONFLICT (shard, person) DO UPDATE SET version = EXCLUDED.version, last_seq = EXCLUDED.last_seq,
        next_due = EXCLUDED.next_due, terms = EXCLUDED.terms, content = EXCLUDED.content,
        next_leave = EXCLUDED.next_leave";
const INSERT_RECORDS: &str = "INSERT INTO record (shard, id, person, place, sealed)
    SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[])";
const INSERT_LEAVES: &str = "INSERT INTO pending_leaf (shard, place, id, bytes)
    SELECT * FROM UNNEST($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])";

/// A column of names or sealed bytes.
type Bytes<'a> = Vec<&'a [u8]>;

/// What a group writes.
#[derive(Default)]
pub(super) struct Batch<'a> {
    keys: Keys<'a>,
    identifiers: Identifiers<'a>,
    messages: Messages<'a>,
    events: Events<'a>,
    rows: Rows<'a>,
    records: Records<'a>,
    leaves: Leaves<'a>,
}

#[derive(Default)]
struct Keys<'a> {
    shards: Vec<i16>,
    persons: Bytes<'a>,
    wrapped: Bytes<'a>,
}

#[derive(Default)]
struct Identifiers<'a> {
    blind_shards: Vec<i16>,
    person_shards: Vec<i16>,
    blinds: Bytes<'a>,
    persons: Bytes<'a>,
}

#[derive(Default)]
struct Messages<'a> {
    shards: Vec<i16>,
    messages: Bytes<'a>,
    days: Vec<i64>,
}

#[derive(Default)]
struct Events<'a> {
    shards: Vec<i16>,
    persons: Bytes<'a>,
    seqs: Vec<i64>,
    versions: Vec<i64>,
    days: Vec<i64>,
    sealed: Bytes<'a>,
}

#[derive(Default)]
struct Records<'a> {
    shards: Vec<i16>,
    ids: Bytes<'a>,
    persons: Bytes<'a>,
    places: Vec<i64>,
    sealed: Bytes<'a>,
}

#[derive(Default)]
struct Leaves<'a> {
    shards: Vec<i16>,
    places: Vec<i64>,
    ids: Bytes<'a>,
    bytes: Bytes<'a>,
}

impl<'a> Batch<'a> {
    /// The columns of these units; `place` is the last place given to a record or a leaf.
    pub(super) fn of(accepted: &'a [Accepted<'a>], place: &mut u64) -> Batch<'a> {
        let mut batch = Batch::default();
        // Of each person the last row: one statement may not write a row twice.
        let mut rows: HashMap<PersonId, (&PersonRow, Seq)> = HashMap::new();
        for one in accepted {
            batch.add(one, place);
            if let Some((_, row)) = &one.unit.envelope {
                rows.insert(one.person, (row, one.last_seq));
            }
        }
        for (row, last_seq) in rows.into_values() {
            batch.rows.add(row, last_seq);
        }
        batch
    }

    fn add(&mut self, one: &'a Accepted<'a>, place: &mut u64) {
        let (shard, person) = (one.person.shard() as i16, &one.person.0[..]);
        if let Some(key) = &one.unit.new_key {
            self.keys.shards.push(shard);
            self.keys.persons.push(person);
            self.keys.wrapped.push(&key.0);
        }
        for blind in &one.unit.identifiers {
            self.identifiers.blind_shards.push(blind.shard() as i16);
            self.identifiers.person_shards.push(shard);
            self.identifiers.blinds.push(&blind.0);
            self.identifiers.persons.push(person);
        }
        for message in &one.unit.messages {
            self.messages.shards.push(shard);
            self.messages.messages.push(&message.0);
            self.messages.days.push(i64::from(one.unit.messages_day.0));
        }
        for (seq, _, event) in one.events() {
            self.events.shards.push(shard);
            self.events.persons.push(person);
            self.events.seqs.push(seq as i64);
            self.events.versions.push(event.version as i64);
            self.events.days.push(i64::from(event.day.0));
            self.events.sealed.push(&event.sealed.0);
        }
        for record in &one.unit.records {
            *place += 1;
            self.records.places.push(*place as i64);
            self.records.shards.push(record.id.shard() as i16);
            self.records.ids.push(&record.id.0);
            self.records.persons.push(person);
            self.records.sealed.push(&record.sealed.0);
        }
        for leaf in &one.unit.leaves {
            *place += 1;
            self.leaves.shards.push(leaf.id.shard() as i16);
            self.leaves.places.push(*place as i64);
            self.leaves.ids.push(&leaf.id.0);
            self.leaves.bytes.push(&leaf.bytes);
        }
    }

    /// Writes all of it. Sends every statement before it waits for the first.
    pub(super) async fn write(&self, link: &Link) -> Result<(), Lost> {
        let Batch {
            keys,
            identifiers,
            messages,
            events,
            rows,
            records,
            leaves,
        } = self;
        let written = tokio::join!(
            biased;
            async { put(link, INSERT_KEYS, &keys.shards, &[&keys.shards, &keys.persons, &keys.wrapped]).await },
            async {
                let Identifiers { blind_shards, blinds, persons, .. } = identifiers;
                put(link, INSERT_IDENTIFIERS, blind_shards, &[blind_shards, blinds, persons]).await
            },
            async {
                let Identifiers { person_shards, blinds, persons, .. } = identifiers;
                put(link, INSERT_WAYS_BACK, person_shards, &[person_shards, blinds, persons]).await
            },
            async {
                let Messages { shards, messages, days } = messages;
                put(link, INSERT_MESSAGES, shards, &[shards, messages, days]).await
            },
            async {
                let Events { shards, persons, seqs, versions, days, sealed } = events;
                put(link, INSERT_EVENTS, shards, &[shards, persons, seqs, versions, days, sealed]).await
            },
            rows.write(link),
            async {
                let Records { shards, ids, persons, places, sealed } = records;
                put(link, INSERT_RECORDS, shards, &[shards, ids, persons, places, sealed]).await
            },
            async {
                let Leaves { shards, places, ids, bytes } = leaves;
                put(link, INSERT_LEAVES, shards, &[shards, places, ids, bytes]).await
            },
        );
        let (a, b, c, d, e, f, g, h) = written;
        // The first error in order is the cause of those after it.
        a.and(b).and(c).and(d).and(e).and(f).and(g).and(h)
    }
}

/// Envelopes to write.
#[derive(Default)]
pub(super) struct Rows<'a> {
    shards: Vec<i16>,
    persons: Bytes<'a>,
    versions: Vec<i64>,
    last_seqs: Vec<i64>,
    dues: Vec<Option<i64>>,
    terms: Bytes<'a>,
    contents: Bytes<'a>,
    leaves: Vec<Option<i64>>,
}

impl<'a> Rows<'a> {
    pub(super) fn add(&mut self, row: &'a PersonRow, last_seq: Seq) {
        self.shards.push(row.person.shard() as i16);
        self.persons.push(&row.person.0);
        self.versions.push(row.version as i64);
        self.last_seqs.push(last_seq as i64);
        self.dues.push(row.next_due.map(|due| due.0));
        self.terms.push(&row.terms.0);
        self.contents.push(&row.content.0);
        self.leaves.push(row.next_leave.map(|due| due.0));
    }

    pub(super) async fn write(&self, link: &Link) -> Result<(), Lost> {
        let Rows {
            shards,
            persons,
            versions,
            last_seqs,
            dues,
            terms,
            contents,
            leaves,
        } = self;
        put(
            link,
            PUT_ROWS,
            shards,
            &[
                shards, persons, versions, last_seqs, dues, terms, contents, leaves,
            ],
        )
        .await
    }
}

/// Writes rows, if there are any.
async fn put(link: &Link, sql: &'static str, shards: &[i16], columns: Params<'_>) -> Result<(), Lost> {
    if !shards.is_empty() {
        link.execute(sql, columns).await?;
    }
    Ok(())
}
