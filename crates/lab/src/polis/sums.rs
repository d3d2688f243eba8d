//! Votes to sums by group: all that bridging gets.

use super::{Error, Sides, Vote};
use noise::{Gaussian, mu_for};
use recommend::{Answers, Views};
use std::collections::BTreeMap;
use vocabulary::{Digest, ItemId};

/// The sums as they are.
pub(super) fn exact(people: &[&[Vote]], sides: &Sides, statements: &[ItemId]) -> Views {
    let mut groups = vec![BTreeMap::<ItemId, Answers>::new(); sides.groups()];
    for votes in people {
        let group = sides.of(votes).and_then(|side| groups.get_mut(side as usize));
        let Some(group) = group else { continue };
        for vote in *votes {
            let Some(item) = statements.get(vote.statement as usize) else {
                continue;
            };
            let said = group.entry(item.clone()).or_default();
            said.asked += 1.0;
            said.agreed += f64::from(u8::from(vote.agrees()));
        }
    }
    Views {
        groups,
        deviation: 0.0,
    }
}

/// A vote of somebody with so many votes counts 1; with more of them each counts less.
const USUAL: f64 = 100.0;
/// The unit of sums: a person's share, as a vector, is at most so long.
const LENGTH: f64 = 65_536.0;

/// The sums with noise: what one person adds is a vector of length at most 1 (a vote counts `1/√votes`, rounded
/// down), over the cells (group, statement, agreed or not), each vote in one cell; every cell gets discrete Gaussian
/// noise for (ε, 10⁻⁶), one person more or less. Which groups there are is taken as given: where they stand comes
/// from votes as well, and would cost a share of its own.
pub(super) fn noised(
    people: &[&[Vote]],
    sides: &Sides,
    statements: &[ItemId],
    epsilon: f64,
    seed: u64,
) -> Result<Views, Error> {
    // Per group and statement: those who agreed, and those who did not.
    let mut cells = vec![vec![[0i64; 2]; statements.len()]; sides.groups()];
    for votes in people {
        let cells = sides.of(votes).and_then(|side| cells.get_mut(side as usize));
        let Some(cells) = cells else { continue };
        let weight = (LENGTH / (votes.len() as f64).sqrt().max(1.0)).floor() as i64;
        for vote in *votes {
            let place = cells.get_mut(vote.statement as usize);
            if let Some(cell) = place.and_then(|cell| cell.get_mut(usize::from(!vote.agrees()))) {
                *cell += weight;
            }
        }
    }
    let deviation = (LENGTH / mu_for(epsilon, 1e-6)?).ceil();
    // A measurement must come out the same again; who releases sums draws a fresh seed.
    let mut gaussian = Gaussian::new(
        deviation as u64,
        Digest::of(format!("views {seed} {epsilon}").as_bytes()).0,
    )?;
    let votes = LENGTH / USUAL.sqrt();
    let mut groups = Vec::with_capacity(cells.len());
    for cells in cells {
        let mut group = BTreeMap::new();
        for (item, [agreed, not]) in statements.iter().zip(cells) {
            let agreed = (agreed + gaussian.draw()) as f64 / votes;
            let not = (not + gaussian.draw()) as f64 / votes;
            let asked = agreed + not;
            group.insert(item.clone(), Answers { agreed, asked });
        }
        groups.push(group);
    }
    Ok(Views {
        groups,
        deviation: deviation / votes,
    })
}
