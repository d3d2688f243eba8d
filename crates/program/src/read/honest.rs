//! The findings of honesty as faults with their places: what blocks is an error, what advises a warning, and
//! what is overridden with a reason a warning too.
//!
//! Deliberately does not know: which words are honest; that is the crate `honesty`.

use super::message::{CLAIMS, bound};
use crate::fault::{Fault, Faults, Mark, Severity};
use crate::tree::Node;
use honesty::{Finding, Head, Part, Rule, Source};
use std::collections::BTreeSet;
use vocabulary::{Channel, Language};

/// What message.yaml says that the lint must know.
pub(super) struct Said<'a> {
    pub(super) node: &'a Node,
    /// The path of message.yaml.
    pub(super) head: &'a str,
    pub(super) channel: Option<Channel>,
    pub(super) service: bool,
}

/// Checks a file with the subject of its language.
pub(super) fn check(said: &Said<'_>, file: &str, path: &str, text: &str, faults: &mut Faults) {
    for (language, tag) in [(Language::Fr, "fr"), (Language::En, "en")] {
        if names(said.node, file, tag) {
            one(said, language, tag, path, text, faults);
        }
    }
}

/// Whether the file is one of that language.
fn names(node: &Node, file: &str, tag: &str) -> bool {
    let is = |files: Option<&Node>| files.and_then(|files| files.get(tag)).and_then(Node::text) == Some(file);
    let tones = node.get("tones").map(Node::entries).unwrap_or_default();
    is(node.get("files")) || tones.iter().any(|(_, files)| is(Some(files)))
}

fn one(said: &Said<'_>, language: Language, tag: &str, path: &str, text: &str, faults: &mut Faults) {
    let head = Head {
        language,
        channel: said.channel.unwrap_or(Channel::Email),
        marketing: !said.service,
        bound: bound(said.node),
    };
    let subject = said.node.get("subject").and_then(|subject| subject.get(tag));
    let body = match path.ends_with(".txt") {
        true => Source::Plain(text),
        false => Source::Markup(text),
    };
    let read = honesty::read(&head, subject.and_then(Node::text), body);
    let overridden = overridden(said.node);
    for finding in honesty::lint(&read) {
        let (file, mark) = match finding.place.part {
            Part::Subject => (said.head, subject.map_or(Mark::START, |subject| subject.mark)),
            Part::Body => {
                let (line, column) = finding.place.line_and_column(text);
                (path, Mark { line, column })
            }
        };
        let stands = overridden.contains(finding.rule.id());
        faults.push(fault(&finding, file, mark, stands));
    }
}

fn overridden(node: &Node) -> BTreeSet<&str> {
    let entries = node.get("honesty").map(Node::items).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| entry.get("rule")?.text())
        .collect()
}

fn fault(finding: &Finding, file: &str, mark: Mark, stands: bool) -> Fault {
    let rule = finding.rule;
    let (mut message, mut mend) = (
        format!("`{}` {}", finding.words, finding.why(Language::En)),
        finding.alternative(Language::En).to_owned(),
    );
    let mut code = rule.id();
    if let Some((claim, fact)) = CLAIMS.iter().find(|(claim, _)| *claim == rule.id()) {
        code = "claim_without_fact";
        mend = format!(
            "add `- claim: {claim}` with `{fact}:` to `claims` in message.yaml and put the words in `{{% if \
             claims.{claim} %}}`, or: {mend}"
        );
    }
    if stands {
        code = "overridden";
        message = format!("{message}; `honesty:` says that it stands");
    }
    let blocks = finding.severity() == honesty::Severity::Blocks && !stands;
    Fault {
        file: file.to_owned(),
        mark,
        severity: if blocks {
            Severity::Error
        } else {
            Severity::Warning
        },
        code,
        message,
        mend,
    }
}

/// An override that nothing needs would let a later change of the words pass.
pub(super) fn unused(said: &Said<'_>, faults: &mut Faults) {
    let folder = said.head.trim_end_matches("message.yaml");
    for entry in said.node.get("honesty").map(Node::items).unwrap_or_default() {
        let Some(rule) = entry.get("rule").and_then(Node::text).and_then(Rule::of) else {
            continue;
        };
        let told = format!("{} (", rule.why(Language::En));
        let used = faults.iter().any(|fault| {
            fault.code == "overridden" && fault.file.starts_with(folder) && fault.message.contains(&told)
        });
        if !used {
            faults.push(Fault {
                file: said.head.to_owned(),
                mark: entry.mark,
                severity: Severity::Error,
                code: "unused_override",
                message: format!("nothing in the message breaks `{}`", rule.id()),
                mend: "take the entry out: it would let a later change pass unseen".to_owned(),
            });
        }
    }
}
