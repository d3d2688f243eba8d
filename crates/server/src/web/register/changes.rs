//! Charters and dictionaries rule by rule and thing by thing, and what changed between two of them.

use super::{Frame, Place, Shell, names};
use crate::words::{Put, Words};
use askama::Template;
use gate::charter::Policy;
use gate::charter::diff::Rulebook;
use gate::dictionary::{Declaration, Dictionary};
use std::collections::BTreeMap;
use vocabulary::Digest;

/// A rule for people.
pub(super) struct RuleView {
    id: String,
    does: String,
    law: String,
    words: String,
    cedar: String,
}

fn rule(words: Words, policy: &Policy) -> RuleView {
    RuleView {
        id: policy.id().to_string(),
        does: words.say(match policy.forbids() {
            true => "charter-forbids",
            false => "charter-permits",
        }),
        law: names::law(words, policy.law()),
        words: policy.explain(words.language()).to_owned(),
        cedar: policy.cedar().to_owned(),
    }
}

/// A declared thing, in the shape of a rule: what it is called, what it is, what for, and its fields.
fn declaration(words: Words, one: &Declaration) -> RuleView {
    let purposes: Vec<String> = one
        .purposes
        .iter()
        .map(|purpose| words.purpose(purpose))
        .collect();
    RuleView {
        id: one.name.clone(),
        does: names::kind(words, one.kind),
        law: match one.special {
            true => words.say("register-special"),
            false => String::new(),
        },
        words: words.list(&purposes),
        cedar: one.fields.join("\n"),
    }
}

#[derive(Template)]
#[template(path = "register_charter.html")]
pub(super) struct Charter<'a> {
    shell: Shell<'a>,
    digest: String,
    text: String,
    rules: Vec<RuleView>,
    promises: Vec<RuleView>,
}

impl<'a> Charter<'a> {
    pub(super) fn of(frame: &Frame<'a>, digest: Digest, book: &Rulebook) -> Charter<'a> {
        let shell = Shell::of(frame);
        let words = shell.words;
        Charter {
            shell,
            digest: digest.to_string(),
            text: frame.links.to(Place::CharterText(digest), frame.language),
            rules: book.rules.values().map(|policy| rule(words, policy)).collect(),
            promises: book.promises.values().map(|policy| rule(words, policy)).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "register_dictionary.html")]
pub(super) struct DictionaryPage<'a> {
    shell: Shell<'a>,
    digest: String,
    declared: Vec<RuleView>,
}

impl<'a> DictionaryPage<'a> {
    pub(super) fn of(frame: &Frame<'a>, digest: Digest, dictionary: &Dictionary) -> DictionaryPage<'a> {
        let shell = Shell::of(frame);
        let declared = dictionary.declared();
        let declared = declared.iter().map(|one| declaration(shell.words, one)).collect();
        DictionaryPage {
            shell,
            digest: digest.to_string(),
            declared,
        }
    }
}

#[derive(Template)]
#[template(path = "register_diff.html")]
pub(super) struct Diff<'a> {
    shell: Shell<'a>,
    title: String,
    between: String,
    /// Both, with their pages.
    from: (String, String),
    to: (String, String),
    added: Vec<RuleView>,
    removed: Vec<RuleView>,
    changed: Vec<(RuleView, RuleView)>,
    files: Vec<String>,
}

impl<'a> Diff<'a> {
    pub(super) fn of_charters(
        frame: &Frame<'a>,
        from: (Digest, &Rulebook),
        to: (Digest, &Rulebook),
    ) -> Diff<'a> {
        let change = from.1.changes_to(to.1);
        let words = Words::of(frame.language);
        Diff {
            added: change.added.iter().map(|policy| rule(words, policy)).collect(),
            removed: change.removed.iter().map(|policy| rule(words, policy)).collect(),
            changed: change
                .changed
                .iter()
                .map(|(before, after)| (rule(words, before), rule(words, after)))
                .collect(),
            files: change.files,
            ..Diff::empty(
                frame,
                "charter",
                (from.0, Place::Charter(from.0)),
                (to.0, Place::Charter(to.0)),
            )
        }
    }

    pub(super) fn of_dictionaries(
        frame: &Frame<'a>,
        from: (Digest, &Dictionary),
        to: (Digest, &Dictionary),
    ) -> Diff<'a> {
        let words = Words::of(frame.language);
        let listed = |dictionary: &Dictionary| -> BTreeMap<(&'static str, String), Declaration> {
            let all = dictionary.declared().into_iter();
            all.map(|one| ((one.kind, one.name.clone()), one)).collect()
        };
        let (before, after) = (listed(from.1), listed(to.1));
        let only = |of: &BTreeMap<_, Declaration>, other: &BTreeMap<_, Declaration>| {
            of.iter()
                .filter(|(name, _)| !other.contains_key(*name))
                .map(|(_, one)| declaration(words, one))
                .collect()
        };
        let changed = before.iter().filter_map(|(name, one)| {
            let now = after.get(name).filter(|now| *now != one)?;
            Some((declaration(words, one), declaration(words, now)))
        });
        Diff {
            added: only(&after, &before),
            removed: only(&before, &after),
            changed: changed.collect(),
            ..Diff::empty(
                frame,
                "dictionary",
                (from.0, Place::Dictionary(from.0)),
                (to.0, Place::Dictionary(to.0)),
            )
        }
    }

    fn empty(frame: &Frame<'a>, program: &str, from: (Digest, Place), to: (Digest, Place)) -> Diff<'a> {
        let shell = Shell::of(frame);
        let words = shell.words;
        let short = |digest: Digest| digest.to_string().chars().take(12).collect::<String>();
        let names = [short(from.0), short(to.0)];
        let places = [("from", Put::Text(&names[0])), ("to", Put::Text(&names[1]))];
        let link =
            |(digest, place): (Digest, Place)| (digest.to_string(), frame.links.to(place, frame.language));
        Diff {
            title: format!("{} – {}", names::program(words, program), words.say("diff-title")),
            between: words.with("diff-words", &places),
            from: link(from),
            to: link(to),
            added: Vec::new(),
            removed: Vec::new(),
            changed: Vec::new(),
            files: Vec::new(),
            shell,
        }
    }

    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty() && self.files.is_empty()
    }
}
