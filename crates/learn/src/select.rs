//! Which settings serve best: tried on people who are held back, one setting after the other, so that nobody
//! has to know what a ridge is.
//!
//! Deliberately does not know: who the people are, how their histories were split.

use crate::evaluate::{Case, Quality, measure, shipped};
use crate::{Counts, Error, Provenance, Settings, train};
use recommend::{Model, Parameters};
use std::fmt;

/// What was tried, and what serves best.
#[derive(Clone, PartialEq, Debug)]
pub struct Selection {
    /// The best.
    pub settings: Settings,
    /// Every trial, in order.
    pub trials: Vec<Trial>,
}

/// One trial.
#[derive(Clone, PartialEq, Debug)]
pub struct Trial {
    /// Which setting.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// How good the lists were.
    pub quality: Quality,
    /// Whether it was better than all before.
    pub better: bool,
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people = self.trials.first().map_or(0, |trial| trial.quality.people);
        writeln!(f, "settings, tried on {people} people who were held back")?;
        writeln!(f, "  {:<22} {:>10}  {:>8}", "", "", "NDCG@100")?;
        for trial in &self.trials {
            let mark = if trial.better { " *" } else { "" };
            writeln!(
                f,
                "  {:<22} {:>10}  {:>8.4} ± {:.4}{mark}",
                trial.name, trial.value, trial.quality.ndcg_100, trial.quality.ndcg_error
            )?;
        }
        Ok(())
    }
}

/// Ridges, as multiples of the mean diagonal.
const RIDGES: [f64; 8] = [0.09, 0.18, 0.35, 0.7, 1.4, 2.8, 5.6, 11.2];
/// What is thrown away at random in training, in the mean.
const DROPOUTS: [f64; 3] = [0.0, 0.33, 0.5];
/// How often the parameters are gone through.
const ROUNDS: usize = 4;

/// One parameter, how it is set, and what is tried.
type Knob = (&'static str, fn(&mut Parameters, f64), &'static [f64]);

const KNOBS: &[Knob] = &[
    (
        "again",
        |p, value| p.again = value,
        &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0],
    ),
    (
        "next",
        |p, value| p.next = value,
        &[0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0],
    ),
    (
        "prior",
        |p, value| p.prior = value,
        &[0.0, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6],
    ),
    ("repeats", |p, value| p.repeats = value, &[0.0, 0.5, 1.0, 2.0]),
    (
        "again_half",
        |p, value| p.again_half = value,
        &[0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0],
    ),
    (
        "again_half_life",
        |p, value| p.again_half_life = value,
        HALF_LIVES,
    ),
    (
        "discover_half_life",
        |p, value| p.discover_half_life = value,
        HALF_LIVES,
    ),
    ("next_half_life", |p, value| p.next_half_life = value, HALF_LIVES),
];

const HALF_LIVES: &[f64] = &[
    7.0, 30.0, 60.0, 90.0, 120.0, 180.0, 270.0, 365.0, 1_000.0, 10_000.0,
];

/// Tries settings on `cases`, whose people are not in `counts`, from `start` on. What is not better by the
/// mean is not taken: of equals the earlier stands.
///
/// # Errors
/// As [`train`].
pub fn select(
    counts: &Counts,
    cases: &[Case],
    start: Settings,
    provenance: &Provenance,
) -> Result<Selection, Error> {
    let mut selecting = Selecting {
        cases,
        best: (f64::MIN, start),
        trials: Vec::new(),
    };
    let mut model = None;
    for (name, values) in [("ridge", RIDGES.as_slice()), ("dropout", DROPOUTS.as_slice())] {
        let from = selecting.best.1;
        for value in values {
            let mut settings = from;
            match name {
                "ridge" => settings.ridge = *value,
                _ => settings.dropout = *value,
            }
            let tried = Model::read(&train(counts, &settings, provenance.clone())?)?;
            if selecting.try_one(&tried, name, *value, settings) {
                model = Some(tried);
            }
        }
    }
    let Some(mut model) = model else {
        return Ok(selecting.done());
    };
    for _ in 0..ROUNDS {
        let before = selecting.best.0;
        for (name, set, values) in KNOBS {
            let from = selecting.best.1;
            for value in *values {
                let mut settings = from;
                set(&mut settings.parameters, *value);
                if settings.parameters == from.parameters {
                    continue;
                }
                model = model.retuned(settings.parameters)?;
                selecting.try_one(&model, name, *value, settings);
            }
        }
        if selecting.best.0 <= before {
            break;
        }
    }
    Ok(selecting.done())
}

struct Selecting<'a> {
    cases: &'a [Case],
    best: (f64, Settings),
    trials: Vec<Trial>,
}

impl Selecting<'_> {
    fn try_one(&mut self, model: &Model, name: &'static str, value: f64, settings: Settings) -> bool {
        let quality = measure(self.cases, |case| shipped(model, case));
        let better = quality.ndcg_100 > self.best.0;
        if better {
            self.best = (quality.ndcg_100, settings);
        }
        self.trials.push(Trial {
            name,
            value,
            quality,
            better,
        });
        better
    }

    fn done(self) -> Selection {
        Selection {
            settings: self.best.1,
            trials: self.trials,
        }
    }
}
