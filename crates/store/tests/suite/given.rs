//! Persons, events and units that tests speak of by number.

use store::{EventRow, Leaf, MessageKey, Outcome, PersonRow, RecordId, RecordRow, Seq, Unit, WrappedKey};
use vocabulary::{Blind, Day, Moment, PersonId, Sealed};

/// Spreads a small number over many bytes, so that persons lie in many shards.
fn bytes<const N: usize>(kind: u8, number: u64) -> [u8; N] {
    let mut state = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(kind) << 56);
    std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    })
}

pub fn person(number: u64) -> PersonId {
    PersonId(bytes(1, number))
}

pub fn blind(number: u64) -> Blind {
    Blind(bytes(2, number))
}

pub fn message(number: u64) -> MessageKey {
    MessageKey(bytes(3, number))
}

/// A record or leaf id in the shard of a person.
pub fn record_id(person: PersonId, number: u64) -> RecordId {
    let mut id: [u8; 16] = bytes(4, number);
    id[0] = person.0[0];
    id[1] = (person.0[1] & 0b1100_0000) | (id[1] & 0b0011_1111);
    RecordId(id)
}

pub fn key(number: u64) -> WrappedKey {
    WrappedKey(bytes::<60>(5, number).to_vec())
}

pub fn sealed(number: u64) -> Sealed {
    Sealed(bytes::<120>(6, number).to_vec())
}

pub fn event(version: u64, day: u32) -> EventRow {
    EventRow {
        version,
        day: Day(day),
        sealed: sealed(version * 1_000 + u64::from(day)),
    }
}

pub fn leaf(person: PersonId, number: u64) -> Leaf {
    Leaf {
        id: record_id(person, number),
        bytes: sealed(number).0,
    }
}

pub fn record(person: PersonId, number: u64) -> RecordRow {
    RecordRow {
        id: record_id(person, number),
        person,
        sealed: sealed(number),
    }
}

pub fn row(person: PersonId, version: u64) -> PersonRow {
    PersonRow {
        person,
        version,
        last_seq: 0,
        next_due: None,
        next_leave: None,
        terms: sealed(version),
        content: sealed(version + 500),
    }
}

pub fn row_due(person: PersonId, version: u64, due: i64) -> PersonRow {
    PersonRow {
        next_due: Some(Moment(due)),
        ..row(person, version)
    }
}

/// A unit of a person that does nothing yet.
pub fn unit(person: PersonId) -> Unit {
    Unit {
        person: Some(person),
        messages_day: Day(10),
        ..Unit::default()
    }
}

/// A new person with a key, an identifier and an envelope of version 1.
pub fn arrival(number: u64) -> Unit {
    let person = person(number);
    Unit {
        new_key: Some(key(number)),
        identifiers: vec![blind(number)],
        envelope: Some((0, row(person, 1))),
        ..unit(person)
    }
}

/// The head of the chain after a unit that must be done.
#[track_caller]
pub fn done(outcome: &Outcome) -> Seq {
    match outcome {
        Outcome::Done { last_seq } => *last_seq,
        other => panic!("expected a unit to be done, got {other:?}"),
    }
}
