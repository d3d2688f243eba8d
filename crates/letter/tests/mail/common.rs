//! A message of a shop, and the keys of its tests (which sign nothing else).

use letter::address::{Address, Mailbox};
use letter::dkim::{Key, Signer};
use letter::list::{FeedbackId, Link, ListId, Mailing, Unsubscribe};
use letter::mime::{Message, Nature, Thread};
use letter::token::{Marks, Use};

pub const DOMAIN: &str = "mail.shop.example";

pub fn marks() -> Marks {
    Marks::new(&[7; 32])
}

pub fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

pub fn mailing() -> Mailing {
    let reference = marks().reference(&[1; 16], "newsletter", "2026-11");
    Mailing {
        unsubscribe: Unsubscribe {
            link: Link::new("https://shop.example/u/2f7c9e").unwrap(),
            address: marks().address(Use::Unsubscribe, &reference, DOMAIN).unwrap(),
        },
        list: ListId::new("La lettre de la boutique", "newsletter", "shop.example").unwrap(),
        help: Link::new("https://shop.example/why/2f7c9e").unwrap(),
        owner: Address::parse("team@shop.example").unwrap(),
        feedback: FeedbackId::new("autumn", "newsletter", "marketing", "shop"),
    }
}

pub fn message<'a>(from: &'a Mailbox, to: &'a Mailbox, nature: Nature<'a>) -> Message<'a> {
    Message {
        from,
        to,
        reply_to: None,
        subject: "Votre commande est prête",
        at: 1_795_392_000,
        reference: marks().reference(&[1; 16], "newsletter", "2026-11"),
        domain: DOMAIN,
        text: "Bonjour Ann,\n\nvotre commande est prête.\n",
        html: Some("<p>Bonjour Ann,</p><p>votre commande est <b>prête</b>.</p>"),
        language: Some("fr"),
        nature,
        thread: Thread::default(),
    }
}

pub fn signers() -> Vec<Signer> {
    let key = |pem| Key::from_pem(pem).unwrap();
    vec![
        Signer::new("shop.example", "rsa-2026", key(include_str!("../keys/rsa.pem"))).unwrap(),
        Signer::new(
            "shop.example",
            "ed-2026",
            key(include_str!("../keys/ed25519.pem")),
        )
        .unwrap(),
    ]
}
