//! The directed part: how much more often than by chance an item comes on a day after another one.

use crate::solve::{Gram, strongest};
use crate::{Counts, ONE};
use rayon::prelude::*;

/// The sums that one weight is made of, in units of `1/`[`ONE`].
#[derive(Clone, Copy)]
pub(crate) struct Sums {
    /// Of this transition.
    pub(crate) seen: i64,
    /// Of all transitions from its source.
    pub(crate) of_source: i64,
    /// Of all transitions to its target.
    pub(crate) of_target: i64,
    /// Of all.
    pub(crate) all: i64,
}

/// `weight(i→j) = (T_ij − T_i · T_j / T) / (c_i + shrink)`: the transitions seen less those expected if
/// what comes after did not depend on what was before, per weight `own` of the source. Only positive ones.
pub(crate) fn weight(sums: Sums, own: f64, shrink: f64) -> Option<f32> {
    let real = |sum: i64| sum as f64 / ONE as f64;
    if sums.seen <= 0 || sums.all <= 0 {
        return None;
    }
    let expected = real(sums.of_source) * (real(sums.of_target) / real(sums.all));
    let weight = (real(sums.seen) - expected) / (own + shrink);
    (weight > 0.0).then_some(weight as f32)
}

/// Per target among the kept items, the `most` strongest (source, weight), ascending by source.
pub(crate) fn transitions(
    counts: &Counts,
    gram: &Gram<'_>,
    most: usize,
    shrink: f64,
) -> Vec<Vec<(u32, f32)>> {
    let sources = gram.kept.par_iter().map(|from| {
        let to = gram.kept.iter();
        to.map(|to| counts.transition(*from, *to)).sum()
    });
    let sources: Vec<i64> = sources.collect();
    let all: i64 = sources.iter().sum();
    if all <= 0 {
        return vec![Vec::new(); gram.len()];
    }
    let columns = gram.kept.par_iter().map(|to| {
        let column: Vec<i64> = gram
            .kept
            .iter()
            .map(|from| counts.transition(*from, *to))
            .collect();
        let of_target = column.iter().sum();
        let mut list = Vec::new();
        for (at, ((from, seen), of_source)) in gram.kept.iter().zip(&column).zip(&sources).enumerate() {
            let own = counts.transition_weight(*from) as f64 / ONE as f64;
            let sums = Sums {
                seen: *seen,
                of_source: *of_source,
                of_target,
                all,
            };
            if let Some(weight) = weight(sums, own, shrink).filter(|_| from != to) {
                list.push((weight, at as u32));
            }
        }
        strongest(&mut list, most);
        let mut list: Vec<(u32, f32)> = list.into_iter().map(|(weight, at)| (at, weight)).collect();
        list.sort_unstable_by_key(|(at, _)| *at);
        list
    });
    columns.collect()
}
