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
//! From the middle step on a part of the list is guaranteed to what lies outside the person's usual range;
//! a fifth is to what they declared an interest in; one slot in ten is a discovery, drawn with a known chance
//! among what something they like leads to; and one in ten is for an item that few people have or that is new.
//!
//! Deliberately does not know: what topics are called, randomness (a seed comes in), whose the history is.

mod choosing;
mod draw;

use crate::rank::best;
use crate::said::Said;
use crate::{Mix, Model, Openness, Ranked, Scores, Step, Topics};
use choosing::{Choosing, Wanted};
use draw::{Drawn, slots};
use serde::{Deserialize, Serialize};

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

/// By what a set is chosen: a placement's, where the dial is the person's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Towards a mix of topics: the person's, opened. For shops and libraries.
    #[default]
    Mix,
    /// For variety itself, whatever the person's mix (determinantal): for news, and wherever the same may be
    /// shown again, so that a history cannot narrow what comes next. At the first step of the dial it is the
    /// plain list; floors and draws are the same.
    Varied,
}

/// What stands beside the dial.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// By what the set is chosen.
    pub rule: Rule,
    /// What the person says of topics: the same that the scores were told ([`Scores::say`]).
    pub said: Said<'a>,
    /// Topics, by their number, that nobody is surprised with: neither a floor nor a draw chooses them.
    pub apart: &'a [bool],
    /// Places of the items that few people have, or that are new: they have slots of their own.
    pub small: &'a [u32],
}

/// Why an item has its slot.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "slot")]
pub enum Slot {
    /// By its score, and by what it adds to the variety of the list.
    Chosen,
    /// Because so many items lie outside the person's usual range.
    Floor,
    /// Because so many are of what the person declared an interest in.
    Interest,
    /// A discovery: drawn among so many, with this chance.
    Discovery {
        /// Among how many.
        among: u32,
        /// The chance with which this item was shown, over all draws.
        propensity: f64,
    },
    /// A place for what few people have or what is new: drawn among so many, with this chance.
    Exposure {
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
/// One slot in so many is for an item that few people have, from the second step on.
const EXPOSURE_ONE_IN: u32 = 10;
/// One item in so many is of a declared interest.
const INTEREST_ONE_IN: usize = 5;

impl Scores<'_> {
    /// The mix of the person's own history.
    pub fn own_mix(&self, topics: &Topics) -> Mix {
        topics.mix(self.history())
    }

    /// [`Scores::open_beside`] of a person who says nothing of topics, where no item has a slot for being small.
    pub fn open(&self, most: usize, opening: &Opening<'_>, eligible: impl FnMut(u32) -> bool) -> Vec<Placed> {
        self.open_beside(most, opening, &Beside::default(), eligible)
    }

    /// As [`Scores::open`], the set chosen by that rule.
    pub fn open_by(
        &self,
        rule: Rule,
        most: usize,
        opening: &Opening<'_>,
        eligible: impl FnMut(u32) -> bool,
    ) -> Vec<Placed> {
        let beside = Beside {
            rule,
            ..Beside::default()
        };
        self.open_beside(most, opening, &beside, eligible)
    }

    /// A list of at most `most` items, opened as the person's dial says, the best score first, a discovery last
    /// in its ten and a small item fifth. `eligible` as in [`Scores::rank_at`].
    pub fn open_beside(
        &self,
        most: usize,
        opening: &Opening<'_>,
        beside: &Beside<'_>,
        mut eligible: impl FnMut(u32) -> bool,
    ) -> Vec<Placed> {
        let range = Range::of(self, opening, beside);
        let step = opening.openness.step();
        let discoveries = match range.usual {
            Some(_) if opening.discovery => slots(most, step.discovery_one_in, opening.seed),
            _ => 0,
        };
        let exposures = match opening.openness {
            _ if beside.small.is_empty() => 0,
            Openness::Close => 0,
            _ => slots(most, EXPOSURE_ONE_IN, draw::other(opening.seed)),
        };
        let drawn_most = (discoveries + exposures).min(most);
        let mut chosen = self.choose((most - drawn_most, most), &range, &mut eligible);
        let mut drawn = Drawn::new(most, opening.seed);
        for _ in 0..discoveries.min(drawn_most) {
            let candidates = best(self.totals(), DISCOVERIES, |at| {
                range.outside(at)
                    && self.leads_to(at)
                    && !is_among(&chosen, at)
                    && !drawn.has(at)
                    && eligible(at)
            });
            drawn.discovery(&candidates, step.discovery_one_in);
        }
        for _ in 0..exposures.min(drawn_most - discoveries.min(drawn_most)) {
            let small = beside.small.iter().copied();
            let candidates: Vec<u32> = small
                .filter(|at| {
                    range.is_familiar(*at) && !is_among(&chosen, *at) && !drawn.has(*at) && eligible(*at)
                })
                .collect();
            drawn.exposure(&candidates, EXPOSURE_ONE_IN);
        }
        if drawn.len() < drawn_most {
            // Nothing that could be told as a discovery, or nothing small: the slot goes back to the list.
            chosen = self.choose((most - drawn.len(), most), &range, &mut |at| {
                !drawn.has(at) && eligible(at)
            });
        }
        self.placed(chosen, drawn, &range)
    }

    /// In order: by score, and what was drawn at its own places.
    fn placed(&self, mut chosen: Vec<(u32, Slot)>, drawn: Drawn, range: &Range<'_>) -> Vec<Placed> {
        chosen.sort_by(|a, b| self.total(b.0).cmp(&self.total(a.0)).then(a.0.cmp(&b.0)));
        let place = |(at, slot): (u32, Slot)| {
            Some(Placed {
                ranked: self.ranked(at)?,
                at,
                outside: range.outside(at),
                slot,
            })
        };
        let mut list: Vec<Placed> = chosen.into_iter().filter_map(place).collect();
        for (at, slot, index) in drawn.into_places() {
            if let Some(one) = place((at, slot)) {
                list.insert(index.min(list.len()), one);
            }
        }
        list
    }

    /// The set: greedily what adds most, so many from outside, so many of declared interests. Floors are of the
    /// `whole` list, of which `most` items are chosen here and the rest is drawn.
    fn choose(
        &self,
        (most, whole): (usize, usize),
        range: &Range<'_>,
        eligible: &mut dyn FnMut(u32) -> bool,
    ) -> Vec<(u32, Slot)> {
        let step = range.step;
        let pool = match step.variety > 0.0 {
            true => POOL.max(most.saturating_mul(10)),
            false => most,
        };
        let mut pool = best(self.totals(), pool, &mut *eligible);
        let mut outside = Wanted::new(match step.outside_one_in as usize {
            0 => 0,
            one_in if whole * 2 < one_in => 0,
            one_in => whole.div_ceil(one_in),
        });
        let mut interest = Wanted::new(match range.beside.said.interested.is_empty() {
            true => 0,
            false => whole.div_ceil(INTEREST_ONE_IN),
        });
        outside.reach(self.totals(), &mut pool, &|at| range.outside(at), eligible);
        interest.reach(self.totals(), &mut pool, &|at| range.interests(at), eligible);
        let mut choosing = Choosing::new(self, &pool, most, range);
        let mut chosen: Vec<(u32, Slot)> = Vec::with_capacity(most);
        while chosen.len() < most {
            let left = most - chosen.len();
            let forced = outside.missing + interest.missing >= left;
            let owed = |at: u32| {
                (outside.missing > 0 && range.outside(at)) || (interest.missing > 0 && range.interests(at))
            };
            let free = forced.then(|| choosing.next(|_| true)).flatten();
            let Some(place) = choosing.next(|at| !forced || owed(at)) else {
                break;
            };
            let Some(at) = pool.get(place).copied() else { break };
            choosing.take(place);
            let by_floor = forced && free != Some(place);
            let slot = match (by_floor, range.outside(at)) {
                (true, true) => Slot::Floor,
                (true, false) => Slot::Interest,
                (false, _) => Slot::Chosen,
            };
            outside.took(range.outside(at));
            interest.took(range.interests(at));
            chosen.push((at, slot));
        }
        chosen
    }

    /// Whether something of the history speaks for the item: then it can be said why it is shown.
    fn leads_to(&self, at: u32) -> bool {
        let spoken = self.spoken(at).map_or(0, |spoken| spoken.interest + spoken.less);
        self.total(at) - spoken > self.common(at)
    }
}

/// The list that is the same for everybody: by popularity, with a slot in ten for an item that few people have.
/// The seed must be nobody's own. `eligible` is asked by the items' places in [`Model::items`].
pub fn contextual_open(
    model: &Model,
    most: usize,
    small: &[u32],
    seed: u64,
    mut eligible: impl FnMut(u32) -> bool,
) -> Vec<Placed> {
    let wanted = match small.is_empty() {
        true => 0,
        false => slots(most, EXPOSURE_ONE_IN, draw::other(seed)),
    };
    let list = |most: usize, eligible: &mut dyn FnMut(u32) -> bool| best(&model.prior, most, eligible);
    let mut chosen = list(most - wanted.min(most), &mut eligible);
    let mut drawn = Drawn::new(most, seed);
    for _ in 0..wanted {
        let small = small.iter().copied();
        let candidates: Vec<u32> = small
            .filter(|at| !chosen.contains(at) && !drawn.has(*at) && eligible(*at))
            .collect();
        drawn.exposure(&candidates, EXPOSURE_ONE_IN);
    }
    if drawn.len() < wanted {
        chosen = list(most - drawn.len(), &mut |at| !drawn.has(at) && eligible(at));
    }
    let place = |at: u32, slot: Slot| {
        Some(Placed {
            ranked: crate::rank::by_popularity(model, at)?,
            at,
            outside: false,
            slot,
        })
    };
    let chosen = chosen.into_iter().filter_map(|at| place(at, Slot::Chosen));
    let mut list: Vec<Placed> = chosen.collect();
    for (at, slot, index) in drawn.into_places() {
        if let Some(one) = place(at, slot) {
            list.insert(index.min(list.len()), one);
        }
    }
    list
}

fn is_among(chosen: &[(u32, Slot)], at: u32) -> bool {
    chosen.iter().any(|(known, _)| *known == at)
}

/// What is usual for the person, and what they say beside it.
struct Range<'a> {
    step: Step,
    aim: Mix,
    /// `None`: of whom nothing is known nothing is unusual.
    usual: Option<Vec<bool>>,
    /// The topics of which no item is outside: usual ones, those something was said of, those nobody is surprised with.
    inside: Option<Vec<bool>>,
    topics: &'a Topics,
    beside: &'a Beside<'a>,
}

impl<'a> Range<'a> {
    fn of(scores: &Scores<'_>, opening: &Opening<'a>, beside: &'a Beside<'a>) -> Range<'a> {
        let own = scores.own_mix(opening.topics);
        let step = opening.openness.step();
        let mut aim = own.opened(opening.offer, step.offer);
        let usual = (!own.is_empty()).then(|| own.usual());
        let inside = usual.as_ref().map(|usual| {
            let topics = (0..opening.topics.number() as u32).map(|topic| {
                let (said, of) = (&beside.said, &[topic]);
                is_marked(usual, topic)
                    || is_marked(beside.apart, topic)
                    || said.interests(of)
                    || said.lowers(of)
            });
            topics.collect()
        });
        // Not shared out anew: what is said of one topic moves no other.
        let greatest = aim.0.iter().copied().fold(0.0, f64::max);
        for (topic, share) in aim.0.iter_mut().enumerate() {
            if beside.said.interests(&[topic as u32]) {
                *share = share.max(greatest);
            }
            if beside.said.lowers(&[topic as u32]) {
                *share /= 2.0;
            }
        }
        Range {
            step,
            aim,
            usual,
            inside,
            topics: opening.topics,
            beside,
        }
    }

    /// Nothing of it belongs to the usual range, nothing was said of it, and nobody is to be surprised with
    /// something else. What has no topic is not known to be outside.
    fn outside(&self, at: u32) -> bool {
        let topics = self.topics.of(at);
        let inside = |inside: &Vec<bool>| topics.iter().any(|topic| is_marked(inside, *topic));
        !topics.is_empty() && self.inside.as_ref().is_some_and(|known| !inside(known))
    }

    fn interests(&self, at: u32) -> bool {
        self.beside.said.interests(self.topics.of(at))
    }

    /// Usual, or declared; of whom nothing is known everything is. Never what less is wanted of.
    fn is_familiar(&self, at: u32) -> bool {
        let topics = self.topics.of(at);
        let usual = |usual: &Vec<bool>| topics.iter().any(|topic| is_marked(usual, *topic));
        !self.is_apart(topics)
            && !self.beside.said.lowers(topics)
            && (self.interests(at) || self.usual.as_ref().is_none_or(usual))
    }

    fn is_apart(&self, topics: &[u32]) -> bool {
        topics.iter().any(|topic| is_marked(self.beside.apart, *topic))
    }
}

fn is_marked(marks: &[bool], topic: u32) -> bool {
    marks.get(topic as usize).copied().unwrap_or(false)
}
