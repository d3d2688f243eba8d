//! One list, made: scored, told what the person says, opened, cut under the rules.
//!
//! Deliberately does not know: records, counterfactuals.

use super::record::How;
use super::rules::{Lifted, Rule, Rules};
use super::{MAX_COUNTERFACTUALS, Placing, Request};
use crate::Shop;
use gate::purposes::PersonaliseView;
use recommend::{Beside, Opening, Placed, Ranked, Said, Scratch, Slot, contextual_open, score_all_with};
use std::cell::{Cell, RefCell};
use vocabulary::{Interaction, ItemId, Moment, Preferences, Stance};

/// Most exclusions named in one decision.
const MAX_EXCLUDED: usize = 50;

/// What is seen of the person. Never a trait: no list is chosen by what somebody is.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) history: &'a [Interaction],
    pub(crate) muted: &'a [ItemId],
    pub(crate) preferences: &'a Preferences,
}

impl<'a> Seen<'a> {
    pub(crate) fn of(view: &'a PersonaliseView) -> Seen<'a> {
        Seen {
            history: &view.history,
            muted: &view.muted,
            preferences: &view.preferences,
        }
    }

    /// The history without an item.
    pub(crate) fn without(&self, item: &ItemId) -> Vec<Interaction> {
        let rest = self.history.iter().filter(|one| one.item != *item);
        rest.cloned().collect()
    }
}

/// A list that was made.
pub(crate) struct Made {
    pub(crate) items: Vec<(Ranked, Placing)>,
    pub(crate) excluded: Vec<(ItemId, Rule)>,
    /// The items of the history that carry it.
    pub(crate) carriers: Vec<ItemId>,
}

impl Made {
    /// The items, best first.
    pub(crate) fn ids(&self) -> Vec<ItemId> {
        self.items.iter().map(|(ranked, _)| ranked.item.clone()).collect()
    }
}

thread_local! {
    /// Buffers for the next decision on this thread. They hold nothing of the person of the last one.
    static SCRATCH: Cell<Scratch> = Cell::default();
}

/// Makes a list: from what is seen of a person, or the same for everybody.
pub(crate) fn make(
    seen: Option<&Seen<'_>>,
    request: &Request,
    shop: &Shop,
    how: Option<&How>,
    now: Moment,
    lifted: &Lifted,
) -> Made {
    match seen {
        Some(seen) => profiled(seen, request, shop, how, now, lifted),
        None => contextual(request, shop, how, lifted),
    }
}

fn profiled(
    seen: &Seen<'_>,
    request: &Request,
    shop: &Shop,
    how: Option<&How>,
    now: Moment,
    lifted: &Lifted,
) -> Made {
    let said = |stance| -> Vec<u32> {
        let names = how.iter().flat_map(|_| seen.preferences.of(stance));
        names.filter_map(|name| shop.topic(name)).collect()
    };
    let (interested, less) = (said(Stance::Interested), said(Stance::Less));
    let rules = Rules::new(request, shop, said(Stance::Never), lifted);
    let mut scores = score_all_with(SCRATCH.take(), shop.model(), seen.history, seen.muted, now);
    let beside = Beside {
        rule: how.map(|how| how.rule).unwrap_or_default(),
        said: Said {
            interested: &interested,
            less: &less,
        },
        apart: how.map(|how| how.marks.as_slice()).unwrap_or_default(),
        small: shop.small(),
    };
    let muted = places(shop, seen.muted.iter());
    let bought = seen.history.iter().filter(|one| one.bought > 0);
    let bought = places(shop, bought.map(|one| &one.item));
    let is = |places: &[u32], at: u32| places.binary_search(&at).is_ok();
    let rule = |at| rules.rule(at, is(&muted, at), is(&bought, at));
    scores.say(shop.topics(), &beside.said, |at| rule(at).is_none());
    let taken = Taken::new(&rules, &rule);
    let most = request.most();
    let list = match how {
        None => plain(scores.rank_at(most, |at| taken.passes(at))),
        Some(how) => {
            let opening = Opening {
                openness: seen.preferences.openness,
                discovery: seen.preferences.discovery,
                topics: shop.topics(),
                offer: shop.offer(),
                seed: how.seed,
            };
            placed(scores.open_beside(most, &opening, &beside, |at| taken.passes(at)))
        }
    };
    let lowest = lowest(&list, most).filter(|_| how.is_some());
    // A mute lowers what it mutes: what stands out by it is named all the same.
    if how.is_some() {
        for at in muted.iter().copied() {
            taken.passes(at);
        }
    }
    let excluded = taken.named(|at| lowest.is_none_or(|lowest| scores.unmuted_at(at) > lowest));
    let ranked = list.iter().map(|(ranked, _)| ranked);
    let carriers = scores.carriers(ranked, request.counterfactuals.min(MAX_COUNTERFACTUALS));
    SCRATCH.set(scores.into_scratch());
    Made {
        items: list,
        excluded,
        carriers,
    }
}

/// The places of those items, in order.
fn places<'i>(shop: &Shop, items: impl Iterator<Item = &'i ItemId>) -> Vec<u32> {
    let mut places: Vec<u32> = items.filter_map(|item| shop.model().position(item)).collect();
    places.sort_unstable();
    places
}

fn contextual(request: &Request, shop: &Shop, how: Option<&How>, lifted: &Lifted) -> Made {
    let rules = Rules::new(request, shop, Vec::new(), lifted);
    let rule = |at| rules.rule(at, false, false);
    let taken = Taken::new(&rules, &rule);
    let (model, most) = (shop.model(), request.most());
    let list = match how {
        None => plain(recommend::contextual(model, most, |at| taken.passes(at))),
        Some(how) => placed(contextual_open(model, most, shop.small(), how.seed, |at| {
            taken.passes(at)
        })),
    };
    let lowest = lowest(&list, most).filter(|_| how.is_some());
    let excluded = taken.named(|at| lowest.is_none_or(|lowest| model.prior_at(at) > lowest));
    Made {
        items: list,
        excluded,
        carriers: Vec::new(),
    }
}

/// What the rules took out, while a list is cut.
struct Taken<'a> {
    rules: &'a Rules<'a>,
    rule: &'a dyn Fn(u32) -> Option<Rule>,
    out: RefCell<Vec<(u32, Rule)>>,
}

impl<'a> Taken<'a> {
    fn new(rules: &'a Rules<'a>, rule: &'a dyn Fn(u32) -> Option<Rule>) -> Taken<'a> {
        Taken {
            rules,
            rule,
            out: RefCell::default(),
        }
    }

    fn passes(&self, at: u32) -> bool {
        match (self.rule)(at) {
            None => true,
            // Whatever is of another category was not asked for: not worth naming.
            Some(Rule::Category) => false,
            Some(rule) => {
                self.out.borrow_mut().push((at, rule));
                false
            }
        }
    }

    /// Those that scored high enough, in a fixed order.
    fn named(&self, high_enough: impl Fn(u32) -> bool) -> Vec<(ItemId, Rule)> {
        let out = self.out.borrow();
        let out = out.iter().filter(|(at, _)| high_enough(*at));
        let mut named: Vec<(&ItemId, Rule)> = out
            .filter_map(|(at, rule)| Some((self.rules.item(*at)?, *rule)))
            .collect();
        named.sort_unstable();
        named.dedup();
        named.truncate(MAX_EXCLUDED);
        named
            .into_iter()
            .map(|(item, rule)| (item.clone(), rule))
            .collect()
    }
}

/// The lowest score that was enough by itself; `None`: any was.
fn lowest(list: &[(Ranked, Placing)], most: usize) -> Option<f64> {
    if list.len() < most {
        return None;
    }
    let chosen = list.iter().filter(|(_, place)| place.slot == Slot::Chosen);
    chosen.map(|(ranked, _)| ranked.score).reduce(f64::min)
}

fn plain(list: Vec<Ranked>) -> Vec<(Ranked, Placing)> {
    let place = Placing {
        outside: false,
        slot: Slot::Chosen,
    };
    list.into_iter().map(|ranked| (ranked, place)).collect()
}

fn placed(list: Vec<Placed>) -> Vec<(Ranked, Placing)> {
    let place = |one: Placed| {
        let place = Placing {
            outside: one.outside,
            slot: one.slot,
        };
        (one.ranked, place)
    };
    list.into_iter().map(place).collect()
}
