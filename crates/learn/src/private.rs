//! Learning that exposes nobody: what is taken from people is released with noise, and only then looked at.
//!
//! Differential privacy at the level of a person, add or remove one. Three releases:
//!
//! 1. how many people there are;
//! 2. `c = Σ_u x_u / |x_u|`, each person a vector of length 1 over the public catalogue, whatever they had;
//! 3. over the items that stand out in the second, each person's pairs `w_u x_u x_uᵀ` (the upper triangle with
//!    its diagonal), where `w_u` makes its length exactly 1: a long history is normalised, not cut off.
//!
//! Where the first says that people are too few, the third is not made: the second takes all that is left of the
//! budget, and the model is popularity and public facts.
//!
//! Values are whole numbers, always rounded towards zero, so that no rounding makes anybody's part longer than
//! 1; noise is discrete Gaussian. All after that (which items to keep, taking the pairs out of the noise, a prior of
//! public facts, the ridge) looks at what was released and costs nothing (Dwork and Roth 2014, proposition 2.1;
//! Dong, Roth and Su 2022 for releases that follow from one another; Balle and Wang 2018 for the accounting).
//!
//! The constants below depend on nothing private: they were chosen on validation people of two public data sets (UCI
//! MSWeb and Online Retail, with fewer people too), and hold for any data by people times μ.
//!
//! Deliberately does not know: whose histories come in and who permitted it, where seeds come from, where a
//! budget is kept.

use crate::assemble::assemble;
use crate::gather::x_of;
use crate::lift::{Pair, Spread, denoised};
use crate::{Bounds, Counts, Error, Facts, ONE, Provenance, Settings};
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

impl Wish {
    /// The same as Gaussian differential privacy, by which releases add up: `μ² = μ₁² + μ₂² + …`.
    ///
    /// # Errors
    /// [`Error::Noise`] for a wish that is none.
    pub fn mu(&self) -> Result<f64, Error> {
        Ok(noise::mu_for(self.epsilon, self.delta)?)
    }
}

/// ε of everything that is μ-GDP together, at this δ; 0 for nothing.
///
/// # Errors
/// [`Error::Noise`] for numbers that are none.
pub fn epsilon_of(mu: f64, delta: f64) -> Result<f64, Error> {
    match mu > 0.0 {
        true => Ok(noise::epsilon_of(mu, delta)?),
        false => Ok(0.0),
    }
}

/// Parts of `μ²` for the number of people and for the items; the rest is for pairs.
const OF_PEOPLE: f64 = 0.01;
const OF_ITEMS: f64 = 0.09;
/// So many items are kept for each unit of people times μ.
const ITEMS_PER_SIGNAL: f64 = 0.2;
/// Below so many people times μ pairs are hardly better than popularity, and worse where histories are short.
const LEAST_SIGNAL: f64 = 1_000.0;
/// Most items that have pairs: some 64 MB of sums.
const MOST_KEPT: usize = 4_000;
/// Without pairs, public facts tie so many of the most popular items.
const MOST_TIED: usize = 500;
/// An entry that noise may have made negative is no less than so much of the noise's deviation.
const FLOOR: f64 = 0.25;
/// The part of the noise (its greatest eigenvalue over the mean diagonal) that is still there after pairs were taken
/// out of it, as a ridge.
const NOISE_LEFT: f64 = 0.3;
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
    /// The part of `μ²` that these sums took.
    of_items: f64,
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
        if items.len() > recommend::MOST_ITEMS {
            return Err(Error::TooManyItems {
                found: items.len(),
                most: recommend::MOST_ITEMS,
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
        self.released(wish, seed, LEAST_SIGNAL)
    }

    /// As [`First::release`], but all of the budget goes to the items, whatever the number of people: what a model
    /// with pairs has to beat.
    ///
    /// # Errors
    /// As [`First::release`].
    pub fn release_popularity(self, wish: Wish, seed: [u8; 32]) -> Result<Popular, Error> {
        self.released(wish, seed, f64::INFINITY)
    }

    fn released(self, wish: Wish, seed: [u8; 32], least: f64) -> Result<Popular, Error> {
        let mu = noise::mu_for(wish.epsilon, wish.delta)?;
        let people = self.people.saturating_mul(ONE);
        let people = people.saturating_add(gaussian(mu, OF_PEOPLE, part(seed, 1))?.draw()) / ONE;
        let signal = people.max(0) as f64 * mu;
        let (most, of_items) = match signal < least {
            true => (0, 1.0 - OF_PEOPLE),
            false => (((ITEMS_PER_SIGNAL * signal) as usize).min(MOST_KEPT), OF_ITEMS),
        };
        let mut noise = gaussian(mu, of_items, part(seed, 2))?;
        let sums: Vec<i64> = self
            .sums
            .iter()
            .map(|sum| sum.saturating_add(noise.draw()))
            .collect();
        let (items, sums) = most_popular(self.items, sums, crate::MOST_ITEMS);
        let mut kept: Vec<u32> = (0..sums.len() as u32).collect();
        let sum = |at: &u32| sums.get(*at as usize).copied().unwrap_or(0);
        kept.sort_by_key(|at| (std::cmp::Reverse(sum(at)), *at));
        kept.retain(|at| sum(at) > 0);
        kept.truncate(most);
        kept.sort_unstable();
        Ok(Popular {
            items,
            people,
            sums,
            wish,
            mu,
            of_items,
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

    /// The standard deviation of the noise on each pair, in people; infinite where no pairs are released.
    pub fn deviation(&self) -> f64 {
        1.0 / (self.mu * (1.0 - OF_PEOPLE - self.of_items).max(0.0).sqrt())
    }

    /// The standard deviation of the noise on each item, in people.
    fn of_item(&self) -> f64 {
        1.0 / (self.mu * self.of_items.sqrt())
    }

    /// `c` of an item as released, in people.
    fn sum(&self, at: u32) -> f64 {
        self.sums.get(at as usize).copied().unwrap_or(0) as f64 / ONE as f64
    }

    /// Items that public facts may tie: those with pairs; without any, the most popular.
    fn tied(&self) -> Vec<u32> {
        if !self.kept.is_empty() {
            return self.kept.clone();
        }
        let mut tied: Vec<u32> = (0..self.items.len() as u32).collect();
        tied.retain(|at| self.sum(*at) > self.of_item());
        tied.sort_by(|a, b| self.sum(*b).total_cmp(&self.sum(*a)).then(a.cmp(b)));
        tied.truncate(MOST_TIED);
        tied.sort_unstable();
        tied
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
        self.learn_with(seed, topics, &Facts::default(), settings, provenance)
    }

    /// As [`Second::learn`], with what is publicly known of the items, so that new ones are found too: it costs
    /// nothing, since nothing of anybody is in it but the released popularity.
    ///
    /// # Errors
    /// As [`Second::learn`].
    pub fn learn_with(
        self,
        seed: [u8; 32],
        topics: &BTreeMap<ItemId, Vec<u32>>,
        facts: &Facts,
        settings: &Settings,
        provenance: Provenance,
    ) -> Result<Vec<u8>, Error> {
        let popular = self.popular;
        let m = popular.kept.len();
        let pairs = match m {
            0 => Pairs::of_popularity(popular),
            _ => self.release(seed)?,
        };
        let counts = assembled(popular, &pairs, topics)?;
        let privacy = Privacy {
            epsilon: popular.wish.epsilon,
            delta: popular.wish.delta,
            // Rounded up: never less is said to be given away than is.
            mu: (popular.mu * 1e6).ceil() / 1e6,
            items: m as u32,
        };
        let of_noise = match m {
            0 => 0.0,
            _ => NOISE_LEFT * popular.deviation() * (m as f64).sqrt() / pairs.mean(),
        };
        // Of the mean diagonal of those with pairs; `assemble` takes the mean over all that anybody has.
        let had = (0..counts.items().len()).filter(|at| counts.people_of(*at) > 0);
        let of_all = had.count() as f64 / pairs.own.len().max(1) as f64;
        let ridge = (popular.ridge() + of_noise) * of_all.max(1.0);
        let mut settings = Settings {
            ridge: (ridge * 1e3).ceil() / 1e3,
            least_people: 0,
            ..*settings
        };
        loop {
            match assemble(&counts, facts, &settings, provenance.clone(), Some(privacy)) {
                // Noise may leave a matrix that is not positive; more ridge mends that, and costs nothing.
                Err(Error::NotPositive { .. }) if settings.ridge < 1e6 => settings.ridge *= 2.0,
                done => return done,
            }
        }
    }

    /// What was counted with noise on it: all that anybody will ever see of it.
    fn noised(&self, seed: [u8; 32]) -> Result<Vec<i64>, Error> {
        let of_pairs = 1.0 - OF_PEOPLE - self.popular.of_items;
        let mut noise = gaussian(self.popular.mu, of_pairs, part(seed, 3))?;
        let noised = self.pairs.iter().map(|sum| sum.saturating_add(noise.draw()));
        Ok(noised.collect())
    }

    /// What was counted with noise on it, and then taken out of the noise as well as can be.
    fn release(self, seed: [u8; 32]) -> Result<Pairs, Error> {
        let popular = self.popular;
        let m = popular.kept.len();
        let released = self.noised(seed)?;
        drop(self.pairs);
        let released: Vec<f64> = released.into_iter().map(|sum| sum as f64 / ONE as f64).collect();
        let least = FLOOR * popular.of_item();
        let alone: Vec<f64> = popular
            .kept
            .iter()
            .map(|at| popular.sum(*at).max(least))
            .collect();
        let mut own = Vec::with_capacity(m);
        let mut off = Vec::with_capacity(released.len());
        let mut rest = released.iter();
        let mut entries = 0.0;
        for (a, of_a) in alone.iter().enumerate() {
            let entry = rest.next().copied().unwrap_or_default();
            entries += entry;
            own.push(entry.max(1e-3));
            for (of_b, entry) in alone.iter().skip(a + 1).zip(rest.by_ref()) {
                off.push(Pair {
                    released: *entry,
                    expected: of_a * of_b,
                });
            }
        }
        let all = |of: fn(&Pair) -> f64| off.iter().map(of).sum::<f64>();
        let scale = (all(|pair| pair.released) / all(|pair| pair.expected).max(1e-9)).max(0.0);
        let spread = Spread {
            noise: popular.deviation(),
            unit: unit(
                popular.people,
                entries + off.iter().map(|pair| pair.released).sum::<f64>(),
            ),
        };
        off.iter_mut().for_each(|pair| pair.expected *= scale);
        let off = denoised(&off, spread);
        Ok(Pairs { own, off })
    }
}

/// What one person adds to an entry in the mean, weighted by what they add: the squares of each person's entries sum to
/// 1, so it is the number of people over the sum of all entries, both as released.
fn unit(people: i64, entries: f64) -> f64 {
    let people = people.max(1) as f64;
    people / entries.max(people)
}

/// Of more items than a model is made of in one piece those that most people have, in their order: what was released
/// is looked at, and nothing else.
fn most_popular(items: Vec<ItemId>, sums: Vec<i64>, most: usize) -> (Vec<ItemId>, Vec<i64>) {
    if items.len() <= most {
        return (items, sums);
    }
    let mut both: Vec<(ItemId, i64)> = items.into_iter().zip(sums).collect();
    both.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    both.truncate(most);
    both.sort_by(|a, b| a.0.cmp(&b.0));
    both.into_iter().unzip()
}

/// Sums of pairs that may be looked at.
struct Pairs {
    /// The diagonal, above 0.
    own: Vec<f64>,
    /// What is above it, row by row; or nothing.
    off: Vec<f64>,
}

impl Pairs {
    fn of_popularity(popular: &Popular) -> Pairs {
        let own = popular.tied().into_iter().map(|at| popular.sum(at).max(1e-3));
        Pairs {
            own: own.collect(),
            off: Vec::new(),
        }
    }

    fn mean(&self) -> f64 {
        self.own.iter().sum::<f64>() / self.own.len().max(1) as f64
    }
}

/// Counts as a model is learned from, of what was released and of public facts alone.
fn assembled(popular: &Popular, pairs: &Pairs, topics: &BTreeMap<ItemId, Vec<u32>>) -> Result<Counts, Error> {
    let mut counts = Counts::new(popular.items.iter().cloned(), BOUNDS)?;
    let nothing: Vec<u32> = Vec::new();
    let tied = popular.tied();
    let of_tied: Vec<&Vec<u32>> = tied
        .iter()
        .map(|at| {
            popular
                .items
                .get(*at as usize)
                .and_then(|item| topics.get(item))
                .unwrap_or(&nothing)
        })
        .collect();
    let mut whole = |a: u32, b: u32, value: f64| {
        counts.set_pair(a as usize, b as usize, (value * ONE as f64) as i64);
    };
    let mut off = pairs.off.iter();
    let places = tied.iter().zip(&pairs.own).zip(&of_tied);
    for (nth, ((a, of_a), topics_a)) in places.clone().enumerate() {
        whole(*a, *a, *of_a);
        for ((b, of_b), topics_b) in places.clone().skip(nth + 1) {
            let alike = alike(topics_a, topics_b);
            let found = off.next().copied().unwrap_or(0.0);
            whole(*a, *b, found + PRIOR * (of_a * of_b).sqrt() * alike);
        }
    }
    // The share of a length is no number of people; but it is in the same order, and sums to about as many.
    let all: i64 = popular.sums.iter().map(|sum| (*sum).max(0)).sum();
    let shares = popular
        .sums
        .iter()
        .map(|sum| (*sum).max(0) as f64 / all.max(1) as f64);
    let people = popular.people().max(1);
    // Whatever noise did, there is a model: that there is none would say something, too.
    let nobody = all == 0;
    let of_items = shares.map(|share| match nobody {
        true => 1,
        false => (share * people as f64).ceil() as u64,
    });
    counts.set_people(people, of_items);
    Ok(counts)
}

/// The cosine of two sets of topics.
fn alike(a: &[u32], b: &[u32]) -> f64 {
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
mod audit;
#[cfg(test)]
mod sensitivity;
