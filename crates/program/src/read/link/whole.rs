//! What only the whole shows: segments that come back to themselves, and what serves nothing.
//!
//! Deliberately does not know: names one by one.

use super::{Link, Owner, Used, Uses};
use crate::fault::Mark;
use crate::segment::Did;
use crate::tree::{Node, short};
use std::collections::{HashMap, HashSet};
use vocabulary::{PurposeName, PurposeSet};

impl Link<'_, '_> {
    /// Segments that come back to themselves.
    pub(super) fn circles(&mut self, all: &[Uses<'_>]) {
        let mut ways: HashMap<&str, Vec<(&str, Mark, &str)>> = HashMap::new();
        for uses in all {
            let Owner::Segment(from) = uses.owner else {
                continue;
            };
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
    pub(super) fn idle(&mut self, all: &[Uses<'_>]) {
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
        for (kind, key) in [
            ("queue", "queues"),
            ("webhook", "webhooks"),
            ("deadline", "deadlines"),
        ] {
            let entries = self.declared.settings.and_then(|settings| settings.get(key));
            for (key, _) in entries.map(Node::entries).unwrap_or_default() {
                if !used.contains(&(kind, &key.name)) {
                    let what = format!("nothing uses the {kind} `{}`", short(&key.name));
                    idle.push((
                        "program.yaml".to_owned(),
                        key.mark,
                        what,
                        "use it, or take it out",
                    ));
                }
            }
        }
        let only_groups = PurposeSet::NONE.with(PurposeName::Segment);
        let mend = "take `segment` out of its purposes, or the entry out of the dictionary: what nobody needs is \
                    not collected (GDPR art. 5(1)(c))";
        if let Some(dictionary) = self.declared.dictionary {
            let events = dictionary.events.iter().map(|(name, event)| {
                let used = used.contains(&("event", name))
                    || event.interaction.is_some_and(|did| items.contains(&did));
                ("event", name, event.mark, event.purposes, used)
            });
            let traits = dictionary.traits.iter().map(|(name, one)| {
                (
                    "trait",
                    name,
                    one.mark,
                    one.purposes,
                    used.contains(&("trait", name)),
                )
            });
            for (kind, name, mark, purposes, used) in events.chain(traits) {
                if purposes == only_groups && !used {
                    let what = format!(
                        "the {kind} `{}` is collected for groups, and none looks at it",
                        short(name)
                    );
                    idle.push(("dictionary.yaml".to_owned(), mark, what, mend));
                }
            }
        }
        for (file, mark, what, mend) in idle {
            self.sheet(&file).warn("unused", mark, what, mend);
        }
    }
}
