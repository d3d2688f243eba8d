//! Words about a person's choices. Who may do what on their strength is `gate::charter`'s business.

use serde::{Deserialize, Serialize};

/// The state of a consent for one purpose: the states of the W3C Data Privacy Vocabulary 2.3.
/// Only `Given` and `Renewed` are valid consent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[repr(u8)]
pub enum ConsentState {
    /// `dpv:ConsentUnknown`: nothing is known; never a permission.
    #[default]
    #[serde(rename = "ConsentUnknown")]
    Unknown = 0,
    /// `dpv:ConsentRequested`: asked, no answer yet.
    #[serde(rename = "ConsentRequested")]
    Requested = 1,
    /// `dpv:ConsentRequestDeferred`: the person put the question off.
    #[serde(rename = "ConsentRequestDeferred")]
    RequestDeferred = 2,
    /// `dpv:ConsentGiven`.
    #[serde(rename = "ConsentGiven")]
    Given = 3,
    /// `dpv:RenewedConsentGiven`.
    #[serde(rename = "RenewedConsentGiven")]
    Renewed = 4,
    /// `dpv:ConsentRefused`.
    #[serde(rename = "ConsentRefused")]
    Refused = 5,
    /// `dpv:ConsentWithdrawn`: the person took it back.
    #[serde(rename = "ConsentWithdrawn")]
    Withdrawn = 6,
    /// `dpv:ConsentRevoked`: somebody else ended it.
    #[serde(rename = "ConsentRevoked")]
    Revoked = 7,
    /// `dpv:ConsentExpired`.
    #[serde(rename = "ConsentExpired")]
    Expired = 8,
    /// `dpv:ConsentInvalidated`.
    #[serde(rename = "ConsentInvalidated")]
    Invalidated = 9,
}

impl ConsentState {
    /// Every state, in the order of their numbers.
    pub const ALL: [ConsentState; 10] = [
        ConsentState::Unknown,
        ConsentState::Requested,
        ConsentState::RequestDeferred,
        ConsentState::Given,
        ConsentState::Renewed,
        ConsentState::Refused,
        ConsentState::Withdrawn,
        ConsentState::Revoked,
        ConsentState::Expired,
        ConsentState::Invalidated,
    ];

    /// The DPV term, without its prefix.
    pub fn as_str(self) -> &'static str {
        match self {
            ConsentState::Unknown => "ConsentUnknown",
            ConsentState::Requested => "ConsentRequested",
            ConsentState::RequestDeferred => "ConsentRequestDeferred",
            ConsentState::Given => "ConsentGiven",
            ConsentState::Renewed => "RenewedConsentGiven",
            ConsentState::Refused => "ConsentRefused",
            ConsentState::Withdrawn => "ConsentWithdrawn",
            ConsentState::Revoked => "ConsentRevoked",
            ConsentState::Expired => "ConsentExpired",
            ConsentState::Invalidated => "ConsentInvalidated",
        }
    }

    /// Whether this is valid consent.
    pub fn is_valid(self) -> bool {
        matches!(self, ConsentState::Given | ConsentState::Renewed)
    }
}

/// What is known of a person's age. Unknown is a state of its own: it is never taken for adult.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum AgeBracket {
    /// Nothing is known.
    #[default]
    Unknown = 0,
    /// Of age.
    Adult = 1,
    /// Not of age.
    Minor = 2,
}

impl AgeBracket {
    /// Every bracket, in the order of their numbers.
    pub const ALL: [AgeBracket; 3] = [AgeBracket::Unknown, AgeBracket::Adult, AgeBracket::Minor];

    /// The name used in policies and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            AgeBracket::Unknown => "unknown",
            AgeBracket::Adult => "adult",
            AgeBracket::Minor => "minor",
        }
    }
}

/// Machine-readable wishes that came with a request or an event.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Signals {
    /// `Sec-GPC: 1` (Global Privacy Control, W3C draft).
    pub gpc: bool,
    /// The source is directed at children: unknown age counts as minor.
    pub child_directed: bool,
}
