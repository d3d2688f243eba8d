//! Erasing a person, and removing what is too old.
//!
//! The key goes first, in a transaction that also notes the intention; the rest follows, and is
//! taken up again by the next owner of the lease if it was interrupted. Deliberately does not know:
//! why, and how long things may be kept.

use vocabulary::{Day, PersonId, SHARDS};

use super::Postgres;
use super::link::Link;
use super::read::{self, name_at};
use super::wait::wait;
use crate::shelf::{Epoch, Error, Rewrap};

/// Deletes events received before a day, in some shards.
pub(super) const OLD_EVENTS: &str = "DELETE FROM event WHERE shard >= $1 AND shard < $2 AND day < $3";
/// Deletes messages received before a day, in some shards.
pub(super) const OLD_MESSAGES: &str = "DELETE FROM message WHERE shard >= $1 AND shard < $2 AND day < $3";

/// Shards cleaned in one transaction, so that commits come in between.
const STEP: usize = 16;

impl Postgres {
    pub(super) fn erase_person(&self, epoch: Epoch, person: PersonId) -> Result<bool, Error> {
        let (shard, name) = (person.shard() as i16, &person.0[..]);
        let there_was = self.transact(epoch, async |link, _| {
            let sql = "INSERT INTO erasure (shard, person) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            let begun_before = link.execute(sql, &[&shard, &name]).await? == 0;
            let sql = "DELETE FROM person_key WHERE shard = $1 AND person = $2";
            Ok(link.execute(sql, &[&shard, &name]).await? > 0 || begun_before)
        })?;
        self.finish_erasure(epoch, person)?;
        Ok(there_was)
    }

    /// Replaces wrapped keys, then clears the pages the old ones lay in.
    pub(super) fn rewrap_keys(&self, epoch: Epoch, changes: &[Rewrap]) -> Result<u64, Error> {
        let replaced = self.transact(epoch, async |link, _| {
            let mut replaced = 0;
            for change in changes {
                let sql =
                    "UPDATE person_key SET wrapped = $4 WHERE shard = $1 AND person = $2 AND wrapped = $3";
                let (shard, name) = (change.person.shard() as i16, &change.person.0[..]);
                let (old, new) = (&change.expected.0, &change.wrapped.0);
                replaced += link.execute(sql, &[&shard, &name, old, new]).await?;
            }
            Ok(replaced)
        })?;
        self.insist(|_, link| Ok(wait(link.run("VACUUM person_key"))?))?;
        Ok(replaced)
    }

    /// Takes up erasures that were interrupted.
    pub(super) fn finish_erasures(&self, epoch: Epoch) -> Result<(), Error> {
        let persons = self.read(async |link| {
            let rows = link.query("SELECT person FROM erasure", &[]).await?;
            rows.iter()
                .map(|row| Ok(PersonId(name_at(row, 0)?)))
                .collect::<Result<Vec<_>, _>>()
        })?;
        persons
            .into_iter()
            .try_for_each(|person| self.finish_erasure(epoch, person))
    }

    /// Clears the pages the key lay in, then removes all the key opened.
    fn finish_erasure(&self, epoch: Epoch, person: PersonId) -> Result<(), Error> {
        self.insist(|_, link| Ok(wait(link.run("VACUUM person_key"))?))?;
        self.transact(epoch, async |link, _| remove_rows(link, person).await)
    }

    /// Deletes what is older than `day`, some shards at a time; answers how many rows.
    pub(super) fn purge(&self, epoch: Epoch, sql: &'static str, day: Day) -> Result<u64, Error> {
        let mut purged = 0;
        for shard in (0..SHARDS).step_by(STEP) {
            let (from, to) = (shard as i16, shard as i16 + STEP as i16);
            purged += self.transact(epoch, async |link, _| {
                Ok(link.execute(sql, &[&from, &to, &i64::from(day.0)]).await?)
            })?;
        }
        Ok(purged)
    }
}

async fn remove_rows(link: &Link, person: PersonId) -> Result<(), super::fault::Fault> {
    let (shard, name) = (person.shard() as i16, &person.0[..]);
    for blind in read::identifiers_of(link, person).await? {
        let sql = "DELETE FROM identifier WHERE shard = $1 AND blind = $2";
        link.execute(sql, &[&(blind.shard() as i16), &&blind.0[..]])
            .await?;
    }
    for sql in [
        "DELETE FROM identifier_of WHERE shard = $1 AND person = $2",
        "DELETE FROM person WHERE shard = $1 AND person = $2",
        "DELETE FROM event WHERE shard = $1 AND person = $2",
        "DELETE FROM record WHERE shard = $1 AND person = $2",
        "DELETE FROM erasure WHERE shard = $1 AND person = $2",
    ] {
        link.execute(sql, &[&shard, &name]).await?;
    }
    Ok(())
}
