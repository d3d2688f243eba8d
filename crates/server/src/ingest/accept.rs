//! The seam to the rest of the house: who takes the events, and what they answer.

use super::SourceName;
use crate::signals::Said;
use std::borrow::Cow;
use std::pin::Pin;
use vocabulary::Event;

/// What [`Accept::accept`] returns.
pub type Accepting = Pin<Box<dyn Future<Output = Result<Accepted, Refusal>> + Send>>;

/// What [`Accept::heard`] returns.
pub type Hearing = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send>>;

/// An event, and whether who sent it may speak for the person it names.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// The event.
    pub event: Event,
    /// The source's key is a secret, or the message proves its `userId`. If not, nothing in it may permit
    /// anything for a person who has a `userId`.
    pub vouched: bool,
}

/// Takes events in.
pub trait Accept: Send + Sync + 'static {
    /// Takes all of `told` or none. `Ok` says that whatever is to be kept of them IS DURABLE: the
    /// client is told so at once and forgets them. After `Err` nothing may be left half-done, for
    /// the client sends the same messages again (same `message_id`s). Events come in the order of
    /// their corrected times. One `(source, message_id)` may come any number of times, also twice in
    /// one call, and must count once. The future may be dropped at any point: the caller hung up.
    fn accept(&self, source: SourceName, told: Vec<Told>) -> Accepting;

    /// Remembers for the people of events that were just accepted what the browser said in headers.
    /// Durable when it answers, as above.
    fn heard(&self, source: SourceName, whom: Vec<Named>, said: Said) -> Hearing {
        let _ = (source, whom, said);
        Box::pin(async { Ok(()) })
    }
}

/// `userId` and `anonymousId` of an event.
pub type Named = (Option<String>, Option<String>);

/// What became of the events of one call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Accepted {
    /// How many are now durable.
    pub stored: u32,
    /// How many had come before.
    pub duplicates: u32,
    /// Which were not kept, and why.
    pub dropped: Vec<Dropped>,
    /// Fields that the data dictionary does not declare: name and number of times. A name may
    /// itself be personal: [`super::Discards`] shows only those that look like an identifier of a
    /// program.
    pub undeclared: Vec<(String, u32)>,
}

/// An event that was not kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// Its place among the events of the call.
    pub index: u32,
    /// Why: one of a small closed set of lower-case names with underscores, never anything
    /// personal.
    pub code: Cow<'static, str>,
}

/// Why nothing was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// Too much at once; the client comes back.
    #[error("busy: come back in {retry_after_s} seconds")]
    Busy {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The store failed; the client comes back.
    #[error("the events could not be stored")]
    Failed,
}
