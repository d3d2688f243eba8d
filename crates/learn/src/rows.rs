//! People and what they had, held in memory while a model is learned from them: what large catalogues are
//! learned from, where sums of all pairs no longer fit.
//!
//! Seven bytes an act and 24 a person. Nothing is summed here that could not be summed again, so whoever is
//! left out of the next [`Rows`] is unlearned.
//!
//! Deliberately does not know: whose a row is, where histories come from, how a model is learned.

use crate::gather::{Acted, Contribution, amount_of};
use crate::{Bounds, Error};
use std::collections::HashMap;
use vocabulary::{Day, Interaction, ItemId};

/// At most so many acts are held: with what learning needs beside them, some 20 bytes each.
pub const MOST_ACTS: usize = 400_000_000;

/// At most so many items of one person, whatever the bounds say.
const MOST_OF_ONE: u32 = u16::MAX as u32;

/// What somebody did with an item, the strongest of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Did {
    /// Looked at it.
    Viewed,
    /// Put it into a cart.
    Added,
    /// Bought it.
    Bought,
}

/// People by rows.
pub struct Rows {
    pub(crate) bounds: Bounds,
    pub(crate) items: Vec<ItemId>,
    index: HashMap<ItemId, u32>,
    /// Where the acts of each person begin, and one more for the end.
    pub(crate) starts: Vec<usize>,
    /// Positions of items, ascending within a person.
    pub(crate) at: Vec<u32>,
    /// In sixteenths.
    pub(crate) x: Vec<u8>,
    /// The how-manieth of the person's days.
    pub(crate) day: Vec<u16>,
    pub(crate) of_pairs: Vec<i64>,
    pub(crate) of_transitions: Vec<i64>,
    pub(crate) people_of: Vec<u64>,
    /// Per item, the sum with itself.
    pub(crate) diagonal: Vec<i64>,
    /// Per item, the sum with itself with the weights of transitions.
    pub(crate) own: Vec<i64>,
}

impl Rows {
    /// Nobody yet, over these items, usually those of the public catalogue.
    ///
    /// # Errors
    /// [`Error::TooManyItems`] beyond what a model may know.
    pub fn new(items: impl IntoIterator<Item = ItemId>, bounds: Bounds) -> Result<Rows, Error> {
        let mut items: Vec<ItemId> = items.into_iter().collect();
        items.sort();
        items.dedup();
        let n = items.len();
        if n > recommend::MOST_ITEMS {
            let most = recommend::MOST_ITEMS;
            return Err(Error::TooManyItems { found: n, most });
        }
        let index = items.iter().cloned().zip(0..).collect();
        let bounds = Bounds {
            most_items: bounds.most_items.min(MOST_OF_ONE),
            ..bounds
        };
        Ok(Rows {
            bounds,
            items,
            index,
            starts: vec![0],
            at: Vec::new(),
            x: Vec::new(),
            day: Vec::new(),
            of_pairs: Vec::new(),
            of_transitions: Vec::new(),
            people_of: vec![0; n],
            diagonal: vec![0; n],
            own: vec![0; n],
        })
    }

    /// Adds one person: all of their history in one call.
    ///
    /// # Errors
    /// [`Error::TooManyActs`] beyond [`MOST_ACTS`].
    pub fn add(&mut self, history: &[Interaction]) -> Result<(), Error> {
        self.push(&Contribution::of(history, &self.index, &self.bounds))
    }

    /// As [`Rows::add`], where items are known by their position in [`Rows::items`]; one that is none is
    /// passed over.
    ///
    /// # Errors
    /// As [`Rows::add`].
    pub fn add_places(&mut self, acts: impl IntoIterator<Item = (u32, Did, Day)>) -> Result<(), Error> {
        let known = acts
            .into_iter()
            .filter(|(at, ..)| (*at as usize) < self.items.len());
        let acts = known.map(|(at, did, day)| Acted {
            at,
            x: i64::from(match did {
                Did::Viewed => self.bounds.viewed,
                Did::Added => self.bounds.added,
                Did::Bought => self.bounds.bought,
            }),
            day,
        });
        let acts = acts.collect();
        self.push(&Contribution::of_acts(acts, &self.bounds))
    }

    /// How many people.
    pub fn people(&self) -> u64 {
        self.of_pairs.len() as u64
    }

    /// The items, sorted by identifier.
    pub fn items(&self) -> &[ItemId] {
        &self.items
    }

    /// How many acts are held: of each person each item once.
    pub fn acts(&self) -> usize {
        self.at.len()
    }

    fn push(&mut self, person: &Contribution) -> Result<(), Error> {
        if self.at.len() + person.items.len() > MOST_ACTS {
            return Err(Error::TooManyActs { most: MOST_ACTS });
        }
        let mut days: Vec<Day> = person.items.iter().map(|one| one.day).collect();
        days.sort_unstable();
        days.dedup();
        for one in &person.items {
            let nth = days.binary_search(&one.day).unwrap_or_default();
            self.at.push(one.at);
            self.x.push(one.x as u8);
            self.day.push(nth as u16);
            let at = one.at as usize;
            let sums = [
                (&mut self.diagonal, amount_of(person.of_pairs, one.x, one.x)),
                (&mut self.own, amount_of(person.of_transitions, one.x, one.x)),
            ];
            for (sums, amount) in sums {
                let sum = sums.get_mut(at).ok_or(Error::Overflow)?;
                *sum = sum.checked_add(amount).ok_or(Error::Overflow)?;
            }
            *self.people_of.get_mut(at).ok_or(Error::Overflow)? += 1;
        }
        self.starts.push(self.at.len());
        self.of_pairs.push(person.of_pairs);
        self.of_transitions.push(person.of_transitions);
        Ok(())
    }
}
