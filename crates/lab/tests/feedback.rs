//! What lists do round after round: small seeded worlds, from the shop that ships with the program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use lab::feedback::{Choices, Error, Offer, Policy, Report, run};
use lab::interactions::shipped;
use recommend::{Openness, Rule};

const MIDDLE: Policy = Policy::Dial(Rule::Mix, Openness::Middle);
const VARIED: Policy = Policy::Dial(Rule::Varied, Openness::Middle);

fn small(only: &[Policy]) -> Choices {
    Choices {
        people: 200,
        items: 300,
        worlds: 2,
        only: only.to_vec(),
        ..Choices::default()
    }
}

fn value(report: &Report, policy: Policy, cell: &str, last: bool) -> f64 {
    let line = report.lines.iter().find(|one| one.name == policy.name()).unwrap();
    let at = line.cells.iter().position(|one| one.name == cell).unwrap();
    line.cells[at + usize::from(last)].value.mean
}

fn difference(report: &Report, policy: Policy, aim: &str) -> f64 {
    let of = |aim_of: &str| aim_of.starts_with(&format!("{}:", policy.name())) && aim_of.contains(aim);
    report
        .verdicts
        .iter()
        .find(|one| of(&one.aim))
        .unwrap()
        .difference
        .mean
}

/// Where anything may come again the plain list narrows; the middle of the dial does not, by either rule.
#[test]
fn with_repeats_the_plain_list_narrows_and_the_middle_of_the_dial_does_not() {
    let (data, topics) = shipped().unwrap();
    let choices = small(&[Policy::Plain, MIDDLE, VARIED]);
    let report = run(&data, Some(&topics), &[Offer::Again], &choices).unwrap();
    println!("{report}");
    let plain = |last| value(&report, Policy::Plain, "topics shown, first", last);
    assert!(
        plain(true) < 0.95 * plain(false),
        "the simulation shows what is to be mended"
    );
    for policy in [MIDDLE, VARIED] {
        assert!(
            difference(&report, policy, "topics shown") >= 0.0,
            "{}",
            policy.name()
        );
        let own = |last| value(&report, policy, "from true mix, first", last);
        let far = value(&report, Policy::Plain, "from true mix, first", true);
        assert!(
            own(true) < 0.8 * far,
            "{}: nearer to what people truly liked",
            policy.name()
        );
    }
    assert!(difference(&report, MIDDLE, "Gini") > 0.0);
    assert!(difference(&report, MIDDLE, "anybody") > 0.0);
    assert!(difference(&report, MIDDLE, "small items") > 0.0);
    // Where variety itself is the goal what is clicked does not narrow either.
    assert!(difference(&report, VARIED, "topics clicked") >= 0.0);
}

/// Where nothing comes twice: wider, fairer to items, and for hardly a click.
#[test]
fn without_repeats_the_middle_of_the_dial_is_wider_and_fairer_for_hardly_a_click() {
    let (data, topics) = shipped().unwrap();
    let choices = small(&[Policy::Random, Policy::Plain, MIDDLE, Policy::Oracle]);
    let report = run(&data, Some(&topics), &[Offer::Once], &choices).unwrap();
    println!("{report}");
    assert!(difference(&report, MIDDLE, "topics shown") >= 0.0);
    assert!(difference(&report, MIDDLE, "Gini") > 0.0);
    assert!(difference(&report, MIDDLE, "anybody") >= 0.0);
    assert!(difference(&report, MIDDLE, "small items") > 0.0);
    let clicks = |policy| value(&report, policy, "clicks", false);
    assert!(clicks(MIDDLE) >= 0.95 * clicks(Policy::Plain));
    // What knows nothing and what knows all stand on either side.
    assert!(clicks(Policy::Random) < 0.6 * clicks(Policy::Plain));
    assert!(clicks(Policy::Oracle) > 1.2 * clicks(Policy::Plain));
}

/// The same seed, the same figures, whatever the threads; and close is the plain list.
#[test]
fn the_same_seed_gives_the_same_figures_and_close_is_plain() {
    let (data, topics) = shipped().unwrap();
    let close = Policy::Dial(Rule::Mix, Openness::Close);
    let choices = Choices {
        rounds: 3,
        people: 60,
        items: 80,
        worlds: 2,
        only: vec![Policy::Plain, close, MIDDLE],
        ..Choices::default()
    };
    let offers = [Offer::Once, Offer::Again];
    let report = run(&data, Some(&topics), &offers, &choices).unwrap();
    assert_eq!(report, run(&data, Some(&topics), &offers, &choices).unwrap());
    let cells = |policy: Policy| {
        &report
            .lines
            .iter()
            .find(|one| one.name == policy.name())
            .unwrap()
            .cells
    };
    assert_eq!(cells(Policy::Plain), cells(close));
    assert_ne!(cells(Policy::Plain), cells(MIDDLE));
    let other = Choices { seed: 8, ..choices };
    assert_ne!(report, run(&data, Some(&topics), &offers, &other).unwrap());

    // Drawings: a name for every line, and the same as a table.
    let drawings = report.drawings();
    assert_eq!(drawings.len(), 4);
    for (name, svg) in &drawings {
        assert!(
            name.ends_with(".svg") && svg.contains("<title>") && svg.ends_with("</svg>\n"),
            "{name}"
        );
        assert_eq!(svg.matches("<polyline").count(), 2, "close is not drawn twice");
        assert!(svg.contains(">dial middle<") && svg.contains(">plain ranking<"));
    }
    let table = report.table_of_rounds();
    assert!(table.contains("| dial `middle` |") && table.contains("### With repeats"));
}

/// Topics that nobody named are found; too few people are refused in words.
#[test]
fn topics_are_found_where_none_are_given_and_too_few_people_are_refused() {
    let (mut data, topics) = shipped().unwrap();
    let choices = Choices {
        rounds: 2,
        people: 60,
        items: 80,
        worlds: 1,
        only: vec![MIDDLE],
        ..Choices::default()
    };
    let report = run(&data, None, &[Offer::Once], &choices).unwrap();
    assert!(value(&report, MIDDLE, "topics shown, first", true) > 2.0);
    data.people.truncate(20);
    let refused = run(&data, Some(&topics), &[Offer::Once], &choices);
    assert!(matches!(refused, Err(Error::TooFew { .. })));
}
