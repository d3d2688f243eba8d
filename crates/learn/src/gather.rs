//! The sums over people that everything is learned from.
//!
//! A person with the items of a history adds, for every pair of items (and every item with itself),
//! `w · xᵢ · xⱼ`, where `x` is what they did with the item (bought more than added, added more than
//! viewed). `w` is 1, or less where all that the person adds would be longer than
//! [`Bounds::length`] as a vector: so long histories do not drown the others, and the sensitivity of the
//! sums to one person is known. All of it is in whole numbers of `1/`[`ONE`], always rounded down. So
//! sums do not depend on the order of people, and taking a person out restores every bit.

use crate::{Error, bytes};
use std::collections::{BTreeMap, HashMap};
use vocabulary::{Day, Interaction, ItemId};

/// At most so many items are counted together: pairs take 8 bytes, transitions 8 more for each direction.
pub const MOST_ITEMS: usize = 20_000;

/// The unit of counts: a sum of `ONE` is 1.
pub const ONE: i64 = 1 << 24;

/// What one person may add.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// At most so many items, the latest first.
    pub most_items: u32,
    /// The greatest Euclidean length of what the person adds to pairs (each pair once, and each item
    /// with itself). What the person adds to transitions is never longer than 1.
    pub length: u32,
    /// `x` of an item that was only viewed, in sixteenths.
    pub viewed: u8,
    /// `x` of an item that was added to a cart and not bought, in sixteenths.
    pub added: u8,
    /// `x` of an item that was bought, in sixteenths.
    pub bought: u8,
    /// A transition leads at most to the so many next days with something new.
    pub days_ahead: u32,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            most_items: 500,
            length: 30,
            viewed: 4,
            added: 8,
            bought: 16,
            days_ahead: 3,
        }
    }
}

/// Sums over people of what they have together, and of what they have after what.
#[derive(Clone, PartialEq, Debug)]
pub struct Counts {
    bounds: Bounds,
    items: Vec<ItemId>,
    index: HashMap<ItemId, u32>,
    people: u64,
    /// Per item, how many people have it.
    people_of: Vec<u64>,
    /// The upper triangle by rows, the diagonal included.
    pairs: Vec<i64>,
    /// Per item, what the people who have it add with the weights of transitions.
    own: Vec<i64>,
    /// By rows: from the earlier item to the later one.
    ahead: Vec<i64>,
}

impl Counts {
    /// Empty counts of these items, usually those of the public catalogue: what is not among them is not
    /// counted, so the list itself tells nothing about anybody.
    ///
    /// # Errors
    /// [`Error::TooManyItems`] beyond [`MOST_ITEMS`].
    pub fn new(items: impl IntoIterator<Item = ItemId>, bounds: Bounds) -> Result<Counts, Error> {
        let mut items: Vec<ItemId> = items.into_iter().collect();
        items.sort();
        items.dedup();
        let n = items.len();
        if n > MOST_ITEMS {
            return Err(Error::TooManyItems {
                found: n,
                most: MOST_ITEMS,
            });
        }
        let index = items
            .iter()
            .enumerate()
            .map(|(at, item)| (item.clone(), at as u32))
            .collect();
        Ok(Counts {
            bounds,
            index,
            people: 0,
            people_of: vec![0; n],
            pairs: vec![0; n * (n + 1) / 2],
            own: vec![0; n],
            ahead: vec![0; n * n],
            items,
        })
    }

    /// Counts one person: all of one person's history in one call. A person with nothing known counts
    /// as a person and adds nothing.
    ///
    /// # Errors
    /// [`Error::Overflow`], after which the counts are not to be used.
    pub fn add(&mut self, history: &[Interaction]) -> Result<(), Error> {
        self.people += 1;
        self.apply(history, 1)
    }

    /// Takes out a person who was added with this very history: every bit is as if they had never been.
    ///
    /// # Errors
    /// [`Error::NeverCounted`] where this cannot be true; the counts are then not to be used. That the
    /// history is the one that was added is the caller's to know.
    pub fn subtract(&mut self, history: &[Interaction]) -> Result<(), Error> {
        self.people = self.people.checked_sub(1).ok_or(Error::NeverCounted)?;
        self.apply(history, -1)
    }

    /// Adds the counts of other people, for instance those another thread gathered.
    ///
    /// # Errors
    /// [`Error::OtherCounts`] unless items and bounds are the same.
    pub fn merge(&mut self, other: &Counts) -> Result<(), Error> {
        if self.bounds != other.bounds || self.items != other.items {
            return Err(Error::OtherCounts);
        }
        self.people += other.people;
        let people = self.people_of.iter_mut().zip(&other.people_of);
        people.for_each(|(sum, more)| *sum += more);
        let pairs = self.pairs.iter_mut().zip(&other.pairs);
        let own = self.own.iter_mut().zip(&other.own);
        let ahead = self.ahead.iter_mut().zip(&other.ahead);
        for (sum, more) in pairs.chain(own).chain(ahead) {
            *sum = sum.checked_add(*more).ok_or(Error::Overflow)?;
        }
        Ok(())
    }

    /// How many people count.
    pub fn people(&self) -> u64 {
        self.people
    }

    /// The items, sorted by identifier.
    pub fn items(&self) -> &[ItemId] {
        &self.items
    }

    /// What one person could add.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// How many people have the item at `at`.
    pub fn people_of(&self, at: usize) -> u64 {
        self.people_of.get(at).copied().unwrap_or(0)
    }

    /// The sum for a pair of items, in units of `1/`[`ONE`]; for an item with itself, its own weight.
    pub fn pair(&self, a: usize, b: usize) -> i64 {
        let (low, high) = (a.min(b), a.max(b));
        self.pairs.get(self.row(low) + (high - low)).copied().unwrap_or(0)
    }

    /// The sum of transitions from an item to a later one, in units of `1/`[`ONE`].
    pub fn transition(&self, from: usize, to: usize) -> i64 {
        self.ahead.get(from * self.items.len() + to).copied().unwrap_or(0)
    }

    /// The sum an item has by itself with the weights of transitions, in units of `1/`[`ONE`].
    pub fn transition_weight(&self, at: usize) -> i64 {
        self.own.get(at).copied().unwrap_or(0)
    }

    /// Sets the sum of a pair: what was released takes the place of what was counted.
    pub(crate) fn set_pair(&mut self, a: usize, b: usize, value: i64) {
        let (low, high) = (a.min(b), a.max(b));
        let place = self.row(low) + (high - low);
        if let Some(pair) = self.pairs.get_mut(place) {
            *pair = value;
        }
    }

    /// Sets how many people there are, and have each item.
    pub(crate) fn set_people(&mut self, people: u64, of_items: impl Iterator<Item = u64>) {
        self.people = people;
        self.people_of
            .iter_mut()
            .zip(of_items)
            .for_each(|(place, of_item)| *place = of_item);
    }

    /// Writes everything, for a sum that is kept.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let Bounds {
            most_items,
            length,
            viewed,
            added,
            bought,
            days_ahead,
        } = self.bounds;
        let acts = [viewed, added, bought].map(u32::from);
        for number in [most_items, length].into_iter().chain(acts).chain([days_ahead]) {
            bytes::put(out, u64::from(number));
        }
        bytes::put(out, self.items.len() as u64);
        for item in &self.items {
            bytes::put(out, item.0.len() as u64);
            out.extend_from_slice(item.0.as_bytes());
        }
        bytes::put(out, self.people);
        self.people_of.iter().for_each(|people| bytes::put(out, *people));
        bytes::put_sparse(out, &self.pairs);
        bytes::put_sparse(out, &self.own);
        bytes::put_sparse(out, &self.ahead);
    }

    /// Reads what [`Counts::write`] wrote.
    pub(crate) fn read(rest: &mut &[u8]) -> Result<Counts, Error> {
        let mut number = || u32::try_from(bytes::take(rest)?).map_err(|_| Error::NotASum);
        let [most_items, length] = [number()?, number()?];
        let act = |number: u32| u8::try_from(number).map_err(|_| Error::NotASum);
        let bounds = Bounds {
            most_items,
            length,
            viewed: act(number()?)?,
            added: act(number()?)?,
            bought: act(number()?)?,
            days_ahead: number()?,
        };
        let mut items = Vec::new();
        for _ in 0..bytes::take_length(rest, MOST_ITEMS)? {
            let length = bytes::take_length(rest, rest.len())?;
            let (item, after) = rest.split_at_checked(length).ok_or(Error::NotASum)?;
            *rest = after;
            let item = std::str::from_utf8(item).map_err(|_| Error::NotASum)?;
            items.push(ItemId(item.to_owned()));
        }
        if !items.is_sorted_by(|a, b| a < b) {
            return Err(Error::NotASum);
        }
        let mut counts = Counts::new(items, bounds)?;
        counts.people = bytes::take(rest)?;
        for people in &mut counts.people_of {
            *people = bytes::take(rest)?;
        }
        bytes::take_sparse(rest, &mut counts.pairs)?;
        bytes::take_sparse(rest, &mut counts.own)?;
        bytes::take_sparse(rest, &mut counts.ahead)?;
        Ok(counts)
    }

    pub(crate) fn position(&self, item: &ItemId) -> Option<u32> {
        self.index.get(item).copied()
    }

    /// Where the row of the triangle begins: at the item with itself.
    fn row(&self, at: usize) -> usize {
        at * self.items.len() - at * at.saturating_sub(1) / 2
    }

    fn apply(&mut self, history: &[Interaction], sign: i64) -> Result<(), Error> {
        let person = Contribution::of(history, &self.index, &self.bounds);
        for one in &person.items {
            let people = self.people_of.get_mut(one.at as usize).ok_or(Error::Overflow)?;
            *people = people.checked_add_signed(sign).ok_or(Error::NeverCounted)?;
            let own = self.own.get_mut(one.at as usize).ok_or(Error::Overflow)?;
            *own = own
                .checked_add(sign * amount(person.of_transitions, one, one))
                .ok_or(Error::Overflow)?;
        }
        for (nth, first) in person.items.iter().enumerate() {
            let row = self.row(first.at as usize);
            for second in person.items.iter().skip(nth) {
                let place = self
                    .pairs
                    .get_mut(row + (second.at - first.at) as usize)
                    .ok_or(Error::Overflow)?;
                *place = place
                    .checked_add(sign * amount(person.of_pairs, first, second))
                    .ok_or(Error::Overflow)?;
            }
        }
        let days = person.by_day();
        for (nth, (_, earlier)) in days.iter().enumerate() {
            for (_, later) in days.iter().skip(nth + 1).take(self.bounds.days_ahead as usize) {
                for from in earlier {
                    let row = from.at as usize * self.items.len();
                    for to in later {
                        let place = self.ahead.get_mut(row + to.at as usize).ok_or(Error::Overflow)?;
                        *place = place
                            .checked_add(sign * amount(person.of_transitions, from, to))
                            .ok_or(Error::Overflow)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What one person adds.
pub(crate) struct Contribution {
    /// Ascending by item.
    pub(crate) items: Vec<Acted>,
    /// The factor of pairs, in units of 2^-40 and for `x` in sixteenths.
    pub(crate) of_pairs: i64,
    /// The same of transitions.
    pub(crate) of_transitions: i64,
}

#[derive(Clone, Copy)]
pub(crate) struct Acted {
    pub(crate) at: u32,
    /// In sixteenths.
    pub(crate) x: i64,
    pub(crate) day: Day,
}

impl Contribution {
    pub(crate) fn of(history: &[Interaction], index: &HashMap<ItemId, u32>, bounds: &Bounds) -> Contribution {
        let known = history.iter().filter_map(|act| {
            let at = index.get(&act.item).copied()?;
            Some(Acted {
                at,
                x: x_of(act, bounds),
                day: act.last_at.day(),
            })
        });
        Contribution::of_acts(known.collect(), bounds)
    }

    /// Of acts in any order, several with one item or none.
    pub(crate) fn of_acts(mut items: Vec<Acted>, bounds: &Bounds) -> Contribution {
        items.retain(|one| one.x > 0);
        items.sort_unstable_by_key(|one| one.at);
        // Of one item the most that was done, and the last day.
        items.dedup_by(|next, kept| {
            let same = next.at == kept.at;
            if same {
                kept.x = kept.x.max(next.x);
                kept.day = kept.day.max(next.day);
            }
            same
        });
        if items.len() > bounds.most_items as usize {
            items.sort_unstable_by_key(|one| (std::cmp::Reverse(one.day), one.at));
            items.truncate(bounds.most_items as usize);
            items.sort_unstable_by_key(|one| one.at);
        }
        let squares: i64 = items.iter().map(|one| one.x * one.x).sum();
        let fourths: i64 = items.iter().map(|one| one.x.pow(4)).sum();
        // With x in sixteenths: the length, times 256, of what x alone would add to pairs.
        let length = ((squares as f64 * squares as f64 + fourths as f64) / 2.0).sqrt();
        // A square root is correctly rounded everywhere; what is shaved off keeps the length below the
        // bound whatever the rounding.
        let factor = |longest: f64| {
            let weight = (longest / length).min(1.0 / 256.0);
            if length > 0.0 {
                (weight * (1u64 << 40) as f64 * (1.0 - 1e-12)) as i64
            } else {
                0
            }
        };
        Contribution {
            items,
            of_pairs: factor(f64::from(bounds.length)),
            of_transitions: factor(1.0),
        }
    }

    fn by_day(&self) -> Vec<(Day, Vec<Acted>)> {
        let mut days: BTreeMap<Day, Vec<Acted>> = BTreeMap::new();
        for one in &self.items {
            days.entry(one.day).or_default().push(*one);
        }
        days.into_iter().collect()
    }
}

/// What somebody did with an item, in sixteenths.
pub(crate) fn x_of(act: &Interaction, bounds: &Bounds) -> i64 {
    i64::from(match act {
        Interaction { bought: 1.., .. } => bounds.bought,
        Interaction { added: 1.., .. } => bounds.added,
        Interaction { viewed: 1.., .. } => bounds.viewed,
        _ => 0,
    })
}

/// What is added for a pair, in units of `1/ONE`, rounded down.
fn amount(factor: i64, a: &Acted, b: &Acted) -> i64 {
    amount_of(factor, a.x, b.x)
}

/// The same of two `x` in sixteenths.
pub(crate) fn amount_of(factor: i64, a: i64, b: i64) -> i64 {
    (factor * a * b) >> 16
}
