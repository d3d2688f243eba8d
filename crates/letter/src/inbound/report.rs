//! Reports in a form: `multipart/report` of servers about deliveries (RFC 3464, RFC 6533) and of providers
//! about readers (RFC 5965).

use super::{Bounce, Complaint, ComplaintKind, Inbound};
use crate::bounce::{Status, Verdict, classify};
use crate::token::{Marks, Reference, Use};
use mail_parser::{Message, MessagePart, MimeHeaders as _, PartType};

/// Most recipients of one report that are looked at.
const RECIPIENTS: usize = 100;

/// What the report says; `None` if the message is none.
pub(super) fn read(message: &Message<'_>, to: Option<(Use, Reference)>, marks: &Marks) -> Option<Inbound> {
    let part = |kinds: &[&str]| {
        message.parts.iter().take(50).find(|part| {
            part.content_type().is_some_and(|kind| {
                kind.ctype().eq_ignore_ascii_case("message")
                    && kind
                        .subtype()
                        .is_some_and(|sub| kinds.iter().any(|known| sub.eq_ignore_ascii_case(known)))
            })
        })
    };
    if let Some(found) = part(&["feedback-report"]) {
        return Some(complaint(message, &text(found), to, marks));
    }
    let found = part(&["delivery-status", "global-delivery-status"])?;
    Some(delivery(message, &text(found), to, marks))
}

fn delivery(message: &Message<'_>, text: &str, to: Option<(Use, Reference)>, marks: &Marks) -> Inbound {
    let known = match to {
        Some((Use::Bounce, reference)) => Some((reference, Use::Bounce)),
        _ => original(message, marks),
    };
    let Some((reference, known_by)) = known else {
        return Inbound::Foreign;
    };
    let mut worst: Option<(Verdict, bool)> = None;
    for block in blocks(text).into_iter().take(RECIPIENTS) {
        let field = |name| value(&block, name);
        let action = field("action").unwrap_or_default().to_ascii_lowercase();
        let delayed = action.starts_with("delayed");
        if !delayed && !action.starts_with("failed") {
            continue;
        }
        let diagnostic = field("diagnostic-code").unwrap_or_default();
        let said = diagnostic.split_once(';').map_or(diagnostic, |(_, words)| words);
        let status = field("status").and_then(Status::read);
        // Exim gives `5.0.0` and nothing else where it never spoke to another server: its reason stands in
        // the words for people alone.
        let vague = status.is_none_or(|status| status.subject == 0);
        let people = match said.trim().is_empty() && vague {
            true => super::words(message).chars().take(4_000).collect(),
            false => String::new(),
        };
        let words = if people.is_empty() { said } else { people.as_str() };
        let mut verdict = classify(status, super::smtp_code(words), words);
        if delayed {
            verdict.permanence = crate::bounce::Permanence::Soft;
        }
        let graver = |(known, waits): &(Verdict, bool)| {
            (*waits && !delayed)
                || (known.permanence != verdict.permanence
                    && verdict.permanence == crate::bounce::Permanence::Hard)
        };
        if worst.as_ref().is_none_or(graver) {
            worst = Some((verdict, delayed));
        }
    }
    match worst {
        Some((verdict, delayed)) => Inbound::Bounce(Bounce {
            reference,
            verdict,
            delayed,
            known_by,
        }),
        // Delivered, relayed, expanded.
        None => Inbound::Automatic(reference),
    }
}

fn complaint(message: &Message<'_>, text: &str, to: Option<(Use, Reference)>, marks: &Marks) -> Inbound {
    let fields: Vec<(String, String)> = blocks(text).into_iter().flatten().collect();
    let named = value(&fields, "original-mail-from").and_then(|address| marks.read_address(address));
    let known = named
        .or(to.filter(|(using, _)| *using == Use::Bounce))
        .map(|(_, reference)| reference)
        .or_else(|| original(message, marks).map(|(reference, _)| reference));
    let Some(reference) = known else {
        return Inbound::Foreign;
    };
    let kind = value(&fields, "feedback-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let kind = match kind.as_str() {
        "abuse" | "opt-out" | "opt-out-list" => ComplaintKind::Abuse,
        "fraud" => ComplaintKind::Fraud,
        "virus" => ComplaintKind::Virus,
        "not-spam" => ComplaintKind::NotSpam,
        _ => ComplaintKind::Other,
    };
    Inbound::Complaint(Complaint { reference, kind })
}

/// Which message of ours was sent back, whole (`message/rfc822`) or its header alone (`text/rfc822-headers`).
fn original(message: &Message<'_>, marks: &Marks) -> Option<(Reference, Use)> {
    message.parts.iter().take(50).skip(1).find_map(|part| {
        let text = match &part.body {
            PartType::Message(inner) => head(inner.raw_message()),
            _ if is_headers(part) => text(part),
            _ => return None,
        };
        let fields: Vec<(String, String)> = blocks(&text).into_iter().next()?;
        let sender = value(&fields, "return-path").and_then(|path| marks.read_address(path));
        if let Some((Use::Bounce, reference)) = sender {
            return Some((reference, Use::Bounce));
        }
        let id = value(&fields, "message-id")?;
        Some((marks.read_message_id(id)?, Use::MessageId))
    })
}

fn is_headers(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|kind| {
        let sub = kind.subtype().unwrap_or_default();
        ["rfc822-headers", "global-headers", "rfc822", "global"]
            .iter()
            .any(|known| sub.eq_ignore_ascii_case(known))
    })
}

fn head(bytes: &[u8]) -> String {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end
        .or_else(|| bytes.windows(2).position(|two| two == b"\n\n"))
        .unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end.min(64 << 10)).unwrap_or_default()).into_owned()
}

fn text(part: &MessagePart<'_>) -> String {
    String::from_utf8_lossy(part.contents()).into_owned()
}

/// Groups of fields, with an empty line between; names in lower case, values unfolded.
fn blocks(text: &str) -> Vec<Vec<(String, String)>> {
    let mut blocks = vec![Vec::new()];
    for line in text.lines().take(5_000) {
        let line = line.trim_end_matches('\r');
        let Some(block) = blocks.last_mut() else { break };
        if line.trim().is_empty() {
            if !block.is_empty() {
                blocks.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = block.last_mut() {
                let value: &mut String = value;
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            block.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    blocks
}

fn value<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}
