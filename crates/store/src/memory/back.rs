//! Rows written back and leaves moved into the tree, in memory.
//!
//! Deliberately does not know: who may write.

use super::State;
use crate::judge;
use crate::shelf::*;
use std::collections::HashMap;
use vocabulary::PersonId;

impl State {
    /// Writes rows back, each over the version it was made from; none if one is stale.
    pub(super) fn flush(&mut self, rows: &[(u64, PersonRow)], applied: Seq) -> Result<(), Error> {
        if applied > self.newest {
            return Err(judge::beyond_newest(applied, self.newest));
        }
        let mut persons: HashMap<PersonId, &PersonRow> = HashMap::new();
        for (expected, row) in rows.iter().filter(|(_, row)| self.keys.contains_key(&row.person)) {
            let stored = persons
                .get(&row.person)
                .copied()
                .or_else(|| self.persons.get(&row.person));
            let found = stored.map_or(0, |row| row.version);
            if found != *expected {
                return Err(judge::stale_row(*expected, found));
            }
            persons.insert(row.person, row);
        }
        for row in persons.into_values() {
            self.persons.insert(row.person, row.clone());
        }
        self.applied = self.applied.max(applied);
        Ok(())
    }

    /// Moves leaves into the tree, if the checkpoint is still the expected one.
    pub(super) fn integrate(&mut self, integration: &Integration) -> Result<bool, Error> {
        if self.checkpoint != integration.expected {
            return Ok(false);
        }
        for (place, id, _) in &integration.integrated {
            if self.pending.get(place).map(|leaf| leaf.id) != Some(*id) {
                return Err(judge::not_pending(*place));
            }
        }
        for (place, id, index) in &integration.integrated {
            self.pending.remove(place);
            self.indices.insert(*id, *index);
        }
        for path in &integration.obsolete {
            self.tiles.remove(path);
        }
        self.tiles.extend(integration.tiles.iter().cloned());
        self.checkpoint = Some(integration.checkpoint.clone());
        Ok(true)
    }
}
