//! Verifying a whole log: every entry, every tile, the root and the signature, with no trust in who
//! keeps it.
//!
//! Goes from the signed root down, so that each finding is certain: what is vouched for from above is
//! genuine, and what does not fit it was altered. Where a tile is broken, what lies below it is hashed
//! anew, and vouches for itself if it gives what was signed. Hashes everything once; keeps one tile
//! per level in memory.

use std::fmt::{self, Display};

use crate::checkpoint::{self, Checkpoint};
use crate::key::VerifyingKey;
use crate::receipt;
use crate::sequence::root_of_edge;
use crate::tile::{self, Kind, Malformed, Tile};
use crate::tree::{self, Hash};

/// Tiles and bundles that may be missing before the search for what lies below them is given up. Whoever
/// keeps a log may sign any size; looking for it must not take longer than what is there deserves.
const MOST_MISSING: u64 = 4_000;

/// Where the newest checkpoint lies.
pub const CHECKPOINT: &str = "checkpoint";

/// Most faults that are kept; the others are only counted.
pub const MAX_FAULTS: usize = 1_000;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The checkpoint, if it is genuine; without it nothing else was looked at.
    pub checkpoint: Option<Checkpoint>,
    /// Entries found to be exactly what was signed.
    pub entries: u64,
    /// Tiles of hashes found to be exactly what was signed.
    pub tiles: u64,
    /// What is wrong, in the order found.
    pub faults: Vec<Fault>,
    /// Number of further faults; at least so many, where thousands of files are missing.
    pub more_faults: u64,
}

impl Report {
    /// Whether the whole log is what was signed.
    pub fn is_sound(&self) -> bool {
        self.checkpoint.is_some() && self.faults.is_empty()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.checkpoint {
            Some(Checkpoint { origin, size, .. }) => write!(
                f,
                "log `{origin}`: {} of {size} entries and {} tiles are what was signed",
                self.entries, self.tiles
            )?,
            None => f.write_str("no genuine checkpoint: nothing can be verified")?,
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))?;
        match self.more_faults {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Fault {
    /// There is no checkpoint.
    #[error("`checkpoint` is missing")]
    NoCheckpoint,
    /// The checkpoint was altered, or is another log's.
    #[error("`checkpoint`: {0}")]
    Checkpoint(checkpoint::Error),
    /// A tile or bundle that the checkpoint promises is not there.
    #[error("`{path}` is missing")]
    Missing {
        /// Its path.
        path: String,
    },
    /// A tile or bundle is cut short, too long, or not laid out as one.
    #[error("`{path}` is damaged: {malformed}")]
    Malformed {
        /// Its path.
        path: String,
        /// In what way.
        malformed: Malformed,
    },
    /// An entry is not the one that was logged. Certain: its genuine hash is vouched for.
    #[error("entry `{index}` in `{path}` is not the one that was logged")]
    Entry {
        /// Index in the log, from 0.
        index: u64,
        /// Path of its bundle.
        path: String,
    },
    /// A hash was altered, while what it stands for is genuine. Certain.
    #[error("the hash at position `{position}` of `{path}` was altered; what it stands for is genuine")]
    Hash {
        /// Path of the tile.
        path: String,
        /// Position in it, from 0.
        position: usize,
    },
    /// Neither a tile nor what lies below it gives the hash that is vouched for from above.
    #[error("neither `{path}` nor what lies below it is what was signed")]
    Tile {
        /// Path of the tile.
        path: String,
    },
    /// A hash and what it stands for differ, and nothing from above says which is genuine.
    #[error("the hash at position `{position}` of `{path}` and what it stands for do not agree")]
    Disagree {
        /// Path of the tile.
        path: String,
        /// Position in it, from 0.
        position: usize,
    },
    /// Neither the tiles at the right edge nor the entries give the signed root.
    #[error("neither the tiles nor the entries give the root in `checkpoint`")]
    Root,
}

/// Verifies the log of that key in that storage, whole. An error is the storage's own; all that is
/// wrong with the log is in the report.
///
/// `visit` is shown each entry with its index, once it is known to be what was signed, in order of
/// index within each bundle.
pub fn verify_log<E>(
    key: &VerifyingKey,
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
    visit: impl FnMut(u64, &[u8]),
) -> Result<Report, E> {
    let report = Report {
        checkpoint: None,
        entries: 0,
        tiles: 0,
        faults: Vec::new(),
        more_faults: 0,
    };
    let mut walk = Walk {
        storage,
        visit,
        report,
        missing: 0,
    };
    let Some(bytes) = (walk.storage)(CHECKPOINT)? else {
        walk.fault(Fault::NoCheckpoint);
        return Ok(walk.report);
    };
    match Checkpoint::open(&bytes, key) {
        Ok(checkpoint) => {
            walk.log(checkpoint.size, checkpoint.root)?;
            walk.report.checkpoint = Some(checkpoint);
        }
        Err(refused) => walk.fault(Fault::Checkpoint(refused)),
    }
    Ok(walk.report)
}

/// Whether the log of `new` is the log of `old` with entries added, from the tiles of `new`. Both are
/// signed checkpoints of that key.
pub fn verify_consistency<E>(
    old: &[u8],
    new: &[u8],
    key: &VerifyingKey,
    storage: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<(), receipt::Error<E>> {
    receipt::prove_consistency(old, new, key, storage).map(|_| ())
}

struct Walk<S, V> {
    storage: S,
    visit: V,
    report: Report,
    missing: u64,
}

impl<S, V, E> Walk<S, V>
where
    S: Fn(&str) -> Result<Option<Vec<u8>>, E>,
    V: FnMut(u64, &[u8]),
{
    /// The partial tiles at the right edge: together they give the root, and every full tile lies
    /// below one of them.
    fn log(&mut self, size: u64, root: Hash) -> Result<(), E> {
        let edge: Vec<Tile> = (0..=7)
            .filter_map(|level| Tile::partial(Kind::Hashes(level), size))
            .collect();
        let mut stored = Vec::new();
        for tile in &edge {
            stored.push(self.stored(*tile)?);
        }
        let gives_root = |levels: &[Option<Vec<Hash>>]| {
            levels.iter().all(Option::is_some)
                && root_of_edge(levels.iter().flatten().map(Vec::as_slice)) == root
        };
        let genuine = gives_root(&stored);
        if genuine {
            self.report.tiles += edge.len() as u64;
        }
        let mut computed = Vec::new();
        for (tile, stored) in edge.iter().zip(&stored) {
            let vouched = stored.as_deref().filter(|_| genuine);
            computed.push(self.below(*tile, vouched)?);
        }
        if genuine {
            return Ok(());
        }
        let whole: Vec<Option<Vec<Hash>>> = computed
            .iter()
            .map(|hashes| hashes.iter().copied().collect())
            .collect();
        let entries_genuine = gives_root(&whole);
        for ((tile, stored), computed) in edge.iter().zip(&stored).zip(&computed) {
            self.compare(*tile, stored.as_deref(), computed, entries_genuine);
        }
        if !entries_genuine {
            self.fault(Fault::Root);
        }
        Ok(())
    }

    /// A full tile and all below it. Answers its hash as the entries give it, `None` if some are gone.
    /// `vouched` is its genuine hash, if that is known.
    fn full(&mut self, level: u8, index: u64, vouched: Option<Hash>) -> Result<Option<Hash>, E> {
        if self.missing > MOST_MISSING {
            return Ok(None);
        }
        let tile = Tile::full(Kind::Hashes(level), index);
        let stored = self.stored(tile)?;
        let root = stored.as_deref().map(tree::root);
        if let (Some(hashes), true) = (&stored, vouched.is_some() && root == vouched) {
            self.report.tiles += 1;
            self.below(tile, Some(hashes))?;
            return Ok(root);
        }
        let computed = self.below(tile, None)?;
        let whole: Option<Vec<Hash>> = computed.iter().copied().collect();
        let root = whole.as_deref().map(tree::root);
        let entries_genuine = vouched.is_some() && root == vouched;
        self.compare(tile, stored.as_deref(), &computed, entries_genuine);
        if vouched.is_some() && !entries_genuine {
            self.fault(Fault::Tile { path: tile.path() });
        }
        Ok(root)
    }

    /// The hash of each position of a tile, from what lies below it. `vouched` are the genuine hashes,
    /// if they are known.
    fn below(&mut self, tile: Tile, vouched: Option<&[Hash]>) -> Result<Vec<Option<Hash>>, E> {
        let width = usize::from(tile.width);
        let first = tile.index * tile::WIDTH;
        let expected = (0..width).map(|position| vouched.and_then(|hashes| hashes.get(position)).copied());
        if let Kind::Hashes(level @ 1..) = tile.kind {
            return (first..)
                .zip(expected)
                .map(|(index, hash)| self.full(level - 1, index, hash))
                .collect();
        }
        let bundle = Tile {
            kind: Kind::Entries,
            ..tile
        };
        let Some(bytes) = self.read(bundle)? else {
            return Ok(vec![None; width]);
        };
        let entries = match bundle.entries(&bytes) {
            Ok(entries) => entries,
            Err(malformed) => {
                self.fault(Fault::Malformed {
                    path: bundle.path(),
                    malformed,
                });
                return Ok(vec![None; width]);
            }
        };
        let mut hashes = Vec::with_capacity(width);
        for ((index, entry), expected) in (first..).zip(entries).zip(expected) {
            let hash = tree::leaf_hash(entry);
            hashes.push(Some(hash));
            match expected {
                Some(expected) if expected == hash => {
                    self.report.entries += 1;
                    (self.visit)(index, entry);
                }
                Some(_) => self.fault(Fault::Entry {
                    index,
                    path: bundle.path(),
                }),
                None => {}
            }
        }
        Ok(hashes)
    }

    /// Reports where a tile that is not vouched for differs from what lies below it.
    fn compare(
        &mut self,
        tile: Tile,
        stored: Option<&[Hash]>,
        computed: &[Option<Hash>],
        computed_genuine: bool,
    ) {
        let path = tile.path();
        for (position, (stored, computed)) in stored.unwrap_or_default().iter().zip(computed).enumerate() {
            if computed.is_none_or(|computed| computed == *stored) {
                continue;
            }
            let path = path.clone();
            self.fault(match computed_genuine {
                true => Fault::Hash { path, position },
                false => Fault::Disagree { path, position },
            });
        }
    }

    /// The hashes of a tile as stored; `None`, with the fault noted, if they cannot be read.
    fn stored(&mut self, tile: Tile) -> Result<Option<Vec<Hash>>, E> {
        let Some(bytes) = self.read(tile)? else {
            return Ok(None);
        };
        match tile.hashes(&bytes) {
            Ok(hashes) => Ok(Some(hashes)),
            Err(malformed) => {
                self.fault(Fault::Malformed {
                    path: tile.path(),
                    malformed,
                });
                Ok(None)
            }
        }
    }

    fn read(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, E> {
        match tile::read(tile, &self.storage) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(tile::Error::Storage(error)) => Err(error),
            Err(tile::Error::Missing { path }) => {
                self.missing += 1;
                self.fault(Fault::Missing { path });
                Ok(None)
            }
            Err(tile::Error::Malformed { path, malformed }) => {
                self.fault(Fault::Malformed { path, malformed });
                Ok(None)
            }
        }
    }

    fn fault(&mut self, fault: Fault) {
        match self.report.faults.len() < MAX_FAULTS {
            true => self.report.faults.push(fault),
            false => self.report.more_faults += 1,
        }
    }
}
