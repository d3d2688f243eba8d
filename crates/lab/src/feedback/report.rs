//! The report: tables, what was aimed at, and drawings.

use super::figures::{Figures, Round};
use super::plot::{Line as Drawn, lines};
use super::{Choices, Offer, Policy};
use crate::eval::Mean;
use recommend::{Openness, Rule};
use serde::Serialize;
use std::fmt::{self, Write as _};

/// What was simulated.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// Rounds.
    pub rounds: u32,
    /// Worlds.
    pub worlds: u64,
    /// People in each.
    pub people: usize,
    /// Items in each.
    pub items: usize,
    /// Every policy.
    pub lines: Vec<Line>,
    /// Whether what was aimed at is reached.
    pub verdicts: Vec<Verdict>,
}

/// One policy.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Line {
    /// Of which offer.
    pub offer: Offer,
    /// Its name.
    pub name: String,
    /// What was measured, in order.
    pub cells: Vec<Cell>,
    /// Each round, mean over worlds.
    pub by_round: Vec<Round>,
}

/// One figure.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Cell {
    /// What.
    pub name: &'static str,
    /// Over worlds.
    pub value: Mean,
}

/// A difference that was aimed at.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Verdict {
    /// Of which offer.
    pub offer: Offer,
    /// In words.
    pub aim: String,
    /// The difference, world by world; what was aimed at is that it be at least 0.
    pub difference: Mean,
}

impl Verdict {
    /// Whether it is reached.
    pub fn holds(&self) -> bool {
        self.difference.mean >= 0.0
    }
}

type Figure = (&'static str, fn(&Figures) -> f64);

/// First what it does to people, then what it does to the offer.
const PEOPLE: [Figure; 9] = [
    ("topics shown, first", |f| first(f.shown)),
    ("last", |f| last(f.shown)),
    ("topics clicked, first", |f| first(f.clicked)),
    ("last", |f| last(f.clicked)),
    ("from true mix, first", |f| first(f.distance)),
    ("last", |f| last(f.distance)),
    ("taste turned", |f| f.turned),
    ("clicks outside", |f| f.discovery),
    ("best found", |f| f.found),
];
const OFFER: [Figure; 7] = [
    ("in common, first", |f| first(f.overlap)),
    ("last", |f| last(f.overlap)),
    ("Gini", |f| f.gini),
    ("cover", |f| f.coverage),
    ("small items", |f| f.small),
    ("clicks", |f| f.clicks),
    ("serendipity", |f| f.serendipity),
];

fn first(pair: [f64; 2]) -> f64 {
    let [first, _] = pair;
    first
}

fn last(pair: [f64; 2]) -> f64 {
    let [_, last] = pair;
    last
}

impl Report {
    pub(super) fn of(
        done: Vec<(Offer, Policy, Figures)>,
        offers: &[Offer],
        choices: &Choices,
        people: usize,
        items: usize,
    ) -> Report {
        let of = |offer: Offer, policy: Policy| -> Vec<&Figures> {
            let here = done.iter().filter(|(o, p, _)| *o == offer && *p == policy);
            here.map(|(_, _, figures)| figures).collect()
        };
        let (mut lines, mut verdicts) = (Vec::new(), Vec::new());
        for offer in offers.iter().copied() {
            for policy in choices.policies(offer) {
                lines.push(line(offer, policy, &of(offer, policy), choices.rounds));
            }
            let plain = of(offer, Policy::Plain);
            let rules = match offer {
                Offer::Once => &[Rule::Mix][..],
                Offer::Again => &[Rule::Mix, Rule::Varied],
            };
            for rule in rules {
                let policy = Policy::Dial(*rule, Openness::Middle);
                let own = of(offer, policy);
                if own.is_empty() || plain.is_empty() {
                    continue;
                }
                let mut aim = |aim: &str, difference: &dyn Fn(&Figures, &Figures) -> f64| {
                    let each: Vec<f64> = own.iter().zip(&plain).map(|(a, b)| difference(a, b)).collect();
                    verdicts.push(Verdict {
                        offer,
                        aim: format!("{}: {aim}", policy.name()),
                        difference: mean(&each),
                    });
                };
                aim("topics shown, last round − first", &|own, _| {
                    last(own.shown) - first(own.shown)
                });
                aim("topics clicked, last quarter − first", &|own, _| {
                    last(own.clicked) - first(own.clicked)
                });
                aim("Gini of exposure, plain − own", &|own, plain| {
                    plain.gini - own.gini
                });
                aim("items shown to anybody, own − plain", &|own, plain| {
                    own.coverage - plain.coverage
                });
                aim("share of small items, own − plain", &|own, plain| {
                    own.small - plain.small
                });
            }
        }
        Report {
            rounds: choices.rounds,
            worlds: choices.worlds.max(1),
            people,
            items,
            lines,
            verdicts,
        }
    }

    /// The drawings, as names of files and SVG.
    pub fn drawings(&self) -> Vec<(String, String)> {
        let mut drawings = Vec::new();
        for (offer, short, words) in [
            (Offer::Once, "once", "what one has is not shown again"),
            (Offer::Again, "again", "anything may come again"),
        ] {
            let of = |value: fn(&Round) -> f64| -> Vec<Drawn> {
                let here = self.lines.iter().filter(|line| line.offer == offer);
                // Close is the plain list, and not drawn twice.
                let here = here.filter(|line| !line.name.contains("close"));
                here.map(|line| Drawn {
                    name: line.name.replace('`', ""),
                    values: line.by_round.iter().map(value).collect(),
                })
                .collect()
            };
            for (name, title, value) in [
                (
                    "topics",
                    "Effective topics in a list",
                    (|r| r.shown) as fn(&Round) -> f64,
                ),
                ("gini", "Gini of exposure so far", |r| r.gini),
            ] {
                let drawn = of(value);
                if !drawn.is_empty() {
                    let title = format!("{title}, by round: {words}");
                    drawings.push((format!("{name}-{short}.svg"), lines(&title, "round", &drawn)));
                }
            }
        }
        drawings
    }

    /// The figures of drawings as a table in Markdown, for those who do not see them.
    pub fn table_of_rounds(&self) -> String {
        let mut text = String::new();
        for (offer, words) in [(Offer::Once, "Without repeats"), (Offer::Again, "With repeats")] {
            let here: Vec<&Line> = self.lines.iter().filter(|line| line.offer == offer).collect();
            if here.is_empty() {
                continue;
            }
            let rounds: Vec<usize> = (0..self.rounds as usize)
                .filter(|round| round % 5 == 4 || *round == 0)
                .collect();
            let _ = write!(text, "### {words}\n\n| topics in a list (Gini so far), round |");
            for round in &rounds {
                let _ = write!(text, " {} |", round + 1);
            }
            let _ = write!(text, "\n|---|{}\n", "---|".repeat(rounds.len()));
            for line in here {
                let _ = write!(text, "| {} |", line.name);
                for round in &rounds {
                    let at = line.by_round.get(*round).copied().unwrap_or_default();
                    let _ = write!(text, " {:.2} ({:.3}) |", at.shown, at.gini);
                }
                text.push('\n');
            }
            text.push('\n');
        }
        text
    }
}

fn line(offer: Offer, policy: Policy, worlds: &[&Figures], rounds: u32) -> Line {
    let cells = PEOPLE.iter().chain(&OFFER).map(|(name, figure)| Cell {
        name,
        value: mean(&worlds.iter().map(|figures| figure(figures)).collect::<Vec<_>>()),
    });
    let by_round = (0..rounds as usize).map(|round| {
        let of = |value: fn(&Round) -> f64| {
            let each = worlds
                .iter()
                .filter_map(|figures| figures.rounds.get(round))
                .map(value);
            each.sum::<f64>() / worlds.len().max(1) as f64
        };
        Round {
            shown: of(|r| r.shown),
            gini: of(|r| r.gini),
        }
    });
    Line {
        offer,
        name: policy.name(),
        cells: cells.collect(),
        by_round: by_round.collect(),
    }
}

/// The mean and its standard error, from the spread of a sample.
fn mean(each: &[f64]) -> Mean {
    let n = each.len().max(1) as f64;
    let mean = each.iter().sum::<f64>() / n;
    let squares: f64 = each.iter().map(|x| (x - mean).powi(2)).sum();
    Mean {
        mean,
        error: match each.len() {
            0 | 1 => 0.0,
            _ => (squares / (n - 1.0) / n).sqrt(),
        },
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            rounds,
            worlds,
            people,
            items,
            ..
        } = self;
        writeln!(
            f,
            "{worlds} worlds of {people} people and {items} items, {rounds} rounds; ± is the standard error over worlds"
        )?;
        for (offer, words) in [
            (Offer::Once, "what one has is not shown again"),
            (Offer::Again, "anything may come again"),
        ] {
            let here: Vec<&Line> = self.lines.iter().filter(|line| line.offer == offer).collect();
            if here.is_empty() {
                continue;
            }
            for (title, from, number) in [
                ("what it does to people", 0, PEOPLE.len()),
                ("what it does to the offer", PEOPLE.len(), OFFER.len()),
            ] {
                writeln!(f, "\n{words}: {title}")?;
                write!(f, "  {:<18}", "")?;
                let names = PEOPLE.iter().chain(&OFFER).skip(from).take(number);
                for (name, _) in names {
                    write!(f, " {name:>21}")?;
                }
                writeln!(f)?;
                for line in &here {
                    write!(f, "  {:<18}", line.name)?;
                    for cell in line.cells.iter().skip(from).take(number) {
                        write!(f, " {:>12.3} ± {:.4}", cell.value.mean, cell.value.error)?;
                    }
                    writeln!(f)?;
                }
            }
            writeln!(f, "\n{words}: what was aimed at (at least 0)")?;
            for verdict in self.verdicts.iter().filter(|verdict| verdict.offer == offer) {
                let Mean { mean, error } = verdict.difference;
                let word = if verdict.holds() { "holds" } else { "missed" };
                writeln!(f, "  {:<58} {mean:>8.4} ± {error:.4}  {word}", verdict.aim)?;
            }
        }
        Ok(())
    }
}
