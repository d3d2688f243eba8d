//! Learning that exposes nobody: what is taken from people is released with noise, and only then looked at.
//!
//! Differential privacy at the level of a person, add or remove one. Three releases:
//!
//! 1. how many people there are;
//! 2. `c = Σ_u x_u / |x_u|`, each person a vector of length 1 over the public catalogue, whatever they had;
//! 3. over the items that stand out in the second, each person's pairs `w_u x_u x_uᵀ` (the upper triangle with
//!    its diagonal), where `w_u` makes its length exactly 1: a long history is normalised, not cut off.
//!
//! Values are whole numbers, always rounded towards zero, so that no rounding makes anybody's part longer than
//! 1; noise is discrete Gaussian. All after that (which items to keep, shrinking eigenvalues that noise could
//! have made, a prior of public facts, the ridge) looks at what was released and costs nothing (Dwork and Roth
//! 2014, proposition 2.1; Balle and Wang 2018 for the accounting; Gavish and Donoho 2017 for the shrinkage).
//!
//! Deliberately does not know: whose histories come in and who permitted it, where seeds come from, where a
//! budget is kept.

use crate::assemble::assemble;
use crate::gather::x_of;
use crate::{Bounds, Counts, Error, ONE, Provenance, Settings};
use faer::{Mat, Side};
use noise::Gaussian;
use recommend::Privacy;
use std::collections::BTreeMap;
use vocabulary::{Interaction, ItemId};

/// How private, and how the budget is divided.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Wish {
    /// ε of the whole of it.
    pub epsilon: f64,
    /// δ of the whole of it.
    pub delta: f64,
}

/// Parts of `μ²` for the number of people and for the items; the rest is for pairs.
const OF_PEOPLE: f64 = 0.01;
const OF_ITEMS: f64 = 0.09;
/// So many items are kept for each unit of people times μ.
const ITEMS_PER_SIGNAL: f64 = 0.27;
/// Below so many people times μ pairs are hardly better than popularity, and worse where histories are short.
const LEAST_SIGNAL: f64 = 1_000.0;
/// Above, shrinking eigenvalues takes more than it gives.
const CLEAR_SIGNAL: f64 = 30_000.0;
/// Weight of the public prior, of the two items' own entries.
const PRIOR: f64 = 0.2;
/// A ridge of the mean diagonal for each so many items that people have in the mean, and its bounds.
const ITEMS_PER_RIDGE: f64 = 30.0;
const RIDGES: (f64, f64) = (0.1, 5.0);
/// Bounds of a person: nothing is longer than 1.
const BOUNDS: Bounds = Bounds {
    most_items: u32::MAX,
    length: 1,
    viewed: 4,
    added: 8,
    bought: 16,
    days_ahead: 0,
};

/// The first pass over people.
pub struct First {
    items: Vec<ItemId>,
    index: BTreeMap<ItemId, u32>,
    people: i64,
    sums: Vec<i64>,
}

/// What the first pass released.
#[derive(Clone, PartialEq, Debug)]
pub struct Popular {
    items: Vec<ItemId>,
    people: i64,
    sums: Vec<i64>,
    wish: Wish,
    mu: f64,
    kept: Vec<u32>,
}

/// The second pass over people.
pub struct Second<'p> {
    popular: &'p Popular,
    /// Place among the kept items.
    index: BTreeMap<&'p ItemId, usize>,
    pairs: Vec<i64>,
}

impl First {
    /// Nobody yet, over the items of a public catalogue.
    ///
    /// # Errors
    /// [`Error::TooManyItems`].
    pub fn new(items: impl IntoIterator<Item = ItemId>) -> Result<First, Error> {
        let mut items: Vec<ItemId> = items.into_iter().collect();
        items.sort();
        items.dedup();
        if items.len() > crate::MOST_ITEMS {
            return Err(Error::TooManyItems {
                found: items.len(),
                most: crate::MOST_ITEMS,
            });
        }
        Ok(First {
            index: items.iter().cloned().zip(0..).collect(),
            sums: vec![0; items.len()],
            people: 0,
            items,
        })
    }

    /// Adds one person: all of one person's history in one call.
    pub fn add(&mut self, history: &[Interaction]) {
        self.people = self.people.saturating_add(1);
        for (at, value) in direction(history, |item| self.index.get(item).map(|at| *at as usize)) {
            if let Some(sum) = self.sums.get_mut(at) {
                *sum = sum.saturating_add(value);
            }
        }
    }

    /// Releases the number of people and the items, and forgets what was exact. The seed is to be fresh and
    /// used for nothing else.
    ///
    /// # Errors
    /// [`Error::Noise`] for a wish that is none.
    pub fn release(self, wish: Wish, seed: [u8; 32]) -> Result<Popular, Error> {
        let mu = noise::mu_for(wish.epsilon, wish.delta)?;
        let people = self.people.saturating_mul(ONE);
        let people = people.saturating_add(gaussian(mu, OF_PEOPLE, part(seed, 1))?.draw()) / ONE;
        let mut noise = gaussian(mu, OF_ITEMS, part(seed, 2))?;
        let sums: Vec<i64> = self
            .sums
            .iter()
            .map(|sum| sum.saturating_add(noise.draw()))
            .collect();
        let signal = people.max(0) as f64 * mu;
        let most = (ITEMS_PER_SIGNAL * signal) as usize;
        let mut kept: Vec<u32> = (0..sums.len() as u32).collect();
        let sum = |at: &u32| sums.get(*at as usize).copied().unwrap_or(0);
        kept.sort_by_key(|at| (std::cmp::Reverse(sum(at)), *at));
        kept.retain(|at| sum(at) > 0);
        kept.truncate(if signal < LEAST_SIGNAL { 0 } else { most });
        kept.sort_unstable();
        Ok(Popular {
            items: self.items,
            people,
            sums,
            wish,
            mu,
            kept,
        })
    }
}

impl Popular {
    /// About how many people there are, as released.
    pub fn people(&self) -> u64 {
        u64::try_from(self.people).unwrap_or(0)
    }

    /// How many items stand out enough for pairs; 0: people times μ is too small, and the model will be
    /// popularity and public facts.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// The ridge without noise, from how long histories are: `Σ c` is the sum of the roots of their lengths.
    fn ridge(&self) -> f64 {
        let roots: i64 = self.sums.iter().map(|sum| (*sum).max(0)).sum();
        let root = roots as f64 / ONE as f64 / self.people.max(1) as f64;
        (root * root / ITEMS_PER_RIDGE).clamp(RIDGES.0, RIDGES.1)
    }

    /// The second pass, over the same people.
    pub fn second(&self) -> Second<'_> {
        let names = self.kept.iter().filter_map(|at| self.items.get(*at as usize));
        Second {
            popular: self,
            index: names.zip(0..).collect(),
            pairs: vec![0; self.kept.len() * (self.kept.len() + 1) / 2],
        }
    }
}

impl Second<'_> {
    /// Adds one person.
    pub fn add(&mut self, history: &[Interaction]) {
        let m = self.popular.kept.len();
        let mut had: BTreeMap<usize, i64> = BTreeMap::new();
        for act in history {
            if let Some(at) = self.index.get(&act.item) {
                let x = had.entry(*at).or_default();
                *x = (*x).max(x_of(act, &BOUNDS));
            }
        }
        had.retain(|_, x| *x > 0);
        let had: Vec<(usize, i64)> = had.into_iter().collect();
        let factor = of_pairs(&had);
        for (nth, (a, x)) in had.iter().enumerate() {
            let row = a * m - a * a.saturating_sub(1) / 2;
            for (b, y) in had.iter().skip(nth) {
                if let Some(place) = self.pairs.get_mut(row + (b - a)) {
                    *place = place.saturating_add(down(factor * (x * y) as f64));
                }
            }
        }
    }

    /// Releases the pairs, and learns from nothing but what was released. `topics`: public facts about the items
    /// in the order of the catalogue, sorted, for the prior; may be empty.
    ///
    /// # Errors
    /// As [`crate::train`], and [`Error::Noise`].
    pub fn learn(
        self,
        seed: [u8; 32],
        topics: &BTreeMap<ItemId, Vec<u32>>,
        settings: &Settings,
        provenance: Provenance,
    ) -> Result<Vec<u8>, Error> {
        let popular = self.popular;
        let of_rest = 1.0 - OF_PEOPLE - OF_ITEMS;
        let mut noise = gaussian(popular.mu, of_rest, part(seed, 3))?;
        let released: Vec<i64> = self
            .pairs
            .iter()
            .map(|sum| sum.saturating_add(noise.draw()))
            .collect();
        let m = popular.kept.len();
        let entry = |a: usize, b: usize| {
            let (low, high) = (a.min(b), a.max(b));
            let place = low * m - low * low.saturating_sub(1) / 2 + (high - low);
            released.get(place).copied().unwrap_or(0) as f64 / ONE as f64
        };
        let deviation = 1.0 / (popular.mu * of_rest.sqrt());
        let shrunk = match popular.people.max(0) as f64 * popular.mu < CLEAR_SIGNAL {
            true => shrink(m, &entry, deviation)?,
            false => Mat::from_fn(m, m, |a, b| if a == b { 0.0 } else { entry(a, b) }),
        };
        let counts = assembled(popular, &entry, &shrunk, topics)?;
        let privacy = Privacy {
            epsilon: popular.wish.epsilon,
            delta: popular.wish.delta,
            // Rounded up: never less is said to be given away than is.
            mu: (popular.mu * 1e6).ceil() / 1e6,
            items: m as u32,
        };
        let mean = (0..m).map(|at| entry(at, at).max(1e-3)).sum::<f64>() / m.max(1) as f64;
        let of_noise = deviation * (m as f64).sqrt() / mean;
        let mut settings = Settings {
            ridge: match m {
                0 => settings.ridge,
                _ => ((popular.ridge() + of_noise) * 1e3).ceil() / 1e3,
            },
            least_people: 0,
            ..*settings
        };
        loop {
            match assemble(&counts, &settings, provenance.clone(), Some(privacy)) {
                // Noise may leave a matrix that is not positive; more ridge mends that, and costs nothing.
                Err(Error::NotPositive { .. }) if settings.ridge < 1e6 => settings.ridge *= 2.0,
                done => return done,
            }
        }
    }
}

/// The off-diagonal part with its eigenvalues freed from what noise of that deviation adds to them.
fn shrink(m: usize, entry: &dyn Fn(usize, usize) -> f64, deviation: f64) -> Result<Mat<f64>, Error> {
    let off = Mat::from_fn(m, m, |a, b| if a == b { 0.0 } else { entry(a, b) });
    if m == 0 {
        return Ok(off);
    }
    let parts = off
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| Error::NotPositive { ridge: 0.0 })?;
    let (vectors, values) = (parts.U(), parts.S().column_vector());
    let floor = 4.0 * deviation * deviation * m as f64;
    let kept: Vec<(usize, f64)> = (0..m)
        .map(|at| (at, *values.get(at)))
        .filter(|(_, value)| value * value > floor)
        .map(|(at, value)| (at, value.signum() * (value * value - floor).sqrt()))
        .collect();
    let scaled = Mat::from_fn(m, kept.len(), |row, nth| {
        kept.get(nth)
            .map_or(0.0, |(at, value)| vectors.get(row, *at) * value)
    });
    let plain = Mat::from_fn(m, kept.len(), |row, nth| {
        kept.get(nth).map_or(0.0, |(at, _)| *vectors.get(row, *at))
    });
    Ok(scaled * plain.transpose())
}

/// Counts as a model is learned from, of what was released and of public facts alone.
fn assembled(
    popular: &Popular,
    entry: &dyn Fn(usize, usize) -> f64,
    shrunk: &Mat<f64>,
    topics: &BTreeMap<ItemId, Vec<u32>>,
) -> Result<Counts, Error> {
    let mut counts = Counts::new(popular.items.iter().cloned(), BOUNDS)?;
    let nothing: Vec<u32> = Vec::new();
    let of_kept: Vec<&Vec<u32>> = popular
        .kept
        .iter()
        .map(|at| {
            popular
                .items
                .get(*at as usize)
                .and_then(|item| topics.get(item))
                .unwrap_or(&nothing)
        })
        .collect();
    let own: Vec<f64> = (0..popular.kept.len())
        .map(|at| entry(at, at).max(1e-3))
        .collect();
    for (a, first) in popular.kept.iter().enumerate() {
        for (b, second) in popular.kept.iter().enumerate().skip(a) {
            let (of_a, of_b) = (
                own.get(a).copied().unwrap_or(0.0),
                own.get(b).copied().unwrap_or(0.0),
            );
            let value = match a == b {
                true => of_a,
                false => {
                    let alike = alike(of_kept.get(a).copied(), of_kept.get(b).copied());
                    shrunk.get(a, b) + PRIOR * (of_a * of_b).sqrt() * alike
                }
            };
            counts.set_pair(*first as usize, *second as usize, (value * ONE as f64) as i64);
        }
    }
    // The share of a length is no number of people; but it is in the same order, and sums to about as many.
    let all: i64 = popular.sums.iter().map(|sum| (*sum).max(0)).sum();
    let shares = popular
        .sums
        .iter()
        .map(|sum| (*sum).max(0) as f64 / all.max(1) as f64);
    let people = popular.people();
    counts.set_people(people, shares.map(|share| (share * people as f64) as u64));
    Ok(counts)
}

/// The cosine of two sets of topics.
fn alike(a: Option<&Vec<u32>>, b: Option<&Vec<u32>>) -> f64 {
    let (Some(a), Some(b)) = (a, b) else { return 0.0 };
    let common = a.iter().filter(|topic| b.contains(topic)).count();
    common as f64 / ((a.len() * b.len()) as f64).sqrt().max(1.0)
}

/// A person's part of the second release: each item they had with its part of a vector of length at most 1, in
/// units of `1/`[`ONE`].
fn direction(history: &[Interaction], place: impl Fn(&ItemId) -> Option<usize>) -> Vec<(usize, i64)> {
    let mut had: BTreeMap<usize, i64> = BTreeMap::new();
    for act in history {
        if let Some(at) = place(&act.item) {
            let x = had.entry(at).or_default();
            *x = (*x).max(x_of(act, &BOUNDS));
        }
    }
    had.retain(|_, x| *x > 0);
    let squares: i64 = had.values().map(|x| x * x).sum();
    let factor = shaved(ONE as f64 / (squares as f64).sqrt());
    had.into_iter()
        .map(|(at, x)| (at, down(factor * x as f64)))
        .collect()
}

/// What makes the pairs of these as long as 1, in units of `1/`[`ONE`].
fn of_pairs(had: &[(usize, i64)]) -> f64 {
    let squares: f64 = had.iter().map(|(_, x)| (x * x) as f64).sum();
    let fourths: f64 = had.iter().map(|(_, x)| (x * x * x * x) as f64).sum();
    let length = ((squares * squares + fourths) / 2.0).sqrt();
    if length > 0.0 {
        shaved(ONE as f64 / length)
    } else {
        0.0
    }
}

/// A little less, whatever the rounding of what comes after.
fn shaved(factor: f64) -> f64 {
    factor * (1.0 - 1e-12)
}

fn down(value: f64) -> i64 {
    // `as` rounds towards zero, and no value here is negative.
    value as i64
}

fn gaussian(mu: f64, part: f64, seed: [u8; 32]) -> Result<Gaussian, Error> {
    let deviation = ONE as f64 / (mu * part.sqrt());
    // Rounded up: never less noise than was said.
    Ok(Gaussian::new(deviation.ceil() as u64, seed)?)
}

/// Seeds of their own for each release.
fn part(seed: [u8; 32], number: u8) -> [u8; 32] {
    let mut bytes = seed.to_vec();
    bytes.push(number);
    vocabulary::Digest::of(&bytes).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vocabulary::Moment;

    fn history() -> impl Strategy<Value = Vec<Interaction>> {
        let act = (0usize..400, 0u32..3, 0u32..3, 0u32..3);
        prop::collection::vec(act, 0..300).prop_map(|acts| {
            let each = acts.into_iter().map(|(item, viewed, added, bought)| Interaction {
                item: ItemId(format!("i{item:03}")),
                viewed,
                added,
                bought,
                last_at: Moment(0),
            });
            each.collect()
        })
    }

    fn catalogue() -> Vec<ItemId> {
        (0..400).map(|item| ItemId(format!("i{item:03}"))).collect()
    }

    fn length(values: impl Iterator<Item = i64>) -> f64 {
        values
            .map(|value| (value as f64 / ONE as f64).powi(2))
            .sum::<f64>()
            .sqrt()
    }

    proptest! {
        /// The sensitivity: adding somebody to any crowd moves each release by a vector no longer than 1.
        #[test]
        fn nobody_moves_a_release_by_more_than_one(
            crowd in prop::collection::vec(history(), 0..4), one in history(), kept in prop::collection::btree_set(0u32..400, 0..200),
        ) {
            let mut without = First::new(catalogue()).unwrap();
            crowd.iter().for_each(|history| without.add(history));
            let mut with = First::new(catalogue()).unwrap();
            crowd.iter().chain([&one]).for_each(|history| with.add(history));
            prop_assert_eq!(with.people - without.people, 1);
            let moved = length(with.sums.iter().zip(&without.sums).map(|(a, b)| a - b));
            prop_assert!(moved <= 1.0, "{moved}");

            let popular = Popular {
                items: catalogue(),
                people: 4,
                sums: vec![ONE; 400],
                wish: Wish { epsilon: 1.0, delta: 1e-6 },
                mu: 0.2,
                kept: kept.into_iter().collect(),
            };
            let (mut without, mut with) = (popular.second(), popular.second());
            crowd.iter().for_each(|history| without.add(history));
            crowd.iter().chain([&one]).for_each(|history| with.add(history));
            let moved = length(with.pairs.iter().zip(&without.pairs).map(|(a, b)| a - b));
            prop_assert!(moved <= 1.0, "{moved}");
        }
    }
}
