//! Small symmetric positive definite systems, thousands of them one after the other: factored in single precision, made
//! exact in double precision.
//!
//! `A = Uᵀ U` by four rows at a time, so that each row of what is left is read and written once for four of them
//! (Golub and Van Loan, "Matrix Computations", 4.2.9). The rounding of single precision is then taken out again:
//! what the solution leaves over is worked out in double precision and solved for in turn (iterative refinement,
//! Higham, "Accuracy and Stability of Numerical Algorithms", chapter 12). Where that does not come to rest, all is
//! done in double precision.
//!
//! Written out so that the order of every addition is fixed: the same on every machine and any number of threads.
//! Deliberately does not know: what the systems are of.

/// Rows that are taken together.
const BLOCK: usize = 4;
/// A correction that is smaller than this part of the solution is the last: the next one would be smaller by as much.
const ENOUGH: f64 = 1e-5;
/// Most corrections.
const CORRECTIONS: usize = 4;

/// A system `A x = b`, in buffers that are used again.
#[derive(Default)]
pub(crate) struct System {
    /// The rows of the lower triangle of `A`, one after the other.
    lower: Vec<f64>,
    b: Vec<f64>,
    x: Vec<f64>,
    left: Vec<f64>,
    /// `U`, as rows of a whole number of blocks.
    upper: Vec<f32>,
    part: Vec<f32>,
}

impl System {
    /// Empties it.
    pub(crate) fn clear(&mut self) {
        self.lower.clear();
        self.b.clear();
    }

    /// Adds an equation: its row of `A` up to the diagonal, and of `b`.
    pub(crate) fn push(&mut self, row: impl Iterator<Item = f64>, b: f64) {
        self.lower.extend(row);
        self.b.push(b);
    }

    /// `x`; `None` if `A` is not positive definite.
    pub(crate) fn solve(&mut self) -> Option<&[f64]> {
        if !(self.factor().is_some() && self.refine()) {
            self.solve_in_double()?;
        }
        Some(&self.x)
    }

    /// The length of a row of `U`.
    fn width(&self) -> usize {
        self.b.len().next_multiple_of(BLOCK)
    }

    fn factor(&mut self) -> Option<()> {
        let (n, width) = (self.b.len(), self.width());
        self.upper.clear();
        self.upper.resize(width * width, 0.0);
        let mut rest = self.lower.as_slice();
        for i in 0..n {
            let (row, after) = rest.split_at_checked(i + 1)?;
            rest = after;
            let column = self.upper.iter_mut().skip(i).step_by(width);
            column.zip(row).for_each(|(place, value)| *place = *value as f32);
        }
        for i in n..width {
            // What fills the last block stands by itself.
            *self.upper.get_mut(i * width + i)? = 1.0;
        }
        for first in (0..width).step_by(BLOCK) {
            let left = self.upper.get_mut(first * width..)?;
            let (block, below) = left.split_at_mut_checked(BLOCK * width)?;
            factor_block(block, first, width)?;
            let (one, more) = block.split_at_checked(width)?;
            let (two, more) = more.split_at_checked(width)?;
            let (three, four) = more.split_at_checked(width)?;
            for (at, row) in (first + BLOCK..).zip(below.chunks_exact_mut(width)) {
                let (one, two) = (one.get(at..)?, two.get(at..)?);
                let (three, four) = (three.get(at..)?, four.get(at..)?);
                let (a, b, c, d) = (*one.first()?, *two.first()?, *three.first()?, *four.first()?);
                let rows = one.iter().zip(two).zip(three).zip(four);
                for (x, (((one, two), three), four)) in row.get_mut(at..)?.iter_mut().zip(rows) {
                    *x -= (a * one + b * two) + (c * three + d * four);
                }
            }
        }
        Some(())
    }

    /// `part` becomes the solution of `Uᵀ U x = part`.
    fn substitute(&mut self) -> Option<()> {
        let width = self.width();
        for (at, row) in self.upper.chunks_exact(width.max(1)).enumerate() {
            let (known, open) = self.part.get_mut(at..)?.split_first_mut()?;
            let (own, others) = row.get(at..)?.split_first()?;
            *known /= own;
            open.iter_mut()
                .zip(others)
                .for_each(|(left, factor)| *left -= *known * factor);
        }
        for (at, row) in self.upper.chunks_exact(width.max(1)).enumerate().rev() {
            let (open, known) = self.part.get_mut(at..)?.split_first_mut()?;
            let (own, others) = row.get(at..)?.split_first()?;
            let sum: f32 = known.iter().zip(others).map(|(x, factor)| x * factor).sum();
            *open = (*open - sum) / own;
        }
        Some(())
    }

    /// Corrects `x`, at first 0, until nothing is left over; whether it came to rest.
    fn refine(&mut self) -> bool {
        self.x.clear();
        self.x.resize(self.b.len(), 0.0);
        for _ in 0..=CORRECTIONS {
            self.leave_over();
            self.part.clear();
            self.part.extend(self.left.iter().map(|left| *left as f32));
            self.part.resize(self.width(), 0.0);
            if self.substitute().is_none() {
                return false;
            }
            let (mut of_part, mut of_x) = (0.0f64, 0.0f64);
            for (x, part) in self.x.iter_mut().zip(&self.part) {
                let part = f64::from(*part);
                *x += part;
                of_part = of_part.max(part.abs());
                of_x = of_x.max(x.abs());
            }
            if !self.x.iter().all(|x| x.is_finite()) {
                return false;
            }
            if of_part <= ENOUGH * of_x {
                return true;
            }
        }
        false
    }

    /// `left = b − A x`.
    fn leave_over(&mut self) {
        self.left.clear();
        self.left.extend_from_slice(&self.b);
        let mut rest = self.lower.as_slice();
        for (i, x) in self.x.iter().enumerate() {
            let (row, after) = rest.split_at(rest.len().min(i + 1));
            rest = after;
            let (above, own) = self.left.split_at_mut(i);
            let mut sum = 0.0;
            for ((left, value), other) in above.iter_mut().zip(row).zip(&self.x) {
                *left -= value * x;
                sum += value * other;
            }
            if let Some((own, value)) = own.first_mut().zip(row.last()) {
                *own -= sum + value * x;
            }
        }
    }

    fn solve_in_double(&mut self) -> Option<()> {
        let mut rest = self.lower.as_slice();
        let mut rows = Vec::with_capacity(self.b.len());
        for i in 0..self.b.len() {
            let (row, after) = rest.split_at_checked(i + 1)?;
            rest = after;
            rows.push(row.to_vec());
        }
        self.x.clone_from(&self.b);
        in_double(&mut rows, &mut self.x)
    }
}

/// The rows of `U` from `first` on, of which all that stands above was taken out.
fn factor_block(block: &mut [f32], first: usize, width: usize) -> Option<()> {
    for nth in 0..BLOCK {
        let at = first + nth;
        let (done, row) = block.split_at_mut_checked(nth * width)?;
        let row = row.get_mut(at..width)?;
        for earlier in done.chunks_exact(width) {
            let earlier = earlier.get(at..)?;
            let factor = *earlier.first()?;
            row.iter_mut().zip(earlier).for_each(|(x, y)| *x -= factor * y);
        }
        let pivot = *row.first()?;
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        let root = pivot.sqrt();
        row.iter_mut().for_each(|x| *x /= root);
    }
    Some(())
}

/// Solves `A x = b` for a symmetric positive definite `A`, given as the rows of its lower triangle; `x`
/// ends up in `b`. `None` if `A` is not positive definite.
fn in_double(a: &mut [Vec<f64>], b: &mut [f64]) -> Option<()> {
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
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `F Fᵀ + ridge` is positive definite: its rows up to the diagonal.
    fn matrix(factors: &[Vec<f64>], ridge: f64) -> Vec<Vec<f64>> {
        let entry = |i: usize, j: usize| {
            let dot: f64 = factors[i].iter().zip(&factors[j]).map(|(x, y)| x * y).sum();
            if i == j { dot + ridge } else { dot }
        };
        (0..factors.len())
            .map(|i| (0..=i).map(|j| entry(i, j)).collect())
            .collect()
    }

    fn system(rows: &[Vec<f64>], b: &[f64]) -> System {
        let mut system = System::default();
        rows.iter()
            .zip(b)
            .for_each(|(row, b)| system.push(row.iter().copied(), *b));
        system
    }

    fn of(rows: &[Vec<f64>], i: usize, j: usize) -> f64 {
        rows[i.max(j)][i.min(j)]
    }

    proptest! {
        /// As near as double precision comes, well conditioned or not, in buffers that held another system.
        #[test]
        fn a_solution_solves(
            factors in prop::collection::vec(prop::collection::vec(-1.0f64..1.0, 30), 1..30),
            scales in prop::collection::vec(-3i32..3, 30), ridge in prop_oneof![Just(1.0), Just(1e-3), Just(1e-7)],
        ) {
            let scaled = factors.iter().zip(&scales);
            let factors: Vec<Vec<f64>> =
                scaled.map(|(row, scale)| row.iter().map(|x| x * 10f64.powi(*scale)).collect()).collect();
            let rows = matrix(&factors, ridge);
            let b: Vec<f64> = factors.iter().map(|row| row[0]).collect();
            let mut one = system(&matrix(&[vec![2.0], vec![1.0]], 1.0), &[1.0, 1.0]);
            one.solve().unwrap();
            one.clear();
            rows.iter().zip(&b).for_each(|(row, b)| one.push(row.iter().copied(), *b));
            let x = one.solve().unwrap().to_vec();
            for (i, wanted) in b.iter().enumerate() {
                let terms: Vec<f64> = x.iter().enumerate().map(|(j, x)| of(&rows, i, j) * x).collect();
                let size = terms.iter().map(|term| term.abs()).sum::<f64>() + wanted.abs();
                prop_assert!((terms.iter().sum::<f64>() - wanted).abs() <= 1e-6 * size);
            }
            // The same to the bit in buffers of its own.
            let mut own = system(&rows, &b);
            prop_assert_eq!(own.solve().unwrap(), x.as_slice());
        }

        #[test]
        fn single_precision_made_exact_is_double_precision(
            factors in prop::collection::vec(prop::collection::vec(-1.0f64..1.0, 40), 1..40),
        ) {
            let rows = matrix(&factors, 1.0);
            let b: Vec<f64> = factors.iter().map(|row| row[0]).collect();
            let mut refined = system(&rows, &b);
            prop_assert!(refined.factor().is_some() && refined.refine());
            let mut double = b.clone();
            in_double(&mut rows.clone(), &mut double).unwrap();
            for (x, y) in refined.x.iter().zip(&double) {
                prop_assert!((x - y).abs() < 1e-8, "{x} {y}");
            }
        }
    }

    #[test]
    fn an_indefinite_matrix_is_refused_and_nothing_is_solved_by_nothing() {
        assert!(
            system(&[vec![1.0], vec![2.0, 1.0]], &[1.0, 1.0])
                .solve()
                .is_none()
        );
        assert!(System::default().solve().is_some_and(<[f64]>::is_empty));
    }
}
