//! The public facts that decisions rest on, looked up once for each model and not once for each decision.
//!
//! Deliberately does not know: people, requests.

use gate::dictionary::special::{self, Place};
use recommend::{Mix, Model, Topics};
use std::collections::BTreeMap;
use std::sync::Arc;
use vocabulary::{Catalogue, Digest, ItemId};

/// A model and the catalogue it is used with.
pub struct Shop {
    model: Arc<Model>,
    catalogue: Arc<Catalogue>,
    catalogue_digest: Digest,
    /// Of each item of the model, in its order.
    standings: Vec<Standing>,
    /// Names of categories, in their order: the topics of items.
    categories: Vec<String>,
    /// Of each item of the model, its topic.
    topics: Topics,
    /// The mix of the catalogue.
    offer: Mix,
    /// Of each category, whether its name speaks of a special category (GDPR art. 9).
    apart: Vec<bool>,
    /// The half of the items that fewer people have, or nobody yet.
    small: Vec<u32>,
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
        let standings: Vec<Standing> = model.items().iter().map(standing).collect();
        let categories: Vec<String> = places.into_keys().map(str::to_owned).collect();
        let topics = topics(&standings, &categories);
        let offered = (0..)
            .zip(&standings)
            .filter(|(_, standing)| standing.in_catalogue);
        Shop {
            offer: topics.mix(offered.map(|(at, _)| (at, 1.0))),
            apart: categories
                .iter()
                .map(|name| special::found(name, Place::Text).is_some())
                .collect(),
            small: small(&model, &standings),
            topics,
            standings,
            categories,
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

    /// The topics of the model's items: their categories.
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// The mix of topics of the catalogue.
    pub fn offer(&self) -> &Mix {
        &self.offer
    }

    /// The name of a topic.
    pub fn topic_name(&self, topic: u32) -> Option<&str> {
        self.categories.get(topic as usize).map(String::as_str)
    }

    /// The number of a topic.
    pub fn topic(&self, name: &str) -> Option<u32> {
        let at = self.categories.binary_search_by(|known| known.as_str().cmp(name));
        at.ok().and_then(|at| u32::try_from(at).ok())
    }

    /// The topic of an item, if it has one.
    pub fn topic_of(&self, item: &ItemId) -> Option<&str> {
        let at = self.model.position(item)?;
        self.topics
            .of(at)
            .first()
            .and_then(|topic| self.topic_name(*topic))
    }

    /// The topics that a person may be asked about or surprised with, by name: those with an item, whose names
    /// speak of nothing that is of a special category.
    pub fn told_topics(&self) -> impl Iterator<Item = &str> {
        let told = self.categories.iter().zip(&self.apart).zip(&self.offer.0);
        told.filter(|((name, apart), share)| !name.is_empty() && !**apart && **share > 0.0)
            .map(|((name, _), _)| name.as_str())
    }

    /// The topics that nobody is surprised with, by name.
    pub(crate) fn apart(&self) -> impl Iterator<Item = &str> {
        let apart = self.categories.iter().zip(&self.apart);
        apart.filter(|(_, apart)| **apart).map(|(name, _)| name.as_str())
    }

    /// Of each topic whether it is among those names.
    pub(crate) fn marked(&self, names: &[String]) -> Vec<bool> {
        let mut marked = vec![false; self.categories.len()];
        for at in names.iter().filter_map(|name| self.topic(name)) {
            if let Some(mark) = marked.get_mut(at as usize) {
                *mark = true;
            }
        }
        marked
    }

    /// The places of the items that few people have.
    pub(crate) fn small(&self) -> &[u32] {
        &self.small
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

/// The category of each item that has one.
fn topics(standings: &[Standing], categories: &[String]) -> Topics {
    let of = |standing: &Standing| {
        let name = categories.get(standing.category as usize);
        name.filter(|name| !name.is_empty()).map(|_| standing.category)
    };
    let each: Vec<Option<u32>> = standings.iter().map(of).collect();
    Topics::new(each.iter().map(Option::as_slice))
}

/// The places, in order, of the half of the catalogue that fewer people have; of equals all.
fn small(model: &Model, standings: &[Standing]) -> Vec<u32> {
    let popular = |at: u32| {
        let item = model.items().get(at as usize);
        item.and_then(|item| model.popularity(item)).unwrap_or(0.0)
    };
    let places = (0..).zip(standings).filter(|(_, standing)| standing.in_catalogue);
    let all: Vec<(f64, u32)> = places.map(|(at, _)| (popular(at), at)).collect();
    let mut sorted: Vec<f64> = all.iter().map(|(share, _)| *share).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(median) = sorted.get((sorted.len() / 2).saturating_sub(1)) else {
        return Vec::new();
    };
    let small = all.iter().filter(|(share, _)| share <= median);
    small.map(|(_, at)| *at).collect()
}
