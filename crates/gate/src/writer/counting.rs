//! The writer's part in counting people in and taking them out of the sums again.
//!
//! Taking out is written down before what causes it: a withdrawal, a correction, an erasure. Deliberately
//! does not know: the sums, and when they are learned from again.

use super::{Change, Group, Pending, Reply, Writer};
use crate::contribution::{Contribution, Counting};
use crate::envelope::{Act, Input, Terms};
use crate::{Unavailable, hot, keys, unlearn};
use std::sync::Arc;
use tokio::sync::oneshot;
use vocabulary::{Moment, PersonId, PurposeName, Signals};

impl Writer {
    /// Changes the contributions of people, unless they changed otherwise meanwhile or their permission
    /// is gone (for those who are counted in) or has come back (for those who are taken out).
    pub(super) fn count(
        &self,
        group: &mut Group,
        changes: Vec<Change>,
        now: Moment,
        reply: oneshot::Sender<Result<Vec<bool>, Unavailable>>,
    ) {
        let mut indices = Vec::with_capacity(changes.len());
        for change in changes {
            match self.count_one(group, change, now) {
                Ok(index) => indices.push(index),
                // What entered the group already stays in it; the next run sees it.
                Err(error) => return drop(reply.send(Err(error))),
            }
        }
        group.replies.push(Reply::Count(indices, reply));
    }

    fn count_one(
        &self,
        group: &mut Group,
        change: Change,
        now: Moment,
    ) -> Result<Option<usize>, Unavailable> {
        let found = self.pending(group, change.person)?;
        let found = found.and_then(|i| Some((i, group.pending.get_mut(i)?)));
        let Some((index, pending)) = found else {
            return Ok(None);
        };
        let moved_on = change.version.is_some_and(|version| version != pending.version);
        let counts_in = matches!(change.counting, Counting::In(_));
        if moved_on || counts_in != self.may_train(&pending.terms, now) {
            return Ok(None);
        }
        if !counts_in {
            unlearn::put(&self.shared, &self.contributions(pending)?)?;
        }
        let input = Input {
            at: now.0,
            received_at: now.0,
            counting: Some(change.counting),
            ..Input::default()
        };
        self.append(pending, input, None, now)?;
        Ok(Some(index))
    }

    /// An input that ends the permission for `train`, or takes an item out of the history, takes the
    /// person's contributions out of the sums with it. Answers whether it does; `terms` are those after
    /// the input.
    pub(super) fn uncount(
        &self,
        pending: &Pending,
        terms: &Arc<Terms>,
        input: &mut Input,
        now: Moment,
    ) -> Result<bool, Unavailable> {
        if pending.terms.counted != Some(true) || input.counting.is_some() {
            return Ok(false);
        }
        let corrected = match &input.act {
            Some(Act::Forget(item)) => Some(item),
            _ => None,
        };
        // A consent that ran out changed no terms: the sweep comes when it did.
        let changed = terms.version != pending.terms.version || input.sweeps == Some(true);
        let ends = changed && !self.may_train(terms, now);
        if !ends && corrected.is_none() {
            return Ok(false);
        }
        let held = self.contributions(pending)?;
        if !ends && !corrected.is_some_and(|item| held.iter().any(|one| one.counts(item))) {
            return Ok(false);
        }
        unlearn::put(&self.shared, &held)?;
        input.counting = Some(Counting::Out);
        Ok(true)
    }

    /// Before a person's key is destroyed: what the sums hold of them goes onto the list of what is to be
    /// taken out. Repeating it does no harm, nor does an erasure that is not carried out after it: the
    /// next run counts the person in again.
    pub(super) fn unlearn(&self, person: PersonId) -> Result<(), Unavailable> {
        let held = self.with_slot(person, |slot| {
            if slot.terms.counted != Some(true) {
                return Ok(Vec::new());
            }
            Ok(slot.content(person)?.contributions.clone().unwrap_or_default())
        });
        match held {
            Ok(held) => unlearn::put(&self.shared, &held.unwrap_or_default()),
            // Out of reach is not unreadable.
            Err(error @ Unavailable::Key(keys::Error::Unreachable(_) | keys::Error::UnknownKek(_))) => {
                Err(error)
            }
            // An envelope that cannot be read must not keep anybody from being erased.
            Err(Unavailable::Key(_) | Unavailable::Layout(_)) => unlearn::put_unknown(&self.shared),
            Err(error) => Err(error),
        }
    }

    /// The contributions that hold after the inputs of the group so far.
    fn contributions(&self, pending: &Pending) -> Result<Vec<Contribution>, Unavailable> {
        let changed = pending.inputs.iter().rev().find_map(|(_, i)| i.counting.as_ref());
        match changed {
            Some(Counting::In(contributions)) => return Ok(contributions.clone()),
            Some(Counting::Out) => return Ok(Vec::new()),
            None if pending.is_new => return Ok(Vec::new()),
            None => {}
        }
        let held = self.with_slot(pending.person, |slot| {
            Ok(slot.content(pending.person)?.contributions.clone())
        })?;
        Ok(held.flatten().unwrap_or_default())
    }

    fn may_train(&self, terms: &Terms, now: Moment) -> bool {
        hot::judge(&self.shared.charter, terms, Signals::default(), now)
            .purposes
            .contains(PurposeName::Train)
    }
}
