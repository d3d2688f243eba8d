//! What became of something that was handed to a way out: one word for all of them.
//!
//! Deliberately does not know: what was handed over, and what follows from the answer.

use super::email::Handed;
use letter::bounce::{Cause, Permanence, Verdict};
use vocabulary::Moment;

/// What became of it. Reasons are stable codes without anything personal in them: records, metrics and pages show them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The other side has taken it.
    Delivered {
        /// Its own name for the message, to be found again in its reports.
        id: Option<String>,
    },
    /// It was not taken, and may be handed over again then: nothing of it arrived, or whoever receives it knows a
    /// repetition.
    Later {
        /// Not before.
        at: Moment,
        /// Why.
        why: String,
    },
    /// It was not taken.
    Refused {
        /// No other try will be, and nothing else to this address either.
        for_good: bool,
        /// Why.
        class: String,
    },
    /// It may have arrived: what is for marketing is not sent again.
    InDoubt {
        /// Why.
        why: String,
    },
    /// It never left this machine, and will not by waiting: something has to be mended here.
    NotHanded {
        /// What.
        why: String,
    },
}

/// What became of an e-mail, in the words of all ways out.
impl From<Handed> for Answer {
    fn from(handed: Handed) -> Answer {
        match handed {
            // The server's reply is no name of the message: that is its own Message-ID.
            Handed::Delivered { .. } => Answer::Delivered { id: None },
            Handed::RefusedForNow { retry_at, verdict } => Answer::Later {
                at: retry_at,
                why: class(verdict).to_owned(),
            },
            Handed::RefusedForGood { verdict } => Answer::Refused {
                for_good: verdict.permanence == Permanence::Hard,
                class: class(verdict).to_owned(),
            },
            Handed::InDoubt => Answer::InDoubt {
                why: "no_answer".to_owned(),
            },
            Handed::NotHandedOver { retry_at, why } => Answer::Later {
                at: retry_at,
                why: why.to_owned(),
            },
        }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict.cause {
        Cause::NoMailbox => "no_mailbox",
        Cause::NoDomain => "no_domain",
        Cause::Full => "mailbox_full",
        Cause::TooLarge => "too_large",
        Cause::Policy => "policy",
        Cause::Ours => "ours",
        Cause::Network => "network",
        Cause::Unknown => "unknown",
    }
}

/// One try of one message.
#[derive(Clone, Copy, Debug)]
pub struct Try<'a> {
    /// The same over all tries of the message.
    pub id: &'a str,
    /// Tries that failed before this one.
    pub failed: u32,
    /// What jitter is drawn from: random, and kept with the message.
    pub seed: u64,
    /// Now.
    pub now: Moment,
}

impl Try<'_> {
    /// Again at the next moment of the calendar of tries, or when `Retry-After` says; refused if there is none left.
    pub(crate) fn again(&self, retry_after: Option<&str>, why: &str) -> Answer {
        let asked = retry_after.and_then(|value| letter::retry::after(value, self.now.0));
        match letter::retry::next(self.failed.saturating_add(1), self.seed, self.now.0, asked) {
            Some(at) => Answer::Later {
                at: Moment(at),
                why: why.to_owned(),
            },
            None => Answer::Refused {
                for_good: false,
                class: why.to_owned(),
            },
        }
    }
}
