//! Checks that no tool of others makes: the map, the words, the reasons, the figures.
//!
//! Each check is a function from text to faults with its tests beside it; only this file reads the
//! repository. Deliberately does not know the Rust grammar.

mod bans;
mod changelog;
mod figures;
mod length;
mod links;
mod lints;
mod map;
mod opening;
mod reasons;
mod unused;
mod words;
mod workspace;

use std::collections::BTreeMap;
use std::path::Path;
use workspace::Workspace;

/// One thing that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file (and line, where one is to blame), from the root of the repository.
    pub place: String,
    /// What is wrong and how to mend it.
    pub what: String,
}

impl Fault {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Fault {
        Fault {
            place: place.into(),
            what: what.into(),
        }
    }
}

/// The text files of the repository, by their path from its root.
pub type Texts = BTreeMap<String, String>;

/// Runs every check, prints each fault, and says whether there was none.
pub fn run(root: &Path) -> bool {
    let Some((texts, workspace)) = read(root) else {
        return false;
    };
    let empty = String::new();
    let text = |path: &str| texts.get(path).unwrap_or(&empty);
    let mut clean = true;
    let mut say = |name: &str, faults: Vec<Fault>| {
        println!("{} {name}", if faults.is_empty() { "ok    " } else { "FAULTS" });
        for fault in &faults {
            println!("       {}: {}", fault.place, fault.what);
        }
        clean &= faults.is_empty();
    };
    say(
        "the map is the code",
        map::check(text("ARCHITECTURE.md"), &workspace, &texts),
    );
    say("every module opens with its idea", opening::check(&texts));
    say("no file is too long", length::check(&texts));
    say("nothing is left for later in the code", words::check(&texts));
    say(
        "every dependency has a reason",
        reasons::check(text("Cargo.toml")),
    );
    say("every dependency is used", unused::check(&workspace, &texts));
    say("every crate keeps the lints", lints::check(&workspace, &texts));
    say(
        "every link leads somewhere",
        links::check(&texts, &|path| root.join(path).exists()),
    );
    say("every figure has its command", figures::check(&texts));
    say("the changelog is kept", changelog::check(text("CHANGELOG.md")));
    say("licences and bans", bans::check(text("deny.toml"), &workspace));
    clean
}

/// Rewrites the tables of the map as the code has them, the prose kept.
pub fn redraw_map(root: &Path) -> bool {
    let Some((texts, workspace)) = read(root) else {
        return false;
    };
    let present = texts
        .get("ARCHITECTURE.md")
        .map(String::as_str)
        .unwrap_or_default();
    let written = std::fs::write(
        root.join("ARCHITECTURE.md"),
        map::rewrite(present, &workspace, &texts),
    );
    if let Err(error) = &written {
        println!("cannot write ARCHITECTURE.md: {error}");
    }
    written.is_ok()
}

fn read(root: &Path) -> Option<(Texts, Workspace)> {
    let mut texts = Texts::new();
    collect(root, root, &mut texts);
    match workspace::read(root) {
        Ok(workspace) => Some((texts, workspace)),
        Err(why) => {
            println!("cannot read the workspace: {why}");
            None
        }
    }
}

/// Folders that hold nothing of ours to read.
const SKIPPED: [&str; 4] = ["target", "node_modules", ".git", "__pycache__"];
/// Files that are text and ours.
const READ: [&str; 13] = [
    "rs",
    "toml",
    "md",
    "html",
    "ftl",
    "css",
    "js",
    "mjs",
    "py",
    "sql",
    "cedar",
    "cedarschema",
    "run",
];

fn collect(root: &Path, folder: &Path, texts: &mut Texts) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(root, &path, texts);
            }
        } else if name
            .rsplit('.')
            .next()
            .is_some_and(|ending| READ.contains(&ending))
            && let (Ok(text), Ok(place)) = (std::fs::read_to_string(&path), path.strip_prefix(root))
        {
            texts.insert(place.to_string_lossy().into_owned(), text);
        }
    }
}
