//! Let the person count in the sums that say what was read, bought and worth it.

use super::{Purpose, Wipe, counts_for, sealed};
use crate::envelope::{Content, Terms};
use vocabulary::{Day, Moment, PurposeName};

/// Let the person count in the sums that say what was read, bought and worth it.
pub struct Measure;

/// What `Measure` may see.
pub struct MeasureView {
    /// Events declared for this purpose: name, day, how often.
    pub counts: Vec<(String, Day, u32)>,
}

impl sealed::Look for Measure {
    type Seen = MeasureView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> MeasureView {
        MeasureView {
            counts: counts_for::<Measure>(terms, &content.counts, now),
        }
    }
}

impl Purpose for Measure {
    type View = MeasureView;
    const NAME: PurposeName = PurposeName::Measure;
    const DPV: &'static str = "dpv:ServiceUsageAnalytics";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-a";
    const SEES: &'static [&'static str] = &["daily counts of declared events"];
    // Audience measurement: data at most 25 months (CNIL, délibération 2020-091).
    const RETENTION_DAYS: u32 = 760;
}

impl Wipe for MeasureView {
    fn wipe(&mut self) {
        self.counts.clear();
    }
}
