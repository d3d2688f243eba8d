//! Groups against a naive evaluator over raw events: whatever the program, the person and the clock.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod any;
mod naive;

use any::Person;
use decide::automation::Automation;
use decide::journeys::Journeys;
use decide::segments::{self, Changed, Found, Plan, Standings};
use gate::Beside;
use jiff::tz::TimeZone;
use program::Segment;
use program::segment::{
    Comparison, Did, EventTest, ItemsTest, Measure, Occurrence, Predicate, Test, TraitTest, Which, Window,
};
use program::words::Name;
use proptest::prelude::*;
use std::sync::Arc;
use vocabulary::{DAY_MS, Digest, Moment, PurposeSet};

const RETENTION_DAYS: u32 = 60;

fn plan(segments: &[Segment]) -> Plan {
    Plan::new(segments, Digest::of(b"a program"), RETENTION_DAYS).unwrap()
}

fn automation(segments: &[Segment]) -> Automation {
    Automation {
        messages: Default::default(),
        plan: plan(segments),
        journeys: Journeys::new([]),
        catalogue: Arc::new(any::catalogue()),
        zone: TimeZone::UTC,
    }
}

fn evaluate(plan: &Plan, person: &Person, now: i64) -> Standings {
    let catalogue = any::catalogue();
    let consents = person.consents(now);
    let known = person.known(&consents);
    segments::evaluate(plan, &known, &catalogue, None, &Changed::default(), Moment(now))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn who_is_in_is_who_a_naive_look_at_the_raw_events_says(story in any::story(), now in any::moment()) {
        let plan = plan(&story.segments);
        let person = story.person_at(i64::MAX);
        let found = evaluate(&plan, &person, now);
        let horizon = i64::from(RETENTION_DAYS) * DAY_MS;
        for (place, standing) in found.each.iter().enumerate() {
            let segment = plan.segment(place).unwrap();
            let naive = naive::holds(&segment.who, &story.segments, &person, horizon, now);
            prop_assert_eq!(standing.truth.holds, naive, "{:?}", segment);
        }
    }

    /// A run over many reads no more than what the program says it needs: that changes nothing.
    #[test]
    fn what_is_not_needed_is_not_looked_at(story in any::story(), now in any::moment()) {
        let automation = automation(&story.segments);
        let person = story.person_at(i64::MAX);
        let mut view = person.view(person.consents(now), Vec::new());
        let whole = automation.would_be_in(&view, Moment(now));
        let needs = automation.needs();
        view.touched.retain(|one| needs.of_item([one.viewed_at, one.added_at, one.bought_at], Moment(now)));
        view.traits.retain(|(name, ..)| needs.traits.contains(name));
        needs.narrow(&mut view.occurred, Moment(now));
        prop_assert_eq!(automation.would_be_in(&view, Moment(now)), whole);
    }

    #[test]
    fn nothing_changes_by_itself_before_it_is_said_to(
        story in any::story(), now in any::moment(), later in prop::collection::vec(0.0..1.0f64, 8),
    ) {
        let plan = plan(&story.segments);
        let person = story.person_at(i64::MAX);
        let found = evaluate(&plan, &person, now);
        let horizon = i64::from(RETENTION_DAYS) * DAY_MS;
        for (place, standing) in found.each.iter().enumerate() {
            let segment = plan.segment(place).unwrap();
            prop_assert!(standing.truth.until.0 > now);
            let until = standing.truth.until.0.min(now + 400 * DAY_MS);
            let inside = later.iter().map(|part| now + ((until - 1 - now) as f64 * part) as i64);
            for at in inside.chain([until - 1]) {
                let naive = naive::holds(&segment.who, &story.segments, &person, horizon, at);
                prop_assert_eq!(standing.truth.holds, naive, "at {} of {:?}", at, segment);
            }
        }
    }

    /// The way it runs: events come in their order of arrival, nobody is looked at but when something
    /// arrives and when their moment has come.
    #[test]
    fn looking_only_when_it_is_due_misses_nothing(story in any::story()) {
        let plan = plan(&story.segments);
        let catalogue = any::catalogue();
        let horizon = i64::from(RETENTION_DAYS) * DAY_MS;
        let mut standings: Option<Standings> = None;
        let mut now = story.begins();
        for arrival in story.arrivals() {
            // What comes due before the next arrival is looked at when it is due.
            let mut looks = 0;
            while let Some(due) = standings.as_ref().map(Standings::due).filter(|due| due.0 <= arrival.at) {
                now = due.0;
                let person = story.person_before(arrival.number);
                let consents = person.consents(now);
                let known = person.known(&consents);
                let before = standings.as_ref().map(|s| s.each.as_slice());
                let found = segments::evaluate(
                    &plan, &known, &catalogue, before, &Changed::default(), Moment(now),
                );
                for (place, standing) in found.each.iter().enumerate() {
                    let segment = plan.segment(place).unwrap();
                    let naive = naive::holds(&segment.who, &story.segments, &person, horizon, now);
                    prop_assert_eq!(standing.truth.holds, naive, "due at {} of {:?}", now, segment);
                }
                standings = Some(found);
                looks += 1;
                prop_assert!(looks < 10_000, "it is due again and again");
            }
            now = now.max(arrival.at);
            let person = story.person_before(arrival.number + 1);
            let consents = person.consents(now);
            let known = person.known(&consents);
            let before = standings.as_ref().map(|s| s.each.as_slice());
            let changed = arrival.changed();
            let found = segments::evaluate(&plan, &known, &catalogue, before, &changed, Moment(now));
            let whole = segments::evaluate(
                &plan, &known, &catalogue, None, &Changed::default(), Moment(now),
            );
            for (place, (one, other)) in found.each.iter().zip(&whole.each).enumerate() {
                prop_assert_eq!(one.truth.holds, other.truth.holds, "{:?}", plan.segment(place));
            }
            standings = Some(found);
        }
    }

    /// The way it is kept: each look evaluates what differs from the one before. Whatever the program, whatever
    /// arrives, however the clock goes (back too), it comes to what a look at everything comes to.
    #[test]
    fn a_look_at_what_differs_comes_to_what_a_look_at_everything_does(
        story in any::story(), drift in prop::collection::vec(-20 * DAY_MS..40 * DAY_MS, 1..8),
    ) {
        let automation = automation(&story.segments);
        let mut state = Vec::new();
        for (arrival, drift) in story.arrivals().zip(drift.iter().cycle()) {
            let person = story.person_before(arrival.number + 1);
            for now in [arrival.at, arrival.at + drift] {
                let view = person.view(person.consents(now), std::mem::take(&mut state));
                let beside = Beside { permitted: PurposeSet::NONE, seed: [7; 32], now: Moment(now), silent: false };
                state = automation.look(&view, &beside, true).state;
                let found = automation.memberships(&state).into_iter().filter(|one| one.holds);
                let found: Vec<Name> = found.map(|one| one.segment).collect();
                prop_assert_eq!(found, automation.would_be_in(&view, Moment(now)), "at {}", now);
            }
        }
    }

    #[test]
    fn the_explanation_says_what_was_decided(story in any::story(), now in any::moment()) {
        let plan = plan(&story.segments);
        let catalogue = any::catalogue();
        let person = story.person_at(i64::MAX);
        let consents = person.consents(now);
        let known = person.known(&consents);
        let found = evaluate(&plan, &person, now);
        for (place, standing) in found.each.iter().enumerate() {
            let name = &plan.segment(place).unwrap().name;
            let why = segments::why(&plan, &known, &catalogue, name, Moment(now)).unwrap();
            prop_assert_eq!(why.truth, standing.truth);
            agrees(&why)?;
        }
    }
}

/// What the parts say makes what the whole says.
fn agrees(why: &segments::Why<'_>) -> Result<(), TestCaseError> {
    let mut parts = why.parts.iter().map(|part| part.truth.holds);
    let made = match why.predicate {
        Predicate::All(_) => parts.all(|holds| holds),
        Predicate::Any(_) => parts.any(|holds| holds),
        Predicate::Not(_) => !parts.next().unwrap(),
        _ => why.truth.holds,
    };
    prop_assert_eq!(made, why.truth.holds);
    why.parts.iter().try_for_each(agrees)
}

fn segment(name: &str, who: Predicate) -> Segment {
    Segment {
        name: Name::from(name),
        title: program::Words::default(),
        who,
    }
}

fn event_test(measure: Measure, comparison: Comparison, value: f64, window: Window) -> Predicate {
    Predicate::Event(EventTest {
        occurrence: Occurrence {
            event: "Order Completed".to_owned(),
            fields: Vec::new(),
        },
        window,
        measure,
        comparison,
        value,
    })
}

#[test]
fn somebody_leaves_a_sliding_window_to_the_millisecond() {
    let within = Window::Within(program::Span::read("30 days").unwrap());
    let regulars = [segment(
        "regulars",
        event_test(Measure::Count, Comparison::AtLeast, 2.0, within),
    )];
    let plan = plan(&regulars);
    let person = Person::who_ordered(&[10 * DAY_MS, 20 * DAY_MS]);
    let found = evaluate(&plan, &person, 25 * DAY_MS);
    assert!(found.each[0].truth.holds);
    assert_eq!(found.due(), Moment(40 * DAY_MS));
    assert!(evaluate(&plan, &person, 40 * DAY_MS - 1).each[0].truth.holds);
    assert!(!evaluate(&plan, &person, 40 * DAY_MS).each[0].truth.holds);
}

#[test]
fn tenths_add_up_exactly() {
    let sum = event_test(
        Measure::Sum("total".to_owned()),
        Comparison::AtLeast,
        0.3,
        Window::Ever,
    );
    let plan = plan(&[segment("spent", sum)]);
    let person = Person::who_paid(&[(DAY_MS, 0.1), (2 * DAY_MS, 0.2)]);
    assert!(evaluate(&plan, &person, 3 * DAY_MS).each[0].truth.holds);
}

#[test]
fn a_birthday_on_the_29_of_february_is_kept_on_the_first_of_march() {
    let birthday = Predicate::Trait(TraitTest {
        name: "birthday".to_owned(),
        origin: None,
        test: Test::Anniversary { days: 0 },
    });
    let plan = plan(&[segment("birthday", birthday)]);
    let paris = TimeZone::get("Europe/Paris").unwrap();
    let person = Person::born("1992-02-29", paris.clone());
    let at = |day: &str, time: &str| {
        let text: jiff::civil::DateTime = format!("{day}T{time}").parse().unwrap();
        text.to_zoned(paris.clone()).unwrap().timestamp().as_millisecond()
    };
    for (day, holds) in [
        ("2023-02-28", false),
        ("2023-03-01", true),
        ("2024-02-29", true),
        ("2024-03-01", false),
    ] {
        for time in ["00:00:00", "23:59:59"] {
            let found = evaluate(&plan, &person, at(day, time));
            assert_eq!(found.each[0].truth.holds, holds, "{day} {time}");
        }
    }
    let on = evaluate(&plan, &person, at("2023-03-01", "12:00:00"));
    assert_eq!(on.due(), Moment(at("2023-03-02", "00:00:00")));
    let before = evaluate(&plan, &person, at("2023-02-28", "12:00:00"));
    assert_eq!(before.due(), Moment(at("2023-03-01", "00:00:00")));
}

#[test]
fn why_somebody_is_out_says_how_far_they_are() {
    let few = segment(
        "regulars",
        Predicate::All(vec![
            event_test(Measure::Count, Comparison::AtLeast, 3.0, Window::Ever),
            Predicate::Items(ItemsTest {
                did: Did::Bought,
                which: Which::Any,
                at_least: 1,
                window: Window::Ever,
            }),
        ]),
    );
    let plan = plan(&[few]);
    let person = Person::who_ordered(&[DAY_MS]);
    let known_consents = person.consents(2 * DAY_MS);
    let known = person.known(&known_consents);
    let name = Name::from("regulars");
    let why = segments::why(&plan, &known, &any::catalogue(), &name, Moment(2 * DAY_MS)).unwrap();
    assert!(!why.truth.holds);
    assert_eq!(why.parts[0].found, Found::Measured(Some(1_000_000)));
    assert_eq!(why.parts[1].found, Found::Items(0));
}

#[test]
fn segments_that_refer_to_each_other_in_a_ring_are_refused() {
    let ring = [
        segment("one", Predicate::Member(Name::from("two"))),
        segment("two", Predicate::Member(Name::from("one"))),
    ];
    let refused = Plan::new(&ring, Digest::of(b"ring"), 30).err().unwrap();
    assert!(matches!(refused, segments::Error::Cycle(_)), "{refused}");
    let nowhere = [segment("one", Predicate::Member(Name::from("nobody")))];
    let refused = Plan::new(&nowhere, Digest::of(b"nowhere"), 30).err().unwrap();
    assert!(matches!(refused, segments::Error::Unknown { .. }), "{refused}");
}
