//! What reading promises: the order asked, the newest acknowledged, while somebody writes.

use store::{Due, PersonRow, Unit};
use vocabulary::{Moment, PersonId};

use crate::bed::Bed;
use crate::given::*;

pub fn answers_come_in_the_order_asked(bed: Bed) {
    let units: Vec<Unit> = (1..=5)
        .map(|n| Unit {
            messages: vec![message(n)],
            ..arrival(n)
        })
        .collect();
    bed.shelf.commit(bed.epoch, &units).unwrap();
    let asked = [4, 9, 1, 4, 8, 2];
    let known = |n: &u64| (1..=5).contains(n);
    let persons = asked.map(person);
    let expected = asked.map(|n| known(&n).then(|| row(person(n), 1)));
    assert_eq!(bed.shelf.persons(&persons).unwrap(), expected);
    assert_eq!(
        bed.shelf.keys(&persons).unwrap(),
        asked.map(|n| known(&n).then(|| key(n)))
    );
    assert_eq!(
        bed.shelf.resolve(&asked.map(blind)).unwrap(),
        asked.map(|n| known(&n).then(|| person(n)))
    );
    let messages = asked.map(|n| (person(n).shard(), message(n)));
    assert_eq!(bed.shelf.seen(&messages).unwrap(), asked.map(|n| known(&n)));
}

pub fn a_scan_goes_through_everybody_in_order(bed: Bed) {
    let units: Vec<Unit> = (1..=50).map(arrival).collect();
    bed.shelf.commit(bed.epoch, &units).unwrap();
    let mut expected: Vec<PersonId> = (1..=50).map(person).collect();
    expected.sort_by_key(|person| (person.shard(), *person));
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = bed.shelf.scan(after, 7).unwrap();
        assert!(page.len() <= 7);
        let Some(last) = page.last() else { break };
        after = Some(last.person);
        found.extend(page.into_iter().map(|row| row.person));
    }
    assert_eq!(found, expected);
}

pub fn who_is_due_comes_soonest_first(mut bed: Bed) {
    let dues = [(1, 30), (2, 10), (3, 20), (4, 20), (5, 40), (6, -5)];
    let mut units: Vec<Unit> = dues
        .iter()
        .map(|(n, due)| Unit {
            envelope: Some((0, row_due(person(*n), 1, *due))),
            ..arrival(*n)
        })
        .collect();
    units.push(arrival(7));
    bed.shelf.commit(bed.epoch, &units).unwrap();
    let mut expected: Vec<(i64, PersonId)> = dues
        .iter()
        .filter(|(_, due)| *due <= 30)
        .map(|(n, due)| (*due, person(*n)))
        .collect();
    expected.sort();
    let expected: Vec<PersonId> = expected.into_iter().map(|(_, person)| person).collect();
    assert_eq!(bed.shelf.due(Moment(30), 100).unwrap(), expected);
    assert_eq!(bed.shelf.due(Moment(30), 3).unwrap(), expected[..3]);
    assert_eq!(bed.shelf.due(Moment(29), 100).unwrap(), expected[..4]);
    assert_eq!(bed.shelf.due(Moment(-6), 100).unwrap(), []);

    // What is to leave stands apart, and page after page passes nobody over.
    let leaving = Unit {
        envelope: Some((
            1,
            PersonRow {
                next_leave: Some(Moment(10)),
                ..row_due(person(3), 2, 20)
            },
        )),
        ..unit(person(3))
    };
    bed.shelf.commit(bed.epoch, &[leaving]).unwrap();
    let leaving = |now, after| bed.shelf.due_after(Due::Leaving, Moment(now), after, 5).unwrap();
    assert_eq!(leaving(9, None), []);
    assert_eq!(leaving(10, None), [(Moment(10), person(3))]);
    assert_eq!(leaving(30, Some((Moment(10), person(3)))), []);
    let (mut paged, mut after) = (Vec::new(), None);
    while let Some(at) = bed
        .shelf
        .due_after(Due::Scheduler, Moment(30), after, 1)
        .unwrap()
        .first()
        .copied()
    {
        paged.push(at.1);
        after = Some(at);
    }
    assert_eq!(paged, expected);

    let no_more = Unit {
        envelope: Some((1, row(person(2), 2))),
        ..unit(person(2))
    };
    let later = (1, row_due(person(6), 2, 35));
    bed.shelf.commit(bed.epoch, &[no_more]).unwrap();
    bed.shelf.flush(bed.epoch, &[later], 0).unwrap();
    bed.reopen();
    let expected: Vec<_> = expected
        .into_iter()
        .filter(|p| ![person(2), person(6)].contains(p))
        .collect();
    assert_eq!(bed.shelf.due(Moment(30), 100).unwrap(), expected);
}
