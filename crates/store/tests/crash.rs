//! A writer is killed at random points, again and again; after each kill everything it was told is
//! durable is there, nothing is half there, nothing is there twice.
//!
//! The writer is this very program: the ignored test `writer`, started with the store to write to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and its child speaks through its output"
)]

#[path = "suite/given.rs"]
#[expect(dead_code, reason = "the suite needs more of it")]
mod given;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use given::{blind, key, message, record_id, unit};
use store::testing::{PostgresServer, WITHOUT_POSTGRES};
use store::{
    Embedded, EventRow, Leaf, Outcome, PersonRow, Postgres, RecordRow, Seq, Shelf, StoredEvent, Unit,
    WriteBack,
};
use vocabulary::{Day, Moment, PersonId, Sealed};

const STORE: &str = "EGARD_TEST_CRASH_STORE";
const FROM: &str = "EGARD_TEST_CRASH_FROM";
const KILLS: u64 = 50;
/// Every seventh unit is a new person's first.
const PER_PERSON: u64 = 7;

#[test]
fn a_killed_writer_of_the_embedded_store_loses_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let open = || -> Box<dyn Shelf> { Box::new(Embedded::open(folder.path()).unwrap()) };
    kill_again_and_again(folder.path().to_str().unwrap(), open);
}

#[test]
fn a_killed_writer_to_postgresql_loses_and_repeats_nothing() {
    let Some(server) = PostgresServer::shared().unwrap_or_else(|why| panic!("{why}")) else {
        let _said = writeln!(
            std::io::stderr(),
            "SKIPPED on PostgreSQL, because {WITHOUT_POSTGRES} is set"
        );
        return;
    };
    let database = server.new_database().unwrap();
    kill_again_and_again(&database, || Box::new(Postgres::connect(&database).unwrap()));
}

fn kill_again_and_again(store: &str, open: impl Fn() -> Box<dyn Shelf>) {
    let mut acknowledged = 0;
    let mut kills = 0;
    let mut in_flight = 0;
    // A slow machine may need more kills before there was enough to lose.
    while kills < KILLS || (acknowledged < KILLS && kills < KILLS * 6) {
        // Anything from before the first acknowledgement to many groups and flushes later.
        let pause = Duration::from_millis(kills * 7919 % 150);
        let before = acknowledged;
        acknowledged = acknowledged.max(run_and_kill(store, acknowledged, pause, kills % 5 == 4));
        kills += 1;
        let shelf = open();
        let from = if kills % 10 == 0 || kills >= KILLS {
            1
        } else {
            before.saturating_sub(300).max(1)
        };
        let applied = verify(&*shelf, from, acknowledged);
        in_flight += u64::from(applied > acknowledged);
    }
    assert!(
        acknowledged >= KILLS,
        "only {acknowledged} units were acknowledged"
    );
    let _said = writeln!(
        std::io::stderr(),
        "{kills} kills, {acknowledged} units acknowledged, {in_flight} times more was durable than acknowledged"
    );
}

/// Runs the writer until `pause` after it has opened the store, or after its start if `early`; kills
/// it, and answers its last word.
fn run_and_kill(store: &str, acknowledged: u64, pause: Duration, early: bool) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "writer",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(STORE, store)
        .env(FROM, (acknowledged + 1).to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    if !early {
        let opened = lines.by_ref().find(|line| line.as_ref().unwrap() == "open");
        assert!(opened.is_some(), "the writer did not open the store");
    }
    let mut last = 0;
    let mut hear = |line: std::io::Result<String>| {
        if let Some(number) = line.unwrap().strip_prefix("done ") {
            last = number.parse().unwrap();
        }
    };
    std::thread::scope(|scope| {
        let child = &mut child;
        scope.spawn(move || {
            std::thread::sleep(pause);
            child.kill().unwrap();
        });
        lines.by_ref().for_each(&mut hear);
    });
    let status = child.wait().unwrap();
    assert!(status.code().is_none(), "the writer ended by itself: {status}");
    last
}

/// The writer. Units are numbered from 1; it says `done n` once all up to `n` are acknowledged.
#[test]
#[ignore = "run by the other tests, to be killed"]
fn writer() {
    let Ok(store) = std::env::var(STORE) else { return };
    let from: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let shelf: Box<dyn Shelf> = if Path::new(&store).is_dir() {
        Box::new(Embedded::open(Path::new(&store)).unwrap())
    } else {
        Box::new(Postgres::connect(&store).unwrap())
    };
    let epoch = shelf.acquire("writer", Moment(0), 1_000).unwrap();
    println!("\nopen");
    let mut people = People::recover(&*shelf, from);
    let mut number = from;
    // What was in flight when the last one was killed is sent again, and answered as a duplicate.
    while shelf
        .seen(&[(person_of(number).shard(), message(number))])
        .unwrap()[0]
    {
        let again = people.clone().unit(number, shelf.write_back());
        assert_eq!(shelf.commit(epoch, &[again]).unwrap(), [Outcome::Duplicate]);
        println!("done {number}");
        number += 1;
    }
    for group in 0_u64.. {
        let numbers = number..number + 1 + (number * 31 + group) % 9;
        let units: Vec<Unit> = numbers
            .clone()
            .map(|number| people.unit(number, shelf.write_back()))
            .collect();
        let outcomes = shelf.commit(epoch, &units).unwrap();
        for (unit, outcome) in units.iter().zip(outcomes) {
            let Outcome::Done { last_seq } = outcome else {
                panic!("a fresh unit is {outcome:?}")
            };
            people.newest = people.newest.max(last_seq);
            people.known.get_mut(&unit.person.unwrap()).unwrap().head = last_seq;
        }
        number = numbers.end;
        println!("done {}", number - 1);
        if shelf.write_back() == WriteBack::Lazy && group % 4 == 3 {
            shelf.flush(epoch, &people.dirty_rows(), people.newest).unwrap();
        }
        if group % 16 == 15 {
            shelf.tidy().unwrap();
        }
    }
}

/// What the writer keeps of one person: all inputs folded in, in order.
#[derive(Clone, Default)]
struct Person {
    inputs: Vec<u64>,
    head: Seq,
    stored: u64,
}

/// What the writer keeps of all of them.
#[derive(Clone)]
struct People {
    known: BTreeMap<PersonId, Person>,
    newest: Seq,
}

impl People {
    /// Reads envelopes, and folds in the events that are in none yet: what every writer must do.
    fn recover(shelf: &dyn Shelf, next: u64) -> People {
        let mut people = People {
            known: BTreeMap::new(),
            newest: 0,
        };
        // Units in flight may have brought persons beyond `next`.
        for number in (0..next + 100).step_by(PER_PERSON as usize) {
            let id = given::person(number);
            if let Some(row) = shelf.persons(&[id]).unwrap().remove(0) {
                let inputs = numbers_in(&row.content);
                assert_eq!(inputs.len() as u64, row.version);
                people.newest = people.newest.max(row.last_seq);
                people.known.insert(
                    id,
                    Person {
                        inputs,
                        head: row.last_seq,
                        stored: row.version,
                    },
                );
            }
        }
        for stored in shelf.unapplied(0, usize::MAX).unwrap() {
            let person = people.known.entry(stored.person).or_default();
            people.newest = people.newest.max(stored.seq);
            if stored.event.version > person.inputs.len() as u64 {
                person.inputs.push(number_of(&stored));
                person.head = stored.seq;
                assert_eq!(stored.event.version, person.inputs.len() as u64);
            }
        }
        people
    }

    fn unit(&mut self, number: u64, write_back: WriteBack) -> Unit {
        let id = person_of(number);
        let person = self.known.entry(id).or_default();
        let expected = person.inputs.len() as u64;
        let new = person.inputs.is_empty();
        person.inputs.push(number);
        let mut sealed = vec![number as u8; 200];
        sealed[..8].copy_from_slice(&number.to_le_bytes());
        let event = EventRow {
            version: expected + 1,
            day: Day(number as u32 / 100),
            sealed: Sealed(sealed),
        };
        Unit {
            new_key: new.then(|| key(number)),
            identifiers: if new {
                vec![blind(number), blind(number + 1)]
            } else {
                Vec::new()
            },
            messages: vec![message(number)],
            prev_seq: person.head,
            events: vec![event],
            envelope: (write_back == WriteBack::Eager).then(|| (expected, person.row(id))),
            records: if number.is_multiple_of(3) {
                vec![record(id, number)]
            } else {
                Vec::new()
            },
            leaves: vec![Leaf {
                id: record_id(id, number),
                bytes: number.to_le_bytes().to_vec(),
            }],
            ..unit(id)
        }
    }

    fn dirty_rows(&mut self) -> Vec<(u64, PersonRow)> {
        let dirty = self
            .known
            .iter_mut()
            .filter(|(_, person)| person.stored < person.inputs.len() as u64);
        dirty
            .map(|(id, person)| {
                let expected = std::mem::replace(&mut person.stored, person.inputs.len() as u64);
                (expected, person.row(*id))
            })
            .collect()
    }
}

impl Person {
    fn row(&self, person: PersonId) -> PersonRow {
        PersonRow {
            person,
            version: self.inputs.len() as u64,
            last_seq: self.head,
            next_due: None,
            next_leave: None,
            terms: Sealed(vec![1; 50]),
            content: Sealed(
                self.inputs
                    .iter()
                    .flat_map(|number| number.to_le_bytes())
                    .collect(),
            ),
        }
    }
}

/// Checks the store after a kill: units up to `acknowledged` are there, maybe some more, each whole
/// and once. Looks closely at what came with units `from` on. Answers the last unit that is there.
fn verify(shelf: &dyn Shelf, from: u64, acknowledged: u64) -> u64 {
    // As every new owner does: on PostgreSQL it waits for a commit of the dead one that the server may
    // still be carrying out, and fences what would come after.
    shelf.acquire("writer", Moment(0), 1_000).unwrap();
    let asked: Vec<u64> = (1..=acknowledged + 100).collect();
    let messages: Vec<_> = asked
        .iter()
        .map(|number| (person_of(*number).shard(), message(*number)))
        .collect();
    let seen = shelf.seen(&messages).unwrap();
    let applied = seen.iter().take_while(|seen| **seen).count() as u64;
    assert!(
        applied >= acknowledged,
        "unit {} of {acknowledged} is lost",
        applied + 1
    );
    assert!(
        seen[applied as usize..].iter().all(|seen| !seen),
        "a later unit is there without an earlier one"
    );

    let leaves: Vec<u64> = shelf
        .pending_leaves(usize::MAX)
        .unwrap()
        .into_iter()
        .map(|pending| {
            let number = u64::from_le_bytes(pending.leaf.bytes.try_into().unwrap());
            assert_eq!(pending.leaf.id, record_id(person_of(number), number));
            number
        })
        .collect();
    assert_eq!(
        leaves,
        (1..=applied).collect::<Vec<_>>(),
        "each leaf once, in order"
    );

    let mut inputs: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for number in 1..=applied {
        inputs.entry(person_number(number)).or_default().push(number);
    }
    let counts = shelf.counts().unwrap();
    assert_eq!(counts.events, applied);
    assert_eq!(counts.pending_leaves, applied);
    assert_eq!(counts.records, applied / 3);
    assert_eq!(counts.keys, inputs.len() as u64, "no key without its unit");
    assert_eq!(counts.identifiers, inputs.len() as u64 * 2);
    for number in from..=applied + 20 {
        let id = record_id(person_of(number), number);
        let expected =
            (number.is_multiple_of(3) && number <= applied).then(|| record(person_of(number), number));
        assert_eq!(shelf.record(id).unwrap(), expected, "the record of unit {number}");
    }
    let mut unapplied: BTreeMap<PersonId, Vec<StoredEvent>> = BTreeMap::new();
    for stored in shelf.unapplied(0, usize::MAX).unwrap() {
        unapplied.entry(stored.person).or_default().push(stored);
    }
    for (person, inputs) in &inputs {
        if *inputs.last().unwrap() >= from {
            verify_person(
                shelf,
                given::person(*person),
                inputs,
                unapplied.remove(&given::person(*person)),
            );
        }
    }
    applied
}

fn verify_person(shelf: &dyn Shelf, id: PersonId, inputs: &[u64], unapplied: Option<Vec<StoredEvent>>) {
    let first = inputs[0];
    assert_eq!(shelf.keys(&[id]).unwrap(), [Some(key(first))]);
    assert_eq!(
        shelf.resolve(&[blind(first), blind(first + 1)]).unwrap(),
        [Some(id); 2]
    );
    let row = shelf.persons(&[id]).unwrap().remove(0);
    let (version, stored_head) = row.as_ref().map_or((0, 0), |row| (row.version, row.last_seq));
    let later: Vec<StoredEvent> = unapplied
        .unwrap_or_default()
        .into_iter()
        .filter(|stored| stored.event.version > version)
        .collect();
    assert_eq!(
        version as usize + later.len(),
        inputs.len(),
        "an envelope and the events after it"
    );
    if let Some(row) = row {
        assert_eq!(numbers_in(&row.content), inputs[..version as usize]);
    }
    let head = later.last().map_or(stored_head, |stored| stored.seq);
    let mut events = shelf.events_of(id, head, 0, usize::MAX).unwrap();
    events.reverse();
    assert_eq!(
        events.iter().map(number_of).collect::<Vec<_>>(),
        inputs,
        "each event once, in order"
    );
    let versions: Vec<u64> = events.iter().map(|stored| stored.event.version).collect();
    assert_eq!(versions, (1..=inputs.len() as u64).collect::<Vec<_>>());
}

/// The person of a unit: a new one, or one of the last ten.
fn person_number(number: u64) -> u64 {
    let newest = (number - 1) / PER_PERSON;
    let back = if (number - 1).is_multiple_of(PER_PERSON) {
        0
    } else {
        number * 13 % (newest + 1).min(10)
    };
    (newest - back) * PER_PERSON
}

fn person_of(number: u64) -> PersonId {
    given::person(person_number(number))
}

fn record(person: PersonId, number: u64) -> RecordRow {
    RecordRow {
        id: record_id(person, number),
        person,
        sealed: given::sealed(number),
    }
}

fn number_of(stored: &StoredEvent) -> u64 {
    u64::from_le_bytes(*stored.event.sealed.0.first_chunk().unwrap())
}

fn numbers_in(content: &Sealed) -> Vec<u64> {
    content
        .0
        .as_chunks()
        .0
        .iter()
        .map(|number| u64::from_le_bytes(*number))
        .collect()
}
