//! Offers: which items a person is shown, in which order, and exactly why.
//!
//! The score of an item is the sum of its reasons (crate `recommend`); the list is opened as the person's dial
//! says; the rules of the shop and the person's own filter before the list is cut, and each item they took out
//! of it is named with its rule. What would change the list is not guessed: it is the list made again.
//!
//! Deliberately does not know: who the person is, where a seed comes from, words for any of this.

mod list;
mod record;
mod rules;

pub(crate) use list::{Made, Seen, make};
pub(crate) use record::{How, Opened};
pub(crate) use rules::Lifted;
pub use rules::Rule;

use crate::Shop;
use gate::Account;
use gate::purposes::PersonaliseView;
pub use recommend::Rule as Choose;
use recommend::{Ranked, Slot};
use serde::{Deserialize, Serialize};
use vocabulary::{Digest, ItemId, Moment};

/// Most items of one list.
pub const MAX_COUNT: usize = 100;
/// Most counterfactual lists of one decision.
pub const MAX_COUNTERFACTUALS: usize = 10;

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

impl Request {
    /// How long the list may be.
    pub(crate) fn most(&self) -> usize {
        self.count.min(MAX_COUNT)
    }
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

/// Why an item stands where it stands.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(into = "record::Written", try_from = "record::Written")]
pub struct Placing {
    /// It lies outside the person's usual range.
    pub outside: bool,
    /// Why it has its slot.
    pub slot: Slot,
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
    /// Of each of them why it stands there.
    pub places: Vec<Placing>,
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

/// A list from the person's own history, opened as they wish, towards a mix of topics. What is drawn is drawn from the
/// seed, below 2^53.
pub fn profiled(view: &PersonaliseView, request: &Request, shop: &Shop, seed: u64, now: Moment) -> Offers {
    profiled_by(Choose::Mix, view, request, shop, seed, now)
}

/// As [`profiled`], chosen by the rule that the program declares for the placement.
pub fn profiled_by(
    rule: Choose,
    view: &PersonaliseView,
    request: &Request,
    shop: &Shop,
    seed: u64,
    now: Moment,
) -> Offers {
    decided(Some(view), request, shop, Some(&How::by(rule, shop, seed)), now)
}

/// The list for somebody who is not to be profiled: the same for everybody. The seed must be nobody's own.
pub fn contextual(request: &Request, shop: &Shop, seed: u64, now: Moment) -> Offers {
    decided(None, request, shop, Some(&How::now(shop, seed)), now)
}

/// The list and its record. Without a view the same for everybody; without `how` as lists were made before they
/// were opened.
pub(crate) fn decided(
    view: Option<&PersonaliseView>,
    request: &Request,
    shop: &Shop,
    how: Option<&How>,
    now: Moment,
) -> Offers {
    let seen = view.map(Seen::of);
    let made = make(seen.as_ref(), request, shop, how, now, &Lifted::default());
    let counterfactuals = seen.iter().flat_map(|seen| {
        made.carriers.iter().map(|without| {
            let history = seen.without(without);
            let rest = Seen {
                history: &history,
                ..*seen
            };
            let items = make(Some(&rest), request, shop, how, now, &Lifted::default());
            Counterfactual {
                without: without.clone(),
                items: items.ids(),
            }
        })
    });
    let counterfactuals = counterfactuals.collect();
    let details = record::write(view, request, shop, how, now, &made);
    let (items, places) = made.items.into_iter().unzip();
    Offers {
        mode: match view {
            Some(_) => Mode::Profiled,
            None => Mode::Contextual,
        },
        items,
        places,
        excluded: made.excluded,
        counterfactuals,
        model: shop.model().digest(),
        details,
    }
}
