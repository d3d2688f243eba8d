//! Licences and bans, from the same tables of deny.toml that cargo-deny reads, so that the check is
//! made where cargo-deny is not installed.
//!
//! Reads the form deny.toml is kept in (one entry a line), not TOML in general.

use super::Fault;
use super::workspace::Workspace;
use std::collections::BTreeSet;

/// A fault for each package whose licence is not met, that is banned, or that is named by a package
/// that may not.
pub fn check(deny: &str, workspace: &Workspace) -> Vec<Fault> {
    let rules = read(deny);
    let mut faults = Vec::new();
    if rules.licences.is_empty() || rules.bans.is_empty() {
        faults.push(Fault::new(
            "deny.toml",
            "found no `allow` under [licenses] or no `deny` under [bans]",
        ));
    }
    for package in &workspace.packages {
        let licence = package.licence.as_deref().unwrap_or("none stated");
        if !package.ours && !met(licence, &rules.licences) {
            faults.push(Fault::new(
                "Cargo.lock",
                format!(
                    "`{}` is under `{licence}`, which deny.toml does not allow",
                    package.label
                ),
            ));
        }
        // A crate of ours may bear the name of one that was left out.
        let names = |ban: &&Ban| ban.name == package.name && !package.ours;
        for ban in rules.bans.iter().filter(names) {
            if ban.wrappers.is_empty() {
                faults.push(Fault::new(
                    "Cargo.lock",
                    format!("`{}` is banned: {}", package.label, ban.reason),
                ));
            }
            for dependent in package
                .dependents
                .iter()
                .filter(|name| !ban.wrappers.contains(*name))
            {
                if !ban.wrappers.is_empty() {
                    let what = format!("`{dependent}` names `{}`: {}", package.name, ban.reason);
                    faults.push(Fault::new("Cargo.lock", what));
                }
            }
        }
    }
    for ban in rules.bans.iter().filter(|ban| ban.reason.is_empty()) {
        faults.push(Fault::new(
            "deny.toml",
            format!("the ban of `{}` has no reason", ban.name),
        ));
    }
    faults
}

#[derive(Default)]
struct Rules {
    licences: BTreeSet<String>,
    bans: Vec<Ban>,
}

struct Ban {
    name: String,
    wrappers: BTreeSet<String>,
    reason: String,
}

fn read(deny: &str) -> Rules {
    let mut rules = Rules::default();
    let (mut section, mut list) = ("", "");
    for line in deny.lines().map(str::trim) {
        if line.starts_with('[') {
            (section, list) = (line, "");
        } else if let Some((key, value)) = line.split_once(" = [")
            && !line.starts_with('{')
        {
            list = if value.contains(']') { "" } else { key };
        } else if line.starts_with(']') {
            list = "";
        } else if section == "[licenses]" && list == "allow" {
            rules.licences.extend(quoted(line).into_iter().next());
        } else if section == "[bans]" && list == "deny" && line.starts_with('{') {
            let after = |key: &str| line.split_once(&format!("{key} = ")).map_or("", |(_, rest)| rest);
            let first = |text: &str| quoted(text).into_iter().next().unwrap_or_default();
            let wrappers = after("wrappers").split(']').next().unwrap_or_default();
            let name = first(after("crate"))
                .split(['@', ':'])
                .next()
                .unwrap_or_default()
                .to_owned();
            rules.bans.push(Ban {
                name,
                wrappers: quoted(wrappers).into_iter().collect(),
                reason: first(after("reason")),
            });
        }
    }
    rules
}

/// The texts in double quotes before any comment.
fn quoted(line: &str) -> Vec<String> {
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether an SPDX expression can be met with the `allowed` licences: `OR` needs one side, `AND` both.
/// `/` is the old way of writing `OR`; a licence `WITH` an exception must be allowed as a whole.
fn met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let ok = either(&words, &mut at, allowed);
    ok && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut ok = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        ok |= both(words, at, allowed);
    }
    ok
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut ok = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        ok &= one(words, at, allowed);
    }
    ok
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let ok = either(words, at, allowed);
        *at += usize::from(words.get(*at) == Some(&")"));
        return ok;
    }
    if words.get(*at) == Some(&"WITH") {
        let whole = format!("{word} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
        return allowed.contains(&whole);
    }
    allowed.contains(*word)
}

#[cfg(test)]
mod tests {
    use super::super::workspace::Package;
    use super::*;

    const DENY: &str = r#"
[licenses]
allow = [
    "MIT",
    "Apache-2.0", # most
]
[bans]
multiple-versions = "allow"
deny = [
    { crate = "ring", reason = "one library for cryptography" },
    { crate = "aws-lc-rs", wrappers = ["gate"], reason = "the AEAD is gate's" },
]
"#;

    fn package(name: &str, licence: &str, dependents: &[&str]) -> Package {
        Package {
            label: format!("{name} 1.0.0"),
            name: name.to_owned(),
            licence: Some(licence.to_owned()),
            ours: false,
            dependents: dependents.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn faults(package: Package) -> Vec<String> {
        let workspace = Workspace {
            packages: vec![package],
            ..Workspace::default()
        };
        check(DENY, &workspace)
            .into_iter()
            .map(|fault| fault.what)
            .collect()
    }

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        let allowed = BTreeSet::from(["MIT".to_owned(), "ISC".to_owned(), "A WITH e".to_owned()]);
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-2.0-only", false),
            ("GPL-2.0-only OR MIT", true),
            ("GPL-2.0-only/MIT", true),
            ("GPL-2.0-only AND MIT", false),
            ("ISC AND (X OR MIT)", true),
            ("(X OR Y) AND MIT", false),
            ("A WITH e", true),
            ("A", false),
            ("A WITH f OR ISC", true),
            ("MIT ISC", false),
            ("", false),
        ] {
            assert_eq!(met(expression, &allowed), expected, "{expression}");
        }
    }

    #[test]
    fn a_banned_package_or_licence_is_found() {
        assert!(faults(package("serde", "MIT OR X", &["gate"])).is_empty());
        assert!(
            faults(package("serde", "X", &[]))
                .iter()
                .any(|what| what.contains("`X`"))
        );
        assert_eq!(
            faults(package("ring", "MIT", &[])),
            ["`ring 1.0.0` is banned: one library for cryptography"]
        );
        let ours = Package {
            ours: true,
            ..package("ring", "MIT", &["gate"])
        };
        assert!(faults(ours).is_empty());
    }

    #[test]
    fn a_package_that_only_one_may_name_is_guarded() {
        assert!(faults(package("aws-lc-rs", "MIT", &["gate"])).is_empty());
        assert_eq!(
            faults(package("aws-lc-rs", "MIT", &["gate", "server"])),
            ["`server` names `aws-lc-rs`: the AEAD is gate's"]
        );
    }

    #[test]
    fn an_unreadable_table_is_not_an_empty_one() {
        assert!(!check("", &Workspace::default()).is_empty());
    }
}
