//! Whose an identifier is, remembered: the same few people come again and again, and asking the store
//! each time costs a page of its index and a change of thread.
//!
//! That an identifier leads to nobody is remembered as well: who asks twice and compares the times must not
//! learn whom we know. Only the one writer of a store changes whose an identifier is, so what is remembered
//! stays true until it claims one, or somebody is erased or joined to somebody else; then that one, or
//! everything, is forgotten. Deliberately does not know: the store, anything about a person.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};
use vocabulary::{Blind, PersonId};

/// When the store was asked: an answer from before a forgetting must not be remembered after it, and that
/// there was nobody not after a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    forgettings: u64,
    claims: u64,
}

/// What is remembered of one identifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// It leads to this person.
    Somebody(PersonId),
    /// It leads to nobody.
    Nobody,
    /// The store has to be asked.
    NotRemembered,
}

/// What is remembered, each part up to a bound of its own: strangers crowd nobody out who is known.
pub(crate) struct Known {
    state: RwLock<State>,
    capacity: usize,
}

#[derive(Default)]
struct State {
    people: HashMap<Blind, PersonId>,
    nobody: HashSet<Blind>,
    /// Those for whom the store was once searched as for a person; outlives a forgetting, as a person in
    /// memory does.
    searched: HashSet<Blind>,
    forgettings: u64,
    claims: u64,
}

impl Known {
    /// Room for `capacity` identifiers of people, and as many of nobody.
    pub(crate) fn new(capacity: usize) -> Known {
        Known {
            state: RwLock::default(),
            capacity: capacity.max(1),
        }
    }

    /// What is remembered of these, and the time of asking the store about the rest.
    pub(crate) fn find(&self, blinds: &[Blind]) -> (Vec<Found>, Asked) {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let found = blinds.iter().map(|blind| match state.people.get(blind) {
            Some(person) => Found::Somebody(*person),
            None if state.nobody.contains(blind) => Found::Nobody,
            None => Found::NotRemembered,
        });
        (found.collect(), state.asked())
    }

    /// Remembers the store's answers, unless something was forgotten since it was asked. Answers those that
    /// lead to nobody and were not searched for yet.
    pub(crate) fn remember(
        &self,
        asked: Asked,
        answers: impl Iterator<Item = (Blind, Option<PersonId>)>,
    ) -> Vec<Blind> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let now = state.asked();
        let mut strangers = Vec::new();
        for (blind, person) in answers {
            match person {
                Some(person) if now.forgettings == asked.forgettings => {
                    make_room(state.people.len(), self.capacity, || state.people.clear());
                    state.people.insert(blind, person);
                }
                Some(_) => {}
                None => {
                    if now == asked {
                        make_room(state.nobody.len(), self.capacity, || state.nobody.clear());
                        state.nobody.insert(blind);
                    }
                    make_room(state.searched.len(), self.capacity, || state.searched.clear());
                    if state.searched.insert(blind) {
                        strangers.push(blind);
                    }
                }
            }
        }
        strangers
    }

    /// These lead to these people from now on; what the store answered before is not remembered.
    pub(crate) fn claim(&self, claims: impl Iterator<Item = (Blind, PersonId)>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.claims += 1;
        for (blind, person) in claims {
            state.nobody.remove(&blind);
            make_room(state.people.len(), self.capacity, || state.people.clear());
            state.people.insert(blind, person);
        }
    }

    /// Whose an identifier is has changed, or is about to.
    pub(crate) fn forget(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.people.clear();
        state.nobody.clear();
        state.forgettings += 1;
    }
}

impl State {
    fn asked(&self) -> Asked {
        Asked {
            forgettings: self.forgettings,
            claims: self.claims,
        }
    }
}

fn make_room(held: usize, capacity: usize, clear: impl FnOnce()) {
    if held >= capacity {
        clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Blind = Blind([7; 32]);
    const PERSON: PersonId = PersonId([1; 16]);

    fn one(known: &Known) -> Found {
        known.find(&[ANN]).0[0]
    }

    fn asked(known: &Known) -> Asked {
        known.find(&[ANN]).1
    }

    #[test]
    fn an_answer_from_before_an_erasure_is_not_remembered_after_it() {
        let known = Known::new(10);
        let before = asked(&known);
        known.forget();
        known.remember(before, [(ANN, Some(PERSON))].into_iter());
        assert_eq!(one(&known), Found::NotRemembered);
        known.remember(asked(&known), [(ANN, Some(PERSON))].into_iter());
        assert_eq!(one(&known), Found::Somebody(PERSON));
        known.forget();
        assert_eq!(one(&known), Found::NotRemembered);
    }

    #[test]
    fn that_there_is_nobody_is_not_remembered_past_a_claim() {
        let known = Known::new(10);
        let before = asked(&known);
        assert_eq!(known.remember(before, [(ANN, None)].into_iter()), [ANN]);
        assert_eq!(one(&known), Found::Nobody);
        known.claim([(ANN, PERSON)].into_iter());
        assert_eq!(one(&known), Found::Somebody(PERSON));
        known.forget();
        // Whoever asked the store before the claim answers after it.
        known.remember(before, [(ANN, None)].into_iter());
        assert_eq!(one(&known), Found::NotRemembered);
        let late = asked(&known);
        known.claim(std::iter::empty());
        known.remember(late, [(ANN, None)].into_iter());
        assert_eq!(one(&known), Found::NotRemembered);
    }

    #[test]
    fn a_stranger_is_searched_for_once_as_a_person_is_loaded_once() {
        let known = Known::new(10);
        assert_eq!(known.remember(asked(&known), [(ANN, None)].into_iter()), [ANN]);
        known.forget();
        assert_eq!(known.remember(asked(&known), [(ANN, None)].into_iter()), []);
        assert_eq!(one(&known), Found::Nobody);
    }

    #[test]
    fn never_more_is_remembered_than_there_is_room_for() {
        let known = Known::new(3);
        for n in 0..100 {
            let answers = [
                (Blind([n; 32]), Some(PersonId([n; 16]))),
                (Blind([n + 100; 32]), None),
            ];
            known.remember(asked(&known), answers.into_iter());
            known.claim([(Blind([n; 32]), PersonId([n; 16]))].into_iter());
            let state = known.state.read().unwrap();
            let held = [state.people.len(), state.nobody.len(), state.searched.len()];
            assert!(held.iter().all(|held| *held <= 3), "{held:?}");
        }
        let last = known.find(&[Blind([99; 32]), Blind([199; 32])]).0;
        assert_eq!(last, [Found::Somebody(PersonId([99; 16])), Found::Nobody]);
    }
}
