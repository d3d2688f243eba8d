//! What holds of every journey: nothing twice, nothing lost, nothing after a no.

use crate::life::{Life, Program, happened, occurrence, of_cart, ordered_within, span, words};
use decide::journeys::{Effect, Happens, Left};
use program::Journey;
use program::journey::{Again, Arm, Awaited, Change, DayWindow, Entry, Goal, State, Step, TimeOfDay, What};
use program::segment::Predicate;
use program::words::Name;
use proptest::prelude::*;
use vocabulary::{DAY_MS, HOUR_MS, Moment, PurposeName, PurposeSet};

/// 2026-11-02, a Monday, 00:00 in Paris.
const MONDAY: i64 = 1_793_574_000_000;

fn journey(entry: Entry, steps: Vec<(&str, What)>) -> Journey {
    Journey {
        name: Name::from("a_journey"),
        title: words(),
        purpose: PurposeName::MarketByEmail,
        state: State::Running,
        entry,
        who: None,
        again: Again::WhenOut,
        leave_when: None,
        goal: None,
        holdout: 0,
        steps: steps
            .into_iter()
            .map(|(id, what)| Step {
                id: id.to_owned(),
                what,
            })
            .collect(),
        moved: Vec::new(),
    }
}

fn on(event: &str) -> Entry {
    Entry::Event {
        occurrence: occurrence(event),
        key: None,
    }
}

fn message(name: &str, next: Option<usize>) -> What {
    What::Message {
        name: Name::from(name),
        next,
    }
}

fn wait(text: &str, next: usize) -> What {
    What::Wait {
        span: span(text),
        next: Some(next),
    }
}

fn messages(life: &Life) -> Vec<(i64, String)> {
    let sent = life.effects.iter().filter_map(|(at, effect)| match &effect.what {
        Happens::Message(name) => Some((at.0, name.to_string())),
        _ => None,
    });
    sent.collect()
}

fn left(life: &Life) -> Vec<Left> {
    let left = life.effects.iter().filter_map(|(_, effect)| match effect.what {
        Happens::Left(how) => Some(how),
        _ => None,
    });
    left.collect()
}

fn welcome() -> Journey {
    journey(
        on("Signed Up"),
        vec![
            ("hello", message("hello", Some(1))),
            ("rest", wait("3 days", 2)),
            (
                "morning",
                What::WaitUntil {
                    window: DayWindow {
                        from: TimeOfDay(9 * 60),
                        to: TimeOfDay(12 * 60),
                    },
                    days: Vec::new(),
                    next: Some(3),
                },
            ),
            ("tips", message("tips", None)),
        ],
    )
}

fn abandoned_cart() -> Journey {
    Journey {
        entry: Entry::Event {
            occurrence: occurrence("Product Added"),
            key: Some("cart_id".to_owned()),
        },
        ..journey(
            on("Product Added"),
            vec![
                (
                    "order",
                    What::WaitFor {
                        what: Awaited::Event {
                            occurrence: occurrence("Order Completed"),
                            same_key: true,
                        },
                        at_most: span("2 hours"),
                        came: None,
                        else_: Some(1),
                    },
                ),
                ("remind", message("remind", None)),
            ],
        )
    }
}

#[test]
fn each_step_comes_at_its_hour() {
    let program = Program::of(vec![welcome()], Vec::new());
    let mut life = Life::new();
    let now = MONDAY + 15 * HOUR_MS;
    life.look(&program, &[("Signed Up", happened(now))], Moment(now));
    life.live(&program, Moment(now + 30 * DAY_MS));
    // Three days on it is three in the afternoon; the morning after is the fourth day's.
    let morning = MONDAY + 4 * DAY_MS + 9 * HOUR_MS;
    assert_eq!(
        messages(&life),
        [(now, "hello".to_owned()), (morning, "tips".to_owned())]
    );
    assert_eq!(left(&life), [Left::Finished]);
}

#[test]
fn after_a_stop_of_the_server_nobody_gets_two_messages_at_once() {
    let steps = vec![
        ("one", message("one", Some(1))),
        ("day", wait("1 day", 2)),
        ("two", message("two", Some(3))),
        ("night", wait("1 day", 4)),
        ("three", message("three", None)),
    ];
    let program = Program::of(vec![journey(on("Signed Up"), steps)], Vec::new());
    let mut life = Life::new();
    life.look(&program, &[("Signed Up", happened(MONDAY))], Moment(MONDAY));
    let back = MONDAY + 10 * DAY_MS;
    life.look(&program, &[], Moment(back));
    life.live(&program, Moment(back + 10 * DAY_MS));
    let times: Vec<i64> = messages(&life).iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [MONDAY, back, back + DAY_MS]);
}

#[test]
fn each_cart_is_a_run_of_its_own_and_an_order_ends_only_its_own() {
    let program = Program::of(vec![abandoned_cart()], Vec::new());
    let mut life = Life::new();
    let at = |minutes: i64| MONDAY + minutes * 60_000;
    life.look(&program, &[("Product Added", of_cart(at(0), "a"))], Moment(at(0)));
    life.look(&program, &[("Product Added", of_cart(at(5), "b"))], Moment(at(5)));
    life.look(
        &program,
        &[("Order Completed", of_cart(at(9), "a"))],
        Moment(at(9)),
    );
    life.live(&program, Moment(at(1000)));
    assert_eq!(messages(&life), [(at(125), "remind".to_owned())]);
}

#[test]
fn a_client_that_was_offline_may_send_the_cart_and_the_order_at_once_in_any_order() {
    let program = Program::of(vec![abandoned_cart()], Vec::new());
    let cart = ("Product Added", of_cart(MONDAY, "a"));
    let order = ("Order Completed", of_cart(MONDAY + 60_000, "a"));
    for arrived in [vec![cart.clone(), order.clone()], vec![order, cart]] {
        let mut life = Life::new();
        life.look(&program, &arrived, Moment(MONDAY + HOUR_MS));
        life.live(&program, Moment(MONDAY + DAY_MS));
        assert_eq!(messages(&life), [], "the order came");
    }
}

#[test]
fn what_happened_long_ago_starts_nothing() {
    let program = Program::of(vec![welcome()], Vec::new());
    let mut life = Life::new();
    let old = happened(MONDAY - 40 * DAY_MS);
    life.look(&program, &[("Signed Up", old)], Moment(MONDAY));
    assert!(life.effects.is_empty());
}

#[test]
fn whoever_comes_into_a_group_enters_and_whoever_was_in_it_already_does_not() {
    let entering = journey(
        Entry::Segment {
            name: Name::from("recent"),
            change: Change::Leaves,
        },
        vec![("miss", message("we_miss_you", None))],
    );
    let program = Program::of(vec![entering], vec![ordered_within("recent", "30 days")]);
    let mut life = Life::new();
    life.look(&program, &[("Order Completed", happened(MONDAY))], Moment(MONDAY));
    assert!(life.effects.is_empty(), "a first look is no change");
    life.live(&program, Moment(MONDAY + 60 * DAY_MS));
    assert_eq!(
        messages(&life),
        [(MONDAY + 30 * DAY_MS, "we_miss_you".to_owned())]
    );
}

#[test]
fn a_goal_ends_the_journey_and_counts_once_also_for_who_is_held_out() {
    for holdout in [0, 10_000] {
        let measured = Journey {
            goal: Some(Goal {
                occurrence: occurrence("Order Completed"),
                within: span("14 days"),
            }),
            holdout,
            ..welcome()
        };
        let program = Program::of(vec![measured], Vec::new());
        let mut life = Life::new();
        life.look(&program, &[("Signed Up", happened(MONDAY))], Moment(MONDAY));
        for hours in [10, 20] {
            let at = MONDAY + hours * HOUR_MS;
            life.look(&program, &[("Order Completed", happened(at))], Moment(at));
        }
        life.live(&program, Moment(MONDAY + 60 * DAY_MS));
        let goals = life
            .effects
            .iter()
            .filter(|(_, e)| matches!(e.what, Happens::Goal { .. }));
        assert_eq!(goals.count(), 1);
        assert_eq!(messages(&life).len(), usize::from(holdout == 0));
    }
}

#[test]
fn a_withdrawal_ends_every_journey_at_the_next_look_and_nothing_comes_after() {
    let program = Program::of(vec![welcome()], Vec::new());
    let mut life = Life::new();
    life.look(&program, &[("Signed Up", happened(MONDAY))], Moment(MONDAY));
    life.permitted = PurposeSet::default();
    life.look(&program, &[], Moment(MONDAY + 1));
    life.live(&program, Moment(MONDAY + 60 * DAY_MS));
    assert_eq!(messages(&life).len(), 1);
    assert_eq!(left(&life), [Left::NotPermitted]);
}

#[test]
fn while_a_human_has_the_word_nothing_is_sent_and_afterwards_it_goes_on() {
    let program = Program::of(vec![welcome()], Vec::new());
    let mut life = Life::new();
    life.look(&program, &[("Signed Up", happened(MONDAY))], Moment(MONDAY));
    let until = Moment(MONDAY + 20 * DAY_MS);
    life.silent_until = Some(until);
    life.look(&program, &[], Moment(MONDAY + DAY_MS));
    life.live(&program, Moment(MONDAY + 60 * DAY_MS));
    let sent = messages(&life);
    assert_eq!(sent.len(), 2);
    assert!(sent[1].0 >= until.0);
}

#[test]
fn a_paused_journey_holds_people_where_they_are() {
    let mut life = Life::new();
    let program = Program::of(vec![welcome()], Vec::new());
    life.look(&program, &[("Signed Up", happened(MONDAY))], Moment(MONDAY));
    let paused = Journey {
        state: State::Paused,
        ..welcome()
    };
    let stopped = Program::of(vec![paused], Vec::new());
    life.look(&stopped, &[], Moment(MONDAY + 5 * DAY_MS));
    life.live(&stopped, Moment(MONDAY + 9 * DAY_MS));
    assert_eq!(messages(&life).len(), 1);
    life.look(&program, &[], Moment(MONDAY + 10 * DAY_MS));
    life.live(&program, Moment(MONDAY + 20 * DAY_MS));
    assert_eq!(messages(&life).len(), 2);
}

#[test]
fn people_stay_at_their_step_when_a_journey_changes_or_go_where_it_says() {
    let mut life = Life::new();
    let program = Program::of(vec![welcome()], Vec::new());
    life.look(&program, &[("Signed Up", happened(MONDAY))], Moment(MONDAY));
    assert_eq!(life.runs.present[0].at.as_deref(), Some("rest"));

    let mut renamed = welcome();
    renamed.steps[1].id = "pause".to_owned();
    let mut says = renamed.clone();
    says.moved = vec![("rest".to_owned(), "pause".to_owned())];
    for (changed, ends) in [(says, None), (renamed, Some(Left::StepGone))] {
        let mut life = life.clone();
        let program = Program::of(vec![changed], Vec::new());
        life.look(&program, &[], Moment(MONDAY + HOUR_MS));
        assert_eq!(left(&life).first().copied(), ends);
        life.live(&program, Moment(MONDAY + 30 * DAY_MS));
        assert_eq!(messages(&life).len(), if ends.is_none() { 2 } else { 1 });
    }
    let none = Program::of(Vec::new(), Vec::new());
    life.look(&none, &[], Moment(MONDAY + HOUR_MS));
    assert_eq!(left(&life), [Left::JourneyGone]);
}

#[test]
fn once_is_once_for_ever() {
    let once = Journey {
        again: Again::Never,
        ..journey(on("Signed Up"), vec![("hello", message("hello", None))])
    };
    let program = Program::of(vec![once], Vec::new());
    let mut life = Life::new();
    for day in [0, 1, 500, 3000] {
        let at = MONDAY + day * DAY_MS;
        life.look(&program, &[("Signed Up", happened(at))], Moment(at));
    }
    assert_eq!(messages(&life).len(), 1);
}

#[test]
fn cohorts_have_their_shares_and_the_same_person_goes_the_same_way() {
    let split = journey(
        on("Signed Up"),
        vec![
            (
                "split",
                What::Cohort {
                    arms: vec![
                        Arm {
                            name: "a".to_owned(),
                            share: 2_500,
                            next: Some(1),
                        },
                        Arm {
                            name: "b".to_owned(),
                            share: 7_500,
                            next: None,
                        },
                    ],
                },
            ),
            ("a", message("a", None)),
        ],
    );
    let program = Program::of(vec![split], Vec::new());
    let sent = |number: u32| {
        let mut life = Life::new();
        life.seed[..4].copy_from_slice(&number.to_be_bytes());
        life.look(&program, &[("Signed Up", happened(MONDAY))], Moment(MONDAY));
        messages(&life).len()
    };
    let all: usize = (0..4_000).map(sent).sum();
    // Four standard deviations of a binomial of 4,000 and a quarter.
    assert!((890..=1_110).contains(&all), "{all}");
    assert!((0..50).all(|number| sent(number) == sent(number)));
}

/// Any journey that waits in every loop: steps lead on, or back past a wait.
fn any_journey() -> impl Strategy<Value = Journey> {
    let step = (0..7u8, 0..6usize, 1..40u32, any::<bool>());
    let entry = prop_oneof![
        Just(on("Signed Up")),
        Just(Entry::Segment {
            name: Name::from("recent"),
            change: Change::Enters
        }),
        Just(Entry::Segment {
            name: Name::from("recent"),
            change: Change::Leaves
        }),
    ];
    let again = prop_oneof![
        Just(Again::Never),
        Just(Again::WhenOut),
        Just(Again::After(span("5 days")))
    ];
    (prop::collection::vec(step, 1..7), entry, again, any::<bool>()).prop_map(
        |(steps, entry, again, has_goal)| {
            let count = steps.len();
            let made = steps
                .into_iter()
                .enumerate()
                .map(|(here, (kind, to, hours, back))| {
                    let next = Some(here + 1).filter(|next| *next < count);
                    let other = Some(to % count).filter(|to| *to > here);
                    let what = match kind {
                        // Only a wait may lead back.
                        0 => What::Wait {
                            span: span(&format!("{hours} hours")),
                            next: if back { Some(to % count) } else { next },
                        },
                        1 => message(&format!("m{here}"), next),
                        2 => What::WaitFor {
                            what: Awaited::Event {
                                occurrence: occurrence("Order Completed"),
                                same_key: false,
                            },
                            at_most: span(&format!("{hours} hours")),
                            came: next,
                            else_: other,
                        },
                        3 => What::Branch {
                            arms: vec![(Predicate::Member(Name::from("recent")), next)],
                            else_: other,
                        },
                        4 => What::WaitUntil {
                            window: DayWindow {
                                from: TimeOfDay(22 * 60),
                                to: TimeOfDay(6 * 60),
                            },
                            days: Vec::new(),
                            next,
                        },
                        5 => What::Update {
                            name: "t".to_owned(),
                            value: None,
                            next,
                        },
                        _ => What::WaitFor {
                            what: Awaited::Predicate(Predicate::Member(Name::from("recent"))),
                            at_most: span(&format!("{hours} hours")),
                            came: next,
                            else_: other,
                        },
                    };
                    (format!("s{here}"), what)
                });
            let made: Vec<(String, What)> = made.collect();
            Journey {
                again,
                goal: has_goal.then(|| Goal {
                    occurrence: occurrence("Order Completed"),
                    within: span("9 days"),
                }),
                holdout: 1_000,
                ..journey(
                    entry,
                    made.iter()
                        .map(|(id, what)| (id.as_str(), what.clone()))
                        .collect(),
                )
            }
        },
    )
}

fn arrivals() -> impl Strategy<Value = Vec<(i64, &'static str)>> {
    let event = prop_oneof![Just("Signed Up"), Just("Order Completed")];
    prop::collection::vec((0..20 * 24i64, event), 1..12).prop_map(|mut all| {
        all.sort_unstable();
        all.into_iter()
            .map(|(hour, event)| (MONDAY + hour * HOUR_MS, event))
            .collect()
    })
}

/// Lives through it all, and looks at these other moments too, which are of no use.
fn live(program: &Program, arrivals: &[(i64, &'static str)], idle: &[i64]) -> Life {
    let mut life = Life::new();
    let mut moments: Vec<(i64, Option<&'static str>)> =
        arrivals.iter().map(|(at, event)| (*at, Some(*event))).collect();
    moments.extend(idle.iter().map(|at| (*at, None)));
    moments.sort_by_key(|(at, _)| *at);
    // Everybody is looked at once before anything happens.
    life.look(program, &[], Moment(MONDAY - 1));
    for (at, event) in moments {
        life.live(program, Moment(at - 1));
        let arrived: Vec<_> = event.into_iter().map(|event| (event, happened(at))).collect();
        life.look(program, &arrived, Moment(at));
    }
    life.live(program, Moment(MONDAY + 40 * DAY_MS));
    life
}

/// Two sign-ups in one millisecond, and a journey that is over at once: two runs could not be told apart.
#[test]
fn nobody_enters_a_journey_twice_in_one_moment() {
    let one = journey(on("Signed Up"), vec![("hello", message("hello", None))]);
    let program = Program::of(vec![one], vec![]);
    let signed_up = || ("Signed Up", happened(MONDAY));
    let mut at_once = Life::new();
    at_once.look(&program, &[signed_up(), signed_up()], Moment(MONDAY));
    let mut one_by_one = Life::new();
    one_by_one.look(&program, &[signed_up()], Moment(MONDAY));
    one_by_one.look(&program, &[signed_up()], Moment(MONDAY));
    for life in [&at_once, &one_by_one] {
        assert_eq!(messages(life).len(), 1);
    }
    at_once.look(
        &program,
        &[("Signed Up", happened(MONDAY + 1))],
        Moment(MONDAY + 1),
    );
    assert_eq!(messages(&at_once).len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_effect_has_the_number_of_another(one in any_journey(), arrivals in arrivals()) {
        let program = Program::of(vec![one], vec![ordered_within("recent", "4 days")]);
        let life = live(&program, &arrivals, &[]);
        let mut numbers: Vec<(Moment, u32)> =
            life.effects.iter().map(|(_, e)| (e.entered_at, e.number)).collect();
        let all = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        prop_assert_eq!(numbers.len(), all);
    }

    #[test]
    fn looking_more_often_changes_nothing(
        one in any_journey(), arrivals in arrivals(), idle in prop::collection::vec(0..40 * DAY_MS, 0..20),
    ) {
        let program = Program::of(vec![one], vec![ordered_within("recent", "4 days")]);
        let idle: Vec<i64> = idle.into_iter().map(|ms| MONDAY + ms).collect();
        let one = live(&program, &arrivals, &[]);
        let other = live(&program, &arrivals, &idle);
        prop_assert_eq!(one.effects, other.effects);
    }

    #[test]
    fn whoever_enters_leaves_once_or_is_still_in(one in any_journey(), arrivals in arrivals()) {
        let program = Program::of(vec![one], vec![ordered_within("recent", "4 days")]);
        let life = live(&program, &arrivals, &[]);
        let count = |is: fn(&Effect) -> bool| life.effects.iter().filter(|(_, e)| is(e)).count();
        let entered = count(|e| matches!(e.what, Happens::Entered { .. }));
        let left = count(|e| matches!(e.what, Happens::Left(_)));
        prop_assert_eq!(entered, left + life.runs.present.len());
        prop_assert!(life.runs.present.len() <= 1, "one run at a time without a key");
    }

    #[test]
    fn nothing_but_leaving_comes_after_a_no(
        one in any_journey(), arrivals in arrivals(), no in 0..20 * DAY_MS,
    ) {
        let program = Program::of(vec![one], vec![ordered_within("recent", "4 days")]);
        let no = MONDAY + no;
        let before: Vec<_> = arrivals.iter().copied().filter(|(at, _)| *at < no).collect();
        let mut life = live_until(&program, &before, no);
        let had = life.effects.len();
        life.permitted = PurposeSet::default();
        for (at, event) in arrivals.iter().filter(|(at, _)| *at >= no) {
            life.live(&program, Moment(*at));
            life.look(&program, &[(*event, happened(*at))], Moment(*at));
        }
        life.live(&program, Moment(MONDAY + 40 * DAY_MS));
        for (_, effect) in &life.effects[had..] {
            let harmless = matches!(effect.what, Happens::Left(_) | Happens::Goal { .. });
            prop_assert!(harmless, "{:?}", effect);
        }
        prop_assert!(life.runs.present.is_empty() || life.due == Moment(i64::MAX) || life.due.0 > no);
    }
}

fn live_until(program: &Program, arrivals: &[(i64, &'static str)], until: i64) -> Life {
    let mut life = Life::new();
    life.look(program, &[], Moment(MONDAY - 1));
    for (at, event) in arrivals {
        life.live(program, Moment(at - 1));
        life.look(program, &[(event, happened(*at))], Moment(*at));
    }
    life.live(program, Moment(until - 1));
    life
}
