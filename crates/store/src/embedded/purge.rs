//! Removing events whose time is over, day by day and a bounded step at a time.
//!
//! Deliberately does not know: how long events may be kept.

use rusqlite::{OptionalExtension, params};
use vocabulary::Day;

use super::Writer;
use super::engine::{Fault, signed};

/// Events removed in one transaction: some 15 MB of pages.
const STEP: usize = 20_000;

impl Writer {
    /// Removes some applied events received before `day`; answers how many, and whether there may
    /// be more.
    pub(super) fn purge_events(&mut self, day: Day) -> Result<(u64, bool), Fault> {
        let applied = signed(self.applied)?;
        let transaction = self.state.transaction()?;
        let oldest: Option<(u32, i64, i64)> = transaction
            .prepare_cached(
                "SELECT day, first_seq, last_seq FROM event_day
                 WHERE day < ?1 AND first_seq <= ?2 AND events > 0 AND EXISTS (
                     SELECT 1 FROM event
                     WHERE seq BETWEEN first_seq AND min(last_seq, ?2) AND event.day = event_day.day
                 ) ORDER BY day LIMIT 1",
            )?
            .query_row(params![day.0, applied], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((oldest, first, last)) = oldest else {
            return Ok((0, false));
        };
        let purged = transaction
            .prepare_cached(
                "DELETE FROM event WHERE seq IN (
                     SELECT seq FROM event WHERE seq BETWEEN ?1 AND ?2 AND day = ?3 LIMIT ?4
                 )",
            )?
            .execute(params![
                first,
                last.min(applied),
                oldest,
                super::engine::rows(STEP)
            ])?;
        transaction.execute(
            "UPDATE event_day SET events = events - ?2 WHERE day = ?1",
            params![oldest, purged as i64],
        )?;
        transaction.execute("DELETE FROM event_day WHERE day = ?1 AND events = 0", [oldest])?;
        transaction.commit()?;
        Ok((purged as u64, true))
    }
}
