//! What the small tables promise: named values by compare-and-swap, artefacts by digest, counts.

use std::sync::atomic::{AtomicU64, Ordering};

use store::{Error, Versioned};

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

pub fn a_named_value_is_removed_only_from_its_version(mut bed: Bed) {
    let (shelf, epoch) = (&bed.shelf, bed.epoch);
    assert!(!shelf.remove_named(epoch, "name", 0).unwrap());
    assert!(!shelf.remove_named(epoch, "name", 1).unwrap());
    shelf.swap(epoch, "name", 0, b"one").unwrap();
    shelf.swap(epoch, "name", 1, b"two").unwrap();
    shelf.swap(epoch, "names", 0, b"other").unwrap();
    assert!(!shelf.remove_named(epoch, "name", 1).unwrap());
    assert!(!shelf.remove_named(epoch, "name", 3).unwrap());
    assert_eq!(shelf.get("name").unwrap().unwrap().version, 2);
    assert!(matches!(
        shelf.remove_named(epoch + 1, "name", 2),
        Err(Error::Fenced)
    ));
    assert!(shelf.remove_named(epoch, "name", 2).unwrap());
    bed.reopen();
    let (shelf, epoch) = (&bed.shelf, bed.epoch);
    assert_eq!(shelf.get("name").unwrap(), None);
    assert_eq!(shelf.get("names").unwrap().unwrap().value, b"other");
    assert!(!shelf.remove_named(epoch, "name", 2).unwrap());
    assert_eq!(shelf.swap(epoch, "name", 2, b"late").unwrap(), None);
    assert_eq!(shelf.swap(epoch, "name", 0, b"anew").unwrap(), Some(1));
}

pub fn names_with_a_prefix_come_in_order_and_in_pages(mut bed: Bed) {
    // In the order of their bytes, which is that of no language.
    let mut names = [
        "a/\u{10ffff}",
        "a/\u{10ffff}z",
        "a/Z",
        "a/a",
        "a/b%",
        "a/b_",
        "a/é",
        "a/\u{d7ff}",
        "a/\u{e000}",
        "a",
        "A/a",
        "a0",
        "b/a",
        "\u{10ffff}",
        "\u{10ffff}x",
    ];
    for (name, value) in names.iter().zip(0_u8..) {
        assert_eq!(bed.shelf.swap(bed.epoch, name, 0, &[value]).unwrap(), Some(1));
    }
    bed.shelf.swap(bed.epoch, "a/a", 1, b"again").unwrap();
    names.sort_unstable();
    bed.reopen();
    for prefix in [
        "",
        "a",
        "a/",
        "a/b",
        "a/b_",
        "c",
        "a/\u{d7ff}",
        "a/\u{10ffff}",
        "\u{10ffff}",
    ] {
        let expected: Vec<&str> = names
            .into_iter()
            .filter(|name| name.starts_with(prefix))
            .collect();
        let (mut found, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
        loop {
            let page = bed.shelf.named(prefix, after.as_deref(), 2).unwrap();
            assert!(page.len() <= 2);
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (name, held) in page {
                assert_eq!(bed.shelf.get(&name).unwrap(), Some(held));
                found.push(name);
            }
        }
        assert_eq!(found, expected, "names that begin with `{prefix}`");
    }
    assert_eq!(bed.shelf.named("a/", Some("a"), 1).unwrap()[0].0, "a/Z");
    assert_eq!(bed.shelf.named("a/", Some("b"), 9).unwrap(), []);
    assert_eq!(bed.shelf.named("a/", None, 0).unwrap(), []);
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

pub fn artefacts_are_listed_in_order_and_discarded_one_by_one(mut bed: Bed) {
    let epoch = bed.epoch;
    assert_eq!(bed.shelf.artefacts(None, 10).unwrap(), Vec::<[u8; 32]>::new());
    for number in [3, 1, 2, 200] {
        bed.shelf.keep(epoch, [number; 32], &[number]).unwrap();
    }
    assert_eq!(bed.shelf.artefacts(None, 3).unwrap(), [[1; 32], [2; 32], [3; 32]]);
    assert_eq!(
        bed.shelf.artefacts(Some([2; 32]), 3).unwrap(),
        [[3; 32], [200; 32]]
    );
    assert_eq!(
        bed.shelf.artefacts(Some([200; 32]), 3).unwrap(),
        Vec::<[u8; 32]>::new()
    );
    assert!(bed.shelf.discard(epoch, [2; 32]).unwrap());
    assert!(!bed.shelf.discard(epoch, [2; 32]).unwrap());
    assert!(matches!(
        bed.shelf.discard(epoch - 1, [1; 32]),
        Err(Error::Fenced)
    ));
    bed.reopen();
    assert_eq!(bed.shelf.artefact([2; 32]).unwrap(), None);
    assert_eq!(
        bed.shelf.artefacts(None, 10).unwrap(),
        [[1; 32], [3; 32], [200; 32]]
    );
}
