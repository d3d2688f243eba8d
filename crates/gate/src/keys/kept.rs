//! Unwrapped keys that are kept for a while, where unwrapping leaves the process.
//!
//! Bounded, in two generations: what is used moves to the young one; when that is full, the old one is
//! dropped whole, and its keys are wiped (the cipher's memory is overwritten when it is freed). Deliberately
//! does not know: the store. Who asks has just seen the person's wrapped key there.

use super::PersonKey;
use std::collections::HashMap;
use std::sync::Arc;
use vocabulary::PersonId;

pub(crate) struct Kept {
    young: HashMap<PersonId, Arc<PersonKey>>,
    old: HashMap<PersonId, Arc<PersonKey>>,
    /// Most keys of one generation; 0 keeps none.
    most: usize,
}

impl Kept {
    /// Keeps at most `most` keys.
    pub(crate) fn new(most: usize) -> Kept {
        Kept {
            young: HashMap::new(),
            old: HashMap::new(),
            most: most / 2,
        }
    }

    pub(crate) fn get(&mut self, person: PersonId) -> Option<Arc<PersonKey>> {
        if let Some(key) = self.young.get(&person) {
            return Some(Arc::clone(key));
        }
        let key = self.old.remove(&person)?;
        self.keep(person, Arc::clone(&key));
        Some(key)
    }

    pub(crate) fn keep(&mut self, person: PersonId, key: Arc<PersonKey>) {
        if self.most == 0 {
            return;
        }
        if self.young.len() >= self.most && !self.young.contains_key(&person) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(person, key);
    }

    /// Whether it keeps nothing.
    pub(crate) fn is_off(&self) -> bool {
        self.most == 0
    }

    pub(crate) fn forget(&mut self, person: PersonId) {
        self.young.remove(&person);
        self.old.remove(&person);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Cipher;

    fn key() -> Arc<PersonKey> {
        Arc::new(PersonKey(Cipher::new(&[5; 32]).unwrap()))
    }

    #[test]
    fn what_is_kept_is_bounded_and_what_is_forgotten_is_gone() {
        let mut kept = Kept::new(8);
        let used = PersonId([0; 16]);
        for number in 0..100u8 {
            kept.keep(PersonId([number; 16]), key());
            assert!(kept.get(used).is_some(), "what is used stays");
            assert!(kept.len() <= 8, "{}", kept.len());
        }
        kept.forget(used);
        assert!(kept.get(used).is_none());
        let mut none = Kept::new(0);
        none.keep(used, key());
        assert!(none.get(used).is_none());
    }
}
