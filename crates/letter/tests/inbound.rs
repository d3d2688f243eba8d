//! What comes back, in the shapes that servers give it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "mail/samples.rs"]
mod samples;

use letter::bounce::{Cause, Permanence};
use letter::inbound::{Bounce, ComplaintKind, Inbound, read};
use letter::token::{Marks, Reference, Use};
use proptest::prelude::*;
use samples::{DOMAIN, absence, complaint, dsn, exchange, exim, gmail, marks, postfix, qmail, reply, ses};

fn reference() -> Reference {
    marks().reference(&[1; 16], "newsletter", "2026-11")
}

fn verp() -> String {
    marks()
        .address(Use::Bounce, &reference(), DOMAIN)
        .unwrap()
        .to_string()
}

fn id() -> String {
    marks().message_id(&reference(), DOMAIN)
}

fn bounce(text: &str) -> Bounce {
    match read(text.replace('\n', "\r\n").as_bytes(), None, &marks()) {
        Inbound::Bounce(bounce) => bounce,
        other => panic!("{other:?}\n{text}"),
    }
}

#[test]
fn reports_of_six_kinds_of_servers_are_read() {
    use Cause::{Full, Network, NoDomain, NoMailbox};
    use Permanence::{Hard, Soft};
    let verp = verp();
    for (text, cause, permanence, delayed) in [
        (
            postfix(
                &verp,
                "failed",
                "5.1.1",
                "550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown",
            ),
            NoMailbox,
            Hard,
            false,
        ),
        (
            postfix(&verp, "failed", "5.4.4", "Host or domain name not found"),
            NoDomain,
            Hard,
            false,
        ),
        (
            postfix(
                &verp,
                "delayed",
                "4.4.1",
                "connect to mx.example.org: Connection timed out",
            ),
            Network,
            Soft,
            true,
        ),
        (
            postfix(&verp, "failed", "4.4.7", "delivery temporarily suspended"),
            Network,
            Soft,
            false,
        ),
        (exim(&verp, "550 5.1.1 No such user here"), NoMailbox, Hard, false),
        (exim(&verp, "552 5.2.2 mailbox full"), Full, Soft, false),
        // Where Exim itself found out, there is no diagnostic.
        (
            exim(&verp, "550 5.1.1 no such user here")
                .replace("Diagnostic-Code: smtp; 550 5.1.1 no such user here\n", ""),
            NoMailbox,
            Hard,
            false,
        ),
        (
            exchange(
                &verp,
                "5.1.10",
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found",
            ),
            NoDomain,
            Hard,
            false,
        ),
        (
            exchange(
                &verp,
                "5.2.2",
                "554 5.2.2 mailbox full; STOREDRV.Deliver; QuotaExceeded",
            ),
            Full,
            Soft,
            false,
        ),
        (gmail(&verp), NoMailbox, Hard, false),
        (ses(&verp), NoMailbox, Hard, false),
        (
            qmail(&verp, "Sorry, no mailbox here by that name. (#5.1.1)"),
            NoMailbox,
            Hard,
            false,
        ),
        (
            qmail(
                &verp,
                "Sorry, I couldn't find any host named example.invalid. (#5.1.2)",
            ),
            NoDomain,
            Hard,
            false,
        ),
    ] {
        let bounce = bounce(&text);
        assert_eq!(bounce.reference, reference());
        assert_eq!(
            (bounce.verdict.cause, bounce.verdict.permanence, bounce.delayed),
            (cause, permanence, delayed),
            "{text}"
        );
        assert_eq!(bounce.known_by, Use::Bounce);
    }
}

#[test]
fn a_report_is_known_by_the_message_it_brings_back_whole_or_its_header_alone() {
    for kind in ["message/rfc822", "text/rfc822-headers", "message/global-headers"] {
        let text = dsn(
            "postmaster@shop.example",
            kind,
            &format!("Subject: x\nMessage-ID: <{}>\n", id()),
            "failed",
            "5.1.1",
            "550 no",
        );
        let bounce = bounce(&text);
        assert_eq!(
            (bounce.reference, bounce.known_by),
            (reference(), Use::MessageId),
            "{kind}"
        );
    }
}

#[test]
fn a_report_without_a_mark_of_ours_is_about_nobody() {
    let other = Marks::new(&[8; 32]);
    let forged = other
        .address(Use::Bounce, &reference(), DOMAIN)
        .unwrap()
        .to_string();
    // The mark of another use, as everybody knows who has seen the message.
    let shown = format!("bounce+{}@{DOMAIN}", marks().mark(Use::MessageId, &reference()));
    let plain = format!("bounce+{}@{DOMAIN}", "a".repeat(42));
    for to in [
        forged.as_str(),
        &shown,
        &plain,
        "postmaster@shop.example",
        "ann@example.org",
    ] {
        for text in [
            postfix(to, "failed", "5.1.1", "550 5.1.1 unknown"),
            qmail(to, "no mailbox here"),
            complaint(to, "ann@example.org", "abuse"),
        ] {
            assert_eq!(
                read(text.as_bytes(), Some(to), &marks()),
                Inbound::Foreign,
                "{to}"
            );
        }
    }
}

#[test]
fn success_and_absence_are_no_failure() {
    let verp = verp();
    let delivered = postfix(&verp, "delivered", "2.0.0", "250 ok");
    assert_eq!(
        read(delivered.as_bytes(), None, &marks()),
        Inbound::Automatic(reference())
    );
    let away = absence(&verp, &id(), "Auto-Submitted: auto-replied");
    assert_eq!(
        read(away.as_bytes(), None, &marks()),
        Inbound::Automatic(reference())
    );
    let away = absence("team@shop.example", &id(), "Auto-Submitted: auto-replied");
    assert_eq!(
        read(away.as_bytes(), None, &marks()),
        Inbound::Automatic(reference())
    );
}

#[test]
fn one_dead_recipient_among_several_makes_it_hard() {
    let text = postfix(&verp(), "failed", "4.2.2", "452 4.2.2 full").replace(
        "\nAction: failed",
        "\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n\nFinal-Recipient: rfc822; b@example.org\nAction: failed",
    );
    assert_eq!(bounce(&text).verdict.permanence, Permanence::Hard);
}

#[test]
fn complaints_are_read_with_their_kind() {
    for (word, kind) in [
        ("abuse", ComplaintKind::Abuse),
        ("ABUSE", ComplaintKind::Abuse),
        ("fraud", ComplaintKind::Fraud),
        ("not-spam", ComplaintKind::NotSpam),
        ("auth-failure", ComplaintKind::Other),
    ] {
        for sender in [verp(), "<>".to_owned()] {
            let text = complaint(&sender, &id(), word);
            match read(text.as_bytes(), None, &marks()) {
                Inbound::Complaint(found) => assert_eq!((found.reference, found.kind), (reference(), kind)),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_person_leaves_by_writing_to_the_address() {
    let address = marks()
        .address(Use::Unsubscribe, &reference(), DOMAIN)
        .unwrap()
        .to_string();
    for text in [
        format!("From: ann@example.org\nTo: <{address}>\nSubject: unsubscribe\n\n"),
        format!(
            "From: ann@example.org\nTo: {}\nSubject: x\n\nunsubscribe\n",
            address.to_uppercase()
        ),
        format!("Delivered-To: {address}\nFrom: ann@example.org\nTo: undisclosed\n\nx\n"),
    ] {
        assert_eq!(
            read(text.as_bytes(), None, &marks()),
            Inbound::Unsubscribe(reference())
        );
    }
    let bare = "From: ann@example.org\n\n";
    assert_eq!(
        read(bare.as_bytes(), Some(&address), &marks()),
        Inbound::Unsubscribe(reference())
    );
}

#[test]
fn an_answer_joins_its_conversation_without_what_it_quotes() {
    let address = marks()
        .address(Use::Reply, &reference(), DOMAIN)
        .unwrap()
        .to_string();
    for (to, known_by) in [
        (address.as_str(), Use::Reply),
        ("team@shop.example", Use::MessageId),
    ] {
        let text = reply(to, &id());
        let Inbound::Reply(found) = read(text.as_bytes(), None, &marks()) else {
            panic!("{text}")
        };
        assert_eq!((found.reference, found.known_by), (reference(), known_by));
        assert_eq!(found.text, "Bonjour,\n\noù est ma commande ?\n\nÈve");
        assert_eq!(found.subject, "Re: Votre commande est prête");
        assert_eq!(found.from.unwrap().to_string(), "eve@example.org");
        assert_eq!(found.message_id.as_deref(), Some("abc@example.org"));
        assert!(found.references.contains(&id()));
    }
    assert_eq!(
        read(
            reply("team@shop.example", "x@y.example").as_bytes(),
            None,
            &marks()
        ),
        Inbound::Foreign
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_that_comes_in_makes_it_fall_over(at in 0usize..3000, cut in 0usize..3000, junk in prop::collection::vec(any::<u8>(), 0..60), which in 0usize..8) {
        let verp = verp();
        let texts = [
            postfix(&verp, "failed", "5.1.1", "550 5.1.1 no"), exim(&verp, "550 no"), exchange(&verp, "5.1.1", "x"), gmail(&verp), ses(&verp),
            qmail(&verp, "no"), complaint(&verp, &id(), "abuse"), reply("team@shop.example", &id()),
        ];
        let mut bytes = texts[which].clone().into_bytes();
        let at = at.min(bytes.len());
        bytes.splice(at..(at + cut % 50).min(bytes.len()), junk);
        let _ = read(&bytes, None, &marks());
        bytes.truncate(cut);
        let _ = read(&bytes, Some("x"), &marks());
    }

    #[test]
    fn without_a_mark_nothing_is_ours(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(read(&bytes, None, &marks()), Inbound::Foreign);
    }
}
