//! A bounded memory of answers from the disk: what was asked for lately stays.
//!
//! Two generations: what is used moves to the young one; when that is full, the old one is dropped
//! whole. Deliberately does not know: where answers come from.

use std::collections::HashMap;
use std::hash::Hash;

pub(super) struct Remembered<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    /// Most entries of one generation.
    most: usize,
    forgotten: u64,
}

/// When the disk was asked: an answer from before something was forgotten may be a ghost.
#[derive(Clone, Copy)]
pub(super) struct AskedAt(u64);

impl<K: Eq + Hash + Clone, V: Clone> Remembered<K, V> {
    /// Remembers between `most` and `2 * most` answers.
    pub(super) fn new(most: usize) -> Remembered<K, V> {
        Remembered {
            young: HashMap::new(),
            old: HashMap::new(),
            most,
            forgotten: 0,
        }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.insert(key.clone(), value.clone());
        Some(value)
    }

    pub(super) fn holds(&mut self, key: &K) -> bool {
        self.young.contains_key(key) || self.get(key).is_some()
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.most {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// To be taken before the disk is asked.
    pub(super) fn asking(&self) -> AskedAt {
        AskedAt(self.forgotten)
    }

    /// Remembers an answer of the disk, unless something was forgotten since it was asked.
    pub(super) fn insert_asked(&mut self, asked: AskedAt, key: K, value: V) {
        if asked.0 == self.forgotten {
            self.insert(key, value);
        }
    }

    pub(super) fn forget(&mut self, key: &K) {
        self.forgotten += 1;
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let mut memory = Remembered::new(4);
        for n in 0..100 {
            memory.insert(n, n * 2);
            assert_eq!(memory.get(&0), Some(0), "0 is used all the time");
            assert!(memory.young.len() <= 4 && memory.old.len() <= 4);
        }
        assert_eq!(memory.get(&1), None);
    }

    #[test]
    fn an_answer_older_than_a_forgetting_is_not_remembered() {
        let mut memory = Remembered::new(4);
        let asked = memory.asking();
        memory.forget(&1);
        memory.insert_asked(asked, 1, 1);
        assert_eq!(memory.get(&1), None);
        let asked = memory.asking();
        memory.insert_asked(asked, 1, 1);
        assert_eq!(memory.get(&1), Some(1));
    }
}
