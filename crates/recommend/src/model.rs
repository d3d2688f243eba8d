//! A model in memory: items, popularity, and two sparse matrices, each kept by row (to score) and by
//! column (to explain).

use crate::{Header, Parameters};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use vocabulary::{Digest, Fnv, ItemId};

/// A model knows at most so many items.
pub const MOST_ITEMS: usize = 1_000_000;

/// A model, read from its file. Immutable; share it behind an `Arc`.
#[derive(Debug)]
pub struct Model {
    pub(crate) digest: Digest,
    pub(crate) header: Header,
    pub(crate) items: Vec<ItemId>,
    pub(crate) index: HashMap<ItemId, u32, BuildHasherDefault<Fnv>>,
    /// Popularity as given in the file: the share of people, in units of 2^-32.
    pub(crate) popularity: Vec<u32>,
    /// What popularity adds, in units of score.
    pub(crate) prior: Vec<i64>,
    pub(crate) discover: Links,
    pub(crate) next: Links,
    pub(crate) alike: Links,
}

impl Model {
    /// The content address: the SHA-256 of the file's bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What the model says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How histories become scores.
    pub fn parameters(&self) -> &Parameters {
        &self.header.parameters
    }

    /// The same weights under other parameters: to find out which serve best. It is the content of no file,
    /// and so has no address.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] where one is out of its range.
    pub fn retuned(mut self, parameters: Parameters) -> Result<Model, crate::Error> {
        parameters.check()?;
        self.header.parameters = parameters;
        self.prior = prior(&self.header, &self.popularity);
        self.digest = Digest::default();
        Ok(self)
    }

    /// Its items, sorted by identifier.
    pub fn items(&self) -> &[ItemId] {
        &self.items
    }

    /// Whether the model knows an item.
    pub fn knows(&self, item: &ItemId) -> bool {
        self.index.contains_key(item)
    }

    /// The share of people who have an item, 0 to 1; `None` for an unknown one.
    pub fn popularity(&self, item: &ItemId) -> Option<f64> {
        let at = self.position(item)?;
        Some(f64::from(*self.popularity.get(at as usize)?) / 4_294_967_296.0)
    }

    /// The symmetric part: what people have together.
    pub fn discover(&self) -> &Links {
        &self.discover
    }

    /// The directed part: what people have after something else.
    pub fn next(&self) -> &Links {
        &self.next
    }

    /// What public facts say of items that few people have: weights from the items like them.
    pub fn alike(&self) -> &Links {
        &self.alike
    }

    /// The unit of scores, a power of two: every addend of every score is a whole number of it.
    pub fn unit(&self) -> f64 {
        1.0 / (1u64 << (INPUT_BITS + u32::from(self.header.weight_bits).min(15))) as f64
    }

    /// What popularity alone gives the item at that place, as a score; 0 where there is none.
    pub fn prior_at(&self, at: u32) -> f64 {
        self.prior
            .get(at as usize)
            .map_or(0.0, |units| *units as f64 * self.unit())
    }

    /// The place of an item in [`Model::items`].
    pub fn position(&self, item: &ItemId) -> Option<u32> {
        self.index.get(item).copied()
    }
}

/// What popularity adds to each item, in units of score.
pub(crate) fn prior(header: &Header, popularity: &[u32]) -> Vec<i64> {
    let scale = (1u64 << (INPUT_BITS + u32::from(header.weight_bits))) as f64;
    let adds = |share: &u32| header.parameters.prior * scale * f64::from(*share) / 4_294_967_296.0;
    popularity
        .iter()
        .map(|share| adds(share).round() as i64)
        .collect()
}

/// A strength is a whole number of `2^-INPUT_BITS` before it meets a weight.
pub(crate) const INPUT_BITS: u32 = 16;

/// A sparse square matrix of weights from an item to an item, in units of `2^-weight_bits`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Links {
    /// By the item they come from: sorted by target.
    rows: Compressed,
    /// By the item they lead to: sorted by source.
    columns: Compressed,
}

#[derive(Clone, PartialEq, Debug, Default)]
struct Compressed {
    /// Where each list begins, and one more for the end of the last.
    starts: Vec<u32>,
    others: Vec<u32>,
    weights: Vec<i16>,
}

impl Compressed {
    fn list(&self, at: u32) -> impl Iterator<Item = (u32, i16)> + '_ {
        let at = at as usize;
        let range = match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        };
        let others = self.others.get(range.clone()).unwrap_or_default();
        let weights = self.weights.get(range).unwrap_or_default();
        others.iter().copied().zip(weights.iter().copied())
    }
}

impl Links {
    /// From the lists of each target, each sorted by source. The caller has checked that there are at
    /// most `u32::MAX` weights and that every source is below the number of lists.
    pub(crate) fn from_columns(columns: &[Vec<(u32, i16)>]) -> Links {
        let total = columns.iter().map(Vec::len).sum();
        let mut by_column = Compressed {
            starts: Vec::with_capacity(columns.len() + 1),
            others: Vec::with_capacity(total),
            weights: Vec::with_capacity(total),
        };
        let mut lengths = vec![0u32; columns.len()];
        by_column.starts.push(0);
        for column in columns {
            for (source, weight) in column {
                by_column.others.push(*source);
                by_column.weights.push(*weight);
                if let Some(length) = lengths.get_mut(*source as usize) {
                    *length += 1;
                }
            }
            by_column.starts.push(by_column.others.len() as u32);
        }
        // Counting sort: targets come in ascending order, so every row ends up sorted.
        let mut starts = Vec::with_capacity(columns.len() + 1);
        let mut end = 0u32;
        starts.push(0);
        for length in &lengths {
            end += length;
            starts.push(end);
        }
        let mut free = starts.clone();
        let mut others = vec![0u32; total];
        let mut weights = vec![0i16; total];
        for (target, column) in columns.iter().enumerate() {
            for (source, weight) in column {
                if let Some(slot) = free.get_mut(*source as usize) {
                    let at = *slot as usize;
                    *slot += 1;
                    if let (Some(other), Some(place)) = (others.get_mut(at), weights.get_mut(at)) {
                        *other = target as u32;
                        *place = *weight;
                    }
                }
            }
        }
        Links {
            rows: Compressed {
                starts,
                others,
                weights,
            },
            columns: by_column,
        }
    }

    /// The weights from the item at `source`, as (target, weight), sorted by target.
    pub fn from(&self, source: u32) -> impl Iterator<Item = (u32, i16)> + '_ {
        self.rows.list(source)
    }

    /// The weights to the item at `target`, as (source, weight), sorted by source.
    pub fn to(&self, target: u32) -> impl Iterator<Item = (u32, i16)> + '_ {
        self.columns.list(target)
    }

    /// How many weights there are.
    pub fn len(&self) -> usize {
        self.columns.others.len()
    }

    /// Whether there is no weight.
    pub fn is_empty(&self) -> bool {
        self.columns.others.is_empty()
    }
}
