//! What writing back later promises: nothing applied is lost, nothing is applied twice.

use store::{Error, PersonRow, Unit};

use crate::bed::Bed;
use crate::given::*;

pub fn unapplied_events_come_back_until_they_are_flushed(mut bed: Bed) {
    let (one, two) = (person(1), person(2));
    let bare = |n| Unit {
        envelope: None,
        ..arrival(n)
    };
    let group = [
        Unit {
            events: vec![event(1, 10), event(2, 10)],
            ..bare(1)
        },
        Unit {
            events: vec![event(1, 10)],
            ..bare(2)
        },
        Unit {
            events: vec![event(3, 11)],
            ..unit(one)
        },
    ];
    let outcomes = bed.shelf.commit(bed.epoch, &group).unwrap();
    let (head_of_two, head_of_one) = (done(&outcomes[1]), done(&outcomes[2]));
    bed.reopen();
    let waiting = bed.shelf.unapplied(0, 100).unwrap();
    if !bed.is_lazy() {
        assert_eq!(waiting, []);
        return;
    }
    let order: Vec<_> = waiting
        .iter()
        .map(|stored| (stored.person, stored.event.clone()))
        .collect();
    assert_eq!(
        order,
        [
            (one, event(1, 10)),
            (one, event(2, 10)),
            (two, event(1, 10)),
            (one, event(3, 11))
        ]
    );
    assert_eq!(bed.shelf.unapplied(0, 2).unwrap(), waiting[..2]);
    assert_eq!(bed.shelf.unapplied(waiting[1].seq, 100).unwrap(), waiting[2..]);

    let flushed = PersonRow {
        last_seq: head_of_two,
        ..row(two, 1)
    };
    bed.shelf
        .flush(bed.epoch, &[(0, flushed.clone())], head_of_two)
        .unwrap();
    bed.reopen();
    assert_eq!(bed.shelf.unapplied(0, 100).unwrap(), waiting[3..]);
    assert_eq!(bed.shelf.persons(&[one, two]).unwrap(), [None, Some(flushed)]);
    bed.shelf
        .flush(
            bed.epoch,
            &[(
                0,
                PersonRow {
                    last_seq: head_of_one,
                    ..row(one, 3)
                },
            )],
            head_of_one,
        )
        .unwrap();
    assert_eq!(bed.shelf.unapplied(0, 100).unwrap(), []);
    bed.shelf.flush(bed.epoch, &[], head_of_two).unwrap();
    assert_eq!(
        bed.shelf.unapplied(0, 100).unwrap(),
        [],
        "what is applied never goes back"
    );
}

pub fn a_flush_from_another_version_writes_nothing(bed: Bed) {
    let (one, two) = (person(1), person(2));
    let units = [
        Unit {
            events: vec![event(1, 10)],
            ..arrival(1)
        },
        arrival(2),
    ];
    let head = done(&bed.shelf.commit(bed.epoch, &units).unwrap()[0]);
    let before = bed.shelf.unapplied(0, 9).unwrap();
    for wrong in [(0, row(two, 1)), (2, row(two, 3))] {
        let flushed = bed.shelf.flush(bed.epoch, &[(1, row(one, 2)), wrong], head);
        assert!(matches!(flushed, Err(Error::Broken(_))), "got {flushed:?}");
    }
    assert_eq!(bed.shelf.persons(&[one]).unwrap()[0].as_ref().unwrap().version, 1);
    assert_eq!(bed.shelf.persons(&[two]).unwrap()[0].as_ref().unwrap().version, 1);
    assert_eq!(bed.shelf.unapplied(0, 9).unwrap(), before);
    let not_growing = bed.shelf.flush(bed.epoch, &[(1, row(one, 1))], head);
    assert!(matches!(not_growing, Err(Error::Refused(_))));
    bed.shelf
        .flush(
            bed.epoch,
            &[(1, row(one, 2)), (2, row(one, 3)), (1, row(two, 2))],
            head,
        )
        .unwrap();
    assert_eq!(bed.shelf.persons(&[one]).unwrap()[0].as_ref().unwrap().version, 3);
}

pub fn a_flush_beyond_the_newest_event_is_refused(bed: Bed) {
    let units = [Unit {
        events: vec![event(1, 10)],
        ..arrival(1)
    }];
    let head = done(&bed.shelf.commit(bed.epoch, &units).unwrap()[0]);
    assert!(matches!(
        bed.shelf.flush(bed.epoch, &[], head + 1),
        Err(Error::Refused(_))
    ));
    bed.shelf.flush(bed.epoch, &[], head).unwrap();
}

pub fn a_flush_leaves_out_who_was_erased(bed: Bed) {
    let (one, two) = (person(1), person(2));
    let units = [
        Unit {
            events: vec![event(1, 10)],
            envelope: None,
            ..arrival(1)
        },
        arrival(2),
    ];
    let head = done(&bed.shelf.commit(bed.epoch, &units).unwrap()[0]);
    assert!(bed.shelf.erase(bed.epoch, one).unwrap());
    assert_eq!(bed.shelf.unapplied(0, 9).unwrap(), []);
    bed.shelf
        .flush(bed.epoch, &[(0, row(one, 1)), (1, row(two, 2))], head)
        .unwrap();
    assert_eq!(bed.shelf.persons(&[one, two]).unwrap(), [None, Some(row(two, 2))]);
}

pub fn a_flush_keeps_the_rows_own_head_of_the_chain(bed: Bed) {
    let units = [Unit {
        events: vec![event(1, 10)],
        envelope: None,
        ..arrival(1)
    }];
    let head = done(&bed.shelf.commit(bed.epoch, &units).unwrap()[0]);
    let flushed = PersonRow {
        last_seq: head,
        ..row_due(person(1), 1, 5)
    };
    bed.shelf.flush(bed.epoch, &[(0, flushed.clone())], head).unwrap();
    assert_eq!(bed.shelf.persons(&[person(1)]).unwrap(), [Some(flushed)]);
}
