//! What a commit promises: whole or not at all, once, durable, one unit never at the cost of another.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use store::{Counts, Error, MAX_LEAF, MAX_SEALED, Outcome, PersonRow, Unit};
use vocabulary::{PersonId, Sealed};

use crate::bed::{Bed, Over};
use crate::given::*;

pub fn what_is_committed_is_there_after_opening_anew(mut bed: Bed) {
    let one = person(1);
    let full = Unit {
        messages: vec![message(1), message(2)],
        events: vec![event(1, 10), event(2, 10)],
        envelope: Some((0, row_due(one, 2, 77))),
        records: vec![record(one, 1)],
        leaves: vec![leaf(one, 1), leaf(one, 2)],
        ..arrival(1)
    };
    let nobodys = Unit {
        messages: vec![message(3)],
        records: vec![record(PersonId::NOBODY, 2)],
        leaves: vec![leaf(PersonId::NOBODY, 3)],
        ..Unit::default()
    };
    let outcomes = bed.shelf.commit(bed.epoch, &[full, nobodys]).unwrap();
    let last_seq = done(&outcomes[0]);
    assert!(last_seq >= 2);
    done(&outcomes[1]);
    for _ in 0..2 {
        let shelf = &bed.shelf;
        assert_eq!(shelf.resolve(&[blind(1)]).unwrap(), [Some(one)]);
        assert_eq!(shelf.keys(&[one]).unwrap(), [Some(key(1))]);
        assert_eq!(
            shelf.persons(&[one]).unwrap(),
            [Some(PersonRow {
                last_seq,
                ..row_due(one, 2, 77)
            })]
        );
        let seen = [
            (one.shard(), message(1)),
            (one.shard(), message(2)),
            (0, message(3)),
            (0, message(4)),
        ];
        assert_eq!(shelf.seen(&seen).unwrap(), [true, true, true, false]);
        let events = shelf.events_of(one, last_seq, 0, 10).unwrap();
        let events: Vec<_> = events.into_iter().map(|stored| stored.event).collect();
        assert_eq!(events, [event(2, 10), event(1, 10)]);
        assert_eq!(shelf.record(record_id(one, 1)).unwrap(), Some(record(one, 1)));
        let nobody = PersonId::NOBODY;
        assert_eq!(
            shelf.record(record_id(nobody, 2)).unwrap(),
            Some(record(nobody, 2))
        );
        assert_eq!(shelf.record(record_id(one, 9)).unwrap(), None);
        let leaves: Vec<_> = shelf
            .pending_leaves(10)
            .unwrap()
            .into_iter()
            .map(|p| p.leaf)
            .collect();
        assert_eq!(leaves, [leaf(one, 1), leaf(one, 2), leaf(nobody, 3)]);
        let counts = Counts {
            persons: 1,
            keys: 1,
            identifiers: 1,
            events: 2,
            records: 2,
            pending_leaves: 3,
        };
        assert_eq!(shelf.counts().unwrap(), counts);
        bed.reopen();
    }
}

pub fn a_message_is_answered_once(mut bed: Bed) {
    let one = person(1);
    let first = Unit {
        messages: vec![message(1), message(1)],
        events: vec![event(1, 10)],
        ..arrival(1)
    };
    let again = Unit {
        messages: vec![message(2), message(1)],
        events: vec![event(2, 10)],
        envelope: Some((1, row(one, 2))),
        leaves: vec![leaf(one, 1)],
        ..unit(one)
    };
    let stale_too = Unit {
        envelope: Some((7, row(one, 8))),
        ..again.clone()
    };
    let outcomes = bed
        .shelf
        .commit(bed.epoch, &[first, again.clone(), stale_too])
        .unwrap();
    done(&outcomes[0]);
    assert_eq!(outcomes[1..], [Outcome::Duplicate, Outcome::Duplicate]);
    bed.reopen();
    assert_eq!(
        bed.shelf.commit(bed.epoch, &[again]).unwrap(),
        [Outcome::Duplicate]
    );
    let seen = [(one.shard(), message(1)), (one.shard(), message(2))];
    assert_eq!(bed.shelf.seen(&seen).unwrap(), [true, false]);
    assert_eq!(bed.shelf.counts().unwrap().events, 1);
    assert_eq!(bed.shelf.counts().unwrap().pending_leaves, 0);
    assert_eq!(bed.shelf.persons(&[one]).unwrap()[0].as_ref().unwrap().version, 1);
}

pub fn a_message_is_another_one_in_another_shard(bed: Bed) {
    assert_ne!(person(1).shard(), person(2).shard());
    let units = [1, 2].map(|n| Unit {
        messages: vec![message(1)],
        ..arrival(n)
    });
    for outcome in bed.shelf.commit(bed.epoch, &units).unwrap() {
        done(&outcome);
    }
}

pub fn a_conflict_does_not_poison_the_group(mut bed: Bed) {
    let (one, two, three) = (person(1), person(2), person(3));
    bed.shelf
        .commit(
            bed.epoch,
            &[Unit {
                records: vec![record(one, 1)],
                ..arrival(1)
            }],
        )
        .unwrap();
    let noisy = |unit: Unit, n: u64| Unit {
        messages: vec![message(n)],
        leaves: vec![leaf(unit.person.unwrap(), n)],
        ..unit
    };
    let group = [
        noisy(arrival(2), 1),
        // Another version, an identifier of somebody else, no key, a second key, a record that is
        // there, the same record twice, an event before the unit that does not exist.
        noisy(
            Unit {
                envelope: Some((5, row(one, 6))),
                ..unit(one)
            },
            2,
        ),
        noisy(
            Unit {
                identifiers: vec![blind(4), blind(1)],
                ..unit(two)
            },
            3,
        ),
        noisy(
            Unit {
                new_key: Some(key(3)),
                identifiers: vec![blind(2)],
                ..unit(three)
            },
            4,
        ),
        noisy(
            Unit {
                events: vec![event(1, 10)],
                ..unit(three)
            },
            5,
        ),
        noisy(
            Unit {
                new_key: Some(key(9)),
                ..unit(one)
            },
            6,
        ),
        noisy(
            Unit {
                records: vec![record(one, 1)],
                ..unit(one)
            },
            7,
        ),
        noisy(
            Unit {
                records: vec![record(one, 2), record(one, 2)],
                ..unit(one)
            },
            8,
        ),
        noisy(
            Unit {
                events: vec![event(2, 10)],
                prev_seq: 1_000,
                ..unit(one)
            },
            9,
        ),
        noisy(
            Unit {
                events: vec![event(2, 10)],
                envelope: Some((1, row(one, 2))),
                ..unit(one)
            },
            10,
        ),
    ];
    let outcomes = bed.shelf.commit(bed.epoch, &group).unwrap();
    done(&outcomes[0]);
    assert_eq!(outcomes[1..9], [Outcome::Conflict; 8]);
    let last_seq = done(&outcomes[9]);
    bed.reopen();
    let shelf = &bed.shelf;
    let asked: Vec<_> = group
        .iter()
        .map(|unit| (unit.person.unwrap().shard(), unit.messages[0]))
        .collect();
    let mut expected = [false; 10];
    (expected[0], expected[9]) = (true, true);
    assert_eq!(shelf.seen(&asked).unwrap(), expected);
    assert_eq!(
        shelf.persons(&[one]).unwrap(),
        [Some(PersonRow {
            last_seq,
            ..row(one, 2)
        })]
    );
    assert_eq!(
        shelf.keys(&[one, two, three]).unwrap(),
        [Some(key(1)), Some(key(2)), None]
    );
    assert_eq!(
        shelf.resolve(&[blind(1), blind(2), blind(4)]).unwrap(),
        [Some(one), Some(two), None]
    );
    let counts = Counts {
        persons: 2,
        keys: 2,
        identifiers: 2,
        events: 1,
        records: 1,
        pending_leaves: 2,
    };
    assert_eq!(shelf.counts().unwrap(), counts);
}

pub fn units_of_one_person_in_one_group_build_on_each_other(bed: Bed) {
    let one = person(1);
    let follow = |version: u64, prev_seq| Unit {
        events: vec![event(version, 10)],
        envelope: Some((version - 1, row(one, version))),
        prev_seq,
        ..unit(one)
    };
    let group = [
        arrival(1),
        follow(2, 0),
        Unit {
            messages: vec![message(1)],
            identifiers: vec![blind(7)],
            ..arrival(2)
        },
        // Says that nothing came before, as it cannot know better.
        follow(3, 0),
        Unit {
            identifiers: vec![blind(7)],
            ..unit(one)
        },
        follow(3, 0),
        follow(4, 0),
    ];
    let outcomes = bed.shelf.commit(bed.epoch, &group).unwrap();
    assert_eq!([outcomes[4], outcomes[5]], [Outcome::Conflict; 2]);
    let (second, third, fourth) = (done(&outcomes[1]), done(&outcomes[3]), done(&outcomes[6]));
    assert!(0 < second && second < third && third < fourth);
    assert_eq!(done(&outcomes[2]), 0);
    let chain = bed.shelf.events_of(one, fourth, 0, 10).unwrap();
    let chain: Vec<_> = chain
        .iter()
        .map(|stored| (stored.seq, stored.event.version))
        .collect();
    assert_eq!(chain, [(fourth, 4), (third, 3), (second, 2)]);
    let stored = bed.shelf.persons(&[one]).unwrap();
    assert_eq!(
        stored,
        [Some(PersonRow {
            last_seq: fourth,
            ..row(one, 4)
        })]
    );
    // Without an event, what came before stays the head.
    let quiet = Unit {
        prev_seq: fourth,
        envelope: Some((4, row(one, 5))),
        ..unit(one)
    };
    assert_eq!(done(&bed.shelf.commit(bed.epoch, &[quiet]).unwrap()[0]), fourth);
    assert_eq!(
        bed.shelf.persons(&[one]).unwrap()[0].as_ref().unwrap().last_seq,
        fourth
    );
}

pub fn an_envelope_is_replaced_only_from_the_version_it_was_made_from(bed: Bed) {
    let one = person(1);
    bed.shelf.commit(bed.epoch, &[arrival(1)]).unwrap();
    let from = |expected, version| Unit {
        envelope: Some((expected, row(one, version))),
        ..unit(one)
    };
    for stale in [from(0, 1), from(0, 2), from(2, 3)] {
        assert_eq!(
            bed.shelf.commit(bed.epoch, &[stale]).unwrap(),
            [Outcome::Conflict]
        );
    }
    done(&bed.shelf.commit(bed.epoch, &[from(1, 2)]).unwrap()[0]);
    assert_eq!(
        bed.shelf.commit(bed.epoch, &[from(1, 2)]).unwrap(),
        [Outcome::Conflict]
    );
    assert_eq!(bed.shelf.persons(&[one]).unwrap(), [Some(row(one, 2))]);
}

pub fn what_no_program_should_ask_is_refused_whole(bed: Bed) {
    let (one, two) = (person(1), person(2));
    let elsewhere = (2..)
        .map(person)
        .find(|other| other.shard() != one.shard())
        .unwrap();
    let malformed = [
        Unit {
            events: vec![event(1, 1)],
            ..Unit::default()
        },
        Unit {
            new_key: Some(key(1)),
            person: Some(PersonId::NOBODY),
            ..Unit::default()
        },
        Unit {
            envelope: Some((0, row(two, 1))),
            ..unit(one)
        },
        Unit {
            envelope: Some((3, row(one, 3))),
            ..unit(one)
        },
        Unit {
            records: vec![record(two, 1)],
            ..unit(one)
        },
        Unit {
            records: vec![store::RecordRow {
                id: record_id(elsewhere, 1),
                ..record(one, 1)
            }],
            ..unit(one)
        },
        Unit {
            leaves: vec![store::Leaf {
                bytes: vec![0; MAX_LEAF + 1],
                ..leaf(one, 1)
            }],
            ..unit(one)
        },
        Unit {
            events: vec![store::EventRow {
                sealed: Sealed(vec![0; MAX_SEALED + 1]),
                ..event(1, 1)
            }],
            ..unit(one)
        },
    ];
    for bad in malformed {
        let refused = bed.shelf.commit(bed.epoch, &[arrival(3), bad.clone()]);
        assert!(
            matches!(refused, Err(Error::Refused(_))),
            "{bad:?} gave {refused:?}"
        );
    }
    assert!(matches!(
        bed.shelf.acquire("", crate::bed::NOW, 1),
        Err(Error::Refused(_))
    ));
    assert!(matches!(
        bed.shelf.swap(bed.epoch, "a\0b", 0, b""),
        Err(Error::Refused(_))
    ));
    assert_eq!(bed.shelf.counts().unwrap(), Counts::default());
    let largest = Unit {
        leaves: vec![store::Leaf {
            bytes: vec![7; MAX_LEAF],
            ..leaf(one, 1)
        }],
        events: vec![store::EventRow {
            sealed: Sealed(vec![7; MAX_SEALED]),
            ..event(1, 1)
        }],
        ..arrival(1)
    };
    let last_seq = done(&bed.shelf.commit(bed.epoch, &[largest]).unwrap()[0]);
    let events = bed.shelf.events_of(one, last_seq, 0, 1).unwrap();
    assert_eq!(events[0].event.sealed.len(), MAX_SEALED);
}

pub fn an_empty_group_is_no_error(bed: Bed) {
    assert_eq!(bed.shelf.commit(bed.epoch, &[]).unwrap(), []);
    assert_eq!(
        done(&bed.shelf.commit(bed.epoch, &[Unit::default()]).unwrap()[0]),
        0
    );
    bed.shelf.flush(bed.epoch, &[], 0).unwrap();
    assert_eq!(bed.shelf.resolve(&[]).unwrap(), []);
    assert_eq!(bed.shelf.persons(&[]).unwrap(), []);
    bed.shelf.tidy().unwrap();
}

pub fn readers_see_what_was_acknowledged_while_others_write(bed: Bed) {
    let one = person(1);
    bed.shelf.commit(bed.epoch, &[arrival(1)]).unwrap();
    let (acknowledged, finished) = (AtomicU64::new(1), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !finished.load(Ordering::SeqCst) {
                    let known = acknowledged.load(Ordering::SeqCst);
                    let row = bed.shelf.persons(&[one]).unwrap().remove(0).unwrap();
                    assert!(row.version >= known, "read {}, acknowledged {known}", row.version);
                    let events = bed.shelf.events_of(one, row.last_seq, 0, 1_000).unwrap();
                    assert_eq!(events.len() as u64, row.version - 1);
                    assert_eq!(
                        bed.shelf.seen(&[(one.shard(), message(known))]).unwrap(),
                        [known > 1]
                    );
                    assert_eq!(bed.shelf.keys(&[one]).unwrap(), [Some(key(1))]);
                    bed.shelf.tidy().unwrap();
                }
            });
        }
        let _over = Over(&finished);
        let mut prev_seq = 0;
        for version in 2..60 {
            let next = Unit {
                messages: vec![message(version)],
                events: vec![event(version, 10)],
                envelope: Some((version - 1, row(one, version))),
                prev_seq,
                ..unit(one)
            };
            prev_seq = done(&bed.shelf.commit(bed.epoch, &[next]).unwrap()[0]);
            acknowledged.store(version, Ordering::SeqCst);
        }
    });
}
