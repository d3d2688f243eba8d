//! Put the person into groups that the team defined.

use super::{Purpose, Wipe, history_for, sealed, wipe_history};
use crate::envelope::{Content, Terms};
use vocabulary::{Day, Interaction, Moment, PurposeName, PurposeSet};

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

    fn look(_: &Terms, content: &Content, _: Moment) -> SegmentView {
        let mine = |purposes: u16| PurposeSet(purposes).contains(PurposeName::Segment);
        SegmentView {
            history: history_for(PurposeName::Segment, &content.history),
            traits: content
                .traits
                .iter()
                .filter(|t| mine(t.purposes))
                .map(|t| (t.name.clone(), t.value.clone()))
                .collect(),
            counts: content
                .counts
                .iter()
                .filter(|c| mine(c.purposes))
                .map(|c| (c.event.clone(), Day(c.day), c.count))
                .collect(),
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
        for (name, value) in &mut self.traits {
            zeroize::Zeroize::zeroize(name);
            zeroize::Zeroize::zeroize(value);
        }
        self.counts.clear();
    }
}
