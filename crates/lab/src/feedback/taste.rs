//! True taste: a low-rank factorisation of who had what (truncated singular values, by subspace iteration), and what
//! becomes of it as people click.
//!
//! Counts are divided by the length of a person's history and by how many have the item (both under a root), as in
//! correspondence analysis, so that the directions are those of taste and not of activity and fame. How much an item
//! appeals to everybody comes back with a fourth root: half of fame is taken for what was shown most.

use crate::consents::scramble;
use rayon::prelude::*;

/// Directions of people and of items; the product of two is how far the one likes the other.
pub(super) struct Factors {
    pub(super) people: Vec<Vec<f64>>,
    pub(super) items: Vec<Vec<f64>>,
}

/// More change the directions no further, on the shipped data.
const ITERATIONS: usize = 12;

impl Factors {
    /// From the items of each person.
    pub(super) fn new(rows: &[Vec<u32>], items: usize, rank: usize, seed: u64) -> Factors {
        let mut having = vec![0.0f64; items];
        for item in rows.iter().flatten() {
            if let Some(count) = having.get_mut(*item as usize) {
                *count += 1.0;
            }
        }
        let scale: Vec<f64> = having.iter().map(|count| 1.0 / count.max(1.0).sqrt()).collect();
        let mut basis: Vec<Vec<f64>> = (0..rank as u64)
            .map(|nth| {
                let draw = |at: usize| unit(&[seed, nth, at as u64]) - 0.5;
                (0..items).map(draw).collect()
            })
            .collect();
        orthonormal(&mut basis);
        for _ in 0..ITERATIONS {
            basis = basis
                .par_iter()
                .map(|one| back(rows, &scale, &forth(rows, &scale, one)))
                .collect();
            orthonormal(&mut basis);
        }
        let by_person: Vec<Vec<f64>> = basis.par_iter().map(|one| forth(rows, &scale, one)).collect();
        let column = |of: &[Vec<f64>], at: usize| -> Vec<f64> {
            of.iter().map(|one| one.get(at).copied().unwrap_or(0.0)).collect()
        };
        let people = (0..rows.len()).map(|at| column(&by_person, at)).collect();
        let fame = having.iter().map(|count| count.max(1.0).sqrt().sqrt());
        let items = fame
            .enumerate()
            .map(|(at, fame)| column(&basis, at).into_iter().map(|x| x * fame).collect())
            .collect();
        Factors { people, items }
    }
}

/// How far somebody likes each item, in deviations from the mean of what they think of all.
pub(super) fn appeal(taste: &[f64], items: &[Vec<f64>]) -> Vec<f64> {
    let raw: Vec<f64> = items.iter().map(|item| dot(taste, item)).collect();
    let n = raw.len().max(1) as f64;
    let mean = raw.iter().sum::<f64>() / n;
    let spread = (raw.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    raw.into_iter().map(|x| (x - mean) / spread.max(1e-12)).collect()
}

/// The places of the greatest values, the greatest first; of equals the earlier.
pub(super) fn best(values: &[f64], most: usize) -> Vec<u32> {
    let mut order: Vec<(f64, u32)> = values.iter().copied().zip(0..).collect();
    let by = |a: &(f64, u32), b: &(f64, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if most < order.len() {
        order.select_nth_unstable_by(most, by);
        order.truncate(most);
    }
    order.sort_unstable_by(by);
    order.into_iter().map(|(_, at)| at).collect()
}

/// The chance that somebody who looks at an item clicks it: even at one and a half deviations above the mean (one in
/// fifteen items), almost none below it.
pub(super) fn chance(appeal: f64) -> f64 {
    1.0 / (1.0 + (-2.0 * (appeal - 1.5)).exp())
}

/// Taste after a round: moved by `drift` of its length towards the middle of what was clicked.
pub(super) fn drifted(taste: &[f64], clicked: &[&Vec<f64>], drift: f64) -> Vec<f64> {
    let mut towards = vec![0.0; taste.len()];
    for item in clicked {
        let length = dot(item, item).sqrt().max(1e-12);
        towards
            .iter_mut()
            .zip(*item)
            .for_each(|(sum, x)| *sum += x / length);
    }
    let (own, other) = (dot(taste, taste).sqrt(), dot(&towards, &towards).sqrt());
    if other <= 0.0 {
        return taste.to_vec();
    }
    let moved = taste.iter().zip(&towards);
    moved
        .map(|(x, to)| (1.0 - drift) * x + drift * own * to / other)
        .collect()
}

/// How far a taste has turned: 1 − cosine, 0 the same.
pub(super) fn turned(from: &[f64], to: &[f64]) -> f64 {
    1.0 - dot(from, to) / (dot(from, from) * dot(to, to)).sqrt().max(1e-12)
}

/// A draw from 0 to 1 that depends on all of `of`.
pub(super) fn unit(of: &[u64]) -> f64 {
    let drawn = of.iter().fold(0u64, |state, one| {
        scramble(state.rotate_left(23) ^ scramble(*one))
    });
    (drawn >> 11) as f64 / (1u64 << 53) as f64
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn forth(rows: &[Vec<u32>], scale: &[f64], of_items: &[f64]) -> Vec<f64> {
    let of = |at: &u32| {
        let at = *at as usize;
        of_items.get(at).copied().unwrap_or(0.0) * scale.get(at).copied().unwrap_or(0.0)
    };
    rows.iter()
        .map(|row| row.iter().map(of).sum::<f64>() / (row.len().max(1) as f64).sqrt())
        .collect()
}

fn back(rows: &[Vec<u32>], scale: &[f64], of_people: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; scale.len()];
    for (row, x) in rows.iter().zip(of_people) {
        let x = x / (row.len().max(1) as f64).sqrt();
        for at in row {
            if let Some(sum) = sums.get_mut(*at as usize) {
                *sum += x;
            }
        }
    }
    sums.into_iter()
        .zip(scale)
        .map(|(sum, scale)| sum * scale)
        .collect()
}

/// Gram and Schmidt, one after the other.
fn orthonormal(basis: &mut [Vec<f64>]) {
    for nth in 0..basis.len() {
        let (done, rest) = basis.split_at_mut(nth);
        let Some(one) = rest.first_mut() else { return };
        for earlier in done.iter() {
            let common = dot(one, earlier);
            one.iter_mut().zip(earlier).for_each(|(x, y)| *x -= common * y);
        }
        let length = dot(one, one).sqrt().max(1e-12);
        one.iter_mut().for_each(|x| *x /= length);
    }
}
