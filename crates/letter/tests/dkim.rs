//! Signatures, checked by dkimpy, which is not ours.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic, and runs programs"
)]

#[path = "mail/common.rs"]
mod common;
#[path = "mail/python.rs"]
mod python;

use common::{mailbox, mailing, marks, message, signers};
use letter::dkim::{Error, Key, Kind, Signer, generate};
use letter::mime::{Nature, build};

/// What dkimpy says of each signature.
fn checked(bytes: &[u8], signers: &[Signer]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let records: String = signers
        .iter()
        .map(|signer| {
            let (name, text) = signer.record();
            format!("{name}\t{text}\n")
        })
        .collect();
    std::fs::write(folder.path().join("message"), bytes).unwrap();
    std::fs::write(folder.path().join("records"), records).unwrap();
    let mut python = python::python();
    python
        .arg(python::scripts().join("check_dkim.py"))
        .args([folder.path().join("message"), folder.path().join("records")]);
    let output = python.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn holds(said: &[String], algorithms: &[&str]) {
    assert_eq!(said.len(), algorithms.len(), "{said:?}");
    for (line, algorithm) in said.iter().zip(algorithms) {
        assert!(line.starts_with(&format!("{algorithm} holds ")), "{line}");
    }
}

#[test]
fn both_signatures_hold_for_another_reader_and_cover_the_ways_to_leave() {
    let (from, to) = (
        mailbox("Boutique d’Ève <bonjour@shop.example>"),
        mailbox("Ann <ann@example.org>"),
    );
    let mailing = mailing();
    let built = build(
        &message(&from, &to, Nature::Mailing(&mailing)),
        &marks(),
        &signers(),
    )
    .unwrap();
    let said = checked(&built.bytes, &signers());
    holds(&said, &["rsa-sha256", "ed25519-sha256"]);
    for line in &said {
        let covered: Vec<&str> = line.rsplit(' ').next().unwrap().split(':').collect();
        let times = |name: &str| covered.iter().filter(|known| **known == name).count();
        for twice in [
            "from",
            "to",
            "subject",
            "content-type",
            "list-unsubscribe",
            "list-unsubscribe-post",
            "list-id",
        ] {
            assert_eq!(times(twice), 2, "{twice} in {line}");
        }
        for once in [
            "reply-to",
            "cc",
            "references",
            "feedback-id",
            "list-help",
            "auto-submitted",
        ] {
            assert_eq!(times(once), 1, "{once} in {line}");
        }
    }
}

#[test]
fn a_changed_message_no_longer_holds_and_no_header_can_be_added() {
    let (from, to) = (mailbox("bonjour@shop.example"), mailbox("ann@example.org"));
    let mailing = mailing();
    let built = build(
        &message(&from, &to, Nature::Mailing(&mailing)),
        &marks(),
        &signers(),
    )
    .unwrap();
    let text = String::from_utf8(built.bytes).unwrap();
    for changed in [
        text.replace("Bonjour", "Bonsoir"),
        text.replace("https://shop.example/u/", "https://evil.example/u/"),
        format!("Subject: You won\r\n{text}"),
        format!("Reply-To: eve@evil.example\r\n{text}"),
        format!("List-Unsubscribe: <https://evil.example/>\r\n{text}"),
    ] {
        assert_ne!(changed, text);
        for line in checked(changed.as_bytes(), &signers()) {
            assert!(line.contains("fails") || line.contains("error"), "{line}");
        }
    }
    // What relays do may be done: folds and spaces at the ends of lines.
    let relayed = text
        .replace("\r\n\r\n", " \r\n\r\n")
        .replacen("Subject: ", "subject:  ", 1);
    let relayed = format!(
        "Received: from a by b; now\r\n{}\r\n\r\n",
        relayed.replace(" \r\n\r\n", "\r\n\r\n")
    );
    holds(
        &checked(relayed.as_bytes(), &signers()),
        &["rsa-sha256", "ed25519-sha256"],
    );
}

#[test]
fn any_text_and_any_length_is_signed_so_that_it_holds() {
    let long = "x".repeat(3_000);
    let texts = [
        " ",
        "\n\n\n a  b\t c \n.\n..\nFrom me\n  \n\n",
        "日本語のテキスト、終わり。",
        long.as_str(),
        "=\r\n=20 \u{0}\u{7f}",
    ];
    let (from, to) = (
        mailbox("\"Shop, the\" <hello@shop.example>"),
        mailbox("日本 <ann@example.org>"),
    );
    for text in texts.iter().filter(|text| !text.trim().is_empty()) {
        for html in [None, Some(*text)] {
            let message = letter::mime::Message {
                text,
                html,
                subject: text,
                ..message(&from, &to, Nature::Human)
            };
            let Ok(built) = build(&message, &marks(), &signers()) else {
                panic!("{text:?}")
            };
            holds(
                &checked(&built.bytes, &signers()),
                &["rsa-sha256", "ed25519-sha256"],
            );
        }
    }
}

#[test]
fn keys_are_read_as_openssl_writes_them_and_weak_ones_refused() {
    let old = Key::from_pem(include_str!("keys/rsa1.pem")).unwrap();
    let new = Key::from_pem(include_str!("keys/rsa.pem")).unwrap();
    assert_eq!((old.kind(), old.record()), (Kind::Rsa, new.record()));
    for bad in [
        include_str!("keys/short.pem"),
        "",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ] {
        assert_eq!(Key::from_pem(bad).unwrap_err(), Error::Pem);
    }
    assert!(!format!("{new:?}").contains("MII"));
}

#[test]
fn a_key_that_is_made_signs_and_its_record_verifies() {
    let signers: Vec<Signer> = [Kind::Rsa, Kind::Ed25519]
        .into_iter()
        .map(|kind| {
            let key = Key::from_pem(&generate(kind).unwrap()).unwrap();
            assert_eq!(key.kind(), kind);
            Signer::new("shop.example", kind.algorithm(), key).unwrap()
        })
        .collect();
    let (from, to) = (mailbox("hello@shop.example"), mailbox("ann@example.org"));
    let built = build(&message(&from, &to, Nature::Automatic), &marks(), &signers).unwrap();
    holds(
        &checked(&built.bytes, &signers),
        &["rsa-sha256", "ed25519-sha256"],
    );
}
