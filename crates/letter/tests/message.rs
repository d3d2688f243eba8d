//! Messages, read back by a parser that is not ours.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "mail/common.rs"]
mod common;

use common::{DOMAIN, mailbox, mailing, marks, message, signers};
use letter::address::{Address, Mailbox};
use letter::mime::{Error, Message, Nature, Thread, build};
use letter::token::Use;
use mail_parser::{MessageParser, MimeHeaders as _};
use proptest::prelude::*;

const HEADERS: [&str; 10] = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Language",
    "Content-Type",
    "DKIM-Signature",
];

fn names(bytes: &[u8]) -> Vec<String> {
    let parsed = MessageParser::default().parse(bytes).unwrap();
    parsed
        .headers()
        .iter()
        .map(|header| header.name().to_owned())
        .collect()
}

fn raw<'b>(bytes: &'b [u8], name: &'static str) -> Option<&'b str> {
    let parsed = MessageParser::default().parse(bytes).unwrap();
    let header = parsed
        .headers()
        .iter()
        .find(|header| header.name().eq_ignore_ascii_case(name))?;
    let range = header.offset_start() as usize..header.offset_end() as usize;
    std::str::from_utf8(&bytes[range]).ok().map(str::trim)
}

fn well_formed(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert!(text.ends_with("\r\n"));
    for line in text.split("\r\n") {
        assert!(
            line.len() <= 998 && !line.contains(['\r', '\n', '\0']),
            "{line:?}"
        );
    }
    let body = text.split_once("\r\n\r\n").unwrap().1;
    assert!(body.split("\r\n").all(|line| line.len() <= 76 && line.is_ascii()));
}

#[test]
fn a_mailing_carries_every_way_to_leave() {
    let (from, to) = (
        mailbox("Boutique <bonjour@shop.example>"),
        mailbox("Ann <ann@example.org>"),
    );
    let mailing = mailing();
    let built = build(
        &message(&from, &to, Nature::Mailing(&mailing)),
        &marks(),
        &signers(),
    )
    .unwrap();
    let header = |name| raw(&built.bytes, name);
    let leave = header("List-Unsubscribe").unwrap();
    assert!(leave.starts_with("<https://shop.example/u/2f7c9e>,"), "{leave}");
    let mailto = leave.split_once("<mailto:").unwrap().1.split_once('?').unwrap().0;
    assert_eq!(marks().read_address(mailto).unwrap().0, Use::Unsubscribe);
    assert_eq!(
        header("List-Unsubscribe-Post"),
        Some("List-Unsubscribe=One-Click")
    );
    assert_eq!(
        header("List-ID"),
        Some("La lettre de la boutique <newsletter.shop.example>")
    );
    assert_eq!(header("List-Help"), Some("<https://shop.example/why/2f7c9e>"));
    assert_eq!(header("List-Owner"), Some("<mailto:team@shop.example>"));
    assert_eq!(header("Feedback-ID"), Some("autumn:newsletter:marketing:shop"));
    assert_eq!(header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(header("Precedence"), None);
    let parsed = MessageParser::default().parse(&built.bytes).unwrap();
    assert_eq!(parsed.subject(), Some("Votre commande est prête"));
    assert!(parsed.body_text(0).unwrap().contains("votre commande est prête."));
    assert!(parsed.body_html(0).unwrap().contains("<b>prête</b>"));
    // Text first: the last one is the one that is preferred.
    let types: Vec<_> = parsed.parts[1..]
        .iter()
        .map(|part| part.content_type().unwrap().subtype().unwrap())
        .collect();
    assert_eq!(types, ["plain", "html"]);
    well_formed(&built.bytes);
    assert_eq!(
        marks().read_address(&built.sender.to_string()).unwrap().0,
        Use::Bounce
    );
    assert!(built.sender.to_string().ends_with(&format!("@{DOMAIN}")));
}

#[test]
fn the_same_message_is_the_same_bytes_and_another_has_another_id() {
    let (from, to) = (mailbox("hello@shop.example"), mailbox("ann@example.org"));
    let one = message(&from, &to, Nature::Automatic);
    assert_eq!(
        build(&one, &marks(), &signers()),
        build(&one, &marks(), &signers())
    );
    let other = Message {
        reference: marks().reference(&[2; 16], "newsletter", "2026-11"),
        ..one
    };
    let id = |message| build(message, &marks(), &[]).unwrap().message_id;
    assert_ne!(id(&one), id(&other));
    assert_eq!(marks().read_message_id(&id(&one)), Some(one.reference));
}

#[test]
fn an_answer_of_a_human_joins_its_conversation_and_may_be_answered_by_an_absence_notice() {
    let (from, to, reply) = (
        mailbox("Hélène <team@shop.example>"),
        mailbox("ann@example.org"),
        mailbox("reply+x@shop.example"),
    );
    let references: Vec<String> = (0..40).map(|n| format!("m{n}@example.org")).collect();
    let message = Message {
        reply_to: Some(&reply),
        thread: Thread {
            in_reply_to: Some("<m39@example.org>"),
            references: &references,
        },
        ..message(&from, &to, Nature::Human)
    };
    let built = build(&message, &marks(), &[]).unwrap();
    let parsed = MessageParser::default().parse(&built.bytes).unwrap();
    assert_eq!(parsed.in_reply_to().as_text(), Some("m39@example.org"));
    let named = parsed.references().as_text_list().unwrap();
    assert_eq!(
        (named.len(), &*named[0], &*named[19]),
        (20, "m0@example.org", "m39@example.org")
    );
    for absent in ["Auto-Submitted", "List-Unsubscribe", "List-ID"] {
        assert_eq!(raw(&built.bytes, absent), None);
    }
    well_formed(&built.bytes);
}

#[test]
fn a_foreign_message_id_that_would_break_the_header_is_left_out() {
    let (from, to) = (mailbox("team@shop.example"), mailbox("ann@example.org"));
    let bad = ["a@b>\r\nBcc: eve@evil.example", "no at", "", "a b@c", "@x", "x@"].map(str::to_owned);
    let message = Message {
        thread: Thread {
            in_reply_to: Some(&bad[0]),
            references: &bad,
        },
        ..message(&from, &to, Nature::Human)
    };
    let built = build(&message, &marks(), &[]).unwrap();
    let names = names(&built.bytes);
    assert!(
        !names
            .iter()
            .any(|name| ["Bcc", "In-Reply-To", "References"].contains(&name.as_str())),
        "{names:?}"
    );
}

#[test]
fn letters_outside_ascii_need_smtputf8_before_the_at_alone() {
    let from = mailbox("hello@shop.example");
    for (address, needed) in [("hélène@example.org", true), ("helene@bücher.example", false)] {
        let to = Mailbox::new(Some("Hélène"), Address::parse(address).unwrap());
        let built = build(&message(&from, &to, Nature::Automatic), &marks(), &[]).unwrap();
        assert_eq!(built.smtputf8, needed, "{address}");
        let header = built
            .bytes
            .split(|byte| *byte == b'\n')
            .find(|line| line.starts_with(b"To:"))
            .unwrap();
        assert_eq!(header.is_ascii(), !needed, "{address}");
    }
}

#[test]
fn what_cannot_be_built_is_said() {
    let (from, to) = (mailbox("hello@shop.example"), mailbox("ann@example.org"));
    let with = |change: fn(&mut Message<'static>)| {
        let (from, to) = (Box::leak(Box::new(from.clone())), Box::leak(Box::new(to.clone())));
        let mut message = message(from, to, Nature::Human);
        change(&mut message);
        build(&message, &marks(), &[]).map(drop)
    };
    assert_eq!(with(|m| m.subject = " \r\n "), Err(Error::NoSubject));
    assert_eq!(with(|m| m.text = "\n"), Err(Error::NoText));
    assert!(matches!(
        with(|m| m.text = Box::leak("x".repeat(2 << 20).into())),
        Err(Error::TooLong { part: "text", .. })
    ));
    assert!(matches!(with(|m| m.domain = "no domain"), Err(Error::Domain(_))));
    assert!(matches!(with(|m| m.at = i64::MAX), Err(Error::Time(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_the_words_are_no_header_is_added_and_all_is_read_back(
        name in "\\PC{0,60}|[\\x00-\\x7f]{0,40}|(a|é|\r\n|\n| |\"|\\\\|=\\?){0,20}",
        subject in "\\PC{1,120}|[\\x00-\\x7f]{1,90}|(x|\r|\n|Bcc: a@b\\.example| |é){1,30}",
        text in "[\\s\\S]{1,300}|(\r\n|\\.|From |=|a){1,80}",
    ) {
        let from = mailbox("Shop <hello@shop.example>");
        let to = Mailbox::new(Some(&name), Address::parse("ann@example.org").unwrap());
        let message = Message { subject: &subject, text: &text, html: Some(&text), ..message(&from, &to, Nature::Automatic) };
        let Ok(built) = build(&message, &marks(), &[]) else {
            let blank = |c: char| c.is_control() || [' ', '\u{2028}', '\u{2029}'].contains(&c);
            let nothing = text.trim().is_empty() || subject.chars().all(blank);
            prop_assert!(nothing);
            return Ok(());
        };
        well_formed(&built.bytes);
        let names = names(&built.bytes);
        prop_assert!(names.iter().all(|name| HEADERS.contains(&name.as_str())), "{:?}", names);
        let mut once = names.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), names.len());
        let parsed = MessageParser::default().parse(&built.bytes).unwrap();
        let one_line = |text: &str| text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(one_line(parsed.subject().unwrap_or_default()), one_line(&subject));
        let read = parsed.to().unwrap().first().unwrap();
        prop_assert_eq!(read.address(), Some("ann@example.org"));
        prop_assert_eq!(one_line(read.name().unwrap_or_default()), one_line(&name));
        let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n").trim_end_matches('\n').to_owned();
        prop_assert_eq!(lines(&parsed.body_text(0).unwrap()), lines(&text));
    }
}
