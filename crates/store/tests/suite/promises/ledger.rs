//! What the log promises: integrated in order, all or nothing, never forked.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::{Error, Integration, Unit};

use crate::bed::Bed;
use crate::given::*;

fn integration(expected: Option<&[u8]>, checkpoint: &[u8]) -> Integration {
    Integration {
        expected: expected.map(<[u8]>::to_vec),
        checkpoint: checkpoint.to_vec(),
        tiles: vec![],
        obsolete: vec![],
        integrated: vec![],
    }
}

pub fn leaves_wait_in_the_order_of_their_commits(mut bed: Bed) {
    let mut expected = Vec::new();
    for number in 1..=6 {
        let leaves = vec![leaf(person(number), number), leaf(person(number), number + 100)];
        expected.extend(leaves.clone());
        bed.shelf
            .commit(
                bed.epoch,
                &[Unit {
                    leaves,
                    ..arrival(number)
                }],
            )
            .unwrap();
        if number == 3 {
            bed.reopen();
        }
    }
    let waiting = bed.shelf.pending_leaves(100).unwrap();
    assert!(waiting.is_sorted_by_key(|pending| pending.place));
    assert_eq!(
        waiting
            .iter()
            .map(|pending| pending.leaf.clone())
            .collect::<Vec<_>>(),
        expected
    );
    assert_eq!(bed.shelf.pending_leaves(5).unwrap(), waiting[..5]);

    // Once all are integrated, places go on where they were.
    let integrated = waiting
        .iter()
        .zip(0..)
        .map(|(p, index)| (p.place, p.leaf.id, index))
        .collect();
    let all = Integration {
        integrated,
        ..integration(None, b"one")
    };
    assert!(bed.shelf.integrate(bed.epoch, &all).unwrap());
    bed.reopen();
    bed.shelf
        .commit(
            bed.epoch,
            &[Unit {
                leaves: vec![leaf(person(1), 50)],
                ..unit(person(1))
            }],
        )
        .unwrap();
    let later = bed.shelf.pending_leaves(100).unwrap();
    assert_eq!(later.len(), 1);
    assert!(later[0].place > waiting.last().unwrap().place);
}

pub fn an_integration_is_all_or_nothing(mut bed: Bed) {
    let one = person(1);
    let leaves = vec![leaf(one, 1), leaf(one, 2), leaf(one, 3)];
    bed.shelf
        .commit(bed.epoch, &[Unit { leaves, ..arrival(1) }])
        .unwrap();
    let waiting = bed.shelf.pending_leaves(9).unwrap();
    let at = |n: usize, index| (waiting[n].place, waiting[n].leaf.id, index);
    let first = Integration {
        tiles: vec![
            ("tile/0/000.p/2".to_owned(), vec![2]),
            ("tile/Z".to_owned(), vec![9]),
        ],
        integrated: vec![at(0, 0), at(1, 1)],
        ..integration(None, b"first")
    };
    assert!(bed.shelf.integrate(bed.epoch, &first).unwrap());
    bed.reopen();
    assert!(
        !bed.shelf.integrate(bed.epoch, &first).unwrap(),
        "the same again follows nothing"
    );
    let second = Integration {
        tiles: vec![
            ("tile/0/000.p/3".to_owned(), vec![3]),
            ("tile/Z".to_owned(), vec![8]),
        ],
        obsolete: vec!["tile/0/000.p/2".to_owned()],
        integrated: vec![at(2, 2)],
        ..integration(Some(b"first"), b"second")
    };
    for refused in [
        Integration {
            integrated: vec![at(2, 2), at(1, 3)],
            ..second.clone()
        },
        Integration {
            integrated: vec![(waiting[2].place, record_id(one, 77), 2)],
            ..second.clone()
        },
        Integration {
            integrated: vec![at(2, 2), at(2, 3)],
            ..second.clone()
        },
        Integration {
            checkpoint: b"first".to_vec(),
            ..second.clone()
        },
    ] {
        let refused = bed.shelf.integrate(bed.epoch, &refused);
        assert!(matches!(refused, Err(Error::Refused(_))), "got {refused:?}");
    }
    let stale = Integration {
        expected: Some(b"other".to_vec()),
        ..second.clone()
    };
    assert!(!bed.shelf.integrate(bed.epoch, &stale).unwrap());
    assert_eq!(bed.shelf.checkpoint().unwrap(), Some(b"first".to_vec()));
    assert_eq!(bed.shelf.tile_paths().unwrap(), ["tile/0/000.p/2", "tile/Z"]);
    assert_eq!(bed.shelf.pending_leaves(9).unwrap(), waiting[2..]);
    assert_eq!(bed.shelf.leaf_index(waiting[2].leaf.id).unwrap(), None);

    assert!(bed.shelf.integrate(bed.epoch, &second).unwrap());
    bed.reopen();
    assert_eq!(bed.shelf.checkpoint().unwrap(), Some(b"second".to_vec()));
    assert_eq!(bed.shelf.tile_paths().unwrap(), ["tile/0/000.p/3", "tile/Z"]);
    assert_eq!(bed.shelf.tile("tile/Z").unwrap(), Some(vec![8]));
    assert_eq!(bed.shelf.tile("tile/0/000.p/2").unwrap(), None);
    assert_eq!(bed.shelf.pending_leaves(9).unwrap(), []);
    for (index, pending) in waiting.iter().enumerate() {
        assert_eq!(bed.shelf.leaf_index(pending.leaf.id).unwrap(), Some(index as u64));
    }
}

pub fn two_sequencers_never_fork_the_log(bed: Bed) {
    let (rounds, racers) = (20_u8, 4_u8);
    let wins = AtomicUsize::new(0);
    let barrier = Barrier::new(usize::from(racers));
    std::thread::scope(|scope| {
        for racer in 0..racers {
            let (bed, wins, barrier) = (&bed, &wins, &barrier);
            scope.spawn(move || {
                for round in 1..=rounds {
                    barrier.wait();
                    let current = bed.shelf.checkpoint().unwrap();
                    barrier.wait();
                    let tiles = vec![(format!("tile/{round}"), vec![racer])];
                    let next = Integration {
                        tiles,
                        ..integration(current.as_deref(), &[round, racer])
                    };
                    if bed.shelf.integrate(bed.epoch, &next).unwrap() {
                        wins.fetch_add(1, Ordering::SeqCst);
                    }
                    barrier.wait();
                    let [found_round, winner] = bed.shelf.checkpoint().unwrap().unwrap()[..] else {
                        panic!()
                    };
                    assert_eq!(found_round, round);
                    assert_eq!(
                        bed.shelf.tile(&format!("tile/{round}")).unwrap(),
                        Some(vec![winner])
                    );
                }
            });
        }
    });
    assert_eq!(wins.into_inner(), usize::from(rounds));
}

pub fn a_record_has_its_place_until_its_person_is_erased(mut bed: Bed) {
    let with = |number: u64| {
        let one = person(number);
        Unit {
            records: vec![record(one, number), record(one, number + 10)],
            leaves: vec![leaf(one, number), leaf(one, number + 10)],
            ..arrival(number)
        }
    };
    let units: Vec<Unit> = (1..=4).map(with).collect();
    bed.shelf.commit(bed.epoch, &units).unwrap();
    assert_eq!(bed.shelf.placed(None, 10).unwrap(), []);
    let waiting = bed.shelf.pending_leaves(100).unwrap();
    let integrated = waiting
        .iter()
        .zip(0..)
        .map(|(p, index)| (p.place, p.leaf.id, index));
    let all = Integration {
        integrated: integrated.collect(),
        ..integration(None, b"one")
    };
    assert!(bed.shelf.integrate(bed.epoch, &all).unwrap());
    bed.reopen();
    let mut expected: Vec<_> = waiting
        .iter()
        .zip(0..)
        .map(|(p, index)| (p.leaf.id, index))
        .collect();
    expected.sort();
    assert_eq!(bed.shelf.placed(None, 100).unwrap(), expected);
    let mut paged = Vec::new();
    while let Some(page) =
        Some(bed.shelf.placed(paged.last().map(|(id, _)| *id), 3).unwrap()).filter(|page| !page.is_empty())
    {
        paged.extend(page);
    }
    assert_eq!(paged, expected);
    bed.shelf.erase(bed.epoch, person(2)).unwrap();
    let gone = [record_id(person(2), 2), record_id(person(2), 12)];
    expected.retain(|(id, _)| !gone.contains(id));
    assert_eq!(bed.shelf.placed(None, 100).unwrap(), expected);
    assert!(bed.shelf.leaf_index(gone[0]).unwrap().is_some(), "the log stays");
}
