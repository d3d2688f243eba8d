//! Say when the person is likely to buy again, and how likely.

use super::{Purpose, Wipe, counts_for, sealed};
use crate::envelope::{Content, Terms};
use vocabulary::{Day, Moment, PurposeName};

/// Say when the person is likely to buy again, and how likely.
pub struct Predict;

/// What `Predict` may see: how recent, how often, since when. Not what was bought.
pub struct PredictView {
    /// The first day that is known on which an event declared for this purpose happened.
    pub first: Option<Day>,
    /// The last one.
    pub last: Option<Day>,
    /// On how many days.
    pub days: u32,
}

impl sealed::Look for Predict {
    type Seen = PredictView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> PredictView {
        let counts = counts_for::<Predict>(terms, &content.counts, now);
        let days: std::collections::BTreeSet<Day> = counts.into_iter().map(|(_, day, _)| day).collect();
        PredictView {
            first: days.first().copied(),
            last: days.last().copied(),
            days: days.len() as u32,
        }
    }
}

impl Purpose for Predict {
    type View = PredictView;
    const NAME: PurposeName = PurposeName::Predict;
    const DPV: &'static str = "dpv:CustomerRelationshipManagement";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-a";
    const SEES: &'static [&'static str] = &["the first and the last day of an order, and on how many days"];
    const RETENTION_DAYS: u32 = 1_095;
}

impl Wipe for PredictView {
    fn wipe(&mut self) {
        (self.first, self.last, self.days) = (None, None, 0);
    }
}
