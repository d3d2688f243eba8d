//! What is always so of joining and parting.

use super::*;
use crate::envelope::Touch;
use crate::fold;
use proptest::prelude::*;

const UNTIL: Moment = Moment(1_000_000);

fn seen(item: usize, acts: (u32, u32, u32), at: i64, purposes: u16) -> Seen {
    Seen {
        item: format!("i{item}"),
        viewed: acts.0,
        added: acts.1,
        bought: acts.2,
        last_at: at,
        purposes,
        source: "shop".to_owned(),
        viewed_at: (acts.0 > 0).then_some(at),
        added_at: (acts.1 > 0).then_some(at),
        bought_at: (acts.2 > 0).then_some(at),
        viewed_keeps: None,
        added_keeps: None,
        bought_keeps: None,
    }
}

prop_compose! {
    /// Somebody's content, each item, trait and day once.
    fn content(source: &'static str)(
        items in proptest::collection::btree_map(0..8usize, ((0..3u32, 0..3u32, 1..3u32), 0..500i64, 1..8u16), 0..6),
        traits in proptest::collection::btree_map(0..4usize, (0..3u8, 0..500i64, 1..8u16), 0..4),
        counts in proptest::collection::btree_map((0..2usize, 0..4u32), (1..4u32, 1..8u16), 0..5),
        muted in proptest::collection::btree_set(0..6usize, 0..3),
    ) -> Somebody {
        Somebody(Content {
            history: items.into_iter().map(|(i, (acts, at, p))| seen(i, acts, at, p)).collect(),
            traits: traits.into_iter().map(|(name, (value, at, purposes))| Trait {
                name: format!("t{name}"),
                value: format!("\"{value} of {source}\""),
                at,
                source: source.to_owned(),
                purposes,
                mistaken: None,
                keeps: None,
            }).collect(),
            counts: counts.into_iter().map(|((event, day), (count, purposes))| DailyCount {
                event: format!("e{event}"), day, count, purposes, keeps: None,
            }).collect(),
            muted: muted.into_iter().map(|item| format!("i{item}")).collect(),
            ..Content::default()
        })
    }
}

/// A made-up content, printed where a property fails. Nobody's real one can be.
struct Somebody(Content);

impl std::fmt::Debug for Somebody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        rows(&self.0).fmt(f)
    }
}

/// Everything but the order of rows.
fn rows(content: &Content) -> [Vec<String>; 4] {
    let history = content.history.iter().map(|s| {
        format!(
            "{} {} {} {} {} {}",
            s.item, s.viewed, s.added, s.bought, s.last_at, s.purposes
        )
    });
    let traits = content
        .traits
        .iter()
        .map(|t| format!("{} {} {} {}", t.name, t.value, t.at, t.purposes));
    let counts = content
        .counts
        .iter()
        .map(|c| format!("{} {} {} {}", c.event, c.day, c.count, c.purposes));
    let mut all = [
        history.collect(),
        traits.collect(),
        counts.collect(),
        content.muted.clone(),
    ];
    all.iter_mut().for_each(|list| list.sort());
    all
}

fn visitor() -> PersonId {
    PersonId([7; 16])
}

fn join(own: &mut Content, theirs: &Content, permitted: u16, held: u16) -> Taken {
    let held = PurposeSet(held);
    let taken = take((visitor(), theirs), own, PurposeSet(permitted), held, UNTIL);
    fold_content(own, &Merging::Took(Box::new(taken.clone())));
    taken
}

fn part(own: &mut Content) {
    fold_content(own, &Merging::GaveBack(visitor().0.into()));
}

proptest! {
    #[test]
    fn what_was_joined_can_be_parted_to_the_last_row(
        Somebody(own) in content("own"), Somebody(theirs) in content("theirs"), permitted in 0..8u16, held in 0..8u16,
    ) {
        let before = rows(&own);
        let mut joined = own;
        join(&mut joined, &theirs, permitted, held);
        part(&mut joined);
        prop_assert_eq!(rows(&joined), before);
        prop_assert!(joined.merges.is_none());
    }

    #[test]
    fn what_the_person_does_in_between_stays_theirs(
        Somebody(own) in content("own"), Somebody(theirs) in content("theirs"),
        later in proptest::collection::vec((0..8usize, 0..3u8), 0..6),
    ) {
        let mut alone = own.clone();
        let mut joined = own;
        join(&mut joined, &theirs, 7, 7);
        for (nth, (item, what)) in (0..).zip(later) {
            let input = Input {
                at: 600 + nth,
                touches: vec![Touch { item: format!("i{item}"), what, purposes: 7 }],
                ..Input::default()
            };
            fold::fold_content(&Terms::default(), &mut alone, &input);
            fold::fold_content(&Terms::default(), &mut joined, &input);
        }
        part(&mut joined);
        let acts = |content: &Content| {
            let mut acts: Vec<_> = content.history.iter()
                .map(|s| (s.item.clone(), s.viewed, s.added, s.bought, s.last_at)).collect();
            acts.sort();
            acts
        };
        prop_assert_eq!(acts(&joined), acts(&alone));
    }

    #[test]
    fn no_row_tells_of_the_visitor_for_a_purpose_they_did_not_permit(
        Somebody(own) in content("own"), Somebody(theirs) in content("theirs"), permitted in 0..8u16, purpose in 0..3u16,
    ) {
        let bit = 1 << purpose;
        prop_assume!(permitted & bit == 0);
        let sees = |content: &Content| {
            let mut open = content.clone();
            open.history.retain(|s| s.purposes & bit != 0);
            open.traits.retain(|t| t.purposes & bit != 0);
            open.counts.retain(|c| c.purposes & bit != 0);
            let [history, traits, counts, _] = rows(&open);
            (history, traits, counts)
        };
        let before = sees(&own);
        let mut joined = own;
        join(&mut joined, &theirs, permitted, 7);
        let (history, traits, counts) = sees(&joined);
        prop_assert_eq!((history, counts), (before.0, before.2));
        // A later word about a trait stands in the place of the earlier one, for its own purposes.
        prop_assert!(traits.iter().all(|row| before.1.contains(row)));
    }

    #[test]
    fn what_is_dropped_after_joining_does_not_come_back_by_parting(
        Somebody(own) in content("own"), Somebody(theirs) in content("theirs"), item in 0..8usize,
    ) {
        let mut joined = own;
        join(&mut joined, &theirs, 7, 7);
        let forget = Input { act: Some(Act::Forget(format!("i{item}"))), ..Input::default() };
        fold::fold_content(&Terms::default(), &mut joined, &forget);
        part(&mut joined);
        let name = format!("i{item}");
        prop_assert!(joined.history.iter().all(|seen| seen.item != name));
    }
}

#[test]
fn a_history_that_is_full_takes_the_newest_and_gets_its_own_back() {
    let full = |from: usize, at: i64| Content {
        history: (from..from + HISTORY_MAX)
            .map(|i| seen(i, (1, 0, 0), at + i as i64, 7))
            .collect(),
        ..Content::default()
    };
    let mut own = full(0, 0);
    let before = rows(&own);
    join(&mut own, &full(150, 0), 7, 7);
    assert_eq!(own.history.len(), HISTORY_MAX);
    assert!(
        own.history.iter().all(|seen| seen.last_at >= 150),
        "the oldest make room"
    );
    part(&mut own);
    assert_eq!(rows(&own), before);
}

#[test]
fn a_refusal_reaches_the_closed_envelope_and_a_permission_does_not() {
    let choice = |given| crate::envelope::Choice {
        purpose: 1,
        given,
        explicit: true,
        expires_at: None,
    };
    let strict = strict_part(&Input {
        choices: vec![choice(true), choice(false)],
        ..Input::default()
    });
    assert_eq!(strict.map(|input| input.choices), Some(vec![choice(false)]));
    for act in [
        Act::Object(false),
        Act::Restrict(false),
        Act::Mute("i1".to_owned()),
    ] {
        assert!(
            strict_part(&Input {
                act: Some(act),
                ..Input::default()
            })
            .is_none()
        );
    }
    for act in [
        Act::Object(true),
        Act::Restrict(true),
        Act::Forget("i1".to_owned()),
    ] {
        assert!(
            strict_part(&Input {
                act: Some(act),
                ..Input::default()
            })
            .is_some()
        );
    }
}
