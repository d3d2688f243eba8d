//! Invented people: their number, what they have in common, and what is held back of some of them.
//!
//! Three things are planted, so that there is something to find and no kind of model is favoured:
//! popularity by a power law; topics, of which everybody likes three (what factor models are good at); and
//! partners, a few items that often follow one item (what pairs of items show). A quarter of all acts are by
//! popularity alone.

use learn::Did;
use vocabulary::Day;

/// How much.
#[derive(Clone, Copy)]
pub struct Size {
    pub people: usize,
    pub items: usize,
    pub acts: usize,
    pub topics: usize,
    /// How many of the people are only asked.
    pub asked: usize,
}

/// What was done, by person: ascending items, each once, with the day.
pub struct People {
    pub learned: Vec<Vec<(u32, u16)>>,
    pub validated: Vec<Asked>,
    pub asked: Vec<Asked>,
}

/// Somebody who takes no part in learning: a fifth of their items is to be found from the rest.
pub struct Asked {
    pub known: Vec<u32>,
    pub wanted: Vec<u32>,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// Of `n` in the order of popularity: a density of rank^(-2/3).
    fn ranked(&mut self, n: usize) -> usize {
        let u = self.unit();
        ((u * u * u * n as f64) as usize).min(n - 1)
    }
}

/// The people of a seed.
pub fn invent(size: Size, seed: u64) -> People {
    let mut people = People {
        learned: Vec::with_capacity(size.people),
        validated: Vec::new(),
        asked: Vec::new(),
    };
    let mut stamp = vec![u32::MAX; size.items];
    for person in 0..size.people {
        let mut random = Random(seed ^ (person as u64).wrapping_mul(0xd134_2543_de82_ef95));
        let acts = one(size, person as u32, &mut random, &mut stamp);
        if person < 2 * size.asked {
            let asked = hold_back(acts, &mut random);
            match person % 2 {
                0 => people.asked.push(asked),
                _ => people.validated.push(asked),
            }
        } else {
            people.learned.push(acts);
        }
    }
    people
}

fn one(size: Size, person: u32, random: &mut Random, stamp: &mut [u32]) -> Vec<(u32, u16)> {
    let mean = size.acts as f64 / size.people as f64;
    // Log-normal, most below the mean and few far above.
    let normal: f64 = (0..12).map(|_| random.unit()).sum::<f64>() - 6.0;
    let wanted = (mean * (normal * 0.7 - 0.245).exp()).round().max(5.0) as usize;
    let wanted = wanted.min(size.items / 8);
    let liked: Vec<usize> = (0..3).map(|_| random.ranked(size.topics)).collect();
    let in_topic = size.items / size.topics;
    let (mut acts, mut day, mut last) = (Vec::with_capacity(wanted), 0u16, None);
    let mut tries = 0;
    while acts.len() < wanted && tries < wanted * 20 {
        tries += 1;
        let chance = random.unit();
        let item = match last {
            // A partner of what came before: one of five places that the item itself decides.
            Some(before) if chance < 0.25 => {
                let nth = random.ranked(5);
                let place = (before as u64 * 5 + nth as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let far = ((u128::from(place) * size.items as u128) >> 64) as usize;
                // About as popular as the item itself, or more so.
                (before + far) / 2
            }
            _ if chance < 0.75 => {
                let at = match random.unit() {
                    u if u < 0.55 => 0,
                    u if u < 0.85 => 1,
                    _ => 2,
                };
                let topic = liked.get(at).copied().unwrap_or(0);
                random.ranked(in_topic) * size.topics + topic
            }
            _ => random.ranked(size.items),
        };
        if random.below(4) == 0 {
            day += 1;
        }
        last = Some(item);
        if let Some(stamp) = stamp.get_mut(item).filter(|stamp| **stamp != person) {
            *stamp = person;
            acts.push((item as u32, day));
        }
    }
    acts
}

fn hold_back(acts: Vec<(u32, u16)>, random: &mut Random) -> Asked {
    let (mut known, mut wanted) = (Vec::new(), Vec::new());
    for (item, _) in acts {
        match random.below(5) {
            0 => wanted.push(item),
            _ => known.push(item),
        }
    }
    known.sort_unstable();
    wanted.sort_unstable();
    Asked { known, wanted }
}

/// What a call of [`Rows::add_places`](learn::Rows::add_places) takes.
pub fn acts(person: &[(u32, u16)]) -> impl Iterator<Item = (u32, Did, Day)> + '_ {
    person
        .iter()
        .map(|(item, day)| (*item, Did::Bought, Day(u32::from(*day))))
}
