//! Memory and SQLite side by side: whatever is done to both, they answer the same.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;

use proptest::prelude::*;
use store::{Due, Embedded, Epoch, Error, Integration, Memory, Outcome, PersonRow, Seq, Shelf, Unit};
use tempfile::TempDir;
use vocabulary::{Day, Moment, PersonId};

use crate::bed::{HOUR, NOW};
use crate::given::*;

const PERSONS: u64 = 6;

/// One thing done to both shelves.
#[derive(Clone, Debug)]
enum Act {
    Commit(Vec<Sketch>),
    Flush { wrong: bool },
    PurgeEvents { age: u32 },
    PurgeMessages { age: u32 },
    Erase(u64),
    Integrate { leaves: usize, stale: bool },
    Swap { name: u8, expected: u64 },
    RemoveNamed { name: u8, expected: u64 },
    Tomorrow,
    AcquireAnew,
    Reopen,
}

/// A unit, up to what depends on what was done before.
#[derive(Clone, Debug)]
struct Sketch {
    person: Option<u64>,
    new_key: Option<bool>,
    identifiers: Vec<u64>,
    messages: Vec<u64>,
    events: usize,
    envelope: Option<(bool, Option<i64>)>,
    records: Vec<u64>,
    leaves: usize,
    from_the_future: bool,
}

/// What a caller of the shelf keeps: each person's version and head of the chain, as they
/// are and as they are stored.
#[derive(Default)]
struct Caller {
    persons: BTreeMap<u64, Known>,
    newest: Seq,
    today: u32,
    leaves: u64,
}

#[derive(Clone, Copy, Default)]
struct Known {
    version: u64,
    head: Seq,
    stored: u64,
    stored_head: Seq,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => prop::collection::vec(sketch(), 1..6).prop_map(Act::Commit),
        2 => prop::bool::weighted(0.1).prop_map(|wrong| Act::Flush { wrong }),
        1 => (0..4_u32).prop_map(|age| Act::PurgeEvents { age }),
        1 => (0..4_u32).prop_map(|age| Act::PurgeMessages { age }),
        1 => (0..PERSONS).prop_map(Act::Erase),
        2 => (0..5_usize, prop::bool::weighted(0.2)).prop_map(|(leaves, stale)| Act::Integrate { leaves, stale }),
        1 => (0..2_u8, 0..4_u64).prop_map(|(name, expected)| Act::Swap { name, expected }),
        1 => (0..2_u8, 0..3_u64).prop_map(|(name, expected)| Act::RemoveNamed { name, expected }),
        2 => Just(Act::Tomorrow),
        1 => Just(Act::AcquireAnew),
        1 => Just(Act::Reopen),
    ]
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let some = |most: u64| prop::collection::vec(0..most, 0..3);
    (
        prop::option::weighted(0.95, 0..PERSONS),
        prop::option::weighted(0.1, any::<bool>()),
        some(12),
        some(60),
        0..4_usize,
        prop::option::weighted(0.4, (prop::bool::weighted(0.9), prop::option::of(0..9_i64))),
        some(40),
        0..3_usize,
        prop::bool::weighted(0.03),
    )
        .prop_map(
            |(person, new_key, identifiers, messages, events, envelope, records, leaves, from_the_future)| {
                Sketch {
                    person,
                    new_key,
                    // Mostly one's own, so that most units do not conflict.
                    identifiers: if person.is_some() { identifiers } else { Vec::new() },
                    messages,
                    events: if person.is_some() { events } else { 0 },
                    envelope: if person.is_some() { envelope } else { None },
                    records,
                    leaves,
                    from_the_future,
                }
            },
        )
}

struct Both {
    memory: Memory,
    embedded: Option<Embedded>,
    epoch: Epoch,
    folder: TempDir,
}

impl Both {
    fn new() -> Both {
        // Nothing here is about the disk: in memory it is faster, where there is such a place.
        let place = PathBuf::from("/dev/shm");
        let place = if place.is_dir() {
            place
        } else {
            std::env::temp_dir()
        };
        let folder = tempfile::tempdir_in(place).unwrap();
        let embedded = Some(Embedded::open(folder.path()).unwrap());
        let mut both = Both {
            memory: Memory::new(),
            embedded,
            epoch: 0,
            folder,
        };
        both.acquire();
        both
    }

    fn embedded(&self) -> &Embedded {
        self.embedded.as_ref().unwrap()
    }

    fn acquire(&mut self) {
        self.epoch = self.same(|shelf| shelf.acquire("bed", NOW, HOUR)).unwrap();
    }

    /// Asks both, and compares: values as they are, errors by their kind.
    fn same<T: PartialEq + Debug>(&self, ask: impl Fn(&dyn Shelf) -> Result<T, Error>) -> Result<T, ()> {
        let kind = |error: Error| std::mem::discriminant(&error);
        let (memory, embedded) = (
            ask(&self.memory).map_err(kind),
            ask(self.embedded()).map_err(kind),
        );
        assert_eq!(memory, embedded, "memory on the left, embedded on the right");
        memory.map_err(|_| ())
    }
}

impl Caller {
    fn unit(&mut self, sketch: &Sketch, pending: &BTreeMap<u64, Known>) -> Unit {
        let number = sketch.person.unwrap_or(0);
        let id = sketch.person.map_or(PersonId::NOBODY, person);
        let known = pending.get(&number).copied().unwrap_or_default();
        let version = known.version + sketch.events as u64;
        let envelope = sketch.envelope.map(|(right, due)| {
            let expected = if right { known.stored } else { known.stored + 1 };
            let row = PersonRow {
                next_due: due.map(Moment),
                next_leave: due.map(|due| Moment(6 - due)),
                ..row(id, version.max(expected + 1))
            };
            (expected, row)
        });
        // A key for who has none; sometimes the other way round.
        let new_key = sketch.person.is_some() && pending.contains_key(&number) == sketch.new_key.is_some();
        self.leaves += sketch.leaves as u64;
        Unit {
            person: sketch.person.map(person),
            new_key: new_key.then(|| key(number)),
            identifiers: sketch
                .identifiers
                .iter()
                .map(|n| blind(n % PERSONS * 10 + number))
                .collect(),
            messages: sketch.messages.iter().map(|n| message(*n)).collect(),
            messages_day: Day(self.today),
            prev_seq: if sketch.from_the_future {
                self.newest + 1_000
            } else {
                known.head
            },
            events: (known.version + 1..=version)
                .map(|version| event(version, self.today))
                .collect(),
            envelope,
            records: sketch
                .records
                .iter()
                .map(|n| record(id, n * 7 + number))
                .collect(),
            leaves: (0..sketch.leaves as u64)
                .map(|n| leaf(id, self.leaves - n))
                .collect(),
        }
    }

    fn note(&mut self, sketch: &Sketch, unit: &Unit, outcome: Outcome) {
        let (Some(number), Outcome::Done { last_seq }) = (sketch.person, outcome) else {
            return;
        };
        let known = self.persons.entry(number).or_default();
        if let Some(event) = unit.events.last() {
            (known.version, known.head) = (known.version.max(event.version), last_seq);
            self.newest = self.newest.max(last_seq);
        }
        if let Some((_, row)) = &unit.envelope {
            (known.stored, known.stored_head) = (row.version, last_seq);
            known.version = known.version.max(row.version);
        }
    }

    fn act(&mut self, both: &mut Both, act: &Act) {
        let epoch = both.epoch;
        match act {
            Act::Commit(sketches) => {
                let mut units = Vec::new();
                for sketch in sketches {
                    units.push(self.unit(sketch, &self.persons.clone()));
                }
                let outcomes = both.same(|shelf| shelf.commit(epoch, &units)).unwrap();
                for ((sketch, unit), outcome) in sketches.iter().zip(&units).zip(outcomes) {
                    self.note(sketch, unit, outcome);
                }
            }
            Act::Flush { wrong } => {
                // Whoever has an event that the stored envelope does not lead to.
                let dirty = |known: &&mut Known| known.head != known.stored_head;
                for known in self.persons.values_mut().filter(dirty) {
                    known.version = known.version.max(known.stored + 1);
                }
                let rows: Vec<_> = self
                    .persons
                    .iter()
                    .filter(|(_, known)| known.head != known.stored_head)
                    .map(|(number, known)| {
                        let row = PersonRow {
                            last_seq: known.head,
                            ..row(person(*number), known.version)
                        };
                        (
                            known.stored + u64::from(*wrong) * (known.version - known.stored - 1),
                            row,
                        )
                    })
                    .collect();
                if both.same(|shelf| shelf.flush(epoch, &rows, self.newest)).is_ok() {
                    for known in self.persons.values_mut().filter(dirty) {
                        (known.stored, known.stored_head) = (known.version, known.head);
                    }
                }
            }
            Act::PurgeEvents { age } => {
                let day = Day(self.today - age);
                both.same(|shelf| shelf.purge_events(epoch, day)).unwrap();
            }
            Act::PurgeMessages { age } => {
                let day = Day(self.today - age);
                both.same(|shelf| shelf.purge_messages(epoch, day)).unwrap();
            }
            Act::Erase(number) => {
                let had_key = both.same(|shelf| shelf.erase(epoch, person(*number))).unwrap();
                assert_eq!(had_key, self.persons.remove(number).is_some());
            }
            Act::Integrate { leaves, stale } => {
                let waiting = both.same(|shelf| shelf.pending_leaves(*leaves)).unwrap();
                let current = both.same(|shelf| shelf.checkpoint()).unwrap();
                let next = current.as_ref().map_or(0, |current| current.len()) + 1;
                let integration = Integration {
                    expected: if *stale { Some(vec![7]) } else { current },
                    checkpoint: vec![1; next],
                    tiles: vec![(format!("tile/{}", next % 5), vec![next as u8])],
                    obsolete: vec![format!("tile/{}", (next + 2) % 5)],
                    integrated: waiting
                        .iter()
                        .map(|p| (p.place, p.leaf.id, p.place * 3))
                        .collect(),
                };
                both.same(|shelf| shelf.integrate(epoch, &integration)).unwrap();
            }
            Act::Swap { name, expected } => {
                both.same(|shelf| shelf.swap(epoch, &format!("name {name}"), *expected, &[*name]))
                    .unwrap();
            }
            Act::RemoveNamed { name, expected } => {
                both.same(|shelf| shelf.remove_named(epoch, &format!("name {name}"), *expected))
                    .unwrap();
            }
            Act::Tomorrow => self.today += 1,
            Act::AcquireAnew => {
                both.acquire();
                both.same(|shelf| shelf.commit(epoch, &[])).unwrap_err();
            }
            Act::Reopen => {
                drop(both.embedded.take());
                both.embedded = Some(Embedded::open(both.folder.path()).unwrap());
                both.acquire();
            }
        }
    }

    fn compare_everything(&self, both: &Both) {
        let persons: Vec<PersonId> = (0..PERSONS).map(person).collect();
        both.same(|shelf| shelf.counts()).unwrap();
        both.same(|shelf| shelf.persons(&persons)).unwrap();
        both.same(|shelf| shelf.keys(&persons)).unwrap();
        both.same(|shelf| shelf.resolve(&(0..100).map(blind).collect::<Vec<_>>()))
            .unwrap();
        let messages: Vec<_> = persons
            .iter()
            .flat_map(|person| (0..200).map(|n| (person.shard(), message(n))))
            .collect();
        both.same(|shelf| shelf.seen(&messages)).unwrap();
        both.same(|shelf| shelf.scan(None, 100)).unwrap();
        both.same(|shelf| shelf.scan(Some(persons[0]), 2)).unwrap();
        both.same(|shelf| shelf.due(Moment(6), 100)).unwrap();
        let first = both.same(|shelf| shelf.due_after(Due::Leaving, Moment(6), None, 2));
        if let Some(last) = first.unwrap().last() {
            both.same(|shelf| shelf.due_after(Due::Leaving, Moment(6), Some(*last), 2))
                .unwrap();
        }
        both.same(|shelf| shelf.unapplied(0, 1_000)).unwrap();
        both.same(|shelf| shelf.pending_leaves(1_000)).unwrap();
        both.same(|shelf| shelf.checkpoint()).unwrap();
        for path in both.same(|shelf| shelf.tile_paths()).unwrap() {
            both.same(|shelf| shelf.tile(&path)).unwrap();
        }
        for name in 0..2 {
            both.same(|shelf| shelf.get(&format!("name {name}"))).unwrap();
        }
        both.same(|shelf| shelf.named("name", None, 9)).unwrap();
        for person in persons.iter().chain([&PersonId::NOBODY]) {
            both.same(|shelf| shelf.identifiers_of(*person)).unwrap();
            let all = both.same(|shelf| shelf.records_of(*person, None, 1_000)).unwrap();
            for record in &all {
                both.same(|shelf| shelf.records_of(*person, Some(record.id), 2))
                    .unwrap();
            }
            for number in 0..300 {
                both.same(|shelf| shelf.record(record_id(*person, number)))
                    .unwrap();
                both.same(|shelf| shelf.leaf_index(record_id(*person, number)))
                    .unwrap();
            }
        }
        for (number, known) in &self.persons {
            both.same(|shelf| shelf.events_of(person(*number), known.head, 0, 1_000))
                .unwrap();
            both.same(|shelf| shelf.events_of(person(*number), known.head, known.head, 2))
                .unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_and_embedded_answer_the_same(acts in prop::collection::vec(act(), 1..50)) {
        let mut both = Both::new();
        let mut caller = Caller { today: 10, ..Caller::default() };
        for act in &acts {
            caller.act(&mut both, act);
            both.same(|shelf| shelf.counts()).unwrap();
        }
        caller.compare_everything(&both);
        caller.act(&mut both, &Act::Reopen);
        caller.compare_everything(&both);
    }
}
