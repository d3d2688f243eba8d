//! The second factor: one-time codes of six digits every thirty seconds (RFC 6238 over HMAC-SHA-1, what every
//! authenticator reckons), and recovery codes for a lost one.
//!
//! Deliberately does not know: whose they are, which of them were taken already but for what it is told.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use vocabulary::{Digest, Moment};

/// Bytes of a secret (RFC 4226, section 4: 160 bits).
pub const SECRET: usize = 20;
/// Milliseconds of a step.
const STEP_MS: i64 = 30_000;
/// Steps before and after now that are taken (RFC 6238, section 5.2: one).
const DRIFT: u64 = 1;
/// Recovery codes of a member.
pub const RECOVERY: usize = 10;
/// Bytes of randomness of one: 80 bits, so that its plain hash cannot be turned back.
const RECOVERY_BYTES: usize = 10;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of that code, if it is one of now and none of `last` or before. Takes the same time whatever it is.
pub fn step_of(secret: &[u8], code: &str, last: u64, now: Moment) -> Option<u64> {
    let typed: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let at = u64::try_from(now.0.div_euclid(STEP_MS)).unwrap_or_default();
    let mut found = None;
    for step in at.saturating_sub(DRIFT)..=at.saturating_add(DRIFT) {
        let same: bool = code_at(secret, step).as_bytes().ct_eq(typed.as_bytes()).into();
        if same && step > last {
            found = Some(step);
        }
    }
    found
}

/// The code at a moment: what an authenticator shows.
pub fn code(secret: &[u8], now: Moment) -> String {
    code_at(
        secret,
        u64::try_from(now.0.div_euclid(STEP_MS)).unwrap_or_default(),
    )
}

/// RFC 4226, section 5.3.
fn code_at(secret: &[u8], step: u64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(&step.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let offset = usize::from(mac.last().copied().unwrap_or_default() & 0x0f);
    let four = mac
        .get(offset..offset + 4)
        .and_then(|four| <[u8; 4]>::try_from(four).ok());
    let number = u32::from_be_bytes(four.unwrap_or_default()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// What an authenticator is given (the `otpauth` form that all of them read).
pub fn uri(site: &str, name: &str, secret: &[u8]) -> String {
    let (site, name) = (escaped(site), escaped(name));
    format!(
        "otpauth://totp/{site}:{name}?secret={}&issuer={site}&algorithm=SHA1&digits=6&period=30",
        base32(secret)
    )
}

/// A new secret.
pub fn secret() -> Result<Vec<u8>, getrandom::Error> {
    let mut bytes = vec![0; SECRET];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// New recovery codes: what is shown once, and what is kept.
pub fn recovery() -> Result<(Vec<String>, Vec<Vec<u8>>), getrandom::Error> {
    let mut shown = Vec::with_capacity(RECOVERY);
    for _ in 0..RECOVERY {
        let mut bytes = [0; RECOVERY_BYTES];
        getrandom::fill(&mut bytes)?;
        shown.push(grouped(&base32(&bytes)));
    }
    let kept = shown.iter().map(|code| recovery_hash(code)).collect();
    Ok((shown, kept))
}

/// What is kept of a recovery code, however it is typed.
pub fn recovery_hash(code: &str) -> Vec<u8> {
    let letters: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    Digest::of(format!("egard recovery code\n{letters}").as_bytes())
        .0
        .to_vec()
}

/// Which of the kept ones it is.
pub fn recovery_of(kept: &[Vec<u8>], code: &str) -> Option<usize> {
    let hash = recovery_hash(code);
    let mut found = None;
    for (index, known) in kept.iter().enumerate() {
        if known.as_slice().ct_eq(&hash).into() {
            found = Some(index);
        }
    }
    found
}

/// In groups of four, to be typed.
pub fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
    groups.join("-")
}

/// RFC 4648, section 6, without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    let (mut waiting, mut bits) = (0_u32, 0_u32);
    let mut put = |five: u32| {
        let letter = usize::try_from(five & 31).ok().and_then(|at| ALPHABET.get(at));
        out.extend(letter.map(|letter| char::from(*letter)));
    };
    for byte in bytes {
        waiting = (waiting << 8 | u32::from(*byte)) & 0xffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            put(waiting >> bits);
        }
    }
    if bits > 0 {
        put(waiting << (5 - bits));
    }
    out
}

/// RFC 3986, section 2.1.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RFC: &[u8] = b"12345678901234567890";

    /// RFC 6238, appendix B (the last six of its eight digits), and RFC 4226, appendix D.
    #[test]
    fn codes_are_those_of_the_rfcs() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(RFC, Moment(seconds * 1_000)), expected);
        }
        let hotp: Vec<String> = (0..4).map(|step| code_at(RFC, step)).collect();
        assert_eq!(hotp, ["755224", "287082", "359152", "969429"]);
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        for (plain, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
        }
    }

    proptest! {
        #[test]
        fn a_code_is_taken_for_a_minute_and_never_twice(at in 100_000_i64..4_000_000_000_000) {
            let now = Moment(at);
            let code = code(RFC, now);
            let step = step_of(RFC, &code, 0, now).unwrap();
            prop_assert_eq!(step, (at / 30_000) as u64);
            prop_assert_eq!(step_of(RFC, &code, step, now), None);
            let spaced = format!("{} {}", &code[..3], &code[3..]);
            prop_assert_eq!(step_of(RFC, &spaced, 0, now), Some(step));
            for far in [-60_001, 60_000] {
                // Another step may by chance have the same digits.
                let found = step_of(RFC, &code, 0, Moment(at + far));
                prop_assert!(found.is_none_or(|found| found != step));
            }
            prop_assert_eq!(step_of(RFC, "", 0, now), None);
        }
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let (shown, kept) = recovery().unwrap();
        assert_eq!((shown.len(), kept.len()), (RECOVERY, RECOVERY));
        let typed = shown[3].to_lowercase().replace('-', " ");
        assert_eq!(recovery_of(&kept, &typed), Some(3));
        assert_eq!(recovery_of(&kept, ""), None);
        assert_eq!(
            shown.iter().collect::<std::collections::BTreeSet<_>>().len(),
            RECOVERY
        );
    }

    #[test]
    fn an_address_for_authenticators_holds_no_stray_letter() {
        let uri = uri("Shop & Söhne", "Helen:1", b"12345678901234567890");
        assert!(
            uri.starts_with("otpauth://totp/Shop%20%26%20S%C3%B6hne:Helen%3A1?secret=GEZDGNBVGY3TQOJQ"),
            "{uri}"
        );
    }
}
