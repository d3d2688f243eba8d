//! Choosing for variety itself, against brute force, and what it does with topics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use proptest::prelude::*;
use recommend::{Opening, Openness, Rule, Slot, Topics, determinantal, score_all};
use support::{NOW, history, model, muted};

/// By elimination with pivots.
fn determinant(mut matrix: Vec<Vec<f64>>) -> f64 {
    let n = matrix.len();
    let mut product = 1.0;
    for at in 0..n {
        let pivot = (at..n)
            .max_by(|a, b| matrix[*a][at].abs().total_cmp(&matrix[*b][at].abs()))
            .unwrap();
        if matrix[pivot][at].abs() < 1e-300 {
            return 0.0;
        }
        if pivot != at {
            matrix.swap(pivot, at);
            product = -product;
        }
        product *= matrix[at][at];
        for row in at + 1..n {
            let factor = matrix[row][at] / matrix[at][at];
            let (above, below) = matrix.split_at_mut(row);
            for (x, y) in below[0].iter_mut().zip(&above[at]).skip(at) {
                *x -= factor * y;
            }
        }
    }
    product
}

fn subsets(of: usize, size: usize) -> Vec<Vec<usize>> {
    let masks = (0u32..1 << of).filter(|mask| mask.count_ones() as usize == size);
    masks
        .map(|mask| (0..of).filter(|at| mask >> at & 1 == 1).collect())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every choice is the one that brute force would make, and the set is as near to the best one as is proven of
    /// greedy choices: within a factor of 1/k! of its volume (Çivril and Magdon-Ismail 2009).
    #[test]
    fn each_choice_is_that_of_brute_force(
        points in prop::collection::vec((prop::collection::vec(0.0f64..1.0, 6), 0.05f64..1.0), 1..8),
        most in 1usize..5,
    ) {
        let weights: Vec<f64> = points.iter().map(|(_, weight)| *weight).collect();
        let cosine = |a: &[f64], b: &[f64]| {
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-12)
        };
        let alike = |i: usize, j: usize| if i == j { 1.0 } else { 0.9 * cosine(&points[i].0, &points[j].0) };
        let worth = |set: &[usize]| {
            let row = |i: &usize| set.iter().map(|j| (weights[*i] * weights[*j]).sqrt() * alike(*i, *j)).collect();
            determinant(set.iter().map(row).collect())
        };
        let chosen = determinantal(&weights, alike, most);
        prop_assert_eq!(chosen.len(), most.min(points.len()));
        for nth in 0..chosen.len() {
            let with = |at: usize| {
                let mut set = chosen[..nth].to_vec();
                set.push(at);
                worth(&set)
            };
            let best = (0..points.len())
                .filter(|at| !chosen[..nth].contains(at))
                .map(with)
                .fold(f64::MIN, f64::max);
            prop_assert!(with(chosen[nth]) >= best * (1.0 - 1e-9), "{} {best}", with(chosen[nth]));
        }
        let best = subsets(points.len(), chosen.len()).iter().map(|set| worth(set)).fold(f64::MIN, f64::max);
        let factorial: f64 = (1..=chosen.len()).map(|x| x as f64).product();
        prop_assert!(worth(&chosen) <= best * (1.0 + 1e-9));
        prop_assert!(worth(&chosen) * factorial * factorial >= best * (1.0 - 1e-9));
    }

    /// By either rule: full, nothing twice, exact, floors and discoveries, and at the first step the plain list.
    #[test]
    fn a_varied_list_keeps_the_promises_of_the_dial(
        (_, model) in model(), history in history(), muted in muted(), number in 1u32..6, nth in 0usize..5,
        most in 0usize..12, seed in any::<u64>(),
    ) {
        let of_items: Vec<Vec<u32>> = (0..model.items().len() as u32).map(|at| vec![at % number]).collect();
        let topics = Topics::new(of_items.iter().map(Vec::as_slice));
        let offer = topics.mix((0..model.items().len() as u32).map(|at| (at, 1.0)));
        let openness = Openness::ALL[nth];
        let opening = Opening { openness, discovery: true, topics: &topics, offer: &offer, seed };
        let scores = score_all(&model, &history, &muted, NOW);
        let list = scores.open_by(Rule::Varied, most, &opening, |at| at % 4 != 3);
        prop_assert_eq!(&list, &scores.open_by(Rule::Varied, most, &opening, |at| at % 4 != 3));
        let there = (0..model.items().len()).filter(|at| at % 4 != 3).count();
        prop_assert_eq!(list.len(), most.min(there));
        let mut places: Vec<u32> = list.iter().map(|one| one.at).collect();
        places.sort_unstable();
        places.dedup();
        prop_assert_eq!(places.len(), list.len());
        prop_assert!(places.iter().all(|at| at % 4 != 3));
        for one in &list {
            prop_assert_eq!(one.ranked.score, one.ranked.reasons.iter().map(|r| r.amount).sum::<f64>());
        }
        let own = scores.own_mix(&topics);
        let step = openness.step();
        if !own.is_empty() && step.outside_one_in > 0 && most * 2 >= step.outside_one_in as usize {
            let usual = own.usual();
            let outside = |at: u32| !usual[(at % number) as usize];
            let can = (0..model.items().len() as u32).filter(|at| at % 4 != 3 && outside(*at)).count();
            let found = list.iter().filter(|one| one.outside).count();
            prop_assert!(found >= most.div_ceil(step.outside_one_in as usize).min(can));
        }
        if openness == Openness::Close {
            let plain = scores.rank_at(most, |at| at % 4 != 3);
            prop_assert!(list.iter().all(|one| one.slot == Slot::Chosen));
            prop_assert_eq!(list.into_iter().map(|one| one.ranked).collect::<Vec<_>>(), plain);
        }
    }
}
