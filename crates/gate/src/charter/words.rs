//! A question in words, French and English: what is asked, and of whom.
//!
//! Deliberately does not know: answers, policies.

use super::prove::{Claim, Counterexample};
use super::question::{Fact, Question, Requester};
use vocabulary::{AgeBracket, ConsentState, Language};

impl Question {
    /// What is asked, as a sentence.
    pub fn asks(&self, language: Language) -> String {
        let purpose = self.purpose;
        match language {
            Language::En => {
                let who = match self.requester {
                    Requester::System => "one of our programs",
                    Requester::Person => "the person",
                    Requester::Staff => "a member of the team",
                };
                let data = if self.special { "intimate" } else { "ordinary" };
                format!("May {who} use {data} data of the person for `{purpose}`?")
            }
            Language::Fr => {
                let who = match self.requester {
                    Requester::System => "Un de nos programmes peut-il",
                    Requester::Person => "La personne peut-elle",
                    Requester::Staff => "Quelqu’un de l’équipe peut-il",
                };
                let data = if self.special { "intimes" } else { "ordinaires" };
                format!(
                    "{who} se servir de données {data} de la personne pour «\u{a0}{purpose}\u{a0}»\u{202f}?"
                )
            }
        }
    }

    /// One fact about the person or the request, as the rest of the sentence "the person …".
    fn tells(&self, fact: Fact, language: Language) -> Option<String> {
        let yes = self.value(fact) == 1;
        let (fr, en) = match fact {
            // In the sentence that asks.
            Fact::Requester | Fact::Special => return None,
            Fact::Consent => {
                let (fr, en) = consent(self.consent);
                let term = self.consent.as_str();
                return Some(match language {
                    Language::Fr => format!("{fr} ({term})"),
                    Language::En => format!("{en} ({term})"),
                });
            }
            Fact::Age => match self.age {
                AgeBracket::Unknown => ("a un âge que l’on ne connaît pas", "is of unknown age"),
                AgeBracket::Adult => ("est majeure", "is of age"),
                AgeBracket::Minor => ("est mineure", "is a minor"),
            },
            Fact::Identified if yes => ("est cliente", "is a customer"),
            Fact::Identified => ("n’est pas cliente", "is not a customer"),
            Fact::Restricted if yes => (
                "a demandé la limitation du traitement",
                "asked that the use of their data be restricted",
            ),
            Fact::Objected if yes => (
                "s’est opposée au profilage et à la prospection",
                "objected to profiling and marketing",
            ),
            Fact::ObjectedMarketing if yes => {
                ("s’est opposée à la prospection", "objected to direct marketing")
            }
            Fact::SoftOptIn if yes => (
                "a fait un achat dont les cinq faits sont attestés (ePrivacy, art. 13(2))",
                "made a purchase of which all five facts are on record (ePrivacy art. 13(2))",
            ),
            Fact::Gpc if yes => (
                "a un navigateur qui envoie le signal GPC",
                "has a browser that sends the GPC signal",
            ),
            Fact::ChildDirected if yes => (
                "vient d’une source destinée aux enfants",
                "comes from a source directed at children",
            ),
            Fact::UnderReview if yes => (
                "a demandé qu’un humain examine une décision de ce genre",
                "asked a human to look at a decision of this kind",
            ),
            _ => return None,
        };
        Some(match language {
            Language::Fr => fr.to_owned(),
            Language::En => en.to_owned(),
        })
    }
}

impl Counterexample {
    /// The counterexample in a few lines: what is asked, of whom, what the rules answer, what was promised.
    pub fn tell(&self, claim: &Claim, language: Language) -> Vec<String> {
        let question = &self.question;
        let mut facts: Vec<String> = Fact::ALL
            .into_iter()
            .filter(|fact| {
                [Fact::Consent, Fact::Identified, Fact::Age].contains(fact) || self.facts().contains(fact)
            })
            .filter_map(|fact| question.tells(fact, language))
            .collect();
        let ids: Vec<String> = self.answer.policies.iter().map(|id| format!("`{id}`")).collect();
        let (ids, words, law) = (
            ids.join(", "),
            claim.promise.explain(language),
            claim.promise.law(),
        );
        let last = facts.pop().unwrap_or_default();
        match language {
            Language::En => vec![
                question.asks(language),
                format!("The person {} and {last}.", facts.join(", ")),
                format!(
                    "These rules say {}, by {ids}.",
                    if self.answer.allowed { "yes" } else { "no" }
                ),
                format!("Promised was: {words} ({law})"),
            ],
            Language::Fr => vec![
                question.asks(language),
                format!("La personne {} et {last}.", facts.join(", ")),
                format!(
                    "Ces règles disent {}, par {ids}.",
                    if self.answer.allowed { "oui" } else { "non" }
                ),
                format!("Il était promis\u{a0}: {words} ({law})"),
            ],
        }
    }
}

fn consent(state: ConsentState) -> (&'static str, &'static str) {
    match state {
        ConsentState::Unknown => ("n’a jamais répondu", "never answered"),
        ConsentState::Requested => ("n’a pas encore répondu", "has not answered yet"),
        ConsentState::RequestDeferred => ("a remis sa réponse à plus tard", "put the answer off"),
        ConsentState::Given => ("a accepté", "agreed"),
        ConsentState::Renewed => ("a accepté de nouveau", "agreed again"),
        ConsentState::Refused => ("a refusé", "refused"),
        ConsentState::Withdrawn => ("a retiré son accord", "withdrew their consent"),
        ConsentState::Revoked => ("a vu son accord révoqué", "had their consent revoked"),
        ConsentState::Expired => (
            "avait accepté, mais l’accord est périmé",
            "had agreed, but that has expired",
        ),
        ConsentState::Invalidated => (
            "a un accord qui n’est pas valable",
            "has a consent that is not valid",
        ),
    }
}
