//! Growing a log: from its right edge and new entries to the rows to write.
//!
//! Reads the partial tiles at the right edge and nothing else: one per level, so a handful for any
//! size. Writes nothing: the caller commits checkpoint and tiles at once, if and only if the stored
//! checkpoint is still the one built upon, so that two sequencers can never fork the log.

use crate::checkpoint::{self, Checkpoint};
use crate::key::SigningKey;
use crate::tile::{self, Kind, Malformed, Tile};
use crate::tree::{self, Hash};

/// Why a log cannot be grown. Nothing was signed.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error<E> {
    /// The stored checkpoint is not one this key signed.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// The right edge cannot be read.
    #[error(transparent)]
    Tile(#[from] tile::Error<E>),
    /// The stored tiles are not those of the checkpoint. To build on them would sign the damage.
    #[error(
        "the tiles at the right edge do not give the root in the checkpoint: the log is damaged; \
         restore it before adding to it, `egard verify` says what is wrong"
    )]
    Damaged,
    /// An entry is longer than 65,535 bytes.
    #[error(transparent)]
    EntryTooLong(#[from] Malformed),
    /// The log is full.
    #[error(
        "the log would have more than `{}` entries; start another one",
        tile::MAX_SIZE
    )]
    Full,
}

/// What growing a log changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Growth {
    /// Entries before: the index of the first new entry. The others follow in the order given.
    pub first: u64,
    /// Entries now.
    pub size: u64,
    /// Root now.
    pub root: Hash,
    /// Tiles and bundles to write, by path.
    pub tiles: Vec<(String, Vec<u8>)>,
    /// Partial tiles and bundles that a full one among `tiles` replaces. All that can exist are named;
    /// some may never have existed, so deleting what is not there is no error.
    pub obsolete: Vec<String>,
}

/// A growth with the checkpoint that seals it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Integrated {
    /// Tiles, size and root.
    pub growth: Growth,
    /// The signed checkpoint to store, where the previous one still is what it was.
    pub checkpoint: Vec<u8>,
}

/// Adds entries to the log of the key's name: reads the right edge, checks it against the previous
/// checkpoint (`None` for a log that does not exist yet), and signs the next one.
///
/// The same arguments give the same bytes. With no entries and no previous checkpoint, signs the empty
/// log; with no entries and a previous one, answers the same size and root again.
pub fn integrate<E, B: AsRef<[u8]>>(
    previous: Option<&[u8]>,
    entries: &[B],
    key: &SigningKey,
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Integrated, Error<E>> {
    let before = match previous {
        Some(bytes) => Checkpoint::open(bytes, key.verifying_key())?,
        None => Checkpoint::empty(key.name()),
    };
    let growth = grow(before.size, &before.root, entries, storage)?;
    let after = Checkpoint {
        origin: before.origin,
        size: growth.size,
        root: growth.root,
    };
    Ok(Integrated {
        checkpoint: after.sign(key)?,
        growth,
    })
}

/// Adds entries to a log of that size and root.
pub fn grow<E, B: AsRef<[u8]>>(
    size: u64,
    root: &Hash,
    entries: &[B],
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Growth, Error<E>> {
    let new_size = size
        .checked_add(entries.len() as u64)
        .filter(|size| *size <= tile::MAX_SIZE);
    let new_size = new_size.ok_or(Error::Full)?;
    let mut edge = Edge::read(size, &storage)?;
    if edge.root() != *root {
        return Err(Error::Damaged);
    }
    if !entries.is_empty() {
        edge.bundle = read_bundle(size, &edge, &storage)?;
    }
    for (position, entry) in entries.iter().enumerate() {
        edge.push(entry.as_ref(), position)?;
    }
    let root = edge.root();
    let (tiles, obsolete) = edge.finish();
    Ok(Growth {
        first: size,
        size: new_size,
        root,
        tiles,
        obsolete,
    })
}

/// The growing tile of one level.
struct Level {
    /// Index of the tile that grows.
    index: u64,
    /// Its hashes so far, fewer than 256.
    hashes: Vec<Hash>,
    /// Width of the stored partial tile at the start, 0 if there was none.
    stored: u16,
    /// Whether hashes were added to this tile.
    changed: bool,
}

/// The right edge of the tree: what of it can still change.
struct Edge {
    /// From the leaves up.
    levels: Vec<Level>,
    /// Bytes of the growing bundle, as wide as level 0.
    bundle: Vec<u8>,
    tiles: Vec<(String, Vec<u8>)>,
    obsolete: Vec<String>,
}

impl Edge {
    fn read<E>(size: u64, storage: &impl Fn(&str) -> Result<Option<Vec<u8>>, E>) -> Result<Edge, Error<E>> {
        let mut levels = Vec::new();
        for level in 0..=7 {
            let count = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
            if count == 0 {
                break;
            }
            let partial = Tile::partial(Kind::Hashes(level), size);
            levels.push(Level {
                index: count / tile::WIDTH,
                hashes: partial
                    .map(|tile| tile::read_hashes(tile, storage))
                    .transpose()?
                    .unwrap_or_default(),
                stored: partial.map_or(0, |tile| tile.width),
                changed: false,
            });
        }
        Ok(Edge {
            levels,
            bundle: Vec::new(),
            tiles: Vec::new(),
            obsolete: Vec::new(),
        })
    }

    fn root(&self) -> Hash {
        root_of_edge(self.levels.iter().map(|level| level.hashes.as_slice()))
    }

    fn push(&mut self, entry: &[u8], position: usize) -> Result<(), Malformed> {
        tile::append_entry(&mut self.bundle, entry, position)?;
        let mut hash = tree::leaf_hash(entry);
        let mut number = 0;
        // A full tile's root goes up a level, and may fill that one too.
        loop {
            if self.levels.len() <= number {
                self.levels.push(Level {
                    index: 0,
                    hashes: Vec::new(),
                    stored: 0,
                    changed: false,
                });
            }
            let Some(level) = self.levels.get_mut(number) else {
                return Ok(());
            };
            level.hashes.push(hash);
            level.changed = true;
            if (level.hashes.len() as u64) < tile::WIDTH {
                return Ok(());
            }
            hash = tree::root(&level.hashes);
            let hashes = std::mem::take(&mut level.hashes);
            let (index, stored) = (level.index, std::mem::take(&mut level.stored));
            (level.index, level.changed) = (index + 1, false);
            let kind = Kind::Hashes(number as u8);
            self.complete(kind, index, stored, tile::encode_hashes(&hashes));
            if number == 0 {
                let bundle = std::mem::take(&mut self.bundle);
                self.complete(Kind::Entries, index, stored, bundle);
            }
            number += 1;
        }
    }

    /// Writes a full tile and drops its partial ones. Those of a tile that is still partial stay:
    /// readers of older checkpoints need them, and the format demands it.
    fn complete(&mut self, kind: Kind, index: u64, stored: u16, bytes: Vec<u8>) {
        self.tiles.push((Tile::full(kind, index).path(), bytes));
        self.obsolete
            .extend((1..=stored).map(|width| Tile { kind, index, width }.path()));
    }

    /// Writes the partial tiles that changed.
    fn finish(mut self) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
        for (number, level) in self.levels.iter().enumerate() {
            if !level.changed {
                continue;
            }
            let width = level.hashes.len() as u16;
            let tile = Tile {
                kind: Kind::Hashes(number as u8),
                index: level.index,
                width,
            };
            self.tiles.push((tile.path(), tile::encode_hashes(&level.hashes)));
            if number == 0 {
                let bundle = Tile {
                    kind: Kind::Entries,
                    ..tile
                };
                self.tiles.push((bundle.path(), std::mem::take(&mut self.bundle)));
            }
        }
        (self.tiles, self.obsolete)
    }
}

/// The stored partial bundle, if the log has one, checked against the level-0 tile.
fn read_bundle<E>(
    size: u64,
    edge: &Edge,
    storage: &impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<u8>, Error<E>> {
    let Some(tile) = Tile::partial(Kind::Entries, size) else {
        return Ok(Vec::new());
    };
    let bytes = tile::read(tile, storage)?;
    let entries = tile.entries(&bytes).map_err(|malformed| tile::Error::Malformed {
        path: tile.path(),
        malformed,
    })?;
    let leaves = edge
        .levels
        .first()
        .map(|level| level.hashes.as_slice())
        .unwrap_or_default();
    match entries
        .iter()
        .map(|entry| tree::leaf_hash(entry))
        .eq(leaves.iter().copied())
    {
        true => Ok(bytes),
        false => Err(Error::Damaged),
    }
}

/// The root of a log from the hashes of its partial tiles, from level 0 up.
pub(crate) fn root_of_edge<'a>(levels: impl Iterator<Item = &'a [Hash]>) -> Hash {
    let mut below: Option<Hash> = None;
    for level in levels {
        // What is not full yet on the levels below is the last, smaller child of this level.
        let row: Vec<Hash> = level.iter().copied().chain(below).collect();
        if !row.is_empty() {
            below = Some(tree::root(&row));
        }
    }
    below.unwrap_or_else(tree::empty_root)
}
