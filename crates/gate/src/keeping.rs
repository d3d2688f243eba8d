//! Until when an envelope may hold what it holds, and what it holds no longer (GDPR art. 5(1)(e)): pure.
//!
//! Each thing in an envelope is declared for purposes. It may be held as long as one of them both has its
//! basis (a consent that lasts, a contract) and may look back so far. Views show nothing that is over; here it
//! is told when, and taken out for good. Deliberately does not know: clocks, who asks, the store.

use crate::envelope::{Content, DailyCount, SPECIAL, Seen, Terms, Trait, talk};
use crate::purposes::{Registered, register};
use crate::{merge, occurred};
use vocabulary::{ConsentState, DAY_MS, Moment, PurposeName, PurposeSet};

/// Of what holds nothing.
const NEVER: i64 = i64::MIN;
/// Of what does not end.
const ALWAYS: i64 = i64::MAX;

/// When the basis of each purpose ends, milliseconds.
struct Bases {
    /// With how many days it may look back.
    plain: [(PurposeName, i64, u32); PurposeName::ALL.len()],
    /// For data of a special category: a contract holds none.
    special: [i64; PurposeName::ALL.len()],
}

impl Bases {
    fn of(terms: &Terms) -> Bases {
        let rows = register();
        Bases {
            plain: rows.map(
                |Registered {
                     name, retention_days, ..
                 }| (name, plain(terms, name), retention_days),
            ),
            special: rows.map(|row| match row.name {
                PurposeName::Service | PurposeName::HumanHelp => {
                    consent(terms, row.name).min(plain(terms, row.name))
                }
                _ => NEVER,
            }),
        }
    }

    /// The first moment at which nothing holds what is of `at` and declared for these purposes. `slack` is
    /// how much longer than by its moment a purpose shows it.
    fn end(&self, purposes: u16, at: i64, slack: i64) -> i64 {
        let declared = PurposeSet(purposes & !SPECIAL);
        self.plain
            .iter()
            .zip(&self.special)
            .filter(|((name, ..), _)| declared.contains(*name))
            .map(|((_, plain, days), special)| {
                let basis = if purposes & SPECIAL == 0 { plain } else { special };
                let old = at.saturating_add(i64::from(*days) * DAY_MS).saturating_add(slack);
                old.min(*basis)
            })
            .max()
            .unwrap_or(NEVER)
    }

    fn of_seen(&self, seen: &Seen) -> i64 {
        self.end(seen.purposes, seen.last_at, 1)
    }

    fn of_trait(&self, known: &Trait) -> i64 {
        self.end(known.purposes, known.at, 1)
    }

    /// Counted by days: the whole day is shown.
    fn of_count(&self, count: &DailyCount) -> i64 {
        self.end(count.purposes, i64::from(count.day) * DAY_MS, DAY_MS)
    }

    fn of_purpose(&self, purpose: PurposeName) -> i64 {
        let found = self.plain.iter().find(|(name, ..)| *name == purpose);
        found.map_or(NEVER, |(_, basis, _)| *basis)
    }
}

/// Until when a consent lasts that stands.
fn consent(terms: &Terms, purpose: PurposeName) -> i64 {
    let known = terms.consents.iter().find(|c| c.purpose == purpose as u8);
    let valid = known.filter(|c| {
        let state = ConsentState::ALL.get(usize::from(c.state));
        state.is_some_and(|state| state.is_valid())
    });
    valid.map_or(NEVER, |c| c.expires_at.unwrap_or(ALWAYS))
}

/// Until when a channel may be used without one.
fn soft_opt_in(terms: &Terms, purpose: PurposeName) -> i64 {
    let asked = |c: &crate::envelope::Consent| {
        let state = ConsentState::ALL
            .get(usize::from(c.state))
            .copied()
            .unwrap_or_default();
        !matches!(
            state,
            ConsentState::Unknown | ConsentState::Requested | ConsentState::RequestDeferred
        )
    };
    if terms
        .consents
        .iter()
        .any(|c| c.purpose == purpose as u8 && asked(c))
    {
        return NEVER;
    }
    let sales = terms.soft_opt_in.iter().filter(|s| s.purpose == purpose as u8);
    sales.map(|s| s.until).max().unwrap_or(NEVER)
}

/// As [`Terms::holding`] has it, for all times at once.
fn plain(terms: &Terms, purpose: PurposeName) -> i64 {
    match purpose {
        PurposeName::Service | PurposeName::Secure | PurposeName::HumanHelp if terms.identified => ALWAYS,
        PurposeName::Service | PurposeName::Secure => NEVER,
        PurposeName::ShowOwnData | PurposeName::AnswerRightsRequest => NEVER,
        PurposeName::MarketByEmail | PurposeName::MarketBySms | PurposeName::MarketByPush => {
            match terms.objects_to_marketing() {
                true => NEVER,
                false => consent(terms, purpose).max(soft_opt_in(terms, purpose)),
            }
        }
        _ => consent(terms, purpose),
    }
}

/// The first moment at which something in the envelope may be held no longer; `None` if nothing ends.
pub(crate) fn ends(terms: &Terms, content: &Content) -> Option<Moment> {
    let bases = Bases::of(terms);
    let things = content.history.iter().map(|seen| bases.of_seen(seen));
    let things = things.chain(content.traits.iter().map(|known| bases.of_trait(known)));
    let things = things.chain(content.counts.iter().map(|count| bases.of_count(count)));
    let occurred = content.occurred.iter().flatten().flat_map(occurred::kept);
    let things = things.chain(occurred.map(|(purposes, at)| bases.end(purposes, at, 1)));
    let things = things.chain(
        content
            .automation
            .as_ref()
            .map(|_| bases.of_purpose(PurposeName::Segment)),
    );
    let talks = content.conversations.iter().flatten();
    let talks = talks.filter(|talk| talk.closed_at.is_some());
    let things = things.chain(talks.map(|talk| talk_ends(talk.last_at)));
    let counted = (terms.counted == Some(true)).then(|| bases.of_purpose(PurposeName::Train));
    let first = things.chain(counted).min()?;
    (first != ALWAYS).then_some(Moment(first))
}

/// Takes out what may be held no longer, also of what is kept to undo a merge.
pub(crate) fn drop_ended(terms: &Terms, content: &mut Content, now: Moment) {
    let bases = Bases::of(terms);
    let seen = |seen: &Seen| now.0 < bases.of_seen(seen);
    let known = |known: &Trait| now.0 < bases.of_trait(known);
    let count = |count: &DailyCount| now.0 < bases.of_count(count);
    content.history.retain(seen);
    content.traits.retain(known);
    content.counts.retain(count);
    for kept in content.occurred.iter_mut() {
        occurred::retain(kept, |purposes, at| now.0 < bases.end(purposes, at, 1));
    }
    if now.0 >= bases.of_purpose(PurposeName::Segment) {
        content.automation = None;
        content.unlooked = None;
    }
    talk::drop_ended(content, |at| now.0 < talk_ends(at));
    merge::retain(content, seen, known, count);
}

/// A conversation is kept as long as help may look back, whatever else is known of the person: they asked.
fn talk_ends(last_at: i64) -> i64 {
    let days = register()
        .iter()
        .find(|row| row.name == PurposeName::HumanHelp)
        .map_or(0, |row| row.retention_days);
    last_at.saturating_add(i64::from(days) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Consent, SoftOptIn};
    use crate::purposes::sealed::Look;
    use crate::purposes::{HumanHelp, MarketByEmail, Measure, Personalise, Predict, Secure, Service, Train};
    use proptest::prelude::*;

    const DAYS: i64 = 4_000;

    fn day(range: std::ops::Range<i64>) -> impl Strategy<Value = i64> {
        range.prop_map(|day| day * DAY_MS)
    }

    fn purposes() -> impl Strategy<Value = u16> {
        let some = proptest::sample::subsequence(PurposeName::ALL.to_vec(), 0..5);
        (some, prop::bool::weighted(0.2)).prop_map(|(some, special)| {
            let bits = some.into_iter().collect::<PurposeSet>().0;
            if special { bits | SPECIAL } else { bits }
        })
    }

    /// Plain values of which terms are made: they can be printed, and terms cannot.
    type Said = (
        Vec<(PurposeName, ConsentState, Option<i64>)>,
        Option<(i64, i64)>,
        bool,
        bool,
    );

    fn said() -> impl Strategy<Value = Said> {
        let consent = (
            prop::sample::select(PurposeName::ALL.to_vec()),
            prop::sample::select(ConsentState::ALL.to_vec()),
            prop::option::of(day(0..DAYS)),
        );
        let consents = prop::collection::vec(consent, 0..8);
        let sale = prop::option::of((day(0..DAYS), day(0..DAYS)));
        (consents, sale, any::<bool>(), any::<bool>())
    }

    fn terms((consents, sale, identified, objects): Said) -> Terms {
        let mut terms = Terms {
            identified,
            objected_marketing: objects,
            ..Terms::default()
        };
        for (purpose, state, expires_at) in consents {
            if terms.consents.iter().all(|c| c.purpose != purpose as u8) {
                terms.consents.push(Consent {
                    purpose: purpose as u8,
                    state: state as u8,
                    at: 0,
                    source: String::new(),
                    expires_at,
                    explicit_at: None,
                    proof: None,
                });
            }
        }
        let sale = sale.map(|(a, b)| SoftOptIn {
            purpose: PurposeName::MarketByEmail as u8,
            sold_at: a.min(b),
            until: a.max(b),
            record: [0; 16].into(),
            facts: None,
        });
        terms.soft_opt_in.extend(sale);
        terms
    }

    /// Purposes and time of each thing: history, traits, counts.
    type Held = [Vec<(u16, i64)>; 3];

    fn held() -> impl Strategy<Value = Held> {
        let things = || prop::collection::vec((purposes(), day(0..DAYS)), 0..8);
        [things(), things(), things()]
    }

    fn content([history, traits, counts]: Held) -> Content {
        let seen = |(purposes, last_at): (u16, i64)| Seen {
            item: last_at.to_string(),
            viewed: 1,
            added: 0,
            bought: 0,
            last_at,
            purposes,
            source: String::new(),
            viewed_at: None,
            added_at: None,
            bought_at: None,
        };
        let known = |(purposes, at): (u16, i64)| Trait {
            name: at.to_string(),
            value: "1".to_owned(),
            at,
            source: String::new(),
            purposes,
            mistaken: None,
        };
        let count = |(purposes, at): (u16, i64)| DailyCount {
            event: at.to_string(),
            day: Moment(at).day().0,
            count: 1,
            purposes,
        };
        Content {
            history: history.into_iter().map(seen).collect(),
            traits: traits.into_iter().map(known).collect(),
            counts: counts.into_iter().map(count).collect(),
            ..Content::default()
        }
    }

    /// Everything that these purposes see, where the charter lets them: a purpose without a basis is not asked.
    fn shown(terms: &Terms, content: &Content, now: Moment) -> Vec<String> {
        let holding = terms.holding(now);
        let mut all = Vec::new();
        macro_rules! look {
            ($($purpose:ident: $($part:ident),+ ;)+) => {$(
                if holding.contains(<$purpose as crate::purposes::Purpose>::NAME) {
                    let view = <$purpose as Look>::look(terms, content, now);
                    $(all.push(format!("{} {:?}", stringify!($purpose), view.$part));)+
                }
            )+};
        }
        look! {
            Personalise: history;
            Train: history;
            Service: history;
            HumanHelp: history, traits;
            Predict: first, last, days;
            MarketByEmail: traits;
            Measure: counts;
            Secure: counts;
        }
        all
    }

    proptest! {
        #[test]
        fn what_is_taken_out_is_what_no_purpose_would_ever_show_again(
            said in said(),
            held in held(),
            now in day(0..2 * DAYS),
            later in day(0..DAYS),
        ) {
            let (terms, content) = (terms(said), content(held));
            let mut swept = content.clone();
            drop_ended(&terms, &mut swept, Moment(now));
            for at in [now, now + later] {
                prop_assert_eq!(shown(&terms, &swept, Moment(at)), shown(&terms, &content, Moment(at)));
            }
            // Nothing stays that holds no longer; what stays ends later.
            prop_assert!(ends(&terms, &swept).is_none_or(|next| now < next.0));
            let holds = |purposes| terms.holds(purposes, Moment(now));
            let sale_to_come = terms.soft_opt_in.iter().any(|s| now < s.sold_at);
            prop_assert!(sale_to_come || swept.history.iter().all(|seen| holds(seen.purposes)));
        }

        #[test]
        fn nothing_is_taken_out_before_it_is_due(said in said(), held in held(), now in day(0..2 * DAYS)) {
            let (terms, content) = (terms(said), content(held));
            let mut swept = content.clone();
            drop_ended(&terms, &mut swept, Moment(now));
            let due = ends(&terms, &content).is_some_and(|due| due.0 <= now);
            prop_assert!(due == (swept != content));
        }
    }
}
