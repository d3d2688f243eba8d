//! From scores to a list: the best items that may be shown.

use crate::{Channel, Model, Ranked, Reason, Scores, score_all};
use std::cmp::Reverse;
use vocabulary::{Interaction, ItemId, Moment};

impl Scores<'_> {
    /// The `most` best items among those `eligible`, the best first; of equal scores the lower identifier
    /// first. `eligible` is asked for all items that would enter the list and for few others, in no promised order,
    /// and must answer the same for the same item.
    pub fn rank(&self, most: usize, mut eligible: impl FnMut(&ItemId) -> bool) -> Vec<Ranked> {
        let items = self.model().items();
        self.rank_at(most, |at| items.get(at as usize).is_some_and(&mut eligible))
    }

    /// [`Scores::rank`], asking by the items' places in [`Model::items`]: nothing need be looked up.
    pub fn rank_at(&self, most: usize, eligible: impl FnMut(u32) -> bool) -> Vec<Ranked> {
        best(self.totals(), most, eligible)
            .into_iter()
            .filter_map(|at| self.ranked(at))
            .collect()
    }

    /// The same list with scores alone: about half the work of [`Scores::rank`].
    pub fn top(&self, most: usize, mut eligible: impl FnMut(&ItemId) -> bool) -> Vec<(&ItemId, f64)> {
        let (unit, items, totals) = (self.model().unit(), self.model().items(), self.totals());
        let eligible = |at: u32| items.get(at as usize).is_some_and(&mut eligible);
        best(totals, most, eligible)
            .into_iter()
            .filter_map(|at| Some((items.get(at as usize)?, *totals.get(at as usize)? as f64 * unit)))
            .collect()
    }

    /// The items of the list that [`Scores::without`] gives, without making those scores: their places in
    /// [`Model::items`].
    pub fn top_without(&self, item: &ItemId, most: usize, eligible: impl FnMut(u32) -> bool) -> Vec<u32> {
        best(&self.totals_without(item), most, eligible)
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
    let list = best(&model.prior, most, eligible);
    list.into_iter()
        .filter_map(|at| by_popularity(model, at))
        .collect()
}

/// An item with the one reason that is nobody's own.
pub(crate) fn by_popularity(model: &Model, at: u32) -> Option<Ranked> {
    let score = *model.prior.get(at as usize)? as f64 * model.unit();
    let prior = Reason {
        channel: Channel::Prior,
        because: None,
        amount: score,
    };
    Some(Ranked {
        item: model.items().get(at as usize)?.clone(),
        score,
        reasons: if score == 0.0 { Vec::new() } else { vec![prior] },
    })
}

/// The best eligible places of `totals`, best first, of equal ones the lower place first.
pub(crate) fn best(totals: &[i64], most: usize, mut eligible: impl FnMut(u32) -> bool) -> Vec<u32> {
    if most == 0 {
        return Vec::new();
    }
    // Twice as many are gathered before the worse half of them is thrown away, which takes no longer than to look at
    // them; a heap would be put in order for every single one. Places come in ascending order, so an equal total that
    // comes later stays out.
    let room = most.saturating_mul(2).min(totals.len());
    let mut list: Vec<(Reverse<i64>, u32)> = Vec::with_capacity(room);
    let mut bar = i64::MIN;
    let mut is_barred = false;
    for (at, total) in (0..).zip(totals) {
        if is_barred && *total <= bar || !eligible(at) {
            continue;
        }
        list.push((Reverse(*total), at));
        if list.len() > most && list.len() >= room {
            let (_, worst, _) = list.select_nth_unstable(most - 1);
            (bar, is_barred) = (worst.0.0, true);
            list.truncate(most);
        }
    }
    list.sort_unstable();
    list.truncate(most);
    list.into_iter().map(|(_, at)| at).collect()
}
