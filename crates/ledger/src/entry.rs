//! Entries: what the log says about one act, and a commitment to what it does not say.
//!
//! An entry names kinds, purposes, rules and versions, and a day; never a person, and nothing that is
//! the same in two entries because it is the same person. The details are only committed to, with
//! HMAC-SHA256 under a fresh secret: who holds secret and details can prove them; once the secret is
//! destroyed, the commitment is 32 bytes that look random, and the log stands.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::tile::MAX_ENTRY_BYTES;
use crate::tree::Hash;

/// The version of the entry format written here.
pub const VERSION: u64 = 1;

/// Longest word (kind, purpose, verdict, reason) in bytes.
pub const MAX_WORD_BYTES: usize = 96;

/// Most reasons of one entry. Word and reason limits together keep entries under a fifth of
/// [`MAX_ENTRY_BYTES`].
pub const MAX_REASONS: usize = 128;

/// 9999-12-31, in days since 1970-01-01: the last day with a four-digit year.
pub const MAX_DAY: u32 = 2_932_896;

/// One entry of the log.
///
/// A word is 1 to 96 ASCII letters, digits and `. _ - : /`. That leaves room for identifiers of rules
/// and none for an e-mail address, a telephone number with its `+`, or prose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The day it happened, in days since 1970-01-01 (UTC). Coarse on purpose.
    pub day: u32,
    /// What happened: `decision`, `permit`, `contact`, `program`, `staff`, …
    pub kind: String,
    /// For which purpose, where there is one.
    pub purpose: Option<String>,
    /// Digest of the charter that judged, where one did.
    pub charter: Option<Hash>,
    /// Digest of the program in force, where it matters.
    pub program: Option<Hash>,
    /// How it ended: `permit`, `deny`, `sent`, …
    pub verdict: String,
    /// Identifiers of the rules that spoke. Written in order and once each, whatever the order here.
    pub reasons: Vec<String>,
    /// Commitment to the details, from [`commit`].
    pub commitment: Hash,
}

/// What is wrong with an entry. What it holds is not repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum Error {
    /// A word has characters that no identifier needs, or is too long or empty.
    #[error("`{field}` is not a word of 1 to 96 ASCII letters, digits and `.`, `_`, `-`, `:`, `/`")]
    Word {
        /// Which member.
        field: &'static str,
    },
    /// Too many reasons.
    #[error("an entry has at most 128 reasons")]
    TooManyReasons,
    /// The day cannot be written with a four-digit year.
    #[error("the day `{day}` is after 9999-12-31")]
    Day {
        /// Days since 1970-01-01.
        day: u32,
    },
    /// Not an entry at all.
    #[error("this is not an entry of the ledger: not a JSON object with the members of version 1")]
    Shape,
    /// Made by a newer program.
    #[error("the entry has version `{version}`; this program reads version 1")]
    Version {
        /// The version in it.
        version: u64,
    },
    /// An entry, but not in its one canonical form (RFC 8785): members in order, no spaces.
    #[error("the entry is not in canonical form: members in order, reasons in order, no spaces")]
    NotCanonical,
}

/// The commitment to details under a secret: HMAC-SHA256 keyed by the secret. A secret is used for one
/// entry and comes from a cryptographic random source; with its 32 bytes destroyed, the commitment
/// says nothing about the details, not even to who guesses them.
pub fn commit(secret: &[u8; 32], details: &[u8]) -> Hash {
    match Hmac::<Sha256>::new_from_slice(secret) {
        Ok(mac) => mac.chain_update(details).finalize().into_bytes().into(),
        // HMAC takes keys of any length; this arm is never taken, and would prove nothing.
        Err(_) => [0; 32],
    }
}

impl Entry {
    /// The bytes to log: canonical JSON (RFC 8785). The same entry gives the same bytes.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        self.check()?;
        let mut reasons: Vec<&str> = self.reasons.iter().map(String::as_str).collect();
        reasons.sort_unstable();
        reasons.dedup();

        // Words are ASCII without quotes or backslashes: nothing needs escaping, and members stand in
        // the order of their names' bytes.
        let mut json = String::with_capacity(512);
        let _ = write!(json, "{{\"c\":\"{}\"", STANDARD.encode(self.commitment));
        if let Some(charter) = &self.charter {
            let _ = write!(json, ",\"charter\":\"{}\"", hex(charter));
        }
        let _ = write!(
            json,
            ",\"day\":\"{}\",\"kind\":\"{}\"",
            day_text(self.day),
            self.kind
        );
        if let Some(program) = &self.program {
            let _ = write!(json, ",\"program\":\"{}\"", hex(program));
        }
        if let Some(purpose) = &self.purpose {
            let _ = write!(json, ",\"purpose\":\"{purpose}\"");
        }
        json.push_str(",\"reasons\":[");
        for (place, reason) in reasons.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(json, "{comma}\"{reason}\"");
        }
        let _ = write!(json, "],\"v\":{VERSION},\"verdict\":\"{}\"}}", self.verdict);
        Ok(json.into_bytes())
    }

    /// Reads an entry, strictly: only bytes that [`Entry::encode`] would write are one.
    pub fn parse(bytes: &[u8]) -> Result<Entry, Error> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(Error::Shape);
        }
        let members: Members = serde_json::from_slice(bytes).map_err(|_| version_or_shape(bytes))?;
        if members.v != VERSION {
            return Err(Error::Version { version: members.v });
        }
        let entry = Entry {
            day: day_number(&members.day).ok_or(Error::Shape)?,
            kind: members.kind,
            purpose: members.purpose,
            charter: members
                .charter
                .map(|text| unhex(&text).ok_or(Error::Shape))
                .transpose()?,
            program: members
                .program
                .map(|text| unhex(&text).ok_or(Error::Shape))
                .transpose()?,
            verdict: members.verdict,
            reasons: members.reasons,
            commitment: crate::tree::from_base64(&members.c).ok_or(Error::Shape)?,
        };
        match entry.encode()? == bytes {
            true => Ok(entry),
            false => Err(Error::NotCanonical),
        }
    }

    /// Whether these are the details the entry was made with, and this its secret. In constant time.
    pub fn verify_commitment(&self, secret: &[u8; 32], details: &[u8]) -> bool {
        Hmac::<Sha256>::new_from_slice(secret)
            .is_ok_and(|mac| mac.chain_update(details).verify_slice(&self.commitment).is_ok())
    }

    fn check(&self) -> Result<(), Error> {
        let words = [("kind", Some(&self.kind)), ("purpose", self.purpose.as_ref())];
        for (field, word) in words.into_iter().chain([("verdict", Some(&self.verdict))]) {
            if word.is_some_and(|word| !is_word(word)) {
                return Err(Error::Word { field });
            }
        }
        if self.reasons.len() > MAX_REASONS {
            return Err(Error::TooManyReasons);
        }
        if !self.reasons.iter().all(|reason| is_word(reason)) {
            return Err(Error::Word { field: "reasons" });
        }
        match self.day {
            day if day > MAX_DAY => Err(Error::Day { day }),
            _ => Ok(()),
        }
    }
}

/// The members as they stand in the JSON; unknown and repeated ones are refused.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    c: String,
    charter: Option<String>,
    day: String,
    kind: String,
    program: Option<String>,
    purpose: Option<String>,
    reasons: Vec<String>,
    v: u64,
    verdict: String,
}

/// A newer version may have other members: say so instead of "not an entry".
fn version_or_shape(bytes: &[u8]) -> Error {
    #[derive(serde::Deserialize)]
    struct Version {
        v: u64,
    }
    match serde_json::from_slice(bytes) {
        Ok(Version { v: version }) if version != VERSION => Error::Version { version },
        _ => Error::Shape,
    }
}

fn is_word(word: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte);
    !word.is_empty() && word.len() <= MAX_WORD_BYTES && word.bytes().all(known)
}

fn hex(hash: &Hash) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Hash> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let bytes: Option<Vec<u8>> = pairs
        .iter()
        .map(|[high, low]| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        })
        .collect();
    bytes?.try_into().ok()
}

/// `2026-03-01` of days since 1970-01-01. Counts in years that start in March, so that the leap day
/// comes last, and in eras of 400 years, which all have 146,097 days.
fn day_text(day: u32) -> String {
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let leap_free = day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096;
    let year_of_era = leap_free / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u32::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

/// The inverse, for real dates from 1970 to 9999 only.
fn day_number(text: &str) -> Option<u32> {
    let mut parts = text.splitn(3, '-');
    let mut number = |digits: usize| -> Option<u32> {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| plain)
    };
    let (year, month, date) = (number(4)?, number(2)?, number(2)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&date) {
        return None;
    }
    let year = year - u32::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + date - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let day = era * 146_097 + day_of_era - 719_468;
    // 30 February would come back as another date.
    (day_text(day) == text).then_some(day)
}
