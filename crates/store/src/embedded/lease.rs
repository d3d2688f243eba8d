//! The right to write, within the one process that the folder's lock lets in.
//!
//! Deliberately does not know: other processes. A lease found at opening belongs to nobody alive.

use rusqlite::{Connection, OptionalExtension, params};
use vocabulary::Moment;

use super::Writer;
use super::engine::{Fault, signed, unsigned};
use crate::shelf::{Epoch, Error};

impl Writer {
    pub(super) fn acquire(&mut self, owner: &str, now: Moment, ttl_ms: i64) -> Result<Epoch, Fault> {
        let held = self
            .state
            .query_row(
                "SELECT owner, until FROM lease WHERE shard = 0 AND owner IS NOT NULL",
                [],
                |row| Ok((row.get::<_, String>(0)?, Moment(row.get(1)?))),
            )
            .optional()?;
        if let Some((holder, until)) = held
            && holder != owner
            && until > now
        {
            return Err(Error::Held { owner: holder, until }.into());
        }
        let epoch = self.epoch + 1;
        self.state.execute(
            "INSERT INTO lease (shard, epoch, owner, until) VALUES (0, ?1, ?2, ?3)
             ON CONFLICT (shard) DO UPDATE SET epoch = ?1, owner = ?2, until = ?3",
            params![signed(epoch)?, owner, now.plus(ttl_ms).0],
        )?;
        (self.epoch, self.held) = (epoch, true);
        Ok(epoch)
    }

    pub(super) fn renew(&mut self, now: Moment, ttl_ms: i64) -> Result<(), Fault> {
        self.state.execute(
            "UPDATE lease SET until = ?1 WHERE shard = 0",
            [now.plus(ttl_ms).0],
        )?;
        Ok(())
    }

    pub(super) fn release(&mut self) -> Result<(), Fault> {
        clear(&self.state)?;
        self.held = false;
        Ok(())
    }
}

/// Takes the lease from whoever had it; answers the last epoch.
pub(super) fn clear(state: &Connection) -> Result<Epoch, Fault> {
    state.execute(
        "UPDATE lease SET owner = NULL WHERE shard = 0 AND owner IS NOT NULL",
        [],
    )?;
    let epoch = state
        .query_row("SELECT epoch FROM lease WHERE shard = 0", [], |row| row.get(0))
        .optional()?;
    Ok(unsigned(epoch.unwrap_or(0))?)
}
