//! The charter: law as code. It answers one question, may the data of a person in this state be used for
//! this purpose, and names the rules that decided.
//!
//! The rules are Cedar policies in the folder `charter/` of the repository: default deny, and a `forbid`
//! overrides every `permit`. The permits are as broad as they can be and every condition is a `forbid`, so
//! no second permit can pass a condition. An operator may add `forbid`s and nothing else: adding one can
//! turn a yes into a no, never a no into a yes. Cedar skips a policy that fails while it is evaluated,
//! which would let a failing `forbid` open the door: here any such failure is a no.
//!
//! Deliberately does not know: people, storage, keys, HTTP, the ledger, the clock. A permit that opens
//! data is made elsewhere, from an answer.

mod answer;
mod archived;
pub mod diff;
mod error;
mod load;
mod policy;
mod prove;
mod question;
mod relevance;
mod request;
mod shape;
#[cfg(feature = "prove")]
pub mod solver;
pub mod table;
mod texts;
mod words;

pub use answer::{Allowed, Answer, PolicyId};
pub use error::{Error, Problem};
pub use policy::Policy;
pub use prove::{Claim, Counterexample, Proof, Trial};
pub use question::{Fact, Question, Requester};

use cedar_policy::AuthorizationError::PolicyEvaluationError as Failed;
use cedar_policy::{Authorizer, Decision, Entities, PolicySet};
use relevance::Relevance;
use request::Words;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use vocabulary::{ConsentState, Digest, Language, PurposeName, PurposeSet};

/// A set of rules that passed every check. It never changes: a new rule is a new charter.
pub struct Charter {
    digest: Digest,
    text: Vec<u8>,
    authorizer: Authorizer,
    set: PolicySet,
    actions: Entities,
    words: Words,
    /// The rules, by id.
    policies: BTreeMap<String, Policy>,
    /// The words for answers in which no rule speaks.
    markers: [Policy; 2],
    /// Which questions can have different answers.
    relevance: Relevance,
    /// The answer to each of them, by its number, once it was asked.
    remembered: Box<[OnceLock<Arc<Answer>>]>,
}

impl Charter {
    /// The charter as it stands in the repository.
    pub fn built_in() -> Result<Charter, Error> {
        Charter::with_operator(&[])
    }

    /// The built-in charter, narrowed by an operator's files: `(name, Cedar text)`, at most 32 files of
    /// 32 KiB with 64 rules together. Each rule is a `forbid` that names its purposes and carries `@id`,
    /// `@explain_fr` and `@explain_en`; its id becomes `operator/<name>/<id>`.
    pub fn with_operator(files: &[(String, String)]) -> Result<Charter, Error> {
        Charter::of(load::load(files)?, texts::canonical(files))
    }

    fn of(loaded: load::Loaded, text: Vec<u8>) -> Result<Charter, Error> {
        let unread = |message| Error {
            file: texts::SCHEMA.0.to_owned(),
            line: None,
            policy: None,
            problem: Problem::Cedar(message),
        };
        let words = Words::new().map_err(unread)?;
        let relevance = Relevance::of(loaded.set.policies(), &loaded.actions).map_err(unread)?;
        Ok(Charter {
            digest: Digest::of(&text),
            text,
            authorizer: Authorizer::new(),
            set: loaded.set,
            actions: loaded.actions,
            words,
            policies: loaded.policies,
            markers: Policy::markers(),
            remembered: (0..relevance.count()).map(|_| OnceLock::new()).collect(),
            relevance,
        })
    }

    /// The name of this charter: a SHA-256 over schema and policies, the operator's included. Comments
    /// count, line ends and the order of the operator's files do not.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes that the digest is of: all files of the charter, one after another.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Evaluates every rule for one question.
    pub fn decide(&self, question: &Question) -> Answer {
        let Some(request) = self.words.request(question) else {
            return self.undecided([]);
        };
        let response = self.authorizer.is_authorized(&request, &self.set, &self.actions);
        let diagnostics = response.diagnostics();
        let failed: Vec<PolicyId> = diagnostics
            .errors()
            .map(|Failed(error)| self.id(error.policy_id()))
            .collect();
        if !failed.is_empty() {
            return self.undecided(failed);
        }
        let mut policies: Vec<PolicyId> = diagnostics.reason().map(|id| self.id(id)).collect();
        policies.sort();
        if policies.is_empty() {
            policies.push(PolicyId::new(PolicyId::NO_PERMIT));
        }
        Answer {
            allowed: response.decision() == Decision::Allow,
            policies,
        }
    }

    /// As [`Charter::decide`], but evaluated once for each question that can have an answer of its own, and
    /// remembered: the questions are finite, an answer depends on nothing else, and a charter never changes,
    /// so what is remembered is never out of date.
    pub fn answer(&self, question: &Question) -> Arc<Answer> {
        match self.remembered.get(self.relevance.number(question)) {
            Some(slot) => slot.get_or_init(|| Arc::new(self.decide(question))).clone(),
            None => Arc::new(self.decide(question)),
        }
    }

    /// One question for each answer there can be: whatever is asked, one of these has the same answer,
    /// because nothing that a rule for its purpose reads differs.
    pub fn distinct(&self) -> impl Iterator<Item = Question> {
        self.relevance.distinct()
    }

    /// The facts that an answer for this purpose can depend on.
    pub fn facts(&self, purpose: PurposeName) -> impl Iterator<Item = Fact> {
        self.relevance.facts(purpose)
    }

    /// The answers for every purpose, the rest of the question being `base`, whose purpose and consent do
    /// not matter: `consents` tells the consent for each purpose.
    pub fn allowed(&self, base: &Question, consents: impl Fn(PurposeName) -> ConsentState) -> Allowed {
        self.allowed_each(|purpose| Question {
            purpose,
            consent: consents(purpose),
            ..*base
        })
    }

    /// The answers for every purpose, each to its own question.
    pub fn allowed_each(&self, question: impl Fn(PurposeName) -> Question) -> Allowed {
        let answers = PurposeName::ALL.map(|purpose| self.answer(&question(purpose)));
        let yes = PurposeName::ALL
            .into_iter()
            .zip(&answers)
            .filter(|(_, answer)| answer.allowed);
        Allowed {
            purposes: yes.map(|(purpose, _)| purpose).collect::<PurposeSet>(),
            answers,
        }
    }

    /// What the rule says to the person. A rule of another charter is said to be gone.
    pub fn explain(&self, id: &PolicyId, language: Language) -> &str {
        match (self.policy(id.as_str()), language) {
            (Some(policy), language) => policy.explain(language),
            (None, Language::Fr) => "Cette règle ne fait plus partie de la charte.",
            (None, Language::En) => "This rule is no longer part of the charter.",
        }
    }

    /// The article the rule stands for; empty for an operator's rule that names none, or a rule of
    /// another charter.
    pub fn law(&self, id: &PolicyId) -> &str {
        self.policy(id.as_str()).map_or("", Policy::law)
    }

    /// The rule, or marker, of that name.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies
            .get(id)
            .or_else(|| self.markers.iter().find(|marker| marker.id().as_str() == id))
    }

    /// Every rule, sorted by id; markers are not rules.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.policies.values()
    }

    /// Our name for a policy of Cedar's.
    fn id(&self, id: &cedar_policy::PolicyId) -> PolicyId {
        let id: &str = id.as_ref();
        self.policies
            .get(id)
            .map_or_else(|| PolicyId::new(id), |policy| policy.id().clone())
    }

    /// No, because something could not be evaluated.
    fn undecided(&self, failed: impl IntoIterator<Item = PolicyId>) -> Answer {
        let mut failed: Vec<PolicyId> = failed.into_iter().collect();
        failed.sort();
        failed.insert(0, PolicyId::new(PolicyId::EVALUATION_ERROR));
        Answer {
            allowed: false,
            policies: failed,
        }
    }
}

impl std::fmt::Debug for Charter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Charter({})", self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cedar_policy::Effect;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static BUILT_IN: LazyLock<Charter> = LazyLock::new(|| Charter::built_in().unwrap());

    #[test]
    fn questions_that_share_a_number_share_an_answer() {
        for (number, question) in BUILT_IN.distinct().enumerate() {
            assert_eq!(BUILT_IN.relevance.number(&question), number, "{question:?}");
            // All that is said not to matter, at its other end.
            let facts: Vec<Fact> = BUILT_IN.facts(question.purpose).collect();
            let other = Fact::ALL
                .into_iter()
                .filter(|fact| !facts.contains(fact))
                .fold(question, |question, fact| question.with(fact, fact.values() - 1));
            assert_eq!(BUILT_IN.relevance.number(&other), number, "{other:?}");
            assert_eq!(*BUILT_IN.answer(&question), BUILT_IN.decide(&other), "{other:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_remembered_is_what_cedar_says(
            purpose in prop::sample::select(PurposeName::ALL.to_vec()),
            values in prop::array::uniform11(0_usize..10),
        ) {
            let question = Fact::ALL
                .into_iter()
                .zip(values)
                .fold(Question::plain(purpose), |q, (fact, value)| q.with(fact, value % fact.values()));
            prop_assert_eq!(&*BUILT_IN.answer(&question), &BUILT_IN.decide(&question), "{:?}", question);
        }
    }

    #[test]
    fn a_permit_that_slipped_in_opens_nothing() {
        let mut charter = Charter::built_in().unwrap();
        let id = Some(cedar_policy::PolicyId::new("slipped-in"));
        let permit = cedar_policy::Policy::parse(id, "permit (principal, action, resource);").unwrap();
        charter.set.add(permit).unwrap();
        // It reads nothing, so the questions that can differ are the same ones. `charter::prove` asks them all.
        for question in BUILT_IN.distinct().step_by(5) {
            let (before, after) = (BUILT_IN.answer(&question), charter.decide(&question));
            assert_eq!(before.allowed, after.allowed, "{question:?}");
        }
    }

    #[test]
    fn without_a_permit_everything_is_denied() {
        let mut charter = Charter::built_in().unwrap();
        let permits: Vec<_> = charter
            .set
            .policies()
            .filter(|policy| policy.effect() == Effect::Permit)
            .cloned()
            .collect();
        for purpose in PurposeName::ALL {
            let own = format!("charter/{}", purpose.as_str().replace('_', "-"));
            assert!(
                permits.iter().any(|permit| permit.id().to_string() == own),
                "{own}"
            );
        }
        for permit in permits {
            charter.set.remove_static(permit.id().clone()).unwrap();
        }
        let mut marked = 0;
        for question in BUILT_IN.distinct().step_by(5) {
            let answer = charter.decide(&question);
            assert!(!answer.allowed && !answer.policies.is_empty(), "{question:?}");
            marked += usize::from(answer.policies == [PolicyId::new(PolicyId::NO_PERMIT)]);
        }
        assert!(marked > 0);
    }
}
