//! What the handlers share: the gate, the model in force, the catalogue, the time.
//!
//! Deliberately does not know: the store, keys; and nothing personal is kept here.

use crate::auth::ApiKeys;
use crate::automation::Automatic;
use crate::channels::settings::Ways;
use crate::ingest::Clock;
use crate::lists::Lists;
use crate::outgoing::Exit;
use crate::past::Past;
use crate::rights::Office;
use crate::witnesses::Witnesses;
use decide::Shop;
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
    /// What the operator says of itself to those who use their rights.
    pub office: Arc<Office>,
    /// Who countersigns the log's checkpoints.
    pub witnesses: Arc<Witnesses>,
    /// The ways out of messages.
    pub exit: Exit,
    /// The ways out; without, nothing leaves.
    pub ways: Option<Arc<Ways>>,
    clock: Clock,
    shop: Arc<RwLock<Option<Arc<Shop>>>>,
    learning: Arc<tokio::sync::Mutex<()>>,
    answered: Arc<tokio::sync::Notify>,
    pub(crate) past: Past,
    pub(crate) automatic: Arc<Automatic>,
    pub(crate) lists: Arc<Lists>,
}

impl App {
    /// An answer of the team is to be mailed.
    pub(crate) fn wake_mail(&self) {
        self.answered.notify_one();
    }

    /// Waits until there is one.
    pub(crate) async fn mail_woken(&self) {
        self.answered.notified().await;
    }

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
            office: Arc::default(),
            witnesses: Arc::default(),
            exit: Exit::default(),
            ways: None,
            clock,
            shop: Arc::default(),
            learning: Arc::default(),
            answered: Arc::default(),
            past: Past::default(),
            automatic: Arc::default(),
            lists: Arc::default(),
        }
    }

    /// With what the operator says of itself.
    #[must_use]
    pub fn with_office(self, office: Office) -> App {
        App {
            office: Arc::new(office),
            ..self
        }
    }

    /// With those who countersign the log's checkpoints.
    #[must_use]
    pub fn with_witnesses(self, witnesses: Witnesses) -> App {
        App {
            witnesses: Arc::new(witnesses),
            ..self
        }
    }

    /// With the ways out of messages.
    #[must_use]
    pub fn with_exit(self, exit: Exit) -> App {
        App { exit, ..self }
    }

    /// With the ways out.
    #[must_use]
    pub fn with_ways(self, ways: Ways) -> App {
        App {
            ways: Some(Arc::new(ways)),
            ..self
        }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// The model in force, with the catalogue; `None` before anything is learned.
    pub fn shop(&self) -> Option<Arc<Shop>> {
        self.shop.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// No model is in force any more.
    pub fn take_model_away(&self) {
        *self.shop.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The right to learn, held by one at a time: the sums change under whoever has it alone.
    pub async fn learning(&self) -> tokio::sync::OwnedMutexGuard<()> {
        Arc::clone(&self.learning).lock_owned().await
    }

    /// Puts a model in force: the next decision uses it.
    pub fn put_model(&self, model: Model) {
        let shop = Shop::new(
            Arc::new(model),
            Arc::clone(&self.catalogue),
            self.catalogue_digest,
        );
        *self.shop.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(shop));
    }
}

impl axum::extract::FromRef<App> for ApiKeys {
    fn from_ref(app: &App) -> ApiKeys {
        app.keys.clone()
    }
}
