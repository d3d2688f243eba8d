//! A manifest names only what the code names: an unused dependency is build time and attack surface.

use super::workspace::Workspace;
use super::{Fault, Texts};
use crate::rust_text::{code, names};
use std::collections::BTreeSet;

/// Dependencies that are there for their features or their linking alone, with the reason.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

/// A fault for each package that a manifest of ours names and no Rust file of that crate does.
pub fn check(workspace: &Workspace, texts: &Texts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, described) in &workspace.crates {
        let mut used = BTreeSet::new();
        let files = texts
            .range(described.folder.clone()..)
            .take_while(|(path, _)| path.starts_with(&described.folder));
        for (_, text) in files.filter(|(path, _)| path.ends_with(".rs")) {
            used.extend(names(&code(text)).map(|(name, _)| name.to_owned()));
        }
        for dependency in &described.named {
            let excepted = EXCEPTIONS
                .iter()
                .any(|(who, what, _)| who == name && what == dependency);
            if !excepted && !used.contains(&dependency.replace('-', "_")) {
                let place = format!("{}Cargo.toml", described.folder);
                faults.push(Fault::new(
                    place,
                    format!("`{dependency}` is named here and nowhere in the code: take it out"),
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::workspace::Crate;
    use super::*;

    #[test]
    fn a_dependency_that_no_file_names_is_found() {
        let named = ["aws-lc-rs", "serde", "tempfile"].map(str::to_owned).into();
        let crates = [(
            "a".to_owned(),
            Crate {
                folder: "crates/a/".to_owned(),
                named,
                ..Crate::default()
            },
        )]
        .into();
        let workspace = Workspace {
            crates,
            ..Workspace::default()
        };
        let texts = Texts::from([
            (
                "crates/a/src/lib.rs".to_owned(),
                "//! serde in words\nuse aws_lc_rs::aead;".to_owned(),
            ),
            (
                "crates/a/tests/b.rs".to_owned(),
                "fn f() { tempfile::tempdir(); }".to_owned(),
            ),
            ("crates/ab/src/lib.rs".to_owned(), "use serde;".to_owned()),
        ]);
        let found = check(&workspace, &texts);
        assert_eq!(found.len(), 1);
        assert!(
            found.iter().all(|fault| fault.what.contains("`serde`")),
            "{found:?}"
        );
    }
}
