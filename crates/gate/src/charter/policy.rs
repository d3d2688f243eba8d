//! One rule as people read it: its id, its law, its words, its text.
//!
//! Deliberately does not know: how it is evaluated.

use super::answer::PolicyId;
use super::error::Problem;
use cedar_policy::Effect;
use vocabulary::Language;

/// One rule of a charter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    id: PolicyId,
    forbids: bool,
    law: String,
    explain_fr: String,
    explain_en: String,
    cedar: String,
}

impl Policy {
    /// Reads the annotations of a parsed policy. An operator need not name a law.
    pub(super) fn read(
        id: &str,
        policy: &cedar_policy::Policy,
        by_operator: bool,
        most: usize,
    ) -> Result<Policy, Problem> {
        let words = |name: &'static str| match policy.annotation(name).map(str::trim) {
            None | Some("") => Err(Problem::Annotation(name)),
            Some(text) if text.chars().count() > most => Err(Problem::AnnotationTooLong { name, most }),
            Some(text) => Ok(text.to_owned()),
        };
        let law = match words("law") {
            Err(Problem::Annotation(_)) if by_operator => String::new(),
            law => law?,
        };
        Ok(Policy {
            id: PolicyId::new(id),
            forbids: policy.effect() == Effect::Forbid,
            law,
            explain_fr: words("explain_fr")?,
            explain_en: words("explain_en")?,
            cedar: policy.to_cedar().unwrap_or_default(),
        })
    }

    /// The words for answers in which no rule speaks: see [`PolicyId::NO_PERMIT`] and
    /// [`PolicyId::EVALUATION_ERROR`].
    pub(super) fn markers() -> [Policy; 2] {
        [
            Policy::marker(
                PolicyId::NO_PERMIT,
                "GDPR art. 5(1)(b), art. 6(1)",
                "Aucune règle n’autorise cet usage\u{202f}: ce qui n’est pas permis n’a pas lieu.",
                "No rule permits this use: what is not permitted does not happen.",
            ),
            Policy::marker(
                PolicyId::EVALUATION_ERROR,
                "GDPR art. 25(2)",
                "Une règle n’a pas pu être vérifiée\u{202f}: dans le doute, c’est non.",
                "A rule could not be checked: in doubt, the answer is no.",
            ),
        ]
    }

    /// Words without a rule.
    pub(super) fn marker(id: &str, law: &str, explain_fr: &str, explain_en: &str) -> Policy {
        Policy {
            id: PolicyId::new(id),
            forbids: true,
            law: law.to_owned(),
            explain_fr: explain_fr.to_owned(),
            explain_en: explain_en.to_owned(),
            cedar: String::new(),
        }
    }

    /// Its stable name.
    pub fn id(&self) -> &PolicyId {
        &self.id
    }

    /// Whether it forbids; else it permits.
    pub fn forbids(&self) -> bool {
        self.forbids
    }

    /// The article it stands for; empty for an operator's rule that names none.
    pub fn law(&self) -> &str {
        &self.law
    }

    /// One sentence to the person.
    pub fn explain(&self, language: Language) -> &str {
        match language {
            Language::Fr => &self.explain_fr,
            Language::En => &self.explain_en,
        }
    }

    /// Its Cedar text as written; empty for a marker.
    pub fn cedar(&self) -> &str {
        &self.cedar
    }
}
