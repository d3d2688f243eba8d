//! Receipts: what a person takes home can be checked without us, and nothing in it can be changed.

use super::support::{self, House};
use super::{problems, sample};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
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

fn keys(house: &House) -> receipt::Keys {
    receipt::Keys {
        log: Some(house.app.gate.vkey().parse().unwrap()),
        witnesses: Vec::new(),
    }
}

async fn document(house: &House, record: &str) -> super::support::Answer {
    let answer = house.get(&format!("/v1/records/{record}/receipt.jsonld")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "application/ld+json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_and_its_taking_back_has_a_receipt_that_says_so() {
    let house = support::start_in_memory().await;
    let notices = house.app.gate.notices();
    let notice = notices.in_force().next().unwrap().clone();
    let mut seen = Vec::new();
    for (yes, action) in [(false, "refuse_all"), (true, "accept_all"), (false, "withdraw")] {
        let stated = json!({
            "userId": "ann",
            "choices": { "personalise": yes },
            "notice": { "id": notice.id(), "version": notice.version(), "language": "fr" },
            "action": action,
            "page": "https://shop.example/mugs?email=a@b.example",
        });
        let answer = house.api(Method::POST, "/v1/consents", &stated).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let record = answer.json()["record"].as_str().unwrap().to_owned();
        let taken = document(&house, &record).await;
        let checked = receipt::check(&taken.body, &keys(&house)).unwrap();
        let shown = taken.json();
        assert_eq!(shown["@type"], "ConsentReceipt");
        assert_eq!(shown["event"]["action"], action);
        assert_eq!(shown["event"]["page"], "shop.example/mugs");
        assert_eq!(shown["notice"]["controller"]["name"], notice.controller());
        assert_eq!(
            shown["notice"]["words"]["title"],
            notice.text(vocabulary::Language::Fr).title.as_str()
        );
        assert_eq!(shown["notice"]["validity"], format!("P{}D", notice.valid_days()));
        let state = shown["consents"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == "personalise");
        seen.push(state.unwrap()["status"].as_str().unwrap().to_owned());
        assert!(checked.words.is_some() && !taken.text().contains("a@b.example"));
        // The same bytes whenever it is taken while the log has not grown.
        assert_eq!(document(&house, &record).await.body, taken.body);
    }
    assert_eq!(
        seen,
        ["dpv:ConsentRefused", "dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_of_a_decision_says_what_was_decided_and_nothing_that_is_not_proved() {
    let house = support::learned().await;
    let list = house.recommend(json!({ "userId": "p0" })).await;
    let taken = document(&house, list["record"].as_str().unwrap()).await;
    let checked = receipt::check(&taken.body, &keys(&house)).unwrap();
    let decided: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["item"].as_str().or(item["id"].as_str()).unwrap())
        .collect();
    assert_eq!(checked.facts.decision.unwrap().items, decided);
    let shown = taken.json();
    assert_eq!(shown["use"]["purpose"], "dpv:ProvidePersonalisedRecommendations");
    let mut forged = taken.text().replacen(decided[0], "i23", 1);
    if decided[0] == "i23" {
        forged = taken.text().replacen("i23", "i22", 1);
    }
    assert!(receipt::check(forged.as_bytes(), &keys(&house)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn context_and_schema_stand_where_receipts_say() {
    let house = support::start_in_memory().await;
    let context = house.get(receipt::CONTEXT_PATH).await;
    assert_eq!(context.headers["content-type"], "application/ld+json");
    let built_in: Value = serde_json::from_str(receipt::CONTEXT).unwrap();
    assert_eq!(context.json()["@context"], built_in);
    let schema = house.get(receipt::SCHEMA_PATH).await;
    assert_eq!(schema.headers["content-type"], "application/schema+json");
    assert_eq!(
        schema.json()["properties"]["schemaVersion"]["const"],
        receipt::SCHEMA_VERSION
    );
}

#[test]
fn the_terms_of_receipts_are_those_of_the_register() {
    for row in gate::purposes::register() {
        assert_eq!(
            receipt::terms(row.name),
            (row.dpv, row.legal_basis),
            "{}",
            row.name
        );
    }
}

/// Receipts as a browser is to judge them: `[bytes in base64, key from elsewhere, code]`; the code is empty
/// for what holds. Good ones, one changed byte in every few, parts exchanged between receipts, and parts
/// that are signed and still say what no reader may show.
pub(super) fn cases() -> Vec<(String, String, String)> {
    let key = sample::key(1).verifying_key().to_string();
    let other = sample::key(2).verifying_key().to_string();
    let mut cases = Vec::new();
    let mut add = |bytes: &[u8], given: &str| {
        let keys = receipt::Keys {
            log: (!given.is_empty()).then(|| given.parse().unwrap()),
            witnesses: Vec::new(),
        };
        let code = receipt::check(bytes, &keys).map_or_else(|error| error.code(), |_| "");
        cases.push((STANDARD.encode(bytes), given.to_owned(), code.to_owned()));
    };
    let receipts = sample::receipts();
    for (number, good) in receipts.iter().enumerate() {
        add(good.as_bytes(), &key);
        add(good.as_bytes(), "");
        add(good.as_bytes(), &other);
        let from = good.find("\"proof\"").unwrap();
        // More places in the proof than in what follows from it.
        let places = (number % 7..good.len())
            .step_by(97)
            .chain((from + number % 5..good.len()).step_by(61));
        for at in places {
            let mut changed = good.clone().into_bytes();
            changed[at] = match changed[at] {
                b'A' => b'B',
                b'0'..=b'8' => changed[at] + 1,
                byte if at % 4 == 0 => byte ^ 0x20,
                byte if at % 4 == 1 => byte ^ 1,
                _ => b'A',
            };
            add(&changed, "");
        }
        for end in ["", "\n", " ", "\u{feff}"] {
            add(format!("{}{end}", good.trim_end()).as_bytes(), "");
            add(format!("{end}{good}").as_bytes(), "");
        }
    }
    // A log may commit to details that no two readers would show alike.
    for details in [
        "{\"at\":9007199254740993,\"source\":\"s\"}",
        "{\"at\":1e999}",
        "{\"at\":-5,\"states\":{\"train\":\"ConsentGiven\",\"train\":\"ConsentRefused\"}}",
        "{\"at\":5.5,\"evidence\":{\"gpc\":true,\"page\":7,\"notice\":{\"valid_days\":0,\"version\":1.0}}}",
        "{\"source\":\"\\ud800\"}",
        "{\"source\":\"\\ud83d\\ude00 \\u0007\\u2028</script>\"}",
        "{\"__proto__\":{\"source\":\"x\"},\"constructor\":1,\"soft_opt_in\":{}}",
        "[]",
        "not json",
        "",
    ] {
        let parts = sample::parts(&[("choice", None, details.to_owned())], 3, true).remove(0);
        match receipt::issue(parts.clone()) {
            Ok(receipt) => add(receipt.as_bytes(), &key),
            // What is never issued is forged here, in the form of a good one.
            Err(_) => {
                let good =
                    receipt::issue(sample::parts(&[("choice", None, "{}".to_owned())], 3, true).remove(0))
                        .unwrap();
                let mut forged: Value = serde_json::from_str(&good).unwrap();
                forged["proof"]["details"] = json!(parts.details);
                forged["proof"]["tlogProof"] = json!(parts.tlog_proof);
                add(forged.to_string().as_bytes(), "");
            }
        }
    }
    for secret in ["", "AAAA", "AAAA AAA", "not base64"] {
        let mut changed: Value = serde_json::from_str(&receipts[0]).unwrap();
        changed["proof"]["secret"] = json!(secret);
        add(changed.to_string().as_bytes(), &key);
    }
    // Parts of one receipt in another.
    for (one, two) in receipts.iter().zip(receipts.iter().skip(1)) {
        for part in [
            "details",
            "secret",
            "tlogProof",
            "logKey",
            "witnessKeys",
            "noticeText",
        ] {
            let (mut mixed, other): (Value, Value) = (
                serde_json::from_str(one).unwrap(),
                serde_json::from_str(two).unwrap(),
            );
            mixed["proof"][part] = other["proof"].get(part).cloned().unwrap_or(Value::Null);
            add(mixed.to_string().as_bytes(), "");
        }
    }
    cases
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
