//! Whether each unit of a group may be applied, judged before anything is written, so that one
//! unit's conflict never undoes another's work.
//!
//! Deliberately does not know: how a driver finds the facts, or how it writes.

use std::collections::{HashMap, HashSet};

use vocabulary::{Blind, PersonId, Sealed, Shard};

use crate::shelf::*;

/// Refuses new wrapped keys that are too long, and lists that are.
pub(crate) fn rewraps_well_formed(changes: &[Rewrap]) -> Result<(), Error> {
    size("number of keys to wrap anew", changes.len(), MAX_GROUP)?;
    let length = |change: &Rewrap| size("length of a wrapped key", change.wrapped.0.len(), MAX_KEY);
    changes.iter().try_for_each(length)
}

/// What is stored before the group, asked for one thing at a time.
pub(crate) trait Facts {
    /// Why asking may fail.
    type Error;

    /// Whether the message was answered.
    fn answered(&mut self, shard: Shard, message: MessageKey) -> Result<bool, Self::Error>;
    /// Whether the person has a key.
    fn has_key(&mut self, person: PersonId) -> Result<bool, Self::Error>;
    /// Whom the identifier leads to.
    fn leads_to(&mut self, blind: Blind) -> Result<Option<PersonId>, Self::Error>;
    /// Version of the person's envelope, 0 if there is none.
    fn version(&mut self, person: PersonId) -> Result<u64, Self::Error>;
    /// Whether the record exists.
    fn has_record(&mut self, record: RecordId) -> Result<bool, Self::Error>;
}

/// A unit to be written as it stands, with its place in the order of events.
pub(crate) struct Accepted<'a> {
    pub(crate) unit: &'a Unit,
    /// Whose, `NOBODY` if nobody's.
    pub(crate) person: PersonId,
    /// Head of the person's chain before the unit's first event.
    pub(crate) prev_seq: Seq,
    /// Of the unit's first event, if it has any.
    pub(crate) first_seq: Seq,
    /// Head of the person's chain after the unit.
    pub(crate) last_seq: Seq,
}

impl<'a> Accepted<'a> {
    /// The unit's events with `(seq, prev)` of each.
    pub(crate) fn events(&self) -> impl Iterator<Item = (Seq, Seq, &'a EventRow)> + use<'a> {
        let (first, prev_seq) = (self.first_seq, self.prev_seq);
        (first..)
            .zip(&self.unit.events)
            .map(move |(seq, event)| (seq, if seq == first { prev_seq } else { seq - 1 }, event))
    }
}

/// The judgement of a group.
pub(crate) struct Verdict<'a> {
    /// Of each unit, in order.
    pub(crate) outcomes: Vec<Outcome>,
    /// What is to be written, in order.
    pub(crate) accepted: Vec<Accepted<'a>>,
    /// The store's newest event once all is written.
    pub(crate) newest: Seq,
}

/// Judges a well-formed group; `newest` is the store's newest event before it.
pub(crate) fn judge<'a, F: Facts>(
    units: &'a [Unit],
    mut newest: Seq,
    facts: &mut F,
) -> Result<Verdict<'a>, F::Error> {
    let mut group = Group::default();
    let mut outcomes = Vec::with_capacity(units.len());
    let mut accepted = Vec::with_capacity(units.len());
    for unit in units {
        let person = unit.person.unwrap_or(PersonId::NOBODY);
        let prev_seq = match group.heads.get(&person) {
            Some(head) if person != PersonId::NOBODY => *head,
            _ => unit.prev_seq,
        };
        if let Some(refusal) = group.refusal(unit, person, prev_seq, newest, facts)? {
            outcomes.push(refusal);
            continue;
        }
        let first_seq = newest + 1;
        newest += unit.events.len() as u64;
        let last_seq = if unit.events.is_empty() { prev_seq } else { newest };
        group.note(unit, person, last_seq);
        outcomes.push(Outcome::Done { last_seq });
        accepted.push(Accepted {
            unit,
            person,
            prev_seq,
            first_seq,
            last_seq,
        });
    }
    Ok(Verdict {
        outcomes,
        accepted,
        newest,
    })
}

/// What the accepted units of this group have changed so far.
#[derive(Default)]
struct Group {
    messages: HashSet<(Shard, MessageKey)>,
    keys: HashSet<PersonId>,
    identifiers: HashMap<Blind, PersonId>,
    versions: HashMap<PersonId, u64>,
    heads: HashMap<PersonId, Seq>,
    records: HashSet<RecordId>,
}

impl Group {
    fn refusal<F: Facts>(
        &self,
        unit: &Unit,
        person: PersonId,
        prev_seq: Seq,
        newest: Seq,
        facts: &mut F,
    ) -> Result<Option<Outcome>, F::Error> {
        let shard = person.shard();
        for message in &unit.messages {
            if self.messages.contains(&(shard, *message)) || facts.answered(shard, *message)? {
                return Ok(Some(Outcome::Duplicate));
            }
        }
        if person != PersonId::NOBODY {
            let has_key = self.keys.contains(&person) || facts.has_key(person)?;
            if has_key == unit.new_key.is_some() {
                return Ok(Some(Outcome::Conflict));
            }
        }
        for blind in &unit.identifiers {
            let leads_to = match self.identifiers.get(blind) {
                Some(somebody) => Some(*somebody),
                None => facts.leads_to(*blind)?,
            };
            if leads_to.is_some_and(|somebody| somebody != person) {
                return Ok(Some(Outcome::Conflict));
            }
        }
        if let Some((expected, _)) = &unit.envelope {
            let version = match self.versions.get(&person) {
                Some(version) => *version,
                None => facts.version(person)?,
            };
            if version != *expected {
                return Ok(Some(Outcome::Conflict));
            }
        }
        for (n, record) in unit.records.iter().enumerate() {
            let twice = unit.records.iter().take(n).any(|earlier| earlier.id == record.id);
            if twice || self.records.contains(&record.id) || facts.has_record(record.id)? {
                return Ok(Some(Outcome::Conflict));
            }
        }
        Ok((prev_seq > newest).then_some(Outcome::Conflict))
    }

    fn note(&mut self, unit: &Unit, person: PersonId, last_seq: Seq) {
        let shard = person.shard();
        self.messages
            .extend(unit.messages.iter().map(|message| (shard, *message)));
        if unit.new_key.is_some() {
            self.keys.insert(person);
        }
        self.identifiers
            .extend(unit.identifiers.iter().map(|blind| (*blind, person)));
        if let Some((_, row)) = &unit.envelope {
            self.versions.insert(person, row.version);
        }
        if !unit.events.is_empty() {
            self.heads.insert(person, last_seq);
        }
        self.records.extend(unit.records.iter().map(|record| record.id));
    }
}

/// Refuses groups that no program should make: see [`Unit`].
pub(crate) fn well_formed(units: &[Unit]) -> Result<(), Error> {
    size("number of units in a group", units.len(), MAX_GROUP)?;
    size(
        "number of bytes in a group",
        units.iter().map(bytes).sum(),
        MAX_GROUP_BYTES,
    )?;
    for unit in units {
        let person = unit.person.unwrap_or(PersonId::NOBODY);
        if person == PersonId::NOBODY
            && !(unit.events.is_empty()
                && unit.identifiers.is_empty()
                && unit.new_key.is_none()
                && unit.envelope.is_none())
        {
            return Err(refused(
                "a unit of nobody has a key, an identifier, an event or an envelope",
            ));
        }
        for (what, length) in [
            ("number of events in a unit", unit.events.len()),
            ("number of identifiers in a unit", unit.identifiers.len()),
            ("number of messages in a unit", unit.messages.len()),
            ("number of records in a unit", unit.records.len()),
            ("number of leaves in a unit", unit.leaves.len()),
        ] {
            size(what, length, MAX_GROUP)?;
        }
        if let Some(WrappedKey(bytes)) = &unit.new_key {
            size("length of a wrapped key", bytes.len(), MAX_KEY)?;
        }
        for event in &unit.events {
            sealed("length of an event", &event.sealed)?;
            number(event.version)?;
        }
        for record in &unit.records {
            sealed("length of a record", &record.sealed)?;
            if record.person != person {
                return Err(refused("a record belongs to another person than its unit"));
            }
            if record.id.shard() != person.shard() {
                return Err(refused("a record's id lies in another shard than its person"));
            }
        }
        for leaf in &unit.leaves {
            size("length of a ledger leaf", leaf.bytes.len(), MAX_LEAF)?;
        }
        if let Some((expected, row)) = &unit.envelope {
            if row.person != person {
                return Err(refused("an envelope belongs to another person than its unit"));
            }
            row_well_formed(*expected, row)?;
        }
    }
    Ok(())
}

/// Refuses rows to flush that no program should make.
pub(crate) fn rows_well_formed(rows: &[(u64, PersonRow)]) -> Result<(), Error> {
    size("number of rows in a list", rows.len(), MAX_GROUP)?;
    let bytes = rows
        .iter()
        .map(|(_, row)| row.terms.len() + row.content.len())
        .sum();
    size("number of bytes in a list of rows", bytes, MAX_GROUP_BYTES)?;
    rows.iter()
        .try_for_each(|(expected, row)| row_well_formed(*expected, row))
}

/// Refuses integrations that no sequencer should make.
pub(crate) fn integration_well_formed(integration: &Integration) -> Result<(), Error> {
    size(
        "length of a checkpoint",
        integration.checkpoint.len(),
        MAX_CHECKPOINT,
    )?;
    if integration.expected.as_ref() == Some(&integration.checkpoint) {
        return Err(refused("the checkpoint is the one it should follow"));
    }
    for (path, bytes) in &integration.tiles {
        name(path)?;
        size("length of a tile", bytes.len(), MAX_TILE)?;
    }
    let places: HashSet<u64> = integration.integrated.iter().map(|(place, ..)| *place).collect();
    if places.len() < integration.integrated.len() {
        return Err(refused("a leaf is integrated twice"));
    }
    integration
        .integrated
        .iter()
        .try_for_each(|(place, _, index)| number(*place).and(number(*index)))
}

/// Refuses names that are empty, too long, or hold a NUL, which PostgreSQL cannot keep.
pub(crate) fn name(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.contains('\0') {
        return Err(refused("a name is empty or holds a NUL"));
    }
    size("length of a name", name.len(), MAX_NAME)
}

/// The first name, in the order of bytes, after all that begin with `prefix`; `None` if there is no
/// such name. Code points and their UTF-8 bytes have the same order.
pub(crate) fn after_all(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // The range steps over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

/// Refuses what is larger than its limit.
pub(crate) fn size(what: &str, found: usize, most: usize) -> Result<(), Error> {
    if found <= most {
        Ok(())
    } else {
        Err(refused(&format!(
            "the {what} is {found}, above the limit of {most}"
        )))
    }
}

/// A row to flush meets another version than expected.
pub(crate) fn stale_row(expected: u64, found: u64) -> Error {
    Error::Broken(format!(
        "an envelope to write back was made from version {expected}, but version {found} is stored: \
         two writers, or a writer that lost count"
    ))
}

/// A flush claims events that do not exist.
pub(crate) fn beyond_newest(applied: Seq, newest: Seq) -> Error {
    refused(&format!(
        "events up to {applied} are said to be applied, but the newest is {newest}"
    ))
}

/// An integration names a leaf that does not wait.
pub(crate) fn not_pending(place: u64) -> Error {
    refused(&format!(
        "the leaf at place {place} is not in the queue, or has another id"
    ))
}

fn bytes(unit: &Unit) -> usize {
    let envelope = unit
        .envelope
        .as_ref()
        .map_or(0, |(_, row)| row.terms.len() + row.content.len());
    let events: usize = unit.events.iter().map(|event| event.sealed.len()).sum();
    let records: usize = unit.records.iter().map(|record| record.sealed.len()).sum();
    let leaves: usize = unit.leaves.iter().map(|leaf| leaf.bytes.len()).sum();
    envelope + events + records + leaves
}

fn row_well_formed(expected: u64, row: &PersonRow) -> Result<(), Error> {
    sealed("length of a part of an envelope", &row.terms)?;
    sealed("length of a part of an envelope", &row.content)?;
    number(row.version)?;
    number(row.last_seq)?;
    if row.person == PersonId::NOBODY {
        return Err(refused("an envelope belongs to nobody"));
    }
    if row.version <= expected {
        return Err(refused("an envelope's version does not grow"));
    }
    Ok(())
}

fn sealed(what: &str, sealed: &Sealed) -> Result<(), Error> {
    size(what, sealed.len(), MAX_SEALED)
}

fn number(number: u64) -> Result<(), Error> {
    if i64::try_from(number).is_ok() {
        Ok(())
    } else {
        Err(refused("a number is above what the engines keep"))
    }
}

fn refused(why: &str) -> Error {
    Error::Refused(why.to_owned())
}
