//! Models and catalogues of the past, by their content addresses: a decision is explained by what made it,
//! and not by what is in force since.
//!
//! Deliberately does not know: decisions, people.

use crate::app::App;
use decide::Shop;
use gate::Unavailable;
use recommend::Model;
use std::sync::{Arc, Mutex, PoisonError};
use vocabulary::{Catalogue, Digest};

/// How many are held at once.
const HELD: usize = 4;

/// A model, a catalogue, and the shop they make if both are still kept.
type Known = (Digest, Digest, Option<Arc<Shop>>);

/// The latest few that were asked for; those of one list are asked for again by the next. Cheap to clone.
#[derive(Clone, Default)]
pub struct Past(Arc<Mutex<Vec<Known>>>);

impl App {
    /// What made a list: the shop in force, or one of the past whose model and catalogue are still kept.
    /// `None`: one of the two is gone. Blocks: for code that runs beside the asynchronous threads.
    pub fn shop_of(&self, model: Digest, catalogue: Digest) -> Option<Arc<Shop>> {
        if let Some(shop) = self.shop()
            && shop.model().digest() == model
            && shop.catalogue_digest() == catalogue
        {
            return Some(shop);
        }
        let held = || self.past.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, shop)) = held().iter().find(|(m, c, _)| (*m, *c) == (model, catalogue)) {
            return shop.clone();
        }
        // Read without the lock: somebody else's page must not wait for it.
        // What the store could not say now is asked again; what is gone stays gone.
        let shop = self.read(model, catalogue).ok()?.map(Arc::new);
        let mut held = held();
        held.retain(|(m, c, _)| (*m, *c) != (model, catalogue));
        held.insert(0, (model, catalogue, shop.clone()));
        held.truncate(HELD);
        shop
    }

    fn read(&self, model: Digest, catalogue: Digest) -> Result<Option<Shop>, Unavailable> {
        let model = self.gate.artefact_now(model)?;
        let Some(model) = model.and_then(|bytes| Model::read(&bytes).ok()) else {
            return Ok(None);
        };
        let items = match catalogue == self.catalogue_digest {
            true => Some(Arc::clone(&self.catalogue)),
            false => self.gate.artefact_now(catalogue)?.and_then(|bytes| {
                let items = crate::files::read_catalogue(&String::from_utf8(bytes).ok()?).ok()?;
                Some(Arc::new(Catalogue::new(items)))
            }),
        };
        Ok(items.map(|items| Shop::new(Arc::new(model), items, catalogue)))
    }
}
