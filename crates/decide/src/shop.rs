//! The public facts that decisions rest on, looked up once for each model and not once for each decision.
//!
//! Deliberately does not know: people, requests.

use recommend::Model;
use std::collections::BTreeMap;
use std::sync::Arc;
use vocabulary::{Catalogue, Digest};

/// A model and the catalogue it is used with.
pub struct Shop {
    model: Arc<Model>,
    catalogue: Arc<Catalogue>,
    catalogue_digest: Digest,
    /// Of each item of the model, in its order.
    standings: Vec<Standing>,
    /// Names of categories, in their order.
    categories: Vec<String>,
}

/// What the catalogue says of one item of the model, as far as rules ask.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) in_catalogue: bool,
    pub(crate) hidden: bool,
    pub(crate) in_stock: bool,
    /// Place among the categories.
    pub(crate) category: u32,
}

impl Shop {
    /// A shop that recommends from `catalogue`, whose content address is given, by `model`.
    pub fn new(model: Arc<Model>, catalogue: Arc<Catalogue>, catalogue_digest: Digest) -> Shop {
        let mut places: BTreeMap<&str, u32> = BTreeMap::new();
        for item in catalogue.items() {
            places.insert(&item.category, 0);
        }
        for (number, place) in (0..).zip(places.values_mut()) {
            *place = number;
        }
        let standing = |id| {
            let item = catalogue.get(id);
            Standing {
                in_catalogue: item.is_some(),
                hidden: item.is_some_and(|item| item.hidden),
                in_stock: item.is_some_and(|item| item.in_stock),
                category: item
                    .and_then(|item| places.get(item.category.as_str()))
                    .copied()
                    .unwrap_or(u32::MAX),
            }
        };
        Shop {
            standings: model.items().iter().map(standing).collect(),
            categories: places.into_keys().map(str::to_owned).collect(),
            model,
            catalogue_digest,
            catalogue,
        }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The content address of the catalogue.
    pub fn catalogue_digest(&self) -> Digest {
        self.catalogue_digest
    }

    /// What is known of the item at that place of the model.
    pub(crate) fn standing(&self, at: u32) -> Option<Standing> {
        self.standings.get(at as usize).copied()
    }

    /// The places of those of these categories that exist.
    pub(crate) fn places_of(&self, names: &[String]) -> Vec<u32> {
        let place = |name: &String| self.categories.binary_search(name).ok();
        names
            .iter()
            .filter_map(place)
            .filter_map(|at| u32::try_from(at).ok())
            .collect()
    }
}
