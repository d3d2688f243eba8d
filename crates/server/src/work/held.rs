//! Learning a model with people held back: settings are tried on some of them, the lists of the rest are measured,
//! and then everybody counts.
//!
//! Who is held back is drawn by what they added alone. So whoever goes leaves nothing behind: settings are found and
//! lists are measured again, on the people who are left, and all of it is what it would be had they never come. (In
//! large catalogues settings are found again only when it is time for it: see `learn_model::at_removal`.)
//!
//! Nobody is asked for what they have already: of each item the sums know the last day and not how often, so how much
//! "again" is to weigh cannot be found here. Deliberately does not know: whose a contribution is.

use super::counted::Tally;
use super::learn_model::{Choice, Error};
use crate::accuracy::{Accuracy, Maker, OfLists};
use gate::purposes::Train;
use gate::{Contributed, Gate, Permits};
use learn::evaluate::{Case, Quality, measure, shipped};
use learn::select::held_back;
use learn::{Bounds, Facts, Provenance, Rows, Search, Settings, Sum};
use recommend::Model;
use std::collections::{BTreeMap, HashMap};
use vocabulary::{Catalogue, Digest, Interaction, ItemId};

/// One person in so many is held back, if enough is known of them to ask anything.
const ONE_IN: u64 = 5;
/// Of more people about so many.
const MOST: u64 = 1_200;
/// Of those held back one in so many is measured; on the others settings are tried.
const MEASURED_ONE_IN: u64 = 3;
/// With fewer people to try on, what looks better would be chance: the settings stay what they are.
const LEAST_TRIED: usize = 100;
/// Means over fewer are not told.
const LEAST_MEASURED: usize = 50;
/// Beyond so many items each model takes long, and fewer are tried; when somebody goes, none.
pub(super) const LARGE: usize = 5_000;
/// Lists are so long.
const LONG: usize = 100;

/// What is publicly known of the items of a catalogue.
pub fn facts(catalogue: &Catalogue) -> Facts {
    let mut facts = Facts::default();
    for item in catalogue.items() {
        facts.add(item.id.clone(), &item.name, [item.category.as_str()]);
    }
    facts
}

/// Whether so many people are enough to hold anybody back.
pub(super) fn is_worth(people: u64) -> bool {
    people >= ONE_IN * (LEAST_TRIED + LEAST_MEASURED) as u64
}

/// How a model is learned.
pub(super) struct Lesson<'a> {
    pub(super) choice: Choice,
    pub(super) catalogue: &'a Catalogue,
    pub(super) provenance: Provenance,
}

/// A model that was learned from everybody.
pub(super) struct Learnt {
    pub(super) bytes: Vec<u8>,
    /// How good its lists are; `None`: too few people to tell.
    pub(super) accuracy: Option<Accuracy>,
}

/// Somebody who is held back.
struct Held {
    contributed: Contributed,
    case: Case,
    /// By which they stand in order.
    drawn: [u8; 32],
}

/// Learns from everybody who counts. Permits are for those of whom something is opened: without, nobody is held
/// back. Blocks.
pub(super) fn learn(
    gate: &Gate,
    tally: Tally,
    permits: Option<Permits<Train>>,
    lesson: &Lesson<'_>,
) -> Result<Learnt, Error> {
    let facts = facts(lesson.catalogue);
    let (mut ground, mut held) = Ground::of(gate, tally, permits, lesson.catalogue)?;
    held.sort_by_key(|held| held.drawn);
    let (measured, tried): (Vec<Held>, Vec<Held>) = held
        .into_iter()
        .partition(|held| number(&held.drawn, 8).is_multiple_of(MEASURED_ONE_IN));
    let train =
        |ground: &Ground, settings: &Settings| ground.train(&facts, settings, lesson.provenance.clone());
    let (selection, settings) = match lesson.choice {
        Choice::Found(start) if tried.len() >= LEAST_TRIED => {
            let search = match lesson.catalogue.items().len() > LARGE {
                true => Search::short(!facts.is_empty()),
                false => Search::thorough(!facts.is_empty()),
            };
            let cases: Vec<Case> = tried.iter().map(|held| held.case.clone()).collect();
            let found = learn::select_by(search, &cases, start, |settings| train(&ground, settings));
            let found = enough(found)?;
            let settings = found.as_ref().map_or(start, |found| found.settings);
            (found, settings)
        }
        Choice::Found(settings) | Choice::Given(settings) => (None, settings),
    };
    ground.take_in(tried)?;
    let mut lists = Vec::new();
    if measured.len() >= LEAST_MEASURED
        && let Some(bytes) = enough(train(&ground, &settings))?
    {
        let cases: Vec<Case> = measured.iter().map(|held| held.case.clone()).collect();
        lists = beside_others(&Model::read(&bytes)?, lesson.catalogue, &cases);
    }
    ground.take_in(measured)?;
    let bytes = train(&ground, &settings)?;
    let accuracy = (!lists.is_empty()).then(|| Accuracy::of(Digest::of(&bytes), lists, selection.as_ref()));
    Ok(Learnt { bytes, accuracy })
}

/// That too few are left without those who are held back is no fault: with them they may be enough.
fn enough<T>(learned: Result<T, learn::Error>) -> Result<Option<T>, Error> {
    match learned {
        Ok(learned) => Ok(Some(learned)),
        Err(learn::Error::NothingToLearn { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What a model is learned from.
enum Ground {
    Sum(Box<Sum>),
    Rows(Box<Rows>),
}

impl Ground {
    /// Without those who are held back.
    fn of(
        gate: &Gate,
        tally: Tally,
        permits: Option<Permits<Train>>,
        catalogue: &Catalogue,
    ) -> Result<(Ground, Vec<Held>), Error> {
        let people = tally.people();
        let mut held = Vec::new();
        match tally {
            Tally::Sum(mut sum) => {
                if let Some(permits) = permits {
                    gate.open_counted(
                        permits,
                        |share| sum.holds(&share.0),
                        |one| {
                            held.extend(Held::of(one, people).ok());
                        },
                    )?;
                }
                for one in &held {
                    sum.subtract(one.contributed.id.0, one.contributed.history())?;
                }
                Ok((Ground::Sum(Box::new(sum)), held))
            }
            Tally::Names(names) => {
                let items: Vec<ItemId> = catalogue.items().iter().map(|item| item.id.clone()).collect();
                let mut rows = Box::new(Rows::new(items, Bounds::default())?);
                let mut fault = None;
                if let Some(permits) = permits {
                    gate.open_counted(
                        permits,
                        |share| names.contains(&share.0),
                        |one| match Held::of(one, people) {
                            Ok(one) => held.push(one),
                            Err(one) => {
                                if let Err(error) = rows.add(one.history()) {
                                    fault.get_or_insert(error);
                                }
                            }
                        },
                    )?;
                }
                match fault {
                    Some(error) => Err(error.into()),
                    None => Ok((Ground::Rows(rows), held)),
                }
            }
        }
    }

    fn take_in(&mut self, held: Vec<Held>) -> Result<(), learn::Error> {
        for one in held {
            let history = one.contributed.history();
            match self {
                Ground::Sum(sum) => drop(sum.add(one.contributed.id.0, history)?),
                Ground::Rows(rows) => rows.add(history)?,
            }
        }
        Ok(())
    }

    fn train(
        &self,
        facts: &Facts,
        settings: &Settings,
        provenance: Provenance,
    ) -> Result<Vec<u8>, learn::Error> {
        match self {
            Ground::Sum(sum) => learn::train_with(sum.counts(), facts, settings, provenance),
            Ground::Rows(rows) => learn::train_rows(rows, facts, settings, provenance),
        }
    }
}

impl Held {
    /// If they are drawn, and enough is known of them; else what came in.
    fn of(contributed: Contributed, people: u64) -> Result<Held, Contributed> {
        if !is_worth(people) {
            return Err(contributed);
        }
        let drawn = drawn(contributed.history());
        if !number(&drawn, 0).is_multiple_of(ONE_IN.max(people / MOST)) {
            return Err(contributed);
        }
        match held_back(contributed.history()) {
            Some(case) => Ok(Held {
                contributed,
                case,
                drawn,
            }),
            None => Err(contributed),
        }
    }
}

/// What is drawn for a history: nothing in it tells what, and the same is drawn for the same.
fn drawn(history: &[Interaction]) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(history.len() * 24);
    for act in history {
        bytes.extend_from_slice(&(act.item.as_str().len() as u64).to_be_bytes());
        bytes.extend_from_slice(act.item.as_str().as_bytes());
        bytes.push(u8::from(act.bought > 0) * 2 + u8::from(act.added > 0));
        bytes.extend_from_slice(&act.last_at.0.to_be_bytes());
    }
    Digest::of(&bytes).0
}

fn number(drawn: &[u8; 32], from: usize) -> u64 {
    let bytes = drawn.iter().skip(from).take(8);
    bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The lists of a model, beside what it has to beat.
fn beside_others(model: &Model, catalogue: &Catalogue, cases: &[Case]) -> Vec<OfLists> {
    let shares = |item: &ItemId| model.popularity(item).unwrap_or(0.0);
    let mut popular: Vec<(f64, &ItemId)> = model.items().iter().map(|item| (shares(item), item)).collect();
    popular.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let category = |item: &ItemId| catalogue.get(item).map_or("", |item| item.category.as_str());
    let mut of_category: HashMap<&str, Vec<&ItemId>> = HashMap::new();
    for (_, item) in &popular {
        of_category.entry(category(item)).or_default().push(item);
    }
    let by_popularity = |case: &Case| -> Vec<ItemId> {
        let known = case.known();
        let new = popular.iter().filter(|(_, item)| case.may_list(&known, item));
        new.take(LONG).map(|(_, item)| (*item).clone()).collect()
    };
    let by_categories = |case: &Case| -> Vec<ItemId> {
        let mut own: BTreeMap<&str, usize> = BTreeMap::new();
        for act in &case.history {
            *own.entry(category(&act.item)).or_default() += 1;
        }
        let mut own: Vec<(&str, usize)> = own.into_iter().collect();
        own.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        let known = case.known();
        let items = own.iter().filter_map(|(name, _)| of_category.get(name)).flatten();
        let new = items.filter(|item| case.may_list(&known, item));
        new.take(LONG).map(|item| (*item).clone()).collect()
    };
    let of = |maker, quality: Quality| OfLists::of(maker, quality);
    vec![
        of(Maker::Model, measure(cases, |case| shipped(model, case))),
        of(Maker::Popularity, measure(cases, by_popularity)),
        of(Maker::OwnCategories, measure(cases, by_categories)),
    ]
}
