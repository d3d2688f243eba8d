//! All that is measured of lists: whether they find what is wanted, how far they reach, and how they sit with
//! a person's own mix of topics.

use learn::Counts;
use learn::evaluate::Case;
use rayon::prelude::*;
use recommend::{Mix, Model, Topics};
use serde::Serialize;
use std::collections::HashMap;
use vocabulary::ItemId;

/// A mean with its standard error over people.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}

/// What is measured of lists of one length.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct At {
    /// The length.
    pub length: usize,
    /// Of what is wanted the share that is found, at most what fits.
    pub recall: Mean,
    /// Normalised discounted cumulative gain, binary gains.
    pub ndcg: Mean,
    /// The share of people for whom anything is found.
    pub hit_rate: Mean,
    /// The share of all items that anybody is shown.
    pub coverage: f64,
    /// How unequally items are shown: 0 all alike, 1 one only.
    pub gini: f64,
    /// How rare what is shown is: the mean of `−log2` of the share of people who have it.
    pub novelty: f64,
    /// How unlike each other the items of a list are: the mean over pairs of 1 minus the overlap of their
    /// topics. 0 without topics.
    pub variety: Mean,
    /// How unlike the list's topics are to the person's own (Kullback-Leibler, smoothed with .01, Steck
    /// 2018). 0 without topics.
    pub miscalibration: Mean,
    /// How many topics the list amounts to: the exponential of the entropy.
    pub topics: Mean,
    /// The share of the list that is relevant (it turns out to be wanted) and unexpected: neither of the history
    /// nor in what primitive models would list, here popularity and what the person had most often (Ge,
    /// Delgado-Battenfeld and Jannach, "Beyond accuracy", RecSys 2010).
    pub serendipity: Mean,
}

/// One for each length.
pub type Measures = Vec<At>;

/// What lists stand on.
pub(super) struct Ground<'a> {
    places: HashMap<&'a ItemId, u32>,
    shares: Vec<f64>,
    topics: &'a Topics,
}

impl<'a> Ground<'a> {
    pub(super) fn new(counts: &Counts, model: &'a Model, topics: &'a Topics) -> Ground<'a> {
        let people = counts.people().max(1) as f64;
        Ground {
            places: model.items().iter().zip(0..).collect(),
            // Half a person more, so that what nobody has is rare and not infinitely so.
            shares: (0..model.items().len())
                .map(|at| (counts.people_of(at) as f64 + 0.5) / (people + 1.0))
                .collect(),
            topics,
        }
    }
}

pub(super) fn lists(cases: &[Case], list: &(dyn Fn(&Case) -> Vec<ItemId> + Sync)) -> Vec<Vec<ItemId>> {
    cases.par_iter().map(list).collect()
}

pub(super) fn measure(
    cases: &[Case],
    lists: &[Vec<ItemId>],
    expected: &[Vec<ItemId>],
    lengths: &[usize],
    ground: &Ground<'_>,
) -> Measures {
    lengths
        .iter()
        .map(|length| at(cases, lists, expected, *length, ground))
        .collect()
}

fn at(
    cases: &[Case],
    lists: &[Vec<ItemId>],
    expected: &[Vec<ItemId>],
    length: usize,
    ground: &Ground<'_>,
) -> At {
    let each: Vec<[f64; 7]> = cases
        .par_iter()
        .zip(lists)
        .zip(expected)
        .map(|((case, list), expected)| {
            of_one(
                case,
                list.get(..length.min(list.len())).unwrap_or_default(),
                expected.get(..length.min(expected.len())).unwrap_or_default(),
                length,
                ground,
            )
        })
        .collect();
    let mean = |nth: usize| {
        let people = each.len().max(1) as f64;
        let value = |one: &[f64; 7]| one.get(nth).copied().unwrap_or(0.0);
        let mean = each.iter().map(value).sum::<f64>() / people;
        let variance = each.iter().map(|one| (value(one) - mean).powi(2)).sum::<f64>() / people;
        Mean {
            mean,
            error: (variance / people).sqrt(),
        }
    };
    let mut shown = vec![0u64; ground.shares.len()];
    let (mut rare, mut number) = (0.0, 0u64);
    for item in lists.iter().flat_map(|list| list.iter().take(length)) {
        if let Some(at) = ground.places.get(item).copied() {
            if let Some(times) = shown.get_mut(at as usize) {
                *times += 1;
            }
            rare -= ground.shares.get(at as usize).copied().unwrap_or(1.0).log2();
            number += 1;
        }
    }
    At {
        length,
        recall: mean(0),
        ndcg: mean(1),
        hit_rate: mean(2),
        coverage: shown.iter().filter(|times| **times > 0).count() as f64 / shown.len().max(1) as f64,
        gini: gini(&mut shown),
        novelty: rare / number.max(1) as f64,
        variety: mean(3),
        miscalibration: mean(4),
        topics: mean(5),
        serendipity: mean(6),
    }
}

fn of_one(case: &Case, list: &[ItemId], expected: &[ItemId], length: usize, ground: &Ground<'_>) -> [f64; 7] {
    let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    let hits: Vec<usize> = (0..)
        .zip(list)
        .filter(|(_, item)| case.wanted.contains(*item))
        .map(|(rank, _)| rank)
        .collect();
    // What was had most often is of the history, and so expected without being asked.
    let surprises = list.iter().filter(|item| {
        let known = || case.history.iter().any(|act| act.item == **item);
        case.wanted.contains(*item) && !expected.contains(item) && !known()
    });
    let surprises = surprises.count();
    let ideal: f64 = (0..case.wanted.len().min(length)).map(gain).sum();
    let places: Vec<u32> = list
        .iter()
        .filter_map(|item| ground.places.get(item).copied())
        .collect();
    let mix = ground.topics.mix(places.iter().map(|at| (*at, 1.0)));
    let own = ground.topics.mix(
        case.history
            .iter()
            .filter_map(|act| Some((*ground.places.get(&act.item)?, 1.0))),
    );
    [
        hits.len() as f64 / case.wanted.len().clamp(1, length.max(1)) as f64,
        hits.iter().map(|rank| gain(*rank)).sum::<f64>() / ideal.max(f64::MIN_POSITIVE),
        f64::from(u8::from(!hits.is_empty())),
        unlike(&places, ground.topics),
        divergence(&own, &mix),
        entropy(&mix).exp(),
        surprises as f64 / length.max(1) as f64,
    ]
}

fn unlike(places: &[u32], topics: &Topics) -> f64 {
    let (mut sum, mut pairs) = (0.0, 0u32);
    for (nth, a) in places.iter().enumerate() {
        for b in places.iter().skip(nth + 1) {
            let (a, b) = (topics.of(*a), topics.of(*b));
            if a.is_empty() || b.is_empty() {
                continue;
            }
            let common = a.iter().filter(|topic| b.contains(topic)).count() as f64;
            sum += 1.0 - common / ((a.len() * b.len()) as f64).sqrt();
            pairs += 1;
        }
    }
    sum / f64::from(pairs.max(1))
}

pub(crate) fn divergence(own: &Mix, list: &Mix) -> f64 {
    let pairs = own.0.iter().zip(&list.0).filter(|(p, _)| **p > 0.0);
    pairs.map(|(p, q)| p * (p / (0.99 * q + 0.01 * p)).ln()).sum()
}

pub(crate) fn entropy(mix: &Mix) -> f64 {
    mix.0
        .iter()
        .filter(|share| **share > 0.0)
        .map(|share| -share * share.ln())
        .sum()
}

pub(crate) fn gini(shown: &mut [u64]) -> f64 {
    shown.sort_unstable();
    let all: u64 = shown.iter().sum();
    let n = shown.len() as f64;
    let weighted: f64 = shown
        .iter()
        .enumerate()
        .map(|(nth, times)| (nth as f64 + 1.0) * *times as f64)
        .sum();
    if all == 0 {
        0.0
    } else {
        2.0 * weighted / (n * all as f64) - (n + 1.0) / n
    }
}
