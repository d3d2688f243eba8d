//! Is a tree of that shape? Every fault is put down, and a fault in one place hides none elsewhere.
//!
//! Deliberately does not know: what the values are used for.

use super::{Field, Heads, Record, Rule, Shape};
use crate::fault::{Mark, Sheet};
use crate::suggest;
use crate::tree::{Node, Tree, short};
use crate::words::Name;

/// Longest name of the team's own, letters.
const LABEL: usize = 100;
/// Words that files may not use as names: they mean something where names stand, or look as if they did.
pub(crate) const RESERVED: [&str; 14] = [
    "exit", "next", "end", "start", "all", "any", "not", "none", "everyone", "nobody", "true", "false",
    "null", "self",
];

/// Puts down how `node` differs from `shape`.
pub(crate) fn check(shape: &Shape, node: &Node, sheet: &mut Sheet<'_>) {
    match shape {
        Shape::Text(most) => text(node, *most, sheet),
        Shape::Label => label(node, sheet),
        Shape::Name => {
            if let Some(name) = of_kind(node.text(), node, "a name", sheet) {
                self::name(name, node.mark, sheet);
            }
        }
        Shape::Bool => drop(of_kind(node.bool(), node, "`true` or `false`", sheet)),
        Shape::Yes => match node.bool() {
            Some(true) => {}
            _ => sheet.error(
                "type",
                node.mark,
                format!("only `true` may stand here, and this is {}", node.kind()),
                "write `true`, or take the key out; for the opposite put `not:` around it",
            ),
        },
        Shape::Number => drop(of_kind(node.number(), node, "a number", sheet)),
        Shape::Whole(least, most) => {
            if let Some(number) = of_kind(node.number(), node, "a whole number", sheet)
                && (number.fract() != 0.0 || !(f64::from(*least)..=f64::from(*most)).contains(&number))
            {
                sheet.error(
                    "range",
                    node.mark,
                    format!("`{number}` is no whole number from {least} to {most}"),
                    format!("write a whole number from {least} to {most}"),
                );
            }
        }
        Shape::Form(form) => match node.text() {
            Some(text) if form.fits(text) => {}
            Some(text) => sheet.error(
                "form",
                node.mark,
                format!("`{}` is not {}", short(text), form.name()),
                form.mend(),
            ),
            None => wrong(node, form.name(), form.mend(), sheet),
        },
        Shape::Choice(words) => choice(node, words, sheet),
        Shape::Scalar => {
            if !is_scalar(node) {
                wrong(
                    node,
                    "a text, a number, or yes or no",
                    "write one plain value",
                    sheet,
                );
            }
        }
        Shape::List(of, least, most) => list(node, of, *least, *most, sheet),
        Shape::Map(key, of) => map(node, key, of, sheet),
        Shape::Record(record) => self::record(record, node, sheet),
        Shape::Heads(heads) => self::heads(heads, node, sheet),
        Shape::Either(scalar, other) => check(if is_scalar(node) { scalar } else { other }, node, sheet),
    }
}

fn is_scalar(node: &Node) -> bool {
    matches!(node.value, Tree::Text(_) | Tree::Number(..) | Tree::Bool(_))
}

fn wrong(node: &Node, expected: &str, mend: &str, sheet: &mut Sheet<'_>) {
    let message = format!("{expected} is expected here, and this is {}", node.kind());
    let quotes = matches!(node.value, Tree::Number(..) | Tree::Bool(_));
    let mend = if quotes {
        format!("{mend}; a text that looks like a number goes in quotes")
    } else {
        mend.to_owned()
    };
    sheet.error("type", node.mark, message, mend);
}

fn of_kind<T>(found: Option<T>, node: &Node, expected: &str, sheet: &mut Sheet<'_>) -> Option<T> {
    if found.is_none() {
        wrong(node, expected, "write one", sheet);
    }
    found
}

fn text(node: &Node, most: usize, sheet: &mut Sheet<'_>) {
    let Some(text) = of_kind(node.text(), node, "a text", sheet) else {
        return;
    };
    if text.trim().is_empty() {
        sheet.error(
            "empty",
            node.mark,
            "the text is empty",
            "write it, or take the key out",
        );
    }
    if text.chars().count() > most {
        sheet.error(
            "too_long",
            node.mark,
            format!("the text is longer than {most} letters"),
            "shorten it",
        );
    }
}

fn label(node: &Node, sheet: &mut Sheet<'_>) {
    let Some(text) = of_kind(node.text(), node, "a name", sheet) else {
        return;
    };
    is_label(text, node.mark, sheet);
}

fn is_label(text: &str, mark: Mark, sheet: &mut Sheet<'_>) {
    if text.trim() != text || text.is_empty() || text.chars().any(char::is_control) {
        sheet.error(
            "name",
            mark,
            format!("`{}` is no name", short(text)),
            "write from 1 to 100 letters, without spaces around them",
        );
    } else if text.chars().count() > LABEL {
        sheet.error(
            "too_long",
            mark,
            format!("the name is longer than {LABEL} letters"),
            "shorten it",
        );
    }
}

/// Puts down why that is no name; also for names of files.
pub(crate) fn name(name: &str, mark: Mark, sheet: &mut Sheet<'_>) {
    if !Name::is_one(name) {
        sheet.error(
            "name",
            mark,
            format!("`{}` is no name", short(name)),
            "use lower-case letters, digits and `_`, starting with a letter, at most 64",
        );
    } else if RESERVED.contains(&name) {
        sheet.error(
            "reserved",
            mark,
            format!("`{name}` is a word of its own and no name"),
            format!("name it otherwise, such as `{name}_1`"),
        );
    }
}

fn choice(node: &Node, words: &[&str], sheet: &mut Sheet<'_>) {
    let all = || {
        let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        format!("write one of {}", quoted.join(", "))
    };
    match node.text() {
        Some(text) if words.contains(&text) => {}
        Some(text) => sheet.error(
            "choice",
            node.mark,
            format!("`{}` cannot stand here", short(text)),
            suggest::mend(text, words.iter().copied(), &all()),
        ),
        None => wrong(node, "a word", &all(), sheet),
    }
}

fn list(node: &Node, of: &Shape, least: usize, most: usize, sheet: &mut Sheet<'_>) {
    let Tree::List(items) = &node.value else {
        wrong(
            node,
            "a list",
            "write one a line, each after `- `, or `[a, b]`",
            sheet,
        );
        return;
    };
    if items.len() < least {
        let (message, mend) = match least {
            1 => (
                "the list is empty".to_owned(),
                "name at least one, or take the key out".to_owned(),
            ),
            _ => (
                format!("the list has {}", items.len()),
                format!("name at least {least}"),
            ),
        };
        sheet.error("empty", node.mark, message, mend);
    }
    if items.len() > most {
        sheet.error(
            "too_many",
            node.mark,
            format!("the list has {} entries, more than {most}", items.len()),
            "split it",
        );
    }
    for item in items {
        check(of, item, sheet);
    }
}

fn map(node: &Node, key: &Shape, of: &Shape, sheet: &mut Sheet<'_>) {
    let Tree::Map(entries) = &node.value else {
        wrong(node, "a table", "write `name: value`, one a line", sheet);
        return;
    };
    for (known, value) in entries {
        match key {
            Shape::Name => name(&known.name, known.mark, sheet),
            Shape::Choice(words) => {
                let text = Node {
                    mark: known.mark,
                    value: Tree::Text(known.name.clone()),
                };
                choice(&text, words, sheet);
            }
            _ => is_label(&known.name, known.mark, sheet),
        }
        check(of, value, sheet);
    }
}

fn record(record: &Record, node: &Node, sheet: &mut Sheet<'_>) {
    let Tree::Map(entries) = &node.value else {
        wrong(node, "a table", &keys(record.fields), sheet);
        return;
    };
    for (key, value) in entries {
        match record.fields.iter().find(|field| field.key == key.name) {
            Some(field) => check(field.shape, value, sheet),
            None => sheet.error(
                "unknown_key",
                key.mark,
                format!("there is no key `{}` here", short(&key.name)),
                suggest::mend(
                    &key.name,
                    record.fields.iter().map(|field| field.key),
                    &keys(record.fields),
                ),
            ),
        }
    }
    for field in record.fields.iter().filter(|field| field.required) {
        if node.get(field.key).is_none() {
            sheet.error(
                "missing",
                node.mark,
                format!("`{}` is missing", field.key),
                format!("add `{}:`: {}", field.key, field.about),
            );
        }
    }
    for rule in record.rules {
        self::rule(rule, node, sheet);
    }
}

fn keys(fields: &[Field]) -> String {
    let quoted: Vec<String> = fields.iter().map(|field| format!("`{}`", field.key)).collect();
    format!("the keys here are {}", quoted.join(", "))
}

fn rule(rule: &Rule, node: &Node, sheet: &mut Sheet<'_>) {
    let there = |keys: &[&str]| -> Vec<Mark> {
        let known = node.entries().iter().map(|(key, _)| key);
        known
            .filter(|key| keys.contains(&key.name.as_str()))
            .map(|key| key.mark)
            .collect()
    };
    let listed = |keys: &[&str]| {
        let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        quoted.join(", ")
    };
    let too_many = |keys: &[&str], sheet: &mut Sheet<'_>| {
        if let Some(second) = there(keys).get(1) {
            let message = format!("only one of {} may stand here", listed(keys));
            sheet.error("conflict", *second, message, "keep one");
        }
    };
    let none = |keys: &[&str], sheet: &mut Sheet<'_>| {
        if there(keys).is_empty() {
            let message = format!("one of {} is missing", listed(keys));
            sheet.error("missing", node.mark, message, "add one");
        }
    };
    match rule {
        Rule::ExactlyOne(keys) => {
            too_many(keys, sheet);
            none(keys, sheet);
        }
        Rule::AtMostOne(keys) => too_many(keys, sheet),
        Rule::AtLeastOne(keys) => none(keys, sheet),
        Rule::Needs(key, other) => {
            if let (Some(mark), None) = (there(&[key]).first(), node.get(other)) {
                let message = format!("`{key}` stands here without `{other}`");
                sheet.error("missing", *mark, message, format!("add `{other}:`"));
            }
        }
    }
}

impl Heads {
    /// The table that stands here: by its head, or else by most of its keys.
    pub(crate) fn find(&self, node: &Node) -> Option<&'static Record> {
        let has_head = |record: &&&'static Record| {
            let head = record.fields.first();
            head.is_some_and(|head| node.get(head.key).is_some())
        };
        self.records.iter().find(has_head).copied()
    }
}

fn heads(heads: &Heads, node: &Node, sheet: &mut Sheet<'_>) {
    let names = || heads.records.iter().filter_map(|record| record.fields.first());
    let all = || {
        let quoted: Vec<String> = names().map(|field| format!("`{}`", field.key)).collect();
        format!("write one of {}", quoted.join(", "))
    };
    let Tree::Map(entries) = &node.value else {
        wrong(node, "a table", &all(), sheet);
        return;
    };
    let found: Vec<Mark> = entries
        .iter()
        .filter(|(key, _)| names().any(|field| field.key == key.name))
        .map(|(key, _)| key.mark)
        .collect();
    match (heads.find(node), found.get(1)) {
        (Some(_), Some(second)) => sheet.error(
            "conflict",
            *second,
            "two things are said at once here",
            "write each as an entry of its own; several conditions go under `all:`",
        ),
        (Some(found), None) => record(found, node, sheet),
        (None, _) => {
            let near = entries.iter().find_map(|(key, _)| {
                suggest::nearest(&key.name, names().map(|field| field.key)).map(|near| (key, near))
            });
            match near {
                Some((key, near)) => sheet.error(
                    "unknown_key",
                    key.mark,
                    format!("there is no key `{}` here", short(&key.name)),
                    format!("did you mean `{near}`?"),
                ),
                None => sheet.error(
                    "missing",
                    node.mark,
                    "it is not said what this is".to_owned(),
                    all(),
                ),
            }
        }
    }
}
