//! Groups and journeys of real envelopes: through the gate, on stores that are killed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "../../gate/tests/common/mod.rs"]
mod common;

use common::{DICTIONARY, House, NOON, ask, catalogue, consent, event, options, user};
use decide::automation::Automation;
use decide::journeys::{InForce, Journeys};
use decide::segments::Plan;
use gate::charter::Requester;
use gate::dictionary::Dictionary;
use gate::{Ask, Gate, Reacted};
use jiff::tz::TimeZone;
use program::journey::{Again, Awaited, Calendar, Change, Days, Entry, State, Step, TimeOfDay, What};
use program::segment::{Comparison, EventTest, Measure, Occurrence, Predicate, Window};
use program::words::{Name, Words};
use program::{Journey, Segment, Span};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{Memory, Shelf};
use vocabulary::{DAY_MS, Digest, HOUR_MS, Moment, PurposeName};

fn occurrence(event: &str) -> Occurrence {
    Occurrence {
        event: event.to_owned(),
        fields: Vec::new(),
    }
}

fn recent() -> Segment {
    Segment {
        name: Name::from("recent"),
        title: Words::default(),
        who: Predicate::Event(EventTest {
            occurrence: occurrence("Order Completed"),
            window: Window::Within(Span::read("3 days").unwrap()),
            measure: Measure::Count,
            comparison: Comparison::AtLeast,
            value: 1.0,
        }),
    }
}

fn journey(name: &str, entry: Entry, steps: Vec<What>) -> Journey {
    let step = |(number, what)| Step {
        id: format!("s{number}"),
        what,
    };
    Journey {
        name: Name::from(name),
        title: Words::default(),
        purpose: PurposeName::Segment,
        state: State::Running,
        entry,
        who: None,
        again: Again::WhenOut,
        leave_when: None,
        goal: None,
        holdout: 0,
        steps: steps.into_iter().enumerate().map(step).collect(),
        moved: Vec::new(),
    }
}

fn message(name: &str, next: Option<usize>) -> What {
    What::Message {
        name: Name::from(name),
        next,
    }
}

/// Everything that can go twice or be lost: entries by event and by group, both ways; waits; answers.
fn automation() -> Automation {
    automation_and(Vec::new())
}

fn automation_and(more: Vec<Journey>) -> Automation {
    let by_group = |change| Entry::Segment {
        name: Name::from("recent"),
        change,
    };
    let cart = Entry::Event {
        occurrence: occurrence("Product Added"),
        key: Some("product_id".to_owned()),
    };
    let order = What::WaitFor {
        what: Awaited::Event {
            occurrence: occurrence("Order Completed"),
            same_key: false,
        },
        at_most: Span::read("2 hours").unwrap(),
        came: None,
        else_: Some(1),
    };
    let day = What::Wait {
        span: Span::read("1 day").unwrap(),
        next: Some(2),
    };
    let colour = What::Update {
        name: "favourite_colour".to_owned(),
        value: Some(program::segment::Value::Text("blue".to_owned())),
        next: Some(1),
    };
    let journeys = [
        journey(
            "thanks",
            by_group(Change::Enters),
            vec![message("thanks", Some(1)), day, message("more", None)],
        ),
        journey(
            "miss_you",
            by_group(Change::Leaves),
            vec![colour, message("miss_you", None)],
        ),
        journey("cart", cart, vec![order, message("remind", None)]),
    ];
    let in_force = |journey| InForce {
        journey,
        since: Moment(0),
    };
    Automation {
        plan: Plan::new(&[recent()], Digest::of(b"p"), 395).unwrap(),
        journeys: Journeys::new(journeys.into_iter().chain(more).map(in_force)),
        catalogue: Arc::new(catalogue()),
        zone: TimeZone::UTC,
        messages: std::collections::BTreeMap::new(),
    }
}

fn open(shelf: Arc<dyn Shelf>, now: i64) -> House {
    let clock = Arc::new(AtomicI64::new(now));
    let mut options = options(shelf, 1, 102, &clock, None);
    let declared = DICTIONARY.replace(
        "[traits.favourite_colour]\n",
        "[traits.timezone]\npurposes = [\"segment\"]\n\n[traits.favourite_colour]\n",
    );
    options.dictionary = Dictionary::read(&declared).unwrap();
    let house = House::of(Gate::open(options).unwrap(), clock);
    house.gate.automate(true);
    house
}

/// Looks until nobody is left to be looked at now.
async fn look(house: &House, automation: &Arc<Automation>) {
    let now = Moment(house.now.load(Ordering::Relaxed));
    for _ in 0..50 {
        let people = house.gate.agenda(now, 100).await.unwrap();
        if people.is_empty() {
            return;
        }
        let looks = house
            .gate
            .looks(people, ask(now.0), automation.plan.digest())
            .await
            .unwrap();
        let (gate, automation) = (house.gate.clone(), Arc::clone(automation));
        let done = tokio::task::spawn_blocking(move || {
            gate.react(looks, |opened, beside| {
                automation.look(opened.view(), beside, false)
            })
        });
        done.await.unwrap().unwrap();
    }
    panic!("somebody is on the agenda again and again");
}

/// What happened to somebody, oldest first: what, where, and the effect's own number.
async fn told(house: &House, who: &str) -> Vec<String> {
    let ask = Ask {
        requester: Requester::Person,
        ..ask(house.now.load(Ordering::Relaxed))
    };
    let entries = house
        .gate
        .timeline(&user(who), ask, None, 100)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let mut lines = Vec::new();
    for entry in entries.iter().rev().filter(|entry| entry.entry.kind == "journey") {
        let details: Value = serde_json::from_str(&entry.details).unwrap();
        for effect in details["effects"].as_array().unwrap() {
            lines.push(format!(
                "{} {} {} {} {}",
                effect["journey"].as_str().unwrap(),
                effect["entered_at"],
                effect["number"],
                effect["what"].as_str().unwrap(),
                effect["about"],
            ));
        }
    }
    lines
}

/// What a person lives through.
#[derive(Clone, Debug)]
enum Happens {
    Order,
    Added(u8),
    Hours(i64),
    Look,
    Crash,
    WriteBack,
}

fn life() -> impl Strategy<Value = Vec<Happens>> {
    let one = prop_oneof![
        2 => Just(Happens::Order),
        2 => (0..3u8).prop_map(Happens::Added),
        4 => (1..40i64).prop_map(Happens::Hours),
        4 => Just(Happens::Look),
        2 => Just(Happens::Crash),
        1 => Just(Happens::WriteBack),
    ];
    prop::collection::vec(one, 3..25)
}

async fn live(life: &[Happens], eager: bool, crashes: bool) -> Vec<String> {
    let shelf: Arc<dyn Shelf> = Arc::new(if eager { Memory::eager() } else { Memory::new() });
    let automation = Arc::new(automation());
    let mut house = open(Arc::clone(&shelf), NOON);
    let mut now = NOON;
    let mut number = 0;
    house
        .send(vec![consent("ann", now, &[("Marketing", true)])])
        .await;
    look(&house, &automation).await;
    for happens in life {
        number += 1;
        let send = |name: &str, fields: Value| vocabulary::Event {
            at: Moment(now),
            received_at: Moment(now),
            message_id: format!("life {number}"),
            ..event("ann", name, fields)
        };
        match happens {
            Happens::Order => drop(
                house
                    .send(vec![send("Order Completed", json!({ "order_id": "7" }))])
                    .await,
            ),
            Happens::Added(item) => {
                drop(
                    house
                        .send(vec![send(
                            "Product Added",
                            json!({ "product_id": format!("i{item}") }),
                        )])
                        .await,
                );
            }
            Happens::Hours(hours) => {
                now += hours * HOUR_MS;
                house.now.store(now, Ordering::Relaxed);
            }
            Happens::Look => look(&house, &automation).await,
            Happens::Crash if crashes => {
                // No close: what is in memory is lost, and the next gate takes the lease over.
                std::mem::forget(house);
                house = open(Arc::clone(&shelf), now);
            }
            Happens::WriteBack if crashes => house.gate.write_back().await.unwrap(),
            Happens::Crash | Happens::WriteBack => {}
        }
    }
    house.now.store(now + 30 * DAY_MS, Ordering::Relaxed);
    look(&house, &automation).await;
    told(&house, "ann").await
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_crash_loses_no_step_and_repeats_none(life in life(), eager in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (calm, crashed) = runtime.block_on(async {
            (live(&life, eager, false).await, live(&life, eager, true).await)
        });
        prop_assert_eq!(calm, crashed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_leaves_a_group_on_time_and_a_journey_starts_by_it() {
    let life = [Happens::Order, Happens::Look, Happens::Hours(72), Happens::Look];
    let lines = live(&life, false, false).await;
    let whats: Vec<&str> = lines.iter().map(|line| line.split(' ').nth(3).unwrap()).collect();
    assert!(
        lines[0].starts_with("thanks ") && whats[0] == "entered",
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("miss_you ") && line.contains("miss_you\"")),
        "{lines:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_no_nobody_is_looked_at_and_nothing_is_kept() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let automation = Arc::new(automation());
    let house = open(shelf, NOON);
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    house
        .send(vec![event("ann", "Order Completed", json!({ "order_id": "7" }))])
        .await;
    look(&house, &automation).await;
    let before = told(&house, "ann").await;
    assert!(!before.is_empty());
    house
        .send(vec![consent("ann", NOON + 1, &[("Marketing", false)])])
        .await;
    house.now.store(NOON + 9 * DAY_MS, Ordering::Relaxed);
    assert_eq!(
        house.gate.agenda(Moment(NOON + 9 * DAY_MS), 10).await.unwrap(),
        []
    );
    house
        .send(vec![event("ann", "Product Added", json!({ "product_id": "x" }))])
        .await;
    look(&house, &automation).await;
    assert_eq!(told(&house, "ann").await, before);
}

/// Somebody who was there before a program came, seen while it reaches everybody: what they did before starts
/// nothing, what they do since does; and whoever came since is new.
#[tokio::test(flavor = "multi_thread")]
async fn while_a_program_comes_only_what_happened_since_begins_anything() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let house = open(shelf, NOON);
    let automation = Arc::new(automation());
    let said = |who: &'static str, name: &str, at: i64, fields: Value| vocabulary::Event {
        at: Moment(at),
        received_at: Moment(at),
        message_id: format!("{who} {name} {at}"),
        ..event(who, name, fields)
    };
    let order = || json!({ "order_id": "7" });
    let from = NOON + HOUR_MS;
    for who in ["before", "both", "since"] {
        house.send(vec![consent(who, NOON, &[("Marketing", true)])]).await;
    }
    for who in ["before", "both"] {
        house
            .send(vec![said(who, "Order Completed", NOON, order())])
            .await;
    }
    let later = from + HOUR_MS;
    house.now.store(later, Ordering::Relaxed);
    let added = || json!({ "product_id": "i1" });
    house
        .send(vec![said("both", "Product Added", later, added())])
        .await;
    house
        .send(vec![said("since", "Order Completed", later, order())])
        .await;
    let people = house.gate.agenda(Moment(later), 100).await.unwrap();
    assert_eq!(people.len(), 3);
    let looks = house
        .gate
        .looks(people, ask(later), automation.plan.digest())
        .await
        .unwrap();
    let (gate, looking) = (house.gate.clone(), Arc::clone(&automation));
    let done = tokio::task::spawn_blocking(move || {
        gate.react(looks, |opened, beside| {
            looking.look_while_it_comes(opened.view(), beside, Moment(from))
        })
    });
    done.await.unwrap().unwrap();
    let entered = async |who: &str| -> Vec<String> {
        let lines = told(&house, who).await;
        let entered = lines.iter().filter(|line| line.contains(" entered "));
        entered
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(entered("before").await, Vec::<String>::new());
    assert_eq!(entered("both").await, ["cart"]);
    assert_eq!(entered("since").await, ["thanks"]);
}

const YEAR: i64 = 365 * DAY_MS;

/// What of these lines is a message.
fn messages(lines: &[String]) -> Vec<&str> {
    let sent = lines
        .iter()
        .filter(|line| line.split(' ').nth(3) == Some("message"));
    sent.map(String::as_str).collect()
}

/// A clock that was set a year on, or back, and set right again.
async fn misled(by: i64) -> (Vec<String>, Vec<String>) {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let every_day = Entry::Schedule(Calendar {
        on: Days::Daily,
        at: TimeOfDay(9 * 60),
    });
    let daily = journey("daily", every_day, vec![message("daily", None)]);
    let automation = Arc::new(automation_and(vec![daily]));
    let house = open(shelf, NOON);
    let send = |name: &str, at: i64, fields: Value| vocabulary::Event {
        at: Moment(at),
        received_at: Moment(at),
        message_id: format!("{name} {at}"),
        ..event("ann", name, fields)
    };
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    house
        .send(vec![send("Order Completed", NOON, json!({ "order_id": "7" }))])
        .await;
    house
        .send(vec![send("Product Added", NOON, json!({ "product_id": "i1" }))])
        .await;
    look(&house, &automation).await;
    let before = told(&house, "ann").await;
    // The wrong hour lasts an hour, and everything that is due by it is looked at.
    for minutes in [0, 30, 60] {
        house.now.store(NOON + by + minutes * 60_000, Ordering::Relaxed);
        look(&house, &automation).await;
    }
    let wrong = told(&house, "ann").await.split_off(before.len());
    // Right again, and life goes on for two days.
    for hours in 1..=48 {
        let now = NOON + hours * HOUR_MS;
        house.now.store(now, Ordering::Relaxed);
        if hours == 3 {
            house
                .send(vec![send("Product Added", now, json!({ "product_id": "i2" }))])
                .await;
        }
        look(&house, &automation).await;
    }
    (wrong, told(&house, "ann").await)
}

/// In each run each message once, whatever the clock said.
fn once(lines: &[String]) {
    let mut seen = std::collections::BTreeSet::new();
    for line in messages(lines) {
        let parts: Vec<&str> = line.split(' ').collect();
        assert!(
            seen.insert((parts[0], parts[1], parts[2])),
            "twice: {line}: {lines:#?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_a_year_on_sends_what_was_due_once_and_people_go_on() {
    let (wrong, all) = misled(YEAR).await;
    once(&all);
    // Of three hundred and sixty-five mornings one is made up for, of each run that waited one step.
    let count = |lines: &[String], what: &str| {
        let sent = messages(lines);
        sent.iter().filter(|line| line.starts_with(what)).count()
    };
    assert!(count(&wrong, "daily ") <= 1, "{wrong:#?}");
    assert_eq!(count(&wrong, "cart "), 1, "{wrong:#?}");
    assert!(messages(&wrong).len() <= 4, "a burst: {wrong:#?}");
    // The cart that was filled after the clock was right has its reminder at its own hour.
    assert_eq!(count(&all, "cart "), 2, "{all:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_a_year_back_sends_nothing_and_people_go_on() {
    let (wrong, all) = misled(-YEAR).await;
    once(&all);
    assert_eq!(messages(&wrong), Vec::<&str>::new(), "{wrong:#?}");
    let (_, right) = misled(0).await;
    assert_eq!(all, right, "as if the clock had been right");
}

/// More than 64 KiB to keep of somebody: what was kept stays, nothing of the look is told, and they are looked at again
/// when something about them changes, and not before.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_to_keep_changes_nothing_and_is_tried_when_something_changes() {
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let automation = Arc::new(automation());
    let house = open(shelf, NOON);
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    house
        .send(vec![event("ann", "Product Added", json!({ "product_id": "i1" }))])
        .await;
    let later = |id: &str| vocabulary::Event {
        message_id: id.to_owned(),
        ..event("ann", "Product Added", json!({ "product_id": id }))
    };
    let heavy = async |bytes: usize| {
        let people = house.gate.agenda(Moment(NOON), 10).await.unwrap();
        let count = people.len();
        let looks = house
            .gate
            .looks(people, ask(NOON), automation.plan.digest())
            .await
            .unwrap();
        let gate = house.gate.clone();
        let done = tokio::task::spawn_blocking(move || {
            gate.react(looks, |_, _| Reacted {
                state: vec![7; bytes],
                changed: true,
                due: Some(Moment(NOON)),
                counts: vec!["counted".to_owned()],
                told: Some("{\"effects\":[{\"what\":\"message\"}],\"segments\":[]}".to_owned()),
                ..Reacted::default()
            })
        });
        (count, done.await.unwrap().unwrap())
    };
    let (count, done) = heavy((64 << 10) + 1).await;
    assert_eq!((count, done.looked, done.too_large), (1, 1, 1));
    assert!(done.counts.is_empty(), "nothing of it counts: {done:?}");
    assert_eq!(told(&house, "ann").await, Vec::<String>::new());
    assert_eq!(
        house.gate.agenda(Moment(NOON), 10).await.unwrap(),
        [],
        "it would be taken over and over"
    );
    house.send(vec![later("i2")]).await;
    // As much as is kept, and not one byte more.
    let (count, done) = heavy((64 << 10) + 1).await;
    assert_eq!((count, done.too_large), (1, 1));
    house.send(vec![later("i3")]).await;
    look(&house, &automation).await;
    let entered = told(&house, "ann").await;
    let entered = entered.iter().filter(|line| line.contains(" entered ")).count();
    assert_eq!(entered, 3, "what happened meanwhile is not lost");
}
