//! The changelog is kept as <https://keepachangelog.com> describes.

use super::Fault;

const KINDS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// A fault if there is no filled `## [Unreleased]` section, and for each heading of another form.
pub fn check(changelog: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut unreleased = false;
    let mut entries = 0;
    for (number, line) in changelog.lines().enumerate() {
        let place = || format!("CHANGELOG.md:{}", number + 1);
        if let Some(version) = line.strip_prefix("## ") {
            unreleased = version == "[Unreleased]";
            if !version.starts_with('[') {
                faults.push(Fault::new(
                    place(),
                    format!("`{version}` is not `[version] - date`"),
                ));
            }
        } else if let Some(kind) = line.strip_prefix("### ") {
            if !KINDS.contains(&kind) {
                faults.push(Fault::new(
                    place(),
                    format!("`{kind}` is none of {}", KINDS.join(", ")),
                ));
            }
        } else if unreleased && line.starts_with("- ") {
            entries += 1;
        }
    }
    if entries == 0 {
        faults.push(Fault::new(
            "CHANGELOG.md",
            "no entry under `## [Unreleased]`: say what changes for people",
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_or_misshapen_changelog_is_found() {
        assert_eq!(
            check("# Changelog\n\n## [Unreleased]\n\n### Added\n- The door.\n\n## [0.1.0] - 2026-11-22\n"),
            []
        );
        assert_eq!(check("").len(), 1);
        assert_eq!(check("## [Unreleased]\n### News\n- The door.\n").len(), 1);
        assert_eq!(
            check("## [Unreleased]\n\n## [0.1.0] - 2026-11-22\n- The door.\n").len(),
            1
        );
    }
}
