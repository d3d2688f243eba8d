//! The terms of a receipt: DPV 2.3 for each purpose, the context of the document, its schema.
//!
//! The context stands in every receipt, so that none needs a network to be read as linked data; it is
//! published at a stable path as well, and never fetched to check anything.

use vocabulary::{ConsentState, PurposeName};

/// The JSON-LD context, in the form of the document.
pub const CONTEXT: &str = include_str!("../schema/receipt-v1.context.json");
/// Where the context is published.
pub const CONTEXT_PATH: &str = "/contexts/receipt-v1.jsonld";
/// The JSON Schema (2020-12) of the document.
pub const SCHEMA: &str = include_str!("../schema/receipt-v1.schema.json");
/// Where the schema is published.
pub const SCHEMA_PATH: &str = "/schemas/receipt-v1.json";

/// The DPV term of a purpose, and its legal basis in DPV's extension for the GDPR. The same as in
/// `gate::purposes`; a receipt of today must read the same when those change, so they are written here.
pub fn terms(purpose: PurposeName) -> (&'static str, &'static str) {
    match purpose {
        PurposeName::Service => ("dpv:ServiceProvision", "eu-gdpr:A6-1-b"),
        PurposeName::Personalise => ("dpv:ProvidePersonalisedRecommendations", "eu-gdpr:A6-1-a"),
        PurposeName::Segment => ("dpv:Personalisation", "eu-gdpr:A6-1-a"),
        PurposeName::Train => ("dpv:ServiceOptimisation", "eu-gdpr:A6-1-a"),
        PurposeName::ShowOwnData => ("dpv:FulfilmentOfObligation", "eu-gdpr:A6-1-c"),
        PurposeName::Predict => ("dpv:CustomerRelationshipManagement", "eu-gdpr:A6-1-a"),
        PurposeName::MarketByEmail | PurposeName::MarketBySms | PurposeName::MarketByPush => {
            ("dpv:DirectMarketing", "eu-gdpr:A6-1-a")
        }
        PurposeName::Measure => ("dpv:ServiceUsageAnalytics", "eu-gdpr:A6-1-a"),
        PurposeName::AnswerRightsRequest => ("dpv:RightsFulfillment", "eu-gdpr:A6-1-c"),
        PurposeName::HumanHelp => ("dpv:CommunicationForCustomerCare", "eu-gdpr:A6-1-b"),
        PurposeName::Secure => ("dpv:MisusePreventionAndDetection", "eu-gdpr:A6-1-f"),
    }
}

/// The same terms as JavaScript, `CONTEXT`, `PURPOSES` and `STATES`: what the script of the page that
/// checks receipts begins with.
pub fn for_the_browser() -> String {
    let purposes: Vec<String> = PurposeName::ALL
        .into_iter()
        .map(|purpose| {
            let (term, basis) = terms(purpose);
            format!("  [\"{purpose}\", \"{term}\", \"{basis}\"]")
        })
        .collect();
    let states: Vec<String> = ConsentState::ALL
        .into_iter()
        .map(|state| format!("\"{}\"", state.as_str()))
        .collect();
    format!(
        "const CONTEXT = {};\nconst PURPOSES = [\n{}\n];\nconst STATES = [{}];\n",
        CONTEXT.trim_end(),
        purposes.join(",\n"),
        states.join(", ")
    )
}
