//! `egard verify`: receipts and logs, offline. Needs nothing of ours but this program; any other
//! reader of C2SP `tlog-proof` and `tlog-tiles` will do as well.

use crate::say;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::{Entry, Proof, VerifyingKey};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Longest receipt that is read, bytes.
const MAX_RECEIPT: u64 = 8 << 20;

/// What to check.
#[derive(clap::Subcommand)]
pub enum What {
    /// A receipt, as `/v1/records/{id}/receipt` answers it.
    Receipt {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        key: Key,
    },
    /// A whole log in a folder, as `egard log` writes it: every entry, every tile, the signature.
    Log {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        key: Key,
        /// A checkpoint kept from earlier: the log must be its continuation.
        #[arg(long)]
        since: Option<PathBuf>,
    },
}

/// The public key of the log, got from somewhere you trust and not from the server being checked.
#[derive(clap::Args)]
pub struct Key {
    /// The key, `name+id+base64`.
    #[arg(long, conflicts_with = "key_file")]
    key: Option<String>,
    /// A file that holds it.
    #[arg(long)]
    key_file: Option<PathBuf>,
}

/// The fields of a receipt.
#[derive(Deserialize)]
struct Receipt {
    vkey: String,
    entry: String,
    secret: String,
    details: String,
    proof: Option<String>,
}

/// Checks; an error says what is wrong.
pub fn run(what: What) -> Result<(), String> {
    match what {
        What::Receipt { file, key } => receipt(&file, &key),
        What::Log { folder, key, since } => log(&folder, &key, since.as_deref()),
    }
}

fn receipt(file: &Path, key: &Key) -> Result<(), String> {
    let receipt: Receipt = serde_json::from_slice(&read(file, MAX_RECEIPT)?)
        .map_err(|error| format!("`{}` is no receipt: {error}", file.display()))?;
    let (key, own) = match given(key)? {
        Some(key) => (key, false),
        None => (parse_key(&receipt.vkey)?, true),
    };
    let entry = Entry::parse(receipt.entry.as_bytes()).map_err(|error| format!("the entry: {error}"))?;
    let secret = STANDARD
        .decode(&receipt.secret)
        .map_err(|error| format!("the secret: {error}"))?;
    let secret: [u8; 32] = secret
        .try_into()
        .map_err(|_| "the secret is not 32 bytes".to_owned())?;
    if !entry.verify_commitment(&secret, receipt.details.as_bytes()) {
        return Err("the entry does not commit to these details: one of them was changed".to_owned());
    }
    let proof = receipt
        .proof
        .ok_or("there is no proof yet: ask for the receipt again in a second")?;
    let proof = Proof::parse(proof.as_bytes()).map_err(|error| format!("the proof: {error}"))?;
    let checkpoint = proof
        .verify(receipt.entry.as_bytes(), &key)
        .map_err(|error| format!("the proof: {error}"))?;
    say(&format!(
        "good: entry {} of {} in the log `{}`",
        proof.index, checkpoint.size, checkpoint.origin
    ));
    say(&format!(
        "  kind {}, verdict {}, reasons {}",
        entry.kind,
        entry.verdict,
        entry.reasons.join(", ")
    ));
    say("  the details are those the entry commits to");
    if own {
        say("  the key was the receipt's own: compare it with the one the log publishes elsewhere (--key)");
    }
    Ok(())
}

fn log(folder: &Path, key: &Key, since: Option<&Path>) -> Result<(), String> {
    let key = given(key)?.ok_or("say whose log it should be: --key or --key-file")?;
    let storage = |path: &str| match std::fs::read(folder.join(path)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("`{path}`: {error}")),
    };
    let mut malformed = 0u64;
    let report = ledger::verify::verify_log(&key, storage, |_, entry| {
        malformed += u64::from(Entry::parse(entry).is_err());
    })?;
    say(&report.to_string());
    if !report.is_sound() {
        return Err("the log is not sound".to_owned());
    }
    if malformed > 0 {
        return Err(format!(
            "{malformed} entries are not of a form this program knows"
        ));
    }
    if let Some(since) = since {
        let old = read(since, MAX_RECEIPT)?;
        let new = read(&folder.join("checkpoint"), MAX_RECEIPT)?;
        ledger::verify::verify_consistency(&old, &new, &key, storage).map_err(|error| error.to_string())?;
        say("the log continues the older checkpoint");
    }
    Ok(())
}

fn given(key: &Key) -> Result<Option<VerifyingKey>, String> {
    match (&key.key, &key.key_file) {
        (Some(text), _) => parse_key(text).map(Some),
        (None, Some(file)) => {
            let text =
                String::from_utf8(read(file, 4096)?).map_err(|_| "the key file is not text".to_owned())?;
            parse_key(text.trim()).map(Some)
        }
        (None, None) => Ok(None),
    }
}

fn parse_key(text: &str) -> Result<VerifyingKey, String> {
    text.parse()
        .map_err(|error: ledger::key::Error| format!("the key: {error}"))
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("`{}`: {error}", path.display());
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > most {
        return Err(format!("`{}` is longer than {most} bytes", path.display()));
    }
    std::fs::read(path).map_err(failed)
}
