//! Let the person's history count in the sums a model is learned from.

use super::{Purpose, Wipe, history_for, sealed, wipe_history};
use crate::contribution::strongest;
use crate::envelope::{Content, Terms};
use vocabulary::{Interaction, Moment, PurposeName};

/// Let the person's history count in the sums a model is learned from.
pub struct Train;

/// What `Train` may see.
pub struct TrainView {
    /// Items, of each the strongest thing done with it (viewed, added or bought, once) and its day: what
    /// the sums use, and no more.
    pub history: Vec<Interaction>,
}

impl sealed::Look for Train {
    type Seen = TrainView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> TrainView {
        let mut whole = history_for::<Train>(terms, &content.history, now);
        let history = whole.iter().filter_map(strongest).collect();
        wipe_history(&mut whole);
        TrainView { history }
    }
}

impl Purpose for Train {
    type View = TrainView;
    const NAME: PurposeName = PurposeName::Train;
    const DPV: &'static str = "dpv:ServiceOptimisation";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-a";
    const SEES: &'static [&'static str] = &["items viewed, put into a cart or bought, and the day of each"];
    const RETENTION_DAYS: u32 = 395;
}

impl Wipe for TrainView {
    fn wipe(&mut self) {
        wipe_history(&mut self.history);
    }
}
