//! The names of purposes, and sets of them. What a purpose may see is `gate::purposes`' business.

use serde::{Deserialize, Serialize};

/// Why data is used. The list is closed: a new purpose is a commit, never a setting.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum PurposeName {
    /// Perform what the person ordered (GDPR art. 6(1)(b)).
    Service = 0,
    /// Choose and order what this person is shown.
    Personalise = 1,
    /// Put the person into groups that the team defined.
    Segment = 2,
    /// Let the person's history count in the sums a model is learned from.
    Train = 3,
    /// Show the person their own data (GDPR art. 15).
    ShowOwnData = 4,
}

impl PurposeName {
    /// Every purpose, in the order of their numbers.
    pub const ALL: [PurposeName; 5] = [
        PurposeName::Service,
        PurposeName::Personalise,
        PurposeName::Segment,
        PurposeName::Train,
        PurposeName::ShowOwnData,
    ];

    /// The name used in files, policies, the API and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            PurposeName::Service => "service",
            PurposeName::Personalise => "personalise",
            PurposeName::Segment => "segment",
            PurposeName::Train => "train",
            PurposeName::ShowOwnData => "show_own_data",
        }
    }

    /// The purpose of that name, if there is one.
    pub fn parse(name: &str) -> Option<PurposeName> {
        PurposeName::ALL.into_iter().find(|p| p.as_str() == name)
    }
}

impl std::fmt::Display for PurposeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of purposes, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, PartialOrd, Ord)]
pub struct PurposeSet(pub u16);

impl PurposeSet {
    /// No purpose.
    pub const NONE: PurposeSet = PurposeSet(0);

    /// The set with `purpose` added.
    #[must_use]
    pub fn with(self, purpose: PurposeName) -> PurposeSet {
        PurposeSet(self.0 | (1 << purpose as u8))
    }

    /// The set with `purpose` taken out.
    #[must_use]
    pub fn without(self, purpose: PurposeName) -> PurposeSet {
        PurposeSet(self.0 & !(1 << purpose as u8))
    }

    /// Whether `purpose` is in the set.
    pub fn contains(self, purpose: PurposeName) -> bool {
        self.0 & (1 << purpose as u8) != 0
    }

    /// The purposes in both.
    #[must_use]
    pub fn and(self, other: PurposeSet) -> PurposeSet {
        PurposeSet(self.0 & other.0)
    }

    /// Whether no purpose is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The purposes in the set, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = PurposeName> {
        PurposeName::ALL.into_iter().filter(move |p| self.contains(*p))
    }
}

impl FromIterator<PurposeName> for PurposeSet {
    fn from_iter<I: IntoIterator<Item = PurposeName>>(iter: I) -> Self {
        iter.into_iter().fold(PurposeSet::NONE, PurposeSet::with)
    }
}
