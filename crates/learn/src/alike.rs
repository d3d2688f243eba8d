//! What is publicly known of items, for those that hardly anybody has yet: who likes a thing can be told of a
//! new one of the same category, or whose name has the same words.
//!
//! Each item is a vector of its categories and the words of its name, each counting by how rare it is in the
//! catalogue (tf-idf), words by their hash. The weight from item i to item j is the cosine of their vectors,
//! times `s / (s + people who have j)`: what people have together speaks louder the more of them there are.
//!
//! Nothing of anybody is in it but the public number of people, so it is learned again from the catalogue
//! alone. Deliberately does not know: the catalogue's other columns, languages, who has what.

use crate::solve::strongest;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hasher;
use vocabulary::{Fnv, ItemId};

/// An item counts as new while about so many people have it.
const NEW: f64 = 10.0;
/// Below this share of a whole cosine nothing is said.
const LEAST: f64 = 0.02;
/// A word of more items than this says nothing of any, and would make everything alike.
const COMMON: usize = 2_000;
/// Most words of one item.
const MOST_WORDS: usize = 64;
/// A category counts as much as so many mentions of a word.
const OF_CATEGORY: f64 = 2.0;

/// The public facts of a catalogue.
#[derive(Clone, Default, Debug)]
pub struct Facts(BTreeMap<ItemId, BTreeMap<u64, f64>>);

impl Facts {
    /// Adds an item: its name, and what categories it is in, if any.
    pub fn add<'c>(&mut self, item: ItemId, name: &str, categories: impl IntoIterator<Item = &'c str>) {
        let mut words: BTreeMap<u64, f64> = BTreeMap::new();
        for category in categories.into_iter().filter(|category| !category.is_empty()) {
            words.insert(hash("category ", category), OF_CATEGORY);
        }
        let of_name = name.split(|letter: char| !letter.is_alphanumeric());
        for word in of_name.filter(|word| word.chars().count() > 1).take(MOST_WORDS) {
            *words.entry(hash("word ", word)).or_default() += 1.0;
        }
        self.0.insert(item, words);
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Per item in the order given, (source, weight) of the `most` most alike, ascending by source.
    pub(crate) fn weights(
        &self,
        items: &[ItemId],
        people_of: impl Fn(usize) -> u64 + Sync,
        most: usize,
    ) -> Vec<Vec<(u32, f32)>> {
        if self.is_empty() || most == 0 {
            return vec![Vec::new(); items.len()];
        }
        let nothing = BTreeMap::new();
        let words: Vec<&BTreeMap<u64, f64>> = items
            .iter()
            .map(|item| self.0.get(item).unwrap_or(&nothing))
            .collect();
        let mut of_word: HashMap<u64, Vec<(u32, f64)>> = HashMap::new();
        for (at, words) in (0u32..).zip(&words) {
            for (word, count) in *words {
                of_word.entry(*word).or_default().push((at, *count));
            }
        }
        of_word.retain(|_, those| (2..=COMMON).contains(&those.len()));
        let rarity = |word: &u64| {
            let those = of_word.get(word).map_or(0, Vec::len);
            let rare = (those > 0).then(|| (items.len() as f64 / those as f64).ln().max(0.0));
            rare.unwrap_or(0.0)
        };
        let lengths = words.par_iter().map(|words| {
            let squares = words.iter().map(|(word, count)| (count * rarity(word)).powi(2));
            squares.sum::<f64>().sqrt()
        });
        let lengths: Vec<f64> = lengths.collect();
        let columns = (0..items.len()).into_par_iter().map(|target| {
            let new = NEW / (NEW + people_of(target) as f64);
            let own = lengths.get(target).copied().unwrap_or(0.0);
            if new < LEAST || own <= 0.0 {
                return Vec::new();
            }
            // In the order of items, so that every sum is made in one order.
            let mut products: BTreeMap<u32, f64> = BTreeMap::new();
            for (word, count) in words.get(target).copied().unwrap_or(&nothing) {
                let rare = rarity(word);
                for (other, of_other) in of_word.get(word).map_or(&[][..], Vec::as_slice) {
                    *products.entry(*other).or_default() += count * rare * of_other * rare;
                }
            }
            let mut list: Vec<(f32, u32)> = products
                .into_iter()
                .filter(|(other, _)| *other as usize != target)
                .filter_map(|(other, product)| {
                    let of_other = lengths
                        .get(other as usize)
                        .copied()
                        .filter(|length| *length > 0.0)?;
                    let weight = product / (own * of_other) * new;
                    (weight >= LEAST).then_some((weight as f32, other))
                })
                .collect();
            strongest(&mut list, most);
            let mut list: Vec<(u32, f32)> = list.into_iter().map(|(weight, other)| (other, weight)).collect();
            list.sort_unstable_by_key(|(other, _)| *other);
            list
        });
        columns.collect()
    }
}

/// The hash of a word without regard to capitals.
fn hash(kind: &str, word: &str) -> u64 {
    let mut hash = Fnv::default();
    hash.write(kind.as_bytes());
    hash.write(word.to_lowercase().as_bytes());
    hash.finish()
}
