//! Webhooks as [Standard Webhooks](https://www.standardwebhooks.com/) 1.0 says: the body, its signature in
//! headers, and the check a receiver makes. Three older styles are offered for receivers that exist already.
//!
//! Deliberately does not know: where it is sent, when it is tried again, which fields a purpose may tell.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What a secret starts with.
pub const PREFIX: &str = "whsec_";
/// How far the time of a message may be from the receiver's, seconds.
pub const TOLERANCE_S: i64 = 300;
/// The version of the body's shape: it grows only if a receiver of the earlier one would misread the new.
pub const SHAPE: u32 = 1;
/// Shortest and longest secret, bytes (the specification's own bounds).
const SECRET: std::ops::RangeInclusive<usize> = 24..=64;
/// Most signatures that are compared: nobody rotates among more secrets.
const SIGNATURES: usize = 16;

/// The secret that sender and receiver share. Shown by nothing.
#[derive(Clone)]
pub struct Secret(hmac::Key);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// A secret that cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadSecret {
    /// Not `whsec_` and base64.
    #[error(
        "a webhook secret is `whsec_` and 24 to 64 random bytes as base64: `egard keys webhook new` makes one"
    )]
    Form,
    /// Too short to be a secret, or too long.
    #[error("a webhook secret has 24 to 64 bytes: `egard keys webhook new` makes one")]
    Length,
}

impl Secret {
    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// If it is no such text, or has fewer than 24 or more than 64 bytes.
    pub fn parse(text: &str) -> Result<Secret, BadSecret> {
        let bytes = text.trim().strip_prefix(PREFIX).ok_or(BadSecret::Form)?;
        let bytes = STANDARD.decode(bytes).map_err(|_| BadSecret::Form)?;
        Secret::of(&bytes)
    }

    /// A secret as receivers of the older styles keep it: the text's own bytes are the key.
    ///
    /// # Errors
    /// If it has fewer than 24 or more than 64 bytes.
    pub fn plain(text: &str) -> Result<Secret, BadSecret> {
        Secret::of(text.trim().as_bytes())
    }

    fn of(bytes: &[u8]) -> Result<Secret, BadSecret> {
        match SECRET.contains(&bytes.len()) {
            true => Ok(Secret(hmac::Key::new(hmac::HMAC_SHA256, bytes))),
            false => Err(BadSecret::Length),
        }
    }

    fn sign(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        context.sign()
    }
}

/// Random bytes as the text of a secret.
pub fn show_secret(random: &[u8; 32]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(random))
}

/// How a receiver expects the signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Style {
    /// Standard Webhooks: `webhook-signature: v1,…` over id, time and body. Offer this to new receivers.
    #[default]
    Standard,
    /// `Webhook-Signature`: base64 of the HMAC of the body alone, as receivers of Mautic check it. Does not
    /// protect against repetition.
    Mautic,
    /// `novu-signature: t=<milliseconds>,v1=<hexadecimal>` over time and body.
    Novu,
    /// `X-CIO-Timestamp` and `X-CIO-Signature`: hexadecimal, over `v0`, time and body.
    CustomerIo,
}

impl Style {
    /// The name in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Style::Standard => "standard",
            Style::Mautic => "mautic",
            Style::Novu => "novu",
            Style::CustomerIo => "customerio",
        }
    }

    /// The style of that name.
    pub fn parse(name: &str) -> Option<Style> {
        [Style::Standard, Style::Mautic, Style::Novu, Style::CustomerIo]
            .into_iter()
            .find(|style| style.as_str() == name)
    }
}

/// What is told of: no person is named but by the fields.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// What happened, such as `journey.step`.
    pub kind: &'a str,
    /// The same over all tries of one message: the receiver knows a repetition by it. Without a full stop.
    pub id: &'a str,
    /// When it happened, RFC 3339.
    pub at: &'a str,
    /// The purpose under which it is told.
    pub purpose: &'a str,
    /// The journey.
    pub journey: &'a str,
    /// Its step.
    pub step: &'a str,
}

/// The body. Of `fields` those stand in it that are `declared`, and no others, whatever the caller holds.
pub fn body(event: &Event<'_>, fields: &Map<String, Value>, declared: &[&str]) -> Vec<u8> {
    let told: Map<String, Value> = fields
        .iter()
        .filter(|(name, _)| declared.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let body = json!({
        "type": event.kind,
        "version": SHAPE,
        "id": event.id,
        "timestamp": event.at,
        "data": {
            "purpose": event.purpose,
            "journey": event.journey,
            "step": event.step,
            "person": told,
        },
    });
    body.to_string().into_bytes()
}

/// The headers of one try. With several secrets (a rotation) the styles that know several signatures carry one
/// of each; the others carry that of the first. `at_ms` is the time of this very try.
pub fn headers(
    style: Style,
    secrets: &[Secret],
    id: &str,
    at_ms: i64,
    body: &[u8],
) -> Vec<(&'static str, String)> {
    let (at_s, first) = (at_ms.div_euclid(1000), secrets.first());
    let seconds = at_s.to_string();
    let identity = ("webhook-id", id.to_owned());
    match style {
        Style::Standard => {
            let signature = |secret: &Secret| {
                let tag = secret.sign(&[id.as_bytes(), b".", seconds.as_bytes(), b".", body]);
                format!("v1,{}", STANDARD.encode(tag))
            };
            let signatures: Vec<String> = secrets.iter().map(signature).collect();
            vec![
                identity,
                ("webhook-timestamp", seconds.clone()),
                ("webhook-signature", signatures.join(" ")),
            ]
        }
        Style::Mautic => {
            let tag = first.map(|secret| STANDARD.encode(secret.sign(&[body])));
            vec![identity, ("webhook-signature", tag.unwrap_or_default())]
        }
        Style::Novu => {
            let time = at_ms.to_string();
            let tag = first.map(|secret| hex(secret.sign(&[time.as_bytes(), b".", body]).as_ref()));
            let value = format!("t={time},v1={}", tag.unwrap_or_default());
            vec![identity, ("novu-signature", value)]
        }
        Style::CustomerIo => {
            let tag =
                first.map(|secret| hex(secret.sign(&[b"v0:", seconds.as_bytes(), b":", body]).as_ref()));
            vec![
                identity,
                ("x-cio-timestamp", seconds.clone()),
                ("x-cio-signature", tag.unwrap_or_default()),
            ]
        }
    }
}

/// Why a message is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unbelieved {
    /// A header is missing or of another form.
    #[error("a header is missing or not of its form: `webhook-id`, `webhook-timestamp`, `webhook-signature`")]
    Headers,
    /// Its time is too far from now: an old message, repeated, or a wrong clock.
    #[error("the time of the message is more than 300 seconds from now: check the clock")]
    Time,
    /// No signature is that of a secret we know.
    #[error("no signature fits: check the secret, and that the body is compared byte by byte")]
    Signature,
}

/// The receiver's check of a Standard Webhooks message. `header` finds a header by its lower-case name.
///
/// # Errors
/// If the message is not to be believed.
pub fn verify<'a>(
    secrets: &[Secret],
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
    now_ms: i64,
) -> Result<(), Unbelieved> {
    let id = header("webhook-id").filter(|id| !id.is_empty());
    let time = header("webhook-timestamp").filter(|time| time.bytes().all(|b| b.is_ascii_digit()));
    let (Some(id), Some(time), Some(given)) = (id, time, header("webhook-signature")) else {
        return Err(Unbelieved::Headers);
    };
    let at: i64 = time.parse().map_err(|_| Unbelieved::Headers)?;
    let apart = at.abs_diff(now_ms.div_euclid(1000));
    if apart > TOLERANCE_S.unsigned_abs() {
        return Err(Unbelieved::Time);
    }
    let fits = given
        .split(' ')
        .take(SIGNATURES)
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .any(|signature| {
            let same = |secret: &Secret| {
                let own = secret.sign(&[id.as_bytes(), b".", time.as_bytes(), b".", body]);
                constant_time::verify_slices_are_equal(own.as_ref(), &signature).is_ok()
            };
            secrets.iter().any(same)
        });
    if fits { Ok(()) } else { Err(Unbelieved::Signature) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // The example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const AT_MS: i64 = 1_614_265_330_000;

    fn secret(text: &str) -> Secret {
        Secret::parse(text).unwrap()
    }

    fn find<'a>(headers: &'a [(&'static str, String)]) -> impl Fn(&str) -> Option<&'a str> {
        |name| {
            headers
                .iter()
                .find(|(own, _)| *own == name)
                .map(|(_, value)| value.as_str())
        }
    }

    #[test]
    fn the_signature_is_that_of_the_specification() {
        let headers = headers(Style::Standard, &[secret(SECRET)], ID, AT_MS, BODY);
        assert_eq!(
            find(&headers)("webhook-signature"),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
        assert_eq!(find(&headers)("webhook-timestamp"), Some("1614265330"));
    }

    #[test]
    fn while_secrets_rotate_the_old_and_the_new_both_believe() {
        let new = secret(&show_secret(&[7; 32]));
        let sent = headers(Style::Standard, &[new.clone(), secret(SECRET)], ID, AT_MS, BODY);
        for known in [secret(SECRET), new] {
            assert_eq!(verify(&[known], find(&sent), BODY, AT_MS), Ok(()));
        }
        let other = secret(&show_secret(&[8; 32]));
        assert_eq!(
            verify(&[other], find(&sent), BODY, AT_MS),
            Err(Unbelieved::Signature)
        );
    }

    #[test]
    fn an_old_message_is_not_believed_again() {
        let sent = headers(Style::Standard, &[secret(SECRET)], ID, AT_MS, BODY);
        let at = |later_s: i64| verify(&[secret(SECRET)], find(&sent), BODY, AT_MS + later_s * 1000);
        assert_eq!((at(300), at(-300)), (Ok(()), Ok(())));
        assert_eq!(
            (at(301), at(-301)),
            (Err(Unbelieved::Time), Err(Unbelieved::Time))
        );
    }

    #[test]
    fn a_secret_is_long_enough_and_never_printed() {
        assert_eq!(Secret::parse("whsec_c2hvcnQ=").unwrap_err(), BadSecret::Length);
        assert_eq!(
            Secret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap_err(),
            BadSecret::Form
        );
        assert_eq!(Secret::plain(&"a".repeat(65)).unwrap_err(), BadSecret::Length);
        assert_eq!(format!("{:?}", secret(SECRET)), "Secret");
    }

    #[test]
    fn a_field_that_is_not_declared_is_not_told() {
        let event = Event {
            kind: "journey.step",
            id: "m1",
            at: "2026-11-22T10:00:00Z",
            purpose: "service",
            journey: "welcome",
            step: "tell",
        };
        let fields = json!({"plan": "pro", "illness": "flu"});
        let body = body(&event, fields.as_object().unwrap(), &["plan", "city"]);
        let read: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(read["data"]["person"], json!({"plan": "pro"}));
        assert_eq!((&read["version"], &read["id"]), (&json!(1), &json!("m1")));
        let schema: Value =
            serde_json::from_str(include_str!("../../../docs/schema/webhook.schema.json")).unwrap();
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&read), names(&schema["properties"]));
        let inner = &schema["properties"]["data"]["properties"];
        assert_eq!(names(&read["data"]), names(inner));
        assert_eq!(schema["properties"]["version"]["const"], SHAPE);
    }

    proptest! {
        #[test]
        fn one_changed_byte_is_found(body in prop::collection::vec(any::<u8>(), 1..200), at in any::<prop::sample::Index>()) {
            let sent = headers(Style::Standard, &[secret(SECRET)], ID, AT_MS, &body);
            prop_assert_eq!(verify(&[secret(SECRET)], find(&sent), &body, AT_MS), Ok(()));
            let mut other = body.clone();
            let at = at.index(other.len());
            other[at] ^= 1;
            prop_assert_eq!(verify(&[secret(SECRET)], find(&sent), &other, AT_MS), Err(Unbelieved::Signature));
        }

        #[test]
        fn no_header_makes_the_check_fall_over(id in ".*", time in ".*", signature in ".*", now in any::<i64>()) {
            let headers = [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)];
            prop_assert!(verify(&[secret(SECRET)], find(&headers), BODY, now).is_err());
        }
    }
}
