//! Put the person into groups that the team defined.

use super::{Purpose, Wipe, counts_for, history_for, sealed, traits_for, wipe_history, wipe_traits};
use crate::envelope::{Content, Terms};
use vocabulary::{Day, Interaction, Moment, PurposeName};

/// Put the person into groups that the team defined.
pub struct Segments;

/// What `Segment` may see.
pub struct SegmentView {
    /// Items and what was done with them.
    pub history: Vec<Interaction>,
    /// Declared traits: name and JSON text.
    pub traits: Vec<(String, String)>,
    /// Declared events: name, day, how often.
    pub counts: Vec<(String, Day, u32)>,
}

impl sealed::Look for Segments {
    type Seen = SegmentView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> SegmentView {
        SegmentView {
            history: history_for::<Segments>(terms, &content.history, now),
            traits: traits_for::<Segments>(terms, &content.traits, now),
            counts: counts_for::<Segments>(terms, &content.counts, now),
        }
    }
}

impl Purpose for Segments {
    type View = SegmentView;
    const NAME: PurposeName = PurposeName::Segment;
    const DPV: &'static str = "dpv:Personalisation";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-a";
    const SEES: &'static [&'static str] = &[
        "items viewed, put into a cart and bought",
        "declared traits",
        "daily counts of declared events",
    ];
    const RETENTION_DAYS: u32 = 395;
}

impl Wipe for SegmentView {
    fn wipe(&mut self) {
        wipe_history(&mut self.history);
        wipe_traits(&mut self.traits);
        self.counts.clear();
    }
}
