//! Templates of messages: whether each is one, and whether what it reads of a person may be read for the
//! purpose of the message.
//!
//! Deliberately does not know: channels, MJML, values.

use super::uses::{Page, Used, Wants};
use crate::fault::Mark;
use crate::suggest;
use crate::tree::short;
use liquid::{Faults, Limits, Read};
use std::collections::BTreeSet;

/// What templates are given besides `person` and `claims`.
const OFFERED: [(&str, &[&str]); 3] = [
    ("links", &["why", "change", "human", "unsubscribe"]),
    ("message", &["name", "title"]),
    ("shop", &["name", "url", "address"]),
];

/// A text of a message.
pub(crate) struct Text<'t> {
    pub(crate) source: &'t str,
    /// Whether it is HTML; if not, values are written as they are.
    pub(crate) html: bool,
    /// Where it stands, if it is not a file of its own.
    pub(crate) at: Option<Mark>,
    /// The claims of the message that are bound to a fact.
    pub(crate) claims: &'t [&'t str],
}

/// The traits of the person that it reads; the page is that of its file, for the purpose of the message.
pub(crate) fn read(text: &Text<'_>, page: &mut Page<'_>) -> BTreeSet<String> {
    let mut traits = BTreeSet::new();
    let template = match liquid::parse(text.source, &Limits::default()) {
        Ok(template) => template,
        Err(faults) => {
            tell(&faults, text, page);
            return traits;
        }
    };
    if text.html {
        tell(template.html_faults(), text, page);
    }
    for place in template.raw() {
        page.sheet.error(
            "template",
            mark(text, place.line, place.column),
            "`raw` would let HTML of a value through",
            "take it out: values are escaped, and texts of the template are written as they are",
        );
    }
    for read in template.reads() {
        let mark = mark(text, read.line, read.column);
        match read.path.split_once('.') {
            Some(("person", name)) if name != "*" => {
                // A trait may hold named values; the trait is what is declared.
                let name = name.split_once('.').map_or(name, |(name, _)| name);
                let used = Used::Trait {
                    name: name.to_owned(),
                    wants: Wants::Anything,
                };
                page.uses(mark, used);
                traits.insert(name.to_owned());
            }
            _ => offered(read, mark, text.claims, page),
        }
    }
    traits
}

fn mark(text: &Text<'_>, line: u32, column: u32) -> Mark {
    text.at.unwrap_or(Mark { line, column })
}

fn tell(faults: &Faults, text: &Text<'_>, page: &mut Page<'_>) {
    for fault in faults.iter() {
        let mark = mark(text, fault.line, fault.column);
        page.sheet
            .error("template", mark, fault.message.clone(), fault.mend.clone());
    }
}

/// Something that is no trait: one of what is offered, or a fault.
fn offered(read: &Read, at: Mark, claims: &[&str], page: &mut Page<'_>) {
    let (root, rest) = read.path.split_once('.').unwrap_or((&read.path, ""));
    let names: Vec<&str> = match OFFERED.iter().find(|(known, _)| *known == root) {
        Some((_, names)) => names.to_vec(),
        None if root == "claims" => claims.to_vec(),
        None if root == "person" => Vec::new(),
        None => {
            let roots = ["person", "shop", "links", "message", "claims"];
            let trait_ = format!(
                "write `person.{}` for a trait of the person; there are also `shop`, `links`, `message` and `claims`",
                short(root)
            );
            let (message, mend) = match root {
                "*" => (
                    "which values this template reads is found only while it is rendered".to_owned(),
                    "name them".to_owned(),
                ),
                root => (
                    format!("a template is given no `{}`", short(root)),
                    suggest::mend(root, roots, &trait_),
                ),
            };
            page.sheet.error("unknown_name", at, message, mend);
            return;
        }
    };
    // Whether a group is there at all tells nothing of anybody.
    if rest.is_empty() && !read.whole {
        return;
    }
    if rest.is_empty() || rest == "*" {
        let example = names.first().copied().unwrap_or("first_name");
        page.sheet.error(
            "unknown_name",
            at,
            format!("this reads all of `{root}`"),
            format!("name what is read, such as `{root}.{example}`"),
        );
        return;
    }
    let name = rest.split_once('.').map_or(rest, |(name, _)| name);
    if names.contains(&name) {
        return;
    }
    let none = match root {
        "claims" => format!(
            "bind the claim `{}` to a fact under `claims` in message.yaml",
            short(name)
        ),
        _ => format!("there are {}", names.join(", ")),
    };
    page.sheet.error(
        "unknown_name",
        at,
        format!("there is no `{root}.{}`", short(name)),
        suggest::mend(name, names.iter().copied(), &none),
    );
}
