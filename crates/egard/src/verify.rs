//! `egard verify`: receipts and logs, offline. Needs nothing of ours but this program; any other
//! reader of C2SP `tlog-proof` and `tlog-tiles` will do as well.

#[path = "verify/chain.rs"] // also where a fuzz target takes this file in
mod chain;

use crate::checkpoints::{self, Two, Witnesses};
use crate::{complain, say};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::tile::Tile;
use ledger::{Checkpoint, Entry, Proof, VerifyingKey};
use receipt::Keys;
use serde::Deserialize;
use server::words::{Words, verdict};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vocabulary::Language;

/// Longest receipt that is read, bytes.
const MAX_RECEIPT: u64 = receipt::MAX_BYTES as u64;
/// How the program ends if a receipt agrees with itself and no key of the reader's said more.
const OWN_KEY: u8 = 3;

/// What to check.
#[derive(clap::Subcommand)]
pub enum What {
    /// A receipt, as a person downloads it. Ends with 0 if it is proved by the key given, 3 if it only agrees
    /// with the key it carries itself, 1 if it is refused.
    Receipt {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        key: Key,
        #[command(flatten)]
        witnesses: Witnesses,
        /// The language of the answer: `en` or `fr` (of `LANG`, if it is not said).
        #[arg(long)]
        lang: Option<String>,
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
        #[command(flatten)]
        witnesses: Witnesses,
    },
    /// Two checkpoints, proofs or receipts of one log: whether nothing was rewritten between them. If
    /// something was, they are proof of it.
    Consistency {
        #[command(flatten)]
        two: Two,
        #[command(flatten)]
        key: Key,
    },
    /// A published proof that a log signed two histories.
    Fork {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        key: Key,
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
    /// The chain of the log's keys, as `/ledger/keys` answers it: the key given may then be an earlier or a
    /// later one than the one that signed.
    #[arg(long)]
    chain: Option<PathBuf>,
}

/// The fields of a receipt, and nothing else: what is not checked shall not stand among what is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receipt {
    /// Only a label, by which the server finds the record: the log does not hold it.
    record: String,
    vkey: String,
    entry: String,
    secret: String,
    details: String,
    proof: Option<String>,
}

/// Checks; an error says what is wrong.
pub fn run(what: What) -> Result<ExitCode, String> {
    match what {
        What::Receipt {
            file,
            key,
            witnesses,
            lang,
        } => receipt(&file, &key, &witnesses, language(lang.as_deref())?),
        What::Log {
            folder,
            key,
            since,
            witnesses,
        } => {
            log(&folder, &key, since.as_deref())?;
            let checkpoint = read(&folder.join(ledger::verify::CHECKPOINT), MAX_RECEIPT)?;
            checkpoints::say_witnessed(&checkpoint, given(&key)?.as_ref(), &witnesses)?;
            Ok(ExitCode::SUCCESS)
        }
        What::Consistency { two, key } => {
            let links = key.chain.as_deref().map_or(Ok(Vec::new()), chain::read)?;
            let key = given(&key)?.ok_or("say whose log it should be: --key or --key-file")?;
            let key = checkpoints::signer_of_both(&two, &key, &chain::reached(&key, &links))?;
            checkpoints::consistency(&two, &key)?;
            Ok(ExitCode::SUCCESS)
        }
        What::Fork { file, key } => {
            let links = key.chain.as_deref().map_or(Ok(Vec::new()), chain::read)?;
            let given = given(&key)?;
            let keys = given.map(|given| chain::reached(&given, &links));
            checkpoints::evidence(&file, keys.as_deref())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn receipt(file: &Path, key: &Key, witnesses: &Witnesses, language: Language) -> Result<ExitCode, String> {
    let mut keys = Keys {
        log: given(key)?,
        witnesses: witnesses.each()?,
    };
    let checked = read(file, MAX_RECEIPT).and_then(|receipt| {
        if let (Some(trusted), Some(chain)) = (&keys.log, &key.chain) {
            let own = own_key(&receipt, language)?;
            say(&chain::follow(trusted, &own, &chain::read(chain)?)?);
            keys.log = Some(own);
        }
        let lines = check(&receipt, &keys, language)?;
        lines.iter().for_each(|line| say(line));
        checkpoints::say_witnessed(&receipt, keys.log.as_ref(), witnesses)
    });
    Ok(match checked {
        Ok(()) if keys.log.is_none() => ExitCode::from(OWN_KEY),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&printable(&format!("`{}`: {error}", file.display())));
            ExitCode::FAILURE
        }
    })
}

/// The key a receipt carries, which the chain must lead to.
fn own_key(receipt: &[u8], language: Language) -> Result<VerifyingKey, String> {
    match serde_json::from_slice::<Receipt>(receipt) {
        Ok(plain) => parse_key(&plain.vkey),
        Err(_) => {
            let checked = receipt::check(receipt, &Keys::default());
            let checked = checked.map_err(|error| verdict::refusal(Words::of(language), &error))?;
            parse_key(&checked.parts.log_key)
        }
    }
}

/// What a receipt proves, in lines; without a key, by the receipt's own.
pub fn check(receipt: &[u8], keys: &Keys, language: Language) -> Result<Vec<String>, String> {
    let words = Words::of(language);
    // The form of before has no readable part; it is known by its own members.
    let lines = match serde_json::from_slice::<Receipt>(receipt) {
        Ok(plain) => check_receipt(&plain, keys.log.as_ref())?,
        Err(_) => {
            let checked = receipt::check(receipt, keys).map_err(|error| verdict::refusal(words, &error))?;
            told(words, &verdict::verdict(words, &checked))
        }
    };
    Ok(lines.iter().map(|line| printable(line)).collect())
}

fn told(words: Words, verdict: &verdict::Verdict) -> Vec<String> {
    let points = |lines: &[String]| lines.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>();
    let mut lines = vec![verdict.title.clone(), format!("  {}", verdict.key)];
    lines.push(words.say("verify-proved"));
    lines.extend(points(&verdict.proved));
    lines.push(words.say("verify-unproved"));
    lines.extend(points(&verdict.unproved));
    lines
}

/// A text of a receipt must not move the cursor of who reads it.
fn printable(line: &str) -> String {
    line.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The language asked for, or that of the environment, or English.
fn language(asked: Option<&str>) -> Result<Language, String> {
    match asked {
        Some(tag) => Language::of_tag(tag).ok_or_else(|| format!("`--lang {tag}` is not `en` or `fr`")),
        None => {
            let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(|name| std::env::var(name).ok());
            let set = set
                .into_iter()
                .find(|value| !value.is_empty())
                .unwrap_or_default();
            let tag = set.split(['_', '.']).next().unwrap_or_default();
            Ok(Language::of_tag(tag).unwrap_or(Language::En))
        }
    }
}

/// What the receipt proves, in lines; without a key, by the receipt's own.
fn check_receipt(receipt: &Receipt, given: Option<&VerifyingKey>) -> Result<Vec<String>, String> {
    let own = parse_key(&receipt.vkey)?;
    if own.to_string() != receipt.vkey {
        return Err("the receipt's `vkey` is not written as a key is: it was changed".to_owned());
    }
    if given.is_some_and(|given| *given != own) {
        return Err("the receipt's `vkey` is not the key given: another log's, or changed".to_owned());
    }
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
        .as_ref()
        .ok_or("there is no proof yet: ask for the receipt again in a second")?;
    let proof = Proof::parse(proof.as_bytes()).map_err(|error| format!("the proof: {error}"))?;
    let (carried, checkpoint) = proof
        .verify_carried(&own)
        .map_err(|error| format!("the proof: {error}"))?;
    if carried != receipt.entry.as_bytes() {
        return Err("the entry is not the one that the proof carries: one of them was changed".to_owned());
    }
    let mut lines = vec![
        format!(
            "good: entry {} of {} in the log `{}`",
            proof.index, checkpoint.size, checkpoint.origin
        ),
        format!(
            "  kind {}, verdict {}, reasons {}",
            entry.kind,
            entry.verdict,
            entry.reasons.join(", ")
        ),
        "  the details are those the entry commits to".to_owned(),
        format!(
            "  not proven: the record's identity, `{}`; it is the server's label, and not in the log",
            receipt.record.escape_debug().take(64).collect::<String>()
        ),
    ];
    if given.is_none() {
        let hint = "  this is not a proof yet: the key was the receipt's own, and whoever forges a receipt can put \
                    a key of their own in it; get the log's key from somewhere else and give it with --key";
        lines.push(hint.to_owned());
    }
    Ok(lines)
}

fn log(folder: &Path, key: &Key, since: Option<&Path>) -> Result<(), String> {
    let links = key.chain.as_deref().map_or(Ok(Vec::new()), chain::read)?;
    let trusted = given(key)?.ok_or("say whose log it should be: --key or --key-file")?;
    let key = match key.chain {
        Some(_) => {
            let checkpoint = read(&folder.join(ledger::verify::CHECKPOINT), MAX_RECEIPT)?;
            let signer = signer(&checkpoint, &trusted, &links)?;
            say(&chain::follow(&trusted, &signer, &links)?);
            signer
        }
        None => trusted.clone(),
    };
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
    strangers(
        folder,
        &key,
        report.checkpoint.map_or(0, |checkpoint| checkpoint.size),
    )?;
    if malformed > 0 {
        return Err(format!(
            "{malformed} entries are not of a form this program knows"
        ));
    }
    if let Some(since) = since {
        let old = read(since, MAX_RECEIPT)?;
        let new = read(&folder.join(ledger::verify::CHECKPOINT), MAX_RECEIPT)?;
        // It may be from before the key was exchanged.
        let then = match links.is_empty() {
            true => key.clone(),
            false => signer(&old, &trusted, &links)?,
        };
        let old = Checkpoint::open(&old, &then)
            .map_err(|error| format!("`{}`: the checkpoint is refused: {error}", since.display()))?;
        let grown = ledger::receipt::prove_growth(old.size, &new, &key, storage);
        let (root, _) = grown.map_err(|error| error.to_string())?;
        if root != old.root {
            return Err(ledger::receipt::Error::<String>::Forked.to_string());
        }
        say("the log continues the older checkpoint");
    }
    Ok(())
}

/// The key that signed a checkpoint: the one that is trusted, or one to which the chain leads.
fn signer(
    checkpoint: &[u8],
    trusted: &VerifyingKey,
    links: &[ledger::succession::Link],
) -> Result<VerifyingKey, String> {
    let mut keys = chain::reached(trusted, links).into_iter();
    let signer = keys.find(|key| Checkpoint::open(checkpoint, key).is_ok());
    let refused = "neither the key given nor one to which the chain leads signed the checkpoint";
    signer.ok_or_else(|| refused.to_owned())
}

/// Fails if the folder holds files that were not verified, because the log does not consist of them.
fn strangers(folder: &Path, key: &VerifyingKey, size: u64) -> Result<(), String> {
    let mut strangers = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(inner) = folders.pop() {
        let failed = |error: std::io::Error| format!("`{}`: {error}", inner.display());
        for file in std::fs::read_dir(&inner).map_err(failed)? {
            let file = file.map_err(failed)?;
            let path = file.path();
            if file.file_type().map_err(failed)?.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
            let belongs = match name {
                Some("vkey") => {
                    let held = String::from_utf8(read(&path, 4096)?).unwrap_or_default();
                    // While a key is being exchanged two sign, and either may be the one given.
                    let known =
                        parse_key(held.trim()).is_ok_and(|held| held == *key || also_signs(folder, &held));
                    if !known {
                        return Err("`vkey` in the folder is not the key given".to_owned());
                    }
                    true
                }
                Some(ledger::verify::CHECKPOINT) => true,
                Some(name) => Tile::parse(name)
                    .is_some_and(|tile| Tile::in_log(tile.kind, tile.index, size) == Some(tile)),
                None => false,
            };
            if !belongs {
                strangers.push(path.display().to_string());
            }
        }
    }
    strangers.sort();
    match strangers.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "{} files in the folder are no part of this log and were not verified, `{first}` first; remove them",
            strangers.len()
        )),
    }
}

fn also_signs(folder: &Path, key: &VerifyingKey) -> bool {
    let checkpoint = read(&folder.join(ledger::verify::CHECKPOINT), MAX_RECEIPT);
    checkpoint.is_ok_and(|bytes| ledger::Checkpoint::open(&bytes, key).is_ok())
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

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SigningKey;
    use std::collections::HashMap;

    const SECRET: [u8; 32] = [7; 32];
    const DETAILS: &str = "{\"items\":[\"85123A\"]}";

    fn entry(day: u32) -> Vec<u8> {
        let entry = Entry {
            day,
            kind: "decision".to_owned(),
            purpose: Some("personalise".to_owned()),
            charter: None,
            program: None,
            verdict: "permit".to_owned(),
            reasons: vec!["consent".to_owned()],
            commitment: ledger::entry::commit(&SECRET, DETAILS.as_bytes()),
        };
        entry.encode().unwrap()
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed("shop.example/egard", &[seed; 32]).unwrap()
    }

    /// A log of so many entries: its files by path.
    fn made(entries: u32) -> HashMap<String, Vec<u8>> {
        let entries: Vec<Vec<u8>> = (0..entries).map(entry).collect();
        let nothing = |_: &str| Ok::<_, String>(None);
        let made = ledger::sequence::integrate(None, &entries, &key(1), nothing).unwrap();
        let mut files: HashMap<String, Vec<u8>> = made.growth.tiles.into_iter().collect();
        files.insert("checkpoint".to_owned(), made.checkpoint);
        files.insert("vkey".to_owned(), key(1).verifying_key().to_string().into_bytes());
        files
    }

    fn genuine() -> Receipt {
        let files = made(3);
        let read = |path: &str| Ok::<_, String>(files.get(path).cloned());
        let own = key(1);
        let proof =
            ledger::receipt::prove_carrying(1, &files["checkpoint"], own.verifying_key(), read).unwrap();
        Receipt {
            record: "00112233445566778899aabbccddeeff".to_owned(),
            vkey: own.verifying_key().to_string(),
            entry: String::from_utf8(entry(1)).unwrap(),
            secret: STANDARD.encode(SECRET),
            details: DETAILS.to_owned(),
            proof: Some(String::from_utf8(proof.encode()).unwrap()),
        }
    }

    #[test]
    fn a_changed_byte_of_a_receipt_is_found_or_said_to_be_unproven() {
        let key = key(1);
        let key = key.verifying_key();
        let lines = check_receipt(&genuine(), Some(key)).unwrap();
        assert!(
            lines
                .iter()
                .any(|line| line.contains("not proven: the record's identity"))
        );
        let check = |what: &str, place: fn(&mut Receipt) -> &mut String| {
            let genuine_text = place(&mut genuine()).clone();
            for (at, byte) in genuine_text.char_indices() {
                let mut changed = genuine_text.clone();
                let other = if byte == 'A' { "B" } else { "A" };
                changed.replace_range(at..at + byte.len_utf8(), other);
                let mut receipt = genuine();
                *place(&mut receipt) = changed;
                assert!(check_receipt(&receipt, Some(key)).is_err(), "{what}, byte {at}");
            }
        };
        check("vkey", |receipt| &mut receipt.vkey);
        check("entry", |receipt| &mut receipt.entry);
        check("secret", |receipt| &mut receipt.secret);
        check("details", |receipt| &mut receipt.details);
        check("proof", |receipt| receipt.proof.as_mut().unwrap());
    }

    /// The same receipt as a document.
    fn document() -> String {
        let plain = genuine();
        receipt::issue(receipt::Parts {
            details: plain.details,
            secret: plain.secret,
            tlog_proof: plain.proof.unwrap(),
            log_key: plain.vkey,
            witness_keys: Vec::new(),
            notice_text: None,
        })
        .unwrap()
    }

    #[test]
    fn a_proof_by_its_own_key_alone_ends_as_no_proof_does() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("receipt.json");
        let plain = genuine();
        let before = serde_json::json!({
            "record": plain.record, "vkey": plain.vkey, "entry": plain.entry, "secret": plain.secret,
            "details": plain.details, "proof": plain.proof,
        });
        let ends = |text: &str, key: Option<&SigningKey>, witness: Vec<String>| {
            std::fs::write(&file, text).unwrap();
            let key = key.map(|key| key.verifying_key().to_string());
            let what = What::Receipt {
                file: file.clone(),
                key: Key {
                    key,
                    key_file: None,
                    chain: None,
                },
                witnesses: Witnesses::of(witness),
                lang: Some("fr".to_owned()),
            };
            format!("{:?}", run(what))
        };
        let code = |code: ExitCode| format!("{:?}", Ok::<_, String>(code));
        let nobody = ledger::witness::Witness::from_seed("w.example", &[1; 32]).unwrap();
        for text in [document(), before.to_string()] {
            let changed = text.replace("85123A", "85123B");
            assert_eq!(ends(&text, Some(&key(1)), Vec::new()), code(ExitCode::SUCCESS));
            assert_eq!(ends(&text, None, Vec::new()), code(ExitCode::from(OWN_KEY)));
            assert_eq!(ends(&text, Some(&key(2)), Vec::new()), code(ExitCode::FAILURE));
            assert_eq!(ends(&changed, Some(&key(1)), Vec::new()), code(ExitCode::FAILURE));
            let witness = vec![nobody.key().to_string()];
            assert_eq!(ends(&text, Some(&key(1)), witness), code(ExitCode::FAILURE));
        }
    }

    #[test]
    fn the_verdict_is_told_in_both_languages_and_never_moves_the_cursor() {
        let receipt = document();
        let own = Keys::default();
        let told = |language| check(receipt.as_bytes(), &own, language).unwrap().join("\n");
        assert!(told(Language::En).contains("This is not a proof yet"));
        assert!(told(Language::Fr).contains("Ce n’est pas encore une preuve"));
        assert_eq!(printable("a\u{1b}[2Jb"), "a [2Jb");
        let refused = check(b"{}", &own, Language::Fr).unwrap_err();
        assert!(refused.contains("Ce n’est pas un reçu"), "{refused}");
    }

    #[test]
    fn a_receipt_of_another_log_is_refused_although_its_own_key_fits() {
        assert!(check_receipt(&genuine(), None).is_ok());
        assert!(check_receipt(&genuine(), Some(key(2).verifying_key())).is_err());
    }

    #[test]
    fn a_file_that_is_no_part_of_the_log_is_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        for (path, bytes) in made(300) {
            put(&path, &bytes);
        }
        let by = |key: &SigningKey| Key {
            key: Some(key.verifying_key().to_string()),
            key_file: None,
            chain: None,
        };
        log(folder.path(), &by(&key(1)), None).unwrap();
        put("tile/entries/001.p/43", b"superseded");
        assert!(
            log(folder.path(), &by(&key(1)), None)
                .unwrap_err()
                .contains("001.p/43")
        );
        std::fs::remove_file(folder.path().join("tile/entries/001.p/43")).unwrap();
        put("vkey", key(2).verifying_key().to_string().as_bytes());
        assert!(
            log(folder.path(), &by(&key(1)), None)
                .unwrap_err()
                .contains("vkey")
        );
    }

    #[test]
    fn a_log_continues_a_checkpoint_from_before_its_key_was_exchanged() {
        let (old, new) = (key(1), key(2));
        let link = String::from_utf8(ledger::succession::link(&old, &new).unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let files = made(3);
        let read = |path: &str| Ok::<_, String>(files.get(path).cloned());
        let more = ledger::sequence::integrate(Some(&files["checkpoint"]), &[entry(3)], &old, read).unwrap();
        let sign = |bytes: &[u8]| {
            let grown = ledger::Checkpoint::open(bytes, old.verifying_key()).unwrap();
            new.sign(&format!(
                "{}\n{}\n{}\n",
                grown.origin,
                grown.size,
                ledger::tree::to_base64(&grown.root)
            ))
        };
        let now = sign(&more.checkpoint).unwrap().to_string();
        let beside = tempfile::tempdir().unwrap();
        let (since, chain) = (beside.path().join("since"), beside.path().join("keys.json"));
        std::fs::write(&chain, serde_json::json!({ "links": [link] }).to_string()).unwrap();
        for (path, bytes) in more.growth.tiles {
            put(&path, &bytes);
        }
        put("checkpoint", now.as_bytes());
        let by = |trusted: &SigningKey, chain: Option<&Path>| Key {
            key: Some(trusted.verifying_key().to_string()),
            key_file: None,
            chain: chain.map(Path::to_path_buf),
        };
        std::fs::write(&since, &files["checkpoint"]).unwrap();
        for trusted in [&old, &new] {
            log(folder.path(), &by(trusted, Some(&chain)), Some(&since)).unwrap();
            assert!(log(folder.path(), &by(trusted, None), Some(&since)).is_err());
        }
        assert!(log(folder.path(), &by(&key(3), Some(&chain)), Some(&since)).is_err());
        // Another history of the same size, signed by the key of before, is none that this log continues.
        let other =
            ledger::sequence::integrate(None, &[entry(7), entry(8)], &old, |_: &str| Ok::<_, String>(None));
        std::fs::write(&since, other.unwrap().checkpoint).unwrap();
        let refused = log(folder.path(), &by(&new, Some(&chain)), Some(&since)).unwrap_err();
        assert!(refused.contains("rewritten"), "{refused}");
        // No one key signed both, and that is said; a later one of the new key alone is compared.
        std::fs::write(&since, &files["checkpoint"]).unwrap();
        let newest = folder.path().join("checkpoint");
        let two = Two::of(&since, &newest);
        let reached = chain::reached(old.verifying_key(), &super::chain::read(&chain).unwrap());
        assert!(checkpoints::signer_of_both(&two, old.verifying_key(), &reached).is_err());
        let two = Two::of(&newest, &newest);
        let signer = checkpoints::signer_of_both(&two, old.verifying_key(), &reached);
        assert_eq!(signer.as_ref(), Ok(new.verifying_key()));
    }
}
