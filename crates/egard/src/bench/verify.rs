//! How long a whole log takes to verify from nothing, and one receipt, beside hashing the same bytes.
//!
//! Deliberately does not know: where logs are kept. Everything is in memory, so that no disk counts.

use super::house::text;
use super::table::{self, Spread, grouped, row};
use crate::say;
use ledger::{Checkpoint, Entry, Proof, SigningKey, entry, receipt, sequence, verify};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;
use vocabulary::Digest;

/// Entries that a busy second adds.
const BATCH: usize = 1_000;
/// What verifying 70,000 entries may take, seconds.
const TARGET: f64 = 2.0;

/// How long a log, and how often.
#[derive(clap::Args)]
pub struct Choices {
    /// Entries of the log, each as long as that of a decision.
    #[arg(long, default_value_t = 70_000)]
    entries: u64,
    /// Receipts that are made and verified.
    #[arg(long, default_value_t = 500)]
    receipts: u64,
    /// Rounds.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

type Rows = BTreeMap<String, Vec<u8>>;

/// Measures and prints.
pub fn run(choices: &Choices) -> Result<(), String> {
    if choices.entries == 0 || choices.receipts == 0 {
        return Err("say at least one entry and one receipt".to_owned());
    }
    let key = SigningKey::from_seed("bench.example/verify", &[1; 32]).map_err(text)?;
    let start = Instant::now();
    let entries: Vec<Vec<u8>> = (0..choices.entries)
        .map(decision)
        .collect::<Result<_, _>>()
        .map_err(text)?;
    let rows = integrated(&entries, &key)?;
    let made = start.elapsed().as_secs_f64();
    let (mut whole, mut raw, mut receipts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..choices.rounds.max(1) {
        whole.push(verified(&rows, &key, choices.entries)?);
        raw.push(hashed(&entries));
        receipts.push(receipts_verified(&rows, &key, &entries, choices)?);
    }
    let [whole, raw, receipts] = [whole, raw, receipts].map(Spread::of);
    let bytes: usize = entries.iter().map(Vec::len).sum();
    let count = grouped(choices.entries as f64, 0);
    let per = |seconds: f64| grouped(seconds / choices.entries as f64 * 1e6, 2);
    let times = |seconds: f64| grouped(seconds / raw.median.max(1e-9), 1);
    table::print(
        "a log verified from nothing",
        &[
            row(["", "seconds", "µs an entry", "times SHA-256"]),
            row([
                &format!("{count} entries, every hash and tile, the signature"),
                &whole.show(3),
                &per(whole.median),
                &times(whole.median),
            ]),
            row([
                "SHA-256 of the same entries and as many nodes, alone",
                &raw.show(3),
                &per(raw.median),
                "1.0",
            ]),
        ],
    );
    let each = receipts.median / choices.receipts as f64;
    say("");
    say(&format!(
        "receipts: {} verified a second on one thread, {} µs each, of which most is the signature",
        grouped(1.0 / each.max(1e-12), 0),
        grouped(each * 1e6, 1)
    ));
    say(&format!(
        "entries of {} bytes, made and integrated by {} in {made:.1} s; {} rounds, median (smallest-largest)",
        bytes / entries.len().max(1),
        grouped(BATCH as f64, 0),
        choices.rounds.max(1)
    ));
    if choices.entries >= 70_000 {
        let verdict = if whole.median * 70_000.0 / choices.entries as f64 <= TARGET {
            "kept"
        } else {
            "missed"
        };
        say(&format!("target, 70,000 entries in {TARGET:.0} s: {verdict}"));
    }
    Ok(())
}

/// The log as it would lie in a folder, grown as a server grows it.
fn integrated(entries: &[Vec<u8>], key: &SigningKey) -> Result<Rows, String> {
    let mut rows = Rows::new();
    for batch in entries.chunks(BATCH) {
        let previous = rows.get(verify::CHECKPOINT).cloned();
        let read = |path: &str| Ok::<_, Infallible>(rows.get(path).cloned());
        let step = sequence::integrate(previous.as_deref(), batch, key, read).map_err(text)?;
        rows.extend(step.growth.tiles);
        for path in &step.growth.obsolete {
            rows.remove(path);
        }
        rows.insert(verify::CHECKPOINT.to_owned(), step.checkpoint);
    }
    Ok(rows)
}

/// Seconds to verify the whole log; an error if it is not found sound, for then nothing was measured.
fn verified(rows: &Rows, key: &SigningKey, entries: u64) -> Result<f64, String> {
    let read = |path: &str| Ok::<_, Infallible>(rows.get(path).cloned());
    let start = Instant::now();
    let report = verify::verify_log(key.verifying_key(), read, |_, _| ()).map_err(text)?;
    let seconds = start.elapsed().as_secs_f64();
    match report.is_sound() && report.entries == entries {
        true => Ok(seconds),
        false => Err(format!("the log was not found sound: {report}")),
    }
}

/// Seconds to hash what the tree consists of, and nothing else: each entry, and a node of two hashes for
/// each.
fn hashed(entries: &[Vec<u8>]) -> f64 {
    let node = [7; 65];
    let start = Instant::now();
    for entry in entries {
        black_box(Digest::of(black_box(entry)));
        black_box(Digest::of(black_box(&node)));
    }
    start.elapsed().as_secs_f64()
}

/// Seconds to read and verify the receipts' proofs, made before.
fn receipts_verified(
    rows: &Rows,
    key: &SigningKey,
    entries: &[Vec<u8>],
    choices: &Choices,
) -> Result<f64, String> {
    let read = |path: &str| Ok::<_, Infallible>(rows.get(path).cloned());
    let checkpoint = rows.get(verify::CHECKPOINT).cloned().unwrap_or_default();
    let size = Checkpoint::open(&checkpoint, key.verifying_key())
        .map_err(text)?
        .size;
    let mut proofs = Vec::new();
    for number in 0..choices.receipts {
        let index = number * size / choices.receipts;
        let proof = receipt::prove(index, &checkpoint, key.verifying_key(), read).map_err(text)?;
        let entry = usize::try_from(index).ok().and_then(|index| entries.get(index));
        proofs.push((proof.encode(), entry.ok_or("an entry is missing")?));
    }
    let start = Instant::now();
    for (proof, entry) in &proofs {
        let proof = Proof::parse(proof).map_err(text)?;
        proof.verify(entry, key.verifying_key()).map_err(text)?;
    }
    Ok(start.elapsed().as_secs_f64())
}

fn decision(number: u64) -> Result<Vec<u8>, entry::Error> {
    let entry = Entry {
        day: 20_000,
        kind: "decision".to_owned(),
        purpose: Some("personalise".to_owned()),
        charter: Some([1; 32]),
        program: Some([2; 32]),
        verdict: "permit".to_owned(),
        reasons: vec!["consent-given".to_owned()],
        commitment: entry::commit(&[3; 32], &number.to_be_bytes()),
    };
    entry.encode()
}
