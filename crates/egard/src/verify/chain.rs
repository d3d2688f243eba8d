//! The published chain of a log's keys: `egard verify` follows it from the key that is trusted to the one
//! that signed.

use ledger::VerifyingKey;
use ledger::succession::{self, Link};
use serde::Deserialize;
use std::path::Path;

/// What `/ledger/keys` answers.
#[derive(Deserialize)]
struct Published {
    links: Vec<String>,
}

/// Reads a chain and checks each link; one that is not signed by both its keys is refused.
pub fn read(path: &Path) -> Result<Vec<Link>, String> {
    let words = |error: String| format!("`{}`: {error}", path.display());
    let bytes = super::read(path, super::MAX_RECEIPT)?;
    let published: Published = serde_json::from_slice(&bytes).map_err(|error| words(error.to_string()))?;
    let links = published
        .links
        .iter()
        .map(|link| succession::open(link.as_bytes()));
    links
        .collect::<Result<_, _>>()
        .map_err(|error| words(error.to_string()))
}

/// The key that is trusted, then every key to or from which the chain leads.
pub fn reached(trusted: &VerifyingKey, links: &[Link]) -> Vec<VerifyingKey> {
    let mut keys = vec![trusted.clone()];
    for key in links.iter().flat_map(|link| [&link.old, &link.new]) {
        if !keys.contains(key) && succession::distance(trusted, key, links).is_some() {
            keys.push(key.clone());
        }
    }
    keys
}

/// The words about how one key leads to the other; an error if it does not.
pub fn follow(trusted: &VerifyingKey, signer: &VerifyingKey, links: &[Link]) -> Result<String, String> {
    match succession::distance(trusted, signer, links) {
        Some(0) => Ok(format!("  signed by the key `{}` that was given", signer.id())),
        Some(steps) => Ok(format!(
            "  signed by the key `{}`, to which the chain leads from `{}` in {steps} steps",
            signer.id(),
            trusted.id()
        )),
        None => Err("neither the key given nor the chain of keys leads to the key that signed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SigningKey;

    #[test]
    fn a_chain_leads_from_the_key_that_is_trusted_or_nowhere() {
        let key = |seed| SigningKey::from_seed("shop.example/egard", &[seed; 32]).unwrap();
        let link = String::from_utf8(succession::link(&key(1), &key(2)).unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        let text = serde_json::json!({ "vkey": "", "also": [], "links": [link] }).to_string();
        std::fs::write(&file, &text).unwrap();
        let links = read(&file).unwrap();
        let (one, two, three) = (key(1), key(2), key(3));
        assert!(follow(one.verifying_key(), two.verifying_key(), &links).is_ok());
        assert!(follow(two.verifying_key(), one.verifying_key(), &links).is_ok());
        assert!(follow(one.verifying_key(), three.verifying_key(), &links).is_err());
        std::fs::write(&file, text.replace("succession v1", "succession v2")).unwrap();
        assert!(read(&file).is_err());
    }
}
