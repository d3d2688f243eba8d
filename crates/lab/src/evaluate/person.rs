//! What one person costs, each timed by itself on one thread: scored, chosen with the dial in the middle, every
//! reason told, and the list made again without what carried it most; beside the least that scoring can cost, the
//! bare multiplications and additions of the same weights.
//!
//! Deliberately does not know: where model and histories come from.

use crate::stopwatch;
use recommend::{Beside, Links, Mix, Model, Opening, Openness, Placed, Scratch, Topics, score_all_with};
use std::fmt;
use std::hint::black_box;
use vocabulary::{Interaction, ItemId, Moment};

/// Items of a list.
const LENGTH: usize = 20;
/// Each person so many times.
const ROUNDS: usize = 3;

/// Processor time of one person, in microseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quantiles {
    /// Half take at most so long.
    pub median: f64,
    /// 99 of 100 take at most so long.
    pub p99: f64,
}

/// What one person costs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PersonCost {
    /// How many were timed.
    pub people: usize,
    /// How many items a history has in the mean.
    pub items: f64,
    /// How many weights are multiplied for one of them in the mean.
    pub weights: f64,
    /// The bare multiplications and additions.
    pub bare: Quantiles,
    /// Every item scored.
    pub scored: Quantiles,
    /// Scored, chosen, and every reason told.
    pub explained: Quantiles,
    /// The same, and all of it again without what carried the list most: what would change it.
    pub with_other: Quantiles,
}

/// Times these people, who must have something the model knows.
pub fn person_cost(
    model: &Model,
    histories: &[Vec<Interaction>],
    topics: &Topics,
    offer: &Mix,
    now: Moment,
) -> PersonCost {
    let flat = [model.discover(), model.next(), model.alike()].map(|links| Flat::of(links, model.items()));
    let prior: Vec<i64> = (0..model.items().len() as u32)
        .map(|at| (model.prior_at(at) / model.unit()) as i64)
        .collect();
    let mut times: [Vec<f64>; 4] = Default::default();
    let (mut scratch, mut totals) = (Scratch::default(), Vec::new());
    let (mut items, mut weights) = (0, 0);
    for round in 0..ROUNDS {
        for (seed, history) in (0u64..).zip(histories) {
            let places: Vec<u32> = history
                .iter()
                .filter_map(|act| model.position(&act.item))
                .collect();
            if round == 0 {
                items += places.len();
                weights += flat.iter().map(|flat| flat.number(&places)).sum::<usize>();
            }
            let [bare, scored, explained, with_other] = &mut times;
            bare.push(timed(|| {
                totals.clear();
                totals.extend_from_slice(&prior);
                flat.iter().for_each(|flat| flat.add(&mut totals, &places));
                black_box(&totals);
            }));
            scored.push(timed(|| {
                let scores = score_all_with(std::mem::take(&mut scratch), model, history, &[], now);
                scratch = black_box(scores).into_scratch();
            }));
            let opening = Opening {
                openness: Openness::Middle,
                discovery: true,
                topics,
                offer,
                seed,
            };
            let mut list = |history: &[Interaction]| -> (Vec<Placed>, Option<ItemId>) {
                let scores = score_all_with(std::mem::take(&mut scratch), model, history, &[], now);
                let list = scores.open_beside(LENGTH, &opening, &Beside::default(), |_| true);
                let carrier = scores.carriers(list.iter().map(|placed| &placed.ranked), 1).pop();
                scratch = scores.into_scratch();
                (list, carrier)
            };
            explained.push(timed(|| {
                black_box(list(history));
            }));
            with_other.push(timed(|| {
                let (made, carrier) = list(history);
                let without = history.iter().filter(|act| Some(&act.item) != carrier.as_ref());
                let without: Vec<Interaction> = without.cloned().collect();
                black_box((made, list(&without)));
            }));
        }
    }
    let of_one = |sum: usize| sum as f64 / histories.len().max(1) as f64;
    let [bare, scored, explained, with_other] = times.map(quantiles);
    PersonCost {
        people: histories.len(),
        items: of_one(items),
        weights: of_one(weights),
        bare,
        scored,
        explained,
        with_other,
    }
}

/// Links as nothing but numbers in a row.
struct Flat {
    starts: Vec<usize>,
    targets: Vec<u32>,
    weights: Vec<i16>,
}

impl Flat {
    fn of(links: &Links, items: &[ItemId]) -> Flat {
        let mut flat = Flat {
            starts: vec![0],
            targets: Vec::with_capacity(links.len()),
            weights: Vec::with_capacity(links.len()),
        };
        for source in 0..items.len() as u32 {
            for (target, weight) in links.from(source) {
                flat.targets.push(target);
                flat.weights.push(weight);
            }
            flat.starts.push(flat.targets.len());
        }
        flat
    }

    fn row(&self, at: u32) -> std::ops::Range<usize> {
        let start = |at: usize| self.starts.get(at).copied().unwrap_or_default();
        start(at as usize)..start(at as usize + 1)
    }

    fn number(&self, places: &[u32]) -> usize {
        places.iter().map(|at| self.row(*at).len()).sum()
    }

    fn add(&self, totals: &mut [i64], places: &[u32]) {
        for at in places {
            // What an act is multiplied with does not matter here, only that the compiler cannot know it.
            let input = black_box(i64::from(*at) + 1);
            let targets = self.targets.get(self.row(*at)).unwrap_or_default();
            let weights = self.weights.get(self.row(*at)).unwrap_or_default();
            for (target, weight) in targets.iter().zip(weights) {
                if let Some(total) = totals.get_mut(*target as usize) {
                    *total += input * i64::from(*weight);
                }
            }
        }
    }
}

/// Microseconds of processor time of this thread.
fn timed(work: impl FnOnce()) -> f64 {
    let before = stopwatch::cpu_of_this_thread();
    work();
    stopwatch::cpu_of_this_thread()
        .saturating_sub(before)
        .as_secs_f64()
        * 1e6
}

fn quantiles(mut times: Vec<f64>) -> Quantiles {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let place = (times.len() as f64 * part) as usize;
        times
            .get(place.min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0.0)
    };
    Quantiles {
        median: at(0.5),
        p99: at(0.99),
    }
}

impl fmt::Display for PersonCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PersonCost {
            people,
            items,
            weights,
            bare,
            ..
        } = self;
        writeln!(
            f,
            "one person, µs of one processor; {people} people with {items:.0} items ({weights:.0} weights) in the mean, \
             lists of {LENGTH}, the dial in the middle"
        )?;
        writeln!(
            f,
            "  {:<46} {:>8} {:>8} {:>12}",
            "", "median", "p99", "of bare sums"
        )?;
        for (name, time) in [
            ("bare: the multiplications and additions", bare),
            ("scored", &self.scored),
            ("scored, chosen, every reason told", &self.explained),
            ("and again without what carried it most", &self.with_other),
        ] {
            writeln!(
                f,
                "  {name:<46} {:>8.1} {:>8.1} {:>10.1} x",
                time.median,
                time.p99,
                time.median / bare.median.max(1e-9)
            )?;
        }
        Ok(())
    }
}
