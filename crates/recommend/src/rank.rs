//! From scores to a list: the best items that may be shown.

use crate::{Channel, Model, Ranked, Reason, Scores, score_all};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use vocabulary::{Interaction, ItemId, Moment};

impl Scores<'_> {
    /// The `most` best items among those `eligible`, the best first; of equal scores the lower identifier
    /// first. `eligible` is asked for the best items first, for no more than the list needs, and must
    /// answer the same for the same item.
    pub fn rank(&self, most: usize, mut eligible: impl FnMut(&ItemId) -> bool) -> Vec<Ranked> {
        let items = self.model().items();
        self.rank_at(most, |at| items.get(at as usize).is_some_and(&mut eligible))
    }

    /// [`Scores::rank`], asking by the items' places in [`Model::items`]: nothing need be looked up.
    pub fn rank_at(&self, most: usize, eligible: impl FnMut(u32) -> bool) -> Vec<Ranked> {
        best(self.totals(), most, self.touched(), eligible)
            .into_iter()
            .filter_map(|at| self.ranked(at))
            .collect()
    }

    /// The same list with scores alone: about half the work of [`Scores::rank`].
    pub fn top(&self, most: usize, mut eligible: impl FnMut(&ItemId) -> bool) -> Vec<(&ItemId, f64)> {
        let (unit, items, totals) = (self.model().unit(), self.model().items(), self.totals());
        let eligible = |at: u32| items.get(at as usize).is_some_and(&mut eligible);
        best(totals, most, self.touched(), eligible)
            .into_iter()
            .filter_map(|at| Some((items.get(at as usize)?, *totals.get(at as usize)? as f64 * unit)))
            .collect()
    }

    /// The items of the list that [`Scores::without`] gives, without making those scores: their places in
    /// [`Model::items`].
    pub fn top_without(&self, item: &ItemId, most: usize, eligible: impl FnMut(u32) -> bool) -> Vec<u32> {
        best(&self.totals_without(item), most, self.touched(), eligible)
    }
}

/// The list of a person without one item of their history: by definition what [`score_all`] and
/// [`Scores::rank`] give for the rest. [`Scores::without`] gives the same from scores already at hand.
///
/// Where `eligible` depends on the history ("not what was bought already"), pass the one that belongs to
/// the history without the item.
pub fn counterfactual(
    model: &Model,
    history: &[Interaction],
    removed: &ItemId,
    muted: &[ItemId],
    now: Moment,
    most: usize,
    eligible: impl FnMut(&ItemId) -> bool,
) -> Vec<Ranked> {
    let rest: Vec<Interaction> = history
        .iter()
        .filter(|kept| kept.item != *removed)
        .cloned()
        .collect();
    score_all(model, &rest, muted, now).rank(most, eligible)
}

/// The list that is the same for everybody: by popularity alone. It takes nothing of a person and so
/// cannot use it. `eligible` is asked by the items' places in [`Model::items`].
pub fn contextual(model: &Model, most: usize, eligible: impl FnMut(u32) -> bool) -> Vec<Ranked> {
    let unit = model.unit();
    let list = best(&model.prior, most, 0, eligible)
        .into_iter()
        .filter_map(|at| {
            let score = *model.prior.get(at as usize)? as f64 * unit;
            let prior = Reason {
                channel: Channel::Prior,
                because: None,
                amount: score,
            };
            let reasons = if score == 0.0 { Vec::new() } else { vec![prior] };
            Some(Ranked {
                item: model.items().get(at as usize)?.clone(),
                score,
                reasons,
            })
        });
    list.collect()
}

/// The best eligible places of `totals`, best first. As a rule no more than `refused` of the best are not
/// eligible; if they are, more are taken.
fn best(totals: &[i64], most: usize, refused: usize, mut eligible: impl FnMut(u32) -> bool) -> Vec<u32> {
    let mut list = Vec::with_capacity(most.min(totals.len()));
    let (mut asked, mut wanted) = (0, most.saturating_add(refused).saturating_add(8));
    while list.len() < most && asked < totals.len() {
        for at in first(totals, wanted).into_iter().skip(asked) {
            asked += 1;
            if eligible(at) {
                list.push(at);
                if list.len() == most {
                    break;
                }
            }
        }
        wanted = wanted.saturating_mul(4);
    }
    list
}

/// The places of the `most` largest totals, the largest first, of equal ones the lower place first.
fn first(totals: &[i64], most: usize) -> Vec<u32> {
    if most >= totals.len() {
        let mut all: Vec<(Reverse<i64>, u32)> = (0..)
            .zip(totals)
            .map(|(at, total)| (Reverse(*total), at))
            .collect();
        all.sort_unstable();
        return all.into_iter().map(|(_, at)| at).collect();
    }
    // The worst of the list so far is on top. Places come in ascending order, so an equal total that comes
    // later stays out.
    let mut list: BinaryHeap<(Reverse<i64>, u32)> = BinaryHeap::with_capacity(most + 1);
    let mut bar = i64::MIN;
    for (at, total) in (0..).zip(totals) {
        if list.len() < most {
            list.push((Reverse(*total), at));
        } else if *total > bar
            && let Some(mut worst) = list.peek_mut()
        {
            *worst = (Reverse(*total), at);
        } else {
            continue;
        }
        if list.len() >= most {
            bar = list.peek().map_or(i64::MIN, |(worst, _)| worst.0);
        }
    }
    list.into_sorted_vec().into_iter().map(|(_, at)| at).collect()
}
