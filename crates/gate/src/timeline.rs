//! A person's timeline: the records of what was decided about them, newest first, for their own eyes.
//!
//! Reading it is a use of the person's data like any other: it asks for `show_own_data`. Deliberately
//! does not know: what the details mean.

use crate::gate::Gate;
use crate::intake::Whom;
use crate::joined::family;
use crate::permit::{Ask, Refused};
use crate::purposes::{Purpose as _, ShowOwnData};
use crate::record::Receipt;
use crate::{RecordId, Unavailable, record};
use ledger::Entry;
use std::sync::Arc;
use store::RecordRow;
use vocabulary::PersonId;

/// Most entries that are read at once.
pub const MOST: usize = 200;
/// Most pages of a visitor's records that are passed over to reach what is older.
const PAGES: usize = 100;
/// The place of what is not in the log yet: behind everything that is.
const NOT_YET: u64 = u64::MAX;

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
    /// It was of a visitor who is part of the person now.
    pub visitor: bool,
}

impl std::fmt::Debug for TimelineEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TimelineEntry(..)")
    }
}

impl Gate {
    /// The person's records, and those of the visitors who are part of them, before the record `before`
    /// (`None` = from the newest), newest first by their place in the log, at most `limit` (and at most 200).
    /// `None`: there is no such person, or they are gone meanwhile.
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
            let limit = limit.min(MOST);
            let cut = before.map(|id| Ok::<_, Unavailable>((id, place(gate, id)?)));
            let cut = cut.transpose()?;
            let mut all = Vec::new();
            for whose in family(gate, person)? {
                let visitor = whose != person;
                // Whoever became part of the person is asked about for themselves, as the person was.
                if visitor && !matches!(gate.grant(whose, ShowOwnData::NAME, ask)?, Some(Ok(_))) {
                    continue;
                }
                match gate.key_of(whose)? {
                    Some(key) => {
                        for (place, row) in rows(gate, whose, cut, limit)? {
                            all.push((place, row, Arc::clone(&key), visitor));
                        }
                    }
                    None if visitor => {}
                    None => return Ok(None),
                }
            }
            // Stable: what has no place yet stays as it was committed.
            all.sort_by_key(|(place, ..)| std::cmp::Reverse(*place));
            all.truncate(limit);
            let entries = all.iter().map(|(place, row, key, visitor)| {
                let opened = record::open(row, key)?;
                Ok(TimelineEntry {
                    record: row.id,
                    entry: Entry::parse(&opened.leaf)
                        .map_err(|error| Unavailable::Ledger(error.to_string()))?,
                    details: opened.details,
                    place: (*place != NOT_YET).then_some(*place),
                    visitor: *visitor,
                })
            });
            entries
                .collect::<Result<Vec<_>, Unavailable>>()
                .map(|all| Some(Ok(all)))
        })
        .await
    }

    /// The receipt of one of the person's own records, or of a visitor who is part of them, as
    /// [`Gate::receipt`] gives it. `None`: there is no such record of this person, whoever else may have it.
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
                let Some(row) = row else { return Ok(false) };
                Ok(family(gate, person)?.contains(&row.person))
            })
            .await?;
        match own {
            true => self.receipt(id, ask).await,
            false => Ok(None),
        }
    }
}

fn place(gate: &Gate, id: RecordId) -> Result<u64, Unavailable> {
    Ok(gate.shared().shelf.leaf_index(id)?.unwrap_or(NOT_YET))
}

/// The newest records of one of the family that come before the cut, with their places, at most `limit`.
fn rows(
    gate: &Gate,
    whose: PersonId,
    cut: Option<(RecordId, u64)>,
    limit: usize,
) -> Result<Vec<(u64, RecordRow)>, Unavailable> {
    let shelf = gate.shared().shelf.as_ref();
    let own = match cut {
        Some((id, _)) => shelf.record(id)?.is_some_and(|row| row.person == whose),
        None => false,
    };
    let mut from = cut.map(|(id, _)| id).filter(|_| own);
    let before = |place: u64| cut.is_none_or(|(_, cut)| own || place < cut);
    let mut kept = Vec::new();
    for _ in 0..PAGES {
        let page = shelf.records_of(whose, from, limit)?;
        let Some(last) = page.last() else { break };
        from = Some(last.id);
        let full = page.len() == limit;
        for row in page {
            let place = place(gate, row.id)?;
            if before(place) && kept.len() < limit {
                kept.push((place, row));
            }
        }
        if kept.len() == limit || !full {
            break;
        }
    }
    Ok(kept)
}
