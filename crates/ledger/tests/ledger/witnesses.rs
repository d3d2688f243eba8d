//! A witness countersigns what continues the log it knows, and nothing else.

use ledger::note::{self, Note};
use ledger::witness::{self, Cosigned, Refused, Request, Witness, WitnessKey};
use ledger::{Checkpoint, receipt, tree};

use crate::log::{Log, key};

const NOW: u64 = 1_785_628_800;

fn carol() -> Witness {
    Witness::from_seed("witness.example/carol", &[3; 32]).unwrap()
}

fn request(old: u64, log: &Log) -> Request {
    let older = Log::of(old).checkpoint();
    let key = key();
    let proof = receipt::prove_consistency(&older, &log.checkpoint(), key.verifying_key(), |path| {
        log.read(path)
    });
    Request {
        old,
        proof: proof.unwrap(),
        checkpoint: log.checkpoint(),
    }
}

#[test]
fn a_witness_follows_a_log_and_readers_see_it() {
    let key = key();
    let mut latest: Option<Checkpoint> = None;
    for size in [0, 3, 3, 256, 700] {
        let log = Log::of(size);
        let sent = request(latest.as_ref().map_or(0, |latest| latest.size), &log);
        let received = Request::parse(&sent.encode()).unwrap();
        assert_eq!(received, sent);
        let (remember, line) = carol()
            .cosign(&received, key.verifying_key(), latest.as_ref(), NOW + size)
            .unwrap();
        assert_eq!(remember, log.opened());
        latest = Some(remember);

        let answer = format!("— unknown.example AAAAAAAA\n{line}\n");
        let public: WitnessKey = carol().key().to_string().parse().unwrap();
        let cosigned = witness::attach(&log.checkpoint(), &answer, std::slice::from_ref(&public)).unwrap();
        let expected = Cosigned {
            witness: "witness.example/carol".to_owned(),
            time: NOW + size,
        };
        assert_eq!(public.verify(&cosigned), Ok(expected));
        assert_eq!(
            witness::attach(&cosigned, &answer, std::slice::from_ref(&public)).unwrap(),
            cosigned
        );
        // It still is the log's checkpoint, and a log can be continued from it.
        assert_eq!(
            Checkpoint::open(&cosigned, key.verifying_key()).unwrap(),
            log.opened()
        );
        assert_eq!(Note::parse(&cosigned).unwrap().signatures.len(), 2);
        // Without the line it is not countersigned, and another witness's key finds nothing.
        assert_eq!(public.verify(&log.checkpoint()), Err(note::Error::Unsigned));
        let dave = Witness::from_seed("witness.example/dave", &[4; 32]).unwrap();
        assert_eq!(dave.key().verify(&cosigned), Err(note::Error::Unsigned));
    }
}

#[test]
fn a_witness_refuses_what_does_not_continue() {
    let key = key();
    let log = Log::of(700);
    let latest = Log::of(300).opened();
    let cosign = |request: &Request, latest: &Checkpoint| {
        carol()
            .cosign(request, key.verifying_key(), Some(latest), NOW)
            .map(|_| ())
    };
    let good = request(300, &log);
    assert_eq!(cosign(&good, &latest), Ok(()));
    assert_eq!(
        cosign(&request(256, &log), &latest),
        Err(Refused::Elsewhere { latest: 300 })
    );
    let shrunk = Request {
        old: 701,
        ..good.clone()
    };
    assert_eq!(
        cosign(&shrunk, &latest),
        Err(Refused::Order { old: 701, size: 700 })
    );
    let rewritten = Checkpoint {
        root: [1; 32],
        ..latest.clone()
    };
    assert_eq!(
        cosign(&good, &rewritten),
        Err(Refused::Proof(tree::Error::Forked))
    );
    let unproven = Request {
        proof: Vec::new(),
        ..good.clone()
    };
    assert_eq!(
        cosign(&unproven, &latest),
        Err(Refused::Proof(tree::Error::WrongLength { found: 0 }))
    );
    let split = Checkpoint {
        root: [1; 32],
        ..log.opened()
    };
    let again = Request {
        old: 700,
        proof: Vec::new(),
        ..good.clone()
    };
    assert_eq!(cosign(&again, &split), Err(Refused::Split { size: 700 }));
    let mut unsigned = good;
    *unsigned.checkpoint.last_mut().unwrap() = b'x';
    assert!(matches!(cosign(&unsigned, &latest), Err(Refused::Checkpoint(_))));
}

#[test]
fn an_altered_cosignature_is_found() {
    let key = key();
    let log = Log::of(3);
    let (_, line) = carol()
        .cosign(&request(0, &log), key.verifying_key(), None, NOW)
        .unwrap();
    for byte in 0..line.bytes.len() {
        let mut bad = line.clone();
        bad.bytes[byte] ^= 1;
        let attached = witness::attach(&log.checkpoint(), &bad.to_string(), &[carol().key().clone()]);
        assert_eq!(attached, Err(note::Error::BadSignature), "byte {byte}");
    }
    // The line belongs to this checkpoint and no other.
    let other = Log::of(4).checkpoint();
    let attached = witness::attach(&other, &line.to_string(), &[carol().key().clone()]);
    assert_eq!(attached, Err(note::Error::BadSignature));
}

/// The checkpoint and cosignature printed in the specification have the shape we read and write.
#[test]
fn the_specifications_request_is_read() {
    let body = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\n\
        example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let request = Request::parse(body.as_bytes()).unwrap();
    assert_eq!((request.old, request.proof.len()), (20_852_014, 2));
    assert_eq!(request.encode(), body.as_bytes());
    assert_eq!(
        Note::parse(&request.checkpoint).unwrap().signatures[0]
            .bytes
            .len(),
        64
    );
    for wrong in ["", "old 1\n", "old 01\n\nx", "new 1\n\nx", "old 1\nQUE=\n\nx"] {
        assert_eq!(Request::parse(wrong.as_bytes()), None, "{wrong:?}");
    }
}
