//! The purposes: one file each, and the listing of this folder is the record of processing
//! (GDPR art. 30).
//!
//! A purpose names its W3C DPV term, its legal basis, how long what it uses may be kept, and the
//! only fields it may see (`View`). Operators may narrow a purpose by policy; only a commit can
//! widen one. A view takes from the content only what the data dictionary declares for that very
//! purpose, and nothing that is older than the purpose may look back.

mod answer_rights_request;
mod human_help;
mod market_by_email;
mod market_by_push;
mod market_by_sms;
mod measure;
mod personalise;
mod predict;
mod secure;
mod segment;
mod service;
mod show_own_data;
mod train;

pub use answer_rights_request::AnswerRightsRequest;
pub use human_help::{HumanHelp, HumanHelpView};
pub use market_by_email::{MarketByEmail, MarketByEmailView};
pub use market_by_push::{MarketByPush, MarketByPushView};
pub use market_by_sms::{MarketBySms, MarketBySmsView};
pub use measure::{Measure, MeasureView};
pub use personalise::{Personalise, PersonaliseView};
pub use predict::{Predict, PredictView};
pub use secure::{Secure, SecureView};
pub use segment::{SegmentView, Segments};
pub use service::{Service, ServiceView};
pub use show_own_data::{Known, KnownConsent, KnownCount, KnownTrait, ShowOwnData, ShowOwnDataView};
pub use train::{Train, TrainView};

use crate::envelope::{self, Content, DailyCount, SPECIAL, Seen, Terms, Trait, UnknownLayout};
use crate::keeping;
use vocabulary::{DAY_MS, Day, Interaction, ItemId, Moment, PurposeName, PurposeSet};

/// Why data is used, as a type. Only this crate can make one.
pub trait Purpose: sealed::Look<Seen = <Self as Purpose>::View> + Sized + Send + Sync + 'static {
    /// What this purpose may see.
    type View: Wipe + Send;
    /// Its name in files, policies, the API and the ledger.
    const NAME: PurposeName;
    /// Its term in the W3C Data Privacy Vocabulary 2.3.
    const DPV: &'static str;
    /// Its legal basis, as a DPV term of the GDPR extension.
    const LEGAL_BASIS: &'static str;
    /// The categories of data it sees, in words, for the register.
    const SEES: &'static [&'static str];
    /// How far back it may look, days: what is older is never used for it (GDPR art. 5(1)(e)). The two
    /// purposes that answer the person show whatever there still is; for them it is how long what was
    /// opened may be kept.
    const RETENTION_DAYS: u32;
}

/// Overwrites what was opened before the memory is given back.
pub trait Wipe {
    /// Overwrite everything personal.
    fn wipe(&mut self);
}

pub(crate) mod sealed {
    use super::{Content, Moment, Terms, envelope, keeping};
    use crate::envelope::UnknownLayout;

    /// How a view is taken of an envelope. Private: nobody outside can make a purpose.
    pub trait Look {
        type Seen;
        fn look(terms: &Terms, content: &Content, now: Moment) -> Self::Seen;

        /// The same of the bytes of a content, and of what is kept no longer by `now` nothing: for runs over
        /// many. A purpose that says how reads only what it shows.
        fn read(terms: &Terms, bytes: &[u8], now: Moment) -> Result<Self::Seen, UnknownLayout> {
            let content = envelope::decode(bytes)?;
            Ok(Self::look(terms, &keeping::within(&content, now), now))
        }
    }
}

/// A purpose for which messages are written to the person. Only this crate can make one.
pub trait Writes: Purpose {
    /// What their words may use: name and JSON text.
    fn traits(view: &Self::View) -> &[(String, String)];
}

macro_rules! writes {
    ($($purpose:ident),+) => {$(
        impl Writes for $purpose {
            fn traits(view: &Self::View) -> &[(String, String)] {
                &view.traits
            }
        }
    )+};
}

writes!(Service, Personalise, MarketByEmail, MarketBySms, MarketByPush);

/// What `P` sees of an envelope. What is past the retention that the dictionary declares is seen by no purpose,
/// from that very moment on, also while it still waits to be taken out.
pub(crate) fn look<P: Purpose>(terms: &Terms, content: &Content, now: Moment) -> P::View {
    <P as sealed::Look>::look(terms, &keeping::within(content, now), now)
}

/// As [`look`], of the bytes of a content that nobody has opened.
pub(crate) fn read<P: Purpose>(terms: &Terms, bytes: &[u8], now: Moment) -> Result<P::View, UnknownLayout> {
    <P as sealed::Look>::read(terms, bytes, now)
}

/// A row of the record of processing.
#[derive(Clone, Copy, Debug)]
pub struct Registered {
    /// Name.
    pub name: PurposeName,
    /// DPV term.
    pub dpv: &'static str,
    /// Legal basis.
    pub legal_basis: &'static str,
    /// Categories of data.
    pub sees: &'static [&'static str],
    /// Days.
    pub retention_days: u32,
}

fn registered<P: Purpose>() -> Registered {
    Registered {
        name: P::NAME,
        dpv: P::DPV,
        legal_basis: P::LEGAL_BASIS,
        sees: P::SEES,
        retention_days: P::RETENTION_DAYS,
    }
}

/// The record of processing.
pub fn register() -> [Registered; PurposeName::ALL.len()] {
    [
        registered::<Service>(),
        registered::<Personalise>(),
        registered::<Segments>(),
        registered::<Train>(),
        registered::<ShowOwnData>(),
        registered::<Predict>(),
        registered::<MarketByEmail>(),
        registered::<MarketBySms>(),
        registered::<MarketByPush>(),
        registered::<Measure>(),
        registered::<AnswerRightsRequest>(),
        registered::<HumanHelp>(),
        registered::<Secure>(),
    ]
}

/// The purposes that rest on consent (GDPR art. 6(1)(a)): what a notice may ask for.
pub fn on_consent() -> PurposeSet {
    register()
        .into_iter()
        .filter(|row| row.legal_basis.starts_with("eu-gdpr:A6-1-a"))
        .map(|row| row.name)
        .collect()
}

/// The earliest moment that `P` may look back to.
fn horizon<P: Purpose>(now: Moment) -> Moment {
    Moment(now.0.saturating_sub(i64::from(P::RETENTION_DAYS) * DAY_MS))
}

/// Whether data with these bits is declared for `P`. What is of a special category is open only while there
/// is a consent to `P` itself: the charter's `special-data-unconsented`, kept here at the moment of looking.
fn declared<P: Purpose>(purposes: u16, terms: &Terms, now: Moment) -> bool {
    PurposeSet(purposes).contains(P::NAME)
        && (purposes & SPECIAL == 0 || terms.holding_special(now).contains(P::NAME))
}

/// The purposes among these bits.
fn declared_for(purposes: u16) -> PurposeSet {
    PurposeSet(purposes & !SPECIAL)
}

/// The part of a history that is declared for `P` and not too old for it.
fn history_for<P: Purpose>(terms: &Terms, history: &[Seen], now: Moment) -> Vec<Interaction> {
    history
        .iter()
        .filter_map(|seen| interaction_for::<P, String>(terms, seen, now))
        .collect()
}

/// What was done with one item, if it is declared for `P` and not too old for it.
fn interaction_for<P: Purpose, T: AsRef<str>>(
    terms: &Terms,
    seen: &Seen<T>,
    now: Moment,
) -> Option<Interaction> {
    let may = declared::<P>(seen.purposes, terms, now) && seen.last_at >= horizon::<P>(now).0;
    may.then(|| Interaction {
        item: ItemId(seen.item.as_ref().to_owned()),
        viewed: seen.viewed,
        added: seen.added,
        bought: seen.bought,
        last_at: Moment(seen.last_at),
    })
}

/// The traits that are declared for `P` and not too old for it: name and JSON text.
fn traits_for<P: Purpose>(terms: &Terms, traits: &[Trait], now: Moment) -> Vec<(String, String)> {
    let since = horizon::<P>(now);
    traits
        .iter()
        .filter(|t| declared::<P>(t.purposes, terms, now) && t.at >= since.0)
        .map(|t| (t.name.clone(), t.value.clone()))
        .collect()
}

/// The daily counts that are declared for `P` and not too old for it: event, day, how often.
fn counts_for<P: Purpose>(terms: &Terms, counts: &[DailyCount], now: Moment) -> Vec<(String, Day, u32)> {
    let since = horizon::<P>(now).day();
    counts
        .iter()
        .filter(|c| declared::<P>(c.purposes, terms, now) && Day(c.day) >= since)
        .map(|c| (c.event.clone(), Day(c.day), c.count))
        .collect()
}

fn wipe_history(history: &mut Vec<Interaction>) {
    for seen in history.iter_mut() {
        zeroize::Zeroize::zeroize(&mut seen.item.0);
        (seen.viewed, seen.added, seen.bought, seen.last_at) = (0, 0, 0, Moment(0));
    }
    history.clear();
}

fn wipe_traits(traits: &mut Vec<(String, String)>) {
    for (name, value) in traits.iter_mut() {
        zeroize::Zeroize::zeroize(name);
        zeroize::Zeroize::zeroize(value);
    }
    traits.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_its_row_in_the_record_of_processing() {
        let names: Vec<PurposeName> = register().iter().map(|row| row.name).collect();
        assert_eq!(names, PurposeName::ALL);
        for row in register() {
            assert!(
                row.dpv.starts_with("dpv:") && row.legal_basis.starts_with("eu-gdpr:"),
                "{row:?}"
            );
            assert!(!row.sees.is_empty() && row.retention_days > 0, "{row:?}");
        }
    }
}
