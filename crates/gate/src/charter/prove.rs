//! Whether a set of rules keeps what the charter promises, shown for every question there is.
//!
//! The promises stand in `charter/promises.cedar`, in the words of the schema and without looking at the
//! rules: each names the most that may ever be allowed for the purposes of its scope. The proof walks every question that can have an answer
//! of its own under the rules and the promises together; a promise that does not hold comes with the plainest
//! question for which it breaks. `charter::solver` asks the same of a solver, for all questions at once.
//!
//! Deliberately does not know: people, what is decided on the strength of an answer.

use super::answer::{Answer, PolicyId};
use super::error::{Error, Problem};
use super::load;
use super::policy::Policy;
use super::question::{Fact, Question};
use super::relevance::{Relevance, speaks_of};
use super::{Charter, texts};
use cedar_policy::{Authorizer, Decision, Entities, PolicySet};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use vocabulary::PurposeName;

/// The outcome for one set of rules.
#[derive(Debug)]
pub struct Proof {
    /// How many questions were asked: one for each answer there can be.
    pub questions: usize,
    /// What was shown, or not, claim by claim.
    pub claims: Vec<Claim>,
}

impl Proof {
    /// Whether every claim holds.
    pub fn holds(&self) -> bool {
        self.claims.iter().all(|claim| claim.refuted.is_none())
    }
}

/// One thing that is claimed of a set of rules.
#[derive(Debug)]
pub struct Claim {
    /// Its name, law and words.
    pub promise: Policy,
    /// Why it does not hold, if it does not.
    pub refuted: Option<Counterexample>,
}

/// A question for which a claim does not hold.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The plainest of them.
    pub question: Question,
    /// What the rules answer to it.
    pub answer: Answer,
    /// For how many questions of those asked it does not hold.
    pub of: usize,
}

/// Rules that are only tried: they stand in no gate, and nothing but a proof can be had from them.
pub struct Trial(Charter);

impl Trial {
    /// The built-in charter with these files, `(name, Cedar text)`: a rule takes the place of the built-in one
    /// with its `@id`, or is added, be it a permit.
    pub fn read(files: &[(String, String)]) -> Result<Trial, Error> {
        let loaded = load::load_trial(files)?;
        Charter::of(loaded, texts::canonical(files)).map(Trial)
    }

    /// What holds of these rules.
    pub fn prove(&self) -> Result<Proof, Error> {
        self.0.prove()
    }

    #[cfg(feature = "prove")]
    pub(super) fn charter(&self) -> &Charter {
        &self.0
    }
}

/// The published charter, whose answers are remembered from one proof to the next.
static BUILT_IN: LazyLock<Result<Charter, Error>> = LazyLock::new(Charter::built_in);

/// What the charter promises beside the file of promises.
pub(super) const FORBID_WINS: &str = "promise/forbid-wins";
pub(super) const ONLY_NARROWER: &str = "promise/only-narrower";
pub(super) const NEVER_FAILS: &str = "promise/never-fails";

impl Charter {
    /// Shows, for every question there is, whether these rules keep each promise.
    pub fn prove(&self) -> Result<Proof, Error> {
        let promises = Promises::read()?;
        let built_in = match &*BUILT_IN {
            Ok(built_in) => built_in,
            Err(_) => &Charter::built_in()?,
        };
        let widened = self.widened().map_err(promises_fail)?;
        let read = self
            .set
            .policies()
            .chain(built_in.set.policies())
            .chain(promises.each.iter().flat_map(|(_, set)| set.policies()));
        let questions = Relevance::of(read, &self.actions).map_err(promises_fail)?;
        let mut claims: Vec<Claim> = promises
            .each
            .iter()
            .map(|(promise, _)| promise.clone())
            .chain(general())
            .map(|promise| Claim {
                promise,
                refuted: None,
            })
            .collect();
        for question in questions.distinct() {
            let answer = self.answer(&question);
            let before = built_in.answer(&question);
            let closed = before.policies.iter().any(|id| built_in.forbids(id));
            // Cedar names every forbid that holds, and where one holds no permit counts. So only where these
            // rules have none of their own is there anything to try.
            let open = closed && !answer.policies.iter().any(|id| self.forbids(id));
            for claim in &mut claims {
                let holds = match claim.promise.id().as_str() {
                    FORBID_WINS => !open || !self.allows(&widened, &question),
                    ONLY_NARROWER => before.allowed || !answer.allowed,
                    NEVER_FAILS => !answer
                        .policies
                        .iter()
                        .any(|id| id.as_str() == PolicyId::EVALUATION_ERROR),
                    promise => !answer.allowed || promises.allow(promise, self, &question),
                };
                if !holds {
                    claim.note(question, &answer);
                }
            }
        }
        Ok(Proof {
            questions: questions.count(),
            claims,
        })
    }

    /// These rules, and with them the widest permit that anybody could add. Whatever set of rules an operator
    /// wrote, it would allow nothing that this set does not: its permits allow no more than this one, and its
    /// forbids only take away.
    pub(super) fn widened(&self) -> Result<PolicySet, String> {
        let mut widened = self.set.clone();
        let id = Some(cedar_policy::PolicyId::new("everything"));
        let permit = cedar_policy::Policy::parse(id, "permit (principal, action, resource);")
            .map_err(|error| error.to_string())?;
        widened.add(permit).map_err(|error| error.to_string())?;
        Ok(widened)
    }

    fn forbids(&self, id: &PolicyId) -> bool {
        self.policies.get(id.as_str()).is_some_and(Policy::forbids)
    }

    fn allows(&self, set: &PolicySet, question: &Question) -> bool {
        let request = self.words.request(question);
        request.is_some_and(|request| {
            Authorizer::new()
                .is_authorized(&request, set, &self.actions)
                .decision()
                == Decision::Allow
        })
    }
}

impl Claim {
    /// Keeps the plainest question: with the fewest facts that are not plain, then with the lowest values.
    fn note(&mut self, question: Question, answer: &Answer) {
        let rank = |question: &Question| {
            let values = question.values();
            (values.iter().filter(|value| **value > 0).count(), values)
        };
        let of = self.refuted.as_ref().map_or(0, |known| known.of) + 1;
        match &mut self.refuted {
            Some(known) if rank(&known.question) <= rank(&question) => known.of = of,
            slot => {
                *slot = Some(Counterexample {
                    question,
                    answer: answer.clone(),
                    of,
                });
            }
        }
    }
}

impl Counterexample {
    /// The facts in which the question differs from the plainest one.
    pub fn facts(&self) -> Vec<Fact> {
        let differs: BTreeSet<Fact> = Fact::ALL
            .into_iter()
            .filter(|fact| self.question.value(*fact) > 0)
            .collect();
        differs.into_iter().collect()
    }
}

/// The promises, each as a set of one policy.
pub(super) struct Promises {
    pub(super) each: Vec<(Policy, PolicySet)>,
}

impl Promises {
    pub(super) fn read() -> Result<Promises, Error> {
        Ok(Promises {
            each: load::load_promises()?,
        })
    }

    /// Whether the promise lets the question be allowed: it does if it is about another purpose.
    fn allow(&self, id: &str, charter: &Charter, question: &Question) -> bool {
        let promise = self.each.iter().find(|(promise, _)| promise.id().as_str() == id);
        promise.is_some_and(|(_, set)| {
            !speaks(set, question.purpose, &charter.actions) || charter.allows(set, question)
        })
    }
}

/// Whether a promise is about the purpose.
pub(super) fn speaks(promise: &PolicySet, purpose: PurposeName, actions: &Entities) -> bool {
    promise
        .policies()
        .any(|policy| speaks_of(policy, purpose, actions))
}

/// What is claimed of every set of rules, whatever it says.
pub(super) fn general() -> [Policy; 3] {
    let claim = |id, law, fr: &str, en: &str| Policy::marker(id, law, fr, en);
    [
        claim(
            FORBID_WINS,
            "GDPR art. 25(2)",
            "Aucune règle que quiconque ajouterait n’ouvre ce qu’une règle de la charte ferme.",
            "No rule that anybody could add opens what a rule of the charter closes.",
        ),
        claim(
            ONLY_NARROWER,
            "GDPR art. 5(2), art. 25(2)",
            "Rien n’est permis que la charte publiée ne permette.",
            "Nothing is allowed that the published charter does not allow.",
        ),
        claim(
            NEVER_FAILS,
            "GDPR art. 25(2)",
            "Aucune règle n’échoue pendant qu’elle est vérifiée, quelle que soit la question.",
            "No rule fails while it is checked, whatever the question.",
        ),
    ]
}

fn promises_fail(message: String) -> Error {
    Error {
        file: texts::PROMISES.0.to_owned(),
        line: None,
        policy: None,
        problem: Problem::Cedar(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forbid_is_needed_and_without_it_a_promise_breaks() {
        let charter = BUILT_IN.as_ref().unwrap();
        let promises = Promises::read().unwrap();
        let mut alone: std::collections::BTreeMap<String, usize> = charter
            .policies()
            .filter(|policy| policy.forbids())
            .map(|policy| (policy.id().to_string(), 0))
            .collect();
        for question in charter.distinct() {
            let answer = charter.answer(&question);
            let [id] = answer.policies.as_slice() else {
                continue;
            };
            let Some(count) = alone.get_mut(id.as_str()) else {
                continue;
            };
            *count += 1;
            // Every purpose has its permit, so this one rule is all that stands between question and yes.
            let kept = promises
                .each
                .iter()
                .all(|(promise, _)| promises.allow(promise.id().as_str(), charter, &question));
            assert!(!kept, "{id} could go, and no promise would notice: {question:?}");
        }
        for (id, count) in alone {
            assert!(count > 0, "{id} never decides alone");
        }
    }
}
