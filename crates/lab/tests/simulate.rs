//! People who live with a program: the same as on a server, the same each time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

use decide::automation::Automation;
use gate::Beside;
use gate::purposes::SegmentView;
use jiff::tz::TimeZone;
use lab::online_retail::shipped_catalogue;
use lab::simulate::{self, Became, Habits, Input, Life, Settings, Told, World};
use program::segment::Origin;
use program::{Files, Program};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;
use vocabulary::{Catalogue, DAY_MS, Moment, Occurrences, PurposeName, Touched};

/// 2026-09-15, so that clocks go back in Paris (25 October) and forward in Lord Howe (4 October) within 60 days.
const BEGINS: Moment = Moment(1_789_430_400_000);

fn demo() -> Program {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/program"));
    let mut files = Files::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    Program::read(files).unwrap()
}

/// A program of these journeys (name and YAML) with the demo's settings, dictionary, messages and segments.
fn with_journeys(journeys: &[(&str, &str)]) -> Program {
    let mut files = demo().files().clone();
    files.retain(|path, _| !path.starts_with("journeys/"));
    for (name, text) in journeys {
        files.insert(format!("journeys/{name}.yaml"), text.as_bytes().to_vec());
    }
    Program::read(files).unwrap()
}

fn settings(people: u64, days: u32, seed: u64, threads: usize) -> Settings {
    Settings {
        people,
        days,
        seed,
        begins: BEGINS,
        habits: Habits::default(),
        threads,
    }
}

fn run(program: &Program, settings: &Settings) -> simulate::Report {
    let catalogue = shipped_catalogue().unwrap();
    let world = World::new(program, &catalogue, BEGINS).unwrap();
    simulate::run(&world, settings, &[])
}

#[test]
fn the_same_seed_gives_the_same_bytes_whatever_the_number_of_threads() {
    let program = demo();
    let text =
        |seed, threads| serde_json::to_string(&run(&program, &settings(600, 40, seed, threads))).unwrap();
    let one = text(7, 1);
    for threads in [1, 2, 3, 8] {
        assert_eq!(one, text(7, threads), "{threads} threads");
    }
    assert_ne!(one, text(8, 1));
}

#[test]
fn whoever_entered_has_left_or_is_somewhere() {
    let program = demo();
    let report = run(&program, &settings(1_500, 90, 3, 2));
    for (name, journey) in &report.journeys {
        assert!(journey.entered > 0, "nobody entered {name}");
        assert_eq!(journey.entered, journey.ended() + journey.present(), "{name}");
        assert_eq!(
            journey.entered,
            journey.entered_by_day.iter().sum::<u64>(),
            "{name}"
        );
        let declared = program
            .journeys
            .values()
            .find(|one| one.name.as_str() == name)
            .unwrap();
        assert_eq!(
            journey.present_by_day.last().map(|present| *present as u64),
            Some(journey.present()),
            "{name}"
        );
        assert!(
            journey.present_by_day.iter().all(|present| *present >= 0),
            "{name}"
        );
        let within: Vec<u64> = journey.first_contact_within.values().copied().collect();
        assert!(
            within.is_sorted() && within.last() <= Some(&journey.contacted),
            "{name}: {within:?}"
        );
        // What flows into a step flows out of it, but for who stands there or left from there.
        let mut reached = vec![0i64; declared.steps.len()];
        reached[0] = (journey.entered - journey.held_out) as i64;
        for (from, step) in declared.steps.iter().enumerate() {
            for (way, next) in step.what.ways().into_iter().enumerate() {
                let count = journey.count(&program::drawing::way(&step.id, way)).unwrap() as i64;
                reached[from] -= count;
                if let Some(next) = next {
                    reached[next] += count;
                }
            }
        }
        let mut elsewhere = 0;
        for (step, stay) in declared.steps.iter().zip(&reached) {
            let stands = journey.at_end.get(&step.id).copied().unwrap_or_default() as i64;
            assert!(*stay >= stands, "{name} {}: {stay} stay, {stands} stand", step.id);
            elsewhere += stay - stands;
        }
        let from_anywhere: u64 = ["goal", "condition", "not_permitted", "withdrew_segment"]
            .iter()
            .filter_map(|reason| journey.left.get(*reason))
            .sum();
        assert!(elsewhere as u64 <= from_anywhere, "{name}");
        assert_eq!(journey.endless, 0, "{name}");
    }
    for (name, segment) in &report.segments {
        let last = *segment.by_day.last().unwrap();
        assert_eq!(
            last,
            segment.first + segment.entered as i64 - segment.left as i64,
            "{name}"
        );
        assert!(
            segment.by_day.iter().all(|size| (0..=1_500).contains(size)),
            "{name}"
        );
    }
    for (name, message) in &report.messages {
        let ended: u64 = message.ended.values().flat_map(|by| by.values()).sum();
        assert_eq!(message.wanted, message.sent + ended + message.waiting, "{name}");
        assert!(message.together <= message.sent, "{name}");
    }
    // What comes together disturbs once.
    let messages: u64 = report
        .messages
        .values()
        .map(|message| message.sent - message.together)
        .sum();
    let weeks: u64 = report
        .messages_in_a_week
        .iter()
        .map(|(count, weeks)| u64::from(*count) * weeks)
        .sum();
    assert_eq!(messages, weeks);
    assert_eq!(report.messages_in_a_week.values().sum::<u64>(), 1_500 * 13);
}

/// `EGARD_BLESS=1` writes it anew, after somebody has looked at the difference.
#[test]
fn the_demo_does_to_three_hundred_people_what_it_did() {
    let report = run(&demo(), &settings(300, 60, 20_261_122, 2));
    let found = serde_json::to_string_pretty(&report).unwrap() + "\n";
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/simulate.json"));
    if std::env::var_os("EGARD_BLESS").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), found);
}

#[test]
fn a_weekly_letter_comes_at_half_past_ten_before_and_after_the_clocks_change() {
    let program = demo();
    let catalogue = Catalogue::default();
    let world = World::new(&program, &catalogue, BEGINS).unwrap();
    let mut settings = settings(600, 60, 5, 1);
    settings.habits.agrees = 0.9;
    settings.habits.traits = 0.9;
    let (mut sent, mut zones) = (
        0,
        std::collections::BTreeMap::<String, std::collections::BTreeSet<i32>>::new(),
    );
    for number in 0..settings.people {
        let mut person = simulate::person(&world, &settings, number, None);
        let inputs = std::mem::take(&mut person.inputs);
        let mut life = Life::new(&world, person, BEGINS);
        life.live(inputs, BEGINS.plus(60 * DAY_MS), &mut |told| {
            let Told::Looked(looked) = told else {
                return;
            };
            for effect in looked
                .effects
                .iter()
                .filter(|one| one.step.as_deref() == Some("letter"))
            {
                let zone = &looked.person.zone;
                let here = jiff::Timestamp::from_millisecond(looked.now.0)
                    .unwrap()
                    .to_zoned(zone.clone());
                assert_eq!(here.weekday(), jiff::civil::Weekday::Thursday, "{effect:?}");
                assert_eq!((here.hour(), here.minute()), (10, 30), "{here}");
                let offsets = zones.entry(zone.iana_name().unwrap().to_owned()).or_default();
                offsets.insert(here.offset().seconds());
                sent += 1;
            }
        });
    }
    assert!(sent > 300);
    for zone in ["Europe/Paris", "Australia/Lord_Howe"] {
        assert_eq!(zones[zone].len(), 2, "clocks changed in {zone}");
    }
}

#[test]
fn a_loop_that_never_ends_is_told_and_not_lived_for_ever() {
    let program = with_journeys(&[(
        "round",
        "title: { fr: Rond, en: Round }\npurpose: market_by_email\nentry: { event: Newsletter Requested }\n\
         again: never\nsteps:\n  - id: hello\n    message: letter\n  - id: rest\n    wait: 1 hour\n    then: hello\n",
    )]);
    let report = run(&program, &settings(60, 60, 1, 2));
    let round = &report.journeys["round"];
    assert!(round.entered > 0);
    assert_eq!(round.entered, round.ended() + round.present());
    assert!(round.endless > 0);
    assert!(report.most_burdened.unwrap().messages > 100);
}

#[test]
fn terms_caps_and_quiet_hours_hold_in_every_life() {
    let mut files = demo().files().clone();
    let path = "program.yaml";
    let text = String::from_utf8(files[path].clone()).unwrap() + "\ncaps: { per_week: 2 }\n";
    files.insert(path.to_owned(), text.into_bytes());
    let program = Program::read(files).unwrap();
    let catalogue = Catalogue::default();
    let world = World::new(&program, &catalogue, BEGINS).unwrap();
    let mut settings = settings(800, 60, 9, 1);
    (
        settings.habits.agrees,
        settings.habits.terms,
        settings.habits.others,
    ) = (0.9, 0.8, 2.0);
    let quiet = program.settings.quiet_hours.unwrap();
    let mut held = std::collections::BTreeSet::new();
    let mut seen = 0;
    for number in 0..settings.people {
        let mut person = simulate::person(&world, &settings, number, None);
        let inputs = std::mem::take(&mut person.inputs);
        let contract = person.contract.clone();
        let mut left: Vec<Moment> = Vec::new();
        let mut life = Life::new(&world, person, BEGINS);
        life.live(inputs, BEGINS.plus(60 * DAY_MS), &mut |told| {
            let Told::Posted(posted) = told else {
                return;
            };
            match &posted.became {
                Became::Held(by) => drop(held.insert(by.policy.clone())),
                Became::Ended(_) => {}
                Became::Left { with } => {
                    let declared = &program.messages[posted.message];
                    if declared.purpose == PurposeName::Service {
                        return;
                    }
                    seen += 1;
                    assert!(posted.person.permitted.contains(declared.purpose));
                    assert!(posted.person.permitted.contains(PurposeName::Segment));
                    let at = jiff::Timestamp::from_millisecond(posted.now.0).unwrap();
                    let here = at.to_zoned(posted.person.zone.clone());
                    let minute =
                        u16::try_from(here.hour()).unwrap() * 60 + u16::try_from(here.minute()).unwrap();
                    let day = u8::try_from(here.weekday().to_monday_zero_offset()).unwrap();
                    assert!((quiet.to.0..quiet.from.0).contains(&minute), "{here}");
                    assert!(contract.hours.is_none_or(|hours| hours.hold(minute)), "{here}");
                    assert!(contract.days.is_none_or(|days| days.hold(day)), "{here}");
                    assert!(contract.paused_until.is_none_or(|until| posted.now >= until));
                    if !with {
                        left.push(posted.now);
                    }
                }
            }
        });
        let most = usize::from(contract.per_week.unwrap_or(2).min(2));
        for from in &left {
            let within = left
                .iter()
                .filter(|at| (0..7 * DAY_MS).contains(&at.since(*from)));
            assert!(within.count() <= most, "{left:?}");
        }
    }
    assert!(seen > 1_000, "{seen}");
    for policy in [
        "contract/days",
        "contract/hours",
        "contract/pause",
        "contract/per-week",
        "contract/rhythm",
        "program/caps/per-week",
        "program/quiet-hours",
    ] {
        assert!(held.contains(policy), "{policy} held nothing back: {held:?}");
    }
}

/// What a server would say of the same life: its own code, on a whole view each time.
fn on_a_server(world: &World<'_>, person: &simulate::Person, inputs: &[Input], ends: Moment) -> Vec<String> {
    let automation = Automation {
        plan: decide::segments::Plan::new(
            &world.program.segments.values().cloned().collect::<Vec<_>>(),
            world.program.digest(),
            395,
        )
        .unwrap(),
        journeys: decide::journeys::Journeys::new(world.journeys.iter().cloned()),
        catalogue: Arc::new(world.catalogue.clone()),
        zone: person.zone.clone(),
        messages: std::collections::BTreeMap::new(),
    };
    let mut view = SegmentView {
        touched: Vec::new(),
        traits: person
            .traits
            .iter()
            .map(|known| {
                (
                    known.name.clone(),
                    known.value.clone(),
                    known.origin == Origin::Observed,
                )
            })
            .collect(),
        occurred: Vec::new(),
        consents: Vec::new(),
        state: Vec::new(),
        looked_at: 0,
    };
    let (mut permitted, mut number, mut told) = (person.permitted, 0u64, Vec::new());
    let mut waiting = inputs.iter().peekable();
    let mut now = BEGINS;
    let mut baseline = true;
    while let Some(input) = waiting.next_if(|input| input.at() < BEGINS) {
        arrive(world, &mut view, &mut permitted, &mut number, input);
    }
    loop {
        let mut due = None;
        if permitted.contains(PurposeName::Segment) {
            view.consents = PurposeName::ASKED
                .into_iter()
                .filter(|purpose| permitted.contains(*purpose))
                .map(|purpose| (purpose, Moment(i64::MAX)))
                .collect();
            let beside = Beside {
                silent: false,
                permitted,
                seed: person.seed,
                now,
            };
            let reacted = automation.look(&view, &beside, baseline);
            view.state = reacted.state;
            view.looked_at = number;
            due = reacted.due;
            told.extend(reacted.told);
            for (_, name, value) in &reacted.set {
                view.traits.retain(|(known, _, _)| known != name);
                view.traits
                    .extend(value.clone().map(|value| (name.clone(), value, true)));
                due = Some(now);
            }
        } else {
            view.state.clear();
            view.occurred.clear();
            view.touched.clear();
            view.traits.retain(|(_, _, observed)| !observed);
        }
        baseline = false;
        let next = waiting.peek().map(|input| input.at()).filter(|at| *at < ends);
        match (next, due) {
            (next, Some(due)) if due < next.unwrap_or(ends) => now = due.max(now),
            (Some(at), _) => {
                now = at;
                let input = waiting.next().unwrap();
                arrive(world, &mut view, &mut permitted, &mut number, input);
            }
            (None, _) => return told,
        }
    }
}

fn arrive(
    world: &World<'_>,
    view: &mut SegmentView,
    permitted: &mut vocabulary::PurposeSet,
    number: &mut u64,
    input: &Input,
) {
    match input {
        Input::Choice {
            purpose, given: true, ..
        } => *permitted = permitted.with(*purpose),
        Input::Choice {
            purpose,
            given: false,
            ..
        } => *permitted = permitted.without(*purpose),
        Input::Event {
            event,
            happened,
            did,
            items,
        } => {
            let declared = &world.program.dictionary.events[event];
            if !permitted.contains(PurposeName::Segment) || !declared.purposes.contains(PurposeName::Segment)
            {
                return;
            }
            *number += 1;
            let mut happened = happened.clone();
            happened.number = *number;
            for item in items {
                let place = view
                    .touched
                    .iter()
                    .position(|one| one.item == *item)
                    .unwrap_or_else(|| {
                        view.touched.push(Touched {
                            item: item.clone(),
                            viewed_at: None,
                            added_at: None,
                            bought_at: None,
                        });
                        view.touched.len() - 1
                    });
                let at = Some(happened.at);
                let touched = &mut view.touched[place];
                match did.unwrap() {
                    program::segment::Did::Viewed => touched.viewed_at = at,
                    program::segment::Did::Added => touched.added_at = at,
                    program::segment::Did::Bought => touched.bought_at = at,
                }
            }
            match view.occurred.iter_mut().find(|known| known.event == *event) {
                Some(known) => known.each.push(happened),
                None => view.occurred.push(Occurrences {
                    event: event.clone(),
                    each: vec![happened],
                }),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_simulated_life_is_that_of_a_server(seed in any::<u64>(), number in 0..1_000_000u64) {
        let program = demo();
        let catalogue = shipped_catalogue().unwrap();
        let world = World::new(&program, &catalogue, BEGINS).unwrap();
        let mut settings = settings(1, 120, seed, 1);
        // Busy enough for everything to happen, not so busy that old occurrences make room.
        settings.habits.agrees = 0.9;
        settings.habits.withdraws = 0.3;
        settings.habits.others = 1.0;
        let ends = BEGINS.plus(120 * DAY_MS);
        let mut person = simulate::person(&world, &settings, number, None);
        let inputs = std::mem::take(&mut person.inputs);
        prop_assume!(inputs.len() < 250);
        let server = on_a_server(&world, &person, &inputs, ends);
        let mut told = Vec::new();
        Life::new(&world, person, BEGINS).live(inputs, ends, &mut |what| {
            let Told::Looked(looked) = what else {
                return;
            };
            for effect in looked.effects {
                told.push((looked.now.0, effect.journey.to_string(), effect.number, effect.step.clone(), code(effect)));
            }
        });
        let mut there = Vec::new();
        for text in &server {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            for effect in json["effects"].as_array().unwrap() {
                there.push((
                    json["at"].as_i64().unwrap(),
                    effect["journey"].as_str().unwrap().to_owned(),
                    u32::try_from(effect["number"].as_u64().unwrap()).unwrap(),
                    effect["step"].as_str().map(str::to_owned),
                    effect["what"].as_str().unwrap().to_owned(),
                ));
            }
        }
        prop_assert_eq!(told, there);
    }
}

fn code(effect: &decide::journeys::Effect) -> String {
    use decide::journeys::Happens;
    match effect.what {
        Happens::Entered { .. } => "entered",
        Happens::Arm { .. } => "arm",
        Happens::Message(_) => "message",
        Happens::Task { .. } => "task",
        Happens::Update { .. } => "update",
        Happens::Webhook(_) => "webhook",
        Happens::Goal { .. } => "goal",
        Happens::Left(_) => "left",
    }
    .to_owned()
}

#[test]
fn zones_of_people_are_real() {
    let program = demo();
    let catalogue = Catalogue::default();
    let world = World::new(&program, &catalogue, BEGINS).unwrap();
    let settings = settings(200, 1, 1, 1);
    let zones: std::collections::BTreeSet<String> = (0..200)
        .map(|number| simulate::person(&world, &settings, number, None).zone)
        .map(|zone: TimeZone| zone.iana_name().unwrap().to_owned())
        .collect();
    assert_eq!(zones.len(), 7, "{zones:?}");
}
