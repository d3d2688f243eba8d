//! Two histories of one log are proof against it, in whatever pair of sizes; one history never is.

use std::convert::Infallible;

use ledger::fork::{self, Comparison, Error, Evidence};
use ledger::{Checkpoint, SigningKey, receipt, sequence, verify};
use proptest::prelude::*;

use crate::log::{Log, entries, key};

/// The log whose entries are others from `at` on.
fn forked(size: u64, at: u64) -> Log {
    let mut log = Log::of(at.min(size));
    if size > at {
        let others: Vec<Vec<u8>> = entries(at, size)
            .into_iter()
            .map(|entry| [entry.as_slice(), b"!"].concat())
            .collect();
        let previous = log.rows.get(verify::CHECKPOINT).cloned();
        let step = sequence::integrate(previous.as_deref(), &others, &key(), |path| log.read(path)).unwrap();
        log.rows.extend(step.growth.tiles);
        log.rows.insert(verify::CHECKPOINT.to_owned(), step.checkpoint);
    }
    log
}

fn compare(one: &Log, other: &Log, tiles: &Log) -> Result<Comparison, receipt::Error<Infallible>> {
    let key = key();
    fork::compare(
        &one.checkpoint(),
        &other.checkpoint(),
        key.verifying_key(),
        |path| tiles.read(path),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_parted_before_both_ends_is_proved_and_nothing_else(
        old in 1u64..600, more in 0u64..400, at in 0u64..700,
    ) {
        let key = key();
        let (honest, other) = (Log::of(old), forked(old + more, at));
        let compared = compare(&other, &honest, &other).unwrap();
        if at >= old {
            let expected = if more == 0 { Comparison::Same } else { Comparison::Continues };
            prop_assert_eq!(compared, expected);
            return Ok(());
        }
        let Comparison::Forked(evidence) = compared else { panic!("{compared:?}") };
        let proved = evidence.verify(key.verifying_key()).unwrap();
        prop_assert_eq!(&proved.older, &honest.opened());
        prop_assert_eq!(&proved.newer, &other.opened());
        let (accused, read) = Evidence::parse(&evidence.encode(key.verifying_key())).unwrap();
        prop_assert_eq!(&accused, key.verifying_key());
        prop_assert_eq!(&read, &evidence);
        // The proof the log itself gives to a witness tells as much, unless the older tree is a full one.
        let by_proof = fork::compare_by_proof(
            &honest.checkpoint(), &other.checkpoint(), key.verifying_key(), &evidence.proof,
        ).unwrap();
        match old.is_power_of_two() && more > 0 {
            true => prop_assert_eq!(by_proof, None),
            false => prop_assert_eq!(by_proof, Some(Comparison::Forked(evidence))),
        }
    }

    /// Whatever is changed in a piece of evidence, it proves nothing more, or the same.
    #[test]
    fn altered_evidence_accuses_nobody_of_anything_else(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (honest, other) = (Log::of(300), forked(700, 250));
        let Comparison::Forked(evidence) = compare(&honest, &other, &other).unwrap() else { panic!() };
        let key = key();
        let mut bytes = evidence.encode(key.verifying_key());
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok((accused, read)) = Evidence::parse(&bytes)
            && let Ok(proved) = read.verify(&accused)
        {
            prop_assert_eq!(&accused, key.verifying_key());
            prop_assert_eq!((proved.older, proved.newer), (honest.opened(), other.opened()));
        }
    }
}

#[test]
fn an_honest_log_cannot_be_accused() {
    let key = key();
    let (small, large) = (Log::of(300), Log::of(700));
    let (root, proof) = receipt::prove_growth(300, &large.checkpoint(), key.verifying_key(), |path| {
        large.read(path)
    })
    .unwrap();
    let honest = Evidence {
        older: small.checkpoint(),
        newer: large.checkpoint(),
        root,
        proof,
    };
    assert_eq!(honest.verify(key.verifying_key()), Err(Error::NoFork));
    let lied = Evidence {
        root: [1; 32],
        ..honest.clone()
    };
    assert!(matches!(lied.verify(key.verifying_key()), Err(Error::Proof(_))));
    // A checkpoint that another key signed in this log's name is not this log's.
    let thief = SigningKey::from_seed(key.name(), &[9; 32]).unwrap();
    let forged = Checkpoint {
        root: [1; 32],
        ..large.opened()
    };
    let framed = Evidence {
        older: large.checkpoint(),
        newer: forged.sign(&thief).unwrap(),
        root: [1; 32],
        proof: Vec::new(),
    };
    assert!(matches!(
        framed.verify(key.verifying_key()),
        Err(Error::Checkpoint(_))
    ));
    // Damaged tiles accuse nobody either.
    let mut damaged = Log::of(700);
    damaged.rows.get_mut("tile/0/001").unwrap()[5] ^= 1;
    assert_eq!(compare(&small, &large, &damaged), Err(receipt::Error::Damaged));
}
