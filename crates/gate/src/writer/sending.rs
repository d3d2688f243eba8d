//! The writer's part in the outbox: what a turn changes is written under the version that was judged, with the
//! records and leaves of what was decided.
//!
//! Deliberately does not know: what leaves, or why.

use super::{Group, Reply, Writer};
use crate::Unavailable;
use crate::envelope::{Choice, Input, Proof, Trait};
use crate::outbox::Turn;
use store::{Leaf, RecordRow};
use tokio::sync::oneshot;
use vocabulary::{Moment, PersonId};

/// What the inputs of a complaint call their source.
const COMPLAINT: &str = "complaint";

/// What a turn at one person's outbox changes.
pub(crate) struct Sending {
    pub(crate) person: PersonId,
    /// The envelope's version it was judged at: of another it is not true. `None`: whatever it is.
    pub(crate) version: Option<u64>,
    pub(crate) turn: Turn,
    pub(crate) rows: Vec<(RecordRow, Leaf)>,
    /// What the person takes back by it, with its evidence: a complaint.
    pub(crate) withdrawn: Option<(Choice, Proof)>,
    /// An address that is gone: the trait, as it is from now on.
    pub(crate) forgotten: Option<Trait>,
}

impl Sending {
    /// Nothing yet, whatever the envelope's version.
    pub(crate) fn of(person: PersonId) -> Sending {
        Sending {
            person,
            version: None,
            turn: Turn::default(),
            rows: Vec::new(),
            withdrawn: None,
            forgotten: None,
        }
    }
}

impl Writer {
    pub(super) fn send(
        &self,
        group: &mut Group,
        sendings: Vec<Sending>,
        now: Moment,
        reply: oneshot::Sender<Result<Vec<bool>, Unavailable>>,
    ) {
        let mut indices = Vec::with_capacity(sendings.len());
        for sending in sendings {
            match self.send_one(group, sending, now) {
                Ok(index) => indices.push(index),
                // What entered the group already stays in it; nobody hands it over, so it will be in doubt.
                Err(error) => return drop(reply.send(Err(error))),
            }
        }
        group.replies.push(Reply::Count(indices, reply));
    }

    fn send_one(
        &self,
        group: &mut Group,
        sending: Sending,
        now: Moment,
    ) -> Result<Option<usize>, Unavailable> {
        let found = self.pending(group, sending.person)?;
        let found = found.and_then(|i| Some((i, group.pending.get_mut(i)?)));
        let Some((index, pending)) = found else {
            return Ok(None);
        };
        if sending.version.is_some_and(|version| version != pending.version) {
            return Ok(None);
        }
        for (row, leaf) in sending.rows {
            pending.unit.records.push(row);
            pending.unit.leaves.push(leaf);
        }
        let withdrawn = sending.withdrawn;
        let input = Input {
            at: now.0,
            received_at: now.0,
            turn: Some(sending.turn),
            source: withdrawn
                .as_ref()
                .map_or_else(String::new, |_| COMPLAINT.to_owned()),
            traits: sending.forgotten.into_iter().collect(),
            proof: withdrawn.as_ref().map(|(_, proof)| proof.clone()),
            choices: withdrawn.into_iter().map(|(choice, _)| choice).collect(),
            ..Input::default()
        };
        self.append(pending, input, None, now)?;
        Ok(Some(index))
    }
}
