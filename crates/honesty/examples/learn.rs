//! Learns the weights of `lexicon/weights_*.txt` from the development corpora, the same each time; with `check` it
//! learns from four fifths of them and tells how the rest is weighed, five times over, and writes nothing.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    missing_docs,
    dead_code,
    reason = "it is for the desk of whoever tunes"
)]

#[path = "../tests/figures/corpus.rs"]
mod corpus;

use corpus::Set;
use honesty::{Rule, weigh};
use std::collections::{BTreeMap, HashMap};
use vocabulary::Language;

/// Rules that are weighed; the others are a matter of form.
const WEIGHED: [Rule; 16] = [
    Rule::Urgency,
    Rule::Scarcity,
    Rule::SocialProof,
    Rule::Discount,
    Rule::Testimonial,
    Rule::PersonalCountdown,
    Rule::Confirmshaming,
    Rule::Guilt,
    Rule::HiddenChoice,
    Rule::ForcedAction,
    Rule::Preticked,
    Rule::FakeNotice,
    Rule::DisguisedAd,
    Rule::FalseFree,
    Rule::FalsePrize,
    Rule::Children,
];
const ROUNDS: usize = 30;
/// What keeps weights small.
const DECAY: f64 = 0.0025;
/// What weighs less is left out.
const LIGHTEST: f64 = 0.2;
/// A mark must stand in so many messages.
const FEWEST: usize = 3;

/// A message as its windows, each a list of marks.
struct Message {
    label: Option<Rule>,
    /// Claims of an honest message that rest on a fact: its words are no example against them.
    bound: Vec<Rule>,
    windows: Vec<Vec<usize>>,
    fold: usize,
    line: String,
    /// Written last, before any rule was run on it.
    broad: bool,
    /// Rules that a pattern finds.
    patterns: Vec<&'static str>,
}

fn main() {
    let check = std::env::args().nth(1).as_deref() == Some("check");
    for (language, name) in [(Language::Fr, "fr"), (Language::En, "en")] {
        let (messages, names) = read(language);
        if check {
            validate(name, &messages, names.len());
        } else {
            let all: Vec<&Message> = messages.iter().collect();
            let text = written(&learn(&all, names.len()), &names);
            let path = format!("{}/src/lexicon/weights_{name}.txt", env!("CARGO_MANIFEST_DIR"));
            match std::fs::write(&path, text) {
                Ok(()) => println!("`{path}` is written"),
                Err(error) => println!("`{path}`: {error}"),
            }
        }
    }
}

/// The development messages, and the names of the marks.
fn read(language: Language) -> (Vec<Message>, Vec<String>) {
    let mut raw = Vec::new();
    for (set, broad) in [(Set::Development, false), (Set::Broad, true)] {
        let (honest, dark) = corpus::texts(language, set);
        for (text, is_dark) in [(honest, false), (dark, true)] {
            for sample in corpus::samples(text) {
                let label = is_dark
                    .then(|| sample.label.split(' ').next().and_then(Rule::of))
                    .flatten();
                if is_dark && !label.is_some_and(|rule| WEIGHED.contains(&rule)) {
                    continue;
                }
                let text = corpus::text(language, &sample);
                let bound: Vec<Rule> = text
                    .bound
                    .iter()
                    .filter_map(|bound| Rule::of(bound.kind.name()))
                    .collect();
                let windows = weigh::windows(&text);
                let patterns = honesty::by_patterns(&text)
                    .into_iter()
                    .map(|finding| finding.rule.id())
                    .collect();
                raw.push((
                    label,
                    bound,
                    windows,
                    format!("{} / {}", sample.subject, sample.body.trim()),
                    broad,
                    patterns,
                ));
            }
        }
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (_, _, windows, ..) in &raw {
        let marks: std::collections::BTreeSet<&str> = windows
            .iter()
            .flat_map(|window| window.iter().map(String::as_str))
            .collect();
        for mark in marks {
            *seen.entry(mark.to_owned()).or_default() += 1;
        }
    }
    let names: Vec<String> = std::iter::once("bias".to_owned())
        .chain(
            seen.into_iter()
                .filter(|(_, count)| *count >= FEWEST)
                .map(|(name, _)| name),
        )
        .collect();
    let number: HashMap<&str, usize> = names
        .iter()
        .enumerate()
        .map(|(nth, name)| (name.as_str(), nth))
        .collect();
    let messages = raw
        .into_iter()
        .enumerate()
        .map(|(nth, (label, bound, windows, line, broad, patterns))| Message {
            label,
            bound,
            windows: windows
                .iter()
                .map(|window| {
                    std::iter::once(0)
                        .chain(
                            window
                                .iter()
                                .filter_map(|mark| number.get(mark.as_str()).copied()),
                        )
                        .collect()
                })
                .collect(),
            fold: nth % 5,
            line,
            broad,
            patterns,
        })
        .collect();
    (messages, names)
}

/// Logistic regression of each rule, of its windows against all others; AdaGrad in the order of the corpus. Of a dark
/// message the window counts that speaks for its rule most so far.
fn learn(messages: &[&Message], marks: usize) -> BTreeMap<Rule, Vec<f64>> {
    WEIGHED
        .iter()
        .map(|rule| {
            let mut weights = vec![0.0; marks];
            weights[0] = -3.0;
            let mut squares = vec![1.0; marks];
            let mut order: Vec<usize> = (0..messages.len()).collect();
            let mut state = 7_u64;
            for round in 0..ROUNDS {
                for nth in (1..order.len()).rev() {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    order.swap(nth, (state >> 33) as usize % (nth + 1));
                }
                for nth in &order {
                    let message = messages[*nth];
                    if message.label == Some(*rule) {
                        let best = if round < 3 {
                            None
                        } else {
                            best(&weights, &message.windows)
                        };
                        let count = message.windows.len() as f64;
                        for (at, window) in message.windows.iter().enumerate() {
                            match best {
                                None => step(&mut weights, &mut squares, window, 1.0, 4.0 / count),
                                Some(best) if best == at => {
                                    step(&mut weights, &mut squares, window, 1.0, 4.0)
                                }
                                Some(_) => {}
                            }
                        }
                    } else if !message.bound.contains(rule) {
                        // What else a dark message says is not always wrong to find in it.
                        let weight = if message.label.is_none() { 1.0 } else { 0.25 };
                        for window in &message.windows {
                            step(&mut weights, &mut squares, window, 0.0, weight);
                        }
                    }
                }
            }
            for weight in weights
                .iter_mut()
                .skip(1)
                .filter(|weight| weight.abs() < LIGHTEST)
            {
                *weight = 0.0;
            }
            (*rule, weights)
        })
        .collect()
}

fn sum(weights: &[f64], window: &[usize]) -> f64 {
    window.iter().map(|mark| weights[*mark]).sum()
}

fn best(weights: &[f64], windows: &[Vec<usize>]) -> Option<usize> {
    let sums: Vec<f64> = windows.iter().map(|window| sum(weights, window)).collect();
    (0..sums.len()).max_by(|one, other| sums[*one].total_cmp(&sums[*other]))
}

fn step(weights: &mut [f64], squares: &mut [f64], window: &[usize], wanted: f64, importance: f64) {
    let likely = 1.0 / (1.0 + (-sum(weights, window)).exp());
    let error = (likely - wanted) * importance;
    for mark in window {
        let gradient = error + if *mark == 0 { 0.0 } else { DECAY * weights[*mark] };
        squares[*mark] += gradient * gradient;
        weights[*mark] -= 0.1 * gradient / squares[*mark].sqrt();
    }
}

fn written(learned: &BTreeMap<Rule, Vec<f64>>, names: &[String]) -> String {
    let mut text = String::from(
        "# Learned by `cargo run -p honesty --example learn` from the development corpora; not written by hand.\n# In \
         hundredths: what each mark adds for the rule. `<name>` is of concepts_*.txt, `a+b` both in a sentence.\n",
    );
    for (rule, weights) in learned {
        text.push_str(&format!("[{}]\n", rule.id()));
        for (nth, weight) in weights.iter().enumerate() {
            let weight = (weight * 100.0).round() as i32;
            if weight != 0 || nth == 0 {
                text.push_str(&format!("{weight} {}\n", names[nth]));
            }
        }
    }
    text
}

/// Of messages that were not learned from: how the sums of dark and honest ones lie.
fn validate(name: &str, messages: &[Message], marks: usize) {
    let mut sums: Vec<(usize, BTreeMap<Rule, f64>)> = Vec::new();
    for fold in 0..5 {
        let kept: Vec<&Message> = messages.iter().filter(|message| message.fold != fold).collect();
        let learned = learn(&kept, marks);
        for (nth, message) in messages
            .iter()
            .enumerate()
            .filter(|(_, message)| message.fold == fold)
        {
            let of = |weights: &Vec<f64>| {
                message
                    .windows
                    .iter()
                    .map(|window| sum(weights, window))
                    .fold(f64::MIN, f64::max)
            };
            sums.push((
                nth,
                learned
                    .iter()
                    .map(|(rule, weights)| (*rule, of(weights)))
                    .collect(),
            ));
        }
    }
    for threshold in [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0] {
        let mut figures = [(0, 0); 6];
        for (nth, sums) in &sums {
            let message = &messages[*nth];
            let at = usize::from(message.broad);
            match message.label {
                Some(rule) => {
                    let hit = sums[&rule] > threshold;
                    figures[at].0 += usize::from(hit);
                    figures[at].1 += 1;
                    if message.broad {
                        figures[4].0 += usize::from(hit || message.patterns.contains(&rule.id()));
                        figures[4].1 += 1;
                    }
                }
                None => {
                    figures[2 + at].0 += usize::from(
                        sums.iter()
                            .any(|(rule, sum)| *sum > threshold && !message.bound.contains(rule)),
                    );
                    figures[2 + at].1 += 1;
                }
            }
        }
        let told: Vec<String> = figures
            .iter()
            .map(|(hit, all)| format!("{hit}/{all}={:.1}", 100.0 * *hit as f64 / (*all).max(1) as f64))
            .collect();
        println!(
            "{name} {threshold:>4}: dark old {} broad {}; honest old {} broad {}; with patterns broad {}",
            told[0], told[1], told[2], told[3], told[4]
        );
    }
    println!(
        "{name}: of those written last, with the patterns: stops where a pattern is found and the sum is over `low`, or the sum is over `high`"
    );
    for high in [0.5, 1.0, 1.5] {
        for low in [-9.0, -4.0, -3.0, -2.0, -1.5, -1.0] {
            let (mut dark, mut named, mut honest, mut of) = (0, 0, 0, (0, 0));
            for (nth, sums) in sums.iter().filter(|(nth, _)| messages[*nth].broad) {
                let message = &messages[*nth];
                let stops = |rule: &Rule| {
                    sums[rule] > high && !message.bound.contains(rule)
                        || message.patterns.contains(&rule.id()) && sums[rule] > low
                };
                match message.label {
                    Some(rule) => {
                        named += usize::from(stops(&rule));
                        dark += usize::from(WEIGHED.iter().any(stops));
                        of.0 += 1;
                    }
                    None => {
                        honest += usize::from(WEIGHED.iter().any(stops));
                        of.1 += 1;
                    }
                }
            }
            println!(
                "{name} high {high} low {low}: stopped as what it is {named}, stopped {dark} of {}; honest stopped {honest} of {}",
                of.0, of.1
            );
        }
    }
    if std::env::var_os("TELL").is_some() {
        for (nth, sums) in &sums {
            let message = &messages[*nth];
            let Some((rule, most)) = sums.iter().max_by(|one, other| one.1.total_cmp(other.1)) else {
                continue;
            };
            match message.label {
                None if WEIGHED.iter().any(|rule| {
                    !message.bound.contains(rule)
                        && (sums[rule] > 0.5 || sums[rule] > -3.0 && message.patterns.contains(&rule.id()))
                }) =>
                {
                    println!(
                        "STOPPED {most:.1} {} {:?} {}",
                        rule.id(),
                        message.patterns,
                        message.line
                    )
                }
                None if *most > -1.5 => println!("HONEST {most:.1} {} {}", rule.id(), message.line),
                Some(rule) if sums[&rule] < -0.5 => {
                    println!("DARK {:.1} {} {}", sums[&rule], rule.id(), message.line)
                }
                _ => {}
            }
        }
    }
}
