//! The one function that builds a message: all headers, both bodies, the signatures.
//!
//! `Precedence` is not written: RFC 2076 discourages it, and what it was for is said by headers that are
//! standards. Responders stay silent at `Auto-Submitted` (RFC 3834, section 2) and at `List-*` (RFC 5230,
//! section 4.6). Deliberately does not know: whether the message may be sent, who the person is.

use crate::address::{Address, Mailbox};
use crate::body::Encoding;
use crate::dkim::{self, Signer};
use crate::header::{self, Headers};
use crate::list::Mailing;
use crate::token::{Marks, Reference, Use};

/// Longest text or HTML, in bytes. Gmail cuts a message's HTML at 102 KB.
pub const LONGEST_PART: usize = 1 << 20;
/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 400;
/// How many earlier messages are named (RFC 5322 sets no limit; the first and the last matter).
const REFERENCES: usize = 20;

/// Why a message cannot be built.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// A body is too long.
    #[error("the {part} is {bytes} bytes long; at most {LONGEST_PART} are sent")]
    TooLong {
        /// `text` or `HTML`.
        part: &'static str,
        /// How long.
        bytes: usize,
    },
    /// Nothing to read without HTML.
    #[error("the message has no text; every message can be read without HTML")]
    NoText,
    /// No subject.
    #[error("the message has no subject")]
    NoSubject,
    /// An address made of a mark and the domain of bounces would be too long, or the domain is none.
    #[error("no address can be made under the domain `{0}`; name one that is shorter")]
    Domain(String),
    /// The time cannot be written.
    #[error("the time `{0}` is outside the years 0 to 9999")]
    Time(i64),
    /// Signing failed.
    #[error(transparent)]
    Dkim(#[from] dkim::Error),
}

/// What a message is, which decides over its headers.
#[derive(Clone, Copy, Debug)]
pub enum Nature<'a> {
    /// Marketing, and whatever goes to many: with all ways to leave.
    Mailing(&'a Mailing),
    /// Written by the house's machine to one person, about a matter of theirs: a receipt, a link they asked for, the
    /// answer to a request for a right. Nobody can leave that, and responders stay silent.
    Automatic,
    /// Written by a human to a human: an absence notice may answer it.
    Human,
}

/// What a message answers.
#[derive(Clone, Copy, Default, Debug)]
pub struct Thread<'a> {
    /// The Message-ID, without brackets, that is answered.
    pub in_reply_to: Option<&'a str>,
    /// Message-IDs of the conversation, the oldest first.
    pub references: &'a [String],
}

/// Everything a message is made of.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Who writes.
    pub from: &'a Mailbox,
    /// To whom; one person, for there is no other message than to one.
    pub to: &'a Mailbox,
    /// Where answers go, if not to `from`.
    pub reply_to: Option<&'a Mailbox>,
    /// One line of text.
    pub subject: &'a str,
    /// Seconds since 1970.
    pub at: i64,
    /// Which message to whom.
    pub reference: Reference,
    /// The domain of the Message-ID and of the envelope's sender: a name of the house whose mail comes back to us.
    pub domain: &'a str,
    /// What is read without HTML.
    pub text: &'a str,
    /// What is read with it.
    pub html: Option<&'a str>,
    /// The language of the words, such as `fr` (RFC 3282).
    pub language: Option<&'a str>,
    /// What it is.
    pub nature: Nature<'a>,
    /// What it answers.
    pub thread: Thread<'a>,
}

/// A message that is ready: bytes for `DATA`, and the envelope around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Built {
    /// The message, in lines that end with CRLF; dots are not doubled, that is SMTP's business.
    pub bytes: Vec<u8>,
    /// `MAIL FROM`: `bounce+MARK@domain`.
    pub sender: Address,
    /// `RCPT TO`.
    pub recipient: Address,
    /// The Message-ID without brackets.
    pub message_id: String,
    /// Whether only SMTPUTF8 (RFC 6531) can carry it: an address has letters outside ASCII before its `@`.
    pub smtputf8: bool,
}

/// Builds a message and signs it with every signer, each in a `DKIM-Signature` of its own.
pub fn build(message: &Message<'_>, marks: &Marks, signers: &[Signer]) -> Result<Built, Error> {
    let subject: String = header::plain(message.subject)
        .chars()
        .take(LONGEST_SUBJECT)
        .collect();
    if subject.is_empty() {
        return Err(Error::NoSubject);
    }
    if message.text.trim().is_empty() {
        return Err(Error::NoText);
    }
    for (part, text) in [("text", message.text), ("HTML", message.html.unwrap_or_default())] {
        if text.len() > LONGEST_PART {
            return Err(Error::TooLong {
                part,
                bytes: text.len(),
            });
        }
    }
    let domain = || Error::Domain(message.domain.chars().take(80).collect());
    let ascii = crate::address::domain_of(message.domain).ok_or_else(domain)?;
    let sender = marks
        .address(Use::Bounce, &message.reference, &ascii)
        .ok_or_else(domain)?;
    let message_id = marks.message_id(&message.reference, &ascii);
    let mut headers = Headers::default();
    headers
        .text
        .reserve(2_048 + message.text.len() * 2 + message.html.map_or(0, |html| html.len() * 5 / 4));
    headers.tokens(
        "Date",
        date(message.at).ok_or(Error::Time(message.at))?.split(' '),
    );
    headers.mailbox("From", message.from);
    headers.mailbox("To", message.to);
    if let Some(reply_to) = message.reply_to {
        headers.mailbox("Reply-To", reply_to);
    }
    headers.words("Subject", &subject);
    headers.tokens("Message-ID", [format!("<{message_id}>").as_str()]);
    thread(&mut headers, &message.thread);
    nature(&mut headers, message.nature);
    headers.tokens("MIME-Version", ["1.0"]);
    bodies(&mut headers, message);
    let unsigned = headers.text.into_bytes();
    let mut bytes = dkim::sign(&unsigned, signers, message.at)?;
    bytes.extend(unsigned);
    let reply_to = message.reply_to.map(|mailbox| &mailbox.address);
    let smtputf8 = [Some(&message.from.address), Some(&message.to.address), reply_to]
        .into_iter()
        .flatten()
        .any(Address::needs_smtputf8);
    Ok(Built {
        bytes,
        sender,
        recipient: message.to.address.clone(),
        message_id,
        smtputf8,
    })
}

/// `Sun, 22 Nov 2026 23:50:00 +0000` (RFC 5322, section 3.3).
fn date(at: i64) -> Option<String> {
    let zoned = jiff::Timestamp::from_second(at)
        .ok()?
        .to_zoned(jiff::tz::TimeZone::UTC);
    jiff::fmt::rfc2822::to_string(&zoned).ok()
}

fn thread(headers: &mut Headers, thread: &Thread<'_>) {
    if let Some(id) = thread.in_reply_to.and_then(bracketed) {
        headers.tokens("In-Reply-To", [id.as_str()]);
    }
    let mut ids: Vec<String> = thread.references.iter().filter_map(|id| bracketed(id)).collect();
    if ids.len() > REFERENCES {
        // The first names the conversation, the last the way back.
        ids.drain(1..=ids.len() - REFERENCES);
    }
    if !ids.is_empty() {
        headers.tokens("References", ids.iter().map(String::as_str));
    }
}

/// `<id>`, if it is a Message-ID that a header can carry; it may have come from outside.
fn bracketed(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let fits = id.len() <= 900
        && id
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>\"\\,;()".contains(&b))
        && id
            .split_once('@')
            .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty());
    fits.then(|| format!("<{id}>"))
}

fn nature(headers: &mut Headers, nature: Nature<'_>) {
    match nature {
        Nature::Human => {}
        Nature::Automatic => headers.tokens("Auto-Submitted", ["auto-generated"]),
        Nature::Mailing(mailing) => {
            headers.tokens("Auto-Submitted", ["auto-generated"]);
            let leave = &mailing.unsubscribe;
            let link = format!("<{}>,", leave.link.as_str());
            let address = format!("<mailto:{}?subject=unsubscribe>", uri(&leave.address));
            headers.tokens("List-Unsubscribe", [link.as_str(), address.as_str()]);
            headers.tokens("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"]);
            headers.list_id("List-ID", mailing.list.name(), mailing.list.id());
            headers.tokens("List-Help", [format!("<{}>", mailing.help.as_str()).as_str()]);
            headers.tokens(
                "List-Owner",
                [format!("<mailto:{}>", uri(&mailing.owner)).as_str()],
            );
            headers.tokens("Feedback-ID", [mailing.feedback.as_str()]);
        }
    }
}

/// An address as it stands in a `mailto:` (RFC 6068, section 2).
fn uri(address: &Address) -> String {
    let mut text = String::new();
    for byte in address.local().bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~+!$'*".contains(&byte) {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text.push('@');
    text.push_str(address.domain());
    text
}

fn bodies(headers: &mut Headers, message: &Message<'_>) {
    if let Some(language) = message.language.filter(|text| is_language(text)) {
        headers.tokens("Content-Language", [language]);
    }
    let Some(html) = message.html else {
        return part(headers, "text/plain", message.text);
    };
    // Neither quoted-printable nor base64 can hold `=_`.
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &message.reference.0);
    let mut boundary = String::from("=_");
    for byte in digest.as_ref().iter().take(12) {
        boundary.push_str(&format!("{byte:02x}"));
    }
    let parameter = format!("boundary=\"{boundary}\"");
    headers.tokens("Content-Type", ["multipart/alternative;", parameter.as_str()]);
    headers.text.push_str("\r\n");
    // The last one is the one that is preferred (RFC 2046, section 5.1.4).
    for (kind, text) in [("text/plain", message.text), ("text/html", html)] {
        headers.text.push_str(&format!("--{boundary}\r\n"));
        part(headers, kind, text);
    }
    headers.text.push_str(&format!("--{boundary}--\r\n"));
}

fn part(headers: &mut Headers, kind: &str, text: &str) {
    let encoding = Encoding::of(text);
    headers.tokens("Content-Type", [format!("{kind};").as_str(), "charset=utf-8"]);
    headers.tokens("Content-Transfer-Encoding", [encoding.name()]);
    headers.text.push_str("\r\n");
    encoding.push(&mut headers.text, text);
}

fn is_language(text: &str) -> bool {
    (2..=35).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
