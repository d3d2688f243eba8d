//! A log grows to the same tiles whatever the batches, reading only its right edge.

use std::convert::Infallible;

use ledger::tile::{self, Kind, Malformed, Tile};
use ledger::tree::{self, Hash};
use ledger::{Checkpoint, receipt, sequence, verify};
use proptest::prelude::*;

use crate::log::{Choices, Log, entries, entry, key};

/// Grows a log in batches and holds it against one built in one go, and against the tree itself.
fn check_batches(size: u64, mut batch: impl FnMut() -> u64) {
    let once = Log::of(size);
    let mut grown = Log::default();
    grown.grow_to(0);
    while grown.size() < size {
        let next = size.min(grown.size() + batch());
        grown.grow_to(next);
    }
    let leaves: Vec<Hash> = (0..size).map(|index| tree::leaf_hash(&entry(index))).collect();
    assert_eq!(once.root(), tree::root(&leaves));
    assert_eq!(grown.checkpoint(), once.checkpoint());
    assert!(grown.essence() == once.essence(), "the tiles differ");
    // Built in one go there is nothing but what the format asks for.
    assert_eq!(once.rows.len(), once.essence().len());
    assert_eq!(grown.leftovers(), Vec::<String>::new());

    let report = grown.verify();
    assert!(report.is_sound(), "{report}");
    assert_eq!(report.entries, size);
    let tiles = tile::all(size).filter(|tile| tile.kind != Kind::Entries).count();
    assert_eq!(report.tiles, tiles as u64);
}

#[test]
fn sizes_around_a_full_tile_grow_one_by_one() {
    for size in [0, 1, 2, 255, 256, 257, 513] {
        check_batches(size, || 1);
    }
}

#[test]
fn seventy_thousand_entries_grow_in_random_batches() {
    for seed in [1, 2] {
        let mut choices = Choices(seed);
        check_batches(70_000, || match choices.below(3) {
            0 => choices.below(3),
            1 => 1 + choices.below(300),
            _ => 1 + choices.below(9_000),
        });
    }
}

#[test]
fn seventy_thousand_entries_lie_where_the_format_says() {
    let log = Log::of(70_000);
    let count = |kind| tile::all(70_000).filter(|tile| tile.kind == kind).count();
    assert_eq!((count(Kind::Hashes(0)), count(Kind::Entries)), (274, 274));
    assert_eq!(
        (
            count(Kind::Hashes(1)),
            count(Kind::Hashes(2)),
            count(Kind::Hashes(3))
        ),
        (2, 1, 0)
    );
    for path in [
        "tile/0/273.p/112",
        "tile/entries/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ] {
        assert!(log.rows.contains_key(path), "{path}");
    }
}

#[test]
fn growing_reads_the_right_edge_and_nothing_else() {
    let mut log = Log::of(70_000);
    log.reads.borrow_mut().clear();
    log.grow_to(70_300);
    let mut reads = log.reads.take();
    reads.sort();
    assert_eq!(
        reads,
        [
            "tile/0/273.p/112",
            "tile/1/001.p/17",
            "tile/2/000.p/1",
            "tile/entries/273.p/112"
        ]
    );
}

#[test]
fn partial_tiles_stay_until_their_full_tile_is_there() {
    let mut log = Log::of(3);
    log.grow_to(5);
    log.grow_to(5);
    // A reader of the checkpoint of size 3 still finds its tile.
    for path in [
        "tile/0/000.p/3",
        "tile/0/000.p/5",
        "tile/entries/000.p/3",
        "tile/entries/000.p/5",
    ] {
        assert!(log.rows.contains_key(path), "{path}");
    }
    let old = log.clone();
    log.grow_to(300);
    assert_eq!(log.leftovers(), Vec::<String>::new());
    // From here on it finds the full one.
    let old = old.checkpoint();
    let proof = receipt::prove_carrying(4, &old, key().verifying_key(), |path| log.read(path)).unwrap();
    assert_eq!(proof.verify_carried(key().verifying_key()).unwrap().0, entry(4));
}

#[test]
fn a_damaged_right_edge_is_never_built_upon() {
    let whole = Log::of(70_000);
    let previous = whole.checkpoint();
    for path in [
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        "tile/entries/273.p/112",
    ] {
        let grow = |log: &Log| {
            sequence::integrate(Some(&previous), &entries(70_000, 70_001), &key(), |path| {
                log.read(path)
            })
        };
        let mut log = whole.clone();
        *log.rows.get_mut(path).unwrap().last_mut().unwrap() ^= 1;
        assert_eq!(grow(&log), Err(sequence::Error::Damaged), "{path}");
        log.rows.remove(path);
        let missing = tile::Error::Missing {
            path: path.to_owned(),
        };
        assert_eq!(grow(&log), Err(sequence::Error::Tile(missing)));
    }
}

#[test]
fn what_does_not_fit_the_format_is_refused() {
    let none = |_: &str| Ok::<_, Infallible>(None);
    let largest = vec![b'x'; tile::MAX_ENTRY_BYTES];
    sequence::integrate(None, &[&largest], &key(), none).unwrap();
    let too_long = vec![b'x'; tile::MAX_ENTRY_BYTES + 1];
    assert_eq!(
        sequence::integrate(None, &[&largest, &too_long], &key(), none),
        Err(sequence::Error::EntryTooLong(Malformed::EntryTooLong {
            position: 1,
            bytes: 65_536
        }))
    );
    assert_eq!(
        sequence::grow(tile::MAX_SIZE, &[0; 32], &entries(0, 1), none),
        Err(sequence::Error::Full)
    );
    let failing = |_: &str| Err("the disk is on fire");
    let failed = sequence::grow(3, &[0; 32], &entries(0, 1), failing).unwrap_err();
    assert_eq!(
        failed.to_string(),
        "the storage of the log failed: the disk is on fire"
    );
}

#[test]
fn another_history_is_not_a_continuation() {
    let mut log = Log::of(300);
    let old = log.checkpoint();
    log.grow_to(1000);
    let storage = |path: &str| log.read(path);
    let key = key();
    for size in [0, 1, 255, 256, 257, 300, 999, 1000] {
        let older = Log::of(size).checkpoint();
        verify::verify_consistency(&older, &log.checkpoint(), key.verifying_key(), storage).unwrap();
    }
    // The log's own signature, over a history that it has rewritten since.
    for size in [1, 256, 300, 1000] {
        let other = Checkpoint {
            size,
            root: [1; 32],
            ..log.opened()
        }
        .sign(&key)
        .unwrap();
        assert_eq!(
            verify::verify_consistency(&other, &log.checkpoint(), key.verifying_key(), storage),
            Err(receipt::Error::Forked)
        );
    }
    assert_eq!(
        verify::verify_consistency(&log.checkpoint(), &old, key.verifying_key(), storage),
        Err(receipt::Error::Range(tree::Error::Shrunk { old: 1000, new: 300 }))
    );
    // A broken disk is no rewritten history.
    let mut broken = log.clone();
    broken.rows.get_mut("tile/0/001").unwrap()[44 * 32 + 5] ^= 1;
    assert_eq!(
        verify::verify_consistency(&old, &log.checkpoint(), key.verifying_key(), |path| broken
            .read(path)),
        Err(receipt::Error::Damaged)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_batches_give_the_same_log(size in 0u64..1500, batches in proptest::collection::vec(0u64..700, 1..9)) {
        let mut batches = batches.into_iter();
        check_batches(size, || batches.next().unwrap_or(1500));
    }

    #[test]
    fn every_receipt_verifies(size in 1u64..1500, at in any::<u64>()) {
        let log = Log::of(size);
        let index = at % size;
        let key = key();
        let proof =
            receipt::prove(index, &log.checkpoint(), key.verifying_key(), |path| log.read(path)).unwrap();
        prop_assert_eq!(proof.verify(&entry(index), key.verifying_key()).unwrap().size, size);
        let beyond = receipt::prove(size, &log.checkpoint(), key.verifying_key(), |path| log.read(path));
        prop_assert_eq!(beyond, Err(receipt::Error::Range(tree::Error::NoSuchIndex { index: size, size })));
    }

    #[test]
    fn a_tile_is_found_by_its_path(level in 0u8..64, index in any::<u64>(), width in 1u16..=256) {
        for kind in [Kind::Hashes(level), Kind::Entries] {
            let tile = Tile { kind, index, width };
            prop_assert_eq!(Tile::parse(&tile.path()), Some(tile));
        }
    }
}
