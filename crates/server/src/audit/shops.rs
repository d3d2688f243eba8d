//! Models and catalogues of the past, read once each from what is kept, and decisions executed again with them.
//!
//! Deliberately does not know: whose decision it is.

use crate::app::App;
use ::program::Program;
use decide::{Shop, again, compose};
use gate::{Executed, Flaw, Gate, Published, Reopened};
use recommend::Model;
use std::sync::{Arc, Mutex, PoisonError};
use vocabulary::{Catalogue, Digest};

/// Shops of the past that are held at once.
const HELD: usize = 4;

type Held = ((Digest, Digest), Result<Arc<Shop>, Flaw>);

/// The shops that made the lists of the past.
pub(super) struct Shops {
    gate: Gate,
    held: Mutex<Vec<Held>>,
}

impl Shops {
    pub(super) fn new(app: &App) -> Shops {
        Shops {
            gate: app.gate.clone(),
            held: Mutex::default(),
        }
    }

    /// Executes a recorded decision again. Everything is read from what is kept and compared with its
    /// digest, also what is in force: a file that rots is found.
    pub(super) fn execute(&self, reopened: &Reopened) -> Executed {
        if reopened.entry.kind == gate::dispatch::KIND {
            return self.message(reopened);
        }
        if reopened.entry.kind != "recommendation" {
            return Executed::NoDecision;
        }
        let Some((model, catalogue)) = again::made_by(&reopened.details) else {
            return Executed::Different("the record is not one of a list".to_owned());
        };
        if reopened.entry.program != Some(model.0) {
            return Executed::Different("the log names another model than the record".to_owned());
        }
        match self.shop(model, catalogue) {
            Ok(shop) => match again::differs(&reopened.details, &shop) {
                None => Executed::Same,
                Some(place) => Executed::Different(place),
            },
            Err(flaw) => Executed::Impossible(flaw),
        }
    }

    /// A message, judged and written again by the program that its entry names.
    fn message(&self, reopened: &Reopened) -> Executed {
        if reopened.entry.verdict != "allow" {
            return Executed::NoDecision;
        }
        let Some(digest) = reopened.entry.program.map(Digest) else {
            return Executed::NoDecision;
        };
        match self.gate.artefact_state(digest) {
            Ok(Published::Intact(bytes)) => match Program::unpack(&bytes) {
                Ok(program) => compose::again(&program, &reopened.details),
                // What became of a message names what was in force otherwise.
                Err(_) => Executed::NoDecision,
            },
            Ok(Published::Damaged) => Executed::Impossible(Flaw::ProgramDamaged),
            _ => Executed::Impossible(Flaw::ProgramMissing),
        }
    }

    fn shop(&self, model: Digest, catalogue: Digest) -> Result<Arc<Shop>, Flaw> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, shop)) = held.iter().find(|(of, _)| *of == (model, catalogue)) {
            return shop.clone();
        }
        let shop = self.read(model, catalogue).map(Arc::new);
        held.insert(0, ((model, catalogue), shop.clone()));
        held.truncate(HELD);
        shop
    }

    fn read(&self, model: Digest, catalogue: Digest) -> Result<Shop, Flaw> {
        let bytes = self.kept(model, Flaw::ProgramMissing, Flaw::ProgramDamaged)?;
        let read = Model::read(&bytes).map_err(|_| Flaw::ProgramUnreadable)?;
        let items = if catalogue == Digest::of(b"") {
            Catalogue::default()
        } else {
            let bytes = self.kept(catalogue, Flaw::CatalogueMissing, Flaw::CatalogueDamaged)?;
            let text = String::from_utf8(bytes).map_err(|_| Flaw::ProgramUnreadable)?;
            Catalogue::new(crate::files::read_catalogue(&text).map_err(|_| Flaw::ProgramUnreadable)?)
        };
        Ok(Shop::new(Arc::new(read), Arc::new(items), catalogue))
    }

    fn kept(&self, digest: Digest, missing: Flaw, damaged: Flaw) -> Result<Vec<u8>, Flaw> {
        match self.gate.artefact_state(digest) {
            Ok(Published::Intact(bytes)) => Ok(bytes),
            Ok(Published::Damaged) => Err(damaged),
            Ok(Published::Absent) | Err(_) => Err(missing),
        }
    }
}
