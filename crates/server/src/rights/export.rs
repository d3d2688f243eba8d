//! The export of one person, for one request.
//!
//! Deliberately does not know: what is in it; `decide::rights` does.

use super::{Fault, Form, RefusedError, Right};
use crate::app::App;
use decide::Shop;
use decide::rights::{self, Facts};
use gate::charter::Requester;
use gate::{Ask, Subject};
use recommend::Model;
use std::cell::RefCell;
use std::sync::Arc;
use vocabulary::{Catalogue, Digest, Signals};

/// Models of the past that are held at once while an answer is made.
const HELD: usize = 4;

/// An export, recorded.
pub struct Exported {
    /// The document.
    pub bytes: Vec<u8>,
    /// Its record: by this its receipt can be had.
    pub record: gate::RecordId,
}

/// Everything that is kept of the person, in one document. `None`: there is no such person.
pub async fn export(
    app: &App,
    subject: Subject<'_>,
    right: Right,
    form: Form,
    signals: Signals,
) -> Result<Option<Exported>, Fault> {
    let now = app.now();
    let office = &app.office;
    let facts = Facts {
        right,
        at: now,
        controller: office.controller.clone(),
        authority: office.authority.clone(),
        recipients: office.recipients.clone(),
        register: gate::purposes::register().to_vec(),
        event_days: office.event_days,
        dictionary: app.gate.dictionary().digest(),
    };
    let ask = Ask {
        signals,
        requester: Requester::System,
        now,
    };
    let maker = app.clone();
    let answer = app
        .gate
        .answer(subject, ask, move |view, archive| {
            let shelves = Shelves::new(maker.clone());
            rights::export(view, archive, &facts, form, &|model, catalogue| {
                shelves.shop(model, catalogue)
            })
        })
        .await?;
    match answer {
        None => Ok(None),
        Some(Err(refused)) => Err(Fault::Charter(RefusedError(refused))),
        Some(Ok(recorded)) => Ok(Some(Exported {
            bytes: recorded.proposal.bytes,
            record: recorded.record,
        })),
    }
}

/// A model, a catalogue, and the shop they make if both are still kept.
type Held = (Digest, Digest, Option<Arc<Shop>>);

/// The shops that made the lists of an answer: the one in force, and those of the past whose model
/// and catalogue are still kept. Lists of one model follow one another, so few are held.
struct Shelves {
    app: App,
    held: RefCell<Vec<Held>>,
}

impl Shelves {
    fn new(app: App) -> Shelves {
        Shelves {
            app,
            held: RefCell::default(),
        }
    }

    fn shop(&self, model: Digest, catalogue: Digest) -> Option<Arc<Shop>> {
        let in_force = self.app.shop();
        if let Some(shop) = in_force
            && shop.model().digest() == model
            && shop.catalogue_digest() == catalogue
        {
            return Some(shop);
        }
        let mut held = self.held.borrow_mut();
        if let Some((_, _, shop)) = held.iter().find(|(m, c, _)| (*m, *c) == (model, catalogue)) {
            return shop.clone();
        }
        let shop = self.read(model, catalogue).map(Arc::new);
        held.insert(0, (model, catalogue, shop.clone()));
        held.truncate(HELD);
        shop
    }

    fn read(&self, model: Digest, catalogue: Digest) -> Option<Shop> {
        let model = Model::read(&self.app.gate.artefact_now(model).ok()??).ok()?;
        if catalogue == self.app.catalogue_digest {
            return Some(Shop::new(
                Arc::new(model),
                Arc::clone(&self.app.catalogue),
                catalogue,
            ));
        }
        let text = String::from_utf8(self.app.gate.artefact_now(catalogue).ok()??).ok()?;
        let items = crate::files::read_catalogue(&text).ok()?;
        Some(Shop::new(
            Arc::new(model),
            Arc::new(Catalogue::new(items)),
            catalogue,
        ))
    }
}
