//! How open a list is to what lies outside a person's habits: the set of items is chosen by what they add
//! to its variety, then ordered by score.
//!
//! Variety is measured against a mix of topics: mostly the person's own, in part that of the whole offer,
//! never their own alone (a list that mirrors a history narrows it, round after round). A list with
//! `n_c` items of topic `c` is worth `Σ_c √(p_c n_c)`, which is greatest where the list has the mix `p`
//! itself, and least where it has one topic only: the Bhattacharyya coefficient, in place of the
//! Kullback-Leibler divergence of Steck ("Calibrated recommendations", RecSys 2018). It is submodular, so
//! that choosing greedily is at most 1 − 1/e from the best (Nemhauser, Wolsey and Fisher 1978), and a
//! square root is the same on every machine, where a logarithm is not.
//!
//! From the middle step on a part of the list is guaranteed to what lies outside the person's usual range,
//! and one slot in ten is a discovery, drawn with a known chance among what something they like leads to.
//!
//! Deliberately does not know: what topics are called, randomness (a seed comes in), whose the history is.

use crate::rank::best;
use crate::varied::{Greedy, alike, sharpened};
use crate::{Ranked, Scores};
use serde::{Deserialize, Serialize};

/// The person's dial, in five honest steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Openness {
    /// Close to my habits.
    Close = 0,
    /// Mostly what I like, with a little air.
    Near = 1,
    /// Some of it beyond my habits.
    #[default]
    Middle = 2,
    /// Broad.
    Wide = 3,
    /// Surprise me.
    Surprise = 4,
}

/// What a step of the dial means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Step {
    /// What variety weighs, against score: 0 to 1.
    pub variety: f64,
    /// The part of the offer's mix in the mix aimed at; the rest is the person's own.
    pub offer: f64,
    /// One in so many items lies outside the person's usual range; 0: no such floor.
    pub outside_one_in: u32,
    /// One slot in so many is a discovery; 0: none.
    pub discovery_one_in: u32,
}

impl Openness {
    /// Every step, from close to open.
    pub const ALL: [Openness; 5] = [
        Openness::Close,
        Openness::Near,
        Openness::Middle,
        Openness::Wide,
        Openness::Surprise,
    ];

    /// The name in files and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Openness::Close => "close",
            Openness::Near => "near",
            Openness::Middle => "middle",
            Openness::Wide => "wide",
            Openness::Surprise => "surprise",
        }
    }

    /// What the step means. The numbers were chosen on the validation people of Online Retail.
    pub fn step(self) -> Step {
        let (variety, offer, outside_one_in, discovery_one_in) = match self {
            Openness::Close => (0.0, 0.1, 0, 0),
            Openness::Near => (0.1, 0.1, 0, 10),
            Openness::Middle => (0.2, 0.2, 5, 10),
            Openness::Wide => (0.4, 0.4, 3, 10),
            Openness::Surprise => (0.7, 0.7, 2, 10),
        };
        Step {
            variety,
            offer,
            outside_one_in,
            discovery_one_in,
        }
    }
}

/// The topics of each item of a model, by place: categories, genres, viewpoints. Public facts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Topics {
    starts: Vec<u32>,
    of_items: Vec<u32>,
    number: u32,
}

impl Topics {
    /// From the topics of each item, in the order of the model's items. An item may have several, or none.
    pub fn new<'t>(items: impl IntoIterator<Item = &'t [u32]>) -> Topics {
        let mut topics = Topics {
            starts: vec![0],
            ..Topics::default()
        };
        for item in items {
            for topic in item {
                topics.number = topics.number.max(topic.saturating_add(1));
                topics.of_items.push(*topic);
            }
            topics.starts.push(topics.of_items.len() as u32);
        }
        topics
    }

    /// How many topics there are.
    pub fn number(&self) -> usize {
        self.number as usize
    }

    /// Those of the item at that place.
    pub fn of(&self, at: u32) -> &[u32] {
        let at = at as usize;
        let ends = self.starts.get(at).zip(self.starts.get(at + 1));
        ends.and_then(|(from, to)| self.of_items.get(*from as usize..*to as usize))
            .unwrap_or_default()
    }

    /// The mix of weighted items: shares of topics that sum to 1, or all 0 where no item has a topic. An
    /// item with several topics counts for each of them in part.
    pub fn mix(&self, items: impl IntoIterator<Item = (u32, f64)>) -> Mix {
        let mut shares = vec![0.0; self.number()];
        let mut sum = 0.0;
        for (at, weight) in items {
            let topics = self.of(at);
            for topic in topics {
                if let Some(share) = shares.get_mut(*topic as usize) {
                    *share += weight / topics.len() as f64;
                    sum += weight / topics.len() as f64;
                }
            }
        }
        if sum > 0.0 {
            shares.iter_mut().for_each(|share| *share /= sum);
        }
        Mix(shares)
    }
}

/// Shares of topics, by their number.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Mix(pub Vec<f64>);

/// What of the mix is a person's usual range: the topics, greatest first, that make up so much of it.
const USUAL: f64 = 0.8;

impl Mix {
    /// The share of a topic.
    pub fn share(&self, topic: u32) -> f64 {
        self.0.get(topic as usize).copied().unwrap_or(0.0)
    }

    /// Whether no topic has a share.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|share| *share == 0.0)
    }

    /// `part` of another mix, and the rest of this one.
    #[must_use]
    pub fn opened(&self, other: &Mix, part: f64) -> Mix {
        if self.is_empty() {
            return other.clone();
        }
        let shares = self.0.iter().zip(&other.0);
        Mix(shares
            .map(|(own, offer)| (1.0 - part) * own + part * offer)
            .collect())
    }

    /// How many topics this amounts to: `1 / Σ p²`, the number of equally great topics that are as varied
    /// (Hill 1973, order 2).
    pub fn effective(&self) -> f64 {
        let squares: f64 = self.0.iter().map(|share| share * share).sum();
        if squares > 0.0 { 1.0 / squares } else { 0.0 }
    }

    /// How unlike another mix it is: the Hellinger distance `√(1 − Σ √(p q))`, 0 the same, 1 nothing in
    /// common.
    pub fn distance(&self, other: &Mix) -> f64 {
        let common: f64 = self.0.iter().zip(&other.0).map(|(p, q)| (p * q).sqrt()).sum();
        (1.0 - common).max(0.0).sqrt()
    }

    /// The topics of the usual range, by their number.
    pub fn usual(&self) -> Vec<bool> {
        let mut order: Vec<(f64, usize)> = self.0.iter().copied().zip(0..).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut usual = vec![false; self.0.len()];
        let mut sum = 0.0;
        for (share, topic) in order {
            if share <= 0.0 || sum >= USUAL {
                break;
            }
            sum += share;
            if let Some(place) = usual.get_mut(topic) {
                *place = true;
            }
        }
        usual
    }
}

/// By what a set is chosen: a placement's, where the dial is the person's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Towards a mix of topics: the person's, opened. For shops and libraries.
    #[default]
    Mix,
    /// For variety itself, whatever the person's mix (determinantal): for news, and wherever the same may be
    /// shown again, so that a history cannot narrow what comes next.
    Varied,
}

/// How a list is to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// The person's dial.
    pub openness: Openness,
    /// Whether the person wants a discovery slot.
    pub discovery: bool,
    /// The topics of the model's items.
    pub topics: &'a Topics,
    /// The mix of what is on offer.
    pub offer: &'a Mix,
    /// What is drawn is drawn from this.
    pub seed: u64,
}

/// Why an item has its slot.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "slot")]
pub enum Slot {
    /// By its score, and by what it adds to the variety of the list.
    Chosen,
    /// Because so many items lie outside the person's usual range.
    Floor,
    /// A discovery: drawn among so many, with this chance.
    Discovery {
        /// Among how many.
        among: u32,
        /// The chance with which this item was shown, over all draws.
        propensity: f64,
    },
}

/// An item of an opened list.
#[derive(Clone, PartialEq, Debug)]
pub struct Placed {
    /// The item with its score and reasons.
    pub ranked: Ranked,
    /// Its place in the model.
    pub at: u32,
    /// It lies outside the person's usual range.
    pub outside: bool,
    /// Why it stands here.
    pub slot: Slot,
}

/// The list is chosen from so many of the best items, or ten times its length.
const POOL: usize = 200;
/// A discovery is drawn among at most so many.
const DISCOVERIES: usize = 50;

impl Scores<'_> {
    /// The mix of the person's own history.
    pub fn own_mix(&self, topics: &Topics) -> Mix {
        topics.mix(self.history())
    }

    /// A list of at most `most` items, opened as the person's dial says, the best score first and a
    /// discovery last in its ten. `eligible` as in [`Scores::rank_at`].
    pub fn open(&self, most: usize, opening: &Opening<'_>, eligible: impl FnMut(u32) -> bool) -> Vec<Placed> {
        self.open_by(Rule::Mix, most, opening, eligible)
    }

    /// As [`Scores::open`], the set chosen by that rule. At the first step of the dial it is the plain list by
    /// either; floors and discoveries are the same.
    pub fn open_by(
        &self,
        rule: Rule,
        most: usize,
        opening: &Opening<'_>,
        mut eligible: impl FnMut(u32) -> bool,
    ) -> Vec<Placed> {
        let step = opening.openness.step();
        let own = self.own_mix(opening.topics);
        // Of whom nothing is known nothing is unusual.
        let usual = (!own.is_empty()).then(|| own.usual());
        let outside = |at: u32| {
            usual
                .as_ref()
                .is_some_and(|usual| is_outside(opening.topics, usual, at))
        };
        let slots = match usual {
            Some(_) if opening.discovery => discovery_slots(most, step.discovery_one_in, opening.seed),
            _ => 0,
        };
        let mut chosen = self.choose(rule, most - slots, &own, opening, &outside, &mut eligible);
        let wanted = usize::try_from(step.outside_one_in).unwrap_or(0);
        let mut drawn = Vec::new();
        for nth in 0..slots {
            let taken = |at: u32| {
                chosen.iter().any(|(known, _)| *known == at) || drawn.iter().any(|one: &Placed| one.at == at)
            };
            let candidates = best(self.totals(), DISCOVERIES, |at| {
                outside(at) && self.leads_to(at) && !taken(at) && eligible(at)
            });
            let draw = scramble(opening.seed ^ scramble(nth as u64 + 1));
            let among = candidates.len();
            let Some(at) = pick(&candidates, draw) else { break };
            if let Some(ranked) = self.ranked(at) {
                let chance = slot_chance(most, step.discovery_one_in, nth) / among as f64;
                drawn.push(Placed {
                    ranked,
                    at,
                    outside: true,
                    slot: Slot::Discovery {
                        among: among as u32,
                        propensity: chance,
                    },
                });
            }
        }
        if drawn.len() < slots {
            // Nothing that could be told as a discovery: the slot goes back to the list.
            chosen = self.choose(rule, most - drawn.len(), &own, opening, &outside, &mut |at| {
                eligible(at) && drawn.iter().all(|one| one.at != at)
            });
        }
        let totals = self.totals();
        let total = |at: u32| totals.get(at as usize).copied().unwrap_or(0);
        chosen.sort_by(|a, b| total(b.0).cmp(&total(a.0)).then(a.0.cmp(&b.0)));
        let mut list: Vec<Placed> = chosen
            .into_iter()
            .filter_map(|(at, by_floor)| {
                let slot = match by_floor && wanted > 0 {
                    true => Slot::Floor,
                    false => Slot::Chosen,
                };
                Some(Placed {
                    ranked: self.ranked(at)?,
                    at,
                    outside: outside(at),
                    slot,
                })
            })
            .collect();
        for (nth, one) in drawn.into_iter().enumerate() {
            let place = (nth * 10 + 9).min(list.len());
            list.insert(place, one);
        }
        list
    }

    /// The set: greedily what adds most, and so many from outside. With each whether only the floor
    /// brought it in.
    fn choose(
        &self,
        rule: Rule,
        most: usize,
        own: &Mix,
        opening: &Opening<'_>,
        outside: &dyn Fn(u32) -> bool,
        eligible: &mut dyn FnMut(u32) -> bool,
    ) -> Vec<(u32, bool)> {
        let step = opening.openness.step();
        let pool = match step.variety > 0.0 {
            true => POOL.max(most.saturating_mul(10)),
            false => most,
        };
        let mut pool = best(self.totals(), pool, &mut *eligible);
        let floor = match step.outside_one_in as usize {
            0 => 0,
            one_in if most * 2 < one_in => 0,
            one_in => most.div_ceil(one_in),
        };
        let found = pool.iter().filter(|at| outside(**at)).count();
        if found < floor {
            let more = best(self.totals(), floor, |at| outside(at) && eligible(at));
            pool.extend(
                more.into_iter()
                    .filter(|at| !pool.contains(at))
                    .collect::<Vec<_>>(),
            );
        }
        let aim = own.opened(opening.offer, step.offer);
        let mut choosing = Choosing::new(rule, self.totals(), &pool, most, &step, &aim, opening.topics);
        let mut chosen: Vec<(u32, bool)> = Vec::with_capacity(most);
        let mut missing = floor.min(pool.iter().filter(|at| outside(**at)).count());
        while chosen.len() < most {
            let forced = missing > 0 && missing >= most - chosen.len();
            let Some(place) = choosing.next(|at| !forced || outside(at)) else {
                break;
            };
            let Some(at) = pool.get(place).copied() else { break };
            choosing.take(place);
            if outside(at) {
                missing = missing.saturating_sub(1);
            }
            chosen.push((at, forced));
        }
        chosen
    }

    /// Whether something of the history speaks for the item: then it can be said why it is shown.
    fn leads_to(&self, at: u32) -> bool {
        let common = self.common(at);
        self.totals()
            .get(at as usize)
            .is_some_and(|total| *total > common)
    }
}

/// A greedy choice under way.
struct Choosing<'a> {
    /// Of each item of the pool: place, relevance, taken.
    items: Vec<(u32, f64, bool)>,
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
    fn new(
        rule: Rule,
        totals: &[i64],
        pool: &[u32],
        most: usize,
        step: &Step,
        aim: &'a Mix,
        topics: &'a Topics,
    ) -> Choosing<'a> {
        let total = |at: &u32| totals.get(*at as usize).copied().unwrap_or(0);
        let greatest = pool.iter().map(total).max().unwrap_or(0).max(1) as f64;
        let most = most.max(1) as f64;
        Choosing {
            items: pool
                .iter()
                .map(|at| (*at, total(at) as f64 / greatest, false))
                .collect(),
            aim,
            topics,
            counts: vec![0.0; topics.number()],
            of_score: (1.0 - step.variety) / most,
            of_variety: step.variety / most.sqrt(),
            varied: match rule {
                Rule::Varied if step.variety > 0.0 => Some(Greedy::new(
                    pool.iter()
                        .map(|at| sharpened(total(at) as f64 / greatest, step.variety))
                        .collect(),
                )),
                _ => None,
            },
        }
    }

    /// The place in the pool of what adds most; of equals the earlier.
    fn next(&self, allowed: impl Fn(u32) -> bool) -> Option<usize> {
        if let Some(varied) = &self.varied {
            return varied.next(|place| self.items.get(place).is_some_and(|(at, _, _)| allowed(*at)));
        }
        let mut found: Option<(f64, usize)> = None;
        for (place, (at, relevance, taken)) in self.items.iter().enumerate() {
            if *taken || !allowed(*at) {
                continue;
            }
            let worth = self.of_score * relevance + self.of_variety * self.adds(*at);
            if found.is_none_or(|(best, _)| worth > best) {
                found = Some((worth, place));
            }
        }
        found.map(|(_, place)| place)
    }

    fn adds(&self, at: u32) -> f64 {
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

    fn take(&mut self, place: usize) {
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
    }
}

/// Nothing of it belongs to the usual range; what has no topic is not known to be outside.
fn is_outside(topics: &Topics, usual: &[bool], at: u32) -> bool {
    let topics = topics.of(at);
    let known = |topic: &u32| usual.get(*topic as usize).copied().unwrap_or(false);
    !topics.is_empty() && !topics.iter().any(known)
}

/// How many slots of a list are discoveries: one in so many in the mean, whatever its length.
fn discovery_slots(most: usize, one_in: u32, seed: u64) -> usize {
    let Some(rest) = most.checked_rem(one_in as usize) else {
        return 0;
    };
    let more = scramble(seed) % u64::from(one_in) < rest as u64;
    most / one_in as usize + usize::from(more)
}

/// The chance that a list of that length has its `nth` discovery slot, from 0.
fn slot_chance(most: usize, one_in: u32, nth: usize) -> f64 {
    let whole = most / (one_in as usize).max(1);
    match nth < whole {
        true => 1.0,
        false => (most % (one_in as usize).max(1)) as f64 / f64::from(one_in),
    }
}

fn pick(candidates: &[u32], draw: u64) -> Option<u32> {
    let among = candidates.len() as u128;
    let place = (u128::from(draw) * among) >> 64;
    candidates.get(usize::try_from(place).ok()?).copied()
}

/// SplitMix64 (Steele, Lea and Flood 2014): neighbouring seeds give unrelated numbers.
fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
