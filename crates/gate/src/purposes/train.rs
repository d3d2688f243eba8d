//! Let the person's history count in the sums a model is learned from.

use super::{Purpose, Wipe, history_for, interaction_for, sealed, wipe_history};
use crate::contribution::strongest;
use crate::envelope::{Content, HISTORY_MAX, Terms, UnknownLayout, skim};
use crate::keeping;
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

    fn read(terms: &Terms, bytes: &[u8], now: Moment) -> Result<TrainView, UnknownLayout> {
        let mut history = Vec::new();
        skim::part(bytes, |number, value| {
            if number != skim::HISTORY {
                return Ok(false);
            }
            history.reserve(skim::length(value)?.min(HISTORY_MAX));
            skim::each(value, |seen| {
                let seen = keeping::within_seen::<&str>(seen.decode()?, now);
                let whole = seen.and_then(|seen| interaction_for::<Train, &str>(terms, &seen, now));
                if let Some(mut whole) = whole {
                    history.extend(strongest(&whole));
                    zeroize::Zeroize::zeroize(&mut whole.item.0);
                }
                Ok(())
            })?;
            Ok(true)
        })?;
        Ok(TrainView { history })
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
