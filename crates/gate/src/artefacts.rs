//! Artefacts (charters, models, dictionaries, catalogues, reports) are kept as long as anything refers to
//! them, and no longer: a model is made of people, and nobody should keep one that nothing needs.
//!
//! What refers to an artefact is read without opening anybody: a name that points at it, or a leaf of the
//! log that names it and whose record is still there. What such an artefact was used together with is
//! written down beside it (`audit/beside/`), because the leaf names one of them only. An artefact that
//! nothing refers to is marked first (`audit/unused/`) and removed when it has been so for the time of
//! grace: each step may be repeated, so a kill in between costs nothing.
//!
//! Deliberately does not know: what an artefact is.

use crate::applied::ASKED;
use crate::gate::{Gate, Shared};
use crate::{Unavailable, in_force};
use ledger::Entry;
use ledger::tile::{self, Kind, Tile, WIDTH};
use std::collections::{BTreeSet, HashSet};
use std::sync::PoisonError;
use vocabulary::{Digest, Moment};

const BESIDE: &str = "audit/beside/";
const UNUSED: &str = "audit/unused/";
/// The least time between a mark and the removal: longer than a decision can be on its way.
const LEAST_GRACE_MS: i64 = 3_600_000;
/// Read at once.
const PAGE: usize = 1_000;
/// Leaves that wait, at most: beyond it nothing is removed this time.
const WAITING: usize = 100_000;
/// Most artefacts written down beside one.
const MOST_BESIDE: usize = 10_000;

/// What a sweep did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Artefacts that something refers to.
    pub kept: u64,
    /// Artefacts that nothing refers to and whose time of grace is not over.
    pub marked: u64,
    /// Artefacts removed.
    pub removed: u64,
}

impl Gate {
    /// Writes down that decisions by `artefact` are made together with these: they are kept as long as it
    /// is. Before the first such decision.
    pub async fn keep_beside(&self, artefact: Digest, others: &[Digest]) -> Result<(), Unavailable> {
        let others: Vec<[u8; 32]> = others.iter().map(|digest| digest.0).collect();
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = format!("{BESIDE}{artefact}");
            let _alone = shared.artefacts.lock().unwrap_or_else(PoisonError::into_inner);
            let known = shared.shelf.get(&name)?;
            let version = known.as_ref().map_or(0, |known| known.version);
            let mut all: Vec<[u8; 32]> = known.map(|known| digests(&known.value)).unwrap_or_default();
            let before = all.len();
            for other in others {
                if !all.contains(&other) {
                    all.push(other);
                }
            }
            if all.len() == before {
                return Ok(());
            }
            if all.len() > MOST_BESIDE {
                return Err(crate::keys::Error::TooLong.into());
            }
            match shared.shelf.swap(shared.epoch, &name, version, &all.concat())? {
                Some(_) => Ok(()),
                None => Err(Unavailable::Busy),
            }
        })
        .await
    }

    /// Removes the artefacts that nothing has referred to for `grace_ms` (an hour at least).
    pub async fn sweep(&self, grace_ms: i64, now: Moment) -> Result<Swept, Unavailable> {
        self.blocking(move |gate| sweep(gate.shared(), grace_ms.max(LEAST_GRACE_MS), now))
            .await
    }
}

fn sweep(shared: &Shared, grace_ms: i64, now: Moment) -> Result<Swept, Unavailable> {
    let shelf = shared.shelf.as_ref();
    let mut artefacts: Vec<[u8; 32]> = Vec::new();
    loop {
        let page = shelf.artefacts(artefacts.last().copied(), PAGE)?;
        if page.is_empty() {
            break;
        }
        artefacts.extend(page);
    }
    let Some(mut used) = named_in_log(shared)? else {
        return Ok(Swept {
            kept: artefacts.len() as u64,
            ..Swept::default()
        });
    };
    used.insert(shared.charter.digest().0);
    used.extend(pointed_at(shared, &artefacts)?);
    // Rules of the past are told for ever; what people, or goods, were is not.
    used.extend(in_force::rules_of_the_past(shared)?);
    beside(shared, &mut used)?;
    let mut swept = Swept::default();
    forget_marks(shared, &artefacts)?;
    for digest in artefacts {
        let mark = format!("{UNUSED}{}", Digest(digest));
        let marked = shelf.get(&mark)?;
        if used.contains(&digest) {
            swept.kept += 1;
            if let Some(marked) = marked {
                shelf.remove_named(shared.epoch, &mark, marked.version)?;
            }
            continue;
        }
        let since = marked
            .as_ref()
            .and_then(|marked| marked.value.as_slice().try_into().ok());
        match since.map(i64::from_be_bytes) {
            Some(since) if now.0.saturating_sub(since) >= grace_ms => {
                remove(shared, digest)?;
                if let Some(marked) = marked {
                    shelf.remove_named(shared.epoch, &mark, marked.version)?;
                }
                swept.removed += 1;
            }
            Some(_) => swept.marked += 1,
            None => {
                let version = marked.map_or(0, |marked| marked.version);
                shelf.swap(shared.epoch, &mark, version, &now.0.to_be_bytes())?;
                swept.marked += 1;
            }
        }
    }
    Ok(swept)
}

/// Removes the marks of what is gone: a kill left them.
fn forget_marks(shared: &Shared, artefacts: &[[u8; 32]]) -> Result<(), Unavailable> {
    let there: HashSet<String> = artefacts
        .iter()
        .map(|digest| Digest(*digest).to_string())
        .collect();
    let mut after: Option<String> = None;
    loop {
        let page = shared.shelf.named(UNUSED, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        for (name, mark) in page {
            if !name
                .strip_prefix(UNUSED)
                .is_some_and(|digest| there.contains(digest))
            {
                shared.shelf.remove_named(shared.epoch, &name, mark.version)?;
            }
        }
    }
}

/// Removes one, unless a name was pointed at it since the search: whoever does that holds the same lock.
fn remove(shared: &Shared, digest: [u8; 32]) -> Result<(), Unavailable> {
    let _alone = shared.artefacts.lock().unwrap_or_else(PoisonError::into_inner);
    if !pointed_at(shared, &[digest])?.is_empty() {
        return Ok(());
    }
    shared.shelf.discard(shared.epoch, digest)?;
    let name = format!("{BESIDE}{}", Digest(digest));
    if let Some(known) = shared.shelf.get(&name)? {
        shared.shelf.remove_named(shared.epoch, &name, known.version)?;
    }
    Ok(())
}

/// The artefacts among these that some name points at: by what stands under it, or, of a program that waits
/// for a second person, by itself.
fn pointed_at(shared: &Shared, artefacts: &[[u8; 32]]) -> Result<HashSet<[u8; 32]>, Unavailable> {
    let artefacts: BTreeSet<[u8; 32]> = artefacts.iter().copied().collect();
    let mut found = HashSet::new();
    let mut after: Option<String> = None;
    loop {
        let page = shared.shelf.named("", after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(found);
        };
        after = Some(last.clone());
        let asked = page
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(ASKED)?.parse().ok());
        found.extend(
            asked
                .map(|digest: Digest| digest.0)
                .filter(|digest| artefacts.contains(digest)),
        );
        // What is written beside an artefact counts only while that one is used.
        let pointers = page.iter().filter(|(name, _)| !name.starts_with(BESIDE));
        let values = pointers.filter_map(|(_, value)| value.value.as_slice().try_into().ok());
        found.extend(values.filter(|digest: &[u8; 32]| artefacts.contains(digest)));
    }
}

/// What entries name whose record is still there, and what waits to become entries. `None`: too much waits.
fn named_in_log(shared: &Shared) -> Result<Option<HashSet<[u8; 32]>>, Unavailable> {
    let shelf = shared.shelf.as_ref();
    let mut used = HashSet::new();
    // What waits comes first: it moves from there into the log.
    let waiting = shelf.pending_leaves(WAITING)?;
    if waiting.len() >= WAITING {
        return Ok(None);
    }
    waiting
        .iter()
        .for_each(|pending| name(&pending.leaf.bytes, &mut used));
    let mut living: Vec<u64> = Vec::new();
    let mut after = None;
    loop {
        let page = shelf.placed(after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        living.extend(page.iter().map(|(_, index)| *index));
    }
    living.sort_unstable();
    let sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
    let size = sequencer.size(shelf)?;
    drop(sequencer);
    for bundle in living.chunk_by(|a, b| a / WIDTH == b / WIDTH) {
        let tile = bundle
            .first()
            .and_then(|first| Tile::in_log(Kind::Entries, first / WIDTH, size));
        let read = tile.map(|tile| (tile, tile::read(tile, &|path: &str| shelf.tile(path))));
        let Some((tile, Ok(bytes))) = read else {
            // What cannot be read may name anything: nothing is removed.
            return Ok(None);
        };
        let Ok(entries) = tile.entries(&bytes) else {
            return Ok(None);
        };
        for index in bundle {
            match entries.get((index % WIDTH) as usize) {
                Some(entry) => name(entry, &mut used),
                None => return Ok(None),
            }
        }
    }
    Ok(Some(used))
}

/// Adds what an entry refers to. An announcement refers to nothing: only what was decided does.
fn name(entry: &[u8], used: &mut HashSet<[u8; 32]>) {
    if let Ok(entry) = Entry::parse(entry)
        && entry.kind != "program"
    {
        used.extend(entry.charter);
        used.extend(entry.program);
    }
}

/// Adds what is used together with what is used.
fn beside(shared: &Shared, used: &mut HashSet<[u8; 32]>) -> Result<(), Unavailable> {
    let mut open: Vec<[u8; 32]> = used.iter().copied().collect();
    while let Some(digest) = open.pop() {
        let name = format!("{BESIDE}{}", Digest(digest));
        if let Some(known) = shared.shelf.get(&name)? {
            open.extend(
                digests(&known.value)
                    .into_iter()
                    .filter(|other| used.insert(*other)),
            );
        }
    }
    Ok(())
}

fn digests(value: &[u8]) -> Vec<[u8; 32]> {
    value.as_chunks::<32>().0.to_vec()
}
