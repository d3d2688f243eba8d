//! Whose an identifier is, remembered: the same few people come again and again, and asking the store
//! each time costs a page of its index and a change of thread.
//!
//! Only the one writer of a store changes whose an identifier is, so what is remembered stays true until
//! somebody is erased or joined to somebody else; then everything is forgotten. An identifier that leads
//! to nobody is never remembered. Deliberately does not know: the store, anything about a person.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use vocabulary::{Blind, PersonId};

/// When the store was asked: an answer from before a forgetting must not be remembered after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asked(u64);

/// What is remembered, up to a bound.
pub(crate) struct Known {
    state: RwLock<State>,
    capacity: usize,
}

#[derive(Default)]
struct State {
    people: HashMap<Blind, PersonId>,
    forgettings: u64,
}

impl Known {
    /// Room for `capacity` identifiers.
    pub(crate) fn new(capacity: usize) -> Known {
        Known {
            state: RwLock::default(),
            capacity: capacity.max(1),
        }
    }

    /// What is remembered of these, and the time of asking the store about the rest.
    pub(crate) fn find(&self, blinds: &[Blind]) -> (Vec<Option<PersonId>>, Asked) {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let found = blinds
            .iter()
            .map(|blind| state.people.get(blind).copied())
            .collect();
        (found, Asked(state.forgettings))
    }

    /// Remembers the store's answers, unless something was forgotten since it was asked.
    pub(crate) fn remember(&self, asked: Asked, answers: impl Iterator<Item = (Blind, PersonId)>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if Asked(state.forgettings) != asked {
            return;
        }
        for (blind, person) in answers {
            if state.people.len() >= self.capacity {
                state.people.clear();
            }
            state.people.insert(blind, person);
        }
    }

    /// Whose an identifier is has changed, or is about to.
    pub(crate) fn forget(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.people.clear();
        state.forgettings += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_from_before_an_erasure_is_not_remembered_after_it() {
        let (blind, person) = (Blind([7; 32]), PersonId([1; 16]));
        let known = Known::new(10);
        let (found, asked) = known.find(&[blind]);
        assert_eq!(found, [None]);
        known.forget();
        known.remember(asked, [(blind, person)].into_iter());
        assert_eq!(known.find(&[blind]).0, [None]);
        let asked = known.find(&[blind]).1;
        known.remember(asked, [(blind, person)].into_iter());
        assert_eq!(known.find(&[blind]).0, [Some(person)]);
        known.forget();
        assert_eq!(known.find(&[blind]).0, [None]);
    }

    #[test]
    fn never_more_is_remembered_than_there_is_room_for() {
        let known = Known::new(3);
        for n in 0..100 {
            let asked = known.find(&[]).1;
            known.remember(asked, [(Blind([n; 32]), PersonId([n; 16]))].into_iter());
            assert!(known.state.read().unwrap().people.len() <= 3);
        }
        assert_eq!(known.find(&[Blind([99; 32])]).0, [Some(PersonId([99; 16]))]);
    }
}
