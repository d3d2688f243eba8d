//! A small log with records of several kinds, and their receipts; with one witness and with none.
#![allow(dead_code, reason = "each who uses it uses its own part")]

use ledger::witness::{Request, Witness, attach};
use ledger::{Checkpoint, Entry, SigningKey};
use receipt::Parts;
use std::collections::HashMap;

pub const ORIGIN: &str = "shop.example/egard";

/// The words of a notice, canonical, with their hash as the details name it.
pub const WORDS: &str = "{\"language\":\"fr\",\"purposes\":[{\"label\":\"Vos recommandations\",\"purpose\":\"personalise\",\"text\":\"« Oui » : nous choisissons d’après vos achats.\"}],\"text\":\"Nous aimerions…\\nVous pouvez dire non.\",\"title\":\"Votre choix\"}";

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

pub fn witness(seed: u8) -> Witness {
    Witness::from_seed("witness.example/w", &[seed; 32]).unwrap()
}

fn hash(text: &str) -> String {
    vocabulary::Digest::of(text.as_bytes()).to_string()
}

/// Kind, purpose, details.
pub fn records() -> Vec<(&'static str, Option<&'static str>, String)> {
    let consent = format!(
        "{{\"about\":null,\"act\":null,\"at\":1795378500123,\"evidence\":{{\"action\":\"accept_all\",\"adpc\":false,\
         \"component\":\"dialogue\",\"gpc\":true,\"notice\":{{\"controller\":\"Le Port, Brest\",\"digest\":\"{}\",\
         \"id\":\"shop\",\"language\":\"fr\",\"text\":\"{}\",\"valid_days\":180,\"version\":3}},\"origin\":null,\
         \"page\":\"shop.example/tasses\"}},\"gpc\":true,\"objected\":false,\"objected_marketing\":false,\
         \"restricted\":false,\"soft_opt_in\":null,\"source\":\"shop\",\"states\":{{\"personalise\":\"ConsentGiven\",\
         \"train\":\"ConsentRefused\",\"market_by_email\":\"ConsentWithdrawn\"}}}}",
        hash("file"),
        hash(WORDS)
    );
    let import = "{\"at\":1700000000000,\"evidence\":{\"action\":\"reported\",\"adpc\":true,\"component\":\"import\",\
                  \"gpc\":false,\"notice\":null,\"origin\":{\"at\":1600000000000,\"source\":\"old \\\"shop\\\"\\n\"},\"page\":null},\
                  \"soft_opt_in\":{\"product\":\"mug\"},\"source\":\"import\",\"states\":{\"segment\":\"RenewedConsentGiven\",\"other\":\"ConsentGiven\"}}";
    let list = "{\"at\":1795378500456,\"catalogue\":\"ab\",\"excluded\":[],\"history\":[[\"i1\",2,0,1,5],[\"i2\",1,0,0,6]],\
                \"items\":[[\"i7\",0.25],[\"i\\u00e9<8>\",1e-7]],\"mode\":\"profiled\",\"model\":\"cd\",\"muted\":[],\
                \"request\":{\"limit\":2,\"placement\":\"home\"}}";
    vec![
        ("choice", None, consent),
        ("choice", None, import.to_owned()),
        (
            "choice",
            None,
            "{\"act\":\"mute\",\"about\":\"i3\",\"at\":5.0}".to_owned(),
        ),
        ("recommendation", Some("personalise"), list.to_owned()),
        (
            "staff",
            Some("human_help"),
            "{\"at\":1e3,\"by\":\"Helen\"}".to_owned(),
        ),
        (
            "export",
            Some("of.later"),
            "{\"__proto__\":1,\"at\":\"soon\"}".to_owned(),
        ),
        ("access", None, "{}".to_owned()),
    ]
}

pub fn secret(at: usize) -> [u8; 32] {
    [at as u8 + 1; 32]
}

/// The parts of each record in a log of these and so many others; the checkpoint is countersigned if
/// asked.
pub fn parts(
    records: &[(&'static str, Option<&'static str>, String)],
    others: usize,
    witnessed: bool,
) -> Vec<Parts> {
    let log = key(1);
    let entries: Vec<Vec<u8>> = (0..records.len() + others)
        .map(|at| {
            let (kind, purpose, details) = match records.get(at) {
                Some((kind, purpose, details)) => (*kind, *purpose, details.as_str()),
                None => ("decision", None, "{}"),
            };
            let entry = Entry {
                day: 20_779 + at as u32,
                kind: kind.to_owned(),
                purpose: purpose.map(str::to_owned),
                charter: (at % 2 == 0).then_some([at as u8; 32]),
                program: (at % 3 == 0).then_some([7; 32]),
                verdict: "allow".to_owned(),
                reasons: vec!["consent".to_owned(), "personalise.history".to_owned()],
                commitment: ledger::entry::commit(&secret(at), details.as_bytes()),
            };
            entry.encode().unwrap()
        })
        .collect();
    let made = ledger::sequence::integrate(None, &entries, &log, |_: &str| Ok::<_, String>(None)).unwrap();
    let files: HashMap<String, Vec<u8>> = made.growth.tiles.into_iter().collect();
    let read = |path: &str| Ok::<_, String>(files.get(path).cloned());
    let mut checkpoint = made.checkpoint;
    let mut witness_keys = Vec::new();
    if witnessed {
        let by = witness(9);
        let request = Request {
            old: 0,
            proof: Vec::new(),
            checkpoint: checkpoint.clone(),
        };
        let (_, line) = by
            .cosign(&request, log.verifying_key(), None::<&Checkpoint>, 1_795_378_600)
            .unwrap();
        checkpoint = attach(&checkpoint, &line.to_string(), &[by.key().clone()]).unwrap();
        witness_keys.push(by.key().to_string());
    }
    let part = |(at, (_, _, details)): (usize, &(&str, Option<&str>, String))| {
        let proof =
            ledger::receipt::prove_carrying(at as u64, &checkpoint, log.verifying_key(), read).unwrap();
        Parts {
            details: details.clone(),
            secret: ledger::tree::to_base64(&secret(at)),
            tlog_proof: String::from_utf8(proof.encode()).unwrap(),
            log_key: log.verifying_key().to_string(),
            witness_keys: witness_keys.clone(),
            notice_text: details.contains(&hash(WORDS)).then(|| WORDS.to_owned()),
        }
    };
    records.iter().enumerate().map(part).collect()
}

/// Good receipts of every kind.
pub fn receipts() -> Vec<String> {
    let mut all = Vec::new();
    for (others, witnessed) in [(0, false), (30, true)] {
        for parts in parts(&records(), others, witnessed) {
            let without_words = Parts {
                notice_text: None,
                ..parts.clone()
            };
            if parts.notice_text.is_some() {
                all.push(receipt::issue(without_words).unwrap());
            }
            all.push(receipt::issue(parts).unwrap());
        }
    }
    let alone = vec![records().remove(0)];
    all.extend(
        parts(&alone, 0, false)
            .into_iter()
            .map(|parts| receipt::issue(parts).unwrap()),
    );
    all
}
