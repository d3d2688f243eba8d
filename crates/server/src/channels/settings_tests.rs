//! What settings of the ways out are refused.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use super::*;

fn open(text: &str) -> Result<Ways, Fault> {
    let settings: ChannelSettings = toml::from_str(text).unwrap();
    settings.open(|name| match name {
        "KEY" => Some("a-key-of-twenty-four-bytes".to_owned()),
        "HOOK" => Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()),
        "VAPID" => Some("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw\n".to_owned()),
        _ => None,
    })
}

#[test]
fn nothing_is_set_and_nothing_leaves() {
    let ways = open("").unwrap();
    assert!(ways.sms.is_none() && ways.push.is_none() && ways.webhooks.is_empty());
}

#[test]
fn what_cannot_be_used_is_told_with_its_place() {
    for (text, place, words) in [
        (
            "[webhooks.crm]\nsecrets = []",
            "webhooks.crm",
            "at least one secret",
        ),
        (
            "[webhooks.crm]\nsecrets = ['whsec_abc']",
            "webhooks.crm",
            "stands nowhere else",
        ),
        (
            "[webhooks.crm]\nsecrets = ['env:NONE']",
            "webhooks.crm",
            "is not set",
        ),
        ("[webhooks.crm]\nsecrets = ['env:KEY']", "webhooks.crm", "whsec_"),
        (
            "[webhooks.crm]\nsecrets = ['env:HOOK']\nstyle = 'github'",
            "webhooks.crm",
            "`style`",
        ),
        (
            "[push]\nkey = 'env:KEY'\ncontact = 'mailto:a@b.example'",
            "push.key",
            "egard keys vapid new",
        ),
        (
            "[push]\nkey = 'env:VAPID'\ncontact = 'a@b.example'",
            "push.contact",
            "mailto:",
        ),
        (
            "[push]\nkey = 'env:VAPID'\ncontact = 'mailto:a@b'\nkeep_hours = 0",
            "push.keep_hours",
            "from 1",
        ),
        (
            "[push]\nkey = 'file:/none/such'\ncontact = 'mailto:a@b'",
            "push.key",
            "cannot be read",
        ),
        ("[sms]\nfrom = 'Shop'", "sms", "either `json` or `form`"),
        ("[sms]\nfrom = 'Shop'\npreset = 'other'", "sms", "`preset`"),
        (
            "[sms]\nfrom = 'Shop'\npreset = 'brevo'",
            "sms",
            "the secret `key` is not set",
        ),
        (
            "[sms]\nfrom = 'Shop'\npreset = 'brevo'\nstop = '12'\n[sms.secrets]\nkey = 'env:KEY'",
            "sms",
            "five digits",
        ),
        (
            "[sms]\nfrom = 'Shop'\nurl = 'http://a.example'\njson = { a = '{to}{text}' }",
            "sms",
            "https",
        ),
        ("[http]\nroots = ['/none/such']", "http.roots", "PEM"),
    ] {
        let fault = open(text).unwrap_err();
        assert_eq!(fault.place, place, "{text}");
        assert!(fault.problem.contains(words), "{text}: {fault}");
        assert!(!fault.to_string().contains("twenty-four"), "{fault}");
    }
}

#[test]
fn secrets_are_shown_by_nothing() {
    let ways = open(
        "[webhooks.crm]\nsecrets = ['env:HOOK']\n[push]\nkey = 'env:VAPID'\ncontact = 'mailto:a@b.example'\n\
         [sms]\nfrom = 'Shop'\npreset = 'brevo'\n[sms.secrets]\nkey = 'env:KEY'",
    )
    .unwrap();
    let shown = format!("{ways:?}");
    for secret in ["twenty-four", "MfKQ9r8", "yfWPiYE"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// The blocks of settings in the manual, as they stand there.
#[test]
fn the_examples_of_the_manual_can_be_read() {
    let manual = include_str!("../../../../docs/channels.md");
    let blocks: Vec<&str> = manual
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .filter(|block| block.contains("[channels."))
        .collect();
    assert_eq!(blocks.len(), 6);
    for block in &blocks {
        // A block about STOP goes on from one about the provider.
        let text = match block.starts_with("[channels.sms.inbound]") {
            true => format!("[channels.sms]\nfrom = 'Shop'\n{block}"),
            false => (*block).to_owned(),
        };
        crate::settings::Settings::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    let declared = blocks.iter().find(|block| block.contains("knows_id")).unwrap();
    let settings = crate::settings::Settings::parse(declared).unwrap();
    let opened = settings
        .channels
        .open(|name| (name == "PROVIDER_KEY").then(|| "a key".to_owned()));
    assert!(opened.unwrap().sms.is_some());
}
