//! The right to write: a row that one process holds, with an epoch that fences the one before.
//!
//! Deliberately does not know: clocks. The caller says what time it is.

use vocabulary::Moment;

use super::Postgres;
use super::fault::Fault;
use super::link::Link;
use super::turn::unsigned;
use super::wait::wait;
use crate::shelf::{Epoch, Error};

/// Past epochs whose number of transactions is remembered.
const REMEMBERED: i64 = 1_000;

impl Postgres {
    /// Takes the lease. If the answer is lost it is taken once more, which the same owner may.
    pub(super) fn take_lease(&self, owner: &str, now: Moment, ttl_ms: i64) -> Result<Epoch, Error> {
        self.insist(|_, link| wait(take(link, owner, now, now.plus(ttl_ms))))
    }

    pub(super) fn renew_lease(&self, epoch: Epoch, now: Moment, ttl_ms: i64) -> Result<(), Error> {
        let (epoch, until) = (epoch as i64, now.plus(ttl_ms).0);
        let renewed = self.insist(|_, link| {
            let sql = "UPDATE lease SET until = $2 WHERE shard = 0 AND epoch = $1 AND owner IS NOT NULL";
            Ok(wait(link.execute(sql, &[&epoch, &until]))?)
        })?;
        if renewed == 1 { Ok(()) } else { Err(Error::Fenced) }
    }

    pub(super) fn give_lease_back(&self, epoch: Epoch) -> Result<(), Error> {
        let epoch = epoch as i64;
        self.insist(|_, link| {
            let sql = "UPDATE lease SET owner = NULL WHERE shard = 0 AND epoch = $1";
            wait(link.execute(sql, &[&epoch]))?;
            Ok(())
        })
    }
}

async fn take(link: &Link, owner: &str, now: Moment, until: Moment) -> Result<Epoch, Fault> {
    link.run("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let rows = link
        .query(
            "SELECT epoch, owner, until FROM lease WHERE shard = 0 FOR UPDATE",
            &[],
        )
        .await?;
    let Some(row) = rows.first() else {
        return Err(Error::Broken("the lease's row is missing".to_owned()).into());
    };
    let (epoch, holder, ends) = (
        row.try_get::<_, i64>(0)?,
        row.try_get::<_, Option<&str>>(1)?,
        Moment(row.try_get(2)?),
    );
    if let Some(holder) = holder
        && holder != owner
        && ends > now
    {
        return Err(Error::Held {
            owner: holder.to_owned(),
            until: ends,
        }
        .into());
    }
    link.execute(
        "INSERT INTO tenure (shard, epoch, commits) SELECT shard, epoch, commits FROM lease",
        &[],
    )
    .await?;
    link.execute(
        "DELETE FROM tenure WHERE shard = 0 AND epoch < $1",
        &[&(epoch - REMEMBERED)],
    )
    .await?;
    let sql = "UPDATE lease SET epoch = $1, owner = $2, until = $3, commits = 0 WHERE shard = 0";
    link.execute(sql, &[&(epoch + 1), &owner, &until.0]).await?;
    link.run("COMMIT").await?;
    unsigned(epoch + 1)
}
