//! Offers: which items a person is shown, in which order, and exactly why.
//!
//! The score of an item is the sum of its reasons (crate `recommend`); the rules of the shop filter
//! before the list is cut, and each item they took out of the list is named with its rule. What
//! would change the list is not guessed: it is the list computed again without the item.
//!
//! Deliberately does not know: who the person is, words for any of this.

use crate::Shop;
use gate::Account;
use gate::purposes::PersonaliseView;
use recommend::{Ranked, Scratch, score_all_with};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use vocabulary::{Digest, ItemId, Moment};

/// Most items of one list.
pub const MAX_COUNT: usize = 100;
/// Most counterfactual lists of one decision.
pub const MAX_COUNTERFACTUALS: usize = 10;
/// Bytes that the details of most decisions stay below.
const DETAILS: usize = 8 << 10;
/// Most exclusions named in one decision.
const MAX_EXCLUDED: usize = 50;

/// What the site asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Only items of these categories; empty = all.
    pub categories: Vec<String>,
    /// How many items, at most [`MAX_COUNT`].
    pub count: usize,
    /// For how many of the most influential items of the history the list without them is computed.
    pub counterfactuals: usize,
    /// Leave out what the person bought already.
    pub exclude_bought: bool,
    /// Where the list is shown, as the site calls it.
    pub placement: String,
}

/// A rule of the shop that took an item out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Not in the catalogue any more.
    NotInCatalogue,
    /// The shop hides it.
    Hidden,
    /// It cannot be bought now.
    OutOfStock,
    /// Of a category that was not asked for.
    Category,
    /// The person bought it already, and the site asked to leave such items out.
    AlreadyBought,
    /// The person never wants to see it.
    Muted,
}

/// Whether the list was made from the person's history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// From the person's own history, which they permitted.
    Profiled,
    /// The same for everybody: nothing of the person was opened.
    Contextual,
}

/// The list as it would be without one item of the history.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Counterfactual {
    /// Without what.
    pub without: ItemId,
    /// The items of the list, best first.
    pub items: Vec<ItemId>,
}

/// A decided list with its whole explanation.
#[derive(Clone, PartialEq, Debug)]
pub struct Offers {
    /// Profiled or not.
    pub mode: Mode,
    /// The items, best first, each with reasons that sum to its score.
    pub items: Vec<Ranked>,
    /// Items that scored high enough but were taken out, with the rule.
    pub excluded: Vec<(ItemId, Rule)>,
    /// What would change the list.
    pub counterfactuals: Vec<Counterfactual>,
    /// Which model.
    pub model: Digest,
    details: String,
}

impl Account for Offers {
    fn kind(&self) -> &'static str {
        "recommendation"
    }

    fn program(&self) -> Digest {
        self.model
    }

    fn details(&self) -> String {
        self.details.clone()
    }
}

thread_local! {
    /// Buffers for the next decision on this thread. They hold nothing of the person of the last one.
    static SCRATCH: Cell<Scratch> = Cell::default();
}

/// A list from the person's own history.
pub fn profiled(view: &PersonaliseView, request: &Request, shop: &Shop, now: Moment) -> Offers {
    let rules = Rules::new(request, shop);
    let scores = score_all_with(SCRATCH.take(), shop.model(), &view.history, &view.muted, now);
    let muted = |at| scores.muted(at);
    let (items, excluded) = rules.cut(
        |at| rules.rule(at, muted(at), scores.bought(at)),
        |most, eligible| scores.rank_at(most, eligible),
    );
    let counterfactuals = scores
        .carriers(&items, request.counterfactuals.min(MAX_COUNTERFACTUALS))
        .into_iter()
        .map(|without| {
            let place = shop.model().position(&without);
            let bought = |at| Some(at) != place && scores.bought(at);
            let eligible = |at| rules.rule(at, muted(at), bought(at)).is_none();
            let places = scores.top_without(&without, rules.most(), eligible);
            let items = places.into_iter().filter_map(|at| rules.item(at).cloned());
            Counterfactual {
                items: items.collect(),
                without,
            }
        })
        .collect();
    SCRATCH.set(scores.into_scratch());
    finish(
        Mode::Profiled,
        request,
        shop,
        now,
        Some(view),
        (items, excluded, counterfactuals),
    )
}

/// The list for somebody who is not to be profiled: the same for everybody.
pub fn contextual(request: &Request, shop: &Shop, now: Moment) -> Offers {
    let rules = Rules::new(request, shop);
    let (items, excluded) = rules.cut(
        |at| rules.rule(at, false, false),
        |most, eligible| recommend::contextual(shop.model(), most, eligible),
    );
    finish(
        Mode::Contextual,
        request,
        shop,
        now,
        None,
        (items, excluded, Vec::new()),
    )
}

/// The rules of one request.
struct Rules<'a> {
    request: &'a Request,
    shop: &'a Shop,
    /// The places of the categories asked for.
    categories: Vec<u32>,
}

impl<'a> Rules<'a> {
    fn new(request: &'a Request, shop: &'a Shop) -> Rules<'a> {
        Rules {
            request,
            shop,
            categories: shop.places_of(&request.categories),
        }
    }

    /// How long the list may be.
    fn most(&self) -> usize {
        self.request.count.min(MAX_COUNT)
    }

    fn item(&self, at: u32) -> Option<&'a ItemId> {
        self.shop.model().items().get(at as usize)
    }

    /// Cuts a list under a rule, noting what it took out.
    fn cut(
        &self,
        rule: impl Fn(u32) -> Option<Rule>,
        rank: impl FnOnce(usize, &mut dyn FnMut(u32) -> bool) -> Vec<Ranked>,
    ) -> (Vec<Ranked>, Vec<(ItemId, Rule)>) {
        let mut excluded: Vec<(&ItemId, Rule)> = Vec::new();
        let items = rank(self.most(), &mut |at| match rule(at) {
            None => true,
            // Whatever is of another category was not asked for: not worth naming.
            Some(Rule::Category) => false,
            Some(rule) => {
                excluded.extend(self.item(at).map(|item| (item, rule)));
                false
            }
        });
        // In a fixed order.
        excluded.sort_unstable();
        excluded.dedup();
        excluded.truncate(MAX_EXCLUDED);
        let excluded = excluded.into_iter().map(|(item, rule)| (item.clone(), rule));
        (items, excluded.collect())
    }

    /// The rule that takes the item at that place of the model out, if one does.
    fn rule(&self, at: u32, muted: bool, bought: bool) -> Option<Rule> {
        let standing = self.shop.standing(at).filter(|standing| standing.in_catalogue);
        let Some(standing) = standing else {
            return Some(Rule::NotInCatalogue);
        };
        if standing.hidden {
            Some(Rule::Hidden)
        } else if !self.request.categories.is_empty() && !self.categories.contains(&standing.category) {
            Some(Rule::Category)
        } else if muted {
            Some(Rule::Muted)
        } else if !standing.in_stock {
            Some(Rule::OutOfStock)
        } else if self.request.exclude_bought && bought {
            Some(Rule::AlreadyBought)
        } else {
            None
        }
    }
}

type Parts = (Vec<Ranked>, Vec<(ItemId, Rule)>, Vec<Counterfactual>);

/// What the record says, in the order of its keys.
#[derive(Serialize)]
struct Details<'a> {
    at: Moment,
    catalogue: Digest,
    excluded: &'a [(ItemId, Rule)],
    history: Vec<(&'a str, u32, u32, u32, i64)>,
    items: Vec<(&'a str, f64)>,
    mode: Mode,
    model: Digest,
    muted: &'a [ItemId],
    request: &'a Request,
}

/// The record: all that is needed to execute the decision again, and its outcome.
fn finish(
    mode: Mode,
    request: &Request,
    shop: &Shop,
    now: Moment,
    view: Option<&PersonaliseView>,
    (items, excluded, counterfactuals): Parts,
) -> Offers {
    let history: Vec<(&str, u32, u32, u32, i64)> = view
        .iter()
        .flat_map(|view| &view.history)
        .map(|i| (i.item.as_str(), i.viewed, i.added, i.bought, i.last_at.0))
        .collect();
    let details = Details {
        at: now,
        catalogue: shop.catalogue_digest(),
        excluded: &excluded,
        history,
        items: items.iter().map(|r| (r.item.as_str(), r.score)).collect(),
        mode,
        model: shop.model().digest(),
        muted: view.map(|view| view.muted.as_slice()).unwrap_or_default(),
        request,
    };
    let mut text = Vec::with_capacity(DETAILS);
    // Nothing in it can fail to be written: it has no maps whose keys are no text.
    let _ = serde_json::to_writer(&mut text, &details);
    let details = String::from_utf8(text).unwrap_or_default();
    Offers {
        mode,
        items,
        excluded,
        counterfactuals,
        model: shop.model().digest(),
        details,
    }
}
