//! A flipped bit anywhere is found, and its place is named.

use ledger::note::Error as NoteError;
use ledger::tile::{self, Kind, Tile};
use ledger::verify::Fault;
use ledger::{Checkpoint, Proof, SigningKey, checkpoint, receipt, verify};
use proptest::prelude::*;

use crate::log::{Log, ORIGIN, entry, key};

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

/// Flips one bit of one row of a sound log and looks for it.
fn check_flip(sound: &Log, path: &str, bit: usize) {
    let mut log = sound.clone();
    flip(log.rows.get_mut(path).unwrap(), bit);
    let report = log.verify();
    assert!(!report.is_sound(), "bit {bit} of {path}");
    match Tile::parse(path).map(|tile| tile.kind) {
        None => assert!(matches!(report.faults[..], [Fault::Checkpoint(_)])),
        Some(Kind::Hashes(_)) => {
            let place = Fault::Hash {
                path: path.to_owned(),
                position: bit / 256,
            };
            assert_eq!(report.faults, [place], "bit {bit} of {path}");
        }
        Some(Kind::Entries) => assert!(
            report.faults.iter().all(|fault| match fault {
                Fault::Entry { path: at, .. } | Fault::Malformed { path: at, .. } => at == path,
                _ => false,
            }),
            "bit {bit} of {path}: {report}"
        ),
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_small_log_is_found() {
    let log = Log::of(5);
    for (path, bytes) in &log.rows {
        for bit in 0..bytes.len() * 8 {
            check_flip(&log, path, bit);
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_proof_or_its_entry_is_found() {
    let log = Log::of(300);
    let key = key();
    let public = key.verifying_key();
    for index in [0, 7, 299] {
        let carrying =
            receipt::prove_carrying(index, &log.checkpoint(), public, |path| log.read(path)).unwrap();
        let bare = Proof {
            extra: None,
            ..carrying.clone()
        };
        for proof in [carrying, bare] {
            let text = proof.encode();
            assert_eq!(Proof::parse(&text).unwrap(), proof);
            for bit in 0..text.len() * 8 {
                let mut text = text.clone();
                flip(&mut text, bit);
                let found = Proof::parse(&text).and_then(|bad| match proof.extra {
                    Some(_) => bad.verify_carried(public).map(|_| ()),
                    None => bad.verify(&entry(index), public).map(|_| ()),
                });
                assert!(found.is_err(), "bit {bit} of the proof of {index}");
            }
        }
    }
    let proof = receipt::prove(4, &log.checkpoint(), public, |path| log.read(path)).unwrap();
    let genuine = entry(4);
    proof.verify(&genuine, public).unwrap();
    for bit in 0..genuine.len() * 8 {
        let mut bad = genuine.clone();
        flip(&mut bad, bit);
        assert!(proof.verify(&bad, public).is_err());
    }
}

#[test]
fn nobody_takes_home_a_receipt_that_does_not_verify() {
    let sound = Log::of(300);
    let key = key();
    for (path, byte) in [
        ("tile/0/000", 6 * 32),
        ("tile/0/000", 7 * 32),
        ("tile/0/001.p/44", 0),
        ("tile/1/000.p/1", 0),
    ] {
        let mut log = sound.clone();
        log.rows.get_mut(path).unwrap()[byte] ^= 1;
        // The hash of the level above is no part of a proof within the first tile.
        let needed = !path.starts_with("tile/1/");
        let proof = receipt::prove(7, &log.checkpoint(), key.verifying_key(), |path| log.read(path));
        assert_eq!(proof.err(), needed.then_some(receipt::Error::Damaged), "{path}");
    }
    let mut log = sound;
    log.rows.get_mut("tile/entries/000").unwrap()[2 + 2] ^= 1;
    let proof = receipt::prove_carrying(1, &log.checkpoint(), key.verifying_key(), |path| log.read(path));
    assert_eq!(proof, Err(receipt::Error::Damaged));
}

#[test]
fn a_rewritten_entry_is_found_even_with_its_leaf_hash_rewritten_too() {
    let mut log = Log::of(1000);
    let bundle = Tile::full(Kind::Entries, 1);
    let tile = Tile::full(Kind::Hashes(0), 1);
    let bytes = log.rows[&bundle.path()].clone();
    let mut forged = Vec::new();
    let mut hashes = tile.hashes(&log.rows[&tile.path()]).unwrap();
    for (position, entry) in bundle.entries(&bytes).unwrap().into_iter().enumerate() {
        let entry = if position == 9 { b"nothing happened" } else { entry };
        hashes[position] = ledger::tree::leaf_hash(entry);
        tile::append_entry(&mut forged, entry, position).unwrap();
    }
    log.rows.insert(bundle.path(), forged);
    log.rows.insert(tile.path(), tile::encode_hashes(&hashes));
    let report = log.verify();
    assert_eq!(
        report.faults,
        [Fault::Tile {
            path: "tile/0/001".to_owned()
        }]
    );
    assert_eq!(report.entries, 1000 - 256);
    assert_eq!(
        report.to_string(),
        "log `egard.example/2026-h2`: 744 of 1000 entries and 4 tiles are what was signed\n\
         neither `tile/0/001` nor what lies below it is what was signed"
    );
}

#[test]
fn what_is_missing_cut_or_surplus_is_named() {
    let sound = Log::of(70_000);
    for path in [
        "tile/entries/273.p/112",
        "tile/0/007",
        "tile/1/000",
        "tile/2/000.p/1",
        "tile/entries/000",
    ] {
        let mut log = sound.clone();
        log.rows.remove(path);
        assert_eq!(
            log.verify().faults,
            [Fault::Missing {
                path: path.to_owned()
            }]
        );
        for change in [Vec::pop as fn(&mut Vec<u8>) -> Option<u8>, |bytes| {
            bytes.push(0);
            None
        }] {
            let mut log = sound.clone();
            change(log.rows.get_mut(path).unwrap());
            let faults = log.verify().faults;
            assert!(
                matches!(&faults[..], [Fault::Malformed { path: at, .. }] if at == path),
                "{path}: {faults:?}"
            );
        }
    }
    let mut log = sound;
    log.rows.remove(verify::CHECKPOINT);
    assert_eq!(log.verify().faults, [Fault::NoCheckpoint]);
}

#[test]
fn a_root_that_was_never_the_logs_is_found() {
    let mut log = Log::of(300);
    let signed = Checkpoint {
        root: [9; 32],
        ..log.opened()
    }
    .sign(&key())
    .unwrap();
    log.rows.insert(verify::CHECKPOINT.to_owned(), signed);
    let report = log.verify();
    assert_eq!((report.faults, report.entries), (vec![Fault::Root], 0));
}

#[test]
fn faults_are_kept_up_to_a_limit_and_counted_beyond() {
    let mut log = Log::of(3000);
    for (path, bytes) in &mut log.rows {
        if path.starts_with("tile/entries/") {
            // The last byte of every entry that has one: the layout stays.
            let mut at = 0;
            while at < bytes.len() {
                let length = usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
                at += 2 + length;
                if length > 0 {
                    bytes[at - 1] ^= 1;
                }
            }
        }
    }
    let report = log.verify();
    let changed = (0..3000).filter(|index| !entry(*index).is_empty()).count();
    assert_eq!(report.faults.len(), verify::MAX_FAULTS);
    assert_eq!(report.more_faults as usize, changed - verify::MAX_FAULTS);
    assert_eq!(report.entries as usize, 3000 - changed);
}

#[test]
fn a_visitor_sees_each_genuine_entry_and_no_other() {
    let mut log = Log::of(600);
    flip(log.rows.get_mut("tile/entries/001").unwrap(), 8 * 3);
    let mut seen = Vec::new();
    let key = key();
    verify::verify_log(
        key.verifying_key(),
        |path| log.read(path),
        |index, bytes| {
            assert_eq!(bytes, entry(index));
            seen.push(index);
        },
    )
    .unwrap();
    seen.sort_unstable();
    let expected: Vec<u64> = (0..600).filter(|index| *index != 256).collect();
    assert_eq!(seen, expected);
}

#[test]
fn another_key_opens_nothing() {
    let log = Log::of(5);
    let other = SigningKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    let unsigned = checkpoint::Error::Note(NoteError::Unsigned);
    assert_eq!(
        Checkpoint::open(&log.checkpoint(), other.verifying_key()),
        Err(unsigned.clone())
    );
    let report = verify::verify_log(other.verifying_key(), |path| log.read(path), |_, _| ()).unwrap();
    assert_eq!(report.faults, [Fault::Checkpoint(unsigned)]);
    assert!(!report.is_sound());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_flipped_bit_anywhere_is_found(size in 1u64..1200, row in any::<usize>(), bit in any::<usize>()) {
        let log = Log::of(size);
        let (path, bytes) = log.rows.iter().nth(row % log.rows.len()).unwrap();
        check_flip(&log, path, bit % (bytes.len() * 8));
    }

    #[test]
    fn nothing_a_stranger_sends_makes_a_reader_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let key = key();
        prop_assert!(Proof::parse(&bytes).is_err());
        prop_assert!(Checkpoint::open(&bytes, key.verifying_key()).is_err());
        prop_assert!(ledger::Entry::parse(&bytes).is_err());
        let _ = Tile::full(Kind::Entries, 0).entries(&bytes);
    }
}

#[test]
fn a_size_that_was_made_up_is_not_searched_for() {
    let key = key();
    for size in [5_000_000, 1 << 40, tile::MAX_SIZE] {
        let claimed = Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            root: [7; 32],
        };
        let signed = claimed.sign(&key).unwrap();
        let reads = std::cell::Cell::new(0u64);
        let storage = |path: &str| {
            reads.set(reads.get() + 1);
            Ok::<_, ()>((path == verify::CHECKPOINT).then(|| signed.clone()))
        };
        let report = verify::verify_log(key.verifying_key(), storage, |_, _| ()).unwrap();
        assert!(!report.is_sound());
        assert!(reads.get() < 20_000, "{} reads for a size of {size}", reads.get());
    }
}
