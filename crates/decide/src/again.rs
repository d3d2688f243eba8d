//! A recorded list, made again from its record: the same items, now with every reason and with what
//! would change it, so that it can be explained long after.
//!
//! Deliberately does not know: whose list it is, words for any of this.

use crate::Shop;
use crate::offers::{self, Mode, Offers, Request};
use gate::Account as _;
use gate::purposes::PersonaliseView;
use serde::Deserialize;
use vocabulary::{Digest, Interaction, ItemId, Moment};

/// What a record says.
#[derive(Deserialize)]
struct Recorded {
    at: Moment,
    catalogue: Digest,
    history: Vec<(String, u32, u32, u32, i64)>,
    items: Vec<(String, serde::de::IgnoredAny)>,
    mode: Mode,
    model: Digest,
    muted: Vec<ItemId>,
    request: Request,
}

/// The outcome of a list, as its record says it.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// When it was made.
    pub at: Moment,
    /// From the person's history or not.
    pub mode: Mode,
    /// Where it was shown, as the site calls it.
    pub placement: String,
    /// How many items of the history were used.
    pub from: usize,
    /// The items, best first.
    pub items: Vec<ItemId>,
    /// By which model.
    pub model: Digest,
    /// From which catalogue.
    pub catalogue: Digest,
}

/// What the record of a list says; `None` if it is no record of a list.
pub fn outcome(details: &str) -> Option<Outcome> {
    let recorded: Recorded = serde_json::from_str(details).ok()?;
    Some(Outcome {
        at: recorded.at,
        mode: recorded.mode,
        placement: recorded.request.placement,
        from: recorded.history.len(),
        items: recorded.items.into_iter().map(|(item, _)| ItemId(item)).collect(),
        model: recorded.model,
        catalogue: recorded.catalogue,
    })
}

/// The same list again, with its reasons and the lists without each of its weightiest items. `None`:
/// the model or the catalogue is another one now, or the outcome is not the recorded one.
pub fn again(details: &str, shop: &Shop) -> Option<Offers> {
    let recorded: Recorded = serde_json::from_str(details).ok()?;
    if recorded.model != shop.model().digest() || recorded.catalogue != shop.catalogue_digest() {
        return None;
    }
    let history = recorded
        .history
        .into_iter()
        .map(|(item, viewed, added, bought, last_at)| Interaction {
            item: ItemId(item),
            viewed,
            added,
            bought,
            last_at: Moment(last_at),
        });
    let view = PersonaliseView {
        history: history.collect(),
        muted: recorded.muted,
    };
    let make = |request: &Request| match recorded.mode {
        Mode::Profiled => offers::profiled(&view, request, shop, recorded.at),
        Mode::Contextual => offers::contextual(request, shop, recorded.at),
    };
    // To the byte, before more is said about it than was recorded.
    if make(&recorded.request).details() != details {
        return None;
    }
    let request = Request {
        counterfactuals: offers::MAX_COUNTERFACTUALS,
        ..recorded.request
    };
    Some(make(&request))
}
