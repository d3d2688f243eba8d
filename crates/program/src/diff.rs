//! What is different between two programs, in plain words.
//!
//! Deliberately does not know: what a difference does to people (`plan`).

use crate::fault::{Faults, Sheet};
use crate::program::Program;
use crate::tree::{self, Node, Tree, short};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A file that is not the same in both.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    /// The file.
    pub file: String,
    /// What it is: "journey `welcome`".
    pub part: String,
    /// How it differs.
    pub how: How,
}

/// How a file differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Only the later program has it.
    Added,
    /// Only the earlier program has it.
    Removed,
    /// Both have it, with these differences.
    Changed(Vec<Detail>),
}

/// One difference in a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// A value: where (`steps.remind.wait`), what it was and what it is; `None`: it is not there.
    Value {
        /// Where.
        path: String,
        /// What it was.
        before: Option<String>,
        /// What it is.
        after: Option<String>,
    },
    /// Lines of a text.
    Lines {
        /// So many are gone.
        removed: usize,
        /// So many are new.
        added: usize,
    },
    /// Comments, spaces, order of keys: nothing that is said.
    Layout,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.how {
            How::Added => write!(f, "{} is new", self.part),
            How::Removed => write!(f, "{} is gone", self.part),
            How::Changed(details) => {
                write!(f, "{} is different:", self.part)?;
                details.iter().try_for_each(|detail| write!(f, "\n    {detail}"))
            }
        }
    }
}

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Detail::Value {
                path,
                before: Some(before),
                after: Some(after),
            } => write!(f, "`{path}` was `{before}`, is `{after}`"),
            Detail::Value {
                path,
                before: None,
                after: Some(after),
            } => write!(f, "`{path}` is new: `{after}`"),
            Detail::Value { path, before, .. } => {
                write!(
                    f,
                    "`{path}` is gone; it was `{}`",
                    before.as_deref().unwrap_or_default()
                )
            }
            Detail::Lines { removed, added } => write!(f, "{removed} lines are gone, {added} are new"),
            Detail::Layout => f.write_str("comments or layout only"),
        }
    }
}

/// From one program to another, by file.
pub fn diff(before: &Program, after: &Program) -> Vec<Change> {
    let paths: BTreeSet<&String> = before.files.keys().chain(after.files.keys()).collect();
    paths
        .into_iter()
        .filter_map(|path| {
            let how = match (before.files.get(path), after.files.get(path)) {
                (Some(one), Some(other)) if one == other => return None,
                (Some(one), Some(other)) => How::Changed(details(path, one, other)),
                (None, _) => How::Added,
                (_, None) => How::Removed,
            };
            Some(Change {
                file: path.clone(),
                part: part(path),
                how,
            })
        })
        .collect()
}

fn part(path: &str) -> String {
    let stem = |rest: &str| rest.strip_suffix(".yaml").unwrap_or(rest).to_owned();
    match path.split_once('/') {
        None if path == "program.yaml" => "the settings of the program".to_owned(),
        None => format!("the {}", stem(path)),
        Some(("segments", rest)) => format!("segment `{}`", stem(rest)),
        Some(("journeys", rest)) => format!("journey `{}`", stem(rest)),
        Some((_, rest)) => match rest.split_once('/') {
            Some((name, "message.yaml")) => format!("message `{name}`"),
            Some((name, file)) => format!("`{file}` of the message `{name}`"),
            None => format!("`{path}`"),
        },
    }
}

fn details(path: &str, before: &[u8], after: &[u8]) -> Vec<Detail> {
    let found = match path.ends_with(".yaml") {
        true => values(path, before, after),
        false => lines(before, after),
    };
    if found.is_empty() {
        return vec![Detail::Layout];
    }
    found
}

fn values(path: &str, before: &[u8], after: &[u8]) -> Vec<Detail> {
    let flat = |bytes: &[u8]| {
        let mut faults = Faults::default();
        let mut sheet = Sheet {
            file: path,
            faults: &mut faults,
        };
        let mut values = BTreeMap::new();
        if let Some(node) = tree::read(bytes, &mut sheet) {
            flatten(&node, String::new(), &mut values);
        }
        values
    };
    let (before, after) = (flat(before), flat(after));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        .map(|path| Detail::Value {
            path: path.clone(),
            before: before.get(path).map(|text| short(text)),
            after: after.get(path).map(|text| short(text)),
        })
        .collect()
}

/// Every plain value by its path. Entries of a list go by their own `id` or `name` where they have one, and
/// their order is a value too.
fn flatten(node: &Node, path: String, values: &mut BTreeMap<String, String>) {
    let below = |key: &str| match path.is_empty() {
        true => key.to_owned(),
        false => format!("{path}.{key}"),
    };
    match &node.value {
        Tree::Map(entries) => {
            for (key, value) in entries {
                flatten(value, below(&key.name), values);
            }
        }
        Tree::List(items) => {
            let own = |item: &Node| {
                let name = item.get("id").or_else(|| item.get("name"));
                name.and_then(Node::text).map(str::to_owned)
            };
            let names: Option<Vec<String>> = items.iter().map(own).collect();
            match names {
                Some(names) if !names.is_empty() => {
                    values.insert(below("order"), names.join(", "));
                    for (item, name) in items.iter().zip(names) {
                        flatten(item, below(&name), values);
                    }
                }
                _ if items
                    .iter()
                    .all(|item| !matches!(item.value, Tree::Map(_) | Tree::List(_))) =>
                {
                    let texts: Vec<String> = items.iter().map(scalar).collect();
                    values.insert(path, texts.join(", "));
                }
                _ => {
                    for (at, item) in items.iter().enumerate() {
                        flatten(item, below(&(at + 1).to_string()), values);
                    }
                }
            }
        }
        _ => drop(values.insert(path, scalar(node))),
    }
}

fn scalar(node: &Node) -> String {
    match &node.value {
        Tree::Bool(value) => value.to_string(),
        Tree::Number(_, text) | Tree::Text(text) => text.clone(),
        Tree::Null | Tree::List(_) | Tree::Map(_) => String::new(),
    }
}

/// How many lines the other does not have; a line that only moved is in both.
fn lines(before: &[u8], after: &[u8]) -> Vec<Detail> {
    let mut count: BTreeMap<&[u8], i64> = BTreeMap::new();
    for line in before.split(|byte| *byte == b'\n') {
        *count.entry(line).or_default() -= 1;
    }
    for line in after.split(|byte| *byte == b'\n') {
        *count.entry(line).or_default() += 1;
    }
    let sum = |sign: i64| -> usize {
        let counts = count.values().map(|count| (count * sign).max(0));
        usize::try_from(counts.sum::<i64>()).unwrap_or_default()
    };
    let (removed, added) = (sum(-1), sum(1));
    match (removed, added) {
        (0, 0) => Vec::new(),
        _ => vec![Detail::Lines { removed, added }],
    }
}
