//! What the chain of events promises: newest first, complete, purged by day.

use store::{Oldest, PersonRow, Seq, Unit};
use vocabulary::{Day, PersonId};

use crate::bed::Bed;
use crate::given::*;

/// Appends one event for each (person, day), in groups of three, with envelopes; answers the heads.
fn append(bed: &Bed, events: &[(u64, u32)]) -> std::collections::BTreeMap<u64, (u64, Seq)> {
    let mut heads = std::collections::BTreeMap::<u64, (u64, Seq)>::new();
    for group in events.chunks(3) {
        let mut units: Vec<Unit> = Vec::new();
        for (number, day) in group {
            let (version, prev_seq) = heads.get(number).copied().unwrap_or((0, 0));
            let start = if version == 0 {
                arrival(*number)
            } else {
                unit(person(*number))
            };
            units.push(Unit {
                events: vec![event(version + 1, *day)],
                envelope: Some((version, row(person(*number), version + 1))),
                prev_seq,
                ..start
            });
            heads.insert(*number, (version + 1, prev_seq));
        }
        for ((number, _), outcome) in group.iter().zip(bed.shelf.commit(bed.epoch, &units).unwrap()) {
            heads.get_mut(number).unwrap().1 = done(&outcome);
        }
    }
    heads
}

fn versions(bed: &Bed, person: PersonId, last_seq: Seq, before: Seq, limit: usize) -> Vec<u64> {
    let events = bed.shelf.events_of(person, last_seq, before, limit).unwrap();
    assert!(events.iter().all(|stored| stored.person == person));
    events.iter().map(|stored| stored.event.version).collect()
}

pub fn a_persons_events_come_newest_first_and_in_pages(bed: Bed) {
    let heads = append(
        &bed,
        &[
            (1, 10),
            (2, 10),
            (1, 10),
            (1, 11),
            (3, 11),
            (1, 12),
            (2, 12),
            (1, 13),
        ],
    );
    let (one, head) = (person(1), heads[&1].1);
    assert_eq!(versions(&bed, one, head, 0, 100), [5, 4, 3, 2, 1]);
    assert_eq!(versions(&bed, one, head, 0, 2), [5, 4]);
    assert_eq!(versions(&bed, one, head, head, 2), [4, 3]);
    let page = bed.shelf.events_of(one, head, head, 2).unwrap();
    let oldest = page[1].seq;
    assert_eq!(versions(&bed, one, oldest, oldest, 2), [2, 1]);
    assert_eq!(versions(&bed, one, head, oldest, 9), [2, 1]);
    assert_eq!(versions(&bed, person(2), heads[&2].1, 0, 100), [2, 1]);
    assert_eq!(versions(&bed, person(9), 0, 0, 100), [0; 0]);
    assert_eq!(versions(&bed, one, head, 0, 0), [0; 0]);
}

pub fn purging_removes_old_events_and_no_others(mut bed: Bed) {
    // One event arrives with the day before, around midnight.
    let heads = append(
        &bed,
        &[(1, 10), (2, 10), (3, 11), (2, 10), (1, 11), (2, 12), (1, 12)],
    );
    if bed.is_lazy() {
        assert_eq!(
            bed.shelf.purge_events(bed.epoch, Day(99)).unwrap(),
            0,
            "none is applied yet"
        );
        assert_eq!(bed.shelf.counts().unwrap().events, 7);
    }
    bed.shelf.flush(bed.epoch, &[], heads[&1].1).unwrap();
    assert_eq!(bed.shelf.purge_events(bed.epoch, Day(10)).unwrap(), 0);
    assert_eq!(bed.shelf.purge_events(bed.epoch, Day(11)).unwrap(), 3);
    bed.reopen();
    assert_eq!(bed.shelf.counts().unwrap().events, 4);
    assert_eq!(versions(&bed, person(1), heads[&1].1, 0, 9), [3, 2]);
    assert_eq!(versions(&bed, person(2), heads[&2].1, 0, 9), [3]);
    assert_eq!(versions(&bed, person(3), heads[&3].1, 0, 9), [1]);
    assert_eq!(bed.shelf.purge_events(bed.epoch, Day(11)).unwrap(), 0);
    assert_eq!(bed.shelf.purge_events(bed.epoch, Day(99)).unwrap(), 4);
    assert_eq!(bed.shelf.counts().unwrap().events, 0);
    assert_eq!(bed.shelf.counts().unwrap().persons, 3);
}

pub fn purging_messages_forgets_them(mut bed: Bed) {
    let one = person(1);
    let on = |n: u64, day| Unit {
        messages: vec![message(n)],
        messages_day: Day(day),
        ..unit(one)
    };
    bed.shelf
        .commit(
            bed.epoch,
            &[arrival(1), on(1, 10), on(2, 11), on(3, 10), on(4, 12)],
        )
        .unwrap();
    let asked: Vec<_> = (1..5).map(|n| (one.shard(), message(n))).collect();
    assert_eq!(bed.shelf.purge_messages(bed.epoch, Day(11)).unwrap(), 2);
    assert_eq!(bed.shelf.seen(&asked).unwrap(), [false, true, false, true]);
    bed.reopen();
    assert_eq!(bed.shelf.seen(&asked).unwrap(), [false, true, false, true]);
    done(&bed.shelf.commit(bed.epoch, &[on(1, 13)]).unwrap()[0]);
    assert_eq!(bed.shelf.purge_messages(bed.epoch, Day(99)).unwrap(), 3);
    assert_eq!(bed.shelf.purge_messages(bed.epoch, Day(99)).unwrap(), 0);
}

pub fn no_place_is_given_away_twice(mut bed: Bed) {
    let mut newest = 0;
    for round in 0..3 {
        let number = 100 + round;
        let unit = Unit {
            events: vec![event(1, 10), event(2, 10)],
            ..arrival(number)
        };
        let head = done(&bed.shelf.commit(bed.epoch, &[unit]).unwrap()[0]);
        assert!(head >= newest + 2, "event {head} comes after {newest}");
        newest = head;
        if round == 0 {
            bed.shelf.flush(bed.epoch, &[], newest).unwrap();
            assert_eq!(bed.shelf.purge_events(bed.epoch, Day(99)).unwrap(), 2);
        } else {
            assert!(bed.shelf.erase(bed.epoch, person(number)).unwrap());
        }
        assert_eq!(bed.shelf.counts().unwrap().events, 0);
        bed.reopen();
    }
}

pub fn a_persons_records_come_newest_first_and_in_pages(mut bed: Bed) {
    let (one, two) = (person(1), person(2));
    bed.shelf.commit(bed.epoch, &[arrival(1), arrival(2)]).unwrap();
    // In no order of their ids; several in a unit, several units of one person in a group.
    let records = |person, numbers: &[u64]| Unit {
        records: numbers.iter().map(|number| record(person, *number)).collect(),
        ..unit(person)
    };
    for group in [
        vec![records(one, &[5, 3]), records(two, &[9]), records(one, &[8])],
        vec![records(two, &[1]), records(one, &[1])],
        vec![records(one, &[7, 2, 6])],
    ] {
        bed.shelf
            .commit(bed.epoch, &group)
            .unwrap()
            .iter()
            .for_each(|outcome| {
                done(outcome);
            });
        bed.reopen();
    }
    let newest_first: Vec<_> = [6, 2, 7, 1, 8, 3, 5].map(|number| record(one, number)).into();
    for limit in 1..=8 {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = bed.shelf.records_of(one, before, limit).unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            found.extend(page);
        }
        assert_eq!(found, newest_first, "in pages of {limit}");
    }
    assert_eq!(bed.shelf.records_of(one, None, 0).unwrap(), []);
    assert_eq!(bed.shelf.records_of(person(3), None, 9).unwrap(), []);
    for not_theirs in [record_id(two, 9), record_id(one, 99)] {
        assert_eq!(bed.shelf.records_of(one, Some(not_theirs), 9).unwrap(), []);
    }
    bed.shelf.erase(bed.epoch, one).unwrap();
    assert_eq!(bed.shelf.records_of(one, None, 9).unwrap(), []);
    let of_two = [record(two, 1), record(two, 9)];
    assert_eq!(bed.shelf.records_of(two, None, 9).unwrap(), of_two);
    // Whoever is erased and comes back begins anew, after all that others did meanwhile.
    let back = Unit {
        records: vec![record(one, 3)],
        ..arrival(1)
    };
    bed.shelf.commit(bed.epoch, &[back, records(two, &[4])]).unwrap();
    assert_eq!(bed.shelf.records_of(one, None, 9).unwrap(), [record(one, 3)]);
    assert_eq!(bed.shelf.records_of(two, None, 1).unwrap(), [record(two, 4)]);
}

pub fn the_oldest_days_are_those_of_what_is_left(mut bed: Bed) {
    let day = |event: Option<u32>, message: Option<u32>| Oldest {
        event: event.map(Day),
        message: message.map(Day),
    };
    assert_eq!(bed.shelf.oldest().unwrap(), day(None, None));
    let one = person(1);
    let first = Unit {
        events: vec![event(1, 12), event(2, 14)],
        messages: vec![message(1)],
        messages_day: Day(11),
        envelope: None,
        ..arrival(1)
    };
    let head = done(&bed.shelf.commit(bed.epoch, &[first]).unwrap()[0]);
    assert_eq!(bed.shelf.oldest().unwrap(), day(Some(12), Some(11)));
    bed.shelf
        .flush(
            bed.epoch,
            &[(
                0,
                PersonRow {
                    last_seq: head,
                    ..row(one, 2)
                },
            )],
            head,
        )
        .unwrap();
    bed.shelf.purge_events(bed.epoch, Day(13)).unwrap();
    assert_eq!(bed.shelf.oldest().unwrap(), day(Some(14), Some(11)));
    bed.shelf.purge_messages(bed.epoch, Day(99)).unwrap();
    bed.shelf.purge_events(bed.epoch, Day(99)).unwrap();
    bed.reopen();
    assert_eq!(bed.shelf.oldest().unwrap(), day(None, None));
}
