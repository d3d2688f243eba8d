//! The weights of each item's chosen neighbours: one small ridge regression per item.
//!
//! Cutting a dense solution down to its greatest entries loses what the others carried; solving again
//! on the chosen support gets most of it back (Steck, "Markov Random Fields for Collaborative
//! Filtering", NeurIPS 2019). For target j with neighbours S: `w = (G_SS + λI)⁻¹ G_Sj`.

use crate::Error;
use crate::solve::Gram;
use rayon::prelude::*;

/// Per target, (source, weight), in the order of the support.
pub(crate) fn refit(gram: &Gram<'_>, support: &[Vec<u32>]) -> Result<Vec<Vec<(u32, f32)>>, Error> {
    let columns = support.par_iter().enumerate().map(|(target, sources)| {
        let matrix = sources.iter().enumerate().map(|(nth, a)| {
            let row = sources.iter().take(nth + 1);
            row.map(|b| gram.entry(*a as usize, *b as usize)).collect()
        });
        let mut matrix: Vec<Vec<f64>> = matrix.collect();
        let mut weights: Vec<f64> = sources.iter().map(|a| gram.entry(*a as usize, target)).collect();
        solve_in_place(&mut matrix, &mut weights).ok_or(Error::NotPositive { ridge: gram.ridge })?;
        Ok(sources
            .iter()
            .copied()
            .zip(weights.into_iter().map(|weight| weight as f32))
            .collect())
    });
    columns.collect()
}

/// Solves `A x = b` for a symmetric positive definite `A`, given as the rows of its lower triangle; `x`
/// ends up in `b`. `None` if `A` is not positive definite. Written out so that the order of every
/// addition is fixed: the same on every machine and any number of threads.
pub(crate) fn solve_in_place(a: &mut [Vec<f64>], b: &mut [f64]) -> Option<()> {
    // A = L Lᵀ, row by row; then L y = b on the way.
    for i in 0..a.len() {
        let (done, rest) = a.split_at_mut(i);
        let row = rest.first_mut()?;
        for (j, earlier) in done.iter().enumerate() {
            let (known, open) = row.split_at_mut(j);
            let value = open.first_mut()?;
            *value = (*value - dot(known, earlier)) / earlier.get(j)?;
        }
        let (known, pivot) = row.split_at_mut(i);
        let pivot = pivot.first_mut()?;
        let square = *pivot - dot(known, known);
        if !(square > 0.0 && square.is_finite()) {
            return None;
        }
        *pivot = square.sqrt();
        let (solved, open) = b.split_at_mut(i);
        let value = open.first_mut()?;
        *value = (*value - dot(known, solved)) / *pivot;
    }
    // Lᵀ x = y, from the end.
    for i in (0..a.len()).rev() {
        let row = a.get(i)?;
        let (open, value) = b.split_at_mut(i);
        let value = value.first_mut()?;
        *value /= row.get(i)?;
        open.iter_mut()
            .zip(row)
            .for_each(|(other, factor)| *other -= factor * *value);
    }
    Some(())
}

/// In eight running sums, which the compiler turns into vector instructions without changing the result.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.get(..a.len().min(b.len())).unwrap_or(a), b);
    let (heads, tails) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = heads
        .remainder()
        .iter()
        .zip(b.get(a.len() & !7..).unwrap_or(&[]))
        .map(|(x, y)| x * y)
        .sum();
    let mut sums = [0.0f64; 8];
    for (x, y) in heads.zip(tails) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_solution_solves(factors in prop::collection::vec(prop::collection::vec(-1.0f64..1.0, 30), 1..30)) {
            let n = factors.len();
            // F Fᵀ + I is positive definite.
            let entry = |i: usize, j: usize| {
                let dot: f64 = factors[i].iter().zip(&factors[j]).map(|(x, y)| x * y).sum();
                dot + f64::from(u8::from(i == j))
            };
            let mut a: Vec<Vec<f64>> = (0..n).map(|i| (0..=i).map(|j| entry(i, j)).collect()).collect();
            let b: Vec<f64> = (0..n).map(|i| factors[i][0]).collect();
            let mut x = b.clone();
            prop_assert!(solve_in_place(&mut a, &mut x).is_some());
            for (i, wanted) in b.iter().enumerate() {
                let product: f64 = x.iter().enumerate().map(|(j, x)| entry(i, j) * x).sum();
                prop_assert!((product - wanted).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn an_indefinite_matrix_is_refused() {
        let mut a = vec![vec![1.0], vec![2.0, 1.0]];
        assert_eq!(solve_in_place(&mut a, &mut [1.0, 1.0]), None);
    }
}
