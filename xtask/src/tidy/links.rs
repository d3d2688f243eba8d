//! Links between our own pages lead somewhere.

use super::{Fault, Texts};

/// A fault for each link of a Markdown file to a file of ours that is not there. `exists` is asked
/// with paths from the root of the repository.
pub fn check(texts: &Texts, exists: &dyn Fn(&str) -> bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (path, text) in texts.iter().filter(|(path, _)| path.ends_with(".md")) {
        for (number, target) in targets(text) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !resolve(path, file).is_some_and(|file| exists(&file)) {
                faults.push(Fault::new(
                    format!("{path}:{number}"),
                    format!("the link to `{target}` leads nowhere"),
                ));
            }
        }
    }
    faults
}

/// The targets of `[words](target)` and `![words](target)`, with their lines, outside code blocks.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for part in line.split("](").skip(1) {
            if let Some((target, _)) = part.split_once(')') {
                found.push((number + 1, target.split(' ').next().unwrap_or(target)));
            }
        }
    }
    found
}

/// `target` as seen from the file `from`, as a path from the root; nothing if it leaves the root.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        from.split('/').collect()
    };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let texts = Texts::from([("docs/a.md".to_owned(), text.to_owned())]);
        check(&texts, &|path| path == "docs/b.md" || path == "README.md")
            .into_iter()
            .map(|fault| fault.place)
            .collect()
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let here: [String; 0] = [];
        assert_eq!(
            faults("[b](b.md#part), [r](../README.md \"title\"), [w](https://example.org/x)"),
            here
        );
        assert_eq!(faults("fine\n![c](c.png)"), ["docs/a.md:2"]);
        assert_eq!(faults("[out](../../etc/passwd)"), ["docs/a.md:1"]);
        assert_eq!(faults("```\n[c](c.md)\n```\n[d](#here)"), here);
    }
}
