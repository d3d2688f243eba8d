//! What erasing promises: the key first, then the rows, and finished after a crash.

use store::{Counts, Outcome, Unit};

use crate::bed::Bed;
use crate::given::*;

/// A person with something in every table, whose two events are applied.
fn arrive(bed: &Bed, number: u64) -> store::Seq {
    let one = person(number);
    let first = Unit {
        identifiers: vec![blind(number), blind(number + 1_000)],
        events: vec![event(1, 10), event(2, 10)],
        envelope: Some((0, row_due(one, 2, 5))),
        records: vec![record(one, number), record(one, number + 1_000)],
        leaves: vec![leaf(one, number)],
        messages: vec![message(number)],
        ..arrival(number)
    };
    let head = done(&bed.shelf.commit(bed.epoch, &[first]).unwrap()[0]);
    bed.shelf.flush(bed.epoch, &[], head).unwrap();
    head
}

/// One more event, not applied where envelopes are lazy.
fn go_on(bed: &Bed, number: u64, prev_seq: store::Seq) -> store::Seq {
    let later = Unit {
        events: vec![event(3, 11)],
        prev_seq,
        ..unit(person(number))
    };
    done(&bed.shelf.commit(bed.epoch, &[later]).unwrap()[0])
}

/// The key of that number wrapped anew.
fn anew(number: u64) -> store::WrappedKey {
    key(number + 5_000)
}

fn rewrap(number: u64) -> store::Rewrap {
    store::Rewrap {
        person: person(number),
        expected: key(number),
        wrapped: anew(number),
    }
}

pub fn a_key_is_wrapped_anew_once_and_only_if_it_is_the_expected_one(mut bed: Bed) {
    let units: Vec<Unit> = (1..=40).map(arrival).collect();
    bed.shelf.commit(bed.epoch, &units).unwrap();
    assert!(bed.shelf.erase(bed.epoch, person(7)).unwrap());
    // Remembered by readers before.
    assert_eq!(bed.shelf.keys(&[person(3)]).unwrap(), [Some(key(3))]);
    let changes: Vec<store::Rewrap> = (1..=20).map(rewrap).collect();
    assert_eq!(
        bed.shelf.rewrap(bed.epoch, &changes).unwrap(),
        19,
        "all but the erased one"
    );
    assert_eq!(
        bed.shelf.rewrap(bed.epoch, &changes).unwrap(),
        0,
        "the expected ones are gone"
    );
    for _ in 0..2 {
        let read = bed.shelf.keys(&[person(3), person(7), person(30)]).unwrap();
        assert_eq!(read, [Some(anew(3)), None, Some(key(30))]);
        bed.reopen();
    }
    let too_long = store::Rewrap {
        wrapped: store::WrappedKey(vec![0; store::MAX_KEY + 1]),
        ..rewrap(30)
    };
    assert!(bed.shelf.rewrap(bed.epoch, &[too_long]).is_err());
    assert!(matches!(
        bed.shelf.rewrap(bed.epoch - 1, &[rewrap(30)]),
        Err(store::Error::Fenced)
    ));
    assert_eq!(bed.shelf.keys(&[person(30)]).unwrap(), [Some(key(30))]);
}

pub fn keys_are_gone_through_in_order_and_in_pages(bed: Bed) {
    let units: Vec<Unit> = (1..=40).map(arrival).collect();
    bed.shelf.commit(bed.epoch, &units).unwrap();
    let mut expected: Vec<_> = (1..=40).map(|number| (person(number), key(number))).collect();
    expected.sort_by_key(|(person, _)| *person);
    let mut read = Vec::new();
    loop {
        let after = read.last().map(|(person, _): &(vocabulary::PersonId, _)| *person);
        let page = bed.shelf.keys_after(after, 7).unwrap();
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    assert_eq!(read, expected);
}

pub fn an_erased_person_is_gone_and_nobody_else(mut bed: Bed) {
    let (one, two) = (person(1), person(2));
    let (head, head_of_two) = (arrive(&bed, 1), arrive(&bed, 2));
    let (head, head_of_two) = (go_on(&bed, 1, head), go_on(&bed, 2, head_of_two));
    let mut theirs = [blind(1), blind(1_001)];
    theirs.sort_unstable();
    assert_eq!(bed.shelf.identifiers_of(one).unwrap(), theirs);
    assert!(bed.shelf.erase(bed.epoch, one).unwrap());
    for _ in 0..2 {
        let shelf = &bed.shelf;
        assert_eq!(shelf.keys(&[one, two]).unwrap(), [None, Some(key(2))]);
        assert_eq!(shelf.persons(&[one]).unwrap(), [None]);
        assert_eq!(
            shelf.resolve(&[blind(1), blind(1_001), blind(2)]).unwrap(),
            [None, None, Some(two)]
        );
        assert_eq!(shelf.identifiers_of(one).unwrap(), []);
        assert_eq!(shelf.identifiers_of(two).unwrap().len(), 2);
        assert_eq!(shelf.events_of(one, head, 0, 9).unwrap(), []);
        assert_eq!(shelf.record(record_id(one, 1)).unwrap(), None);
        assert_eq!(shelf.record(record_id(one, 1_001)).unwrap(), None);
        assert_eq!(shelf.record(record_id(two, 2)).unwrap(), Some(record(two, 2)));
        assert_eq!(shelf.events_of(two, head_of_two, 0, 9).unwrap().len(), 3);
        assert_eq!(shelf.due(vocabulary::Moment(9), 9).unwrap(), [two]);
        assert!(
            shelf
                .unapplied(0, 9)
                .unwrap()
                .iter()
                .all(|stored| stored.person == two)
        );
        // The ledger keeps its leaves: they say nothing without what died with the key.
        let counts = Counts {
            persons: 1,
            keys: 1,
            identifiers: 2,
            events: 3,
            records: 2,
            pending_leaves: 2,
        };
        assert_eq!(shelf.counts().unwrap(), counts);
        let late = Unit {
            events: vec![event(4, 12)],
            prev_seq: head,
            ..unit(one)
        };
        assert_eq!(shelf.commit(bed.epoch, &[late]).unwrap(), [Outcome::Conflict]);
        bed.reopen();
    }
    assert!(!bed.shelf.erase(bed.epoch, one).unwrap());
    let same_address = Unit {
        identifiers: vec![blind(1)],
        ..arrival(3)
    };
    done(&bed.shelf.commit(bed.epoch, &[same_address]).unwrap()[0]);
    assert_eq!(bed.shelf.resolve(&[blind(1)]).unwrap(), [Some(person(3))]);
}

pub fn erasing_nobody_known_is_no_error(bed: Bed) {
    assert!(!bed.shelf.erase(bed.epoch, person(1)).unwrap());
    done(&bed.shelf.commit(bed.epoch, &[arrival(1)]).unwrap()[0]);
}
