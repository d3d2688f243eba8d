//! Erasure: the key is destroyed, the rows go, and what led to the person is remembered as keyed hashes
//! only, so that it is not taken up again behind their back.
//!
//! In this order: everything that waits for the person is committed; a line of the journal, outside the
//! store, says who will be erased and is made durable; the key goes, then the rows (the shelf finishes
//! that after a crash); a leaf of the log says that one person was erased, and nothing else. A backup
//! that is put back meets the journal before it serves: whoever was erased since is erased again.
//!
//! Deliberately does not know: who may ask for it, and what an identifier was.

mod book;
mod chain;
mod journal;
mod lines;
pub(crate) mod log;
pub(crate) mod refusals;
mod restore;
mod seen;

use crate::gate::{Gate, Shared};
use crate::intake::Whom;
use crate::keys::Keyring;
use crate::record::{self, LedgerKey, Receipt, Statement};
use crate::writer::Job;
use crate::{RecordId, Unavailable, conversations, requests, unlearn};
pub(crate) use book::{Erasures, Mode};
use chain::Entry;
pub(crate) use lines::{Line, read_lines, write_lines};
pub(crate) use refusals::{LastWord, Refusals, Said};
pub use restore::Restored;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use store::{Epoch, Outcome, Shelf, Unit};
use tokio::sync::oneshot;
use vocabulary::{PersonId, Signals};

/// People whose keys are looked for at once.
const PAGE: usize = 1_000;
/// The kind of the record of an erasure.
const CERTIFICATE: &str = "erasure";

/// Somebody was erased.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Erased {
    /// The record of it, which concerns nobody: its leaf says that one person was erased that day.
    /// [`Gate::receipt`] makes the certificate of it, with its proof.
    pub certificate: RecordId,
}

/// The erasure journal does not fit the store, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error("the erasure journal `{path}` cannot be used: {problem}; `erasures` says where it lies")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// It is not what it was, or somebody else's.
    #[error("the erasure journal `{path}` cannot be used: {problem}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it, and how to mend it.
        problem: String,
    },
    /// The store knows of a journal that is not there.
    #[error(
        "the erasure journal `{path}` is not there, but this store has had one: say in `erasures` where \
         it lies, or put the newest copy back; if it is lost for good, run `egard restore --journal-lost`"
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// No folder was given for a store that has had a journal.
    #[error("this store has an erasure journal outside of it; say where in `erasures`")]
    NoFolder,
    /// The journal and the store's copy of it go on differently.
    #[error(
        "the erasure journal and this store's own copy of it contradict one another: they are not of the \
         same installation, or two processes used them apart; put back the newest of both"
    )]
    Diverged,
    /// The store is older than it was.
    #[error(
        "this store is older than it was last seen, or is another one: its log has {found} entries, and had \
         {seen}. If a backup was put back, run `egard restore`: it erases again whoever was erased since, and \
         lets the log go on under a new name, because to go on under the old one would be a second history"
    )]
    RolledBack {
        /// Entries of the log that the store has.
        found: u64,
        /// Entries that were seen.
        seen: u64,
    },
    /// There is nothing to restore.
    #[error("this store is where it was last seen: there is nothing to restore, `egard serve` will start")]
    NotRolledBack,
}

impl Error {
    fn file(path: &Path, error: &std::io::Error) -> Error {
        Error::File {
            path: path.to_owned(),
            problem: error.to_string(),
        }
    }

    fn damaged(path: &Path, problem: &str) -> Error {
        Error::Damaged {
            path: path.to_owned(),
            problem: problem.to_owned(),
        }
    }
}

impl Gate {
    /// Destroys the person's key and rows, for good. `false`: there was no such person.
    pub async fn erase(&self, whom: &Whom<'_>) -> Result<bool, Unavailable> {
        Ok(self.erase_certified(whom).await?.is_some())
    }

    /// As [`Gate::erase`]; answers what the person can be given as a proof.
    pub async fn erase_certified(&self, whom: &Whom<'_>) -> Result<Option<Erased>, Unavailable> {
        match self.find(whom).await? {
            // What was asked for in their name no longer leads to them either.
            Some(person) => self.erase_person(person).await,
            None => Ok(None),
        }
    }

    /// The certificate of an erasure: what [`Erased::certificate`] names, with its proof as soon as it is in
    /// the log. It concerns nobody, so nobody is asked. `None`: there is no such certificate, whatever else
    /// has that name.
    pub async fn certificate(&self, id: RecordId) -> Result<Option<Receipt>, Unavailable> {
        let of_nobody = self
            .blocking(move |gate| {
                let row = gate.shared().shelf.record(id)?;
                Ok(row.is_some_and(|row| row.person == PersonId::NOBODY))
            })
            .await?;
        if !of_nobody {
            return Ok(None);
        }
        let ask = requests::by_the_person(Signals::default(), (self.shared().clock)());
        let receipt = self.receipt(id, ask).await?.and_then(Result::ok);
        let certifies = |receipt: &Receipt| {
            ledger::Entry::parse(&receipt.leaf).is_ok_and(|entry| entry.kind == CERTIFICATE)
        };
        Ok(receipt.filter(certifies))
    }

    /// As [`Gate::erase_certified`], of a person who was found in another way.
    pub(crate) async fn erase_person(&self, person: PersonId) -> Result<Option<Erased>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Erase { person, reply })?;
        let record = answer.await.map_err(|_| Unavailable::Stopped)??;
        self.forget_requests(person).await?;
        self.forget_conversations(person).await?;
        self.forget_laid_before_humans(person).await?;
        Ok(record.map(|certificate| Erased { certificate }))
    }
}

/// Opens the journal and looks whether the store is where it was last seen; when a backup was put back,
/// lets its log go on under a new name.
pub(crate) fn open(
    shelf: &dyn Shelf,
    epoch: Epoch,
    keyring: &Keyring,
    ledger: &LedgerKey,
    folder: Option<&Path>,
    mode: Mode,
) -> Result<(Erasures, Vec<(PersonId, bool)>), Unavailable> {
    let key = keyring.journal_key();
    // Looked at before either copy is touched.
    if let (Some(folder), Mode::Usual) = (folder, mode) {
        let seen = seen::SeenFile::in_folder(folder, key.clone()).read()?;
        log::check(shelf, ledger, seen.as_ref())?;
    }
    if let Mode::Restoring { journal_lost } = mode {
        let folder = folder.ok_or(Error::NoFolder)?;
        restore::rename_log(shelf, epoch, &key, ledger, folder, journal_lost)?;
    }
    Erasures::open(shelf, epoch, &key, folder, mode)
}

/// Erases a person. Only the writer calls this, when nothing of theirs waits.
pub(crate) fn erase(shared: &Shared, person: PersonId) -> Result<Option<RecordId>, Unavailable> {
    let shelf = shared.shelf.as_ref();
    let key = shelf.keys(&[person])?.into_iter().flatten().next();
    let row = shelf.persons(&[person])?.into_iter().flatten().next();
    if key.is_none() && row.is_none() {
        return Ok(None);
    }
    let entry = Entry {
        person,
        identifiers: shelf.identifiers_of(person)?,
    };
    let mut erasures = shared.erasures.lock().unwrap_or_else(PoisonError::into_inner);
    erasures.write_ahead(shelf, shared.epoch, &entry)?;
    shelf.erase(shared.epoch, person)?;
    let record = certify(shared, vec!["people:1".to_owned()], 1)?;
    erasures.carried_out(shelf, shared.epoch)?;
    Ok(Some(record))
}

/// Erases again whoever stands in the journal and is in the store: what a crash left undone, or what a
/// backup brought back.
pub(crate) fn erase_again(shared: &Shared, people: &[(PersonId, bool)]) -> Result<(), Unavailable> {
    let shelf = shared.shelf.as_ref();
    let mut again = 0;
    let mut unlearned = false;
    for page in people.chunks(PAGE) {
        let ids: Vec<PersonId> = page.iter().map(|(person, _)| *person).collect();
        let keys = shelf.keys(&ids)?;
        let rows = shelf.persons(&ids)?;
        for (((person, in_doubt), key), row) in page.iter().zip(keys).zip(rows) {
            // In doubt also when neither is there: an erasure that was interrupted has more to remove.
            let there = key.is_some() || row.is_some() || !shelf.identifiers_of(*person)?.is_empty();
            if there && !unlearned {
                // A sum of that time, and a model of it, may hold them, and what they had added may not be
                // folded yet: everybody else is counted anew before a model is used.
                unlearn::put_unknown(shared)?;
                unlearned = true;
            }
            if there || *in_doubt {
                shelf.erase(shared.epoch, *person)?;
                requests::unlink(shared, *person)?;
                conversations::forget(shared, *person)?;
            }
            again += u64::from(there);
        }
    }
    if again > 0 {
        certify(
            shared,
            vec![format!("people:{again}"), "replayed".to_owned()],
            again,
        )?;
        tracing::warn!(
            people = again,
            "erased again what the store still had of people who were erased"
        );
    }
    let mut erasures = shared.erasures.lock().unwrap_or_else(PoisonError::into_inner);
    erasures.carried_out(shelf, shared.epoch)
}

/// Records that so many people were erased; durable when it answers.
fn certify(shared: &Shared, reasons: Vec<String>, people: u64) -> Result<RecordId, Unavailable> {
    let statement = Statement {
        kind: CERTIFICATE,
        purpose: None,
        program: shared.dictionary.digest(),
        allowed: true,
        reasons,
        at: (shared.clock)(),
    };
    let details = format!("{{\"people\":{people}}}");
    let (row, leaf) = record::make(shared, PersonId::NOBODY, &shared.nobody, statement, details)?;
    let id = row.id;
    let unit = Unit {
        records: vec![row],
        leaves: vec![leaf],
        ..Unit::default()
    };
    match shared.shelf.commit(shared.epoch, &[unit])?.as_slice() {
        [Outcome::Done { .. }] => Ok(id),
        _ => Err(Unavailable::Busy),
    }
}
