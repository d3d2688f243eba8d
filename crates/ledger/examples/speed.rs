//! How long a log takes to grow, to prove and to verify: `cargo run --release -p ledger --example speed`.
//! The number of entries may be given; each is as long as that of a decision.

#![allow(clippy::disallowed_methods, reason = "a measurement looks at the clock")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use ledger::{Entry, SigningKey, entry, receipt, sequence, verify};

fn main() -> Result<(), Box<dyn Error>> {
    let size: u64 = std::env::args().nth(1).map_or(Ok(70_000), |text| text.parse())?;
    let key = SigningKey::from_seed("example.com/speed", &[1; 32])?;
    let mut out = std::io::stdout().lock();

    let start = Instant::now();
    let entries: Vec<Vec<u8>> = (0..size).map(decision).collect::<Result<_, _>>()?;
    let bytes: usize = entries.iter().map(Vec::len).sum();
    writeln!(
        out,
        "{size} entries of {} bytes made in {:?}",
        bytes / entries.len().max(1),
        start.elapsed()
    )?;

    // In batches of a busy second, each signed.
    let start = Instant::now();
    let mut rows: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for batch in entries.chunks(1_000) {
        let previous = rows.get(verify::CHECKPOINT).cloned();
        let read = |path: &str| Ok::<_, Infallible>(rows.get(path).cloned());
        let step = sequence::integrate(previous.as_deref(), batch, &key, read)?;
        rows.extend(step.growth.tiles);
        step.growth.obsolete.iter().for_each(|path| {
            rows.remove(path);
        });
        rows.insert(verify::CHECKPOINT.to_owned(), step.checkpoint);
    }
    writeln!(out, "integrated in batches of 1,000 in {:?}", start.elapsed())?;

    let read = |path: &str| Ok::<_, Infallible>(rows.get(path).cloned());
    let checkpoint = rows.get(verify::CHECKPOINT).cloned().unwrap_or_default();
    let start = Instant::now();
    let proofs = 100;
    for number in 0..proofs {
        receipt::prove(number * (size / proofs), &checkpoint, key.verifying_key(), read)?;
    }
    writeln!(out, "{proofs} receipts made in {:?}", start.elapsed())?;

    let start = Instant::now();
    let report = verify::verify_log(key.verifying_key(), read, |_, _| ())?;
    writeln!(out, "{report}\nverified in {:?}", start.elapsed())?;
    Ok(())
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
