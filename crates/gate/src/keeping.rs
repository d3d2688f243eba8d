//! Until when an envelope may hold what it holds, and what it holds no longer (GDPR art. 5(1)(e)): pure.
//!
//! Each thing in an envelope is declared for purposes. It may be held as long as one of them both has its
//! basis (a consent that lasts, a contract) and may look back so far, and never longer than the dictionary said
//! when it came. What an item was touched for is dated by the last time. Views show nothing that is over; here it
//! is told when, and taken out for good. Deliberately does not know: clocks, who asks, the store.

use crate::envelope::{Act, Content, DailyCount, Input, SPECIAL, Seen, Terms, Trait, talk};
use crate::purposes::{Registered, register};
use crate::{merge, occurred};
use std::borrow::Cow;
use vocabulary::{ConsentState, DAY_MS, Moment, PurposeName, PurposeSet};

/// Of what holds nothing.
const NEVER: i64 = i64::MIN;
/// Of what does not end.
const ALWAYS: i64 = i64::MAX;

/// The first moment at which what is of `at` may be kept no longer by the dictionary, milliseconds.
pub(crate) fn end(at: i64, keeps: Option<u32>) -> i64 {
    keeps.map_or(ALWAYS, |seconds| at.saturating_add(i64::from(seconds) * 1_000))
}

/// Of two declared lengths that which lets less be kept.
pub(crate) fn shorter(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    one.into_iter().chain(other).min()
}

/// When each of the three things done with an item may be kept no longer by the dictionary.
pub(crate) fn of_parts<T>(seen: &Seen<T>) -> [i64; 3] {
    [
        (seen.viewed_at, seen.viewed_keeps),
        (seen.added_at, seen.added_keeps),
        (seen.bought_at, seen.bought_keeps),
    ]
    .map(|(at, keeps)| at.map_or(ALWAYS, |at| end(at, keeps)))
}

/// The same of a trait.
pub(crate) fn of_known<T>(known: &Trait<T>) -> i64 {
    end(known.at, known.keeps)
}

/// The same of a count: its day may have begun with it.
pub(crate) fn of_day(count: &DailyCount) -> i64 {
    end(i64::from(count.day) * DAY_MS, count.keeps)
}

/// All of these moments of an envelope's content.
fn declared_ends(content: &Content) -> impl Iterator<Item = i64> {
    let occurred = content.occurred.iter().flatten().flat_map(occurred::kept);
    let seen = content.history.iter().flat_map(of_parts);
    seen.chain(content.traits.iter().map(of_known))
        .chain(content.counts.iter().map(of_day))
        .chain(occurred.map(|(_, at, keeps)| end(at, keeps)))
}

/// The content without what the dictionary lets be kept no longer: what every purpose sees. Copied only while
/// something waits to be taken out.
pub(crate) fn within(content: &Content, now: Moment) -> Cow<'_, Content> {
    if declared_ends(content).all(|end| now.0 < end) {
        return Cow::Borrowed(content);
    }
    let mut within = content.clone();
    drop_over(&mut within, now);
    Cow::Owned(within)
}

/// As [`within`], of what was done with one item, read by itself: what is left of it, if anything is.
pub(crate) fn within_seen<T>(mut seen: Seen<T>, now: Moment) -> Option<Seen<T>> {
    drop_parts(&mut seen, now);
    is_something(&seen).then_some(seen)
}

/// The first moment after `now` at which the dictionary lets something be kept no longer.
pub(crate) fn over_after(content: &Content, now: Moment) -> Option<Moment> {
    declared_ends(content)
        .filter(|end| (now.0 + 1..ALWAYS).contains(end))
        .min()
        .map(Moment)
}

/// Takes out of an input, as it is shown, what may be kept no longer by the dictionary.
pub(crate) fn cut(input: &mut Input, now: Moment) {
    input.traits.retain(|known| now.0 < of_known(known));
    if end(input.at, input.keeps) <= now.0 {
        (input.event, input.fields) = (None, None);
        input.touches.clear();
        input.act.take_if(|act| matches!(act, Act::Correct { .. }));
    }
}

/// Takes out what the dictionary lets be kept no longer.
fn drop_over(content: &mut Content, now: Moment) {
    content.history.iter_mut().for_each(|seen| drop_parts(seen, now));
    merge::seen_mut(content).for_each(|seen| drop_parts(seen, now));
    let known = |known: &Trait| now.0 < of_known(known);
    let count = |count: &DailyCount| now.0 < of_day(count);
    content.history.retain(is_something);
    content.traits.retain(known);
    content.counts.retain(count);
    for kept in content.occurred.iter_mut() {
        occurred::retain(kept, |_, at, keeps| now.0 < end(at, keeps));
    }
    merge::retain(content, is_something, known, count);
}

fn drop_parts<T>(seen: &mut Seen<T>, now: Moment) {
    let [viewed, added, bought] = of_parts(seen).map(|end| end <= now.0);
    if !(viewed || added || bought) {
        return;
    }
    if viewed {
        (seen.viewed, seen.viewed_at, seen.viewed_keeps) = (0, None, None);
    }
    if added {
        (seen.added, seen.added_at, seen.added_keeps) = (0, None, None);
    }
    if bought {
        (seen.bought, seen.bought_at, seen.bought_keeps) = (0, None, None);
    }
    // Rows of before times were kept apart have things without a time: the row's own stays theirs.
    let undated = [
        (seen.viewed, seen.viewed_at),
        (seen.added, seen.added_at),
        (seen.bought, seen.bought_at),
    ];
    if undated.iter().all(|(count, at)| *count == 0 || at.is_some()) {
        let last = undated.iter().filter_map(|(_, at)| *at).max();
        seen.last_at = last.unwrap_or(seen.last_at);
    }
}

fn is_something<T>(seen: &Seen<T>) -> bool {
    (seen.viewed, seen.added, seen.bought) != (0, 0, 0)
}

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
        self.end(known.purposes, known.at, 1).min(of_known(known))
    }

    /// Counted by days: the whole day is shown.
    fn of_count(&self, count: &DailyCount) -> i64 {
        self.end(count.purposes, i64::from(count.day) * DAY_MS, DAY_MS)
            .min(of_day(count))
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
    let things = things.chain(occurred.map(|(purposes, at, _)| bases.end(purposes, at, 1)));
    let notes = content.merges.iter().flatten();
    let things = things.chain(declared_ends(content));
    let things = things.chain(notes.flat_map(|note| note.declared_ends().collect::<Vec<_>>()));
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
    drop_over(content, now);
    let bases = Bases::of(terms);
    let seen = |seen: &Seen| now.0 < bases.of_seen(seen);
    let known = |known: &Trait| now.0 < bases.of_trait(known);
    let count = |count: &DailyCount| now.0 < bases.of_count(count);
    content.history.retain(seen);
    content.traits.retain(known);
    content.counts.retain(count);
    for kept in content.occurred.iter_mut() {
        occurred::retain(kept, |purposes, at, _| now.0 < bases.end(purposes, at, 1));
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
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]

    use super::*;
    use crate::automation::Automation;
    use crate::envelope::{Consent, SoftOptIn};
    use crate::purposes::{
        HumanHelp, MarketByEmail, Measure, Personalise, Predict, Secure, Segments, Service, Train,
    };
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

    /// Purposes and time of a thing, and days that the dictionary lets it be kept.
    type Thing = (u16, i64, Option<u32>);
    /// History, traits, counts, occurrences.
    type Held = [Vec<Thing>; 4];

    fn held() -> impl Strategy<Value = Held> {
        let keeps = || prop::option::of(1..400_u32);
        let things = move || prop::collection::vec((purposes(), day(0..DAYS), keeps()), 0..8);
        [things(), things(), things(), things()].prop_map(|mut held| {
            // Of what happened is kept what groups may look at.
            for (purposes, ..) in &mut held[3] {
                *purposes = PurposeSet(*purposes & !SPECIAL).with(PurposeName::Segment).0;
            }
            held
        })
    }

    /// As long for all, so that none is a part of another.
    fn name(at: i64) -> String {
        format!("{at:016}")
    }

    fn content([history, traits, counts, mut occurred]: Held) -> Content {
        let keeps = |days: Option<u32>| days.map(|days| days * 86_400);
        let seen = |(purposes, last_at, days): Thing| Seen {
            item: name(last_at),
            viewed: 1,
            added: 0,
            bought: 0,
            last_at,
            purposes,
            source: String::new(),
            viewed_at: days.map(|_| last_at),
            added_at: None,
            bought_at: None,
            viewed_keeps: keeps(days),
            added_keeps: None,
            bought_keeps: None,
        };
        let mut happened = Vec::new();
        occurred.sort_by_key(|(_, at, _)| *at);
        for (purposes, at, days) in occurred {
            let input = Input {
                at,
                event: Some(name(at)),
                event_purposes: purposes,
                keeps: keeps(days),
                ..Input::default()
            };
            occurred::fold(&mut happened, 7, &input);
        }
        let known = |(purposes, at, days): Thing| Trait {
            name: name(at),
            value: "1".to_owned(),
            at,
            source: String::new(),
            purposes,
            mistaken: None,
            keeps: keeps(days),
        };
        let count = |(purposes, at, days): Thing| DailyCount {
            event: name(at),
            day: Moment(at).day().0,
            count: 1,
            purposes,
            keeps: keeps(days),
        };
        Content {
            occurred: Some(happened),
            history: history.into_iter().map(seen).collect(),
            traits: traits.into_iter().map(known).collect(),
            counts: counts.into_iter().map(count).collect(),
            ..Content::default()
        }
    }

    /// Things done with items in all forms that rows have had, traits that journeys set, fields of all kinds.
    fn vary(content: &mut Content, variety: &[u8]) {
        let dice: Vec<u8> = variety.iter().copied().cycle().take(99).collect();
        for (seen, dice) in content.history.iter_mut().zip(&dice) {
            (seen.added, seen.bought) = (u32::from(dice & 1), u32::from(dice >> 1 & 1));
            seen.added_at = (dice & 4 != 0).then_some(seen.last_at);
            seen.added_keeps = (dice & 8 != 0).then_some(u32::from(*dice) * 400_000);
            seen.bought_at = (dice & 16 != 0).then(|| seen.last_at - DAY_MS);
        }
        for (known, dice) in content.traits.iter_mut().zip(&dice) {
            if dice & 1 != 0 {
                known.source = "journey:welcome".to_owned();
            }
            known.mistaken = (dice & 2 != 0).then(|| "2".to_owned());
        }
        let mut again = Vec::new();
        for (number, dice) in dice.iter().enumerate() {
            let segment = PurposeSet::NONE.with(PurposeName::Segment);
            let input = Input {
                at: i64::from(*dice) * DAY_MS,
                event: Some(format!("event {}", dice % 3)),
                event_purposes: segment.0,
                fields: Some(format!(
                    "{{\"total\":{dice}.5,\"gift\":{},\"code\":\"é{number}\"}}",
                    dice % 2 == 0
                )),
                keeps: (dice & 32 != 0).then_some(u32::from(*dice) * 400_000),
                ..Input::default()
            };
            occurred::fold(&mut again, number as u64, &input);
        }
        content.occurred.get_or_insert_default().append(&mut again);
    }

    /// Everything that these purposes see, where the charter lets them: a purpose without a basis is not asked.
    fn shown(terms: &Terms, content: &Content, now: Moment) -> Vec<String> {
        shown_of(terms, now, content, None)
    }

    /// The same; of the bytes at rest if they are given.
    fn shown_of(terms: &Terms, now: Moment, content: &Content, bytes: Option<&[u8]>) -> Vec<String> {
        let holding = terms.holding(now);
        let mut all = Vec::new();
        macro_rules! look {
            ($($purpose:ident: $($part:ident),+ ;)+) => {$(
                if holding.contains(<$purpose as crate::purposes::Purpose>::NAME) {
                    let view = match bytes {
                        Some(bytes) => crate::purposes::read::<$purpose>(terms, bytes, now).unwrap(),
                        None => crate::purposes::look::<$purpose>(terms, content, now),
                    };
                    $(all.push(format!("{} {:?}", stringify!($purpose), view.$part));)+
                }
            )+};
        }
        look! {
            Personalise: history;
            Segments: touched, traits, occurred, consents, state, looked_at;
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

        /// Against the dictionary's own word: an hour before its end each thing is seen by whom it would be seen
        /// without one, at its end by nobody, and after the sweep it is not there.
        #[test]
        fn a_field_past_its_retention_is_seen_by_no_purpose_and_is_gone_at_rest_after_the_sweep(
            held in held(), which in any::<prop::sample::Index>(), hours in -48..48_i64,
        ) {
            let ends: Vec<i64> = held.iter().flatten().filter_map(|(_, at, days)| Some(at + i64::from((*days)?) * DAY_MS)).collect();
            prop_assume!(!ends.is_empty());
            let now = Moment(ends[which.index(ends.len())] + hours * 3_600_000);
            // Everything is permitted for ever: nothing but age and retention speaks against anything.
            let given = PurposeName::ALL.map(|purpose| (purpose, ConsentState::Given, None));
            let terms = terms((given.to_vec(), None, true, false));
            let kept = |(_, at, days): &Thing| days.is_none_or(|days| now.0 < at + i64::from(days) * DAY_MS);
            let within = held.clone().map(|things| things.into_iter().filter(kept).map(|(purposes, at, _)| (purposes, at, None)).collect());
            let mut content = content(held.clone());
            prop_assert_eq!(shown(&terms, &content, now), shown(&terms, &self::content(within), now));
            let next = over_after(&content, now);
            drop_ended(&terms, &mut content, now);
            prop_assert!(declared_ends(&content).all(|end| now.0 < end));
            prop_assert_eq!(next.is_some(), ends.iter().any(|end| now.0 < *end));
            let at_rest = crate::envelope::encode(&content);
            for (_, at, _) in held.iter().flatten().filter(|thing| !kept(thing)) {
                let still = held.iter().flatten().any(|other| other.1 == *at && kept(other));
                let name = name(*at);
                prop_assert!(still || !at_rest.windows(name.len()).any(|bytes| bytes == name.as_bytes()));
            }
        }

        #[test]
        fn what_is_read_of_the_bytes_at_rest_is_what_an_opened_content_shows(
            said in said(),
            held in held(),
            now in day(0..2 * DAYS),
            variety in prop::collection::vec(any::<u8>(), 1..9),
            state in prop::option::of(prop::collection::vec(any::<u8>(), 0..99)),
        ) {
            let (terms, mut content) = (terms(said), content(held));
            vary(&mut content, &variety);
            content.automation = state.map(|state| Automation { state, due: Some(7), looked_at: 3 });
            let bytes = crate::envelope::encode(&content);
            prop_assert_eq!(
                shown_of(&terms, Moment(now), &content, Some(&bytes)),
                shown(&terms, &content, Moment(now))
            );
            // Cut short or changed, it is refused or read, and nothing else.
            let mut broken = bytes;
            broken.truncate(broken.len() * usize::from(variety[0]) / 256);
            prop_assert!(crate::purposes::read::<Segments>(&terms, &broken, Moment(now)).is_err());
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
