//! What the handlers share: the gate, the model in force, the catalogue, the time.
//!
//! Deliberately does not know: the store, keys; and nothing personal is kept here.

use crate::auth::ApiKeys;
use crate::ingest::Clock;
use gate::Gate;
use recommend::Model;
use std::sync::{Arc, PoisonError, RwLock};
use vocabulary::{Catalogue, Digest, Moment};

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The doors.
    pub gate: Gate,
    /// Who may call.
    pub keys: ApiKeys,
    /// What can be recommended.
    pub catalogue: Arc<Catalogue>,
    /// Its content address.
    pub catalogue_digest: Digest,
    clock: Clock,
    model: Arc<RwLock<Option<Arc<Model>>>>,
}

impl App {
    /// An application without a model yet.
    pub fn new(
        gate: Gate,
        keys: ApiKeys,
        catalogue: Catalogue,
        catalogue_digest: Digest,
        clock: Clock,
    ) -> App {
        App {
            gate,
            keys,
            catalogue: Arc::new(catalogue),
            catalogue_digest,
            clock,
            model: Arc::default(),
        }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// The model in force.
    pub fn model(&self) -> Option<Arc<Model>> {
        self.model.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a model in force: the next decision uses it.
    pub fn put_model(&self, model: Model) {
        *self.model.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(model));
    }
}

impl axum::extract::FromRef<App> for ApiKeys {
    fn from_ref(app: &App) -> ApiKeys {
        app.keys.clone()
    }
}
