//! After a backup was put back: the journal is replayed, and the log goes on under a new name.
//!
//! Deliberately does not know: how a backup is made or put back; the files or the dump are in their place
//! already, and nobody serves them.

use super::seen::{Seen, SeenFile};
use super::{Error, Mode, log};
use crate::Unavailable;
use crate::gate::{Gate, Options};
use crate::record::{LedgerKey, Statement};
use aws_lc_rs::hmac;
use std::path::Path;
use store::{Epoch, Shelf};

/// What a restoration did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// The log's public key from now on: its name is a new one.
    pub vkey: String,
    /// Entries that the log had when it was last seen; `None` if that is not known.
    pub seen: Option<u64>,
    /// Entries that it goes on from.
    pub found: u64,
}

impl Gate {
    /// Makes a store that was put back from a backup fit to be served: erases again whoever was erased
    /// since the backup, and lets the log go on under a new name. Fails with
    /// [`Error::NotRolledBack`] where nothing was put back.
    ///
    /// `journal_lost`: the erasure journal is gone for good. What was erased since the backup then comes
    /// back, and nobody can tell; only the store's own copy of the journal is left.
    pub async fn restore(options: Options, journal_lost: bool) -> Result<Restored, Unavailable> {
        let clock = std::sync::Arc::clone(&options.clock);
        let (folder, origin) = (options.erasures.clone(), options.ledger.origin.clone());
        let key = options.keyring.journal_key();
        let before = match &folder {
            Some(folder) => SeenFile::in_folder(folder, key).read()?,
            None => None,
        };
        let old = LedgerKey {
            origin,
            secret: crate::Secret(*options.ledger.secret.expose()),
            older: options
                .ledger
                .older
                .iter()
                .map(|key| crate::Secret(*key.expose()))
                .collect(),
        };
        let seen = before.map(|seen| log::size_of(&seen, &old)).transpose()?;
        let mode = Mode::Restoring { journal_lost };
        let opened = tokio::task::spawn_blocking(move || Gate::open_in(options, mode)).await;
        let gate = opened.map_err(|_| Unavailable::Stopped)??;
        let told = tell(&gate, seen, clock()).await;
        let restored = match told {
            Ok(found) => gate.integrate().await.map(|_| Restored {
                vkey: gate.vkey(),
                seen,
                found,
            }),
            Err(error) => Err(error),
        };
        gate.close().await;
        restored
    }
}

/// Records what was lost; answers the size that the log went on from.
async fn tell(gate: &Gate, seen: Option<u64>, now: vocabulary::Moment) -> Result<u64, Unavailable> {
    let found = gate
        .blocking(|gate| {
            let shared = gate.shared();
            let sequencer = shared
                .sequencer
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            sequencer.size(shared.shelf.as_ref())
        })
        .await?;
    let was = seen.map_or_else(|| "unknown".to_owned(), |seen| seen.to_string());
    let statement = Statement {
        kind: "restored",
        purpose: None,
        program: gate.dictionary().digest(),
        allowed: true,
        reasons: vec![format!("log-found:{found}"), format!("log-seen:{was}")],
        at: now,
    };
    let details = format!("{{\"log_found\":{found},\"log_seen\":\"{was}\"}}");
    gate.record_about_nobody(statement, details).await?;
    Ok(found)
}

/// Lets the log go on under its next name. The file outside is told first, so that no name is ever used
/// twice, whatever interrupts this.
pub(super) fn rename_log(
    shelf: &dyn Shelf,
    epoch: Epoch,
    key: &hmac::Key,
    ledger: &LedgerKey,
    folder: &Path,
    journal_lost: bool,
) -> Result<(), Unavailable> {
    let file = SeenFile::in_folder(folder, key.clone());
    let seen = file.read()?;
    let path = folder.join("journal");
    let lost = !path.exists();
    if lost && !journal_lost {
        return Err(Error::Missing { path }.into());
    }
    match log::check(shelf, ledger, seen.as_ref()) {
        Ok(()) if !lost => return Err(Error::NotRolledBack.into()),
        Ok(()) | Err(Unavailable::Erasures(Error::RolledBack { .. })) => {}
        Err(error) => return Err(error),
    }
    let number = log::number(shelf)?;
    let next = seen.as_ref().map_or(number, |seen| seen.log.max(number)) + 1;
    let mut seen = Seen {
        log: next,
        ..seen.unwrap_or_default()
    };
    if lost {
        seen.lines = 0; // what the store has of it is all there is
    }
    file.write(&seen)?;
    log::continue_under_next_name(shelf, epoch, ledger, next)?;
    if let Some(checkpoint) = shelf.checkpoint()? {
        seen.checkpoint = checkpoint;
        file.write(&seen)?;
    }
    Ok(())
}
