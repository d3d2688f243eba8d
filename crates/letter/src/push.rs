//! Web push: the body encrypted for one browser (RFC 8291, `aes128gcm` of RFC 8188), the sender's identity
//! (VAPID, RFC 8292), and the headers of RFC 8030.
//!
//! Deliberately does not know: the network, whose browser it is. Ephemeral keys and salts come in as arguments;
//! the nonce inside an ECDSA signature is the library's own, so a token signed twice reads differently and
//! is as good.

use aws_lc_rs::agreement::{self, ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use aws_lc_rs::{aead, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The longest text that fits the 4096 bytes every push service takes (RFC 8291, section 4): less the header of
/// 86, the tag of 16 and one byte of padding.
pub const LONGEST: usize = 4096 - 86 - 16 - 1;
/// The longest a token may last, seconds (RFC 8292, section 2).
pub const TOKEN_LONGEST_S: i64 = 86_400;
/// The longest `Topic` (RFC 8030, section 5.4), characters of URL-safe base64.
pub const TOPIC_LONGEST: usize = 32;

/// Why something cannot be pushed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// A key of the browser's subscription.
    #[error(
        "the subscription's `p256dh` is 65 bytes of a point on P-256 and `auth` 16 bytes, as URL-safe base64"
    )]
    Subscription,
    /// The private key of the sender.
    #[error("the private key is 32 bytes as URL-safe base64: `egard keys vapid new` makes one")]
    Key,
    /// The text is too long.
    #[error("a push message has {LONGEST} bytes at most")]
    TooLong,
    /// The library refused; there is no more to say.
    #[error("the message cannot be encrypted or signed")]
    Crypto,
}

/// The keys of one browser's subscription (`PushSubscription.toJSON().keys`).
#[derive(Clone, PartialEq, Eq)]
pub struct Browser {
    p256dh: [u8; 65],
    auth: [u8; 16],
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Browser")
    }
}

impl Browser {
    /// Reads the two keys, URL-safe base64 with or without padding.
    ///
    /// # Errors
    /// If one is of another length, or the point is not on the curve.
    pub fn parse(p256dh: &str, auth: &str) -> Result<Browser, Error> {
        let p256dh: [u8; 65] = bytes(p256dh).ok_or(Error::Subscription)?;
        let auth: [u8; 16] = bytes(auth).ok_or(Error::Subscription)?;
        // Only the uncompressed form is defined for `p256dh`.
        let point = ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, p256dh));
        match (p256dh.first(), point) {
            (Some(4), Ok(_)) => Ok(Browser { p256dh, auth }),
            _ => Err(Error::Subscription),
        }
    }
}

/// Encrypts `text` for that browser. `ephemeral` (a random scalar of P-256) and `salt` are used for this message and
/// never again.
///
/// # Errors
/// If the text is too long, or `ephemeral` is no scalar (one in 2³² is not: draw again).
pub fn encrypt(
    browser: &Browser,
    text: &[u8],
    ephemeral: &[u8; 32],
    salt: &[u8; 16],
) -> Result<Vec<u8>, Error> {
    if text.len() > LONGEST {
        return Err(Error::TooLong);
    }
    let (own, own_public) = pair(ephemeral).map_err(|_| Error::Crypto)?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, browser.p256dh);
    // RFC 8291, section 3.4.
    let input = agreement::agree(&own, theirs, Error::Crypto, |shared| {
        let info: [&[u8]; 3] = [b"WebPush: info\0", &browser.p256dh, &own_public];
        Ok(derive(&browser.auth, shared, &info))
    })?;
    let key = derive(salt, &input, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce = derive(salt, &input, &[b"Content-Encoding: nonce\0"]);
    let (Some(key), Some(nonce)) = (key.first_chunk::<16>(), nonce.first_chunk::<12>()) else {
        return Err(Error::Crypto);
    };
    let key = aead::UnboundKey::new(&aead::AES_128_GCM, key).map_err(|_| Error::Crypto)?;
    let nonce = aead::Nonce::assume_unique_for_key(*nonce);
    // One record, the last: its delimiter is 2 (RFC 8188, section 2).
    let mut sealed = [text, &[2]].concat();
    aead::LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut sealed)
        .map_err(|_| Error::Crypto)?;
    let mut body = Vec::with_capacity(86 + sealed.len());
    body.extend_from_slice(salt);
    body.extend_from_slice(&4096_u32.to_be_bytes());
    body.push(65);
    body.extend_from_slice(&own_public);
    body.extend_from_slice(&sealed);
    Ok(body)
}

/// The sender's key pair (VAPID).
pub struct Sender {
    pair: EcdsaKeyPair,
    public: [u8; 65],
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender")
    }
}

impl Sender {
    /// From the private key, 32 bytes as URL-safe base64.
    ///
    /// # Errors
    /// If it is not.
    pub fn parse(private: &str) -> Result<Sender, Error> {
        Sender::of(&bytes(private).ok_or(Error::Key)?)
    }

    /// From the private key.
    ///
    /// # Errors
    /// If it is no scalar of P-256.
    pub fn of(private: &[u8; 32]) -> Result<Sender, Error> {
        let (_, public) = pair(private).map_err(|_| Error::Key)?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, private, &public);
        Ok(Sender {
            pair: pair.map_err(|_| Error::Key)?,
            public,
        })
    }

    /// The public key as browsers take it for `applicationServerKey`.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.public)
    }

    /// The `Authorization` of a request to that push service: a token for its origin alone, signed with ES256.
    /// `contact` is a `mailto:` or `https:` address of the sender; `until_s` is at most a day away.
    ///
    /// # Errors
    /// If the library cannot sign.
    pub fn authorization(&self, origin: &str, contact: &str, until_s: i64) -> Result<String, Error> {
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = serde_json::json!({"aud": origin, "exp": until_s, "sub": contact}).to_string();
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self
            .pair
            .sign(&rand::SystemRandom::new(), signed.as_bytes())
            .map_err(|_| Error::Crypto)?;
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        Ok(format!("vapid t={token}, k={}", self.public()))
    }
}

/// A private key as settings hold it.
pub fn show_key(private: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(private)
}

/// How soon a message should reach the device (RFC 8030, section 5.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Urgency {
    /// On power and Wi-Fi: advertisements.
    VeryLow,
    /// On either: topic updates.
    #[default]
    Low,
    /// On neither: chat.
    Normal,
}

impl Urgency {
    /// The value of the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Urgency::VeryLow => "very-low",
            Urgency::Low => "low",
            Urgency::Normal => "normal",
        }
    }
}

/// The headers of a push. `ttl_s`: how long the service keeps it for a device that is off. `topic`: a later message
/// of the same topic replaces an earlier one that was not shown yet; only what fits the header is sent.
pub fn headers(
    authorization: &str,
    ttl_s: u32,
    urgency: Urgency,
    topic: Option<&str>,
) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("authorization", authorization.to_owned()),
        ("content-encoding", "aes128gcm".to_owned()),
        ("content-type", "application/octet-stream".to_owned()),
        ("ttl", ttl_s.to_string()),
        ("urgency", urgency.as_str().to_owned()),
    ];
    let fits = |topic: &&str| {
        let safe = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        !topic.is_empty() && topic.len() <= TOPIC_LONGEST && topic.bytes().all(safe)
    };
    if let Some(topic) = topic.filter(fits) {
        headers.push(("topic", topic.to_owned()));
    }
    headers
}

fn pair(private: &[u8; 32]) -> Result<(PrivateKey, [u8; 65]), aws_lc_rs::error::Unspecified> {
    let key = PrivateKey::from_private_key(&ECDH_P256, private).map_err(|_| aws_lc_rs::error::Unspecified)?;
    let public = key.compute_public_key()?;
    let public = <[u8; 65]>::try_from(public.as_ref()).map_err(|_| aws_lc_rs::error::Unspecified)?;
    Ok((key, public))
}

/// HKDF-SHA-256 (RFC 5869) of 32 bytes or fewer: one block.
fn derive(salt: &[u8], input: &[u8], info: &[&[u8]]) -> [u8; 32] {
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), input);
    let mut expand = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref()));
    for part in info {
        expand.update(part);
    }
    expand.update(&[1]);
    let mut out = [0; 32];
    out.iter_mut()
        .zip(expand.sign().as_ref())
        .for_each(|(out, byte)| *out = *byte);
    out
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.trim().trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifies};

    // RFC 8291, appendix A.
    const PLAIN: &str = "V2hlbiBJIGdyb3cgdXAsIEkgd2FudCB0byBiZSBhIHdhdGVybWVsb24";
    const AS_PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    const UA_PUBLIC: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const SEALED: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

    #[test]
    fn the_example_of_rfc_8291_comes_out_byte_by_byte() {
        let browser = Browser::parse(UA_PUBLIC, AUTH).unwrap();
        let text = URL_SAFE_NO_PAD.decode(PLAIN).unwrap();
        let sealed = encrypt(
            &browser,
            &text,
            &bytes(AS_PRIVATE).unwrap(),
            &bytes(SALT).unwrap(),
        )
        .unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), SEALED);
    }

    #[test]
    fn the_longest_message_fits_what_every_service_takes() {
        let browser = Browser::parse(UA_PUBLIC, AUTH).unwrap();
        let seal = |length: usize| {
            encrypt(
                &browser,
                &vec![b'a'; length],
                &bytes(AS_PRIVATE).unwrap(),
                &[1; 16],
            )
        };
        assert_eq!(seal(LONGEST).unwrap().len(), 4096);
        assert_eq!(seal(LONGEST + 1), Err(Error::TooLong));
        assert_eq!(seal(0).unwrap().len(), 86 + 17);
    }

    #[test]
    fn a_token_is_signed_for_one_origin_and_no_longer_than_said() {
        let sender = Sender::parse(AS_PRIVATE).unwrap();
        let header = sender
            .authorization("https://push.example", "mailto:me@shop.example", 1_453_523_768)
            .unwrap();
        let (token, key) = header
            .strip_prefix("vapid t=")
            .unwrap()
            .split_once(", k=")
            .unwrap();
        assert_eq!(key, sender.public());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (head, claims) = signed.split_once('.').unwrap();
        let read = |part: &str| -> serde_json::Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        assert_eq!(read(head), serde_json::json!({"typ": "JWT", "alg": "ES256"}));
        assert_eq!(
            read(claims),
            serde_json::json!({"aud": "https://push.example", "exp": 1_453_523_768, "sub": "mailto:me@shop.example"})
        );
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        Verifies::new(&ECDSA_P256_SHA256_FIXED, key)
            .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
            .unwrap();
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let off_the_curve = URL_SAFE_NO_PAD.encode([4_u8; 65]);
        for (point, auth) in [
            (off_the_curve.as_str(), AUTH),
            (UA_PUBLIC, "BTBZMqHH6r4Tts7J_aSI"),
            ("", AUTH),
            (&UA_PUBLIC[1..], AUTH),
        ] {
            assert_eq!(Browser::parse(point, auth), Err(Error::Subscription));
        }
        assert!(Browser::parse(&format!("{UA_PUBLIC}="), &format!("{AUTH}==")).is_ok());
        assert_eq!(Sender::of(&[0; 32]).unwrap_err(), Error::Key);
        assert_eq!(Sender::of(&[255; 32]).unwrap_err(), Error::Key);
    }

    #[test]
    fn a_topic_that_does_not_fit_is_left_out() {
        let topic = |topic| {
            let headers = headers("vapid", 60, Urgency::Low, Some(topic));
            headers.iter().any(|(name, _)| *name == "topic")
        };
        let too_long = "a".repeat(33);
        assert!(topic("cart_1-a") && !topic("cart 1") && !topic(&too_long) && !topic(""));
    }
}
