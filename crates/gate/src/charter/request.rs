//! Turns a question into the words of the Cedar schema.
//!
//! Deliberately does not know: policies, decisions.

use super::question::{Fact, Question, Requester};
use cedar_policy::{Context, EntityUid, Request, RestrictedExpression};
use vocabulary::{AgeBracket, ConsentState, PurposeName};

/// Every entity that a question can need, made once.
pub(super) struct Words {
    requesters: Vec<EntityUid>,
    actions: Vec<EntityUid>,
    data: Vec<EntityUid>,
    consents: Vec<EntityUid>,
    ages: Vec<EntityUid>,
}

impl Words {
    /// All words. Fails only if a name here is not Cedar's syntax.
    pub(super) fn new() -> Result<Words, String> {
        Ok(Words {
            requesters: uids("Requester", Requester::ALL.map(Requester::as_str))?,
            actions: uids("Action", PurposeName::ALL.map(PurposeName::as_str))?,
            data: uids("Data", ["ordinary", "special"])?,
            consents: uids("Consent", ConsentState::ALL.map(ConsentState::as_str))?,
            ages: uids("Age", AgeBracket::ALL.map(AgeBracket::as_str))?,
        })
    }

    /// The request that puts `question` to Cedar; `None` cannot happen, and the caller takes it for a no.
    ///
    /// No schema is given here: Cedar would check the types of every attribute again at every decision.
    /// The request is made from closed enums by this function alone, and a test puts every value of every
    /// fact to the schema.
    pub(super) fn request(&self, question: &Question) -> Option<Request> {
        Request::new(
            self.requesters.get(question.requester as usize)?.clone(),
            self.actions.get(question.purpose as usize)?.clone(),
            self.data.get(usize::from(question.special))?.clone(),
            self.context(question)?,
            None,
        )
        .ok()
    }

    fn context(&self, question: &Question) -> Option<Context> {
        let entity =
            |uids: &[EntityUid], at: usize| uids.get(at).cloned().map(RestrictedExpression::new_entity_uid);
        let flag = RestrictedExpression::new_bool;
        let pairs = [
            (Fact::Consent, entity(&self.consents, question.consent as usize)?),
            (Fact::Age, entity(&self.ages, question.age as usize)?),
            (Fact::Identified, flag(question.identified)),
            (Fact::Restricted, flag(question.restricted)),
            (Fact::Objected, flag(question.objected)),
            (Fact::ObjectedMarketing, flag(question.objected_marketing)),
            (Fact::SoftOptIn, flag(question.soft_opt_in)),
            (Fact::Gpc, flag(question.signals.gpc)),
            (Fact::ChildDirected, flag(question.signals.child_directed)),
            (Fact::UnderReview, flag(question.under_review)),
        ];
        Context::from_pairs(pairs.map(|(fact, value)| (fact.as_str().to_owned(), value))).ok()
    }
}

fn uids<const N: usize>(type_name: &str, ids: [&str; N]) -> Result<Vec<EntityUid>, String> {
    let parse = |id| {
        format!("{type_name}::\"{id}\"")
            .parse::<EntityUid>()
            .map_err(|e| e.to_string())
    };
    ids.into_iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charter::texts;
    use cedar_policy::Schema;

    #[test]
    fn every_value_of_every_fact_fits_the_schema() {
        let (schema, _) = Schema::from_cedarschema_str(texts::SCHEMA.1).unwrap();
        let words = Words::new().unwrap();
        // Whether an attribute fits does not depend on the others, so one fact at a time is enough.
        let questions = PurposeName::ALL.into_iter().flat_map(|purpose| {
            let plain = Question::plain(purpose);
            Fact::ALL
                .into_iter()
                .flat_map(move |fact| (0..fact.values()).map(move |value| plain.with(fact, value)))
        });
        for question in questions {
            let request = words.request(&question).unwrap();
            let checked = Request::new(
                request.principal().unwrap().clone(),
                request.action().unwrap().clone(),
                request.resource().unwrap().clone(),
                request.context().unwrap().clone(),
                Some(&schema),
            );
            assert!(checked.is_ok(), "{question:?}: {}", checked.unwrap_err());
        }
    }
}
