//! Figures of rights by calendar quarter: received by kind, time to answer, and histories erased.
//!
//! A quarter is told when it is over, and what became of its requests when the quarter after it is over
//! too: by then the period of each of them has ended, prolonged or not (GDPR art. 12(3)), so what was told
//! never changes, and no two versions of a table can be held against one another.
//!
//! Deliberately does not know: whose requests they are.

use super::small::{Count, LEAST, Part, total};
use crate::rights::{Request, Right, civil, date, number};
use gate::ErasedBy;
use serde::Serialize;
use vocabulary::{DAY_MS, Day, Moment};

/// Most quarters that are told: three years.
pub const MOST_QUARTERS: usize = 12;

/// A calendar quarter of UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Quarter {
    year: i64,
    /// 0 to 3.
    quarter: u32,
}

/// What may be told of one quarter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Figures {
    /// `2026-Q4`.
    pub quarter: String,
    /// Its first day.
    pub from: String,
    /// Its last day.
    pub to: String,
    /// Whether it is told what became of its requests.
    pub answered: bool,
    /// From which day on that is told.
    pub answered_from: String,
    /// Each right.
    pub rights: Vec<OfRight>,
    /// All requests together, where that gives no small number away.
    pub total: Option<u64>,
    /// What became of all of them together, where it is told of no right alone.
    pub outcome: Option<Outcome>,
    /// Histories that were erased, whoever asked; `None` where not the whole quarter was counted.
    pub erased: Option<Count>,
}

/// Requests for one right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OfRight {
    /// Which.
    pub right: Right,
    /// The article of the GDPR.
    pub article: &'static str,
    /// How many were received.
    pub received: Count,
    /// What became of them, if there were enough.
    pub outcome: Option<Outcome>,
}

/// What became of requests. One that was not answered by then counts with the time until then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Outcome {
    /// Half of them within so many days (begun days; the lower median).
    pub median_days: u64,
    /// All of them within so many.
    pub worst_days: u64,
    /// Answered after their period, or not by then.
    pub late: Part,
}

impl Quarter {
    /// The quarter of a day.
    pub fn of(day: Day) -> Quarter {
        let (year, month, _) = civil(day);
        Quarter {
            year,
            quarter: month.saturating_sub(1) / 3,
        }
    }

    /// Its first day.
    pub fn first(self) -> Day {
        number(self.year, self.quarter * 3 + 1, 1)
    }

    /// The quarter after it.
    #[must_use]
    pub fn next(self) -> Quarter {
        match self.quarter {
            3 => Quarter {
                year: self.year + 1,
                quarter: 0,
            },
            quarter => Quarter {
                quarter: quarter + 1,
                ..self
            },
        }
    }

    /// The one before it.
    #[must_use]
    pub fn previous(self) -> Quarter {
        match self.quarter {
            0 => Quarter {
                year: self.year - 1,
                quarter: 3,
            },
            quarter => Quarter {
                quarter: quarter - 1,
                ..self
            },
        }
    }

    fn holds(self, at: Moment) -> bool {
        Quarter::of(at.day()) == self
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-Q{}", self.year, self.quarter + 1)
    }
}

/// Which quarters can be told.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Since when there is a register.
    pub since: Day,
    /// Now.
    pub today: Day,
    /// Days that a request is kept after it ended: of a quarter of which some may be gone, nothing is told.
    pub kept_days: u32,
}

impl Span {
    fn quarters(self) -> impl Iterator<Item = Quarter> {
        let mut quarter = Quarter::of(self.today);
        let first = Quarter::of(self.since);
        std::iter::from_fn(move || {
            quarter = quarter.previous();
            let kept = quarter.first().0.saturating_add(self.kept_days) > self.today.0;
            (quarter >= first && kept).then_some(quarter)
        })
        .take(MOST_QUARTERS)
    }
}

/// What may be told, the newest quarter first.
pub fn figures(requests: &[Request], erased: &[ErasedBy], span: Span) -> Vec<Figures> {
    span.quarters()
        .map(|quarter| of_quarter(quarter, requests, erased, span.today))
        .collect()
}

fn of_quarter(quarter: Quarter, requests: &[Request], erased: &[ErasedBy], today: Day) -> Figures {
    let told_from = quarter.next().next().first();
    let answered = today >= told_from;
    let of_it: Vec<&Request> = requests
        .iter()
        .filter(|request| quarter.holds(request.received))
        .collect();
    let outcome_of = |requests: &[&Request]| {
        (answered && requests.len() as u64 >= LEAST).then(|| outcome(requests, told_from))
    };
    let mut counts = Vec::new();
    let rights: Vec<OfRight> = Right::ALL
        .into_iter()
        .map(|right| {
            let its: Vec<&Request> = of_it.iter().copied().filter(|r| r.right == right).collect();
            counts.push(its.len() as u64);
            OfRight {
                right,
                article: right.article(),
                received: Count::of(its.len() as u64),
                outcome: outcome_of(&its),
            }
        })
        .collect();
    let total = total(&counts);
    // Beside the outcome of one right, that of all would tell of the others.
    let alone = rights.iter().all(|right| right.received == Count::Few);
    let outcome = total.filter(|_| alone).and_then(|_| outcome_of(&of_it));
    Figures {
        quarter: quarter.to_string(),
        from: date(quarter.first()),
        to: date(Day(quarter.next().first().0.saturating_sub(1))),
        answered,
        answered_from: date(told_from),
        rights,
        total,
        outcome,
        erased: erased_in(quarter, erased),
    }
}

/// What had become of requests, of which there are some, when the day `by` began.
fn outcome(requests: &[&Request], by: Day) -> Outcome {
    let by = by.start();
    let mut days = Vec::new();
    let mut late = 0;
    for request in requests {
        let ended = request
            .steps
            .iter()
            .find(|step| step.status.is_final() && step.at < by)
            .map(|step| step.at);
        late += u64::from(ended.is_none_or(|at| at.day() > request.due()));
        let took = ended.unwrap_or(by).since(request.received).max(1);
        days.push(took.unsigned_abs().div_ceil(DAY_MS.unsigned_abs()));
    }
    days.sort_unstable();
    let middle = days.len().saturating_sub(1) / 2;
    Outcome {
        median_days: days.get(middle).copied().unwrap_or_default(),
        worst_days: days.last().copied().unwrap_or_default(),
        late: Part::of(late, requests.len() as u64),
    }
}

/// How many were erased in a quarter: known if the count stood at its begin and at its end. The first count
/// of all, unless it is nought, may have been taken in the middle of a quarter by a program that did not
/// count before.
fn erased_in(quarter: Quarter, erased: &[ErasedBy]) -> Option<Count> {
    let (at, begin) = erased
        .iter()
        .enumerate()
        .find(|(_, row)| row.quarter == quarter.first())?;
    let end = erased.iter().find(|row| row.quarter == quarter.next().first())?;
    (at > 0 || begin.count == 0).then(|| Count::of(end.count.saturating_sub(begin.count)))
}
