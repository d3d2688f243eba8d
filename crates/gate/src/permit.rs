//! The first door, before a person's data: ask for a purpose, get a permit, spend it by opening.
//!
//! ```text
//! Sealed -> Permit<P> -> Opened<P> -> Draft<P, T> -> Recorded<T>
//! ```
//! Each is made only from the one before, and only here. A draft cannot be read until its record
//! and its ledger leaf are on disk.
//!
//! Deliberately does not know: what is decided with what was opened.

use crate::charter::{PolicyId, Question, Requester};
use crate::purposes::{Purpose, Wipe};
use vocabulary::{Digest, Moment, PersonId, PurposeName, Signals};

/// Under which circumstances somebody asks.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Machine-readable wishes that came with the request.
    pub signals: Signals,
    /// On whose behalf: the system's, or the person's own, proven.
    pub requester: Requester,
    /// Now.
    pub now: Moment,
}

/// The charter said no; nothing was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was asked for.
    pub purpose: PurposeName,
    /// Which policies decided.
    pub policies: Vec<PolicyId>,
    /// Under which charter.
    pub charter: Digest,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.policies.iter().map(PolicyId::as_str).collect();
        write!(f, "`{}` is not permitted: {}", self.purpose, ids.join(", "))
    }
}

/// The charter said yes to purpose `P` for one person. Spent by opening; cannot be copied.
#[must_use = "a permit that is not spent opens nothing"]
pub struct Permit<P: Purpose> {
    pub(crate) granted: Granted,
    pub(crate) purpose: std::marker::PhantomData<P>,
}

/// The facts of a grant: they go into the ledger with whatever comes of it.
#[derive(Clone)]
pub(crate) struct Granted {
    pub(crate) person: PersonId,
    pub(crate) terms_version: u64,
    pub(crate) policies: Vec<PolicyId>,
    pub(crate) asked_at: Moment,
    pub(crate) purpose: PurposeName,
    /// What the charter was asked: the facts of that moment, and nothing else of the person.
    pub(crate) question: Question,
}

/// The fields purpose `P` may see of one person. Cannot be cloned, serialised or printed, and is
/// wiped when dropped.
pub struct Opened<P: Purpose> {
    pub(crate) view: P::View,
    pub(crate) granted: Granted,
}

impl<P: Purpose> Opened<P> {
    /// What may be seen.
    pub fn view(&self) -> &P::View {
        &self.view
    }

    /// A proposal made from what was opened, with nothing but pure code in between. It can be
    /// read only after it is recorded.
    pub fn draft<T>(self, decide: impl FnOnce(&P::View) -> T) -> Draft<P, T> {
        Draft {
            proposal: decide(&self.view),
            granted: self.granted.clone(),
            purpose: std::marker::PhantomData,
        }
    }
}

impl<P: Purpose> Drop for Opened<P> {
    fn drop(&mut self) {
        self.view.wipe();
    }
}

impl<P: Purpose> std::fmt::Debug for Opened<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened(..)")
    }
}

/// A proposal that has touched nobody. What it says can be read only once it is recorded.
#[must_use = "a draft must be recorded before it can be shown"]
pub struct Draft<P: Purpose, T> {
    pub(crate) proposal: T,
    pub(crate) granted: Granted,
    pub(crate) purpose: std::marker::PhantomData<P>,
}

/// What a record says of a decision: enough to execute it again.
pub trait Account {
    /// The kind of decision, as the ledger names it: `recommendation`, `access`.
    fn kind(&self) -> &'static str;
    /// The content address of the program (model, dictionary) that decided.
    fn program(&self) -> Digest;
    /// Inputs, parameters and outcome as canonical JSON text. It is sealed; the ledger gets only
    /// a salted commitment to it.
    fn details(&self) -> String;
}

/// Proof that a decision is on disk, with its place.
#[derive(Clone, Debug)]
pub struct Recorded<T> {
    /// What was decided.
    pub proposal: T,
    /// The record's identity: by this the person can ask for the receipt.
    pub record: crate::RecordId,
    /// Which policies permitted (or refused) it.
    pub policies: Vec<PolicyId>,
}
