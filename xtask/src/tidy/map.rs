//! The map in ARCHITECTURE.md is held against the code: manifests for crates, `crate::` paths and
//! names of our crates for modules. A difference either way is a fault.
//!
//! The form of the map: under `## The map`, a table with a row per crate; under each
//! `### Inside` + crate, a table with a row per module. The cells of a row are name, what it is for,
//! what it may import (`crate::x` for a module beside it, `x` for a crate of ours), and what it
//! deliberately does not know.

use super::workspace::{Crate, Workspace};
use super::{Fault, Texts};
use crate::rust_text::{code_without_tests, names};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const FILE: &str = "ARCHITECTURE.md";

/// Crates whose modules are on the map, whether or not the map has a section for them.
const OPENED_UP: [&str; 3] = ["gate", "decide", "server"];

/// A fault for each difference between the map and the code.
pub fn check(map: &str, workspace: &Workspace, texts: &Texts) -> Vec<Fault> {
    let map = read(map);
    let actual: BTreeMap<String, BTreeSet<String>> = workspace
        .crates
        .iter()
        .map(|(name, described)| (name.clone(), described.ours.clone()))
        .collect();
    let mut faults = compare("crate", &map.crates, &actual);
    for name in opened_up(&map) {
        let Some(described) = workspace.crates.get(name) else {
            continue;
        };
        let none = Vec::new();
        let rows = map.inside.get(name).unwrap_or(&none);
        faults.extend(compare(
            &format!("module of `{name}`"),
            rows,
            &modules(described, texts),
        ));
    }
    faults
}

/// The map with its tables as the code has them: imports from the code, prose kept, rows of what is
/// gone taken out, rows of what is new added with empty prose.
pub fn rewrite(text: &str, workspace: &Workspace, texts: &Texts) -> String {
    let map = read(text);
    let crates = workspace
        .crates
        .iter()
        .map(|(name, described)| (name.clone(), described.ours.clone()))
        .collect();
    let mut out = String::new();
    let mut inside: Option<String> = None;
    let mut in_table = false;
    for line in text.lines() {
        if line.starts_with("## ") {
            inside = None;
        } else if let Some(heading) = line.strip_prefix("### ") {
            inside = section(heading);
        }
        let starts = line.starts_with("| crate |") || line.starts_with("| module |");
        if starts {
            let described = inside.as_ref().and_then(|name| workspace.crates.get(name));
            match (&inside, described) {
                (Some(name), Some(described)) => {
                    let none = Vec::new();
                    let rows = map.inside.get(name).unwrap_or(&none);
                    table(&mut out, "module", rows, &modules(described, texts));
                }
                _ => table(&mut out, "crate", &map.crates, &crates),
            }
        }
        in_table = starts || (in_table && line.starts_with('|'));
        if !in_table {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn opened_up(map: &Map) -> BTreeSet<&str> {
    OPENED_UP
        .into_iter()
        .chain(map.inside.keys().map(String::as_str))
        .collect()
}

#[derive(Default)]
struct Map {
    crates: Vec<Row>,
    inside: BTreeMap<String, Vec<Row>>,
}

struct Row {
    line: usize,
    name: String,
    purpose: String,
    imports: BTreeSet<String>,
    unknown: String,
    complete: bool,
}

fn read(text: &str) -> Map {
    let mut map = Map::default();
    let mut on_the_map = false;
    let mut inside: Option<String> = None;
    for (number, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("## ") {
            (on_the_map, inside) = (heading.trim() == "The map", None);
        } else if let Some(heading) = line.strip_prefix("### ") {
            inside = section(heading);
        } else if on_the_map && line.starts_with("| `") {
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
            let cell = |i: usize| cells.get(i).copied().unwrap_or_default().to_owned();
            let row = Row {
                line: number + 1,
                name: ticked(&cell(0)).into_iter().next().unwrap_or_default(),
                purpose: cell(1),
                imports: ticked(&cell(2)).into_iter().collect(),
                unknown: cell(3),
                complete: cells.len() == 4 && cells.iter().all(|cell| cell.len() > 2),
            };
            match &inside {
                Some(name) => map.inside.entry(name.clone()).or_default().push(row),
                None => map.crates.push(row),
            }
        }
    }
    map
}

/// The crate that a heading `Inside` + crate is about.
fn section(heading: &str) -> Option<String> {
    let name = heading.strip_prefix("Inside ")?;
    ticked(name).into_iter().next()
}

/// The texts between backticks.
fn ticked(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn compare(kind: &str, rows: &[Row], actual: &BTreeMap<String, BTreeSet<String>>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in actual
        .keys()
        .filter(|name| !rows.iter().any(|row| row.name == **name))
    {
        faults.push(Fault::new(
            FILE,
            format!("the {kind} `{name}` has no row: `cargo xtask map` adds one"),
        ));
    }
    let mut seen = BTreeSet::new();
    for row in rows {
        let mut fault = |what: String| faults.push(Fault::new(format!("{FILE}:{}", row.line), what));
        if !seen.insert(&row.name) {
            fault(format!("the {kind} `{}` has two rows", row.name));
        }
        if !row.complete {
            fault(format!("the row of `{}` needs four filled cells", row.name));
        }
        let Some(imports) = actual.get(&row.name) else {
            fault(format!("there is no {kind} `{}`", row.name));
            continue;
        };
        for name in imports.difference(&row.imports) {
            fault(format!(
                "`{}` imports `{name}`, which the map does not allow",
                row.name
            ));
        }
        for name in row.imports.difference(imports) {
            fault(format!(
                "the map allows `{}` to import `{name}`, which it does not",
                row.name
            ));
        }
    }
    faults
}

fn table(out: &mut String, kind: &str, rows: &[Row], actual: &BTreeMap<String, BTreeSet<String>>) {
    let _ = writeln!(
        out,
        "| {kind} | what it is for | may import | deliberately does not know |\n|---|---|---|---|"
    );
    let known = rows
        .iter()
        .map(|row| &row.name)
        .filter(|name| actual.contains_key(*name));
    let new = actual
        .keys()
        .filter(|name| !rows.iter().any(|row| row.name == **name));
    for name in known.chain(new) {
        let row = rows.iter().find(|row| row.name == *name);
        let imports: Vec<String> = actual
            .get(name)
            .into_iter()
            .flatten()
            .map(|import| format!("`{import}`"))
            .collect();
        let imports = if imports.is_empty() {
            "nothing".to_owned()
        } else {
            imports.join(", ")
        };
        let (purpose, unknown) = row.map_or(("", ""), |row| (&row.purpose, &row.unknown));
        let _ = writeln!(out, "| `{name}` | {purpose} | {imports} | {unknown} |");
    }
}

/// The modules of a crate and what each imports, from its sources.
fn modules(described: &Crate, texts: &Texts) -> BTreeMap<String, BTreeSet<String>> {
    let source = format!("{}src/", described.folder);
    let root = ["lib.rs", "main.rs"]
        .iter()
        .find_map(|file| texts.get(&format!("{source}{file}")));
    let root = root.map(|text| code_without_tests(text)).unwrap_or_default();
    let modules = declared(&root);
    let exports = exports(&root, &modules);
    let of = |module: &String| -> BTreeSet<String> {
        let (file, folder) = (format!("{source}{module}.rs"), format!("{source}{module}/"));
        texts
            .iter()
            .filter(|(path, _)| **path == file || path.starts_with(&folder))
            .filter(|(path, _)| {
                path.ends_with(".rs") && !path.ends_with("/tests.rs") && !path.contains("/tests/")
            })
            .flat_map(|(path, text)| {
                let depth = depth(path.strip_prefix(&source).unwrap_or(path));
                imports(&code_without_tests(text), depth, &described.ours)
            })
            .filter_map(|import| match import {
                Import::Crate(name) => Some(name),
                Import::Inside(name) if name == *module => None,
                Import::Inside(name) if modules.contains(&name) => Some(format!("crate::{name}")),
                Import::Inside(name) => match exports.get(&name) {
                    Some(home) if home == module => None,
                    Some(home) => Some(format!("crate::{home}")),
                    None => Some("crate".to_owned()),
                },
            })
            .collect()
    };
    modules
        .iter()
        .map(|module| (module.clone(), of(module)))
        .collect()
}

/// How many modules deep a file is: 1 for `a.rs` and `a/mod.rs`, 2 for `a/b.rs`.
fn depth(path: &str) -> usize {
    path.trim_end_matches("/mod.rs").split('/').count()
}

/// The modules that a crate root declares.
fn declared(root: &str) -> BTreeSet<String> {
    let mut previous = "";
    let mut found = BTreeSet::new();
    for (name, _) in names(root) {
        if previous == "mod" {
            found.insert(name.to_owned());
        }
        previous = name;
    }
    found
}

/// What the crate root re-exports, and from which module.
fn exports(root: &str, modules: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for statement in root.split(';') {
        let Some((_, path)) = statement.split_once("use ") else {
            continue;
        };
        let path = path
            .trim()
            .trim_start_matches("crate::")
            .trim_start_matches("self::");
        let Some((home, rest)) = path.split_once("::") else {
            continue;
        };
        if modules.contains(home) {
            found.extend(names(rest).map(|(name, _)| (name.to_owned(), home.to_owned())));
        }
    }
    found
}

enum Import {
    /// A crate of ours.
    Crate(String),
    /// What a path from the crate's own root starts with.
    Inside(String),
}

fn imports(code: &str, depth: usize, ours: &BTreeSet<String>) -> Vec<Import> {
    let mut found = Vec::new();
    let mut rest = code.to_owned();
    // `crate::x` and the `super::` chain that ends at the root are the same thing.
    for prefix in ["crate::".to_owned(), "super::".repeat(depth)] {
        while let Some(start) = path_start(&rest, &prefix) {
            let tail = rest.get(start + prefix.len()..).unwrap_or_default();
            let end = if tail.starts_with('{') {
                group_end(tail)
            } else {
                name_end(tail)
            };
            let taken = tail.get(..end).unwrap_or_default();
            found.extend(first_names(taken).into_iter().map(Import::Inside));
            rest.replace_range(start..start + prefix.len() + end, "_");
        }
    }
    let mut before = 0;
    for (name, after) in names(&rest) {
        let start = rest.len() - after.len() - name.len();
        let lead = rest.get(before..start).unwrap_or_default().trim_end();
        let led = lead.ends_with("::") || lead.ends_with('.');
        before = start + name.len();
        let used = after.trim_start().starts_with("::")
            || rest.get(..start).is_some_and(|text| text.ends_with("use "));
        if !led && used && ours.contains(name) {
            found.push(Import::Crate(name.to_owned()));
        }
    }
    found
}

/// Where a path that starts with `prefix` begins (not in the middle of a longer one).
fn path_start(text: &str, prefix: &str) -> Option<usize> {
    text.match_indices(prefix).map(|(start, _)| start).find(|start| {
        let before = text.get(..*start).unwrap_or_default();
        !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

/// The first name of each path in `a::b` or `{a, b::{c, d}}`.
fn first_names(taken: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let mut found = Vec::new();
    let mut fresh = true;
    let whole = taken.starts_with('{');
    for piece in taken.split_inclusive(['{', '}', ',', ':']) {
        let name = piece.trim_end_matches(['{', '}', ',', ':']).trim();
        if fresh && !name.is_empty() && depth == i32::from(whole) && name != "self" {
            found.push(name.split(' ').next().unwrap_or(name).to_owned());
        }
        match piece.chars().last() {
            Some('{') => depth += 1,
            Some('}') => depth -= 1,
            _ => {}
        }
        fresh = (piece.ends_with(',') || piece.ends_with('{')) && depth == i32::from(whole);
    }
    found
}

fn group_end(text: &str) -> usize {
    let mut depth = 0_i32;
    for (i, c) in text.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return i + 1;
        }
    }
    text.len()
}

fn name_end(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "\
## The map

| crate | what it is for | may import | deliberately does not know |
|---|---|---|---|
| `gate` | the doors | `store` | the web |
| `store` | the shelf | nothing | keys |

### Inside `gate`

| module | what it is for | may import | deliberately does not know |
|---|---|---|---|
| `keys` | one key each | nothing | envelopes |
| `seal` | envelopes | `crate::keys`, `store` | purposes |
";

    fn repository(seal: &str) -> (Workspace, Texts) {
        let described = |folder: &str, ours: &[&str]| Crate {
            folder: folder.to_owned(),
            ours: ours.iter().map(|name| (*name).to_owned()).collect(),
            ..Crate::default()
        };
        let crates = [
            ("gate".to_owned(), described("crates/gate/", &["store"])),
            ("store".to_owned(), described("crates/store/", &[])),
        ];
        let workspace = Workspace {
            crates: crates.into(),
            ..Workspace::default()
        };
        let files = [
            (
                "crates/gate/src/lib.rs",
                "//! Doors.\npub mod keys;\nmod seal;\npub use keys::{Key, Wrapped};\n",
            ),
            (
                "crates/gate/src/keys.rs",
                "#[cfg(test)]\nmod tests { use crate::seal::Opened; }\n",
            ),
            ("crates/gate/src/seal/mod.rs", seal),
        ];
        (
            workspace,
            files
                .map(|(path, text)| (path.to_owned(), text.to_owned()))
                .into(),
        )
    }

    fn faults(map: &str, seal: &str) -> Vec<String> {
        let (workspace, texts) = repository(seal);
        check(map, &workspace, &texts)
            .into_iter()
            .map(|fault| fault.what)
            .collect()
    }

    const SEAL: &str = "use crate::keys::Key;\nuse store::Shelf;\n";

    #[test]
    fn a_true_map_has_no_fault() {
        assert_eq!(faults(MAP, SEAL), [""; 0]);
    }

    #[test]
    fn an_import_that_the_map_does_not_allow_is_found() {
        let map = MAP.replace("`crate::keys`, `store`", "nothing");
        for seal in [
            SEAL,
            "use crate::{\n    keys::{Key, Wrapped as W},\n};\nuse store::{Shelf};\n",
            "fn f(k: crate::Key) -> store::Shelf {}",
            "use super::keys;\nuse store;\n",
            "pub(crate) fn f(k: &super::Wrapped) { x.store::<u8>(); store::get() }",
        ] {
            let found = faults(&map, seal);
            assert_eq!(
                found,
                [
                    "`seal` imports `crate::keys`, which the map does not allow",
                    "`seal` imports `store`, which the map does not allow"
                ],
                "{seal}"
            );
        }
    }

    #[test]
    fn an_import_that_the_code_does_not_make_is_found() {
        for seal in [
            "// use crate::keys::Key;\nuse store::Shelf;",
            "use store::Shelf; const A: &str = \"crate::keys\";",
        ] {
            assert_eq!(
                faults(MAP, seal),
                ["the map allows `seal` to import `crate::keys`, which it does not"]
            );
        }
        let map = MAP.replace("the shelf | nothing", "the shelf | `gate`");
        assert_eq!(
            faults(&map, SEAL),
            ["the map allows `store` to import `gate`, which it does not"]
        );
        let seal = "use crate::keys; fn f() { x.store::<u8>(); other::store::f() }";
        assert_eq!(
            faults(MAP, seal),
            ["the map allows `seal` to import `store`, which it does not"]
        );
    }

    #[test]
    fn a_missing_an_invented_and_an_empty_row_are_found() {
        let map = MAP.replace("| `keys` | one key each |", "| `locks` | one key each |");
        assert_eq!(
            faults(&map, SEAL),
            [
                "the module of `gate` `keys` has no row: `cargo xtask map` adds one",
                "there is no module of `gate` `locks`"
            ]
        );
        assert_eq!(
            faults(&MAP.replace("| purposes |", "| |"), SEAL),
            ["the row of `seal` needs four filled cells"]
        );
        assert_eq!(faults("", SEAL).len(), 4);
    }

    #[test]
    fn first_names_are_those_of_each_path() {
        for (taken, expected) in [
            ("keys", vec!["keys"]),
            (
                "{keys, seal::{Opened, Draft}, charter}",
                vec!["keys", "seal", "charter"],
            ),
            ("{keys::Key as K, self}", vec!["keys"]),
        ] {
            assert_eq!(first_names(taken), expected, "{taken}");
        }
    }

    #[test]
    fn the_map_is_rewritten_as_the_code_has_it_with_the_prose_kept() {
        let (workspace, texts) = repository(SEAL);
        assert_eq!(rewrite(MAP, &workspace, &texts), MAP);
        let stale = MAP
            .replace(
                "| `keys` | one key each | nothing | envelopes |\n",
                "| `locks` | gone | nothing | all |\n",
            )
            .replace("`crate::keys`, `store`", "`store`");
        let expected = MAP.replace("| `keys` | one key each | nothing | envelopes |\n", "")
            + "| `keys` |  | nothing |  |\n\nThe end.\n";
        assert_eq!(rewrite(&(stale + "\nThe end.\n"), &workspace, &texts), expected);
    }
}
