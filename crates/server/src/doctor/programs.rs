//! What the running server says of the program: one that waits for a second person, a data dictionary that takes
//! effect at the next start alone.
//!
//! Deliberately does not know: how the server is asked.

use super::{Finding, Level, Report};

impl Report {
    /// The report with what the running server says waits, line by line; or why it could not be asked.
    #[must_use]
    pub fn with_programs(mut self, waits: Result<Vec<String>, String>) -> Report {
        self.checks += 1;
        self.findings.extend(match waits {
            Ok(waits) => waits.into_iter().map(waiting).collect(),
            Err(problem) => vec![Finding {
                check: "program_waits",
                level: Level::Warning,
                what: format!("the running server was not asked what waits: {problem}"),
                why: "a program that nobody approves changes nothing, and nobody is told",
                mend: "start the server, or name the file of one of `program_keys` with `--key-file`"
                    .to_owned(),
            }],
        });
        self.findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.level));
        self
    }
}

fn waiting(line: String) -> Finding {
    Finding {
        check: "program_waits",
        level: Level::Warning,
        what: line,
        why: "what the team decided is not what people meet",
        mend: "let a second person look (`egard program approve`), or restart the server to take the dictionary up"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            version: "0",
            checks: 1,
            findings: Vec::new(),
        }
    }

    #[test]
    fn what_waits_is_named_and_nothing_else() {
        let none = report().with_programs(Ok(Vec::new()));
        assert_eq!((none.checks, none.exit_code()), (2, 0));
        let found = report().with_programs(Ok(vec!["a dictionary waits".to_owned()]));
        assert_eq!(found.exit_code(), 1);
        assert!(
            found
                .to_string()
                .contains("warning [program_waits] a dictionary waits")
        );
        let unasked = report().with_programs(Err("nobody answers".to_owned()));
        assert!(unasked.to_string().contains("nobody answers"));
    }
}
