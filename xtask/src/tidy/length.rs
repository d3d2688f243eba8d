//! A file is one idea: files that hold too much code are found.

use super::{Fault, Texts};
use crate::rust_text::code_without_tests;

/// Lines of code (not blank, not comment, not test) that a file may hold.
const LIMIT: usize = 450;

/// Files that may be longer, each with the reason.
const EXCEPTIONS: [(&str, &str); 0] = [];

/// A fault for each Rust file outside the tests that holds more than the limit.
pub fn check(texts: &Texts) -> Vec<Fault> {
    texts
        .iter()
        .filter(|(path, _)| {
            path.ends_with(".rs") && !path.contains("/tests/") && !path.ends_with("/tests.rs")
        })
        .filter(|(path, _)| !EXCEPTIONS.iter().any(|(file, _)| file == path))
        .filter_map(|(path, text)| {
            let lines = code_without_tests(text)
                .lines()
                .filter(|line| !line.trim().is_empty())
                .count();
            (lines > LIMIT).then(|| {
                Fault::new(
                    path,
                    format!("{lines} lines of code, the limit is {LIMIT}: it holds more than one idea"),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: String) -> usize {
        check(&Texts::from([(path.to_owned(), text)])).len()
    }

    #[test]
    fn only_code_counts() {
        let line = "fn f() {}\n";
        assert_eq!(faults("a/src/b.rs", line.repeat(LIMIT)), 0);
        assert_eq!(faults("a/src/b.rs", line.repeat(LIMIT + 1)), 1);
        assert_eq!(
            faults(
                "a/src/b.rs",
                format!("{}{}", line.repeat(LIMIT), "// why\n\n".repeat(99))
            ),
            0
        );
        assert_eq!(
            faults(
                "a/src/b.rs",
                format!("#[cfg(test)]\nmod tests {{\n{}}}\n", line.repeat(LIMIT + 1))
            ),
            0
        );
        assert_eq!(faults("a/tests/b.rs", line.repeat(LIMIT + 1)), 0);
    }
}
