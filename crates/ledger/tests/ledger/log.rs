//! A log in memory, kept as a caller keeps it: rows by path, and a checkpoint.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use ledger::tile::{self, Tile};
use ledger::tree::Hash;
use ledger::verify::{self, Report};
use ledger::{Checkpoint, SigningKey, sequence};

pub const ORIGIN: &str = "egard.example/2026-h2";

pub fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

/// The entry of that index: of varying length, the first one empty.
pub fn entry(index: u64) -> Vec<u8> {
    let text = format!("entry {index} ").repeat((index % 5) as usize + usize::from(index % 7 == 3));
    text.into_bytes()
}

pub fn entries(from: u64, to: u64) -> Vec<Vec<u8>> {
    (from..to).map(entry).collect()
}

#[derive(Default, Clone)]
pub struct Log {
    pub rows: BTreeMap<String, Vec<u8>>,
    /// Paths read since the last look.
    pub reads: RefCell<Vec<String>>,
}

impl Log {
    pub fn of(size: u64) -> Log {
        let mut log = Log::default();
        log.grow_to(size);
        log
    }

    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Infallible> {
        self.reads.borrow_mut().push(path.to_owned());
        Ok(self.rows.get(path).cloned())
    }

    /// Appends the entries up to `size`, as one batch.
    pub fn grow_to(&mut self, size: u64) {
        let from = self.size();
        let previous = self.rows.get(verify::CHECKPOINT).cloned();
        let entries = entries(from, size);
        let step =
            sequence::integrate(previous.as_deref(), &entries, &key(), |path| self.read(path)).unwrap();
        assert_eq!((step.growth.first, step.growth.size), (from, size));
        self.rows.extend(step.growth.tiles);
        for path in step.growth.obsolete {
            self.rows.remove(&path);
        }
        self.rows.insert(verify::CHECKPOINT.to_owned(), step.checkpoint);
    }

    pub fn checkpoint(&self) -> Vec<u8> {
        self.rows[verify::CHECKPOINT].clone()
    }

    pub fn opened(&self) -> Checkpoint {
        Checkpoint::open(&self.checkpoint(), key().verifying_key()).unwrap()
    }

    pub fn size(&self) -> u64 {
        self.rows
            .get(verify::CHECKPOINT)
            .map_or(0, |_| self.opened().size)
    }

    pub fn root(&self) -> Hash {
        self.opened().root
    }

    pub fn verify(&self) -> Report {
        verify::verify_log(key().verifying_key(), |path| self.read(path), |_, _| ()).unwrap()
    }

    /// The rows that a log of this size must have, and nothing else.
    pub fn essence(&self) -> BTreeMap<String, Vec<u8>> {
        let needed: BTreeSet<String> = tile::all(self.size()).map(|tile| tile.path()).collect();
        for path in &needed {
            assert!(self.rows.contains_key(path), "{path} is not there");
        }
        let mut rows = self.rows.clone();
        rows.retain(|path, _| needed.contains(path) || path == verify::CHECKPOINT);
        rows
    }

    /// Partial tiles whose full tile is there.
    pub fn leftovers(&self) -> Vec<String> {
        let tiles = self.rows.keys().filter_map(|path| Tile::parse(path));
        let superfluous = tiles
            .filter(|tile| tile.is_partial())
            .filter(|tile| self.rows.contains_key(&Tile::full(tile.kind, tile.index).path()));
        superfluous.map(|tile| tile.path()).collect()
    }
}

/// A small generator of test choices, the same on every machine.
pub struct Choices(pub u64);

impl Choices {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
