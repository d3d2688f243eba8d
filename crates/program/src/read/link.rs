//! Everything that files say of each other: names that lead somewhere, data within its purposes, no circles,
//! nothing idle.
//!
//! Deliberately does not know: how a file is written.

mod whole;

use super::uses::{Use, Used, Wants};
use crate::dictionary::{Dictionary, did_str};
use crate::fault::{Faults, Mark, Sheet};
use crate::message::Message;
use crate::pack::Files;
use crate::segment::Did;
use crate::suggest;
use crate::tree::{Node, short};
use crate::words::Name;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use vocabulary::{DAY_MS, PurposeName, PurposeSet};

/// Whose file it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Owner<'a> {
    Segment(&'a str),
    Journey(&'a str),
    Message(&'a str),
}

impl std::fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Owner::Segment(name) => write!(f, "segment `{name}`"),
            Owner::Journey(name) => write!(f, "journey `{name}`"),
            Owner::Message(name) => write!(f, "message `{name}`"),
        }
    }
}

/// What a file uses.
pub(super) struct Uses<'a> {
    pub(super) file: &'a str,
    pub(super) owner: Owner<'a>,
    pub(super) uses: Vec<Use>,
    /// The purpose of a journey.
    pub(super) purpose: Option<PurposeName>,
}

/// What there is.
pub(super) struct Declared<'a> {
    pub(super) dictionary: Option<&'a Dictionary>,
    pub(super) settings: Option<&'a Node>,
    pub(super) categories: Option<&'a BTreeSet<String>>,
    pub(super) files: &'a Files,
    pub(super) messages: BTreeSet<&'a str>,
    pub(super) known_messages: &'a BTreeMap<Name, Option<Message>>,
}

/// Days that what a person did is used for groups at most: [`crate::SEGMENT_DAYS`].
const SEGMENT_MS: i64 = crate::SEGMENT_DAYS * DAY_MS;

pub(super) fn check(declared: &Declared<'_>, all: &[Uses<'_>], faults: &mut Faults) {
    let mut link = Link {
        declared,
        segments: declared
            .files
            .keys()
            .filter_map(|path| path.strip_prefix("segments/")?.strip_suffix(".yaml"))
            .filter(|name| !name.contains('/'))
            .collect(),
        used_by: used_by(all),
        experiments: HashMap::new(),
        faults,
    };
    for uses in all {
        for use_ in &uses.uses {
            link.one(uses, use_);
        }
    }
    link.circles(all);
    link.idle(all);
}

/// For each segment the first that uses it, journeys before others.
fn used_by<'a>(all: &[Uses<'a>]) -> HashMap<String, Owner<'a>> {
    let mut used_by: HashMap<String, Owner<'a>> = HashMap::new();
    for uses in all {
        for use_ in &uses.uses {
            if let Used::Segment(name) = &use_.what {
                let known = used_by.entry(name.clone()).or_insert(uses.owner);
                if matches!(uses.owner, Owner::Journey(_)) {
                    *known = uses.owner;
                }
            }
        }
    }
    used_by
}

struct Link<'l, 'a> {
    declared: &'l Declared<'a>,
    segments: BTreeSet<&'l str>,
    used_by: HashMap<String, Owner<'a>>,
    /// Where each experiment is.
    experiments: HashMap<String, (String, Mark)>,
    faults: &'l mut Faults,
}

impl Link<'_, '_> {
    fn sheet<'s>(&'s mut self, file: &'s str) -> Sheet<'s> {
        Sheet {
            file,
            faults: self.faults,
        }
    }

    fn unknown<'n>(
        &mut self,
        uses: &Uses<'_>,
        mark: Mark,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
        otherwise: &str,
    ) {
        let mend = suggest::mend(name, known, otherwise);
        let message = format!("there is no {what} `{}`", short(name));
        self.sheet(uses.file).error("unknown_name", mark, message, mend);
    }

    fn one(&mut self, uses: &Uses<'_>, use_: &Use) {
        let declared = self.declared;
        match &use_.what {
            Used::Event { name, window } => self.event(uses, use_, name, *window),
            Used::Field { event, field, wants } => self.field(uses, use_.mark, event, field, *wants),
            Used::Trait { name, wants } => self.trait_(uses, use_, name, *wants),
            Used::Items(did) => self.items(uses, use_, *did),
            Used::Segment(name) => {
                if !self.segments.contains(name.as_str()) {
                    let known: Vec<&str> = self.segments.iter().copied().collect();
                    let mend = format!("write `segments/{}.yaml`", short(name));
                    self.unknown(uses, use_.mark, "segment", name, known.into_iter(), &mend);
                }
            }
            Used::Message(name) => match declared.messages.contains(name.as_str()) {
                true => self.message(uses, use_.mark, name),
                false => {
                    let known = declared.messages.iter().copied();
                    let mend = format!("write `messages/{}/message.yaml`", short(name));
                    self.unknown(uses, use_.mark, "message", name, known, &mend);
                }
            },
            Used::Queue(name) => self.setting(uses, use_.mark, ("queue", "queues"), name),
            Used::Webhook(name) => self.setting(uses, use_.mark, ("webhook", "webhooks"), name),
            Used::Deadline(name) => self.setting(uses, use_.mark, ("deadline", "deadlines"), name),
            Used::Category(name) => {
                if let Some(known) = declared.categories.filter(|known| !known.contains(name)) {
                    let known = known.iter().map(String::as_str);
                    let mend = "add it to `categories` in catalogue.yaml";
                    self.unknown(uses, use_.mark, "category", name, known, mend);
                }
            }
            Used::Experiment(name) => self.experiment(uses, use_.mark, name),
        }
    }

    fn setting(&mut self, uses: &Uses<'_>, mark: Mark, (what, key): (&str, &str), name: &str) {
        let Some(settings) = self.declared.settings else {
            return;
        };
        let known = settings.get(key).map(Node::entries).unwrap_or_default();
        if !known.iter().any(|(known, _)| known.name == name) {
            let known = known.iter().map(|(key, _)| key.name.as_str());
            let mend = format!("declare it under `{key}` in program.yaml");
            self.unknown(uses, mark, what, name, known, &mend);
        }
    }

    fn event(&mut self, uses: &Uses<'_>, use_: &Use, name: &str, window: Option<i64>) {
        let Some(dictionary) = self.declared.dictionary else {
            return;
        };
        let Some(event) = dictionary.events.get(name) else {
            let known = dictionary.events.keys().map(String::as_str);
            let mend = "declare it under `events` in dictionary.yaml";
            self.unknown(uses, use_.mark, "event", name, known, mend);
            return;
        };
        self.purposes(uses, use_, event.purposes, &format!("event `{name}`"));
        let kept = event
            .retention
            .map_or(SEGMENT_MS, |span| span.window_ms().min(SEGMENT_MS));
        if let Some(window) = window.filter(|window| *window > kept) {
            self.sheet(uses.file).error(
                "beyond_kept",
                use_.mark,
                format!(
                    "the last {} days are asked for, and `{name}` is kept for {}",
                    window / DAY_MS,
                    kept / DAY_MS
                ),
                format!(
                    "ask for less; groups see {} days at most, and `retention` in dictionary.yaml may say less",
                    crate::SEGMENT_DAYS
                ),
            );
        }
    }

    fn field(&mut self, uses: &Uses<'_>, mark: Mark, event: &str, field: &str, wants: Wants) {
        let declared = self.declared.dictionary.and_then(|all| all.events.get(event));
        // An unknown event was told already.
        let Some(declared) = declared else { return };
        match declared.fields.get(field) {
            None => {
                let known = declared.fields.keys().map(String::as_str);
                let what = format!("event `{}` has no field", short(event));
                let mend = suggest::mend(
                    field,
                    known,
                    "declare it under `fields` of the event in dictionary.yaml",
                );
                let message = format!("{what} `{}`", short(field));
                self.sheet(uses.file).error("unknown_name", mark, message, mend);
            }
            Some(type_) if !wants.fits(*type_) => {
                let message = format!("`{field}` is declared as `{}`", type_.as_str());
                self.sheet(uses.file).error(
                    "type_mismatch",
                    mark,
                    message,
                    format!(
                        "this test is of a `{}`: test it otherwise, or mend its type",
                        wants.name()
                    ),
                );
            }
            Some(_) => {}
        }
    }

    fn trait_(&mut self, uses: &Uses<'_>, use_: &Use, name: &str, wants: Wants) {
        let Some(dictionary) = self.declared.dictionary else {
            return;
        };
        let Some(declared) = dictionary.traits.get(name) else {
            let known = dictionary.traits.keys().map(String::as_str);
            let mend = "declare it under `traits` in dictionary.yaml";
            self.unknown(uses, use_.mark, "trait", name, known, mend);
            return;
        };
        if declared.special {
            let path = self.path(uses.owner, &format!("trait `{name}`"));
            self.sheet(uses.file).error(
                "special_category",
                use_.mark,
                format!(
                    "{path} is of a special category (GDPR art. 9), which serves no group and no message"
                ),
                "do without it",
            );
            return;
        }
        self.purposes(uses, use_, declared.purposes, &format!("trait `{name}`"));
        if !wants.fits(declared.type_) {
            let message = format!("`{name}` is declared as `{}`", declared.type_.as_str());
            self.sheet(uses.file).error(
                "type_mismatch",
                use_.mark,
                message,
                format!(
                    "this is for a `{}`: say it otherwise, or mend its type",
                    wants.name()
                ),
            );
        }
    }

    fn items(&mut self, uses: &Uses<'_>, use_: &Use, did: Did) {
        let Some(dictionary) = self.declared.dictionary else {
            return;
        };
        let counts = dictionary
            .events
            .values()
            .filter(|event| event.interaction == Some(did));
        let purposes: PurposeSet = counts.flat_map(|event| event.purposes.iter()).collect();
        if purposes.is_empty() {
            self.sheet(uses.file).error(
                "unknown_name",
                use_.mark,
                format!("no event says that an item was {}", did_str(did)),
                format!(
                    "declare one with `interaction: {}` in dictionary.yaml",
                    did_str(did)
                ),
            );
            return;
        }
        self.purposes(uses, use_, purposes, &format!("what was {}", did_str(did)));
    }

    /// Data serves what it was declared for, and nothing else; the way to it is shown.
    fn purposes(&mut self, uses: &Uses<'_>, use_: &Use, declared: PurposeSet, what: &str) {
        // No purposes at all: told already.
        if use_.purposes.is_empty() || declared.is_empty() || !declared.and(use_.purposes).is_empty() {
            return;
        }
        let path = self.path(uses.owner, what);
        let wanted: Vec<String> = use_.purposes.iter().map(|one| format!("`{one}`")).collect();
        let wanted = wanted.join(" or ");
        self.sheet(uses.file).error(
            "outside_purpose",
            use_.mark,
            format!("{path} is not declared for {wanted}"),
            format!(
                "do without it, or, if people were told so, add {wanted} to its purposes in dictionary.yaml"
            ),
        );
    }

    /// Journey, segments, and what they come to.
    fn path(&self, owner: Owner<'_>, what: &str) -> String {
        let mut path = vec![format!("{owner}"), what.to_owned()];
        let mut seen = HashSet::new();
        let mut at = owner;
        while let Owner::Segment(name) = at {
            match self.used_by.get(name) {
                Some(above) if seen.insert(name) => {
                    path.insert(0, above.to_string());
                    at = *above;
                }
                _ => break,
            }
        }
        path.join(" → ")
    }

    fn message(&mut self, uses: &Uses<'_>, mark: Mark, name: &str) {
        let known = self.declared.known_messages.get(&Name::from(name));
        let Some(message) = known.and_then(Option::as_ref) else {
            return;
        };
        let marketing = message.purpose.channel().is_some();
        if let Some(purpose @ (PurposeName::Service | PurposeName::HumanHelp)) = uses.purpose
            && marketing
        {
            self.sheet(uses.file).error(
                "outside_purpose",
                mark,
                format!(
                    "{} → message `{name}`: it is marketing, and the journey is for `{purpose}`",
                    uses.owner
                ),
                format!(
                    "give the journey the purpose `{}`, or take the message out",
                    message.purpose
                ),
            );
        }
    }

    fn experiment(&mut self, uses: &Uses<'_>, mark: Mark, name: &str) {
        let known = self.experiments.get(name).cloned();
        match known {
            None => {
                self.experiments
                    .insert(name.to_owned(), (uses.file.to_owned(), mark));
            }
            Some((file, first)) => self.sheet(uses.file).error(
                "duplicate",
                mark,
                format!(
                    "there is an experiment `{name}` already, in {file} line {}",
                    first.line
                ),
                "give each a name of its own: what is measured goes by it",
            ),
        }
    }
}
