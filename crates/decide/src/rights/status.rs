//! The states of a request and the steps between them.

use super::Right;
use serde::{Deserialize, Serialize};

/// Where a request stands: the states of the Data Rights Protocol 1.0. `NeedUserVerification` is
/// DRP's `in_progress` with that reason; it is a state of its own because other steps lead on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Received, not begun.
    Open,
    /// It waits for the person to show who they are.
    NeedUserVerification,
    /// Begun.
    InProgress,
    /// Done.
    Fulfilled,
    /// The person took it back.
    Revoked,
    /// The person never showed who they are. Never used for being late ourselves.
    Expired,
    /// Refused, with a reason.
    Denied(Denial),
}

/// Why a request is refused: the reasons of the Data Rights Protocol 1.0. The person is told which, in
/// words, and where they can complain (GDPR art. 12(4)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// Somebody pretends to be the person.
    SuspectedFraud,
    /// Who they are could not be shown (GDPR art. 12(6)).
    InsufVerification,
    /// Nothing is known of such a person.
    NoMatch,
    /// The right does not cover this.
    ClaimNotCovered,
    /// The law does not apply.
    OutsideJurisdiction,
    /// Manifestly excessive (GDPR art. 12(5)(b)).
    TooManyRequests,
    /// For the reason given in words.
    Other,
}

/// Who takes a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The person, or whoever speaks for them with proof.
    Person,
    /// A named human of the operator.
    Staff,
    /// Our own program.
    System,
}

/// Through which door a request came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The person's own page.
    Page,
    /// The API, on the person's behalf.
    Api,
    /// The OpenDSR endpoint of a controller.
    Opendsr,
}

/// What can happen to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Ask the person to show who they are, on reasonable doubt only (GDPR art. 12(6)).
    AskVerification,
    /// They did.
    Verified,
    /// Begin.
    Start,
    /// Two more months, told within the first (GDPR art. 12(3)).
    Extend(super::ExtensionReason),
    /// Done.
    Fulfil,
    /// Refused.
    Deny(Denial),
    /// The person takes it back.
    Revoke,
    /// The person never showed who they are.
    Expire,
}

/// A step that is not possible; the request stays as it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// Nothing happens to a request that ended.
    #[error("the request has ended (`{}`); open a new one", .0.as_str())]
    Ended(Status),
    /// That step does not lead on from here.
    #[error("a request that is `{}` cannot take this step", .0.as_str())]
    NotFromHere(Status),
    /// That step is not theirs to take.
    #[error("this step is not for `{}` to take", .0.as_str())]
    NotYours(By),
    /// What was begun cannot be undone.
    #[error("an erasure that has begun cannot be taken back")]
    Irreversible,
    /// An extension was not told within the first month, or a second one was asked for.
    #[error("the period can be prolonged once, and only within the first month (GDPR art. 12(3))")]
    NoExtension,
    /// It is not yet time.
    #[error("a request expires only when its period has ended")]
    NotYet,
    /// The request went to and fro too often.
    #[error(
        "the request has {} steps behind it, no more are kept; refuse or fulfil it",
        super::MAX_STEPS
    )]
    TooManySteps,
}

impl Status {
    /// The name used in the API, the store and the ledger (a denial's reason apart).
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::NeedUserVerification => "need_user_verification",
            Status::InProgress => "in_progress",
            Status::Fulfilled => "fulfilled",
            Status::Revoked => "revoked",
            Status::Expired => "expired",
            Status::Denied(_) => "denied",
        }
    }

    /// Whether nothing more can happen.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Status::Fulfilled | Status::Revoked | Status::Expired | Status::Denied(_)
        )
    }

    /// Where `step` leads from here, whoever takes it.
    pub(super) fn after(self, step: Step, right: Right) -> Result<Status, Refusal> {
        if self.is_final() {
            return Err(Refusal::Ended(self));
        }
        match (self, step) {
            (Status::Open, Step::AskVerification) => Ok(Status::NeedUserVerification),
            (Status::NeedUserVerification, Step::Verified) => Ok(Status::Open),
            (Status::Open, Step::Start) => Ok(Status::InProgress),
            (Status::InProgress, Step::Fulfil) => Ok(Status::Fulfilled),
            (Status::InProgress, Step::Revoke) if right.is_irreversible() => Err(Refusal::Irreversible),
            (Status::InProgress, Step::Deny(_)) if right.is_irreversible() => Err(Refusal::Irreversible),
            (_, Step::Revoke) => Ok(Status::Revoked),
            (_, Step::Deny(reason)) => Ok(Status::Denied(reason)),
            (_, Step::Extend(_)) => Ok(self),
            (Status::NeedUserVerification, Step::Expire) => Ok(Status::Expired),
            _ => Err(Refusal::NotFromHere(self)),
        }
    }
}

impl Denial {
    /// Every reason.
    pub const ALL: [Denial; 7] = [
        Denial::SuspectedFraud,
        Denial::InsufVerification,
        Denial::NoMatch,
        Denial::ClaimNotCovered,
        Denial::OutsideJurisdiction,
        Denial::TooManyRequests,
        Denial::Other,
    ];

    /// The name of the Data Rights Protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Denial::SuspectedFraud => "suspected_fraud",
            Denial::InsufVerification => "insuf_verification",
            Denial::NoMatch => "no_match",
            Denial::ClaimNotCovered => "claim_not_covered",
            Denial::OutsideJurisdiction => "outside_jurisdiction",
            Denial::TooManyRequests => "too_many_requests",
            Denial::Other => "other",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Denial> {
        Denial::ALL.into_iter().find(|denial| denial.as_str() == name)
    }
}

impl By {
    /// The name used in the store and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Person => "person",
            By::Staff => "staff",
            By::System => "system",
        }
    }

    /// Whether the step is theirs. A program refuses nobody by itself, except whom it does not
    /// know; only the person takes their own request back.
    pub(super) fn may(self, step: Step) -> bool {
        match step {
            Step::AskVerification | Step::Verified | Step::Start | Step::Fulfil => self != By::Person,
            Step::Deny(Denial::NoMatch) => self != By::Person,
            Step::Deny(_) | Step::Extend(_) => self == By::Staff,
            Step::Revoke => self == By::Person,
            Step::Expire => self == By::System,
        }
    }
}
