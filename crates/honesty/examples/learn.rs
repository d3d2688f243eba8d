//! Learns the weights of `lexicon/weights_*.txt` from the development corpora, the same each time; with `check` it
//! learns from all but one of the parts that were written at different times and tells how that one is weighed, in
//! turn, and writes nothing. For a build with `--release`.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    missing_docs,
    dead_code,
    reason = "it is for the desk of whoever tunes"
)]

#[path = "../tests/figures/corpus.rs"]
mod corpus;

use corpus::Set;
use honesty::{Rule, weigh};
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
/// How much a message counts against small weights: for one rule, and for all together.
const OWN: f64 = 0.2;
const POOLED: f64 = 0.5;
/// How much more a dark message counts than each window of an honest one, of which there are many.
const DARK: f64 = 4.0;
/// How much a window of a message that is dark by another rule counts: what else it says is not always wrong to find.
const OTHER: f64 = 0.25;
/// The window of a dark message that is meant is guessed so often.
const ROUNDS: usize = 3;
/// Passes over all weights.
const PASSES: usize = 40;
/// The weight of nothing is kept small, too, as if it stood so often.
const BIAS: f64 = 3.0;
/// What weighs less is left out.
const LIGHTEST: f64 = 0.05;
/// A mark must stand in so many messages.
const FEWEST: usize = 2;

/// A message as its windows.
struct Message {
    label: Option<Rule>,
    /// Claims of an honest message that rest on a fact: its words are no example against them.
    bound: Vec<Rule>,
    windows: Vec<Window>,
    set: Set,
    line: String,
    /// Rules that a pattern finds.
    patterns: Vec<Rule>,
}

struct Window {
    choice: bool,
    marks: Vec<usize>,
}

/// The first is of nothing, the others of marks.
type Weights = Vec<f64>;

struct Learned {
    any: Weights,
    rules: BTreeMap<Rule, Weights>,
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
    let mut raw: Vec<(Message, Vec<weigh::Marks>)> = Vec::new();
    for set in [Set::Development, Set::Broad, Set::Wide] {
        let (honest, dark) = corpus::texts(language, set);
        for (text, is_dark) in [(honest, false), (dark, true)] {
            for sample in corpus::samples(text) {
                let label = sample.label.split(' ').next().and_then(Rule::of);
                let label = label.filter(|_| is_dark);
                if is_dark && !label.is_some_and(|rule| WEIGHED.contains(&rule)) {
                    continue;
                }
                let text = corpus::text(language, &sample);
                let bound = text.bound.iter();
                let found = honesty::by_patterns(&text);
                let message = Message {
                    label,
                    bound: bound.filter_map(|bound| Rule::of(bound.kind.name())).collect(),
                    windows: Vec::new(),
                    set,
                    line: format!("{} / {}", sample.subject, sample.body.trim().replace('\n', " ")),
                    patterns: found.iter().map(|finding| finding.rule).collect(),
                };
                raw.push((message, weigh::windows(&text)));
            }
        }
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, windows) in &raw {
        let marks: BTreeSet<&str> = windows
            .iter()
            .flat_map(|window| window.marks.iter().map(String::as_str))
            .collect();
        for mark in marks {
            *seen.entry(mark).or_default() += 1;
        }
    }
    let often = seen.into_iter().filter(|(_, count)| *count >= FEWEST);
    let names: Vec<String> = std::iter::once("bias")
        .chain(often.map(|(name, _)| name))
        .map(str::to_owned)
        .collect();
    let number: HashMap<&str, usize> = names
        .iter()
        .enumerate()
        .map(|(nth, name)| (name.as_str(), nth))
        .collect();
    let messages = raw.iter_mut().map(|(message, windows)| {
        let windows = windows.iter().map(|window| Window {
            choice: window.choice,
            marks: window
                .marks
                .iter()
                .filter_map(|mark| number.get(mark.as_str()).copied())
                .collect(),
        });
        Message {
            windows: windows.collect(),
            line: std::mem::take(&mut message.line),
            bound: std::mem::take(&mut message.bound),
            patterns: std::mem::take(&mut message.patterns),
            ..*message
        }
    });
    let messages = messages.collect();
    (messages, names)
}

/// Of each rule its windows against all others, and of all rules together against honest ones; both are added.
fn learn(messages: &[&Message], marks: usize) -> Learned {
    let one = |rule: Option<Rule>| {
        // To agree shames nobody, and nothing else is a matter of what a choice says.
        let fits = |window: &&Window| rule.is_none_or(|rule| window.choice == (rule == Rule::Confirmshaming));
        let mut dark: Vec<Vec<&Window>> = Vec::new();
        let mut against: Vec<(&Window, f64)> = Vec::new();
        for message in messages {
            let windows = &message.windows;
            if message.label.is_some() && (rule.is_none() || message.label == rule) {
                let fitting: Vec<&Window> = windows.iter().filter(fits).collect();
                dark.push(if fitting.is_empty() {
                    windows.iter().collect()
                } else {
                    fitting
                });
            } else if rule.map_or(message.bound.is_empty(), |rule| !message.bound.contains(&rule)) {
                let weight = if message.label.is_none() { 1.0 } else { OTHER };
                against.extend(windows.iter().map(|window| (window, weight)));
            }
        }
        let (weight, cost) = if rule.is_some() {
            (DARK, OWN)
        } else {
            (1.0, POOLED)
        };
        let mut weights: Option<Weights> = None;
        for _ in 0..ROUNDS {
            let mut rows: Vec<(&Window, f64, f64)> = Vec::new();
            for windows in &dark {
                match &weights {
                    None => {
                        let each = weight / windows.len().max(1) as f64;
                        rows.extend(windows.iter().map(|window| (*window, each, 1.0)));
                    }
                    Some(weights) => {
                        let most = windows
                            .iter()
                            .max_by(|one, other| sum(weights, one).total_cmp(&sum(weights, other)));
                        rows.extend(most.map(|window| (*window, weight, 1.0)));
                    }
                }
            }
            rows.extend(against.iter().map(|(window, weight)| (*window, *weight, 0.0)));
            weights = Some(fit(&rows, marks, cost));
        }
        let mut weights = weights.unwrap_or_else(|| vec![0.0; marks]);
        for weight in weights
            .iter_mut()
            .skip(1)
            .filter(|weight| weight.abs() < LIGHTEST)
        {
            *weight = 0.0;
        }
        weights
    };
    Learned {
        any: one(None),
        rules: WEIGHED.iter().map(|rule| (*rule, one(Some(*rule)))).collect(),
    }
}

/// Logistic regression with small weights: the sum of squares by two and `cost` times the loss, by descending along one
/// weight after the other, each by what the steepest curve of the loss allows, so that it never rises.
/// A row: its marks, how much it counts, what is wanted (0 or 1).
fn fit(rows: &[(&Window, f64, f64)], marks: usize, cost: f64) -> Weights {
    let mut standing: Vec<Vec<usize>> = vec![Vec::new(); marks];
    for (nth, (window, ..)) in rows.iter().enumerate() {
        for mark in &window.marks {
            standing[*mark].push(nth);
        }
    }
    standing[0] = (0..rows.len()).collect();
    let mut weights = vec![0.0; marks];
    let mut sums = vec![0.0_f64; rows.len()];
    for _ in 0..PASSES {
        for (mark, standing) in standing
            .iter()
            .enumerate()
            .filter(|(_, standing)| !standing.is_empty())
        {
            let shrink = if mark == 0 { 1.0 / (BIAS * BIAS) } else { 1.0 };
            let (mut slope, mut curve) = (shrink * weights[mark], shrink);
            for nth in standing {
                let (_, counts, wanted) = rows[*nth];
                let likely = 1.0 / (1.0 + (-sums[*nth]).exp());
                slope += cost * counts * (likely - wanted);
                curve += cost * counts * 0.25;
            }
            let step = -slope / curve;
            weights[mark] += step;
            for nth in standing {
                sums[*nth] += step;
            }
        }
    }
    weights
}

fn sum(weights: &[f64], window: &Window) -> f64 {
    weights[0] + window.marks.iter().map(|mark| weights[*mark]).sum::<f64>()
}

fn written(learned: &Learned, names: &[String]) -> String {
    let mut text = String::from(
        "# Learned by `cargo run --release -p honesty --example learn` from the development corpora; not written by \
         hand.\n# In hundredths: what each mark adds for the rule, `[any]` for every rule. `<name>` is of \
         concepts_*.txt.\n",
    );
    let rules = learned.rules.iter().map(|(rule, weights)| (rule.id(), weights));
    for (name, weights) in std::iter::once(("any", &learned.any)).chain(rules) {
        text.push_str(&format!("[{name}]\n"));
        for (nth, weight) in weights.iter().enumerate() {
            let weight = (weight * 100.0).round() as i32;
            if weight != 0 || nth == 0 {
                text.push_str(&format!("{weight} {}\n", names[nth]));
            }
        }
    }
    text
}

/// Of a message that was not learned from: the largest sum for each rule that may be found in it.
fn weighed(learned: &Learned, message: &Message) -> BTreeMap<Rule, f64> {
    let mut sums = BTreeMap::new();
    for (rule, weights) in learned
        .rules
        .iter()
        .filter(|(rule, _)| !message.bound.contains(rule))
    {
        let fits = |window: &&Window| window.choice == (*rule == Rule::Confirmshaming);
        let all = message.windows.iter().filter(fits);
        let most = all
            .map(|window| sum(weights, window) + sum(&learned.any, window))
            .reduce(f64::max);
        sums.extend(most.map(|most| (*rule, most)));
    }
    sums
}

/// How what was not learned from would be told and stopped.
fn validate(name: &str, messages: &[Message], marks: usize) {
    let mut sums: Vec<(&Message, BTreeMap<Rule, f64>)> = Vec::new();
    for set in [Set::Development, Set::Broad, Set::Wide] {
        let kept: Vec<&Message> = messages.iter().filter(|message| message.set != set).collect();
        let learned = learn(&kept, marks);
        let out = messages.iter().filter(|message| message.set == set);
        sums.extend(out.map(|message| (message, weighed(&learned, message))));
    }
    for set in [Set::Development, Set::Broad, Set::Wide] {
        let of = |dark: bool| {
            let all = sums
                .iter()
                .filter(move |(message, _)| message.set == set && message.label.is_some() == dark);
            all.collect::<Vec<_>>()
        };
        let (dark, honest) = (of(true), of(false));
        let share = |count: usize, all: usize| 100.0 * count as f64 / all.max(1) as f64;
        let is = |message: &Message, sums: &BTreeMap<Rule, f64>, rule: Rule, found: f64, alone: f64| {
            let sum = sums.get(&rule).copied().unwrap_or(-9.0);
            sum > alone || sum > found && message.patterns.contains(&rule) && !message.bound.contains(&rule)
        };
        let count = |all: &[&(&Message, BTreeMap<Rule, f64>)], found: f64, alone: f64| {
            let hit = |(message, sums): &&&(&Message, BTreeMap<Rule, f64>)| match message.label {
                Some(rule) => is(message, sums, rule, found, alone),
                None => WEIGHED.iter().any(|rule| is(message, sums, *rule, found, alone)),
            };
            share(all.iter().filter(hit).count(), all.len())
        };
        for alone in [-2.5, -2.0, -1.5, -1.0, -0.5] {
            let found = [f64::MIN, -5.0, -4.5, -4.0, -3.5, -3.0, -2.5, -2.0];
            let all = found.map(|found| {
                format!(
                    "{found:.1e}: {:.0}/{:.1}",
                    count(&dark, found, alone),
                    count(&honest, found, alone)
                )
            });
            println!(
                "{name} {set:?}: told over {alone:>4} alone, or by a pattern over {}",
                all.join(", ")
            );
        }
        for alone in [0.5, 1.0, 1.5, 2.0, 2.5, 3.0] {
            let found = [-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5];
            let all = found.map(|found| {
                format!(
                    "{found}: {:.0}/{:.1}",
                    count(&dark, found, alone),
                    count(&honest, found, alone)
                )
            });
            println!(
                "{name} {set:?}: stopped over {alone:>4} alone, or by a pattern over {}",
                all.join(", ")
            );
        }
    }
    if std::env::var_os("TELL").is_some() {
        for (message, sums) in &sums {
            let highest = sums.iter().max_by(|one, other| one.1.total_cmp(other.1));
            let Some((rule, most)) = highest else { continue };
            let patterns: Vec<&str> = message.patterns.iter().map(|rule| rule.id()).collect();
            let told = match message.label {
                None => {
                    (!patterns.is_empty() || *most > -1.0).then(|| format!("HONEST {most:.1} {}", rule.id()))
                }
                Some(label) => {
                    let sum = sums.get(&label).copied().unwrap_or(-9.0);
                    let known = patterns.contains(&label.id());
                    (!known || sum < 0.0).then(|| {
                        format!(
                            "DARK {sum:.1} {} known: {known}, highest {} {most:.1}",
                            label.id(),
                            rule.id()
                        )
                    })
                }
            };
            if let Some(told) = told {
                println!("{:?} {name} {told} {patterns:?} {}", message.set, message.line);
            }
        }
    }
}
