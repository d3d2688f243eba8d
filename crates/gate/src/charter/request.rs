//! Turns a question into the words of the Cedar schema.
//!
//! Deliberately does not know: policies, decisions.

use super::question::{Question, Requester};
use cedar_policy::{Context, EntityUid, Request, RestrictedExpression};
use vocabulary::{AgeBracket, ConsentState, PurposeName};

/// Every entity and every context that a question can need, made once: what is left to do for one
/// decision is to count a few references up.
pub(super) struct Words {
    requesters: Vec<EntityUid>,
    actions: Vec<EntityUid>,
    data: Vec<EntityUid>,
    contexts: Vec<Context>,
}

impl Words {
    /// All words. Fails only if a name here is not Cedar's syntax.
    pub(super) fn new() -> Result<Words, String> {
        let consents = uids("Consent", ConsentState::ALL.map(ConsentState::as_str))?;
        let ages = uids("Age", AgeBracket::ALL.map(AgeBracket::as_str))?;
        Ok(Words {
            requesters: uids("Requester", Requester::ALL.map(Requester::as_str))?,
            actions: uids("Action", PurposeName::ALL.map(PurposeName::as_str))?,
            data: uids("Data", ["ordinary", "special"])?,
            contexts: Question::each_state()
                .map(|question| context(&question, &consents, &ages))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The request that puts `question` to Cedar; `None` cannot happen, and the caller takes it for a no.
    ///
    /// No schema is given here: Cedar would check the types of every attribute again at every decision.
    /// The request is made from closed enums by this function alone, and a test puts every possible one
    /// to the schema.
    pub(super) fn request(&self, question: &Question) -> Option<Request> {
        Request::new(
            self.requesters.get(question.requester as usize)?.clone(),
            self.actions.get(question.purpose as usize)?.clone(),
            self.data.get(usize::from(question.special))?.clone(),
            self.contexts.get(question.state())?.clone(),
            None,
        )
        .ok()
    }
}

fn context(question: &Question, consents: &[EntityUid], ages: &[EntityUid]) -> Result<Context, String> {
    let entity = |uids: &[EntityUid], at: usize| {
        let uid = uids
            .get(at)
            .ok_or_else(|| format!("there is no entity number `{at}`"))?;
        Ok::<_, String>(RestrictedExpression::new_entity_uid(uid.clone()))
    };
    let flag = RestrictedExpression::new_bool;
    let pairs = [
        ("consent", entity(consents, question.consent as usize)?),
        ("age", entity(ages, question.age as usize)?),
        ("identified", flag(question.identified)),
        ("restricted", flag(question.restricted)),
        ("objected", flag(question.objected)),
        ("gpc", flag(question.signals.gpc)),
        ("child_directed", flag(question.signals.child_directed)),
    ];
    Context::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value)))
        .map_err(|error| error.to_string())
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
    fn every_possible_request_fits_the_schema() {
        let (schema, _) = Schema::from_cedarschema_str(texts::SCHEMA.1).unwrap();
        let words = Words::new().unwrap();
        for question in Question::all() {
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
