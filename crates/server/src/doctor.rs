//! What is weak about an installation: each weakness with the file or setting, why it matters and how to mend
//! it. Facts are gathered once, each check is a function from facts to findings.
//!
//! Deliberately does not know: what is in the store; and the network, but for `mail` and `programs`. Nothing is changed by looking.

mod checks;
mod facts;
mod mail;
mod programs;

pub use facts::{Disk, Facts, KeyFile, gather};

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth knowing; a promise may become hard to keep.
    Warning,
    /// A promise is not kept as it stands, or the start is refused.
    Fault,
}

/// One weakness.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// Which check, one lower-case name for ever.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found, with the file or setting.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub mend: String,
}

/// All that was found, the worst first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// The version of this program.
    pub version: &'static str,
    /// Checks that were made.
    pub checks: usize,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Makes every check.
pub fn examine(facts: &Facts) -> Report {
    let mut findings: Vec<Finding> = checks::ALL.iter().flat_map(|check| check(facts)).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Report {
        version: env!("CARGO_PKG_VERSION"),
        checks: checks::ALL.len(),
        findings,
    }
}

impl Report {
    /// 0: nothing was found; 1: warnings; 2: faults.
    pub fn exit_code(&self) -> u8 {
        match self.findings.iter().map(|finding| finding.level).max() {
            None => 0,
            Some(Level::Warning) => 1,
            Some(Level::Fault) => 2,
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for finding in &self.findings {
            let level = match finding.level {
                Level::Warning => "warning",
                Level::Fault => "fault",
            };
            writeln!(f, "{level} [{}] {}", finding.check, finding.what)?;
            writeln!(f, "  why: {}", finding.why)?;
            writeln!(f, "  mend: {}", finding.mend)?;
        }
        let count = |level| {
            self.findings
                .iter()
                .filter(|finding| finding.level == level)
                .count()
        };
        write!(
            f,
            "egard {}: {} checks, {} faults, {} warnings",
            self.version,
            self.checks,
            count(Level::Fault),
            count(Level::Warning)
        )
    }
}
