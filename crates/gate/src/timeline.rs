//! A person's timeline: the records of what was decided about them, newest first, for their own eyes.
//!
//! Reading it is a use of the person's data like any other: it asks for `show_own_data`. Deliberately
//! does not know: what the details mean.

use crate::gate::Gate;
use crate::intake::Whom;
use crate::permit::{Ask, Refused};
use crate::purposes::{Purpose as _, ShowOwnData};
use crate::record::Receipt;
use crate::{RecordId, Unavailable, record};
use ledger::Entry;
use std::sync::Arc;

/// Most entries that are read at once.
pub const MOST: usize = 200;

/// One record of the person. Never printed: the details are personal.
pub struct TimelineEntry {
    /// By this the receipt can be asked for.
    pub record: RecordId,
    /// What the public log says of it.
    pub entry: Entry,
    /// What the person alone can read: JSON text.
    pub details: String,
    /// Its place in the log; `None` while it is on its way (about a second).
    pub place: Option<u64>,
}

impl std::fmt::Debug for TimelineEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TimelineEntry(..)")
    }
}

impl Gate {
    /// The person's records before the record `before` (`None` = from the newest), newest first, at
    /// most `limit` (and at most 200). `None`: there is no such person, or they are gone meanwhile.
    pub async fn timeline(
        &self,
        whom: &Whom<'_>,
        ask: Ask,
        before: Option<RecordId>,
        limit: usize,
    ) -> Result<Option<Result<Vec<TimelineEntry>, Refused>>, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        self.blocking(move |gate| {
            let shared = gate.shared();
            let Some(person) = gate.locate(&located)? else {
                return Ok(None);
            };
            match gate.grant(person, ShowOwnData::NAME, ask)? {
                None => return Ok(None),
                Some(Err(refused)) => return Ok(Some(Err(refused))),
                Some(Ok(_)) => {}
            }
            shared.count_opening(ShowOwnData::NAME);
            let key = shared
                .hot
                .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                    Ok(Arc::clone(&slot.key))
                })?;
            let Some(key) = key else { return Ok(None) };
            let rows = shared.shelf.records_of(person, before, limit.min(MOST))?;
            let entries = rows.iter().map(|row| {
                let opened = record::open(row, &key)?;
                Ok(TimelineEntry {
                    record: row.id,
                    entry: Entry::parse(&opened.leaf)
                        .map_err(|error| Unavailable::Ledger(error.to_string()))?,
                    details: opened.details,
                    place: shared.shelf.leaf_index(row.id)?,
                })
            });
            entries
                .collect::<Result<Vec<_>, Unavailable>>()
                .map(|all| Some(Ok(all)))
        })
        .await
    }

    /// The receipt of one of the person's own records, as [`Gate::receipt`] gives it. `None`: there is
    /// no such record of this person, whoever else may have it.
    pub async fn own_receipt(
        &self,
        whom: &Whom<'_>,
        id: RecordId,
        ask: Ask,
    ) -> Result<Option<Result<Receipt, Refused>>, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        let own = self
            .blocking(move |gate| {
                let Some(person) = gate.locate(&located)? else {
                    return Ok(false);
                };
                let row = gate.shared().shelf.record(id)?;
                Ok(row.is_some_and(|row| row.person == person))
            })
            .await?;
        match own {
            true => self.receipt(id, ask).await,
            false => Ok(None),
        }
    }
}
