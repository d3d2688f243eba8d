//! The ledger's tables: leaves that wait, tiles, the checkpoint, and the small named things.
//!
//! Deliberately does not know: how leaves become a tree.

use rusqlite::{Connection, OptionalExtension, params};

use super::Writer;
use super::commit::set_meta;
use super::engine::{Fault, rows, signed, unsigned};
use crate::judge;
use crate::shelf::*;

impl Writer {
    pub(super) fn integrate(&mut self, integration: &Integration) -> Result<bool, Fault> {
        let place = self.place;
        let transaction = self.state.transaction()?;
        if checkpoint(&transaction)? != integration.expected {
            return Ok(false);
        }
        for (place, id, index) in &integration.integrated {
            let waited = transaction
                .prepare_cached("DELETE FROM pending_leaf WHERE place = ?1 AND id = ?2")?
                .execute(params![signed(*place)?, id.0])?;
            if waited != 1 {
                return Err(judge::not_pending(*place).into());
            }
            transaction
                .prepare_cached(
                    "INSERT INTO leaf_index (shard, id, position) VALUES (?1, ?2, ?3)
                     ON CONFLICT (shard, id) DO UPDATE SET position = ?3",
                )?
                .execute(params![id.shard(), id.0, signed(*index)?])?;
        }
        for path in &integration.obsolete {
            transaction
                .prepare_cached("DELETE FROM tile WHERE shard = 0 AND path = ?1")?
                .execute([path])?;
        }
        for (path, bytes) in &integration.tiles {
            transaction
                .prepare_cached(
                    "INSERT INTO tile (shard, path, bytes) VALUES (0, ?1, ?2)
                     ON CONFLICT (shard, path) DO UPDATE SET bytes = ?2",
                )?
                .execute(params![path, bytes])?;
        }
        transaction.execute(
            "INSERT INTO checkpoint (shard, bytes) VALUES (0, ?1) ON CONFLICT (shard) DO UPDATE SET bytes = ?1",
            [&integration.checkpoint],
        )?;
        // The queue may be empty now: its places must not be given away again.
        set_meta(&transaction, "place", place)?;
        transaction.commit()?;
        Ok(true)
    }

    pub(super) fn swap(&mut self, name: &str, expected: u64, value: &[u8]) -> Result<Option<u64>, Fault> {
        let version = expected.saturating_add(1);
        let written = if expected == 0 {
            self.state.execute(
                "INSERT OR IGNORE INTO named_value (shard, name, version, value) VALUES (0, ?1, 1, ?2)",
                params![name, value],
            )?
        } else {
            self.state.execute(
                "UPDATE named_value SET version = ?3, value = ?4
                 WHERE shard = 0 AND name = ?1 AND version = ?2",
                params![name, signed(expected)?, signed(version)?, value],
            )?
        };
        Ok((written == 1).then_some(version))
    }

    pub(super) fn remove_named(&mut self, name: &str, expected: u64) -> Result<bool, Fault> {
        let removed = self.state.execute(
            "DELETE FROM named_value WHERE shard = 0 AND name = ?1 AND version = ?2",
            params![name, signed(expected)?],
        )?;
        Ok(removed == 1)
    }

    pub(super) fn keep(&mut self, digest: [u8; 32], bytes: &[u8]) -> Result<(), Fault> {
        self.state.execute(
            "INSERT OR IGNORE INTO artefact (shard, digest, bytes) VALUES (0, ?1, ?2)",
            params![digest, bytes],
        )?;
        Ok(())
    }

    pub(super) fn discard(&mut self, digest: [u8; 32]) -> Result<bool, Fault> {
        let sql = "DELETE FROM artefact WHERE shard = 0 AND digest = ?1";
        Ok(self.state.execute(sql, params![digest])? == 1)
    }
}

pub(super) fn pending_leaves(state: &Connection, limit: usize) -> Result<Vec<PendingLeaf>, Fault> {
    let mut statement =
        state.prepare_cached("SELECT place, id, bytes FROM pending_leaf ORDER BY place LIMIT ?1")?;
    let leaves = statement.query_map([rows(limit)], |row| {
        let leaf = Leaf {
            id: RecordId(row.get(1)?),
            bytes: row.get(2)?,
        };
        Ok(PendingLeaf {
            place: unsigned(row.get(0)?)?,
            leaf,
        })
    })?;
    Ok(leaves.collect::<Result<_, _>>()?)
}

pub(super) fn checkpoint(state: &Connection) -> Result<Option<Vec<u8>>, Fault> {
    let mut statement = state.prepare_cached("SELECT bytes FROM checkpoint WHERE shard = 0")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

pub(super) fn tile(state: &Connection, path: &str) -> Result<Option<Vec<u8>>, Fault> {
    let mut statement = state.prepare_cached("SELECT bytes FROM tile WHERE shard = 0 AND path = ?1")?;
    Ok(statement.query_row([path], |row| row.get(0)).optional()?)
}

pub(super) fn tile_paths(state: &Connection) -> Result<Vec<String>, Fault> {
    let mut statement = state.prepare_cached("SELECT path FROM tile WHERE shard = 0 ORDER BY path")?;
    let paths = statement.query_map([], |row| row.get(0))?;
    Ok(paths.collect::<Result<_, _>>()?)
}

pub(super) fn leaf_index(state: &Connection, id: RecordId) -> Result<Option<u64>, Fault> {
    let mut statement =
        state.prepare_cached("SELECT position FROM leaf_index WHERE shard = ?1 AND id = ?2")?;
    Ok(statement
        .query_row(params![id.shard(), id.0], |row| unsigned(row.get(0)?))
        .optional()?)
}

/// A record's shard is made of its id's first bits: the order of ids is the order of the key.
pub(super) fn placed(
    state: &Connection,
    after: Option<RecordId>,
    limit: usize,
) -> Result<Vec<(RecordId, u64)>, Fault> {
    let mut statement = state.prepare_cached(
        "SELECT leaf_index.id, leaf_index.position FROM leaf_index JOIN record_place USING (shard, id)
         WHERE (shard, id) > (?1, ?2) ORDER BY shard, id LIMIT ?3",
    )?;
    let (shard, id) = match &after {
        Some(after) => (i64::from(after.shard()), after.0.as_slice()),
        None => (-1, [].as_slice()),
    };
    let found = statement.query_map(params![shard, id, rows(limit)], |row| {
        Ok((RecordId(row.get(0)?), unsigned(row.get(1)?)?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
