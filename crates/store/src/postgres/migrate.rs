//! The tables, made and changed by numbered files of SQL, each applied once.
//!
//! All that are missing are applied in one transaction; each leaves its number and checksum, so that
//! an edited or unknown one is noticed. Deliberately does not know: rows.

use tokio_postgres::error::SqlState;
use vocabulary::Digest;

use super::fault::Fault;
use super::link::Link;
use super::wait::wait;
use crate::shelf::Error;

/// In order of their numbers, beginning with 1.
const MIGRATIONS: [&str; 2] = [
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_leaving.sql"),
];

/// Brings the database to the newest layout.
pub(super) fn migrate(link: &Link) -> Result<(), Fault> {
    let mut tries = 0;
    loop {
        match wait(attempt(link)) {
            // Somebody else migrates at the same moment: look again at what they did.
            Err(Fault::Engine(error)) if tries < 20 && is_collision(error.code()) => {
                wait(link.run("ROLLBACK"))?;
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            done => return done,
        }
    }
}

async fn attempt(link: &Link) -> Result<(), Fault> {
    link.run(
        "CREATE SCHEMA IF NOT EXISTS egard;
         CREATE TABLE IF NOT EXISTS egard.migration (
             shard smallint NOT NULL, number bigint NOT NULL, checksum text NOT NULL,
             PRIMARY KEY (shard, number)
         )",
    )
    .await?;
    let rows = link
        .query(
            "SELECT number, checksum FROM migration WHERE shard = 0 ORDER BY number",
            &[],
        )
        .await?;
    if rows.len() > MIGRATIONS.len() {
        return Err(Error::Layout {
            found: rows.len() as u64,
            known: MIGRATIONS.len() as u64,
        }
        .into());
    }
    for ((row, sql), number) in rows.iter().zip(MIGRATIONS).zip(1_i64..) {
        if row.try_get::<_, i64>(0)? != number || row.try_get::<_, &str>(1)? != checksum(sql) {
            return Err(Error::Refused(format!(
                "migration {number} of this database is not the one this program knows"
            ))
            .into());
        }
    }
    if rows.len() == MIGRATIONS.len() {
        return Ok(());
    }
    link.run("BEGIN").await?;
    for (sql, number) in MIGRATIONS.iter().zip(1_i64..).skip(rows.len()) {
        let note = "INSERT INTO migration (shard, number, checksum) VALUES (0, $1, $2)";
        link.execute(note, &[&number, &checksum(sql)]).await?;
        link.run(sql).await?;
    }
    Ok(link.run("COMMIT").await?)
}

fn checksum(sql: &str) -> String {
    Digest::of(sql.as_bytes()).to_string()
}

fn is_collision(code: Option<&SqlState>) -> bool {
    [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ]
    .iter()
    .any(|known| code == Some(known))
}
