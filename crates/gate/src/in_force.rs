//! What ruled from when: a row of the house for every change of charter, dictionary, notices, catalogue
//! and model, each with the leaf of the log that announced it; and how many were erased when a quarter
//! began. All of it is about the house: the public register reads
//! it as it stands.
//!
//! Deliberately does not know: people, what an artefact says, how a register looks.

use crate::envelope;
use crate::gate::{Gate, Shared};
use crate::{RecordId, Unavailable};
use minicbor::{Decode, Encode};
use std::sync::PoisonError;
use vocabulary::{Day, Digest, Moment};

/// Most rows that are read at once.
pub const MAX_IN_FORCE: usize = 500;
/// Where changes stand: `epoch/<name>/<time that is left>`, so that the newest comes first.
const CHANGES: &str = "epoch/";
/// Where the counts of erasures stand, by the day a quarter began.
const ERASED: &str = "epoch/erased/";

/// Something that was put in force, or taken out of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce {
    /// The content address of what rules since; `None`: nothing does.
    pub digest: Option<Digest>,
    /// Since when.
    pub since: Moment,
    /// The leaf of the log that says so; `None` while it waits to be integrated.
    pub leaf: Option<u64>,
}

/// How many histories had been erased when a quarter began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ErasedBy {
    /// The first day of the quarter.
    pub quarter: Day,
    /// All that were erased before, since the installation exists.
    pub count: u64,
}

#[derive(Encode, Decode)]
struct Change {
    /// Empty: nothing rules.
    #[cbor(n(0), with = "minicbor::bytes")]
    digest: Vec<u8>,
    #[n(1)]
    since: i64,
    #[cbor(n(2), with = "minicbor::bytes")]
    record: [u8; 16],
}

impl Gate {
    /// What was in force under a name (`charter`, `dictionary`, `catalogue`, `model`,
    /// `notice/<id>/<version>`), the newest first, at most `most` and [`MAX_IN_FORCE`].
    pub async fn in_force(&self, name: &str, most: usize) -> Result<Vec<InForce>, Unavailable> {
        let prefix = prefix(name);
        self.blocking(move |gate| {
            let shelf = gate.shared().shelf.as_ref();
            let rows = shelf.named(&prefix, None, most.min(MAX_IN_FORCE))?;
            rows.into_iter()
                .map(|(_, row)| {
                    let change: Change = envelope::decode(&row.value)?;
                    Ok(InForce {
                        digest: digest_of(&change),
                        since: Moment(change.since),
                        leaf: shelf.leaf_index(RecordId(change.record))?,
                    })
                })
                .collect()
        })
        .await
    }

    /// Whether the newest row of a name says that `digest` rules.
    pub(crate) async fn rules(&self, name: &str, digest: Digest) -> Result<bool, Unavailable> {
        let newest = self.newest(name).await?;
        Ok(newest.is_some_and(|change| digest_of(&change) == Some(digest)))
    }

    /// Writes down what rules from `now` on. A clock that was set back does not disorder the rows.
    pub(crate) async fn enter(
        &self,
        name: &str,
        digest: Option<Digest>,
        record: RecordId,
        now: Moment,
    ) -> Result<(), Unavailable> {
        let before = self.newest(name).await?.map(|change| change.since);
        let since = before.map_or(now, |before| now.max(Moment(before).plus(1)));
        let row = Change {
            digest: digest.map(|digest| digest.0.to_vec()).unwrap_or_default(),
            since: since.0,
            record: record.0,
        };
        let key = format!("{}{:019}", prefix(name), i64::MAX.saturating_sub(since.0.max(0)));
        self.blocking(move |gate| {
            let shared = gate.shared();
            let written = shared
                .shelf
                .swap(shared.epoch, &key, 0, &envelope::encode(&row))?;
            written.map(drop).ok_or(Unavailable::Busy)
        })
        .await
    }

    async fn newest(&self, name: &str) -> Result<Option<Change>, Unavailable> {
        let prefix = prefix(name);
        self.blocking(move |gate| {
            let rows = gate.shared().shelf.named(&prefix, None, 1)?;
            let newest = rows.first().map(|(_, row)| envelope::decode(&row.value));
            Ok(newest.transpose()?)
        })
        .await
    }

    /// Writes down how many were erased before the quarter that began on `quarter`, once for each. To be
    /// called before the quarter's first erasure: at the start and each hour.
    pub async fn note_erasures(&self, quarter: Day) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let key = format!("{ERASED}{:010}", quarter.0);
            if shared.shelf.get(&key)?.is_some() {
                return Ok(());
            }
            let erasures = shared.erasures.lock().unwrap_or_else(PoisonError::into_inner);
            let count = erasures.count();
            drop(erasures);
            // Lost to another call of ours: that one counted the same.
            shared.shelf.swap(shared.epoch, &key, 0, &count.to_be_bytes())?;
            Ok(())
        })
        .await
    }

    /// How many had been erased when each quarter began, in the order of time, at most
    /// [`MAX_IN_FORCE`].
    pub async fn erased_by_quarter(&self) -> Result<Vec<ErasedBy>, Unavailable> {
        self.blocking(move |gate| {
            let rows = gate.shared().shelf.named(ERASED, None, MAX_IN_FORCE)?;
            let read = |(name, row): (String, store::Versioned)| {
                Some(ErasedBy {
                    quarter: Day(name.strip_prefix(ERASED)?.parse().ok()?),
                    count: u64::from_be_bytes(row.value.as_slice().try_into().ok()?),
                })
            };
            Ok(rows.into_iter().filter_map(read).collect())
        })
        .await
    }
}

/// Every charter, dictionary and notice that was ever in force: the public register tells of them, with their
/// text. Catalogues and models are told by their addresses alone.
pub(crate) fn rules_of_the_past(shared: &Shared) -> Result<Vec<[u8; 32]>, Unavailable> {
    let mut rules = Vec::new();
    let mut after: Option<String> = None;
    let told = [prefix("charter"), prefix("dictionary"), prefix("notice")];
    loop {
        let page = shared.shelf.named(CHANGES, after.as_deref(), MAX_IN_FORCE)?;
        let Some((last, _)) = page.last() else {
            return Ok(rules);
        };
        after = Some(last.clone());
        for (name, row) in &page {
            if told.iter().any(|told| name.starts_with(told)) {
                let change: Change = envelope::decode(&row.value)?;
                rules.extend(digest_of(&change).map(|digest| digest.0));
            }
        }
    }
}

fn prefix(name: &str) -> String {
    format!("{CHANGES}{name}/")
}

fn digest_of(change: &Change) -> Option<Digest> {
    change.digest.as_slice().try_into().ok().map(Digest)
}
