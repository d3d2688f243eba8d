//! Which settings serve best: tried on people who are held back, one setting after the other, so that nobody
//! has to know what a ridge is.
//!
//! Deliberately does not know: who the people are, how their histories were split.

use crate::evaluate::{Case, Quality, measure, shipped};
use crate::{Counts, Error, Facts, Provenance, Settings, train_with};
use recommend::{Model, Parameters};
use std::collections::HashSet;
use std::fmt;
use vocabulary::{Interaction, ItemId, Moment};

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
const RIDGES: [f64; 10] = [0.09, 0.18, 0.35, 0.7, 1.4, 2.8, 5.6, 11.2, 22.4, 44.8];
/// The same, where each takes long.
const FEW_RIDGES: [f64; 3] = [0.35, 1.4, 5.6];
/// What is thrown away at random in training, in the mean.
const DROPOUTS: [f64; 3] = [0.0, 0.33, 0.5];
/// How often the parameters are gone through.
const ROUNDS: usize = 4;
/// How often the neighbourhood of what was found is gone through, and what is tried there, as parts of it.
const FINE_ROUNDS: usize = 2;
const FINE: [f64; 2] = [0.8, 1.25];

/// One parameter, how it is set, what is tried, and how it is read.
type Knob = (
    &'static str,
    fn(&mut Parameters, f64),
    &'static [f64],
    fn(&Parameters) -> f64,
);

const KNOBS: &[Knob] = &[
    (
        "again",
        |p, value| p.again = value,
        &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0],
        |p| p.again,
    ),
    (
        "next",
        |p, value| p.next = value,
        &[0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0],
        |p| p.next,
    ),
    (
        "prior",
        |p, value| p.prior = value,
        &[0.0, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6],
        |p| p.prior,
    ),
    (
        "alike",
        |p, value| p.alike = value,
        &[0.0, 0.05, 0.1, 0.2, 0.4, 0.8],
        |p| p.alike,
    ),
    (
        "repeats",
        |p, value| p.repeats = value,
        &[0.0, 0.5, 1.0, 2.0],
        |p| p.repeats,
    ),
    (
        "again_half",
        |p, value| p.again_half = value,
        &[0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0],
        |p| p.again_half,
    ),
    (
        "again_half_life",
        |p, value| p.again_half_life = value,
        HALF_LIVES,
        |p| p.again_half_life,
    ),
    (
        "discover_half_life",
        |p, value| p.discover_half_life = value,
        HALF_LIVES,
        |p| p.discover_half_life,
    ),
    (
        "next_half_life",
        |p, value| p.next_half_life = value,
        HALF_LIVES,
        |p| p.next_half_life,
    ),
];

const HALF_LIVES: &[f64] = &[
    7.0, 30.0, 60.0, 90.0, 120.0, 180.0, 270.0, 365.0, 1_000.0, 10_000.0,
];

/// Tries settings on `cases`, whose people are not in `counts`, from `start` on. What is not better by the
/// mean is not taken: of equals the earlier stands.
///
/// # Errors
/// As [`crate::train`].
pub fn select(
    counts: &Counts,
    cases: &[Case],
    start: Settings,
    provenance: &Provenance,
) -> Result<Selection, Error> {
    select_with(counts, &Facts::default(), cases, start, provenance)
}

/// Finds the settings to learn from these counts with, on people who are held back: `held` are histories of
/// people who are in `counts`, a few hundred at least and drawn without regard to what is in them. They are
/// taken out for the time of the search and put in again, so the counts are afterwards what they were, to the
/// bit. Of each the last day is to be found from those before, or, of a single day, a fifth from the rest.
/// [`Selection`] prints as a table.
///
/// # Errors
/// As [`crate::train`]; [`Error::NeverCounted`] for a history that is not in the counts, which are then not to be used.
pub fn settings(
    counts: &mut Counts,
    held: &[Vec<Interaction>],
    facts: &Facts,
    start: Settings,
    provenance: &Provenance,
) -> Result<Selection, Error> {
    for history in held {
        counts.subtract(history)?;
    }
    let cases: Vec<Case> = held.iter().filter_map(|history| held_back(history)).collect();
    let selection = match cases.is_empty() || counts.people() == 0 {
        true => Ok(Selection {
            settings: start,
            trials: Vec::new(),
        }),
        false => select_with(counts, facts, &cases, start, provenance),
    };
    for history in held {
        counts.add(history)?;
    }
    selection
}

/// What is known of somebody and what is to be found, as [`settings`] asks: nothing that they have already. `None` of
/// whom there is too little.
pub fn held_back(history: &[Interaction]) -> Option<Case> {
    let acts = |act: &&Interaction| act.viewed + act.added + act.bought > 0;
    let last = history.iter().filter(acts).map(|act| act.last_at.day()).max()?;
    let one_day = history.iter().filter(acts).all(|act| act.last_at.day() == last);
    let hidden = |nth: usize, act: &Interaction| match one_day {
        true => nth % 5 == 4,
        false => act.last_at.day() == last,
    };
    let (mut known, mut wanted, mut now) = (Vec::new(), HashSet::<ItemId>::new(), Moment::default());
    for (nth, act) in history.iter().filter(acts).enumerate() {
        now = now.max(act.last_at);
        if !hidden(nth, act) {
            known.push(act.clone());
            continue;
        }
        // When it was bought before, if it was, nobody wrote down: it does not count as known.
        wanted.insert(act.item.clone());
    }
    (!known.is_empty() && !wanted.is_empty()).then_some(Case {
        history: known,
        wanted,
        repeats: false,
        now,
    })
}

/// As [`select`], with what is publicly known of the items.
///
/// # Errors
/// As [`crate::train`].
pub fn select_with(
    counts: &Counts,
    facts: &Facts,
    cases: &[Case],
    start: Settings,
    provenance: &Provenance,
) -> Result<Selection, Error> {
    select_by(Search::thorough(!facts.is_empty()), cases, start, |settings| {
        train_with(counts, facts, settings, provenance.clone())
    })
}

/// How far is sought. What takes no new model is always sought wholly.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    ridges: &'static [f64],
    dropouts: &'static [f64],
    /// Whether anything is publicly known of items.
    facts: bool,
}

impl Search {
    /// Over thirteen models.
    pub fn thorough(facts: bool) -> Search {
        Search {
            ridges: &RIDGES,
            dropouts: &DROPOUTS,
            facts,
        }
    }

    /// Over three models: for catalogues so large that each takes minutes.
    pub fn short(facts: bool) -> Search {
        Search {
            ridges: &FEW_RIDGES,
            dropouts: &[],
            facts,
        }
    }

    /// Whether the knob turns anything. Of items of which nothing is known in public nothing is alike, and where
    /// nothing may be found that people have already, nobody can tell how much "again" is to weigh: it stays.
    fn turns(self, name: &str, cases: &[Case]) -> bool {
        match name {
            "alike" => self.facts,
            "again" | "again_half" | "again_half_life" => cases.iter().any(|case| case.repeats),
            _ => true,
        }
    }
}

/// As [`select`], however models are learned: `train` learns one with these settings and answers its file. Settings
/// with which there is no stable solution are passed over.
///
/// # Errors
/// As `train`.
pub fn select_by(
    search: Search,
    cases: &[Case],
    start: Settings,
    mut train: impl FnMut(&Settings) -> Result<Vec<u8>, Error>,
) -> Result<Selection, Error> {
    let mut selecting = Selecting {
        cases,
        best: (f64::MIN, start),
        trials: Vec::new(),
    };
    let mut model = None;
    for (name, values) in [("ridge", search.ridges), ("dropout", search.dropouts)] {
        let from = selecting.best.1;
        for value in values {
            let mut settings = from;
            match name {
                "ridge" => settings.ridge = *value,
                _ => settings.dropout = *value,
            }
            let tried = match train(&settings) {
                Err(Error::NotPositive { .. }) => continue,
                learned => Model::read(&learned?)?,
            };
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
        for (name, set, values, _) in KNOBS {
            let from = selecting.best.1;
            if !search.turns(name, cases) {
                continue;
            }
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
    for _ in 0..FINE_ROUNDS {
        for (name, set, _, get) in KNOBS {
            for part in FINE {
                let mut settings = selecting.best.1;
                let value = get(&settings.parameters) * part;
                set(&mut settings.parameters, value);
                if value <= 0.0 || !search.turns(name, cases) {
                    continue;
                }
                model = model.retuned(settings.parameters)?;
                selecting.try_one(&model, name, value, settings);
            }
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
