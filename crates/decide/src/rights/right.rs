//! The rights themselves, each with its article.

use serde::{Deserialize, Serialize};

/// What a person may ask for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// A copy of everything, with its sources, purposes, recipients and retention (GDPR art. 15).
    Access,
    /// The same in a form that another program can read (art. 20).
    Portability,
    /// Correct or remove what is wrong (art. 16).
    Rectification,
    /// Keep my data, do not use it (art. 18).
    Restriction,
    /// No marketing and no profiling of me (art. 21).
    Objection,
    /// Destroy everything (art. 17).
    Erasure,
    /// Take back every permission I gave (art. 7(3)).
    WithdrawAll,
    /// A human looks at what a program decided (art. 22(3)).
    HumanReview,
}

impl Right {
    /// Every right.
    pub const ALL: [Right; 8] = [
        Right::Access,
        Right::Portability,
        Right::Rectification,
        Right::Restriction,
        Right::Objection,
        Right::Erasure,
        Right::WithdrawAll,
        Right::HumanReview,
    ];

    /// The name used in the API, the store and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Right::Access => "access",
            Right::Portability => "portability",
            Right::Rectification => "rectification",
            Right::Restriction => "restriction",
            Right::Objection => "objection",
            Right::Erasure => "erasure",
            Right::WithdrawAll => "withdraw-all",
            Right::HumanReview => "human-review",
        }
    }

    /// The right of that name. DRP's `deletion` is `erasure`.
    pub fn parse(name: &str) -> Option<Right> {
        match name {
            "deletion" => Some(Right::Erasure),
            name => Right::ALL.into_iter().find(|right| right.as_str() == name),
        }
    }

    /// The article of the GDPR that gives it, as it is cited.
    pub fn article(self) -> &'static str {
        match self {
            Right::Access => "15",
            Right::Portability => "20",
            Right::Rectification => "16",
            Right::Restriction => "18",
            Right::Objection => "21",
            Right::Erasure => "17",
            Right::WithdrawAll => "7(3)",
            Right::HumanReview => "22(3)",
        }
    }

    /// Its term in the GDPR extension of the W3C Data Privacy Vocabulary 2.3.
    pub fn dpv(self) -> &'static str {
        match self {
            Right::Access => "eu-gdpr:A15",
            Right::Portability => "eu-gdpr:A20",
            Right::Rectification => "eu-gdpr:A16",
            Right::Restriction => "eu-gdpr:A18",
            Right::Objection => "eu-gdpr:A21",
            Right::Erasure => "eu-gdpr:A17",
            Right::WithdrawAll => "eu-gdpr:A7-3",
            Right::HumanReview => "eu-gdpr:A22",
        }
    }

    /// Whether a program carries it out by itself. What needs judgement waits for a human.
    pub fn is_automatic(self) -> bool {
        !matches!(self, Right::HumanReview)
    }

    /// Whether what was begun cannot be taken back: then a request in progress cannot be revoked.
    pub fn is_irreversible(self) -> bool {
        matches!(self, Right::Erasure)
    }
}

impl std::fmt::Display for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
