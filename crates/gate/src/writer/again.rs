//! After a backup was put back: what people refused since is refused again, before anything is served.
//!
//! Deliberately does not know: how a refusal was kept.

use super::{Group, Writer};
use crate::Unavailable;
use crate::envelope::{Act, Choice, Input, Terms, Wishes};
use crate::erasure::LastWord;
use crate::evidence::{Action, Component, Evidence};
use crate::intake;
use crate::writer::{Fate, Reason};
use tokio::sync::oneshot;
use vocabulary::PersonId;

/// People in one group.
const GROUP: usize = 500;
/// What the inputs of a restoration call their source.
const SOURCE: &str = "restoration";

impl Writer {
    /// Refuses again whatever the store permits though it was refused later. Done twice it changes nothing.
    /// Looks at the latest so many lines.
    pub(crate) fn refuse_again(&mut self, most: usize) -> Result<u64, Unavailable> {
        let words: Vec<(PersonId, LastWord)> = self.refusals.last_words(most)?.into_iter().collect();
        let mut changed = 0;
        for people in words.chunks(GROUP) {
            let mut group = Group::default();
            let mut answers = Vec::new();
            for (person, word) in people {
                // Whoever is new since the backup, or erased, is not there to be permitted anything.
                let Some(terms) = self.with_slot(*person, |slot| Ok(std::sync::Arc::clone(&slot.terms)))?
                else {
                    continue;
                };
                for input in inputs(word, &terms) {
                    let (reply, answer) = oneshot::channel();
                    self.input(&mut group, *person, input, reply);
                    answers.push(answer);
                    changed += 1;
                }
            }
            self.commit(group);
            for mut answer in answers {
                match answer.try_recv().map_err(|_| Unavailable::Stopped)?? {
                    Fate::Stored | Fate::Dropped(Reason::Gone) => {}
                    _ => return Err(Unavailable::Busy),
                }
            }
        }
        Ok(changed)
    }
}

/// What is to be said again of a last word that these terms do not know of.
fn inputs(word: &LastWord, terms: &Terms) -> Vec<Input> {
    let lost: Vec<(u8, i64)> = word
        .refused
        .iter()
        .filter(|(purpose, refused_at)| {
            let entry = terms.consents.iter().find(|c| c.purpose == **purpose);
            // A refusal is lost where it is not known at all, and where an older permission stands.
            entry.is_none_or(|c| c.at < **refused_at && c.explicit_at.is_none_or(|at| at < **refused_at))
        })
        .map(|(purpose, at)| (*purpose, *at))
        .collect();
    let mut inputs = Vec::new();
    let marketing = word.objects_to_marketing == Some(true) && !terms.objects_to_marketing();
    if !lost.is_empty() || marketing {
        let at = lost.iter().map(|(_, at)| *at).max().unwrap_or(0);
        let evidence = Evidence::new(Component::Restoration, Action::Reported);
        let choices = lost.iter().map(|(purpose, _)| Choice {
            purpose: *purpose,
            given: false,
            explicit: true,
            expires_at: None,
        });
        inputs.push(Input {
            choices: choices.collect(),
            proof: Some(intake::proof(&evidence, None, marketing.then_some(true))),
            ..said_at(at)
        });
    }
    if word.objects == Some(true) && !terms.objected {
        inputs.push(Input {
            act: Some(Act::Object(true)),
            ..said_at(0)
        });
    }
    if word.restricts == Some(true) && !terms.restricted {
        inputs.push(Input {
            act: Some(Act::Restrict(true)),
            ..said_at(0)
        });
    }
    if let Some(at) = word.contract_at
        && terms.contract_at().is_none_or(|known| known.0 < at)
    {
        inputs.push(Input {
            held_to: Some(Wishes::to_be_said(at)),
            ..said_at(at)
        });
    }
    inputs
}

fn said_at(at: i64) -> Input {
    Input {
        at,
        received_at: at,
        source: SOURCE.to_owned(),
        ..Input::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Consent;
    use vocabulary::{ConsentState, Moment, PurposeName};

    #[test]
    fn only_what_the_store_does_not_know_is_said_again() {
        let permitted_at = |at: i64| Terms {
            consents: vec![Consent {
                purpose: PurposeName::Train as u8,
                state: ConsentState::Given as u8,
                at,
                source: String::new(),
                expires_at: None,
                explicit_at: Some(at),
                proof: None,
            }],
            objected: true,
            ..Terms::default()
        };
        let word = LastWord {
            refused: [(PurposeName::Train as u8, 7)].into(),
            objects: Some(true),
            restricts: Some(false),
            ..LastWord::default()
        };
        let again = inputs(&word, &permitted_at(5));
        assert_eq!(again.len(), 1, "objected is known, restriction was taken back");
        let mut terms = permitted_at(5);
        crate::fold::fold_terms(&mut terms, &again[0]);
        let now = Moment(8);
        assert_eq!(terms.consent(PurposeName::Train, now), ConsentState::Withdrawn);
        assert!(inputs(&word, &terms).is_empty(), "said once is enough");
        // Permitted again before the backup was made: that is the last word.
        assert!(inputs(&word, &permitted_at(9)).is_empty());
    }
}
