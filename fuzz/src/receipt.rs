//! A receipt as a person would have it checked: the command line's own code, and the document's.

use crate::Target;
use crate::log::{checkpoint_bytes, entry_bytes, key, proof_bytes};
use ::receipt::{Keys, Parts};
use vocabulary::Language;

pub const TARGETS: &[&Target] = &[
    &Target {
        name: "receipt",
        run: receipt,
        seeds: || {
            vec![
                genuine(),
                document("choice", CHOICE),
                document("recommendation", LIST),
            ]
        },
    },
    &Target {
        name: "receipt-details",
        run: details,
        seeds: || {
            vec![
                CHOICE.as_bytes().to_vec(),
                LIST.as_bytes().to_vec(),
                b"{}".to_vec(),
            ]
        },
    },
    &Target {
        name: "found-checkpoint",
        run: found,
        seeds: || vec![genuine(), proof_bytes(3), checkpoint_bytes()],
    },
];

const CHOICE: &str = "{\"at\":5,\"evidence\":{\"action\":\"save\",\"gpc\":true,\"notice\":{\"controller\":\"c\",\
                      \"id\":\"shop\",\"language\":\"fr\",\"valid_days\":9,\"version\":1},\"page\":\"a/b\"},\
                      \"states\":{\"train\":\"ConsentRefused\"}}";
const LIST: &str = "{\"at\":5.0,\"history\":[1],\"items\":[[\"a\",0.5]],\"mode\":\"profiled\"}";

#[allow(dead_code, reason = "the half that reads files is not used here")]
#[path = "../../crates/egard/src/verify.rs"]
mod verify;

/// A checkpoint is found in whatever a person has of it, or nothing is.
fn found(bytes: &[u8]) {
    if let Ok(found) = crate::checkpoints::find(bytes) {
        let _ = ledger::Checkpoint::open(&found, key().verifying_key());
    }
}

fn receipt(bytes: &[u8]) {
    for given in [Some(key().verifying_key()), None] {
        let keys = Keys {
            log: given.cloned(),
            witnesses: Vec::new(),
        };
        if let Ok(lines) = verify::check(bytes, &keys, Language::Fr) {
            // They are shown on a terminal.
            let plain = |line: &String| !line.chars().any(char::is_control);
            assert!(lines.iter().all(plain), "{lines:?}");
        }
    }
}

/// Whatever a log commits to, a receipt of it is refused or holds, to the byte, and shows only text that
/// stands in the details.
fn details(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for kind in ["choice", "recommendation", "later"] {
        let receipt = document(kind, text);
        if receipt.is_empty() {
            continue;
        }
        let keys = Keys {
            log: Some(key().verifying_key().clone()),
            witnesses: Vec::new(),
        };
        let checked = ::receipt::check(&receipt, &keys).expect("what is issued holds");
        assert_eq!(checked.parts.details, text);
        let mut longer = receipt.clone();
        longer.push(b' ');
        assert!(
            ::receipt::check(&longer, &keys).is_err(),
            "another byte is another receipt"
        );
    }
}

/// A receipt of these details, alone in a log; empty if there can be none.
fn document(kind: &str, details: &str) -> Vec<u8> {
    let secret = [1; 32];
    let entry = ledger::Entry {
        day: 20_779,
        kind: kind.to_owned(),
        purpose: None,
        charter: None,
        program: None,
        verdict: "allow".to_owned(),
        reasons: Vec::new(),
        commitment: ledger::entry::commit(&secret, details.as_bytes()),
    };
    let entry = entry.encode().expect("an entry");
    let nothing = |_: &str| Ok::<_, String>(None);
    let made = ledger::sequence::integrate(None, std::slice::from_ref(&entry), &key(), nothing).expect("a log");
    let proof = ledger::Proof {
        extra: Some(entry),
        index: 0,
        hashes: Vec::new(),
        checkpoint: made.checkpoint,
    };
    let parts = Parts {
        details: details.to_owned(),
        secret: ledger::tree::to_base64(&secret),
        tlog_proof: String::from_utf8(proof.encode()).expect("text"),
        log_key: key().verifying_key().to_string(),
        witness_keys: Vec::new(),
        notice_text: None,
    };
    ::receipt::issue(parts).unwrap_or_default().into_bytes()
}

fn genuine() -> Vec<u8> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let receipt = serde_json::json!({
        "record": "00112233445566778899aabbccddeeff",
        "vkey": key().verifying_key().to_string(),
        "entry": text(entry_bytes(1)),
        "secret": ledger::tree::to_base64(&[1; 32]),
        "details": "{}",
        "proof": text(proof_bytes(1)),
    });
    receipt.to_string().into_bytes()
}
