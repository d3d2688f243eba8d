//! Put the person into groups that the team defined.

use super::{Purpose, Wipe, declared, horizon, sealed, wipe_traits};
use crate::automation::{Automation, is_observed};
use crate::envelope::{Content, HISTORY_MAX, Seen, Terms, Trait, UnknownLayout, skim};
use crate::{keeping, occurred};
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
        let may = may(terms, now);
        let traits = content.traits.iter().filter_map(|known| shown(known, &may));
        let touched = content.history.iter().filter_map(|seen| touched(seen, &may));
        let occurred = content.occurred.as_deref();
        SegmentView {
            touched: touched.collect(),
            traits: traits.collect(),
            occurred: occurred.map(|kept| occurred::seen(kept, may)).unwrap_or_default(),
            ..beside(terms, content.automation.as_ref(), now)
        }
    }

    fn read(terms: &Terms, bytes: &[u8], now: Moment) -> Result<SegmentView, UnknownLayout> {
        let may = may(terms, now);
        let (mut items, mut traits, mut occurred) = (Vec::new(), Vec::new(), Vec::new());
        let mut kept = None;
        skim::part(bytes, |number, value| {
            match number {
                skim::TRAITS => skim::each(value, |known| {
                    let known: Trait<&str> = known.decode()?;
                    let lasts = now.0 < keeping::of_known(&known);
                    traits.extend(lasts.then(|| shown(&known, &may)).flatten());
                    Ok(())
                })?,
                skim::HISTORY => {
                    items.reserve(skim::length(value)?.min(HISTORY_MAX));
                    skim::each(value, |seen| {
                        let seen = keeping::within_seen::<&str>(seen.decode()?, now);
                        items.extend(seen.and_then(|seen| touched(&seen, &may)));
                        Ok(())
                    })?;
                }
                skim::OCCURRED => occurred = occurred::read(value, now, &may)?,
                skim::AUTOMATION => kept = Some(value.decode::<Automation>()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(SegmentView {
            touched: items,
            traits,
            occurred,
            ..beside(terms, kept.as_ref(), now)
        })
    }
}

/// Whether what has these bits and happened then may be looked at.
fn may(terms: &Terms, now: Moment) -> impl Fn(u16, i64) -> bool {
    let since = horizon::<Segments>(now);
    move |purposes, at| declared::<Segments>(purposes, terms, now) && at >= since.0
}

/// What a view has besides what the person did and said.
fn beside(terms: &Terms, kept: Option<&Automation>, now: Moment) -> SegmentView {
    let consents = PurposeName::ASKED
        .into_iter()
        .filter(|purpose| terms.consent(*purpose, now).is_valid())
        .map(|purpose| (purpose, terms.valid_until(purpose).unwrap_or(Moment(i64::MAX))));
    SegmentView {
        touched: Vec::new(),
        traits: Vec::new(),
        occurred: Vec::new(),
        consents: consents.collect(),
        state: kept.map(|kept| kept.state.clone()).unwrap_or_default(),
        looked_at: kept.map_or(0, |kept| kept.looked_at),
    }
}

fn shown<T: AsRef<str>>(known: &Trait<T>, may: impl Fn(u16, i64) -> bool) -> Option<(String, String, bool)> {
    let text = |text: &T| text.as_ref().to_owned();
    may(known.purposes, known.at).then(|| {
        (
            text(&known.name),
            text(&known.value),
            is_observed(known.source.as_ref()),
        )
    })
}

/// Rows of before times were kept apart say when something was last done, and not what.
fn touched<T: AsRef<str>>(seen: &Seen<T>, may: impl Fn(u16, i64) -> bool) -> Option<Touched> {
    let untold = seen.viewed_at.or(seen.added_at).or(seen.bought_at).is_none();
    let at = |count: u32, at: Option<i64>| at.or((untold && count > 0).then_some(seen.last_at)).map(Moment);
    may(seen.purposes, seen.last_at).then(|| Touched {
        item: ItemId(seen.item.as_ref().to_owned()),
        viewed_at: at(seen.viewed, seen.viewed_at),
        added_at: at(seen.added, seen.added_at),
        bought_at: at(seen.bought, seen.bought_at),
    })
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
