//! The text forms: paths, keys, notes, checkpoints, entries, proofs. Each has one form, and others
//! read it.

use ledger::entry::{self, Entry};
use ledger::key as keys;
use ledger::note::{self, Note, Signature};
use ledger::proof::{self, Proof};
use ledger::tile::{Kind, Malformed, Tile};
use ledger::{Checkpoint, SigningKey, VerifyingKey, checkpoint, tree};
use signed_note::{StandardSigner, StandardVerifier, VerifierList};

use crate::log::{Log, ORIGIN, key};

#[test]
fn tiles_lie_where_the_format_says() {
    let check = |kind, index, width, path: &str| {
        let tile = Tile { kind, index, width };
        assert_eq!(tile.path(), path);
        assert_eq!(Tile::parse(path), Some(tile));
    };
    check(Kind::Hashes(0), 0, 256, "tile/0/000");
    check(Kind::Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067");
    check(Kind::Hashes(1), 1_000, 17, "tile/1/x001/000.p/17");
    check(Kind::Hashes(63), 999, 1, "tile/63/999.p/1");
    check(Kind::Entries, 1_234, 255, "tile/entries/x001/234.p/255");
    for wrong in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/0/000/",
        "tile/0/../000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/2",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(Tile::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_bundle_holds_what_it_says_and_no_more() {
    let tile = Tile {
        kind: Kind::Entries,
        index: 0,
        width: 3,
    };
    let bytes = b"\0\x02hi\0\0\0\x01!";
    let entries: [&[u8]; 3] = [b"hi", b"", b"!"];
    assert_eq!(tile.entries(bytes).unwrap(), entries);
    for end in 0..bytes.len() {
        assert!(matches!(tile.entries(&bytes[..end]), Err(Malformed::Cut { .. })));
    }
    assert_eq!(
        tile.entries(b"\0\x02hi\0\0\0\x01!?"),
        Err(Malformed::Surplus { bytes: 1 })
    );
}

/// The example keys in the documentation of Go's `sumdb/note`. That Go signs as we do is in `go.rs`.
#[test]
fn keys_of_go_are_read() {
    let skey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key = SigningKey::parse(skey).unwrap();
    assert_eq!(key.verifying_key().to_string(), vkey);
    assert_eq!(key.verifying_key(), &vkey.parse().unwrap());
    assert_eq!(key.reveal_secret().as_str(), skey);
}

#[test]
fn a_secret_key_is_not_printed() {
    assert_eq!(
        format!("{:?}", key()),
        "SigningKey { name: \"egard.example/2026-h2\", .. }"
    );
}

#[test]
fn a_key_with_a_typing_error_is_refused() {
    let vkey = key().verifying_key().to_string();
    let skey = key().reveal_secret().to_string();
    for text in [&vkey, &skey] {
        let public = text.parse::<VerifyingKey>().is_ok();
        assert!(public || SigningKey::parse(text).is_ok());
        for at in 0..text.len() {
            let mut wrong = text.clone();
            let other = if text.as_bytes()[at] == b'1' { "2" } else { "1" };
            wrong.replace_range(at..=at, other);
            assert!(
                wrong.parse::<VerifyingKey>().is_err() && SigningKey::parse(&wrong).is_err(),
                "{at}"
            );
        }
    }
    assert_eq!(skey.parse::<VerifyingKey>(), Err(keys::Error::VerifyingKey));
    assert_eq!(SigningKey::parse(&vkey).unwrap_err(), keys::Error::SigningKey);
    let other = "example.com/log+a2e4d0c3+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(other.parse::<VerifyingKey>(), Err(keys::Error::Algorithm(4)));
    for name in ["", "a b", "a+b", "a\u{2009}b", "a\nb", &"a".repeat(256)] {
        assert_eq!(
            SigningKey::from_seed(name, &[1; 32]).unwrap_err(),
            keys::Error::Name
        );
    }
}

#[test]
fn another_implementation_reads_our_checkpoint_and_we_read_its() {
    let log = Log::of(700);
    let vkey = key().verifying_key().to_string();
    let theirs = signed_note::Note::from_bytes(&log.checkpoint()).unwrap();
    let verifiers = VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey).unwrap())]);
    let (verified, unknown) = theirs.verify(&verifiers).unwrap();
    assert_eq!((verified.len(), unknown.len()), (1, 0));
    assert_eq!(theirs.text(), log.opened().text().as_bytes());

    let signer = StandardSigner::new(&key().reveal_secret()).unwrap();
    let mut note = signed_note::Note::new(log.opened().text().as_bytes(), &[]).unwrap();
    note.add_sigs(&[&signer]).unwrap();
    assert_eq!(note.to_bytes(), log.checkpoint());
    assert_eq!(
        Checkpoint::open(&note.to_bytes(), key().verifying_key()).unwrap(),
        log.opened()
    );
}

#[test]
fn signatures_of_others_are_passed_over_and_ours_must_hold() {
    let log = Log::of(3);
    let public = key().verifying_key().clone();
    let own = Note::parse(&log.checkpoint()).unwrap();
    let witness = |number: usize| Signature {
        name: format!("witness{number}.example"),
        id: keys::KeyId([number as u8; 4]),
        // As long as a post-quantum one.
        bytes: vec![number as u8; 2_420],
    };
    let with = |before: usize, after: usize| {
        let mut signatures: Vec<Signature> = (0..before).map(witness).collect();
        signatures.extend(own.signatures.clone());
        signatures.extend((0..after).map(witness));
        Note {
            text: own.text.clone(),
            signatures,
        }
    };
    for (before, after) in [(0, 0), (15, 0), (0, 15), (30, 33)] {
        let bytes = with(before, after).to_string().into_bytes();
        assert_eq!(
            Checkpoint::open(&bytes, &public),
            Ok(log.opened()),
            "{before} and {after}"
        );
    }
    let refused = |note: Note| match Checkpoint::open(note.to_string().as_bytes(), &public) {
        Err(checkpoint::Error::Note(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(with(64, 0)), note::Error::TooManySignatures);

    let mut stranger = own.clone();
    stranger.signatures = vec![witness(1)];
    assert_eq!(refused(stranger), note::Error::Unsigned);
    // Our name with another's identifier, and the reverse, are not ours.
    for change in [
        |s: &mut Signature| s.id.0[0] ^= 1,
        |s: &mut Signature| s.name.push('x'),
    ] {
        let mut note = own.clone();
        change(&mut note.signatures[0]);
        assert_eq!(refused(note), note::Error::Unsigned);
    }
    // A second signature in our name that does not hold spoils the note.
    let mut spoilt = own.clone();
    let mut wrong = own.signatures[0].clone();
    wrong.bytes[0] ^= 1;
    spoilt.signatures.push(wrong);
    assert_eq!(refused(spoilt), note::Error::BadSignature);
}

#[test]
fn a_checkpoint_has_one_form() {
    let sign = |text: &str| key().sign(text).unwrap().to_string().into_bytes();
    let open = |text: &str| Checkpoint::open(&sign(text), key().verifying_key());
    let root = tree::to_base64(&[1; 32]);
    let empty = tree::to_base64(&tree::empty_root());
    assert_eq!(open(&format!("{ORIGIN}\n7\n{root}\n")).unwrap().size, 7);
    assert_eq!(
        open(&format!("{ORIGIN}\n7\n{root}\nan extension\n"))
            .unwrap()
            .size,
        7
    );
    assert_eq!(
        open(&format!("{ORIGIN}\n0\n{empty}\n")).unwrap(),
        Checkpoint::empty(ORIGIN)
    );
    for wrong in [
        format!("{ORIGIN}\n07\n{root}\n"),
        format!("{ORIGIN}\n-7\n{root}\n"),
        format!("{ORIGIN}\n0\n{root}\n"),
        format!("{ORIGIN}\n7\n{}\n", &root[..40]),
        format!("{ORIGIN}\n7\n{root}\n\n"),
        format!("{ORIGIN}\n7\n"),
        format!("\n7\n{root}\n"),
    ] {
        assert_eq!(open(&wrong), Err(checkpoint::Error::Shape), "{wrong:?}");
    }
    let (found, expected) = ("another.example/log".to_owned(), ORIGIN.to_owned());
    assert_eq!(
        open(&format!("another.example/log\n7\n{root}\n")),
        Err(checkpoint::Error::Origin {
            found: found.clone(),
            expected: expected.clone()
        })
    );
    assert_eq!(
        Checkpoint::empty("another.example/log").sign(&key()),
        Err(checkpoint::Error::Origin { found, expected })
    );
    let size = 1 << 56;
    assert_eq!(
        open(&format!("{ORIGIN}\n{size}\n{root}\n")),
        Err(checkpoint::Error::Size { size })
    );
    assert_eq!(
        key().sign("no newline at the end").unwrap_err(),
        note::Error::Shape
    );
    assert_eq!(key().sign("a tab\t\n").unwrap_err(), note::Error::NotText);
}

fn decision() -> Entry {
    Entry {
        day: 20_667,
        kind: "decision".to_owned(),
        purpose: Some("market_by_email".to_owned()),
        charter: Some([0xab; 32]),
        program: Some([1; 32]),
        verdict: "deny".to_owned(),
        reasons: vec![
            "quiet-hours".to_owned(),
            "gdpr:21/2".to_owned(),
            "quiet-hours".to_owned(),
        ],
        commitment: entry::commit(&[5; 32], b"details"),
    }
}

#[test]
fn an_entry_is_canonical_json() {
    let bytes = decision().encode().unwrap();
    // The commitment is HMAC-SHA256 of `details` keyed by 32 bytes 05, by another implementation.
    let json = format!(
        "{{\"c\":\"{}\",\"charter\":\"{}\",\"day\":\"2026-08-02\",\"kind\":\"decision\",\"program\":\"{}\",\
         \"purpose\":\"market_by_email\",\"reasons\":[\"gdpr:21/2\",\"quiet-hours\"],\"v\":1,\"verdict\":\"deny\"}}",
        "HE5IoEZ3MtGJwEYtm2E0w/0FPUIsPIUTmvgcNe3bsR8=",
        "ab".repeat(32),
        "01".repeat(32)
    );
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), json);
    let read = Entry::parse(&bytes).unwrap();
    assert_eq!(read.reasons, ["gdpr:21/2", "quiet-hours"]);
    assert_eq!(read.encode().unwrap(), bytes);
    // What serde_json, which sorts members, makes of it is the same.
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(serde_json::to_vec(&value).unwrap(), bytes);

    let bare = Entry {
        purpose: None,
        charter: None,
        program: None,
        reasons: Vec::new(),
        ..decision()
    };
    let bytes = bare.encode().unwrap();
    assert_eq!(Entry::parse(&bytes).unwrap(), bare);
    assert!(!String::from_utf8(bytes).unwrap().contains("purpose"));
}

#[test]
fn an_entry_has_one_form() {
    let json = String::from_utf8(decision().encode().unwrap()).unwrap();
    let parse = |json: String| Entry::parse(json.as_bytes());
    assert_eq!(
        parse(json.replace(",\"v\"", ", \"v\"")),
        Err(entry::Error::NotCanonical)
    );
    assert_eq!(parse(format!("{json}\n")), Err(entry::Error::NotCanonical));
    assert_eq!(
        parse(json.replace("deny", "d\\u0065ny")),
        Err(entry::Error::NotCanonical)
    );
    assert_eq!(
        parse(json.replace("abab", "ABab")),
        Err(entry::Error::NotCanonical)
    );
    let swapped = json.replace("\"gdpr:21/2\",\"quiet-hours\"", "\"quiet-hours\",\"gdpr:21/2\"");
    assert_eq!(parse(swapped), Err(entry::Error::NotCanonical));
    assert_eq!(
        parse(json.replace("\"v\":1,", "\"v\":1,\"v\":1,")),
        Err(entry::Error::Shape)
    );
    assert_eq!(
        parse(json.replace("\"v\":1,", "\"email\":\"x\",\"v\":1,")),
        Err(entry::Error::Shape)
    );
    assert_eq!(parse(json.replace("\"v\":1,", "")), Err(entry::Error::Shape));
    assert_eq!(
        parse(json.replace("\"v\":1,", "\"new\":3,\"v\":2,")),
        Err(entry::Error::Version { version: 2 })
    );
    assert_eq!(
        parse(json.replace("2026-08-02", "2026-02-30")),
        Err(entry::Error::Shape)
    );
    assert_eq!(parse(" ".repeat(70_000)), Err(entry::Error::Shape));
}

#[test]
fn days_are_written_as_dates() {
    for (day, date) in [
        (0, "1970-01-01"),
        (58, "1970-02-28"),
        (59, "1970-03-01"),
        (789, "1972-02-29"),
        (11_016, "2000-02-29"),
        (47_540, "2100-02-28"),
        (47_541, "2100-03-01"),
        (entry::MAX_DAY, "9999-12-31"),
    ] {
        let json = String::from_utf8(Entry { day, ..decision() }.encode().unwrap()).unwrap();
        assert!(json.contains(&format!("\"day\":\"{date}\"")), "{day}: {json}");
        assert_eq!(Entry::parse(json.as_bytes()).unwrap().day, day);
    }
    let day = entry::MAX_DAY + 1;
    assert_eq!(
        Entry { day, ..decision() }.encode(),
        Err(entry::Error::Day { day })
    );
}

#[test]
fn an_entry_has_no_place_for_a_person() {
    for word in [
        "ana@example.org",
        "+33612345678",
        "Ana Martin",
        "née",
        "",
        "\"",
        &"a".repeat(97),
    ] {
        let bad = |change: fn(&mut Entry, String)| {
            let mut entry = decision();
            change(&mut entry, word.to_owned());
            let error = entry.encode().unwrap_err();
            assert!(word.len() < 2 || !error.to_string().contains(word));
            error
        };
        assert_eq!(
            bad(|entry, word| entry.kind = word),
            entry::Error::Word { field: "kind" }
        );
        assert_eq!(
            bad(|entry, word| entry.purpose = Some(word)),
            entry::Error::Word { field: "purpose" }
        );
        assert_eq!(
            bad(|entry, word| entry.verdict = word),
            entry::Error::Word { field: "verdict" }
        );
        assert_eq!(
            bad(|entry, word| entry.reasons.push(word)),
            entry::Error::Word { field: "reasons" }
        );
    }
    let reasons: Vec<String> = (0..entry::MAX_REASONS)
        .map(|number| format!("{number:0>96}"))
        .collect();
    let largest = Entry {
        reasons: reasons.clone(),
        ..decision()
    };
    assert!(largest.encode().unwrap().len() < ledger::tile::MAX_ENTRY_BYTES / 5);
    let reasons = [reasons, vec!["one-more".to_owned()]].concat();
    assert_eq!(
        Entry {
            reasons,
            ..decision()
        }
        .encode(),
        Err(entry::Error::TooManyReasons)
    );
}

#[test]
fn only_secret_and_details_open_a_commitment() {
    let entry = decision();
    assert!(entry.verify_commitment(&[5; 32], b"details"));
    assert!(!entry.verify_commitment(&[6; 32], b"details"));
    assert!(!entry.verify_commitment(&[5; 32], b"detailz"));
    assert_ne!(
        entry::commit(&[1; 32], b"details"),
        entry::commit(&[2; 32], b"details")
    );
}

#[test]
fn a_proof_has_one_form() {
    let checkpoint = Log::of(1).checkpoint();
    let bare = Proof {
        extra: None,
        index: 0,
        hashes: Vec::new(),
        checkpoint: checkpoint.clone(),
    };
    let text = String::from_utf8(bare.encode()).unwrap();
    assert_eq!(
        text,
        format!(
            "c2sp.org/tlog-proof@v1\nindex 0\n\n{}",
            String::from_utf8(checkpoint).unwrap()
        )
    );
    let full = Proof {
        extra: Some(b"salt".to_vec()),
        index: 7,
        hashes: vec![[1; 32], [2; 32]],
        ..bare.clone()
    };
    for proof in [
        bare.clone(),
        full,
        Proof {
            extra: Some(Vec::new()),
            ..bare
        },
    ] {
        assert_eq!(Proof::parse(&proof.encode()), Ok(proof));
    }
    let line = |from: &str, to: &str| match Proof::parse(text.replace(from, to).as_bytes()) {
        Err(proof::Error::Shape { line, .. }) => line,
        other => panic!("{other:?}"),
    };
    assert_eq!(line("@v1", "@v2"), 1);
    assert_eq!(line("index 0", "index 00"), 2);
    assert_eq!(line("index 0", "extra !"), 2);
    assert_eq!(line("index 0", "extra QUE="), 3);
    assert_eq!(line("index 0\n", "index 0\nQUE=\n"), 3);
    assert_eq!(
        line(
            "index 0\n",
            &format!(
                "index 0\n{}",
                format!("{}\n", tree::to_base64(&[0; 32])).repeat(65)
            )
        ),
        67
    );
    assert_eq!(
        Proof::parse(&vec![b'a'; proof::MAX_BYTES + 1]),
        Err(proof::Error::TooLong)
    );
}
