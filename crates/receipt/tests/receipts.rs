//! What a receipt promises: it says what it proves, nothing in it can be changed, its bytes are always
//! the same, and its form is the published one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    reason = "a test may panic"
)]

mod sample;

use proptest::prelude::*;
use receipt::{Error, Keys, Parts, SCHEMA, Unproved, check, issue};
use serde_json::Value;

fn given() -> Keys {
    Keys {
        log: Some(sample::key(1).verifying_key().clone()),
        witnesses: Vec::new(),
    }
}

#[test]
fn a_good_receipt_is_proved_by_a_key_from_elsewhere() {
    for receipt in sample::receipts() {
        let checked = check(receipt.as_bytes(), &given()).unwrap();
        assert!(checked.key_given);
        assert_eq!(checked.origin, sample::ORIGIN);
        let own = check(receipt.as_bytes(), &Keys::default()).unwrap();
        assert!(!own.key_given, "its own key was taken for one from elsewhere");
    }
}

#[test]
fn every_byte_of_every_receipt_counts() {
    let mut tried = 0;
    for receipt in sample::receipts() {
        let bytes = receipt.as_bytes();
        for at in 0..bytes.len() {
            // Another character, another digit, another bit, and one that is not text.
            let others = [bytes[at] ^ 1, if bytes[at] == b'A' { b'B' } else { b'A' }, 0xff];
            let other = others[at % 3];
            let mut changed = bytes.to_vec();
            changed[at] = other;
            assert!(
                check(&changed, &Keys::default()).is_err(),
                "byte {at}: {} became {}",
                char::from(bytes[at]),
                char::from(other)
            );
            tried += 1;
        }
    }
    assert!(tried > 50_000, "{tried}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_any_kind_is_overlooked(
        which in 0usize..17, at in any::<prop::sample::Index>(), how in 0u8..4, byte in any::<u8>(),
    ) {
        let receipt = &sample::receipts()[which];
        let mut changed = receipt.clone().into_bytes();
        let place = at.index(changed.len());
        match how {
            0 => changed[place] = byte,
            1 => changed.insert(place, byte),
            2 => drop(changed.remove(place)),
            _ => changed.truncate(place),
        }
        if changed != receipt.as_bytes() {
            prop_assert!(check(&changed, &Keys::default()).is_err());
        }
    }

    #[test]
    fn what_is_committed_to_is_shown_or_left_out_but_never_another(
        details in prop_oneof![
            "[ -~é\n\t\"]{0,40}".prop_map(|text| serde_json::json!({"at": 5, "source": text, "act": text}).to_string()),
            any::<i64>().prop_map(|at| serde_json::json!({"at": at, "states": {"train": "ConsentGiven"}}).to_string()),
            any::<f64>().prop_map(|at| serde_json::json!({"at": at}).to_string()),
        ],
    ) {
        let parts = sample::parts(&[("choice", None, details.clone())], 2, false).remove(0);
        let receipt = issue(parts).unwrap();
        let checked = check(receipt.as_bytes(), &given()).unwrap();
        let shown: Value = serde_json::from_str(&receipt).unwrap();
        let meant: Value = serde_json::from_str(&details).unwrap();
        prop_assert_eq!(shown.get("source").cloned().unwrap_or_default(), meant.get("source").cloned().unwrap_or_default());
        prop_assert_eq!(&checked.parts.details, &details);
    }
}

#[test]
fn whoever_rewrites_the_readable_part_is_found_by_line() {
    let receipt = &sample::receipts()[1];
    for (true_word, false_word) in [
        ("dpv:ConsentRefused", "dpv:ConsentGiven"),
        ("Le Port, Brest", "Le Fort, Brest"),
        ("\"version\": 3", "\"version\": 4"),
        ("\"allow\"", "\"deny\""),
        ("\"truth\",\n", ""),
        ("https://w3id.org/dpv#", "https://w3id.org/dpw#"),
        ("\"name\": \"train\"", "\"name\":  \"train\""),
    ] {
        let at = receipt.find(true_word).unwrap_or_else(|| panic!("{true_word}"));
        let forged = receipt.replacen(true_word, false_word, 1);
        let line = receipt[..at].matches('\n').count() + 1;
        match check(forged.as_bytes(), &given()) {
            Err(Error::Readable { line: found }) => assert_eq!(found, line, "{true_word}"),
            other => panic!("{true_word}: {other:?}"),
        }
    }
    for more in [
        format!("{receipt}\n"),
        format!(" {receipt}"),
        receipt.trim_end().to_owned(),
        receipt.replace('\n', "\r\n"),
    ] {
        assert!(
            check(more.as_bytes(), &given()).is_err(),
            "other bytes were taken for the same"
        );
    }
}

#[test]
fn each_refusal_says_which_part_it_was() {
    let parts = sample::parts(&sample::records(), 30, true);
    let good = &parts[0];
    let code = |change: &dyn Fn(&mut Parts)| {
        let mut changed = good.clone();
        change(&mut changed);
        issue(changed).unwrap_err().code()
    };
    assert_eq!(code(&|p| p.details.push(' ')), "commitment");
    assert_eq!(code(&|p| p.secret = parts[1].secret.clone()), "commitment");
    assert_eq!(code(&|p| p.secret.truncate(8)), "secret");
    assert_eq!(
        code(&|p| p.log_key = sample::key(2).verifying_key().to_string()),
        "signature"
    );
    assert_eq!(code(&|p| p.log_key.push('=')), "key");
    assert_eq!(code(&|p| p.notice_text = Some("{}".to_owned())), "words");
    assert_eq!(
        code(&|p| p.tlog_proof = p.tlog_proof.replacen("index 0", "index 1", 1)),
        "inclusion"
    );
    assert_eq!(
        code(&|p| p.tlog_proof = p.tlog_proof.replacen("index 0", "index 00", 1)),
        "proof"
    );

    let receipt = issue(good.clone()).unwrap();
    let other = Keys {
        log: Some(sample::key(2).verifying_key().clone()),
        witnesses: Vec::new(),
    };
    assert_eq!(check(receipt.as_bytes(), &other).unwrap_err(), Error::OtherKey);
    // A key without its signature, or a signature without its key, could be changed unseen.
    let key = good.witness_keys[0].clone();
    let stranger = receipt.replace(&format!("[\n      \"{key}\"\n    ]"), "[]");
    assert_ne!(stranger, receipt);
    assert_eq!(
        check(stranger.as_bytes(), &given()).unwrap_err().code(),
        "stranger"
    );
}

#[test]
fn a_witness_counts_only_if_its_key_is_from_elsewhere() {
    let witnessed = sample::parts(&sample::records(), 30, true).remove(0);
    let alone = sample::parts(&sample::records(), 30, false).remove(0);
    let keys = Keys {
        witnesses: vec![sample::witness(9).key().clone()],
        ..given()
    };
    let receipt = issue(witnessed).unwrap();
    assert!(check(receipt.as_bytes(), &keys).unwrap().cosigned[0].1);
    assert!(!check(receipt.as_bytes(), &given()).unwrap().cosigned[0].1);
    let other = Keys {
        witnesses: vec![sample::witness(8).key().clone()],
        ..given()
    };
    for (receipt, keys) in [(&receipt, &other), (&issue(alone).unwrap(), &keys)] {
        assert_eq!(
            check(receipt.as_bytes(), keys).unwrap_err().code(),
            "not-witnessed"
        );
    }
}

#[test]
fn signatures_that_nobody_can_check_are_taken_off() {
    let mut parts = sample::parts(&sample::records(), 30, true).remove(0);
    let key = parts.witness_keys.remove(0);
    let receipt = issue(parts).unwrap();
    assert!(!receipt.contains("witness.example") && check(receipt.as_bytes(), &given()).is_ok());
    let mut unsigned = sample::parts(&sample::records(), 30, false).remove(0);
    unsigned.witness_keys.push(key);
    assert!(!issue(unsigned).unwrap().contains("witness.example"));
}

#[test]
fn what_is_not_proved_is_named() {
    let receipts = sample::receipts();
    let unproved = |at: usize| check(receipts[at].as_bytes(), &given()).unwrap().unproved;
    let with_words = unproved(1);
    assert!(!with_words.contains(&Unproved::Controller) && !with_words.contains(&Unproved::NoticeWords));
    assert!(
        unproved(0).contains(&Unproved::NoticeWords),
        "a hash was taken for words"
    );
    assert!(unproved(4).contains(&Unproved::Controller));
    for receipt in &receipts {
        let document: Value = serde_json::from_str(receipt).unwrap();
        let named = document["notProved"].as_array().unwrap();
        for always in ["truth", "dataSubject", "processing"] {
            assert!(named.contains(&Value::from(always)));
        }
    }
}

#[test]
fn the_same_parts_give_the_same_bytes() {
    assert_eq!(sample::receipts(), sample::receipts());
}

#[test]
fn every_receipt_is_of_the_published_schema_and_context() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let context: Value = serde_json::from_str(receipt::CONTEXT).unwrap();
    for receipt in sample::receipts() {
        let document: Value = serde_json::from_str(&receipt).unwrap();
        fits(&schema, &schema, &document, "").unwrap_or_else(|why| panic!("{why}\n{receipt}"));
        assert_eq!(document["@context"], context);
        for member in ["kind", "notProved", "proof", "@context", "receiptId"] {
            let mut less = document.clone();
            less.as_object_mut().unwrap().remove(member);
            assert!(
                fits(&schema, &schema, &less, "").is_err(),
                "`{member}` may be left out"
            );
        }
        let mut more = document.clone();
        more["more"] = Value::Bool(true);
        assert!(
            fits(&schema, &schema, &more, "").is_err(),
            "anything may be added"
        );
    }
}

/// The part of JSON Schema that ours uses; a keyword it does not know is a fault.
fn fits(root: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let kind = match value {
        Value::String(_) => "string",
        Value::Number(_) => "integer",
        Value::Bool(_) => "boolean",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Null => "null",
    };
    for (keyword, wanted) in schema.as_object().unwrap() {
        let fault = |what: &str| Err(format!("{place}: `{keyword}` {what}"));
        match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" | "$defs" | "required" | "additionalProperties" => {}
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                fits(root, &root["$defs"][name], value, place)?;
            }
            "type" if wanted != kind => return fault(kind),
            "const" if wanted != value => return fault("is another"),
            "enum" if !wanted.as_array().unwrap().contains(value) => return fault("has others"),
            "minimum" if value.as_i64() < wanted.as_i64() => return fault("is more"),
            "uniqueItems" | "type" | "const" | "enum" | "minimum" => {}
            "items" => {
                for (at, item) in value.as_array().unwrap().iter().enumerate() {
                    fits(root, wanted, item, &format!("{place}/{at}"))?;
                }
            }
            "properties" => {
                let members = value.as_object().unwrap();
                for name in schema["required"].as_array().unwrap() {
                    if !members.contains_key(name.as_str().unwrap()) {
                        return fault(&format!("lacks {name}"));
                    }
                }
                assert_eq!(schema["additionalProperties"], false, "{place}");
                for (name, member) in members {
                    match wanted.get(name) {
                        Some(of) => fits(root, of, member, &format!("{place}/{name}"))?,
                        None => return fault(&format!("has no {name}")),
                    }
                }
            }
            other => panic!("the test does not know `{other}`"),
        }
    }
    Ok(())
}

/// The lines of the documentation, as a person would run them: Python and openssl, nothing of ours.
#[test]
fn the_check_by_hand_that_the_documentation_teaches_agrees() {
    let page = include_str!("../../../docs/receipts.md");
    let code = page
        .split("```python\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (script, file) = (folder.join("by_hand.py"), folder.join("by_hand.json"));
    std::fs::write(&script, code).unwrap();
    let run = |receipt: &str, key: &str| {
        std::fs::write(&file, receipt).unwrap();
        let ran = std::process::Command::new("python3")
            .arg(&script)
            .arg(&file)
            .arg(key)
            .output();
        let ran = ran.expect("`python3` is missing: `cargo xtask setup` installs it");
        (
            ran.status.success(),
            String::from_utf8_lossy(&ran.stdout).into_owned(),
        )
    };
    let key = sample::key(1).verifying_key().to_string();
    for receipt in sample::receipts() {
        let (held, said) = run(&receipt, &key);
        assert!(held && said.starts_with("proved: entry"), "{said}");
    }
    let receipt = &sample::receipts()[1];
    assert!(!run(receipt, &sample::key(2).verifying_key().to_string()).0);
    for (true_word, false_word) in [("\\\"gpc\\\":true", "\\\"gpc\\\":false"), ("index 0", "index 1")] {
        let forged = receipt.replacen(true_word, false_word, 1);
        assert_ne!(&forged, receipt, "{true_word}");
        assert!(!run(&forged, &key).0, "{true_word}");
    }
}
