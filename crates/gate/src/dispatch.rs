//! The way out: what waits in outboxes is permitted, cleared, written and marked, and only then may a channel
//! have it. What the channel answers is written down too.
//!
//! ```text
//! Permit<P> -> Opened<P> -> Draft<P, T> -> Cleared<P, T> -> Handover<L>
//! ```
//! Each is made only from the one before. A [`Handover`] exists when the mark, the record and its leaf are on
//! disk, under the very version of the envelope that was judged: what changed meanwhile is judged again.
//!
//! Marketing leaves at most once: what was marked and has no answer is in doubt when nobody hands it over any
//! more (the process was killed, or lost the store), is never sent again, and is listed. What is for `service`
//! and what other systems are told leaves at least once, under the same identity.
//!
//! Deliberately does not know: what a message says (`decide::compose`), how it is carried (`server::channels`).

mod answers;
mod beside;
mod house;
mod in_app;
mod one;
mod told;
mod turn;
mod under_way;

pub use answers::{Feedback, HandedOver, Noted, Outcome, SOFT_BOUNCES, SOFT_BOUNCES_MS};
pub use house::{Doubt, Task};
pub use in_app::{Said, Shown};
pub use told::KIND;
pub use turn::{Dispatched, Handover};

use crate::clearance::{Claims, Code, Pass, Rules, Standing};
use crate::outbox::{Entry, Kind};
use crate::permit::Draft;
use crate::purposes::Purpose;
use jiff::tz::TimeZone;
use vocabulary::{Channel, Contract, Digest, Moment, PurposeName};

/// Something that waits to leave, as the program may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its identity: nobody can tell from it whose it is.
    pub id: [u8; 16],
    /// What it is.
    pub kind: Kind,
    /// Of the message, the queue or the webhook.
    pub name: String,
    /// Of which journey.
    pub journey: String,
    /// Of which run of it.
    pub key: Option<String>,
    /// At which step.
    pub step: Option<String>,
    /// When the run began.
    pub entered_at: Moment,
    /// Its number in the run.
    pub number: u32,
    /// Which program wanted it.
    pub program: Digest,
    /// Since when it waits.
    pub queued_at: Moment,
}

impl Waiting {
    fn of(entry: &Entry) -> Waiting {
        Waiting {
            id: entry.id,
            kind: Kind::of_number(entry.kind),
            name: entry.name.clone(),
            journey: entry.journey.clone(),
            key: entry.key.clone(),
            step: entry.step.clone(),
            entered_at: Moment(entry.entered_at),
            number: entry.number,
            program: Digest(entry.program),
            queued_at: Moment(entry.queued_at),
        }
    }
}

/// What the program in force says of something that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// For `service`, or for the marketing of the channel it leaves by.
    pub service: bool,
    /// By which ways it can leave, its own first.
    pub channels: Vec<Channel>,
    /// How program and journey stand.
    pub standing: Standing,
    /// Whether the facts of its claims are there.
    pub claims: Claims,
}

/// What words are written from: what the purpose may see, and what the person wishes.
pub struct Seen<'a> {
    /// What is said: one thing, or all that comes together.
    pub waiting: &'a [Waiting],
    /// For which purpose.
    pub purpose: PurposeName,
    /// By which way.
    pub channel: Channel,
    /// Traits that the purpose may see: name and JSON text.
    pub traits: &'a [(String, String)],
    /// Tone, language.
    pub contract: &'a Contract,
    /// Where the person's clocks are.
    pub zone: &'a TimeZone,
    /// Now.
    pub now: Moment,
}

/// Words that were written, and what the record says of them.
pub struct Composed<L> {
    /// For the channel.
    pub letter: L,
    /// What it was written from and the digest of its bytes: canonical JSON, enough to write it again.
    pub said: serde_json::Value,
}

/// Why nothing was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotComposed {
    /// By name.
    pub code: Code,
    /// What it was tried from: canonical JSON.
    pub said: serde_json::Value,
}

/// The program in force, as far as messages go; pure but for the pace of channels.
pub trait Compose {
    /// What a channel gets.
    type Letter;
    /// Caps and quiet hours.
    fn rules(&self) -> &Rules;
    /// Its content address.
    fn program(&self) -> Digest;
    /// Where clocks are for whom nobody knows better.
    fn zone(&self) -> &TimeZone;
    /// What it says of something that waits.
    fn wanted(&self, waiting: &Waiting, now: Moment) -> Wanted;
    /// When the channel takes it at the earliest: asked before it is marked, so that what only waits for its turn
    /// costs nothing.
    fn when(&self, _letter: &Self::Letter, now: Moment) -> Moment {
        now
    }
    /// The traits that this webhook is told, by name: none of them is opened that the purpose may not see, and of
    /// others nothing.
    fn fields(&self, _webhook: &str) -> &[String] {
        &[]
    }
    /// Writes the words.
    fn compose(&self, seen: &Seen<'_>) -> Result<Composed<Self::Letter>, NotComposed>;
}

/// A draft that clearance let pass. Made here alone; becomes a [`Handover`] when it is marked.
#[must_use = "what is cleared leaves when it is marked"]
pub struct Cleared<P: Purpose, T> {
    draft: Draft<P, T>,
    pass: Pass,
}

impl<P: Purpose, T> Cleared<P, T> {
    fn new(draft: Draft<P, T>, pass: Pass) -> Cleared<P, T> {
        Cleared { draft, pass }
    }

    /// For which moment it may leave.
    pub fn at(&self) -> Moment {
        self.pass.at()
    }
}

impl<P: Purpose, T> std::fmt::Debug for Cleared<P, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cleared(..)")
    }
}
