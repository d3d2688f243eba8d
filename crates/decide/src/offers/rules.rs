//! What takes an item out of a list: the rules of the shop, what the site asked for, the person's own word.
//!
//! Deliberately does not know: scores.

use super::Request;
use crate::Shop;
use serde::{Deserialize, Serialize};
use vocabulary::ItemId;

/// A rule that took an item out.
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
    /// The person wants to see nothing of its topic.
    MutedTopic,
}

/// A rule of the shop that is thought away, to find out what it changes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lifted {
    /// For the item at that place of the model.
    pub(crate) at: Option<u32>,
}

/// The rules of one request.
pub(super) struct Rules<'a> {
    request: &'a Request,
    shop: &'a Shop,
    /// The places of the categories asked for.
    categories: Vec<u32>,
    /// The topics of which the person wants to see nothing.
    never: Vec<u32>,
    lifted: Lifted,
}

impl<'a> Rules<'a> {
    pub(super) fn new(request: &'a Request, shop: &'a Shop, never: Vec<u32>, lifted: &Lifted) -> Rules<'a> {
        Rules {
            request,
            shop,
            categories: shop.places_of(&request.categories),
            never,
            lifted: *lifted,
        }
    }

    pub(super) fn item(&self, at: u32) -> Option<&'a ItemId> {
        self.shop.model().items().get(at as usize)
    }

    /// The rule that takes the item at that place of the model out, if one does.
    pub(super) fn rule(&self, at: u32, muted: bool, bought: bool) -> Option<Rule> {
        let lifted = self.lifted.at == Some(at);
        let standing = self.shop.standing(at).filter(|standing| standing.in_catalogue);
        let Some(standing) = standing else {
            // Of what is not there nothing more is known.
            return Some(Rule::NotInCatalogue);
        };
        if standing.hidden && !lifted {
            Some(Rule::Hidden)
        } else if !self.request.categories.is_empty() && !self.categories.contains(&standing.category) {
            Some(Rule::Category)
        } else if muted {
            Some(Rule::Muted)
        } else if self
            .shop
            .topics()
            .of(at)
            .iter()
            .any(|topic| self.never.contains(topic))
        {
            Some(Rule::MutedTopic)
        } else if !standing.in_stock && !lifted {
            Some(Rule::OutOfStock)
        } else if self.request.exclude_bought && bought {
            Some(Rule::AlreadyBought)
        } else {
            None
        }
    }
}
