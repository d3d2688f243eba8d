//! Mail that comes in: failures, complaints, people who leave by mail, answers.
//!
//! Anybody can write anything to us. What counts is a mark with our code (`token`): a report or a request
//! without one is about nobody, however it looks. Deliberately does not know: whose mark it is, what is done
//! about it.

mod report;

use crate::address::Address;
use crate::bounce::{Verdict, classify};
use crate::token::{Marks, Reference, Use};
use mail_parser::{Message, MessageParser, PartType};

/// Longest message that is read, bytes.
pub const LONGEST: usize = 1 << 20;
/// Longest text of an answer that is kept, bytes.
pub const LONGEST_TEXT: usize = 64 << 10;
/// Fields that say to whom a message came, as relays add them, and the address line itself.
const TO: [&str; 6] = [
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "To",
    "Cc",
];

/// What came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inbound {
    /// A message of ours did not arrive, or has not yet.
    Bounce(Bounce),
    /// Somebody told their provider what they think of a message of ours.
    Complaint(Complaint),
    /// A person leaves, by the address of `List-Unsubscribe`.
    Unsubscribe(Reference),
    /// A human's answer to a message of ours.
    Reply(Box<Reply>),
    /// A machine's answer, such as an absence notice, or a report that all is well: there is nothing to do.
    Automatic(Reference),
    /// Nothing of ours is in it.
    Foreign,
}

/// A message that did not arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounce {
    /// Which.
    pub reference: Reference,
    /// Why.
    pub verdict: Verdict,
    /// The other side still tries (`Action: delayed`): it may yet arrive.
    pub delayed: bool,
    /// By what it was known. Whoever has seen a message knows its Message-ID; its bounce address is known to the
    /// servers on the way and to the recipient alone.
    pub known_by: Use,
}

/// A report of a provider about a reader (RFC 5965).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Complaint {
    /// About which message.
    pub reference: Reference,
    /// What they said.
    pub kind: ComplaintKind,
}

/// What a report says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComplaintKind {
    /// Unwanted: the button `spam` (`abuse`, also `opt-out`).
    Abuse,
    /// `fraud`.
    Fraud,
    /// `virus`.
    Virus,
    /// It is wanted after all (`not-spam`).
    NotSpam,
    /// Something else, such as `auth-failure`, which is about servers and no complaint of a person.
    Other,
}

/// A human's answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// To which message of ours, or of which conversation.
    pub reference: Reference,
    /// By what it was known: [`Use::Reply`] (its address) or [`Use::MessageId`] (what it answers).
    pub known_by: Use,
    /// Who wrote it, as the message claims: nobody has checked that.
    pub from: Option<Address>,
    /// Its Message-ID, for `In-Reply-To` of what answers it.
    pub message_id: Option<String>,
    /// The conversation so far, the oldest first.
    pub references: Vec<String>,
    /// Subject.
    pub subject: String,
    /// What was written, as text, without what it quotes.
    pub text: String,
}

/// What people write is nobody's business but that of who answers.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({:?}, {:?})", self.reference, self.known_by)
    }
}

/// A message as plain text with what stands around it, for whoever looks for a mark of their own in it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Plain {
    /// Where a mark may stand: the addresses it went to, the Message-IDs that it answers.
    pub places: Vec<String>,
    /// Its Message-ID; empty without.
    pub message_id: String,
    /// A machine wrote it (RFC 3834).
    pub automatic: bool,
    /// Subject.
    pub subject: String,
    /// Its text, with all that it quotes.
    pub text: String,
    /// Names of what is attached.
    pub attached: Vec<String>,
}

/// The message as plain text; none if it cannot be understood.
pub fn plain(bytes: &[u8], recipient: Option<&str>) -> Option<Plain> {
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    let message = MessageParser::default().parse(bytes)?;
    let places = recipients(&message, recipient).chain(answered(&message));
    let attached = message.attachments().filter_map(|part| {
        use mail_parser::MimeHeaders as _;
        part.attachment_name().map(str::to_owned)
    });
    Some(Plain {
        places: places.collect(),
        message_id: message.message_id().unwrap_or_default().to_owned(),
        automatic: is_automatic(&message),
        subject: crate::header::plain(message.subject().unwrap_or_default())
            .chars()
            .take(100)
            .collect(),
        text: words(&message),
        attached: attached.take(20).collect(),
    })
}

/// Reads a message. `recipient` is to whom the server took it (`RCPT TO`), if that is known; otherwise the fields
/// that relays add are asked. Never fails: what cannot be understood is foreign.
pub fn read(bytes: &[u8], recipient: Option<&str>, marks: &Marks) -> Inbound {
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    let Some(message) = MessageParser::default().parse(bytes) else {
        return Inbound::Foreign;
    };
    let to = recipients(&message, recipient).find_map(|address| marks.read_address(&address));
    if let Some(found) = report::read(&message, to, marks) {
        return found;
    }
    match to {
        Some((Use::Unsubscribe, reference)) => return Inbound::Unsubscribe(reference),
        Some((Use::Bounce, reference)) => return unreported(&message, reference),
        _ => {}
    }
    let known = match to {
        Some((Use::Reply, reference)) => Some((reference, Use::Reply)),
        _ => answered(&message)
            .find_map(|id| marks.read_message_id(&id))
            .map(|reference| (reference, Use::MessageId)),
    };
    match known {
        Some((reference, _)) if is_automatic(&message) => Inbound::Automatic(reference),
        Some((reference, known_by)) => Inbound::Reply(Box::new(reply(&message, reference, known_by))),
        None => Inbound::Foreign,
    }
}

/// Something came to the address of a message's failures and is no report in a form: qmail and a few others write
/// words, and absence notices come here as well.
fn unreported(message: &Message<'_>, reference: Reference) -> Inbound {
    let text = words(message);
    let start: String = text.chars().take(4_000).collect();
    let failed = [
        "undeliver",
        "failure",
        "failed",
        "returned mail",
        "delivery status",
        "qmail-send",
        "could not be delivered",
    ];
    let subject = message.subject().unwrap_or_default().to_lowercase();
    let lower = start.to_lowercase();
    if !failed
        .iter()
        .any(|word| subject.contains(word) || lower.contains(word))
    {
        return Inbound::Automatic(reference);
    }
    let code = smtp_code(&start);
    Inbound::Bounce(Bounce {
        reference,
        verdict: classify(None, code, &start),
        delayed: subject.contains("delay") || subject.contains("warning"),
        known_by: Use::Bounce,
    })
}

/// The first of the codes 400 to 599 that stands alone.
fn smtp_code(text: &str) -> Option<u16> {
    let word = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    word.filter(|word| word.len() == 3)
        .find_map(|word| word.parse().ok().filter(|code| (400..600).contains(code)))
}

fn recipients<'m>(message: &'m Message<'_>, recipient: Option<&'m str>) -> impl Iterator<Item = String> + 'm {
    let fields = message
        .headers()
        .iter()
        .filter(|header| TO.iter().any(|name| header.name().eq_ignore_ascii_case(name)));
    let raw = message.raw_message();
    let values = fields.filter_map(move |header| {
        let range = header.offset_start() as usize..header.offset_end() as usize;
        std::str::from_utf8(raw.get(range)?).ok()
    });
    // An address of ours holds no space, comma or bracket: no grammar is needed to find it.
    let each = values.flat_map(|value| value.split(|c: char| c.is_whitespace() || ",;<>\"()".contains(c)));
    recipient
        .into_iter()
        .chain(each.filter(|word| word.contains('@')))
        .take(200)
        .map(str::to_owned)
}

/// Message-IDs that it answers, the nearest first.
fn answered(message: &Message<'_>) -> impl Iterator<Item = String> {
    let list = |value: &mail_parser::HeaderValue<'_>| -> Vec<String> {
        value
            .as_text_list()
            .unwrap_or_default()
            .iter()
            .map(|id| id.to_string())
            .collect()
    };
    let mut ids = list(message.in_reply_to());
    let mut references = list(message.references());
    references.reverse();
    ids.append(&mut references);
    ids.into_iter().take(100)
}

/// RFC 3834, section 5, and what was used before it.
fn is_automatic(message: &Message<'_>) -> bool {
    let value = |name: &str| {
        let mut fields = message.headers().iter();
        let field = fields.find(|header| header.name().eq_ignore_ascii_case(name));
        let value = field
            .and_then(|header| header.value().as_text())
            .unwrap_or_default();
        value.trim().to_ascii_lowercase()
    };
    let submitted = value("Auto-Submitted");
    (!submitted.is_empty() && !submitted.starts_with("no"))
        || ["bulk", "junk", "list", "auto_reply"].contains(&value("Precedence").as_str())
        || ["X-Autoreply", "X-Autorespond"]
            .iter()
            .any(|name| !value(name).is_empty())
        || message
            .return_path()
            .as_text()
            .is_some_and(|path| path.trim() == "<>")
}

fn words(message: &Message<'_>) -> String {
    let text = message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        PartType::Html(html) => Some(crate::text::from_html(html)),
        _ => None,
    });
    text.unwrap_or_default()
}

fn reply(message: &Message<'_>, reference: Reference, known_by: Use) -> Reply {
    let from = message
        .from()
        .and_then(|from| from.first())
        .and_then(|from| Address::parse(from.address()?).ok());
    let mut references: Vec<String> = answered(message).collect();
    references.reverse();
    references.dedup();
    Reply {
        reference,
        known_by,
        from,
        message_id: message.message_id().map(str::to_owned),
        references,
        subject: crate::header::plain(message.subject().unwrap_or_default())
            .chars()
            .take(400)
            .collect(),
        text: fresh(&words(message)),
    }
}

/// The text without what it quotes at its end: lines with `>`, and the line that introduces them.
fn fresh(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let quoted = |line: &str| line.starts_with('>') || line.is_empty();
    let whole = lines.len();
    while lines.last().is_some_and(|line| quoted(line)) {
        lines.pop();
    }
    let cut = text
        .lines()
        .rev()
        .take(whole - lines.len())
        .any(|line| line.starts_with('>'));
    if cut {
        // `On Sunday, Ann wrote:` or `Le dimanche, Ann a écrit :`, perhaps over two lines.
        for _ in 0..2 {
            let introduces = lines.last().is_some_and(|line| {
                line.ends_with(':') || ["On ", "Le ", "Am "].iter().any(|start| line.starts_with(start))
            });
            if introduces {
                lines.pop();
            }
        }
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
    }
    let mut text = lines.join("\n");
    let mut end = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}
