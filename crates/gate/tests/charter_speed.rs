//! What one decision costs. Prints figures and judges none: run it in release, by hand.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and this one is there to print"
)]

use gate::charter::{Charter, Question};
use std::time::{Duration, Instant};
use vocabulary::{AgeBracket, ConsentState, PurposeName};

#[test]
#[ignore = "a measurement: cargo test --release -p gate --test charter_speed -- --ignored --nocapture"]
fn cost_of_a_decision() {
    let from = Instant::now();
    let charter = Charter::built_in().unwrap();
    println!(
        "load                              {:>9.1} µs",
        micros(from.elapsed())
    );

    let usual = Question {
        consent: ConsentState::Given,
        identified: true,
        ..Question::plain(PurposeName::Personalise)
    };
    let refused = Question {
        consent: ConsentState::Refused,
        age: AgeBracket::Minor,
        ..usual
    };
    print("decide, personalise, yes", &mut || charter.decide(&usual).allowed);
    print("decide, personalise, no (2 rules)", &mut || {
        charter.decide(&refused).allowed
    });
    let every: Vec<Question> = charter.distinct().collect();
    let mut at = 0;
    print("decide, every question in turn", &mut || {
        at = (at + 7919) % every.len();
        charter.decide(&every[at]).allowed
    });
    print("answer, remembered", &mut || charter.answer(&usual).allowed);
    print("allowed, every purpose, remembered", &mut || {
        charter
            .allowed(&usual, |_| ConsentState::Given)
            .purposes
            .contains(PurposeName::Personalise)
    });
}

/// Prints the median and the 99th percentile of 20,000 samples, after 2,000 to warm up. A sample is the
/// mean of 10 calls, so that the clock does not count.
fn print(what: &str, call: &mut dyn FnMut() -> bool) {
    let mut sample = || {
        let from = Instant::now();
        for _ in 0..10 {
            std::hint::black_box(call());
        }
        micros(from.elapsed()) / 10.0
    };
    let warm_up: f64 = (0..200).map(|_| sample()).sum();
    assert!(warm_up > 0.0, "the clock runs");
    let mut samples: Vec<f64> = (0..2_000).map(|_| sample()).collect();
    samples.sort_by(f64::total_cmp);
    let (median, late) = (samples[samples.len() / 2], samples[samples.len() * 99 / 100]);
    println!("{what:<34}{median:>9.2} µs median {late:>9.2} µs p99");
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
