//! A dependency is a decision: each has its reason beside it in the root manifest.

use super::Fault;

/// A fault for each line under `[workspace.dependencies]` that names a package of others without
/// `# reason`.
pub fn check(manifest: &str) -> Vec<Fault> {
    let mut inside = false;
    let mut faults = Vec::new();
    for (number, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
        } else if inside
            && let Some((name, value)) = line.split_once('=')
            && !name.trim_start().starts_with('#')
            && !value.contains("path =")
            && value
                .split_once('#')
                .is_none_or(|(_, reason)| reason.trim().len() < 3)
        {
            let place = format!("Cargo.toml:{}", number + 1);
            faults.push(Fault::new(
                place,
                format!("`{}` has no reason: end the line with `# why`", name.trim()),
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\n# theirs\nours = { path = \"x\" }\na = \"1\" # the tree of b\nb = \"2\"\nc = { version = \"3\" } #\n[workspace.lints]\nd = \"x\"\n";
        let places: Vec<String> = check(manifest).into_iter().map(|fault| fault.place).collect();
        assert_eq!(places, ["Cargo.toml:5", "Cargo.toml:6"]);
    }
}
