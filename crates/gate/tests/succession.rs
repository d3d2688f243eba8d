//! Exchanging the key of the log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, consent, options, secret, user, viewed};
use gate::purposes::Personalise;
use gate::{Fate, Gate, LedgerKey, Unavailable};
use ledger::succession;
use ledger::{Checkpoint, Entry, Proof, VerifyingKey};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use store::{Memory, Shelf};

fn log_key(current: u8, older: &[u8]) -> LedgerKey {
    LedgerKey {
        origin: "test.example/egard".to_owned(),
        secret: secret(current),
        older: older.iter().map(|key| secret(*key)).collect(),
    }
}

fn open_with(shelf: Arc<dyn Shelf>, key: LedgerKey, folder: &Path) -> Result<House, Unavailable> {
    let now = Arc::new(AtomicI64::new(NOON));
    let mut options = options(shelf, 1, 102, &now, Some(folder));
    options.ledger = key;
    Ok(House::of(Gate::open(options)?, now))
}

/// A decision about somebody, and its receipt's key and proof.
async fn receipt(house: &House, name: &str) -> (VerifyingKey, String) {
    let sent = vec![consent(name, NOON, &[("Marketing", true)]), viewed(name, "mug")];
    assert_eq!(house.send(sent).await, [Fate::Stored; 2]);
    let decided = house
        .gate
        .decide::<Personalise, _, _>(&user(name), common::ask(NOON), |_| common::Lines(Vec::new()))
        .await;
    let record = decided.unwrap().unwrap().record;
    house.gate.integrate().await.unwrap();
    let ask = gate::Ask {
        requester: gate::charter::Requester::Person,
        ..common::ask(NOON)
    };
    let receipt = house.gate.receipt(record, ask).await.unwrap().unwrap().unwrap();
    (receipt.vkey.parse().unwrap(), receipt.proof.unwrap())
}

fn verifies(proof: &str, key: &VerifyingKey) -> bool {
    Proof::parse(proof.as_bytes())
        .unwrap()
        .verify_carried(key)
        .is_ok()
}

async fn checkpoint(house: &House) -> Vec<u8> {
    house.gate.checkpoint().await.unwrap().unwrap()
}

/// What the log says of keys, in order.
async fn announced(house: &House, key: &VerifyingKey) -> Vec<Entry> {
    let size = Checkpoint::open(&checkpoint(house).await, key).unwrap().size;
    let mut found = Vec::new();
    for tile in ledger::tile::all(size) {
        if tile.kind == ledger::tile::Kind::Entries {
            let bytes = house.gate.tile(tile.path()).await.unwrap().unwrap();
            let entries = tile.entries(&bytes).unwrap();
            found.extend(entries.iter().map(|entry| Entry::parse(entry).unwrap()));
        }
    }
    found.retain(|entry| entry.kind == "log-key");
    found
}

#[tokio::test]
async fn the_new_key_is_announced_under_the_old_one_and_receipts_of_both_verify() {
    let folder = tempfile::tempdir().unwrap();
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = open_with(Arc::clone(&shelf), log_key(103, &[]), folder.path()).unwrap();
    let (old, old_proof) = receipt(&house, "ann").await;
    // While it is in use.
    assert!(!house.gate.take_up_log_key(log_key(103, &[])).await.unwrap());
    assert!(house.gate.take_up_log_key(log_key(104, &[103])).await.unwrap());
    let (new, new_proof) = receipt(&house, "ben").await;
    assert_ne!(old, new);
    assert_eq!(house.gate.vkey(), new.to_string());
    // Both sign.
    let both = checkpoint(&house).await;
    assert!(Checkpoint::open(&both, &old).is_ok() && Checkpoint::open(&both, &new).is_ok());
    assert!(verifies(&new_proof, &old) && verifies(&new_proof, &new));
    assert!(verifies(&old_proof, &old) && !verifies(&old_proof, &new));
    // The chain leads from one to the other, and the log says so.
    let keys = house.gate.log_keys().await.unwrap();
    let links: Vec<_> = keys
        .links
        .iter()
        .map(|link| succession::open(link.as_bytes()).unwrap())
        .collect();
    assert_eq!(succession::distance(&old, &new, &links), Some(1));
    assert_eq!(keys.also, [old.to_string()]);
    let entries = announced(&house, &new).await;
    assert_eq!(entries.len(), 1);
    let digest = vocabulary::Digest::of(new.to_string().as_bytes());
    assert_eq!(entries[0].reasons, [format!("vkey:{digest}")]);
    house.gate.close().await;
    drop(house);

    // The transition ends: the old key is taken away, and nothing is announced again.
    let house = open_with(Arc::clone(&shelf), log_key(104, &[103]), folder.path()).unwrap();
    house.gate.take_up_log_key(log_key(104, &[])).await.unwrap();
    let (last, last_proof) = receipt(&house, "cas").await;
    assert_eq!(last, new);
    assert!(verifies(&last_proof, &new) && !verifies(&last_proof, &old));
    assert_eq!(announced(&house, &new).await.len(), 1);
    // The log is one: the newest continues what the old key signed.
    let stored = Arc::clone(&shelf);
    let continued = ledger::verify::verify_consistency(&both, &checkpoint(&house).await, &new, |path| {
        stored.tile(path).map_err(|error| error.to_string())
    });
    continued.unwrap();
    house.gate.close().await;
    drop(house);
    open_with(shelf, log_key(104, &[]), folder.path()).unwrap();
}

#[tokio::test]
async fn a_start_with_a_new_key_announces_it_and_without_the_old_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = open_with(Arc::clone(&shelf), log_key(103, &[]), folder.path()).unwrap();
    let (old, _) = receipt(&house, "ann").await;
    house.gate.close().await;
    drop(house);
    let refused = open_with(Arc::clone(&shelf), log_key(104, &[]), folder.path())
        .err()
        .unwrap();
    assert!(matches!(refused, Unavailable::Ledger(_)), "{refused}");
    let house = open_with(Arc::clone(&shelf), log_key(104, &[103]), folder.path()).unwrap();
    let (new, _) = receipt(&house, "ben").await;
    assert_eq!(announced(&house, &new).await.len(), 1);
    // A third, before the first is gone.
    assert!(
        house
            .gate
            .take_up_log_key(log_key(105, &[104, 103]))
            .await
            .unwrap()
    );
    let keys = house.gate.log_keys().await.unwrap();
    let links: Vec<_> = keys
        .links
        .iter()
        .map(|link| succession::open(link.as_bytes()).unwrap())
        .collect();
    let third: VerifyingKey = keys.vkey.parse().unwrap();
    assert_eq!(succession::distance(&old, &third, &links), Some(2));
    assert!(Checkpoint::open(&checkpoint(&house).await, &old).is_ok());
    house.gate.close().await;
}
