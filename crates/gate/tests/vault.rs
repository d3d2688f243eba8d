//! What the house keeps sealed: whole or not at all, and what was replaced is gone.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use common::open;
use std::sync::Arc;
use store::{Embedded, Memory, Shelf, Unit};
use vocabulary::PersonId;

fn thing(length: usize, salt: u8) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8 ^ salt).collect()
}

#[test]
fn a_thing_of_any_length_is_read_back_and_the_one_before_is_destroyed() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = open(Arc::clone(&shelf)).unwrap();
    let before = shelf.counts().unwrap();
    assert!(house.gate.kept_sealed("sum").unwrap().is_none());
    for length in [0, 1, 999_999, 1_000_000, 1_000_001, 6_100_000] {
        let bytes = thing(length, 3);
        house.gate.keep_sealed("sum", &bytes).unwrap();
        assert_eq!(house.gate.kept_sealed("sum").unwrap().unwrap().as_slice(), bytes);
        let counts = shelf.counts().unwrap();
        let parts = (length as u64).div_ceil(1_000_000).max(1);
        assert_eq!(counts.keys, before.keys + 1, "one key at a time");
        assert_eq!(counts.records, before.records + parts, "no part of another");
    }
    let again = open(shelf).unwrap();
    assert_eq!(again.gate.kept_sealed("sum").unwrap().unwrap().len(), 6_100_000);
}

#[test]
fn what_a_crash_left_of_an_unfinished_thing_is_removed_at_the_next_start() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = open(Arc::clone(&shelf)).unwrap();
    house.gate.keep_sealed("sum", &thing(10, 1)).unwrap();
    house.gate.keep_sealed("sum", &thing(10, 2)).unwrap();
    let whole = shelf.counts().unwrap();
    std::mem::forget(house);
    // Killed after the next one got its key and its first part, and before it was put in force.
    let epoch = shelf
        .acquire("test", vocabulary::Moment(common::NOON), 1_000)
        .unwrap();
    let unfinished = PersonId([9; 16]);
    shelf.swap(epoch, "vault/sum/next", 0, &unfinished.0).unwrap();
    let unit = Unit {
        person: Some(unfinished),
        new_key: Some(store::WrappedKey(vec![1; 60])),
        ..Unit::default()
    };
    shelf.commit(epoch, &[unit]).unwrap();
    assert_eq!(shelf.counts().unwrap().keys, whole.keys + 1);
    let house = open(Arc::clone(&shelf)).unwrap();
    assert_eq!(shelf.counts().unwrap().keys, whole.keys);
    assert_eq!(
        house.gate.kept_sealed("sum").unwrap().unwrap().as_slice(),
        thing(10, 2)
    );
}

#[test]
fn nothing_of_it_lies_open_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let house = open(Arc::new(Embedded::open(folder.path()).unwrap())).unwrap();
    let canary = b"a canary that nobody may hear sing from a file";
    house.gate.keep_sealed("sum", &canary.repeat(1_000)).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(
                !bytes.windows(canary.len()).any(|window| window == canary),
                "{}",
                path.display()
            );
        }
    }
}
