//! One request: what the house keeps of it, and how it goes on. Nothing in it names a person, so it
//! outlives the person's erasure as evidence that the right was answered, and when.

use super::deadline::{self, Urgency, WARN_DAYS};
use super::{By, Refusal, Right, Status, Step, Via};
use serde::{Deserialize, Serialize};
use vocabulary::{Day, Moment};

/// Most steps that are kept of one request.
pub const MAX_STEPS: usize = 40;
/// Within so many months a request is answered (GDPR art. 12(3)).
const MONTHS: u32 = 1;
/// And within so many if it was prolonged: one and two more.
const MONTHS_PROLONGED: u32 = 3;

/// Why the period was prolonged (GDPR art. 12(3)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionReason {
    /// The request is complex.
    Complexity,
    /// There are many requests.
    NumberOfRequests,
}

impl ExtensionReason {
    /// The name used in the API and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            ExtensionReason::Complexity => "complexity",
            ExtensionReason::NumberOfRequests => "number_of_requests",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<ExtensionReason> {
        [ExtensionReason::Complexity, ExtensionReason::NumberOfRequests]
            .into_iter()
            .find(|reason| reason.as_str() == name)
    }
}

/// A prolonged period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Extension {
    /// When the person was told.
    pub at: Moment,
    /// Why.
    pub reason: ExtensionReason,
}

/// A step that was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taken {
    /// When; never before the step before it, whatever the clock says.
    pub at: Moment,
    /// Where it led.
    pub status: Status,
    /// Who took it.
    pub by: By,
}

/// A request for one right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    /// For what.
    pub right: Right,
    /// Through which door.
    pub via: Via,
    /// When it was received: from here the period runs.
    pub received: Moment,
    /// Where it stands.
    pub status: Status,
    /// The prolonged period, if it was.
    #[serde(default)]
    pub extension: Option<Extension>,
    /// The steps behind it, oldest first; the first is its receipt.
    pub steps: Vec<Taken>,
}

impl Request {
    /// A request that was just received.
    pub fn open(right: Right, via: Via, received: Moment) -> Request {
        Request {
            right,
            via,
            received,
            status: Status::Open,
            extension: None,
            steps: vec![Taken {
                at: received,
                status: Status::Open,
                by: By::Person,
            }],
        }
    }

    /// The request after a step, or why it cannot take it. A clock that was set back does not
    /// disorder the steps.
    pub fn take(&self, step: Step, by: By, now: Moment) -> Result<Request, Refusal> {
        let status = self.status.after(step, self.right)?;
        if !by.may(step) {
            return Err(Refusal::NotYours(by));
        }
        if self.steps.len() >= MAX_STEPS && !status.is_final() {
            return Err(Refusal::TooManySteps);
        }
        let at = now.max(self.changed_at());
        let mut next = self.clone();
        match step {
            Step::Extend(_) if self.extension.is_some() || at.day() > self.due() => {
                return Err(Refusal::NoExtension);
            }
            Step::Extend(reason) => next.extension = Some(Extension { at, reason }),
            Step::Expire if at.day() <= self.due() => return Err(Refusal::NotYet),
            _ => {}
        }
        next.status = status;
        next.steps.push(Taken { at, status, by });
        Ok(next)
    }

    /// When the latest step was taken.
    pub fn changed_at(&self) -> Moment {
        self.steps.last().map_or(self.received, |taken| taken.at)
    }

    /// The day by whose end it is answered. Asking who somebody is does not stop the clock.
    pub fn due(&self) -> Day {
        let months = match self.extension {
            Some(_) => MONTHS_PROLONGED,
            None => MONTHS,
        };
        deadline::add_months(self.received.day(), months)
    }

    /// How near the end is on `today`.
    pub fn urgency(&self, today: Day) -> Urgency {
        let due = self.due();
        if self.status.is_final() {
            Urgency::Calm
        } else if today > due {
            Urgency::Overdue
        } else if today.0 + WARN_DAYS >= due.0 {
            Urgency::Soon
        } else {
            Urgency::Calm
        }
    }

    /// How long the answer took or has taken, milliseconds.
    pub fn took(&self, now: Moment) -> i64 {
        let until = if self.status.is_final() {
            self.changed_at()
        } else {
            now
        };
        until.since(self.received).max(0)
    }
}
