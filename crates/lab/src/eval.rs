//! How good recommendations are on anybody's data: people are split, every model sees the same people and is
//! asked the same questions, and all that can be said of a list is measured.
//!
//! Deliberately does not know: where the data comes from, the store, consent (whoever measures has the
//! right to the file).

pub(crate) mod measures;
mod privacy;
mod report;
mod split;

pub use measures::{Mean, Measures};
pub use privacy::{Curve, Growth, Point};
pub use report::{Report, Row as Line};
pub use split::Split;

use crate::interactions::{Interactions, history};
use learn::evaluate::{Case, Dense, own_frequency};
use learn::{Bounds, Counts, Provenance, Settings, select, train};
use measures::{Ground, lists, measure};
use recommend::{Model, Opening, Openness, Topics, score_all};
use std::collections::{HashMap, HashSet};
use vocabulary::{Digest, ItemId};

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too little data for the split.
    #[error("the split leaves {train} people to learn from and {test} to test on; {mend}")]
    TooFew {
        /// To learn from.
        train: usize,
        /// To test on.
        test: usize,
        /// What to do.
        mend: &'static str,
    },
    /// A split by time of rows without time.
    #[error("the file has no times, and this split needs them; split by `people` instead")]
    NoTimes,
    /// Learning.
    #[error(transparent)]
    Learn(#[from] learn::Error),
    /// The model does not read back.
    #[error(transparent)]
    Model(#[from] recommend::Error),
}

/// Most items for which the baselines that need a dense matrix are made.
const DENSE: usize = 8_000;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Choices {
    /// How people are split.
    pub split: Split,
    /// Lengths of lists.
    pub lengths: Vec<usize>,
    /// Also models with differential privacy, of these ε.
    pub privacy: Vec<f64>,
    /// What splits and draws depend on.
    pub seed: u64,
}

/// Measures every model.
///
/// # Errors
/// [`Error`]: data that cannot be split, or learned from.
pub fn run(data: &Interactions, topics: Option<&[Vec<u32>]>, choices: &Choices) -> Result<Report, Error> {
    let people = split::people(data, choices.split, choices.seed)?;
    let provenance = Provenance {
        made_on: vocabulary::Day(0),
        charter: Digest::default(),
        data: "a file, for measurement: no charter, nobody asked".to_owned(),
    };
    let gather = |with_validation: bool| -> Result<Counts, learn::Error> {
        let mut counts = Counts::new(data.items.iter().cloned(), Bounds::default())?;
        for rows in &people.train {
            counts.add(&history(rows, &data.items))?;
        }
        for held in &people.validate {
            let rows = if with_validation {
                &held.learned
            } else {
                &held.earlier
            };
            counts.add(&history(rows, &data.items))?;
        }
        Ok(counts)
    };
    let chosen = {
        let counts = gather(false)?;
        let cases = answerable(people.validate.clone(), &counts);
        select(&counts, &cases, Settings::default(), &provenance)?
    };
    let counts = gather(true)?;
    let model = Model::read(&train(&counts, &chosen.settings, provenance.clone())?)?;
    let cases = answerable(people.test, &counts);
    let (mut private, mut curve) = (Vec::new(), None);
    if !choices.privacy.is_empty() {
        let held = people.validate.iter().map(|held| &held.learned);
        let rows = people.train.iter().chain(held);
        let ground = privacy::Ground {
            histories: rows.map(|rows| history(rows, &data.items)).collect(),
            items: &data.items,
            topics,
            provenance: &provenance,
            seed: choices.seed,
        };
        let found = ground.curve(&choices.privacy, &counts, &model, &cases)?;
        private = found.1;
        curve = Some(found.0);
    }
    Ok(Report {
        curve,
        people: counts.people(),
        items: counts.items().len(),
        tested: cases.len(),
        lines: lines(&counts, &model, &private, &cases, data, topics, choices)?,
        selection: chosen,
        lengths: choices.lengths.clone(),
    })
}

/// What nobody had before cannot be found by any of the models, and is not asked for.
fn answerable(asked: Vec<split::Asked>, counts: &Counts) -> Vec<Case> {
    let known: HashSet<&ItemId> = counts
        .items()
        .iter()
        .enumerate()
        .filter(|(at, _)| counts.people_of(*at) > 0)
        .map(|(_, item)| item)
        .collect();
    let cases = asked.into_iter().map(|one| one.case).map(|mut case| {
        case.wanted.retain(|item| known.contains(item));
        case
    });
    cases.filter(|case| !case.wanted.is_empty()).collect()
}

fn lines(
    counts: &Counts,
    model: &Model,
    private: &[(String, Model)],
    cases: &[Case],
    data: &Interactions,
    topics: Option<&[Vec<u32>]>,
    choices: &Choices,
) -> Result<Vec<report::Row>, Error> {
    // The model sorts its items: their topics come in its order.
    let places: HashMap<&ItemId, usize> = data.items.iter().zip(0..).collect();
    let of_model: Vec<&[u32]> = model
        .items()
        .iter()
        .map(|item| {
            let at = places.get(item).copied();
            at.zip(topics)
                .and_then(|(at, topics)| topics.get(at))
                .map_or(&[][..], Vec::as_slice)
        })
        .collect();
    let known = Topics::new(of_model.iter().copied());
    let offer = known
        .mix((0..model.items().len() as u32).map(|at| (at, f64::from(counts.people_of(at as usize) as u32))));
    let ground = Ground::new(counts, model, &known);
    let longest = choices.lengths.iter().copied().max().unwrap_or(100).max(100);
    let popularity = Dense::popularity(counts);
    let expected = measures::lists(cases, &|case| popularity.list(case));
    let mut lines = Vec::new();
    let mut add = |name: String, list: &(dyn Fn(&Case) -> Vec<ItemId> + Sync)| {
        let lists = lists(cases, list);
        lines.push(report::Row {
            name,
            measures: measure(cases, &lists, &expected, &choices.lengths, &ground),
        });
    };
    add("popularity".to_owned(), &|case| popularity.list(case));
    if cases.iter().any(|case| case.repeats) {
        add("what the person had most often".to_owned(), &|case| {
            own_frequency(&popularity, case)
        });
    }
    // Beyond this a dense matrix of every pair is no fair use of a machine.
    if counts.items().len() <= DENSE {
        let cosine = Dense::cosine(counts, 100);
        add("item-kNN, cosine, 100 neighbours".to_owned(), &|case| {
            cosine.list(case)
        });
    }
    let steps: &[Openness] = if topics.is_some() {
        &Openness::ALL
    } else {
        &[Openness::Close]
    };
    for openness in steps {
        let name = match topics {
            Some(_) => format!("Égard, `{}`", openness.as_str()),
            None => "Égard".to_owned(),
        };
        add(name, &|case| {
            let may = case.known();
            let scores = score_all(model, &case.history, &[], case.now);
            let eligible = |at: u32| {
                model
                    .items()
                    .get(at as usize)
                    .is_some_and(|item| case.may_list(&may, item))
            };
            if *openness == Openness::Close {
                let top = scores.top(longest, |item| case.may_list(&may, item));
                return top.into_iter().map(|(item, _)| item.clone()).collect();
            }
            let opening = Opening {
                openness: *openness,
                discovery: false,
                topics: &known,
                offer: &offer,
                seed: choices.seed,
            };
            // What is shown, and behind it what a longer list would go on with.
            let shown = scores.open(choices.lengths.first().copied().unwrap_or(20), &opening, eligible);
            let mut list: Vec<ItemId> = shown.into_iter().map(|one| one.ranked.item).collect();
            let there: HashSet<ItemId> = list.iter().cloned().collect();
            let rest = scores.top(longest, |item| case.may_list(&may, item) && !there.contains(item));
            list.extend(rest.into_iter().map(|(item, _)| item.clone()));
            list.truncate(longest);
            list
        });
    }
    for (name, model) in private {
        add(name.clone(), &|case| {
            let known = case.known();
            let scores = score_all(model, &case.history, &[], case.now);
            let top = scores.top(longest, |item| case.may_list(&known, item));
            top.into_iter().map(|(item, _)| item.clone()).collect()
        });
    }
    Ok(lines)
}
