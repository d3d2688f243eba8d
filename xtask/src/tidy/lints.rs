//! Every crate keeps the lints of the workspace, also where it adds its own.

use super::workspace::Workspace;
use super::{Fault, Texts};

/// A fault for each manifest that does not take the lints of the workspace, and for each clippy.toml
/// of a crate that lost a line of the root's: a crate's file replaces the root's as a whole.
pub fn check(workspace: &Workspace, texts: &Texts) -> Vec<Fault> {
    let mut faults = Vec::new();
    let root = texts.get("clippy.toml").map(String::as_str).unwrap_or_default();
    for described in workspace.crates.values() {
        let manifest = format!("{}Cargo.toml", described.folder);
        let keeps = texts
            .get(&manifest)
            .is_some_and(|text| text.contains("[lints]\nworkspace = true"));
        if !keeps {
            faults.push(Fault::new(manifest, "lacks `[lints]` with `workspace = true`"));
        }
        let own = format!("{}clippy.toml", described.folder);
        let Some(text) = texts.get(&own) else { continue };
        for line in root.lines().filter(|line| !line.trim().is_empty()) {
            if !text.lines().any(|kept| kept == line) {
                faults.push(Fault::new(
                    &own,
                    format!("lacks the line `{line}` of the root's clippy.toml"),
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
    fn a_crate_that_leaves_the_lints_is_found() {
        let crates = [(
            "a".to_owned(),
            Crate {
                folder: "crates/a/".to_owned(),
                ..Crate::default()
            },
        )]
        .into();
        let workspace = Workspace {
            crates,
            ..Workspace::default()
        };
        let faults = |manifest: &str, own: &str| {
            let files = [
                ("clippy.toml", "x = true\n"),
                ("crates/a/Cargo.toml", manifest),
                ("crates/a/clippy.toml", own),
            ];
            let texts = files
                .map(|(path, text)| (path.to_owned(), text.to_owned()))
                .into();
            check(&workspace, &texts).len()
        };
        assert_eq!(faults("[lints]\nworkspace = true\n", "x = true\ny = 1\n"), 0);
        assert_eq!(faults("[lints]\nworkspace = true\n", "y = 1\n"), 1);
        assert_eq!(faults("[package]\n", "x = true\n"), 1);
    }
}
