//! Tiles and entry bundles: where the hashes and entries of a log lie (C2SP `tlog-tiles`).
//!
//! A tile holds up to 256 hashes of one level; each is the root of a *full* tile of the level below.
//! A bundle holds the up to 256 entries of one level-0 tile. Knows paths and layouts; whether the
//! content is genuine is for [`crate::verify`] and [`crate::receipt`] to say.

use std::collections::HashMap;

use crate::decimal;
use crate::tree::{self, Hash, Node};

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u64 = 256;

/// Longest entry in bytes: its length is written in 16 bits.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// Most entries a log may have: seven levels of tiles.
pub const MAX_SIZE: u64 = (1 << 56) - 1;

/// What a tile holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Hashes of this level, 0 to 63. Level 0 holds leaf hashes.
    Hashes(u8),
    /// Entries.
    Entries,
}

/// A tile or an entry bundle, by place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tile {
    /// What it holds.
    pub kind: Kind,
    /// Place from the left within its level, from 0.
    pub index: u64,
    /// Number of hashes or entries, 1 to 256; below 256 it is partial.
    pub width: u16,
}

/// What is wrong with the bytes of a tile.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum Malformed {
    /// Not the length that the width asks for.
    #[error("it has `{found}` bytes instead of `{expected}`")]
    Length {
        /// Bytes there are.
        found: usize,
        /// Bytes there should be.
        expected: usize,
    },
    /// The bytes end before the entries do.
    #[error("it ends within the entry at position `{position}`")]
    Cut {
        /// Position of the entry in the bundle, from 0.
        position: usize,
    },
    /// Bytes follow the last entry.
    #[error("`{bytes}` bytes follow its last entry")]
    Surplus {
        /// How many.
        bytes: usize,
    },
    /// An entry is longer than the format can hold.
    #[error("the entry at position `{position}` has `{bytes}` bytes, more than 65535")]
    EntryTooLong {
        /// Position of the entry among those given, from 0.
        position: usize,
        /// Its length.
        bytes: usize,
    },
}

/// Why a tile could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error<E> {
    /// The caller's storage failed.
    #[error("the storage of the log failed: {0}")]
    Storage(E),
    /// The storage has no such tile.
    #[error("`{path}` is missing")]
    Missing {
        /// Its path.
        path: String,
    },
    /// The tile is not laid out as a tile.
    #[error("`{path}` is damaged: {malformed}")]
    Malformed {
        /// Its path.
        path: String,
        /// In what way.
        malformed: Malformed,
    },
}

impl Tile {
    /// The tile at that place, full.
    pub fn full(kind: Kind, index: u64) -> Tile {
        Tile {
            kind,
            index,
            width: WIDTH as u16,
        }
    }

    /// The partial tile at the right edge of a log of `size` entries, if its level has one.
    pub fn partial(kind: Kind, size: u64) -> Option<Tile> {
        let hashes = hashes_at(kind, size);
        let width = (hashes % WIDTH) as u16;
        (width > 0).then_some(Tile {
            kind,
            index: hashes / WIDTH,
            width,
        })
    }

    /// The tile with that index as it is in a log of `size` entries, if it has one.
    pub fn in_log(kind: Kind, index: u64, size: u64) -> Option<Tile> {
        if index < hashes_at(kind, size) / WIDTH {
            return Some(Tile::full(kind, index));
        }
        Tile::partial(kind, size).filter(|tile| tile.index == index)
    }

    /// Whether it is partial.
    pub fn is_partial(&self) -> bool {
        u64::from(self.width) < WIDTH
    }

    /// Its path below the log's prefix, as in `tile/1/x001/234/067.p/8`; no leading slash.
    pub fn path(&self) -> String {
        let mut groups = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups = format!("x{:03}/{groups}", rest % 1000);
            rest /= 1000;
        }
        let level = match self.kind {
            Kind::Hashes(level) => level.to_string(),
            Kind::Entries => "entries".to_owned(),
        };
        if self.is_partial() {
            format!("tile/{level}/{groups}.p/{}", self.width)
        } else {
            format!("tile/{level}/{groups}")
        }
    }

    /// The tile of that path; `None` if it is not the one form of a path. Safe on what a stranger
    /// sends, before it goes near a file system.
    pub fn parse(path: &str) -> Option<Tile> {
        // Seven groups hold any index of a `u64`; a longer path is not one.
        if path.len() > 64 {
            return None;
        }
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let kind = match level {
            "entries" => Kind::Entries,
            _ => Kind::Hashes(
                u8::try_from(decimal::parse(level)?)
                    .ok()
                    .filter(|level| *level < 64)?,
            ),
        };
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => (groups, u16::try_from(decimal::parse(width)?).ok()?),
            None => (rest, WIDTH as u16),
        };
        let mut index: u64 = 0;
        for group in groups.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        }
        // Whatever is not what we would write (`x000/001`, `001/002`, `.p/256`, `.p/0`) is refused here.
        let tile = Tile { kind, index, width };
        (width > 0 && tile.path() == path).then_some(tile)
    }

    /// The hashes in these bytes of this tile.
    pub fn hashes(&self, bytes: &[u8]) -> Result<Vec<Hash>, Malformed> {
        let expected = usize::from(self.width) * 32;
        let (hashes, rest) = bytes.as_chunks::<32>();
        if hashes.len() != usize::from(self.width) || !rest.is_empty() {
            return Err(Malformed::Length {
                found: bytes.len(),
                expected,
            });
        }
        Ok(hashes.to_vec())
    }

    /// The entries in these bytes of this bundle.
    pub fn entries<'a>(&self, bytes: &'a [u8]) -> Result<Vec<&'a [u8]>, Malformed> {
        let (entries, rest) = take_entries(bytes, usize::from(self.width))?;
        match rest.len() {
            0 => Ok(entries),
            bytes => Err(Malformed::Surplus { bytes }),
        }
    }
}

/// Hashes or entries that a log of `size` entries has on that level, in all its tiles.
fn hashes_at(kind: Kind, size: u64) -> u64 {
    match kind {
        Kind::Entries => size,
        Kind::Hashes(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
    }
}

/// All tiles and bundles a log of `size` entries consists of: what a copy of it must have.
pub fn all(size: u64) -> impl Iterator<Item = Tile> {
    let kinds = std::iter::once(Kind::Entries).chain((0..8).map(Kind::Hashes));
    kinds.flat_map(move |kind| {
        let full = (0..hashes_at(kind, size) / WIDTH).map(move |index| Tile::full(kind, index));
        full.chain(Tile::partial(kind, size))
    })
}

/// The bytes of a tile of these hashes.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.concat()
}

/// Adds an entry to the bytes of a bundle: its length as big-endian `u16`, then itself. `position` is
/// only for the error.
pub fn append_entry(bundle: &mut Vec<u8>, entry: &[u8], position: usize) -> Result<(), Malformed> {
    let length = u16::try_from(entry.len()).map_err(|_| Malformed::EntryTooLong {
        position,
        bytes: entry.len(),
    })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The first `width` entries of a bundle, and the bytes after them.
fn take_entries(bytes: &[u8], width: usize) -> Result<(Vec<&[u8]>, &[u8]), Malformed> {
    let mut entries = Vec::with_capacity(width);
    let mut rest = bytes;
    for position in 0..width {
        let cut = Malformed::Cut { position };
        let (length, after) = rest.split_first_chunk::<2>().ok_or(cut)?;
        let (entry, after) = after
            .split_at_checked(usize::from(u16::from_be_bytes(*length)))
            .ok_or(cut)?;
        entries.push(entry);
        rest = after;
    }
    Ok((entries, rest))
}

/// The bytes of that tile, exactly `tile.width` wide, from the caller's storage.
///
/// Where a partial tile is gone its full one is read and shortened: a log may drop the partial once
/// the full tile is there, also while somebody still reads with the older checkpoint.
pub fn read<E>(
    tile: Tile,
    storage: &impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<u8>, Error<E>> {
    let path = tile.path();
    if let Some(bytes) = storage(&path).map_err(Error::Storage)? {
        return Ok(bytes);
    }
    if !tile.is_partial() {
        return Err(Error::Missing { path });
    }
    let full = Tile::full(tile.kind, tile.index);
    let mut bytes = match storage(&full.path()).map_err(Error::Storage)? {
        Some(bytes) => bytes,
        None => return Err(Error::Missing { path }),
    };
    let width = usize::from(tile.width);
    let length = match tile.kind {
        Kind::Hashes(_) => width * 32,
        Kind::Entries => {
            let (_, rest) = take_entries(&bytes, width).map_err(|malformed| Error::Malformed {
                path: full.path(),
                malformed,
            })?;
            bytes.len() - rest.len()
        }
    };
    bytes.truncate(length);
    Ok(bytes)
}

/// The hashes of that tile, from the caller's storage.
pub fn read_hashes<E>(
    tile: Tile,
    storage: &impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<Hash>, Error<E>> {
    let bytes = read(tile, storage)?;
    tile.hashes(&bytes).map_err(|malformed| Error::Malformed {
        path: tile.path(),
        malformed,
    })
}

/// One entry of a log of `size` entries, from the caller's storage. Not checked against the tree.
pub fn read_entry<E>(
    index: u64,
    size: u64,
    storage: &impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Option<Vec<u8>>, Error<E>> {
    let Some(tile) = Tile::in_log(Kind::Entries, index / WIDTH, size) else {
        return Ok(None);
    };
    let bytes = read(tile, storage)?;
    let entries = tile.entries(&bytes).map_err(|malformed| Error::Malformed {
        path: tile.path(),
        malformed,
    })?;
    Ok(entries.get((index % WIDTH) as usize).map(|entry| entry.to_vec()))
}

/// Reads hashes of subtrees of one log, each tile once.
pub struct Hashes<'a, F> {
    size: u64,
    storage: &'a F,
    tiles: HashMap<Tile, Vec<Hash>>,
}

impl<'a, F> Hashes<'a, F> {
    /// Of the log of `size` entries in that storage.
    pub fn new(size: u64, storage: &'a F) -> Self {
        Hashes {
            size,
            storage,
            tiles: HashMap::new(),
        }
    }

    /// The hash of a full subtree of the log. Not checked against the root.
    pub fn node<E>(&mut self, node: Node) -> Result<Hash, Error<E>>
    where
        F: Fn(&str) -> Result<Option<Vec<u8>>, E>,
    {
        let kind = Kind::Hashes((node.level / 8) as u8);
        let height = node.level % 8;
        let first = node.index << height;
        let (index, offset) = (first / WIDTH, (first % WIDTH) as usize);
        let nameless = Tile::full(kind, index);
        let missing = || Error::Missing {
            path: nameless.path(),
        };
        let tile = Tile::in_log(kind, index, self.size).ok_or_else(missing)?;
        let hashes = match self.tiles.entry(tile) {
            std::collections::hash_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(read_hashes(tile, self.storage)?)
            }
        };
        hashes
            .get(offset..offset + (1 << height))
            .map(tree::root)
            .ok_or_else(missing)
    }
}
