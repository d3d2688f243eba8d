//! Signed assertions: the site says, for a few minutes and for us alone, who is signed in there.
//!
//! A JSON Web Token (RFC 7519) read strictly, after RFC 8725: the algorithm is the one agreed with the
//! issuer and never the token's word; no key, address or extension is taken from its header; audience,
//! times and number are needed. Pure: the time is an argument. Deliberately does not know: whether the
//! number was used before, who the person is.

use super::settings::{Algorithm, IssuerSettings, SHORTEST_SECRET};
use crate::ingest::Proofs;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;
use std::sync::Arc;
use vocabulary::Moment;

/// Longest assertion that is read, bytes.
pub const LONGEST: usize = 4_096;
/// The longest an assertion may last, seconds.
pub const MAX_LIFE: i64 = 600;
/// How far the clocks of the site and this server may be apart, seconds.
pub const SKEW: i64 = 60;

/// What an assertion says, once it is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asserted {
    /// Which issuer says it.
    pub issuer: String,
    /// The origin of that issuer's pages.
    pub origin: String,
    /// Who is signed in there: the `userId` of events.
    pub subject: String,
    /// Its number, used once.
    pub number: String,
    /// When it was signed, by the issuer's clock.
    pub issued: Moment,
    /// When it ends.
    pub until: Moment,
}

/// Why an assertion is not believed. Nothing of what it says is repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// Not three parts of base64url with JSON in them, or too long.
    #[error("not a signed token: three parts of base64url, the first two JSON")]
    Shape,
    /// A header that asks for more than is taken.
    #[error("the header may hold `alg` and `typ` alone, and `typ` is `JWT`")]
    Header,
    /// Nobody we know.
    #[error("the issuer is not in the settings")]
    Issuer,
    /// Another algorithm than the one agreed.
    #[error("the algorithm is not the one of the settings for this issuer")]
    Algorithm,
    /// Not signed by the issuer's key.
    #[error("the signature is not by the issuer's key")]
    Signature,
    /// For somebody else.
    #[error("the audience is not this server's `public_url`")]
    Audience,
    /// Over, not begun, or lasting too long.
    #[error("the times are not right: `iat` in the past, `exp` in the future, at most 600 seconds apart")]
    Times,
    /// Names nobody, or has no usable number.
    #[error("`sub` names nobody, or `jti` is not 16 to 128 bytes")]
    Claims,
}

/// The settings of an issuer cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Too short to be a secret.
    #[error(
        "the secret of the issuer `{0}` is shorter than 32 bytes; make one with `openssl rand -base64 48`"
    )]
    Short(String),
    /// Not an Ed25519 public key.
    #[error("the key of the issuer `{0}` is not an Ed25519 public key: 32 bytes as base64")]
    NotAKey(String),
    /// Two of one name.
    #[error("there are two issuers of the name `{0}`")]
    Twice(String),
}

/// Those whose assertions are believed.
#[derive(Clone, Default)]
pub struct Issuers(Vec<Issuer>);

#[derive(Clone)]
struct Issuer {
    name: String,
    origin: String,
    key: Key,
}

#[derive(Clone)]
enum Key {
    Hs256(Vec<u8>),
    EdDsa(Box<VerifyingKey>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: Option<String>,
}

/// Other claims may be there; they are not read (RFC 7519, section 4).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    nbf: Option<i64>,
}

impl Issuers {
    /// The issuers of the settings.
    pub fn new(settings: &[IssuerSettings]) -> Result<Issuers, Error> {
        let mut issuers: Vec<Issuer> = Vec::new();
        for issuer in settings {
            let name = issuer.name.clone();
            if issuers.iter().any(|known| known.name == name) {
                return Err(Error::Twice(name));
            }
            let key = match issuer.algorithm {
                Algorithm::Hs256 if issuer.key.len() < SHORTEST_SECRET => return Err(Error::Short(name)),
                Algorithm::Hs256 => Key::Hs256(issuer.key.as_bytes().to_vec()),
                Algorithm::EdDsa => match public_key(&issuer.key) {
                    Some(key) => Key::EdDsa(Box::new(key)),
                    None => return Err(Error::NotAKey(name)),
                },
            };
            issuers.push(Issuer {
                name,
                origin: issuer.origin.clone(),
                key,
            });
        }
        Ok(Issuers(issuers))
    }

    /// What the token says, if it is believed at `now` by the server at `audience`.
    pub fn read(&self, token: &str, audience: &str, now: Moment) -> Result<Asserted, Fault> {
        if token.len() > LONGEST {
            return Err(Fault::Shape);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Fault::Shape)?;
        let (header, claims) = signed.split_once('.').ok_or(Fault::Shape)?;
        let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| Fault::Header)?;
        if header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(Fault::Header);
        }
        let claims: Claims = serde_json::from_slice(&bytes(claims)?).map_err(|_| Fault::Claims)?;
        let known = self.0.iter().find(|issuer| issuer.name == claims.iss);
        let issuer = known.ok_or(Fault::Issuer)?;
        issuer.check(&header.alg, signed, &bytes(signature)?)?;
        claims.check(audience, now)?;
        Ok(Asserted {
            issuer: issuer.name.clone(),
            origin: issuer.origin.clone(),
            subject: claims.sub,
            number: claims.jti,
            issued: Moment(claims.iat.saturating_mul(1_000)),
            until: Moment(claims.exp.saturating_mul(1_000)),
        })
    }
}

/// What reads the proofs of messages (`context.consent.proof`): an assertion whose audience is the consent
/// page, `public_url` and `/consent`, so that it opens nobody's page. It is no secret of one use: while it
/// lasts, the browser of who is signed in sends it with every choice of theirs.
pub fn proofs(settings: &[IssuerSettings], public_url: &str) -> Result<Proofs, Error> {
    let issuers = Issuers::new(settings)?;
    let audience = format!("{}/consent", public_url.trim_end_matches('/'));
    Ok(Arc::new(move |proof, now| {
        issuers
            .read(proof, &audience, now)
            .ok()
            .map(|asserted| asserted.subject)
    }))
}

impl Issuer {
    fn check(&self, algorithm: &str, signed: &str, signature: &[u8]) -> Result<(), Fault> {
        match &self.key {
            Key::Hs256(secret) if algorithm == "HS256" => {
                let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| Fault::Signature)?;
                mac.update(signed.as_bytes());
                // In constant time.
                mac.verify_slice(signature).map_err(|_| Fault::Signature)
            }
            Key::EdDsa(key) if algorithm == "EdDSA" => {
                let signature = Signature::from_slice(signature).map_err(|_| Fault::Signature)?;
                // Strict: no keys of small order, one form of each signature.
                key.verify_strict(signed.as_bytes(), &signature)
                    .map_err(|_| Fault::Signature)
            }
            Key::Hs256(_) | Key::EdDsa(_) => Err(Fault::Algorithm),
        }
    }
}

impl Claims {
    fn check(&self, audience: &str, now: Moment) -> Result<(), Fault> {
        if self.aud != audience {
            return Err(Fault::Audience);
        }
        let now = now.0.div_euclid(1_000);
        let life = self.exp.checked_sub(self.iat).unwrap_or(i64::MAX);
        let begun = self.iat <= now.saturating_add(SKEW);
        let begun = begun && self.nbf.is_none_or(|from| from <= now.saturating_add(SKEW));
        if !begun || self.exp <= now || !(1..=MAX_LIFE).contains(&life) {
            return Err(Fault::Times);
        }
        let number = (16..=128).contains(&self.jti.len());
        if !number || crate::identifier::check(&self.sub).is_err() {
            return Err(Fault::Claims);
        }
        Ok(())
    }
}

fn bytes(part: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Shape)
}

fn public_key(text: &str) -> Option<VerifyingKey> {
    let bytes = STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE_NO_PAD.decode(text))
        .ok()?;
    VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const SECRET: &str = "a secret of the shop that is long enough";
    const HERE: &str = "https://egard.shop.example";
    const NOW: i64 = 1_795_348_800;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn issuers() -> Issuers {
        let issuer = |name: &str, algorithm, key: String| IssuerSettings {
            name: name.to_owned(),
            origin: "https://shop.example".to_owned(),
            algorithm,
            key,
        };
        let public = STANDARD.encode(key().verifying_key().as_bytes());
        Issuers::new(&[
            issuer("shop", Algorithm::Hs256, SECRET.to_owned()),
            issuer("other", Algorithm::EdDsa, public),
        ])
        .unwrap()
    }

    fn claims() -> Value {
        json!({"iss": "shop", "aud": HERE, "sub": "ann", "iat": NOW, "exp": NOW + 300, "jti": "0123456789abcdef"})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn hs256(header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", part(header), part(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn eddsa(claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            part(&json!({"alg": "EdDSA", "typ": "JWT"})),
            part(claims)
        );
        let signature = key().sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    fn read(token: &str) -> Result<Asserted, Fault> {
        issuers().read(token, HERE, Moment(NOW * 1_000))
    }

    fn plain() -> Value {
        json!({"alg": "HS256", "typ": "JWT"})
    }

    #[test]
    fn what_an_issuer_signed_is_believed() {
        let asserted = read(&hs256(&plain(), &claims())).unwrap();
        assert_eq!(
            (asserted.issuer.as_str(), asserted.subject.as_str()),
            ("shop", "ann")
        );
        assert_eq!(asserted.until, Moment((NOW + 300) * 1_000));
        assert_eq!(
            read(&eddsa(&with("iss", json!("other")))).unwrap().issuer,
            "other"
        );
    }

    #[test]
    fn the_token_does_not_choose_its_algorithm() {
        let none = format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims()));
        assert_eq!(read(&none), Err(Fault::Algorithm));
        // Signed with the public key of an EdDSA issuer taken as a shared secret.
        let signed = format!("{}.{}", part(&plain()), part(&with("iss", json!("other"))));
        let mut mac = Hmac::<Sha256>::new_from_slice(key().verifying_key().as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        let confused = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        assert_eq!(read(&confused), Err(Fault::Algorithm));
        assert_eq!(read(&eddsa(&claims())), Err(Fault::Algorithm));
        for name in ["hs256", "HS512", "RS256", ""] {
            assert_eq!(
                read(&hs256(&json!({ "alg": name }), &claims())),
                Err(Fault::Algorithm),
                "{name}"
            );
        }
    }

    #[test]
    fn a_header_that_brings_keys_or_extensions_is_refused() {
        for (name, value) in [
            ("jwk", json!({"kty": "oct", "k": "AA"})),
            ("jku", json!("https://evil.example/keys")),
            ("kid", json!("../../dev/null")),
            ("x5u", json!("https://evil.example")),
            ("crit", json!(["exp"])),
        ] {
            let mut header = plain();
            header[name] = value;
            assert_eq!(read(&hs256(&header, &claims())), Err(Fault::Header), "{name}");
        }
        assert_eq!(
            read(&hs256(&json!({"alg": "HS256", "typ": "at+jwt"}), &claims())),
            Err(Fault::Header)
        );
    }

    #[test]
    fn each_claim_is_needed_and_checked() {
        for (name, value, fault) in [
            ("iss", json!("stranger"), Fault::Issuer),
            ("aud", json!("https://other.example"), Fault::Audience),
            ("aud", json!([HERE, "https://other.example"]), Fault::Claims),
            ("exp", json!(NOW), Fault::Times),
            ("exp", json!(NOW + 601), Fault::Times),
            ("iat", json!(NOW + 61), Fault::Times),
            ("iat", json!(i64::MIN), Fault::Times),
            ("nbf", json!(NOW + 120), Fault::Times),
            ("exp", json!("300"), Fault::Claims),
            ("jti", json!("short"), Fault::Claims),
            ("sub", json!("null"), Fault::Claims),
            ("sub", json!(""), Fault::Claims),
        ] {
            assert_eq!(
                read(&hs256(&plain(), &with(name, value.clone()))),
                Err(fault),
                "{name} {value}"
            );
        }
        for name in ["iss", "aud", "sub", "iat", "exp", "jti"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(name);
            assert_eq!(read(&hs256(&plain(), &claims)), Err(Fault::Claims), "{name}");
        }
    }

    #[test]
    fn weak_and_doubled_issuers_are_refused() {
        let issuer = |algorithm, key: &str| IssuerSettings {
            name: "shop".to_owned(),
            origin: "https://shop.example".to_owned(),
            algorithm,
            key: key.to_owned(),
        };
        let refused = |issuers: &[IssuerSettings]| Issuers::new(issuers).err().unwrap();
        let shop = "shop".to_owned();
        assert_eq!(
            refused(&[issuer(Algorithm::Hs256, "short")]),
            Error::Short(shop.clone())
        );
        assert_eq!(
            refused(&[issuer(Algorithm::EdDsa, "AAAA")]),
            Error::NotAKey(shop.clone())
        );
        let whole = issuer(Algorithm::Hs256, SECRET);
        assert_eq!(refused(&[whole.clone(), whole]), Error::Twice(shop));
    }

    proptest! {
        #[test]
        fn no_changed_byte_is_believed(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            for token in [hs256(&plain(), &claims()), eddsa(&with("iss", json!("other")))] {
                let mut bytes = token.clone().into_bytes();
                let at = at.index(bytes.len());
                prop_assume!(bytes[at] != byte);
                bytes[at] = byte;
                if let Ok(changed) = String::from_utf8(bytes) {
                    prop_assert!(read(&changed).is_err());
                }
            }
        }

        #[test]
        fn nothing_else_falls_over(text in "[A-Za-z0-9_.{}\":,-]{0,300}") {
            prop_assert!(read(&text).is_err());
        }
    }
}
