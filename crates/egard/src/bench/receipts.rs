//! Receipts verified per second, on one core, in turns with the raw limit in the same run: the one
//! Ed25519 signature and the SHA-256 over the same bytes, with nothing read, compared or written.

use super::house::text;
use super::table::{self, Spread, grouped, row};
use crate::say;
use ed25519_dalek::{Signer as _, SigningKey as Ed25519};
use ledger::{Entry, SigningKey};
use receipt::{Keys, Parts};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

const ORIGIN: &str = "bench.example/egard";
const SEED: [u8; 32] = [5; 32];

/// How much to measure.
#[derive(clap::Args)]
pub struct Choices {
    /// Entries of the log: what makes the path to the root long.
    #[arg(long, default_value_t = 70_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    entries: u32,
    /// Receipts, spread over the log, checked in each round.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    receipts: u32,
    /// Rounds; each measures both.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
}

/// Measures and prints.
pub fn run(choices: &Choices) -> Result<(), String> {
    let key = SigningKey::from_seed(ORIGIN, &SEED).map_err(text)?;
    say(&format!(
        "making a log of {} entries and {} receipts",
        grouped(f64::from(choices.entries), 0),
        grouped(f64::from(choices.receipts.min(choices.entries)), 0)
    ));
    let receipts = receipts(choices, &key)?;
    let keys = Keys {
        log: Some(key.verifying_key().clone()),
        witnesses: Vec::new(),
    };
    let work: Vec<Work> = receipts
        .iter()
        .map(|one| Work::of(one))
        .collect::<Result<_, _>>()?;
    let count = receipts.len() as f64;
    let bytes: usize = receipts.iter().map(String::len).sum();
    let (mut whole, mut raw) = (Vec::new(), Vec::new());
    let public = Ed25519::from_bytes(&SEED).verifying_key();
    for _ in 0..choices.rounds {
        let from = Instant::now();
        for receipt in &receipts {
            let checked = receipt::check(receipt.as_bytes(), &keys).map_err(text)?;
            black_box(checked.index);
        }
        whole.push(count / from.elapsed().as_secs_f64());
        let from = Instant::now();
        for one in &work {
            public.verify_strict(&one.message, &one.signature).map_err(text)?;
            for part in &one.hashed {
                black_box(Sha256::digest(part));
            }
        }
        raw.push(count / from.elapsed().as_secs_f64());
    }
    let (whole, raw) = (Spread::of(whole), Spread::of(raw));
    table::print(
        "receipts verified per second, one core",
        &[
            row(["", "per second (least-most)"]),
            row(["a receipt, whole", &whole.show(0)]),
            row(["Ed25519 and SHA-256 of the same bytes, alone", &raw.show(0)]),
        ],
    );
    say(&format!(
        "{} bytes a receipt; verifying runs at {} % of the raw limit",
        grouped(bytes as f64 / count, 0),
        grouped(100.0 * whole.median / raw.median.max(1e-9), 0)
    ));
    Ok(())
}

/// What cannot be left out of a check: one signature over a message as long, and the hashes.
struct Work {
    message: Vec<u8>,
    signature: ed25519_dalek::Signature,
    hashed: Vec<Vec<u8>>,
}

impl Work {
    fn of(receipt: &str) -> Result<Work, String> {
        let keys = Keys::default();
        let checked = receipt::check(receipt.as_bytes(), &keys).map_err(text)?;
        let proof = ledger::Proof::parse(checked.parts.tlog_proof.as_bytes()).map_err(text)?;
        let note = ledger::note::Note::parse(&proof.checkpoint).map_err(text)?;
        let message = note.text.into_bytes();
        let entry = proof.extra.unwrap_or_default();
        // The key's identifier, the leaf, the path, and the two hashes of the commitment.
        let mut hashed = vec![vec![0; ORIGIN.len() + 34], [vec![0], entry].concat()];
        hashed.extend(proof.hashes.iter().map(|_| vec![1; 65]));
        hashed.push([vec![0; 64], checked.parts.details.into_bytes()].concat());
        hashed.push(vec![0; 96]);
        Ok(Work {
            signature: Ed25519::from_bytes(&SEED).sign(&message),
            message,
            hashed,
        })
    }
}

/// Receipts of lists of twelve items, each from a history of forty, spread over the log.
fn receipts(choices: &Choices, key: &SigningKey) -> Result<Vec<String>, String> {
    let details = details();
    let secret = |at: u32| {
        let mut secret = [3; 32];
        secret
            .iter_mut()
            .zip(at.to_be_bytes())
            .for_each(|(byte, of)| *byte = of);
        secret
    };
    let entry = |at: u32| {
        let entry = Entry {
            day: 20_779,
            kind: "recommendation".to_owned(),
            purpose: Some("personalise".to_owned()),
            charter: Some([1; 32]),
            program: Some([2; 32]),
            verdict: "allow".to_owned(),
            reasons: vec!["personalise.consent".to_owned()],
            commitment: ledger::entry::commit(&secret(at), details.as_bytes()),
        };
        entry.encode().map_err(text)
    };
    let entries: Vec<Vec<u8>> = (0..choices.entries).map(entry).collect::<Result<_, _>>()?;
    let nothing = |_: &str| Ok::<_, String>(None);
    let made = ledger::sequence::integrate(None, &entries, key, nothing).map_err(text)?;
    let files: HashMap<String, Vec<u8>> = made.growth.tiles.into_iter().collect();
    let read = |path: &str| Ok::<_, String>(files.get(path).cloned());
    let count = choices.receipts.min(choices.entries);
    let step = (choices.entries / count).max(1);
    (0..count)
        .map(|number| {
            let at = number * step;
            let proof =
                ledger::receipt::prove_carrying(u64::from(at), &made.checkpoint, key.verifying_key(), read)
                    .map_err(text)?;
            receipt::issue(Parts {
                details: details.clone(),
                secret: ledger::tree::to_base64(&secret(at)),
                tlog_proof: String::from_utf8(proof.encode()).map_err(text)?,
                log_key: key.verifying_key().to_string(),
                witness_keys: Vec::new(),
                notice_text: None,
            })
            .map_err(text)
        })
        .collect()
}

fn details() -> String {
    let history: Vec<_> = (0..40)
        .map(|item| (format!("8{item:04}A"), 3, 1, 0, 1_795_378_500_000_i64))
        .collect();
    let items: Vec<_> = (0..12)
        .map(|item| (format!("2{item:04}B"), 0.125 + f64::from(item)))
        .collect();
    serde_json::json!({
        "at": 1_795_378_500_000_i64,
        "catalogue": "00".repeat(32),
        "excluded": [],
        "history": history,
        "items": items,
        "mode": "profiled",
        "model": "00".repeat(32),
        "muted": [],
        "request": { "placement": "home" },
    })
    .to_string()
}
