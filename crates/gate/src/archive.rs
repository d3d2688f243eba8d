//! What the installation keeps besides people: the log's tiles, artefacts by their digest, names
//! that point at artefacts, and for how long raw events stay.
//!
//! Deliberately does not know: anything about a person.

use crate::gate::Gate;
use crate::record::Statement;
use crate::{RecordId, Unavailable};
use std::sync::PoisonError;
use store::{Counts, Oldest, WriteBack};
use vocabulary::{DAY_MS, Digest, Moment};

/// What a name points at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Published {
    /// Nothing was published under this name yet, or it was withdrawn.
    Absent,
    /// The artefact is gone, or is not what it was when it was published: its digest differs.
    Damaged,
    /// The artefact, to the byte.
    Intact(Vec<u8>),
}

impl Gate {
    /// Integrates waiting leaves into the log; answers how many. Called about once a second.
    pub async fn integrate(&self) -> Result<u64, Unavailable> {
        self.blocking(|gate| {
            let shared = gate.shared();
            let mut sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            let integrated = sequencer.integrate(shared.shelf.as_ref(), shared.epoch)?;
            sequencer.checkpoint(shared.shelf.as_ref(), &shared.erasures)?;
            Ok(integrated)
        })
        .await
    }

    /// The log's public key.
    pub fn vkey(&self) -> String {
        self.shared()
            .sequencer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .vkey()
            .to_owned()
    }

    /// The newest signed checkpoint.
    pub async fn checkpoint(&self) -> Result<Option<Vec<u8>>, Unavailable> {
        self.blocking(|gate| {
            let shared = gate.shared();
            let mut sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            sequencer.checkpoint(shared.shelf.as_ref(), &shared.erasures)
        })
        .await
    }

    /// A tile or entry bundle of the log by its path.
    pub async fn tile(&self, path: String) -> Result<Option<Vec<u8>>, Unavailable> {
        self.blocking(move |gate| Ok(gate.shared().shelf.tile(&path)?))
            .await
    }

    /// The paths of all tiles and entry bundles.
    pub async fn tile_paths(&self) -> Result<Vec<String>, Unavailable> {
        self.blocking(|gate| Ok(gate.shared().shelf.tile_paths()?)).await
    }

    /// Keeps an artefact (model, catalogue, dictionary) and points a name at it. A change is a leaf
    /// of the log: a program cannot be exchanged unseen.
    pub async fn publish(
        &self,
        name: &'static str,
        bytes: Vec<u8>,
        now: Moment,
    ) -> Result<Digest, Unavailable> {
        self.publish_as(name.to_owned(), bytes, now).await
    }

    pub(crate) async fn publish_as(
        &self,
        name: String,
        bytes: Vec<u8>,
        now: Moment,
    ) -> Result<Digest, Unavailable> {
        let digest = Digest::of(&bytes);
        let key = name.clone();
        let changed = self
            .blocking(move |gate| {
                let shared = gate.shared();
                let shelf = shared.shelf.as_ref();
                // A sweep must not remove it before the name points at it.
                let _alone = shared.artefacts.lock().unwrap_or_else(PoisonError::into_inner);
                let known = shelf.get(&key)?;
                if known.as_ref().is_some_and(|known| known.value == digest.0) {
                    return Ok(false);
                }
                shelf.keep(shared.epoch, digest.0, &bytes)?;
                match shelf.swap(shared.epoch, &key, known.map_or(0, |k| k.version), &digest.0)? {
                    Some(_) => Ok(true),
                    None => Err(Unavailable::Busy),
                }
            })
            .await?;
        // Also where a kill came between the pointer and its leaf, and for a store of an earlier version.
        if changed || !self.rules(&name, digest).await? {
            let record = self.announce(&name, digest, now).await?;
            self.enter(&name, Some(digest), record, now).await?;
        }
        Ok(digest)
    }

    /// Lets a name point at nothing any more: what it pointed at may not be used. A leaf of the log says
    /// so. Nothing happens if it points at nothing.
    pub async fn withdraw(&self, name: &'static str, now: Moment) -> Result<(), Unavailable> {
        let digest = self
            .blocking(move |gate| {
                let shared = gate.shared();
                let Some(known) = shared.shelf.get(name)?.filter(|known| !known.value.is_empty()) else {
                    return Ok(None);
                };
                match shared.shelf.swap(shared.epoch, name, known.version, &[])? {
                    Some(_) => Ok(known.value.as_slice().try_into().ok().map(Digest)),
                    None => Err(Unavailable::Busy),
                }
            })
            .await?;
        let Some(program) = digest else { return Ok(()) };
        let statement = Statement {
            kind: "program",
            purpose: None,
            program,
            allowed: false,
            reasons: vec![format!("withdrawn:{name}")],
            at: now,
        };
        let details = format!("{{\"digest\":\"{program}\",\"name\":\"{name}\",\"withdrawn\":true}}");
        let record = self.record_about_nobody(statement, details).await?;
        self.enter(name, None, record, now).await
    }

    async fn announce(&self, name: &str, digest: Digest, now: Moment) -> Result<RecordId, Unavailable> {
        let statement = Statement {
            kind: "program",
            purpose: None,
            program: digest,
            allowed: true,
            reasons: vec![format!("artefact:{name}")],
            at: now,
        };
        let details = format!("{{\"digest\":\"{digest}\",\"name\":\"{name}\"}}");
        self.record_about_nobody(statement, details).await
    }

    /// The artefact that a name points at.
    pub async fn published(&self, name: &'static str) -> Result<Published, Unavailable> {
        self.blocking(move |gate| {
            let shelf = gate.shared().shelf.as_ref();
            let Some(pointer) = shelf.get(name)?.filter(|known| !known.value.is_empty()) else {
                return Ok(Published::Absent);
            };
            let Ok(digest) = <[u8; 32]>::try_from(pointer.value.as_slice()) else {
                return Ok(Published::Damaged);
            };
            Ok(match gate.artefact_state(Digest(digest))? {
                Published::Absent => Published::Damaged,
                kept => kept,
            })
        })
        .await
    }

    /// What is kept under that digest: nothing, the artefact, or other bytes. Blocks.
    pub fn artefact_state(&self, digest: Digest) -> Result<Published, Unavailable> {
        Ok(match self.shared().shelf.artefact(digest.0)? {
            None => Published::Absent,
            Some(bytes) if Digest::of(&bytes) == digest => Published::Intact(bytes),
            Some(_) => Published::Damaged,
        })
    }

    /// The digests of everything that is kept, after the digest `after`, in order, at most `limit`. Blocks.
    pub fn artefact_digests(&self, after: Option<Digest>, limit: usize) -> Result<Vec<Digest>, Unavailable> {
        let found = self
            .shared()
            .shelf
            .artefacts(after.map(|digest| digest.0), limit)?;
        Ok(found.into_iter().map(Digest).collect())
    }

    /// As [`Gate::tile`], for code that runs beside the asynchronous threads. Blocks.
    pub fn tile_now(&self, path: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        Ok(self.shared().shelf.tile(path)?)
    }

    /// The records that are still there with their places in the log, after the record `after`, in the order
    /// of their ids, at most `limit`. Whose they are is not told. Blocks.
    pub fn placed(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<(RecordId, u64)>, Unavailable> {
        Ok(self.shared().shelf.placed(after, limit)?)
    }

    /// The days of the oldest raw event and the oldest remembered message: what retention must have left.
    /// Blocks.
    pub fn oldest(&self) -> Result<Oldest, Unavailable> {
        Ok(self.shared().shelf.oldest()?)
    }

    /// The artefact of that digest, to the byte. Blocks: for code that runs beside the asynchronous
    /// threads, such as the making of an answer.
    pub fn artefact_now(&self, digest: Digest) -> Result<Option<Vec<u8>>, Unavailable> {
        let found = self.shared().shelf.artefact(digest.0)?;
        Ok(found.filter(|bytes| Digest::of(bytes) == digest))
    }

    /// Removes raw events and message keys that are older than they may be. Answers how many of
    /// each are gone.
    pub async fn retain(
        &self,
        event_days: u32,
        message_days: u32,
        now: Moment,
    ) -> Result<(u64, u64), Unavailable> {
        if self.shared().shelf.write_back() == WriteBack::Lazy {
            self.write_back().await?;
        }
        self.blocking(move |gate| {
            let shared = gate.shared();
            let before = |days: u32| now.plus(-i64::from(days) * DAY_MS).day();
            // What was sent is kept no longer than the shortest thing in it may be. A day at least: what is to
            // be folded again after a crash must be there.
            let shortest = shared.dictionary.shortest_retention();
            let days = shortest.map_or(event_days, |seconds| event_days.min((seconds / 86_400).max(1)));
            let events = shared.shelf.purge_events(shared.epoch, before(days))?;
            let messages = shared.shelf.purge_messages(shared.epoch, before(message_days))?;
            Ok((events, messages))
        })
        .await
    }

    /// Rows in each table.
    pub async fn counts(&self) -> Result<Counts, Unavailable> {
        self.blocking(|gate| Ok(gate.shared().shelf.counts()?)).await
    }
}
