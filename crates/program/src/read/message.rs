//! Messages from their trees, and the files beside them.
//!
//! Deliberately does not know: the language of templates.

use super::uses::{Page, Used, Wants};
use super::words;
use crate::fault::Mark;
use crate::message::{Claim, Message, Override, Tone, Translations};
use crate::shape::form::day_or_moment;
use crate::suggest;
use crate::tree::{Node, short};
use crate::words::Name;
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::{Channel, ItemId, Language, PurposeName};

/// The files of a message's folder, by their names in it.
pub(crate) struct Folder<'a> {
    pub(crate) name: &'a str,
    pub(crate) files: BTreeSet<&'a str>,
    pub(crate) languages: Vec<Language>,
}

/// A message from its file.
pub(crate) fn message(node: &Node, folder: &Folder<'_>, page: &mut Page<'_>) -> Option<Message> {
    let text = |key: &str| node.get(key).and_then(Node::text);
    let channel = match text("channel") {
        Some("email") => Some(Channel::Email),
        Some("sms") => Some(Channel::Sms),
        Some("push") => Some(Channel::Push),
        Some("in_app") => Some(Channel::InApp),
        _ => None,
    };
    let purpose = text("purpose").and_then(PurposeName::parse);
    if let (Some(channel), Some(purpose), Some(at)) = (channel, purpose, node.get("purpose"))
        && purpose != PurposeName::Service
        && purpose != channel.purpose()
    {
        page.sheet.error(
            "purpose",
            at.mark,
            format!(
                "`{purpose}` is not the purpose of the channel `{}`",
                channel.as_str()
            ),
            format!("write `{}`, or `service`", channel.purpose()),
        );
    }
    let subject = subject(node, channel, folder, page);
    let mut used = BTreeSet::from(["message.yaml"]);
    let files = node.get("files");
    let files = files.map(|files| translations(files, channel, folder, &mut used, page));
    let mut tones = BTreeMap::new();
    for (key, files) in node.get("tones").map(Node::entries).unwrap_or_default() {
        let tone = match key.name.as_str() {
            "plain" => Tone::Plain,
            "warm" => Tone::Warm,
            "formal" => Tone::Formal,
            _ => continue,
        };
        tones.insert(tone, translations(files, channel, folder, &mut used, page));
    }
    for file in folder.files.difference(&used) {
        page.sheet.warn(
            "unused",
            Mark::START,
            format!("`{}` is a file of no language and no tone", short(file)),
            "name it under `files` or `tones`, or delete it",
        );
    }
    let reads = reads(node, purpose, page);
    let bound = bound(node);
    let overrides = overrides(node, page);
    let claims: Vec<Option<Claim>> = node
        .get("claims")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .map(|node| claim(node, page))
        .collect();
    Some(Message {
        name: Name::from(folder.name),
        title: words(node.get("title"))?,
        channel: channel?,
        purpose: purpose?,
        subject,
        files: files?,
        tones,
        reads,
        claims: claims.into_iter().collect::<Option<_>>()?,
        bound,
        overrides,
    })
}

fn subject(node: &Node, channel: Option<Channel>, folder: &Folder<'_>, page: &mut Page<'_>) -> Translations {
    let mut subject = Translations::default();
    match (node.get("subject"), channel) {
        (Some(at), Some(Channel::Sms)) => page.sheet.error(
            "conflict",
            at.mark,
            "a text message has no subject",
            "take it out",
        ),
        (Some(at), _) => {
            for (key, value) in at.entries() {
                set(&mut subject, &key.name, value.text().map(str::to_owned));
            }
            missing(&subject, at.mark, "the subject", folder, page);
        }
        (None, Some(Channel::Email)) => page.sheet.error(
            "missing",
            node.mark,
            "an e-mail needs a subject",
            "add `subject:` with `fr:` and `en:`",
        ),
        (None, _) => {}
    }
    subject
}

fn set(translations: &mut Translations, language: &str, value: Option<String>) {
    match language {
        "fr" => translations.fr = value,
        "en" => translations.en = value,
        _ => {}
    }
}

/// What is missing of the program's languages.
fn missing(found: &Translations, mark: Mark, what: &str, folder: &Folder<'_>, page: &mut Page<'_>) {
    for language in &folder.languages {
        if found.of(*language).is_none() {
            let tag = language.tag();
            page.sheet.error(
                "language",
                mark,
                format!("{what} of `{}` is missing in `{tag}`", folder.name),
                format!("add `{tag}:`, or take the language out of `languages` in program.yaml"),
            );
        }
    }
}

fn translations<'a>(
    node: &Node,
    channel: Option<Channel>,
    folder: &Folder<'a>,
    used: &mut BTreeSet<&'a str>,
    page: &mut Page<'_>,
) -> Translations {
    let mut found = Translations::default();
    for (key, value) in node.entries() {
        let Some(file) = value.text() else { continue };
        match folder.files.get(file) {
            Some(known) => {
                used.insert(*known);
            }
            None => {
                let near = folder
                    .files
                    .iter()
                    .copied()
                    .filter(|known| *known != "message.yaml");
                page.sheet.error(
                    "unknown_file",
                    value.mark,
                    format!("there is no file `messages/{}/{}`", folder.name, short(file)),
                    suggest::mend(file, near, "write it, or name another"),
                );
            }
        }
        let ending = file.rsplit('.').next().unwrap_or_default();
        let fits = match channel {
            Some(Channel::Email) => matches!(ending, "mjml" | "txt"),
            Some(Channel::Sms | Channel::Push | Channel::InApp) => ending == "txt",
            None => true,
        };
        if !fits {
            page.sheet.error(
                "file_kind",
                value.mark,
                format!("`{}` is no file for this channel", short(file)),
                "an e-mail is `.mjml` or `.txt`, everything else `.txt`",
            );
        }
        let path = format!("messages/{}/{file}", folder.name);
        set(&mut found, &key.name, Some(path));
    }
    missing(&found, node.mark, "the text", folder, page);
    found
}

/// What the words use of the person is opened for the message's own purpose.
fn reads(node: &Node, purpose: Option<PurposeName>, page: &mut Page<'_>) -> Vec<String> {
    let groups = page.purposes;
    page.purposes = purpose.into_iter().collect();
    let mut reads = Vec::new();
    for item in node.get("reads").map(Node::items).unwrap_or_default() {
        if let Some(name) = item.text() {
            let used = Used::Trait {
                name: name.to_owned(),
                wants: Wants::Anything,
            };
            page.uses(item.mark, used);
            reads.push(name.to_owned());
        }
    }
    page.purposes = groups;
    reads
}

/// The words of claims, and the fact that each is bound to.
pub(crate) const CLAIMS: [(&str, &str); 5] = [
    ("urgency", "deadline"),
    ("scarcity", "stock"),
    ("social_proof", "counted"),
    ("discount", "prior_price"),
    ("testimonial", "source"),
];

/// Which claims are bound, read off the file, so that a fault elsewhere in it does not hide a lie.
pub(crate) fn bound(node: &Node) -> Vec<honesty::Bound> {
    let claims = node.get("claims").map(Node::items).unwrap_or_default();
    let text = |claim: &Node, key: &str| claim.get(key).and_then(Node::text).map(str::to_owned);
    let bound = claims.iter().filter_map(|claim| {
        Some(honesty::Bound {
            kind: honesty::Kind::of(&text(claim, "claim")?)?,
            stops: text(claim, "when_dead").as_deref() == Some("stop"),
        })
    });
    bound.collect()
}

fn overrides(node: &Node, page: &mut Page<'_>) -> Vec<Override> {
    let mut found = Vec::new();
    for entry in node.get("honesty").map(Node::items).unwrap_or_default() {
        let text = |key: &str| entry.get(key).and_then(Node::text);
        let (Some(id), Some(reason)) = (text("rule"), text("reason")) else {
            continue;
        };
        let rule = honesty::Rule::of(id).filter(|rule| rule.severity() == honesty::Severity::Blocks);
        let Some(rule) = rule else {
            let blocking = honesty::Rule::ALL
                .iter()
                .filter(|rule| rule.severity() == honesty::Severity::Blocks);
            page.sheet.error(
                "unknown_name",
                entry.get("rule").map_or(entry.mark, |rule| rule.mark),
                format!("`{}` is no rule of honesty that blocks", short(id)),
                suggest::mend(
                    id,
                    blocking.map(|rule| rule.id()),
                    "the rules are in docs/honesty.md",
                ),
            );
            continue;
        };
        if reason.split_whitespace().count() < 3 {
            page.sheet.error(
                "override_without_reason",
                entry.get("reason").map_or(entry.mark, |reason| reason.mark),
                format!("`{}` is no reason that anybody could judge", short(reason)),
                "say in a sentence why the message is honest all the same",
            );
        }
        found.push(Override {
            rule,
            reason: reason.to_owned(),
        });
    }
    found
}

fn claim(node: &Node, page: &mut Page<'_>) -> Option<Claim> {
    let claim = node.get("claim")?;
    let kind = claim.text()?;
    let (_, fact) = CLAIMS.iter().find(|(known, _)| *known == kind)?;
    let mut others = CLAIMS.iter().filter(|(_, other)| other != fact);
    if let Some(other) = others.find_map(|(_, other)| node.get(other)) {
        page.sheet.error(
            "claim_without_fact",
            other.mark,
            format!("`{kind}` cannot rest on this fact"),
            format!("bind it to `{fact}:`"),
        );
        return None;
    }
    let Some(value) = node.get(fact) else {
        page.sheet.error(
            "claim_without_fact",
            claim.mark,
            format!("the claim `{kind}` is bound to no fact"),
            format!("add `{fact}:`, or take the claim out of the words: a claim that nothing backs is a lie"),
        );
        return None;
    };
    let text = value.text()?;
    Some(match kind {
        "urgency" => {
            page.uses(value.mark, Used::Deadline(text.to_owned()));
            Claim::Urgency {
                deadline: text.into(),
            }
        }
        "scarcity" => Claim::Scarcity {
            stock: ItemId::from(text),
        },
        "social_proof" => {
            let groups = page.purposes;
            // Counts of many people are not of this one: measured, or kept for the groups.
            page.purposes = groups.with(PurposeName::Measure);
            page.uses(
                value.mark,
                Used::Event {
                    name: text.to_owned(),
                    window: None,
                },
            );
            page.purposes = groups;
            Claim::SocialProof {
                counted: text.to_owned(),
            }
        }
        "testimonial" => Claim::Testimonial {
            source: text.to_owned(),
            checked: node.get("checked").and_then(Node::text).and_then(day_or_moment),
        },
        _ => Claim::Discount {
            prior_price: ItemId::from(text),
        },
    })
}
