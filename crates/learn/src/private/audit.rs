//! The mechanism asked to give somebody away: whether a person took part is guessed from what is released, many times
//! over, and how well that goes is a lower bound on ε (Jagielski, Ullman and Oprea, "Auditing Differentially Private
//! Machine Learning", NeurIPS 2020; intervals by Clopper and Pearson 1934). The guess is the best there is: the
//! likelihood ratio, by somebody who knows everybody else.
//!
//! δ is great here, so that the bound is near what is declared with a few thousand runs: the accounting and the code
//! are the same for every δ.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use super::*;
use vocabulary::{Digest, Moment};

const ITEMS: usize = 3;
const PEOPLE: usize = 4_000;
const RUNS: u64 = 2_000;
const DECLARED: Wish = Wish {
    epsilon: 1.0,
    delta: 0.05,
};
/// Of one bound in a thousand it is said wrongly that it holds.
const ERROR: f64 = 1e-3;

/// What is counted of people, before noise.
#[derive(Clone)]
struct Exact {
    people: i64,
    sums: Vec<i64>,
    pairs: Vec<i64>,
}

fn catalogue() -> Vec<ItemId> {
    (0..ITEMS).map(|item| ItemId(format!("i{item:02}"))).collect()
}

fn history(items: impl Iterator<Item = usize>) -> Vec<Interaction> {
    let act = |item| Interaction {
        item: ItemId(format!("i{item:02}")),
        viewed: 0,
        added: 0,
        bought: 1,
        last_at: Moment(0),
    };
    items.map(act).collect()
}

fn crowd() -> Vec<Vec<Interaction>> {
    let of = |person: usize| history((0..=person % 4).map(move |nth| (person * 5 + nth * 7) % ITEMS));
    (0..PEOPLE).map(of).collect()
}

/// All items are kept, as they are in every run here: whoever guesses may know that.
fn everything(wish: Wish) -> Popular {
    Popular {
        items: catalogue(),
        people: 0,
        sums: vec![0; ITEMS],
        wish,
        mu: wish.mu().unwrap(),
        of_items: OF_ITEMS,
        kept: (0..ITEMS as u32).collect(),
    }
}

fn exact(people: &[Vec<Interaction>]) -> Exact {
    let mut first = First::new(catalogue()).unwrap();
    let popular = everything(DECLARED);
    let mut second = popular.second();
    for history in people {
        first.add(history);
        second.add(history);
    }
    Exact {
        people: first.people,
        sums: first.sums,
        pairs: second.pairs,
    }
}

/// One run of the mechanism as it is used, and how much what it releases speaks for the person.
fn evidence(of: &Exact, apart: &Exact, wish: Wish, run: u64) -> f64 {
    let mut first = First::new(catalogue()).unwrap();
    (first.people, first.sums) = (of.people, of.sums.clone());
    let seed = |number: u8| Digest::of(format!("{run} {number}").as_bytes()).0;
    let popular = first.release(wish, seed(1)).unwrap();
    assert_eq!(popular.kept.len(), ITEMS, "the third release is made");
    let second = Second {
        index: BTreeMap::new(),
        pairs: of.pairs.clone(),
        popular: &popular,
    };
    let pairs = second.noised(seed(2)).unwrap();
    let along = |released: &[i64], apart: &[i64], part: f64| -> f64 {
        let sum = released
            .iter()
            .zip(apart)
            .map(|(a, b)| *a as f64 * *b as f64)
            .sum::<f64>();
        sum * part / (ONE as f64 * ONE as f64)
    };
    along(&[popular.people * ONE], &[apart.people * ONE], OF_PEOPLE)
        + along(&popular.sums, &apart.sums, OF_ITEMS)
        + along(&pairs, &apart.pairs, 1.0 - OF_PEOPLE - OF_ITEMS)
}

/// What the mechanism gives away at least of whoever is in one of the two and not in the other, at the declared δ;
/// right but for one time in [`ERROR`].
fn gives_away_at_least(without: &Exact, with: &Exact, wish: Wish) -> f64 {
    let minus = |a: &[i64], b: &[i64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
    let apart = Exact {
        people: with.people - without.people,
        sums: minus(&with.sums, &without.sums),
        pairs: minus(&with.pairs, &without.pairs),
    };
    let runs = |of: &Exact, from: u64| -> Vec<f64> {
        use rayon::prelude::*;
        let runs = (from..from + RUNS).into_par_iter();
        runs.map(|run| evidence(of, &apart, wish, run)).collect()
    };
    // Where to draw the line is found on runs of its own, or the bound would be of the luckiest line.
    let mut tried = runs(without, 0);
    tried.sort_by(f64::total_cmp);
    let line = tried[tried.len() * 95 / 100];
    let beyond = |runs: Vec<f64>| runs.iter().filter(|evidence| **evidence > line).count() as u64;
    let (wrongly, rightly) = (beyond(runs(without, RUNS)), beyond(runs(with, 2 * RUNS)));
    let at_most = 1.0 - clopper_pearson_lower(RUNS - wrongly, RUNS, ERROR / 2.0);
    let at_least = clopper_pearson_lower(rightly, RUNS, ERROR / 2.0);
    ((at_least - DECLARED.delta).max(f64::MIN_POSITIVE) / at_most).ln()
}

/// The least share for which so many of so many are not too improbable: the `p` at which `P(X ≥ found) = error`.
fn clopper_pearson_lower(found: u64, of: u64, error: f64) -> f64 {
    let (mut low, mut high) = (0.0, found as f64 / of as f64);
    let mut logs = vec![0.0; of as usize + 1];
    (1..=of as usize).for_each(|n| logs[n] = logs[n - 1] + (n as f64).ln());
    let at_least = |p: f64| -> f64 {
        let term = |k: u64| {
            let choose = logs[of as usize] - logs[k as usize] - logs[(of - k) as usize];
            (choose + k as f64 * p.ln() + (of - k) as f64 * (1.0 - p).max(1e-300).ln()).exp()
        };
        (found..=of).map(term).sum()
    };
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        match at_least(middle) < error {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

#[test]
fn a_share_is_at_least_what_tables_say() {
    // 8 of 10, one-sided 2.5 %: .4439; 10 of 10: .6915 (Clopper and Pearson 1934).
    assert!((clopper_pearson_lower(8, 10, 0.025) - 0.4439).abs() < 1e-4);
    assert!((clopper_pearson_lower(10, 10, 0.025) - 0.6915).abs() < 1e-4);
    assert!(clopper_pearson_lower(0, 10, 0.025) < 1e-9);
}

#[test]
fn whoever_knows_everybody_else_learns_no_more_of_a_person_than_was_declared() {
    let crowd = crowd();
    let without = exact(&crowd);
    // Whoever has one thing alone, and whoever has everything.
    for one in [history(0..1), history(0..ITEMS)] {
        let with = exact(&crowd.iter().cloned().chain([one]).collect::<Vec<_>>());
        let least = gives_away_at_least(&without, &with, DECLARED);
        println!(
            "declared ε = {}, given away at least {least:.3}",
            DECLARED.epsilon
        );
        assert!(least <= DECLARED.epsilon, "{least}");
        assert!(
            least > 0.1 * DECLARED.epsilon,
            "the audit sees hardly anything: {least}"
        );
    }
}

/// The audit is no formality: half the noise, or a person who is not made as short as 1, and it finds more than was
/// declared.
#[test]
fn a_mechanism_that_breaks_its_word_is_caught() {
    let crowd = crowd();
    let without = exact(&crowd);
    let with = exact(&crowd.iter().cloned().chain([history(0..1)]).collect::<Vec<_>>());
    let mu = 2.0 * DECLARED.mu().unwrap();
    let half = Wish {
        epsilon: epsilon_of(mu, DECLARED.delta).unwrap(),
        ..DECLARED
    };
    let least = gives_away_at_least(&without, &with, half);
    println!("half the noise: at least {least:.3}");
    assert!(
        least > DECLARED.epsilon,
        "half the noise was not noticed: {least}"
    );

    let mut whole = without.clone();
    whole.people += 1;
    whole.sums.iter_mut().for_each(|sum| *sum += ONE);
    whole.pairs.iter_mut().for_each(|sum| *sum += ONE);
    let least = gives_away_at_least(&without, &whole, DECLARED);
    println!("not normalised: at least {least:.3}");
    assert!(
        least > DECLARED.epsilon,
        "a person of any length was not noticed: {least}"
    );
}
