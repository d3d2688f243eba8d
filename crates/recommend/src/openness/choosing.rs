//! A greedy choice under way, and the floors it keeps.
//!
//! Deliberately does not know: what is outside, whose list it is.

use super::{Range, Rule};
use crate::rank::best;
use crate::varied::{Greedy, alike, sharpened};
use crate::{Mix, Scores, Topics};

/// So many of one kind are to be in the list.
pub(super) struct Wanted {
    /// How many still are.
    pub(super) missing: usize,
}

impl Wanted {
    pub(super) fn new(floor: usize) -> Wanted {
        Wanted { missing: floor }
    }

    /// Sees to it that the pool holds so many of them, if there are so many at all.
    pub(super) fn reach(
        &mut self,
        totals: &[i64],
        pool: &mut Vec<u32>,
        is: &dyn Fn(u32) -> bool,
        eligible: &mut dyn FnMut(u32) -> bool,
    ) {
        let found = pool.iter().filter(|at| is(**at)).count();
        if found < self.missing {
            let more = best(totals, self.missing, |at| is(at) && eligible(at));
            let more: Vec<u32> = more.into_iter().filter(|at| !pool.contains(at)).collect();
            pool.extend(more);
        }
        self.missing = self.missing.min(pool.iter().filter(|at| is(**at)).count());
    }

    pub(super) fn took(&mut self, is: bool) {
        self.missing = self.missing.saturating_sub(usize::from(is));
    }
}

/// A greedy choice under way.
pub(super) struct Choosing<'a> {
    /// Of each item of the pool: place, relevance, taken.
    items: Vec<(u32, f64, bool)>,
    /// Of each item of the pool: what it would add to the variety of what was taken so far.
    adds: Vec<f64>,
    aim: &'a Mix,
    topics: &'a Topics,
    /// How many of the list each topic has.
    counts: Vec<f64>,
    of_score: f64,
    of_variety: f64,
    /// Where variety itself is the goal.
    varied: Option<Greedy>,
}

impl<'a> Choosing<'a> {
    pub(super) fn new(scores: &Scores<'_>, pool: &[u32], most: usize, range: &'a Range<'_>) -> Choosing<'a> {
        let found = pool.iter().map(|at| scores.total(*at)).max().unwrap_or(0);
        // What was said of topics must not weigh everything else anew.
        let greatest = scores.unspoken().unwrap_or(found).max(1) as f64;
        let most = most.max(1) as f64;
        let mut choosing = Choosing {
            adds: Vec::with_capacity(pool.len()),
            items: pool
                .iter()
                .map(|at| (*at, scores.total(*at) as f64 / greatest, false))
                .collect(),
            aim: &range.aim,
            topics: range.topics,
            counts: vec![0.0; range.topics.number()],
            of_score: (1.0 - range.step.variety) / most,
            of_variety: range.step.variety / most.sqrt(),
            varied: match range.beside.rule {
                Rule::Varied if range.step.variety > 0.0 => {
                    let worth = |at: &u32| sharpened(scores.total(*at) as f64 / greatest, range.step.variety);
                    Some(Greedy::new(pool.iter().map(worth).collect()))
                }
                _ => None,
            },
        };
        if choosing.varied.is_none() {
            choosing.adds = pool.iter().map(|at| choosing.adds_to_variety(*at)).collect();
        }
        choosing
    }

    /// The place in the pool of what adds most; of equals the earlier.
    pub(super) fn next(&self, allowed: impl Fn(u32) -> bool) -> Option<usize> {
        if let Some(varied) = &self.varied {
            return varied.next(|place| self.items.get(place).is_some_and(|(at, _, _)| allowed(*at)));
        }
        let mut found: Option<(f64, usize)> = None;
        for (place, ((at, relevance, taken), adds)) in self.items.iter().zip(&self.adds).enumerate() {
            if *taken || !allowed(*at) {
                continue;
            }
            let worth = self.of_score * relevance + self.of_variety * adds;
            if found.is_none_or(|(best, _)| worth > best) {
                found = Some((worth, place));
            }
        }
        found.map(|(_, place)| place)
    }

    fn adds_to_variety(&self, at: u32) -> f64 {
        if self.of_variety == 0.0 {
            return 0.0;
        }
        let topics = self.topics.of(at);
        let part = 1.0 / topics.len().max(1) as f64;
        let adds = topics.iter().map(|topic| {
            let count = self.counts.get(*topic as usize).copied().unwrap_or(0.0);
            self.aim.share(*topic).sqrt() * ((count + part).sqrt() - count.sqrt())
        });
        adds.sum()
    }

    pub(super) fn take(&mut self, place: usize) {
        let Some((at, _, taken)) = self.items.get_mut(place) else {
            return;
        };
        *taken = true;
        let topics = self.topics.of(*at);
        if let Some(varied) = &mut self.varied {
            let items = &self.items;
            varied.take(place, |other| match items.get(other) {
                Some((other, _, _)) => alike(topics, self.topics.of(*other)),
                None => 0.0,
            });
            return;
        }
        for topic in topics {
            if let Some(count) = self.counts.get_mut(*topic as usize) {
                *count += 1.0 / topics.len() as f64;
            }
        }
        // What shares no topic with it adds what it added before.
        for place in 0..self.items.len() {
            let Some((other, _, _)) = self.items.get(place) else {
                continue;
            };
            if self.topics.of(*other).iter().any(|topic| topics.contains(topic)) {
                let adds = self.adds_to_variety(*other);
                if let Some(place) = self.adds.get_mut(place) {
                    *place = adds;
                }
            }
        }
    }
}
