//! What cargo knows of the workspace: our crates, what they name, and every package they bring.
//!
//! Deliberately does not know which of it is allowed.

use crate::shell;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Our crates, and every package in the lock file.
#[derive(Default)]
pub struct Workspace {
    /// The members, by name.
    pub crates: BTreeMap<String, Crate>,
    /// Every package, ours included.
    pub packages: Vec<Package>,
}

/// A crate of ours.
#[derive(Default)]
pub struct Crate {
    /// Its folder from the root, `/` at the end.
    pub folder: String,
    /// The crates of ours that its manifest names (for building, not for tests alone).
    pub ours: BTreeSet<String>,
    /// Every package that its manifest names, for tests too.
    pub named: BTreeSet<String>,
}

/// A package in the lock file.
pub struct Package {
    /// Name and version, as `name 1.2.3`.
    pub label: String,
    /// The name.
    pub name: String,
    /// The SPDX expression, if the package states one.
    pub licence: Option<String>,
    /// Whether it is a member of the workspace.
    pub ours: bool,
    /// The names of the packages that name it.
    pub dependents: BTreeSet<String>,
}

/// Asks cargo. Errors say what was missing from its answer.
pub fn read(root: &Path) -> Result<Workspace, String> {
    let json = shell::capture(root, "cargo", &["metadata", "--format-version", "1", "--locked"])
        .ok_or("`cargo metadata --locked` failed: is Cargo.lock up to date?")?;
    let json: Value = serde_json::from_str(&json).map_err(|error| format!("not JSON: {error}"))?;
    understand(&json, &root.to_string_lossy()).ok_or_else(|| "cargo answers in another form".to_owned())
}

fn understand(json: &Value, root: &str) -> Option<Workspace> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let list = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let members: BTreeSet<String> = list(json, "workspace_members")
        .iter()
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect();
    let packages = list(json, "packages");
    let mut names = BTreeMap::new();
    for package in &packages {
        names.insert(text(package, "id")?, text(package, "name")?);
    }
    let member_names: BTreeSet<String> = members.iter().filter_map(|id| names.get(id).cloned()).collect();

    let mut dependents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in list(json.get("resolve")?, "nodes") {
        let from = names.get(&text(&node, "id")?)?.clone();
        for dependency in list(&node, "deps") {
            dependents
                .entry(text(&dependency, "pkg")?)
                .or_default()
                .insert(from.clone());
        }
    }

    let mut workspace = Workspace::default();
    for package in &packages {
        let (id, name) = (text(package, "id")?, text(package, "name")?);
        let ours = members.contains(&id);
        if ours {
            let manifest = text(package, "manifest_path")?;
            let folder = manifest
                .strip_prefix(root)?
                .trim_start_matches('/')
                .strip_suffix("Cargo.toml")?;
            let mut described = Crate {
                folder: folder.to_owned(),
                ..Crate::default()
            };
            for dependency in list(package, "dependencies") {
                let named = text(&dependency, "name")?;
                if member_names.contains(&named) && text(&dependency, "kind").is_none() {
                    described.ours.insert(named.clone());
                }
                described
                    .named
                    .insert(text(&dependency, "rename").unwrap_or(named));
            }
            workspace.crates.insert(name.clone(), described);
        }
        workspace.packages.push(Package {
            label: format!("{name} {}", text(package, "version")?),
            licence: text(package, "license"),
            ours,
            dependents: dependents.remove(&id).unwrap_or_default(),
            name,
        });
    }
    Some(workspace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_of_cargo_is_understood() {
        let answer = json!({
            "workspace_members": ["a#1", "b#1"],
            "packages": [
                {"id": "a#1", "name": "a", "version": "1.0.0", "license": "MIT", "manifest_path": "/w/crates/a/Cargo.toml",
                 "dependencies": [{"name": "b", "kind": null}, {"name": "serde", "kind": null}, {"name": "tempfile", "kind": "dev"}]},
                {"id": "b#1", "name": "b", "version": "1.0.0", "license": null, "manifest_path": "/w/xtask/Cargo.toml", "dependencies": []},
                {"id": "serde#1", "name": "serde", "version": "1.0.9", "license": "MIT", "manifest_path": "/r/serde/Cargo.toml", "dependencies": []},
            ],
            "resolve": {"nodes": [{"id": "a#1", "deps": [{"pkg": "b#1"}, {"pkg": "serde#1"}]}]},
        });
        let workspace = understand(&answer, "/w").unwrap();
        let a = &workspace.crates["a"];
        assert_eq!(a.folder, "crates/a/");
        assert_eq!(a.ours.iter().collect::<Vec<_>>(), ["b"]);
        assert_eq!(a.named.iter().collect::<Vec<_>>(), ["b", "serde", "tempfile"]);
        let serde = workspace
            .packages
            .iter()
            .find(|package| package.name == "serde")
            .unwrap();
        assert_eq!(
            (serde.label.as_str(), serde.ours, serde.dependents.len()),
            ("serde 1.0.9", false, 1)
        );
    }
}
