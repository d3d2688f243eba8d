//! A receipt as a person would have it checked: the command line's own code.

use crate::Target;
use crate::log::{checkpoint_bytes, entry_bytes, key, proof_bytes};

pub const TARGETS: &[&Target] = &[
    &Target {
        name: "receipt",
        run: receipt,
        seeds: || vec![genuine()],
    },
    &Target {
        name: "found-checkpoint",
        run: found,
        seeds: || vec![genuine(), proof_bytes(3), checkpoint_bytes()],
    },
];

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
        if let Ok(lines) = verify::check(bytes, given) {
            // They are shown on a terminal.
            let plain = |line: &String| !line.chars().any(char::is_control);
            assert!(lines.iter().all(plain), "{lines:?}");
        }
    }
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
