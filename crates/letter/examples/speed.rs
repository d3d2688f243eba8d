//! How fast messages are made: `cargo run --release -p letter --example speed`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it may panic, prints, and reads the clock"
)]

use letter::address::Mailbox;
use letter::dkim::{Key, Kind, Signer, generate};
use letter::list::{FeedbackId, Link, ListId, Mailing, Unsubscribe};
use letter::mime::{Message, Nature, Thread, build};
use letter::token::{Marks, Use};
use std::time::Instant;

const MESSAGES: u32 = 2_000;

fn main() {
    let marks = Marks::new(&[7; 32]);
    let signer = |kind| {
        Signer::new(
            "shop.example",
            "s",
            Key::from_pem(&generate(kind).unwrap()).unwrap(),
        )
        .unwrap()
    };
    let (rsa, ed25519) = (signer(Kind::Rsa), signer(Kind::Ed25519));
    let from = Mailbox::parse("Boutique <hello@shop.example>").unwrap();
    let to = Mailbox::parse("Ann <ann@example.org>").unwrap();
    let html = format!(
        "<html><body>{}</body></html>",
        "<tr><td style=\"color:#333\">Votre commande est prête</td></tr>".repeat(200)
    );
    let text = letter::text::from_html(&html);
    for (name, signers) in [
        ("unsigned", vec![]),
        ("Ed25519", vec![ed25519.clone()]),
        ("RSA-2048", vec![rsa.clone()]),
        ("RSA-2048 and Ed25519", vec![rsa, ed25519]),
    ] {
        let start = Instant::now();
        let mut bytes = 0;
        for number in 0..MESSAGES {
            let reference = marks.reference(&u128::from(number).to_be_bytes(), "newsletter", "1");
            let mailing = Mailing {
                unsubscribe: Unsubscribe {
                    link: Link::new("https://shop.example/u/abc").unwrap(),
                    address: marks
                        .address(Use::Unsubscribe, &reference, "mail.shop.example")
                        .unwrap(),
                },
                list: ListId::new("News", "news", "shop.example").unwrap(),
                help: Link::new("https://shop.example/why/abc").unwrap(),
                owner: from.address.clone(),
                feedback: FeedbackId::new("c", "newsletter", "marketing", "shop"),
            };
            let message = Message {
                from: &from,
                to: &to,
                reply_to: None,
                subject: "Votre commande est prête",
                at: 1_795_392_000,
                reference,
                domain: "mail.shop.example",
                text: &text,
                html: Some(&html),
                language: Some("fr"),
                nature: Nature::Mailing(&mailing),
                thread: Thread::default(),
            };
            bytes += build(&message, &marks, &signers).unwrap().bytes.len();
        }
        let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(MESSAGES);
        println!(
            "{name}: {each:.0} microseconds a message of {} bytes",
            bytes / MESSAGES as usize
        );
    }
}
