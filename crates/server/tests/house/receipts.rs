//! Receipts: what a person takes home can be checked without us, and nothing in it can be changed.

use super::problems;
use super::support::{self, House};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::{Entry, Proof, VerifyingKey};
use serde_json::{Value, json};

/// Checks a receipt as any reader of C2SP proofs would; an error says which part does not hold.
pub fn verify(receipt: &Value, vkey: &str) -> Result<(), String> {
    let text = |name: &str| receipt[name].as_str().unwrap_or_default();
    let key: VerifyingKey = vkey.parse().map_err(|e| format!("key: {e}"))?;
    let entry = Entry::parse(text("entry").as_bytes()).map_err(|e| format!("entry: {e}"))?;
    let secret = STANDARD
        .decode(text("secret"))
        .map_err(|e| format!("secret: {e}"))?;
    let secret: [u8; 32] = secret.try_into().map_err(|_| "secret: length")?;
    if !entry.verify_commitment(&secret, text("details").as_bytes()) {
        return Err("the entry commits to something else".to_owned());
    }
    let proof = Proof::parse(text("proof").as_bytes()).map_err(|e| format!("proof: {e}"))?;
    // The proof may carry the entry once more; no signature covers that copy.
    if proof
        .extra
        .as_deref()
        .is_some_and(|copy| copy != text("entry").as_bytes())
    {
        return Err("the proof carries another entry".to_owned());
    }
    let checked = proof.verify(text("entry").as_bytes(), &key);
    checked.map(drop).map_err(|e| format!("proof: {e}"))
}

async fn receipt(house: &House, record: &str) -> Value {
    let answer = house.get(&format!("/v1/records/{record}/receipt")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_proved_within_moments_and_anything_changed_in_it_is_found() {
    let house = support::learned().await;
    for who in ["p0", "refuser", "nobody we know"] {
        let record = house.recommend(json!({ "userId": who })).await["record"].clone();
        let record = record.as_str().unwrap();
        let early = receipt(&house, record).await;
        house.app.gate.integrate().await.unwrap();
        let proved = receipt(&house, record).await;
        for field in ["record", "vkey", "entry", "secret", "details"] {
            assert!(!early[field].as_str().unwrap().is_empty());
            assert_eq!(early[field], proved[field], "{field}: the receipt changed");
        }
        let vkey = house.app.gate.vkey();
        assert_eq!(proved["vkey"], vkey.as_str());
        verify(&proved, &vkey).unwrap();
        assert!(early["proof"].is_null() || early["proof"].is_string());
        if early["proof"].is_null() {
            assert!(verify(&early, &vkey).is_err(), "verified without a proof");
        }

        let details: Value = serde_json::from_str(proved["details"].as_str().unwrap()).unwrap();
        let mode = if who == "p0" { "profiled" } else { "contextual" };
        assert_eq!(details["mode"], mode);
        assert!(
            !proved["entry"].as_str().unwrap().contains(who),
            "the public log names somebody"
        );

        for field in ["entry", "secret", "details", "proof"] {
            let text = proved[field].as_str().unwrap();
            for place in [0, text.len() / 3, text.len() / 2] {
                let mut changed = text.as_bytes().to_vec();
                changed[place] = if changed[place] == b'7' { b'8' } else { b'7' };
                let mut forged = proved.clone();
                forged[field] = json!(String::from_utf8_lossy(&changed));
                assert!(
                    verify(&forged, &vkey).is_err(),
                    "{field} changed at {place} was not found"
                );
            }
        }
        let other = ledger::SigningKey::from_seed(support::ORIGIN, &[7; 32]).unwrap();
        assert!(
            verify(&proved, &other.verifying_key().to_string()).is_err(),
            "another log's key"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_comes_by_itself() {
    let house = support::learned().await;
    let record = house.recommend(json!({ "userId": "p0" })).await["record"].clone();
    let record = record.as_str().unwrap();
    // The server integrates about once a second; the loop only ends the test if it never does.
    for _ in 0..300 {
        let taken = receipt(&house, record).await;
        if taken["proof"].is_string() {
            return verify(&taken, &house.app.gate.vkey()).unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the leaf never got into the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_record_is_not_found_whatever_its_name_looks_like() {
    let house = support::start_in_memory().await;
    for id in [
        "00000000000000000000000000000000",
        "1",
        "zz",
        "..%2f..%2fetc",
        "%ff%fe",
        "%00",
    ] {
        let answer = house.get(&format!("/v1/records/{id}/receipt")).await;
        problems::check(&answer, if id == "%ff%fe" { 400 } else { 404 });
    }
}
