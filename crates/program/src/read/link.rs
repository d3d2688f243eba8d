//! Everything that files say of each other: names that lead somewhere, data within its purposes, no circles,
//! nothing idle.
//!
//! Deliberately does not know: how a file is written.

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
        let kept = event.retention.map_or(SEGMENT_MS, |span| span.window_ms().min(SEGMENT_MS));
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
                    format!("this test is of a `{}`: test it otherwise, or mend its type", wants.name()),
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
                format!("{path} is of a special category (GDPR art. 9), which serves no group and no message"),
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
                format!("this is for a `{}`: say it otherwise, or mend its type", wants.name()),
            );
        }
    }

    fn items(&mut self, uses: &Uses<'_>, use_: &Use, did: Did) {
        let Some(dictionary) = self.declared.dictionary else {
            return;
        };
        let counts = dictionary.events.values().filter(|event| event.interaction == Some(did));
        let purposes: PurposeSet = counts.flat_map(|event| event.purposes.iter()).collect();
        if purposes.is_empty() {
            self.sheet(uses.file).error(
                "unknown_name",
                use_.mark,
                format!("no event says that an item was {}", did_str(did)),
                format!("declare one with `interaction: {}` in dictionary.yaml", did_str(did)),
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
            format!("do without it, or, if people were told so, add {wanted} to its purposes in dictionary.yaml"),
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
                format!("{} → message `{name}`: it is marketing, and the journey is for `{purpose}`", uses.owner),
                format!("give the journey the purpose `{}`, or take the message out", message.purpose),
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
                format!("there is an experiment `{name}` already, in {file} line {}", first.line),
                "give each a name of its own: what is measured goes by it",
            ),
        }
    }

    /// Segments that come back to themselves.
    fn circles(&mut self, all: &[Uses<'_>]) {
        let mut ways: HashMap<&str, Vec<(&str, Mark, &str)>> = HashMap::new();
        for uses in all {
            let Owner::Segment(from) = uses.owner else { continue };
            for use_ in &uses.uses {
                if let Used::Segment(to) = &use_.what {
                    ways.entry(from).or_default().push((to, use_.mark, uses.file));
                }
            }
        }
        let mut done: HashSet<&str> = HashSet::new();
        let mut starts: Vec<&str> = ways.keys().copied().collect();
        starts.sort_unstable();
        for start in starts {
            // Each entry: a segment, and how many of its ways were taken.
            let mut path: Vec<(&str, usize)> = vec![(start, 0)];
            let mut on_path: HashSet<&str> = HashSet::from([start]);
            while let Some((at, taken)) = path.last_mut() {
                let next = ways.get(at).and_then(|ways| ways.get(*taken)).copied();
                *taken += 1;
                let Some((to, mark, file)) = next.filter(|_| !done.contains(*at)) else {
                    done.insert(at);
                    on_path.remove(*at);
                    path.pop();
                    continue;
                };
                if on_path.contains(to) {
                    let round = path.iter().map(|(at, _)| *at).skip_while(|at| *at != to);
                    let names: Vec<String> = round.chain([to]).map(|name| format!("`{name}`")).collect();
                    self.sheet(file).error(
                        "circle",
                        mark,
                        format!("segments come back to themselves: {}", names.join(" → ")),
                        "take one of these out",
                    );
                } else if !done.contains(to) {
                    on_path.insert(to);
                    path.push((to, 0));
                }
            }
        }
    }

    /// What is there and serves nothing: also data that is collected for groups that do not look at it.
    fn idle(&mut self, all: &[Uses<'_>]) {
        let mut used: HashSet<(&str, &str)> = HashSet::new();
        let mut items: HashSet<Did> = HashSet::new();
        for use_ in all.iter().flat_map(|uses| &uses.uses) {
            match &use_.what {
                Used::Event { name, .. } => drop(used.insert(("event", name))),
                Used::Trait { name, .. } => drop(used.insert(("trait", name))),
                Used::Segment(name) => drop(used.insert(("segment", name))),
                Used::Message(name) => drop(used.insert(("message", name))),
                Used::Queue(name) => drop(used.insert(("queue", name))),
                Used::Webhook(name) => drop(used.insert(("webhook", name))),
                Used::Deadline(name) => drop(used.insert(("deadline", name))),
                Used::Items(did) => drop(items.insert(*did)),
                Used::Field { .. } | Used::Category(_) | Used::Experiment(_) => {}
            }
        }
        let mut idle: Vec<(String, Mark, String, &str)> = Vec::new();
        for uses in all {
            let (kind, name) = match uses.owner {
                Owner::Segment(name) => ("segment", name),
                Owner::Message(name) => ("message", name),
                Owner::Journey(_) => continue,
            };
            if !used.contains(&(kind, name)) {
                let mend = match kind {
                    "segment" => "use it, or delete it: everybody is counted for it all the same",
                    _ => "send it in a journey, or delete it",
                };
                let what = format!("nothing uses the {kind} `{name}`");
                idle.push((uses.file.to_owned(), Mark::START, what, mend));
            }
        }
        for (kind, key) in [("queue", "queues"), ("webhook", "webhooks"), ("deadline", "deadlines")] {
            let entries = self.declared.settings.and_then(|settings| settings.get(key));
            for (key, _) in entries.map(Node::entries).unwrap_or_default() {
                if !used.contains(&(kind, &key.name)) {
                    let what = format!("nothing uses the {kind} `{}`", short(&key.name));
                    idle.push(("program.yaml".to_owned(), key.mark, what, "use it, or take it out"));
                }
            }
        }
        let only_groups = PurposeSet::NONE.with(PurposeName::Segment);
        let mend = "take `segment` out of its purposes, or the entry out of the dictionary: what nobody needs is \
                    not collected (GDPR art. 5(1)(c))";
        if let Some(dictionary) = self.declared.dictionary {
            let events = dictionary.events.iter().map(|(name, event)| {
                let used = used.contains(&("event", name)) || event.interaction.is_some_and(|did| items.contains(&did));
                ("event", name, event.mark, event.purposes, used)
            });
            let traits = dictionary.traits.iter().map(|(name, one)| {
                ("trait", name, one.mark, one.purposes, used.contains(&("trait", name)))
            });
            for (kind, name, mark, purposes, used) in events.chain(traits) {
                if purposes == only_groups && !used {
                    let what = format!("the {kind} `{}` is collected for groups, and none looks at it", short(name));
                    idle.push(("dictionary.yaml".to_owned(), mark, what, mend));
                }
            }
        }
        for (file, mark, what, mend) in idle {
            self.sheet(&file).warn("unused", mark, what, mend);
        }
    }
}
