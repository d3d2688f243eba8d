//! What speaks for a person from outside: headers of their browser, notices they are shown, assertions of
//! the site, lists of people from other systems.

use crate::Target;
use axum::http::{HeaderMap, HeaderValue};
use gate::dictionary::Dictionary;
use gate::{Notice, Notices, import};
use server::adpc::{self, Adpc, ConsentRequest};
use server::me::assertion::Issuers;
use server::me::settings::{Algorithm, IssuerSettings};
use vocabulary::{Digest, Moment, PurposeName};

pub const TARGETS: &[&Target] = &[
    &Target {
        name: "adpc",
        run: header,
        seeds: headers,
    },
    &Target {
        name: "notice",
        run: notice,
        seeds: || {
            vec![
                include_bytes!("../../demo/notices/gift-shop-1.toml").to_vec(),
                include_bytes!("../../demo/notices/letters-1.toml").to_vec(),
            ]
        },
    },
    &Target {
        name: "assertion",
        run: assertion,
        seeds: assertions,
    },
    &Target {
        name: "import",
        run: list,
        seeds: lists,
    },
];

/// 2026-11-22T12:00:00Z.
const NOW: Moment = Moment(1_795_348_800_000);

fn requests() -> Vec<ConsentRequest> {
    let words = Digest::of(b"words");
    [PurposeName::Personalise, PurposeName::Train]
        .map(|purpose| ConsentRequest {
            id: adpc::request_id(purpose, &words),
            purpose,
            notice: "shop".to_owned(),
            version: 1,
        })
        .to_vec()
}

/// Header values, a line each. What is permitted must stand there, whole; and no word more can turn a
/// withdrawal of everything into a permission of what it does not name.
fn header(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(50) {
        let Ok(value) = HeaderValue::from_bytes(line) else {
            return;
        };
        headers.append("adpc", value);
    }
    let requests = requests();
    let wishes = Adpc::read(&headers).wishes(&requests);
    assert!(
        wishes.given.and(wishes.withdrawn).is_empty(),
        "yes and no to one question"
    );
    for request in requests
        .iter()
        .filter(|request| wishes.given.contains(request.purpose))
    {
        let id = request.id.as_bytes();
        assert!(
            bytes.windows(id.len()).any(|part| part == id),
            "a permission nobody gave"
        );
    }
    let mut objecting = headers.clone();
    objecting.insert(
        "adpc",
        HeaderValue::from_static("object=direct-marketing, withdraw=*"),
    );
    let wishes = Adpc::read(&objecting).wishes(&requests);
    assert!(wishes.object_direct_marketing, "an objection was lost");
}

fn headers() -> Vec<Vec<u8>> {
    let own = requests();
    [
        "withdraw=*, object=direct-marketing, consent=\"q1analytics q2recommendation\"".to_owned(),
        format!("consent=\"{} {}\"", own[0].id, own[1].id),
        format!("withdraw=\"{}\"\nconsent={}", own[0].id, own[0].id),
        format!("consent=\"{}", own[0].id),
    ]
    .map(String::into_bytes)
    .to_vec()
}

fn notice(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Notice::read(text) {
        Ok(notice) => {
            assert!(!notice.purposes().is_empty(), "a notice that asks for nothing");
            assert_eq!(notice.file(), text);
            let twice = Notices::new(vec![notice.clone(), notice]);
            assert!(twice.is_err(), "one notice is there twice");
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
}

fn issuers() -> Issuers {
    let issuer = |name: &str, algorithm, key: &str| IssuerSettings {
        name: name.to_owned(),
        origin: "https://shop.example".to_owned(),
        algorithm,
        key: key.to_owned(),
    };
    let key = ledger::SigningKey::from_seed("x", &[7; 32]).expect("a key");
    let text = key.verifying_key().to_string();
    let typed = text.rsplit('+').next().expect("a key");
    // The type byte of a note's key stands before the key.
    let key = base64_of(typed);
    Issuers::new(&[
        issuer("hs", Algorithm::Hs256, &"s".repeat(32)),
        issuer("ed", Algorithm::EdDsa, &key),
    ])
    .expect("issuers")
}

fn base64_of(typed: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let bytes = STANDARD.decode(typed).expect("base64");
    STANDARD.encode(&bytes[1..])
}

/// Nothing is believed that was not signed, and the fuzzer has no key.
fn assertion(bytes: &[u8]) {
    thread_local! {
        static ISSUERS: Issuers = issuers();
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let read = ISSUERS.with(|issuers| issuers.read(text, "https://public.example", NOW));
    assert!(read.is_err(), "believed: {read:?}");
}

fn assertions() -> Vec<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let claims = r#"{"iss":"hs","aud":"https://public.example","sub":"ann","iat":1795348790,"exp":1795348990,"jti":"0123456789abcdef","nbf":1795348790}"#;
    [
        (r#"{"alg":"HS256","typ":"JWT"}"#, claims.to_owned()),
        (r#"{"alg":"none"}"#, claims.to_owned()),
        (r#"{"alg":"HS256"}"#, claims.replace("\"hs\"", "\"ed\"")),
        (r#"{"alg":"EdDSA","jwk":{}}"#, claims.replace("\"hs\"", "\"ed\"")),
    ]
    .iter()
    .map(|(header, claims)| {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!(
            "{}.{}.{}",
            part(header),
            part(claims),
            URL_SAFE_NO_PAD.encode([0; 64])
        )
        .into_bytes()
    })
    .collect()
}

/// A list of people: every row is one or says what is wrong, and nothing of it is repeated.
fn list(bytes: &[u8]) {
    thread_local! {
        static DICTIONARY: Dictionary = Dictionary::read(include_str!("../../demo/dictionary.toml")).expect("the dictionary");
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    DICTIONARY.with(|dictionary| {
        let date = |text: &str| (text.len() == 10).then_some(NOW);
        match import::read(text, dictionary, date) {
            Ok(rows) => {
                let mut last = 1;
                for row in rows {
                    let (line, said) = match row {
                        Ok(row) => (row.line, format!("{row:?}")),
                        Err(fault) => (fault.line, fault.to_string()),
                    };
                    assert!(
                        line > last || (line == last && last == 1),
                        "line {line} after {last}"
                    );
                    assert!(!said.contains("tell-tale"), "{said}");
                    last = line;
                }
            }
            Err(error) => assert!(!error.to_string().contains("tell-tale"), "{error}"),
        }
    });
}

fn lists() -> Vec<Vec<u8>> {
    [
        "user_id,trait.firstName,consent.Personalisation,consent_source,consent_date\nann,\"tell-tale, \"\"x\"\"\",yes,letter,2026-01-02\r\nbob,,no,,\n",
        "\u{feff}user_id;objects_to_marketing;consent_notice;consent_language;soft_opt_in.market_by_email.sale;soft_opt_in.market_by_email.sold_at\nann;oui;gift-shop/1;fr;=1+1;2026-01-02\n",
        "user_id\n\"tell-tale\n\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
