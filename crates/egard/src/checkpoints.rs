//! Checkpoints from wherever a person has them (a note, a proof, a receipt): who witnessed one, whether
//! two continue one another, and proof against a log where they do not. Offline.

use crate::say;
use ledger::fork::{self, Comparison, Evidence, Fork};
use ledger::policy::Policy;
use ledger::witness::WitnessKey;
use ledger::{Checkpoint, Proof, VerifyingKey, tree};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Longest file that is read, bytes: a receipt.
const MAX_FILE: u64 = 8 << 20;
/// How deep a proof may stand in a receipt.
const MAX_DEPTH: usize = 8;

/// Whose cosignatures are asked for.
#[derive(clap::Args, Default)]
pub struct Witnesses {
    /// The public key of a witness that must have countersigned, `name+id+base64`; several times for several.
    #[arg(long = "witness", conflicts_with = "policy")]
    witnesses: Vec<String>,
    /// How many of them are enough; if it is not said, all.
    #[arg(long, requires = "witnesses")]
    quorum: Option<usize>,
    /// A file that says who must have countersigned (C2SP `tlog-policy`).
    #[arg(long)]
    policy: Option<PathBuf>,
}

impl Witnesses {
    /// The keys of which every one must have countersigned; none where fewer are enough.
    pub fn each(&self) -> Result<Vec<WitnessKey>, String> {
        if self.quorum.is_some() {
            return Ok(Vec::new());
        }
        let parse = |text: &String| {
            let key = text.parse();
            key.map_err(|error: ledger::key::Error| format!("the witness's key: {error}"))
        };
        self.witnesses.iter().map(parse).collect()
    }

    /// All of these.
    #[cfg(test)]
    pub fn of(witnesses: Vec<String>) -> Witnesses {
        Witnesses {
            witnesses,
            ..Witnesses::default()
        }
    }
}

/// Two checkpoints, and what lies between them.
#[derive(clap::Args)]
pub struct Two {
    /// The older: a checkpoint, a proof or a receipt.
    old: PathBuf,
    /// The newer, likewise. The order does not matter.
    new: PathBuf,
    /// The newer log's tiles, as `egard log` writes them or as they were mirrored from `/ledger/tile/`.
    #[arg(long, conflicts_with = "proof")]
    tiles: Option<PathBuf>,
    /// A consistency proof instead of tiles: hashes in base64, a line each.
    #[arg(long)]
    proof: Option<PathBuf>,
    /// If the log forked: where to write the proof of it, to be published.
    #[arg(long)]
    evidence: Option<PathBuf>,
}

impl Two {
    /// These two, with nothing between them.
    #[cfg(test)]
    pub fn of(old: &Path, new: &Path) -> Two {
        Two {
            old: old.to_path_buf(),
            new: new.to_path_buf(),
            tiles: None,
            proof: None,
            evidence: None,
        }
    }
}

/// The signed checkpoint in a file: the file itself, that of a proof, or that of the proof in a receipt.
pub fn find(bytes: &[u8]) -> Result<Vec<u8>, String> {
    if let Ok(proof) = Proof::parse(bytes) {
        return Ok(proof.checkpoint);
    }
    if let Ok(receipt) = serde_json::from_slice::<Value>(bytes) {
        let text = proof_in(&receipt, MAX_DEPTH).ok_or("there is no proof in this receipt (yet)")?;
        let proof = Proof::parse(text.as_bytes()).map_err(|error| error.to_string())?;
        return Ok(proof.checkpoint);
    }
    match Checkpoint::read_kept(bytes) {
        Ok(_) => Ok(bytes.to_vec()),
        Err(_) => Err("this is no checkpoint, no proof and no receipt".to_owned()),
    }
}

/// The text of a proof, wherever in the receipt it stands.
fn proof_in(value: &Value, depth: usize) -> Option<&str> {
    let depth = depth.checked_sub(1)?;
    match value {
        Value::String(text) => text.starts_with(ledger::proof::HEADER).then_some(text.as_str()),
        Value::Array(values) => values.iter().find_map(|value| proof_in(value, depth)),
        Value::Object(fields) => fields.values().find_map(|value| proof_in(value, depth)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Says who countersigned the checkpoint in these bytes; an error if they are not enough. `key` is the
/// log's, if it is known.
pub fn say_witnessed(bytes: &[u8], key: Option<&VerifyingKey>, witnesses: &Witnesses) -> Result<(), String> {
    for line in witnessed(bytes, key, witnesses)? {
        say(&line);
    }
    Ok(())
}

fn witnessed(bytes: &[u8], key: Option<&VerifyingKey>, witnesses: &Witnesses) -> Result<Vec<String>, String> {
    let Some(policy) = policy(witnesses)? else {
        return Ok(Vec::new());
    };
    if let Some(key) = key
        && !policy.knows_log(key)
    {
        return Err(format!("the log `{}` is not one of the policy's", key.name()));
    }
    if key.is_none() && !policy.logs.is_empty() {
        return Err("the policy names its logs: say whose this should be, --key or --key-file".to_owned());
    }
    let judged = policy.judge(&find(bytes)?).map_err(|error| error.to_string())?;
    let mut lines = vec![format!(
        "witnessed by {} of {} known witnesses",
        judged.by.len(),
        judged.of
    )];
    for cosigned in &judged.by {
        let time = i64::try_from(cosigned.time)
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .map_or_else(|| format!("second {}", cosigned.time), |time| time.to_string());
        lines.push(format!(
            "  `{}` had seen no other history by {time}",
            cosigned.witness
        ));
    }
    match judged.enough {
        true => Ok(lines),
        false => Err(format!(
            "{}, which is not enough: the log could be showing others another history",
            lines.join("; ").replace(";   ", "; ")
        )),
    }
}

fn policy(witnesses: &Witnesses) -> Result<Option<Policy>, String> {
    if let Some(path) = &witnesses.policy {
        let parsed = Policy::parse(&read(path)?);
        return parsed
            .map(Some)
            .map_err(|error| format!("`{}`: {error}", path.display()));
    }
    if witnesses.witnesses.is_empty() {
        return Ok(None);
    }
    let keys: Result<Vec<_>, ledger::key::Error> =
        witnesses.witnesses.iter().map(|text| text.parse()).collect();
    let keys = keys.map_err(|error| format!("the witness's key: {error}"))?;
    let quorum = witnesses.quorum.unwrap_or(keys.len());
    Policy::any(quorum, keys)
        .map(Some)
        .map_err(|error| error.to_string())
}

fn found(path: &Path) -> Result<Vec<u8>, String> {
    let found = read(path).and_then(|bytes| find(&bytes));
    found.map_err(|error| format!("`{}`: {error}", path.display()))
}

/// The one of these keys that signed both, beginning with the one that is trusted. After a key was exchanged
/// both sign for a while: a checkpoint of that time leads from the one key to the other.
pub fn signer_of_both(
    two: &Two,
    trusted: &VerifyingKey,
    reached: &[VerifyingKey],
) -> Result<VerifyingKey, String> {
    if reached.len() < 2 {
        return Ok(trusted.clone());
    }
    let both = [found(&two.old)?, found(&two.new)?];
    let signed = |key: &&VerifyingKey| both.iter().all(|one| Checkpoint::open(one, key).is_ok());
    let signer = reached.iter().find(signed).cloned();
    signer.ok_or_else(|| {
        "no key to which the chain leads signed both: compare each with a checkpoint of the time when both keys \
         signed"
            .to_owned()
    })
}

/// Whether two checkpoints of that log continue one another.
pub fn consistency(two: &Two, key: &VerifyingKey) -> Result<(), String> {
    let (old, new) = (found(&two.old)?, found(&two.new)?);
    match between(&old, &new, key, two)? {
        Comparison::Same => {
            say("the two are one checkpoint: the same size and root");
            Ok(())
        }
        Comparison::Continues => {
            say("the larger log is the smaller one with entries added: nothing was rewritten");
            Ok(())
        }
        Comparison::Forked(evidence) => {
            let fork = evidence.verify(key).map_err(|error| error.to_string())?;
            accuse(&fork, key);
            match &two.evidence {
                Some(path) => {
                    std::fs::write(path, evidence.encode(key))
                        .map_err(|error| format!("`{}`: {error}", path.display()))?;
                    say(&format!(
                        "written to `{}`: publish it; `egard verify fork` checks it",
                        path.display()
                    ));
                }
                None => say("say `--evidence FILE` to have a file of it that can be published"),
            }
            Err("the log forked".to_owned())
        }
    }
}

fn between(old: &[u8], new: &[u8], key: &VerifyingKey, two: &Two) -> Result<Comparison, String> {
    if let Some(path) = &two.proof {
        let text = String::from_utf8(read(path)?).map_err(|_| "the proof is not text".to_owned())?;
        let hashes: Option<Vec<_>> = text.lines().map(tree::from_base64).collect();
        let hashes = hashes.ok_or("the proof is not hashes in base64, a line each")?;
        let compared = fork::compare_by_proof(old, new, key, &hashes).map_err(|error| error.to_string())?;
        return compared.ok_or_else(|| {
            "this proof does not lead from the one to the other, and does not show that they exclude one \
             another: ask for another proof, or for the tiles (--tiles)"
                .to_owned()
        });
    }
    let Some(folder) = &two.tiles else {
        let compared = fork::compare_by_proof(old, new, key, &[]).map_err(|error| error.to_string())?;
        return compared.ok_or_else(|| {
            "they are of different sizes: give the newer log's tiles (--tiles FOLDER) or a consistency proof \
             (--proof FILE)"
                .to_owned()
        });
    };
    let storage = |path: &str| match std::fs::read(folder.join(path)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("`{path}`: {error}")),
    };
    fork::compare(old, new, key, storage).map_err(|error| match error {
        ledger::receipt::Error::Damaged => {
            "the tiles do not give the larger checkpoint's root: they are not its tiles, or damaged"
                .to_owned()
        }
        other => other.to_string(),
    })
}

/// Checks a piece of evidence that somebody published, against one of these keys of the log if there are any.
pub fn evidence(file: &Path, given: Option<&[VerifyingKey]>) -> Result<(), String> {
    let wrong = |error: fork::Error| format!("`{}`: {error}", file.display());
    let (accused, evidence) = Evidence::parse(&read(file)?).map_err(wrong)?;
    if given.is_some_and(|given| !given.contains(&accused)) {
        return Err("the evidence is against another log than that of the key given".to_owned());
    }
    let fork = evidence.verify(&accused).map_err(wrong)?;
    accuse(&fork, &accused);
    if given.is_none() {
        say("  the key was the evidence's own: compare it with the one the log publishes (--key)");
    }
    Ok(())
}

fn accuse(fork: &Fork, key: &VerifyingKey) {
    let Fork { older, newer, root } = fork;
    say(&format!(
        "PROOF OF MISBEHAVIOUR: the log `{}` signed two histories that exclude one another",
        older.origin
    ));
    say(&format!(
        "  one checkpoint says that its first {} entries have the root {}",
        older.size,
        tree::to_base64(&older.root)
    ));
    say(&format!(
        "  the other, of {} entries, holds a tree in which they have the root {}",
        newer.size,
        tree::to_base64(root)
    ));
    say(&format!("  both carry the signature of {key}"));
    say("  only who holds that key can have made both; no error of a disk or a network can");
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("`{}`: {error}", path.display());
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > MAX_FILE {
        return Err(format!("`{}` is longer than {MAX_FILE} bytes", path.display()));
    }
    std::fs::read(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SigningKey;
    use ledger::witness::{Request, Witness, attach};
    use std::collections::HashMap;
    use tempfile::TempDir;

    fn key() -> SigningKey {
        SigningKey::from_seed("shop.example/egard", &[1; 32]).unwrap()
    }

    fn carol() -> Witness {
        Witness::from_seed("carol.example", &[3; 32]).unwrap()
    }

    /// A log of so many entries; in the `forked` one, the entry 5 is another.
    fn log(size: u64, forked: bool) -> HashMap<String, Vec<u8>> {
        let entry = |number: u64| format!("{number} {}", forked && number == 5).into_bytes();
        let entries: Vec<Vec<u8>> = (0..size).map(entry).collect();
        let nothing = |_: &str| Ok::<_, String>(None);
        let made = ledger::sequence::integrate(None, &entries, &key(), nothing).unwrap();
        let mut files: HashMap<String, Vec<u8>> = made.growth.tiles.into_iter().collect();
        files.insert("checkpoint".to_owned(), made.checkpoint);
        files
    }

    fn put(folder: &TempDir, name: &str, files: &HashMap<String, Vec<u8>>) -> PathBuf {
        let folder = folder.path().join(name);
        for (path, bytes) in files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn two(old: &Path, new: &Path, tiles: Option<&Path>, evidence: Option<PathBuf>) -> Two {
        Two {
            old: old.join("checkpoint"),
            new: new.join("checkpoint"),
            tiles: tiles.map(Path::to_owned),
            proof: None,
            evidence,
        }
    }

    #[test]
    fn two_checkpoints_of_a_forked_log_become_a_file_that_proves_it_to_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let key = key();
        let key = key.verifying_key();
        for (old, new) in [(300, 700), (256, 700), (6, 6)] {
            let honest = put(&folder, &format!("honest-{old}"), &log(old, false));
            let forked = put(&folder, &format!("forked-{new}-{old}"), &log(new, true));
            let out = folder.path().join(format!("fork-{old}.json"));
            // Whichever is given first.
            for (one, other) in [(&honest, &forked), (&forked, &honest)] {
                let asked = two(one, other, Some(&forked), Some(out.clone()));
                assert_eq!(consistency(&asked, key), Err("the log forked".to_owned()));
            }
            evidence(&out, Some(std::slice::from_ref(key))).unwrap();
            evidence(&out, None).unwrap();
            let other = SigningKey::from_seed("shop.example/egard", &[2; 32]).unwrap();
            assert!(evidence(&out, Some(std::slice::from_ref(other.verifying_key()))).is_err());
            // It is the newer log's tiles that tell; the older one's accuse nobody.
            if old < new {
                let asked = two(&honest, &forked, Some(&honest), None);
                let refused = consistency(&asked, key).unwrap_err();
                assert!(!refused.contains("forked"), "{refused}");
            }
        }
        let (small, large) = (
            put(&folder, "small", &log(300, false)),
            put(&folder, "large", &log(700, false)),
        );
        consistency(&two(&small, &large, Some(&large), None), key).unwrap();
        consistency(&two(&small, &small, None, None), key).unwrap();
        assert!(
            consistency(&two(&small, &large, None, None), key)
                .unwrap_err()
                .contains("--tiles")
        );
    }

    #[test]
    fn a_checkpoint_is_found_in_a_note_a_proof_and_a_receipt() {
        let files = log(9, false);
        let key = key();
        let checkpoint = files["checkpoint"].clone();
        let storage = |path: &str| Ok::<_, String>(files.get(path).cloned());
        let proof = ledger::receipt::prove(4, &checkpoint, key.verifying_key(), storage).unwrap();
        let text = String::from_utf8(proof.encode()).unwrap();
        let receipt = serde_json::json!({ "a": [1, { "proof": text }], "vkey": "x" });
        for bytes in [
            checkpoint.clone(),
            proof.encode(),
            receipt.to_string().into_bytes(),
        ] {
            assert_eq!(find(&bytes), Ok(checkpoint.clone()));
        }
        for none in ["", "{}", "{\"proof\":null}", "hello\n"] {
            assert!(find(none.as_bytes()).is_err(), "{none}");
        }
    }

    #[test]
    fn who_witnessed_is_said_and_too_few_are_refused() {
        let key = key();
        let checkpoint = log(9, false)["checkpoint"].clone();
        let request = Request {
            old: 0,
            proof: Vec::new(),
            checkpoint: checkpoint.clone(),
        };
        let (_, line) = carol()
            .cosign(&request, key.verifying_key(), None, 1_785_628_800)
            .unwrap();
        let cosigned = attach(&checkpoint, &format!("{line}\n"), &[carol().key().clone()]).unwrap();
        let dave = Witness::from_seed("dave.example", &[4; 32]).unwrap();
        let both = |quorum| Witnesses {
            witnesses: vec![carol().key().to_string(), dave.key().to_string()],
            quorum,
            policy: None,
        };
        let said = witnessed(&cosigned, None, &both(Some(1))).unwrap();
        assert_eq!(said[0], "witnessed by 1 of 2 known witnesses");
        assert!(said[1].contains("carol.example") && said[1].contains("2026-08-02T00:00:00Z"));
        assert!(witnessed(&cosigned, None, &both(None)).is_err());
        assert!(witnessed(&checkpoint, None, &both(Some(1))).is_err());
        assert_eq!(
            witnessed(&checkpoint, None, &Witnesses::default()),
            Ok(Vec::new())
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy");
        let text = format!(
            "log {}\nwitness c {}\nwitness d {}\ngroup g any c d\nquorum g\n",
            key.verifying_key(),
            carol().key(),
            dave.key()
        );
        std::fs::write(&path, text).unwrap();
        let policy = Witnesses {
            policy: Some(path),
            ..Witnesses::default()
        };
        assert_eq!(
            witnessed(&cosigned, Some(key.verifying_key()), &policy)
                .unwrap()
                .len(),
            2
        );
        let other = SigningKey::from_seed("other.example", &[1; 32]).unwrap();
        assert!(witnessed(&cosigned, Some(other.verifying_key()), &policy).is_err());
        assert!(witnessed(&cosigned, None, &policy).is_err());
    }
}
