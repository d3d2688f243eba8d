//! Groups of views, found from votes as Polis finds them: two principal components of the votes (what was not voted
//! on counts as the mean), people with few votes pushed outwards as far as they would stand with more, and k-means
//! for two to five groups, as many as are best apart (Small et al., "Polis: scaling deliberation by mapping high
//! dimensional opinion spaces", RECERCA 2021).
//!
//! For measurement, and for sums over groups. No list is made from anybody's side.

use super::Vote;
use crate::consents::scramble;
use crate::groups::{centres, closest, silhouette};

/// The groups of a conversation.
#[derive(Clone, PartialEq, Debug)]
pub struct Sides {
    means: Vec<f64>,
    components: Vec<Vec<f64>>,
    centres: Vec<Vec<f64>>,
}

/// Who voted less often stands nowhere yet.
const LEAST: usize = 7;
const ITERATIONS: usize = 60;
const COMPONENTS: usize = 2;
const MOST_GROUPS: usize = 5;

impl Sides {
    /// From everybody's votes.
    pub fn find(people: &[&[Vote]], statements: usize, seed: u64) -> Sides {
        let (mut sums, mut voted) = (vec![0.0f64; statements], vec![0.0f64; statements]);
        for vote in people.iter().flat_map(|votes| votes.iter()) {
            let at = vote.statement as usize;
            if let (Some(sum), Some(number)) = (sums.get_mut(at), voted.get_mut(at)) {
                *sum += f64::from(vote.vote);
                *number += 1.0;
            }
        }
        let means = sums.iter().zip(&voted).map(|(sum, number)| sum / number.max(1.0));
        let mut sides = Sides {
            means: means.collect(),
            components: Vec::new(),
            centres: Vec::new(),
        };
        let placed: Vec<&[Vote]> = people
            .iter()
            .copied()
            .filter(|votes| votes.len() >= LEAST)
            .collect();
        for nth in 0..COMPONENTS as u64 {
            let component = sides.component(&placed, scramble(seed ^ nth));
            sides.components.push(component);
        }
        let points: Vec<Vec<f64>> = placed.iter().map(|votes| sides.place(votes)).collect();
        let mut best = f64::NEG_INFINITY;
        for groups in 2..=MOST_GROUPS {
            let found = centres(&points, groups, seed);
            let apart = silhouette(&points, &found);
            if apart > best {
                best = apart;
                sides.centres = found;
            }
        }
        sides
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.centres.len()
    }

    /// The group of somebody with these votes; none with too few.
    pub fn of(&self, votes: &[Vote]) -> Option<u32> {
        (votes.len() >= LEAST).then(|| closest(&self.place(votes), &self.centres).0)
    }

    fn place(&self, votes: &[Vote]) -> Vec<f64> {
        let outwards = (self.means.len() as f64 / votes.len().max(1) as f64).sqrt();
        self.components
            .iter()
            .map(|component| outwards * self.along(votes, component))
            .collect()
    }

    fn along(&self, votes: &[Vote], component: &[f64]) -> f64 {
        let each = votes.iter().filter_map(|vote| {
            let at = vote.statement as usize;
            Some((f64::from(vote.vote) - self.means.get(at)?) * component.get(at)?)
        });
        each.sum()
    }

    /// The direction in which people differ most, beside those already found (power iteration).
    fn component(&self, people: &[&[Vote]], seed: u64) -> Vec<f64> {
        let draw =
            |at: usize| (scramble(seed ^ scramble(at as u64)) >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
        let mut one: Vec<f64> = (0..self.means.len()).map(draw).collect();
        for _ in 0..ITERATIONS {
            let mut next = vec![0.0; one.len()];
            for votes in people {
                let along = self.along(votes, &one);
                for vote in *votes {
                    let at = vote.statement as usize;
                    if let (Some(sum), Some(mean)) = (next.get_mut(at), self.means.get(at)) {
                        *sum += along * (f64::from(vote.vote) - mean);
                    }
                }
            }
            for known in &self.components {
                let common: f64 = next.iter().zip(known).map(|(x, y)| x * y).sum();
                next.iter_mut().zip(known).for_each(|(x, y)| *x -= common * y);
            }
            let length = next.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
            next.iter_mut().for_each(|x| *x /= length);
            one = next;
        }
        one
    }
}
