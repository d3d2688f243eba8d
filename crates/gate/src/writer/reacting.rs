//! The writer's part in automation: what a look changes is written under the version that was looked at.
//!
//! Deliberately does not know: groups, journeys.

use super::{Group, Reply, Writer};
use crate::automation::Reaction;
use crate::envelope::{Input, Trait};
use crate::record::{self, Statement};
use crate::{Unavailable, hot};
use tokio::sync::oneshot;
use vocabulary::{Digest, Moment, PersonId, PurposeName, Signals};

/// What a look at one person changes.
pub(crate) struct Reacting {
    pub(crate) person: PersonId,
    /// The envelope's version it was made from: of another it is not true.
    pub(crate) version: u64,
    pub(crate) reaction: Reaction,
    pub(crate) traits: Vec<Trait>,
    /// Details of the record, canonical JSON.
    pub(crate) told: Option<String>,
    pub(crate) program: Digest,
}

impl Writer {
    pub(super) fn react(
        &self,
        group: &mut Group,
        reactions: Vec<Reacting>,
        now: Moment,
        reply: oneshot::Sender<Result<Vec<bool>, Unavailable>>,
    ) {
        let mut indices = Vec::with_capacity(reactions.len());
        for reacting in reactions {
            match self.react_one(group, reacting, now) {
                Ok(index) => indices.push(index),
                // What entered the group already stays in it: its version has moved on.
                Err(error) => return drop(reply.send(Err(error))),
            }
        }
        group.replies.push(Reply::Count(indices, reply));
    }

    fn react_one(
        &self,
        group: &mut Group,
        reacting: Reacting,
        now: Moment,
    ) -> Result<Option<usize>, Unavailable> {
        let found = self.pending(group, reacting.person)?;
        let found = found.and_then(|i| Some((i, group.pending.get_mut(i)?)));
        let Some((index, pending)) = found else {
            return Ok(None);
        };
        if pending.version != reacting.version {
            return Ok(None);
        }
        // Permission may have ended by itself since the look: then nothing is done any more.
        let does = reacting.told.is_some() || !reacting.traits.is_empty();
        let permitted = hot::judge(&self.shared.charter, &pending.terms, Signals::default(), now)
            .purposes
            .contains(PurposeName::Segment);
        if does && !permitted {
            return Ok(None);
        }
        if let Some(details) = reacting.told {
            let statement = Statement {
                kind: "journey",
                purpose: Some(PurposeName::Segment),
                program: reacting.program,
                allowed: true,
                reasons: Vec::new(),
                at: now,
            };
            let (row, leaf) = record::make(&self.shared, pending.person, &pending.key, statement, details)?;
            pending.unit.records.push(row);
            pending.unit.leaves.push(leaf);
        }
        let traits = reacting
            .traits
            .into_iter()
            .map(|known| Trait { at: now.0, ..known });
        let input = Input {
            at: now.0,
            received_at: now.0,
            traits: traits
                .filter(|known| !pending.terms.refuses_trait(&known.name))
                .collect(),
            reaction: Some(reacting.reaction),
            ..Input::default()
        };
        self.append(pending, input, None, now)?;
        Ok(Some(index))
    }
}
