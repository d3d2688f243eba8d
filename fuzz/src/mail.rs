//! Mail that comes in, templates, HTML, and answers of the DNS.

use crate::Target;
use letter::inbound::{Inbound, read};
use letter::mjml::{Limits, compile};
use letter::token::{Reference, Use};
use server::dns::{Kind, answer, question};

#[path = "../../crates/letter/tests/mail/samples.rs"]
mod samples;

pub const TARGETS: &[&Target] = &[
    &Target {
        name: "inbound-mail",
        run: inbound,
        seeds: mails,
    },
    &Target {
        name: "mjml",
        run: mjml,
        seeds: || {
            vec![
                b"<mjml><mj-body><mj-section><mj-column><mj-text>{{ a }} <b>x</b></mj-text></mj-column></mj-section></mj-body></mjml>"
                    .to_vec(),
                b"<mjml><mj-head><mj-style>a{}</mj-style></mj-head><mj-body><mj-raw>{% if a < b %}</mj-raw><!-- x --></mj-body></mjml>"
                    .to_vec(),
            ]
        },
    },
    &Target {
        name: "html-text",
        run: text,
        seeds: || vec![b"<ul><li>a <a href=\"x{{ y }}\">b</a></ol><pre>\n</pre>&eacute;&#x20;<style>x</style>".to_vec()],
    },
    &Target {
        name: "dns-answer",
        run: dns,
        seeds: || question(7, "a.example", Kind::Txt).into_iter().collect(),
    },
];

const REFERENCE: Reference = Reference([3; 16]);

fn mails() -> Vec<Vec<u8>> {
    let marks = samples::marks();
    let verp = marks.address(Use::Bounce, &REFERENCE, samples::DOMAIN);
    let verp = verp.map(|address| address.to_string()).unwrap_or_default();
    let id = marks.message_id(&REFERENCE, samples::DOMAIN);
    [
        samples::postfix(&verp, "failed", "5.1.1", "550 no"),
        samples::exim(&verp, "552 5.2.2 full"),
        samples::exchange(&verp, "5.1.10", "x"),
        samples::gmail(&verp),
        samples::ses(&verp),
        samples::qmail(&verp, "no mailbox here"),
        samples::complaint(&verp, &id, "abuse"),
        samples::absence(&verp, &id, "Auto-Submitted: auto-replied"),
        samples::reply("team@shop.example", &id),
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// Whatever is read as ours is about the one message whose marks the seeds hold: nobody can make another.
fn inbound(bytes: &[u8]) {
    let reference = match read(bytes, None, &samples::marks()) {
        Inbound::Bounce(bounce) => bounce.reference,
        Inbound::Complaint(complaint) => complaint.reference,
        Inbound::Unsubscribe(reference) | Inbound::Automatic(reference) => reference,
        Inbound::Reply(reply) => reply.reference,
        Inbound::Foreign => return,
    };
    assert_eq!(reference, REFERENCE, "a mark that nobody made");
}

fn mjml(bytes: &[u8]) {
    let Ok(source) = std::str::from_utf8(bytes) else { return };
    let limits = Limits {
        source: 16 << 10,
        ..Limits::default()
    };
    if let Ok(compiled) = compile(source, &limits) {
        assert!(compiled.html.len() <= limits.html, "longer than it may be");
        drop(letter::text::from_html(&compiled.html));
    }
}

fn text(bytes: &[u8]) {
    if let Ok(html) = std::str::from_utf8(bytes) {
        assert!(letter::text::from_html(html).len() <= html.len() * 40 + 40, "a flood of text");
    }
}

fn dns(bytes: &[u8]) {
    for kind in [Kind::A, Kind::Ptr, Kind::Mx, Kind::Txt, Kind::Aaaa] {
        drop(answer(bytes, 7, kind));
    }
}
