//! The transparency log as a stranger sees it: notes, checkpoints, proofs, keys, entries, tiles, witness
//! requests. What is read is written back to the very same bytes, or it was not read strictly.

use crate::Target;
use ledger::fork::{self, Comparison, Evidence};
use ledger::note::{Note, Signature};
use ledger::policy::Policy;
use ledger::tile::{Kind, Tile};
use ledger::witness::{Request, Witness, WitnessKey};
use ledger::{Checkpoint, Entry, Proof, SigningKey, VerifyingKey};
use std::cell::Cell;
use std::collections::HashMap;

pub const TARGETS: &[&Target] = &[
    &Target {
        name: "note",
        run: note,
        seeds: || {
            vec![
                checkpoint_bytes(),
                signed("a\n\nb\n"),
                b"a\n\n\xe2\x80\x94 x AAAAAAAA\n".to_vec(),
            ]
        },
    },
    &Target {
        name: "checkpoint",
        run: checkpoint,
        seeds: || {
            vec![
                log_of(5).0.text().into_bytes(),
                format!("{}extension\n", log_of(1).0.text()).into_bytes(),
            ]
        },
    },
    &Target {
        name: "proof",
        run: proof,
        seeds: || vec![proof_bytes(0), proof_bytes(7)],
    },
    &Target {
        name: "key",
        run: any_key,
        seeds: keys,
    },
    &Target {
        name: "entry",
        run: entry,
        seeds: || vec![entry_bytes(0), entry_bytes(1)],
    },
    &Target {
        name: "tile",
        run: tile,
        seeds: tiles,
    },
    &Target {
        name: "log",
        run: log,
        seeds: || vec![folder(&log_of(3).1, 3), folder(&log_of(300).1, 300)],
    },
    &Target {
        name: "witness",
        run: witness,
        seeds: witness_requests,
    },
    &Target {
        name: "cosignature",
        run: cosignature,
        seeds: || {
            let line = line_of(&checkpoint_bytes()).to_string();
            vec![
                cosigned(),
                [checkpoint_bytes(), line.into_bytes(), b"\n".to_vec()].concat(),
            ]
        },
    },
    &Target {
        name: "policy",
        run: policy,
        seeds: policies,
    },
    &Target {
        name: "fork",
        run: fork,
        seeds: || vec![evidence().encode(key().verifying_key())],
    },
];

type Storage = HashMap<String, Vec<u8>>;

pub fn key() -> SigningKey {
    SigningKey::from_seed("fuzz.example/log", &[7; 32]).expect("a key")
}

fn signed(text: &str) -> Vec<u8> {
    key()
        .sign(text)
        .map(|note| note.to_string().into_bytes())
        .unwrap_or_default()
}

fn note(bytes: &[u8]) {
    let Ok(note) = Note::parse(bytes) else { return };
    let again = note.to_string();
    assert_eq!(
        Note::parse(again.as_bytes()).as_ref(),
        Ok(&note),
        "read back another note"
    );
    if note.verify(key().verifying_key()).is_ok() {
        let ours = key().sign(&note.text).expect("what verifies can be signed");
        assert!(
            note.signatures.contains(&ours.signatures[0]),
            "a second form of one signature"
        );
    }
}

/// The text of a checkpoint, signed by us: what a log with a key of its own could say.
fn checkpoint(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let note = signed(text);
    if let Ok(checkpoint) = Checkpoint::open(&note, key().verifying_key()) {
        assert!(
            text.starts_with(&checkpoint.text()),
            "read what does not stand there"
        );
        assert!(checkpoint.sign(&key()).is_ok());
    }
    drop(Checkpoint::open(bytes, key().verifying_key()));
}

fn proof(bytes: &[u8]) {
    let Ok(proof) = Proof::parse(bytes) else { return };
    assert_eq!(proof.encode(), bytes, "a second form of one proof");
    if let Ok((entry, checkpoint)) = proof.verify_carried(key().verifying_key()) {
        assert!(proof.index < checkpoint.size);
        assert!(entry.len() <= ledger::tile::MAX_ENTRY_BYTES);
    }
}

fn any_key(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(key) = text.parse::<VerifyingKey>() {
        assert_eq!(key.to_string().parse::<VerifyingKey>().as_ref(), Ok(&key));
    }
    if let Ok(key) = SigningKey::parse(text) {
        assert!(
            key.sign("text\n")
                .expect("signs")
                .verify(key.verifying_key())
                .is_ok()
        );
        assert!(
            !format!("{key:?}").contains(&*key.reveal_secret()),
            "a secret is printed"
        );
    }
    if let Ok(key) = text.parse::<WitnessKey>() {
        assert_eq!(key.to_string().parse::<WitnessKey>().as_ref(), Ok(&key));
    }
    if let Ok(secret) = gate::Secret::from_text(text) {
        assert_eq!(secret.to_text(), text.trim().to_lowercase());
    }
    if let Ok(digest) = text.parse::<vocabulary::Digest>() {
        assert_eq!(digest.to_string(), text.to_lowercase());
    }
}

fn entry(bytes: &[u8]) {
    if let Ok(entry) = Entry::parse(bytes) {
        assert_eq!(entry.encode().as_deref(), Ok(bytes), "a second form of one entry");
    }
}

/// A path, a newline, and the bytes of that tile.
fn tile(bytes: &[u8]) {
    let at = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let (path, content) = bytes.split_at(at);
    let content = content.get(1..).unwrap_or_default();
    let Ok(path) = std::str::from_utf8(path) else {
        return;
    };
    let Some(tile) = Tile::parse(path) else { return };
    assert_eq!(tile.path(), path, "a second path to one tile");
    assert!(!path.contains(".."), "a way out of the folder");
    match tile.kind {
        Kind::Hashes(_) => {
            if let Ok(hashes) = tile.hashes(content) {
                assert_eq!(hashes.concat(), content);
            }
        }
        Kind::Entries => {
            if let Ok(entries) = tile.entries(content) {
                let written: usize = entries.iter().map(|entry| entry.len() + 2).sum();
                assert_eq!(written, content.len());
            }
        }
    }
}

/// A whole log in a folder, whose keeper lies: eight bytes of size and 32 of root, which are signed, and
/// then files as (length of path, path, length of bytes, bytes).
fn log(bytes: &[u8]) {
    let Some((size, rest)) = bytes.split_first_chunk::<8>() else {
        return;
    };
    let Some((root, mut rest)) = rest.split_first_chunk::<32>() else {
        return;
    };
    let size = u64::from_be_bytes(*size);
    let mut files = Storage::new();
    while let Some((&[length], after)) = rest.split_first_chunk::<1>() {
        let Some((path, after)) = after.split_at_checked(length.into()) else {
            break;
        };
        let Some((length, after)) = after.split_first_chunk::<2>() else {
            break;
        };
        let length = usize::from(u16::from_be_bytes(*length)).min(after.len());
        let (content, after) = after.split_at(length);
        files.insert(String::from_utf8_lossy(path).into_owned(), content.to_vec());
        rest = after;
    }
    let key = key();
    let checkpoint = Checkpoint {
        origin: key.name().to_owned(),
        size,
        root: *root,
    };
    let Ok(signed) = checkpoint.sign(&key) else { return };
    files.insert("checkpoint".to_owned(), signed.clone());
    let reads = Cell::new(0usize);
    let storage = |path: &str| {
        reads.set(reads.get() + 1);
        Ok::<_, ()>(files.get(path).cloned())
    };
    let mut visited = 0u64;
    let report = ledger::verify::verify_log(key.verifying_key(), storage, |_, _| visited += 1);
    let report = report.expect("the storage does not fail");
    // Whatever size is signed: work goes with the files that are there.
    assert!(
        reads.get() <= 20_000 + 600 * files.len(),
        "{} reads for {} files",
        reads.get(),
        files.len()
    );
    if report.is_sound() {
        assert_eq!(
            (report.entries, visited),
            (size, size),
            "sound, and not all was seen"
        );
    }
    if let Ok(proof) = ledger::receipt::prove_carrying(size / 2, &signed, key.verifying_key(), storage) {
        assert!(
            proof.verify_carried(key.verifying_key()).is_ok(),
            "proved what does not verify"
        );
    }
    let old = log_of(3).0.sign(&key).expect("signs");
    drop(ledger::verify::verify_consistency(
        &old,
        &signed,
        key.verifying_key(),
        storage,
    ));
}

/// A request to a witness, and what a witness may answer to a log.
fn witness(bytes: &[u8]) {
    let witness = Witness::from_seed("witness.example", &[9; 32]).expect("a witness");
    if let Some(request) = Request::parse(bytes) {
        assert_eq!(
            Request::parse(&request.encode()).map(|again| again.encode()),
            Some(request.encode())
        );
        if let Ok(opened) = Checkpoint::open(&request.checkpoint, key().verifying_key()) {
            let kept = log_of(3).0;
            drop(witness.cosign(&request, key().verifying_key(), Some(&kept), 1_800_000_000));
            drop(opened);
        }
    }
    if let Ok(answer) = std::str::from_utf8(bytes)
        && let Ok(note) = ledger::witness::attach(&checkpoint_bytes(), answer, &[witness.key().clone()])
    {
        assert!(
            Checkpoint::open(&note, key().verifying_key()).is_ok(),
            "the log's own signature is lost"
        );
    }
}

fn carol() -> Witness {
    Witness::from_seed("witness.example", &[9; 32]).expect("a witness")
}

fn line_of(checkpoint: &[u8]) -> Signature {
    let request = Request {
        old: 0,
        proof: Vec::new(),
        checkpoint: checkpoint.to_vec(),
    };
    let cosigned = carol().cosign(&request, key().verifying_key(), None, 1_800_000_000);
    cosigned.expect("countersigns").1
}

fn cosigned() -> Vec<u8> {
    let answer = format!("{}\n", line_of(&checkpoint_bytes()));
    ledger::witness::attach(&checkpoint_bytes(), &answer, &[carol().key().clone()]).expect("holds")
}

/// Whatever note is taken for countersigned is the one text that was, at the one time.
fn cosignature(bytes: &[u8]) {
    if let Ok(cosigned) = carol().key().verify(bytes) {
        assert_eq!(cosigned.time, 1_800_000_000, "a time that nobody signed");
        let genuine = Note::parse(&checkpoint_bytes()).expect("a note").text;
        assert_eq!(Note::parse(bytes).map(|note| note.text), Ok(genuine));
    }
    let policy = Policy::any(1, vec![carol().key().clone()]).expect("a policy");
    let judged = policy.judge(bytes).is_ok_and(|judged| judged.enough);
    assert_eq!(judged, carol().key().verify(bytes).is_ok());
}

/// A policy that is read can be asked, and asks for no more than it knows.
fn policy(bytes: &[u8]) {
    if let Ok(policy) = Policy::parse(bytes)
        && let Ok(judged) = policy.judge(&cosigned())
    {
        assert!(judged.by.len() <= judged.of && judged.of == policy.witnesses.len());
    }
}

fn policies() -> Vec<Vec<u8>> {
    let head = format!(
        "log {} https://l\nwitness w {}\n",
        key().verifying_key(),
        carol().key()
    );
    let other = Witness::from_seed("other.example", &[8; 32]).expect("a witness");
    vec![
        format!("{head}quorum w\n").into_bytes(),
        format!(
            "# two\n{head}witness v {}\ngroup g 2 w v\nquorum g\n",
            other.key()
        )
        .into_bytes(),
        b"quorum none\n".to_vec(),
    ]
}

/// The log of five entries against one of nine others.
fn evidence() -> Evidence {
    let others: Vec<Vec<u8>> = (100..109).map(entry_bytes).collect();
    let nothing = |_: &str| Ok::<_, ()>(None);
    let made = ledger::sequence::integrate(None, &others, &key(), nothing).expect("grows");
    let files: Storage = made.growth.tiles.into_iter().collect();
    let storage = |path: &str| Ok::<_, ()>(files.get(path).cloned());
    let compared = fork::compare(
        &checkpoint_bytes(),
        &made.checkpoint,
        key().verifying_key(),
        storage,
    );
    match compared.expect("compares") {
        Comparison::Forked(evidence) => evidence,
        other => panic!("{other:?}"),
    }
}

/// What is read is written back, and what holds accuses the fuzzed log of the fork there is.
fn fork(bytes: &[u8]) {
    let Ok((accused, read)) = Evidence::parse(bytes) else {
        return;
    };
    assert_eq!(
        Evidence::parse(&read.encode(&accused)),
        Ok((accused.clone(), read.clone()))
    );
    if accused == *key().verifying_key()
        && let Ok(proved) = read.verify(&accused)
    {
        let genuine = evidence().verify(&accused).expect("holds");
        assert_eq!((proved.older, proved.newer), (genuine.older, genuine.newer));
    }
}

pub fn entry_bytes(number: u8) -> Vec<u8> {
    let entry = Entry {
        day: 20_000 + u32::from(number),
        kind: "decision".to_owned(),
        purpose: number.is_multiple_of(2).then(|| "personalise".to_owned()),
        charter: Some([number; 32]),
        program: None,
        verdict: "allow".to_owned(),
        reasons: vec!["consent".to_owned(), "adult".to_owned()],
        commitment: ledger::entry::commit(&[number; 32], b"{}"),
    };
    entry.encode().expect("an entry")
}

/// A log of so many entries: its checkpoint and its files.
fn log_of(size: u64) -> (Checkpoint, Storage) {
    let entries: Vec<Vec<u8>> = (0..size).map(|number| entry_bytes(number as u8)).collect();
    let key = key();
    let empty = Checkpoint::empty(key.name());
    let nothing = |_: &str| Ok::<_, ()>(None);
    let grown = ledger::sequence::grow(0, &empty.root, &entries, nothing).expect("grows");
    let checkpoint = Checkpoint {
        size: grown.size,
        root: grown.root,
        ..empty
    };
    (checkpoint, grown.tiles.into_iter().collect())
}

pub fn checkpoint_bytes() -> Vec<u8> {
    log_of(5).0.sign(&key()).expect("signs")
}

pub fn proof_bytes(index: u64) -> Vec<u8> {
    let (checkpoint, files) = log_of(9);
    let signed = checkpoint.sign(&key()).expect("signs");
    let storage = |path: &str| Ok::<_, ()>(files.get(path).cloned());
    ledger::receipt::prove_carrying(index, &signed, key().verifying_key(), storage)
        .expect("proves")
        .encode()
}

fn keys() -> Vec<Vec<u8>> {
    let witness = Witness::from_seed("witness.example", &[9; 32]).expect("a witness");
    vec![
        key().verifying_key().to_string().into_bytes(),
        key().reveal_secret().as_bytes().to_vec(),
        witness.key().to_string().into_bytes(),
        "0123456789abcdef".repeat(4).into_bytes(),
    ]
}

fn tiles() -> Vec<Vec<u8>> {
    let line = |path: &str, content: &[u8]| [path.as_bytes(), b"\n", content].concat();
    let files = log_of(3).1;
    let mut seeds: Vec<Vec<u8>> = files.iter().map(|(path, content)| line(path, content)).collect();
    seeds.push(line("tile/1/x001/234/067.p/8", &[1; 256]));
    seeds.push(line("tile/../../keys/kek", b""));
    seeds
}

fn folder(files: &Storage, size: u64) -> Vec<u8> {
    let mut bytes = size.to_be_bytes().to_vec();
    bytes.extend(log_of(size).0.root);
    for (path, content) in files {
        bytes.push(path.len() as u8);
        bytes.extend(path.as_bytes());
        bytes.extend((content.len() as u16).to_be_bytes());
        bytes.extend(content);
    }
    bytes
}

fn witness_requests() -> Vec<Vec<u8>> {
    let request = Request {
        old: 0,
        proof: Vec::new(),
        checkpoint: checkpoint_bytes(),
    };
    vec![
        request.encode(),
        "\u{2014} witness.example AAAAAAAAAAAAAA==\n".as_bytes().to_vec(),
    ]
}
