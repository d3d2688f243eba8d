//! Every module opens with `//!`: what it is for, and what it deliberately does not know.

use super::{Fault, Texts};

/// A fault for each Rust file whose first words are not its idea. Attributes of the file may stand
/// before it; programs that must not compile are data.
pub fn check(texts: &Texts) -> Vec<Fault> {
    let ours = texts
        .iter()
        .filter(|(path, _)| path.ends_with(".rs") && !path.contains("/tests/ui/"));
    ours.filter_map(|(path, text)| {
        let Some(rest) = after_attributes(text).strip_prefix("//!") else {
            return Some(Fault::new(
                path,
                "does not open with `//!`: say what it is for and does not know",
            ));
        };
        let idea = rest.lines().next().unwrap_or_default().trim();
        (idea.len() < 12 || idea.to_lowercase().starts_with("to be written")).then(|| {
            Fault::new(
                path,
                format!("opens with `//! {idea}`: say what the module is for in a sentence"),
            )
        })
    })
    .collect()
}

/// The text from the first thing that is neither blank nor an attribute of the file.
fn after_attributes(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with("#![") {
        let mut depth = 0_i32;
        let end = rest.char_indices().find_map(|(i, c)| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            (c == ']' && depth == 0).then_some(i + 1)
        });
        rest = rest
            .get(end.unwrap_or(rest.len())..)
            .unwrap_or_default()
            .trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> usize {
        check(&Texts::from([(
            "crates/a/src/lib.rs".to_owned(),
            text.to_owned(),
        )]))
        .len()
    }

    #[test]
    fn a_module_without_its_idea_is_found() {
        assert_eq!(
            faults("//! Quiet hours: when we leave a person alone.\nuse x;"),
            0
        );
        assert_eq!(
            faults("#![allow(\n  clippy::x,\n  reason = \"y\"\n)]\n//! The shape of a promise.\n"),
            0
        );
        assert_eq!(faults("use x;\n//! Too late to say so.\n"), 1);
        assert_eq!(faults("//! To be written.\n"), 1);
        assert_eq!(faults("// An ordinary comment is not it.\n"), 1);
        assert_eq!(faults(""), 1);
    }
}
