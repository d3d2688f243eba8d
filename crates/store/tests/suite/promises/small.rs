//! What the small tables promise: named values by compare-and-swap, artefacts by digest, counts.

use std::sync::atomic::{AtomicU64, Ordering};

use store::Versioned;

use crate::bed::Bed;

pub fn a_named_value_is_swapped_only_from_its_version(mut bed: Bed) {
    let (shelf, epoch) = (&bed.shelf, bed.epoch);
    assert_eq!(shelf.get("é").unwrap(), None);
    assert_eq!(shelf.swap(epoch, "é", 1, b"x").unwrap(), None);
    assert_eq!(shelf.swap(epoch, "é", 0, b"one").unwrap(), Some(1));
    assert_eq!(shelf.swap(epoch, "é", 0, b"two").unwrap(), None);
    assert_eq!(shelf.swap(epoch, "é", 1, b"").unwrap(), Some(2));
    assert_eq!(shelf.swap(epoch, "e", 0, b"other").unwrap(), Some(1));
    assert_eq!(
        shelf.swap(epoch, "counter", 0, &0_u64.to_le_bytes()).unwrap(),
        Some(1)
    );
    bed.reopen();
    assert_eq!(
        bed.shelf.get("é").unwrap(),
        Some(Versioned {
            version: 2,
            value: vec![]
        })
    );

    // Counting from four threads loses no count.
    let tries = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    loop {
                        tries.fetch_add(1, Ordering::Relaxed);
                        let held = bed.shelf.get("counter").unwrap().unwrap();
                        let count = u64::from_le_bytes(held.value.try_into().unwrap()) + 1;
                        let swapped =
                            bed.shelf
                                .swap(bed.epoch, "counter", held.version, &count.to_le_bytes());
                        if swapped.unwrap().is_some() {
                            break;
                        }
                    }
                }
            });
        }
    });
    let counted = bed.shelf.get("counter").unwrap().unwrap();
    assert_eq!(
        counted,
        Versioned {
            version: 41,
            value: 40_u64.to_le_bytes().to_vec()
        }
    );
}

pub fn an_artefact_is_kept_once(mut bed: Bed) {
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n * 7) as u8).collect();
    assert_eq!(bed.shelf.artefact([1; 32]).unwrap(), None);
    bed.shelf.keep(bed.epoch, [1; 32], &large).unwrap();
    bed.shelf.keep(bed.epoch, [1; 32], &large).unwrap();
    bed.shelf.keep(bed.epoch, [2; 32], b"").unwrap();
    bed.reopen();
    assert_eq!(bed.shelf.artefact([1; 32]).unwrap(), Some(large));
    assert_eq!(bed.shelf.artefact([2; 32]).unwrap(), Some(vec![]));
}
