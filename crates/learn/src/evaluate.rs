//! How good lists are, and the models that ours has to beat.

use crate::solve::{Gram, strongest};
use crate::{Counts, Error};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use vocabulary::{Interaction, ItemId, Moment};

/// One person in a test: what is known of them, and what they turn out to want.
#[derive(Clone, Debug)]
pub struct Case {
    /// What the model sees.
    pub history: Vec<Interaction>,
    /// What it is to find.
    pub wanted: HashSet<ItemId>,
    /// Whether items of the history may be listed.
    pub repeats: bool,
    /// The moment of the question.
    pub now: Moment,
}

impl Case {
    /// Whether an item may stand in this person's list.
    pub fn may_list(&self, known: &HashSet<&ItemId>, item: &ItemId) -> bool {
        self.repeats || !known.contains(item)
    }

    /// The items of the history.
    pub fn known(&self) -> HashSet<&ItemId> {
        self.history.iter().map(|act| &act.item).collect()
    }
}

/// Means over people.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Quality {
    /// How many people.
    pub people: usize,
    /// Of the first 20 items, those wanted, as a share of what could be wanted there: `min(20, wanted)`.
    pub recall_20: f64,
    /// Standard error of `recall_20` over people.
    pub recall_error: f64,
    /// Normalised discounted cumulative gain of the first 100, binary gains.
    pub ndcg_100: f64,
    /// Standard error of `ndcg_100` over people.
    pub ndcg_error: f64,
}

/// Asks for the best 100 items of each case and measures them. Both cores; the result does not depend
/// on the number of threads.
pub fn measure(cases: &[Case], list: impl Fn(&Case) -> Vec<ItemId> + Sync) -> Quality {
    let each: Vec<(f64, f64)> = cases
        .par_iter()
        .map(|case| {
            let list = list(case);
            let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
            let hits = list
                .iter()
                .take(100)
                .enumerate()
                .filter(|(_, item)| case.wanted.contains(*item));
            let (mut found, mut gained) = (0.0, 0.0);
            for (rank, _) in hits {
                gained += gain(rank);
                found += f64::from(u8::from(rank < 20));
            }
            let ideal: f64 = (0..case.wanted.len().min(100)).map(gain).sum();
            (
                found / case.wanted.len().clamp(1, 20) as f64,
                gained / ideal.max(f64::MIN_POSITIVE),
            )
        })
        .collect();
    let people = each.len().max(1) as f64;
    let recall_20 = each.iter().map(|(recall, _)| recall).sum::<f64>() / people;
    let ndcg_100 = each.iter().map(|(_, ndcg)| ndcg).sum::<f64>() / people;
    let error = |squares: f64| (squares / people / people).sqrt();
    let of_recall = each.iter().map(|(recall, _)| (recall - recall_20).powi(2));
    let of_ndcg = each.iter().map(|(_, ndcg)| (ndcg - ndcg_100).powi(2));
    Quality {
        people: each.len(),
        recall_20,
        recall_error: error(of_recall.sum()),
        ndcg_100,
        ndcg_error: error(of_ndcg.sum()),
    }
}

/// The list of a model of ours, as it is shipped.
pub fn shipped(model: &recommend::Model, case: &Case) -> Vec<ItemId> {
    let known = case.known();
    let scores = recommend::score_all(model, &case.history, &[], case.now);
    let top = scores.top(100, |item| case.may_list(&known, item));
    top.into_iter().map(|(item, _)| item.clone()).collect()
}

/// What a person bought most often, the latest first among equals, then what is popular: the baseline
/// that repeat purchases make hard to beat.
pub fn own_frequency(popularity: &Dense, case: &Case) -> Vec<ItemId> {
    let mut own: Vec<&Interaction> = case.history.iter().filter(|_| case.repeats).collect();
    own.sort_by(|a, b| {
        (b.bought, b.last_at)
            .cmp(&(a.bought, a.last_at))
            .then(a.item.cmp(&b.item))
    });
    let mut list: Vec<ItemId> = own.into_iter().map(|act| act.item.clone()).collect();
    let known = case.known();
    list.extend(
        popularity
            .list(case)
            .into_iter()
            .filter(|item| !known.contains(item)),
    );
    list.truncate(100);
    list
}

/// A model that scores by one dense matrix: what ours is compared with. Not to be shipped.
pub struct Dense {
    items: Vec<ItemId>,
    index: HashMap<ItemId, u32>,
    /// By rows, from the item of the history.
    weights: Vec<Vec<f32>>,
    popularity: Vec<f64>,
}

impl Dense {
    /// By popularity alone: how many people have an item.
    pub fn popularity(counts: &Counts) -> Dense {
        let popularity = (0..counts.items().len()).map(|at| counts.people_of(at) as f64);
        Dense::new(counts, Vec::new(), popularity.collect())
    }

    /// Item-kNN: the cosine of two items' columns, each item keeping its `neighbours` closest.
    pub fn cosine(counts: &Counts, neighbours: usize) -> Dense {
        let n = counts.items().len();
        let own: Vec<f32> = (0..n)
            .map(|at| (counts.pair(at, at) as f32).sqrt().max(1.0))
            .collect();
        let rows = (0..n).into_par_iter().map(|a| {
            let mut near: Vec<(f32, u32)> = own
                .iter()
                .enumerate()
                .filter(|(b, _)| *b != a)
                .map(|(b, of_b)| {
                    (
                        counts.pair(a, b) as f32 / (of_b * own.get(a).unwrap_or(&1.0)),
                        b as u32,
                    )
                })
                .collect();
            strongest(&mut near, neighbours);
            // Each target keeps its own closest sources.
            let mut column = vec![0.0; n];
            for (cosine, b) in near {
                if let Some(place) = column.get_mut(b as usize) {
                    *place = cosine;
                }
            }
            column
        });
        let columns: Vec<Vec<f32>> = rows.collect();
        let rows = (0..n).into_par_iter().map(|source| {
            columns
                .iter()
                .map(|column| column.get(source).copied().unwrap_or(0.0))
                .collect()
        });
        Dense::new(counts, rows.collect(), vec![0.0; n])
    }

    /// Full EASE: every weight of the dense inverse.
    ///
    /// # Errors
    /// As [`crate::train`].
    pub fn ease(counts: &Counts, least_people: u32, ridge: f64) -> Result<Dense, Error> {
        let gram = Gram::new(counts, least_people, ridge, 0.0)?;
        let inverse = gram.inverse()?;
        let n = counts.items().len();
        let mut weights = vec![vec![0.0f32; n]; n];
        for (a, source) in gram.kept.iter().enumerate() {
            let Some(row) = weights.get_mut(*source) else {
                continue;
            };
            for (b, target) in gram.kept.iter().enumerate().filter(|(b, _)| *b != a) {
                if let Some(place) = row.get_mut(*target) {
                    *place = -inverse.get(a.max(b), a.min(b)) / inverse.get(b, b);
                }
            }
        }
        Ok(Dense::new(counts, weights, vec![0.0; n]))
    }

    fn new(counts: &Counts, weights: Vec<Vec<f32>>, popularity: Vec<f64>) -> Dense {
        let items = counts.items().to_vec();
        let index = items
            .iter()
            .filter_map(|item| Some((item.clone(), counts.position(item)?)))
            .collect();
        Dense {
            items,
            index,
            weights,
            popularity,
        }
    }

    /// The best 100 items for a case, each item of the history counting 1.
    pub fn list(&self, case: &Case) -> Vec<ItemId> {
        let mut scores: Vec<f64> = self.popularity.clone();
        for act in &case.history {
            let row = self
                .index
                .get(&act.item)
                .and_then(|at| self.weights.get(*at as usize));
            for (score, weight) in scores.iter_mut().zip(row.into_iter().flatten()) {
                *score += f64::from(*weight);
            }
        }
        let known = case.known();
        let mut order: Vec<(f64, &ItemId)> = scores.into_iter().zip(&self.items).collect();
        order.retain(|(_, item)| case.may_list(&known, item));
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        order
            .into_iter()
            .take(100)
            .map(|(_, item)| item.clone())
            .collect()
    }
}
