//! What a policy asks for is what is counted: each witness once, and an altered line not at all.

use ledger::note;
use ledger::policy::{Error, Policy};
use ledger::witness::{Request, Witness, attach};
use proptest::prelude::*;

use crate::log::{Log, key};

fn witness(number: u8) -> Witness {
    Witness::from_seed(&format!("w{number}.example"), &[number; 32]).unwrap()
}

/// The checkpoint with the lines of these witnesses.
fn by(log: &Log, numbers: &[u8]) -> Vec<u8> {
    let request = Request {
        old: 0,
        proof: Vec::new(),
        checkpoint: log.checkpoint(),
    };
    numbers.iter().fold(log.checkpoint(), |checkpoint, number| {
        let witness = witness(*number);
        let (_, line) = witness
            .cosign(&request, key().verifying_key(), None, 1_785_628_800)
            .unwrap();
        attach(&checkpoint, &format!("{line}\n"), &[witness.key().clone()]).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn so_many_of_so_few_are_enough_and_strangers_are_not_counted(
        needed in 1usize..6, of in 1u8..6, signers in prop::collection::btree_set(1u8..9, 0..8),
    ) {
        let log = Log::of(5);
        let known = (1..=of).map(|number| witness(number).key().clone()).collect();
        let policy = Policy::any(needed, known);
        if needed > usize::from(of) {
            let of = usize::from(of);
            prop_assert_eq!(policy, Err(Error::Quorum { needed, of }));
            return Ok(());
        }
        let signers: Vec<u8> = signers.into_iter().collect();
        let judged = policy.unwrap().judge(&by(&log, &signers)).unwrap();
        let count = signers.iter().filter(|number| **number <= of).count();
        prop_assert_eq!((judged.by.len(), judged.of, judged.enough), (count, usize::from(of), count >= needed));
    }
}

#[test]
fn a_line_that_was_altered_is_not_merely_missing() {
    let log = Log::of(5);
    let policy = Policy::any(1, vec![witness(1).key().clone(), witness(2).key().clone()]).unwrap();
    let mut altered = note::Note::parse(&by(&log, &[1, 2])).unwrap();
    altered.signatures[1].bytes[20] ^= 1;
    assert_eq!(
        policy.judge(altered.to_string().as_bytes()),
        Err(note::Error::BadSignature)
    );
}

#[test]
fn one_key_under_two_names_counts_once_because_it_is_refused() {
    let twice = [1, 1].map(|seed| {
        let name = if seed == 1 { "a.example" } else { "b.example" };
        Witness::from_seed(name, &[seed; 32]).unwrap().key().clone()
    });
    let other = Witness::from_seed("b.example", &[1; 32]).unwrap().key().clone();
    assert!(Policy::any(1, twice.to_vec()).is_err());
    let renamed = vec![twice[0].clone(), other];
    assert_eq!(Policy::any(2, renamed), Err(Error::Twice("b.example".to_owned())));
    assert!(Policy::any(0, vec![witness(1).key().clone()]).is_err());
    let nobody = Policy::any(0, Vec::new()).unwrap();
    assert!(nobody.judge(&Log::of(5).checkpoint()).unwrap().enough);
}
