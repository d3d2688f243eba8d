//! A witness written by others (the crate `doubleentry`) decides as ours does, reads what we send, and
//! its lines count for us as ours do for it.

use doubleentry::testing::TestWitness;
use doubleentry::transparency::{AddCheckpoint, Policy as Theirs, SignedCheckpoint, Vkey};
use ledger::policy::Policy;
use ledger::witness::{Refused, Request, Witness, attach, origin};
use ledger::{Checkpoint, SigningKey, receipt};
use proptest::prelude::*;

use crate::log::{Log, key};

const SEED: [u8; 32] = [3; 32];
const NAME: &str = "witness.example/carol";

/// The status that our answer has in the protocol, and the line if it is 200.
fn ours(body: &[u8], latest: &mut Option<Checkpoint>, time: u64) -> (u16, String) {
    let (key, carol) = (key(), Witness::from_seed(NAME, &SEED).unwrap());
    let Some(request) = Request::parse(body) else {
        return (400, String::new());
    };
    match origin(&request) {
        None => return (400, String::new()),
        Some(origin) if origin != key.name() => return (404, String::new()),
        Some(_) => {}
    }
    match carol.cosign(&request, key.verifying_key(), latest.as_ref(), time) {
        Ok((remember, line)) => {
            *latest = Some(remember);
            (200, format!("{line}\n"))
        }
        Err(Refused::Checkpoint(_)) => (403, String::new()),
        Err(Refused::Order { .. }) => (400, String::new()),
        Err(Refused::Elsewhere { latest }) => (409, format!("{latest}\n")),
        Err(Refused::Split { .. }) => (409, "split".to_owned()),
        Err(Refused::Proof(_)) => (422, String::new()),
    }
}

/// One request: sizes, and what is wrong with it.
fn body(old: u64, size: u64, fault: u8) -> Vec<u8> {
    let (small, large) = (old.min(size), size);
    let log = Log::of(large);
    let key = key();
    let (_, proof) = receipt::prove_growth(small, &log.checkpoint(), key.verifying_key(), |path| {
        log.read(path)
    })
    .unwrap();
    let mut request = Request {
        old,
        proof,
        checkpoint: log.checkpoint(),
    };
    match fault {
        1 => request.proof.push([1; 32]),
        2 => drop(request.proof.pop()),
        3 => {
            let other = Checkpoint {
                root: [7; 32],
                ..log.opened()
            };
            // The empty log has one root; there is nothing to fork.
            if other.size > 0 {
                request.checkpoint = other.sign(&key).unwrap();
            }
        }
        4 => {
            let thief = SigningKey::from_seed(key.name(), &[8; 32]).unwrap();
            request.checkpoint = log.opened().sign(&thief).unwrap();
        }
        5 => {
            let other = SigningKey::from_seed("other.example/log", &[7; 32]).unwrap();
            let renamed = Checkpoint {
                origin: "other.example/log".to_owned(),
                ..log.opened()
            };
            request.checkpoint = renamed.sign(&other).unwrap();
        }
        6 => return request.encode().replace_first(b"old ", b"old  "),
        _ => {}
    }
    request.encode()
}

trait ReplaceFirst {
    fn replace_first(self, from: &[u8], to: &[u8]) -> Self;
}

impl ReplaceFirst for Vec<u8> {
    fn replace_first(self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let rest = self.strip_prefix(from).unwrap();
        [to, rest].concat()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn two_witnesses_decide_alike(
        requests in prop::collection::vec((0u64..40, 0u64..40, 0u8..14, any::<bool>()), 1..30),
    ) {
        let log: Vkey = key().verifying_key().to_string().parse().unwrap();
        let mut theirs = TestWitness::new(NAME, SEED).unwrap().log(log);
        let mut latest: Option<Checkpoint> = None;
        let mut time = 0;
        for (old, size, fault, informed) in requests {
            // Most requests start where the witness is, or nothing would ever be countersigned.
            let known = latest.as_ref().map_or(0, |latest| latest.size);
            let (old, size) = if informed { (known, known + size % 9) } else { (old, size) };
            let body = body(old, size, fault);
            let reply = theirs.post(&body);
            let (status, text) = ours(&body, &mut latest, time + 1);
            if text == "split" {
                // The protocol says 409 for two roots of one size; they say 422. Both refuse.
                prop_assert_eq!(reply.status, 422);
                continue;
            }
            prop_assert_eq!((status, reply.status), (status, status), "old {} size {} fault {}", old, size, fault);
            match status {
                200 => {
                    // Their clock counts cosignatures, ours is told: the same time gives the same line.
                    time += 1;
                    prop_assert_eq!(reply.body, text.into_bytes());
                }
                409 => {
                    prop_assert_eq!(reply.content_type, Some("text/x.tlog.size"));
                    prop_assert_eq!(reply.body, text.into_bytes());
                }
                _ => {}
            }
        }
    }

    #[test]
    fn what_we_send_they_read_and_write_alike(old in 0u64..300, more in 0u64..400) {
        let sent = body(old, old + more, 0);
        let read = AddCheckpoint::parse(&sent).unwrap();
        prop_assert_eq!(read.old(), old);
        prop_assert_eq!(read.to_bytes(), sent);
    }

    #[test]
    fn what_one_reader_refuses_as_a_request_the_other_does(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut sent = body(5, 21, 0);
        let at = at.index(sent.len());
        if cut { sent.truncate(at) } else { sent[at] = byte }
        let mine = Request::parse(&sent).is_some_and(|request| Checkpoint::read_kept(&request.checkpoint).is_ok());
        let theirs = AddCheckpoint::parse(&sent).is_ok();
        prop_assert_eq!(mine, theirs, "{:?}", String::from_utf8_lossy(&sent));
    }
}

#[test]
fn two_readers_of_policies_agree() {
    let log = Log::of(9);
    let key = key();
    let names = ["a.example", "b.example", "c.example"];
    let witnesses: Vec<Witness> = (1..)
        .zip(names)
        .map(|(seed, name)| Witness::from_seed(name, &[seed; 32]).unwrap())
        .collect();
    let request = Request {
        old: 0,
        proof: Vec::new(),
        checkpoint: log.checkpoint(),
    };
    let lines: Vec<String> = witnesses
        .iter()
        .map(|witness| {
            let cosigned = witness.cosign(&request, key.verifying_key(), None, 1_785_628_800);
            format!("{}\n", cosigned.unwrap().1)
        })
        .collect();
    let known: Vec<_> = witnesses.iter().map(|witness| witness.key().clone()).collect();
    let head = format!("# a comment\n\nlog {}\n", key.verifying_key());
    let three: String = witnesses
        .iter()
        .map(|witness| format!("witness {0} {1}\n", witness.key().name(), witness.key()))
        .collect();
    let [a, b, c] = names;
    for rules in [
        format!("quorum {a}\n"),
        "quorum none\n".to_owned(),
        format!("group g any {a} {b} {c}\nquorum g\n"),
        format!("group g all {a} {b} {c}\nquorum g\n"),
        format!("group g 2 {a} {b} {c}\nquorum g\n"),
        format!("group g any {a} {b}\ngroup h all g {c}\nquorum h\n"),
        format!("\tgroup  g 2\t{a} {b} \nquorum g \n"),
    ] {
        let text = format!("{head}{three}{rules}");
        let (ours, theirs) = (
            Policy::parse(text.as_bytes()).unwrap(),
            Theirs::parse(&text).unwrap(),
        );
        assert!(ours.knows_log(key.verifying_key()));
        for subset in 0..8u8 {
            let answer: String = lines
                .iter()
                .enumerate()
                .filter(|(at, _)| subset & (1 << at) != 0)
                .map(|(_, line)| line.as_str())
                .collect();
            let checkpoint = match answer.as_str() {
                "" => log.checkpoint(),
                answer => attach(&log.checkpoint(), answer, &known).unwrap(),
            };
            let judged = ours.judge(&checkpoint).unwrap();
            assert_eq!(judged.by.len(), subset.count_ones() as usize);
            let read = SignedCheckpoint::parse(&checkpoint).unwrap();
            assert_eq!(
                judged.enough,
                theirs.verify(&read).is_ok(),
                "{rules} by {subset:03b}"
            );
        }
    }
    for wrong in [
        "",
        "quorum nobody\n",
        "quorum none\nquorum none\n",
        "group g any\nquorum g\n",
        "group g 0 a.example\nquorum g\n",
        "group g 4 a.example b.example c.example\nquorum g\n",
        "group g any h\ngroup h any a.example\nquorum g\n",
        "group g any a.example a.example\nquorum g\n",
        "group g any a.example\ngroup h any a.example\nquorum g\n",
        "group none any a.example\nquorum none\n",
        "group a.example any b.example\nquorum none\n",
        "watch a.example\nquorum none\n",
        "quorum none none\n",
    ] {
        let text = format!("{head}{three}{wrong}");
        assert!(Policy::parse(text.as_bytes()).is_err(), "{wrong:?}");
        assert!(Theirs::parse(&text).is_err(), "{wrong:?} is theirs");
    }
    // A number has one form for us.
    let padded = format!("{head}{three}group g 01 a.example\nquorum g\n");
    assert!(Policy::parse(padded.as_bytes()).is_err());
    let twice = format!(
        "{three}witness d {}\nquorum none\n",
        Witness::from_seed("d.example", &[1; 32]).unwrap().key()
    );
    assert!(Policy::parse(twice.as_bytes()).is_err());
}
