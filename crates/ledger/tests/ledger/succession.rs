//! One key of a log after another.

use ledger::succession::{self, Error, Link};
use ledger::{Checkpoint, SigningKey};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed("shop.example/egard", &[seed; 32]).unwrap()
}

fn link(old: u8, new: u8) -> Link {
    succession::open(&succession::link(&key(old), &key(new)).unwrap()).unwrap()
}

#[test]
fn a_link_leads_both_ways_and_over_others() {
    let links = [link(2, 3), link(1, 2), link(7, 8)];
    let distance =
        |from: u8, to: u8| succession::distance(key(from).verifying_key(), key(to).verifying_key(), &links);
    assert_eq!(distance(1, 1), Some(0));
    assert_eq!(distance(1, 3), Some(2));
    assert_eq!(distance(3, 1), Some(2));
    assert_eq!(distance(1, 8), None);
    assert_eq!(distance(9, 1), None);
}

#[test]
fn a_link_is_signed_by_both_and_by_nobody_else() {
    let genuine = succession::link(&key(1), &key(2)).unwrap();
    let text = String::from_utf8(genuine.clone()).unwrap();
    for at in 0..genuine.len() {
        let mut changed = genuine.clone();
        changed[at] ^= 1;
        assert!(succession::open(&changed).is_err(), "byte {at}");
    }
    // Either signature taken away.
    let lines: Vec<&str> = text.lines().collect();
    for gone in [5, 6] {
        let kept: Vec<&str> = (0..lines.len())
            .filter(|at| *at != gone)
            .map(|at| lines[at])
            .collect();
        let forged = format!("{}\n", kept.join("\n"));
        assert!(
            matches!(succession::open(forged.as_bytes()), Err(Error::Note(_))),
            "{forged}"
        );
    }
    // A key that names itself its own successor proves nothing, nor does a key of another log.
    let own = succession::link(&key(1), &key(1)).unwrap();
    assert_eq!(succession::open(&own), Err(Error::Shape));
    let other = SigningKey::from_seed("other.example/egard", &[2; 32]).unwrap();
    assert!(matches!(
        succession::link(&key(1), &other),
        Err(Error::Names { .. })
    ));
}

#[test]
fn a_link_is_no_checkpoint_and_a_checkpoint_no_link() {
    let link = succession::link(&key(1), &key(2)).unwrap();
    assert!(Checkpoint::open(&link, key(1).verifying_key()).is_err());
    let checkpoint = Checkpoint::empty("shop.example/egard").sign(&key(1)).unwrap();
    assert_eq!(succession::open(&checkpoint), Err(Error::Shape));
}

#[test]
fn a_checkpoint_that_both_sign_verifies_by_either() {
    let signed = Checkpoint::empty("shop.example/egard").sign(&key(2)).unwrap();
    let both = succession::sign_also(&signed, &key(1)).unwrap();
    for seed in [1, 2] {
        assert!(
            Checkpoint::open(&both, key(seed).verifying_key()).is_ok(),
            "{seed}"
        );
    }
    assert!(Checkpoint::open(&both, key(3).verifying_key()).is_err());
}
