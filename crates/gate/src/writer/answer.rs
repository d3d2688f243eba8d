//! Who waits for a group, and what each is told when it is on disk, or is not.
//!
//! Deliberately does not know: what was written.

use super::{Fate, Reason};
use crate::Unavailable;
use tokio::sync::oneshot;

/// Where the answer to one event comes from.
pub(super) enum Answer {
    Known(Fate),
    OfUnit(usize),
}

pub(super) enum Reply {
    Observe(Vec<Answer>, oneshot::Sender<Result<Vec<Fate>, Unavailable>>),
    Input(usize, oneshot::Sender<Result<Fate, Unavailable>>),
    Record(Option<usize>, oneshot::Sender<Result<bool, Unavailable>>),
    Count(
        Vec<Option<usize>>,
        oneshot::Sender<Result<Vec<bool>, Unavailable>>,
    ),
}

/// Answers whoever waits; `done` says of each unit whether it is on disk.
pub(super) fn answer(reply: Reply, done: &impl Fn(usize) -> bool) {
    let fate = |index| {
        if done(index) {
            Fate::Stored
        } else {
            Fate::Dropped(Reason::TryAgain)
        }
    };
    match reply {
        Reply::Observe(answers, reply) => {
            let fates = answers.into_iter().map(|answer| match answer {
                Answer::Known(fate) => fate,
                Answer::OfUnit(index) => fate(index),
            });
            let _ = reply.send(Ok(fates.collect()));
        }
        Reply::Input(index, reply) => drop(reply.send(Ok(fate(index)))),
        Reply::Record(index, reply) => drop(reply.send(Ok(index.is_some_and(done)))),
        Reply::Count(indices, reply) => {
            let done = indices.into_iter().map(|index| index.is_some_and(done));
            let _ = reply.send(Ok(done.collect()));
        }
    }
}

/// Tells whoever waits that nothing was written.
pub(super) fn refuse(reply: Reply, error: &store::Error) {
    let why = || match error {
        store::Error::Full => Unavailable::Full,
        store::Error::Retry(_) => Unavailable::Busy,
        _ => Unavailable::Stopped,
    };
    match reply {
        Reply::Observe(_, reply) => drop(reply.send(Err(why()))),
        Reply::Input(_, reply) => drop(reply.send(Err(why()))),
        Reply::Record(_, reply) => drop(reply.send(Err(why()))),
        Reply::Count(_, reply) => drop(reply.send(Err(why()))),
    }
}
