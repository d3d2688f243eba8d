//! The writer's part in making a visitor part of a person, and in parting them again: both envelopes in
//! one group.
//!
//! Deliberately does not know: who asked, and whether they may.

use super::{Group, Reply, Writer};
use crate::envelope::{Act, Choice, Content, Input, Terms};
use crate::join::{Join, NotJoined, Wish};
use crate::merge::{self, Into, Merging, VISITORS_MAX};
use crate::record::{self, Statement};
use crate::{Unavailable, conversations, hot};
use std::sync::Arc;
use tokio::sync::oneshot;
use vocabulary::{AgeBracket, ConsentState, Moment, PersonId, PurposeName, Signals};

/// Somebody's envelope, as far as merging needs it.
type Known = (Arc<Terms>, Content);

impl Writer {
    /// Joins, parts, or drops what was kept to part; nothing else is in the group.
    pub(super) fn merge(&mut self, join: &Join) -> Result<Result<Moment, NotJoined>, Unavailable> {
        if self.shared.stopped() {
            return Err(Unavailable::Stopped);
        }
        let (Some(person), Some(visitor)) = (self.known(join.person)?, self.known(join.visitor)?) else {
            return Ok(Err(NotJoined::Unknown));
        };
        let planned = match join.wish {
            Wish::Join => self.plan_join(join, &person, &visitor),
            Wish::Part => plan_part(join, &person, &visitor),
            Wish::Settle => plan_settle(join, &visitor),
        };
        let Plan { inputs, until, kind } = match planned {
            Ok(plan) => plan,
            Err(Stay::Already(until)) => return Ok(Ok(until)),
            Err(Stay::Not(why)) => return Ok(Err(why)),
        };
        let mut group = Group::default();
        let mut indices = Vec::new();
        for (whose, input) in [join.person, join.visitor].into_iter().zip(inputs) {
            let index = self.pending(&mut group, whose)?;
            let found = index.and_then(|index| group.pending.get_mut(index));
            let Some(pending) = found else {
                return Ok(Err(NotJoined::Unknown));
            };
            self.append(pending, input, None, join.now)?;
            if whose == join.person
                && let Some(kind) = kind
            {
                let (row, leaf) = self.tell(join, kind, until, &pending.key)?;
                pending.unit.records.push(row);
                pending.unit.leaves.push(leaf);
            }
            indices.push(index);
        }
        let (reply, mut answer) = oneshot::channel();
        group.replies.push(Reply::Count(indices, reply));
        self.commit(group);
        match answer.try_recv().map_err(|_| Unavailable::Stopped)??.as_slice() {
            [true, true] => Ok(Ok(until)),
            _ => Err(Unavailable::Busy),
        }
    }

    /// Whose part a visitor is, or the visitor.
    pub(super) fn home(&self, group: &Group, person: PersonId) -> Result<PersonId, Unavailable> {
        let pending = group.by_person.get(&person).and_then(|at| group.pending.get(*at));
        let part_of = match pending {
            Some(pending) => pending.terms.part_of(),
            None => self.with_slot(person, |slot| Ok(slot.terms.part_of()))?.flatten(),
        };
        Ok(part_of.unwrap_or(person))
    }

    /// What a person takes away reaches the closed envelopes of the visitors who are part of them.
    pub(super) fn tell_visitors(
        &self,
        group: &mut Group,
        visitors: Vec<PersonId>,
        strict: &Input,
        now: Moment,
    ) -> Result<(), Unavailable> {
        for visitor in visitors {
            if let Some(index) = self.pending(group, visitor)?
                && let Some(pending) = group.pending.get_mut(index)
            {
                self.append(pending, strict.clone(), None, now)?;
            }
        }
        Ok(())
    }

    fn known(&self, person: PersonId) -> Result<Option<Known>, Unavailable> {
        self.with_slot(person, |slot| {
            let terms = Arc::clone(&slot.terms);
            Ok((terms, slot.content(person)?.clone()))
        })
    }

    fn plan_join(&self, join: &Join, person: &Known, visitor: &Known) -> Result<Plan, Stay> {
        let ((own, own_content), (theirs, content)) = (person, visitor);
        if let Some(known) = theirs.part_of() {
            return Err(match theirs.undo_ends() {
                Some(until) if known == join.person => Stay::Already(until),
                _ => Stay::Not(NotJoined::NotAVisitor),
            });
        }
        let problem = if theirs.identified || join.person == join.visitor {
            Some(NotJoined::NotAVisitor)
        } else if !own.identified {
            Some(NotJoined::NotACustomer)
        } else if own.restricted || theirs.restricted {
            Some(NotJoined::Restricted)
        } else if own.visitors().len() >= VISITORS_MAX {
            Some(NotJoined::TooMany)
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(Stay::Not(problem));
        }
        let mut input = Input {
            choices: refusals(own, theirs, join.now),
            age: (theirs.age() == AgeBracket::Minor).then_some(AgeBracket::Minor as u8),
            child_directed: theirs.child_directed,
            act: theirs.objected.then_some(Act::Object(true)),
            proof: theirs.objected_marketing.then(merge::objection),
            held_to: theirs.wishes.clone(),
            joined_wishes: theirs.preferred.clone(),
            talk: conversations::moved(content, None, true),
            ..join.input()
        };
        let mut after = own.as_ref().clone();
        crate::fold::fold_terms(&mut after, &input);
        let judge = |terms| hot::judge(&self.shared.charter, terms, Signals::default(), join.now);
        let (permitted, held) = (judge(theirs).purposes, after.holding(join.now));
        let until = merge::undo_until(join.now);
        let mut taken = merge::take((join.visitor, content), own_content, permitted, held, until);
        taken.traits.retain(|new| !after.refuses_trait(&new.name));
        input.merging = Some(Merging::Took(Box::new(taken)));
        let went = Merging::Went(Into {
            person: join.person.0.into(),
            at: join.now.0,
            until: Some(until.0),
        });
        Ok(Plan {
            inputs: [input, join.merging(went)],
            until,
            kind: Some("merge"),
        })
    }

    fn tell(
        &self,
        join: &Join,
        kind: &'static str,
        until: Moment,
        key: &crate::keys::PersonKey,
    ) -> Result<(store::RecordRow, store::Leaf), Unavailable> {
        let details = serde_json::json!({ "at": join.now.0, "source": join.source, "until": until.0 });
        let statement = Statement {
            kind,
            purpose: None,
            program: self.shared.dictionary.digest(),
            allowed: true,
            reasons: Vec::new(),
            at: join.now,
        };
        record::make(&self.shared, join.person, key, statement, details.to_string())
    }
}

/// What is to be written: the person's input, then the visitor's.
struct Plan {
    inputs: [Input; 2],
    until: Moment,
    /// The kind of record that says so; house-keeping needs none.
    kind: Option<&'static str>,
}

/// Nothing is to be written.
enum Stay {
    Already(Moment),
    Not(NotJoined),
}

fn plan_part(join: &Join, person: &Known, visitor: &Known) -> Result<Plan, Stay> {
    if visitor.0.part_of() != Some(join.person) {
        return Err(Stay::Not(NotJoined::NotJoined));
    }
    let until = visitor.0.undo_ends().filter(|until| join.now < *until);
    let until = until.ok_or(Stay::Not(NotJoined::TooLate))?;
    Ok(Plan {
        inputs: [
            Input {
                talk: conversations::moved(&visitor.1, None, false),
                ..join.merging(Merging::GaveBack(join.visitor.0.into()))
            },
            // As they went on since.
            Input {
                talk: conversations::moved(&person.1, Some(&visitor.1), true),
                ..join.merging(Merging::CameBack)
            },
        ],
        until,
        kind: Some("merge_undone"),
    })
}

fn plan_settle(join: &Join, visitor: &Known) -> Result<Plan, Stay> {
    let over = visitor.0.undo_ends().filter(|until| *until <= join.now);
    let until = over.ok_or(Stay::Not(NotJoined::NotJoined))?;
    Ok(Plan {
        inputs: [
            join.merging(Merging::Kept(join.visitor.0.into())),
            join.merging(Merging::Emptied),
        ],
        until,
        kind: None,
    })
}

/// What the visitor refused, and what a signal of theirs speaks against, is refused by the person from now
/// on: for a purpose where both have spoken the stricter word stands.
fn refusals(own: &Terms, theirs: &Terms, now: Moment) -> Vec<Choice> {
    let refused = |purpose: &PurposeName| {
        let said_no = !matches!(
            theirs.consent(*purpose, now),
            ConsentState::Unknown
                | ConsentState::Requested
                | ConsentState::RequestDeferred
                | ConsentState::Expired
                | ConsentState::Given
                | ConsentState::Renewed
        );
        said_no || theirs.gpc_stands(*purpose) && own.consent(*purpose, now).is_valid()
    };
    let choice = |purpose: PurposeName| Choice {
        purpose: purpose as u8,
        given: false,
        explicit: true,
        expires_at: None,
    };
    PurposeName::ALL.into_iter().filter(refused).map(choice).collect()
}
