//! The directed part: how much more often than by chance an item comes on a day after another one.

use crate::solve::{Gram, strongest};
use crate::{Counts, ONE};
use rayon::prelude::*;

/// Per target among the kept items, the `most` strongest (source, weight), ascending by source.
///
/// `weight(i→j) = (T_ij − T_i · T_j / T) / (c_i + shrink)`: the transitions seen less those expected if
/// what comes after did not depend on what was before, per weight of the source. Only positive ones.
pub(crate) fn transitions(
    counts: &Counts,
    gram: &Gram<'_>,
    most: usize,
    shrink: f64,
) -> Vec<Vec<(u32, f32)>> {
    let seen = |from: usize, to: usize| counts.transition(from, to) as f64 / ONE as f64;
    let sources = gram
        .kept
        .par_iter()
        .map(|from| gram.kept.iter().map(|to| seen(*from, *to)).sum());
    let sources: Vec<f64> = sources.collect();
    let all: f64 = sources.iter().sum();
    if all <= 0.0 {
        return vec![Vec::new(); gram.len()];
    }
    let columns = gram.kept.par_iter().map(|to| {
        let column: Vec<f64> = gram.kept.iter().map(|from| seen(*from, *to)).collect();
        let share = column.iter().sum::<f64>() / all;
        let mut list = Vec::new();
        for (at, ((from, seen), of_source)) in gram.kept.iter().zip(&column).zip(&sources).enumerate() {
            let own = counts.transition_weight(*from) as f64 / ONE as f64;
            let weight = (seen - of_source * share) / (own + shrink);
            if from != to && *seen > 0.0 && weight > 0.0 {
                list.push((weight as f32, at as u32));
            }
        }
        strongest(&mut list, most);
        let mut list: Vec<(u32, f32)> = list.into_iter().map(|(weight, at)| (at, weight)).collect();
        list.sort_unstable_by_key(|(at, _)| *at);
        list
    });
    columns.collect()
}
