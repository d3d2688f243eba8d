//! Put the person into groups that the team defined.

use super::{Purpose, Wipe, declared, horizon, sealed, wipe_traits};
use crate::automation::is_observed;
use crate::envelope::{Content, Seen, Terms};
use crate::occurred;
use vocabulary::{ItemId, Moment, Occurrences, PurposeName, Touched};

/// Put the person into groups that the team defined.
pub struct Segments;

/// What `Segment` may see.
pub struct SegmentView {
    /// When each item was last viewed, put into a cart and bought.
    pub touched: Vec<Touched>,
    /// Traits: name and JSON text, and whether a journey set it from what the person did.
    pub traits: Vec<(String, String, bool)>,
    /// What happened, by event and time.
    pub occurred: Vec<Occurrences>,
    /// The purposes that are consented to, and until when.
    pub consents: Vec<(PurposeName, Moment)>,
    /// What automation kept at its last look; empty: it never looked.
    pub state: Vec<u8>,
    /// Occurrences up to this number were there at the last look.
    pub looked_at: u64,
}

impl sealed::Look for Segments {
    type Seen = SegmentView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> SegmentView {
        let since = horizon::<Segments>(now);
        let may = |purposes: u16, at: i64| declared::<Segments>(purposes, terms, now) && at >= since.0;
        let traits = content
            .traits
            .iter()
            .filter(|known| may(known.purposes, known.at));
        let traits = traits.map(|known| {
            (
                known.name.clone(),
                known.value.clone(),
                is_observed(&known.source),
            )
        });
        SegmentView {
            touched: content
                .history
                .iter()
                .filter(|seen| may(seen.purposes, seen.last_at))
                .map(touched)
                .collect(),
            traits: traits.collect(),
            occurred: content
                .occurred
                .as_deref()
                .map(|kept| occurred::seen(kept, may))
                .unwrap_or_default(),
            consents: PurposeName::ASKED
                .into_iter()
                .filter(|purpose| terms.consent(*purpose, now).is_valid())
                .map(|purpose| (purpose, terms.valid_until(purpose).unwrap_or(Moment(i64::MAX))))
                .collect(),
            state: content
                .automation
                .as_ref()
                .map(|kept| kept.state.clone())
                .unwrap_or_default(),
            looked_at: content.automation.as_ref().map_or(0, |kept| kept.looked_at),
        }
    }
}

/// Rows of before times were kept apart say when something was last done, and not what.
fn touched(seen: &Seen) -> Touched {
    let untold = seen.viewed_at.or(seen.added_at).or(seen.bought_at).is_none();
    let at = |count: u32, at: Option<i64>| at.or((untold && count > 0).then_some(seen.last_at)).map(Moment);
    Touched {
        item: ItemId(seen.item.clone()),
        viewed_at: at(seen.viewed, seen.viewed_at),
        added_at: at(seen.added, seen.added_at),
        bought_at: at(seen.bought, seen.bought_at),
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
        "declared events with their plain fields, and when they happened",
        "purposes consented to",
        "groups and journeys the person is in",
    ];
    const RETENTION_DAYS: u32 = 395;
}

impl Wipe for SegmentView {
    fn wipe(&mut self) {
        use zeroize::Zeroize;
        self.touched
            .iter_mut()
            .for_each(|touched| touched.item.0.zeroize());
        self.touched.clear();
        let mut traits = self
            .traits
            .drain(..)
            .map(|(name, value, _)| (name, value))
            .collect();
        wipe_traits(&mut traits);
        occurred::wipe(&mut self.occurred);
        self.consents.clear();
        self.state.zeroize();
    }
}
