//! Which items speak for which: the support of the sparse model, read off one dense inverse.
//!
//! EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019): with
//! `P = (G + λI)⁻¹`, the weight from item i to item j is `B_ij = −P_ij / P_jj`.

use crate::{Counts, Error, ONE};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor;
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::{Accum, Mat, Par};
use rayon::prelude::*;

/// The parallelism asked of faer, whatever the machine has: how it cuts a product up depends on this
/// number and must not depend on the machine, or the same counts would give other bytes there.
const PARTS: std::num::NonZeroUsize = std::num::NonZeroUsize::MIN.saturating_add(3);

/// The items that take part, and their Gram matrix.
pub(crate) struct Gram<'c> {
    counts: &'c Counts,
    /// Positions in the counts, ascending.
    pub(crate) kept: Vec<usize>,
    /// What is added to the diagonal.
    pub(crate) ridge: f64,
    /// What is added to the diagonal beside it, as a multiple of the entry itself.
    of_own: f64,
}

impl<'c> Gram<'c> {
    /// The items that at least `least_people` people have; `ridge` times their mean diagonal is the ridge.
    pub(crate) fn new(
        counts: &'c Counts,
        least_people: u32,
        ridge: f64,
        dropout: f64,
    ) -> Result<Gram<'c>, Error> {
        let enough = u64::from(least_people.max(1));
        let kept: Vec<usize> = (0..counts.items().len())
            .filter(|at| counts.people_of(*at) >= enough)
            .collect();
        if kept.is_empty() {
            return Err(Error::NothingToLearn {
                people: counts.people(),
                items: 0,
                least: least_people,
            });
        }
        let trace: f64 = kept
            .iter()
            .map(|at| counts.pair(*at, *at) as f64 / ONE as f64)
            .sum();
        let ridge = ridge * trace / kept.len() as f64;
        let of_own = of_own(dropout);
        Ok(Gram {
            counts,
            kept,
            ridge,
            of_own,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// An entry by positions among the kept items, with the ridge on the diagonal.
    pub(crate) fn entry(&self, a: usize, b: usize) -> f64 {
        let (Some(first), Some(second)) = (self.kept.get(a), self.kept.get(b)) else {
            return 0.0;
        };
        let count = self.counts.pair(*first, *second) as f64 / ONE as f64;
        if a == b {
            count * (1.0 + self.of_own) + self.ridge
        } else {
            count
        }
    }

    /// `(G + λI)⁻¹`, the lower triangle; what is above the diagonal means nothing.
    pub(crate) fn inverse(&self) -> Result<Mat<f32>, Error> {
        let n = self.len();
        let gram = Mat::from_fn(n, n, |a, b| if a >= b { self.entry(a, b) as f32 } else { 0.0 });
        inverse(gram, self.ridge)
    }

    /// Per target, the `most` sources with the greatest `|B_ij|`, as positions among the kept items,
    /// ascending. Of equal ones the earlier item.
    pub(crate) fn support(&self, most: usize) -> Result<Vec<Vec<u32>>, Error> {
        Ok(support(&self.inverse()?, most))
    }
}

/// The inverse of a positive definite matrix of which the lower triangle is given: its lower triangle, in
/// the same memory; what is above the diagonal means nothing.
pub(crate) fn inverse(mut gram: Mat<f32>, ridge: f64) -> Result<Mat<f32>, Error> {
    let n = gram.nrows();
    let par = Par::Rayon(PARTS);
    let mut buffer = MemBuffer::new(factor::cholesky_in_place_scratch::<f32>(
        n,
        par,
        Default::default(),
    ));
    factor::cholesky_in_place(
        gram.as_mut(),
        Default::default(),
        par,
        MemStack::new(&mut buffer),
        Default::default(),
    )
    .map_err(|_| Error::NotPositive { ridge })?;
    let mut factor = Mat::<f32>::zeros(n, n);
    invert_lower_triangular(factor.as_mut(), gram.as_ref(), par);
    // L⁻ᵀ L⁻¹, into the memory of the Gram matrix: two matrices at the peak, not three.
    matmul(
        gram.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        factor.as_ref().transpose(),
        BlockStructure::TriangularUpper,
        factor.as_ref(),
        BlockStructure::TriangularLower,
        1.0,
        par,
    );
    Ok(gram)
}

/// Per target, the `most` sources with the greatest `|B_ij|` of an inverse, ascending; of equal ones the
/// earlier.
pub(crate) fn support(inverse: &Mat<f32>, most: usize) -> Vec<Vec<u32>> {
    let n = inverse.nrows();
    let columns = (0..n).into_par_iter().map(|target| {
        let entry = |source: usize| {
            let (row, column) = (source.max(target), source.min(target));
            inverse.get(row, column).abs()
        };
        let mut sources: Vec<(f32, u32)> = (0..n)
            .filter(|source| *source != target)
            .map(|source| (entry(source), source as u32))
            .collect();
        strongest(&mut sources, most);
        let mut chosen: Vec<u32> = sources.into_iter().map(|(_, source)| source).collect();
        chosen.sort_unstable();
        chosen
    });
    columns.collect()
}

/// What a dropout adds to the diagonal, as a multiple of the entry itself.
pub(crate) fn of_own(dropout: f64) -> f64 {
    let dropout = dropout.clamp(0.0, 0.99);
    dropout / (1.0 - dropout)
}

/// Leaves the `most` greatest; of equal ones those that come first by number.
pub(crate) fn strongest(list: &mut Vec<(f32, u32)>, most: usize) {
    let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if most == 0 {
        list.clear();
    } else if list.len() > most {
        list.select_nth_unstable_by(most - 1, order);
        list.truncate(most);
    }
}
