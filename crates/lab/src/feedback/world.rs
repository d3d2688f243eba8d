//! A world: some of the people and items of the data, what they truly like, and what they had before the first round.

use super::taste::{Factors, appeal, best, unit};
use super::{Choices, Error};
use crate::interactions::{Interactions, Row, history};
use recommend::{Mix, Topics};
use std::collections::BTreeMap;
use vocabulary::{Interaction, ItemId, Moment};

/// Somebody before the first round.
#[derive(Clone)]
pub(super) struct Person {
    /// What they had, from the data.
    pub(super) history: Vec<Interaction>,
    /// Which items these are.
    pub(super) had: Vec<u32>,
    /// What they truly like.
    pub(super) taste: Vec<f64>,
    /// The items that appeal to them most, before anything is shown.
    pub(super) best: Vec<u32>,
    /// The topics of these: their true mix.
    pub(super) mix: Mix,
    /// The topics of what they had: their usual range.
    pub(super) usual: Vec<bool>,
}

/// A world before the first round.
pub(super) struct World {
    pub(super) seed: u64,
    /// Sorted, as a model has them.
    pub(super) items: Vec<ItemId>,
    pub(super) topics: Topics,
    pub(super) offer: Mix,
    /// How many people have each item.
    pub(super) having: Vec<u64>,
    /// Of each item, whether at least half of the items are had by more people.
    pub(super) small: Vec<bool>,
    /// What each item is like.
    pub(super) factors: Vec<Vec<f64>>,
    pub(super) persons: Vec<Person>,
    /// The last moment of the data.
    pub(super) from: Moment,
}

/// Fewer items say too little of a person's taste.
const LEAST_ITEMS: usize = 10;
/// Fewer people teach nothing.
const LEAST_PEOPLE: usize = 50;
/// How many items are "best": what could be found.
const BEST: usize = 50;

impl World {
    pub(super) fn new(
        data: &Interactions,
        topics: Option<&[Vec<u32>]>,
        choices: &Choices,
        seed: u64,
    ) -> Result<World, Error> {
        let places = most_had(data, choices.items);
        let mut items: Vec<(ItemId, u32)> = places
            .iter()
            .filter_map(|at| Some((data.items.get(*at as usize)?.clone(), *at)))
            .collect();
        items.sort();
        let here: BTreeMap<u32, u32> = items.iter().map(|(_, at)| *at).zip(0..).collect();
        let rows_of = |rows: &[Row]| -> Vec<Row> {
            rows.iter()
                .filter(|row| here.contains_key(&row.item))
                .copied()
                .collect()
        };
        let distinct = |rows: &[Row]| -> Vec<u32> {
            let mut had: Vec<u32> = rows
                .iter()
                .filter_map(|row| here.get(&row.item).copied())
                .collect();
            had.sort_unstable();
            had.dedup();
            had
        };
        let mut able: Vec<(u64, usize)> = data
            .people
            .iter()
            .enumerate()
            .filter(|(_, rows)| distinct(rows).len() >= LEAST_ITEMS)
            .map(|(at, _)| ((unit(&[seed, 1, at as u64]) * 1e15) as u64, at))
            .collect();
        if able.len() < LEAST_PEOPLE {
            return Err(Error::TooFew {
                people: able.len(),
                least: LEAST_ITEMS,
                items: items.len(),
                needed: LEAST_PEOPLE,
            });
        }
        able.sort_unstable();
        able.truncate(choices.people);
        let rows: Vec<Vec<Row>> = able
            .iter()
            .filter_map(|(_, at)| data.people.get(*at))
            .map(|rows| rows_of(rows))
            .collect();
        let had: Vec<Vec<u32>> = rows.iter().map(|rows| distinct(rows)).collect();
        let factors = Factors::new(&had, items.len(), choices.rank, seed);
        let of_items: Vec<Vec<u32>> = match topics {
            Some(topics) => items
                .iter()
                .map(|(_, at)| topics.get(*at as usize).cloned().unwrap_or_default())
                .collect(),
            // Without names for topics, what is liked by the same people is one.
            None => crate::groups::nearest(&directions(&factors.items), FOUND, seed)
                .into_iter()
                .map(|group| vec![group])
                .collect(),
        };
        let topics = Topics::new(of_items.iter().map(Vec::as_slice));
        let mut having = vec![0u64; items.len()];
        for at in had.iter().flatten() {
            if let Some(count) = having.get_mut(*at as usize) {
                *count += 1;
            }
        }
        let offer = topics.mix((0..).zip(&having).map(|(at, count)| (at, *count as f64)));
        let persons = rows
            .iter()
            .zip(had)
            .zip(factors.people)
            .map(|((rows, had), taste)| person(rows, had, taste, &factors.items, data, &topics))
            .collect();
        let last = data.people.iter().flatten().map(|row| row.at).max();
        Ok(World {
            seed,
            items: items.into_iter().map(|(item, _)| item).collect(),
            offer,
            small: lower_half(&having),
            having,
            topics,
            factors: factors.items,
            persons,
            from: last.unwrap_or_default(),
        })
    }

    pub(super) fn people(&self) -> usize {
        self.persons.len()
    }

    pub(super) fn items(&self) -> usize {
        self.items.len()
    }
}

/// How many topics are found where none are given.
const FOUND: usize = 16;

fn person(
    rows: &[Row],
    had: Vec<u32>,
    taste: Vec<f64>,
    factors: &[Vec<f64>],
    data: &Interactions,
    topics: &Topics,
) -> Person {
    let best = best(&appeal(&taste, factors), BEST);
    Person {
        history: history(rows, &data.items),
        mix: topics.mix(best.iter().map(|at| (*at, 1.0))),
        usual: topics.mix(had.iter().map(|at| (*at, 1.0))).usual(),
        best,
        had,
        taste,
    }
}

/// The items that most people have.
fn most_had(data: &Interactions, most: usize) -> Vec<u32> {
    let mut having = vec![0.0f64; data.items.len()];
    for rows in &data.people {
        let mut had: Vec<u32> = rows.iter().map(|row| row.item).collect();
        had.sort_unstable();
        had.dedup();
        for at in had {
            if let Some(count) = having.get_mut(at as usize) {
                *count += 1.0;
            }
        }
    }
    best(&having, most)
}

fn lower_half(having: &[u64]) -> Vec<bool> {
    let having: Vec<f64> = having.iter().map(|count| *count as f64).collect();
    let mut small = vec![true; having.len()];
    for at in best(&having, having.len() / 2) {
        if let Some(place) = small.get_mut(at as usize) {
            *place = false;
        }
    }
    small
}

/// Items by what they are like, not by how much.
fn directions(factors: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let unit = |one: &Vec<f64>| {
        let length = one.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
        one.iter().map(|x| x / length).collect()
    };
    factors.iter().map(unit).collect()
}
