//! The ledger's tables: leaves that wait, tiles, the checkpoint; and the small named things.
//!
//! Deliberately does not know: how leaves become a tree.

use super::fault::Fault;
use super::link::Link;
use super::read::{most, name_at};
use super::turn::unsigned;
use crate::judge;
use crate::shelf::*;
use vocabulary::Day;

/// Writes an integration inside a transaction that holds the lease's row, so no other can come
/// between looking at the checkpoint and replacing it.
pub(super) async fn integrate(link: &Link, integration: &Integration) -> Result<bool, Fault> {
    if checkpoint(link).await? != integration.expected {
        return Ok(false);
    }
    take_off_queue(link, integration).await?;
    if !integration.obsolete.is_empty() {
        let sql = "DELETE FROM tile WHERE shard = 0 AND path = ANY($1)";
        link.execute(sql, &[&integration.obsolete]).await?;
    }
    for (path, bytes) in &integration.tiles {
        let sql = "INSERT INTO tile (shard, path, bytes) VALUES (0, $1, $2)
             ON CONFLICT (shard, path) DO UPDATE SET bytes = EXCLUDED.bytes";
        link.execute(sql, &[path, bytes]).await?;
    }
    let sql = "INSERT INTO checkpoint (shard, bytes) VALUES (0, $1)
         ON CONFLICT (shard) DO UPDATE SET bytes = EXCLUDED.bytes";
    link.execute(sql, &[&integration.checkpoint]).await?;
    Ok(true)
}

async fn take_off_queue(link: &Link, integration: &Integration) -> Result<(), Fault> {
    let integrated = &integration.integrated;
    if integrated.is_empty() {
        return Ok(());
    }
    let shards: Vec<i16> = integrated.iter().map(|(_, id, _)| id.shard() as i16).collect();
    let ids: Vec<&[u8]> = integrated.iter().map(|(_, id, _)| &id.0[..]).collect();
    let places: Vec<i64> = integrated.iter().map(|(place, ..)| *place as i64).collect();
    let sql = "DELETE FROM pending_leaf p
         USING UNNEST($1::smallint[], $2::bigint[], $3::bytea[]) AS q (shard, place, id)
         WHERE p.shard = q.shard AND p.place = q.place AND p.id = q.id RETURNING p.place";
    let rows = link.query(sql, &[&shards, &places, &ids]).await?;
    let waited = rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<std::collections::HashSet<i64>, _>>()?;
    if let Some(absent) = places.iter().find(|place| !waited.contains(place)) {
        return Err(judge::not_pending(unsigned(*absent)?).into());
    }
    // One statement may not write a row twice: of leaves with one id the later index is kept.
    let mut last: std::collections::BTreeMap<RecordId, u64> = std::collections::BTreeMap::new();
    last.extend(integrated.iter().map(|(_, id, index)| (*id, *index)));
    let shards: Vec<i16> = last.keys().map(|id| id.shard() as i16).collect();
    let ids: Vec<&[u8]> = last.keys().map(|id| &id.0[..]).collect();
    let positions: Vec<i64> = last.values().map(|index| *index as i64).collect();
    let sql = "INSERT INTO leaf_index (shard, id, position)
         SELECT * FROM UNNEST($1::smallint[], $2::bytea[], $3::bigint[])
         ON CONFLICT (shard, id) DO UPDATE SET position = EXCLUDED.position";
    link.execute(sql, &[&shards, &ids, &positions]).await?;
    Ok(())
}

pub(super) async fn pending_leaves(link: &Link, limit: usize) -> Result<Vec<PendingLeaf>, Fault> {
    let sql = "SELECT place, id, bytes FROM pending_leaf ORDER BY place LIMIT $1";
    let rows = link.query(sql, &[&most(limit)]).await?;
    rows.iter()
        .map(|row| {
            let id = RecordId(name_at(row, 1)?);
            let leaf = Leaf {
                id,
                bytes: row.try_get(2)?,
            };
            Ok(PendingLeaf {
                place: unsigned(row.try_get(0)?)?,
                leaf,
            })
        })
        .collect()
}

pub(super) async fn checkpoint(link: &Link) -> Result<Option<Vec<u8>>, Fault> {
    bytes(
        link.query("SELECT bytes FROM checkpoint WHERE shard = 0", &[])
            .await?,
    )
}

pub(super) async fn tile(link: &Link, path: &str) -> Result<Option<Vec<u8>>, Fault> {
    bytes(
        link.query("SELECT bytes FROM tile WHERE shard = 0 AND path = $1", &[&path])
            .await?,
    )
}

pub(super) async fn tile_paths(link: &Link) -> Result<Vec<String>, Fault> {
    let rows = link
        .query("SELECT path FROM tile WHERE shard = 0 ORDER BY path", &[])
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

pub(super) async fn leaf_index(link: &Link, id: RecordId) -> Result<Option<u64>, Fault> {
    let sql = "SELECT position FROM leaf_index WHERE shard = $1 AND id = $2";
    let rows = link.query(sql, &[&(id.shard() as i16), &&id.0[..]]).await?;
    rows.first().map(|row| unsigned(row.try_get(0)?)).transpose()
}

pub(super) async fn value(link: &Link, name: &str) -> Result<Option<Versioned>, Fault> {
    let sql = "SELECT version, value FROM named_value WHERE shard = 0 AND name = $1";
    let rows = link.query(sql, &[&name]).await?;
    let versioned = rows.first().map(|row| {
        Ok(Versioned {
            version: unsigned(row.try_get(0)?)?,
            value: row.try_get(1)?,
        })
    });
    versioned.transpose()
}

pub(super) async fn swap(link: &Link, name: &str, expected: u64, value: &[u8]) -> Result<Option<u64>, Fault> {
    let version = expected.saturating_add(1);
    let written = if expected == 0 {
        let sql = "INSERT INTO named_value (shard, name, version, value) VALUES (0, $1, 1, $2)
             ON CONFLICT DO NOTHING";
        link.execute(sql, &[&name, &value]).await?
    } else {
        let sql = "UPDATE named_value SET version = $3, value = $4
             WHERE shard = 0 AND name = $1 AND version = $2";
        link.execute(sql, &[&name, &(expected as i64), &(version as i64), &value])
            .await?
    };
    Ok((written == 1).then_some(version))
}

/// As [`value`], of all names with a prefix.
pub(super) async fn values(
    link: &Link,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Versioned)>, Fault> {
    let sql = "SELECT name, version, value FROM named_value
         WHERE shard = 0 AND name >= $1 AND ($2::text IS NULL OR name < $2)
             AND ($3::text IS NULL OR name > $3)
         ORDER BY name LIMIT $4";
    let end = judge::after_all(prefix);
    let rows = link.query(sql, &[&prefix, &end, &after, &most(limit)]).await?;
    rows.iter()
        .map(|row| {
            let held = Versioned {
                version: unsigned(row.try_get(1)?)?,
                value: row.try_get(2)?,
            };
            Ok((row.try_get(0)?, held))
        })
        .collect()
}

pub(super) async fn remove_named(link: &Link, name: &str, expected: u64) -> Result<bool, Fault> {
    let sql = "DELETE FROM named_value WHERE shard = 0 AND name = $1 AND version = $2";
    Ok(link.execute(sql, &[&name, &(expected as i64)]).await? == 1)
}

pub(super) async fn keep(link: &Link, digest: [u8; 32], bytes: &[u8]) -> Result<(), Fault> {
    let sql = "INSERT INTO artefact (shard, digest, bytes) VALUES (0, $1, $2) ON CONFLICT DO NOTHING";
    link.execute(sql, &[&&digest[..], &bytes]).await?;
    Ok(())
}

pub(super) async fn artefact(link: &Link, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
    bytes(
        link.query(
            "SELECT bytes FROM artefact WHERE shard = 0 AND digest = $1",
            &[&&digest[..]],
        )
        .await?,
    )
}

pub(super) async fn artefacts(
    link: &Link,
    after: Option<[u8; 32]>,
    limit: usize,
) -> Result<Vec<[u8; 32]>, Fault> {
    let sql = "SELECT digest FROM artefact WHERE shard = 0 AND digest > $1 ORDER BY digest LIMIT $2";
    let after = after.as_ref().map_or([].as_slice(), <[u8; 32]>::as_slice);
    let rows = link.query(sql, &[&after, &most(limit)]).await?;
    rows.iter().map(|row| name_at(row, 0)).collect()
}

pub(super) async fn discard(link: &Link, digest: [u8; 32]) -> Result<bool, Fault> {
    let sql = "DELETE FROM artefact WHERE shard = 0 AND digest = $1";
    Ok(link.execute(sql, &[&&digest[..]]).await? == 1)
}

/// Both lie in their shard: on Citus the join stays on each node.
pub(super) async fn placed(
    link: &Link,
    after: Option<RecordId>,
    limit: usize,
) -> Result<Vec<(RecordId, u64)>, Fault> {
    let sql = "SELECT l.id, l.position FROM leaf_index l JOIN record r ON r.shard = l.shard AND r.id = l.id
         WHERE (l.shard, l.id) > ($1, $2) ORDER BY l.shard, l.id LIMIT $3";
    let (shard, id) = match &after {
        Some(after) => (after.shard() as i16, after.0.as_slice()),
        None => (-1, [].as_slice()),
    };
    let rows = link.query(sql, &[&shard, &id, &most(limit)]).await?;
    rows.iter()
        .map(|row| Ok((RecordId(name_at(row, 0)?), unsigned(row.try_get(1)?)?)))
        .collect()
}

/// Each is the first row of an index.
pub(super) async fn oldest(link: &Link) -> Result<Oldest, Fault> {
    let mut days = [None, None];
    for (day, sql) in days
        .iter_mut()
        .zip(["SELECT min(day) FROM event", "SELECT min(day) FROM message"])
    {
        let rows = link.query(sql, &[]).await?;
        let found: Option<i64> = rows.first().map(|row| row.try_get(0)).transpose()?.flatten();
        *day = found.and_then(|day| u32::try_from(day).ok()).map(Day);
    }
    let [event, message] = days;
    Ok(Oldest { event, message })
}

fn bytes(rows: Vec<tokio_postgres::Row>) -> Result<Option<Vec<u8>>, Fault> {
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
}
