//! What a person says of topics, as addends of scores: an interest they declared lifts its items, a topic of
//! which they want less halves them. In whole numbers, so that every score stays the sum of its reasons.
//!
//! A declared interest outranks whatever was inferred: the item of it that most people choose gets what the best
//! item has without it, and a unit more; each other item of it as much less as fewer people choose it, so that a
//! large topic does not fill the list. Deliberately does not know: what topics are called.

use crate::rank::best;
use crate::{Channel, Scores, Topics};

/// What was said of topics, by their number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// Topics that the person declared an interest in.
    pub interested: &'a [u32],
    /// Topics of which they want less.
    pub less: &'a [u32],
}

impl Said<'_> {
    /// Whether a declared interest is among those topics.
    pub fn interests(&self, topics: &[u32]) -> bool {
        topics.iter().any(|topic| self.interested.contains(topic))
    }

    /// Whether a topic of which less is wanted is among them.
    pub fn lowers(&self, topics: &[u32]) -> bool {
        topics.iter().any(|topic| self.less.contains(topic))
    }
}

/// What was said adds to one item, in units: by interests (never negative), by "less" (never positive).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Spoken {
    pub(crate) at: u32,
    pub(crate) interest: i64,
    pub(crate) less: i64,
}

impl Scores<'_> {
    /// Adds what the person says of topics. `eligible` as in [`Scores::rank_at`]: what cannot be shown lifts
    /// nothing. To be said once, after scoring; [`Scores::without`] is of scores of which nothing was said.
    pub fn say(&mut self, topics: &Topics, said: &Said<'_>, mut eligible: impl FnMut(u32) -> bool) {
        if said.interested.is_empty() && said.less.is_empty() {
            return;
        }
        let greatest = best(self.totals(), 1, &mut eligible);
        let greatest = greatest.first().map_or(0, |at| self.total(*at));
        let lift = Lift::of(self, topics, said, greatest, &mut eligible);
        let mut spoken = Vec::new();
        for at in 0..self.totals().len() as u32 {
            let of_item = topics.of(at);
            let (interests, lowers) = (said.interests(of_item), said.lowers(of_item));
            if !interests && !lowers {
                continue;
            }
            let interest = match (interests, &lift) {
                (true, Some(lift)) => lift.of_item(self.prior_of(at)),
                _ => 0,
            };
            let less = match lowers {
                true => -((self.total(at) + interest).max(0) / 2),
                false => 0,
            };
            spoken.push(Spoken { at, interest, less });
        }
        self.speak(spoken, greatest);
    }
}

/// By how much a declared interest lifts the item of it that most people choose.
struct Lift {
    most: i64,
    prior: i64,
}

impl Lift {
    fn of(
        scores: &Scores<'_>,
        topics: &Topics,
        said: &Said<'_>,
        greatest: i64,
        eligible: &mut dyn FnMut(u32) -> bool,
    ) -> Option<Lift> {
        let places = 0..scores.totals().len() as u32;
        let first = places
            .filter(|at| said.interests(topics.of(*at)) && eligible(*at))
            .max_by_key(|at| (scores.prior_of(*at), scores.total(*at), std::cmp::Reverse(*at)))?;
        Some(Lift {
            most: greatest.max(0) - scores.total(first).min(0) + 1,
            prior: scores.prior_of(first),
        })
    }

    fn of_item(&self, prior: i64) -> i64 {
        if self.prior <= 0 {
            return self.most;
        }
        let part = i128::from(self.most) * i128::from(prior.clamp(0, self.prior)) / i128::from(self.prior);
        i64::try_from(part).unwrap_or(self.most)
    }
}

impl Spoken {
    /// As addends of a score.
    pub(crate) fn addends(&self) -> [(Channel, Option<u32>, i64); 2] {
        [
            (Channel::Interest, None, self.interest),
            (Channel::Less, None, self.less),
        ]
    }
}
