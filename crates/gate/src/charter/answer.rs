//! What the charter answers: yes or no, and always which rules said so.
//!
//! Deliberately does not know: Cedar, and what the rules say.

use std::sync::Arc;
use vocabulary::{PurposeName, PurposeSet};

/// The stable name of a rule: `charter/…` for the built-in ones, `operator/<file>/…` for the operator's.
/// Only a charter makes one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PolicyId(Arc<str>);

impl PolicyId {
    /// In answers that are "no" because a rule could not be evaluated.
    pub const EVALUATION_ERROR: &'static str = "charter/evaluation-error";
    /// In answers that are "no" because no rule says yes.
    pub const NO_PERMIT: &'static str = "charter/no-permit";

    pub(super) fn new(id: &str) -> PolicyId {
        PolicyId(id.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PolicyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The answer to one question.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Answer {
    /// Whether the data may be used.
    pub allowed: bool,
    /// The rules that decided, sorted, never empty: the permits of a yes, the forbids of a no. A marker
    /// stands first where Cedar names no rule ([`PolicyId::NO_PERMIT`]) or could not evaluate one
    /// ([`PolicyId::EVALUATION_ERROR`], then the rules that failed).
    pub policies: Vec<PolicyId>,
}

/// What the data of one person may be used for in one request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allowed {
    /// The purposes that got a yes.
    pub purposes: PurposeSet,
    pub(super) answers: [Arc<Answer>; PurposeName::ALL.len()],
}

impl Allowed {
    /// The answer for one purpose.
    pub fn answer(&self, purpose: PurposeName) -> &Answer {
        // Taken apart by name: a new purpose does not compile until it has its answer.
        let [
            service,
            personalise,
            segment,
            train,
            show_own_data,
            predict,
            market_by_email,
            market_by_sms,
            market_by_push,
            measure,
            answer_rights_request,
            human_help,
            secure,
        ] = &self.answers;
        match purpose {
            PurposeName::Service => service,
            PurposeName::Personalise => personalise,
            PurposeName::Segment => segment,
            PurposeName::Train => train,
            PurposeName::ShowOwnData => show_own_data,
            PurposeName::Predict => predict,
            PurposeName::MarketByEmail => market_by_email,
            PurposeName::MarketBySms => market_by_sms,
            PurposeName::MarketByPush => market_by_push,
            PurposeName::Measure => measure,
            PurposeName::AnswerRightsRequest => answer_rights_request,
            PurposeName::HumanHelp => human_help,
            PurposeName::Secure => secure,
        }
    }
}
