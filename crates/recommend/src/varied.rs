//! Choosing a set for its variety itself: a determinantal point process.
//!
//! A set is worth the determinant of its matrix `L_ij = √(w_i w_j) S_ij`, where `w` is what an item is worth
//! alone and `S` how alike two are: the squared volume that the items span, which two alike items share.
//! The best set is hard to find; greedily, each next item is the one that adds the greatest factor, kept up to
//! date by the rows of a Cholesky factor (Chen, Zhang and Zhou, "Fast greedy MAP inference for determinantal
//! point process", NeurIPS 2018): `O(k²)` for each item of the pool, in all, for a list of `k`.
//!
//! Logarithms are left out, since of two factors the greater has the greater logarithm: with products and
//! square roots alone the choice is the same on every machine.
//!
//! Deliberately does not know: what topics are called, people.

/// A greedy choice under way.
pub(crate) struct Greedy {
    weights: Vec<f64>,
    /// Of each item what the chosen ones leave of it: 1 at first, 0 where it adds nothing any more.
    left: Vec<f64>,
    /// Of each item its row of the Cholesky factor of `S`, a number for each chosen one.
    rows: Vec<Vec<f64>>,
    taken: Vec<bool>,
}

/// What is left of an item that the chosen ones span: rounding, not volume.
const NOTHING: f64 = 1e-12;

impl Greedy {
    pub(crate) fn new(weights: Vec<f64>) -> Greedy {
        let items = weights.len();
        Greedy {
            weights,
            left: vec![1.0; items],
            rows: vec![Vec::new(); items],
            taken: vec![false; items],
        }
    }

    /// The allowed item that adds the greatest factor; of equals the earlier.
    pub(crate) fn next(&self, allowed: impl Fn(usize) -> bool) -> Option<usize> {
        let mut found: Option<(f64, usize)> = None;
        let worth = self.weights.iter().zip(&self.left).zip(&self.taken);
        for (place, ((weight, left), taken)) in worth.enumerate() {
            let worth = weight * left;
            if !taken && found.is_none_or(|(best, _)| worth > best) && allowed(place) {
                found = Some((worth, place));
            }
        }
        found.map(|(_, place)| place)
    }

    /// Takes an item; `alike` tells how alike it is to each other one.
    pub(crate) fn take(&mut self, place: usize, alike: impl Fn(usize) -> f64) {
        let Some(taken) = self.taken.get_mut(place) else {
            return;
        };
        *taken = true;
        let own = self.rows.get(place).cloned().unwrap_or_default();
        let span = self.left.get(place).copied().unwrap_or(0.0);
        if span <= NOTHING {
            return;
        }
        let length = span.sqrt();
        let others = self.rows.iter_mut().zip(&mut self.left).zip(&self.taken);
        for (other, ((row, left), taken)) in others.enumerate() {
            if *taken {
                continue;
            }
            let common: f64 = row.iter().zip(&own).map(|(a, b)| a * b).sum();
            let along = (alike(other) - common) / length;
            row.push(along);
            *left = (*left - along * along).max(0.0);
        }
    }
}

/// The greedy set of at most `most` items, in the order in which they were chosen. `weights` of 0 or more, one
/// for each item; `alike(i, j)` from 0 to 1, symmetric, and 1 of an item with itself; as a matrix it must have
/// no negative eigenvalue (a cosine has none).
///
/// ```
/// // Two of a kind and one of another: the second best of the first kind loses to the only other.
/// let alike = |i: usize, j: usize| if i == j { 1.0 } else if i + j == 1 { 0.9 } else { 0.0 };
/// assert_eq!(recommend::determinantal(&[1.0, 0.9, 0.5], alike, 2), [0, 2]);
/// ```
pub fn determinantal(weights: &[f64], alike: impl Fn(usize, usize) -> f64, most: usize) -> Vec<usize> {
    let mut choice = Greedy::new(weights.to_vec());
    let mut chosen = Vec::new();
    while chosen.len() < most {
        let Some(place) = choice.next(|_| true) else { break };
        choice.take(place, |other| alike(place, other));
        chosen.push(place);
    }
    chosen
}

/// How alike two items of the same topics are: not wholly, or no topic could ever come twice.
const SAME: f64 = 0.9;

/// How alike two items are by their topics: the cosine, and a little less.
pub(crate) fn alike(a: &[u32], b: &[u32]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let common = a.iter().filter(|topic| b.contains(topic)).count() as f64;
    SAME * common / ((a.len() * b.len()) as f64).sqrt()
}

/// What an item is worth alone, in a choice for variety: the more variety is wanted, the less its score counts.
pub(crate) fn sharpened(relevance: f64, variety: f64) -> f64 {
    let times = (SHARP / variety).clamp(1.0, 64.0) as u32;
    (0..times).fold(1.0, |worth, _| worth * (1.0 + relevance.max(-1.0)))
}

/// At a variety of 1 an item with the greatest score is worth `2^SHARP` as much as one with none.
const SHARP: f64 = 2.4;
