//! Every answer of the protocol, and what it rests on.

use super::served::{Log, NOW, Served, carol, open};
use super::support::Answer;
use ledger::fork::{Evidence, FORMAT};
use ledger::witness::{Request, attach};
use ledger::{Checkpoint, SigningKey};
use server::witness::{MAX_REQUEST, Memory, StateError};
use std::sync::Arc;
use store::Embedded;

const FOREVER: u64 = u64::MAX;

fn conflict(answer: &Answer, size: u64) {
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "text/x.tlog.size");
    assert_eq!(answer.text(), format!("{size}\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_gets_the_status_the_protocol_gives_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::of("log.example/one", 40, FOREVER);
    let served = Served::start(open(folder.path(), "w.example", &[&log.key])).await;

    // 200: from nothing, further, and the same again. The line holds, and is of the time of the clock.
    let before = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for (old, size) in [(0, 0), (0, 5), (5, 5), (5, 21)] {
        let answer = served.add(log.request(old, size).encode()).await;
        assert_eq!(answer.status, 200, "{old} to {size}: {}", answer.text());
        let text = answer.text();
        assert!(
            text.starts_with("— w.example ") && text.ends_with('\n'),
            "{text:?}"
        );
        let key = carol("w.example").key().clone();
        let cosigned = attach(log.at(size), &text, std::slice::from_ref(&key)).unwrap();
        assert!(key.verify(&cosigned).unwrap().time >= before);
    }
    // Signatures of others on the checkpoint are passed over.
    let mut crowded = log.request(21, 22);
    crowded
        .checkpoint
        .extend_from_slice("— stranger.example AAAAAAAA\n".as_bytes());
    assert_eq!(served.add(crowded.encode()).await.status, 200);

    // 409 with where we are.
    conflict(&served.add(log.request(5, 30).encode()).await, 22);
    conflict(&served.add(log.request(0, 30).encode()).await, 22);
    conflict(&served.add(log.request(5, 21).encode()).await, 22);

    // 400: what is no request, and a log that would shrink.
    let good = log.request(22, 30).encode();
    let text = String::from_utf8(good.clone()).unwrap();
    for wrong in [
        String::new(),
        "old 22\n".to_owned(),
        text.replace("old 22", "old 022"),
        text.replace("old 22", "old -1"),
        text.replace("old 22\n", ""),
        text.replacen("\n\n", "\n", 1),
        text.trim_end().to_owned(),
        text.replacen('\n', "\r\n", 1),
    ] {
        assert_eq!(served.add(wrong.clone()).await.status, 400, "{wrong:?}");
    }
    let shrunk = Request {
        old: 31,
        ..log.request(22, 30)
    };
    assert_eq!(served.add(shrunk.encode()).await.status, 400);

    // 404: another log. 403: this log's name, and another key, or none.
    let unknown = Log::of("log.example/two", 3, FOREVER);
    assert_eq!(served.add(unknown.request(0, 3).encode()).await.status, 404);
    let thief = SigningKey::from_seed("log.example/one", &[8; 32]).unwrap();
    let forged = Request {
        checkpoint: log.opened(30).sign(&thief).unwrap(),
        ..log.request(22, 30)
    };
    assert_eq!(served.add(forged.encode()).await.status, 403);
    let altered = text.replace("\n30\n", "\n31\n");
    assert_eq!(served.add(altered).await.status, 403);

    // 422: a proof that does not hold, is too short or too long.
    for proof in [Vec::new(), vec![[1; 32]; 5], log.request(21, 30).proof] {
        let unproven = Request {
            proof,
            ..log.request(22, 30)
        };
        assert_eq!(served.add(unproven.encode()).await.status, 422);
    }
    // 413: longer than anything the protocol has. 405: not a POST.
    assert_eq!(served.add(vec![b'x'; MAX_REQUEST + 1]).await.status, 413);
    assert_eq!(served.get("/add-checkpoint").await.status, 405);

    // None of it moved anything, and nobody was accused.
    assert_eq!(
        served.get("/").await.text(),
        format!("witness {}\nlog log.example/one 22\n", served.memory.vkey())
    );
    assert_eq!(served.get("/forks").await.json(), serde_json::json!([]));
    assert_eq!(served.add(good).await.status, 200);
    let metrics = served.get("/metrics").await.text();
    for outcome in [
        "cosigned",
        "elsewhere",
        "malformed",
        "not-signed",
        "not-continued",
    ] {
        assert!(metrics.contains(&format!("egard_witness_requests_total{{outcome=\"{outcome}\"}}")));
    }
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forked_log_is_never_cosigned_and_the_proof_of_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    // The same key, two histories: they part at entry 10, 15 or 20.
    let honest: Vec<Log> = (0..3)
        .map(|n| Log::of(&format!("log.example/{n}"), 40, FOREVER))
        .collect();
    let forked: Vec<Log> = (0..3)
        .map(|n| Log::of(&format!("log.example/{n}"), 40, 10 + n * 5))
        .collect();
    let keys: Vec<&SigningKey> = honest.iter().map(|log| &log.key).collect();
    let served = Served::start(open(folder.path(), "w.example", &keys)).await;
    for (log, other) in honest.iter().zip(&forked) {
        assert_eq!(served.add(log.request(0, 21).encode()).await.status, 200);
        // Of the same size: told apart by the root. In the first, that is all there is.
        conflict(&served.add(other.request(21, 21).encode()).await, 21);
        // Larger: its own proof says that it was another at 21.
        assert_eq!(served.add(other.request(21, 33).encode()).await.status, 422);
        // Elsewhere: it is told where, and gets no further.
        conflict(&served.add(other.request(0, 33).encode()).await, 21);
        assert_eq!(served.add(log.request(21, 40).encode()).await.status, 200);
    }
    let published = served.get("/forks").await.json();
    let documents = published.as_array().unwrap();
    assert_eq!(documents.len(), 3);
    for (document, log) in documents.iter().zip(&honest) {
        assert_eq!(document["format"], FORMAT);
        let (accused, evidence) = Evidence::parse(document.to_string().as_bytes()).unwrap();
        assert_eq!(accused, *log.key.verifying_key());
        let fork = evidence.verify(&accused).unwrap();
        assert_eq!((fork.older.size, fork.newer.size), (21, 21));
        assert_eq!(fork.older.root, log.opened(21).root);
    }
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_larger_fork_alone_is_proof_and_a_wrong_proof_accuses_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::of("log.example/one", 40, FOREVER);
    let fork = Log::of("log.example/one", 40, 10);
    let served = Served::start(open(folder.path(), "w.example", &[&log.key])).await;
    assert_eq!(served.add(log.request(0, 21).encode()).await.status, 200);
    // Anybody can send this: the log's true checkpoint with a made-up proof.
    let slander = Request {
        proof: fork.request(21, 33).proof,
        ..log.request(21, 33)
    };
    assert_eq!(served.add(slander.encode()).await.status, 422);
    assert_eq!(served.get("/forks").await.json(), serde_json::json!([]));
    assert_eq!(served.add(fork.request(21, 33).encode()).await.status, 422);
    let documents = served.get("/forks").await.json();
    let (accused, evidence) = Evidence::parse(documents[0].to_string().as_bytes()).unwrap();
    let proved = evidence.verify(&accused).unwrap();
    assert_eq!((proved.older.size, proved.newer.size), (21, 33));
    assert_eq!(proved.root, fork.opened(21).root);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_countersigned_is_remembered_and_a_lost_memory_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::of("log.example/one", 40, FOREVER);
    let fork = Log::of("log.example/one", 40, 10);
    let served = Served::start(open(folder.path(), "w.example", &[&log.key])).await;
    assert_eq!(served.add(log.request(0, 21).encode()).await.status, 200);
    served.stop().await;
    let served = Served::start(open(folder.path(), "w.example", &[&log.key])).await;
    conflict(&served.add(fork.request(0, 30).encode()).await, 21);
    assert_eq!(served.add(log.request(21, 30).encode()).await.status, 200);
    served.stop().await;

    let refused = |folder: &std::path::Path, name: &str| {
        let shelf = Arc::new(Embedded::open(folder).unwrap());
        Memory::open(shelf, carol(name), Vec::new(), NOW).err().unwrap()
    };
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(refused(empty.path(), "w.example"), StateError::Nobody));
    assert!(matches!(
        refused(folder.path(), "v.example"),
        StateError::Another(_)
    ));
    let shelf = Embedded::open(folder.path()).unwrap();
    let again = Memory::begin(&shelf, &carol("v.example"), NOW);
    assert!(matches!(again, Err(StateError::Another(_))));
}

/// Two histories at once, from many hands: one of them wins, at whatever size, and the other never
/// gets a line.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_histories_at_once_are_not_both_countersigned() {
    let folder = tempfile::tempdir().unwrap();
    let origins: Vec<String> = (0..6).map(|n| format!("log.example/{n}")).collect();
    let sides: Vec<[Arc<Log>; 2]> = origins
        .iter()
        .map(|origin| [FOREVER, 0].map(|fork| Arc::new(Log::of(origin, 12, fork))))
        .collect();
    let keys: Vec<&SigningKey> = sides.iter().map(|[log, _]| &log.key).collect();
    let memory = open(folder.path(), "w.example", &keys);
    for sides in &sides {
        let mut racing = tokio::task::JoinSet::new();
        for number in 0..8 {
            let (memory, log) = (Arc::clone(&memory), Arc::clone(&sides[number % 2]));
            racing.spawn_blocking(move || {
                let (mut old, mut won) = (0, Vec::new());
                for size in 1..=12 {
                    match memory.cosign(&log.request(old, size).encode(), 1) {
                        Ok(_) => {
                            won.push(log.opened(size));
                            old = size;
                        }
                        Err(server::witness::No::Refused(ledger::witness::Refused::Elsewhere { latest })) => {
                            old = latest.min(size)
                        }
                        Err(_) => {}
                    }
                }
                won
            });
        }
        let won: Vec<Checkpoint> = racing.join_all().await.concat();
        assert!(!won.is_empty());
        let sides_won: Vec<bool> = sides
            .iter()
            .map(|log| won.iter().any(|won| log.opened(won.size) == *won))
            .collect();
        assert_ne!(sides_won[0], sides_won[1], "both histories were countersigned");
    }
}
