//! DKIM signatures over the raw bytes of a message (RFC 6376, relaxed/relaxed; RFC 8463 for Ed25519).
//!
//! Two signatures at once: RSA, which everybody checks, and Ed25519, which a few do. Fields that matter are
//! named once more than they stand there, so that none can be added. Deliberately does not know: how the
//! message was made, what is published in the DNS.

mod key;

pub use key::{Error, Key, Kind, generate};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Signed as often as they stand there and once more: nobody can add another.
const OVERSIGNED: [&str; 15] = [
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-id",
];
/// Signed as often as they stand there; relays add some of their own.
const SIGNED: [&str; 5] = [
    "list-help",
    "list-owner",
    "feedback-id",
    "auto-submitted",
    "content-language",
];
/// How many characters of a signature stand on a line.
const FOLD: usize = 72;

/// A key with the place of its public half: `selector._domainkey.domain`.
#[derive(Clone, Debug)]
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

impl Signer {
    /// A signer; domain and selector are names of the DNS.
    pub fn new(domain: &str, selector: &str, key: Key) -> Result<Signer, Error> {
        let name = |text: &str| {
            crate::address::domain_of(text).ok_or_else(|| Error::Name(text.chars().take(80).collect()))
        };
        Ok(Signer {
            domain: name(domain)?,
            selector: name(selector)?,
            key,
        })
    }

    /// The domain that answers for the message (`d=`).
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Which of its keys (`s=`).
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// The key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The name and the text of the TXT record that must be published.
    pub fn record(&self) -> (String, String) {
        let name = format!("{}._domainkey.{}", self.selector, self.domain);
        (name, self.key.record())
    }
}

/// The `DKIM-Signature` fields for a message, one for each signer, to be put before it. The message is header
/// fields with CRLF, an empty line, and a body.
pub fn sign(message: &[u8], signers: &[Signer], at: i64) -> Result<Vec<u8>, Error> {
    if signers.is_empty() {
        return Ok(Vec::new());
    }
    let (head, body) = split(message);
    let fields = fields(head);
    let body_hash = STANDARD.encode(sha256(&relaxed_body(body)));
    let mut names = Vec::new();
    // RFC 6376, section 5.4.2: the last one of a name is signed first.
    let mut signed = Vec::with_capacity(head.len());
    for (list, more) in [(OVERSIGNED.as_slice(), 1), (SIGNED.as_slice(), 0)] {
        for name in list {
            let here = fields
                .iter()
                .rev()
                .filter(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
            let before = names.len();
            for (_, value) in here {
                relaxed_field(&mut signed, name.as_bytes(), value);
                names.push(*name);
            }
            names.extend(std::iter::repeat_n(*name, more));
            // A list that is not named cannot be added either: that costs a word and no more.
            debug_assert!(names.len() >= before);
        }
    }
    let mut out = Vec::new();
    for signer in signers {
        let mut field = unsigned_field(signer, at, &names, &body_hash);
        let mut input = signed.clone();
        let value = field.split_once(':').map_or("", |(_, value)| value);
        relaxed_field(&mut input, b"dkim-signature", value.as_bytes());
        // The last line end is not hashed.
        input.truncate(input.len().saturating_sub(2));
        let signature = STANDARD.encode(signer.key.sign(&input)?);
        let mut rest = signature.as_str();
        let mut first = FOLD - 4;
        while !rest.is_empty() {
            let (line, after) = rest.split_at(first.min(rest.len()));
            field.push_str(line);
            if !after.is_empty() {
                field.push_str("\r\n ");
            }
            rest = after;
            first = FOLD;
        }
        field.push_str("\r\n");
        out.extend(field.into_bytes());
    }
    Ok(out)
}

/// The field with an empty `b=`, at its end.
fn unsigned_field(signer: &Signer, at: i64, names: &[&str], body_hash: &str) -> String {
    let mut field = format!(
        "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n d={};\r\n s={}; t={at};\r\n h=",
        signer.key.kind().algorithm(),
        signer.domain,
        signer.selector
    );
    let mut used = 3;
    for (number, name) in names.iter().enumerate() {
        if number > 0 {
            field.push(':');
            used += 1;
        }
        if used + name.len() > FOLD {
            field.push_str("\r\n  ");
            used = 2;
        }
        field.push_str(name);
        used += name.len();
    }
    field.push_str(";\r\n bh=");
    field.push_str(body_hash);
    field.push_str(";\r\n b=");
    field
}

fn sha256(bytes: &[u8]) -> impl AsRef<[u8]> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes)
}

/// Header fields and body; the empty line belongs to neither.
fn split(message: &[u8]) -> (&[u8], &[u8]) {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    match end.and_then(|end| message.split_at_checked(end + 2)) {
        Some((head, rest)) => (head, rest.get(2..).unwrap_or_default()),
        None => (message, &[]),
    }
}

/// Name and value of each field, the value with its folds.
fn fields(head: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut fields = Vec::new();
    let mut rest = head;
    while !rest.is_empty() {
        let mut end = 0;
        loop {
            let line = rest.get(end..).unwrap_or_default();
            let length = line
                .windows(2)
                .position(|two| two == b"\r\n")
                .map_or(line.len(), |at| at + 2);
            end += length;
            let folded = rest.get(end).is_some_and(|byte| *byte == b' ' || *byte == b'\t');
            if length == 0 || !folded {
                break;
            }
        }
        let (field, after) = rest.split_at(end);
        if let Some(colon) = field.iter().position(|byte| *byte == b':') {
            let (name, value) = field.split_at(colon);
            fields.push((name.trim_ascii_end(), value.get(1..).unwrap_or_default()));
        }
        rest = after;
    }
    fields
}

/// RFC 6376, section 3.4.2.
fn relaxed_field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend(name.iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let start = out.len();
    let mut space = false;
    for byte in value {
        match byte {
            b'\r' | b'\n' => {}
            b' ' | b'\t' => space = true,
            _ => {
                if space && out.len() > start {
                    out.push(b' ');
                }
                space = false;
                out.push(*byte);
            }
        }
    }
    out.extend(b"\r\n");
}

/// RFC 6376, section 3.4.4.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    let mut empty = 0usize;
    let mut rest = body;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.get(2..).unwrap_or_default();
        let line = trim_end(line);
        if line.is_empty() {
            empty += 1;
            continue;
        }
        (0..std::mem::take(&mut empty)).for_each(|_| out.extend(b"\r\n"));
        let mut space = false;
        for byte in line {
            match byte {
                b' ' | b'\t' => space = true,
                _ => {
                    if std::mem::take(&mut space) {
                        out.push(b' ');
                    }
                    out.push(*byte);
                }
            }
        }
        out.extend(b"\r\n");
    }
    out
}

fn trim_end(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .rposition(|byte| *byte != b' ' && *byte != b'\t')
        .map_or(0, |at| at + 1);
    line.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_and_fields_are_canonical_as_in_the_standard() {
        // RFC 6376, section 3.4.5.
        let (head, body) = split(b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n");
        let mut canonical = Vec::new();
        for (name, value) in fields(head) {
            relaxed_field(&mut canonical, name, value);
        }
        assert_eq!(String::from_utf8(canonical).unwrap(), "a:X\r\nb:Y Z\r\n");
        assert_eq!(String::from_utf8(relaxed_body(body)).unwrap(), " C\r\nD E\r\n");
        assert!(relaxed_body(b"").is_empty() && relaxed_body(b"\r\n \r\n").is_empty());
    }
}
