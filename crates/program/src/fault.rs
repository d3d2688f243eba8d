//! What is wrong with a program: each fault with its place, what it is, and how to mend it. Nobody stops at
//! the first one.
//!
//! Deliberately does not know: what was being read.

use serde::Serialize;
use std::collections::BTreeMap;

/// A place in a file; both count from 1, columns in letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Mark {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Mark {
    /// Where a file begins.
    pub const START: Mark = Mark { line: 1, column: 1 };
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The program cannot be used.
    Error,
    /// The program can be used, and somebody should look.
    Warning,
}

/// One fault.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Fault {
    /// The file, from the root of the program.
    pub file: String,
    /// Where in it.
    #[serde(flatten)]
    pub mark: Mark,
    /// How bad.
    pub severity: Severity,
    /// What kind of fault: a stable word for programs, such as `unknown_name`.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// How to mend it.
    pub mend: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Fault {
            file, mark, message, ..
        } = self;
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{file}:{}:{}: {severity}[{}]: {message}; {}",
            mark.line, mark.column, self.code, self.mend
        )
    }
}

/// Faults as they are found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    /// Puts one down.
    pub fn push(&mut self, fault: Fault) {
        self.found.push(fault);
    }

    /// All of them, by file and place.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.found.iter()
    }

    /// How many there are, warnings included.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there is none, not even a warning.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many make the program unusable.
    pub fn errors(&self) -> usize {
        self.found
            .iter()
            .filter(|fault| fault.severity == Severity::Error)
            .count()
    }

    /// These and more, in the order of files and places.
    #[must_use]
    pub fn and(mut self, more: impl IntoIterator<Item = Fault>) -> Faults {
        self.found.extend(more);
        self.found.sort();
        self.found.dedup();
        self
    }

    /// In the order of files and places; what was said twice is said once. A place beyond the end of its
    /// file (what a parser says of an end that came too early) becomes its last line.
    pub(crate) fn settle(&mut self, lines: &BTreeMap<String, u32>) {
        for fault in &mut self.found {
            let last = lines.get(&fault.file).copied().unwrap_or(1).max(1);
            fault.mark.line = fault.mark.line.clamp(1, last);
            fault.mark.column = fault.mark.column.max(1);
        }
        self.found.sort();
        self.found.dedup();
    }
}

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.found.iter().try_for_each(|fault| writeln!(f, "{fault}"))
    }
}

impl std::error::Error for Faults {}

/// The faults of one file while it is read.
pub(crate) struct Sheet<'a> {
    /// The file.
    pub(crate) file: &'a str,
    /// All faults.
    pub(crate) faults: &'a mut Faults,
}

impl Sheet<'_> {
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        mark: Mark,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.put(Severity::Error, code, mark, message.into(), mend.into());
    }

    pub(crate) fn warn(
        &mut self,
        code: &'static str,
        mark: Mark,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.put(Severity::Warning, code, mark, message.into(), mend.into());
    }

    fn put(&mut self, severity: Severity, code: &'static str, mark: Mark, message: String, mend: String) {
        self.faults.push(Fault {
            file: self.file.to_owned(),
            mark,
            severity,
            code,
            message,
            mend,
        });
    }
}
